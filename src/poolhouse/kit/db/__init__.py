"""
The storage engine: statements composed once, two databases behind one protocol.

statement   `compile_statement`, `compile_pair`, `upsert`, `one_of`: SQLAlchemy Core to text, once for each dialect
protocol    what a unit of work sees (`ReadTx`, `Tx`), what a program sees (`Database`), and the errors of both
unit        the rule that a unit awaits nothing but its transaction, enforced alike on both engines
subscribers who hears which announcements in this process
sqlite      stdlib sqlite3 on the event loop
sqlite_tx   its transactions and errors
group_commit all its write units of a tick share one durable commit
wal         checkpoints of SQLite's write-ahead log, outside of the event loop
postgres    asyncpg: a pool, one transaction for each write unit, bounded retry
postgres_tx its transactions and errors
postgres_url what its URL says
connections its pool
listen      PostgreSQL's LISTEN connection, which carries announcements between processes
opening     `open_database(url)`
migrate     `migrate(database, history)` brings the tables up to the code
upgrade     Alembic, imported only when there is something to migrate; upgrade_postgres its connection there

A unit is `async def unit(tx) -> T`. It may run more than once (a serialization failure, a busy file), so it changes
nothing but the database. It lets every error of `tx` propagate: its writes are rolled back as a whole.
"""
