"""Authenticator apps: RFC 6238 with SHA-1, six digits, 30 seconds, as all of them implement it."""

import base64
import hmac
import struct
from typing import Final
from urllib.parse import quote, urlencode

from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.spec.errors import Reason

PERIOD: Final = 30
DIGITS: Final = 6
DRIFT: Final = 1
SECRET_BYTES: Final = 32  # 52 base32 characters, as the service's secrets


def step_at(now: int) -> int:
    """The number of the time step (§4.2)."""
    return now // PERIOD


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of one step (RFC 4226 §5.3)."""
    mac = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    offset = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def check_totp(secret: bytes, *, given: str, now: int, last_step: int) -> int | Refusal:
    """
    The step that *given* belongs to, to be stored as *last_step*; or a refusal.

    One step of drift either way (§5.2). Each step is good once, and a step before the last used one never again, so
    that a code seen over a shoulder is worth nothing. All candidates are compared, whatever the outcome of one.
    """
    current = step_at(now)
    steps = [step for step in range(current - DRIFT, current + DRIFT + 1) if step >= 0]
    matches = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), given.encode())]
    if not matches:
        return refused(Reason.TOTP_MISMATCH)
    fresh = [step for step in matches if step > last_step]
    return fresh[0] if fresh else refused(Reason.TOTP_USED)


def secret_text(secret: bytes) -> str:
    """The secret as it is typed into an app: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def otpauth_uri(secret: bytes, *, issuer: str, account: str) -> str:
    """What the QR code holds (Key URI Format): ``otpauth://totp/<issuer>:<account>?secret=..&issuer=..``."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    return f"otpauth://totp/{label}?{urlencode({'secret': secret_text(secret), 'issuer': issuer}, quote_via=quote)}"
