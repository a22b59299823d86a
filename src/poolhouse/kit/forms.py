"""
Query strings and form bodies.

In the protocol's endpoints a repeated parameter is an error (RFC 6749 section 3.1): two parsers that pick
different occurrences are an attack (CVE-2026-9689).  Pages with check boxes use ``multi``.
"""

from urllib.parse import unquote_to_bytes

MAX_FIELDS = 200


class FormError(ValueError):
    """The text is not a form that may be read."""


class DuplicateParameter(FormError):
    """The same name twice."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class MalformedForm(FormError):
    """Bad encoding, or too many fields."""


def single(form: str, max_fields: int = MAX_FIELDS) -> dict[str, str]:
    """Names to values; empty values are kept, since "present but empty" is a finding of the caller."""
    found: dict[str, str] = {}
    for name, value in pairs(form, max_fields):
        if name in found:
            raise DuplicateParameter(name)
        found[name] = value
    return found


def multi(form: str, max_fields: int = MAX_FIELDS) -> dict[str, list[str]]:
    """Names to all their values, in order."""
    found: dict[str, list[str]] = {}
    for name, value in pairs(form, max_fields):
        found.setdefault(name, []).append(value)
    return found


def body_text(body: bytes) -> str:
    """The bytes of an ``application/x-www-form-urlencoded`` body, which are ASCII once encoded."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        msg = "not UTF-8"
        raise MalformedForm(msg) from wrong


def pairs(form: str, max_fields: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """What ``urllib.parse.parse_qsl`` gives, in a third of its time: every request to the token endpoint is a form."""
    parts = form.split("&")
    if len(parts) > max_fields:
        msg = "too many fields"
        raise MalformedForm(msg)
    found = []
    try:
        for part in parts:
            if part:
                name, _, value = part.partition("=")
                # Most pairs stand for themselves.
                encoded = "%" in part or "+" in part
                found.append((_decoded(name), _decoded(value)) if encoded else (name, value))
    except UnicodeError as wrong:
        raise MalformedForm(str(wrong)) from wrong
    return found


def _decoded(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    return unquote_to_bytes(text).decode() if "%" in text else text
