"""What a new password must have: told as a list, checked while it is typed where there is script."""

from typing import Final

import msgspec

from poolhouse.pool.core.password import SYMBOLS, violations
from poolhouse.pool.flows.credentials import policy_of
from poolhouse.pool.languages.voice import N_, Voice
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.errors import Reason

_TEXTS: Final = (
    ("require_lowercase", "lower", N_("A lower-case letter")),
    ("require_uppercase", "upper", N_("An upper-case letter")),
    ("require_numbers", "digit", N_("A number")),
    ("require_symbols", "symbol", N_("A symbol")),
)
OF_PASSWORD: Final = frozenset(
    {
        Reason.PASSWORD_TOO_SHORT, Reason.PASSWORD_NEEDS_LOWERCASE, Reason.PASSWORD_NEEDS_UPPERCASE,
        Reason.PASSWORD_NEEDS_NUMBER, Reason.PASSWORD_NEEDS_SYMBOL, Reason.PASSWORD_REQUIRED,
        Reason.PASSWORD_COMPROMISED, Reason.PASSWORD_USED_BEFORE,
    }
)  # fmt: skip
"""Refusals that belong beside the password."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One thing; ``kind`` and ``value`` say to a script how it is checked."""

    kind: str
    value: str
    text: str


def rules_of(pool: Pool, voice: Voice) -> tuple[Rule, ...]:
    """The pool's policy."""
    policy = policy_of(pool)
    least = policy.minimum_length or 1
    length = voice.say_many("At least %(n)s character", "At least %(n)s characters", least)
    return (
        Rule(kind="length", value=str(least), text=length),
        *(
            Rule(kind=kind, value="".join(sorted(SYMBOLS)) if kind == "symbol" else "", text=voice.say(text))
            for name, kind, text in _TEXTS
            if getattr(policy, name)
        ),
    )


def password_fault(pool: Pool, voice: Voice, password: str) -> str:
    """What is wrong with a password by the policy; ``""`` if nothing is."""
    lacking = violations(policy_of(pool), password)
    return voice.refusal(lacking[0], {}) if lacking else ""
