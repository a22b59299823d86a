"""
Mail about a sign-in that looked risky (AWS API: NotifyConfigurationType), with the links to say whose it was.

It goes to a verified address only, since whoever reads it may give feedback in the user's name.
"""

import html
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import urlencode

import msgspec

from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows import feedback
from poolhouse.pool.flows.attempt import Door
from poolhouse.pool.flows.context import Flow
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
_DETAILS: Final = (
    "Time: {login-time}\nDevice: {device-name}\nIP address: {ip-address}\n\n"
    "If it was you, say so here: {one-click-link-valid}\n"
    "If it was not, change your password and say so here: {one-click-link-invalid}"
)
_BLOCKED: Final = NotifyEmailType(
    subject="Blocked sign-in attempt", text_body="We have stopped a sign-in to your account.\n" + _DETAILS
)
_CHALLENGED: Final = NotifyEmailType(
    subject="New sign-in attempt", text_body="A sign-in to your account had to show a second factor.\n" + _DETAILS
)
_WATCHED: Final = NotifyEmailType(
    subject="New sign-in attempt",
    text_body="There was a sign-in to your account that we do not recognize.\n" + _DETAILS,
)
_TEMPLATES: Final = {
    Action.BLOCK: ("block_email", _BLOCKED),
    Action.MFA_REQUIRED: ("mfa_email", _CHALLENGED),
    Action.MFA_IF_CONFIGURED: ("mfa_email", _CHALLENGED),
    Action.NO_ACTION: ("no_action_email", _WATCHED),
}


def send(flow: Flow, door: Door, user: User, event: AuthEvent, action: Action) -> None:
    """Have the mail about *event* written to the outbox, where the user has a verified address."""
    if not user.is_verified("email"):
        return
    takeover = door.protection.rules.account_takeover_risk_configuration
    configured = takeover.notify_configuration if takeover is not None else None
    message = _composed(flow, door, user, event, configured, _template(configured, action))
    flow.journal.put(partial(_put, message))


async def _put(message: Message, tx: Tx) -> None:
    await outbox.put_message(tx, message)


def _template(configured: NotifyConfigurationType | None, action: Action) -> NotifyEmailType:
    """The pool's template, where it has one with a body; a body that is missing is ours."""
    member, ours = _TEMPLATES[action]
    own: NotifyEmailType | None = getattr(configured, member) if configured is not None else None
    if own is None:
        return ours
    if own.html_body is None and own.text_body is None:
        return msgspec.structs.replace(own, text_body=ours.text_body)
    return own


def _composed(
    flow: Flow, door: Door, user: User, event: AuthEvent, configured: NotifyConfigurationType | None,
    template: NotifyEmailType,
) -> Message:  # fmt: skip
    values = _values(flow, door, user, event)
    body = template.html_body
    content = Content(
        subject=" ".join(_fill(template.subject, values, str).split()),
        text=_fill(template.text_body or _without_tags(body or ""), values, str),
        html=None if body is None else _fill(body, values, html.escape),
        sender=configured.from_ if configured is not None else None,
        reply_to=configured.reply_to if configured is not None else None,
    )
    identity = uuid4(flow.entropy)
    return Message(
        id=identity,
        pool_id=door.pool.id,
        kind=KIND,
        medium="EMAIL",
        destination=user.attributes["email"],
        sealed=flow.ring.seal(msgspec.json.encode(content), purpose="message", row=identity),
        created_ms=flow.clock.now_ms(),
        next_try_at=flow.clock.now(),
    )


def _values(flow: Flow, door: Door, user: User, event: AuthEvent) -> Mapping[str, str]:
    token = feedback.mint(flow, event)
    moment = datetime.fromtimestamp(event.created_ms // 1000, UTC)
    return {
        "{ip-address}": event.seen.address,
        "{city}": "",
        "{country}": "",
        "{login-time}": moment.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "{device-name}": event.seen.device_name,
        "{one-click-link-valid}": _link(flow, door, token, "Valid"),
        "{one-click-link-invalid}": _link(flow, door, token, "Invalid"),
        "{event-id}": event.id,
        "{feedback-token}": token,
        "{username}": user.username,
    }


def _link(flow: Flow, door: Door, token: str, value: str) -> str:
    """Where a browser can say it; ``""`` for a pool without a domain."""
    if not door.entry.domains:
        return ""
    domain = door.entry.domains[-1]
    query = urlencode({"token": token, "value": value})
    return f"{flow.config.domain_url(domain.name, custom=domain.custom)}/authEventFeedback?{query}"


def _fill(template: str, values: Mapping[str, str], clean: Callable[[str], str]) -> str:
    return _PLACEHOLDER.sub(lambda found: clean(values[found.group()]), template)


def _without_tags(body: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", body)).strip()
