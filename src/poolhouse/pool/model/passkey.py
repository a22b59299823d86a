"""Passkeys of users."""

import msgspec

from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.model.user import Username


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """
    A public key with which one user of one pool signs in at one relying party (WebAuthn level 3, section 4).

    ``id`` is the credential id, base64url; ``public_key`` is COSE; ``sign_count`` the authenticator's counter when it
    was last seen, 0 where it does not count.  ``is_synced``: the key may exist on several devices.
    """

    pool_id: PoolId
    id: str
    username: Username
    relying_party: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...] = ()
    attachment: str | None = None
    name: str
    is_synced: bool
    created_ms: int
