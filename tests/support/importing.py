"""Files to import, sent to the real upload address, and a runner that works on them when it is told to."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from starlette.routing import Router

from poolhouse.pool.api import upload
from poolhouse.pool.core import import_csv, import_rows
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.import_runner import ImportRunner
from tests.support.builders import a_pool
from tests.support.service import Service

ROLE = "arn:aws:iam::000000000000:role/import"
ADDRESS = "https://pool.example"


async def an_open_pool(flow: Flow, **settings: Any) -> PoolEntry:
    """A pool that verifies e-mail addresses, so that an import can start."""
    return await a_pool(flow, **{"auto_verified_attributes": ["email"], **settings})


def a_file(entry: PoolEntry, *rows: dict[str, str], hashes: bool = False) -> bytes:
    """A file with the pool's columns; what a row leaves out has the value that fits most tests."""
    columns = [*import_rows.header(entry.pool), *([import_rows.HASH] if hashes else [])]
    lines = [import_csv.join([_whole(row).get(column, "") for column in columns]) for row in rows]
    return "\n".join([",".join(columns), *lines]).encode()


def _whole(row: dict[str, str]) -> dict[str, str]:
    name = row.get("cognito:username", "")
    return {"cognito:mfa_enabled": "false", "email": f"{name}@example.com", "email_verified": "TRUE", **row}


def named(name: str, /, **attributes: str) -> dict[str, str]:
    """A row."""
    return {"cognito:username": name, **{key.replace("custom_", "custom:", 1): v for key, v in attributes.items()}}


async def create(service: Service, entry: PoolEntry, **body: Any) -> dict[str, Any]:
    asked = {"JobName": "people", "UserPoolId": entry.pool.id, "CloudWatchLogsRoleArn": ROLE, **body}
    job: dict[str, Any] = (await service("CreateUserImportJob", **asked))["UserImportJob"]
    return job


async def send(
    flow: Flow, url: str, content: bytes | AsyncIterator[bytes], method: str = "PUT", **headers: str
) -> httpx.Response:
    """Send a file as a client would."""
    app = Router(upload.routes(flow))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client:
        return await client.request(method, url, content=content, headers=headers)


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def started(service: Service, entry: PoolEntry, content: bytes, **body: Any) -> dict[str, str]:
    """A job with its file, started; what names it in an operation."""
    job = await create(service, entry, **body)
    assert 200 == (await send(service.flow, job["PreSignedUrl"], content)).status_code
    at = {"UserPoolId": entry.pool.id, "JobId": job["JobId"]}
    await service("StartUserImportJob", **at)
    return at


async def imported(service: Service, entry: PoolEntry, content: bytes, **body: Any) -> dict[str, Any]:
    """The job once the whole file was worked on."""
    at = await started(service, entry, content, **body)
    assert await ImportRunner(service.flow).run_one()
    job: dict[str, Any] = (await service("DescribeUserImportJob", **at))["UserImportJob"]
    return job


def counted(job: dict[str, Any]) -> tuple[str, int, int, int]:
    """Status, imported, skipped, failed."""
    return job["Status"], job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]
