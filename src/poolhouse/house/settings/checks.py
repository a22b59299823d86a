"""What a document must satisfy, section by section: the same for pages, command line and files."""

from collections.abc import Callable, Mapping

import msgspec

from poolhouse.house import branding, embedding, session_rules, token_rules
from poolhouse.house.mail import settings as mail
from poolhouse.house.model import Document
from poolhouse.house.tls import settings as tls

CLAIM_LIMIT = 100
_NO_IDS = frozenset(
    {
        "email",
        "phone_number",
        "preferred_username",
        "name",
        "nickname",
        "given_name",
        "family_name",
        "upn",
        "unique_name",
    }
)
"""Claims by which nobody is to be known (OIDC Core section 5.7; Entra ID says it of its own two)."""

Errors = Mapping[str, str]
Check = Callable[[Document], Errors]
NAME_LIMIT = 60
CONTACT_LIMIT = 200
_RANGES: Mapping[str, range] = {
    "form_login.free_attempts": range(1, 21),
    "form_login.longest_wait_minutes": range(1, 1441),
    "audit_log.days": range(36_501),
}


def _numbers(section: str) -> Check:
    def look(document: Document) -> Errors:
        errors = {}
        for path, allowed in _RANGES.items():
            above, _, name = path.partition(".")
            if above == section and getattr(getattr(document, section), name) not in allowed:
                errors[path] = f"Give a number from {allowed[0]} to {allowed[-1]}."
        return errors

    return look


def _name(document: Document) -> Errors:
    name = document.instance_name
    if name.strip() and name == name.strip() and len(name) <= NAME_LIMIT and name.isprintable():
        return {}
    return {"instance_name": f"Instance Name has 1 to {NAME_LIMIT} characters."}


def _mail(document: Document) -> Errors:
    return {f"mail.{name}": text for name, text in mail.check(document.mail).items()}


def _sessions(document: Document) -> Errors:
    return {f"sessions.{name}": text for name, text in session_rules.check(document.sessions).items()}


def _tokens(document: Document) -> Errors:
    return {f"tokens.{name}": text for name, text in token_rules.check(document.tokens).items()}


def _provisioning(document: Document) -> Errors:
    rules = document.provisioning
    errors = {}
    if rules.provider and all(each.id != rules.provider for each in document.providers):
        errors["provisioning.provider"] = "There is no such provider."
    if not rules.claim or not rules.claim.isprintable() or len(rules.claim) > CLAIM_LIMIT:
        errors["provisioning.claim"] = f"The name of a claim has 1 to {CLAIM_LIMIT} characters."
    elif rules.claim in _NO_IDS:
        errors["provisioning.claim"] = (
            "People change this claim themselves, or get it from others. Choose an id: sub, oid."
        )
    return errors


def _people(document: Document) -> Errors:
    # It knows sessions and pages' audit log, which what only reads settings does not need.
    from poolhouse.house.people_checks import check_people  # noqa: PLC0415

    wrong = check_people(document.people, [each.id for each in document.providers])
    return {f"people.{name}": text for name, text in wrong.items()}


def _providers(document: Document) -> Errors:
    # aiohttp and joserfc take half a second and 12 MB, which a program that only starts should not pay.
    from poolhouse.house.rp.provider_checks import check_providers  # noqa: PLC0415

    return check_providers(document.providers)


def _tls(document: Document) -> Errors:
    return {f"tls.{name}": text for name, text in tls.check(document.tls).items()}


def _contact(document: Document) -> Errors:
    if len(document.contact) <= CONTACT_LIMIT and document.contact.isprintable():
        return {}
    return {"contact": f"At most {CONTACT_LIMIT} characters, on one line."}


def _embedding(document: Document) -> Errors:
    return {f"embedding.{name}": text for name, text in embedding.check(document.embedding).items()}


def _branding(document: Document) -> Errors:
    return {f"branding.{name}": text for name, text in branding.check(document.branding).items()}


CHECKS: Mapping[str, Check] = {
    "contact": _contact,
    "embedding": _embedding,
    "branding": _branding,
    "instance_name": _name,
    "form_login": _numbers("form_login"),
    "providers": _providers,
    "tokens": _tokens,
    "mail": _mail,
    "people": _people,
    "audit_log": _numbers("audit_log"),
    "provisioning": _provisioning,
    "sessions": _sessions,
    "tls": _tls,
}
"""The check of each field of ``Document`` that has one; its errors are by path."""


def check(before: Document, after: Document) -> dict[str, str]:
    """What is wrong with the sections that differ: a section of long ago is not looked at again."""
    found: dict[str, str] = {}
    for name in msgspec.structs.asdict(after):
        if name in CHECKS and getattr(before, name) != getattr(after, name):
            found |= CHECKS[name](after)
    return found
