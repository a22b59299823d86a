"""
Where triggers are answered: the operator's table from functions to webhooks and Lambda endpoints (setting ``hooks``).

A pool's ``LambdaConfig`` holds ARNs, and whoever may change a pool may write any ARN; only the operator says which URL
stands behind one.  So nobody can make this server call an address by configuring a pool.  An entry with ``pools`` is
for those user pools alone: then an access key for another pool cannot have the function called, either.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from poolhouse.kit.ambient import Secret

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 (how a secret is told from other text)
_POOL_ID: Final = re.compile(r"[\w-]+_[0-9A-Za-z]+")
SECRET_BYTES: Final = range(24, 65)
_FUNCTION: Final = re.compile(
    r"arn:[^:]+:lambda:(?P<region>[^:]*):[0-9]+:function:(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>[A-Za-z0-9$_-]+))?"
)


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Answers by HTTP; *key* signs what is sent to it (Standard Webhooks); *pools* as in ``Targets.find``."""

    url: str
    key: bytes
    pools: frozenset[str] | None = None

    def __repr__(self) -> str:
        return f"Webhook(url={self.url!r})"


class LambdaEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """
    Answers as AWS Lambda does: AWS itself, LocalStack, or a runtime interface emulator.

    *function* stands for the name in the ARN where the endpoint knows the function by another one.
    """

    url: str
    region: str | None = None
    function: str | None = None
    access_key_id: str = "local"
    secret_access_key: Secret = Secret("local")
    session_token: Secret | None = None
    pools: frozenset[str] | None = None


Target = Webhook | LambdaEndpoint


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a function's ARN."""

    name: str
    region: str = ""
    qualifier: str | None = None


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """
    The table.

    What names an ARN most exactly is taken: the ARN, then the function's name, then the longest prefix.
    """

    arns: Mapping[str, Target] = {}
    names: Mapping[str, Target] = {}
    prefixes: tuple[tuple[str, Target], ...] = ()

    def find(self, arn: str, pool_id: str) -> Target | None:
        """
        What answers for *arn* in this pool; None when nothing is configured for it.

        A target that is for other pools does not give way to a less exact one: the operator has said whose it is.
        """
        function = read_function(arn)
        by_name = None if function is None else self.names.get(function.name)
        by_prefix = next((target for prefix, target in self.prefixes if arn.startswith(prefix)), None)
        target = self.arns.get(arn) or by_name or by_prefix
        return None if target is None or (target.pools is not None and pool_id not in target.pools) else target


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"endpoint": "lambda"}):
    url: str | None = None
    secret: str | None = None
    endpoint: str | None = None
    region: str | None = None
    function: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None
    pools: list[str] | None = None


def read_function(arn: str) -> Function | None:
    """The function that *arn* names; None for an ARN of something else."""
    found = _FUNCTION.fullmatch(arn)
    if found is None:
        return None
    return Function(name=found["name"], region=found["region"], qualifier=found["qualifier"])


def read_targets(table: Mapping[str, Any]) -> Targets:
    """
    The setting ``hooks``; ``ValueError`` with a sentence for an entry that cannot be used.

    A key with ``*`` at its end is a prefix of ARNs, one with a colon is an ARN, any other a function's name.
    """
    arns: dict[str, Target] = {}
    names: dict[str, Target] = {}
    prefixes: dict[str, Target] = {}
    for key, value in table.items():
        target = _target(key, value)
        if key.endswith("*"):
            prefixes[key[:-1]] = target
        elif ":" in key:
            arns[key] = target
        else:
            names[key] = target
    longest_first = sorted(prefixes.items(), key=lambda item: len(item[0]), reverse=True)
    return Targets(arns=arns, names=names, prefixes=tuple(longest_first))


def _target(key: str, value: Any) -> Target:
    try:
        entry = msgspec.convert(value, _Entry)
    except msgspec.ValidationError as wrong:
        raise ValueError(f"{key}: {wrong}") from wrong
    if (entry.url is None) == (entry.endpoint is None):
        raise ValueError(f"{key}: give either url (a webhook) or lambda (an endpoint of AWS Lambda)")
    _check_url(key, entry.url or entry.endpoint or "")
    if entry.pools is not None and (not entry.pools or not all(map(_POOL_ID.fullmatch, entry.pools))):
        raise ValueError(f"{key}: pools: a list of user pool ids, such as us-east-1_Ab12Cd34E, or leave it out for all")
    return _webhook(key, entry) if entry.url is not None else _endpoint(key, entry)


def _webhook(key: str, entry: _Entry) -> Webhook:
    if msgspec.structs.replace(entry, url=None, secret=None, pools=None) != _Entry():
        raise ValueError(f"{key}: a webhook has url, secret and pools, nothing else")
    given = (entry.secret or "").removeprefix(SECRET_PREFIX)
    try:
        raw = base64.b64decode(given, validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) not in SECRET_BYTES:
        raise ValueError(f"{key}: secret: {SECRET_PREFIX} and the Base64 form of 24 to 64 random bytes")
    return Webhook(url=entry.url or "", key=raw, pools=_pools(entry))


def _endpoint(key: str, entry: _Entry) -> LambdaEndpoint:
    if entry.secret is not None:
        raise ValueError(f"{key}: secret is for a webhook; an endpoint of Lambda takes AWS credentials")
    if (entry.access_key_id is None) != (entry.secret_access_key is None):
        raise ValueError(f"{key}: access_key_id and secret_access_key go together")
    return LambdaEndpoint(
        url=(entry.endpoint or "").rstrip("/"),
        region=entry.region,
        function=entry.function,
        access_key_id=entry.access_key_id or "local",
        secret_access_key=Secret(entry.secret_access_key or "local"),
        session_token=None if entry.session_token is None else Secret(entry.session_token),
        pools=_pools(entry),
    )


def _pools(entry: _Entry) -> frozenset[str] | None:
    return None if entry.pools is None else frozenset(entry.pools)


def _check_url(key: str, url: str) -> None:
    """Events hold what users say of themselves, so plain HTTP does not leave this machine."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as wrong:
        raise ValueError(f"{key}: {url!r} is not a URL") from wrong
    if parts.scheme not in ("http", "https") or not has_host or "@" in parts.netloc or parts.fragment:
        raise ValueError(f"{key}: {url!r}: give a URL with https")
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError(f"{key}: {url!r}: plain http is for this machine only")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
