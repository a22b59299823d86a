"""
Whom an app is told that a user is (OIDC Core section 8).

An app of the subject type ``pairwise`` hears of a user, and of a session, by a name that apps of other sectors never
hear, so that they cannot put together what each knows.  The name is a keyed digest of the sector and the user's own id
(section 8.1): it cannot be taken back to the user, nor made by anybody without the pool's salt.
"""

import base64
import hmac

from poolhouse.pool.model.pool import Client


class NoSalt(Exception):
    """The pool has no salt for an app that needs one: better no name than the user's own."""


def is_pairwise(client: Client) -> bool:
    return client.extended.subject_type == "pairwise"


def name_for(client: Client, sub: str, salt: bytes) -> str:
    """The ``sub`` that *client* is told for the user *sub*."""
    return _pairwise(client, "subject", sub, salt) if is_pairwise(client) else sub


def session_for(client: Client, sid: str, salt: bytes) -> str:
    """The ``sid`` that *client* is told for a browser session."""
    return _pairwise(client, "session", sid, salt) if is_pairwise(client) else sid


def _pairwise(client: Client, kind: str, value: str, salt: bytes) -> str:
    sector = client.extended.sector_identifier
    if not salt or not sector:
        raise NoSalt
    # Neither a kind nor a host has a space in it.
    digest = hmac.digest(salt, f"{kind} {sector} {value}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
