"""
Settings that a file or the environment sets, on the pages that ``section.py`` does not make.

A page shows such a field as it is, disabled, with what sets it.  A disabled field is not sent, so what is saved keeps
the value that holds.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from poolhouse.house.live import Held, Live
from poolhouse.house.model import Document
from poolhouse.house.provider import Provider, find_provider, put_provider
from poolhouse.house.settings.values import flat, with_changes

Form = TypeVar("Form", bound=msgspec.Struct)


class HeldHere(msgspec.Struct, frozen=True):
    """What templates ask: ``held(path)``, and ``held.hint(path, hint)`` for the sentence below a label."""

    live: Live

    def __call__(self, path: str) -> str:
        """What sets the setting, or something within the group of that name; "" for what can be changed here."""
        found = self.live.held.get(path)
        if found is None:
            found = next((each for name, each in self.live.held.items() if name.startswith(f"{path}.")), None)
        return found.source if found is not None else ""

    def hint(self, path: str, hint: str = "") -> str:
        """*hint*, and what sets the setting."""
        source = self(path)
        return f"{hint} Set by {source}.".strip() if source else hint


def check_free(live: Live, path: str) -> None:
    """``Held`` for a setting, or a group with one in it, that cannot be changed here."""
    source = HeldHere(live)(path)
    if source:
        raise Held(path, source)


def keep_held(live: Live, before: Document, after: Document) -> Document:
    """*after* with what is held as it was."""
    now = flat(before)
    kept = {path: now[path] for path in live.held if path in now}
    return with_changes(after, kept) if kept else after


def keep_held_of(live: Live, document: Document, after: Provider) -> Provider:
    """A provider that is to be saved, with what is held as it is in *document*."""
    following = msgspec.structs.replace(document, providers=put_provider(document.providers, after))
    if find_provider(document.providers, after.id) is None:
        return after
    return find_provider(keep_held(live, document, following).providers, after.id) or after


def fill_held(live: Live, entered: Form, saved: Form | None, paths: Mapping[str, str]) -> Form:
    """A form with what *saved* has in each field whose path is held; *paths* by the field's name."""
    if saved is None:
        return entered
    return msgspec.structs.replace(
        entered, **{name: getattr(saved, name) for name, path in paths.items() if path in live.held}
    )
