"""``POST /oauth2/device_authorization`` (RFC 8628 section 3.1): a device without a browser asks to be let in."""

from urllib.parse import urlencode

from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.core import user_codes
from poolhouse.pool.flows import device_grant
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.site import Site
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.oauth import client
from poolhouse.pool.oauth.answers import form_and_lists, json_body

PATH = "/oauth2/device_authorization"
PAGE = "/device"


async def answer(flow: Flow, site: Site, raw: Raw) -> Reply:
    """Two codes, one for the device and one for its user, and where the user takes his."""
    form, lists = form_and_lists(raw, "resource")
    proven = await client.prove(flow, site, raw, form)
    origin = Origin(raw.peer, raw.header("user-agent"))
    asked = await device_grant.ask(flow, proven, form.get("scope"), origin, lists["resource"])
    user_code = user_codes.shown(asked.user_code)
    return json_body(
        {
            "device_code": asked.device_code,
            "user_code": user_code,
            "verification_uri": f"{site.url}{PAGE}",
            "verification_uri_complete": f"{site.url}{PAGE}?{urlencode({'user_code': user_code})}",
            "expires_in": device_grant.LIFETIME,
            "interval": device_grant.INTERVAL,
        }
    )
