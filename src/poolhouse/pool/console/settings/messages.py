"""Templates of messages (VerificationMessageTemplate, InviteMessageTemplate, and the texts of MFA codes)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of

VERIFICATION_TYPES: Final = (("CONFIRM_WITH_CODE", "Code"), ("CONFIRM_WITH_LINK", "Link"))
CODE: Final = "{####}"
USERNAME: Final = "{username}"
DEFAULTS: Final[Mapping[str, str]] = {
    "verification_subject": "Your verification code",
    "verification": "Your verification code is {####}.",
    "link_subject": "Your verification link",
    "link": "Please click the link below to verify your email address. {##Verify Email##}",
    "invitation_subject": "Your temporary password",
    "invitation": "Your username is {username} and temporary password is {####}.",
    "authentication_subject": "Your authentication code",
    "authentication": "Your authentication code is {####}.",
}
"""What is sent where a pool has no text of its own."""

SMS_LENGTH: Final = 140
EMAIL_LENGTH: Final = 20_000
SUBJECT_LENGTH: Final = 140


def check_verification(form: Form) -> Problems:
    problems: Problems = {}
    by_link = form.text("verification_type") == "CONFIRM_WITH_LINK"
    _check_subject(form, "email_subject_by_link" if by_link else "email_subject", problems)
    if by_link:
        text = form.verbatim("email_message_by_link")
        if text.strip() and not ("{##" in text and "##}" in text.partition("{##")[2]):
            problems["email_message_by_link"] = "Write {##Verify Email##} where the link should be."
        _check_length(text, "email_message_by_link", problems, EMAIL_LENGTH)
    else:
        _check_message(form, "email_message", problems, EMAIL_LENGTH)
    _check_message(form, "sms_message", problems, SMS_LENGTH)
    return problems


def verification(form: Form) -> dict[str, Any]:
    """
    VerificationMessageTemplate; an empty text returns to the default.

    The service keeps the text of one way at a time: with links the text for codes is given up, and the other way round.
    """
    by_link = form.text("verification_type") == "CONFIRM_WITH_LINK"
    if by_link:
        email = {
            "EmailSubjectByLink": form.text("email_subject_by_link"),
            "EmailMessageByLink": form.verbatim("email_message_by_link").strip(),
        }
    else:
        email = {"EmailSubject": form.text("email_subject"), "EmailMessage": form.verbatim("email_message").strip()}
    given = {
        "DefaultEmailOption": "CONFIRM_WITH_LINK" if by_link else "CONFIRM_WITH_CODE",
        "SmsMessage": form.verbatim("sms_message").strip(),
        **email,
    }
    return {name: value for name, value in given.items() if value}


def filled_verification(pool: Mapping[str, Any]) -> Form:
    template = pool.get("VerificationMessageTemplate") or {}
    return of(
        verification_type=template.get("DefaultEmailOption") or "CONFIRM_WITH_CODE",
        email_subject=template.get("EmailSubject") or "",
        email_message=template.get("EmailMessage") or "",
        email_subject_by_link=template.get("EmailSubjectByLink") or "",
        email_message_by_link=template.get("EmailMessageByLink") or "",
        sms_message=template.get("SmsMessage") or "",
    )


def check_invitation(form: Form) -> Problems:
    problems: Problems = {}
    _check_subject(form, "email_subject", problems)
    for name, longest in (("email_message", EMAIL_LENGTH), ("sms_message", SMS_LENGTH)):
        text = form.verbatim(name)
        if text.strip() and not (CODE in text and USERNAME in text):
            problems[name] = "Write {username} and {####} where the user name and the temporary password should be."
        _check_length(text, name, problems, longest)
    return problems


def invitation(form: Form) -> dict[str, Any] | None:
    """InviteMessageTemplate; None where every text is the default one."""
    given = {
        "EmailSubject": form.text("email_subject"),
        "EmailMessage": form.verbatim("email_message").strip(),
        "SMSMessage": form.verbatim("sms_message").strip(),
    }
    return {name: value for name, value in given.items() if value} or None


def filled_invitation(pool: Mapping[str, Any]) -> Form:
    template = (pool.get("AdminCreateUserConfig") or {}).get("InviteMessageTemplate") or {}
    return of(
        email_subject=template.get("EmailSubject") or "",
        email_message=template.get("EmailMessage") or "",
        sms_message=template.get("SMSMessage") or "",
    )


def check_authentication(form: Form) -> Problems:
    problems: Problems = {}
    _check_message(form, "mfa_sms_message", problems, SMS_LENGTH)
    _check_message(form, "mfa_email_message", problems, EMAIL_LENGTH)
    _check_subject(form, "mfa_email_subject", problems)
    return problems


def filled_authentication(pool: Mapping[str, Any], mfa: Mapping[str, Any]) -> Form:
    email = mfa.get("EmailMfaConfiguration") or {}
    return of(
        mfa_sms_message=sms_authentication(pool, mfa) or "",
        mfa_email_subject=email.get("Subject") or "",
        mfa_email_message=email.get("Message") or "",
    )


def sms_authentication(pool: Mapping[str, Any], mfa: Mapping[str, Any]) -> str | None:
    """The pool's text for codes by SMS; two documents have it."""
    of_mfa = (mfa.get("SmsMfaConfiguration") or {}).get("SmsAuthenticationMessage")
    return of_mfa or pool.get("SmsAuthenticationMessage")


def email_authentication(form: Form) -> dict[str, str]:
    """EmailMfaConfiguration."""
    given = {"Subject": form.text("mfa_email_subject"), "Message": form.verbatim("mfa_email_message").strip()}
    return {name: value for name, value in given.items() if value}


def _check_message(form: Form, name: str, problems: Problems, longest: int) -> None:
    text = form.verbatim(name)
    if text.strip() and CODE not in text:
        problems[name] = "Write {####} where the code should be."
    _check_length(text, name, problems, longest)


def _check_length(text: str, name: str, problems: Problems, longest: int) -> None:
    if len(text.strip()) > longest:
        problems[name] = f"Use at most {longest} characters."


def _check_subject(form: Form, name: str, problems: Problems) -> None:
    if len(form.text(name)) > SUBJECT_LENGTH:
        problems[name] = f"Use at most {SUBJECT_LENGTH} characters."
