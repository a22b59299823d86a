"""
The texts that a pool has in the place of ours, by language.

They are texts and nothing else: escaped wherever they are shown, with the same placeholders as ours, so that neither a
page nor a mail can be changed into another by them.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.flows import pools
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.languages.catalogue import Message, catalogue, messages, read_catalogue
from poolhouse.pool.languages.tags import LANGUAGES
from poolhouse.pool.languages.texts import fault
from poolhouse.pool.model.texts import PageTexts
from poolhouse.pool.store import texts as store

Text = str | list[str]
Changes = Mapping[str, Text | None]
FILE_LIMIT: Final = 1_048_576


class WrongText(ValueError):
    """A text that cannot be; *text* is the English one that it was for, ``""`` for all of them."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text}: {why}" if text else why)
        self.text = text
        self.why = why


async def find(flow: Flow, pool_id: str, language: str) -> dict[str, Text]:
    """What the pool says its own way in a language; refuses with POOL_NOT_FOUND."""
    _check_language(language)

    async def read(tx: ReadTx) -> PageTexts | None:
        await pools.get_in(tx, _region(pool_id), pool_id)
        return await store.find_texts(tx, pool_id, language)

    held = await flow.database.read(read)
    return {} if held is None else held.texts


async def change(flow: Flow, pool_id: str, language: str, changes: Changes) -> dict[str, Text]:
    """
    Say some texts another way; None returns one to ours.  All change, or none.

    Raises ``WrongText``.
    """
    check(language, changes)

    async def unit(tx: Tx) -> PageTexts:
        await pools.get_in(tx, _region(pool_id), pool_id)
        held = await store.find_texts(tx, pool_id, language)
        texts: dict[str, Text | None] = {**(held.texts if held else {}), **changes}
        # What we do not say any more is nobody's text.
        kept = {english: text for english, text in texts.items() if text is not None and english in messages()}
        changed = PageTexts(pool_id=pool_id, language=language, texts=kept)
        await store.put_texts(tx, changed)
        return changed

    return (await flow.database.write(unit)).texts


def check(language: str, changes: Changes) -> None:
    """Raises ``WrongText`` for the first text that cannot be."""
    _check_language(language)
    for english, text in changes.items():
        why = _fault(language, english, text)
        if why:
            raise WrongText(english, why)


def read_file(language: str, content: bytes) -> dict[str, Text]:
    """The texts of a JSON object or of a ``.po`` file; those without a translation are not in it."""
    from babel.messages.pofile import PoFileError  # noqa: PLC0415 (some megabytes)

    _check_language(language)
    if len(content) > FILE_LIMIT:
        raise WrongText("", "the file is larger than a megabyte")
    try:
        if content.lstrip().startswith(b"{"):
            return msgspec.json.decode(content, type=dict[str, str | list[str]])
        found: dict[str, Text] = {}
        for each in read_catalogue(language, content):
            if isinstance(each.id, str) and each.id and each.string:
                found[each.id] = str(each.string)
            elif not isinstance(each.id, str) and all(each.string or ("",)):
                found[each.id[0]] = [str(form) for form in each.string or ()]
    except (msgspec.DecodeError, PoFileError, ValueError, IndexError) as wrong:
        raise WrongText("", f"the file is neither a JSON object of texts nor a .po file: {wrong}") from wrong
    return found


def as_po(language: str, texts: Mapping[str, Text]) -> bytes:
    """All texts there are as a ``.po`` file, with those of the pool."""
    from io import BytesIO  # noqa: PLC0415

    from babel.messages.catalog import Catalog  # noqa: PLC0415 (some megabytes)
    from babel.messages.pofile import write_po  # noqa: PLC0415

    made = Catalog(locale=language.replace("-", "_"), fuzzy=False)
    for each in messages().values():
        own = texts.get(each.text)
        string = tuple(own) if isinstance(own, list) else own
        places = [(place, 0) for place in each.places]
        made.add(each.text if each.many is None else (each.text, each.many), string, locations=places)
    out = BytesIO()
    write_po(out, made, width=0, omit_header=True, include_lineno=False)
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {language.replace("-", "_")}\\n"\n'
        f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {made.plural_forms}\\n"\n\n'
    )
    return header.encode() + out.getvalue()


def _fault(language: str, english: str, text: Text | None) -> str | None:
    """What is wrong with a text in the place of ours; None if nothing is."""
    message = messages().get(english)
    if message is None:
        return None if text is None else "there is no such text"
    if text is None:
        return None
    if isinstance(text, list) is (message.many is None):
        return "the text counts nothing" if message.many is None else "the text has one form for each number"
    return _fault_of_forms(language, message, text)


def _fault_of_forms(language: str, message: Message, text: Text) -> str | None:
    if isinstance(text, str):
        return fault(message.text, text)
    wanted = catalogue(language).forms
    if len(text) != wanted:
        return f"the text has {wanted} forms in this language"
    return next((why for form in text if (why := fault(message.many or "", form, counts=True))), None)


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise WrongText("", f"the languages are {', '.join(LANGUAGES)}")


def _region(pool_id: str) -> str:
    return pool_id.partition("_")[0]
