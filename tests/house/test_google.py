"""Sign-in with Google: addresses that are known, and one organisation's accounts alone where that is asked for."""

import re

import pytest

from poolhouse.house.app import House
from poolhouse.house.provider import Kind, Options, Provider
from poolhouse.house.rp.google import google_settings
from poolhouse.kit.ambient import Secret
from tests.house.op import Provider as Op
from tests.house.op import merged
from tests.house.test_providers import put
from tests.house.world import BASE, Browser, words


@pytest.fixture
async def google(house: House, provider: Op) -> Op:
    """The same shape as Google, at our provider's addresses, for accounts of one organisation."""
    provider.redirects = {f"{BASE}/login/oauth2/code/google"}
    await put(
        house,
        Provider(
            id="google",
            kind=Kind.GOOGLE,
            label="SIGN IN WITH GOOGLE",
            settings=provider.settings(token_auth="client_secret_post"),
            options=Options(hosted_domain="corp.example"),
        ),
    )
    return provider


async def come_back(browser: Browser) -> tuple[int, str]:
    departure = await browser.get("/oauth2/authorization/google")
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]
    answer = await browser.get(back)
    return answer.status_code, words(answer)


async def test_an_account_of_the_organisation_comes_in(browser: Browser, google: Op) -> None:
    google.change_claims = merged(hd="Corp.example")

    assert 303 == (await come_back(browser))[0]
    assert "corp.example" == google.authorizations[-1]["hd"]


@pytest.mark.parametrize("hd", [..., "", "evil.example", "corp.example.evil.example", ["corp.example"], None])
async def test_the_claim_decides_and_not_the_parameter(hd: object, browser: Browser, google: Op) -> None:
    """The parameter is a wish that whoever sits at the browser can take away."""
    google.change_claims = merged(hd=hd)

    status, page = await come_back(browser)

    assert 403 == status
    assert "does not belong to the organisation" in page
    assert 0 == google.hits["userInfo"]


def test_the_issuer_is_fixed() -> None:
    settings = google_settings(client_id="a", client_secret=Secret("b"))

    assert ("https://accounts.google.com", False) == (settings.issuer, settings.is_issuer_derived)


async def test_a_form_with_something_to_correct_keeps_the_secret(admin: Browser, house: House) -> None:
    page = "/settings/authentication/providers/google"
    form = {"kind": "google", "version": "0", "client_id": "", "client_secret": "typed-s3cret"}
    wrong = await admin.post(page, form, page=f"{page}?kind=google")
    kept = re.search(r'name="typed" value="([^"]+)"', wrong.text)
    assert kept is not None

    again = {**form, "client_id": "a-client", "client_secret": "", "typed": kept[1]}
    saved = await admin.post(page, again, page=f"{page}?kind=google")

    assert (422, 303) == (wrong.status_code, saved.status_code)
    assert "typed-s3cret" not in wrong.text
    assert "typed-s3cret" == house.ctx.live.document.providers[0].settings.client_secret.reveal()
