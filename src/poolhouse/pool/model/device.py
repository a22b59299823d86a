"""Devices of users, from which they have signed in."""

import msgspec

from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.model.user import Username


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """
    A device that a user has confirmed (AWS API: ConfirmDevice).

    ``verifier`` is that of the secret which the device made for itself, sealed: purpose "device verifier", row
    ``<pool id>/<username>/<key>``.  A device without one is tracked and never proves itself.  ``group_key`` and ``key``
    are the names in its SRP.  ``remembered`` devices prove themselves at each sign-in.  ``address`` is where it signed
    in from last, at ``authenticated_at``.
    """

    pool_id: PoolId
    username: Username
    key: str
    group_key: str
    name: str | None = None
    remembered: bool
    salt: bytes | None = None
    verifier: bytes | None = None
    address: str
    created_ms: int
    modified_ms: int
    authenticated_at: int

    @property
    def proves_itself(self) -> bool:
        """Whether it is asked for a proof when it signs in."""
        return self.remembered and self.verifier is not None


class NewDevice(msgspec.Struct, frozen=True):
    """The names that a sign-in gives to a device which has none yet (AWS API: NewDeviceMetadata)."""

    key: str
    group_key: str
