"""Where a request comes from, as far as it can be told."""

import msgspec


class Origin(msgspec.Struct, frozen=True):
    """
    The address that a request came from, what its sender calls itself (User-Agent) and the languages it prefers.

    Kept with devices and sessions for their owner to look at.  ``agent`` is anybody's claim: nothing is decided by it.
    """

    address: str = ""
    agent: str = ""
    languages: str = ""


NOWHERE = Origin()
