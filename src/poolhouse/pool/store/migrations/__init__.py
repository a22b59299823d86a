"""The history of the tables: one Alembic revision a file, oldest first."""
