"""A domain of a pool: a prefix of the server's own, or a host."""

import re
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.settings.checks import check_arn

TYPES: Final = (
    ("cognito", "Use a Cognito domain", "A prefix: works at once."),
    ("custom", "Use a custom domain", "A host of your own that leads to this server."),
)
FIELDS: Final = ("domain_type", "prefix", "host", "certificate")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PREFIX: Final = re.compile(_LABEL)
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_RESERVED: Final = ("amazon", "aws", "cognito")


def check_prefix(form: Form) -> Problems:
    prefix = form.text("prefix")
    if not prefix:
        return {"prefix": "Enter a domain prefix."}
    if not _PREFIX.fullmatch(prefix):
        return {"prefix": "Use lowercase letters, digits and hyphens, at most 63 of them, no hyphen at either end."}
    word = next((each for each in _RESERVED if each in prefix), "")
    return {"prefix": f"A prefix may not contain {word}."} if word else {}


def prefix_body(form: Form) -> dict[str, Any]:
    return {"Domain": form.text("prefix")}


def check_host(form: Form) -> Problems:
    problems: Problems = {}
    host = form.text("host")
    if not host:
        problems["host"] = "Enter a domain."
    elif len(host) > 63 or not _HOST.fullmatch(host):
        problems["host"] = "Enter a host name in lowercase, such as auth.example.com, of at most 63 characters."
    check_arn(form, "certificate", problems, required=False)
    return problems


def host_body(form: Form, account: str) -> dict[str, Any]:
    """
    The model wants the ARN of a certificate.

    TLS ends in front of this server, so nothing is read from it: without one, an ARN of no certificate is kept.
    """
    none = f"arn:aws:acm:us-east-1:{account}:certificate/none"
    return {
        "Domain": form.text("host"),
        "CustomDomainConfig": {"CertificateArn": form.text("certificate") or none},
    }
