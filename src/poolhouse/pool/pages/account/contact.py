"""``/account/contact/...``: an e-mail address or a phone number is changed, verified, removed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.edge import Reply
from poolhouse.pool.core.attributes.schema import by_name
from poolhouse.pool.flows import own_factors, profile
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.own_factors import LastWay
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.model.user import CodePurpose
from poolhouse.pool.pages.account.frame import Own, done, frame, said, show
from poolhouse.pool.pages.account.profile import may_change
from poolhouse.pool.pages.account.views import ContactView
from poolhouse.pool.pages.fields import attribute_field
from poolhouse.pool.pages.steps import code_of
from poolhouse.pool.spec.errors import CognitoError
from poolhouse.pool.store import attempts as attempt_store

#: Contact -> (purpose of its codes, heading, label of the button that removes it).
_KINDS: Final[Mapping[str, tuple[CodePurpose, str, str]]] = MappingProxyType(
    {
        "email": (CodePurpose.EMAIL, N_("Email address"), N_("Remove the email address")),
        "phone_number": (CodePurpose.PHONE, N_("Phone number"), N_("Remove the phone number")),
    }
)
IN_USE: Final = N_("A second step uses it. Remove that second step first.")


async def get(own: Own) -> Reply:
    return await _page(own)


async def post(own: Own) -> Reply:
    """What the button says: ``do`` is change, remove, send, or verify."""
    wanted = own.form.get("do", "")
    acts = {"change": _change, "remove": _remove, "send": _send, "verify": _verify}
    if wanted not in acts:
        return await _page(own)
    try:
        return await acts[wanted](own)
    except LastWay:
        return await _page(own, own.visit.say(IN_USE))
    except Refused as no:
        return await _page(own, said(own, no))
    except CognitoError as no:
        if no.code != "InvalidParameterException":
            raise
        return await _page(own, said(own, no))


async def waiting(own: Own, contact: str) -> str:
    """Where a code for this contact is on its way to; "" when none is."""
    purpose = _KINDS[contact][0]

    async def read(tx: ReadTx) -> str:
        sent = await attempt_store.find_sent_code(tx, own.user.pool_id, own.user.username, purpose)
        is_live = sent is not None and sent.expires_at > own.visit.flow.clock.now()
        return (sent.pending_value or "") if sent is not None and is_live else ""

    return await own.visit.flow.database.read(read)


async def _change(own: Own) -> Reply:
    contact = own.place
    value = own.form.get(attribute_field(contact).field, "").strip()
    if not value:
        return await _page(own, own.visit.say("Enter the new one."))
    if value == own.user.attributes.get(contact):
        return done(own, contact)
    if not may_change(own, contact):
        return done(own, "profile")
    return await _write(own, value)


async def _remove(own: Own) -> Reply:
    if not (may_change(own, own.place) and _can_be_missing(own)):
        return done(own, "profile")
    own_factors.check_unused(own.visit.flow, own.present.caller, own.place)
    return await _write(own, "")


async def _write(own: Own, value: str) -> Reply:
    contact, entry = own.place, own.visit.site.entry
    sent = await profile.update_attributes(
        own.visit.flow, entry.pool, own.user, {contact: value}, client=own.client, scene=own.scene
    )
    return done(own, contact) if sent else done(own, "profile", "contact")


async def _send(own: Own) -> Reply:
    await profile.send_verification_code(own.visit.flow, own.present.caller, own.place)
    return done(own, own.place, "sent")


async def _verify(own: Own) -> Reply:
    code = code_of(own.form)
    if not code:
        return await _page(own, own.visit.say("Enter the code."))
    await profile.verify_attribute(own.visit.flow, own.present.caller, own.place, code, scene=own.scene)
    return done(own, "profile", "verified")


def _can_be_missing(own: Own) -> bool:
    attribute = by_name(own.visit.site.entry.pool.settings.schema_attributes or ()).get(own.place)
    return attribute is not None and not attribute.required


async def _page(own: Own, error: str = "") -> Reply:
    contact, user, say = own.place, own.user, own.visit.say
    _, heading, remove = _KINDS[contact]
    changes = may_change(own, contact)
    given = own.form.get(attribute_field(contact).field, "") if error else ""
    view = ContactView(
        frame=frame(own, error),
        action=own.href(contact),
        back=own.href("profile"),
        field=attribute_field(contact, given),
        heading=say(heading),
        current=user.attributes.get(contact, ""),
        is_verified=user.is_verified(contact),
        waits_at=await waiting(own, contact),
        can_change=changes,
        can_remove=changes and bool(user.attributes.get(contact)) and _can_be_missing(own),
        remove_label=say(remove),
    )
    return show(own, "contact.html", view)
