"""
The check of a chain that is deployed: every case is sent, and judged by what comes back.

The app has answered when its *canary* is in the answer, or a success that is none of the house's.  A canary is a text
that the app puts in each of its answers; without one, an error page of the app's own cannot be told from a refusal.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from urllib.parse import urlsplit

import msgspec

from poolhouse.house.chain.cases import MARK, PAGE, Case, Wanted, cases
from poolhouse.house.chain.wire import Answer, Where, send
from poolhouse.house.gate import Names

IDENTITY = tuple(msgspec.structs.astuple(Names()))
_SIGN_INS = ("/user/login", "/user/open/", "/.house/start")


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One case; *got* says in words what came back where that is not what should."""

    name: str
    rule: str
    holds: bool
    got: str = ""
    is_skipped: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The chain: *url* of the app, where that is, what its pages are known by, the *cookie* of a browser at the app."""

    url: str
    where: Where
    canary: str = ""
    cookie: str = ""
    names: tuple[str, ...] = IDENTITY

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"


async def check(plan: Plan) -> AsyncIterator[Result]:
    """Every result as it is there; ``OSError`` when the chain is not."""
    await send(plan.where, _plain(plan, ""))
    for case in cases(plan.host, plan.path, plan.names):
        try:
            answer = await send(plan.where, case.data)
        except OSError as wrong:
            yield Result(name=case.name, rule=case.rule, holds=False, got=f"no connection: {wrong}")
            continue
        got = judge(case, answer, plan.canary)
        yield Result(name=case.name, rule=case.rule, holds=not got, got=got)
    async for result in _signed_in(plan):
        yield result


def judge(case: Case, answer: Answer, canary: str) -> str:
    """What is wrong with *answer*, in words; empty when nothing is."""
    told = _told(answer, canary)
    return told or ("" if _HOLDS[case.wanted](answer) else _words(answer))


def _is_shut(answer: Answer) -> bool:
    if any(each < 300 and each != _CONTINUE for each in answer.statuses):
        return False
    return not 300 <= answer.status < 400 or _leads_to_sign_in(answer) or _stays(answer)


def _is_of_house(answer: Answer) -> bool:
    return answer.status == 400 and (b"way_lost" in answer.data or b"way to the app" in answer.data)


def _told(answer: Answer, canary: str) -> str:
    """What no answer to a stranger may hold."""
    if canary and canary.encode() in answer.data:
        return "the app has answered"
    if MARK.encode() in answer.data:
        return "what the client sent came back"
    given = [name for name in IDENTITY if answer.get(name.lower())]
    return f"the answer tells {given[0]}" if given else ""


def _leads_to_sign_in(answer: Answer) -> bool:
    parts = urlsplit(answer.get("location"))
    return answer.status in {302, 303, 307} and parts.path.startswith(_SIGN_INS)


def _stays(answer: Answer) -> bool:
    """To another spelling of the same address, which is judged when it is asked for."""
    location = answer.get("location")
    return answer.status in {301, 307, 308} and location.startswith("/") and not location.startswith(("//", "/\\"))


_CONTINUE = 100
_HOLDS: Mapping[Wanted, Callable[[Answer], bool]] = {
    Wanted.SHUT: _is_shut,
    Wanted.SIGN_IN: _leads_to_sign_in,
    Wanted.REFUSAL: lambda answer: answer.status in {401, 403},
    # One answer to what could be read as two requests.
    Wanted.BAD: lambda answer: len(answer.statuses) <= 1 and _is_shut(answer),
    Wanted.HOUSE: _is_of_house,
}


def _words(answer: Answer) -> str:
    if not answer.status:
        return "the connection closed without an answer" if not answer.data else "no HTTP came back"
    location = answer.get("location")
    several = f" ({len(answer.statuses)} answers)" if len(answer.statuses) > 1 else ""
    return f"{answer.status}{f' to {location[:80]}' if location else ''}{several}"


async def _signed_in(plan: Plan) -> AsyncIterator[Result]:
    """With a session: the app is reached, and hears what the house says and not what a client says."""
    if not plan.cookie:
        return
    opened = await send(plan.where, _plain(plan, f"Cookie: {plan.cookie}\r\nX-Told: {MARK}\r\n"))
    is_open = 200 <= opened.status < 300
    got = "" if is_open else _words(opened)
    yield Result(name="whoever is signed in reaches the app", rule="C17", holds=is_open, got=got)
    echoes = MARK.encode() in opened.data
    for name in plan.names:
        title = f"{name} of a client does not reach the app, in no spelling"
        if not is_open or not echoes:
            why = "the app does not show the headers that it gets"
            yield Result(name=title, rule="D30", holds=True, is_skipped=True, got=why)
            continue
        for spelling in sorted({name, name.replace("-", "_"), name.replace("-", "_", 1)}):
            answer = await send(plan.where, _plain(plan, f"Cookie: {plan.cookie}\r\n{spelling}: {MARK}\r\n"))
            came = MARK.encode() in answer.data
            got = "it did" if came else ""
            yield Result(name=f"{title}: {spelling}", rule="D30", holds=not came, got=got)


def _plain(plan: Plan, more: str) -> bytes:
    return f"GET {plan.path} HTTP/1.1\r\nHost: {plan.host}\r\nConnection: close\r\n{PAGE}{more}\r\n".encode("latin-1")
