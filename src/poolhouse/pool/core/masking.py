"""What is shown of an address that a code was sent to: enough for its owner, too little for a stranger."""

from collections.abc import Callable

Mac = Callable[[bytes], bytes]


def mask_email(address: str) -> str:
    """``jane@example.com`` is shown as ``j***@e***``."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain[:1]}***"


def mask_phone(number: str) -> str:
    """``+12065551234`` is shown as ``+*******1234``; a number of four digits or less shows none of them."""
    digits = number.removeprefix("+")
    shown = digits[-4:] if len(digits) > 4 else ""
    return "+" + "*" * (len(digits) - len(shown)) + shown


def mask(medium: str, address: str) -> str:
    """*medium* is ``EMAIL`` or ``SMS``, as in CodeDeliveryDetails."""
    return mask_phone(address) if medium == "SMS" else mask_email(address)


def simulated_destination(mac: Mac, *, medium: str, username: str) -> str:
    """
    The masked destination of a code that is never sent, because nobody has this name.

    A name that is itself an address is masked like any other. Any other name gets characters that are drawn from the
    server's keyed hash, so that they are the same each time and cannot be told from a real user's.
    """
    if medium == "SMS":
        if username.startswith("+") and username[1:].isdecimal():
            return mask_phone(username)
        number = int.from_bytes(mac(b"simulated phone\0" + username.encode())[:8])
        return f"+*******{number % 10_000:04d}"
    if "@" in username[1:]:
        return mask_email(username)
    drawn = mac(b"simulated email\0" + username.encode())
    domain = "ghoymi"[drawn[1] % 6]
    return f"{chr(ord('a') + drawn[0] % 26)}***@{domain}***"
