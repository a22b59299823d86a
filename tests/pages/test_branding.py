"""What an administrator chose for the look of an app client's pages, and what of it can never reach them."""

import base64
import hashlib
import re
from typing import Any

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.config import ServerConfig
from tests.api.administrator import Ask
from tests.api.administrator import ask as ask  # noqa: PLC0414 (a fixture)
from tests.support.hosted import Page, Person
from tests.support.web import DOMAIN, a_web_client

PNG = b"\x89PNG\r\n\x1a\n a picture"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BUTTON = {"components": {"primaryButton": {"lightMode": {"defaults": {"backgroundColor": "0000ffff"}}}}}
CSS = ".submitButton-customizable:hover { background-color: #123456; } .label-customizable { font-weight: 700; }"


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id}


async def managed(ask: Ask, at: dict[str, Any]) -> None:
    await ask("UpdateUserPoolDomain", **at, Domain=DOMAIN, ManagedLoginVersion=2)


def asset(category: str, mode: str, extension: str, content: bytes) -> dict[str, str]:
    return {
        "Category": category,
        "ColorMode": mode,
        "Extension": extension,
        "Bytes": base64.b64encode(content).decode(),
    }


def linked(page: Page, kind: str) -> list[str]:
    """The addresses of the page's own branding files."""
    return [each.split('"')[0] for each in page.reply.text.split(f'{kind}="') if each.startswith("/domains/")]


def looks(page: Page) -> list[str]:
    """The style sheets within the page beside our own, each of which its policy names."""
    found = re.findall("<style>(.*?)</style>", page.reply.text, re.DOTALL)
    policy = page.reply.headers["content-security-policy"]
    for each in found:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" in policy
    return found[1:]


async def test_without_branding_a_page_has_our_own_look(web: httpx.AsyncClient, client: ClientEntry) -> None:
    page = await Person(web, client).open()

    assert looks(page) == []
    assert "<span>Poolhouse</span>" in page.reply.text


async def test_a_style_colours_the_pages_of_its_client_only(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry, flow: Flow, pool: PoolEntry
) -> None:
    await managed(ask, at)
    await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, Settings=BUTTON)
    other = await a_web_client(flow, pool)

    assert [":root { --accent: light-dark(#0000ffff, #50bdc9ff); }"] == looks(await Person(web, client).open())
    assert looks(await Person(web, other).open()) == []


async def test_a_style_is_a_file_as_well(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    # The account's pages link it.
    await managed(ask, at)
    await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, Settings=BUTTON)

    found = await web.get(f"/domains/{DOMAIN}/branding/{client.client.id}/style.0123456789ab.css")

    assert (200, "text/css; charset=utf-8") == (found.status_code, found.headers["content-type"])
    assert ":root { --accent: light-dark(#0000ffff, #50bdc9ff); }" == found.text
    assert "immutable" in found.headers["cache-control"]


async def test_a_problem_that_names_an_app_has_its_look(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    await managed(ask, at)
    await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, Settings=BUTTON)

    page = await Person(web, client).open(redirect_uri="https://elsewhere.example/")

    assert 400 == page.status
    assert ["--accent" in each for each in looks(page)] == [True]


async def test_a_style_says_whether_there_is_a_choice_of_languages(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    await managed(ask, at)
    settings = {"categories": {"form": {"languageSelector": {"enabled": False}}}}
    await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, Settings=settings)

    assert [":is(.hosted, .own) .tongues { display: none; }"] == looks(await Person(web, client).open())


async def test_the_account_page_wears_the_logo_of_the_form(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    await managed(ask, at)
    settings = {"components": {"form": {"logo": {"enabled": True}}}}
    assets = [asset("FORM_LOGO", "LIGHT", "PNG", PNG)]
    await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, Settings=settings, Assets=assets)

    sheet = (await web.get(f"/domains/{DOMAIN}/branding/{client.client.id}/style.0123456789ab.css")).text

    assert ".own .bar-brand::before" in sheet
    assert ".own .bar-brand > svg { display: none; }" in sheet


async def test_a_changed_style_is_seen_at_once(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    await managed(ask, at)
    made = await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, Settings=BUTTON)

    one = {"ManagedLoginBrandingId": made["ManagedLoginBranding"]["ManagedLoginBrandingId"]}
    settings = {"componentClasses": {"buttons": {"borderRadius": 0}}}
    await ask("UpdateManagedLoginBranding", **at, **one, Settings=settings)

    assert [":is(.hosted, .own) .button { border-radius: 0px; }"] == looks(await Person(web, client).open())


async def test_pictures_are_served_for_the_place_that_shows_them(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    await managed(ask, at)
    settings = {
        "categories": {"global": {"pageHeader": {"enabled": True}}},
        "components": {"form": {"logo": {"enabled": True}}, "pageBackground": {"image": {"enabled": False}}},
    }
    assets = [
        asset("FORM_LOGO", "LIGHT", "PNG", PNG),
        asset("FORM_LOGO", "DARK", "SVG", SVG),
        asset("PAGE_BACKGROUND", "DYNAMIC", "PNG", PNG),
        asset("FAVICON_SVG", "DYNAMIC", "SVG", SVG),
    ]
    body: dict[str, Any] = {"ClientId": client.client.id, "Settings": settings, "Assets": assets}
    await ask("CreateManagedLoginBranding", **at, **body)

    page = await Person(web, client).open()
    sheet = looks(page)[0]

    assert '<header class="hosted-header">' in page.reply.text
    assert "form_logo.light." in sheet
    assert "@media (prefers-color-scheme: dark)" in sheet
    assert "page_background" not in sheet
    names = [each.split('"')[0] for each in sheet.split('url("')[1:]]
    base = f"/domains/{DOMAIN}/branding/{client.client.id}/"
    assert all(name.startswith(base) for name in names)
    found = {name: await web.get(name) for name in names}
    assert {PNG, SVG} == {each.content for each in found.values()}
    icon = next(each for each in linked(page, "href") if "favicon_svg" in each)
    assert SVG == (await web.get(icon)).content


async def test_a_fixed_scheme_shows_its_own_pictures_only(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    await managed(ask, at)
    settings = {
        "categories": {"global": {"colorSchemeMode": "DARK"}},
        "components": {"form": {"logo": {"enabled": True, "location": "START"}}},
    }
    assets = [asset("FORM_LOGO", "LIGHT", "PNG", PNG), asset("FORM_LOGO", "DARK", "SVG", SVG)]
    await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, Settings=settings, Assets=assets)

    page = await Person(web, client).open()
    sheet = looks(page)[0]

    assert 'data-theme="dark"' in page.reply.text
    assert ("form_logo.dark." in sheet, "form_logo.light." in sheet, "@media" in sheet) == (True, False, False)


async def test_nothing_in_a_picture_can_run(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    await managed(ask, at)
    assets = [asset("FAVICON_SVG", "DYNAMIC", "SVG", SVG)]
    await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, Settings=BUTTON, Assets=assets)
    page = await Person(web, client).open()

    found = await web.get(next(each for each in linked(page, "href") if "favicon_svg" in each))

    assert ("image/svg+xml", "nosniff") == (found.headers["content-type"], found.headers["x-content-type-options"])
    assert "default-src 'none'; style-src 'unsafe-inline'; sandbox" == found.headers["content-security-policy"]


async def test_the_classic_pages_have_css_and_logo_of_their_own(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    made = await ask("SetUICustomization", **at, CSS=CSS, ImageFile=base64.b64encode(PNG).decode())

    page = await Person(web, client).open()

    expected = (
        ":is(.hosted, .own) .button-primary:hover { background-color: #123456; }"
        " :is(.hosted, .own) .field-head label { font-weight: 700; }"
    )
    assert expected == looks(page)[0]
    (logo,) = linked(page, "src")[-1:]
    assert PNG == (await web.get(logo)).content
    address = made["UICustomization"]["ImageUrl"].removeprefix("https://pool.example")
    assert PNG == (await web.get(address)).content


async def test_a_style_is_for_managed_login_and_a_customization_for_the_classic_pages(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, Settings=BUTTON)
    assert looks(await Person(web, client).open()) == []

    await ask("SetUICustomization", **at, CSS=CSS)
    (classic,) = looks(await Person(web, client).open())
    await managed(ask, at)
    (style,) = looks(await Person(web, client).open())

    assert "#123456" in classic
    assert "--accent" in style


@pytest.mark.parametrize("path", ["ALL/style.css", "nobody/style.1.css", "ALL/logo.png", "..%2f/style.css"])
async def test_what_was_never_uploaded_is_not_there(web: httpx.AsyncClient, pool: PoolEntry, path: str) -> None:
    assert (await web.get(f"/domains/{DOMAIN}/branding/{path}")).status_code == 404


async def test_terms_are_linked_once_there_are_both(
    ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
) -> None:
    body = {**at, "ClientId": client.client.id, "TermsSource": "LINK", "Enforcement": "NONE"}
    links = {"cognito:default": "https://terms.example/?a=1&b=2", "cognito:english": "https://terms.example/en"}
    await ask("CreateTerms", **body, TermsName="terms-of-use", Links={"cognito:default": links["cognito:default"]})
    page = await Person(web, client).open()
    alone = Page(await web.get(page.links["Create an account"]))
    assert "Terms of use" not in alone.links

    await ask("CreateTerms", **body, TermsName="privacy-policy", Links=links)
    both = Page(await web.get(page.links["Create an account"]))
    assert (links["cognito:default"], links["cognito:english"]) == (
        both.links["Terms of use"], both.links["Privacy policy"],
    )  # fmt: skip


class TestAStrictServer:
    @pytest.fixture
    def config(self) -> ServerConfig:
        return ServerConfig(base_url="https://pool.example", strict=True)

    async def test_has_no_managed_pages_for_a_client_without_a_style(
        self, ask: Ask, at: dict[str, Any], web: httpx.AsyncClient, client: ClientEntry
    ) -> None:
        await managed(ask, at)
        page = await Person(web, client).open()
        assert (400, True) == (page.status, "Login pages unavailable" in page.words)

        await ask("CreateManagedLoginBranding", **at, ClientId=client.client.id, UseCognitoProvidedValues=True)
        assert (await Person(web, client).open()).status == 200
