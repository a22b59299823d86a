"""
The words of templates: ``_("...")`` and ``{% trans %}``, said by the voice of the page that is being rendered.

Macros that are imported do not see the variables of a page, so the voice stands beside the rendering, which never
waits for anything.  A page without a voice is in English: those of the console and of the house.  Every text is
escaped, and so is every value that is not markup: a translation cannot bring markup into a page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Protocol

from markupsafe import Markup, escape


class Speaker(Protocol):
    """What a page needs of a voice."""

    @property
    def tag(self) -> str: ...

    @property
    def direction(self) -> str: ...

    def template(self, text: str) -> str: ...

    def template_many(self, one: str, many: str, number: int) -> str: ...

    def value(self, value: object) -> object: ...

    def number(self, number: float) -> str: ...

    def moment(self, at: int) -> str: ...


class _Plain:
    """English, as the code has it."""

    tag = "en"
    direction = "ltr"

    def template(self, text: str) -> str:
        return text

    def template_many(self, one: str, many: str, number: int) -> str:
        return one if number == 1 else many

    def value(self, value: object) -> object:
        return value

    def number(self, number: float) -> str:
        return f"{number:,}"

    def moment(self, at: int) -> str:
        moment = datetime.fromtimestamp(at, UTC)
        return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


PLAIN: Speaker = _Plain()
_speaking: ContextVar[Speaker] = ContextVar("speaking", default=PLAIN)


@contextmanager
def spoken_by(speaker: Speaker) -> Iterator[None]:
    """Whose words are rendered within the block."""
    token = _speaking.set(speaker)
    try:
        yield
    finally:
        _speaking.reset(token)


def speaker() -> Speaker:
    """Whoever speaks now."""
    return _speaking.get()


def gettext(text: str, /, **values: object) -> Markup:
    """``_`` of templates; a text without values may be a name that somebody chose, with a percent sign in it."""
    now = _speaking.get()
    if not values:
        return escape(now.template(text).replace("%%", "%"))
    return escape(now.template(text)) % {name: now.value(value) for name, value in values.items()}


def ngettext(one: str, many: str, number: int, /, **values: object) -> Markup:
    """``{% trans %} ... {% pluralize %}`` and ``ngettext`` of templates: ``%(n)s`` or ``%(num)s`` is the number."""
    now = _speaking.get()
    shown = now.number(number)
    given = {**values, "n": shown, "num": shown}
    return escape(now.template_many(one, many, number)) % {name: now.value(value) for name, value in given.items()}
