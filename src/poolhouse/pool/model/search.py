"""What is looked for in a list of users."""

from typing import Final, Literal

import msgspec

STATUS: Final = "cognito:user_status"
Operator = Literal["=", "^=", "*="]


class Filter(msgspec.Struct, frozen=True):
    """One condition on *attribute*: equality, a beginning (``^=``), or, in any case, a part (``*=``)."""

    attribute: str
    value: str
    operator: Operator = "="

    def holds(self, value: str | None) -> bool:
        """Whether a user's *value* satisfies this; no value satisfies nothing."""
        if value is None:
            return False
        match self.operator:
            case "=":
                return value == self.value
            case "^=":
                return value.startswith(self.value)
            case "*=":
                return self.value.casefold() in value.casefold()
