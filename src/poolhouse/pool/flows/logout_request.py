"""The request of an app to sign its user out (OpenID Connect RP-Initiated Logout 1.0), judged."""

import hmac
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.jose import b64url, b64url_decode, key_named
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.core import subjects
from poolhouse.pool.flows import hints, logout
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.grant import BrowserSession
from poolhouse.pool.model.pool import Client
from poolhouse.pool.store import users as user_store

UNKNOWN: Final = "Client does not exist"
HINT, TARGET = "id_token_hint", "post_logout_redirect_uri"
SEALED: Final = "posted_hint"
_PURPOSE: Final = "logout hint"
_SECONDS: Final = 600


class Wrong(msgspec.Struct, frozen=True):
    """Nothing is done, and nobody is sent anywhere (section 4)."""

    error: str
    client_id: str = ""
    reason: str = ""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """
    A request that can be met.

    ``is_sure``: an ID token tells that the app which asks has signed in the very user whose browser this is; without,
    anybody's page may have sent the browser here, and the user is asked (section 2).
    """

    client: Client | None
    target: str | None
    state: str | None
    is_sure: bool
    username: str = ""


async def judge(flow: Flow, entry: PoolEntry, given: Mapping[str, str], token: str | None) -> Wanted | Wrong:
    """
    The verdict on the parameters *given*, for the browser whose session *token* is the handle of.

    The hint may have expired: it tells whom the app means, and lets nobody in (section 2).  Whoever shows one of
    another client, or none of ours, is refused.  One by a key that is gone, as all are some time after a rotation, says
    nothing: the user is asked.
    """
    if HINT in given and _is_of_a_former_key(entry, given[HINT]):
        given = {name: value for name, value in given.items() if name != HINT}
    hint = read_hint(flow, entry, given)
    client_id = given.get("client_id")
    if HINT in given or SEALED in given:
        held = set() if hint is None else {hint.get("aud"), hint.get("azp")} - {None}
        if not held or client_id not in {None, *held}:
            return Wrong(UNKNOWN)
        client_id = client_id or str((hint or {}).get("aud"))
    client = None
    if client_id is not None:
        found = await flow.directory.find_client(client_id)
        if found is None or found.client.pool_id != entry.pool.id:
            return Wrong(UNKNOWN)
        client = found.client
    target = given.get(TARGET)
    if client is not None and target is not None and not is_registered(client, target):
        return Wrong("invalid_request", client.id, "logout_mismatch")
    session = await logout.find_former(flow, entry, token)
    return Wanted(
        client=client,
        # Nobody has vouched for an address without a client.
        target=None if client is None else target,
        state=given.get("state"),
        is_sure=session is None or await _is_meant(flow, entry, session, hint, given.get("logout_hint")),
        username="" if session is None else session.username,
    )


def read_hint(flow: Flow, entry: PoolEntry, given: Mapping[str, str]) -> dict[str, Any] | None:
    """What the ID token among the parameters says, sealed or as the app sent it."""
    if HINT in given:
        return hints.read(flow, entry, given[HINT])
    if SEALED not in given:
        return None
    try:
        opened = flow.ring.open(b64url_decode(given[SEALED]), purpose=_PURPOSE, row=entry.pool.id)
        held: dict[str, Any] = msgspec.json.decode(opened, type=dict[str, Any])
    except (ValueError, SealBroken, msgspec.MsgspecError):
        return None
    return held if held["until"] > flow.clock.now() else None


def _is_of_a_former_key(entry: PoolEntry, token: str) -> bool:
    kid = key_named(token)
    return bool(kid) and not entry.verifier.knows(kid or "")


def sealed_hint(flow: Flow, entry: PoolEntry, given: Mapping[str, str]) -> dict[str, str] | None:
    """
    The parameters for a URL of ours, what the ID token says sealed in its place; None where it is none of ours.

    An app that posts an ID token does so that it is in no address, and so in no log.
    """
    if HINT not in given or _is_of_a_former_key(entry, given[HINT]):
        return {name: value for name, value in given.items() if name != HINT}
    hint = read_hint(flow, entry, given)
    if hint is None:
        return None
    held: dict[str, Any] = {name: hint[name] for name in ("aud", "azp", "sub") if name in hint}
    held["until"] = flow.clock.now() + _SECONDS
    sealed = flow.ring.seal(msgspec.json.encode(held), purpose=_PURPOSE, row=entry.pool.id)
    kept = {name: value for name, value in given.items() if name not in {HINT, SEALED}}
    return {**kept, SEALED: b64url(sealed).decode("ascii")}


def is_registered(client: Client, target: str) -> bool:
    """One of the client's sign-out URLs, compared as strings; without a fragment."""
    settings = client.settings
    registered = settings.logout_urls if settings.allowed_o_auth_flows_user_pool_client else None
    return "#" not in target and target in (registered or ())


async def _is_meant(
    flow: Flow, entry: PoolEntry, session: BrowserSession, hint: dict[str, Any] | None, logout_hint: str | None
) -> bool:
    """Whether the ID token is of the session's user, and the ``logout_hint`` names no other."""
    issued = None if hint is None else await flow.directory.find_client(str(hint.get("azp") or hint.get("aud")))
    # An app that is known by its document alone hears of users as they are.
    to = None if issued is None else issued.client
    told = session.sub if to is None else subjects.name_for(to, session.sub, entry.salt)
    if hint is None or not hmac.compare_digest(str(hint.get("sub", "")).encode(), told.encode()):
        return False
    if logout_hint is None:
        return True
    sid = session.sid or session.sub
    if to is not None and subjects.is_pairwise(to):
        # Such an app is not told whether it has guessed another name of its user.
        return logout_hint in {told, subjects.session_for(to, sid, entry.salt)}

    async def read(tx: ReadTx) -> set[str]:
        user = await user_store.find_by_sub(tx, session.pool_id, session.sub)
        attributes = {} if user is None else user.attributes
        known = {session.username, told, sid}
        return known | {attributes[name] for name in ("email", "phone_number") if attributes.get(name)}

    return logout_hint in await flow.database.read(read)
