"""Plays a file of exchanges through the real pipeline, bytes in and bytes out, and says what differs."""

import re
from collections.abc import Iterator

import msgspec

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import AnyCredentials, Api
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.spec.contract import contract
from tests.exchanges.files import Golden, Step, given, member
from tests.exchanges.names import Names
from tests.exchanges.placeholders import KINDS
from tests.support.builders import last_code, the_pool

MEDIA = "application/x-amz-json-1.1"
_HEADERS = {"content-type": MEDIA, "cache-control": "no-store"}
_REQUEST_ID = re.compile(KINDS["uuid"].shape)
_SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIAANYONE/20270115/us-east-1/cognito-idp/aws4_request, SignedHeaders=host,"
    " Signature=0"
)


class Player:
    """One run of one file: the values that names stand for, and the server."""

    def __init__(self, flow: Flow, clock: FixedClock, golden: Golden) -> None:
        self.flow = msgspec.structs.replace(flow, config=msgspec.structs.replace(flow.config, **golden.server))
        self.clock = clock
        self.literals: set[str] = set()
        self._api = Api(ctx=self.flow, operations=OPERATIONS, credentials=AnyCredentials())

        async def code_of(pool_id: str) -> str:
            return await last_code(self.flow, await the_pool(self.flow, pool_id))

        self.names = Names(clock, code_of)

    async def prepare(self, names: tuple[str, ...]) -> None:
        """Run lists of `given.json`."""
        for name in names:
            for step in given()[name]:
                await self.run(step, step.call)

    async def run(self, step: Step, operation: str) -> Reply:
        """Send a step, and keep what it names; one that only prepares must succeed."""
        self.clock.advance(step.advance)
        if step.send is msgspec.UNSET:
            return Reply()
        reply = Reply()
        for _ in range(step.repeat):
            reply = await self._api.handle(await self._raw(step, step.call or operation))
        if not step.rule and reply.status != 200:
            message = f"a preparation failed: {step.call or operation} {step.send}: {reply.body.decode()}"
            raise AssertionError(message)
        for name, path in step.keep.items():
            self.names.values[name] = member(msgspec.json.decode(reply.body), path)
        return reply

    async def _raw(self, step: Step, operation: str) -> Raw:
        headers = {
            "host": "localhost",
            "content-type": MEDIA,
            "x-amz-target": f"{contract().service.target_prefix}.{operation}",
            **({"authorization": _SIGNED} if contract().operations[operation].auth == "sigv4" else {}),
            **step.headers,
        }
        return Raw(
            method="POST",
            path="/",
            headers=tuple((name.encode(), value.encode()) for name, value in headers.items() if value),
            body=msgspec.json.encode(await self.names.filled(step.send)),
            peer="192.0.2.7",
        )

    def differences(self, step: Step, reply: Reply) -> Iterator[str]:
        """What is not as the step says: status, each header, the body."""
        sent = {name.lower(): value for name, value in reply.headers}
        if not _REQUEST_ID.fullmatch(sent.pop("x-amzn-requestid", "")):
            yield "there is no x-amzn-RequestId"
        body = msgspec.json.decode(reply.body) if reply.body else None
        if step.refused is msgspec.UNSET:
            status, headers, expected = 200, _HEADERS, step.answer
        else:
            assert isinstance(step.refused, tuple)
            code, message = step.refused
            modelled = contract().errors.get(code)
            status = modelled.status if modelled else 400
            expected = {"__type": code, "message": message} if message else {"__type": code}
            headers = {**_HEADERS, "x-amzn-errortype": f"{code}:"}
            shown = sent.pop("x-amzn-errormessage", None)
            yield from self.names.differences(message, shown, "x-amzn-ErrorMessage")
        if reply.status != status:
            yield f"status {reply.status} is not {status}"
        if sent != headers | self._shared(step):
            yield f"headers {sent} are not {headers}"
        yield from self.names.differences(expected, body, "")

    def _shared(self, step: Step) -> dict[str, str]:
        if "origin" not in step.headers:
            return {}
        exposed = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
        return {"access-control-allow-origin": "*", "access-control-expose-headers": exposed}
