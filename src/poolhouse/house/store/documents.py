"""
The versions of the settings.

A version is never changed: saving writes the next one, and two that save at once cannot both write it.  Sign-ins
that began under an older version are finished by it.  The client secret is sealed to its version.
"""

import msgspec
from sqlalchemy import BigInteger, bindparam, func, insert, select

from poolhouse.house.model import Document
from poolhouse.house.tables import settings_versions as v
from poolhouse.kit.ambient import Epoch, Secret
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.kit.seal import KeyRing

CHANNEL = "house_settings"
_PURPOSE = "house client secret"
_EMPTY = Secret("")

_NEWEST = compile_statement(select(v.c.version, v.c.document, v.c.sealed_secret).order_by(v.c.version.desc()).limit(1))
_FIND = compile_statement(
    select(v.c.version, v.c.document, v.c.sealed_secret).where(v.c.version == bindparam("version", type_=BigInteger))
)
_NEWEST_VERSION = compile_statement(select(func.max(v.c.version)))
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


async def put_document(tx: Tx, ring: KeyRing, document: Document, *, now: Epoch, by: str) -> None:
    """Store the next version and tell every replica.  ``UniqueViolation`` when somebody else was faster."""
    sealed = None
    if document.oidc is not None:
        secret = document.oidc.client_secret.reveal().encode()
        sealed = ring.seal(secret, purpose=_PURPOSE, row=str(document.version))
    await tx.run(
        _PUT,
        version=document.version,
        document=msgspec.json.encode(_without_secret(document)).decode(),
        sealed_secret=sealed,
        saved_at=now,
        saved_by=by,
    )
    tx.announce(CHANNEL, str(document.version))


def _without_secret(document: Document) -> Document:
    if document.oidc is None:
        return document
    return msgspec.structs.replace(document, oidc=msgspec.structs.replace(document.oidc, client_secret=_EMPTY))


def _read(row: tuple[int, str, bytes | None], ring: KeyRing) -> Document:
    document = msgspec.json.decode(row[1], type=Document)
    if document.oidc is None or row[2] is None:
        return document
    secret = ring.open(row[2], purpose=_PURPOSE, row=str(row[0])).decode()
    return msgspec.structs.replace(document, oidc=msgspec.structs.replace(document.oidc, client_secret=Secret(secret)))
