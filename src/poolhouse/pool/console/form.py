"""
What was filled in.

A form has names with one value or more.  Blanks around a value are a pasted line's, not the value's: they are taken
off, and said (``trimmed``).  Passwords and texts of several lines keep what was typed.
"""

from collections.abc import Mapping

import msgspec

from poolhouse.kit import forms

MAX_FIELDS = 2_000
Problems = dict[str, str]
"""Sentences by the name of the field that they stand beside; ``""`` is the form as a whole."""

VERBATIM = frozenset(
    {
        "password", "csrf", "email_message", "email_message_by_link", "sms_message", "mfa_email_message",
        "mfa_sms_message", "description", "operations", "pools", "jwks",
        "form0", "form1", "form2", "form3", "form4", "form5", "text",
        "json", "css", "d_client_secret", "d_private_key", "d_MetadataFile",
    }
)  # fmt: skip
_SAID = 3


class Form(msgspec.Struct, frozen=True):
    """The values of each name, in order."""

    values: Mapping[str, tuple[str, ...]] = {}

    def text(self, name: str, default: str = "") -> str:
        """The first value without blanks around it; *default* where the name is missing."""
        found = self.values.get(name)
        return found[0].strip() if found else default

    def verbatim(self, name: str) -> str:
        """The first value as it was typed, with one kind of line end."""
        found = self.values.get(name)
        return found[0].replace("\r\n", "\n") if found else ""

    def column(self, name: str) -> tuple[str, ...]:
        """All values, empty ones too: the rows of a table of inputs."""
        return tuple(value.strip() for value in self.values.get(name, ()))

    def every(self, name: str) -> tuple[str, ...]:
        """All values that are not empty, once each."""
        return tuple(dict.fromkeys(value for value in self.column(name) if value))

    def has(self, name: str, value: str = "on") -> bool:
        """Whether a box of that name and value is ticked."""
        return value in self.values.get(name, ())

    def number(self, name: str) -> int | None:
        """A whole number that is not negative; None for anything else."""
        digits = self.text(name)
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None

    def only(self, *names: str) -> "Form":
        """The form without other names."""
        return Form({name: self.values[name] for name in names if name in self.values})


def read(text: str) -> Form:
    """The form in a query or a body; ``FormError`` when it is none."""
    return Form({name: tuple(values) for name, values in forms.multi(text, MAX_FIELDS).items()})


def of(**values: object) -> Form:
    """A form as it would be filled in: True is a ticked box, None and False are nothing, a sequence is several."""
    filled: dict[str, tuple[str, ...]] = {}
    for name, value in values.items():
        match value:
            case None | False:
                continue
            case True:
                filled[name] = ("on",)
            case str() | int():
                filled[name] = (str(value),)
            case list() | tuple():
                filled[name] = tuple(str(each) for each in value)
            case _:
                raise TypeError(name)
    return Form(filled)


def merged(*forms_: Form) -> Form:
    """One form of several; a later one wins."""
    values: dict[str, tuple[str, ...]] = {}
    for each in forms_:
        values.update(each.values)
    return Form(values)


def trimmed(form: Form) -> tuple[str, ...]:
    """The values that lost blanks, as they are now."""
    return tuple(
        value.strip()
        for name, values in form.values.items()
        if name not in VERBATIM
        for value in values
        if value != value.strip() and value.strip()
    )


def said_trimmed(form: Form) -> str:
    """The sentence about blanks that were taken off; empty when there were none."""
    values = trimmed(form)
    if not values:
        return ""
    shown = ", ".join(values[:_SAID])
    more = f" and {len(values) - _SAID} more" if len(values) > _SAID else ""
    return f"Blanks around {shown}{more} were removed."


def row_problems(problems: Problems, name: str) -> dict[int, str]:
    """The problems of numbered rows: ``tag:0`` as ``0``."""
    return {int(field.partition(":")[2]): text for field, text in problems.items() if field.startswith(f"{name}:")}
