"""The pages "Texts" of a pool."""

from urllib.parse import urlencode

from poolhouse.pool.flows import own_texts
from poolhouse.pool.flows.context import Flow
from tests.console.browser import Visitor
from tests.console.conftest import Service

AS = "You are signed in as %(name)s."


async def test_a_text_is_found_changed_and_taken_back(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    here = f"/console/pools/{pool_id}/app-integration/texts"
    edit = f"{here}/edit?{urlencode({'language': 'de', 'text': AS})}"

    assert AS in (await visitor.open(f"{here}?language=de&q=signed+in+as")).text
    await visitor.press(await visitor.open(edit), "Save text", form0="Hallo %(name)s <3")
    assert {AS: "Hallo %(name)s <3"} == await own_texts.find(flow, pool_id, "de")
    assert "Hallo %(name)s <3" in (await visitor.open(f"{here}?language=de&only=own")).text
    await visitor.press(await visitor.open(edit), "Save text", form0="")
    assert {} == await own_texts.find(flow, pool_id, "de")


async def test_a_preview_saves_nothing(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    edit = f"/console/pools/{pool_id}/app-integration/texts/edit?{urlencode({'language': 'de', 'text': AS})}"
    page = await visitor.press(await visitor.open(edit), "Preview", form0="Hallo %(name)s")

    assert "Hallo [name]" in page.text
    assert {} == await own_texts.find(flow, pool_id, "de")


async def test_a_text_that_cannot_be_is_said_beside_its_field(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    edit = f"/console/pools/{pool_id}/app-integration/texts/edit?{urlencode({'language': 'de', 'text': AS})}"
    page = await visitor.press(await visitor.open(edit), "Save text", form0="Hallo <b>%(name)s</b>")

    assert 422 == page.status
    assert "The text has markup" in page.text
    assert "Hallo <b>%(name)s</b>" == (page.value("form0") or "").strip()
    assert {} == await own_texts.find(flow, pool_id, "de")


async def test_a_text_that_is_none_of_ours_has_no_page(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/app-integration/texts/edit?language=de&text=Nonsense")

    assert 404 == page.status
