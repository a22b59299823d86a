"""The values that the names of a file stand for: put into requests, and found in answers."""

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from poolhouse.kit.ambient import Clock
from tests.exchanges.computed import COMPUTED, Computed
from tests.exchanges.placeholders import KINDS, NOW, PLACEHOLDER, TOKENS, claims, kind_of


class Names:
    """One run of one file. *last_code* gives the code in the newest message of a pool."""

    def __init__(self, clock: Clock, last_code: Callable[[str], Awaitable[str]]) -> None:
        self.values: dict[str, str] = {}
        self._clock = clock
        self._computed = Computed(clock, last_code, self.values)

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
                if not isinstance(value, str):
                    assert found[0] == sent, f"<{name}> is no text"
                    return value
            elif kind in KINDS:
                message = f"<{name}> stands for nothing yet"
                raise AssertionError(message)
            else:
                value = found[0]
            out, at = out + sent[at : found.start()] + value, found.end()
        return out + sent[at:]

    def now(self) -> float:
        ms = self._clock.now_ms()
        return ms // 1000 if ms % 1000 == 0 else ms / 1000

    def differences(self, expected: Any, actual: Any, path: str) -> Iterator[str]:
        match expected:
            case dict() if (token := _token(expected)) and isinstance(actual, str):
                name, said = token
                wrong = list(self.differences(f"<{name}>", actual, path))
                yield from wrong or self.differences(said, claims(actual), f"{path}<claims>")
            case dict() if isinstance(actual, dict):
                yield from self._match_members(expected, actual, path)
            case list() if isinstance(actual, list) and len(expected) == len(actual):
                for place, (one, other) in enumerate(zip(expected, actual, strict=True)):
                    yield from self.differences(one, other, f"{path}[{place}]")
            case str() if isinstance(actual, str):
                yield from self._match_text(expected, actual, path)
            case _:
                if not self._is(expected, actual):
                    yield f"{path}: {actual!r} is not {expected!r}"

    def _match_members(self, expected: dict[str, Any], actual: dict[str, Any], path: str) -> Iterator[str]:
        yield from (f"{path}.{key} is missing" for key in expected.keys() - actual.keys())
        yield from (f"{path}.{key} is too much: {actual[key]!r}" for key in actual.keys() - expected.keys())
        for key in expected.keys() & actual.keys():
            yield from self.differences(expected[key], actual[key], f"{path}.{key}")

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
