"""Some rows of a file at once: what each makes, and writing it."""

from collections.abc import Sequence
from functools import partial

import msgspec

from poolhouse.kit import foreign_hashes
from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core import import_csv, import_rows
from poolhouse.pool.core.import_csv import Line
from poolhouse.pool.core.import_rows import NewUser
from poolhouse.pool.flows import people
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.imports import ImportJob, RowFailure
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import Credentials, User, Username
from poolhouse.pool.store import imports as store
from poolhouse.pool.store import users as user_store

EXISTS = "The user already exists."


class Ready(msgspec.Struct, frozen=True):
    """A user who is to be written, if his names are free: what the row called him, and what he will be found by."""

    line: int
    given: str
    user: User
    aliases: dict[str, str]


class Batch(msgspec.Struct, frozen=True):
    """
    What some rows came to: so many *lines* of so many bytes.

    *decoy* is what a hash among them suggests (``ImportJob.decoy``).  The subs of a batch have a *beginning* in common:
    in a large pool each would change a page of the index of its own.
    """

    users: tuple[Ready, ...] = ()
    failures: tuple[RowFailure, ...] = ()
    lines: int = 0
    size: int = 0
    decoy: str | None = None
    beginning: bytes = b""


def decide(flow: Flow, pool: Pool, job: ImportJob, batch: Batch, lines: Sequence[Line]) -> Batch:
    """The batch with these *lines*: what each row is by itself; whether its names are free is for ``put`` to say."""
    is_hash = None if job.algorithm is None else partial(foreign_hashes.accept, job.algorithm)
    ready: list[Ready] = []
    failures: list[RowFailure] = []
    now_ms = flow.clock.now_ms()
    beginning = batch.beginning or flow.entropy.token(4)
    for number, line in enumerate(lines, job.line + batch.lines + 1):
        text = import_csv.read_line(line.content)
        if text is None:
            failures.append(RowFailure(line=number, skipped=False, message=import_csv.problem_of(line.content)))
        elif text.strip():
            found = import_rows.read_row(pool, job.columns, import_csv.split(text), is_hash=is_hash)
            if isinstance(found, str):
                failures.append(RowFailure(line=number, skipped=False, message=found))
            else:
                user = _user(pool, found, uuid4(flow.entropy, beginning), now_ms)
                ready.append(Ready(number, found.given, user, people.aliases(pool, user)))
    return Batch(
        users=(*batch.users, *ready),
        failures=(*batch.failures, *failures),
        lines=batch.lines + len(lines),
        size=batch.size + sum(line.size for line in lines),
        decoy=job.decoy or batch.decoy or _decoy(ready),
        beginning=beginning,
    )


def _decoy(ready: Sequence[Ready]) -> str | None:
    hashes = (each.user.credentials.password_hash for each in ready)
    sample = next((each for each in hashes if each is not None), None)
    return None if sample is None else foreign_hashes.decoy(sample)


async def put(tx: Tx, pool: Pool, job: ImportJob, batch: Batch) -> Batch:
    """
    Write the users whose names are free, and why the others are not; what was written.

    ``UniqueViolation`` when somebody else took a name between this look and the write: then look again.
    """
    free = list(batch.users)
    failures = list(batch.failures)
    if free:
        free, lost = await _sorted_out(tx, pool, free)
        failures += lost
    if free:
        await user_store.put_users(tx, pool, [(each.user, each.aliases) for each in free])
    await store.put_failures(tx, job, failures)
    return Batch(users=tuple(free), failures=tuple(failures))


async def _sorted_out(tx: ReadTx, pool: Pool, wanted: Sequence[Ready]) -> tuple[list[Ready], list[RowFailure]]:
    """Rows in their order, the first of two that want the same name first."""
    keys = await user_store.taken_keys(tx, pool, {pool.key_of(each.user.username) for each in wanted})
    # A user name that is another user's sub would take his place wherever a Username is asked for.
    subs = await user_store.taken_subs(tx, pool, {each.given for each in wanted})
    kinds = {kind for each in wanted for kind in each.aliases}
    held = {
        kind: await user_store.taken_aliases(
            tx, pool, kind, {each.aliases[kind] for each in wanted if kind in each.aliases}
        )
        for kind in sorted(kinds)
    }
    free: list[Ready] = []
    lost: list[RowFailure] = []
    for each in wanted:
        key = pool.key_of(each.user.username)
        refuse = partial(RowFailure, line=each.line)
        taken = next((kind for kind, value in each.aliases.items() if value in held[kind]), None)
        if key in keys or each.given in subs or (taken is not None and pool.settings.username_attributes):
            lost.append(refuse(skipped=True, message=EXISTS))
        elif taken is not None:
            lost.append(refuse(skipped=False, message=f"An account with the {taken} already exists."))
        else:
            free.append(each)
            keys.add(key)
            for kind, value in each.aliases.items():
                held[kind].add(value)
    return free, lost


def _user(pool: Pool, found: NewUser, sub: str, now_ms: int) -> User:
    return User(
        pool_id=pool.id,
        username=Username(found.username or sub),
        sub=sub,
        status=found.status,
        attributes=found.attributes,
        created_ms=now_ms,
        modified_ms=now_ms,
        credentials=Credentials(password_hash=found.password_hash, factors=found.factors),
    )
