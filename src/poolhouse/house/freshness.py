"""
Whether somebody has just signed in: asked before something is made that outlives the session.

Who finds a browser open, or has stolen its cookie, can do what the session can, but take nothing along for later.
"""

from typing import Any

import msgspec

from poolhouse.house.model import Session
from poolhouse.kit.ambient import Epoch

SECONDS = 600
SKEW_SECONDS = 60
ANEW = frozenset({"/user/tokens"})
"""Pages that need it.  A sign-in that leads there asks the provider for one of its own (``prompt=login``)."""


def is_fresh(session: Session, now: Epoch) -> bool:
    """
    Signed in here within ten minutes, and at the provider as well, where that says when (``auth_time``).

    A provider may send a browser straight back that has signed in there long ago.
    """
    if now - session.created_at > SECONDS:
        return False
    claims: dict[str, Any] = msgspec.json.decode(session.claims) if session.claims else {}
    moment = claims.get("auth_time")
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        return True
    return now - moment <= SECONDS + SKEW_SECONDS
