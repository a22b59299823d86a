"""
The translations of one language, read when it is first used.

A catalogue costs some hundred kilobytes and its reader, Babel, some megabytes: a server whose visitors all read
English pays for neither.
"""

from collections.abc import Callable, Mapping
from functools import cache
from gettext import c2py
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from poolhouse.pool.languages.tags import DEFAULT

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

CATALOGUES: Final = Path(__file__).parent / "catalogues"


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The messages by their English text; those that count have a text for each of the language's forms."""

    texts: Mapping[str, str | tuple[str, ...]] = MappingProxyType({})
    form_of: Callable[[int], int]
    forms: int = 2

    def find(self, text: str) -> str | None:
        found = self.texts.get(text)
        return found if isinstance(found, str) else None

    def find_many(self, one: str, number: int) -> str | None:
        """The text for that *number* of things."""
        found = self.texts.get(one)
        if not isinstance(found, tuple):
            return None
        form = self.form_of(number)
        return found[form] if form < len(found) else None


def _english(number: int) -> int:
    return int(number != 1)


ENGLISH: Final = Catalogue(form_of=_english)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A text of ours: the English one, its form for several things where it counts, and the files it stands in."""

    text: str
    many: str | None = None
    places: tuple[str, ...] = ()


@cache
def messages() -> Mapping[str, Message]:
    """All texts there are, by their English; every catalogue has them."""
    found: dict[str, Message] = {}
    for each in read_catalogue("de", (CATALOGUES / "de.po").read_bytes()):
        if each.id:
            text, many = (each.id, None) if isinstance(each.id, str) else (each.id[0], each.id[1])
            found[text] = Message(text=text, many=many, places=tuple(place for place, _ in each.locations))
    return MappingProxyType(found)


def read_catalogue(tag: str, content: bytes) -> "Catalog":
    """A ``.po`` file; raises ``PoFileError`` (a ``ValueError`` for bytes that are no text)."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 (see above)

    return read_po(BytesIO(content), locale=tag.replace("-", "_"), abort_invalid=True)


@cache
def catalogue(tag: str) -> Catalogue:
    """The catalogue of one of our languages; a text without a translation is not in it."""
    if tag == DEFAULT:
        return ENGLISH
    read = read_catalogue(tag, (CATALOGUES / f"{tag}.po").read_bytes())
    texts: dict[str, str | tuple[str, ...]] = {}
    for message in read:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            if message.string:
                texts[message.id] = str(message.string)
        elif all(forms := tuple(message.string or ())):
            texts[message.id[0]] = forms
    return Catalogue(texts=MappingProxyType(texts), form_of=c2py(read.plural_expr), forms=read.num_plurals)
