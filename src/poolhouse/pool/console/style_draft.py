"""
A look that is being worked on: kept on the server, sealed, for the administrator who works on it.

There is one for each administrator, app client and kind of look, so that its address needs nothing in it.
"""

import base64
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from poolhouse.pool.console.calls import call
from poolhouse.pool.console.context import Visit
from poolhouse.pool.core import branding
from poolhouse.pool.core.look import classic, managed
from poolhouse.pool.flows import admins, pools, ui_customization
from poolhouse.pool.model.branding import Customization, Look, Style
from poolhouse.pool.model.pool import ClientId, PoolId
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import CognitoError

_ID_LETTERS: Final = 22
T = TypeVar("T")


class StyleDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A branding style as the API has it: ``id`` is the saved one's, "" for none; bytes of assets are in base64."""

    id: str = ""
    settings: dict[str, Any] = {}
    assets: tuple[dict[str, Any], ...] = ()

    @property
    def as_saved(self) -> dict[str, Any]:
        """The members that create or update it; a style that changes nothing is the server's own."""
        if not self.settings and not self.assets:
            return {"UseCognitoProvidedValues": True}
        return {"Settings": self.settings, "Assets": list(self.assets)}


class ClassicDraft(msgspec.Struct, frozen=True, kw_only=True):
    """CSS and logo of the classic pages; the logo is in base64."""

    css: str = ""
    logo: str = ""


async def saved_style(visit: Visit, client_id: str) -> StyleDraft:
    """The style that people see."""
    try:
        answer = await call(visit, "DescribeManagedLoginBrandingByClient", UserPoolId=visit.pool_id, ClientId=client_id)
    except CognitoError as error:
        if error.code != "ResourceNotFoundException":
            raise
        return StyleDraft()
    style = answer["ManagedLoginBranding"]
    return StyleDraft(
        id=style["ManagedLoginBrandingId"],
        settings=style.get("Settings") or {},
        assets=tuple(style.get("Assets") or ()),
    )


async def saved_classic(visit: Visit, client_id: str) -> ClassicDraft:
    """What was set for this client; what it has of all clients is not its own.  The API has no bytes of logos."""
    entry = await pools.get(visit.flow, visit.region, visit.pool_id)
    found = await ui_customization.find(visit.flow, entry.pool, client_id)
    if found is None or found.client_id != client_id:
        return ClassicDraft()
    return ClassicDraft(css=found.css or "", logo=base64.b64encode(found.image or b"").decode())


async def find(visit: Visit, client_id: str, kind: type[T]) -> T | None:
    """The draft, if there is one."""
    held = await admins.find_draft(visit.flow, visit.signed_in, _id(visit, client_id, kind))
    return None if held is None else msgspec.json.decode(held, type=kind)


async def keep(visit: Visit, client_id: str, draft: StyleDraft | ClassicDraft) -> None:
    await admins.save_draft(visit.flow, visit.signed_in, _id(visit, client_id, type(draft)), msgspec.json.encode(draft))


async def drop(visit: Visit, client_id: str, kind: type[Any]) -> None:
    await admins.take_draft(visit.flow, visit.signed_in, _id(visit, client_id, kind))


def _id(visit: Visit, client_id: str, kind: type[Any]) -> str:
    message = f"{visit.signed_in.email}\n{visit.pool_id}\n{client_id}\n{kind.__name__}".encode()
    mac = visit.flow.ring.mac(message, purpose="branding draft")
    return base64.urlsafe_b64encode(mac).decode()[:_ID_LETTERS]


def look_of(draft: StyleDraft | ClassicDraft, scheme: str = "") -> Look:
    """How pages look in it; *scheme* is the one to look at where the style fixes none."""
    if isinstance(draft, ClassicDraft):
        image = base64.b64decode(draft.logo) if draft.logo else None
        return classic(
            Customization(
                pool_id=PoolId(""), client_id="", created_ms=0, modified_ms=0, css=draft.css or None, image=image
            )
        )
    settings = draft.settings
    if scheme and _scheme(settings) == "DYNAMIC":
        fixed = {**_branch(settings, "categories"), "global": dict(_branch(settings, "categories", "global"))}
        fixed["global"]["colorSchemeMode"] = scheme.upper()
        settings = {**settings, "categories": fixed}
    return managed(
        Style(
            id=draft.id, pool_id=PoolId(""), client_id=ClientId(""), created_ms=0, modified_ms=0, provided=False,
            settings=settings, pictures=branding.pictures(asset_types(draft)),
        )
    )  # fmt: skip


def asset_types(draft: StyleDraft) -> list[shapes.AssetType]:
    """The assets with their bytes."""
    return [
        shapes.AssetType(
            category=each["Category"],
            color_mode=each["ColorMode"],
            extension=each["Extension"],
            bytes_=base64.b64decode(each.get("Bytes") or ""),
            resource_id=each.get("ResourceId"),
        )
        for each in draft.assets
    ]


def _scheme(settings: Mapping[str, Any]) -> str:
    return str(_branch(settings, "categories", "global").get("colorSchemeMode") or "DYNAMIC")


def _branch(document: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for name in path:
        document = document.get(name) or {}
    return document
