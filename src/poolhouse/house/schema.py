"""The migrations of the house's tables."""

from poolhouse.kit.db.migrate import History

HISTORY = History("poolhouse.house.migrations", "house_version")
