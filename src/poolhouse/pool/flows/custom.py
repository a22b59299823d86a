"""
CUSTOM_AUTH: three triggers decide what is asked of a user, and when it was enough.

    begin -> Define -> Create -> asked          answer -> Verify -> Define -> Create -> asked | tokens | refused

What was asked and answered so far (``Door.trail``) goes from attempt to attempt.  The service's own gates stay where
they are: after a password, and again when the triggers say that tokens may be issued, ``next_step`` judges; what it
asks is asked, appended to the trail, and then Define is asked again.

An answer spends its session before the triggers see it, so that of parallel guesses one is judged.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final, NoReturn

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core import srp as core_srp
from poolhouse.pool.core.attributes.usernames import is_opaque
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import auth_events, device_proof, hooks, lockout, srp
from poolhouse.pool.flows.attempt import Asked, Challenge, Door, Live, Memory, Outcome, new_attempt, spend
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.gate import find_user, judge, required
from poolhouse.pool.flows.steps import ask, proceed
from poolhouse.pool.model.sign_in import Done, Turn
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason, invalid_parameter
from poolhouse.pool.store import attempts as store

CHALLENGE: Final = "CUSTOM_CHALLENGE"
TURNS: Final = 25
"""Entries that the trail may have.  Ours: triggers that never come to an end must not keep a sign-in alive."""
NOTE_LENGTH: Final = 2_048
PARAMETERS_SIZE: Final = 65_536
# What the service puts into the trail itself, once it is passed; choosing and setting up are not among its names.
_INSERTED: Final = frozenset(
    {
        srp.CHALLENGE,
        "NEW_PASSWORD_REQUIRED",
        "SMS_MFA",
        "EMAIL_OTP",
        "SOFTWARE_TOKEN_MFA",
        "DEVICE_SRP_AUTH",
        "DEVICE_PASSWORD_VERIFIER",
    }
)


class _Who(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whom this is about.

    *user* is None for a name that nobody has, and for a disabled user where the client hides who exists; *shown* is
    what events and challenges call him, *given* what he called himself.
    """

    user: User | None
    shown: str
    given: str


class _Defined(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    challenge_name: str | None = None
    issue_tokens: bool | None = None
    fail_authentication: bool | None = None


class _Created(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    public_challenge_parameters: dict[str, str] | None = None
    private_challenge_parameters: dict[str, str] | None = None
    challenge_metadata: str | None = None


class _Verified(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    answer_correct: bool


async def begin(flow: Flow, door: Door, *, username: str, srp_a: str | None, device_key: str | None = None) -> Outcome:
    """The first challenge; with *srp_a* that is PASSWORD_VERIFIER, if Define agrees."""
    _function(door, hooks.DEFINE)
    user = await find_user(flow, door, username)
    door = await device_proof.remember(flow, door, user, device_key)
    who = _who(flow, door, user, username)
    await _check_lockout(flow, door, who)
    if srp_a is None:
        return await _advance(flow, door, who, frozenset())
    door = _with(door, Turn(challenge="SRP_A", passed=True))
    defined = await _define(flow, door, who)
    if defined.fail_authentication:
        await _fail(flow, door, who)
    if defined.issue_tokens or defined.challenge_name != srp.CHALLENGE:
        raise hooks.unrecognizable()
    return await srp.exchange(flow, door, user, username=username, srp_a=srp_a)


async def answer(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """ANSWER to a CUSTOM_CHALLENGE: whether it is right says Verify, what follows says Define."""
    given = required(responses, "ANSWER")
    function = _function(door, hooks.VERIFY)
    now = flow.clock.now()

    async def take(tx: Tx) -> None:
        await spend(tx, live.attempt, now)

    await flow.database.write(take)
    memory = live.memory
    who = _Who(user=live.user, shown=live.attempt.username, given=memory.name)
    verified = await hooks.invoke(
        flow,
        door.pool,
        hooks.VERIFY,
        _event(
            door,
            who,
            "VerifyAuthChallengeResponse_Authentication",
            {"privateChallengeParameters": memory.private, "challengeAnswer": given},
            {"answerCorrect": None},
        ),
        _Verified,
        function=function,
    )
    door = _with(door, Turn(challenge=CHALLENGE, passed=verified.answer_correct, note=memory.note))
    return await _advance(flow, door, who, live.done, was_wrong=not verified.answer_correct)


def continued(door: Door, live: Live) -> Door:
    """*door* with the trail of the attempt that is answered; the pages have no custom sign-in to go on with."""
    if live.memory.trail is None:
        return door
    if door.hosted:
        raise Refused(Reason.SESSION_INVALID)
    door = msgspec.structs.replace(door, trail=live.memory.trail)
    passed = live.attempt.challenge
    return _with(door, Turn(challenge=passed, passed=True)) if passed in _INSERTED else door


async def after(flow: Flow, door: Door, live: Live, outcome: Outcome) -> Outcome:
    """Where the service's own steps are through in a custom sign-in, Define says what follows."""
    if door.trail is None or live.attempt.challenge == CHALLENGE or isinstance(outcome, Asked):
        return outcome
    user, door = outcome.user, msgspec.structs.replace(door, judged=outcome.judged)
    return await _advance(flow, door, _Who(user=user, shown=user.username, given=user.username), outcome.done)


async def _advance(flow: Flow, door: Door, who: _Who, done: frozenset[Done], *, was_wrong: bool = False) -> Outcome:
    """*was_wrong*: the last answer was, which counts as soon as Define has let the sign-in go on without ending it."""
    if len(door.trail or ()) >= TURNS:
        await _fail(flow, door, who)
    defined = await _define(flow, door, who)
    if defined.fail_authentication:
        await _fail(flow, door, who)
    if defined.issue_tokens:
        if who.user is None:
            await _fail(flow, door, who)
        await judge(flow, lockout.CUSTOM, lockout.owner(flow, door.pool, who.user, who.given), right=True)
        return await proceed(flow, door, who.user, done | {Done.CUSTOM})
    if was_wrong:
        # Here, not at the end: a guesser would leave each sign-in before its end and begin another.
        await judge(flow, lockout.CUSTOM, lockout.owner(flow, door.pool, who.user, who.given), right=False)
    if defined.challenge_name != CHALLENGE:
        raise hooks.unrecognizable()
    # That tokens might be issued was said of an earlier trail.
    return await _ask(flow, door, who, done - {Done.CUSTOM})


async def _define(flow: Flow, door: Door, who: _Who) -> _Defined:
    response = dict.fromkeys(("challengeName", "issueTokens", "failAuthentication"))
    event = _event(door, who, "DefineAuthChallenge_Authentication", {"session": _session(door)}, response)
    return await hooks.invoke(flow, door.pool, hooks.DEFINE, event, _Defined, function=_function(door, hooks.DEFINE))


async def _ask(flow: Flow, door: Door, who: _Who, done: frozenset[Done]) -> Asked:
    response = dict.fromkeys(("publicChallengeParameters", "privateChallengeParameters", "challengeMetadata"))
    request = {"challengeName": CHALLENGE, "session": _session(door)}
    event = _event(door, who, "CreateAuthChallenge_Authentication", request, response)
    function = _function(door, hooks.CREATE)
    created = await hooks.invoke(flow, door.pool, hooks.CREATE, event, _Created, function=function)
    if len(created.challenge_metadata or "") > NOTE_LENGTH or len(msgspec.json.encode(created)) > PARAMETERS_SIZE:
        raise hooks.unrecognizable()
    challenge = Challenge(
        name=CHALLENGE,
        parameters={**(created.public_challenge_parameters or {}), "USERNAME": who.shown},
        memory=Memory(
            name=who.given, private=created.private_challenge_parameters or {}, note=created.challenge_metadata
        ),
    )
    if who.user is not None:
        return await ask(flow, door, who.user, challenge, done, None)
    handle, attempt = new_attempt(flow, door, None, challenge, done, unknown=who.shown)
    await flow.database.write(lambda tx: store.put_attempt(tx, attempt))
    return Asked(challenge=CHALLENGE, parameters=challenge.parameters, session=handle)


def _event(
    door: Door, who: _Who, source: str, request: Mapping[str, object], response: Mapping[str, object]
) -> hooks.Event:
    """``userNotFound`` is told only where the client hides who exists (AWS API: PreventUserExistenceErrors)."""
    return hooks.Event(
        source=source,
        username=who.shown,
        client_id=door.client.id,
        request={
            "userAttributes": {} if who.user is None else hooks.attributes(who.user),
            **request,
            **hooks.optional(clientMetadata=door.metadata, userNotFound=who.user is None if door.hides else None),
        },
        response=response,
    )


def _session(door: Door) -> list[dict[str, object]]:
    return [
        {"challengeName": turn.challenge, "challengeResult": turn.passed, "challengeMetadata": turn.note}
        for turn in door.trail or ()
    ]


def _with(door: Door, turn: Turn) -> Door:
    return msgspec.structs.replace(door, trail=(*(door.trail or ()), turn))


def _who(flow: Flow, door: Door, user: User | None, name: str) -> _Who:
    """An unknown user is called as an existing one would be: by a UUID where the pool has those for usernames."""
    if user is not None and user.enabled:
        return _Who(user=user, shown=user.username, given=name)
    mac = partial(flow.ring.mac, purpose="srp decoy")
    pool = door.pool
    decoy = core_srp.decoy(mac, pool_id=pool.id, username=pool.key_of(name), opaque_id=is_opaque(pool, name))
    return _Who(user=None, shown=decoy.user_id, given=name)


def _function(door: Door, trigger: hooks.Trigger) -> str:
    """The trigger's function; the service's words where there is none (wording recalled, not measured)."""
    found = hooks.arn(door.pool, trigger)
    if found is None:
        raise invalid_parameter("Custom auth lambda trigger is not configured for the user pool.")
    return found


async def _check_lockout(flow: Flow, door: Door, who: _Who) -> None:
    owner = lockout.owner(flow, door.pool, who.user, who.given)

    async def read(tx: ReadTx) -> Refusal | None:
        return await lockout.check(tx, lockout.CUSTOM, owner, flow.clock.now())

    locked = await flow.database.read(read)
    if locked is not None:
        stop(locked)


async def _fail(flow: Flow, door: Door, who: _Who) -> NoReturn:
    """
    The triggers said no, or never came to an end: counted as a wrong password is, in a count of its own.

    Ours: the service leaves it to the triggers how often a sign-in may fail.
    """
    if door.judged is None:
        auth_events.note(flow, door, who.user, auth_events.SIGN_IN, auth_events.FAIL)
    auth_events.advance(flow, door, auth_events.FAIL)
    await judge(flow, lockout.CUSTOM, lockout.owner(flow, door.pool, who.user, who.given), right=False)
    raise Refused(Reason.WRONG_PASSWORD)
