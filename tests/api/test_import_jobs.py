"""Import jobs: created, given a file, started, stopped, looked at."""

import asyncio
from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import sweeper
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.import_runner import ImportRunner
from poolhouse.pool.flows.imports import IN_POOL
from poolhouse.pool.spec import shapes
from tests.support.builders import a_pool
from tests.support.importing import (
    ROLE,
    a_file,
    an_open_pool,
    counted,
    create,
    imported,
    named,
    send,
    started,
)
from tests.support.service import Service, race, sqlite_only

PRECONDITION = "PreconditionNotMetException"
UNKNOWN = ("ResourceNotFoundException", "User import job import-0000000000 does not exist.")
DAY = 86_400


@pytest.fixture
async def entry(flow: Flow) -> PoolEntry:
    return await an_open_pool(flow)


async def test_a_job_is_created_and_described(service: Service, entry: PoolEntry) -> None:
    job = await create(service, entry, PasswordHashingAlgorithm="BCRYPT")

    url = job.pop("PreSignedUrl")
    assert url.startswith(f"https://pool.example/imports/{entry.pool.id}/{job['JobId']}?expires=")
    assert {
        "JobName": "people", "JobId": job["JobId"], "UserPoolId": entry.pool.id, "CreationDate": job["CreationDate"],
        "Status": "Created", "CloudWatchLogsRoleArn": ROLE, "ImportedUsers": 0, "SkippedUsers": 0, "FailedUsers": 0,
        "PasswordHashingAlgorithm": "BCRYPT",
    } == job  # fmt: skip
    assert job["JobId"].startswith("import-")
    assert 17 == len(job["JobId"])
    described = await service("DescribeUserImportJob", UserPoolId=entry.pool.id, JobId=job["JobId"])
    assert {**job, "PreSignedUrl": url} == described["UserImportJob"]


@sqlite_only
async def test_jobs_are_listed_newest_first(service: Service, flow: Flow, clock: FixedClock, entry: PoolEntry) -> None:
    await create(service, await an_open_pool(flow))
    made = []
    for _ in range(5):
        made.append((await create(service, entry))["JobId"])
        clock.advance(1)

    token: dict[str, Any] = {}
    sizes, listed = [], []
    while True:
        answer = await service("ListUserImportJobs", UserPoolId=entry.pool.id, MaxResults=2, **token)
        sizes.append(len(answer["UserImportJobs"]))
        listed += [job["JobId"] for job in answer["UserImportJobs"]]
        if "PaginationToken" not in answer:
            break
        token = {"PaginationToken": answer["PaginationToken"]}
    assert ([2, 2, 1], made[::-1]) == (sizes, listed)
    bad = ("InvalidParameterException", "Invalid pagination token")
    at = {"UserPoolId": entry.pool.id, "MaxResults": 2}
    assert bad == await service.refusal("ListUserImportJobs", **at, PaginationToken="x")
    assert "maxResults" in (await service.refusal("ListUserImportJobs", UserPoolId=entry.pool.id, MaxResults=61))[1]
    assert "maxResults" in (await service.refusal("ListUserImportJobs", UserPoolId=entry.pool.id))[1]


@sqlite_only
@pytest.mark.parametrize(
    ("member", "value", "shown"),
    [
        ("JobName", "", "jobName"),
        ("JobName", "a/b", "jobName"),
        ("CloudWatchLogsRoleArn", "role", "cloudWatchLogsRoleArn"),
        ("CloudWatchLogsRoleArn", None, "cloudWatchLogsRoleArn"),
        ("PasswordHashingAlgorithm", "MD5", "passwordHashingAlgorithm"),
    ],
)
async def test_a_job_keeps_the_limits(service: Service, entry: PoolEntry, member: str, value: str, shown: str) -> None:
    asked = {"JobName": "x", "UserPoolId": entry.pool.id, "CloudWatchLogsRoleArn": ROLE, member: value}

    code, message = await service.refusal("CreateUserImportJob", **asked)

    assert "InvalidParameterException" == code
    assert f"at '{shown}'" in message


async def test_a_pool_or_job_that_is_not_there_is_unknown(service: Service, flow: Flow, entry: PoolEntry) -> None:
    other = await an_open_pool(flow)
    job = await create(service, other)

    for operation in ("DescribeUserImportJob", "StartUserImportJob", "StopUserImportJob"):
        assert UNKNOWN == await service.refusal(operation, UserPoolId=entry.pool.id, JobId="import-0000000000")
        # Another pool's job is as unknown.
        assert "ResourceNotFoundException" == (
            await service.refusal(operation, UserPoolId=entry.pool.id, JobId=job["JobId"])
        )[0]  # fmt: skip
        no_pool = ("ResourceNotFoundException", "User pool us-east-1_none does not exist.")
        assert no_pool == await service.refusal(operation, UserPoolId="us-east-1_none", JobId=job["JobId"])
    asked = {"UserPoolId": "us-east-1_none", "JobName": "x", "CloudWatchLogsRoleArn": ROLE}
    assert "ResourceNotFoundException" == (await service.refusal("CreateUserImportJob", **asked))[0]
    assert "ResourceNotFoundException" == (
        await service.refusal("ListUserImportJobs", UserPoolId="us-east-1_none", MaxResults=1)
    )[0]  # fmt: skip
    assert [] == (await service("ListUserImportJobs", UserPoolId=entry.pool.id, MaxResults=1))["UserImportJobs"]


@sqlite_only
async def test_a_pool_has_at_most_a_thousand_jobs(
    service: Service, entry: PoolEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert IN_POOL == 1_000
    monkeypatch.setattr("poolhouse.pool.flows.imports.IN_POOL", 2)
    await create(service, entry)
    await create(service, entry)

    asked = {"UserPoolId": entry.pool.id, "JobName": "x", "CloudWatchLogsRoleArn": ROLE}
    assert "LimitExceededException" == (await service.refusal("CreateUserImportJob", **asked))[0]


async def test_a_job_cannot_start_without_a_file(service: Service, entry: PoolEntry) -> None:
    job = await create(service, entry)

    refused = await service.refusal("StartUserImportJob", UserPoolId=entry.pool.id, JobId=job["JobId"])

    assert (PRECONDITION, "The user import job has no file: send it to the pre-signed URL first.") == refused


@sqlite_only
async def test_a_job_cannot_start_where_nothing_is_verified(service: Service, flow: Flow) -> None:
    entry = await a_pool(flow)
    job = await create(service, entry)
    await send(flow, job["PreSignedUrl"], a_file(entry))

    code, message = await service.refusal("StartUserImportJob", UserPoolId=entry.pool.id, JobId=job["JobId"])

    assert PRECONDITION == code
    assert message.startswith("The user pool does not have auto-verified attributes")


@sqlite_only
async def test_a_job_starts_once(service: Service, entry: PoolEntry) -> None:
    at = await started(service, entry, a_file(entry, named("ann")))

    pending = await service("DescribeUserImportJob", **at)
    assert "Pending" == pending["UserImportJob"]["Status"]
    assert "PreSignedUrl" not in pending["UserImportJob"]
    again = (PRECONDITION, "The user import job cannot be started: its status is Pending.")
    assert again == await service.refusal("StartUserImportJob", **at)
    await ImportRunner(service.flow).run_one()
    ended = (PRECONDITION, "The user import job cannot be started: its status is Succeeded.")
    assert ended == await service.refusal("StartUserImportJob", **at)
    stopped = (PRECONDITION, "The user import job cannot be stopped: its status is Succeeded.")
    assert stopped == await service.refusal("StopUserImportJob", **at)


async def test_of_two_starts_at_once_one_succeeds(service: Service, flow: Flow, entry: PoolEntry) -> None:
    jobs = [await create(service, entry) for _ in range(2)]
    for job in jobs:
        await send(flow, job["PreSignedUrl"], a_file(entry, named("ann")))

    # The same job twice, and two jobs of one pool.
    served, refused = await race(
        service("StartUserImportJob", UserPoolId=entry.pool.id, JobId=job["JobId"]) for job in [*jobs, *jobs]
    )

    assert (1, 3) == (len(served), len(refused))
    assert {PRECONDITION} == {code for code, _ in refused}


async def test_two_runners_share_no_job(service: Service, flow: Flow, entry: PoolEntry) -> None:
    await started(service, entry, a_file(entry, *(named(f"u{number}") for number in range(250))))

    took = await asyncio.gather(*(ImportRunner(flow).run_one() for _ in range(3)))

    assert [False, False, True] == sorted(took)
    assert 250 == (await service("DescribeUserPool", UserPoolId=entry.pool.id))["UserPool"]["EstimatedNumberOfUsers"]


async def test_a_running_import_keeps_its_pool_as_it_is(service: Service, entry: PoolEntry) -> None:
    await started(service, entry, a_file(entry, named("ann")))
    pool_id = entry.pool.id
    added = [{"Name": "team", "AttributeDataType": "String"}]
    refused = ("UserImportInProgressException", "A user import job of this user pool is running.")

    assert refused == await service.refusal("UpdateUserPool", UserPoolId=pool_id)
    assert refused == await service.refusal("AddCustomAttributes", UserPoolId=pool_id, CustomAttributes=added)
    assert refused == await service.refusal("DeleteUserPool", UserPoolId=pool_id)

    await ImportRunner(service.flow).run_one()
    await service("AddCustomAttributes", UserPoolId=pool_id, CustomAttributes=added)
    await service("UpdateUserPool", UserPoolId=pool_id)
    await service("DeleteUserPool", UserPoolId=pool_id)


async def test_a_job_that_waits_is_stopped(service: Service, entry: PoolEntry) -> None:
    at = await started(service, entry, a_file(entry, named("ann")))

    stopping = (await service("StopUserImportJob", **at))["UserImportJob"]

    assert "Stopping" == stopping["Status"]
    again = (PRECONDITION, "The user import job cannot be stopped: its status is Stopping.")
    assert again == await service.refusal("StopUserImportJob", **at)
    await ImportRunner(service.flow).run_one()
    job = (await service("DescribeUserImportJob", **at))["UserImportJob"]
    assert ("Stopped", 0, 0, 0) == counted(job)
    assert "The user import job has been stopped." == job["CompletionMessage"]
    assert "CompletionDate" in job


async def test_a_job_that_runs_is_stopped(service: Service, flow: Flow, entry: PoolEntry) -> None:
    at = await started(service, entry, a_file(entry, *(named(f"u{number}") for number in range(1000))))
    running = asyncio.ensure_future(ImportRunner(flow).run_one())
    while not (await service("DescribeUserImportJob", **at))["UserImportJob"]["ImportedUsers"]:  # noqa: ASYNC110
        await asyncio.sleep(0)

    await service("StopUserImportJob", **at)
    await running

    job = (await service("DescribeUserImportJob", **at))["UserImportJob"]
    count = (await service("DescribeUserPool", UserPoolId=entry.pool.id))["UserPool"]["EstimatedNumberOfUsers"]
    assert "Stopped" == job["Status"]
    assert 0 < job["ImportedUsers"] == count < 1000


@sqlite_only
async def test_a_job_that_was_not_started_expires(
    service: Service, flow: Flow, clock: FixedClock, entry: PoolEntry
) -> None:
    job = await create(service, entry)
    await send(flow, job["PreSignedUrl"], a_file(entry, named("ann")))
    clock.advance(DAY)

    at = {"UserPoolId": entry.pool.id, "JobId": job["JobId"]}
    expired = (await service("DescribeUserImportJob", **at))["UserImportJob"]
    assert ("Expired", "The user import job has expired.") == (expired["Status"], expired["CompletionMessage"])
    assert "PreSignedUrl" not in expired
    assert PRECONDITION == (await service.refusal("StartUserImportJob", **at))[0]
    await sweeper.sweep(flow)
    assert expired == (await service("DescribeUserImportJob", **at))["UserImportJob"]
    assert 0 == await pieces(flow)


@sqlite_only
async def test_no_file_stays_when_its_job_has_ended(service: Service, flow: Flow, entry: PoolEntry) -> None:
    at = await started(service, entry, a_file(entry, named("ann")))
    await service("StopUserImportJob", **at)
    waits = await create(service, entry)
    await send(flow, waits["PreSignedUrl"], a_file(entry, named("bob")))
    await ImportRunner(flow).run_one()

    await sweeper.sweep(flow)

    assert 1 == await pieces(flow)


@sqlite_only
async def test_the_columns_are_those_of_the_pool(service: Service, flow: Flow) -> None:
    created = await service(
        "CreateUserPool", PoolName="x",
        Schema=[
            {"Name": "team", "AttributeDataType": "String"},
            {"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True},
        ],
    )  # fmt: skip

    answer = await service("GetCSVHeader", UserPoolId=created["UserPool"]["Id"])

    assert (
        "name,given_name,family_name,middle_name,nickname,preferred_username,profile,picture,website,email,"
        "email_verified,gender,birthdate,zoneinfo,locale,phone_number,phone_number_verified,address,updated_at,"
        "custom:team,cognito:mfa_enabled,cognito:username"
    ) == ",".join(answer["CSVHeader"])
    assert created["UserPool"]["Id"] == answer["UserPoolId"]
    missing = ("ResourceNotFoundException", "User pool us-east-1_none does not exist.")
    assert missing == await service.refusal("GetCSVHeader", UserPoolId="us-east-1_none")


async def test_a_deleted_pool_takes_its_jobs_along(service: Service, flow: Flow, entry: PoolEntry) -> None:
    await imported(service, entry, a_file(entry, named("ann"), named("x", email="")))
    job = await create(service, entry)
    await send(flow, job["PreSignedUrl"], a_file(entry, named("bob")))

    await service("DeleteUserPool", UserPoolId=entry.pool.id)

    assert 0 == await pieces(flow)


async def pieces(flow: Flow) -> int:
    from sqlalchemy import func, select

    from poolhouse.kit.db.statement import compile_statement
    from poolhouse.pool.store import tables

    row = await flow.database.one(compile_statement(select(func.count()).select_from(tables.import_chunks)))
    return int(row[0]) if row else -1


def test_the_shape_of_a_job_has_nothing_that_is_never_shown() -> None:
    assert 14 == len(shapes.UserImportJobType.__struct_fields__)
