"""What a document must satisfy, section by section: the same for pages, command line and files."""

from collections.abc import Callable, Mapping

import msgspec

from poolhouse.house import session_rules, token_rules
from poolhouse.house.mail import settings as mail
from poolhouse.house.model import Document

Errors = Mapping[str, str]
Check = Callable[[Document], Errors]


def _mail(document: Document) -> Errors:
    return {f"mail.{name}": text for name, text in mail.check(document.mail).items()}


def _sessions(document: Document) -> Errors:
    return {f"sessions.{name}": text for name, text in session_rules.check(document.sessions).items()}


def _tokens(document: Document) -> Errors:
    return {f"tokens.{name}": text for name, text in token_rules.check(document.tokens).items()}


CHECKS: Mapping[str, Check] = {"mail": _mail, "sessions": _sessions, "tokens": _tokens}
"""The check of each field of ``Document`` that has one; its errors are by path."""


def check(before: Document, after: Document) -> dict[str, str]:
    """What is wrong with the sections that differ: a section of long ago is not looked at again."""
    found: dict[str, str] = {}
    for name in msgspec.structs.asdict(after):
        if name in CHECKS and getattr(before, name) != getattr(after, name):
            found |= CHECKS[name](after)
    return found
