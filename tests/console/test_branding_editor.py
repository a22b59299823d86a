"""The editors of a look: a draft that only its maker sees, until it is saved by the API's operations."""

import base64
import re
from typing import Any

import httpx
import pytest

from poolhouse.kit.ambient import Secret
from poolhouse.kit.html import Html
from poolhouse.pool.api.dispatch import Api
from poolhouse.pool.flows import admins
from poolhouse.pool.flows.context import Flow
from tests.console.browser import Page, Visitor
from tests.console.conftest import PASSWORD, Service, visiting

PNG = b"\x89PNG\r\n\x1a\n a picture"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h8"/></svg>'
BUTTON = "components.primaryButton.lightMode.defaults.backgroundColor"
INK = "components.primaryButton.lightMode.defaults.textColor"
RADIUS = "componentClasses.buttons.borderRadius"
PREVIEWS = ("sign-in", "refused", "providers", "sign-up", "code", "choice", "new-password", "error")


class Desk:
    """An app client, and somebody who edits its look."""

    def __init__(self, visitor: Visitor, service: Service, pool_id: str, client_id: str) -> None:
        self.visitor, self.service, self.pool_id, self.client_id = visitor, service, pool_id, client_id
        self.client = f"/console/pools/{pool_id}/clients/{client_id}"
        self.here = f"{self.client}/branding"
        self.classic = f"{self.client}/classic-branding"

    async def open(self, path: str = "") -> Page:
        return await self.visitor.open(path or self.here)

    async def frame(self, path: str = "", scheme: str = "light", name: str = "sign-in") -> httpx.Response:
        return await self.visitor.web.get(f"{path or self.here}/preview/{name}?scheme={scheme}")

    async def sheet(self, path: str = "", scheme: str = "light") -> str:
        found = re.search(r'href="([^"]+/files/style[^"]+)"', (await self.frame(path, scheme)).text)
        return (await self.visitor.web.get(found[1])).text if found else ""

    async def style(self) -> dict[str, Any]:
        answer = await self.service(
            "DescribeManagedLoginBrandingByClient", UserPoolId=self.pool_id, ClientId=self.client_id
        )
        found: dict[str, Any] = answer["ManagedLoginBranding"]
        return found


@pytest.fixture
async def desk(visitor: Visitor, service: Service) -> Desk:
    pool = await service.a_pool()
    await service("CreateUserPoolDomain", UserPoolId=pool["Id"], Domain="team-sso", ManagedLoginVersion=2)
    client = await service.a_client(pool["Id"])
    return Desk(visitor, service, pool["Id"], client["ClientId"])


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


async def test_what_is_saved_is_a_style_with_only_what_was_changed(desk: Desk) -> None:
    page = await desk.visitor.press(await desk.open(), "Save", **{BUTTON: "#123456", RADIUS: "12"})

    assert "The style was saved." in page.text
    settings = {
        "componentClasses": {"buttons": {"borderRadius": 12.0}},
        "components": {"primaryButton": {"lightMode": {"defaults": {"backgroundColor": "123456ff"}}}},
    }
    assert (settings, False) == ((await desk.style())["Settings"], (await desk.style())["UseCognitoProvidedValues"])
    assert (page.value(BUTTON), page.value(RADIUS)) == ("#123456", "12")


async def test_a_style_that_changes_nothing_is_the_servers_own(desk: Desk) -> None:
    await desk.visitor.press(await desk.open(), "Save")

    assert (await desk.style())["UseCognitoProvidedValues"] is True


async def test_what_the_editor_has_no_field_for_stays(desk: Desk) -> None:
    kept: dict[str, Any] = {
        "componentClasses": {"dropDown": {"borderRadius": 3}},
        "components": {"idpButton": {"custom": {}}},
    }
    where = {"UserPoolId": desk.pool_id, "ClientId": desk.client_id}
    await desk.service("CreateManagedLoginBranding", **where, Settings=kept)

    await desk.visitor.press(await desk.open(), "Save", **{BUTTON: "abc"})

    components = {**kept["components"], "primaryButton": {"lightMode": {"defaults": {"backgroundColor": "aabbccff"}}}}
    assert {**kept, "components": components} == (await desk.style())["Settings"]


async def test_a_preview_shows_what_nobody_else_sees(desk: Desk, flow: Flow, api: Api, html: Html) -> None:
    frame = await desk.visitor.press(await desk.open(), "Preview", **{BUTTON: "#123456"})

    assert "Sign in" in frame.headings
    assert "--accent: light-dark(#123456ff, #50bdc9ff)" in await desk.sheet()
    with pytest.raises(Exception, match="does not exist"):
        await desk.style()
    await admins.set_password(flow, "other@example.com", Secret(PASSWORD))
    async with visiting(flow, api, html, "other@example.com") as other:
        theirs = Desk(other, desk.service, desk.pool_id, desk.client_id)
        assert "" == await theirs.sheet()
    assert "Not saved yet" in (await desk.open()).text


async def test_discarded_changes_are_gone(desk: Desk) -> None:
    await desk.visitor.press(await desk.open(), "Preview", **{BUTTON: "#123456"})
    page = await desk.visitor.press(await desk.open(), "Discard changes")

    assert (page.value(BUTTON), await desk.sheet()) == ("", "")


async def test_a_reset_is_a_draft_like_any_other(desk: Desk) -> None:
    await desk.visitor.press(await desk.open(), "Save", **{BUTTON: "#123456"})
    page = await desk.visitor.press(await desk.open(), "Reset to default")

    assert (await desk.style())["Settings"] != {}
    assert page.value(BUTTON) == ""
    await desk.visitor.press(page, "Save")
    assert (await desk.style())["UseCognitoProvidedValues"] is True


@pytest.mark.parametrize("name", PREVIEWS)
async def test_every_page_can_be_looked_at(desk: Desk, name: str) -> None:
    found = await desk.frame(name=name, scheme="dark")

    assert (found.status_code, 'data-theme="dark"' in found.text) == (200, True)
    assert "<script" not in found.text
    assert "autofocus" not in found.text


async def test_a_preview_can_neither_run_nor_send_nor_be_framed_elsewhere(desk: Desk) -> None:
    found = await desk.frame()
    policy = dict(part.partition(" ")[::2] for part in found.headers["content-security-policy"].split("; "))

    assert {
        "default-src": "'none'", "script-src": "'none'", "style-src": "'self'", "form-action": "'none'",
        "frame-ancestors": "'self'", "sandbox": "allow-same-origin",
    }.items() <= policy.items()  # fmt: skip
    assert found.headers["x-frame-options"] == "SAMEORIGIN"
    page = await desk.open()
    assert "frame-src 'self'" in page.reply.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.reply.headers["content-security-policy"]
    assert 'sandbox="allow-same-origin"' in page.reply.text


@pytest.mark.parametrize("path", ["preview/nothing", "files/style.css/x", "files/form_logo.light.0.png", "files/x"])
async def test_what_is_not_there_is_not_found(desk: Desk, path: str) -> None:
    assert (await desk.visitor.web.get(f"{desk.here}/{path}")).status_code == 404


@pytest.mark.parametrize(
    "value", ["red", "#12", "#1234567", "url(//x)", "123456ff;}", "}body{", "#12345g", "\\31 23456", "var(--x)"]
)
async def test_what_is_no_colour_never_reaches_a_sheet(desk: Desk, value: str) -> None:
    page = await desk.visitor.press(await desk.open(), "Save", **{BUTTON: value})

    assert (page.status, page.errors) == (422, ["Enter a colour such as #007984."])
    shown = await desk.visitor.press(await desk.open(), "Preview", **{BUTTON: value})
    assert (shown.status, "This cannot be shown" in shown.headings) == (422, True)
    assert "" == await desk.sheet()


@pytest.mark.parametrize("value", ["-1", "101", "nan", "inf", "1e9", "six", "6px"])
async def test_what_is_no_radius_is_refused(desk: Desk, value: str) -> None:
    page = await desk.visitor.press(await desk.open(), "Save", **{RADIUS: value})

    assert (page.status, page.errors) == (422, ["Enter a number of pixels from 0 to 100."])


async def test_the_document_itself_can_be_edited(desk: Desk) -> None:
    page = await desk.open(desk.here + "?tab=json")
    assert page.value("json") in {"{}", "\n{}"}
    await desk.visitor.press(page, "Save", json='{"componentClasses": {"buttons": {"borderRadius": 4}}}')

    assert {"componentClasses": {"buttons": {"borderRadius": 4}}} == (await desk.style())["Settings"]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("{", "This is not JSON"),
        ("[1]", "JSON object"),
        ('{"colour": "red"}', "settings.colour is not known"),
        ('{"components": {"form": {"lightMode": {"backgroundColor": "red"}}}}', "eight hexadecimal digits"),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, "not"),
    ],
)
async def test_a_wrong_document_is_named_and_kept_in_the_form(desk: Desk, document: str, why: str) -> None:
    page = await desk.visitor.press(await desk.open(desk.here + "?tab=json"), "Save", json=document)

    assert page.status == 422
    assert why in page.errors[0]
    assert document in (page.value("json") or "")


async def test_a_contrast_that_is_too_low_is_said_and_saved_all_the_same(desk: Desk) -> None:
    assert "contrast" in (await desk.open()).text  # a hidden line for each pair
    page = await desk.visitor.press(await desk.open(), "Save", **{BUTTON: "#ffff00", INK: "#ffffff"})

    said = re.findall(r'<li class="contrast"[^>]*?(hidden)?>.*?<span>([^<]*)<b data-ratio>([\d.]*)', page.reply.text)
    assert [("Text on the primary button, light mode: contrast ", "1.0")] == [
        (label, ratio)
        for hidden, label, ratio in said
        if not hidden and label.startswith("Text on the primary button,")
    ]


async def test_an_image_is_added_shown_and_saved(desk: Desk) -> None:
    sent = {"category": "FORM_LOGO", "image_mode": "DYNAMIC", "image_name": "logo.PNG", "image": base64_of(PNG)}
    page = await desk.visitor.press(await desk.open(), "Add image", **sent)

    assert "Form logo, both modes, PNG" in page.text
    name = re.search(r'url\("(form_logo[^"]+)"\)', await desk.sheet())
    assert name is not None
    shown = await desk.visitor.web.get(f"{desk.here}/files/{name[1]}")
    assert (PNG, "default-src 'none'; style-src 'unsafe-inline'; sandbox") == (
        shown.content, shown.headers["content-security-policy"],
    )  # fmt: skip
    await desk.visitor.press(page, "Save")
    saved = await desk.style()
    assert [("FORM_LOGO", base64_of(PNG))] == [(each["Category"], each["Bytes"]) for each in saved["Assets"]]
    assert saved["Settings"] == {"components": {"form": {"logo": {"enabled": True}}}}
    await desk.visitor.press(await desk.open(), "Remove Form logo, both modes, PNG")
    await desk.visitor.press(await desk.open(), "Save")
    assert (await desk.style())["Assets"] == []


@pytest.mark.parametrize(
    ("name", "content", "category", "why"),
    [
        ("a.png", b"", "FORM_LOGO", "Choose an image"),
        ("a.gif", b"GIF89a", "FORM_LOGO", "PNG, JPEG, SVG, WEBP or ICO"),
        ("a.png", b"<svg/>", "FORM_LOGO", "not an image of type PNG"),
        ("a.svg", PNG, "FORM_LOGO", "not an image of type SVG"),
        ("a.svg", SVG.replace(b"<path", b"<script>a()</script><path"), "FORM_LOGO", "script"),
        ("a.svg", SVG.replace(b"<path", b"<foreignObject/><path"), "FORM_LOGO", "foreignobject"),
        ("a.svg", SVG.replace(b"<path", b'<image href="//x.example/a"/><path'), "FORM_LOGO", "outside"),
        ("a.png", PNG, "FAVICON_SVG", "of type SVG"),
        ("a.png", PNG, "NOTHING", "where the image belongs"),
        ("a.png", PNG + bytes(2_000_001), "FORM_LOGO", "smaller image"),
    ],
)
async def test_what_is_no_picture_is_refused(desk: Desk, name: str, content: bytes, category: str, why: str) -> None:
    sent = {"category": category, "image_mode": "LIGHT", "image_name": name, "image": base64_of(content)}
    page = await desk.visitor.press(await desk.open(), "Add image", **sent)

    assert page.status == 422
    assert why in page.errors[0]
    assert "" == await desk.sheet()


async def test_a_draft_in_one_mode_shows_that_modes_pictures(desk: Desk) -> None:
    for mode, content in (("LIGHT", PNG), ("DARK", PNG + b"!")):
        sent = {"category": "FORM_LOGO", "image_mode": mode, "image_name": "a.png", "image": base64_of(content)}
        await desk.visitor.press(await desk.open(), "Add image", **sent)

    light, dark = await desk.sheet(scheme="light"), await desk.sheet(scheme="dark")
    assert ("form_logo.light" in light, "form_logo.dark" in light, "@media" in light) == (True, False, False)
    assert ("form_logo.light" in dark, "form_logo.dark" in dark) == (False, True)


async def test_css_of_the_classic_pages_is_tried_before_it_is_saved(desk: Desk) -> None:
    css = ".submitButton-customizable { background-color: #123456; }"
    await desk.visitor.press(await desk.open(desk.classic), "Preview", css=css)
    assert ":is(.hosted, .own) .button-primary { background-color: #123456; }" == await desk.sheet(desk.classic)
    where = {"UserPoolId": desk.pool_id, "ClientId": desk.client_id}
    assert (await desk.service("GetUICustomization", **where))["UICustomization"] == {}

    page = await desk.open(desk.classic)
    assert css == (page.value("css") or "").strip()
    page = await desk.visitor.press(page, "Add logo", image=base64_of(PNG), image_name="a.png")
    assert "There is a logo." in page.text
    page = await desk.visitor.press(page, "Save")
    assert "CSS and logo were saved." in page.text
    saved = (await desk.service("GetUICustomization", **where))["UICustomization"]
    assert (css, True) == (saved["CSS"], "logo." in saved["ImageUrl"])
    await desk.visitor.press(await desk.open(desk.classic), "Save", css="")
    assert "ImageUrl" in (await desk.service("GetUICustomization", **where))["UICustomization"]


@pytest.mark.parametrize(
    "css",
    [
        "@import 'https://other.example/x.css';",
        ".label-customizable { background: url(//other.example/x) }",
        ".label-customizable { color: expression(alert(1)) }",
        ".label-customizable { color: u\\72l(//other.example/x) }",
        ".label-customizable { behavior: url(x) }",
        "body { color: red }",
        "</style><script>alert(1)</script>",
    ],
)
async def test_css_that_could_fetch_or_run_is_refused_and_never_shown(desk: Desk, css: str) -> None:
    page = await desk.visitor.press(await desk.open(desk.classic), "Save", css=css)

    assert (page.status, "CSS is not valid" in page.errors[0]) == (422, True)
    assert css in (page.value("css") or "")
    shown = await desk.visitor.press(await desk.open(desk.classic), "Preview", css=css)
    assert shown.status == 422
    assert "" == await desk.sheet(desk.classic)


async def test_without_a_domain_the_classic_customization_says_what_is_missing(
    visitor: Visitor, service: Service
) -> None:
    pool = await service.a_pool()
    client = await service.a_client(pool["Id"])
    desk = Desk(visitor, service, pool["Id"], client["ClientId"])

    page = await visitor.press(await desk.open(desk.classic), "Save", css=".label-customizable { color: red }")

    assert (page.status, "existing domain" in page.text) == (422, True)


async def test_the_app_clients_page_leads_to_both_editors(desk: Desk) -> None:
    page = await desk.open(desk.client)

    assert desk.here == page.link("Edit managed login style")
    assert desk.classic == page.link("Edit Hosted UI (classic) customization")


async def test_a_change_of_another_origin_is_refused(desk: Desk) -> None:
    page = await desk.open()
    sent = [("csrf", page.value("csrf") or ""), (BUTTON, "#123456")]

    reply = await desk.visitor.post(f"{desk.here}/preview", sent, origin="https://other.example")

    assert (reply.status_code, await desk.sheet()) == (403, "")
