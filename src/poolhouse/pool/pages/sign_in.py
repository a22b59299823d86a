"""``/login``: the sign-in page, and the name, or the name and the password, that is posted to it."""

from poolhouse.kit import forms
from poolhouse.kit.edge import Reply
from poolhouse.pool.flows import offered
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.pages.authorize import judged, meet
from poolhouse.pool.pages.entrance import entrance
from poolhouse.pool.pages.fields import is_name
from poolhouse.pool.pages.going import by_password, held
from poolhouse.pool.pages.visit import Visit
from poolhouse.pool.pages.ways import named
from poolhouse.pool.spec.errors import Reason

CONFIRMED, RESET_DONE = "CONFIRMED", "RESET_DONE"


async def get(visit: Visit) -> Reply:
    """
    The form; whoever is signed in already goes straight on to the app.

    But for who wants to be somebody else: the consent page says so beside the request, which may be pushed or signed.
    """
    met = await (judged if _asks_anew(visit.query) else meet)(visit)
    if isinstance(met, Reply):
        return met
    thread = held(visit, met, CONFIRMED, RESET_DONE)
    if thread is None:
        return entrance(visit, met, username=met.login_hint)
    if thread.step == CONFIRMED:
        notice = visit.say("Your account is confirmed. Sign in.")
    else:
        notice = visit.say("Your password is changed. Sign in with the new one.")
    return entrance(visit, met, username=thread.username, notice=notice)


async def post(visit: Visit) -> Reply:
    """
    Who it is, and where the page asks for that as well, the password.

    A password is taken wherever it is sent: programs post both to every pool.
    """
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    username, password = visit.form.get("username", "").strip(), visit.form.get("password")
    if password is None and offered.is_by_choice(visit.flow, visit.site, valid.client):
        return await named(visit, valid, username)
    wrong = visit.refusal(Refused(Reason.WRONG_PASSWORD))
    if not password or not is_name(username):
        return entrance(visit, valid, username=username, error=wrong, status=401)

    def again(error: str) -> Reply:
        return entrance(visit, valid, username=username, error=error, status=401)

    return await by_password(visit, valid, username, password, again)


async def unproved(visit: Visit, text: str) -> Reply:
    """The check against bots did not go through."""
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    return entrance(visit, valid, username=visit.form.get("username", "").strip(), error=text, status=400)


def _asks_anew(query: str) -> bool:
    try:
        return "login" in " ".join(forms.multi(query).get("prompt", ())).split()
    except forms.FormError:
        return False
