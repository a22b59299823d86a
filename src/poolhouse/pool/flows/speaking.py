"""The languages of a pool, and its voice in each of them."""

from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.languages.choosing import Offer
from poolhouse.pool.languages.tags import LANGUAGES, match
from poolhouse.pool.languages.voice import Voice, voice


def offer_of(entry: PoolEntry) -> Offer:
    """What its pages can be read in."""
    settings = entry.pool.extended
    return Offer(tags=settings.languages or LANGUAGES.keys(), default=settings.default_language)


def voice_for(entry: PoolEntry, tag: str) -> Voice:
    """The voice of the pool in one of our languages."""
    return voice(tag, entry.texts.get(tag, {}))


def voice_of_locale(entry: PoolEntry, locale: str) -> Voice:
    """The voice for somebody of whom the language is known (the attribute ``locale``), else the pool's default."""
    offer = offer_of(entry)
    return voice_for(entry, match(locale.replace("_", "-"), offer.tags) or offer.default)
