"""
Mail about a sign-in that looked risky (AWS API: NotifyConfigurationType), with the links to say whose it was.

It goes to a verified address only, since whoever reads it may give feedback in the user's name.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import urlencode

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import letters
from poolhouse.pool.core.own_templates import escaped, one_line, plain
from poolhouse.pool.core.risk.device import told_name
from poolhouse.pool.flows import feedback, messages
from poolhouse.pool.flows.attempt import Door
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.reader import Reader, app_of, reader_of, voice_of
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.model.message import Content, Message
from poolhouse.pool.model.risk import Action, AuthEvent
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.shapes import NotifyConfigurationType, NotifyEmailType
from poolhouse.pool.store import outbox

KIND: Final = "AccountTakeOverNotification"
_PLACEHOLDER: Final = re.compile(
    r"\{(?:ip-address|city|country|login-time|device-name|one-click-link-valid|one-click-link-invalid|event-id"
    r"|feedback-token|username)\}"
)
_BLOCKED: Final = (N_("Blocked sign-in attempt"), N_("We have stopped a sign-in to your account."))
_CHALLENGED: Final = (N_("New sign-in attempt"), N_("A sign-in to your account had to show a second factor."))
_WATCHED: Final = (N_("New sign-in attempt"), N_("There was a sign-in to your account that we do not recognize."))
#: Action -> the member of NotifyConfiguration that has the pool's template; and what ours says.
_OCCASIONS: Final = {
    Action.BLOCK: ("block_email", _BLOCKED),
    Action.MFA_REQUIRED: ("mfa_email", _CHALLENGED),
    Action.MFA_IF_CONFIGURED: ("mfa_email", _CHALLENGED),
    Action.NO_ACTION: ("no_action_email", _WATCHED),
}
_FACTS: Final = ((N_("Time"), "{login-time}"), (N_("Device"), "{device-name}"), (N_("IP address"), "{ip-address}"))


def send(flow: Flow, door: Door, user: User, event: AuthEvent, action: Action) -> None:
    """Have the mail about *event* written to the outbox, where the user has a verified address."""
    if not user.is_verified("email"):
        return
    takeover = door.protection.rules.account_takeover_risk_configuration
    configured = takeover.notify_configuration if takeover is not None else None
    content = msgspec.structs.replace(
        _content(
            flow,
            door.entry,
            reader_of(user, door.entry, door.client, door.seen),
            configured,
            action,
            _values(flow, door, user, event),
            event.created_ms // 1000,
        ),
        sender=configured.from_ if configured is not None else None,
        reply_to=configured.reply_to if configured is not None else None,
    )
    message = messages.sealed(flow, door.pool, content, kind=KIND, medium="EMAIL", destination=user.attributes["email"])
    flow.journal.put(partial(_put, message))


async def _put(message: Message, tx: Tx) -> None:
    await outbox.put_message(tx, message)


def sample(flow: Flow, entry: PoolEntry, action: Action, reader: Reader, address: str) -> Content:
    """The pool's mail about a sign-in that came from *address* to nobody, for somebody to look at."""
    rules = entry.risks.get("")
    takeover = rules.settings.account_takeover_risk_configuration if rules is not None else None
    link = f"https://example.com/authEventFeedback?{urlencode({'token': 'example'})}"
    now = flow.clock.now()
    values = {
        "{ip-address}": address, "{city}": "", "{country}": "", "{login-time}": _time(now),
        "{device-name}": "Firefox 128, Linux", "{one-click-link-valid}": f"{link}&value=Valid",
        "{one-click-link-invalid}": f"{link}&value=Invalid", "{event-id}": "example", "{feedback-token}": "example",
        "{username}": "ana@example.com",
    }  # fmt: skip
    return _content(flow, entry, reader, takeover.notify_configuration if takeover else None, action, values, now)


def _content(
    flow: Flow, entry: PoolEntry, reader: Reader, configured: NotifyConfigurationType | None, action: Action,
    values: Mapping[str, str], at: int,
) -> Content:  # fmt: skip
    """
    The pool's template, where it has one with a body; a body that is missing is our letter.

    Ours tells the time *at* in the reader's language.  The pool's is one text for everybody, in a language that nobody
    has named: it has the time in figures.
    """
    member, ours = _OCCASIONS[action]
    own: NotifyEmailType | None = getattr(configured, member) if configured is not None else None
    voice = voice_of(flow, entry.pool, reader)
    subject = one_line(_fill(own.subject, values, str) if own is not None else voice.say(ours[0]))
    if own is not None and (own.html_body is not None or own.text_body is not None):
        body = own.html_body
        return Content(
            subject=subject,
            text=_fill(own.text_body or plain(body or ""), values, str),
            html=None if body is None else _fill(body, values, escaped),
        )
    told = {**values, "{login-time}": voice.moment(at), "{device-name}": told_name(values["{device-name}"])}
    facts = [(label, told[name]) for label, name in _FACTS if told[name]]
    links = {"valid": values["{one-click-link-valid}"], "invalid": values["{one-click-link-invalid}"]}
    letter = msgspec.structs.replace(letters.alert(voice, ours, facts, links), app=app_of(reader))
    return Content(subject=subject, text=letters.plain(letter), letter=letter, client_id=reader.client_id)


def _values(flow: Flow, door: Door, user: User, event: AuthEvent) -> Mapping[str, str]:
    token = feedback.mint(flow, event)
    return {
        "{ip-address}": event.seen.address,
        "{city}": "",
        "{country}": "",
        "{login-time}": _time(event.created_ms // 1000),
        "{device-name}": event.seen.device_name,
        "{one-click-link-valid}": _link(flow, door, token, "Valid"),
        "{one-click-link-invalid}": _link(flow, door, token, "Invalid"),
        "{event-id}": event.id,
        "{feedback-token}": token,
        "{username}": user.username,
    }


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _link(flow: Flow, door: Door, token: str, value: str) -> str:
    """Where a browser can say it; ``""`` for a pool without a domain."""
    if not door.entry.domains:
        return ""
    domain = door.entry.domains[-1]
    query = urlencode({"token": token, "value": value})
    return f"{flow.config.domain_url(domain.name, custom=domain.custom)}/authEventFeedback?{query}"


def _fill(template: str, values: Mapping[str, str], clean: Callable[[str], str]) -> str:
    return _PLACEHOLDER.sub(lambda found: clean(values[found.group()]), template)
