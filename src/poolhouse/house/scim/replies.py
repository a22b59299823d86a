"""Answers and errors as SCIM has them (RFC 7644 section 3.12)."""

from typing import Any

import msgspec

from poolhouse.kit.edge import HeaderPair, Reply

MEDIA = "application/scim+json"
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
_HEADERS: tuple[HeaderPair, ...] = (
    ("content-type", MEDIA),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
)


class ScimError(Exception):
    """What the client is told: a status, SCIM's word for it where there is one, and a sentence."""

    def __init__(self, status: int, detail: str, kind: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind


def bad(detail: str, kind: str = "invalidValue") -> ScimError:
    """400 with one of SCIM's words."""
    return ScimError(400, detail, kind)


def not_found() -> ScimError:
    return ScimError(404, "There is no such resource.")


def reply(value: Any, status: int = 200, headers: tuple[HeaderPair, ...] = ()) -> Reply:
    """A resource, or a message."""
    return Reply(status, msgspec.json.encode(value), (*_HEADERS, *headers))


def nothing() -> Reply:
    """204."""
    return Reply(204, b"", (("cache-control", "no-store"),))


def refusal(error: ScimError, headers: tuple[HeaderPair, ...] = ()) -> Reply:
    """An error as a message."""
    body: dict[str, Any] = {"schemas": [ERROR_SCHEMA], "status": str(error.status), "detail": str(error)}
    if error.kind:
        body["scimType"] = error.kind
    return reply(body, error.status, headers)
