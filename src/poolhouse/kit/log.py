"""
Structured logs, one JSON object a line, with an allow-list of field names.

A name outside the list is refused: dropped in production, an exception under test.  So a token, a code or a
password cannot be logged by accident, only by a change of this list, which a reviewer sees.
"""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any, cast

import structlog

ALLOWED = frozenset(
    {
        # written by structlog itself
        "event", "level", "timestamp", "exception",
        # who and where
        "request_id", "reference", "program", "operation", "route", "method", "status", "milliseconds",
        "peer", "pool_id", "client_id", "access_key_id", "account_id", "provider", "issuer", "url", "host",
        # what and why
        "reason", "error", "field", "kind", "name", "version", "count", "channel", "revision", "path",
        "app", "upstream", "task", "source", "challenge", "kids", "active_ms", "size", "lost", "trouble", "final",
        "missed",
    }
)  # fmt: skip


class FieldNotAllowed(ValueError):
    """A field name that is not on the list."""


def _only_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    foreign = [name for name in event if name not in ALLOWED]
    if foreign and "PYTEST_CURRENT_TEST" in os.environ:
        raise FieldNotAllowed(", ".join(foreign))
    for name in foreign:
        del event[name]
    return event


def configure(level: str = "info") -> None:
    """Write to standard error; call once, in the program's main."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def get_logger() -> structlog.stdlib.BoundLogger:
    """A logger; bind what all its lines share."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger())
