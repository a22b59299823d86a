"""Access keys: what signs an administrator's request, and what it may do."""

import msgspec

ANY = "*"


class KeyPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a key is good for: *operations* by name, with ``*`` and ``?`` as IAM has them, and *pools* by id.

    ``*`` among the pools is every pool, and what concerns no single pool.
    """

    operations: tuple[str, ...] = (ANY,)
    pools: tuple[str, ...] = (ANY,)


EVERYTHING = KeyPolicy()
"""The policy of an administrator in person, and of a key that was given none."""


class AccessKey(msgspec.Struct, frozen=True, kw_only=True):
    """
    An AWS-shaped access key as stored; the secret is sealed: purpose "access key", row = id.

    A temporary one has *expires_at* and *token*, the digest of its session token.  Times are in seconds but for
    *created_ms*; *used_at* is exact to a minute.
    """

    id: str
    name: str
    sealed: bytes
    created_ms: int
    operations: tuple[str, ...] = (ANY,)
    pools: tuple[str, ...] = (ANY,)
    token: bytes | None = None
    expires_at: int | None = None
    used_at: int | None = None

    @property
    def policy(self) -> KeyPolicy:
        return KeyPolicy(operations=self.operations, pools=self.pools)
