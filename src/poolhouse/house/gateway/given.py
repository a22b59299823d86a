"""What a request has brought to show who sends it; ``bearer`` reads it."""

import msgspec


class Given(msgspec.Struct, frozen=True):
    """
    More than one token is as good as none: nothing says which of them counts (RFC 6750 section 2).

    *is_misplaced*: a token of the house stands where it does not count.
    """

    cookie: str = ""
    tokens: tuple[str, ...] = ()
    is_misplaced: bool = False

    @property
    def is_something(self) -> bool:
        return bool(self.cookie or self.tokens)
