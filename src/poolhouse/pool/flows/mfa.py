"""
Second factors of a user, outside of signing in: an authenticator app is associated and verified, factors are switched
on and preferred.

A secret counts from the moment its first code was seen.  With an access token that registers the app and no more: the
user switches it on by a preference.  With the session of an MFA_SETUP challenge it is switched on at once, for there
the pool asks for it.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NoReturn

import msgspec

from poolhouse.pool.core import totp
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.sign_in import active_factors, first_choices, next_step
from poolhouse.pool.flows import client_documents, notices, people, relying_party
from poolhouse.pool.flows.attempt import Challenge, Door, Memory, check_password_kept, load, new_attempt
from poolhouse.pool.flows.caller import AccountUser
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.facts import counts_passkeys_twice, facts
from poolhouse.pool.flows.moving import move
from poolhouse.pool.flows.notices import Scene
from poolhouse.pool.model.message import Message
from poolhouse.pool.model.origin import NOWHERE, Origin
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.sign_in import Ask, Attempt, Done
from poolhouse.pool.model.user import Factors, Status, User
from poolhouse.pool.spec.errors import CognitoError, Reason, invalid_parameter
from poolhouse.pool.store import users as user_store

TOTP: Final = "SOFTWARE_TOKEN_MFA"
SETUP: Final = "MFA_SETUP"


class Switch(msgspec.Struct, frozen=True):
    """What somebody wants of one factor; None leaves it as it is."""

    enabled: bool | None = None
    preferred: bool | None = None


def open_totp(flow: Flow, user: User) -> bytes | None:
    """The secret of the user's authenticator app."""
    return _opened(flow, user, user.credentials.totp_sealed)


def open_pending(flow: Flow, user: User) -> bytes | None:
    """The secret of the app that the user is setting up."""
    return _opened(flow, user, user.credentials.totp_pending)


def setup_choices(flow: Flow, pool: Pool, user: User, done: frozenset[Done]) -> tuple[str, ...]:
    """What this user may set up now, in a sign-in where he must set something up; nothing otherwise."""
    step = next_step(facts(pool, user, done, flow.clock.now()))
    return step.choices if isinstance(step, Ask) and step.challenge == SETUP else ()


async def associate(flow: Flow, caller: AccountUser) -> bytes:
    """A new secret for a signed-in user; one that is in use stays in use until the new one is verified."""
    _require_totp(flow, caller.entry.pool, caller.user)
    secret = flow.entropy.token(totp.SECRET_BYTES)
    sealed = _sealed(flow, caller.user, secret)
    await people.change(flow, caller.entry.pool, caller.user, lambda user: _held(user, totp_pending=sealed))
    return secret


async def verify(
    flow: Flow, caller: AccountUser, *, code: str, name: str, switches_on: bool = False, scene: Scene | None = None
) -> User:
    """Register the secret that was associated last, by its first code; *switches_on*: and use it from now on."""
    _require_totp(flow, caller.entry.pool, caller.user)
    pending = caller.user.credentials.totp_pending
    secret = _opened(flow, caller.user, pending)
    if secret is None:
        _no_totp("No software token was associated.")
    step = _first_step(flow, secret, code)

    def register(user: User) -> User:
        if user.credentials.totp_pending != pending:
            # Two at once: the winner's first code must not count for the loser as well.
            raise CognitoError("EnableSoftwareTokenMFAException", "Code mismatch")
        held = user.credentials.factors
        factors = msgspec.structs.replace(held, totp_name=name, totp=held.totp or switches_on)
        return _held(user, totp_sealed=pending, totp_pending=None, totp_step=step, factors=factors)

    return await notices.change(flow, caller.entry.pool, caller.user, register, scene)


async def associate_by_session(flow: Flow, handle: str) -> tuple[bytes, str]:
    """A new secret in the course of MFA_SETUP, and the session to go on with."""
    attempt, _, door, user = await _setup(flow, handle)
    secret = flow.entropy.token(totp.SECRET_BYTES)
    return secret, await _carry_on(flow, door, user, attempt, Memory(totp=secret))


async def verify_by_session(flow: Flow, handle: str, *, code: str, name: str, origin: Origin = NOWHERE) -> str:
    """Register and switch on the secret of this session; the session to answer MFA_SETUP with."""
    attempt, memory, door, user = await _setup(flow, handle)
    if memory.totp is None:
        _no_totp("No software token was associated.")
    step = _first_step(flow, memory.totp, code)
    factors = msgspec.structs.replace(user.credentials.factors, totp=True, preferred=TOTP, totp_name=name)
    changed = _held(user, totp_sealed=_sealed(flow, user, memory.totp), totp_step=step, factors=factors)
    scene = notices.scene(door.entry, door.client, origin)
    told = notices.about(flow, scene, user, notices.events(user, changed))
    return await _carry_on(flow, door, user, attempt, Memory(step=step), changed, told)


async def prefer(
    flow: Flow, entry: PoolEntry, user: User, *, sms: Switch, app: Switch, email: Switch, passkey: bool | None = None,
    by_admin: bool = False, scene: Scene | None = None,
) -> None:  # fmt: skip
    """
    AWS API: SetUserMFAPreference, AdminSetUserMFAPreference.

    A passkey may count as both factors only beside another second factor, or its loss would lock the user out.
    """
    if passkey and not counts_passkeys_twice(entry.pool):
        raise invalid_parameter(
            "WebAuthnMfaSettings needs a user pool with FactorConfiguration MULTI_FACTOR_WITH_USER_VERIFICATION"
        )
    switches = {"SMS_MFA": sms, TOTP: app, "EMAIL_OTP": email}
    if sum(bool(each.preferred) for each in switches.values()) > 1:
        raise invalid_parameter("Only one MFA method can be preferred.")

    def decide(current: User) -> User:
        return switched(current, switches, passkey=passkey, by_admin=by_admin)

    await notices.change(flow, entry.pool, user, decide, scene)


def switched(
    user: User, switches: Mapping[str, Switch], *, passkey: bool | None = None, by_admin: bool = False
) -> User:
    """The user with factors switched; leaves with a refusal."""
    factors = user.credentials.factors
    for name, switch in switches.items():
        if switch.enabled:
            _check_usable(user, name, by_admin=by_admin)
        factors = _switched(factors, name, switch)
    if passkey is not None:
        factors = msgspec.structs.replace(factors, passkey=passkey)
    if factors.passkey and not (factors.sms or factors.totp or factors.email):
        if passkey:
            raise invalid_parameter("WebAuthn MFA needs another MFA method to be enabled for the user")
        factors = msgspec.structs.replace(factors, passkey=False)
    return _held(user, factors=factors)


def configured(flow: Flow, entry: PoolEntry, user: User) -> list[str]:
    """What the user can begin with or go on with (AWS API: ConfiguredUserAuthFactors)."""
    party = relying_party.id_of(flow.config, entry)
    known = facts(entry.pool, user, frozenset(), flow.clock.now(), relying_party=party)
    first, second = first_choices(known), active_factors(known)
    has = {
        "PASSWORD": "PASSWORD" in first,
        "EMAIL_OTP": "EMAIL_OTP" in first or Done.EMAIL in second,
        "SMS_OTP": "SMS_OTP" in first or Done.SMS in second,
        "WEB_AUTHN": "WEB_AUTHN" in first,
        "SOFTWARE_TOKEN": Done.TOTP in second,
    }
    return [name for name, is_held in has.items() if is_held]


async def delete_totp(flow: Flow, pool: Pool, user: User) -> None:
    """AWS API: AdminDeleteSoftwareToken. The user may set up another app; one that is being set up is dropped too."""
    if user.status is Status.UNCONFIRMED:
        raise Refused(Reason.UNCONFIRMED)

    await people.change(flow, pool, user, without_totp)


def without_totp(user: User) -> User:
    """The user without an authenticator app."""
    held = user.credentials.factors
    preferred = "" if held.preferred == TOTP else held.preferred
    passkey = held.passkey and (held.sms or held.email)
    left = msgspec.structs.replace(held, totp=False, totp_name="", preferred=preferred, passkey=passkey)
    return _held(user, totp_sealed=None, totp_pending=None, factors=left)


def _switched(factors: Factors, name: str, switch: Switch) -> Factors:
    member = {"SMS_MFA": "sms", TOTP: "totp", "EMAIL_OTP": "email"}[name]
    if switch.enabled is not None:
        factors = msgspec.structs.replace(factors, **{member: switch.enabled})
    is_on = getattr(factors, member)
    if switch.preferred and not is_on:
        raise invalid_parameter(f"{name} cannot be preferred, since it is not enabled.")
    if switch.preferred:
        return msgspec.structs.replace(factors, preferred=name)
    if factors.preferred == name and (switch.preferred is False or not is_on):
        return msgspec.structs.replace(factors, preferred="")
    return factors


def _check_usable(user: User, name: str, *, by_admin: bool) -> None:
    """The service's words, which differ by factor and by who asks."""
    match name:
        case "SMS_MFA" if not user.attributes.get("phone_number"):
            raise invalid_parameter("User does not have a phone_number set to turn on SMS MFA")
        case "EMAIL_OTP" if not user.attributes.get("email"):
            raise invalid_parameter("User does not have delivery config set to turn on EMAIL_OTP")
        case "SOFTWARE_TOKEN_MFA" if user.credentials.totp_sealed is None:
            raise invalid_parameter(
                "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"
                if by_admin
                else "User has not verified software token mfa"
            )


async def _setup(flow: Flow, handle: str) -> tuple[Attempt, Memory, Door, User]:
    """The MFA_SETUP attempt of *handle*, where the user still has to set up an authenticator app."""
    attempt, memory = await load(flow, handle)
    entry = await flow.directory.find_pool(attempt.pool_id)
    client = None if entry is None else await client_documents.find_known(flow, entry, attempt.client_id)
    if attempt.challenge != SETUP or entry is None or client is None:
        raise Refused(Reason.SESSION_INVALID)
    user = await flow.database.read(lambda tx: user_store.find_by_username(tx, entry.pool, attempt.username))
    if user is None:
        raise Refused(Reason.SESSION_INVALID)
    check_password_kept(memory, user)
    choices = setup_choices(flow, entry.pool, user, frozenset(attempt.done))
    if not choices:
        raise Refused(Reason.SESSION_INVALID)
    if TOTP not in choices:
        _no_totp()
    return attempt, memory, Door(entry, client.client, trail=memory.trail, judged=memory.judged), user


async def _carry_on(
    flow: Flow, door: Door, user: User, attempt: Attempt, memory: Memory, changed: User | None = None,
    told: Iterable[Message] = (),
) -> str:  # fmt: skip
    challenge = Challenge(name=SETUP, parameters={}, memory=memory)
    handle, following = new_attempt(flow, door, user, challenge, frozenset(attempt.done))
    if not await move(flow, door.pool, user, changed=changed, spends=attempt, puts=following, sends=told):
        # Somebody wrote the user in between; what he may set up now is for the next try to see.
        raise CognitoError("ConcurrentModificationException", "The user was changed at the same time.")
    return handle


def _first_step(flow: Flow, secret: bytes, code: str) -> int:
    step = totp.check_totp(secret, given=code, now=flow.clock.now(), last_step=0)
    if isinstance(step, Refusal):
        raise CognitoError("EnableSoftwareTokenMFAException", "Code mismatch")
    return step


def _require_totp(flow: Flow, pool: Pool, user: User) -> None:
    known = facts(pool, user, frozenset(), flow.clock.now())
    if known.pool_mfa == "OFF" or Done.TOTP not in known.pool_factors:
        _no_totp()


def _no_totp(message: str = "Software Token MFA has not been enabled by the userPool") -> NoReturn:
    raise CognitoError("SoftwareTokenMFANotFoundException", message)


def _held(user: User, **credentials: object) -> User:
    return msgspec.structs.replace(user, credentials=msgspec.structs.replace(user.credentials, **credentials))


def _sealed(flow: Flow, user: User, secret: bytes) -> bytes:
    return flow.ring.seal(secret, purpose="totp", row=f"{user.pool_id}/{user.username}")


def _opened(flow: Flow, user: User, sealed: bytes | None) -> bytes | None:
    return None if sealed is None else flow.ring.open(sealed, purpose="totp", row=f"{user.pool_id}/{user.username}")
