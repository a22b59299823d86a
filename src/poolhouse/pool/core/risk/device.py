"""
What a request says about its device.

EncodedData is made by the service's own script or mobile library: base64 of JSON, whose payload is JSON once more
with what was collected.  What does not read so is taken as a whole; nothing of it is trusted further than to be the
same as last time, and nothing but a digest, a name and a time zone is kept.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.pool.model.risk import Seen

_MOST: Final = 64
_OTHER: Final = "Other"
_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
    ("Chrome", "Chrome"), ("Version", "Safari"), ("aws-cli", "aws-cli"), ("Boto3", "Boto3"),
    ("aws-sdk-js", "aws-sdk-js"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "iOS"), ("iPad", "iOS"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac OS X"),
    ("CrOS", "Chrome OS"), ("Linux", "Linux"), ("linux", "Linux"),
)  # fmt: skip
_PRINTABLE: Final = re.compile(r"[^\x20-\x7e]")


def with_device(seen: Seen, *, encoded: str = "", user_agent: str = "", key: str = "") -> Seen:
    """*seen* with the device of a fingerprint, else of a remembered device's *key*, else of a browser's own words."""
    read = _collected(encoded) if encoded else {}
    collected = read or {}
    agent = _text(collected, "UserAgent") or user_agent
    name = device_name(agent)
    own = _text(collected, "DeviceId") or _text(collected, "DeviceFingerprint")
    if own:
        identity = f"fingerprint {own}"
    elif key:
        identity = f"key {key}"
    elif read is None:
        identity = f"opaque {encoded}"
    else:
        # Without its version: an update of the browser is no other device.
        identity = f"agent {re.sub(r'[0-9.]+', '', name)}" if agent else ""
    digest = hashlib.sha256(identity.encode()).hexdigest()[:32] if identity else ""
    zone = _clean(_text(collected, "ClientTimezone"))
    return msgspec.structs.replace(seen, device=digest, device_name=name, timezone=zone)


def device_name(user_agent: str) -> str:
    """A browser and a system as people call them: ``Firefox 128, Linux``; ``""`` where nothing is said."""
    if not user_agent:
        return ""
    browser = _OTHER
    for token, called in _BROWSERS:
        found = re.search(rf"\b{re.escape(token)}/(\d{{1,4}})", user_agent)
        if found:
            browser = f"{called} {found[1]}"
            break
    system = next((called for token, called in _SYSTEMS if token in user_agent), _OTHER)
    return f"{browser}, {system}"


def told_name(name: str) -> str:
    """``device_name`` for people, who need not be told what is not known."""
    return ", ".join(part for part in name.split(", ") if part != _OTHER)


def _collected(encoded: str) -> Mapping[str, Any] | None:
    """What was collected, which may be nothing; None for what is of no form that is known."""
    try:
        outer = msgspec.json.decode(base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True))
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        return None
    try:
        payload = outer["payload"]
        inner = msgspec.json.decode(payload) if isinstance(payload, str) else payload
        found = inner["contextData"]
    except (ValueError, msgspec.MsgspecError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(collected: Mapping[str, Any], name: str) -> str:
    value = collected.get(name)
    return value if isinstance(value, str) else ""


def _clean(text: str) -> str:
    return _PRINTABLE.sub("", text)[:_MOST]
