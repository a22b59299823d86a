"""A backup is whole, readable by either engine, and makes a database or nothing."""

import gzip
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import MetaData, Table, func, insert, select

from poolhouse.house.schema import HISTORY
from poolhouse.house.tables import accounts, apps, identities, metadata, sessions
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db import archive
from poolhouse.kit.db.archive import BadArchive
from poolhouse.kit.db.migrate import SchemaMismatch, find_differences, find_revision, migrate
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Database, ReadTx
from poolhouse.kit.db.restore import restore
from poolhouse.kit.db.statement import compile_statement
from poolhouse.kit.db.upgrade import run, within
from tests.conftest import schema_of

PEOPLE = 601
"""More than two pages."""


@pytest.fixture
async def filled(database: Database) -> Database:
    await migrate(database, HISTORY)
    people = [
        {
            "id": f"id-{number:04}", "username": f"ü{number}", "email": "", "email_key": "", "name": "a\nb",
            "is_admin": number == 0, "is_enabled": True, "password_hash": None, "created_at": 2**40 + number,
            "signed_in_at": None if number % 2 else number,
        }
        for number in range(PEOPLE)
    ]  # fmt: skip
    await database.run_many(compile_statement(insert(accounts)), [_complete(accounts, row) for row in people])
    # The first half of the key is the same for all: pages go by the whole key.
    rows = [
        {"issuer": "https://a.example", "subject": f"{number}", "account_id": "id-0000", "created_at": 1,
         "signed_in_at": 1}
        for number in range(PEOPLE)
    ]  # fmt: skip
    await database.run_many(compile_statement(insert(identities)), [_complete(identities, row) for row in rows])
    row = {
        "id_digest": b"\x00\xff'", "account_id": "id-0000", "method": "form", "issuer": "", "subject": "",
        "sealed_id_token": None, "address": "", "agent": "", "created_at": 1, "seen_at": 1, "expires_at": 2,
        "claims": '{"a":["b"]}',
    }  # fmt: skip
    await database.run_many(compile_statement(insert(sessions)), [_complete(sessions, row)])
    return database


@pytest.fixture
async def other_schema(postgres_database: str, numbers: Iterator[int]) -> AsyncIterator[str]:
    async with schema_of(postgres_database, next(numbers)) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        url: str = request.getfixturevalue("other_schema")
        return url
    return f"sqlite:///{tmp_path}/other.db"


@pytest.fixture
async def other(other_url: str) -> AsyncIterator[Database]:
    """An empty database, of either engine."""
    opened = await open_database(other_url)
    yield opened
    await opened.close()


def _complete(table: Table, row: Mapping[str, object]) -> dict[str, object]:
    """With a plain value for columns that came later."""
    plain: dict[type, object] = {str: "", int: 0, bool: False, bytes: b""}
    return {c.name: row[c.name] if c.name in row else plain[c.type.python_type] for c in table.columns}


async def back_up(database: Database, file: Path) -> int:
    with archive.new_file(file) as out:
        return await archive.write(database, HISTORY, metadata, out, clock=FixedClock())


async def rows_of(database: Database) -> dict[str, list[tuple[object, ...]]]:
    async def unit(tx: ReadTx) -> dict[str, list[tuple[object, ...]]]:
        return {
            table.name: [
                tuple(row)
                for row in await tx.all(compile_statement(select(*table.columns).order_by(*table.primary_key)))
            ]
            for table in metadata.sorted_tables
        }

    return await database.read(unit)


async def test_a_backup_comes_back_the_same_in_either_engine(filled: Database, other: Database, tmp_path: Path) -> None:
    file = tmp_path / "house.backup"
    rows = await back_up(filled, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert await restore(other, HISTORY, file) == rows
    assert await rows_of(other) == await rows_of(filled)
    assert await find_revision(other, HISTORY) == HISTORY.revisions()[-1]
    assert not await find_differences(other, HISTORY, metadata)


async def test_what_lets_people_in_can_be_left_out(filled: Database, other: Database, tmp_path: Path) -> None:
    file = tmp_path / "house.backup"
    rows = await back_up(filled, file)
    assert await restore(other, HISTORY, file, leave_out=("house_sessions",)) == rows - 1
    assert not (await rows_of(other))["house_sessions"]


def forged(file: Path, *lines: bytes) -> Path:
    """A file whose sum is right, whatever stands in it."""
    head = archive.Head(
        poolhouse_backup=archive.FORMAT, program=HISTORY.version_table, revision=HISTORY.revisions()[-1], made_at=""
    )
    all_lines = [msgspec.json.encode(head) + b"\n", *(line + b"\n" for line in lines)]
    rows = sum(line.startswith(b"[") for line in lines)
    tail = archive.Tail(rows=rows, sha256=hashlib.sha256(b"".join(all_lines)).hexdigest())
    file.write_bytes(gzip.compress(b"".join([*all_lines, msgspec.json.encode(tail) + b"\n"])))
    return file


LEASES = b'{"table":"house_leases","columns":["name","holder","until"],"binary":[]}'


@pytest.mark.parametrize(
    "lines",
    [
        (b'["x","y",1]',),
        (LEASES, b'["x"]'),
        (LEASES, b'[{"a":1},"y",1]'),
        (LEASES, b'["x","y"'),
        (LEASES, b'["\\ud800","y",1]'),
        (LEASES, b'["x","y",1000000000000000000000000000000]'),
        (LEASES, b'["x","y",null]'),
        (LEASES, b'["x","y",1]', b'["x","y",1]'),
        (b'{"table":5}',),
        (LEASES.replace(b'"binary":[]', b'"binary":["holder"]'), b'["x","%",1]'),
        (LEASES.replace(b'"binary":[]', b'"binary":["none"]'), b'["x","y",1]'),
        (LEASES.replace(b'"until"', b'"none"'), b'["x","y",1]'),
        (LEASES.replace(b"house_leases", b"nothing"), b'["x","y",1]'),
        (LEASES.replace(b"house_leases", b"HOUSE_LEASES"), b'["x","y",1]'),
        (b'{"table":"sqlite_master","columns":["type"],"binary":[]}', b'["x"]'),
    ],
)
async def test_a_forged_backup_is_refused_in_words_and_leaves_nothing(
    lines: tuple[bytes, ...], other: Database, tmp_path: Path
) -> None:
    with pytest.raises(BadArchive):
        await restore(other, HISTORY, forged(tmp_path / "forged", *lines))

    assert await find_revision(other, HISTORY) is None


async def test_a_backup_says_nothing_about_the_revision_of_the_database(other: Database, tmp_path: Path) -> None:
    begin = f'{{"table":"{HISTORY.version_table}","columns":["version_num"],"binary":[]}}'.encode()

    await restore(other, HISTORY, forged(tmp_path / "forged", begin, b'["9999"]'))

    assert await find_revision(other, HISTORY) == HISTORY.revisions()[-1]


async def test_a_backup_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old = await open_database(f"sqlite:///{tmp_path}/old.db")
    await within(old, HISTORY, lambda connection: run(connection, HISTORY, to="0001"))
    tables = MetaData()
    await within(old, HISTORY, tables.reflect)
    put = (
        "INSERT INTO house_apps (id, name, url, description, letter, created_at) VALUES ('1', 'Wiki', 'u', '', 'W', 1)"
    )
    await within(old, HISTORY, lambda connection: connection.exec_driver_sql(put))
    file = tmp_path / "old.backup"
    with archive.new_file(file) as out:
        tables.remove(tables.tables[HISTORY.version_table])
        head = archive.Head(poolhouse_backup=1, program=HISTORY.version_table, revision="0001", made_at="")

        async def unit(tx: ReadTx) -> int:
            with gzip.GzipFile(fileobj=out, mode="wb") as lines:
                return await archive.write_rows(tx, tables, head, lines)

        assert await old.read_slow(unit) == 1
    new = await open_database("sqlite://")
    assert await restore(new, HISTORY, file) == 1
    assert not await find_differences(new, HISTORY, metadata)
    row = await new.one(compile_statement(select(apps.c.name, apps.c.gate)))
    assert row == ("Wiki", "")
    await old.close()
    await new.close()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.98])
async def test_half_a_file_makes_no_database(filled: Database, tmp_path: Path, share: float) -> None:
    file = tmp_path / "house.backup"
    await back_up(filled, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    await refuses(file)


async def test_a_changed_file_makes_no_database(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "house.backup"
    await back_up(filled, file)
    lines = gzip.decompress(file.read_bytes())
    file.write_bytes(gzip.compress(lines.replace(b"id-0000", b"id-0001", 1)))
    await refuses(file)
    file.write_bytes(gzip.compress(b"".join(lines.splitlines(keepends=True)[:-1])))
    await refuses(file)
    for other in (
        b"",
        b"\n",
        b"{}\n",
        b"PK\x03\x04",
        b'{"poolhouse_backup":2,"program":"","revision":"","made_at":""}\n',
    ):
        file.write_bytes(gzip.compress(other))
        await refuses(file)
        file.write_bytes(other)
        await refuses(file)


async def test_only_an_empty_database_is_filled(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "house.backup"
    await back_up(filled, file)
    with pytest.raises(BadArchive, match="not empty"):
        await restore(filled, HISTORY, file)


async def test_a_backup_is_never_written_over_a_file(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "house.backup"
    file.write_text("precious")
    with pytest.raises(FileExistsError):
        await back_up(filled, file)
    assert file.read_text() == "precious"


async def test_a_backup_that_fails_leaves_no_file(tmp_path: Path) -> None:
    empty = await open_database("sqlite://")
    with pytest.raises(SchemaMismatch):
        await back_up(empty, tmp_path / "house.backup")
    assert not (tmp_path / "house.backup").exists()
    await empty.close()


async def test_programs_do_not_take_each_others_backups(filled: Database, tmp_path: Path) -> None:
    from poolhouse.pool.store.history import HISTORY as POOL

    file = tmp_path / "house.backup"
    await back_up(filled, file)
    empty = await open_database("sqlite://")
    with pytest.raises(BadArchive, match="other program"):
        await restore(empty, POOL, file)
    assert await find_revision(empty, POOL) is None
    await empty.close()


async def refuses(file: Path) -> None:
    empty = await open_database("sqlite://")
    with pytest.raises(BadArchive):
        await restore(empty, HISTORY, file)
    assert await find_revision(empty, HISTORY) is None
    assert await empty.one(compile_statement(select(func.count()).select_from(Table("sqlite_master", MetaData())))) == (
        0,
    )
    await empty.close()
