"""What other processes see of writes, and what is left when one of them is killed."""

import asyncio
import signal
import subprocess
import sys

from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Tx
from tests.kit.db_tables import ADD, ENVIRONMENT, SHARED, a_thing, ids, make_tables


@SHARED
async def test_another_process_reads_only_what_is_committed(database_url: str) -> None:
    db = await open_database(database_url)
    await make_tables(db)

    async def unit(tx: Tx) -> bytes:
        await tx.run(ADD, **a_thing("a"))
        # A whole other process, while this transaction is open.
        command = [sys.executable, "-c", READER, database_url]
        return subprocess.run(command, check=True, env=ENVIRONMENT, stdout=subprocess.PIPE).stdout  # noqa: ASYNC221

    assert await db.write(unit) == b"[]\n"
    assert await ids(db) == ["a"]
    await db.close()


READER = """
import asyncio, sys
from poolhouse.kit.db.opening import open_database
from tests.kit.db_tables import ids
async def main():
    db = await open_database(sys.argv[1])
    print(await ids(db))
    await db.close()
asyncio.run(main())
"""


WRITER = """
import asyncio, sys
from poolhouse.kit.db.opening import open_database
from tests.kit.db_tables import ADD, a_thing
async def main():
    db = await open_database(sys.argv[1])
    async def worker(number):
        for step in range(1_000_000):
            async def unit(tx):
                await tx.run(ADD, **a_thing(f"{number}-{step}-first"))
                await tx.run(ADD, **a_thing(f"{number}-{step}-second"))
            await db.write(unit)
            sys.stdout.write(f"{number}-{step}\\n")
            sys.stdout.flush()
    await asyncio.gather(*(worker(number) for number in range(8)))
asyncio.run(main())
"""


@SHARED
async def test_a_killed_process_loses_no_acknowledged_write(database_url: str) -> None:
    db = await open_database(database_url)
    await make_tables(db)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, database_url, env=ENVIRONMENT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    acknowledged = [await process.stdout.readline() for _ in range(400)]
    process.send_signal(signal.SIGKILL)
    acknowledged += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()

    keys = {line.decode().strip() for line in acknowledged if line.endswith(b"\n")}
    await asyncio.sleep(0.2)
    found = set(await ids(db))
    assert {f"{key}-{half}" for key in keys for half in ("first", "second")} <= found
    # Nor is half a unit there.
    assert {key.replace("first", "second") for key in found if "first" in key} == {k for k in found if "second" in k}
    await db.close()
