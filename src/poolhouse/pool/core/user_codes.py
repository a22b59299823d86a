"""
What a person types to let a device in (RFC 8628 section 6.1).

Twenty consonants, so that no word comes of it by chance; eight of them are 2.5e10 codes, of which few live.
"""

from typing import Final

ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
LETTERS: Final = 8
_IGNORED: Final = str.maketrans("", "", "-_. \t")
_TYPED: Final = 32


def shown(letters: str) -> str:
    """``XXXX-XXXX``, which is easier to read across a room."""
    return f"{letters[:4]}-{letters[4:]}"


def read(typed: str) -> str | None:
    """The letters of a code as a person types it, in any case, with hyphens and spaces or without; None for no code."""
    letters = typed[:_TYPED].translate(_IGNORED).upper()
    is_code = len(letters) == LETTERS and len(typed) <= _TYPED and set(letters) <= set(ALPHABET)
    return letters if is_code else None
