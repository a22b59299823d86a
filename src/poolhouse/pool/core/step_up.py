"""
Step-up: the level that a sign-in by choice is asked to reach (AWS API: InitiateAuth, TARGET_ACR_VALUES).

What satisfies a level is fixed (developer guide, "Authentication levels with ACR and AMR claims"):

    1  a password                              3  a passkey; or a password and a code by SMS or e-mail
    2  a code by SMS or e-mail, and no more    4  a password and a code of an authenticator app
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec

from poolhouse.pool.core.first_factors import EMAIL_OTP, PASSKEYS, PASSWORD, PASSWORD_SRP, SMS_OTP, WEB_AUTHN
from poolhouse.pool.model.sign_in import Done, Facts

_PASSWORDS: Final = frozenset({PASSWORD, PASSWORD_SRP})
_CODES: Final = frozenset({Done.SMS, Done.EMAIL})
_FIRST_CODES: Final = frozenset({Done.FIRST_SMS, Done.FIRST_EMAIL})
_NAMES: Final = frozenset({"pwd", "otp", "sms", "email_otp", "swk", "hwk"})
_ALONE: Final = {"sms": Done.FIRST_SMS, "email_otp": Done.FIRST_EMAIL}


class Need(msgspec.Struct, frozen=True):
    """What is still to be proved: one of these first factors or, where none is named, one of these second ones."""

    first: frozenset[str] = frozenset()
    second: frozenset[Done] = frozenset()


MET: Final = Need()


def targets(text: str, names: Mapping[int, str]) -> tuple[int, ...]:
    """The levels that are asked for by their *names*, in their order; a value that names none is passed over."""
    known = {name: level for level, name in names.items()}
    return tuple(dict.fromkeys(known[each] for each in text.split() if each in known))


def level(proved: Collection[str]) -> int:
    """The highest level that a sign-in by *proved* (``Grant.amr``) satisfies; 0 for none."""
    has = set(proved)
    code = bool(has & {"sms", "email_otp"})
    if "pwd" in has and "otp" in has:
        return 4
    if has & {"swk", "hwk"} or ("pwd" in has and code):
        return 3
    return 2 if code else int("pwd" in has)


def amr(proved: Iterable[str]) -> list[str]:
    """The ``amr`` claim by the service's names, and ``mfa`` for two factors or more."""
    names = [each for each in dict.fromkeys(proved) if each in _NAMES]
    return [*names, "mfa"] if len(names) > 1 else names


def credit(proved: Collection[str]) -> frozenset[Done]:
    """What a former sign-in has proved, for one that steps up from it; a code without a password was the first."""
    known = {each for each in proved if each in _NAMES}
    return frozenset(Done(each) if "pwd" in known else _ALONE.get(each, Done(each)) for each in known)


def need(facts: Facts, offered: Collection[str], active: Collection[Done]) -> Need | None:
    """
    What the first of the levels that this user can reach still needs; None where he can reach none of them.

    *offered* are the first factors that he may use, *active* his second ones.
    """
    return next((found for each in facts.targets if (found := _need(each, facts, offered, active)) is not None), None)


def reachable(facts: Facts, offered: Collection[str], active: Collection[Done]) -> int | None:
    """The first of the levels asked for that this user can reach."""
    return next((each for each in facts.targets if _need(each, facts, offered, active) is not None), None)


def _need(wanted: int, facts: Facts, offered: Collection[str], active: Collection[Done]) -> Need | None:
    done, may = facts.done, frozenset(offered)
    if wanted == 2:
        return MET if done & _FIRST_CODES else _first(may & {EMAIL_OTP, SMS_OTP})
    if wanted == 1:
        return MET if Done.PASSWORD in done else _first(may & _PASSWORDS)
    kinds = frozenset({Done.TOTP}) if wanted == 4 else _CODES
    by_password = _by_password(done, may, kinds, kinds & frozenset(active))
    if wanted == 4:
        return by_password
    if done & PASSKEYS:
        return MET
    if by_password is not None and Done.PASSWORD in done:
        return by_password
    return _first((by_password.first if by_password is not None else frozenset()) | (may & {WEB_AUTHN}))


def _by_password(
    done: frozenset[Done], may: frozenset[str], kinds: frozenset[Done], held: frozenset[Done]
) -> Need | None:
    """The password first, then one of the factors *held* of these *kinds*."""
    proved = bool(done & (kinds | _FIRST_CODES if Done.SMS in kinds else kinds))
    if not (held or proved):
        return None
    if Done.PASSWORD not in done:
        return _first(may & _PASSWORDS)
    return MET if proved else Need(second=held)


def _first(choices: frozenset[str]) -> Need | None:
    return Need(first=choices) if choices else None
