"""What the sign-in page does by itself."""

from typing import TYPE_CHECKING

import msgspec

from poolhouse.house.provider import enabled

if TYPE_CHECKING:
    from poolhouse.house.model import Document


class SignInPage(msgspec.Struct, frozen=True, kw_only=True):
    """``goes_straight``: where one provider is the only way to sign in, its button need not be pressed."""

    goes_straight: bool = False


def straight(document: "Document") -> str | None:
    """The id of the provider that people are sent to at once; None while there is something to choose."""
    ways = enabled(document.providers)
    is_only_way = len(ways) == 1 and not document.form_login.is_enabled
    return ways[0].id if document.sign_in.goes_straight and is_only_way else None
