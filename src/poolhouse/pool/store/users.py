"""
Users, and the aliases by which they are found.

Rows are kept in the order of creation, and so are their indexes where values are equal: whoever adds many users to many
writes at the end of most of them.  The unique one of names is by name as the pool compares it; a name letter for letter
is looked for under the two keys that it can have.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Column, Text, bindparam, column, delete, select, text, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import Members, Statement, compile_pair, compile_statement, one_of
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record

ALIASES = ("email", "phone_number", "preferred_username")
FILLED = (t.users, t.aliases)
"""The tables that ``put_users`` fills."""
_SEARCHED = ("email", "phone_number", "name", "given_name", "family_name", "preferred_username")

USER = Record(t.users, User, keys=("pool_id", "username_key"))
_BY_KEY = compile_statement(
    USER.select(t.users.c.pool_id == bindparam("pool_id"), t.users.c.username_key == bindparam("key"))
)
_BY_SUB = compile_statement(USER.select(t.users.c.pool_id == bindparam("pool_id"), t.users.c.sub == bindparam("sub")))
IS_NAMED = (
    t.users.c.pool_id == bindparam("pool_id"),
    t.users.c.username_key.in_([bindparam("username", type_=Text), bindparam("folded", type_=Text)]),
    t.users.c.username == bindparam("username", type_=Text),
)
"""The user of that name, letter for letter; parameters as ``named`` gives them."""
_NAMED = USER.select(*IS_NAMED)
_FIND = compile_statement(_NAMED)
_HOLD = compile_statement(_NAMED.with_for_update(read=True))
_LOCK = compile_statement(_NAMED.with_for_update())
_DROP = compile_statement(delete(t.users).where(*IS_NAMED))
_STATE = select(t.users.c.sub, t.users.c.enabled, t.users.c.version).where(*IS_NAMED)
_HOLD_STATE = compile_statement(_STATE.with_for_update(read=True))
_LOCK_STATE = compile_statement(_STATE.with_for_update())
_IS_OF_SUB = (t.users.c.pool_id == bindparam("pool_id"), t.users.c.sub == bindparam("sub"))
_NAME_AND_STATE = select(t.users.c.username, t.users.c.enabled).where(*_IS_OF_SUB)
_HOLD_OF_SUB = compile_statement(_NAME_AND_STATE.with_for_update(read=True))
_LOCK_OF_SUB = compile_statement(_NAME_AND_STATE.with_for_update())
_COUNT = compile_statement(
    update(t.user_counts)
    .where(t.user_counts.c.pool_id == bindparam("pool_id"))
    .values(users=t.user_counts.c.users + bindparam("change"))
)
_PUT_ALIAS = compile_statement(
    t.aliases.insert().values(
        pool_id=bindparam("pool_id"),
        kind=bindparam("kind"),
        value=bindparam("value"),
        username=bindparam("username"),
    )
)
_OF_USER: dict[str, Any] = {"pool_id": bindparam("pool_id"), "username": bindparam("username")}
_DROP_ALIASES = compile_statement(
    delete(t.aliases).where(t.aliases.c.pool_id == _OF_USER["pool_id"], t.aliases.c.username == _OF_USER["username"])
)
_HOLDER = compile_statement(
    select(t.aliases.c.username).where(
        t.aliases.c.pool_id == bindparam("pool_id"),
        t.aliases.c.kind == bindparam("kind"),
        t.aliases.c.value == bindparam("value"),
    )
)


def _among(found: Column[str], *given: Column[str], columns: Sequence[Column[Any]] = ()) -> Statement:
    """
    Rows whose value is one of *wanted* in a column that is the last of an index, after the *given* ones.

    They have that column alone, if it is not said which *columns*.

    SQLite is told to go by the list: left to itself it takes the first column of the index, and reads a whole pool.
    """
    table, name = found.table.name, found.name
    shown = columns or [found]
    listed = ", ".join(f"t.{each.name}" for each in shown)
    same = " AND ".join(f"t.{each.name} = :{each.name}" for each in given)
    joined = f"SELECT {listed} FROM json_each(:wanted) AS w CROSS JOIN {table} AS t WHERE {same} AND t.{name} = w.value"  # noqa: S608 (names of ours)
    types = [bindparam(each.name, type_=Text) for each in given]
    return compile_pair(
        for_sqlite=text(joined)
        .bindparams(bindparam("wanted", type_=Members()), *types)
        .columns(*(column(each.name, each.type) for each in shown)),
        for_postgres=select(*shown).where(*(each == bindparam(each.name) for each in given), one_of(found, "wanted")),
    )


_TAKEN_KEYS = _among(t.users.c.username_key, t.users.c.pool_id)
_TAKEN_SUBS = _among(t.users.c.sub, t.users.c.pool_id)
_TAKEN_ALIASES = _among(t.aliases.c.value, t.aliases.c.pool_id, t.aliases.c.kind)
_BY_KEYS = _among(t.users.c.username_key, t.users.c.pool_id, columns=USER.columns())
_DROP_ALIAS = compile_statement(
    delete(t.aliases).where(
        t.aliases.c.pool_id == bindparam("pool_id"),
        t.aliases.c.kind == bindparam("kind"),
        t.aliases.c.value == bindparam("value"),
    )
)
_TOKENS = compile_statement(
    delete(t.refresh_tokens).where(
        t.refresh_tokens.c.grant_id.in_(
            select(t.grants.c.id).where(
                t.grants.c.pool_id == _OF_USER["pool_id"], t.grants.c.username == _OF_USER["username"]
            )
        )
    )
)
_OWNED = (
    _TOKENS,
    *(
        compile_statement(
            delete(table).where(
                table.c.pool_id == _OF_USER["pool_id"], table.c.username == _OF_USER["username"]
            )
        )
        for table in (
            t.grants, t.authorization_codes, t.browser_sessions, t.memberships, t.aliases, t.sent_codes, t.attempts,
            t.linked_identities, t.passkeys, t.devices, t.auth_events, t.session_apps,
        )
    ),
)  # fmt: skip
_CONSENTS = compile_statement(
    delete(t.consents).where(t.consents.c.pool_id == bindparam("pool_id"), t.consents.c.sub == bindparam("sub"))
)


def _columns(pool: Pool, user: User) -> dict[str, object]:
    """
    The searched columns, kept beside the JSON document.

    ``username_key`` is the name as the pool compares it; the others are what ListUsers filters by, folded by the
    same rule where they are aliases or usernames.
    """
    found = {name: user.attributes.get(name) for name in _SEARCHED}
    return {**found, "username_key": pool.key_of(user.username)}


def named(pool_id: str, username: str) -> dict[str, str]:
    """The parameters of ``IS_NAMED``."""
    return {"pool_id": pool_id, "username": username, "folded": username.casefold()}


async def put_user(tx: Tx, pool: Pool, user: User, aliases: dict[str, str]) -> None:
    """
    Insert a user, its aliases (kind to folded value), and count it.

    ``UniqueViolation`` with table "users" when the username is taken, "aliases" when an alias is.
    """
    await USER.put(tx, user, **_columns(pool, user))
    await put_aliases(tx, user, aliases)
    await tx.run(_COUNT, pool_id=user.pool_id, change=1)


async def put_aliases(tx: Tx, user: User, aliases: dict[str, str]) -> None:
    for kind, value in aliases.items():
        await tx.run(_PUT_ALIAS, pool_id=user.pool_id, kind=kind, value=value, username=user.username)


async def put_users(tx: Tx, pool: Pool, found: Sequence[tuple[User, Mapping[str, str]]]) -> None:
    """``put_user`` for many, in a few statements; counted last, since everybody who signs up waits for that row."""
    await tx.run_many(USER.insert, (USER.params(user, **_columns(pool, user)) for user, _ in found))
    held = [
        {"pool_id": pool.id, "kind": kind, "value": value, "username": user.username}
        for user, aliases in found
        for kind, value in aliases.items()
    ]
    if held:
        await tx.run_many(_PUT_ALIAS, held)
    await tx.run(_COUNT, pool_id=pool.id, change=len(found))


async def taken_keys(tx: ReadTx, pool: Pool, keys: Collection[str]) -> set[str]:
    """Which of *keys* (usernames as the pool compares them) are a user's."""
    return {row[0] for row in await tx.all(_TAKEN_KEYS, pool_id=pool.id, wanted=list(keys))}


async def taken_subs(tx: ReadTx, pool: Pool, subs: Collection[str]) -> set[str]:
    return {row[0] for row in await tx.all(_TAKEN_SUBS, pool_id=pool.id, wanted=list(subs))}


async def taken_aliases(tx: ReadTx, pool: Pool, kind: str, values: Collection[str]) -> set[str]:
    """Which of the folded *values* somebody holds as this kind of alias."""
    return {row[0] for row in await tx.all(_TAKEN_ALIASES, pool_id=pool.id, kind=kind, wanted=list(values))}


async def find_by_username(tx: ReadTx, pool: Pool, username: str) -> User | None:
    """By the stored username, compared as the pool compares."""
    return await USER.one(tx, _BY_KEY, pool_id=pool.id, key=pool.key_of(username))


async def hold_user(tx: Tx, pool_id: str, username: str) -> User | None:
    """
    By the stored username, letter for letter; nobody else changes or deletes the user before this unit has ended.

    For units that write what rests on the user: else a token could be written for one who was deleted, disabled or
    signed out everywhere between this look and the commit.
    """
    return await USER.one(tx, _HOLD, **named(pool_id, username))


class State(NamedTuple):
    """What a unit has to know of a user who was read before it: a *version* that is the same is the same user."""

    sub: str
    enabled: bool
    version: int


async def hold_state(tx: Tx, pool_id: str, username: str, *, alone: bool) -> State | None:
    """
    Of whoever has the user name, held as by ``hold_user``.

    *alone*: as by ``lock_user``.
    """
    row = await tx.one(_LOCK_STATE if alone else _HOLD_STATE, **named(pool_id, username))
    return None if row is None else State(*row)


async def hold_enabled(tx: Tx, pool_id: str, sub: str, *, alone: bool) -> str | None:
    """The name of the user of this ``sub``, held likewise; None for one who is gone or disabled."""
    row = await tx.one(_LOCK_OF_SUB if alone else _HOLD_OF_SUB, pool_id=pool_id, sub=sub)
    return str(row[0]) if row is not None and row[1] else None


async def lock_user(tx: Tx, pool_id: str, username: str) -> User | None:
    """The same for a unit that writes the user: of two that share a row and both want to write it, one would fail."""
    return await USER.one(tx, _LOCK, **named(pool_id, username))


async def find_named(tx: ReadTx, pool_id: str, usernames: Collection[str]) -> dict[str, User]:
    """By stored usernames, letter for letter."""
    keys = {key for each in usernames for key in (each, each.casefold())}
    found = await USER.all(tx, _BY_KEYS, pool_id=pool_id, wanted=list(keys))
    return {user.username: user for user in found if user.username in usernames}


async def find_by_sub(tx: ReadTx, pool_id: str, sub: str) -> User | None:
    return await USER.one(tx, _BY_SUB, pool_id=pool_id, sub=sub)


async def find_by_alias(tx: ReadTx, pool: Pool, kind: str, value: str) -> User | None:
    """By an active alias; *kind* is one of ``ALIASES``."""
    holder = await find_holder(tx, pool, kind, value)
    return None if holder is None else await USER.one(tx, _FIND, **named(pool.id, holder))


async def find_holder(tx: ReadTx, pool: Pool, kind: str, value: str) -> str | None:
    """The username that holds an alias."""
    row = await tx.one(_HOLDER, pool_id=pool.id, kind=kind, value=pool.key_of(value))
    return None if row is None else str(row[0])


async def drop_alias(tx: Tx, pool: Pool, kind: str, value: str) -> None:
    """Take an alias away from whoever holds it."""
    await tx.run(_DROP_ALIAS, pool_id=pool.id, kind=kind, value=pool.key_of(value))


async def replace_user(tx: Tx, pool: Pool, user: User, aliases: dict[str, str] | None = None) -> bool:
    """
    Write *user*, whose ``version`` is the one that was read, as the next version.

    False when somebody else wrote in between: read again and decide again.  *aliases*, when given, replace the
    user's aliases.
    """
    newer = msgspec.structs.replace(user, version=user.version + 1)
    if not await USER.replace_version(tx, newer, old_version=user.version, **_columns(pool, user)):
        return False
    if aliases is not None:
        await tx.run(_DROP_ALIASES, pool_id=user.pool_id, username=user.username)
        await put_aliases(tx, user, aliases)
    return True


async def drop_user(tx: Tx, user: User) -> bool:
    """The user with tokens, sessions, codes, memberships and aliases; whether it was there."""
    if not await tx.run(_DROP, **named(user.pool_id, user.username)):
        return False
    for statement in _OWNED:
        await tx.run(statement, pool_id=user.pool_id, username=user.username)
    await tx.run(_CONSENTS, pool_id=user.pool_id, sub=user.sub)
    await tx.run(_COUNT, pool_id=user.pool_id, change=-1)
    return True
