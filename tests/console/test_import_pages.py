"""Importing users, and searching them, in the console."""

import httpx
import pytest
from starlette.routing import Router

from poolhouse.pool.api import upload
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.import_runner import ImportRunner
from tests.console.browser import Page, Visitor
from tests.console.conftest import Service

ROLE = "arn:aws:iam::000000000000:role/import"


async def a_job(visitor: Visitor, pool_id: str, **fields: str) -> Page:
    page = await visitor.press(await visitor.open(f"/console/pools/{pool_id}/users"), "Import users")
    page = await visitor.press(page, "Create import job")
    return await visitor.press(page, "Create import job", **{"name": "people", "role": ROLE, "algorithm": "", **fields})


async def send(service: Service, flow: Flow, pool_id: str, content: str) -> str:
    """The file of the newest job; its id."""
    [job, *_] = (await service("ListUserImportJobs", UserPoolId=pool_id, MaxResults=1))["UserImportJobs"]
    transport = httpx.ASGITransport(Router(upload.routes(flow)))
    async with httpx.AsyncClient(transport=transport) as client:
        assert 200 == (await client.put(job["PreSignedUrl"], content=content.encode())).status_code
    return str(job["JobId"])


async def a_file(service: Service, pool_id: str, *names: str) -> str:
    columns = (await service("GetCSVHeader", UserPoolId=pool_id))["CSVHeader"]
    values = {"cognito:mfa_enabled": "false", "email_verified": "true"}
    rows = [",".join({**values, "cognito:username": name}.get(column, "") for column in columns) for name in names]
    return "\n".join([",".join(columns), *rows])


async def test_users_are_imported(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await a_job(visitor, pool_id)
    assert "The import job was created. Send its file, then start it." in page.text
    assert "Start" not in [button.strip() for button in page.text.split("\n")]
    job_id = await send(
        service, flow, pool_id, await a_file(service, pool_id, "ann@example.com", "none", "ann@example.com")
    )
    address = f"/console/pools/{pool_id}/users/import/{job_id}"

    page = await visitor.press(await visitor.open(address), "Start")

    assert "The import job was started." in page.text
    assert f"2; url={address}" == page.reply.headers["refresh"]
    await ImportRunner(flow).run_one()
    page = await visitor.open(address)
    assert "Import Job Completed Successfully." in page.text
    assert "Username should be an email." in page.text
    assert "refresh" not in page.reply.headers
    log = await visitor.web.get(f"{address}/log")
    assert [
        "[FAILED] Line Number 3 - Username should be an email.",
        "[SKIPPED] Line Number 4 - The user already exists.",
        "[SUCCEEDED] Imported 1, skipped 1, failed 1.",
    ] == log.text.splitlines()
    assert f'attachment; filename="{job_id}.log"' == log.headers["content-disposition"]
    assert "people" in (await visitor.open(f"/console/pools/{pool_id}/users/import")).text


async def test_a_job_is_stopped(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool())["Id"]
    await a_job(visitor, pool_id)
    job_id = await send(service, flow, pool_id, await a_file(service, pool_id, "ann@example.com"))
    address = f"/console/pools/{pool_id}/users/import/{job_id}"
    page = await visitor.press(await visitor.open(address), "Start")

    page = await visitor.press(page, "Stop")

    assert "The import job is being stopped." in page.text


async def test_a_refusal_is_said_on_the_page(visitor: Visitor, service: Service, flow: Flow) -> None:
    pool_id = (await service.a_pool(AutoVerifiedAttributes=None))["Id"]
    await a_job(visitor, pool_id)
    job_id = await send(service, flow, pool_id, "")
    page = await visitor.open(f"/console/pools/{pool_id}/users/import/{job_id}")

    page = await visitor.press(page, "Start")

    assert 409 == page.status
    assert "The user pool does not have auto-verified attributes" in page.text


async def test_a_job_needs_a_name_and_a_role(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]

    page = await a_job(visitor, pool_id, name="", role="x")

    assert 422 == page.status
    assert 2 == len(page.errors)


@pytest.mark.parametrize(("query", "more"), [("", ""), ("?hashes=1", ",cognito:password_hash")])
async def test_the_template_has_the_header(visitor: Visitor, service: Service, query: str, more: str) -> None:
    pool_id = (await service.a_pool())["Id"]
    columns = (await service("GetCSVHeader", UserPoolId=pool_id))["CSVHeader"]

    reply = await visitor.web.get(f"/console/pools/{pool_id}/users/import/template.csv{query}")

    assert ",".join(columns) + more + "\n" == reply.text
    assert "text/csv; charset=utf-8" == reply.headers["content-type"]


async def test_a_job_that_is_not_there_is_not_found(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]

    assert 404 == (await visitor.web.get(f"/console/pools/{pool_id}/users/import/import-none")).status_code
    assert 404 == (await visitor.web.get(f"/console/pools/{pool_id}/users/import/import-none/log")).status_code


async def test_users_are_searched_with_an_expression(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    for name in ("ada", "bob"):
        await service.a_user(pool_id, f"{name}@example.com")
    at = f"/console/pools/{pool_id}/users"

    found = await visitor.open(at + "?filter=email+*%3D+%22ADA%22+and+status+%3D+%22Enabled%22")
    contains = await visitor.open(at + "?attribute=email&match=contains&value=OB%40")
    wrong = await visitor.open(at + "?filter=email")

    assert ("ada@example.com" in found.text, "bob@example.com" in found.text) == (True, False)
    assert ("ada@example.com" in contains.text, "bob@example.com" in contains.text) == (False, True)
    assert "Error while parsing filter" in wrong.text
