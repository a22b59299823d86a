"""
Keeps the catalogues of the hosted pages and the e-mails whole.

    python tools/languages.py            how complete each language is
    python tools/languages.py --update   takes new texts of the code into every catalogue, and old ones out
    python tools/languages.py --check    fails on a text that is missing, untranslated or fuzzy, or whose placeholders
                                         are not those of the English one

A text is what stands in ``N_("...")``, ``say("...")``, ``say_many("...", "...", n)``, in ``_("...")`` or
``{% trans %}`` of a template, and each sentence of a refusal.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import jinja2
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from poolhouse.pool.languages.catalogue import CATALOGUES
from poolhouse.pool.languages.tags import DEFAULT, LANGUAGES
from poolhouse.pool.languages.texts import fault
from poolhouse.pool.spec.words import SENTENCES

ROOT = Path("src/poolhouse")
CODE = ("pool/pages", "pool/languages", "pool/flows", "pool/core", "pool/effects", "pool/model")
TEMPLATES = ("kit/templates", "pool/pages/templates")
WORDS = "pool/spec/words.py"
NAMES = {"N_": 1, "say": 1, "say_many": 2}

Text = str | tuple[str, str]


def texts() -> dict[Text, list[str]]:
    """Each text and the files it stands in."""
    found: dict[Text, list[str]] = {}
    for place, text in (*_of_code(), *_of_templates(), *((WORDS, each) for each in SENTENCES.values())):
        places = found.setdefault(text, [])
        if place not in places:
            places.append(place)
    return found


def _of_code() -> Iterator[tuple[str, Text]]:
    for directory in CODE:
        for path in sorted((ROOT / directory).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    text = _said(node, path)
                    if text:
                        yield path.relative_to(ROOT).as_posix(), text


def _said(call: ast.Call, path: Path) -> Text | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    wanted = NAMES.get(name)
    if wanted is None or len(call.args) < wanted:
        return None
    given = [each.value if isinstance(each, ast.Constant) else each for each in call.args[:wanted]]
    if all(isinstance(each, str) for each in given):
        return str(given[0]) if wanted == 1 else (str(given[0]), str(given[1]))
    if any(isinstance(each, (ast.JoinedStr, ast.BinOp)) for each in given):
        sys.exit(f"{path}:{call.lineno}: a text is one literal; values go in by %(name)s")
    return None


def _of_templates() -> Iterator[tuple[str, Text]]:
    environment = jinja2.Environment(
        extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, autoescape=True
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    for directory in TEMPLATES:
        for path in sorted((ROOT / directory).rglob("*.html")):
            source = path.read_text(encoding="utf-8")
            for _, name, text in environment.extract_translations(source):  # type: ignore[attr-defined]
                place = path.relative_to(ROOT).as_posix()
                if isinstance(text, str):
                    yield place, text
                elif name == "ngettext":
                    yield place, (str(text[0]), str(text[1]))
                elif text and isinstance(text[0], str):
                    yield place, text[0]


def template(tag: str) -> Catalog:
    """A catalogue of all texts, without translations."""
    made = Catalog(locale=tag.replace("-", "_"), fuzzy=False)
    for text, places in sorted(texts().items(), key=lambda each: str(each[0])):
        made.add(text, locations=[(place, 0) for place in places])
    return made


def read(tag: str) -> Catalog:
    path = CATALOGUES / f"{tag}.po"
    locale = tag.replace("-", "_")
    if not path.exists():
        return Catalog(locale=locale, fuzzy=False)
    return read_po(BytesIO(path.read_bytes()), locale=locale, abort_invalid=True)


def updated(tag: str) -> bytes:
    """The catalogue as it has to be: the texts of the code with the translations there are."""
    old, new = read(tag), template(tag)
    for message in new:
        held = old.get(message.id) if message.id else None
        if held is not None and held.string and not held.fuzzy:
            message.string = held.string
    lines = [
        'msgid ""',
        'msgstr ""',
        f'"Language: {tag.replace("-", "_")}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Plural-Forms: {new.plural_forms}\\n"',
    ]
    out = BytesIO()
    write_po(out, new, width=0, omit_header=True, include_lineno=False, sort_output=False)
    return ("\n".join(lines) + "\n\n").encode() + out.getvalue().strip(b"\n") + b"\n"


def faults(tag: str) -> Iterator[str]:
    """What is wrong with a catalogue."""
    held, wanted = read(tag), template(tag)
    for message in wanted:
        if not message.id:
            continue
        shown = str(message.id)[:70]
        found = held.get(message.id)
        if found is None or not _strings(found) or not all(_strings(found)):
            yield f"{tag}: untranslated: {shown}"
        elif found.fuzzy:
            yield f"{tag}: fuzzy: {shown}"
        else:
            english = message.id if isinstance(message.id, str) else message.id[1]
            for string in _strings(found):
                wrong = fault(english, string, counts=not isinstance(message.id, str))
                if wrong:
                    yield f"{tag}: {wrong}: {shown}"
    yield from (f"{tag}: not in the code: {str(each.id)[:70]}" for each in held if each.id and each.id not in wanted)


def own_faults() -> Iterator[str]:
    """What is wrong with the English texts themselves."""
    for text in texts():
        one, many = (text, text) if isinstance(text, str) else text
        for each in (one, many):
            wrong = fault(many, each, counts=one != many)
            if wrong or re.search(r"\s\s|^\s|\s$|\{", each):
                yield f"en: {wrong or 'blanks or braces'}: {each[:70]}"


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--update", action="store_true")
    arguments.add_argument("--check", action="store_true")
    given = arguments.parse_args()
    tags = [tag for tag in LANGUAGES if tag != DEFAULT]
    if given.update:
        CATALOGUES.mkdir(exist_ok=True)
        for tag in tags:
            (CATALOGUES / f"{tag}.po").write_bytes(updated(tag))
    if given.check:
        wrong = [*own_faults(), *(each for tag in tags for each in faults(tag))]
        print("\n".join(wrong[:100]), end="\n" if wrong else "")
        return int(bool(wrong))
    total = len(texts())
    for tag in tags:
        done = sum(1 for each in read(tag) if each.id and each.string and all(_strings(each)) and not each.fuzzy)
        print(f"{tag:6} {done} of {total}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
