"""
``/signup``, ``/confirm``, ``/resendcode``, ``/confirmUser``: an account of one's own.

DEVIATION: where an e-mail address or a phone number is the username, the service tells anybody whether it has an
account.  Here an address that has one leads to the same next page, at the same cost; nothing is changed, and a code is
sent only to whoever has not confirmed yet; in strict mode as well.
"""

import msgspec

from poolhouse.kit import forms
from poolhouse.kit.edge import Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.core.masking import mask
from poolhouse.pool.flows import credentials, messages, sign_up
from poolhouse.pool.flows.browser import Thread
from poolhouse.pool.flows.codes import MEDIUM
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.pages import words
from poolhouse.pool.pages.authorize import judged
from poolhouse.pool.pages.dress import terms_of
from poolhouse.pool.pages.entrance import may_sign_up
from poolhouse.pool.pages.fields import (
    attribute_field,
    attributes_of,
    is_name,
    new_name_field,
    password_rules,
    signing_up_attributes,
)
from poolhouse.pool.pages.going import met
from poolhouse.pool.pages.steps import code_of
from poolhouse.pool.pages.thread import hold
from poolhouse.pool.pages.views import ConfirmView, DoneView, LinkView, SignUpView
from poolhouse.pool.pages.visit import Visit, go, page, sorry
from poolhouse.pool.spec.errors import CognitoError, Reason, sentence

CONFIRM = "CONFIRM"
_DESTINATION, _NOTICE = "destination", "notice"
_TAKEN = frozenset({Reason.CONTACT_EXISTS, Reason.USERNAME_EXISTS, Reason.ACCOUNT_EXISTS})
_SENT = "A new code is on its way."


async def get(visit: Visit) -> Reply:
    valid = await _open(visit)
    return valid if isinstance(valid, Reply) else _form(visit, valid)


async def post(visit: Visit) -> Reply:
    """Make the account, and ask for the code that went out."""
    valid = await _open(visit)
    if isinstance(valid, Reply):
        return valid
    username, password = visit.form.get("username", "").strip(), visit.form.get("password", "")
    given = attributes_of(visit.form)
    if not is_name(username):
        return _form(visit, valid, f"Enter your {new_name_field(visit.site.entry.pool).label.lower()}.", given)
    try:
        await sign_up.sign_up(
            visit.flow,
            visit.site.entry,
            valid.client,
            username=username,
            password=password,
            attributes=given,
            seen=visit.seen,
        )
    except Refused as no:
        if no.reason not in _TAKEN or not visit.site.entry.pool.settings.username_attributes:
            return _form(visit, valid, sentence(no.reason, **no.params), given)
        await _pretend(visit, valid, username, password)
    except CognitoError as no:
        if no.code != "InvalidParameterException":
            raise
        return _form(visit, valid, no.message, given)
    return _signed_up(visit, valid, username, given)


async def get_confirm(visit: Visit) -> Reply:
    come = await met(visit, CONFIRM)
    return come if isinstance(come, Reply) else _confirm(visit, come[1])


async def post_confirm(visit: Visit) -> Reply:
    """The code; then the person signs in."""
    come = await met(visit, CONFIRM)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    code = code_of(visit.form)
    if not code:
        return _confirm(visit, thread, "Enter the code.")
    try:
        await sign_up.confirm(
            visit.flow,
            visit.site.entry,
            valid.client,
            username=thread.username,
            code=code,
            hosted=True,
            seen=visit.seen,
        )
    except Refused as no:
        return _confirm(visit, thread, sentence(no.reason, **no.params))
    done = Thread(step="CONFIRMED", client_id=valid.client.id, username=thread.username)
    return go(visit, "/login", hold(visit, done))


async def post_resend(visit: Visit) -> Reply:
    """A new code in the place of the old one."""
    come = await met(visit, CONFIRM)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    try:
        sent = await sign_up.resend(
            visit.flow, visit.site.entry, valid.client, username=thread.username, hosted=True, seen=visit.seen
        )
    except Refused as no:
        return _confirm(visit, thread, sentence(no.reason, **no.params))
    parameters = {_DESTINATION: thread.parameters.get(_DESTINATION) or sent.destination, _NOTICE: _SENT}
    return go(visit, "/confirm", hold(visit, msgspec.structs.replace(thread, parameters=parameters)))


async def get_link(visit: Visit) -> Reply:
    """
    The link of a verification mail.

    DEVIATION: the service confirms at once.  Mail is opened by scanners as well, and they must not confirm for a
    stranger who signed up with somebody's address; they do not press buttons.  Strict mode asks for the button, too.
    """
    given = _link(visit)
    if given is None:
        return sorry(visit, words.BAD_LINK)
    view = LinkView(action=visit.site.href("/confirmUser", visit.query), username=given["user_name"])
    return page(visit, "link.html", view)


async def post_link(visit: Visit) -> Reply:
    """Confirm by the code in the link."""
    given = _link(visit)
    found = None if given is None else await visit.flow.directory.find_client(given["client_id"])
    if given is None or found is None or found.client.pool_id != visit.site.entry.pool.id:
        return sorry(visit, words.BAD_LINK)
    try:
        await sign_up.confirm(
            visit.flow, visit.site.entry, found.client, username=given["user_name"], code=given["confirmation_code"],
            hosted=True, seen=visit.seen,
        )  # fmt: skip
    except Refused:
        return sorry(visit, words.BAD_LINK)
    view = DoneView(heading="Your account is confirmed", lead="Go back to the app and sign in.")
    return page(visit, "done.html", view)


async def _open(visit: Visit) -> Valid | Reply:
    valid = await judged(visit)
    if isinstance(valid, Reply) or may_sign_up(visit):
        return valid
    return sorry(visit, words.refused(sentence(Reason.SIGN_UP_CLOSED)))


async def _pretend(visit: Visit, valid: Valid, username: str, password: str) -> None:
    """
    What a sign-up costs, without one; whoever has not confirmed yet gets a new code.

    That the hourly limit of codes is reached must not show: a first sign-up would not reach it.
    """
    entry = visit.site.entry
    await credentials.make(visit.flow, entry.pool, username, password, temporary=False)
    if entry.pool.settings.auto_verified_attributes:
        try:
            await sign_up.resend(visit.flow, entry, valid.client, username=username, hosted=True, seen=visit.seen)
        except Refused as no:
            if no.reason is not Reason.ATTEMPT_LIMIT:
                raise


def _signed_up(visit: Visit, valid: Valid, username: str, given: dict[str, str]) -> Reply:
    pool = visit.site.entry.pool
    contact = _contact(pool, username, given)
    if contact is None:
        return page(
            visit, "done.html",
            DoneView(heading="Your account is made", lead="An administrator has to confirm it before you can sign in."),
        )  # fmt: skip
    attribute, value = contact
    destination = mask(MEDIUM[attribute], value)
    if attribute == "email" and messages.is_by_link(pool):
        view = DoneView(heading="Check your mail", lead=f"Open the link that was sent to {destination}, then sign in.")
        return page(visit, "done.html", view)
    thread = Thread(step=CONFIRM, client_id=valid.client.id, username=username, parameters={_DESTINATION: destination})
    return go(visit, "/confirm", hold(visit, thread))


def _contact(pool: Pool, username: str, given: dict[str, str]) -> tuple[str, str] | None:
    """
    Where the code of a new account goes, by what was typed: the phone before the mail.

    Not by what was sent: an address that has an account already must look alike.
    """
    own = pool.settings.username_attributes or ()
    named = "phone_number" if "phone_number" in own and username.startswith("+") else "email"
    known = {**given, **({named: username} if named in own else {})}
    automatic = pool.settings.auto_verified_attributes or ()
    return next(
        ((each, known[each]) for each in ("phone_number", "email") if each in automatic and each in known), None
    )


def _form(visit: Visit, valid: Valid, error: str = "", given: dict[str, str] | None = None) -> Reply:
    pool = visit.site.entry.pool
    view = SignUpView(
        app=valid.client.settings.client_name or "the app",
        action=visit.site.href("/signup", visit.query),
        name=new_name_field(pool),
        username=visit.form.get("username", "") or valid.login_hint,
        rules=password_rules(pool),
        attributes=tuple(attribute_field(name, (given or {}).get(name, "")) for name in signing_up_attributes(pool)),
        terms=terms_of(visit.site, valid.client.id),
        error=error,
        sign_in_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "sign_up.html", view, status=400 if error else 200)


def _confirm(visit: Visit, thread: Thread, error: str = "") -> Reply:
    sent_to = thread.parameters.get(_DESTINATION)
    view = ConfirmView(
        action=visit.site.href("/confirm", visit.query),
        resend_action=visit.site.href("/resendcode", visit.query),
        lead=f"Enter the code that was sent to {sent_to}." if sent_to else "Enter the code that was sent to you.",
        error=error,
        notice="" if error else thread.parameters.get(_NOTICE, ""),
        sign_in_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "confirm.html", view, status=400 if error else 200)


def _link(visit: Visit) -> dict[str, str] | None:
    try:
        given = forms.single(visit.query)
    except forms.FormError:
        return None
    whole = all(given.get(name) for name in ("client_id", "user_name", "confirmation_code"))
    return given if whole and is_name(given["user_name"]) else None
