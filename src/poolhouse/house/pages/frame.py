"""What every page of a signed-in person has around it: the bar, the navigation, the way out."""

from collections.abc import Sequence
from typing import Any

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.embedding import frame_ancestors
from poolhouse.house.model import Account, Document, Session
from poolhouse.house.pages.banners import banners
from poolhouse.house.pages.held import HeldHere
from poolhouse.house.pages.look import look_of
from poolhouse.house.provider import find_issuer
from poolhouse.house.roles import Power
from poolhouse.house.rp.logout import provider_logout
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply, html
from poolhouse.kit.html import page_headers


class NavItem(msgspec.Struct, frozen=True):
    """One line of the navigation, for those who have the power, or *also* that one."""

    label: str
    href: str
    icon: str
    power: Power = Power.INSTANCE
    also: Power | None = None

    def is_for(self, powers: frozenset[Power]) -> bool:
        return self.power in powers or self.also in powers


HOME = NavItem("Home", "/", "house")
GENERAL = NavItem("General", "/settings/general", "settings")
AUTHENTICATION = NavItem("Authentication", "/settings/authentication", "key")
USERS = NavItem("Users", "/settings/users", "users", Power.PEOPLE)
GROUPS = NavItem("Groups", "/settings/groups", "users", Power.PEOPLE)
ROLES = NavItem("Roles", "/settings/roles", "key", Power.PEOPLE)
INVITATIONS = NavItem("Invitations", "/settings/invitations", "mail", Power.PEOPLE)
REQUESTS = NavItem("Access requests", "/settings/access-requests", "passkey", Power.PEOPLE, Power.APPS)
PRESENCE = NavItem("Who is in", "/settings/who-is-in", "eye", Power.PEOPLE)
PROVISIONING = NavItem("Provisioning", "/settings/provisioning", "arrow-down")
ENTRY = NavItem("Who may come in", "/settings/entry", "house")
APPS = NavItem("Apps", "/settings/apps", "apps", Power.APPS)
WHAT_IF = NavItem("What if", "/settings/what-if", "search", Power.APPS)
TOKENS = NavItem("Tokens", "/settings/service-tokens", "passkey")
SESSIONS = NavItem("Sessions", "/settings/sessions", "phone")
DOMAIN = NavItem("Domain and TLS", "/settings/domain", "globe")
EMAIL = NavItem("Email", "/settings/email", "mail")
EMBEDDING = NavItem("Embedding", "/settings/embedding", "external")
BRANDING = NavItem("Branding", "/settings/branding", "eye")
VERSION = NavItem("Version", "/settings/version", "info")
AUDIT = NavItem("Audit log", "/settings/audit-log", "shield", Power.AUDIT)
ADMIN_GROUPS = (
    ("People", (USERS, GROUPS, ROLES, INVITATIONS, REQUESTS, PRESENCE, PROVISIONING)),
    ("Sign-in", (AUTHENTICATION, ENTRY, SESSIONS)),
    ("Apps", (APPS, WHAT_IF, TOKENS)),
    ("Instance", (GENERAL, EMAIL, BRANDING, EMBEDDING, DOMAIN, AUDIT, VERSION)),
)
ADMIN_ITEMS = tuple(item for _, items in ADMIN_GROUPS for item in items)


def session_of(visit: Visit) -> Session:
    """The session on routes that are not public; there always is one."""
    if visit.session is None:
        raise AssertionError("a guarded route was reached without a session")
    return visit.session


def account_of(visit: Visit) -> Account:
    """Who is signed in."""
    return session_of(visit).account


def admin_items(visit: Visit) -> tuple[NavItem, ...]:
    """The pages of Admin Settings that the person may open."""
    powers = session_of(visit).powers
    return tuple(item for item in ADMIN_ITEMS if item.is_for(powers))


def page(
    ctx: Context,
    visit: Visit,
    template: str,
    *,
    current: NavItem | None,
    status: int = 200,
    leads_to_provider: bool = False,
    is_portal: bool = False,
    frames: Sequence[str] = (),
    done: str = "",
    **view: Any,
) -> Reply:
    """
    A page in its frame.

    *leads_to_provider*: a form on it ends at the provider's sign-in, from where it may go anywhere (CSP 3 section
    6.4.1 looks at the whole chain of redirects).  *done* is a short word on what has just been done.
    *frames*: whose pages it shows within it.
    *is_portal*: other pages may embed it where the administrators say so.
    """
    account, items = account_of(visit), admin_items(visit)
    body = ctx.html.render(
        template,
        home_url="/",
        product=_product(ctx),
        instance_name=ctx.live.document.instance_name,
        account=account.label,
        csrf=visit.csrf,
        home_item=HOME,
        admin_items=items,
        admin_groups=[(label, [item for item in group if item in items]) for label, group in ADMIN_GROUPS],
        counts={REQUESTS.href: ctx.waiting.count},
        powers={power.name for power in session_of(visit).powers},
        current=current,
        banners=banners(ctx, visit) if account.is_admin and current in ADMIN_ITEMS else (),
        signs_out_at_provider=_logout_origin(ctx, visit) is not None,
        done=done,
        held=HeldHere(ctx.live),
        look=look_of(ctx.live.document.branding),
        **({"reached": ctx.replicas.reached if VERSION in items else None} | view),
    )
    ancestors = frame_ancestors(ctx.live.document.embedding) if is_portal else "'none'"
    form_action = None if leads_to_provider else _form_action(ctx, visit)
    return html(body, status, page_headers(form_action, frames, ancestors=ancestors))


def _product(ctx: Context) -> str:
    """Beside the logo, which says Poolhouse already."""
    name = ctx.live.document.instance_name
    return "House" if name == Document(version=0).instance_name else name


def _form_action(ctx: Context, visit: Visit) -> str:
    """The sign-out form in the menu may end at the provider."""
    origin = _logout_origin(ctx, visit)
    return f"'self' {origin}" if origin else "'self'"


def _logout_origin(ctx: Context, visit: Visit) -> str | None:
    provider = find_issuer(ctx.live.document.providers, session_of(visit).issuer)
    if provider is None:
        return None
    there = provider_logout(provider.settings, return_url=ctx.logged_out_url, id_token=None, state="")
    return there.origin if there else None
