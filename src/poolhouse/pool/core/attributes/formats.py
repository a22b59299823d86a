"""What addresses, dates and numbers look like. Every function takes any text."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

_LONGEST_EMAIL: Final = 254  # RFC 5321 §4.5.3.1.3
# RFC 5322's dot-atom, with letters of any script (RFC 6531). Nothing that could end a mail header or an address.
_ATOM: Final = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
_E164: Final = re.compile(r"\+[1-9][0-9]{1,14}")
_BIRTHDATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NUMBER: Final = re.compile(r"-?[0-9]{1,309}(\.[0-9]{1,309})?")


def is_email(text: str) -> bool:
    """Tell whether *text* is an address as the service takes it: a dot-atom and a domain of two labels or more."""
    local, _, _ = text.partition("@")
    return len(text) <= _LONGEST_EMAIL and len(local) <= 64 and _EMAIL.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """
    Tell whether *text* is a number in E.164 form that its country can have.

    Possible, not assigned: numbering plans change, and tests use numbers that nobody has.
    """
    if not _E164.fullmatch(text):
        return False
    # The metadata of all countries takes 60 ms to load; a pool without phone numbers never needs it.
    import phonenumbers  # noqa: PLC0415

    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(text)))
    except phonenumbers.NumberParseException:
        return False


def is_birthdate(text: str) -> bool:
    """YYYY-MM-DD; the year 0000 says that it is not told (OIDC Core §5.1)."""
    match = _BIRTHDATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = (int(part) for part in match.groups())
    try:
        date(year or 4, month, day)  # a leap year: 0000-02-29 is a birthday
    except ValueError:
        return False
    return True


def is_datetime(text: str) -> bool:
    """ISO 8601, a date or a date with a time."""
    if not text.isascii():
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_boolean(text: str) -> bool:
    """The words true and false in any case: command lines send ``True``."""
    return text.lower() in {"true", "false"}


def number_of(text: str) -> Decimal | None:
    """The number that *text* is, None when it is none. No exponents: 1e999999999 is three bytes and a long wait."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None
