"""
Passkeys of a user: registered, listed, deleted, and signed in with (WebAuthn level 3, section 7).

A registration is an attempt as a sign-in is: its handle is the challenge that the authenticator signs, so it is bound
to pool, client and user, used once, and over in time.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from poolhouse.kit.db.protocol import Tx, UniqueViolation
from poolhouse.pool.core import first_factors
from poolhouse.pool.core import passkeys as core
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import notices, relying_party
from poolhouse.pool.flows.attempt import Challenge, Door, Live, Outcome, load, new_attempt, spend
from poolhouse.pool.flows.caller import AccountUser
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.facts import allowed_first
from poolhouse.pool.flows.first_factors import passkeys_at, verification_of
from poolhouse.pool.flows.gate import fail_passkey, required
from poolhouse.pool.flows.notices import Scene
from poolhouse.pool.flows.steps import proceed
from poolhouse.pool.model.passkey import Passkey
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.sign_in import Attempt, Done
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import CognitoError, invalid_parameter, limit_exceeded, resource_not_found
from poolhouse.pool.store import attempts as attempt_store
from poolhouse.pool.store import passkeys as store

_REGISTRATION: Final = "WEB_AUTHN_REGISTRATION"
"""Not a challenge of the API: no session of a sign-in has it, and it answers none."""
_SECONDS: Final = 300


class Owner(msgspec.Struct, frozen=True):
    """Who registers a passkey, at which app client; *shown* is how the person knows the account, if not by its name."""

    entry: PoolEntry
    client: Client
    user: User
    shown: str = ""


def owner_of(caller: AccountUser) -> Owner:
    return Owner(caller.entry, caller.client, caller.user)


async def start(flow: Flow, caller: Owner) -> dict[str, Any]:
    """The options for ``navigator.credentials.create`` (AWS API: StartWebAuthnRegistration)."""
    party = _party(flow, caller.entry)
    user = caller.user
    held = await flow.database.read(lambda tx: store.list_of(tx, user.pool_id, user.username))
    if len(held) >= core.MOST:
        raise _too_many()
    door = Door(caller.entry, caller.client)
    made = Challenge(name=_REGISTRATION, parameters={})
    handle, attempt = new_attempt(flow, door, user, made, frozenset(), seconds=_SECONDS)
    await flow.database.write(lambda tx: attempt_store.put_attempt(tx, attempt))
    return core.creation_options(
        relying_party=party,
        sub=user.sub,
        username=caller.shown or user.username,
        challenge=bytes.fromhex(handle),
        verification=verification_of(caller.entry.pool, user),
        held=[each for each in held if each.relying_party == party],
    )


async def complete(
    flow: Flow, caller: Owner, credential: object, *, origin: str = "", scene: Scene | None = None
) -> None:
    """
    Keep the passkey that answers a registration (AWS API: CompleteWebAuthnRegistration).

    *origin*: the one whose page has asked for it; otherwise any of the relying party will do.
    """
    party = _party(flow, caller.entry)
    answer = core.read_registration(credential)
    if isinstance(answer, Refusal):
        stop(answer)
    if origin and answer.origin != origin:
        raise CognitoError("WebAuthnOriginNotAllowedException", "The passkey was made at another address.")
    attempt = await _registration(flow, caller, answer.challenge)
    verifies = verification_of(caller.entry.pool, caller.user) == "required"
    made = core.verify_registration(answer, challenge=answer.challenge, relying_party=party, verifies=verifies)
    if isinstance(made, Refusal):
        stop(made)
    now_ms = flow.clock.now_ms()
    user = caller.user
    passkey = Passkey(
        pool_id=user.pool_id,
        username=user.username,
        relying_party=party,
        created_ms=now_ms,
        **msgspec.structs.asdict(made),
    )

    async def unit(tx: Tx) -> None:
        await _take(tx, attempt, now_ms // 1000)
        # The user's row is written, so that of registrations at once each sees those before it.
        await notices.change_in(flow, tx, caller.entry.pool, user, lambda current: _with(current, party), scene)
        if await store.count_of(tx, user.pool_id, user.username) >= core.MOST:
            raise _too_many()
        await store.put(tx, passkey)

    try:
        await flow.database.write(unit)
    except UniqueViolation as taken:
        if taken.table != "passkeys":
            raise
        raise invalid_parameter("The passkey credential is registered already.") from taken


async def list_own(flow: Flow, user: User, after: str, limit: int) -> list[Passkey]:
    """AWS API: ListWebAuthnCredentials."""
    return await flow.database.read(lambda tx: store.list_of(tx, user.pool_id, user.username, after, limit))


async def delete(
    flow: Flow, pool: Pool, user: User, credential: str, *, check: Callable[[User], None] | None = None,
    scene: Scene | None = None,
) -> None:  # fmt: skip
    """
    AWS API: DeleteWebAuthnCredential. Somebody else's is as unknown as none.

    *check* is shown the user without it and may refuse.
    """

    def decide(current: User, party: str) -> User:
        changed = _without(current, party)
        if check is not None:
            check(changed)
        return changed

    async def unit(tx: Tx) -> None:
        found = await store.find(tx, pool.id, credential)
        if found is None or found.username != user.username or await store.take(tx, pool.id, credential) is None:
            raise resource_not_found("The passkey credential does not exist.")
        await notices.change_in(flow, tx, pool, user, lambda current: decide(current, found.relying_party), scene)

    await flow.database.write(unit)


async def rename(flow: Flow, user: User, credential: str, name: str) -> None:
    """Ours: call a passkey by another name. Somebody else's is as unknown as none."""
    if not await flow.database.write(lambda tx: store.rename(tx, user.pool_id, user.username, credential, name)):
        raise resource_not_found("The passkey credential does not exist.")


async def answer(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """
    WEB_AUTHN: CREDENTIAL is the authenticator's answer to the challenge of this session.

    The passkey must be this user's, in this pool.
    """
    given = core.read_authentication(required(responses, "CREDENTIAL"))
    if isinstance(given, Refusal):
        stop(given)
    user, party = live.user, relying_party.id_of(flow.config, door.entry)
    challenge = live.memory.passkey
    if user is None or challenge is None or party is None:
        await fail_passkey(flow, door, user, live.memory.name)
    held = await flow.database.read(lambda tx: passkeys_at(tx, user, party))
    passkey = next((each for each in held if each.id == given.id), None)
    if passkey is None or (not user.enabled and door.hides):
        await fail_passkey(flow, door, user, live.memory.name)
    shown = await proved(flow, door, user, passkey, given, challenge)
    return await proceed(flow, door, user, live.done | shown, spends=live.attempt)


async def proved(
    flow: Flow, door: Door, user: User, passkey: Passkey, given: core.Answer, challenge: bytes
) -> frozenset[Done]:
    """
    What the holder of *passkey* has proved by signing *challenge*; anything wrong with it counts, and is refused.

    A counter that does not go on tells of a copy of the key: denied.
    """
    verifies = verification_of(door.pool, user) == "required"
    shown = core.verify_authentication(given, passkey, sub=user.sub, challenge=challenge, verifies=verifies)
    if isinstance(shown, Refusal):
        await fail_passkey(flow, door, user, user.username)
    if not await flow.database.write(lambda tx: store.advance(tx, user.pool_id, passkey.id, shown.sign_count)):
        await fail_passkey(flow, door, user, user.username)
    held = Done.SYNCED_PASSKEY if passkey.is_synced else Done.BOUND_PASSKEY
    return frozenset({held, Done.USER_VERIFIED} if shown.user_verified else {held})


def _party(flow: Flow, entry: PoolEntry) -> str:
    """The relying party of a pool that has passkeys on."""
    if first_factors.WEB_AUTHN not in allowed_first(entry.pool):
        raise CognitoError("WebAuthnNotEnabledException", "Passkeys are not enabled for this user pool.")
    party = relying_party.id_of(flow.config, entry)
    if party is None:
        raise CognitoError(
            "WebAuthnConfigurationMissingException",
            "The user pool does not have a configured relying party id or a user pool domain.",
        )
    return party


async def _registration(flow: Flow, caller: Owner, challenge: bytes) -> Attempt:
    """The registration of this user that *challenge* began, at the client of the same token."""
    try:
        attempt, _ = await load(flow, challenge.hex())
    except Refused as gone:
        raise _no_challenge() from gone
    if attempt.challenge != _REGISTRATION or (attempt.pool_id, attempt.username) != (
        caller.user.pool_id, caller.user.username,
    ):  # fmt: skip
        raise _no_challenge()
    if attempt.client_id != caller.client.id:
        raise CognitoError(
            "WebAuthnClientMismatchException", "The access token is for a different client than the registration."
        )
    return attempt


async def _take(tx: Tx, attempt: Attempt, now: int) -> None:
    try:
        await spend(tx, attempt, now)
    except Refused as gone:
        raise _no_challenge() from gone


def _no_challenge() -> CognitoError:
    return CognitoError("WebAuthnChallengeNotFoundException", "The passkey registration has expired.")


def _too_many() -> CognitoError:
    return limit_exceeded(f"A user cannot have more than {core.MOST} passkeys.")


def _with(user: User, party: str) -> User:
    held = user.credentials
    return msgspec.structs.replace(user, credentials=msgspec.structs.replace(held, passkeys=(*held.passkeys, party)))


def _without(user: User, party: str) -> User:
    left = list(user.credentials.passkeys)
    if party in left:
        left.remove(party)
    return msgspec.structs.replace(user, credentials=msgspec.structs.replace(user.credentials, passkeys=tuple(left)))
