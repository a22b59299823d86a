"""
Templates of messages.

The placeholders of codes are part of the model's patterns; here are the invitation's, and the members of
CreateUserPool that say the same thing twice.
"""

from typing import Protocol

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.spec.shapes import MessageTemplateType, UserPoolType, VerificationMessageTemplateType

BY_CODE = "CONFIRM_WITH_CODE"
BY_LINK = "CONFIRM_WITH_LINK"


class Requested(Protocol):
    """What the requests that create and update a pool have in common here."""

    @property
    def sms_verification_message(self) -> str | None: ...
    @property
    def email_verification_message(self) -> str | None: ...
    @property
    def email_verification_subject(self) -> str | None: ...
    @property
    def verification_message_template(self) -> VerificationMessageTemplateType | None: ...


def merged_template(request: Requested) -> VerificationMessageTemplateType | Refusal:
    """
    The template of verification messages, out of its own members and the three legacy ones.

    A legacy member counts where the template has none. Ours: two that differ are refused, since one of them would
    be ignored.
    """
    given = request.verification_message_template or VerificationMessageTemplateType()
    pairs = (
        ("SmsVerificationMessage", given.sms_message, request.sms_verification_message),
        ("EmailVerificationMessage", given.email_message, request.email_verification_message),
        ("EmailVerificationSubject", given.email_subject, request.email_verification_subject),
    )
    for name, new, legacy in pairs:
        if new is not None and legacy is not None and new != legacy:
            return invalid_parameter(f"{name} differs from the same text in VerificationMessageTemplate.")
    sms, message, subject = (new if new is not None else legacy for _, new, legacy in pairs)
    if message is not None and given.email_message_by_link is not None:
        return invalid_parameter("VerificationMessageTemplate takes either EmailMessage or EmailMessageByLink.")
    option = given.default_email_option or BY_CODE
    if option == BY_CODE and given.email_message_by_link is not None:
        return invalid_parameter("EmailMessageByLink needs DefaultEmailOption CONFIRM_WITH_LINK.")
    if option == BY_LINK and message is not None:
        return invalid_parameter("EmailMessage needs DefaultEmailOption CONFIRM_WITH_CODE.")
    return VerificationMessageTemplateType(
        sms_message=sms,
        email_message=message,
        email_subject=subject,
        email_message_by_link=given.email_message_by_link,
        email_subject_by_link=given.email_subject_by_link,
        default_email_option=option,
    )


def check_invitation(settings: UserPoolType) -> Refusal | None:
    """An invitation must tell its reader the username and the temporary password."""
    config = settings.admin_create_user_config
    template = config.invite_message_template if config else None
    if template is None:
        return None
    for name, text in _texts(template):
        if text is not None and not ("{username}" in text and "{####}" in text):
            return invalid_parameter(f"InviteMessageTemplate.{name} must contain {{username}} and {{####}}.")
    return None


def check_subjects(settings: UserPoolType) -> Refusal | None:
    """
    The subjects of verification messages and invitations are one line each.

    DEVIATION: the model's pattern lets line breaks through, with which a subject could add headers to a message;
    strict mode does not let them through either.
    """
    sent = settings.verification_message_template or VerificationMessageTemplateType()
    config = settings.admin_create_user_config
    invitation = (config.invite_message_template if config else None) or MessageTemplateType()
    subjects = (
        ("VerificationMessageTemplate.EmailSubject", sent.email_subject),
        ("VerificationMessageTemplate.EmailSubjectByLink", sent.email_subject_by_link),
        ("EmailVerificationSubject", settings.email_verification_subject),
        ("InviteMessageTemplate.EmailSubject", invitation.email_subject),
    )
    return next((refusal for name, text in subjects if (refusal := check_subject(name, text)) is not None), None)


def check_subject(name: str, text: str | None) -> Refusal | None:
    """Refuse every line break that Unicode knows: what is no break to us may be one to whoever sends the message."""
    if text and text.splitlines() != [text]:
        return invalid_parameter(f"{name} must be one line.")
    return None


def _texts(template: MessageTemplateType) -> tuple[tuple[str, str | None], ...]:
    return (("SMSMessage", template.sms_message), ("EmailMessage", template.email_message))
