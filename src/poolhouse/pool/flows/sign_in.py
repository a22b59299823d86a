"""
Signing in: one engine for the API and the pages.

    outcome = await begin(flow, entry, client, username=.., password=.., hosted=True)
    outcome = await answer(flow, entry, client, challenge=.., session=.., responses={..}, hosted=True)

``outcome`` is ``Asked`` (challenge, parameters, session: answer with that session) or ``SignedIn`` (user, amr): then
the API mints tokens (``tokens``), and a page mints a code.  A refusal leaves as ``Refused`` or ``CognitoError``.

Keys of *responses* are those of RespondToAuthChallenge: NEW_PASSWORD and userAttributes.<name>; SMS_MFA_CODE,
EMAIL_OTP_CODE, SMS_OTP_CODE, SOFTWARE_TOKEN_MFA_CODE; ANSWER (SELECT_MFA_TYPE, SELECT_CHALLENGE); PASSWORD, SRP_A,
CREDENTIAL; PHONE_NUMBER or EMAIL (MFA_SETUP); DEVICE_KEY with any.  The order of the gates is the service's: address,
user, triggers, disabled, lockout, risk, first factor, status, new password, second factor, device.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

import msgspec

from poolhouse.pool.core import first_factors
from poolhouse.pool.core.sign_in import DEVICE_ASK, SELECT
from poolhouse.pool.core.tokens import ADMIN_SCOPE
from poolhouse.pool.flows import (
    auth_events,
    browser_devices,
    choice,
    credentials,
    custom,
    device_proof,
    devices,
    factors,
    issue,
    new_password,
    passkeys,
    protection,
    sessions,
    srp,
    stepping_up,
)
from poolhouse.pool.flows.attempt import Asked, Door, Live, Outcome, SignedIn, open_attempt
from poolhouse.pool.flows.caller import TokenUser
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.gate import find_user, pass_password
from poolhouse.pool.flows.issue import Tokens
from poolhouse.pool.flows.steps import proceed
from poolhouse.pool.flows.token_hook import Moment
from poolhouse.pool.model.origin import NOWHERE, Origin
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.risk import NOT_SEEN, Seen
from poolhouse.pool.model.sign_in import Done
from poolhouse.pool.spec.errors import Reason

__all__ = [
    "CHALLENGES",
    "Asked",
    "Outcome",
    "SignedIn",
    "answer",
    "begin",
    "begin_choice",
    "begin_confirmed",
    "begin_custom",
    "begin_srp",
    "tokens",
]


async def _answer_email(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """EMAIL_OTP is a first and a second factor, by one name."""
    take = choice.answer_code if live.memory.first else factors.answer_code
    return await take(flow, door, live, responses)


_ANSWERS: Mapping[str, Callable[[Flow, Door, Live, Mapping[str, str]], Awaitable[Outcome]]] = MappingProxyType(
    {
        "NEW_PASSWORD_REQUIRED": new_password.answer,
        srp.CHALLENGE: srp.answer,
        custom.CHALLENGE: custom.answer,
        "SMS_MFA": factors.answer_code,
        "EMAIL_OTP": _answer_email,
        "SOFTWARE_TOKEN_MFA": factors.answer_totp,
        "SELECT_MFA_TYPE": factors.answer_choice,
        "MFA_SETUP": factors.answer_setup,
        SELECT: choice.answer_choice,
        first_factors.PASSWORD: choice.answer_password,
        first_factors.PASSWORD_SRP: choice.answer_srp,
        first_factors.SMS_OTP: choice.answer_code,
        first_factors.WEB_AUTHN: passkeys.answer,
        DEVICE_ASK: device_proof.answer_ask,
        device_proof.VERIFY: device_proof.answer_proof,
    }
)
CHALLENGES = frozenset(_ANSWERS)
"""The challenges that this server asks and takes answers to."""


async def begin(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, password: str, hosted: bool = False,
    device_key: str | None = None, remembered: str | None = None, seen: Seen = NOT_SEEN,
) -> Outcome:  # fmt: skip
    """
    Sign in with a password that was sent, from the device *device_key*.

    *remembered* is what a browser has that was remembered on the pages (``browser_devices``).
    """
    door = Door(entry, client, hosted, seen=seen)
    user = await find_user(flow, door, username)
    door = msgspec.structs.replace(door, device=await device_proof.known(flow, user, device_key))
    door = await browser_devices.recognise(flow, door, user, remembered)
    right = await credentials.check_password(flow, user, password, credentials.decoy(flow, entry, username))
    judged, passed = await pass_password(flow, door, user, username, right=right, password=password)
    passed = await credentials.adopt(flow, entry.pool, passed, password)
    return await proceed(flow, judged, passed, frozenset({Done.PASSWORD}))


async def begin_srp(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, srp_a: str, device_key: str | None = None,
    seen: Seen = NOT_SEEN,
) -> Asked:  # fmt: skip
    """Sign in with a proof of the password: the first half."""
    door = Door(entry, client, seen=seen)
    return await srp.begin(flow, door, username=username, srp_a=srp_a, device_key=device_key)


async def begin_custom(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, srp_a: str | None = None,
    device_key: str | None = None, seen: Seen = NOT_SEEN,
) -> Outcome:  # fmt: skip
    """Sign in as the pool's triggers decide; with *srp_a*, after a proof of the password."""
    door = Door(entry, client, trail=(), seen=seen)
    return await custom.begin(flow, door, username=username, srp_a=srp_a, device_key=device_key)


async def begin_choice(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, given: Mapping[str, str], session: str | None,
    seen: Seen = NOT_SEEN, shown: TokenUser | None = None,
) -> Outcome:  # fmt: skip
    """
    Sign in by a first factor of the user's choice (USER_AUTH); *given* is AuthParameters.

    *shown* is the user of its ACCESS_TOKEN, from whose sign-in this one steps up.
    """
    door = Door(entry, client, seen=seen)
    door = msgspec.structs.replace(door, targets=stepping_up.targets(flow, door, given))
    held = None if shown is None else stepping_up.credit(flow, door, shown, given)
    return await choice.begin(flow, door, username=username, given=given, session=session, held=held)


async def begin_confirmed(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, session: str, seen: Seen = NOT_SEEN
) -> Outcome:
    """Sign in on a page with the *session* of a sign-up that was just confirmed there."""
    door = Door(entry, client, hosted=True, seen=seen)
    return await choice.begin(flow, door, username=username, given={}, session=session)


async def answer(
    flow: Flow, entry: PoolEntry, client: Client, *,
    challenge: str, session: str | None, responses: Mapping[str, str], username: str | None = None,
    hosted: bool = False, metadata: Mapping[str, str] | None = None, remembered: str | None = None,
    seen: Seen = NOT_SEEN,
) -> Outcome:  # fmt: skip
    """
    Answer the challenge that *session* stands for.

    *username* is what the API's caller sends along, any name of the user; the session of another user, client, pool
    or challenge is refused.
    """
    if challenge not in CHALLENGES:
        raise Refused(Reason.CHALLENGE_NOT_SUPPORTED, name=challenge)
    door = Door(entry, client, hosted, metadata, seen=seen)
    await protection.admit(flow, door, auth_events.SIGN_IN, username or "")
    sent = responses.get("DEVICE_KEY")
    if session is None and challenge == DEVICE_ASK:
        live = await device_proof.open_waiting(flow, door, username=username or "", key=sent or "")
    else:
        live = await open_attempt(flow, door, challenge=challenge, handle=session or "", username=username)
    door = msgspec.structs.replace(door, judged=live.memory.judged, targets=live.memory.targets)
    door = custom.continued(await device_proof.arrived(flow, door, live, sent), live)
    door = await browser_devices.recognise(flow, door, live.user, remembered)
    outcome = await _ANSWERS[challenge](flow, door, live, responses)
    return await custom.after(flow, door, live, outcome)


async def tokens(
    flow: Flow, entry: PoolEntry, client: Client, outcome: SignedIn, metadata: Mapping[str, str] | None = None, *,
    origin: Origin = NOWHERE,
) -> Tokens:  # fmt: skip
    """The tokens of a sign-in through the API; *metadata* of the last answer is for the trigger."""
    grant = issue.new_grant(
        flow, client, outcome.user, scope=ADMIN_SCOPE, hosted=False, auth_time=flow.clock.now(), amr=outcome.amr,
        tracked=sessions.begun(flow, entry.pool, origin, sessions.TOKEN),
        terms=stepping_up.terms(entry.pool, outcome.amr) if outcome.stepped else None,
    )  # fmt: skip
    grant, new_device = devices.bound(flow, entry.pool, grant, outcome.device)
    source = "NewPasswordChallenge" if Done.NEW_PASSWORD in outcome.done else "Authentication"
    moment = Moment(source=f"TokenGeneration_{source}", metadata=metadata)
    made = await issue.start(flow, entry, client, outcome.user, grant, moment, device=outcome.device, origin=origin)
    return msgspec.structs.replace(made, new_device=new_device)
