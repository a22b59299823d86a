"""The tab Messaging: how messages are sent, what they say, and, on a development server, those that were sent."""

from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.kit.edge import html as html_reply
from poolhouse.pool.console import paths
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.experience import edit
from poolhouse.pool.console.message_preview import HEADERS
from poolhouse.pool.console.section import Facts, facts
from poolhouse.pool.console.settings import email, messages, sms
from poolhouse.pool.console.tabs import tab_page
from poolhouse.pool.flows import mailbox

SHOWN: Final = 50
_KINDS: Final = {
    "CustomMessage_SignUp": "Sign-up",
    "CustomMessage_ResendCode": "Sign-up, again",
    "CustomMessage_AdminCreateUser": "Invitation",
    "CustomMessage_ForgotPassword": "Forgotten password",
    "CustomMessage_UpdateUserAttribute": "Changed attribute",
    "CustomMessage_VerifyUserAttribute": "Attribute to verify",
    "CustomMessage_Authentication": "Code at sign-in",
    "AccountTakeOverNotification": "Risky sign-in",
    "AccountNotice": "Security notice",
}
_STATES: Final = {
    "waiting": ("Waiting", "warning"),
    "kept": ("Kept here", "neutral"),
    "sent": ("Sent", "success"),
    "failed": ("Failed", "danger"),
}


async def show(visit: Visit) -> Reply:
    """GET."""
    known = await facts(visit)
    return tab_page(
        visit,
        known.pool,
        "Messaging",
        "messaging.html",
        email_facts=email.in_words(known.pool.get("EmailConfiguration") or {}),
        edit_email=edit(visit, "email"),
        sms_facts=sms.in_words(known.pool.get("SmsConfiguration")),
        edit_sms=edit(visit, "sms"),
        templates=_templates(visit, known),
        frames=("'self'",),
        letters=[_letter(visit, each) for each in await mailbox.list_opened(visit.flow, visit.pool_id, SHOWN)],
    )


async def frame(visit: Visit) -> Reply:
    """GET: the HTML of a message that was sent, by itself."""
    body = await mailbox.page_of(visit.flow, visit.pool_id, visit.raw.params["message"])
    if not body:
        raise NotFound
    return html_reply(body.encode(), 200, HEADERS)


def _templates(visit: Visit, known: Facts) -> list[tuple[str, str, str, str]]:
    """Name, when it is sent, how its e-mail begins, where it is edited."""
    verification = messages.filled_verification(known.pool)
    by_link = verification.text("verification_type") == "CONFIRM_WITH_LINK"
    own = verification.verbatim("email_message_by_link" if by_link else "email_message")
    invitation = messages.filled_invitation(known.pool).verbatim("email_message")
    code = messages.filled_authentication(known.pool, known.mfa)
    defaults = messages.DEFAULTS
    return [
        (
            "Verification message",
            "When an address is to be proved",
            own or defaults["link" if by_link else "verification"],
            edit(visit, "verification-message"),
        ),
        (
            "Invitation message",
            "When an administrator creates a user",
            invitation or defaults["invitation"],
            edit(visit, "invitation-message"),
        ),
        (
            "MFA message",
            "When a code is asked for at sign-in",
            code.verbatim("mfa_email_message") or code.verbatim("mfa_sms_message") or defaults["authentication"],
            edit(visit, "mfa-message"),
        ),
    ]


def _letter(visit: Visit, opened: mailbox.Opened) -> dict[str, Any]:
    """A message as the page shows it."""
    message, content = opened.message, opened.content
    state, kind = _STATES.get(message.state, (message.state, "neutral"))
    return {
        "id": message.id,
        "occasion": _KINDS.get(message.kind, message.kind),
        "medium": "SMS" if message.medium == "SMS" else "Email",
        "to": message.destination,
        "at": message.created_ms // 1000,
        "state": state,
        "kind": kind,
        "subject": content.subject if content is not None and message.medium != "SMS" else "",
        "text": content.text if content is not None else "The master key that sealed this message is gone.",
        "page": paths.of_pool(visit.pool_id, "messaging", "messages", message.id) if _has_page(opened) else "",
        "code": (content.code or "") if content is not None else "",
    }


def _has_page(opened: mailbox.Opened) -> bool:
    content = opened.content
    return content is not None and opened.message.medium != "SMS" and bool(content.letter or content.html)
