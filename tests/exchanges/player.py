"""Plays a file of exchanges through the real pipeline, bytes in and bytes out, and says what differs."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import AnyCredentials, Api
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.spec.contract import contract
from tests.exchanges.computed import COMPUTED, Computed
from tests.exchanges.files import Golden, Step, given
from tests.exchanges.placeholders import KINDS, NOW, PLACEHOLDER, TOKENS, claims, kind_of

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
        settings = golden.server
        self.flow = msgspec.structs.replace(flow, config=msgspec.structs.replace(flow.config, **settings))
        self.clock = clock
        self.values: dict[str, str] = {}
        self.literals: set[str] = set()
        self._api = Api(ctx=self.flow, operations=OPERATIONS, credentials=AnyCredentials())
        self._computed = Computed(self.flow, clock, self.values)

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
            self.values[name] = _member(msgspec.json.decode(reply.body), path)
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
            body=msgspec.json.encode(await self.filled(step.send)),
            peer="192.0.2.7",
        )

    async def filled(self, sent: Any) -> Any:
        """*sent* with values where names stood."""
        match sent:
            case dict():
                return {key: await self.filled(value) for key, value in sent.items()}
            case list():
                return [await self.filled(value) for value in sent]
            case str():
                return await self._text(sent)
            case _:
                return sent

    async def _text(self, sent: str) -> Any:
        if moment := NOW.fullmatch(sent):
            return self.now() + int(moment["offset"] or 0)
        out, at = "", 0
        for found in PLACEHOLDER.finditer(sent):
            name = found["name"]
            kind, _, argument = name.partition(":")
            if name in self.values:
                value = self.values[name]
            elif kind in COMPUTED:
                value = await self._computed.value(kind, argument)
            elif kind in KINDS:
                message = f"<{name}> stands for nothing yet"
                raise AssertionError(message)
            else:
                value = found[0]
            out, at = out + sent[at : found.start()] + value, found.end()
        return out + sent[at:]

    def now(self) -> float:
        ms = self.clock.now_ms()
        return ms // 1000 if ms % 1000 == 0 else ms / 1000

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
            yield from self._match(message, shown, "x-amzn-ErrorMessage")
        if reply.status != status:
            yield f"status {reply.status} is not {status}"
        if sent != headers | self._shared(step):
            yield f"headers {sent} are not {headers}"
        yield from self._match(expected, body, "")

    def _shared(self, step: Step) -> dict[str, str]:
        if "origin" not in step.headers:
            return {}
        exposed = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
        return {"access-control-allow-origin": "*", "access-control-expose-headers": exposed}

    def _match(self, expected: Any, actual: Any, path: str) -> Iterator[str]:
        match expected:
            case dict() if (token := _token(expected)) and isinstance(actual, str):
                name, said = token
                wrong = list(self._match(f"<{name}>", actual, path))
                yield from wrong or self._match(said, claims(actual), f"{path}<claims>")
            case dict() if isinstance(actual, dict):
                yield from self._match_members(expected, actual, path)
            case list() if isinstance(actual, list) and len(expected) == len(actual):
                for place, (one, other) in enumerate(zip(expected, actual, strict=True)):
                    yield from self._match(one, other, f"{path}[{place}]")
            case str() if isinstance(actual, str):
                yield from self._match_text(expected, actual, path)
            case _:
                if not self._is(expected, actual):
                    yield f"{path}: {actual!r} is not {expected!r}"

    def _match_members(self, expected: dict[str, Any], actual: dict[str, Any], path: str) -> Iterator[str]:
        yield from (f"{path}.{key} is missing" for key in expected.keys() - actual.keys())
        yield from (f"{path}.{key} is too much: {actual[key]!r}" for key in actual.keys() - expected.keys())
        for key in expected.keys() & actual.keys():
            yield from self._match(expected[key], actual[key], f"{path}.{key}")

    def _is(self, expected: Any, actual: Any) -> bool:
        if isinstance(expected, str) and (moment := NOW.fullmatch(expected)):
            return isinstance(actual, (int, float)) and actual == self.now() + int(moment["offset"] or 0)
        return type(expected) is type(actual) and bool(expected == actual)

    def _match_text(self, expected: str, actual: str, path: str) -> Iterator[str]:
        pattern, at, fresh = "", 0, []
        for found in PLACEHOLDER.finditer(expected):
            name, kind = found["name"], KINDS.get(found["kind"])
            pattern += re.escape(expected[at : found.start()])
            at = found.end()
            if kind is None:
                pattern += re.escape(found[0])
            elif kind.kept and name in self.values:
                pattern += re.escape(self.values[name])
            else:
                pattern += f"({kind.shape})"
                fresh.append(name)
        matched = re.fullmatch(pattern + re.escape(expected[at:]), actual, re.DOTALL)
        if matched is None:
            yield f"{path}: {actual!r} is not {expected!r}"
            return
        for name, value in zip(fresh, matched.groups(), strict=True):
            if KINDS[kind_of(name)].kept:
                self.values.setdefault(name, value)


def _token(expected: dict[str, Any]) -> tuple[str, Any] | None:
    """The name and the claims, of an object that stands for a token."""
    if len(expected) == 1:
        ((key, said),) = expected.items()
        found = PLACEHOLDER.fullmatch(key)
        if found is not None and found["kind"] in TOKENS:
            return found["name"], said
    return None


def _member(body: Any, path: str) -> Any:
    for part in path.split("."):
        body = body[int(part)] if isinstance(body, list) else body[part]
    return body
