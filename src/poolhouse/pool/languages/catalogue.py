"""
The translations of one language, read when it is first used.

A catalogue costs some hundred kilobytes and its reader, Babel, some megabytes: a server whose visitors all read
English pays for neither.
"""

from collections.abc import Callable, Mapping
from functools import cache
from gettext import c2py
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.pool.languages.tags import DEFAULT

CATALOGUES: Final = Path(__file__).parent / "catalogues"


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The messages by their English text; those that count have a text for each of the language's forms."""

    texts: Mapping[str, str | tuple[str, ...]] = MappingProxyType({})
    form_of: Callable[[int], int]

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


@cache
def catalogue(tag: str) -> Catalogue:
    """The catalogue of one of our languages; a text without a translation is not in it."""
    if tag == DEFAULT:
        return ENGLISH
    from babel.messages.pofile import read_po  # noqa: PLC0415 (see above)

    with (CATALOGUES / f"{tag}.po").open("rb") as file:
        read = read_po(file, locale=tag.replace("-", "_"), abort_invalid=True)
    texts: dict[str, str | tuple[str, ...]] = {}
    for message in read:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            if message.string:
                texts[message.id] = str(message.string)
        elif all(forms := tuple(message.string or ())):
            texts[message.id[0]] = forms
    return Catalogue(texts=MappingProxyType(texts), form_of=c2py(read.plural_expr))
