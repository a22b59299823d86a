"""
The files of exchanges: what they may hold, how they are read and written.

A file is `golden/<Operation>.json`, or `golden/<Operation>.<variant>.json` where the surroundings differ. Its steps run
in order against one empty server. A step with a `rule` is an exchange, compared to the last byte; one without prepares
something, and has to succeed.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

GOLDEN = Path(__file__).parent / "golden"
GIVEN = Path(__file__).with_name("given.json")
_WIDTH = 118


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    One request.

    *call* is the operation when it is not the file's. *send* is the body; *headers* are sent besides. *answer* is the
    body of a success (null: no body at all), *refused* type and message of an error. *keep* names members of the
    answer, by dotted path, for later steps. *advance* moves the clock by so many seconds first; *repeat* sends the same so
    many times.
    """

    rule: str = ""
    advance: float = 0
    repeat: int = 1
    call: str = ""
    send: Any = msgspec.UNSET
    headers: dict[str, str] = {}
    answer: Any = msgspec.UNSET
    refused: tuple[str, str] | msgspec.UnsetType = msgspec.UNSET
    keep: dict[str, str] = {}


class Golden(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    A file.

    *server* sets members of ServerConfig. *given* names lists of `given.json` that run first.
    """

    server: dict[str, Any] = {}
    given: tuple[str, ...] = ()
    steps: tuple[Step, ...]


def paths() -> list[Path]:
    return sorted(GOLDEN.glob("*.json"))


def operation_of(path: Path) -> str:
    return path.name.partition(".")[0]


def read(path: Path) -> Golden:
    return msgspec.json.decode(path.read_bytes(), type=Golden)


@cache
def given() -> dict[str, tuple[Step, ...]]:
    """Preparations that files have in common."""
    return msgspec.json.decode(GIVEN.read_bytes(), type=dict[str, tuple[Step, ...]])


def exchanges() -> Iterator[tuple[str, Step]]:
    """Every exchange of every file, with its operation."""
    for path in paths():
        for step in read(path).steps:
            if step.rule:
                yield step.call or operation_of(path), step


def member(answer: Any, path: str) -> Any:
    """What stands at a dotted *path* of an answer."""
    for part in path.split("."):
        answer = answer[int(part)] if isinstance(answer, list) else answer[part]
    return answer


def write(path: Path, golden: Golden) -> None:
    path.write_text(layout(msgspec.to_builtins(golden)) + "\n")


def layout(value: Any, indent: int = 0, before: int = 0) -> str:
    """JSON for people: what fits into one line, after *indent* and *before*, stands in one."""
    line = msgspec.json.format(msgspec.json.encode(value), indent=0).decode()
    if indent + before + len(line) < _WIDTH or not isinstance(value, (dict, list, tuple)):
        return line
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        keyed = ((msgspec.json.encode(key).decode(), each) for key, each in value.items())
        inner = [f"{pad}{key}: {layout(each, indent + 2, len(key) + 2)}" for key, each in keyed]
        return "{\n" + ",\n".join(inner) + "\n" + " " * indent + "}"
    inner = [pad + layout(each, indent + 2) for each in value]
    return "[\n" + ",\n".join(inner) + "\n" + " " * indent + "]"
