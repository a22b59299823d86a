"""Sessions of users, where a pool tracks them."""

import msgspec


class SessionTracking(msgspec.Struct, frozen=True, kw_only=True):
    """A pool's session configuration: how many token sessions a user may have at once (AWS API: MaxPerUser)."""

    enabled: bool = False
    max_per_user: int = 20


class Tracked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What is known of a session: a grant's (a token session) or a browser's (an SSO session).

    ``device`` and ``address`` are of its last use.  ``sso_id`` is the SSO session that a token session came through,
    ``client_id`` the app client that an SSO session began with.
    """

    id: str
    created_ms: int
    active_ms: int
    device: str
    address: str
    sso_id: str | None = None
    client_id: str = ""
