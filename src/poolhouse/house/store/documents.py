"""
The versions of the settings.

A version is never changed: saving writes the next one, and two that save at once cannot both write it.  Sign-ins
that began under an older version are finished by it.  Its secrets, wherever in the document they are, are sealed to
the version and stand apart from it.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import BigInteger, bindparam, func, insert, select

from poolhouse.house.model import Document
from poolhouse.house.provider import FIRST
from poolhouse.house.tables import settings_versions as v
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.kit.seal import KeyRing, SealBroken

CHANNEL = "house_settings"
_PURPOSE = "house settings secrets"
_PURPOSE_OF_ONE = "house client secret"
"""Versions of the first releases had one secret, sealed as it is."""

_NEWEST = compile_statement(select(v.c.version, v.c.document, v.c.sealed_secret).order_by(v.c.version.desc()).limit(1))
_FIND = compile_statement(
    select(v.c.version, v.c.document, v.c.sealed_secret).where(v.c.version == bindparam("version", type_=BigInteger))
)
_NEWEST_VERSION = compile_statement(select(func.max(v.c.version)))
_VERSIONS = compile_statement(
    select(v.c.version, v.c.saved_at, v.c.saved_by)
    .where(v.c.version < bindparam("before", type_=BigInteger))
    .order_by(v.c.version.desc())
    .limit(bindparam("most", type_=BigInteger))
)
_PUT = compile_statement(insert(v))


async def newest_version(tx: ReadTx) -> int:
    """The number of the live version; 0 before anything was saved."""
    row = await tx.one(_NEWEST_VERSION)
    return int(row[0]) if row and row[0] is not None else 0


async def newest_document(tx: ReadTx, ring: KeyRing) -> Document:
    """The live version; before anything was saved, the defaults as version 0."""
    row = await tx.one(_NEWEST)
    return _read(row, ring) if row else Document(version=0)


async def find_document(tx: ReadTx, ring: KeyRing, version: int) -> Document | None:
    if version == 0:
        return Document(version=0)
    row = await tx.one(_FIND, version=version)
    return _read(row, ring) if row else None


class VersionLine(msgspec.Struct, frozen=True):
    """A version in the list of them."""

    version: int
    saved_at: Epoch
    saved_by: str


async def list_versions(tx: ReadTx, *, before: int, most: int) -> list[VersionLine]:
    """The newest first, of those below *before*."""
    return [VersionLine(*row) for row in await tx.all(_VERSIONS, before=before, most=most)]


async def put_document(tx: Tx, ring: KeyRing, document: Document, *, now: Epoch, by: str) -> None:
    """Store the next version and tell every replica.  ``UniqueViolation`` when somebody else was faster."""
    plain = msgspec.to_builtins(document)
    secrets = _take_secrets(plain)
    sealed = None
    if any(secrets):
        sealed = ring.seal(msgspec.json.encode(secrets), purpose=_PURPOSE, row=str(document.version))
    await tx.run(
        _PUT,
        version=document.version,
        document=msgspec.json.encode(plain).decode(),
        sealed_secret=sealed,
        saved_at=now,
        saved_by=by,
    )
    tx.announce(CHANNEL, str(document.version))


def _take_secrets(plain: Any) -> list[str]:
    """The secrets in *plain*, in its order; each place is left empty."""
    taken = []
    for place in _places(plain):
        taken.append(place["_value"])
        place["_value"] = ""
    return taken


def _places(plain: Any) -> Iterator[dict[str, str]]:
    """Every ``Secret`` of a document made of plain values, in the order of its fields."""
    if isinstance(plain, dict):
        if plain.keys() == {"_value"}:
            yield plain
            return
        plain = plain.values()
    elif not isinstance(plain, list | tuple):
        return
    for each in plain:
        yield from _places(each)


def _read(row: tuple[int, str, bytes | None], ring: KeyRing) -> Document:
    plain = msgspec.json.decode(row[1])
    if row[2] is not None:
        _put_secrets(plain, row[2], ring, row[0])
    return msgspec.convert(_of_today(plain), Document)


def _of_today(plain: dict[str, Any]) -> dict[str, Any]:
    """Versions of the first releases had one provider, under the name ``oidc``."""
    only = plain.pop("oidc", None)
    if only is not None:
        plain["providers"] = [{"id": FIRST, "settings": only}]
    return plain


def _put_secrets(plain: dict[str, Any], sealed: bytes, ring: KeyRing, version: int) -> None:
    try:
        secrets = msgspec.json.decode(ring.open(sealed, purpose=_PURPOSE, row=str(version)), type=list[str])
        places = _places(plain)
    except SealBroken:
        secrets = [ring.open(sealed, purpose=_PURPOSE_OF_ONE, row=str(version)).decode()]
        places = _places(plain.get("oidc"))
    for place, secret in zip(places, secrets, strict=True):
        place["_value"] = secret
