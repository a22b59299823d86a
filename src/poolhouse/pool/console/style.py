"""The editor of a managed login style: form and live preview side by side; nothing counts until it is saved."""

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.kit import svg
from poolhouse.kit.edge import Reply, redirect
from poolhouse.pool.console import style_draft as drafts
from poolhouse.pool.console.calls import call, get_client
from poolhouse.pool.console.clients import address
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.refusals import message_of
from poolhouse.pool.console.settings import style as fields
from poolhouse.pool.console.style_draft import StyleDraft
from poolhouse.pool.console.style_preview import editor_page, frame_address, frame_of, picture_of, told
from poolhouse.pool.core import contrast
from poolhouse.pool.core.branding import check_assets, check_settings
from poolhouse.pool.spec.errors import CognitoError

IMAGE_LIMIT: Final = 4 * 1024 * 1024
_BYTES: Final = 2 * 1000 * 1000
_KINDS: Final = {"ico": "ICO", "jpeg": "JPEG", "jpg": "JPEG", "png": "PNG", "svg": "SVG", "webp": "WEBP"}
CATEGORIES: Final = (
    ("FORM_LOGO", "Form logo"), ("PAGE_HEADER_LOGO", "Header logo"), ("PAGE_FOOTER_LOGO", "Footer logo"),
    ("PAGE_BACKGROUND", "Page background"), ("FORM_BACKGROUND", "Form background"),
    ("PAGE_HEADER_BACKGROUND", "Header background"), ("PAGE_FOOTER_BACKGROUND", "Footer background"),
    ("FAVICON_SVG", "Favicon (SVG)"), ("FAVICON_ICO", "Favicon (ICO)"), ("PASSWORD_GRAPHIC", "Graphic: password"),
    ("EMAIL_GRAPHIC", "Graphic: email"), ("SMS_GRAPHIC", "Graphic: SMS"),
    ("AUTH_APP_GRAPHIC", "Graphic: authenticator app"), ("PASSKEY_GRAPHIC", "Graphic: passkey"),
)  # fmt: skip
MODES: Final = (("DYNAMIC", "Both modes"), ("LIGHT", "Light mode"), ("DARK", "Dark mode"))


async def show(visit: Visit) -> Reply:
    """GET: the draft, if there is one, else what is saved; ``tab`` is "json" for the document itself."""
    client = await get_client(visit, visit.raw.params["client"])
    saved = await drafts.saved_style(visit, client["ClientId"])
    draft = await drafts.find(visit, client["ClientId"], StyleDraft)
    return await _page(visit, client, draft or saved, fields.filled((draft or saved).settings), is_draft=bool(draft))


async def preview(visit: Visit) -> Reply:
    """POST: keep what is in the form as the draft, and show it in the frame."""
    client_id = visit.raw.params["client"]
    draft, problems = await _read(visit, client_id)
    if problems:
        return told(visit, next(iter(problems.values())), 422)
    await drafts.keep(visit, client_id, draft)
    return redirect(frame_address(visit, address(visit, client_id, "branding")))


async def frame(visit: Visit) -> Reply:
    """GET: one of the hosted pages, in the look of the draft."""
    client = await get_client(visit, visit.raw.params["client"])
    return frame_of(visit, await _current(visit, client["ClientId"]), client["ClientName"], "branding")


async def picture(visit: Visit) -> Reply:
    """GET: what that page links: its style sheet, and pictures."""
    return picture_of(visit, await _current(visit, visit.raw.params["client"]))


async def save(visit: Visit) -> Reply:
    """POST: CreateManagedLoginBranding or UpdateManagedLoginBranding."""
    client = await get_client(visit, visit.raw.params["client"])
    draft, problems = await _read(visit, client["ClientId"])
    if not problems:
        try:
            await _write(visit, client["ClientId"], draft)
        except CognitoError as error:
            problems = {"": message_of(error)}
    if problems:
        return await _page(visit, client, draft, visit.form, problems, is_draft=True)
    await drafts.drop(visit, client["ClientId"], StyleDraft)
    return go(visit, address(visit, client["ClientId"], "branding"), "The style was saved.")


async def _write(visit: Visit, client_id: str, draft: StyleDraft) -> None:
    saved = await drafts.saved_style(visit, client_id)
    if saved.id:
        which = {"UserPoolId": visit.pool_id, "ManagedLoginBrandingId": saved.id}
        await call(visit, "UpdateManagedLoginBranding", **which, **draft.as_saved)
    else:
        await call(visit, "CreateManagedLoginBranding", UserPoolId=visit.pool_id, ClientId=client_id, **draft.as_saved)


async def change(visit: Visit) -> Reply:
    """POST: an image more or less, our own look again, or what is saved again; all of it in the draft only."""
    client = await get_client(visit, visit.raw.params["client"])
    here = address(visit, client["ClientId"], "branding")
    asked = visit.raw.params["change"]
    if asked == "discard":
        await drafts.drop(visit, client["ClientId"], StyleDraft)
        return go(visit, here, "The changes were discarded.")
    if asked == "reset":
        saved = await drafts.saved_style(visit, client["ClientId"])
        await drafts.keep(visit, client["ClientId"], StyleDraft(id=saved.id))
        return go(visit, here, "This is Poolhouse's own look. Save to keep it.")
    if asked not in {"add-image", "remove-image"}:
        raise NotFound
    draft, problems = await _read(visit, client["ClientId"])
    if not problems:
        draft, problems = _with_image(draft, visit.form) if asked == "add-image" else _without(draft, visit.form)
    if problems:
        return await _page(visit, client, draft, visit.form, problems, is_draft=True)
    await drafts.keep(visit, client["ClientId"], draft)
    return redirect(f"{here}#images")


def _with_image(draft: StyleDraft, form: Form) -> tuple[StyleDraft, Problems]:
    """The image replaces one of the same use and mode, and is shown."""
    category, mode = form.text("category"), form.text("image_mode")
    extension = _KINDS.get(form.text("image_name").rpartition(".")[2].lower(), "")
    if category not in dict(CATEGORIES) or mode not in dict(MODES):
        return draft, {"category": "Choose where the image belongs."}
    try:
        content = base64.b64decode(form.text("image"), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    fault = _image_fault(category, mode, extension, content)
    if fault:
        return draft, {"image": fault}
    asset = {"Category": category, "ColorMode": mode, "Extension": extension, "Bytes": form.text("image")}
    others = [each for each in draft.assets if (each["Category"], each["ColorMode"]) != (category, mode)]
    switch = fields.SHOWS.get(category)
    settings = fields.put(draft.settings, switch, True) if switch else draft.settings
    return msgspec.structs.replace(draft, settings=settings, assets=(*others, asset)), {}


def _image_fault(category: str, mode: str, extension: str, content: bytes) -> str:
    wanted = category.removeprefix("FAVICON_")
    if not content:
        return "Choose an image. It is read by script, which this browser may not run."
    if not extension:
        return "Choose a PNG, JPEG, SVG, WEBP or ICO file."
    if wanted in {"SVG", "ICO"} and extension != wanted:
        return f"A favicon of this kind is a file of type {wanted}."
    if len(content) > _BYTES:
        return "Choose a smaller image: with all others it has to fit into 2 MB."
    picture = StyleDraft(
        assets=({"Category": category, "ColorMode": mode, "Extension": extension,
                 "Bytes": base64.b64encode(content).decode()},)
    )  # fmt: skip
    refusal = check_assets(drafts.asset_types(picture))
    return refusal.message if refusal is not None else svg.fault(content) if extension == "SVG" else ""


def _without(draft: StyleDraft, form: Form) -> tuple[StyleDraft, Problems]:
    kept = tuple(each for each in draft.assets if _name(each) != form.text("remove"))
    return msgspec.structs.replace(draft, assets=kept), {}


async def _current(visit: Visit, client_id: str) -> StyleDraft:
    draft = await drafts.find(visit, client_id, StyleDraft)
    return draft or await drafts.saved_style(visit, client_id)


async def _read(visit: Visit, client_id: str) -> tuple[StyleDraft, Problems]:
    """What the form makes of the draft."""
    before = await _current(visit, client_id)
    settings, problems = fields.read(visit.form, before.settings)
    refusal = None if problems else check_settings(settings)
    if refusal is not None:
        problems = {"": refusal.message}
    return msgspec.structs.replace(before, settings=before.settings if problems else settings), problems


async def _page(
    visit: Visit, client: Mapping[str, Any], draft: StyleDraft, form: Form, problems: Problems | None = None,
    *, is_draft: bool,
) -> Reply:  # fmt: skip
    as_json = visit.form.text("as") == "json" or visit.query.has("tab", "json")
    text = form.verbatim("json") if problems and "json" in problems else _pretty(draft.settings)
    return await editor_page(
        visit, client, "branding", form, problems or {},
        template="style.html", title="Managed login style", is_draft=is_draft, as_json=as_json, json_text=text,
        groups=fields.COLOURS, modes=(("lightMode", "light"), ("darkMode", "dark")), defaults=fields.defaults(),
        radii=fields.RADII, words=fields.WORDS, switches=fields.SWITCHES, pairs=_pairs(draft.settings),
        categories=CATEGORIES, image_modes=MODES,
        images=[(_name(each), _label(each), len(each.get("Bytes") or "") * 3 // 4096) for each in draft.assets],
    )  # fmt: skip


def _pairs(settings: Mapping[str, Any]) -> list[tuple[str, str, str, str, float, str]]:
    """Each pair in each mode: label, mode, paths of ink and grounds, what it needs, and its contrast if too little."""
    weak = {(pair.label, mode): f"{math.floor(10 * ratio) / 10:.1f}" for pair, mode, ratio in contrast.weak(settings)}
    return [
        (pair.label, mode.removesuffix("Mode"), pair.ink.format(mode), " ".join(g.format(mode) for g in pair.grounds),
         pair.least, weak.get((pair.label, mode), ""))
        for pair in contrast.PAIRS for mode in contrast.MODES
    ]  # fmt: skip


def _name(asset: Mapping[str, Any]) -> str:
    return f"{asset['Category']}.{asset['ColorMode']}.{asset['Extension']}"


def _label(asset: Mapping[str, Any]) -> str:
    place = dict(CATEGORIES).get(asset["Category"], asset["Category"])
    return f"{place}, {dict(MODES)[asset['ColorMode']].lower()}, {asset['Extension']}"


def _pretty(settings: Mapping[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(settings, order="sorted"), indent=2).decode()
