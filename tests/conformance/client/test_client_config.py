"""oidcc-client-config-certification-test-plan: the provider is known by its issuer alone."""

from collections.abc import Callable

from poolhouse.house.app import House
from tests.conformance.client.conftest import Client
from tests.house.op import Provider, merged
from tests.house.world import Browser, words

NewBrowser = Callable[..., Browser]
ISSUER_ALONE = {"authorization_url": "", "token_url": "", "userinfo_url": "", "jwks_url": ""}


async def test_oidcc_client_test_discovery_openid_config(
    house: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    assert 303 == (await new_browser().set_up(provider.form(issuer=provider.base, **ISSUER_ALONE))).status_code

    await Client(house, browser, provider).sign_in()
    assert browser.cookie("house_session") is not None


async def test_oidcc_client_test_discovery_jwks_uri_keys(
    house: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await new_browser().set_up(provider.form(issuer=provider.base, **ISSUER_ALONE))
    provider.hits.clear()

    await Client(house, browser, provider).accepts()
    assert 1 == provider.hits["jwks.json"]


async def test_oidcc_client_test_discovery_issuer_mismatch(
    house: House, new_browser: NewBrowser, provider: Provider
) -> None:
    provider.change_discovery = merged(issuer="https://another.example")

    answer = await new_browser().set_up(provider.form(issuer=provider.base, **ISSUER_ALONE))

    assert 422 == answer.status_code
    assert "called otherwise in the provider's own document" in words(answer)
    assert () == house.ctx.live.document.providers


async def test_oidcc_client_test_idtoken_sig_none(client: Client, op: Provider) -> None:
    op.signer = "none"
    await client.refuses()


async def test_oidcc_client_test_signing_key_rotation_just_before_signing(client: Client, op: Provider) -> None:
    back = await client.browser.at_provider()
    op.rotate("just-before")

    assert 303 == (await client.browser.get(back)).status_code
    assert client.is_signed_in


async def test_oidcc_client_test_signing_key_rotation(client: Client, op: Provider, new_browser: NewBrowser) -> None:
    await client.accepts()
    op.rotate("between")
    op.hits.clear()

    await Client(client.house, new_browser(), op).accepts()
