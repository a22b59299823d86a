"""oidc-client-ts, unmodified, in Chromium: a public client that proves itself by PKCE."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.clients.known import Known
from tests.clients.relying import PASSWORD, USERNAME, Provider, a_provider
from tests.clients.spa import chromium, site_of
from tests.journey.installation import Installation

pytestmark = [pytest.mark.client, pytest.mark.browser]


@pytest.fixture(scope="module")
def provider(idp: Any, place: Installation, known: Known) -> Provider:
    return a_provider(idp, place, known, "oidc-client-ts")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with site_of("spa.mjs", tmp_path_factory.mktemp("site")) as url:
        yield url


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as opened:
        yield opened


def call(page: Page, name: str, given: Any = None) -> Any:
    return page.evaluate("([name, given]) => party[name](given ?? undefined)", [name, given])


@pytest.mark.parametrize("dialect", ["cognito", "openid"])
def test_somebody_signs_in_renews_in_silence_and_signs_out(
    page: Page, site: str, provider: Provider, known: Known, dialect: str
) -> None:
    app = provider.an_app(site, out=[site], secret=False, dialect=dialect, require_pkce="true")
    page.context.clear_cookies()
    page.goto(site)
    page.evaluate("localStorage.clear()")
    settings = {
        "authority": provider.issuer, "client_id": app.client_id, "redirect_uri": site, "scope": "openid email profile",
        "post_logout_redirect_uri": site, "loadUserInfo": True,
    }  # fmt: skip
    call(page, "configure", settings)

    call(page, "signIn")
    page.get_by_label("Username").fill(USERNAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{site}?*")
    first = call(page, "cameBack")
    known.add(first["access"], first["refresh"])
    assert ("ada@example.com", "Ada", False) == (
        first["claims"]["email"], first["claims"]["given_name"], first["expired"]
    )  # fmt: skip

    # By the refresh token, in the background.
    second = call(page, "renew")
    known.add(second["access"], second["refresh"])
    assert first["access"] != second["access"]
    assert first["claims"]["sub"] == second["claims"]["sub"]
    call(page, "revoke")

    call(page, "signOut", {"state": "gone"})
    page.wait_for_url(f"{site}?state=*")
    assert call(page, "wentAway") is None
    assert call(page, "user") is None
    call(page, "signIn")
    expect(page.get_by_label("Username")).to_be_visible()
