"""Where the pool's migrations are, and the table that says which of them a database has."""

from poolhouse.kit.db.migrate import History

HISTORY = History("poolhouse.pool.store.migrations", "pool_version")
