"""
Triggers are called here: an event goes out as JSON, by a signed webhook or by Lambda's Invoke, and comes back answered.

A call has five seconds, and three attempts as the service makes them; what the function itself says is never asked
twice.  Whatever is not an answer is an exception: no trigger is ever passed over.
"""

import asyncio
import base64
import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from poolhouse.kit.ambient import Clock, Entropy, SystemClock, SystemEntropy, uuid4
from poolhouse.kit.log import get_logger
from poolhouse.pool.effects.aws_signing import Credentials, signed_headers
from poolhouse.pool.effects.hook_targets import LambdaEndpoint, Target, Targets, Webhook, read_function

if TYPE_CHECKING:
    from poolhouse.pool.effects.hook_http import Answer, Caller

__all__ = ["Failed", "Garbled", "Hooks", "Limits", "Threw", "without_targets"]

log = get_logger()
_TEXT = 2_000


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one call may take.  The first two are the service's own."""

    seconds: float = 5.0
    attempts: int = 3
    pause: float = 0.1
    answer_bytes: int = 1_048_576


class Threw(Exception):
    """The function said no, or broke, in words of its own."""


class Failed(Exception):
    """The function was not reached, or did not answer; the text is for the API's caller and holds no address."""


class Garbled(Exception):
    """What came back is no JSON object."""


class _Again(Exception):
    """This attempt failed in a way that the next one may not."""


class Hooks:
    """The triggers' transport; its client session is opened at the first call and closed with the server."""

    def __init__(self, targets: Targets, clock: Clock, entropy: Entropy, limits: Limits | None = None) -> None:
        self.targets = targets
        self._clock = clock
        self._entropy = entropy
        self._limits = limits or Limits()
        self._caller: Caller | None = None

    async def call(self, arn: str, event: bytes, *, pool_id: str) -> dict[str, Any]:
        """
        The function's answer to an *event* of this pool; ``Threw``, ``Failed`` or ``Garbled`` where there is none.

        A function that is for other pools is as one that does not exist: the table is the operator's secret.
        """
        target = self.targets.find(arn, pool_id)
        if target is None:
            log.warning("trigger has no hook", arn=arn, pool_id=pool_id)
            raise Failed("ResourceNotFoundException")
        body = await self._tried(arn, self._attempt(target, arn, event))
        try:
            answer = msgspec.json.decode(body)
        except (ValueError, RecursionError) as wrong:
            raise Garbled from wrong
        if not isinstance(answer, dict):
            raise Garbled
        return answer

    async def close(self) -> None:
        """Close the client session, if there is one."""
        caller, self._caller = self._caller, None
        if caller is not None:
            await caller.close()

    async def _tried(self, arn: str, attempt: Callable[[], Awaitable[bytes]]) -> bytes:
        last = _Again()
        for number in range(self._limits.attempts):
            if number:
                await asyncio.sleep(self._limits.pause * number)
            try:
                return await attempt()
            except _Again as again:
                log.warning("trigger attempt failed", arn=arn, attempt=number + 1, cause=str(again.__cause__ or again))
                last = again
        raise Failed(str(last)) from last

    def _attempt(self, target: Target, arn: str, event: bytes) -> Callable[[], Awaitable[bytes]]:
        match target:
            case Webhook():
                # One id for all attempts: a receiver that has done its work already can tell.
                return partial(self._webhook, target, f"msg_{uuid4(self._entropy)}", event)
            case LambdaEndpoint():
                return partial(self._invoke, target, arn, event)

    async def _webhook(self, target: Webhook, message_id: str, event: bytes) -> bytes:
        """
        POST, signed as Standard Webhooks has it: ``v1,`` and Base64(HMAC-SHA256(key, "<id>.<timestamp>.<body>")).

        200 is the answer; 400 with ``errorMessage`` is the function's error.
        """
        stamp = str(self._clock.now())
        mac = hmac.digest(target.key, b".".join((message_id.encode(), stamp.encode(), event)), "sha256")
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        }
        answer = await self._post(target.url, headers, event)
        if answer.status == 400:
            raise Threw(_error_text(answer.body) or "the webhook refused")
        return _body_of(answer, "HTTP status")

    async def _invoke(self, target: LambdaEndpoint, arn: str, event: bytes) -> bytes:
        """AWS API: Lambda Invoke, RequestResponse.  A function's error is marked by a header, or by its form alone."""
        function = read_function(arn)
        if function is None:
            log.warning("trigger is no function", arn=arn)
            raise Failed("InvalidParameterValueException")
        url = f"{target.url}/2015-03-31/functions/{quote(target.function or function.name, safe='')}/invocations"
        if function.qualifier is not None:
            url += f"?Qualifier={quote(function.qualifier, safe='')}"
        headers = signed_headers(
            Credentials(
                access_key_id=target.access_key_id,
                secret_access_key=target.secret_access_key,
                session_token=target.session_token,
            ),
            url=url,
            body=event,
            service="lambda",
            region=target.region or function.region,
            now=self._clock.now(),
            headers={"content-type": "application/json", "x-amz-invocation-type": "RequestResponse"},
        )
        answer = await self._post(url, headers, event)
        body = _body_of(answer, answer.headers.get("x-amzn-errortype", "").partition(":")[0] or "HTTP status")
        text = _error_text(body)
        if "x-amz-function-error" in answer.headers or text is not None:
            raise Threw(text or "the function failed")
        return body

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> "Answer":
        from poolhouse.pool.effects.hook_http import Caller, Unreached  # noqa: PLC0415 (imports aiohttp)

        if self._caller is None:
            self._caller = Caller()
        limits = self._limits
        try:
            return await self._caller.post(url, headers, body, seconds=limits.seconds, limit=limits.answer_bytes)
        except Unreached as wrong:
            # The service's words for an answer that does not come.
            raise _Again(
                "Socket timeout while invoking Lambda function" if wrong.late else "the function was not reached"
            ) from wrong


def without_targets() -> Hooks:
    """For a program that was told of no hook: every trigger fails."""
    return Hooks(Targets(), SystemClock(), SystemEntropy())


def _body_of(answer: "Answer", named: str) -> bytes:
    if answer.status == 200:
        return answer.body
    cause = f"{named} {answer.status}" if named == "HTTP status" else named
    if answer.status == 429 or answer.status >= 500:
        raise _Again(cause)
    raise Failed(cause)


def _error_text(body: bytes) -> str | None:
    """``errorMessage`` of a function's error; None where *body* is something else, such as an event."""
    try:
        told = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or "response" in told or not isinstance(told.get("errorMessage"), str):
        return None
    return "".join(char if char.isprintable() else " " for char in told["errorMessage"][:_TEXT])
