"""
Word to the owner of an account that something on it was changed, so that whoever did not do it finds out.

It goes to the address that was verified before the change.  Where nobody would deliver it, or a trigger of the pool
writes its messages, there is none: it must not stand in the way of the change.
"""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core.sessions import UNKNOWN, describe
from poolhouse.pool.flows import messages
from poolhouse.pool.flows.account_entry import PLACES
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.hooks import require_none
from poolhouse.pool.flows.site import Site
from poolhouse.pool.flows.speaking import voice_of_locale
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.model.message import Content, Message
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import CognitoError
from poolhouse.pool.spec.shapes import EmailConfigurationType
from poolhouse.pool.store import outbox

KIND: Final = "AccountNotice"


class Happened(StrEnum):
    """What was changed."""

    PASSWORD = "password"  # noqa: S105 (the name of an occasion)
    EMAIL = "email"
    PHONE = "phone_number"
    FACTOR_ADDED = "factor added"
    FACTOR_REMOVED = "factor removed"
    PASSKEY_ADDED = "passkey added"
    PASSKEY_REMOVED = "passkey removed"
    DELETED = "deleted"


_WORDS: Final = MappingProxyType(
    {
        Happened.PASSWORD: (N_("Your password was changed"), N_("The password of your account was changed.")),
        Happened.EMAIL: (N_("Your email address was changed"), N_("Another email address was given for your account.")),
        Happened.PHONE: (N_("Your phone number was changed"), N_("Another phone number was given for your account.")),
        Happened.FACTOR_ADDED: (
            N_("A second step was added"),
            N_("A second step was added to signing in to your account."),
        ),
        Happened.FACTOR_REMOVED: (
            N_("A second step was removed"),
            N_("A second step was removed from signing in to your account."),
        ),
        Happened.PASSKEY_ADDED: (N_("A passkey was added"), N_("A passkey was added to your account.")),
        Happened.PASSKEY_REMOVED: (N_("A passkey was removed"), N_("A passkey was removed from your account.")),
        Happened.DELETED: (
            N_("Your account was deleted"),
            N_("Your account was deleted with all that belonged to it."),
        ),
    }
)


async def send(flow: Flow, site: Site, user: User, happened: Happened, origin: Origin) -> None:
    """Queue the mail about what *happened*; *user* is as it was before."""
    pool = site.entry.pool
    if not user.is_verified("email"):
        return
    try:
        require_none(pool, "custom_email_sender")
        messages.check_can_send(flow, "EMAIL")
    except (Refused, CognitoError):
        return
    settings = pool.settings.email_configuration or EmailConfigurationType()
    subject, text = _written(flow, site, user, happened, origin)
    content = Content(
        subject=subject, text=text, sender=settings.from_, reply_to=settings.reply_to_email_address,
        configuration_set=settings.configuration_set,
    )  # fmt: skip
    identity = uuid4(flow.entropy)
    message = Message(
        id=identity,
        pool_id=pool.id,
        kind=KIND,
        medium="EMAIL",
        destination=user.attributes["email"],
        sealed=flow.ring.seal(msgspec.json.encode(content), purpose="message", row=identity),
        created_ms=flow.clock.now_ms(),
        next_try_at=flow.clock.now(),
    )

    async def unit(tx: Tx) -> None:
        await outbox.put_message(tx, message)

    await flow.database.write(unit)


def _written(flow: Flow, site: Site, user: User, happened: Happened, origin: Origin) -> tuple[str, str]:
    """Subject and text, in the language of the user."""
    voice = voice_of_locale(site.entry, user.attributes.get("locale", ""))
    subject, what = _WORDS[happened]
    device = describe(origin.agent)
    lines = [voice.say(what), "", voice.say("Time: %(time)s", time=voice.moment(flow.clock.now()))]
    if device != UNKNOWN:
        lines.append(voice.say("Device: %(device)s", device=device))
    if origin.address:
        lines.append(voice.say("IP address: %(address)s", address=origin.address))
    lines.append("")
    if happened is Happened.DELETED:
        lines.append(voice.say("If it was not you, tell the people who run the service."))
    else:
        url = f"{site.url}{PLACES['security']}"
        lines.append(voice.say("If it was you, there is nothing to do."))
        lines.append(voice.say("If it was not, choose a new password and look at what was changed: %(url)s", url=url))
    return voice.say(subject), "\n".join(lines)
