"""
Writes down what the server answers, for review: `python -m tests.exchanges.record ListGroups`.

Only exchanges without an answer get one, or all of the file with `--again`. Read what was written: an exchange says
what the service does, not what our code happens to do.
"""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import msgspec

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.edge import Reply
from poolhouse.pool.core import srp
from poolhouse.pool.model.config import ServerConfig
from tests.exchanges.files import GOLDEN, Step, operation_of, read, write
from tests.exchanges.placeholders import ANYWHERE, KINDS, MEMBERS, TOKENS, claims
from tests.exchanges.player import Player
from tests.support.fixtures import create_tables, make_flow

_A_MOMENT = re.compile(r"1[78][0-9]{8}(?:\.[0-9]+)?")
_MOMENTS = frozenset({"iat", "exp", "auth_time"})


async def record(path: Path, *, again: bool) -> None:
    """Play the file and fill in what is missing."""
    golden, clock = read(path), FixedClock()
    database = await open_database("sqlite://")
    cpu, signer = CpuPool(2, 100, srp.prepare_thread), CpuPool(2, 100)
    try:
        await create_tables(database)
        flow = make_flow(database, clock, ServerConfig(base_url="https://pool.example", development=True), cpu, signer)
        player = Player(flow, clock, golden)
        await player.prepare(golden.given)
        steps = []
        for step in golden.steps:
            reply = await player.run(step, operation_of(path))
            steps.append(_filled(player, step, reply, again=again))
        write(path, msgspec.structs.replace(golden, steps=tuple(steps)))
    finally:
        await database.close()
        cpu.close()
        signer.close()


def _filled(player: Player, step: Step, reply: Reply, *, again: bool) -> Step:
    is_new = step.answer is msgspec.UNSET and step.refused is msgspec.UNSET
    if not step.rule:
        return step
    player.literals = set(re.findall(r"[\w-]+", msgspec.json.encode(step.send).decode()))
    if is_new or again:
        body = msgspec.json.decode(reply.body) if reply.body else None
        body = _named(player, body, "")
        if reply.status == 200:
            step = msgspec.structs.replace(step, answer=body, refused=msgspec.UNSET)
        else:
            refused = (body["__type"], body.get("message", ""))
            step = msgspec.structs.replace(step, answer=msgspec.UNSET, refused=refused)
    for each in player.differences(step, reply):
        print(f"{step.rule}: {each}")
    return step


def _named(player: Player, value: Any, member: str) -> Any:
    match value:
        case dict():
            if value.get("Name") == "sub" and "Value" in value:
                return {**value, "Value": _named(player, value["Value"], "sub")}
            return {key: _named(player, each, key) for key, each in value.items()}
        case list():
            return [_named(player, each, member) for each in value]
        case str():
            return _named_text(player, value, member)
        case float() | int() if _is_moment(value, member):
            offset = round(value - player.names.now())
            return f"<now{offset:+d}>" if offset else "<now>"
        case _:
            return value


def _is_moment(value: float, member: str) -> bool:
    if isinstance(value, bool):
        return False
    return member.endswith("Date") or member in _MOMENTS or _A_MOMENT.fullmatch(str(value)) is not None


def _named_text(player: Player, value: str, member: str) -> Any:
    kind = MEMBERS.get(member)
    if kind in TOKENS:
        return {f"<{_name(player, kind, value)}>": _named(player, claims(value), "")}
    if kind is not None and re.fullmatch(KINDS[kind].shape, value):
        return f"<{_name(player, kind, value)}>"
    known = sorted(((each, name) for name, each in player.names.values.items()), key=lambda pair: -len(pair[0]))
    for each, name in known:
        if len(each) > 8:
            value = value.replace(each, f"<{name}>")
    for pattern, found in ANYWHERE:
        for match in set(pattern.findall(value)) - player.literals:
            value = value.replace(match, f"<{_name(player, found, match)}>")
    return value


def _name(player: Player, kind: str, value: str) -> str:
    """The name that the value has already, or a new one."""
    if not KINDS[kind].kept:
        return kind
    for name, each in player.names.values.items():
        if each == value and name.partition(":")[0] == kind:
            return name
    taken = sum(name.partition(":")[0] == kind for name in player.names.values)
    name = f"{kind}:{taken + 1}" if taken else kind
    player.names.values[name] = value
    return name


def main() -> None:
    again = "--again" in sys.argv
    for name in sys.argv[1:]:
        if not name.startswith("-"):
            asyncio.run(record(GOLDEN / f"{name}.json", again=again))


if __name__ == "__main__":
    main()
