"""
``/forgotPassword`` and ``/confirmforgotPassword``: a code to a verified address, and a new password by it.

Whether a name has an account shows nowhere: not in the words, not in the address that is shown, not in the next page.
"""

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import recovery
from poolhouse.pool.flows.browser import Thread
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.pages.authorize import judged
from poolhouse.pool.pages.fields import is_name, name_field, password_rules
from poolhouse.pool.pages.going import held, met
from poolhouse.pool.pages.steps import code_of, new_password_fault
from poolhouse.pool.pages.thread import hold
from poolhouse.pool.pages.views import ForgotView, ResetView
from poolhouse.pool.pages.visit import Visit, go, page
from poolhouse.pool.spec.errors import Reason, sentence

RESET, RESET_REQUIRED = "RESET", "RESET_REQUIRED"
_DESTINATION = "destination"


async def get(visit: Visit) -> Reply:
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    thread = held(visit, valid, RESET_REQUIRED)
    if thread is None:
        return _forgot(visit, username=valid.login_hint)
    return _forgot(visit, username=thread.username, notice=sentence(Reason.RESET_REQUIRED))


async def post(visit: Visit) -> Reply:
    """Send the code, or do as if."""
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    username = visit.form.get("username", "").strip()
    if not is_name(username):
        return _forgot(visit, username=username, error=f"Enter your {name_field(visit.site.entry.pool).label.lower()}.")
    try:
        sent = await recovery.forgot(
            visit.flow, visit.site.entry, valid.client, username=username, hosted=True, seen=visit.seen
        )
    except Refused as no:
        return _forgot(visit, username=username, error=sentence(no.reason, **no.params))
    thread = Thread(
        step=RESET, client_id=valid.client.id, username=username, parameters={_DESTINATION: sent.destination}
    )
    return go(visit, "/confirmforgotPassword", hold(visit, thread))


async def get_reset(visit: Visit) -> Reply:
    come = await met(visit, RESET)
    return come if isinstance(come, Reply) else _reset(visit, come[1])


async def post_reset(visit: Visit) -> Reply:
    """The code and the new password, twice; then the person signs in with it."""
    come = await met(visit, RESET)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    code = code_of(visit.form)
    wrong = new_password_fault(visit.form) if code else "Enter the code."
    if wrong:
        return _reset(visit, thread, wrong)
    return await _confirm(visit, valid, thread, code)


async def _confirm(visit: Visit, valid: Valid, thread: Thread, code: str) -> Reply:
    try:
        await recovery.confirm(
            visit.flow, visit.site.entry, valid.client, username=thread.username, code=code,
            password=visit.form["new_password"], hosted=True, seen=visit.seen,
        )  # fmt: skip
    except Refused as no:
        return _reset(visit, thread, sentence(no.reason, **no.params))
    done = Thread(step="RESET_DONE", client_id=valid.client.id, username=thread.username)
    return go(visit, "/login", hold(visit, done))


def _forgot(visit: Visit, *, username: str = "", notice: str = "", error: str = "") -> Reply:
    view = ForgotView(
        action=visit.site.href("/forgotPassword", visit.query),
        name=name_field(visit.site.entry.pool),
        username=username,
        notice=notice,
        error=error,
        sign_in_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "forgot.html", view, status=400 if error else 200)


def _reset(visit: Visit, thread: Thread, error: str = "") -> Reply:
    view = ResetView(
        action=visit.site.href("/confirmforgotPassword", visit.query),
        username=thread.username,
        lead=f"If there is an account, a code was sent to {thread.parameters.get(_DESTINATION, '')}.",
        rules=password_rules(visit.site.entry.pool),
        error=error,
        forgot_url=visit.site.href("/forgotPassword", visit.query),
        sign_in_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "reset.html", view, status=400 if error else 200)
