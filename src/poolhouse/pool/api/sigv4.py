"""
Verify AWS Signature Version 4, in its header form and its query form.

The signature covers method, path, query, the named headers and the body. Beyond what the scheme asks, the headers
that choose what happens (Host, X-Amz-Target, the date, the session token) must be among those named.

Source: AWS IAM user guide, "Create a signed AWS API request". Texts are those of the services of this protocol.
A temporary key is its id, its secret and its session token together; a permanent key has no token, and a request that
brings one with it is refused.
"""

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.ambient import Epoch, Secret
from poolhouse.kit.edge import Raw
from poolhouse.pool.api.sigv4_claim import ALGORITHM, SKEW_SECONDS, STAMP, Claim, incomplete, invalid, read_claim
from poolhouse.pool.flows.access_keys import KnownKey
from poolhouse.pool.model.access_key import EVERYTHING, KeyPolicy
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import CognitoError

_TERMINATOR = "aws4_request"
_REGION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_UNRESERVED = "-_.~"

unrecognized = partial(
    CognitoError, "UnrecognizedClientException", "The security token included in the request is invalid."
)

expired_token = partial(CognitoError, "ExpiredTokenException", "The security token included in the request is expired")

FindKey = Callable[[str], Awaitable[KnownKey | None]]
"""Give what belongs to an access key id, or None for one that is unknown."""

NoteUse = Callable[[str, int | None], Awaitable[None]]
"""Remember that the key was used now; the second argument is when it was used before."""


class Signer(msgspec.Struct, frozen=True):
    """Who signed, for which region, what the key is good for, and when it was used before."""

    access_key_id: str
    region: str
    policy: KeyPolicy = EVERYTHING
    used_at: int | None = None


async def verify(raw: Raw, *, now: Epoch, find_key: FindKey) -> Signer:
    """Give the signer of *raw*; refuse whatever is not signed, not now, not for us, or not with the key's secret."""
    claim = read_claim(raw)
    _check_time(claim, now)
    _check_coverage(claim, raw)
    _check_scope(claim)
    if claim.date != claim.stamp[:8]:
        raise invalid(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.date}' != '{claim.stamp[:8]}', from '{claim.stamp}'."
        )
    key = await find_key(claim.access_key_id)
    if key is None or not _has_token(key, claim):
        raise unrecognized()
    expected = signature(claim, raw, key.secret)
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        _mismatch()
    if key.expires_at is not None and now >= key.expires_at:
        raise expired_token()
    return Signer(claim.access_key_id, claim.region, key.policy, key.used_at)


def read_signer(raw: Raw) -> Signer:
    """Give whom *raw* says it is from, without any proof: only for a server that takes any credentials."""
    claim = read_claim(raw, must_be_dated=False)
    _check_scope(claim)
    return Signer(claim.access_key_id, claim.region)


def _has_token(key: KnownKey, claim: Claim) -> bool:
    """Tell whether the request brings the session token of its key, and none where the key has none."""
    if key.token is None:
        return not claim.token
    return hmac.compare_digest(key.token, seal.digest(claim.token))


def signature(claim: Claim, raw: Raw, secret: Secret) -> str:
    """Compute the signature that *claim* must have for *raw*."""
    canonical = hashlib.sha256(canonical_request(claim, raw)).hexdigest()
    to_sign = f"{ALGORITHM}\n{claim.stamp}\n{claim.scope}\n{canonical}"
    key = f"AWS4{secret.reveal()}".encode()
    for part in (claim.date, claim.region, claim.service, claim.terminator):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def canonical_request(claim: Claim, raw: Raw) -> bytes:
    """
    Write *raw* in the one form that both sides hash.

    The body's hash is computed, never taken from a header: UNSIGNED-PAYLOAD does not pass.
    """
    names = sorted(set(claim.signed_headers))
    values: dict[str, list[bytes]] = {name: [] for name in names}
    for key, value in raw.headers:
        name = key.decode("latin-1")
        if name in values:
            values[name].append(b" ".join(value.split()))
    if not all(values.values()):
        _mismatch()
    lines = [
        raw.method.encode(),
        quote(quote(raw.path or "/", safe="/~"), safe="/~").encode(),
        _canonical_query(raw, leave_out="X-Amz-Signature" if claim.in_query else None),
        *(name.encode() + b":" + b",".join(values[name]) for name in names),
        b"",
        ";".join(names).encode(),
        hashlib.sha256(raw.body).hexdigest().encode(),
    ]
    return b"\n".join(lines)


def _seconds(stamp: str) -> int:
    try:
        if STAMP.fullmatch(stamp):
            return int(datetime.fromisoformat(stamp).timestamp())
    except (ValueError, OverflowError):
        pass
    raise incomplete(
        f"Date must be in ISO-8601 'basic format'. Got '{stamp}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )


def _check_time(claim: Claim, now: Epoch) -> None:
    at = _seconds(claim.stamp)
    minutes = SKEW_SECONDS // 60
    if at < now - claim.lifetime:
        raise invalid(
            f"Signature expired: {claim.stamp} is now earlier than {_stamp(now - claim.lifetime)} "
            f"({_stamp(now)} - {claim.lifetime // 60} min.)"
        )
    if at > now + SKEW_SECONDS:
        raise invalid(
            f"Signature not yet current: {claim.stamp} is still later than {_stamp(now + SKEW_SECONDS)} "
            f"({_stamp(now)} + {minutes} min.)"
        )


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def _check_coverage(claim: Claim, raw: Raw) -> None:
    """Refuse a signature that leaves open where the request goes, what it asks for or when it was made."""
    if "host" not in claim.signed_headers:
        raise invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    must = {"x-amz-target": "X-Amz-Target", "x-amz-security-token": "X-Amz-Security-Token"}
    if not claim.in_query:
        must |= {"x-amz-date": "X-Amz-Date"} if raw.header("x-amz-date") else {"date": "Date"}
    for name, shown in must.items():
        if raw.header(name) and name not in claim.signed_headers:
            raise invalid(f"'{shown}' must be a 'SignedHeader' in the AWS Authorization.")


def _check_scope(claim: Claim) -> None:
    wrong = []
    service = contract().service.signing_name
    if not _REGION.fullmatch(claim.region):
        wrong.append(f"Credential should be scoped to a valid region, not '{claim.region}'.")
    if claim.service != service:
        wrong.append(f"Credential should be scoped to correct service: '{service}'.")
    if claim.terminator != _TERMINATOR:
        wrong.append(f"Credential should be scoped with a valid terminator: '{_TERMINATOR}', not '{claim.terminator}'.")
    if wrong:
        raise invalid(" ".join(wrong))


def _canonical_query(raw: Raw, *, leave_out: str | None) -> bytes:
    pairs = []
    for pair in raw.query.split("&") if raw.query else ():
        name, _, value = (quote_from_bytes(unquote_to_bytes(part), safe=_UNRESERVED) for part in pair.partition("="))
        if name != leave_out:
            pairs.append((name, value))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs)).encode()


def _mismatch() -> NoReturn:
    raise invalid(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
        "Access Key and signing method. Consult the service documentation for details."
    )
