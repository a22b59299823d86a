"""
Word to the owner of an account that something on it was changed, so that whoever did not do it finds out.

Ours: the service sends none.  It is written with the change, in one transaction, and goes to the e-mail address that
was verified before.  Where nobody would deliver it, or a trigger of the pool writes its messages, there is none: it
must not stand in the way of the change.  It is in the language of the user's ``locale``, else in the pool's: never in
one that the request prefers, for that may be somebody else's.  Nothing in it acts, and no new value is in it.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.kit.agent import UNKNOWN, describe
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import letters
from poolhouse.pool.flows import messages, people
from poolhouse.pool.flows.attempt import Door
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.hooks import require_none
from poolhouse.pool.flows.reader import Reader, app_of, voice_of
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.model.message import Content, Message
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec.errors import CognitoError
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
    BROWSER = "browser remembered"
    DEVICE = "device remembered"
    SIGNED_OUT = "signed out"
    DELETED = "deleted"


#: What was changed -> heading and sentence.
WORDS: Final = MappingProxyType(
    {
        Happened.PASSWORD: (N_("Your password was changed"), N_("The password of your account was changed.")),
        Happened.EMAIL: (N_("Your email address was changed"), N_("The email address of your account was changed.")),
        Happened.PHONE: (N_("Your phone number was changed"), N_("The phone number of your account was changed.")),
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
        Happened.BROWSER: (
            N_("A browser is remembered"),
            N_("A browser is remembered for your account. It is not asked for a second step again."),
        ),
        Happened.DEVICE: (
            N_("A device is remembered"),
            N_("A device is remembered for your account. It is not asked for a second step again."),
        ),
        Happened.SIGNED_OUT: (
            N_("Your sessions were ended"),
            N_("Your account was signed out of its browsers and apps."),
        ),
        Happened.DELETED: (
            N_("Your account was deleted"),
            N_("Your account was deleted with all that belonged to it."),
        ),
    }
)
#: Member of ``Factors`` -> how people call it.
_FACTORS: Final = MappingProxyType({"totp": N_("Authenticator app"), "sms": N_("Text message"), "email": N_("Email")})
_TIME: Final = N_("Time")
_DEVICE: Final = N_("Device")
_ADDRESS: Final = N_("IP address")
_FACTOR: Final = N_("Second step")

Event = tuple[Happened, str]
"""What was changed, and which one of several, in English."""


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """
    Where the owner of an account, or somebody in the owner's name, changes it; an administrator's act has none.

    ``at_account_page``: there, or where a passkey is added outside of it: a way in that no new password closes.
    ``device`` and ``address`` are what is told of the request, "" where they are not known.
    """

    entry: PoolEntry
    client: Client | None
    device: str = ""
    address: str = ""
    at_account_page: bool = False

    @property
    def is_told(self) -> bool:
        wanted = self.entry.pool.extended.security_notices
        return wanted == "on" or (wanted == "account_page" and self.at_account_page)


def scene(entry: PoolEntry, client: Client | None, origin: Origin, *, at_account_page: bool = False) -> Scene:
    """The scene of a request."""
    device = describe(origin.agent)
    return Scene(
        entry=entry, client=client, device="" if device == UNKNOWN else device, address=origin.address,
        at_account_page=at_account_page,
    )  # fmt: skip


def scene_of(door: Door) -> Scene:
    """The scene of a sign-in."""
    return Scene(entry=door.entry, client=door.client, device=door.seen.device_name, address=door.seen.address)


def events(before: User, after: User) -> tuple[Event, ...]:
    """What the owner should know of a change; the first password after a temporary one is none."""
    return (*_of_password(before, after), *_of_contacts(before, after), *_of_factors(before, after),
            *_of_passkeys(before, after))  # fmt: skip


def about(flow: Flow, told: Scene | None, before: User, happened: Iterable[Event]) -> list[Message]:
    """The mails about it, one for each; *before* is the user as he was."""
    listed = list(happened)
    if told is None or not listed or not told.is_told or not before.is_verified("email"):
        return []
    pool = told.entry.pool
    try:
        require_none(pool, "custom_email_sender")
        messages.check_can_send(flow, "EMAIL")
    except (Refused, CognitoError):
        return []
    to = before.attributes["email"]
    return [
        messages.sealed(flow, pool, written(flow, told, before, each), kind=KIND, medium="EMAIL", destination=to)
        for each in listed
    ]


async def put(tx: Tx, written: Iterable[Message]) -> None:
    """Write the mails, with the change that they are about."""
    for each in written:
        await outbox.put_message(tx, each)


async def tell(flow: Flow, tx: Tx, told: Scene | None, before: User, happened: Happened) -> None:
    """Write the mail about something that is no change of the user's row."""
    await put(tx, about(flow, told, before, [(happened, "")]))


async def change(flow: Flow, pool: Pool, user: User, decide: Callable[[User], User], told: Scene | None) -> User:
    """``people.change``, and word of it to the owner."""
    return await flow.database.write(lambda tx: change_in(flow, tx, pool, user, decide, told))


async def change_in(
    flow: Flow, tx: Tx, pool: Pool, user: User, decide: Callable[[User], User], told: Scene | None
) -> User:
    """``people.change_in``, and word of it to the owner, as he was in the row that was changed."""
    before = user

    def noted(current: User) -> User:
        nonlocal before
        before = current
        return decide(current)

    changed = await people.change_in(tx, pool, user, noted, flow.clock.now_ms())
    await put(tx, about(flow, told, before, events(before, changed)))
    return changed


def written(flow: Flow, told: Scene, user: User, event: Event) -> Content:
    """What such a mail says."""
    reader = Reader(entry=told.entry, locale=user.attributes.get("locale", ""), client=told.client)
    return written_for(flow, told, reader, event)


def written_for(flow: Flow, told: Scene, reader: Reader, event: Event) -> Content:
    """The same to a reader who may be anybody."""
    pool, (happened, which) = told.entry.pool, event
    voice = voice_of(flow, pool, reader)
    facts = (
        (_FACTOR, voice.say(which)), (_TIME, voice.moment(flow.clock.now())), (_DEVICE, told.device),
        (_ADDRESS, told.address),
    )  # fmt: skip
    letter = letters.notice(
        voice, WORDS[happened], [each for each in facts if each[1]], is_over=happened is Happened.DELETED
    )
    letter = msgspec.structs.replace(letter, app=app_of(reader))
    subject = voice.say(WORDS[happened][0])
    content = Content(subject=subject, text=letters.plain(letter), letter=letter, client_id=reader.client_id)
    return messages.addressed(pool, content)


def _of_password(before: User, after: User) -> Iterable[Event]:
    is_first = before.status is Status.FORCE_CHANGE_PASSWORD
    if before.credentials.password_hash != after.credentials.password_hash and not is_first:
        yield Happened.PASSWORD, ""


def _of_contacts(before: User, after: User) -> Iterable[Event]:
    for each in (Happened.EMAIL, Happened.PHONE):
        if before.attributes.get(each.value, "") != after.attributes.get(each.value, ""):
            yield each, ""


def _of_factors(before: User, after: User) -> Iterable[Event]:
    # Another secret in the place of the one in use is another app.
    other_app = before.credentials.totp_sealed != after.credentials.totp_sealed
    for member, name in _FACTORS.items():
        was, is_on = (getattr(each.credentials.factors, member) for each in (before, after))
        if is_on and (not was or (member == "totp" and other_app)):
            yield Happened.FACTOR_ADDED, name
        elif was and not is_on:
            yield Happened.FACTOR_REMOVED, name


def _of_passkeys(before: User, after: User) -> Iterable[Event]:
    had, has = len(before.credentials.passkeys), len(after.credentials.passkeys)
    if has != had:
        yield (Happened.PASSKEY_ADDED if has > had else Happened.PASSKEY_REMOVED), ""
