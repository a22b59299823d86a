"""
From a row of the file to a user: which columns there must be, which values, and what is wrong with the others.

Nothing of a value is repeated in a problem: problems are logged, and values are people's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

import msgspec

from poolhouse.pool.core.attributes import usernames, values
from poolhouse.pool.core.attributes.formats import is_boolean
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import Factors, Status
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.scalars import scalar

USERNAME: Final = "cognito:username"
MFA: Final = "cognito:mfa_enabled"
HASH: Final = "cognito:password_hash"
"""
Ours: the API names the algorithm of the hashes, and no document says which column has them.
"""
ALGORITHMS: Final = ("BCRYPT", "SCRYPT", "ARGON2ID", "PBKDF2_SHA256")
_BIRTHDATE: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_LONGEST_HASH: Final = 1_024
_SMS: Final = "SMS_MFA"
_EMAIL: Final = "EMAIL_OTP"


class NewUser(msgspec.Struct, frozen=True):
    """
    A user that a row describes.

    *given* is the row's user name; *username* what is stored, None where the service makes it.  *password_hash* is
    another system's, and None leaves the user to choose a password.
    """

    given: str
    username: str | None
    attributes: dict[str, str]
    factors: Factors
    password_hash: str | None

    @property
    def status(self) -> Status:
        return Status.RESET_REQUIRED if self.password_hash is None else Status.CONFIRMED


def header(pool: Pool) -> tuple[str, ...]:
    """The columns of a file (AWS API: GetCSVHeader): what an import may set, in the order of the schema."""
    names = (
        str(attribute.name)
        for attribute in pool.settings.schema_attributes or ()
        if attribute.name != "sub" and not attribute.developer_only_attribute
    )
    return (*names, MFA, USERNAME)


def check_header(pool: Pool, columns: Sequence[str], *, with_hashes: bool) -> str | None:
    """What is wrong with a file's header: all columns must be there, once, in any order."""
    wanted = {*header(pool), *((HASH,) if with_hashes else ())}
    if len(set(columns)) < len(columns):
        return "The header has a column twice."
    missing = sorted(wanted - set(columns))
    if missing:
        return f"The header lacks {len(missing)} of the columns of the user pool: {', '.join(missing[:5])}."
    if set(columns) - wanted:
        return f"The header has {len(set(columns) - wanted)} columns that the user pool does not have."
    return None


def needs_contact(pool: Pool) -> tuple[str, ...]:
    """The contacts of which every imported user must have a verified one, so that a code can reach him."""
    return tuple(pool.settings.auto_verified_attributes or ())


def read_row(
    pool: Pool,
    columns: Sequence[str],
    row: Sequence[str],
    *,
    is_hash: Callable[[str], bool] | None,
) -> NewUser | str:
    """The user that *row* describes, or what is wrong with it.  *is_hash* tells whether a text is a fair hash."""
    if len(row) != len(columns):
        return f"The row has {len(row)} columns and the header has {len(columns)}."
    named = dict(zip(columns, row, strict=True))
    given, mfa, encoded = named.pop(USERNAME), named.pop(MFA), named.pop(HASH, "")
    problem = _check_username(given) or _birthdate(named) or _check_hash(encoded, is_hash)
    if problem:
        return problem
    accepted = _attributes(pool, given, named)
    if isinstance(accepted, str):
        return accepted
    username, attributes = accepted
    factors = _factors(pool, mfa, attributes)
    if isinstance(factors, str):
        return factors
    return NewUser(given, username, attributes, factors, encoded or None)


def _check_username(given: str) -> str | None:
    if not given:
        return f"{USERNAME} is required."
    return None if _username()(given) else f"{USERNAME} is not a valid user name."


def _attributes(pool: Pool, given: str, named: Mapping[str, str]) -> tuple[str | None, dict[str, str]] | str:
    stated = {name: value for name, value in named.items() if value}
    # An imported user counts as confirmed: his preferred user name is an alias at once.
    preferred = stated.pop(usernames.PREFERRED, "")
    chosen = usernames.new_username(pool, given, stated)
    if isinstance(chosen, Refusal):
        return chosen.message
    wanted = {**chosen.attributes, usernames.PREFERRED: preferred}
    accepted = values.accept_new(pool.settings.schema_attributes or (), wanted, require=True)
    if isinstance(accepted, Refusal):
        return accepted.message
    contacts = needs_contact(pool)
    if not any(accepted.get(each) and accepted.get(f"{each}_verified") == "true" for each in contacts):
        return f"A verified contact is required: {' or '.join(contacts)}, with its flag TRUE."
    return chosen.username, accepted


def _birthdate(named: dict[str, str]) -> str | None:
    """The file writes mm/dd/yyyy, the attribute is YYYY-MM-DD."""
    written = named.get("birthdate")
    if not written:
        return None
    found = _BIRTHDATE.fullmatch(written)
    if found is None:
        return "birthdate: The value must be a date (mm/dd/yyyy)"
    month, day, year = found.groups()
    named["birthdate"] = f"{year}-{month}-{day}"
    return None


def _check_hash(encoded: str, is_hash: Callable[[str], bool] | None) -> str | None:
    if not encoded:
        return None
    if is_hash is None or len(encoded) > _LONGEST_HASH or not is_hash(encoded):
        return f"{HASH} is not a hash of the job's algorithm, or one that would cost too much to check."
    return None


def _factors(pool: Pool, written: str, attributes: Mapping[str, str]) -> Factors | str:
    """The second factor that ``cognito:mfa_enabled`` switches on: one that the pool has and the user can receive."""
    mode = pool.mfa.mfa_configuration or "OFF"
    is_on = written.lower() == "true"
    if not is_boolean(written):
        return f"{MFA} must be true or false."
    if mode != "OPTIONAL" and is_on != (mode == "ON"):
        return f"{MFA} must be {str(not is_on).lower()}: the user pool has MFA {mode}."
    if not is_on:
        return Factors()
    if pool.mfa.sms_mfa_configuration is not None and attributes.get("phone_number"):
        return Factors(sms=True, preferred=_SMS)
    if pool.mfa.email_mfa_configuration is not None and attributes.get("email"):
        return Factors(email=True, preferred=_EMAIL)
    # Where MFA is required the user sets up an authenticator app at the first sign-in.
    return Factors() if mode == "ON" else f"{MFA} is true, and the user has no phone number or email address for it."


@cache
def _username() -> Callable[[str], bool]:
    accepts: Callable[[str], bool] = scalar(contract().shapes["UsernameType"]).accepts
    return accepts
