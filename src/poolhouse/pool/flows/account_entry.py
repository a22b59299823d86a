"""
The way to the account page of a domain, for a browser that has to sign in first.

As with devices (``device_entry``), the request is one of our own making: the app client that the page acts as, and the
name of a place.  The sign-in ends at that place of this domain: no address is taken from the request.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from poolhouse.kit import forms
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.core import account as core
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.site import Site
from poolhouse.pool.model.pool import Client
from poolhouse.pool.store import clients as client_store

PARAMETER: Final = "account"
#: The name of a place -> its path.
PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "overview": "/account",
        "profile": "/account/profile",
        "email": "/account/contact/email",
        "phone_number": "/account/contact/phone_number",
        "password": "/account/password",
        "security": "/account/security",
        "app": "/account/factor/app",
        "text": "/account/factor/sms",
        "mail": "/account/factor/email",
        "passkey": "/account/passkey",
        "sessions": "/account/sessions",
        "apps": "/account/apps",
        "activity": "/account/activity",
        "delete": "/account/delete",
    }
)
_CLIENTS: Final = 1_000


async def client_of(flow: Flow, entry: PoolEntry) -> Client | None:
    """The app client that the account page acts as; None where the pool offers no such page."""
    settings = entry.pool.extended
    if settings.account_page == "off":
        return None
    return await flow.directory.acting_client(entry.pool.id, lambda: _acting(flow, entry))


async def _acting(flow: Flow, entry: PoolEntry) -> Client | None:
    settings = entry.pool.extended

    async def read(tx: ReadTx) -> list[Client]:
        if settings.account_client is not None:
            named = await client_store.find_client(tx, settings.account_client)
            return [named] if named is not None and named.pool_id == entry.pool.id else []
        found: list[Client] = []
        while page := await client_store.list_clients(tx, entry.pool.id, found[-1].id if found else "", _CLIENTS):
            found += page
        return found

    held = [await flow.directory.find_client(each.id) for each in await flow.database.read(read)]
    known = [each.client for each in held if each is not None and not each.is_unknown_app]
    return core.acting_client(settings, known)


async def judge(flow: Flow, site: Site, form: str) -> Valid | None:
    """The request in *form*, if it is such a one."""
    if f"{PARAMETER}=" not in form:
        # Nearly all are an app's, and are not read in vain.
        return None
    try:
        given = forms.single(form)
    except forms.FormError:
        return None
    place = given.get(PARAMETER, "")
    if place not in PLACES or given.get("response_type"):
        return None
    client = await client_of(flow, site.entry)
    if client is None or client.id != given.get("client_id"):
        return None
    prompt = frozenset(given.get("prompt", "").split()) & {"login"}
    return request(site, client, place, prompt=prompt, login_hint=given.get("login_hint", ""))


def request(
    site: Site, client: Client, place: str, *, prompt: frozenset[str] = frozenset(), login_hint: str = ""
) -> Valid:
    """The request for one place; what the client asks of every sign-in holds for this one, too (CVE-2024-38371)."""
    return Valid(
        client=client,
        redirect_uri=f"{site.url}{PLACES[place]}",
        response_type="none",
        scope="",
        max_age=client.extended.default_max_age,
        acr=client.extended.default_acr_values,
        prompt=prompt,
        login_hint=login_hint,
    )


async def address(flow: Flow, site: Site) -> str:
    """Where the account page is; "" where the pool offers none."""
    return site.href(PLACES["overview"]) if await client_of(flow, site.entry) is not None else ""


def is_of(site: Site, valid: Valid) -> bool:
    """Whether a sign-in leads to the account page."""
    return valid.response_type == "none" and valid.redirect_uri in {f"{site.url}{path}" for path in PLACES.values()}


def query(client: Client, place: str, **more: str) -> str:
    """The parameters of such a request."""
    return urlencode({"client_id": client.id, PARAMETER: place, **more})
