"""Who may make personal tokens, and for how long they are good: Admin Settings > Tokens."""

from typing import Annotated

import msgspec
from msgspec import Meta

LONGEST_DAYS = 3650


class TokenRules(msgspec.Struct, frozen=True, kw_only=True):
    """Turned off, nobody can make one, and those that there are open nothing."""

    is_personal_allowed: Annotated[
        bool,
        Meta(
            title="Personal tokens",
            description="People may make tokens for programs that call apps in their name. While this is off, the"
            " tokens that there are open nothing.",
        ),
    ] = True
    longest_days: Annotated[
        int,
        Meta(
            title="Longest life",
            description=f"The most days for which a new personal token can be made, from 1 to {LONGEST_DAYS}.",
        ),
    ] = 90


def check(rules: TokenRules) -> dict[str, str]:
    """What is wrong, by field name."""
    if not 1 <= rules.longest_days <= LONGEST_DAYS:
        return {"longest_days": f"Give a number of days from 1 to {LONGEST_DAYS}."}
    return {}
