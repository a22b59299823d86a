"""The address that a file is sent to: one job, for a while, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core import import_csv
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.import_runner import ImportRunner
from tests.support.importing import a_file, an_open_pool, counted, create, named, query_of, send, started
from tests.support.service import Service, sqlite_only

WRONG = "<Code>SignatureDoesNotMatch</Code>"
DENIED = "<Code>AccessDenied</Code>"
LARGE = "<Code>EntityTooLarge</Code>"


@pytest.fixture
async def entry(flow: Flow) -> PoolEntry:
    return await an_open_pool(flow)


@sqlite_only
@pytest.mark.parametrize("encryption", [None, "aws:kms", "AES256"])
async def test_a_file_is_taken(service: Service, flow: Flow, entry: PoolEntry, encryption: str | None) -> None:
    url = (await create(service, entry))["PreSignedUrl"]
    headers = {} if encryption is None else {"x-amz-server-side-encryption": encryption}

    reply = await send(flow, url, a_file(entry), **headers)

    assert (200, b"", "no-store") == (reply.status_code, reply.content, reply.headers["cache-control"])


@sqlite_only
async def test_an_encryption_that_is_none_is_refused(service: Service, flow: Flow, entry: PoolEntry) -> None:
    url = (await create(service, entry))["PreSignedUrl"]

    reply = await send(flow, url, b"x", **{"x-amz-server-side-encryption": "rot13"})

    assert (400, "application/xml") == (reply.status_code, reply.headers["content-type"])
    assert "<Code>InvalidArgument</Code>" in reply.text


@sqlite_only
async def test_an_address_is_good_for_its_job_only(service: Service, flow: Flow, entry: PoolEntry) -> None:
    first, second = [await create(service, entry) for _ in range(2)]
    other = await create(service, await an_open_pool(flow))
    query = urlsplit(first["PreSignedUrl"]).query

    for path in (
        f"/imports/{entry.pool.id}/{second['JobId']}",
        f"/imports/{other['UserPoolId']}/{other['JobId']}",
        f"/imports/{other['UserPoolId']}/{first['JobId']}",
        f"/imports/{entry.pool.id}/..%2f{first['JobId']}",
        f"/imports/{entry.pool.id}/{first['JobId']}%00",
    ):
        reply = await send(flow, f"https://pool.example{path}?{query}", b"x")
        assert reply.status_code in {403, 404}
        assert 404 == reply.status_code or WRONG in reply.text


@sqlite_only
@pytest.mark.parametrize(
    "change",
    [
        {"signature": "0" * 64}, {"signature": ""}, {"signature": "é"}, {"expires": "9999999999"}, {"expires": "x"},
        {"expires": "٣"}, {"expires": ""}, {"expires": "9" * 5000},
    ],
    ids=range(8),
)  # fmt: skip
async def test_an_address_cannot_be_made_up(
    service: Service, flow: Flow, entry: PoolEntry, change: dict[str, str]
) -> None:
    from urllib.parse import urlencode

    url = (await create(service, entry))["PreSignedUrl"]
    changed = urlencode({**query_of(url), **change})

    reply = await send(flow, f"{url.partition('?')[0]}?{changed}", b"x")

    assert (403, True) == (reply.status_code, WRONG in reply.text)


@sqlite_only
async def test_an_address_expires_and_is_signed_anew(
    service: Service, flow: Flow, clock: FixedClock, entry: PoolEntry
) -> None:
    job = await create(service, entry)
    clock.advance(899)
    assert 200 == (await send(flow, job["PreSignedUrl"], b"x")).status_code
    clock.advance(1)

    late = await send(flow, job["PreSignedUrl"], b"x")

    assert (403, True) == (late.status_code, "Request has expired" in late.text)
    described = await service("DescribeUserImportJob", UserPoolId=entry.pool.id, JobId=job["JobId"])
    assert 200 == (await send(flow, described["UserImportJob"]["PreSignedUrl"], b"x")).status_code


@sqlite_only
async def test_the_last_whole_file_counts(service: Service, flow: Flow, entry: PoolEntry) -> None:
    job = await create(service, entry)
    await send(flow, job["PreSignedUrl"], a_file(entry, named("ann")))
    await send(flow, job["PreSignedUrl"], a_file(entry, named("bob"), named("cy")))
    at = {"UserPoolId": entry.pool.id, "JobId": job["JobId"]}
    await service("StartUserImportJob", **at)

    await ImportRunner(flow).run_one()

    assert ("Succeeded", 2, 0, 0) == counted((await service("DescribeUserImportJob", **at))["UserImportJob"])


@sqlite_only
async def test_a_started_job_takes_no_file(service: Service, flow: Flow, entry: PoolEntry) -> None:
    job = await create(service, entry)
    await send(flow, job["PreSignedUrl"], a_file(entry, named("ann")))
    at = {"UserPoolId": entry.pool.id, "JobId": job["JobId"]}

    async def slowly() -> AsyncIterator[bytes]:
        yield a_file(entry, named("bob"))
        # It was begun in time, and is not at its end when the job starts.
        await service("StartUserImportJob", **at)
        yield b"\n"

    late = await send(flow, job["PreSignedUrl"], slowly())
    after = await send(flow, job["PreSignedUrl"], b"x")

    assert [(403, True)] * 2 == [(each.status_code, DENIED in each.text) for each in (late, after)]
    await ImportRunner(flow).run_one()
    assert ["ann"] == [user["Username"] for user in (await service("ListUsers", UserPoolId=entry.pool.id))["Users"]]


@sqlite_only
async def test_a_file_is_bounded(
    service: Service, flow: Flow, entry: PoolEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (import_csv.FILE_BYTES, import_csv.ROWS) == (104_857_600, 500_000)
    monkeypatch.setattr(import_csv, "FILE_BYTES", 1_000)
    monkeypatch.setattr("poolhouse.pool.api.upload.FILE_BYTES", 1_000)
    monkeypatch.setattr(import_csv, "ROWS", 5)
    url = (await create(service, entry))["PreSignedUrl"]

    async def without_length() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 400
            await asyncio.sleep(0)

    replies = [await send(flow, url, b"x" * 1_001), await send(flow, url, without_length())]
    replies.append(await send(flow, url, b"\n" * 7))
    assert [(400, True)] * 3 == [(each.status_code, LARGE in each.text) for each in replies]
    assert 200 == (await send(flow, url, b"\n" * 6)).status_code


@sqlite_only
async def test_only_a_put_sends_a_file(service: Service, flow: Flow, entry: PoolEntry) -> None:
    url = (await create(service, entry))["PreSignedUrl"]

    for method in ("GET", "POST", "DELETE"):
        assert 405 == (await send(flow, url, b"x", method)).status_code


async def test_a_file_is_sealed_at_rest(service: Service, flow: Flow, entry: PoolEntry) -> None:
    from sqlalchemy import select

    from poolhouse.kit.db.statement import compile_statement
    from poolhouse.pool.store import tables

    await started(service, entry, a_file(entry, named("findable")))

    [(sealed,)] = await flow.database.all(compile_statement(select(tables.import_chunks.c.sealed)))
    assert b"findable" not in sealed
