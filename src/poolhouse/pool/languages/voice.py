"""
A language as pages and mails use it.

Placeholders are ``%(name)s`` and nothing else.  The sentence is found first and the values go into it afterwards, so
that a value is never taken for a text of ours.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.pool.languages.catalogue import catalogue
from poolhouse.pool.languages.tags import DEFAULT, LANGUAGES, Language
from poolhouse.pool.spec.reasons import Reason
from poolhouse.pool.spec.words import SENTENCES

Own = Mapping[str, str | tuple[str, ...]]
"""Texts that a pool has in the place of ours, by the English text; those that count have all forms of the language."""


def own(texts: Mapping[str, str | Sequence[str]]) -> Own:
    """Texts as they are stored."""
    return {each: text if isinstance(text, str) else tuple(text) for each, text in texts.items()}


_ISOLATE: Final = "\u2068{}\u2069"


def N_(text: str) -> str:  # noqa: N802 (the name that gettext's tools know)
    """Mark a text that is kept in a table and said later."""
    return text


#: What refusals name -> how people call it.
_NAMED: Final = MappingProxyType(
    {"email": N_("email address"), "phone_number": N_("phone number"), "preferred_username": N_("username")}
)


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """One language, with the texts that a pool has of its own."""

    language: Language = LANGUAGES[DEFAULT]
    own: Own = MappingProxyType({})

    @property
    def tag(self) -> str:
        return self.language.tag

    @property
    def direction(self) -> str:
        return self.language.direction

    def template(self, text: str) -> str:
        """The text of this language, its placeholders still in it; the English one where there is none."""
        own = self.own.get(text)
        if isinstance(own, str):
            return own
        return catalogue(self.tag).find(text) or text

    def template_many(self, one: str, many: str, number: int) -> str:
        """The same for a *number* of things."""
        known = catalogue(self.tag)
        own = self.own.get(one)
        if isinstance(own, tuple) and known.form_of(number) < len(own):
            return own[known.form_of(number)]
        return known.find_many(one, number) or (one if number == 1 else many)

    def value(self, value: object) -> object:
        """
        A value as it goes into a text.

        From right to left, an address or a name is set apart (Unicode's isolates): its marks would else wander.
        """
        return _ISOLATE.format(value) if self.direction == "rtl" and type(value) is str and value else value

    def say(self, text: str, /, **values: object) -> str:
        """The text in this language, with the values in it; without any it may be a name that somebody chose."""
        if not values:
            return self.template(text).replace("%%", "%") if text else ""
        return self.template(text) % {name: self.value(value) for name, value in values.items()} if text else ""

    def say_many(self, one: str, many: str, number: int, /, **values: object) -> str:
        """The text for a *number* of things, which is ``%(n)s`` in it."""
        given = {"n": self.number(number), **values}
        return self.template_many(one, many, number) % {name: self.value(value) for name, value in given.items()}

    def refusal(self, reason: Reason, params: Mapping[str, str]) -> str:
        """A refusal as a sentence for the person in front of a page."""
        named = {name: self.say(_NAMED[value]) if value in _NAMED else value for name, value in params.items()}
        return self.say(SENTENCES[reason], **named)

    def number(self, number: float) -> str:
        """A number as the language writes it."""
        if self.tag == DEFAULT:
            return f"{number:,}"
        from babel.numbers import format_decimal  # noqa: PLC0415 (some megabytes, see catalogue)

        return format_decimal(number, locale=self._locale)

    def moment(self, at: int) -> str:
        """A time to the minute, in UTC."""
        moment = datetime.fromtimestamp(at, UTC)
        if self.tag == DEFAULT:
            return f"{moment.day} {moment:%b %Y, %H:%M} UTC"
        from babel.dates import format_date, format_time, get_datetime_format  # noqa: PLC0415

        day = format_date(moment.date(), "medium", locale=self._locale)
        time = format_time(moment, "short", tzinfo=UTC, locale=self._locale)
        pattern = str(get_datetime_format("medium", locale=self._locale))
        return f"{pattern.replace('{1}', day).replace('{0}', time)} UTC"

    def day(self, at: int) -> str:
        """A day, in UTC."""
        moment = datetime.fromtimestamp(at, UTC)
        if self.tag == DEFAULT:
            return f"{moment.day} {moment:%b %Y}"
        from babel.dates import format_date  # noqa: PLC0415

        return format_date(moment.date(), "medium", locale=self._locale)

    @property
    def _locale(self) -> str:
        return self.tag.replace("-", "_")


ENGLISH: Final = Voice()


def voice(tag: str, texts: Own = MappingProxyType({})) -> Voice:
    """The voice of one of our languages."""
    return Voice(language=LANGUAGES[tag], own=texts) if texts or tag != DEFAULT else ENGLISH
