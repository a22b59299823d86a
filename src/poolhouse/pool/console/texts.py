"""The pages "Texts" of a pool: what its hosted pages and e-mails say another way than ours, by language."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import get_pool
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.edits import edit_page
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.frame import go, page
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.flows import own_texts
from poolhouse.pool.flows.own_texts import Text, WrongText
from poolhouse.pool.languages.catalogue import Message, catalogue, messages
from poolhouse.pool.languages.tags import DEFAULT, LANGUAGES
from poolhouse.pool.languages.texts import placeholders

_TAB: Final = "App Integration"
_ROWS: Final = 50


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One text of the list: the English one, how it is said now, and whether that is the pool's own way."""

    text: str
    said: str
    is_own: bool
    href: str


async def show(visit: Visit) -> Reply:
    """GET: the texts that the search finds, in the English, in the language, or in the pool's own words."""
    language = _language(visit)
    held = await own_texts.find(visit.flow, visit.pool_id, language)
    wanted, only_own = visit.query.text("q"), visit.query.text("only") == "own"
    lines = [_line(visit, language, each, held) for each in messages().values()]
    found = [
        line
        for line in lines
        if (line.is_own or not only_own) and wanted.casefold() in f"{line.text}\n{line.said}".casefold()
    ]
    start = min(visit.query.number("from") or 0, max(0, len(found) - 1)) // _ROWS * _ROWS
    shown = found[start : start + _ROWS]
    return page(
        visit,
        "texts.html",
        crumbs=crumbs(visit, await get_pool(visit), _TAB),
        here=_address(visit),
        language=language,
        languages=[(tag, each.name) for tag, each in LANGUAGES.items()],
        direction=LANGUAGES[language].direction,
        wanted=wanted,
        only="own" if only_own else "all",
        lines=shown,
        summary=f"{start + 1} to {start + len(shown)} of {len(found)}" if shown else "",
        previous=_page_at(visit, language, start - _ROWS) if start else "",
        next=_page_at(visit, language, start + _ROWS) if start + _ROWS < len(found) else "",
    )


async def show_edit(visit: Visit) -> Reply:
    """GET: one text, named in the query by the English one."""
    message, language = _message(visit), _language(visit)
    held = (await own_texts.find(visit.flow, visit.pool_id, language)).get(message.text)
    return await _form(visit, of(**{f"form{n}": form for n, form in enumerate(_forms(held))}), {})


async def save(visit: Visit) -> Reply:
    """POST: the pool's own text; an empty one is ours again.  ``preview`` saves nothing and shows it."""
    message, language = _message(visit), _language(visit)
    given = [visit.form.verbatim(f"form{n}").strip() for n in range(_count(language, message))]
    changes: dict[str, Text | None] = {message.text: _text(message, given)}
    try:
        if visit.form.text("preview"):
            own_texts.check(language, changes)
            return await _form(visit, visit.form, {}, _examples(message, given))
        await own_texts.change(visit.flow, visit.pool_id, language, changes)
    except WrongText as wrong:
        return await _form(visit, visit.form, {"form0": f"{wrong.why[0].upper()}{wrong.why[1:]}."})
    return go(
        visit, _address(visit, language=language), "The text was saved." if any(given) else "The text is ours again."
    )


async def _form(visit: Visit, form: Form, problems: Problems, examples: Sequence[str] = ()) -> Reply:
    message, language = _message(visit), _language(visit)
    known, count = catalogue(language), _count(language, message)
    ours = known.texts.get(message.text) or (message.text if message.many is None else (message.text, message.many))
    return edit_page(
        visit,
        title="Edit text",
        lead=f"In {LANGUAGES[language].name}. Left empty, it is said as Poolhouse says it.",
        fields="text.html",
        form=form,
        problems=problems,
        crumbs=[*crumbs(visit, await get_pool(visit), _TAB), ("Texts", _address(visit, language=language))],
        submit="Save text",
        message=message,
        ours=_forms(ours),
        names=[f"form{n}" for n in range(count)],
        values=sorted(placeholders(message.many or message.text)),
        examples=examples,
        language=language,
        direction=LANGUAGES[language].direction,
    )


def _line(visit: Visit, language: str, message: Message, held: Mapping[str, Text]) -> Line:
    own = held.get(message.text)
    ours = catalogue(language).texts.get(message.text) or message.text
    return Line(
        text=message.text,
        said=_forms(own if own is not None else ours)[0],
        is_own=own is not None,
        href=_address(visit, "edit", language=language, text=message.text),
    )


def _forms(text: Text | tuple[str, ...] | None) -> list[str]:
    return [] if text is None else [text] if isinstance(text, str) else list(text)


def _count(language: str, message: Message) -> int:
    return 1 if message.many is None else catalogue(language).forms


def _text(message: Message, given: list[str]) -> Text | None:
    if not any(given):
        return None
    return given[0] if message.many is None else given


def _examples(message: Message, given: Sequence[str]) -> list[str]:
    """The texts with the names of the values in their place."""
    values = {name: f"[{name}]" for name in placeholders(message.many or message.text)}
    return [text % values for text in given if text]


def _language(visit: Visit) -> str:
    found = visit.query.text("language", DEFAULT)
    return found if found in LANGUAGES else DEFAULT


def _message(visit: Visit) -> Message:
    found = messages().get(visit.query.verbatim("text"))
    if found is None:
        raise NotFound
    return found


def _address(visit: Visit, *parts: str, **query: str) -> str:
    return paths.of_pool(visit.pool_id, "app-integration", "texts", *parts, **query)


def _page_at(visit: Visit, language: str, start: int) -> str:
    given = {name: visit.query.text(name) for name in ("q", "only") if visit.query.text(name)}
    return _address(visit, language=language, **{"from": str(start)}, **given)
