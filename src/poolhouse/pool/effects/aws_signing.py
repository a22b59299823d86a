"""
Sign what this server sends to AWS: Signature Version 4 in its header form.

Source: AWS IAM user guide, "Create a signed AWS API request".  ``api.sigv4`` is the other side.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec

from poolhouse.kit.ambient import Secret


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """An access key; temporary ones come with a session token."""

    access_key_id: str
    secret_access_key: Secret
    session_token: Secret | None = None


def signed_headers(
    credentials: Credentials, *, url: str, body: bytes, service: str, region: str, now: int, headers: Mapping[str, str]
) -> dict[str, str]:
    """*headers* of a POST of *body* to *url*, with those that sign it; names in lower case."""
    parts = urlsplit(url)
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    every = {**headers, "host": parts.netloc, "x-amz-date": stamp}
    if credentials.session_token is not None:
        every["x-amz-security-token"] = credentials.session_token.reveal()
    names = ";".join(sorted(every))
    canonical = "\n".join(
        [
            "POST",
            quote(parts.path or "/", safe="/~"),
            "&".join(f"{_encoded(key)}={_encoded(value)}" for key, value in sorted(parse_qsl(parts.query))),
            *(f"{name}:{' '.join(every[name].split())}" for name in sorted(every)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_access_key.reveal()}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    every["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return every


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
