"""What a text in the place of ours must be like, whether a translator or an administrator wrote it."""

import re
from typing import Final

LIMIT: Final = 1_000
"""Characters of one text."""
_PLACEHOLDER: Final = re.compile(r"%\(([a-z_]+)\)s|%%")
_MARKUP: Final = re.compile(r"<[a-zA-Z/!?]|&(?:[a-zA-Z]+|#[0-9]+|#x[0-9a-fA-F]+);")
#: Control characters, and those that turn the direction of what follows them.
_UNSEEN: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")


def placeholders(text: str) -> frozenset[str]:
    """The names of the values that go into a text."""
    return frozenset(name for name in _PLACEHOLDER.findall(text) if name)


def fault(english: str, text: str, *, counts: bool = False) -> str | None:
    """
    What is wrong with *text* in the place of *english*; None if nothing is.

    The same placeholders, and no other use of the percent sign: a text is ``text % values``.  Of a text that *counts*
    things the number may be left out ("one code").
    """
    wanted, found = placeholders(english), placeholders(text)
    others = wanted - found - ({"n", "num"} if counts else set()) or found - wanted
    names = ", ".join(sorted(wanted)) or "none"
    rules = (
        (not text.strip(), "the text is empty"),
        (len(text) > LIMIT, f"the text is longer than {LIMIT} characters"),
        (bool(_UNSEEN.search(text)), "the text has characters that cannot be seen"),
        (bool(_MARKUP.search(text)), "the text has markup, which would be shown as it is written"),
        ("%" in _PLACEHOLDER.sub("", text), "a percent sign is written %%"),
        (bool(others), f"the placeholders are not those of the English text: {names}"),
    )
    return next((told for is_broken, told in rules if is_broken), None)
