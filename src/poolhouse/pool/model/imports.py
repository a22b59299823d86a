"""Jobs that import users from a file."""

from enum import StrEnum

import msgspec

from poolhouse.pool.model.pool import PoolId


class JobState(StrEnum):
    """UserImportJobStatusType of the API."""

    CREATED = "Created"
    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    STOPPING = "Stopping"
    EXPIRED = "Expired"
    STOPPED = "Stopped"
    FAILED = "Failed"
    SUCCEEDED = "Succeeded"


ACTIVE = frozenset({JobState.PENDING, JobState.IN_PROGRESS, JobState.STOPPING})
"""Started and not at an end: the pool's settings stay as they are meanwhile."""


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """
    One job.  Times in milliseconds; ``expires_ms`` is when a job that was not started ends by itself.

    ``upload`` names the file that counts, among those that were begun; ``size`` is its length.  ``position`` is the
    first byte that has not been decided upon and ``line`` the number of lines before it: both are written with the
    users they stand for, so a job goes on where it was interrupted.  ``decoy`` is a hash that costs what one of the
    file's hashes costs, and that no password matches.  ``runner`` works on the job until ``lease_ms``.
    """

    pool_id: PoolId
    id: str
    name: str
    role_arn: str
    algorithm: str | None = None
    state: JobState = JobState.CREATED
    created_ms: int
    expires_ms: int
    started_ms: int | None = None
    completed_ms: int | None = None
    upload: str | None = None
    size: int = 0
    position: int = 0
    line: int = 0
    columns: tuple[str, ...] = ()
    imported: int = 0
    skipped: int = 0
    failed: int = 0
    message: str | None = None
    decoy: str | None = None
    runner: str = ""
    lease_ms: int = 0

    def state_at(self, now_ms: int) -> JobState:
        """The state: a job that was never started has expired whether or not a sweep has said so."""
        is_late = self.state is JobState.CREATED and now_ms >= self.expires_ms
        return JobState.EXPIRED if is_late else self.state


class RowFailure(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the file that made no user, and why; "skipped" is a user who was there already."""

    line: int
    skipped: bool
    message: str
