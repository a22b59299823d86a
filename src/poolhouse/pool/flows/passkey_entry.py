"""
Signing in on a page by a passkey, with or without a name (WebAuthn level 3, section 1.3.3: discoverable credentials).

The challenge travels in a ticket: sealed, for this app client and this browser, over in time, and taken once.  So a
page that is only looked at writes nothing, and a browser that offers passkeys beside the name field needs no request
of its own.  The answer must come from the origin of the very page (a page of a host below it could otherwise pass a
challenge on to somebody else), and says itself whose it is.
"""

from typing import Any, Final

import msgspec

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.jose import b64url, b64url_decode
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.core import passkeys as core
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import browser_devices, once, people, relying_party
from poolhouse.pool.flows.attempt import Door, Outcome
from poolhouse.pool.flows.choice import CHOSEN
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.facts import counts_passkeys_twice
from poolhouse.pool.flows.gate import find_user
from poolhouse.pool.flows.passkeys import proved
from poolhouse.pool.flows.steps import proceed
from poolhouse.pool.model.passkey import Passkey
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.risk import NOT_SEEN, Seen
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import passkeys as store
from poolhouse.pool.store import users as user_store

SECONDS: Final = 900
_PURPOSE: Final = "passkey ticket"
_ANSWER_SECONDS: Final = 300


class Offer(msgspec.Struct, frozen=True):
    """PublicKeyCredentialRequestOptionsJSON, and the ticket that comes back with the answer."""

    options: dict[str, Any]
    ticket: str


class _Ticket(msgspec.Struct, frozen=True):
    challenge: bytes
    expires_at: int


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser has sent: answer and ticket, *browser* what the ticket is bound to, *origin* the page's."""

    ticket: str
    credential: str
    browser: str
    origin: str

    def __repr__(self) -> str:
        return "Shown(***)"


_decoder = msgspec.msgpack.Decoder(_Ticket)


def offer(flow: Flow, entry: PoolEntry, client: Client, *, browser: str) -> Offer | None:
    """What a page asks the browser for; None where the pool has no relying party."""
    party = relying_party.id_of(flow.config, entry)
    if party is None:
        return None
    challenge = flow.entropy.token(core.CHALLENGE_BYTES)
    configured = entry.pool.mfa.web_authn_configuration
    usual = (configured and configured.user_verification) or "preferred"
    options = core.request_options(
        relying_party=party,
        challenge=challenge,
        # Whose it will be is not known yet, and some may need it for both factors.
        verification="required" if counts_passkeys_twice(entry.pool) else usual,
        held=[],
        seconds=_ANSWER_SECONDS,
    )
    ticket = msgspec.msgpack.encode(_Ticket(challenge, flow.clock.now() + SECONDS))
    sealed = flow.ring.seal(ticket, purpose=_PURPOSE, row=_row(entry, client, browser))
    return Offer(options, b64url(sealed).decode("ascii"))


async def answer(
    flow: Flow, entry: PoolEntry, client: Client, shown: Shown, *,
    named: str = "", remembered: str | None = None, seen: Seen = NOT_SEEN,
) -> tuple[User, Outcome]:  # fmt: skip
    """
    Who has signed in, and what is asked next.

    *named* is what the person called himself before: somebody else's passkey is refused then.  *remembered* as in
    ``sign_in.begin``.
    """
    ticket = _open(flow, entry, client, shown)
    given = core.read_authentication(shown.credential)
    party = relying_party.id_of(flow.config, entry)
    if isinstance(given, Refusal) or party is None or given.origin != shown.origin:
        raise Refused(Reason.PASSKEY_WRONG)
    if not await once.is_first(flow, _PURPOSE, ticket.challenge.hex(), expires_at=ticket.expires_at):
        raise Refused(Reason.SESSION_USED)
    door = Door(entry, client, hosted=True, seen=seen)
    passkey, owner = await _owned(flow, door, given.id, party, named)
    user = await find_user(flow, door, owner.username, by_password=False)
    if user is None or user.sub != owner.sub or not user.enabled or not _is_named(given, user):
        raise Refused(Reason.PASSKEY_WRONG)
    door = await browser_devices.recognise(flow, door, user, remembered)
    done = await proved(flow, door, user, passkey, given, ticket.challenge)
    return user, await proceed(flow, door, user, CHOSEN | done)


async def _owned(flow: Flow, door: Door, id: str, party: str, named: str) -> tuple[Passkey, User]:
    async def read(tx: ReadTx) -> tuple[Passkey | None, User | None, User | None]:
        passkey = await store.find(tx, door.pool.id, id)
        owner = None if passkey is None else await user_store.find_by_username(tx, door.pool, passkey.username)
        return passkey, owner, await people.find(tx, door.pool, named) if named else owner

    passkey, owner, meant = await flow.database.read(read)
    if passkey is None or owner is None or meant is None:
        raise Refused(Reason.PASSKEY_WRONG)
    if passkey.relying_party != party or meant.username != owner.username:
        raise Refused(Reason.PASSKEY_WRONG)
    return passkey, owner


def _is_named(given: core.Answer, user: User) -> bool:
    """Without a name before, the answer has to say whose it is (WebAuthn level 3, section 7.2, step 6)."""
    handle: bytes | None = given.credential.response.user_handle
    return handle == user.sub.encode()


def _open(flow: Flow, entry: PoolEntry, client: Client, shown: Shown) -> _Ticket:
    try:
        sealed = b64url_decode(shown.ticket)
        ticket = _decoder.decode(flow.ring.open(sealed, purpose=_PURPOSE, row=_row(entry, client, shown.browser)))
    except (ValueError, SealBroken, msgspec.MsgspecError) as wrong:
        raise Refused(Reason.PASSKEY_WRONG) from wrong
    if ticket.expires_at <= flow.clock.now():
        raise Refused(Reason.SESSION_EXPIRED)
    return ticket


def _row(entry: PoolEntry, client: Client, browser: str) -> str:
    return f"{entry.pool.id}/{client.id}/{browser}"
