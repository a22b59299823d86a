"""
``/signup``: an account of one's own.

DEVIATION: where an e-mail address or a phone number is the username, the service tells anybody whether it has an
account.  Here an address that has one leads to the same next page, at the same cost; nothing is changed, and a code is
sent only to whoever has not confirmed yet; in strict mode as well.
"""

from collections.abc import Mapping
from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.core.masking import mask
from poolhouse.pool.flows import after_sign_up, credentials, messages, sign_up
from poolhouse.pool.flows.browser import Thread
from poolhouse.pool.flows.codes import MEDIUM
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.facts import signs_in_without
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.pages import words
from poolhouse.pool.pages.authorize import judged
from poolhouse.pool.pages.confirm import CONFIRM, DESTINATION
from poolhouse.pool.pages.dress import terms_of
from poolhouse.pool.pages.entrance import may_sign_up
from poolhouse.pool.pages.faults import Fault, attribute_fault
from poolhouse.pool.pages.fields import (
    attribute_field,
    attributes_of,
    field_of,
    is_name,
    new_name_field,
    schema_field,
    signing_up_attributes,
)
from poolhouse.pool.pages.joining_views import SignUpView
from poolhouse.pool.pages.rules import OF_PASSWORD, password_fault, rules_of
from poolhouse.pool.pages.thread import hold
from poolhouse.pool.pages.views import DoneView
from poolhouse.pool.pages.visit import Visit, go, page, sorry
from poolhouse.pool.spec.errors import CognitoError, Reason

_NAME: Final = "username"
_PASSWORD: Final = "password"  # noqa: S105 (the name of a field)
_TAKEN: Final = frozenset({Reason.CONTACT_EXISTS, Reason.USERNAME_EXISTS, Reason.ACCOUNT_EXISTS})
_OF_NAME: Final = frozenset(
    {
        Reason.USERNAME_EXISTS, Reason.ACCOUNT_EXISTS, Reason.USERNAME_NOT_EMAIL, Reason.USERNAME_NOT_PHONE,
        Reason.USERNAME_NOT_CONTACT, Reason.USERNAME_LOOKS_LIKE_EMAIL, Reason.USERNAME_LOOKS_LIKE_PHONE,
    }
)  # fmt: skip
_OF_ATTRIBUTE: Final = {Reason.EMAIL_FORMAT: "email", Reason.PHONE_FORMAT: "phone_number"}


async def get(visit: Visit) -> Reply:
    valid = await _open(visit)
    return valid if isinstance(valid, Reply) else _form(visit, valid)


async def post(visit: Visit) -> Reply:
    """Make the account, and ask for the code that went out; or say of each field what is wrong with it."""
    valid = await _open(visit)
    if isinstance(valid, Reply):
        return valid
    username, password = visit.form.get(_NAME, "").strip(), visit.form.get(_PASSWORD, "")
    given = attributes_of(visit.form)
    wrong = _faults(visit, valid.client, username, password, given)
    if wrong:
        return _form(visit, valid, wrong)
    session = ""
    try:
        account = await sign_up.sign_up(
            visit.flow, visit.site.entry, valid.client, username=username, password=password or None,
            attributes=given, hosted=True, seen=visit.seen,
        )  # fmt: skip
        session = account.session or ""
    except Refused as no:
        if no.reason not in _TAKEN or not visit.site.entry.pool.settings.username_attributes:
            return _form(visit, valid, (_refusal(visit, no),))
        await _pretend(visit, valid, username, password)
    except CognitoError as no:
        if no.code != "InvalidParameterException":
            raise
        return _form(visit, valid, (Fault(field="", label="", text=no.message),))
    return _signed_up(visit, valid, username, given, session or after_sign_up.decoy(visit.flow))


async def unproved(visit: Visit, text: str) -> Reply:
    """The check against bots did not go through."""
    valid = await _open(visit)
    return valid if isinstance(valid, Reply) else _form(visit, valid, (Fault(field="", label="", text=text),))


async def _open(visit: Visit) -> Valid | Reply:
    valid = await judged(visit)
    if isinstance(valid, Reply) or may_sign_up(visit):
        return valid
    return sorry(visit, words.refused(visit.voice.refusal(Reason.SIGN_UP_CLOSED, {})))


def _faults(
    visit: Visit, client: Client, username: str, password: str, given: Mapping[str, str]
) -> tuple[Fault, ...]:  # fmt: skip
    pool, voice = visit.site.entry.pool, visit.voice
    found: list[Fault] = []
    name = new_name_field(pool)
    if not is_name(username):
        found.append(Fault(field=_NAME, label=voice.say(name.label), text=voice.say(name.missing)))
    for attribute in signing_up_attributes(pool, client):
        text = attribute_fault(attribute, given.get(str(attribute.name), ""), voice)
        if text:
            field = attribute_field(str(attribute.name))
            found.append(Fault(field=field.field, label=voice.say(field.label), text=text))
    if password:
        text = password_fault(pool, voice, password)
    else:
        text = voice.refusal(Reason.PASSWORD_REQUIRED, {}) if _wants_password(pool, username, given) else ""
    if text:
        found.append(Fault(field=_PASSWORD, label=voice.say("Password"), text=text))
    return tuple(found)


def _wants_password(pool: Pool, username: str, given: Mapping[str, str]) -> bool:
    """Whether this account needs one: where the pool signs in by a code, there has to be an address for it."""
    own = pool.settings.username_attributes or ()
    named = "phone_number" if "phone_number" in own and username.startswith("+") else "email"
    return not signs_in_without(pool, {**given, **({named: username} if named in own else {})})


def _refusal(visit: Visit, no: Refused) -> Fault:
    """What a flow refuses, beside the field that it is about."""
    text, voice = visit.refusal(no), visit.voice
    if no.reason in OF_PASSWORD:
        return Fault(field=_PASSWORD, label=voice.say("Password"), text=text)
    if no.reason in _OF_NAME:
        return Fault(field=_NAME, label=voice.say(new_name_field(visit.site.entry.pool).label), text=text)
    attribute = _OF_ATTRIBUTE.get(no.reason) or (no.params.get("attribute") if no.reason in _TAKEN else None)
    if attribute is not None and field_of(attribute) in visit.form:
        field = attribute_field(attribute)
        return Fault(field=field.field, label=voice.say(field.label), text=text)
    return Fault(field="", label="", text=text)


async def _pretend(visit: Visit, valid: Valid, username: str, password: str) -> None:
    """
    What a sign-up costs, without one; whoever has not confirmed yet gets a new code.

    That the hourly limit of codes is reached must not show: a first sign-up would not reach it.
    """
    entry = visit.site.entry
    if password:
        await credentials.make(visit.flow, entry.pool, username, password, temporary=False)
    if entry.pool.settings.auto_verified_attributes:
        try:
            await sign_up.resend(visit.flow, entry, valid.client, username=username, hosted=True, seen=visit.seen)
        except Refused as no:
            if no.reason is not Reason.ATTEMPT_LIMIT:
                raise


def _signed_up(visit: Visit, valid: Valid, username: str, given: dict[str, str], session: str) -> Reply:
    pool = visit.site.entry.pool
    contact = _contact(pool, username, given)
    if contact is None:
        lead = visit.say("An administrator has to confirm it before you can sign in.")
        return page(visit, "done.html", DoneView(heading=visit.say("Your account is made"), lead=lead))
    attribute, value = contact
    destination = mask(MEDIUM[attribute], value)
    if attribute == "email" and messages.is_by_link(pool):
        lead = visit.say("Open the link that was sent to %(to)s, then sign in.", to=destination)
        return page(visit, "done.html", _waiting(visit, lead))
    thread = Thread(
        step=CONFIRM, client_id=valid.client.id, username=username, session=session,
        parameters={DESTINATION: destination},
    )  # fmt: skip
    return go(visit, "/confirm", hold(visit, thread))


def _waiting(visit: Visit, lead: str) -> DoneView:
    """The link may be opened anywhere: this page leads on when it was, and to a new one when none comes."""
    return DoneView(heading=visit.say("Check your mail"), lead=lead, sign_in_url=visit.site.href("/login", visit.query))


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


def _form(visit: Visit, valid: Valid, faults: tuple[Fault, ...] = ()) -> Reply:
    """The form; nothing that was typed is lost but the password, which is never sent back."""
    pool = visit.site.entry.pool
    given, told = attributes_of(visit.form), {each.field: each.text for each in faults}
    wanted = signing_up_attributes(pool, valid.client)
    view = SignUpView(
        app=valid.client.settings.client_name or visit.say(N_("the app")),
        action=visit.site.href("/signup", visit.query),
        name=new_name_field(pool),
        username=visit.form.get(_NAME, "") or valid.login_hint,
        rules=rules_of(pool, visit.voice),
        wants_password=not signs_in_without(pool, {"email": "-", "phone_number": "-"}),
        attributes=tuple(
            schema_field(each, given.get(str(each.name), ""), told.get(field_of(str(each.name)), "")) for each in wanted
        ),
        terms=terms_of(visit.site, valid.client.id, visit.voice.tag),
        faults=faults,
        name_error=told.get(_NAME, ""),
        password_error=told.get(_PASSWORD, ""),
        sign_in_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "sign_up.html", view, status=400 if faults else 200, asks=True)
