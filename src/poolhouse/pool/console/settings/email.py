"""How e-mail is sent (EmailConfiguration)."""

import re
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.settings.checks import check_arn, check_choice, check_mail

PROVIDERS: Final = (
    ("ses", "Send email with Amazon SES", "From an address of your own, for production."),
    ("cognito", "Send email with Cognito", "From the address of this server, to begin with."),
)
FIELDS: Final = (
    "provider", "ses_region", "from_address", "from_name", "reply_to", "configuration_set", "source_arn",
)  # fmt: skip
_PLAIN: Final = re.compile(r"[\w .'+-]*")
_SET: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ARN: Final = re.compile(r"arn:[^:]*:ses:(?P<region>[^:]*):[0-9]*:.*")


def check(form: Form) -> Problems:
    problems: Problems = {}
    check_choice(form, "provider", problems, ("ses", "cognito"))
    is_ses = form.text("provider") == "ses"
    check_mail(form, "from_address", problems, required=is_ses and not form.text("source_arn"))
    check_mail(form, "reply_to", problems)
    if form.text("from_name") and not form.text("from_address"):
        problems.setdefault("from_address", "A sender name needs an address.")
    if not form.text("from_name").isprintable() or set(form.text("from_name")) & set("<>"):
        problems["from_name"] = "A name has no < or >, and no line breaks."
    if is_ses:
        check_arn(form, "source_arn", problems, required=False)
        if form.text("configuration_set") and not _SET.fullmatch(form.text("configuration_set")):
            problems["configuration_set"] = "Use letters, digits, - and _ only, at most 64 of them."
    return problems


def configuration(form: Form, account: str) -> dict[str, Any]:
    """EmailConfiguration; the identity in SES is that of the address unless an ARN names another."""
    sender = mailbox(form.text("from_name"), form.text("from_address"))
    common = {"From": sender, "ReplyToEmailAddress": form.text("reply_to")}
    if form.text("provider") == "ses":
        own = f"arn:aws:ses:{form.text('ses_region')}:{account}:identity/{form.text('from_address')}"
        particular = {
            "EmailSendingAccount": "DEVELOPER",
            "SourceArn": form.text("source_arn") or own,
            "ConfigurationSet": form.text("configuration_set"),
        }
    else:
        particular = {"EmailSendingAccount": "COGNITO_DEFAULT"}
    return {name: value for name, value in {**particular, **common}.items() if value}


def mailbox(name: str, address: str) -> str:
    """``Name <address>`` as a From header has it (RFC 5322 section 3.4)."""
    if not name:
        return address
    shown = name if _PLAIN.fullmatch(name) and "." not in name else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{shown} <{address}>"


def filled(pool: Mapping[str, Any], region: str) -> Form:
    config = pool.get("EmailConfiguration") or {}
    name, address = parseaddr(config.get("From") or "")
    arn = config.get("SourceArn") or ""
    found = _ARN.fullmatch(arn)
    return of(
        provider="ses" if config.get("EmailSendingAccount") == "DEVELOPER" else "cognito",
        ses_region=found["region"] if found else region,
        from_address=address,
        from_name=name,
        reply_to=config.get("ReplyToEmailAddress") or "",
        configuration_set=config.get("ConfigurationSet") or "",
        source_arn=arn,
    )


def in_words(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    is_ses = config.get("EmailSendingAccount") == "DEVELOPER"
    facts = [
        ("Email provider", PROVIDERS[0][1] if is_ses else PROVIDERS[1][1]),
        ("FROM", config.get("From") or ("" if is_ses else "The address of this server")),
        ("REPLY-TO email address", config.get("ReplyToEmailAddress") or ""),
    ]
    if is_ses:
        facts += [
            ("SES identity", config.get("SourceArn") or ""),
            ("Configuration set", config.get("ConfigurationSet") or ""),
        ]
    return facts
