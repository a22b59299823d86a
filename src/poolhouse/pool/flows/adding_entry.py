"""
The sign-in of somebody who is to add a passkey by an app's wish, and has signed in too long ago for that.

As with the account page (``account_entry``), the request is one of our own making, around that of the app: it ends at
the page that adds the passkey, and that leads back to the app.
"""

from typing import Final
from urllib.parse import urlencode

from poolhouse.kit import forms
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import judging
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.site import Site

PATH: Final = "/passkeys/add"
_PARAMETER: Final = "then"
_ADDING: Final = "passkey"
_LEFT_OUT: Final = ("response_type", "prompt", _PARAMETER)


async def judge(flow: Flow, site: Site, form: str) -> Valid | None:
    """The request in *form*, if it is such a one, and the app's within it is good."""
    if f"{_PARAMETER}=" not in form:
        # Nearly all are an app's, and are not read in vain.
        return None
    try:
        given = forms.single(form)
    except forms.FormError:
        return None
    if given.get(_PARAMETER) != _ADDING or given.get("response_type"):
        return None
    own = _of_app(given)
    found = await judging.judge(flow, site.entry, f"{own}&response_type=code")
    if not isinstance(found, Valid):
        return None
    return Valid(
        client=found.client,
        redirect_uri=f"{site.url}{PATH}?{own}",
        response_type="none",
        scope="",
        max_age=found.max_age,
        acr=found.acr,
        acr_essential=found.acr_essential,
        subject=found.subject,
        prompt=frozenset({"login"}),
        login_hint=found.login_hint,
        is_unknown_app=found.is_unknown_app,
    )


def query(form: str) -> str:
    """The parameters of such a request around those of the app, of which the first of each name counts."""
    given = {name: values[0] for name, values in forms.multi(form).items()}
    return urlencode({_PARAMETER: _ADDING}) + f"&{_of_app(given)}"


def _of_app(given: dict[str, str]) -> str:
    return urlencode({name: value for name, value in given.items() if name not in _LEFT_OUT})
