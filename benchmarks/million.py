"""
One million users in one pool, on SQLite and on PostgreSQL: what a look-up, a sign-in and a page of a list cost, as
ratios to the same in a pool of ten thousand.

    python benchmarks/million.py [--users 1000000] [--engine sqlite] [--keep FOLDER]

Users come through import jobs, 250,000 a file, so filling measures the import, too.  PostgreSQL is the server at
POOLHOUSE_TEST_POSTGRES (the URL of a role that may create schemas).  Lines of JSON; the last ones are ratios.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import resource
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg

from poolhouse.kit.ambient import Secret, SystemClock, SystemEntropy
from poolhouse.kit.jose import b64url
from poolhouse.pool.api.dispatch import Administrator
from poolhouse.pool.app import PoolServer, build
from poolhouse.pool.config import PoolSettings
from poolhouse.pool.core import import_csv
from poolhouse.pool.flows import imports
from poolhouse.pool.flows.import_pace import Pace
from poolhouse.pool.flows.import_runner import ImportRunner
from poolhouse.pool.store import search

REGION = "us-east-1"
ROLE = "arn:aws:iam::000000000000:role/import"
PASSWORD = "Correct-Horse-7"
FILE_ROWS = 250_000
SMALL = 10_000
TIMES = 200
WARM = 20
KNOWN = 20
GIVEN = ("Ada", "Bob", "Chen", "Dana", "Eve", "Femi", "Gita", "Hugo", "Ines", "Jun")
FAMILY = ("Adams", "Baker", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Haas", "Ito", "Jones")


def row(number: int) -> dict[str, str]:
    given, family = GIVEN[number % 10], FAMILY[number // 10 % 10]
    return {
        "cognito:username": f"user{number * 7919 % 10_000_000:08}", "cognito:mfa_enabled": "false",
        "email": f"mail{number:07}@example.com", "email_verified": "true", "name": f"{given} {family} {number:07}",
        "given_name": given, "family_name": f"{family}{number % 1000}", "phone_number": f"+1206{5550000 + number:07}",
        "preferred_username": f"nick{number:07}", "custom:team": f"team {number % 5000}",
    }  # fmt: skip


class World:
    """A pool on one engine."""

    def __init__(self, engine: str, server: PoolServer, pool_id: str, client_id: str) -> None:
        self.engine, self.server, self.pool_id, self.client_id = engine, server, pool_id, client_id
        self.count = 0

    async def call(self, operation: str, **body: Any) -> dict[str, Any]:
        return await self.server.api.call(operation, body, caller=Administrator("benchmark"), region=REGION)

    async def fill(self, upto: int) -> None:
        while self.count < upto:
            first, last = self.count, min(upto, self.count + FILE_ROWS)
            await self._import(first, last)
            self.count = last

    async def _import(self, first: int, last: int) -> None:
        flow = self.server.flow
        at = {"UserPoolId": self.pool_id}
        job = await self.call("CreateUserImportJob", **at, JobName="fill", CloudWatchLogsRoleArn=ROLE)
        job_id = job["UserImportJob"]["JobId"]
        columns = (await self.call("GetCSVHeader", **at))["CSVHeader"]

        async def content() -> AsyncIterator[bytes]:
            yield (",".join(columns) + "\n").encode()
            for start in range(first, last, 1000):
                rows = (row(number) for number in range(start, min(last, start + 1000)))
                yield "".join(import_csv.join([each.get(c, "") for c in columns]) + "\n" for each in rows).encode()

        await imports.upload(flow, self.pool_id, job_id, content())
        lag = Lag()
        began, worked = time.perf_counter(), time.process_time()
        await self.call("StartUserImportJob", **at, JobId=job_id)
        await ImportRunner(flow, Pace(flow.clock)).run_one()
        while True:
            # The server's own runner may have been the first.
            ended = (await self.call("DescribeUserImportJob", **at, JobId=job_id))["UserImportJob"]
            if ended["Status"] not in {"Pending", "InProgress"}:
                break
            await asyncio.sleep(0.1)
        took = time.perf_counter() - began
        assert (last - first, 0, 0) == (ended["ImportedUsers"], ended["SkippedUsers"], ended["FailedUsers"]), ended
        cpu = time.process_time() - worked
        rates = {"rate": round((last - first) / took), "cpu_us": round(cpu / (last - first) * 1e6)}
        tell(self.engine, "import", users=last, **rates, loop_ms=lag.stop(), rss_mb=rss())


class Lag:
    """How late the event loop is, while something runs."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self._late.append((time.perf_counter() - began - 0.001) * 1000)

    def stop(self) -> dict[str, float]:
        self._task.cancel()
        return quantiles(self._late)


def quantiles(found: list[float]) -> dict[str, float]:
    ordered = sorted(found)
    return {name: round(ordered[int(len(ordered) * q)], 2) for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}


def rss() -> int:
    with Path("/proc/self/status").open() as status:
        line = next(each for each in status if each.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def tell(engine: str, what: str, **found: Any) -> None:
    print(json.dumps({"engine": engine, "what": what, **found}), flush=True)


def token_of(world: World, text: str, place: str) -> str:
    """The token of a page that begins anywhere, as a client has it who has read that far."""
    asked = f"ListUsers\0{REGION}\0{world.pool_id}\0{text}\0{search.ORDER}"
    return b64url(world.server.flow.ring.seal(place.encode(), purpose="page", row=asked)).decode()


def place(world: World, chance: random.Random) -> Callable[[], str]:
    """Anywhere in the order of creation."""
    return lambda: str(chance.randrange(world.count))


def deep(world: World, chance: random.Random, name: str) -> Callable[[], str]:
    """A place among those whose value has the first letter of the first user's: no page of theirs ends elsewhere."""
    first = row(0)[name][:1]

    def found() -> str:
        while not (value := row(number := chance.randrange(world.count))[name]).startswith(first):
            pass
        return json.dumps([value, number])

    return found


def cases(world: World, chance: random.Random) -> dict[str, Callable[[], Awaitable[Any]]]:
    def some() -> dict[str, str]:
        return row(chance.randrange(world.count))

    def listing(
        text: Callable[[], str], place: Callable[[], str | None] = lambda: None
    ) -> Callable[[], Awaitable[Any]]:
        async def look() -> Any:
            filter_text, where = text(), place()
            more = {} if where is None else {"PaginationToken": token_of(world, filter_text, where)}
            return await world.call("ListUsers", UserPoolId=world.pool_id, Filter=filter_text, Limit=60, **more)

        return look

    async def get() -> Any:
        return await world.call("AdminGetUser", UserPoolId=world.pool_id, Username=some()["cognito:username"])

    async def sign_in() -> Any:
        parameters = {"USERNAME": f"known{chance.randrange(KNOWN)}", "PASSWORD": PASSWORD}
        return await world.call(
            "InitiateAuth", ClientId=world.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )

    def of_some(name: str, operator: str, length: int | None = None) -> Callable[[], str]:
        return lambda: f'{name} {operator} "{some()[name][:length]}"'

    def always(said: str) -> Callable[[], str]:
        return lambda: said

    anywhere = place(world, chance)
    columns = {
        "email": 9, "phone_number": 8, "name": 3, "given_name": 2, "family_name": 2, "preferred_username": 8,
    }  # fmt: skip
    found = {
        "AdminGetUser": get,
        "sign-in": sign_in,
        "page": listing(lambda: "", anywhere),
        "username =": listing(lambda: f'username = "{some()["cognito:username"]}"'),
        "username ^=": listing(lambda: f'username ^= "{some()["cognito:username"][:6]}"'),
        "status = Enabled": listing(lambda: 'status = "Enabled"', anywhere),
        "status = Disabled": listing(lambda: 'status = "Disabled"'),
        "user_status = RESET_REQUIRED": listing(lambda: 'cognito:user_status = "RESET_REQUIRED"', anywhere),
        "user_status = UNCONFIRMED": listing(lambda: 'cognito:user_status = "UNCONFIRMED"'),
        "user_status ^= R": listing(lambda: 'cognito:user_status ^= "R"'),
        "sub ^=": listing(lambda: f'sub ^= "{chance.randrange(16**3):03x}"'),
        "email *= (common)": listing(lambda: 'email *= "EXAMPLE"', anywhere),
        "email *= (rare)": listing(lambda: 'email *= "nowhere"', anywhere),
        "custom:team =": listing(lambda: f'custom:team = "{some()["custom:team"]}"', anywhere),
        "given_name = and email *=": listing(
            lambda: f'given_name = "{some()["given_name"]}" and email *= "77"', anywhere
        ),
        "name ^= and custom:team *=": listing(lambda: f'name ^= "{some()["given_name"]}" and custom:team *= "99"'),
    }
    for name, length in columns.items():
        found[f"{name} ="] = listing(of_some(name, "="))
        found[f"{name} ^="] = listing(of_some(name, "^=", length))
        found[f"{name} ^= (all, deep)"] = listing(always(f'{name} ^= "{row(0)[name][:1]}"'), deep(world, chance, name))
    return found


async def measure(small: World, large: World) -> None:
    """Milliseconds of each case at p50 and p95, in the one and in the other by turns; and their ratios."""
    looks = {world.count: cases(world, random.Random(1)) for world in (small, large)}
    ratios = []
    for name in looks[large.count]:
        took: dict[int, list[float]] = {count: [] for count in looks}
        worked: dict[int, list[float]] = {count: [] for count in looks}
        for _ in range(TIMES + WARM):
            for count, each in looks.items():
                began, at_work = time.perf_counter(), time.thread_time()
                await each[name]()
                took[count].append((time.perf_counter() - began) * 1000)
                worked[count].append((time.thread_time() - at_work) * 1000)
        found = {}
        for count in looks:
            # On a busy machine the thread's own time says more than the clock; on PostgreSQL the server's is not in it.
            clock, cpu = quantiles(took[count][WARM:]), quantiles(worked[count][WARM:])
            found[count] = (clock["p50"], clock["p95"], cpu["p50"], cpu["p95"])
            tell(large.engine, name, users=count, **clock, cpu_p50=cpu["p50"], cpu_p95=cpu["p95"])
        ratio = [round(b / max(a, 0.01), 2) for a, b in zip(found[small.count], found[large.count], strict=True)]
        names = ("p50", "p95", "cpu_p50", "cpu_p95")
        ratios.append({"case": name, **dict(zip(names, ratio, strict=True)), "p95_ms": round(found[large.count][1], 2)})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    tell(large.engine, "memory", users=large.count, rss_mb=rss(), peak_mb=peak)
    for each_ratio in ratios:
        tell(large.engine, "ratio", **each_ratio)


async def open_world(engine: str, url: str) -> World:
    """A pool with some users who can sign in; the one that is there, where there is one."""
    settings = PoolSettings(
        database=url, base_url="http://127.0.0.1:8400", master_keys=(Secret(base64.b64encode(bytes(32)).decode()),),
        admin_email="admin@example.com", admin_password=Secret("A-long-password-1"), development=True,
    )  # fmt: skip
    server = await build(settings, clock=SystemClock(), entropy=SystemEntropy())
    world = World(engine, server, "", "")
    made = (await world.call("ListUserPools", MaxResults=1))["UserPools"]
    if made:
        world.pool_id = made[0]["Id"]
        about = (await world.call("DescribeUserPool", UserPoolId=world.pool_id))["UserPool"]
        world.count = about["EstimatedNumberOfUsers"] - KNOWN
        clients = await world.call("ListUserPoolClients", UserPoolId=world.pool_id, MaxResults=1)
        world.client_id = clients["UserPoolClients"][0]["ClientId"]
        return world
    pool = await world.call(
        "CreateUserPool", PoolName="million", AutoVerifiedAttributes=["email"],
        Schema=[{"Name": "team", "AttributeDataType": "String"}],
    )  # fmt: skip
    world.pool_id = pool["UserPool"]["Id"]
    client = await world.call(
        "CreateUserPoolClient", UserPoolId=world.pool_id, ClientName="x",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )  # fmt: skip
    world.client_id = client["UserPoolClient"]["ClientId"]
    for number in range(KNOWN):
        at = {"UserPoolId": world.pool_id, "Username": f"known{number}"}
        await world.call("AdminCreateUser", **at, MessageAction="SUPPRESS", TemporaryPassword=PASSWORD)
        await world.call("AdminSetUserPassword", **at, Password=PASSWORD, Permanent=True)
    return world


async def run(engine: str, urls: tuple[str, str], users: int) -> None:
    small, large = [await open_world(engine, url) for url in urls]
    await small.fill(SMALL)
    tell(engine, "memory", users=small.count, rss_mb=rss())
    await large.fill(users)
    await measure(small, large)
    for world in (small, large):
        await world.server.close()


async def run_sqlite(folder: Path | None, users: int) -> None:
    """In *folder*, where the databases stay, or in one that goes."""
    kept = folder or Path(tempfile.mkdtemp(prefix="poolhouse-million."))
    kept.mkdir(parents=True, exist_ok=True)
    try:
        await run("sqlite", (f"sqlite:///{kept / 'small.db'}", f"sqlite:///{kept / 'large.db'}"), users)
    finally:
        if folder is None:
            shutil.rmtree(kept)


async def run_postgres(server: str, keep: bool, users: int) -> None:
    connection = await asyncpg.connect(server)
    schemas = [f"million_{name}{'' if keep else os.getpid()}" for name in ("small", "large")]
    for schema in schemas:
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    try:
        small, large = (f"{server}?schema={schema}" for schema in schemas)
        await run("postgres", (small, large), users)
    finally:
        for schema in () if keep else schemas:
            await connection.execute(f"DROP SCHEMA {schema} CASCADE")
        await connection.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    parser.add_argument("--keep", type=Path, help="a folder for the databases, which stay and are used again")
    given = parser.parse_args()
    if given.engine != "postgres":
        await run_sqlite(given.keep, given.users)
    server = os.environ.get("POOLHOUSE_TEST_POSTGRES")
    if given.engine != "sqlite" and server:
        await run_postgres(server, given.keep is not None, given.users)


if __name__ == "__main__":
    asyncio.run(main())
