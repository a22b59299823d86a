"""As which app client the account page of a pool acts, and how fresh a sign-in must be for what on it."""

from collections.abc import Iterable
from typing import Final

from poolhouse.pool.core.tokens import ADMIN_SCOPE
from poolhouse.pool.model.hosted import HostedSettings
from poolhouse.pool.model.pool import Client

OPENING_SECONDS: Final = 300
"""How old a sign-in may be when a page is opened on which something that matters is changed."""
SENDING_SECONDS: Final = 900
"""The same when its form comes back: it takes time to fill in."""


def acting_client(settings: HostedSettings, clients: Iterable[Client]) -> Client | None:
    """
    The app client whose permissions hold on the account page, and whose look it has; None: there is no such page.

    Ours: what people may do there is what an access token of this client with the scope
    ``aws.cognito.signin.user.admin`` lets them do.  So nobody gains anything by the page where nothing is set: it is
    there once an app client with hosted sign-in may have that scope, and acts as the oldest of them.  It never acts as
    a third party's.
    """
    if settings.account_page == "off":
        return None
    apt = [each for each in clients if can_act(each)]
    if settings.account_client is not None:
        return next((each for each in apt if each.id == settings.account_client), None)
    if settings.account_page == "by_scope":
        apt = [each for each in apt if ADMIN_SCOPE in (each.settings.allowed_o_auth_scopes or ())]
    return min(apt, key=lambda each: (each.created_ms, each.id), default=None)


def can_act(client: Client) -> bool:
    """Whether it could be that client: people sign in for it here, and it is nobody else's."""
    settings = client.settings
    signs_in_here = settings.allowed_o_auth_flows_user_pool_client and settings.supported_identity_providers
    return bool(signs_in_here) and not client.extended.third_party
