"""Who reads a message: in which language, and as a user of which app."""

import msgspec

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.speaking import voice_for
from poolhouse.pool.languages.choosing import preferred
from poolhouse.pool.languages.tags import LANGUAGES, match
from poolhouse.pool.languages.voice import ENGLISH, Voice, voice
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.risk import NOT_SEEN, Seen
from poolhouse.pool.model.user import User


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is known of the reader.

    ``locale`` is the user's own attribute, ``asked`` what the request prefers (as ``Accept-Language``), ``client`` the
    app that has to do with it, None for none in particular; ``entry`` has the texts that the pool has of its own.
    """

    entry: PoolEntry | None = None
    locale: str = ""
    asked: str = ""
    client: Client | None = None

    @property
    def client_id(self) -> str:
        return "" if self.client is None else self.client.id


def reader_of(user: User, entry: PoolEntry | None, client: Client | None = None, seen: Seen = NOT_SEEN) -> Reader:
    return Reader(entry=entry, locale=user.attributes.get("locale", ""), asked=seen.language, client=client)


def voice_of(flow: Flow, pool: Pool, reader: Reader) -> Voice:
    """
    The language of a message: the user's own, else what the request prefers, else the pool's, else English.

    Strictly there is English only, as at the service.
    """
    if flow.config.strict:
        return ENGLISH
    offered = pool.extended.languages or LANGUAGES.keys()
    wanted = (reader.locale.replace("_", "-"), *preferred(reader.asked))
    tag = next((found for each in wanted if (found := match(each, offered))), pool.extended.default_language)
    return voice(tag) if reader.entry is None else voice_for(reader.entry, tag)


def app_of(reader: Reader) -> str:
    """The app's name, if somebody here gave it: one that registered itself could call itself anything."""
    client = reader.client
    if client is None or client.settings.client_type == "DCR":
        return ""
    return client.settings.client_name or ""
