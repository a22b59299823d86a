"""
Memory that glibc keeps for later, given back to the system at rest.

A password's hash takes 19 MiB for 20 ms.  To keep them for the next hash is right under load: with fresh pages each
would take half as long again.  At rest it is a waste, and for good, since glibc never trims the top of an arena that
belongs to a thread.  So all threads share one arena, which is trimmed when nothing has been hashed for a while.

On systems without glibc nothing of this happens, and nothing is lost.
"""

import ctypes
from typing import Any

_ARENA_MAX = -8


def share_one_arena() -> None:
    """Call once, before there are threads."""
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Return what is free; takes about a millisecond, and other threads wait for it when they allocate."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> Any:
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None
