"""``backup`` and ``restore``: one program's database as one file, and a new database from it."""

from collections.abc import Collection
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import msgspec
from sqlalchemy import MetaData

from poolhouse.house.schema import HISTORY as HOUSE_HISTORY
from poolhouse.house.tables import metadata as house_tables
from poolhouse.kit.ambient import SystemClock
from poolhouse.kit.db import archive
from poolhouse.kit.db.migrate import History
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Database, DatabaseError
from poolhouse.pool.store.history import HISTORY as POOL_HISTORY
from poolhouse.pool.store.tables import metadata as pool_tables


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one program; *openings* are the tables whose rows let somebody in, or are about to."""

    history: History
    tables: MetaData
    openings: tuple[str, ...]


PROGRAMS = {
    "pool": Program(
        history=POOL_HISTORY,
        tables=pool_tables,
        openings=(
            "attempts",
            "authorization_codes",
            "browser_sessions",
            "console_sessions",
            "device_codes",
            "grants",
            "pushed_requests",
            "refresh_tokens",
            "sent_codes",
        ),
    ),
    "house": Program(
        history=HOUSE_HISTORY,
        tables=house_tables,
        openings=(
            "house_app_sessions",
            "house_emergency_links",
            "house_entry_codes",
            "house_pending_logins",
            "house_sessions",
        ),
    ),
}


async def back_up(name: str, url: str, file: Path) -> int:
    """Write the backup; how many rows it has."""
    program = PROGRAMS[name]
    database = await _open(url)
    try:
        with archive.new_file(file) as out:
            return await archive.write(database, program.history, program.tables, out, clock=SystemClock())
    except FileExistsError as exists:
        raise click.ClickException(f"{file} exists; a backup is never written over another") from exists
    except (OSError, DatabaseError) as failed:
        raise click.ClickException(str(failed)) from failed
    finally:
        await database.close()


async def restore(name: str, url: str, file: Path, *, keep_sessions: bool) -> int:
    """Fill a new database; how many rows it has now."""
    from poolhouse.kit.db.restore import restore as restore_into  # noqa: PLC0415 - imports Alembic

    program = PROGRAMS[name]
    leave_out: Collection[str] = () if keep_sessions else program.openings
    made = _files_to_be(url)
    database = await _open(url)
    try:
        rows = await restore_into(database, program.history, file, leave_out=leave_out)
        made = ()
    except (OSError, DatabaseError) as failed:
        raise click.ClickException(str(failed)) from failed
    else:
        return rows
    finally:
        await database.close()
        for each in made:
            each.unlink(missing_ok=True)


async def _open(url: str) -> Database:
    try:
        return await open_database(url)
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong


def _files_to_be(url: str) -> tuple[Path, ...]:
    """The files of a SQLite database that is not there yet: a backup that cannot be read leaves none of them."""
    file = Path(unquote(urlsplit(url).path[1:]))
    if not url.startswith("sqlite:///") or file.exists():
        return ()
    return tuple(file.with_name(file.name + ending) for ending in ("", "-wal", "-shm"))


def place(name: str, data: Path, database: str | None, *, must_exist: bool) -> str:
    """The URL of the program's database: given, or in the directory of ``up``."""
    if database:
        return database
    file = data / f"{name}.db"
    if must_exist and not file.exists():
        raise click.ClickException(f"there is no {file}; give --data or --database")
    if not must_exist and file.exists():
        raise click.ClickException(f"{file} exists; a backup is restored into a new directory")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return f"sqlite:///{file.resolve()}"
