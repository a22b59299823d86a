"""What answers of an app to requests around the gateway mean, in words.  Never "safe" where that is not known."""

from enum import Enum

import msgspec

from poolhouse.kit.ambient import Epoch


class Mark(Enum):
    """From the worst to the best."""

    OPEN = "open"
    BELIEVES = "believes"
    UNCHECKED = "unchecked"
    UNKNOWN = "unknown"
    REFUSES = "refuses"


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Status to each request; 0: none came, and *error* says why."""

    nobody: int = 0
    headers: int = 0
    forged: int = 0
    unsigned: int = 0
    error: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Of one upstream."""

    address: str
    mark: Mark
    what: str
    todo: str = ""
    answers: Answers = Answers()


class Found(msgspec.Struct, frozen=True):
    """Of one app, at one time."""

    at: Epoch
    findings: tuple[Finding, ...]

    @property
    def mark(self) -> Mark:
        """The worst."""
        order = list(Mark)
        return min((each.mark for each in self.findings), key=order.index, default=Mark.UNKNOWN)

    @property
    def is_bypassable(self) -> bool:
        return self.mark in {Mark.OPEN, Mark.BELIEVES, Mark.UNCHECKED}


_CLOSE = (
    "Let the app check the assertion (signature, issuer, audience, time), and let nothing but the house reach it: "
    "listen on 127.0.0.1 when both are on one machine, or allow the house's address alone in the firewall."
)
_REFUSED = {401, 403, 407}


def judge(address: str, answers: Answers, *, is_public: bool) -> Finding:
    """What it comes to; *is_public*: the gateway lets everybody see that page as well."""
    mark, what = _judge(answers, is_public=is_public)
    todo = _CLOSE if mark in {Mark.OPEN, Mark.BELIEVES, Mark.UNCHECKED} else ""
    if mark is Mark.UNKNOWN and not answers.error:
        todo = "Look yourself: ask the upstream from another machine, without the gateway."
    return Finding(address=address, mark=mark, what=what, todo=todo, answers=answers)


def _judge(answers: Answers, *, is_public: bool) -> tuple[Mark, str]:
    given = (answers.nobody, answers.headers, answers.forged, answers.unsigned)
    if answers.error or 0 in given:
        return Mark.UNKNOWN, f"Could not tell: {answers.error or 'not every request was answered'}."
    if is_public:
        return Mark.UNKNOWN, "Could not tell: the page that was asked for is public at the gateway, too."
    found = _bypass(answers)
    if found is not None:
        return found
    if all(each in _REFUSED for each in given):
        what = "It refused every request that did not carry the gateway's proof. What its other pages do was not asked."
        return Mark.REFUSES, what
    statuses = ", ".join(str(each) for each in dict.fromkeys(given))
    return Mark.UNKNOWN, (
        f"Could not tell: it answered {statuses}, which is neither a page nor a refusal. An app that sends strangers "
        "to a sign-in of its own answers so."
    )


def _bypass(answers: Answers) -> tuple[Mark, str] | None:
    if _is_answer(answers.nobody):
        what = f"It answers without the gateway's proof: {answers.nobody} to a request that said nothing of who asks."
        return Mark.OPEN, what
    if _is_answer(answers.headers):
        return Mark.BELIEVES, (
            f"It believes headers that anybody can write: {answers.headers} to a request with made-up identity headers "
            f"and no assertion, {answers.nobody} without them."
        )
    if _is_answer(answers.forged) or _is_answer(answers.unsigned):
        which = "signed by nobody" if _is_answer(answers.unsigned) else "with a false signature"
        return Mark.UNCHECKED, f"It takes an assertion {which}: it looks at the assertion and does not check it."
    return None


def _is_answer(status: int) -> bool:
    return 200 <= status < 300
