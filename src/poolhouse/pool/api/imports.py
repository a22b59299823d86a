"""Operations on jobs that import users."""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.api.views import date
from poolhouse.pool.core import import_rows
from poolhouse.pool.flows import imports, pools
from poolhouse.pool.model.imports import ImportJob
from poolhouse.pool.spec import shapes


@operation
async def create_user_import_job(
    call: Call, request: shapes.CreateUserImportJobRequest
) -> shapes.CreateUserImportJobResponse:
    job = await imports.create(
        call.ctx,
        call.region,
        request.user_pool_id,
        name=request.job_name,
        role_arn=request.cloud_watch_logs_role_arn,
        algorithm=request.password_hashing_algorithm,
    )
    return shapes.CreateUserImportJobResponse(user_import_job=_view(call, job))


@operation
async def start_user_import_job(
    call: Call, request: shapes.StartUserImportJobRequest
) -> shapes.StartUserImportJobResponse:
    job = await imports.start(call.ctx, call.region, request.user_pool_id, request.job_id)
    return shapes.StartUserImportJobResponse(user_import_job=_view(call, job))


@operation
async def stop_user_import_job(
    call: Call, request: shapes.StopUserImportJobRequest
) -> shapes.StopUserImportJobResponse:
    job = await imports.stop(call.ctx, call.region, request.user_pool_id, request.job_id)
    return shapes.StopUserImportJobResponse(user_import_job=_view(call, job))


@operation
async def describe_user_import_job(
    call: Call, request: shapes.DescribeUserImportJobRequest
) -> shapes.DescribeUserImportJobResponse:
    job = await imports.describe(call.ctx, call.region, request.user_pool_id, request.job_id)
    return shapes.DescribeUserImportJobResponse(user_import_job=_view(call, job))


@operation
async def list_user_import_jobs(
    call: Call, request: shapes.ListUserImportJobsRequest
) -> shapes.ListUserImportJobsResponse:
    """Newest first."""
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    found, token = await page(
        call,
        lambda after, count: imports.list_all(call.ctx, entry.pool.id, after, count),
        asked=(entry.pool.id,),
        key=imports.place_of,
        token=request.pagination_token,
        limit=request.max_results,
    )
    return shapes.ListUserImportJobsResponse(
        user_import_jobs=[_view(call, job) for job in found], pagination_token=token
    )


@operation
async def get_csv_header(call: Call, request: shapes.GetCSVHeaderRequest) -> shapes.GetCSVHeaderResponse:
    """
    The columns of a file to import users from.

    A job with hashes has one column more (``core.import_rows.HASH``), which no parameter of this operation asks for.
    """
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    return shapes.GetCSVHeaderResponse(user_pool_id=entry.pool.id, csv_header=list(import_rows.header(entry.pool)))


def _view(call: Call, job: ImportJob) -> shapes.UserImportJobType:
    state = job.state_at(call.ctx.clock.now_ms())
    has_expired = state is not job.state
    completed_ms = job.expires_ms if has_expired else job.completed_ms
    return shapes.UserImportJobType(
        job_name=job.name,
        job_id=job.id,
        user_pool_id=job.pool_id,
        pre_signed_url=imports.address(call.ctx, job),
        creation_date=date(job.created_ms),
        start_date=None if job.started_ms is None else date(job.started_ms),
        completion_date=None if completed_ms is None else date(completed_ms),
        status=state.value,
        cloud_watch_logs_role_arn=job.role_arn,
        imported_users=job.imported,
        skipped_users=job.skipped,
        failed_users=job.failed,
        completion_message=imports.EXPIRED if has_expired else job.message,
        password_hashing_algorithm=job.algorithm,
    )
