"""The editor of CSS and logo of the classic pages: the same page, frame and draft as for managed login."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.kit.edge import Reply, redirect
from poolhouse.pool.console import style_draft as drafts
from poolhouse.pool.console.calls import call, get_client
from poolhouse.pool.console.clients import address
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.frame import go
from poolhouse.pool.console.refusals import message_of
from poolhouse.pool.console.style_draft import ClassicDraft
from poolhouse.pool.console.style_preview import editor_page, frame_address, frame_of, picture_of, told
from poolhouse.pool.core import classic_css
from poolhouse.pool.core.branding import image_kind
from poolhouse.pool.spec.errors import CognitoError

_KIND: Final = "classic-branding"
_LOGO: Final = 100 * 1024
_EXAMPLE: Final = """.submitButton-customizable {
  background-color: #1d4ed8;
}
.submitButton-customizable:hover {
  background-color: #1e40af;
}"""


async def show(visit: Visit) -> Reply:
    """GET: the draft, if there is one, else what is saved for this app client."""
    client = await get_client(visit, visit.raw.params["client"])
    draft = await drafts.find(visit, client["ClientId"], ClassicDraft)
    current = draft or await drafts.saved_classic(visit, client["ClientId"])
    return await _page(visit, client, current, of(css=current.css), {}, is_draft=bool(draft))


async def preview(visit: Visit) -> Reply:
    """POST: keep the CSS as the draft, and show it in the frame."""
    client_id = visit.raw.params["client"]
    draft, problems = await _read(visit, client_id)
    if problems:
        return told(visit, next(iter(problems.values())), 422)
    await drafts.keep(visit, client_id, draft)
    return redirect(frame_address(visit, address(visit, client_id, _KIND)))


async def frame(visit: Visit) -> Reply:
    """GET: one of the hosted pages, in the look of the draft."""
    client = await get_client(visit, visit.raw.params["client"])
    return frame_of(visit, await _current(visit, client["ClientId"]), client["ClientName"], _KIND)


async def picture(visit: Visit) -> Reply:
    """GET: what that page links."""
    return picture_of(visit, await _current(visit, visit.raw.params["client"]))


async def save(visit: Visit) -> Reply:
    """POST: SetUICustomization, which sets CSS and logo together."""
    client = await get_client(visit, visit.raw.params["client"])
    draft, problems = await _read(visit, client["ClientId"])
    if not problems:
        given = {"CSS": draft.css, "ImageFile": draft.logo}
        try:
            await call(
                visit, "SetUICustomization", UserPoolId=visit.pool_id, ClientId=client["ClientId"],
                **{name: value for name, value in given.items() if value},
            )  # fmt: skip
        except CognitoError as error:
            problems = {"": message_of(error)}
    if problems:
        return await _page(visit, client, draft, visit.form, problems, is_draft=True)
    await drafts.drop(visit, client["ClientId"], ClassicDraft)
    return go(visit, address(visit, client["ClientId"], _KIND), "CSS and logo were saved.")


async def change(visit: Visit) -> Reply:
    """POST: another logo or none, our own look again, or what is saved again; all of it in the draft only."""
    client = await get_client(visit, visit.raw.params["client"])
    here = address(visit, client["ClientId"], _KIND)
    asked = visit.raw.params["change"]
    if asked == "discard":
        await drafts.drop(visit, client["ClientId"], ClassicDraft)
        return go(visit, here, "The changes were discarded.")
    if asked == "reset":
        await drafts.keep(visit, client["ClientId"], ClassicDraft())
        return go(visit, here, "This is Poolhouse's own look. Save to keep it.")
    if asked not in {"add-image", "remove-image"}:
        raise NotFound
    draft, problems = await _read(visit, client["ClientId"])
    logo = visit.form.text("image") if asked == "add-image" else ""
    if asked == "add-image" and not problems:
        problems = _logo_problems(logo)
    if problems:
        return await _page(visit, client, draft, visit.form, problems, is_draft=True)
    await drafts.keep(visit, client["ClientId"], msgspec.structs.replace(draft, logo=logo))
    return redirect(f"{here}#images")


def _logo_problems(logo: str) -> Problems:
    try:
        content = base64.b64decode(logo, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        return {"image": "Choose an image. It is read by script, which this browser may not run."}
    if len(content) > _LOGO or image_kind(content) is None:
        return {"image": "Choose a PNG or a JPEG file of at most 100 KB."}
    return {}


async def _current(visit: Visit, client_id: str) -> ClassicDraft:
    return await drafts.find(visit, client_id, ClassicDraft) or await drafts.saved_classic(visit, client_id)


async def _read(visit: Visit, client_id: str) -> tuple[ClassicDraft, Problems]:
    before = await _current(visit, client_id)
    css = visit.form.verbatim("css").strip()
    refusal = classic_css.check(css) if css else None
    if refusal is not None:
        return before, {"css": refusal.message}
    return msgspec.structs.replace(before, css=css), {}


async def _page(
    visit: Visit, client: Mapping[str, Any], draft: ClassicDraft, form: Form, problems: Problems, *, is_draft: bool
) -> Reply:
    return await editor_page(
        visit, client, _KIND, form, problems,
        template="classic_style.html", title="Hosted UI (classic) customization", is_draft=is_draft,
        has_logo=bool(draft.logo), classes=sorted(classic_css.CLASSES), example=_EXAMPLE,
    )  # fmt: skip
