"""What a pool has beyond the service's settings: how its hosted pages behave."""

from typing import Final, Literal

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

    ``bot_check`` is what a browser has to do before a form is believed that makes an account or has a code sent; with
    ``bot_check_when`` after_failures, before a sign-in, too, from an address that has failed a few times.
    ``bot_check_difficulty`` are the leading zero bits of a proof of work.  The provider of a captcha:
    ``captcha_script`` and further ``captcha_origins`` that its widget needs, ``captcha_verify`` where its answers are
    checked with ``captcha_secret`` (sealed: purpose "captcha secret", row = pool id), ``captcha_field`` their name.
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
    bot_check: Literal["off", "proof_of_work", "captcha"] = "off"
    bot_check_when: Literal["sign_up", "after_failures"] = "sign_up"
    bot_check_difficulty: int = 16
    captcha_script: str | None = None
    captcha_origins: tuple[str, ...] = ()
    captcha_verify: str | None = None
    captcha_site_key: str | None = None
    captcha_secret: str | None = None
    captcha_field: str | None = None


PLAIN_PAGES = HostedSettings()
SECRETS: Final = frozenset({"captcha_secret"})
"""Settings that are written and never shown."""
