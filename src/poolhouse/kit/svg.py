"""
Pictures as SVG that an administrator adds.

Ours: they are served with a policy under which nothing in them runs or fetches, as any upload is; what has no place in
a picture is refused and named nonetheless, since the file may be opened elsewhere one day.  The parser stops at the
first document type declaration: entities are what "billion laughs" and XXE are made of.
"""

import re
from typing import Any, Final

_ELEMENTS: Final = frozenset(
    {"script", "foreignobject", "iframe", "embed", "object", "audio", "video", "handler", "listener"}
)
_FETCHES: Final = re.compile(
    r"@import|expression\s*\(|\b(?:image-set|image|cross-fade|src)\s*\(|url\(\s*+[\"']?+(?!#)(?!data:image/)",
    re.IGNORECASE,
)
_CALLS: Final = frozenset({"srcset", "ping", "action", "formaction", "poster"})
"""Attributes that lead or fetch, of elements that a picture may have and of those that it may not."""
_HTML: Final = "http://www.w3.org/1999/xhtml"
_CHANGED: Final = "attributename"
"""The attribute by which ``set`` and ``animate`` name the one that they give another value, ``javascript:`` say."""
_ESCAPE: Final = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)|/\*.*?\*/", re.DOTALL)
_DEEPEST: Final = 64
_LAST: Final = 0x10FFFF


class _Wrong(Exception):
    """Why a file is not taken."""


class _Reader:
    """Goes through the elements; ``texts`` is what stands in them, which may be style."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._depth = 0

    def begin(self, name: str, attributes: dict[str, Any]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Wrong("It is nested too deeply.")
        namespace, _, local = name.rpartition(" ")
        local = local.lower()
        if namespace == _HTML:
            raise _Wrong(f"It holds the element {local} of HTML, which is no part of a picture.")
        if self._depth == 1 and local != "svg":
            raise _Wrong("It is not an SVG file.")
        if local in _ELEMENTS:
            raise _Wrong(f"It holds the element {local}, which is no part of a picture.")
        for key, value in attributes.items():
            _check_attribute(key.rpartition(" ")[2].lower(), str(value))

    def end(self, _name: str) -> None:
        self._depth -= 1


def _declared(*_parts: object) -> None:
    raise _Wrong("It has a document type declaration.")


def _instructed(target: str, _text: str) -> None:
    raise _Wrong(f"It has the instruction {target[:32]}.")


def fault(picture: bytes) -> str:
    """What keeps *picture* from being taken, as a sentence; "" for a picture and nothing else."""
    from xml.parsers import expat  # noqa: PLC0415 (only pictures that somebody sends are looked at)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    reader = _Reader()
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.texts.append
    parser.StartDoctypeDeclHandler = _declared
    parser.ProcessingInstructionHandler = _instructed
    try:
        parser.Parse(picture, True)
        _check_style("".join(reader.texts))
    except _Wrong as wrong:
        return str(wrong)
    except (expat.ExpatError, UnicodeError, ValueError):
        return "It is not well-formed XML."
    return ""


def _check_attribute(name: str, value: str) -> None:
    if name.startswith("on"):
        raise _Wrong(f"It has the event handler {name[:32]}.")
    if name in _CALLS:
        raise _Wrong(f"It has the attribute {name}, which leads outside of it.")
    if name == _CHANGED and re.search(r"(?:^|:)\s*(?:href|src|on\w*)\s*$", value, re.IGNORECASE):
        raise _Wrong(f"It changes the attribute {value.strip()[:32]}.")
    if name in {"href", "src"} and not re.match(r"\s*(#|data:image/(png|jpeg|webp|gif)[;,])", value):
        raise _Wrong(f"It refers to something outside of itself: {value[:64]}.")
    _check_style(value)


def _check_style(text: str) -> None:
    """Escapes and comments of CSS are read as a browser reads them."""
    if _FETCHES.search(_ESCAPE.sub(_unescaped, text)):
        raise _Wrong("Its style refers to something outside of itself.")


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        number = int(found[1], 16)
        return chr(number) if number <= _LAST else "\ufffd"
    return found[2] or ""
