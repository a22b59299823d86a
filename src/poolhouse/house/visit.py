"""One request, with what is known about who sent it."""

from collections.abc import Mapping

import msgspec

from poolhouse.house.model import Session
from poolhouse.kit.edge import Raw


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a handler sees.

    ``address`` is the client's, behind the operator's own proxies.  ``browser`` is the random name of this browser,
    ``session_id`` the opaque id from its cookie (whether or not it leads to ``session``).  ``form`` is filled for
    POST only, after the proof against forgery has been checked.  ``reference`` identifies the request on pages, in
    the log and in the audit log.
    """

    raw: Raw
    address: str
    reference: str
    browser: str
    is_new_browser: bool
    session_id: str
    session: Session | None
    csrf: str
    form: Mapping[str, str] = {}
