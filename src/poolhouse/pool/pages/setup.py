"""``/mfa/setup``: a second factor is set up in the middle of a sign-in, because the pool asks for one."""

from types import MappingProxyType

import msgspec
from markupsafe import Markup

from poolhouse.kit.edge import Reply
from poolhouse.pool.core import totp
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import mfa
from poolhouse.pool.flows.browser import Thread
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.pages.fields import attribute_field
from poolhouse.pool.pages.going import answer, met, refused
from poolhouse.pool.pages.sign_in_views import AuthenticatorView, ChoiceView, ContactView
from poolhouse.pool.pages.steps import OTHER, choices_of, code_of
from poolhouse.pool.pages.thread import hold
from poolhouse.pool.pages.views import Choice
from poolhouse.pool.pages.visit import Visit, go, page
from poolhouse.pool.spec.errors import CognitoError, Reason

SETUP = "MFA_SETUP"
_METHOD, _SECRET = "method", "secret"
#: Challenge -> (attribute, parameter of the answer).
_CONTACTS: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {"SMS_MFA": ("phone_number", "PHONE_NUMBER"), "EMAIL_OTP": ("email", "EMAIL")}
)


async def get(visit: Visit) -> Reply:
    come = await met(visit, SETUP)
    return come if isinstance(come, Reply) else _form(visit, come[1])


async def post(visit: Visit) -> Reply:
    """Choose a way, then do what it takes: the first code of an app, or a contact that a code is sent to."""
    come = await met(visit, SETUP)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    chosen = thread.parameters.get(_METHOD, "")
    if OTHER in visit.form:
        return _back(visit, thread)
    if "answer" in visit.form:
        return await _choose(visit, valid, thread, visit.form["answer"])
    if chosen in _CONTACTS:
        return await _send(visit, valid, thread, chosen)
    if chosen == mfa.TOTP:
        return await _verify(visit, valid, thread)
    return _form(visit, thread, visit.say("Choose one of them."))


def _back(visit: Visit, thread: Thread) -> Reply:
    """To the choice; a secret that was shown is never registered then."""
    kept = {name: value for name, value in thread.parameters.items() if name not in {_METHOD, _SECRET}}
    return go(visit, "/mfa/setup", hold(visit, msgspec.structs.replace(thread, parameters=kept)))


async def _choose(visit: Visit, valid: Valid, thread: Thread, chosen: str) -> Reply:
    if all(chosen != each.value for each in _offered(visit, thread)):
        return _form(visit, thread, visit.say("Choose one of them."))
    parameters = {**thread.parameters, _METHOD: chosen}
    session = thread.session
    if chosen == mfa.TOTP:
        try:
            secret, session = await mfa.associate_by_session(visit.flow, session)
        except Refused as no:
            return refused(visit, valid, thread, no, lambda error: _form(visit, thread, error))
        parameters[_SECRET] = secret.hex()
    moved = msgspec.structs.replace(thread, session=session, parameters=parameters)
    return go(visit, "/mfa/setup", hold(visit, moved))


async def _send(visit: Visit, valid: Valid, thread: Thread, chosen: str) -> Reply:
    attribute, parameter = _CONTACTS[chosen]
    value = visit.form.get(attribute_field(attribute).field, "").strip()
    if not value:
        return _form(visit, thread, visit.say("Enter it to go on."))
    return await answer(visit, valid, thread, {parameter: value}, lambda error: _form(visit, thread, error, value))


async def _verify(visit: Visit, valid: Valid, thread: Thread) -> Reply:
    try:
        session = await mfa.verify_by_session(
            visit.flow, thread.session, code=code_of(visit.form), name="", origin=visit.origin
        )
    except Refused as no:
        return refused(visit, valid, thread, no, lambda error: _form(visit, thread, error))
    except CognitoError as no:
        if no.code != "EnableSoftwareTokenMFAException":
            raise
        return _form(visit, thread, visit.refusal(Refused(Reason.TOTP_MISMATCH)))
    moved = msgspec.structs.replace(thread, session=session)
    return await answer(visit, valid, moved, {}, lambda error: _form(visit, moved, error))


def _offered(visit: Visit, thread: Thread) -> tuple[Choice, ...]:
    return choices_of(visit, thread, "MFAS_CAN_SETUP")


def _form(visit: Visit, thread: Thread, error: str = "", value: str = "") -> Reply:
    """The page of the way that was chosen, or the choice."""
    chosen = thread.parameters.get(_METHOD, "")
    if chosen in _CONTACTS:
        return _contact(visit, thread, chosen, error, value)
    if chosen == mfa.TOTP:
        return _app(visit, thread, error)
    view = ChoiceView(
        action=visit.site.href("/mfa/setup", visit.query),
        heading=visit.say("Set up a second step"),
        lead=visit.say("A code beside your password is needed to sign in here."),
        legend=visit.say("Where the code comes from"),
        choices=_offered(visit, thread),
        error=error,
        start_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "choice.html", view, status=400 if error else 200, ends_at_app=True)


def _contact(visit: Visit, thread: Thread, chosen: str, error: str, value: str) -> Reply:
    attribute, _ = _CONTACTS[chosen]
    by_phone = attribute == "phone_number"
    view = ContactView(
        action=visit.site.href("/mfa/setup", visit.query),
        heading=visit.say("Add your phone number") if by_phone else visit.say("Add your email address"),
        lead=visit.say("A code is sent to it now, and each time you sign in."),
        field=attribute_field(attribute, value),
        error=error,
        has_others=len(_offered(visit, thread)) > 1,
        start_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "contact.html", view, status=400 if error else 200, ends_at_app=True)


def _app(visit: Visit, thread: Thread, error: str) -> Reply:
    secret = bytes.fromhex(thread.parameters[_SECRET])
    uri = totp.otpauth_uri(secret, issuer=visit.site.entry.pool.name, account=thread.username)
    view = AuthenticatorView(
        action=visit.site.href("/mfa/setup", visit.query),
        picture=picture(uri),
        uri=uri,
        secret=totp.secret_text(secret),
        error=error,
        has_others=len(_offered(visit, thread)) > 1,
        start_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "authenticator.html", view, status=400 if error else 200, ends_at_app=True)


def picture(uri: str) -> Markup:
    """The QR code as inline SVG: an image from elsewhere would carry the secret there."""
    import segno  # noqa: PLC0415 (more than a megabyte, for a page that few see)

    drawn = segno.make(uri, error="m", micro=False)
    return Markup(drawn.svg_inline(border=0, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704 (no input in it)
