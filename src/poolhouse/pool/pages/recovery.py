"""
``/forgotPassword`` and ``/confirmforgotPassword``: a code to a verified address, and a new password by it.

Whether a name has an account shows nowhere: not in the words, not in the address that is shown, not in the next page.
"""

from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import notices, recovery
from poolhouse.pool.flows.browser import Thread
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.pages.authorize import judged
from poolhouse.pool.pages.faults import Fault
from poolhouse.pool.pages.fields import is_name, name_field
from poolhouse.pool.pages.going import held, met
from poolhouse.pool.pages.joining_views import ForgotView, ResetView
from poolhouse.pool.pages.rules import OF_PASSWORD, password_fault, rules_of
from poolhouse.pool.pages.steps import code_of
from poolhouse.pool.pages.thread import hold
from poolhouse.pool.pages.views import Choice
from poolhouse.pool.pages.visit import Visit, go, page
from poolhouse.pool.spec.errors import Reason

RESET, RESET_REQUIRED = "RESET", "RESET_REQUIRED"
_DESTINATION, _WAY = "destination", "way"
_CODE, _NEW, _AGAIN = "authentication_code", "new_password", "confirm_password"
_LABELS: Final = {_CODE: N_("Code"), _NEW: N_("New password"), _AGAIN: N_("Confirm new password")}
_WAYS: Final = {"email": N_("By email"), "phone_number": N_("By text message")}


async def get(visit: Visit) -> Reply:
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    thread = held(visit, valid, RESET_REQUIRED)
    if thread is None:
        return _forgot(visit, username=valid.login_hint)
    return _forgot(visit, username=thread.username, notice=visit.voice.refusal(Reason.RESET_REQUIRED, {}))


async def post(visit: Visit) -> Reply:
    """Send the code, or do as if."""
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    username, pool = visit.form.get("username", "").strip(), visit.site.entry.pool
    if not is_name(username):
        return _forgot(visit, username=username, name_error=visit.say(name_field(pool).missing))
    ways = recovery.ways_of(pool)
    way = visit.form.get(_WAY, "")
    if ways and way not in ways:
        return _forgot(visit, username=username, error=visit.say("Choose where the code should go."))
    try:
        sent = await recovery.forgot(
            visit.flow, visit.site.entry, valid.client, username=username, hosted=True, seen=visit.seen,
            way=way if ways else None,
        )  # fmt: skip
    except Refused as no:
        return _forgot(visit, username=username, error=visit.refusal(no))
    parameters = {_DESTINATION: sent.destination, **({_WAY: way} if ways else {})}
    thread = Thread(step=RESET, client_id=valid.client.id, username=username, parameters=parameters)
    return go(visit, "/confirmforgotPassword", hold(visit, thread))


async def unproved(visit: Visit, text: str) -> Reply:
    """The check against bots did not go through."""
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    return _forgot(visit, username=visit.form.get("username", "").strip(), error=text)


async def get_reset(visit: Visit) -> Reply:
    come = await met(visit, RESET)
    return come if isinstance(come, Reply) else _reset(visit, come[1])


async def post_reset(visit: Visit) -> Reply:
    """The code and the new password, twice; then the person signs in with it."""
    come = await met(visit, RESET)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    wrong = _faults(visit)
    return _reset(visit, thread, wrong) if wrong else await _confirm(visit, valid, thread, code_of(visit.form))


async def _confirm(visit: Visit, valid: Valid, thread: Thread, code: str) -> Reply:
    try:
        await recovery.confirm(
            visit.flow, visit.site.entry, valid.client, username=thread.username, code=code,
            password=visit.form[_NEW], hosted=True, seen=visit.seen, way=thread.parameters.get(_WAY),
            scene=notices.scene(visit.site.entry, valid.client, visit.origin),
        )  # fmt: skip
    except Refused as no:
        field = _NEW if no.reason in OF_PASSWORD else _CODE if no.reason in _OF_CODE else ""
        return _reset(visit, thread, {field: visit.refusal(no)})
    done = Thread(step="RESET_DONE", client_id=valid.client.id, username=thread.username)
    return go(visit, "/login", hold(visit, done))


_OF_CODE: Final = frozenset({Reason.CODE_MISMATCH, Reason.CODE_EXPIRED})


def _faults(visit: Visit) -> dict[str, str]:
    """What is wrong before anybody looks at the code, by field."""
    form, found = visit.form, {}
    if not code_of(form):
        found[_CODE] = visit.say("Enter the code.")
    password = form.get(_NEW, "")
    if not password:
        found[_NEW] = visit.voice.refusal(Reason.PASSWORD_REQUIRED, {})
    elif text := password_fault(visit.site.entry.pool, visit.voice, password):
        found[_NEW] = text
    elif password != form.get(_AGAIN, ""):
        found[_AGAIN] = visit.say("The two passwords are not the same. Enter the new one twice.")
    return found


def _forgot(
    visit: Visit, *, username: str = "", notice: str = "", error: str = "", name_error: str = ""
) -> Reply:  # fmt: skip
    pool = visit.site.entry.pool
    ways = recovery.ways_of(pool)
    view = ForgotView(
        action=visit.site.href("/forgotPassword", visit.query),
        name=name_field(pool),
        username=username,
        ways=tuple(Choice(value=each, label=visit.say(_WAYS[each]), text="") for each in ways),
        way=visit.form.get(_WAY, "") or (ways[0] if ways else ""),
        notice=notice,
        error=error,
        name_error=name_error,
        sign_in_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "forgot.html", view, status=400 if error or name_error else 200, asks=True)


def _reset(visit: Visit, thread: Thread, wrong: dict[str, str] | None = None) -> Reply:
    told = wrong or {}
    labels = {field: visit.say(text) for field, text in _LABELS.items()}
    view = ResetView(
        action=visit.site.href("/confirmforgotPassword", visit.query),
        username=thread.username,
        lead=visit.say(
            "If there is an account, a code was sent to %(to)s.", to=thread.parameters.get(_DESTINATION, "")
        ),
        rules=rules_of(visit.site.entry.pool, visit.voice),
        faults=tuple(Fault(field=name, label=labels.get(name, ""), text=text) for name, text in told.items()),
        code_error=told.get(_CODE, ""),
        password_error=told.get(_NEW, ""),
        again_error=told.get(_AGAIN, ""),
        forgot_url=visit.site.href("/forgotPassword", visit.query),
        sign_in_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "reset.html", view, status=400 if told else 200)
