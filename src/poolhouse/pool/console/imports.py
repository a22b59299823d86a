"""Jobs that import users: the list, a new one, its file, how far it is, and what became of its rows."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import call, get_pool, list_page
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.refusals import message_of, placed
from poolhouse.pool.console.settings.checks import check_arn, check_name
from poolhouse.pool.console.tabs import crumbs, tab_page
from poolhouse.pool.core import import_csv, import_rows
from poolhouse.pool.flows import imports
from poolhouse.pool.model.imports import ImportJob, RowFailure
from poolhouse.pool.spec.errors import CognitoError

ON_PAGE: Final = 25
_FAILURES: Final = 100
_SLICE: Final = 1_000
_RUNNING: Final = frozenset({"Pending", "InProgress", "Stopping"})
_ALGORITHMS: Final = (
    ("", "None: everybody chooses a new password"),
    ("BCRYPT", "bcrypt"),
    ("SCRYPT", "scrypt"),
    ("ARGON2ID", "argon2id"),
    ("PBKDF2_SHA256", "PBKDF2 with SHA-256"),
)
_PLACES: Final = {"jobName": "name", "cloudWatchLogsRoleArn": "role"}


async def show_all(visit: Visit) -> Reply:
    """GET: the pool's jobs, newest first."""
    pool = await get_pool(visit)
    came_by = list(visit.query.column("page"))
    jobs, token = await list_page(
        visit, "ListUserImportJobs", came_by[-1] if came_by else "", ON_PAGE, UserPoolId=visit.pool_id
    )

    def at(tokens: list[str]) -> str:
        return paths.of_pool(visit.pool_id, "users", "import", page=tokens)

    return tab_page(
        visit,
        pool,
        "Users",
        "imports.html",
        jobs=[(job, _address(visit, job["JobId"])) for job in jobs],
        previous=at(came_by[:-1]) if came_by else "",
        following=at([*came_by, token]) if token else "",
    )


async def show_create(visit: Visit) -> Reply:
    return await _form(visit, Form(), {})


async def create(visit: Visit) -> Reply:
    """POST: CreateUserImportJob."""
    form = visit.form
    problems: Problems = {}
    check_name(form, "name", problems, what="the import job")
    check_arn(form, "role", problems, required=True)
    if problems:
        return await _form(visit, form, problems)
    hashes = {"PasswordHashingAlgorithm": form.text("algorithm")} if form.text("algorithm") else {}
    asked = {"JobName": form.text("name"), "CloudWatchLogsRoleArn": form.text("role"), **hashes}
    try:
        created = await call(visit, "CreateUserImportJob", UserPoolId=visit.pool_id, **asked)
    except CognitoError as error:
        return await _form(visit, form, placed(error, _PLACES))
    address = _address(visit, created["UserImportJob"]["JobId"])
    return go(visit, address, "The import job was created. Send its file, then start it.", form)


async def show(visit: Visit) -> Reply:
    """GET: one job; while it runs the page is asked for again every other second."""
    return await _page(visit)


async def start(visit: Visit) -> Reply:
    """POST: StartUserImportJob."""
    return await _act(visit, "StartUserImportJob", "The import job was started.")


async def stop(visit: Visit) -> Reply:
    """POST: StopUserImportJob."""
    return await _act(visit, "StopUserImportJob", "The import job is being stopped.")


async def template(visit: Visit) -> Reply:
    """GET: a file with the header alone."""
    answer = await call(visit, "GetCSVHeader", UserPoolId=visit.pool_id)
    columns = [*answer["CSVHeader"], *([import_rows.HASH] if visit.query.text("hashes") else [])]
    return _download(import_csv.join(columns) + "\n", "template.csv", "text/csv")


async def log(visit: Visit) -> Reply:
    """GET: every row that made no user, and what the job came to."""
    job = await _job(visit)
    lines: list[str] = []
    after = 0
    while True:
        found = await imports.list_failures(visit.flow, job, after, _SLICE)
        lines += [_line(each) for each in found]
        if len(found) < _SLICE:
            break
        after = found[-1].line
        # Half a million lines are no reason to keep others waiting.
        await asyncio.sleep(0)
    lines.append(f"[{job.state.value.upper()}] Imported {job.imported}, skipped {job.skipped}, failed {job.failed}.")
    return _download("\n".join(lines) + "\n", f"{job.id}.log", "text/plain")


def _line(failure: RowFailure) -> str:
    return f"[{'SKIPPED' if failure.skipped else 'FAILED'}] Line Number {failure.line} - {failure.message}"


def _download(content: str, name: str, kind: str) -> Reply:
    headers = (
        ("content-type", f"{kind}; charset=utf-8"),
        ("content-disposition", f'attachment; filename="{name}"'),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    )
    return Reply(200, content.encode(), headers)


async def _act(visit: Visit, operation: str, word: str) -> Reply:
    job_id = visit.raw.params["job"]
    try:
        await call(visit, operation, UserPoolId=visit.pool_id, JobId=job_id)
    except CognitoError as error:
        return await _page(visit, message_of(error))
    return go(visit, _address(visit, job_id), word)


async def _job(visit: Visit) -> ImportJob:
    """Through the operation, so that nothing is shown that the API would not show."""
    job_id = visit.raw.params["job"]
    await call(visit, "DescribeUserImportJob", UserPoolId=visit.pool_id, JobId=job_id)
    return await imports.describe(visit.flow, visit.region, visit.pool_id, job_id)


async def _page(visit: Visit, refusal: str = "") -> Reply:
    pool = await get_pool(visit)
    job_id = visit.raw.params["job"]
    shown = (await call(visit, "DescribeUserImportJob", UserPoolId=visit.pool_id, JobId=job_id))["UserImportJob"]
    job = await _job(visit)
    failures = await imports.list_failures(visit.flow, job, 0, _FAILURES)
    address = _address(visit, job_id)
    reply = page(
        visit,
        "import.html",
        job={**dict.fromkeys(("CompletionMessage", "StartDate", "CompletionDate")), **shown},
        facts=_facts(shown),
        crumbs=crumbs(visit, pool, "Users", ("Import users", paths.of_pool(visit.pool_id, "users", "import"))),
        upload=_path(shown),
        url=shown.get("PreSignedUrl", ""),
        size=job.size if job.upload else None,
        running=shown["Status"] in _RUNNING,
        read=100 * job.position // job.size if job.size else 100,
        failures=failures,
        more=len(failures) == _FAILURES,
        refusal=refusal,
        to={name: f"{address}/{name}" for name in ("start", "stop", "log")},
        csv_template=paths.of_pool(
            visit.pool_id, "users", "import", "template.csv", hashes="1" if job.algorithm else ""
        ),
        status=409 if refusal else 200,
    )
    return reply.with_headers(("refresh", f"2; url={address}")) if shown["Status"] in _RUNNING else reply


def _path(shown: Mapping[str, Any]) -> str:
    """The address without its origin: the browser may know this server by another of its names."""
    parts = urlsplit(shown.get("PreSignedUrl", ""))
    return f"{parts.path}?{parts.query}" if parts.path else ""


def _facts(shown: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        ("Job ID", shown["JobId"]),
        ("Password hashing algorithm", shown.get("PasswordHashingAlgorithm") or "None"),
        ("IAM role", shown["CloudWatchLogsRoleArn"]),
        ("Imported users", shown["ImportedUsers"]),
        ("Skipped users", shown["SkippedUsers"]),
        ("Failed users", shown["FailedUsers"]),
    ]


def _address(visit: Visit, job_id: str) -> str:
    return paths.of_pool(visit.pool_id, "users", "import", job_id)


async def _form(visit: Visit, form: Form, problems: Problems) -> Reply:
    pool = await get_pool(visit)
    return edit_page(
        visit,
        title="Create import job",
        lead=f"A job brings the users of one CSV file into {pool['Name']}.",
        fields="import_job.html",
        form=form,
        problems=problems,
        crumbs=crumbs(visit, pool, "Users", ("Import users", paths.of_pool(visit.pool_id, "users", "import"))),
        submit="Create import job",
        algorithms=_ALGORITHMS,
    )
