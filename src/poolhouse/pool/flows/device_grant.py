"""
Devices without a browser or a keyboard (RFC 8628): the code a person types elsewhere, and the tokens for the device.

Whoever learns somebody's code can let that somebody's device in, and whoever sends his own code to others hopes that
they let his in.  Codes are therefore few, short-lived and cannot be guessed in numbers, and the page asks each time,
saying which app it is and where the request came from.
"""

from typing import Final

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.address import customer_of
from poolhouse.kit.agent import UNKNOWN, describe
from poolhouse.kit.ambient import letters, urlsafe, uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.pool.core import assurance, possession, user_codes
from poolhouse.pool.core.authorization_request import Asked as Request
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.scopes import granted, scopes_exist, unreadable_scope
from poolhouse.pool.core.throttle import Counter, count_use
from poolhouse.pool.flows import browser, issue, refresh_tokens, sessions, targets, token_hook
from poolhouse.pool.flows.browser import Recognised
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, NotGranted, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.issue import Tokens
from poolhouse.pool.model.openid import DeviceCode, GrantTerms
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as attempt_store
from poolhouse.pool.store import device_codes as store
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import users as user_store

GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
LIFETIME: Final = 600
INTERVAL: Final = 5
REQUESTS: Final = 600
"""Requests of devices an hour, of one address for one app client: the codes that live stay few."""
GUESSES: Final = 30
"""Wrong codes an hour of one address."""
GUESSES_IN_POOL: Final = 5_000
"""Wrong codes an hour of all addresses; with a thousand living codes a guess in five thousand years hits."""
SCOPE_LIMIT: Final = 8_192
_TRIES: Final = 3


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the device is given: its own code, and the one that it shows."""

    device_code: str
    user_code: str

    def __repr__(self) -> str:
        return "Asked(***)"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A device that waits for its user, and the app that asks for it."""

    code: DeviceCode
    client: ClientEntry

    @property
    def asked_at(self) -> int:
        return self.code.expires_at - LIFETIME


def is_allowed(client: Client) -> bool:
    """
    Whether the app client may let devices in: its grant, and all that the sign-in pages ask of an app client.

    A flow that asked for less would be the way around (CVE-2024-38371).
    """
    settings = client.settings
    has_pages = settings.allowed_o_auth_flows_user_pool_client and settings.supported_identity_providers
    return bool(has_pages) and GRANT in client.extended.extra_grants


async def ask(
    flow: Flow, proven: ProvenClient, scope: str | None, origin: Origin, resources: tuple[str, ...] = ()
) -> Asked:
    """RFC 8628 section 3.1, with RFC 8707's targets; the client has proved itself, as at the token endpoint."""
    if not is_allowed(proven.client):
        raise Refused(Reason.GRANT_NOT_ALLOWED)
    scopes, aims = _scopes(proven, scope), targets.known(proven.entry, proven.client, resources)
    device = describe(origin.agent)
    for _ in range(_TRIES):
        asked = Asked(
            device_code=urlsafe(flow.entropy, 32),
            user_code=letters(flow.entropy, user_codes.LETTERS, user_codes.ALPHABET),
        )
        code = DeviceCode(
            digest=seal.digest(asked.device_code),
            user_code=_user_digest(flow, proven.entry, asked.user_code),
            pool_id=proven.entry.pool.id,
            client_id=proven.client.id,
            scope=scopes,
            seen=origin.address if device == UNKNOWN else f"{origin.address} ({device})",
            interval=INTERVAL,
            terms=GrantTerms(resources=aims) if aims else None,
            expires_at=flow.clock.now() + LIFETIME,
        )
        try:
            await _put(flow, code, origin)
        except UniqueViolation:
            continue
        return asked
    raise Refused(Reason.BUSY)


def _scopes(proven: ProvenClient, scope: str | None) -> str:
    """What the device gets, by the rules of the authorization endpoint."""
    request = Request(
        values={} if scope is None else {"scope": scope},
        repeated=frozenset(),
        client=proven.client,
        is_custom_scope=proven.entry.has_scope,
    )
    if (scope is not None and len(scope) > SCOPE_LIMIT) or scopes_exist(request) is not None:
        raise Refused(Reason.SCOPE_INVALID, scope="")
    return " ".join(granted(request))


async def _put(flow: Flow, code: DeviceCode, origin: Origin) -> None:
    key, now = f"device-request:{code.client_id}:{customer_of(origin.address)}", flow.clock.now()

    async def unit(tx: Tx) -> None:
        counted = count_use(Counter(*await attempt_store.lock_failures(tx, key)), limit=REQUESTS, now=now)
        if isinstance(counted, Refusal):
            raise NotGranted("temporarily_unavailable", "Too many devices asked from this address.", status=429)
        await attempt_store.put_failures(tx, key, counted.count, counted.last_at, counted.until)
        await store.put_device_code(tx, code)

    await flow.database.write(unit)


async def find(flow: Flow, entry: PoolEntry, typed: str, address: str) -> Waiting:
    """
    The device that shows the code which somebody typed.

    Refuses with CODE_MISMATCH one that nobody waits for, that has expired or was decided on; with ATTEMPT_LIMIT who
    has guessed too often, be this guess right or wrong.
    """
    now = flow.clock.now()
    typed_letters = user_codes.read(typed)
    digest = None if typed_letters is None else _user_digest(flow, entry, typed_letters)
    by_address = f"device-code:{entry.pool.id}:{customer_of(address)}"
    by_pool = f"device-code:{entry.pool.id}"

    async def unit(tx: Tx) -> DeviceCode | Refusal | None:
        mine = Counter(*await attempt_store.lock_failures(tx, by_address))
        after_mine = count_use(mine, limit=GUESSES, now=now)
        everybodys = Counter(*(await attempt_store.find_failures(tx, by_pool) or (0, 0, 0)))
        for each in (after_mine, count_use(everybodys, limit=GUESSES_IN_POOL, now=now)):
            if isinstance(each, Refusal):
                return each
        code = None if digest is None else await store.find_by_user_code(tx, entry.pool.id, digest)
        if code is not None and code.expires_at > now and code.state == "pending":
            return code
        if isinstance(after_mine, Counter):
            await attempt_store.put_failures(tx, by_address, after_mine.count, after_mine.last_at, after_mine.until)
        held = Counter(*await attempt_store.lock_failures(tx, by_pool))
        counted = count_use(held, limit=GUESSES_IN_POOL, now=now)
        if isinstance(counted, Counter):
            await attempt_store.put_failures(tx, by_pool, counted.count, counted.last_at, counted.until)
        return None

    found = await flow.database.write(unit)
    if isinstance(found, Refusal):
        raise Refused(Reason.ATTEMPT_LIMIT)
    client = None if found is None else await flow.directory.find_client(found.client_id)
    if found is None or client is None or client.client.pool_id != entry.pool.id or not is_allowed(client.client):
        raise Refused(Reason.CODE_MISMATCH)
    return Waiting(code=found, client=client)


async def decide(flow: Flow, entry: PoolEntry, waiting: Waiting, known: Recognised, *, allows: bool) -> None:
    """
    Write what the user has decided, once.

    Refuses with LOGIN_REQUIRED when the session has ended meanwhile, with CODE_EXPIRED when somebody was first.
    """
    session, user = known.session, known.user
    decided = msgspec.structs.replace(
        waiting.code,
        state="approved" if allows else "denied",
        username=user.username,
        sub=user.sub,
        auth_time=session.auth_time,
        amr=session.amr,
        # A device's sign-in is a session of its own: it does not end with that of the browser that let it in.
        sid=uuid4(flow.entropy),
    )

    async def unit(tx: Tx) -> None:
        await sessions.hold_state(tx, entry.pool, user.username)
        if await browser.recognise(tx, entry, session.digest, flow.clock.now()) is None:
            raise Refused(Reason.LOGIN_REQUIRED)
        if not await store.decide(tx, decided, flow.clock.now()):
            raise Refused(Reason.CODE_EXPIRED)

    await flow.database.write(unit)


async def redeem(
    flow: Flow, proven: ProvenClient, device_code: str, origin: Origin, resources: tuple[str, ...] = ()
) -> Tokens:
    """
    RFC 8628 section 3.4: tokens once the user has agreed, until then "wait" (section 3.5) as ``NotGranted``.

    Refuses a code that is unknown or another client's, and a user who is gone or disabled since.
    """
    digest, now = seal.digest(device_code), flow.clock.now()

    async def read(tx: ReadTx) -> tuple[DeviceCode | None, User | None]:
        code = await store.find_device_code(tx, digest)
        if code is None or code.username is None:
            return code, None
        user = await user_store.find_by_username(tx, proven.entry.pool, code.username)
        return code, user if user is not None and user.sub == code.sub else None

    code, user = await flow.database.read(read, snapshot=True)
    if code is None or code.client_id != proven.client.id or code.pool_id != proven.entry.pool.id:
        raise NotGranted("invalid_grant")
    if code.expires_at <= now:
        raise NotGranted("expired_token")
    if code.state == "pending":
        await _wait(flow, digest, now)
    if code.state != "approved" or user is None or not user.enabled:
        await flow.database.write(lambda tx: store.take_device_code(tx, digest))
        raise NotGranted("access_denied")
    if unreadable_scope(proven.client, code.scope):
        raise Refused(Reason.SCOPE_UNREADABLE)
    return await _start(flow, proven, code, user, origin, resources)


async def _wait(flow: Flow, digest: bytes, now: int) -> None:
    """Section 3.5: whoever asks too soon has to wait five seconds longer from then on."""

    async def unit(tx: Tx) -> str:
        code = await store.lock_device_code(tx, digest)
        if code is None:
            return "expired_token"
        if code.state != "pending":
            # Decided while this was asked: the next poll gets it.
            return "authorization_pending"
        is_early = now - code.polled_at < code.interval
        await store.note_poll(tx, digest, interval=code.interval + (INTERVAL if is_early else 0), at=now)
        return "slow_down" if is_early else "authorization_pending"

    raise NotGranted(await flow.database.write(unit))


async def _start(
    flow: Flow, proven: ProvenClient, code: DeviceCode, user: User, origin: Origin, resources: tuple[str, ...]
) -> Tokens:
    entry, client = proven.entry, proven.client
    grant = issue.new_grant(
        flow, client, user, scope=code.scope, hosted=True, auth_time=code.auth_time, amr=code.amr,
        tracked=sessions.begun(flow, entry.pool, origin, sessions.TOKEN),
        terms=possession.with_binding(_terms(client, code), proven.binding),
    )  # fmt: skip
    grant = msgspec.structs.replace(grant, sid=code.sid)
    aimed = targets.narrowed(entry, client, grant, resources)
    tokens = await issue.again(flow, entry, client, user, aimed, token_hook.HOSTED)
    refresh_token, record = refresh_tokens.mint(flow, grant, generation=0)

    async def unit(tx: Tx) -> bool:
        # Held, so that signing out everywhere either takes the code away first or finds the grant.
        is_enabled = await sessions.hold_enabled(tx, entry.pool, user.username, code.sub)
        if await store.take_device_code(tx, code.digest) is None or not is_enabled:
            return False
        await sessions.admit(flow, tx, entry.pool, grant)
        await grant_store.put_refresh_token(tx, record)
        return True

    if not await flow.database.write(unit):
        raise NotGranted("invalid_grant")
    return msgspec.structs.replace(tokens, refresh_token=refresh_token)


def _terms(client: Client, code: DeviceCode) -> GrantTerms | None:
    if client.extended.dialect != "openid":
        return code.terms
    return msgspec.structs.replace(
        code.terms or GrantTerms(), acr=assurance.acr(code.amr, client.extended.default_acr_values)
    )


def _user_digest(flow: Flow, entry: PoolEntry, typed_letters: str) -> bytes:
    """Keyed, since a short code could be found from a plain digest by trying all of them."""
    return flow.ring.mac(f"{entry.pool.id}/{typed_letters}".encode(), purpose="device user code")
