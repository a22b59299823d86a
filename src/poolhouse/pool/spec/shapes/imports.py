"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class CreateUserImportJobRequest(Shape, frozen=True, kw_only=True):
    job_name: str
    user_pool_id: str
    cloud_watch_logs_role_arn: str
    password_hashing_algorithm: str | None = None


class CreateUserImportJobResponse(Shape, frozen=True, kw_only=True):
    user_import_job: shapes.UserImportJobType | None = None


class DescribeUserImportJobRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    job_id: str


class DescribeUserImportJobResponse(Shape, frozen=True, kw_only=True):
    user_import_job: shapes.UserImportJobType | None = None


class GetCSVHeaderRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class GetCSVHeaderResponse(Shape, frozen=True, kw_only=True, rename=spelled(csv_header="CSVHeader")):
    user_pool_id: str | None = None
    csv_header: list[str] | None = None


class ListUserImportJobsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    max_results: int
    pagination_token: str | None = None


class ListUserImportJobsResponse(Shape, frozen=True, kw_only=True):
    user_import_jobs: list[shapes.UserImportJobType] | None = None
    pagination_token: str | None = None


class StartUserImportJobRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    job_id: str


class StartUserImportJobResponse(Shape, frozen=True, kw_only=True):
    user_import_job: shapes.UserImportJobType | None = None


class StopUserImportJobRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    job_id: str


class StopUserImportJobResponse(Shape, frozen=True, kw_only=True):
    user_import_job: shapes.UserImportJobType | None = None
