"""The history of ``tables``: one Alembic revision a file, oldest first."""
