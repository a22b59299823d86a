"""
Which attributes an app client may write. (Reading is ``core.tokens.readable``: tokens and answers share it.)

The flags that say an address is verified are never a client's: a user who could set them would own any address
(CVE-2026-27946 was exactly this).
"""

from collections.abc import Iterable, Sequence
from typing import Final

from poolhouse.pool.core.attributes.schema import FLAGS, STANDARD_NAMES, Schema, by_name
from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.spec.errors import Reason

NEVER_WRITABLE: Final = FLAGS | {"sub", "identities"}


def writable(schema: Schema, write_attributes: Sequence[str] | None) -> frozenset[str]:
    """
    The attributes that a client may write.

    Without a list of its own it writes the standard ones, not custom ones (AWS API: CreateUserPoolClient).
    """
    allowed = STANDARD_NAMES if write_attributes is None else frozenset(write_attributes)
    return frozenset(
        name
        for name, attribute in by_name(schema).items()
        if name in allowed and name not in NEVER_WRITABLE and not attribute.developer_only_attribute
    )


def check_client_write(schema: Schema, write_attributes: Sequence[str] | None, names: Iterable[str]) -> Refusal | None:
    """
    Refuse a client that writes what it may not.

    A name that the schema does not know passes here: ``values`` says that it does not exist.
    """
    known = by_name(schema).keys() | NEVER_WRITABLE
    allowed = writable(schema, write_attributes)
    if any(name in known and name not in allowed for name in names):
        return refused(Reason.ATTRIBUTE_NOT_WRITABLE)
    return None
