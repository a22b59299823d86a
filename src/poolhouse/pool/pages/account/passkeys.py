"""Passkeys of the account page: added (the one thing here that needs script), renamed, removed."""

from typing import Final

import msgspec

from poolhouse.kit.edge import Reply
from poolhouse.pool.core import first_factors
from poolhouse.pool.flows import own_factors, passkeys, relying_party
from poolhouse.pool.flows.facts import allowed_first
from poolhouse.pool.flows.own_factors import LastWay
from poolhouse.pool.flows.site import origin_of
from poolhouse.pool.pages.account.frame import Own, done, frame, show
from poolhouse.pool.pages.account.views import PasskeyView
from poolhouse.pool.pages.fields import called
from poolhouse.pool.spec.errors import CognitoError

_NAME_LENGTH: Final = 64
_GONE: Final = "ResourceNotFoundException"


def can_add(own: Own) -> bool:
    """Whether browsers bind the pool's passkeys to the host of this page (WebAuthn level 3, section 5.1.3)."""
    entry = own.visit.site.entry
    party = relying_party.id_of(own.visit.flow.config, entry)
    host = relying_party.of_url(own.visit.site.url)
    if first_factors.WEB_AUTHN not in allowed_first(entry.pool) or party is None or host is None:
        return False
    return host == party or host.endswith(f".{party}")


async def get(own: Own) -> Reply:
    return _page(own) if can_add(own) else done(own, "security")


async def post(own: Own) -> Reply:
    """The options for the browser, or what its authenticator has answered to them."""
    if not can_add(own):
        return done(own, "security")
    try:
        if "credential" not in own.form:
            options = await passkeys.start(own.visit.flow, _owner(own))
            return _page(own, options=msgspec.json.encode(options).decode())
        await passkeys.complete(
            own.visit.flow, _owner(own), _read(own.form["credential"]), origin=origin_of(own.visit.site),
            scene=own.scene,
        )  # fmt: skip
    except CognitoError as no:
        too_many = no.code == "LimitExceededException"
        return _page(
            own,
            own.visit.say("You have as many passkeys as there can be. Remove one first.")
            if too_many
            else own.visit.say("The passkey was not added. Try again."),
        )
    return done(own, "security", "passkey")


async def post_change(own: Own) -> Reply:
    """Rename or remove one: ``do`` says which, ``passkey`` which one."""
    credential = own.form.get("passkey", "")
    try:
        match own.form.get("do"):
            case "rename":
                name = " ".join(own.form.get("name", "").split())[:_NAME_LENGTH]
                if not name:
                    return done(own, "security")
                await passkeys.rename(own.visit.flow, own.user, credential, name)
                return done(own, "security", "renamed")
            case "remove":
                await own_factors.remove_passkey(own.visit.flow, own.present.caller, credential, scene=own.scene)
            case _:
                return done(own, "security")
    except LastWay:
        return done(own, "security", "last-way")
    except CognitoError as no:
        if no.code != _GONE:
            raise
        return done(own, "security", "gone")
    return done(own, "security", "removed")


def _owner(own: Own) -> passkeys.Owner:
    entry = own.visit.site.entry
    return passkeys.Owner(entry, own.client, own.user, called(entry.pool, own.user))


def _read(text: str) -> object:
    """What is no JSON is no credential, as anything else that is none."""
    try:
        read: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return read


def _page(own: Own, error: str = "", options: str = "") -> Reply:
    say = own.visit.say
    view = PasskeyView(
        frame=frame(own, error),
        action=own.href("passkey"),
        back=own.href("security"),
        options=options,
        failed=say("The passkey was not added. Try again."),
        cancelled=say("Nothing was added. The request was cancelled, or it took too long."),
        unsupported=say("This browser has no passkeys. Use another one, or a newer one."),
    )
    return show(own, "passkey.html", view)
