"""The kinds of columns that tables have: TEXT, BIGINT, BOOLEAN and BYTES, on which both engines agree."""

from sqlalchemy import BigInteger, Boolean, Column, Identity, Integer, LargeBinary, Text


def text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=null)


def number(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=key, nullable=null, autoincrement=False)


def serial(name: str) -> Column[int]:
    """A key that the database gives, in the order of creation."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def blob(name: str, *, key: bool = False, null: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, primary_key=key, nullable=null)
