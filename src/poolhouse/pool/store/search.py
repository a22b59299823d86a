"""ListUsers: one condition, a page at a time, in the order of usernames."""

from sqlalchemy import Boolean, ColumnElement, Text, bindparam

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.db.statement import Statement, compile_statement
from poolhouse.pool.model.user import User
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT
from poolhouse.pool.store.users import USER

_u = t.users.c
_AFTER = bindparam("after", type_=Text)
_SEARCHED = {
    "username": _u.username,
    "sub": _u.sub,
    "cognito:user_status": _u.status,
    "email": _u.email,
    "phone_number": _u.phone_number,
    "name": _u.name,
    "given_name": _u.given_name,
    "family_name": _u.family_name,
    "preferred_username": _u.preferred_username,
}
ENABLED = "status"
"""The filter's name for the flag; its values are ``Enabled`` and ``Disabled``."""
SEARCHABLE = frozenset({*_SEARCHED, ENABLED})


def _page(*conditions: ColumnElement[bool]) -> Statement:
    return compile_statement(
        USER.select(_u.pool_id == bindparam("pool_id"), _u.username > _AFTER, *conditions)
        .order_by(_u.username)
        .limit(LIMIT)
    )


_ALL = _page()
_EQUAL = {name: _page(column == bindparam("value", type_=Text)) for name, column in _SEARCHED.items()}
# A range of the index: LIKE would need the collation's help, and its wildcards escaping.
_PREFIX = {
    name: _page(column >= bindparam("low", type_=Text), column < bindparam("high", type_=Text))
    for name, column in _SEARCHED.items()
}
_IS_ENABLED = _page(_u.enabled == bindparam("value", type_=Boolean))
_LAST = "\U0010ffff"


async def list_users(
    tx: ReadTx,
    pool_id: str,
    *,
    attribute: str | None = None,
    prefix: bool = False,
    value: str = "",
    after: str = "",
    limit: int,
) -> list[User]:
    """
    A page of at most *limit* users after the username *after*.

    *attribute* is one of ``SEARCHABLE``, or None for all users; for ``status`` the two words are compared.
    """
    page = {"pool_id": pool_id, "after": after, "limit": limit}
    if attribute is None:
        return await USER.all(tx, _ALL, **page)
    if attribute == ENABLED:
        matching = [
            flag
            for flag, word in ((True, "enabled"), (False, "disabled"))
            if (word.startswith(value.lower()) if prefix else word == value.lower())
        ]
        if len(matching) == 2:
            return await USER.all(tx, _ALL, **page)
        return await USER.all(tx, _IS_ENABLED, **page, value=matching[0]) if matching else []
    if prefix:
        return await USER.all(tx, _PREFIX[attribute], **page, low=value, high=value + _LAST)
    return await USER.all(tx, _EQUAL[attribute], **page, value=value)
