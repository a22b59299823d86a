"""General, Embedding and Branding: what people see of an instance, and who may show it within a page of theirs."""

import base64
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.house.app import House
from poolhouse.house.branding import Branding, check, ink_on, ratio, read_logo, readable, style_sheet
from poolhouse.house.embedding import Embedding, frame_ancestors
from poolhouse.house.embedding import check as check_embedding
from poolhouse.house.mail.letter import Letter, as_html
from poolhouse.house.settings.applying import apply_changes
from poolhouse.house.settings.giving import read_assignments
from tests.house.op import Provider
from tests.house.world import Browser, words

NewBrowser = Callable[..., Browser]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>'
PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 20).decode()
colours = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


async def test_the_contact_stands_on_pages_that_say_no_and_on_the_login_page(
    house: House, admin: Browser, browser: Browser
) -> None:
    answer = await admin.post("/settings/general", {"instance_name": "Acme", "contact": "it@example.com"})
    assert 303 == answer.status_code
    for path in ("/user/login", "/nowhere"):
        assert 'href="mailto:it@example.com"' in (await browser.get(path)).text


async def test_another_address_than_the_public_one_is_warned_of(house: House, admin: Browser) -> None:
    assert "You came by another address" not in words(await admin.get("/settings/general"))
    page = await admin.get("/settings/general", host="wiki.example.com")
    assert "You came by another address Your browser asked for wiki.example.com" in words(page)


def policy(answer: object) -> str:
    found = re.search(r"frame-ancestors ([^;]+)", answer.headers["content-security-policy"])  # type: ignore[attr-defined]
    assert found is not None
    return found[1]


async def test_only_the_portal_is_ever_framed(ready: House, admin: Browser, browser: Browser) -> None:
    assert "'none'" == policy(await admin.get("/"))
    entered = {"policy": "listed", "origins": "https://intranet.example.com\nhttps://*.example.org"}
    assert 303 == (await admin.post("/settings/embedding", entered)).status_code

    home = await admin.get("/")
    assert "'self' https://intranet.example.com https://*.example.org" == policy(home)
    assert "x-frame-options" not in home.headers
    for page in (
        await admin.get("/settings/general"),
        await admin.get("/user/account"),
        await browser.get("/user/login"),
    ):
        assert "'none'" == policy(page)
        assert "DENY" == page.headers["x-frame-options"]


async def test_the_portal_may_be_framed_anywhere_when_that_is_said(house: House, admin: Browser) -> None:
    await admin.post("/settings/embedding", {"policy": "anywhere", "origins": ""})
    assert "*" == policy(await admin.get("/"))


@pytest.mark.parametrize(
    "origin",
    ["example.com", "https://a.example/path", "https://a.example;script-src *", "https://a.example 'none'",
     "javascript:alert(1)", "https://*", "https://*.*.example", "https://u@a.example", "https://a.example?x", "'self'"],
)  # fmt: skip
def test_an_origin_that_is_none_is_refused(origin: str) -> None:
    assert ["origins"] == list(check_embedding(Embedding(policy="listed", origins=(origin,))))


def test_listed_origins_need_one() -> None:
    assert ["origins"] == list(check_embedding(Embedding(policy="listed")))
    assert "'none'" == frame_ancestors(Embedding(origins=("https://a.example",)))


async def test_branding_is_on_login_portal_and_pages_that_say_no(
    house: House, admin: Browser, browser: Browser
) -> None:
    entered = {"accent": "#7a1fa2", "accent_dark": "#c58af9", "logo": SVG, "login_text": "Staff <only>"}
    assert 303 == (await admin.post("/settings/branding", entered)).status_code

    login = await browser.get("/user/login")
    assert "Staff <only>" in words(login)
    for page in (login, await browser.get("/nowhere"), await admin.get("/")):
        assert 'href="/static/look/7a1fa2-c58af9.css"' in page.text
    logo = re.search(r'src="(/static/look/logo-[0-9a-f]+)"', login.text)
    assert logo is not None
    picture = await browser.get(logo[1])
    assert ("image/svg+xml", SVG) == (picture.headers["content-type"], picture.text)
    assert "sandbox" in picture.headers["content-security-policy"]
    sheet = await browser.get("/static/look/7a1fa2-c58af9.css")
    assert "--accent:light-dark(#7a1fa2,#c58af9);" in sheet.text


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"accent": "red"}, "accent", "Give a colour"),
        ({"accent": "#ffff00"}, "accent", "On light pages it can hardly be seen"),
        ({"accent": "#001133"}, "accent-dark", "On dark pages #001133 can hardly be seen"),
        ({"accent_dark": "#c58af9"}, "accent-dark", "light pages, too"),
        ({"logo": "nonsense"}, "logo", "SVG or a PNG"),
        ({"logo": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"}, "logo", "event handler"),
        ({"logo": "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"}, "logo", "element script"),
        ({"logo": "<svg xmlns='http://www.w3.org/2000/svg'><image href='https://evil.example/x'/></svg>"}, "logo", "outside"),
        ({"logo": "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>"}, "logo", "document type"),
        ({"logo": "data:image/png;base64," + base64.b64encode(b"<svg/>").decode()}, "logo", "not a PNG"),
        ({"logo": "data:text/html;base64,PHNjcmlwdD4="}, "logo", "SVG or a PNG"),
        ({"logo": "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 33_000).decode()}, "logo", "KB"),
        ({"login_text": "x" * 501}, "login-text", "at most 500"),
    ],
)  # fmt: skip
async def test_branding_that_cannot_be_seen_or_is_no_picture_is_refused(
    wrong: dict[str, str], field: str, sentence: str, house: House, admin: Browser
) -> None:
    answer = await admin.post("/settings/branding", wrong)

    assert 422 == answer.status_code
    error = re.search(rf'id="f-{field}-error".*?</p>', answer.text, re.DOTALL)
    assert error is not None, words(answer)
    assert sentence in error[0]
    assert 0 == house.ctx.live.document.version


async def test_letters_wear_the_accent_of_the_pages(house: House, admin: Browser) -> None:
    await admin.post("/settings/branding", {"accent": "#7a1fa2", "accent_dark": "#c58af9"})

    page = as_html(house.ctx, Letter(subject="s", heading="h", paragraphs=("p",), actions=(("Open", "https://x/"),)))

    assert "background:#7a1fa2" in page
    assert "background: #c58af9 !important" in page


@pytest.mark.parametrize("typed", ["#086", "086", " #008866 ", "#008866".upper(), "008866"])
async def test_a_colour_is_understood_however_it_is_written(typed: str, house: House, admin: Browser) -> None:
    answer = await admin.post("/settings/branding", {"accent": typed})

    assert 303 == answer.status_code, words(answer)
    assert "#008866" == house.ctx.live.document.branding.accent
    assert {"branding.accent": "#008866"} == read_assignments([f"branding.accent={typed}"])


async def test_a_saved_logo_stays_when_none_is_chosen_and_goes_when_that_is_said(house: House, admin: Browser) -> None:
    await admin.post("/settings/branding", {"logo": PNG})
    await admin.post("/settings/branding", {"logo": "", "login_text": "Hello"})
    assert PNG == house.ctx.live.document.branding.logo
    await admin.post("/settings/branding", {"logo": "", "forget-logo": "on"})
    assert "" == house.ctx.live.document.branding.logo


async def test_a_preview_shows_what_is_entered_and_nothing_in_it_runs(house: House, admin: Browser) -> None:
    entered = {"accent": "#7a1fa2", "accent_dark": "#c58af9", "logo": SVG, "login_text": "Draft words"}
    page = await admin.post("/settings/branding/preview/dark", entered, page="/settings/branding")

    assert 200 == page.status_code
    assert "Draft words" in words(page)
    assert 'data-theme="dark"' in page.text
    assert "/static/look/7a1fa2-c58af9.css" in page.text
    assert "script-src 'none'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert 0 == house.ctx.live.document.version
    wrong = await admin.post("/settings/branding/preview/light", entered | {"accent": "red"}, page="/settings/branding")
    assert "Give a colour" in words(wrong)


@pytest.mark.parametrize("name", ["7a1fa2.css", "7a1fa2-x.css", "7A1FA2-c58af9.css", "logo-000000000000", "..%2Fx", ""])
async def test_a_look_that_is_not_there_is_not_found(name: str, browser: Browser) -> None:
    assert 404 == (await browser.get(f"/static/look/{name}")).status_code


async def test_a_logo_is_given_by_command_as_a_file(house: House, tmp_path: object) -> None:
    with open(f"{tmp_path}/logo.svg", "w") as file:  # noqa: PTH123, ASYNC230 - a test's file
        file.write(SVG)
    await apply_changes(house.ctx, read_assignments([f"branding.logo=file:{tmp_path}/logo.svg"]), by="test")
    assert read_logo(SVG) == house.ctx.live.document.branding.logo


@given(colours, colours)
def test_text_in_and_on_an_accent_can_be_read(light: str, dark: str) -> None:
    assert ratio(readable(light, "#ffffff"), "#ffffff") >= 4.5
    assert ratio(readable(dark, "#21201e"), "#21201e") >= 4.5
    assert ratio(ink_on(light), light) >= 4.3
    assert style_sheet(light, dark).startswith(":root{--accent:light-dark(")


def test_our_own_colours_stand_out() -> None:
    assert {} == check(Branding(accent="#007984", accent_dark="#50bdc9"))


async def test_providers_and_form_are_in_the_preview(ready: House, admin: Browser, provider: Provider) -> None:
    page = await admin.get("/settings/branding/preview/light")
    assert "SIGN IN WITH OIDC SSO" in words(page)


async def test_a_picture_that_is_too_large_is_an_error_beside_its_field_and_the_rest_stays(
    house: House, admin: Browser
) -> None:
    large = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 300_000).decode()

    page = await admin.get("/settings/branding")
    answer = await admin.post("/settings/branding", {"logo": large, "accent": "#123456", "login_text": "Welcome"})
    app = {"name": "Wiki", "url": "https://wiki.example.com/", "letter": "W", "icon": large}
    of_app = await admin.post("/settings/apps/new", app)

    assert "SVG or PNG, 32 KB at most" in words(page)
    assert 'data-limit="32768"' in page.text
    for each in (answer, of_app):
        assert 422 == each.status_code
        assert "The picture has 292 KB; at most 32 are taken." in words(each)
    assert 'value="#123456"' in answer.text
    assert "Welcome" in answer.text
    assert 'value="https://wiki.example.com/"' in of_app.text
    assert house.ctx.live.document.branding == Branding()


@pytest.mark.parametrize("size", [1_100_000, 20_000_000])
async def test_a_picture_that_is_larger_than_any_form_leaves_the_form_as_it_was_entered(
    size: int, house: House, admin: Browser
) -> None:
    large = "data:image/png;base64," + "A" * size

    branding = await admin.post("/settings/branding", {"logo": large, "accent": "#123456", "login_text": "Welcome"})
    app = {"icon": large, "name": "Wiki", "url": "https://wiki.example.com/", "description": "All that we know"}
    of_app = await admin.post("/settings/apps/new", app)

    for each, kept in ((branding, ("#123456", "Welcome")), (of_app, ("https://wiki.example.com/", "All that we know"))):
        assert 422 == each.status_code
        assert "The picture was far too large and has been left out; at most 32 KB are taken." in words(each)
        assert all(value in each.text for value in kept)
        assert "\N{OBJECT REPLACEMENT CHARACTER}" not in each.text
        assert len(each.text) < 200_000
    assert house.ctx.live.document.branding == Branding()


@pytest.mark.parametrize(("path", "limit"), [("/settings/branding", 1024), ("/settings/general", 64)])
async def test_a_form_that_is_too_large_to_be_read_ends_on_a_page_that_says_so(
    path: str, limit: int, admin: Browser
) -> None:
    answer = await admin.post(path, {"instance_name": "x" * 1_100_000})

    assert 413 == answer.status_code
    assert f"What was sent is larger than {limit} KB" in words(answer)
    assert "what you have entered is still there" in words(answer)


async def test_the_bar_of_every_page_has_the_logo_and_the_name(house: House, admin: Browser) -> None:
    plain = await admin.get("/")
    await apply_changes(house.ctx, {"branding.logo": read_logo(SVG), "instance_name": "Acme"}, by="test")

    for path in ("/", "/settings/general", "/user/account"):
        shown = re.search(r'<a class="bar-brand".*?</a>', (await admin.get(path)).text, re.DOTALL)
        assert shown is not None
        picture = re.search(r'<img src="(/static/look/logo-[0-9a-f]{12})" alt=""><span>Acme</span>', shown[0])
        assert picture is not None
        assert 200 == (await admin.get(picture[1])).status_code
        assert "Poolhouse" not in shown[0]
    assert "Poolhouse<small>House</small>" in plain.text
