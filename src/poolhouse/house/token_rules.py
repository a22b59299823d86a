"""Admin Settings > Tokens: who may make personal tokens, and for how long they are good."""

import msgspec

LONGEST_DAYS = 3650


class TokenRules(msgspec.Struct, frozen=True, kw_only=True):
    """Turned off, nobody can make one, and those that there are open nothing."""

    is_personal_allowed: bool = True
    longest_days: int = 90
