"""
What a hosted page offers to whoever types a name: what the pool allows, never what the user has.

Anybody can type a name.  So nothing is looked up before something is tried, a code that cannot be sent looks sent, and
a passkey is asked of the browser without saying which ones there are.
"""

from typing import Final

from poolhouse.pool.core import first_factors as core
from poolhouse.pool.core.passkeys import is_origin_of
from poolhouse.pool.core.sign_in import first_choices
from poolhouse.pool.flows import relying_party
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.facts import allowed_first, counts_passkeys_twice
from poolhouse.pool.flows.site import Site, origin_of
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.sign_in import Done, Facts
from poolhouse.pool.model.user import Status

CODES: Final = (core.EMAIL_OTP, core.SMS_OTP)
_BY_CHOICE: Final = "ALLOW_USER_AUTH"


def is_by_choice(flow: Flow, site: Site, client: Client) -> bool:
    """
    Whether the pages of *client* ask for the name first, and then how to sign in.

    As on the service: the pool allows more than the password, and the client ALLOW_USER_AUTH.  There the classic
    pages take a password whatever is allowed; here so on a strict server only.
    """
    allows = _BY_CHOICE in (client.settings.explicit_auth_flows or ())
    has_pages = site.managed or not flow.config.strict
    return allows and has_pages and allowed_first(site.entry.pool) != {core.PASSWORD}


def works_with_passkeys(flow: Flow, site: Site) -> bool:
    """Whether browsers let pages of this domain use the pool's passkeys, and the pool has any."""
    party = relying_party.id_of(flow.config, site.entry)
    allowed = core.WEB_AUTHN in allowed_first(site.entry.pool)
    return allowed and party is not None and is_origin_of(origin_of(site), party)


def ways(flow: Flow, site: Site) -> tuple[str, ...]:
    """The first factors that a page offers, in the order of the API."""
    return ways_of(site.entry.pool, passkeys=works_with_passkeys(flow, site))


def ways_of(pool: Pool, *, passkeys: bool) -> tuple[str, ...]:
    """The same for a pool: all that a user could have who has everything; a page has no SRP."""
    most = Facts(
        status=Status.CONFIRMED,
        enabled=True,
        done=frozenset({Done.CHOICE}),
        pool_mfa=pool.mfa.mfa_configuration or "OFF",
        first_factors=allowed_first(pool),
        verified_phone=True,
        verified_email=True,
        has_passkey=passkeys,
        passkey_is_mfa=counts_passkeys_twice(pool),
    )
    return tuple(name for name in first_choices(most) if name != core.PASSWORD_SRP)
