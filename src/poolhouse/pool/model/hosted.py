"""What a pool has beyond the service's settings: how its hosted pages behave."""

import msgspec


class HostedSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    The extended settings of a pool; the defaults are what every Cognito user pool has.

    ``help_url`` is where people find help with signing in: an https or mailto URL, linked at the foot of each page.
    """

    help_url: str | None = None


PLAIN_PAGES = HostedSettings()
