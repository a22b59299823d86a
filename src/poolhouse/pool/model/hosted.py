"""What a pool has beyond the service's settings: how its hosted pages behave."""

from typing import Literal

import msgspec


class HostedSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    The extended settings of a pool; the defaults are what every Cognito user pool has.

    ``help_url`` is where people find help with signing in: an https or mailto URL, linked at the foot of each page.
    ``languages`` are the tags of those that the pages can be read in, none for all there are; ``default_language`` is
    for whoever wants none of them.  ``sign_up_attributes`` are those that the sign-up page asks for beside the required
    ones, and that may be left out.  ``remember_browsers``: a browser in which a second factor was given may be spared
    it from then on, as the pool's DeviceConfiguration says.

    ``account_page``: whether people look after their own account at ``/account``; by_scope: where an app client with
    hosted sign-in may have the scope ``aws.cognito.signin.user.admin``.  ``account_client`` is the app client that the
    page acts as, else the oldest of those.  ``account_deletion``: whether people may delete their account there.

    ``security_notices``: whether an e-mail tells people of changes of their account: of those at the account page, of
    all that are made in their name, or of none.
    """

    help_url: str | None = None
    sign_up_attributes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    default_language: str = "en"
    remember_browsers: bool = False
    account_page: Literal["by_scope", "on", "off"] = "by_scope"
    account_client: str | None = None
    account_deletion: bool = True
    security_notices: Literal["account_page", "on", "off"] = "account_page"


PLAIN_PAGES = HostedSettings()
