"""
What is asked of this user next: the one decision that the API and the pages share.

It takes facts and touches nothing.  The order is the service's: disabled first, then the password, then what the
status demands, then the second factor.  Whoever wants a token passes through here.
"""

from poolhouse.pool.core import first_factors, step_up
from poolhouse.pool.model.risk import Action
from poolhouse.pool.model.sign_in import Ask, Done, Facts, Refuse, Signed, Step
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec.errors import Reason

_AMR = (
    (Done.PASSWORD, "pwd"), (Done.SYNCED_PASSKEY, "swk"), (Done.BOUND_PASSKEY, "hwk"), (Done.FIRST_SMS, "sms"),
    (Done.FIRST_EMAIL, "email_otp"), (Done.TOTP, "otp"), (Done.SMS, "sms"), (Done.EMAIL, "email_otp"),
)  # fmt: skip
_CHALLENGE = {Done.SMS: "SMS_MFA", Done.TOTP: "SOFTWARE_TOKEN_MFA", Done.EMAIL: "EMAIL_OTP"}
DEVICE_ASK = "DEVICE_SRP_AUTH"
SECOND = (Done.SMS, Done.TOTP, Done.EMAIL)
"""The second factors, in the order in which the API lists them."""
SELECT = "SELECT_CHALLENGE"
_CHALLENGES = frozenset({Action.MFA_IF_CONFIGURED, Action.MFA_REQUIRED})
"""Risks that ask for a second factor."""


def next_step(facts: Facts) -> Step:
    """The next challenge, the end of the sign-in, or its refusal (AWS API: InitiateAuth, RespondToAuthChallenge)."""
    if not facts.enabled:
        return Refuse(Reason.USER_DISABLED)
    if not first_factors.is_proved(facts, needs_second=needs_second(facts)):
        return _first_factor(facts)
    if _refused_by_risk(facts):
        return Refuse(Reason.RISK_BLOCKED)
    refusal = _refused_by_status(facts)
    if refusal is not None:
        return Refuse(refusal)
    if facts.status is Status.FORCE_CHANGE_PASSWORD and Done.NEW_PASSWORD not in facts.done:
        return Ask("NEW_PASSWORD_REQUIRED")
    return (_step_up(facts) if facts.targets else None) or _with_device(facts, _second_factor(facts))


def is_first(step: Ask) -> bool:
    """Whether this asks for the first factor of a sign-in by choice: what is asked for then can be chosen."""
    return step.challenge in {SELECT, *first_factors.CHALLENGES} and step.challenge in {SELECT, *step.choices}


def first_choices(facts: Facts) -> tuple[str, ...]:
    """The challenges that this user may begin a sign-in by choice with, whether or not he is enabled."""
    return first_factors.usable(facts, needs_second=needs_second(facts))


def still_needed(facts: Facts) -> step_up.Need | None:
    """What the level that is asked for still needs; None where the user can reach none of those."""
    return step_up.need(facts, first_choices(facts), active_factors(facts))


def reachable(facts: Facts) -> int | None:
    """The level, of those that are asked for, that this user would reach."""
    return step_up.reachable(facts, first_choices(facts), active_factors(facts))


def needs_second(facts: Facts) -> bool:
    """Whether one factor is not enough for this user."""
    return facts.pool_mfa == "ON" or bool(active_factors(facts))


def active_factors(facts: Facts) -> tuple[Done, ...]:
    """Second factors that this user has and this pool allows; nothing when the pool's MFA is off."""
    if facts.pool_mfa == "OFF":
        return ()
    has = {
        Done.TOTP: facts.factors.totp,
        Done.SMS: facts.has_phone and (facts.factors.sms or _is_implied(facts, Done.SMS)),
        Done.EMAIL: facts.has_email and (facts.factors.email or _is_implied(facts, Done.EMAIL)),
    }
    return tuple(factor for factor in SECOND if factor in facts.pool_factors and has[factor])


def active_challenges(facts: Facts) -> tuple[str, ...]:
    """The challenges of the second factors that this user may take now, where one is asked for."""
    step = _second_factor(facts)
    asks = isinstance(step, Ask) and step.challenge in {"SELECT_MFA_TYPE", *_CHALLENGE.values()}
    return tuple(_CHALLENGE[factor] for factor in active_factors(facts)) if asks else ()


def _is_implied(facts: Facts, factor: Done) -> bool:
    """
    Where MFA is required, by the pool or by the risk, a contact is a factor without being switched on.

    It stays so only while the user has set nothing up himself, else a stronger factor could be sidestepped.
    """
    chosen = facts.factors.totp or facts.factors.sms or facts.factors.email
    required = facts.pool_mfa == "ON" or facts.risk in _CHALLENGES
    return required and not chosen and factor in facts.pool_factors


def _refused_by_risk(facts: Facts) -> bool:
    """
    Whether threat protection ends the sign-in.

    So it does where the risk requires a second factor and the user has none: whoever is to be kept out would set one
    up as easily as the user (AWS API: AccountTakeoverActionType, MFA_REQUIRED).
    """
    lacks = facts.risk is Action.MFA_REQUIRED and not active_factors(facts)
    return lacks or facts.risk is Action.BLOCK


def _refused_by_status(facts: Facts) -> Reason | None:
    match facts.status:
        case Status.CONFIRMED | Status.EXTERNAL_PROVIDER:
            return None
        case Status.FORCE_CHANGE_PASSWORD:
            return Reason.TEMP_PASSWORD_EXPIRED if facts.temporary_expired else None
        case Status.UNCONFIRMED:
            return Reason.UNCONFIRMED
        case Status.RESET_REQUIRED:
            return Reason.RESET_REQUIRED


def _first_factor(facts: Facts) -> Step:
    """Without a choice it is the password; whoever has nothing to begin with is told what his status lacks, if that."""
    if Done.CHOICE not in facts.done:
        return Ask("PASSWORD")
    choices = first_choices(facts)
    if not choices:
        return Refuse(_refused_by_status(facts) or Reason.NO_FIRST_FACTOR)
    return (_step_up(facts) if facts.targets else None) or _choose(facts, choices)


def _choose(facts: Facts, choices: tuple[str, ...]) -> Ask:
    if facts.preferred in choices:
        return Ask(facts.preferred, choices)
    return Ask(choices[0] if len(choices) == 1 else SELECT, choices)


def _step_up(facts: Facts) -> Step | None:
    """What the level that is asked for still needs; None once it is reached, and what the pool wants may follow."""
    needed = still_needed(facts)
    if needed is None:
        return Refuse(Reason.CHALLENGE_NOT_OFFERED)
    if needed.first:
        return _choose(facts, tuple(each for each in first_choices(facts) if each in needed.first))
    return _one_of(facts, tuple(f for f in active_factors(facts) if f in needed.second)) if needed.second else None


def _with_device(facts: Facts, step: Step) -> Step:
    """
    A remembered device proves itself at the end of each sign-in; where the pool says so, in place of a code.

    Nothing replaces setting up a factor that the pool requires, nor a code that a risk asks for.
    """
    asks_code = isinstance(step, Ask) and step.challenge != "MFA_SETUP" and facts.risk not in _CHALLENGES
    if not facts.device_proves or not (isinstance(step, Signed) or (asks_code and facts.device_replaces_mfa)):
        return step
    if Done.DEVICE not in facts.done:
        return Ask(DEVICE_ASK)
    return _signed(facts)


def _second_factor(facts: Facts) -> Step:
    if facts.pool_mfa == "OFF" or facts.done & {*SECOND, Done.MFA_SETUP} or first_factors.is_two_factors(facts):
        return _signed(facts)
    active = active_factors(facts)
    if not active:
        if facts.pool_mfa == "OPTIONAL":
            return _signed(facts)
        return Ask("MFA_SETUP", tuple(_CHALLENGE[f] for f in SECOND if f in facts.pool_factors))
    return _one_of(facts, active)


def _one_of(facts: Facts, active: tuple[Done, ...]) -> Ask:
    if len(active) == 1:
        return Ask(_CHALLENGE[active[0]])
    preferred = next((f for f in active if _CHALLENGE[f] == facts.factors.preferred), None)
    if preferred is not None:
        return Ask(_CHALLENGE[preferred])
    return Ask("SELECT_MFA_TYPE", tuple(_CHALLENGE[f] for f in active))


def _signed(facts: Facts) -> Signed:
    return Signed(tuple(dict.fromkeys(name for step, name in _AMR if step in facts.done)))
