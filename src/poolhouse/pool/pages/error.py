"""``/error``: where a request ends that must not be answered at the app."""

from urllib.parse import urlencode

import msgspec

from poolhouse.kit import forms
from poolhouse.kit.edge import Reply, redirect
from poolhouse.kit.log import get_logger
from poolhouse.pool.pages import words
from poolhouse.pool.pages.visit import Visit, sorry


def to_error(visit: Visit, error: str, client_id: str = "", reason: str = "") -> Reply:
    """To the error page, with the service's parameters; *reason* picks words that help more than *error* does."""
    named = {"error": error, "client_id": client_id, "reason": reason}
    query = urlencode({name: value for name, value in named.items() if value})
    return redirect(f"{visit.site.url}/error?{query}", 302)


async def show(visit: Visit) -> Reply:
    """The words for an error, and the app it concerns if this pool has it; nothing of the address is repeated."""
    try:
        given = forms.single(visit.query)
    except forms.FormError:
        given = {}
    named = next((given[each] for each in ("reason", "error") if given.get(each) in words.ERRORS), "unknown")
    told = words.ERRORS.get(named, words.UNKNOWN_ERROR)
    get_logger().info("error page", request_id=visit.request_id, pool_id=visit.site.entry.pool.id, reason=named)
    found = await visit.flow.directory.find_client(given.get("client_id", ""))
    if found is None or found.client.pool_id != visit.site.entry.pool.id:
        return sorry(_asked(visit, error=named), told)
    client = found.client
    return sorry(_asked(visit, error=named, client_id=client.id), told, (client.settings.client_name or "", client.id))


def _asked(visit: Visit, **known: str) -> Visit:
    """The visit as if it had asked for no more than what is known here: its menu of languages leads back to that."""
    return msgspec.structs.replace(visit, query=urlencode(known))


async def missing(visit: Visit) -> Reply:
    """A path of a domain at which there is no page."""
    return sorry(visit, words.NO_PAGE)
