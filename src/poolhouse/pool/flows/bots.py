"""
The check against bots: a proof of work of ours, or the captcha of a provider.

A seed is sealed for its pool and its form, so that nothing is stored for a page that is only looked at; what is stored
is that a right answer was shown, until the seed ends.
"""

import struct
from typing import Any, Final, Literal

import msgspec

from poolhouse.kit.jose import b64url, b64url_decode
from poolhouse.kit.log import get_logger
from poolhouse.kit.outgoing import Unreachable
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.core.proof_of_work import is_answer
from poolhouse.pool.flows import once
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry

FormName = Literal["sign_up", "recovery", "resend", "sign_in"]
Verdict = Literal["passed", "failed", "unreachable"]

SEED_SECONDS: Final = 600
VERIFY_SECONDS: Final = 5.0
_PURPOSE: Final = "proof of work"
_SECRET: Final = "captcha secret"  # noqa: S105 (a purpose)
_SEED: Final = struct.Struct(">QQ")
_SEED_LENGTH: Final = 64
"""One block of SHA-256: 48 sealed bytes as base64url; ``proof-worker.js`` rests on it."""
_RESPONSE_LIMIT: Final = 8192


def seed(flow: Flow, entry: PoolEntry, form: FormName, bits: int) -> str:
    """What a page computes with, once, within ten minutes."""
    plain = _SEED.pack(flow.clock.now() + SEED_SECONDS, bits)
    return b64url(flow.ring.seal(plain, purpose=_PURPOSE, row=f"{entry.pool.id}/{form}")).decode("ascii")


async def is_worked(flow: Flow, entry: PoolEntry, form: FormName, given: str, answer: str) -> bool:
    """Whether *answer* is right for a seed of this pool and form that nobody has shown before; spends the seed."""
    if len(given) != _SEED_LENGTH:
        return False
    try:
        plain = flow.ring.open(b64url_decode(given), purpose=_PURPOSE, row=f"{entry.pool.id}/{form}")
        until, bits = _SEED.unpack(plain)
    except (ValueError, SealBroken, struct.error):
        return False
    if until <= flow.clock.now() or not is_answer(given, answer, bits):
        return False
    return await once.is_first(flow, _PURPOSE, given, expires_at=until)


async def verified(flow: Flow, entry: PoolEntry, response: str, address: str) -> Verdict:
    """What the provider says of a captcha's *response* (siteverify of Turnstile, hCaptcha, reCAPTCHA)."""
    settings, log = entry.pool.extended, get_logger().bind(pool=entry.pool.id)
    if not response or len(response) > _RESPONSE_LIMIT:
        return "failed"
    try:
        secret = _open_secret(flow, entry)
        fields = {"secret": secret, "response": response, "remoteip": address}
        reply = await flow.http.post_form(
            settings.captcha_verify or "", fields, authorization=None, seconds=VERIFY_SECONDS
        )
        said = msgspec.json.decode(reply.body) if reply.status == 200 else None
    except (Unreachable, SealBroken, ValueError, msgspec.DecodeError) as no:
        log.warning("captcha cannot be verified", why=type(no).__name__, trouble=getattr(no, "trouble", ""))
        return "unreachable"
    return _read(said, log)


def _read(said: Any, log: Any) -> Verdict:
    if not isinstance(said, dict) or not isinstance(said.get("success"), bool):
        log.warning("captcha cannot be verified", why="answer")
        return "unreachable"
    if said["success"]:
        return "passed"
    log.info("captcha refused", codes=str(said.get("error-codes", ""))[:200])
    return "failed"


def seal_secret(flow: Flow, pool_id: str, secret: str) -> str:
    """The provider's secret as the settings keep it."""
    return b64url(flow.ring.seal(secret.encode(), purpose=_SECRET, row=pool_id)).decode("ascii")


def _open_secret(flow: Flow, entry: PoolEntry) -> str:
    sealed = b64url_decode(entry.pool.extended.captcha_secret or "")
    return flow.ring.open(sealed, purpose=_SECRET, row=entry.pool.id).decode()
