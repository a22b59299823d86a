"""How many requests for access wait, as the navigation shows it."""

from poolhouse.house.store import requests
from poolhouse.kit.db.protocol import Database

SECONDS = 5.0


class Waiting:
    """A number that is some seconds old at most, so that no page has to count."""

    def __init__(self) -> None:
        self.count = 0

    async def look(self, db: Database) -> None:
        self.count = await db.read(requests.count_open)
