"""What the sign-in page does by itself."""

import msgspec

from poolhouse.house.provider import Providers, enabled


class SignInPage(msgspec.Struct, frozen=True, kw_only=True):
    """``goes_straight``: where one provider is the only way to sign in, its button need not be pressed."""

    goes_straight: bool = False


def straight_to(rules: SignInPage, providers: Providers, *, has_form: bool) -> str | None:
    """The id of the provider that people are sent to at once; None while there is something to choose."""
    ways = enabled(providers)
    return ways[0].id if rules.goes_straight and not has_form and len(ways) == 1 else None
