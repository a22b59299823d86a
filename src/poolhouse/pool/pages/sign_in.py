"""``/login``: the sign-in page, and the password that is posted to it."""

from types import MappingProxyType

from poolhouse.kit import forms
from poolhouse.kit.edge import Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import sign_in
from poolhouse.pool.flows.browser import Thread
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.pages.authorize import judged, meet
from poolhouse.pool.pages.entrance import entrance
from poolhouse.pool.pages.fields import is_name
from poolhouse.pool.pages.going import advance, held
from poolhouse.pool.pages.thread import hold
from poolhouse.pool.pages.visit import Visit, go
from poolhouse.pool.spec.errors import Reason, sentence

#: What was just finished -> what is said of it.
_NOTICES: MappingProxyType[str, str] = MappingProxyType(
    {
        "CONFIRMED": "Your account is confirmed. Sign in.",
        "RESET_DONE": "Your password is changed. Sign in with the new one.",
    }
)


async def get(visit: Visit) -> Reply:
    """
    The form; whoever is signed in already goes straight on to the app.

    But for who wants to be somebody else: the consent page says so beside the request, which may be pushed or signed.
    """
    met = await (judged if _asks_anew(visit.query) else meet)(visit)
    if isinstance(met, Reply):
        return met
    thread = held(visit, met, *_NOTICES)
    if thread is None:
        return entrance(visit, met, username=met.login_hint)
    return entrance(visit, met, username=thread.username, notice=_NOTICES[thread.step])


async def post(visit: Visit) -> Reply:
    """
    Judge the password, and go to what is asked next.

    An unknown name, a disabled user and a wrong password get the same answer, in the same time.
    """
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    username, password = visit.form.get("username", "").strip(), visit.form.get("password", "")
    if not password or not is_name(username):
        return entrance(visit, valid, username=username, error=sentence(Reason.WRONG_PASSWORD), status=401)
    try:
        outcome = await sign_in.begin(
            visit.flow,
            visit.site.entry,
            valid.client,
            username=username,
            password=password,
            hosted=True,
            seen=visit.seen,
        )
    except Refused as no:
        return _refused(visit, valid, username, no)
    return await advance(visit, valid, outcome, username)


def _asks_anew(query: str) -> bool:
    try:
        return "login" in " ".join(forms.multi(query).get("prompt", ())).split()
    except forms.FormError:
        return False


def _refused(visit: Visit, valid: Valid, username: str, no: Refused) -> Reply:
    """After the right password a person may know what the account lacks."""
    client_id = valid.client.id
    match no.reason:
        case Reason.UNCONFIRMED:
            return go(visit, "/confirm", hold(visit, Thread(step="CONFIRM", client_id=client_id, username=username)))
        case Reason.RESET_REQUIRED:
            held = Thread(step="RESET_REQUIRED", client_id=client_id, username=username)
            return go(visit, "/forgotPassword", hold(visit, held))
        case _:
            return entrance(visit, valid, username=username, error=sentence(no.reason, **no.params), status=401)
