"""
The sign-in of a browser that came to let a device in: like that for an app, but it leads back to the page ``/device``.

The pages of a sign-in judge the request in their address anew each time.  This request is one of our own making: the
app client and the user code.  No app can make anything of it: it ends at this domain, where the person is asked.
"""

from typing import Final
from urllib.parse import urlencode

from poolhouse.kit import forms
from poolhouse.pool.core import user_codes
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import device_grant
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.site import Site

PATH: Final = "/device"


async def judge(flow: Flow, site: Site, form: str) -> Valid | None:
    """The request in *form*, if it is such a one; whether the code is good is found out at ``/device`` alone."""
    if "user_code=" not in form:
        # Nearly all are an app's, and are not read in vain.
        return None
    try:
        given = forms.single(form)
    except forms.FormError:
        return None
    letters = user_codes.read(given.get("user_code", ""))
    if letters is None or given.get("response_type"):
        return None
    found = await flow.directory.find_client(given.get("client_id", ""))
    if found is None or found.client.pool_id != site.entry.pool.id or not device_grant.is_allowed(found.client):
        return None
    extended = found.client.extended
    return Valid(
        client=found.client,
        redirect_uri=f"{site.url}{PATH}?{urlencode({'user_code': user_codes.shown(letters)})}",
        response_type="none",
        scope="",
        # What the client asks of every sign-in holds for this one, too (CVE-2024-38371).
        max_age=extended.default_max_age,
        acr=extended.default_acr_values,
        prompt=frozenset(given.get("prompt", "").split()) & {"login"},
    )


def query(client_id: str, user_code: str, **more: str) -> str:
    """The parameters of such a request."""
    named = {"client_id": client_id} if client_id else {}
    return urlencode({**named, "user_code": user_code, **more})
