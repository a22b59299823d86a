"""JSON of strangers, read so that no other reader sees another document in it."""

import json
from typing import Any, NoReturn


def read(text: str | bytes) -> Any:
    """
    The document; ``ValueError`` or ``RecursionError`` for what is none.

    A name that comes twice is refused (CVE-2026-9689), and so are numbers that JSON does not have and half a character
    (a lone surrogate), which could be neither hashed nor stored.
    """
    found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    # Raises UnicodeEncodeError, a ValueError.
    json.dumps(found, ensure_ascii=False).encode()
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name comes twice")
    return made


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
