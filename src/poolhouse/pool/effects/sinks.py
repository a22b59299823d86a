"""
Handing lines of logs over: to a file, a signed webhook, or an endpoint that speaks CloudWatch Logs.

An S3 bucket and a Firehose stream are destinations of the API; here, too, they are what the operator's table says.
"""

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from poolhouse.pool.effects.aws_signing import signed_headers
from poolhouse.pool.effects.sink_targets import LogFile, LogGroup, LogWebhook, Targets

if TYPE_CHECKING:
    from poolhouse.pool.effects.hook_http import Caller

SECONDS: Final = 10.0
ANSWER_BYTES: Final = 65_536
_OPERATION: Final = "Logs_20140328.PutLogEvents"


class Line(msgspec.Struct, frozen=True):
    """One line and the time that it is about."""

    text: str
    at_ms: int


class SinkFailed(Exception):
    """Not delivered; a later try may help."""


class Sinks:
    """The destinations that this server knows; its HTTP client is made at first use, closed with the program."""

    def __init__(self, targets: Targets | None = None) -> None:
        self._targets = targets or Targets()
        self._caller: Caller | None = None

    def is_known(self, arn: str) -> bool:
        """Whether lines for *arn* can go anywhere."""
        return self._targets.find(arn) is not None

    async def deliver(self, arn: str, lines: Sequence[Line], now: int) -> None:
        """Hand *lines* to what *arn* stands for, or raise ``SinkFailed``."""
        match self._targets.find(arn):
            case LogFile(path):
                try:
                    await asyncio.to_thread(_append, path, lines)
                except OSError as wrong:
                    raise SinkFailed(type(wrong).__name__) from wrong
            case LogWebhook() as webhook:
                await self._call_webhook(webhook, lines, now)
            case LogGroup() as group:
                await self._put_log_events(group, arn, lines, now)
            case None:
                raise SinkFailed("no destination")

    async def close(self) -> None:
        """Let go of every connection."""
        if self._caller is not None:
            await self._caller.close()

    async def _call_webhook(self, webhook: LogWebhook, lines: Sequence[Line], now: int) -> None:
        """POST of JSON lines, signed as Standard Webhooks has it; the id is that of the content, so a retry is told."""
        body = _joined(lines)
        identity = f"log_{hashlib.sha256(body).hexdigest()[:32]}"
        mac = hmac.digest(webhook.key, b".".join((identity.encode(), str(now).encode(), body)), "sha256")
        headers = {
            "content-type": "application/x-ndjson",
            "webhook-id": identity,
            "webhook-timestamp": str(now),
            "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        }
        await self._post(webhook.url, headers, body)

    async def _put_log_events(self, group: LogGroup, arn: str, lines: Sequence[Line], now: int) -> None:
        """CloudWatch Logs API: PutLogEvents, in the order of time."""
        ordered = sorted(lines, key=lambda each: each.at_ms)
        body = msgspec.json.encode(
            {
                "logGroupName": arn.partition(":log-group:")[2].removesuffix(":*") or arn,
                "logStreamName": group.stream,
                "logEvents": [{"timestamp": each.at_ms, "message": each.text} for each in ordered],
            }
        )
        headers = signed_headers(
            group.credentials,
            url=group.url,
            body=body,
            service="logs",
            region=arn.split(":")[3],
            now=now,
            headers={"content-type": "application/x-amz-json-1.1", "x-amz-target": _OPERATION},
        )
        await self._post(group.url, headers, body)

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> None:
        from poolhouse.pool.effects.hook_http import Caller, Unreached  # noqa: PLC0415 (imports aiohttp)

        if self._caller is None:
            self._caller = Caller()
        try:
            answer = await self._caller.post(url, headers, body, seconds=SECONDS, limit=ANSWER_BYTES)
        except Unreached as failed:
            raise SinkFailed(str(failed)) from failed
        if not 200 <= answer.status < 300:
            raise SinkFailed(f"status {answer.status}")


def _joined(lines: Sequence[Line]) -> bytes:
    return "".join(f"{each.text}\n" for each in lines).encode()


def _append(path: Path, lines: Sequence[Line]) -> None:
    """One write, so that lines of several processes do not mix; readable by nobody else."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, _joined(lines))
        os.fsync(handle)
    finally:
        os.close(handle)
