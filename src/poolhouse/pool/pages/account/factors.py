"""Second steps of the account page: an authenticator app, codes by text message or e-mail; preferred, removed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.core import totp
from poolhouse.pool.flows import account, mfa, own_factors, people
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.own_factors import EMAIL, SMS, TOTP, LastWay
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.model.sign_in import Done
from poolhouse.pool.model.user import User
from poolhouse.pool.pages.account.contact import waiting
from poolhouse.pool.pages.account.frame import Own, done, frame, new_handle, said, show
from poolhouse.pool.pages.account.views import AppView, CodeFactorView, Way
from poolhouse.pool.pages.fields import called
from poolhouse.pool.pages.setup import picture
from poolhouse.pool.pages.steps import code_of
from poolhouse.pool.spec.errors import CognitoError, Reason

#: Factor -> (label, what it is, icon, place where it is set up).
LABELS: Final[Mapping[str, tuple[str, str, str, str]]] = MappingProxyType(
    {
        TOTP: (N_("Authenticator app"), N_("A code that an app on your phone shows."), "shield", "app"),
        SMS: (N_("Text message"), N_("A code that is sent to your phone number."), "phone", "text"),
        EMAIL: (N_("Email"), N_("A code that is sent to your email address."), "mail", "mail"),
    }
)
_OF_PLACE: Final = MappingProxyType({"text": SMS, "mail": EMAIL})
_AMR: Final = MappingProxyType({SMS: Done.SMS, EMAIL: Done.EMAIL})
_LEADS: Final = MappingProxyType(
    {
        SMS: N_("Each time you sign in, a code is sent to this number. Enter the first one now."),
        EMAIL: N_("Each time you sign in, a code is sent to this address. Enter the first one now."),
    }
)


def ways(own: Own) -> tuple[Way, ...]:
    """The second steps that the pool allows."""
    held, say = own_factors.held(own.visit.flow, own.visit.site.entry, own.user), own.visit.say
    return tuple(
        Way(
            value=each,
            icon=LABELS[each][2],
            label=say(LABELS[each][0]),
            text=_text(own, each),
            is_on=each in held.active,
            is_preferred=held.preferred == each and len(held.active) > 1,
            can_prefer=each in held.active and len(held.active) > 1 and held.preferred != each,
            can_remove=each in held.can_remove,
            set_up_href=own.href(LABELS[each][3]) if held.can_add and each not in {*held.active} - held.implied else "",
        )
        for each in held.allowed
    )


async def post(own: Own) -> Reply:
    """Prefer or remove one that is in use: ``do`` says which, ``factor`` which one."""
    factor, flow, caller = own.form.get("factor", ""), own.visit.flow, own.present.caller
    try:
        match own.form.get("do"):
            case "prefer":
                await own_factors.prefer(flow, caller, factor)
                return done(own, "security", "preferred")
            case "remove":
                await own_factors.remove(flow, caller, factor, scene=own.scene)
            case _:
                return done(own, "security")
    except LastWay:
        return done(own, "security", "last-factor")
    except CognitoError as no:
        if no.code != "ResourceNotFoundException":
            raise
        return done(own, "security", "gone")
    return done(own, "security", "removed")


async def get_app(own: Own) -> Reply:
    """The beginning; opening a page makes no secret."""
    if not _is_open(own, TOTP):
        return done(own, "security")
    return show(own, "app.html", AppView(frame=frame(own), action=own.href("app"), back=own.href("security")))


async def post_app(own: Own) -> Reply:
    """A new secret, or the first code of the one that was shown."""
    if not _is_open(own, TOTP):
        return done(own, "security")
    if own.form.get("do") != "verify":
        await mfa.associate(own.visit.flow, own.present.caller)
        return _scan(own, await people.get(own.visit.flow, own.visit.site.entry.pool, own.user.username))
    shown = own.form.get("shown", "")
    try:
        user = await own_factors.verify_app(
            own.visit.flow, own.present.caller, code=code_of(own.form), shown=shown, scene=own.scene
        )
    except CognitoError as no:
        if no.code == "SoftwareTokenMFANotFoundException":
            return done(own, "app")
        if no.code != "EnableSoftwareTokenMFAException":
            raise
        return _scan(own, own.user, own.visit.refusal(Refused(Reason.TOTP_MISMATCH)))
    return await _set_up(own, user, Done.TOTP)


async def get_code(own: Own) -> Reply:
    return await _code(own)


async def post_code(own: Own) -> Reply:
    """Send a code, or take it back in."""
    factor = _OF_PLACE[own.place]
    if not _is_open(own, factor):
        return done(own, "security")
    try:
        if own.form.get("do") != "verify":
            await own_factors.send_code(own.visit.flow, own.present.caller, factor)
            return done(own, own.place, "sent" if await waiting(own, own_factors.CONTACT[factor]) else "")
        code = code_of(own.form)
        if not code:
            return await _code(own, own.visit.say("Enter the code."))
        user = await own_factors.switch_on(own.visit.flow, own.present.caller, factor, code, scene=own.scene)
    except Refused as no:
        if no.reason is Reason.LOGIN_REQUIRED:
            raise
        return await _code(own, said(own, no))
    except CognitoError as no:
        if no.code not in {"InvalidParameterException", "ResourceNotFoundException"}:
            raise
        return done(own, "security")
    return await _set_up(own, user, _AMR[factor])


async def _set_up(own: Own, user: User, proved: Done) -> Reply:
    """It is asked for from now on: this browser has just shown it, all others have to."""
    token = await account.go_on(own.visit.flow, own.present, user, proved=proved.value)
    return done(own, "security", "factor", new_handle(own, token))


def _scan(own: Own, user: User, error: str = "") -> Reply:
    pool = own.visit.site.entry.pool
    secret = mfa.open_pending(own.visit.flow, user)
    if secret is None:
        return done(own, "app")
    uri = totp.otpauth_uri(secret, issuer=pool.name, account=called(pool, user))
    view = AppView(
        frame=frame(own, error),
        action=own.href("app"),
        back=own.href("security"),
        shown=own_factors.mark(user),
        picture=picture(uri),
        uri=uri,
        secret=totp.secret_text(secret),
    )
    return show(own, "app.html", view)


async def _code(own: Own, error: str = "") -> Reply:
    factor = _OF_PLACE[own.place]
    if not _is_open(own, factor):
        return done(own, "security")
    contact = own_factors.CONTACT[factor]
    value = own.user.attributes.get(contact, "")
    waits_at = await waiting(own, contact)
    view = CodeFactorView(
        frame=frame(own, error),
        action=own.href(own.place),
        back=own.href("security"),
        heading=own.visit.say(LABELS[factor][0]),
        lead=own.visit.say(_LEADS[factor]),
        destination=value,
        # A code for another address, which waits to take this one's place, switches nothing on.
        waits_at=waits_at if waits_at == value else "",
        contact_href=own.href(contact),
    )
    return show(own, "code_factor.html", view)


def _is_open(own: Own, factor: str) -> bool:
    """Whether the pool allows it, and the person can still sign in with it."""
    held = own_factors.held(own.visit.flow, own.visit.site.entry, own.user)
    return factor in held.allowed and held.can_add


def _text(own: Own, factor: str) -> str:
    contact = own_factors.CONTACT.get(factor)
    value = own.user.attributes.get(contact, "") if contact else ""
    return value or own.visit.say(LABELS[factor][1])
