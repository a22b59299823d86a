"""
The outer forms of AWS JSON 1.1: target, body, replies, errors and CORS; and who may send an administrator's operation.

What the service answers to a method or a content type that is not its own has no JSON form: 404 and one XML element,
as measured by others on services of this protocol.
"""

import re
from ipaddress import ip_address
from typing import Any

import msgspec

from poolhouse.kit.edge import HeaderPair, Raw, Reply
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import CognitoError, access_denied, serialization, unknown_operation

MEDIA_TYPE = "application/x-amz-json-1.1"
_MESSAGE_IN_HEADER = 1000
_HOST = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<name>[^:\[\]]+))(?::[0-9]*)?")

_REQUEST_HEADERS = (
    "authorization,cache-control,content-type,amz-sdk-invocation-id,amz-sdk-request,x-amz-content-sha256,"
    "x-amz-date,x-amz-security-token,x-amz-target,x-amz-user-agent,x-amzn-trace-id"
)
_PREFLIGHT: tuple[HeaderPair, ...] = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "POST"),
    ("access-control-allow-headers", _REQUEST_HEADERS),
    ("access-control-max-age", "172800"),
)
_SHARED: tuple[HeaderPair, ...] = (
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
)


def target_operation(raw: Raw) -> str:
    """Give the operation that X-Amz-Target names, one that the model has."""
    prefix, _, name = raw.header("x-amz-target").partition(".")
    if prefix != contract().service.target_prefix or name not in contract().operations:
        raise unknown_operation()
    return name


def decode(body: bytes) -> Any:
    """Read JSON; a body that is none, or nested beyond reason, is a SerializationException without a message."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError) as wrong:
        raise serialization() from wrong


def success(request_id: str, response: msgspec.Struct | None) -> Reply:
    """Answer with *response*, or with nothing for an operation that has none."""
    body = b"" if response is None else msgspec.json.encode(response)
    return Reply(200, body, _headers(request_id))


def failure(request_id: str, error: CognitoError) -> Reply:
    """Answer with *error*: its type in the body and in a header, as different SDKs look for it."""
    content = {"__type": error.code}
    if error.message:
        content["message"] = error.message
    if error.reason_code:
        content["reasonCode"] = error.reason_code
    headers = (
        *_headers(request_id),
        ("x-amzn-ErrorType", f"{error.code}:"),
        ("x-amzn-ErrorMessage", _in_header(error.message)),
    )
    return Reply(error.status, msgspec.json.encode(content), headers)


def not_this_protocol(request_id: str) -> Reply:
    """Answer a request that is not of this protocol at all."""
    headers = (("x-amzn-RequestId", request_id), ("content-type", "application/xml"))
    return Reply(404, b"<UnknownOperationException/>\n", headers)


def preflight(request_id: str) -> Reply:
    """Answer a browser that asks whether a page may call: it may, but see ``check_not_from_page``."""
    return Reply(200, b"", (("x-amzn-RequestId", request_id), *_PREFLIGHT))


def shared(reply: Reply, raw: Raw) -> Reply:
    """Let a page of any origin read *reply*."""
    return reply.with_headers(*_SHARED) if is_from_page(raw) else reply


def is_from_page(raw: Raw) -> bool:
    """Tell whether a browser sent this on behalf of a page."""
    return any(name == b"origin" for name, _ in raw.headers)


def check_not_from_page(raw: Raw) -> None:
    """
    Refuse an administrator's operation that a web page sends.

    DEVIATION: the service leaves this to the signature. Here a page could reach a server that takes any credentials,
    and no page should hold an administrator's: so in strict mode as well.
    """
    if is_from_page(raw):
        raise access_denied("An administrator's operation cannot be called by a web page.")


def check_local(raw: Raw) -> None:
    """Refuse a Host that is not this machine: a page may have a name of its own point here (DNS rebinding)."""
    if not is_local(raw.host):
        raise access_denied("This server takes any credentials, and only for a local host name.")


def is_local(host: str) -> bool:
    """Tell whether *host*, as in a Host header, is this machine."""
    parsed = _HOST.fullmatch(host)
    if parsed is None:
        return False
    name = parsed["six"] or parsed["name"]
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _headers(request_id: str) -> tuple[HeaderPair, ...]:
    return (
        ("content-type", MEDIA_TYPE),
        ("x-amzn-RequestId", request_id),
        ("cache-control", "no-store"),
    )


def _in_header(message: str) -> str:
    """Give *message* as far as a header can hold it; the body has the whole of it."""
    return "".join(char if " " <= char <= "~" else "?" for char in message[:_MESSAGE_IN_HEADER])
