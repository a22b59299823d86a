"""What a token is bound to, so that whoever steals it can do nothing with it."""

import msgspec


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """
    The keys that a client has shown to hold, by their SHA-256 thumbprints in base64url.

    ``jkt`` is that of a DPoP key (RFC 9449 section 6.1), ``x5t`` that of a certificate (RFC 8705 section 3.1).
    """

    jkt: str | None = None
    x5t: str | None = None

    @property
    def claim(self) -> dict[str, str]:
        """The members of ``cnf`` (RFC 7800 section 3.1)."""
        if self.jkt is None and self.x5t is None:
            return {}
        named = {"jkt": self.jkt, "x5t#S256": self.x5t}
        return {name: value for name, value in named.items() if value is not None}


UNBOUND = Binding()
