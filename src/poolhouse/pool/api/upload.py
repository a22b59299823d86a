"""
Where the file of an import job is sent: ``PUT`` to the pre-signed URL, answered as an object store answers.

The address is the permission: whoever has it may send the file of this job until it expires, and nothing else.
"""

from collections.abc import AsyncIterator
from typing import Final

from starlette.routing import BaseRoute, Route

from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import DatabaseBusy, DatabaseDown
from poolhouse.kit.edge import Raw, Reply, streaming
from poolhouse.kit.forms import FormError, single
from poolhouse.pool.core.import_csv import FILE_BYTES
from poolhouse.pool.flows import imports
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.imports import UploadRefused

_SSE: Final = "x-amz-server-side-encryption"
_ENCRYPTIONS: Final = frozenset({"", "AES256", "aws:kms", "aws:kms:dsse"})


def routes(flow: Flow) -> list[BaseRoute]:
    """One address, one method."""

    async def receive(raw: Raw, body: AsyncIterator[bytes]) -> Reply:
        try:
            await _receive(flow, raw, body)
        except UploadRefused as refused:
            return _refusal(flow, refused)
        except (DatabaseBusy, DatabaseDown):
            return _refusal(flow, UploadRefused("SlowDown", "Please reduce your request rate.", 503))
        return Reply(200, b"", _headers(flow))

    return [Route("/imports/{pool}/{job}", streaming(receive), methods=["PUT"])]


async def _receive(flow: Flow, raw: Raw, body: AsyncIterator[bytes]) -> None:
    """
    Everything that the head says is judged before the body is read.

    Whoever follows the service's guide asks for encryption with a key of its own; here every file is sealed with a key
    derived from the master key, whatever is asked for, so the header may also be missing.
    """
    try:
        query = single(raw.query)
    except FormError as wrong:
        raise UploadRefused("InvalidRequest", "The query is not well formed.") from wrong
    pool_id, job_id = raw.params["pool"], raw.params["job"]
    imports.check_address(flow, pool_id, job_id, expires=query.get("expires", ""), signature=query.get("signature", ""))
    if raw.header(_SSE) not in _ENCRYPTIONS:
        raise UploadRefused("InvalidArgument", f"The value of {_SSE} is not one that is known.")
    length = raw.header("content-length")
    if length.isdigit() and (len(length) > 18 or int(length) > FILE_BYTES):
        raise UploadRefused("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
    await imports.upload(flow, pool_id, job_id, body)


def _headers(flow: Flow) -> tuple[tuple[str, str], ...]:
    return (("x-amz-request-id", uuid4(flow.entropy)), ("cache-control", "no-store"))


def _refusal(flow: Flow, refused: UploadRefused) -> Reply:
    from xml.sax.saxutils import escape  # noqa: PLC0415 (brings urllib.request along)

    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(refused.code)}</Code><Message>{escape(refused.message)}</Message></Error>\n"
    )
    headers = (("content-type", "application/xml"), ("connection", "close"), *_headers(flow))
    return Reply(refused.status, body.encode(), headers)
