"""What a change of settings does to what is there already, in the same unit as the change."""

from poolhouse.house.model import Document
from poolhouse.house.store import sessions
from poolhouse.kit.db.protocol import Tx


async def apply_effects(tx: Tx, before: Document, after: Document) -> None:
    """Open sessions follow the new rules at once; an idle timeout is looked at whenever a session is used."""
    old, new = before.sessions, after.sessions
    if new.absolute_seconds != old.absolute_seconds:
        await sessions.change_lifetime(tx, old=old.absolute_seconds, new=new.absolute_seconds)
    if new.limit and new.limit != old.limit:
        await sessions.keep_newest_of_all(tx, limit=new.limit)
