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
from poolhouse.pool.pages.steps import choices_of, code_of
from poolhouse.pool.pages.thread import hold
from poolhouse.pool.pages.views import AuthenticatorView, Choice, ChoiceView, ContactView
from poolhouse.pool.pages.visit import Visit, go, page
from poolhouse.pool.spec.errors import CognitoError, Reason, sentence

SETUP = "MFA_SETUP"
_METHOD, _SECRET = "method", "secret"
#: Challenge -> (attribute, parameter of the answer, heading, lead).
_CONTACTS: MappingProxyType[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "SMS_MFA": (
            "phone_number",
            "PHONE_NUMBER",
            "Add your phone number",
            "A code is sent to it now, and each time you sign in.",
        ),
        "EMAIL_OTP": (
            "email",
            "EMAIL",
            "Add your email address",
            "A code is sent to it now, and each time you sign in.",
        ),
    }
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
    if "answer" in visit.form:
        return await _choose(visit, valid, thread, visit.form["answer"])
    if chosen in _CONTACTS:
        return await _send(visit, valid, thread, chosen)
    if chosen == mfa.TOTP:
        return await _verify(visit, valid, thread)
    return _form(visit, thread, "Choose one of them.")


async def _choose(visit: Visit, valid: Valid, thread: Thread, chosen: str) -> Reply:
    if all(chosen != each.value for each in _offered(thread)):
        return _form(visit, thread, "Choose one of them.")
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
    attribute, parameter, *_ = _CONTACTS[chosen]
    value = visit.form.get(attribute_field(attribute).field, "").strip()
    if not value:
        return _form(visit, thread, "Enter it to go on.")
    return await answer(visit, valid, thread, {parameter: value}, lambda error: _form(visit, thread, error, value))


async def _verify(visit: Visit, valid: Valid, thread: Thread) -> Reply:
    try:
        session = await mfa.verify_by_session(visit.flow, thread.session, code=code_of(visit.form), name="")
    except Refused as no:
        return refused(visit, valid, thread, no, lambda error: _form(visit, thread, error))
    except CognitoError as no:
        if no.code != "EnableSoftwareTokenMFAException":
            raise
        return _form(visit, thread, sentence(Reason.TOTP_MISMATCH))
    moved = msgspec.structs.replace(thread, session=session)
    return await answer(visit, valid, moved, {}, lambda error: _form(visit, moved, error))


def _offered(thread: Thread) -> tuple[Choice, ...]:
    return choices_of(thread, "MFAS_CAN_SETUP")


def _form(visit: Visit, thread: Thread, error: str = "", value: str = "") -> Reply:
    action, start = visit.site.href("/mfa/setup", visit.query), visit.site.href("/login", visit.query)
    status = 400 if error else 200
    chosen = thread.parameters.get(_METHOD, "")
    if chosen in _CONTACTS:
        attribute, _, heading, lead = _CONTACTS[chosen]
        contact = ContactView(
            action=action, heading=heading, lead=lead, field=attribute_field(attribute, value), error=error,
            start_url=start,
        )  # fmt: skip
        return page(visit, "contact.html", contact, status=status, ends_at_app=True)
    if chosen == mfa.TOTP:
        secret = bytes.fromhex(thread.parameters[_SECRET])
        uri = totp.otpauth_uri(secret, issuer=visit.site.entry.pool.name, account=thread.username)
        app = AuthenticatorView(
            action=action,
            picture=_picture(uri),
            uri=uri,
            secret=totp.secret_text(secret),
            error=error,
            start_url=start,
        )
        return page(visit, "authenticator.html", app, status=status, ends_at_app=True)
    view = ChoiceView(
        action=action,
        heading="Set up a second step",
        lead="A code beside your password is needed to sign in here.",
        legend="Where the code comes from",
        choices=_offered(thread),
        error=error,
        start_url=start,
    )
    return page(visit, "choice.html", view, status=status, ends_at_app=True)


def _picture(uri: str) -> Markup:
    """The QR code as inline SVG: an image from elsewhere would carry the secret there."""
    import segno  # noqa: PLC0415 (more than a megabyte, for a page that few see)

    drawn = segno.make(uri, error="m", micro=False)
    return Markup(drawn.svg_inline(border=0, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704 (no input in it)
