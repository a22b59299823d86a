"""The page "Message preview": each e-mail in each language, and a test to an address."""

import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.samples import OCCASIONS
from poolhouse.pool.spec import shapes
from tests.console.browser import Visitor
from tests.console.conftest import Service
from tests.support.builders import messages, reconfigure, the_pool


async def preview(service: Service) -> str:
    return f"/console/pools/{(await service.a_pool())['Id']}/messaging/preview"


@pytest.mark.parametrize("message", OCCASIONS)
async def test_each_message_is_shown_as_text_and_in_a_frame_where_nothing_runs(
    visitor: Visitor, service: Service, message: str
) -> None:
    here = await preview(service)
    page = await visitor.open(f"{here}?message={message}&language=en")
    framed = await visitor.open(f"{here}/page?message={message}&language=en")

    assert "As text" in page.text
    assert 'sandbox=""' in page.reply.text
    policy = framed.reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert policy.endswith("sandbox")
    assert "script" not in policy
    assert "frame-src 'self'" in page.reply.headers["content-security-policy"]


async def test_a_message_is_shown_in_the_language_that_is_chosen(visitor: Visitor, service: Service) -> None:
    framed = await visitor.open(f"{await preview(service)}/page?message=forgot-password&language=ar")

    assert '<html lang="ar" dir="rtl">' in framed.reply.text


async def test_what_is_not_there_is_not_found(visitor: Visitor, service: Service) -> None:
    here = await preview(service)
    for query in ("message=nonsense", "language=xx"):
        assert 404 == (await visitor.open(f"{here}?{query}")).status
        assert 404 == (await visitor.open(f"{here}/page?{query}")).status


async def test_a_template_of_the_pool_is_shown_as_it_is(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    template = shapes.VerificationMessageTemplateType(
        default_email_option="CONFIRM_WITH_CODE", email_message="<h2>{####}</h2><script>1</script>"
    )
    await reconfigure(flow, await the_pool(flow, pool_id), verification_message_template=template)
    framed = await visitor.open(f"/console/pools/{pool_id}/messaging/preview/page")

    assert "<h2>123456</h2><script>1</script>" == framed.reply.text


async def test_a_test_goes_to_an_address(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    here = f"/console/pools/{pool_id}/messaging/preview"
    wrong = await visitor.press(await visitor.open(here), "Send test", address="nobody")
    done = await visitor.press(await visitor.open(here), "Send test", address="ops@example.com")

    assert (422, True) == (wrong.status, "Enter an email address." in wrong.text)
    assert "A test is on its way to ops@example.com." in done.text
    assert ["ops@example.com"] == [sent.destination for sent, _ in await messages(flow, await the_pool(flow, pool_id))]
