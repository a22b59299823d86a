"""What a PostgreSQL URL says, in asyncpg's terms."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Target(msgspec.Struct, frozen=True):
    """Where to connect, and how."""

    dsn: str
    schema: str
    connections: int
    patience_seconds: float = 5.0
    statement_seconds: float = 30.0

    def connect_options(self) -> dict[str, Any]:
        """Return what every connection of ours has in common."""
        return {
            "server_settings": {"search_path": self.schema, "application_name": "poolhouse"},
            "statement_cache_size": 1024,
            "max_cached_statement_lifetime": 0,
            "command_timeout": self.statement_seconds,
            "timeout": 10.0,
        }

    def __repr__(self) -> str:
        # The URL may hold a password.
        return f"Target(schema={self.schema!r})"


def parse_target(url: str) -> Target:
    """Split our own parameters off *url*; the rest is libpq's. Raise `ValueError` for an unusable one."""
    parts = urlsplit(url)
    schema, connections, rest = "public", "10", []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        match name:
            case "schema":
                schema = value
            case "connections":
                connections = value
            case _:
                rest.append((name, value))
    if not _SCHEMA.fullmatch(schema):
        raise ValueError("schema: lower-case letters, digits and underscores")
    if not connections.isascii() or not connections.isdigit() or not 1 <= int(connections) <= 1000:
        raise ValueError("connections: 1 to 1000")
    return Target(dsn=urlunsplit(parts._replace(query=urlencode(rest))), schema=schema, connections=int(connections))
