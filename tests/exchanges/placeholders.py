"""
What differs from run to run, named once: the shape that it must have, and where it stands in an answer.

`<pool>` in a file stands for a value of that kind. A kind that is kept is the same value wherever its name stands
again, in a request as in an answer; `<pool:other>` is a second one. `<now>`, `<now+3600>` and `<now-60>` are moments,
exact to the millisecond, since the clock of the tests stands still.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.kit.jose import b64url_decode

PLACEHOLDER = re.compile(r"<(?P<name>(?P<kind>[a-z_]+)(?::[a-z0-9_]+)?)>")
NOW = re.compile(r"<now(?P<offset>[+-][0-9]+)?>")


class Kind(msgspec.Struct, frozen=True):
    """A shape; *kept* when the same name means the same value."""

    shape: str
    kept: bool = True


_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[1-7][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_B64URL = "[A-Za-z0-9_-]"

KINDS: Mapping[str, Kind] = {
    "pool": Kind("[a-z]{2}(?:-[a-z]+)+-[0-9]_[0-9A-Za-z]{9}"),
    "client": Kind("[0-9a-z]{26}"),
    "secret": Kind("[0-9a-v]{51,52}"),
    "secret_id": Kind("[0-9a-z]{26}--[0-9]{13}"),
    "sub": Kind(_UUID),
    "uuid": Kind(_UUID, kept=False),
    "id_token": Kind(rf"{_B64URL}+\.{_B64URL}+\.{_B64URL}+"),
    "access_token": Kind(rf"{_B64URL}+\.{_B64URL}+\.{_B64URL}+"),
    "issued_token": Kind(rf"{_B64URL}+\.{_B64URL}+\.{_B64URL}+"),
    "refresh_token": Kind(r"[A-Za-z0-9._-]{40,}"),
    "session": Kind(r"[A-Za-z0-9._-]{20,}"),
    "device": Kind(rf"[a-z]{{2}}(?:-[a-z]+)+-[0-9]_{_UUID}"),
    "group_key": Kind("-[0-9A-Za-z]{8}", kept=False),
    "session_id": Kind("(?:tkn|sso)[0-9a-z]{25}"),
    "next": Kind(rf"{_B64URL}{{20,}}"),
    "seed": Kind("[A-Z2-7]{32,64}"),
    "challenge": Kind(f"{_B64URL}{{43}}"),
    "handle": Kind(f"{_B64URL}{{48}}"),
    "passkey": Kind(f"{_B64URL}{{43}}"),
    "srp_b": Kind("[0-9a-f]{700,780}"),
    "salt": Kind("[0-9a-f]{2,64}"),
    "secret_block": Kind("[A-Za-z0-9+/=]{90,2000}"),
    "certificate": Kind("[A-Za-z0-9+/]{800,1600}={0,2}"),
    "host": Kind(r"[a-z0-9.-]+"),
    "style": Kind(_UUID),
    "terms": Kind(_UUID),
    "version": Kind("[0-9]{14}", kept=False),
    "event": Kind(_UUID),
    "job": Kind("import-[0-9A-Za-z]{10}"),
    "upload": Kind(r"https://pool\.example/imports/[^?]+\?expires=[0-9]+&signature=[0-9a-f]{64}", kept=False),
}

#: Member of an answer, or claim -> kind.
MEMBERS: Mapping[str, str] = {
    "UserPoolId": "pool",
    "ClientId": "client",
    "client_id": "client",
    "aud": "client",
    "ClientSecret": "secret",
    "ClientSecretValue": "secret",
    "ClientSecretId": "secret_id",
    "UserSub": "sub",
    "sub": "sub",
    "USER_ID_FOR_SRP": "sub",
    "IdToken": "id_token",
    "AccessToken": "access_token",
    "IssuedToken": "issued_token",
    "Certificate": "certificate",
    "RefreshToken": "refresh_token",
    "Session": "session",
    "NextToken": "next",
    "PaginationToken": "next",
    "SecretCode": "seed",
    "challenge": "challenge",
    "id": "handle",
    "CredentialId": "passkey",
    "SRP_B": "srp_b",
    "SALT": "salt",
    "SECRET_BLOCK": "secret_block",
    "DeviceKey": "device",
    "device_key": "device",
    "DeviceGroupKey": "group_key",
    "SessionId": "session_id",
    "jti": "uuid",
    "origin_jti": "uuid",
    "event_id": "uuid",
    "CloudFrontDistribution": "host",
    "ManagedLoginBrandingId": "style",
    "TermsId": "terms",
    "CSSVersion": "version",
    "JobId": "job",
    "EventId": "event",
    "PreSignedUrl": "upload",
}

#: Shapes that tell their kind wherever they stand.
ANYWHERE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"\b{KINDS['device'].shape}\b"), "device"),
    (re.compile(rf"\b{KINDS['pool'].shape}\b"), "pool"),
    (re.compile(rf"\b{_UUID}\b"), "sub"),
)

#: A token is written as an object with this one member and its claims below.
TOKENS = frozenset({"id_token", "access_token", "issued_token"})


def claims(jwt: str) -> Any:
    """What a token says; that it is signed is for other tests."""
    return msgspec.json.decode(b64url_decode(jwt.split(".")[1]))


def kind_of(name: str) -> str:
    """`pool:other` is a `pool`."""
    return name.partition(":")[0]
