"""
Where logs go: the operator's table from ARNs to files, webhooks and endpoints (setting ``log_destinations``).

A pool names destinations by ARN, and whoever may change a pool may write any ARN; only the operator says what stands
behind one.
"""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from poolhouse.kit.ambient import Secret
from poolhouse.pool.effects.aws_signing import Credentials

_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 (how a secret is told from other text)
_SECRET_BYTES: Final = range(24, 65)


class LogFile(msgspec.Struct, frozen=True):
    """Lines of JSON are appended."""

    path: Path


class LogWebhook(msgspec.Struct, frozen=True):
    """Lines of JSON are posted, signed with *key* (Standard Webhooks)."""

    url: str
    key: bytes

    def __repr__(self) -> str:
        return f"LogWebhook(url={self.url!r})"


class LogGroup(msgspec.Struct, frozen=True):
    """An endpoint that speaks CloudWatch Logs; group and region are those of the ARN."""

    url: str
    credentials: Credentials
    stream: str = "poolhouse"


Target = LogFile | LogWebhook | LogGroup


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """The table; the ARN itself before the longest prefix."""

    arns: Mapping[str, Target] = {}
    prefixes: tuple[tuple[str, Target], ...] = ()

    def find(self, arn: str) -> Target | None:
        """What stands behind *arn*; None where the operator has not said."""
        by_prefix = next((target for prefix, target in self.prefixes if arn.startswith(prefix)), None)
        return self.arns.get(arn) or by_prefix


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    file: str | None = None
    url: str | None = None
    secret: str | None = None
    cloudwatch: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None
    stream: str | None = None


def read_targets(table: Mapping[str, Any]) -> Targets:
    """The setting; ``ValueError`` with a sentence for an entry that cannot be used.  ``*`` ends a prefix."""
    arns: dict[str, Target] = {}
    prefixes: dict[str, Target] = {}
    for key, value in table.items():
        if not key.startswith("arn:"):
            raise ValueError(f"{key}: an ARN, or the beginning of ARNs with * at its end")
        try:
            entry = msgspec.convert(value, _Entry)
        except msgspec.ValidationError as wrong:
            raise ValueError(f"{key}: {wrong}") from wrong
        if key.endswith("*"):
            prefixes[key[:-1]] = _target(key, entry)
        else:
            arns[key] = _target(key, entry)
    longest_first = sorted(prefixes.items(), key=lambda item: len(item[0]), reverse=True)
    return Targets(arns=arns, prefixes=tuple(longest_first))


def _target(key: str, entry: _Entry) -> Target:
    if [entry.file, entry.url, entry.cloudwatch].count(None) != 2:
        raise ValueError(f"{key}: give one of file, url (a webhook) or cloudwatch (an endpoint of CloudWatch Logs)")
    if entry.file is not None:
        path = Path(entry.file)
        if not path.is_absolute() or not path.parent.is_dir():
            raise ValueError(f"{key}: {entry.file}: a file in a directory that exists")
        return LogFile(path)
    _check_url(key, entry.url or entry.cloudwatch or "")
    if entry.url is not None:
        return LogWebhook(entry.url, _key(key, entry.secret))
    if entry.access_key_id is None or entry.secret_access_key is None:
        raise ValueError(f"{key}: access_key_id and secret_access_key sign what is sent")
    token = None if entry.session_token is None else Secret(entry.session_token)
    credentials = Credentials(
        access_key_id=entry.access_key_id, secret_access_key=Secret(entry.secret_access_key), session_token=token
    )
    return LogGroup((entry.cloudwatch or "").rstrip("/") + "/", credentials, entry.stream or "poolhouse")


def _key(key: str, secret: str | None) -> bytes:
    try:
        raw = base64.b64decode((secret or "").removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) not in _SECRET_BYTES:
        raise ValueError(f"{key}: secret: {_SECRET_PREFIX} and the Base64 form of 24 to 64 random bytes")
    return raw


def _check_url(key: str, url: str) -> None:
    """Lines say who signed in from where, so plain HTTP does not leave this machine."""
    parts = urlsplit(url)
    loopback = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    secure = parts.scheme == "https" or (parts.scheme == "http" and loopback)
    if not parts.hostname or "@" in parts.netloc or not secure:
        raise ValueError(f"{key}: {url!r}: give a URL with https")
