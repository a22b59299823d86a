"""What the administrator types for Google and for GitHub: a client, and what is particular to each."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from poolhouse.house.provider import Kind, Provider
from poolhouse.house.rp import failures
from poolhouse.house.rp.form import BLANKS, VALUE_LIMIT, VISIBLE
from poolhouse.house.rp.options_form import domain_key
from poolhouse.kit.urls import check_endpoint

NAMES: Mapping[Kind, str] = MappingProxyType({Kind.GOOGLE: "Google", Kind.GITHUB: "GitHub"})
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "client_id": failures.CLIENT_ID,
        "client_secret": failures.CLIENT_SECRET,
        "hosted_domain": "Organisation",
        "base": "GitHub address",
    }
)
_FIELDS = MappingProxyType(
    {Kind.GOOGLE: ("client_id", "client_secret", "hosted_domain"), Kind.GITHUB: ("client_id", "client_secret", "base")}
)
Errors = dict[str, str]


class ClientForm(msgspec.Struct, frozen=True, kw_only=True):
    """The entries as typed, blanks around them taken off."""

    client_id: str = ""
    client_secret: str = ""
    hosted_domain: str = ""
    base: str = ""


def read_form(form: Mapping[str, str]) -> ClientForm:
    """The entries."""
    return ClientForm(**{name: form.get(name, "").strip(BLANKS) for name in LABELS})


def shown(provider: Provider) -> ClientForm:
    """The form of what is saved; the secret stays here."""
    return ClientForm(
        client_id=provider.settings.client_id,
        hosted_domain=provider.options.hosted_domain,
        base=provider.settings.issuer,
    )


def check_form(entered: ClientForm, kind: Kind, *, has_saved_secret: bool) -> Errors:
    """What is wrong, by field name; nothing when it can be saved."""
    errors: Errors = {}
    for name in ("client_id", "client_secret"):
        value = getattr(entered, name)
        if not value and not (name == "client_secret" and has_saved_secret):
            errors[name] = f"{LABELS[name]} is required."
        elif len(value) > VALUE_LIMIT or (value and not VISIBLE.fullmatch(value)):
            errors[name] = f"{LABELS[name]} holds something that no provider issues; paste it again."
    domain = entered.hosted_domain.lower() if kind is Kind.GOOGLE else ""
    if domain != domain_key(domain):
        errors["hosted_domain"] = "Organisation is the domain of its accounts, such as example.com."
    if kind is Kind.GITHUB and entered.base:
        wrong = check_endpoint(entered.base)
        if wrong is None and "?" in entered.base:
            wrong = "must not have a query (the part after ?)."
        if wrong:
            errors["base"] = f"GitHub address {wrong}"
    return errors


def describe(kind: Kind, entered: ClientForm, before: Provider | None) -> str:
    """Labels and new values of what has changed; of a secret only that it did."""
    old = shown(before) if before is not None else ClientForm()
    changes = []
    for name in _FIELDS[kind]:
        new = getattr(entered, name)
        if name == "client_secret":
            if new:
                changes.append(f"{LABELS[name]}: \N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET}")
        elif getattr(old, name) != new:
            changes.append(f"{LABELS[name]}: {new}")
    return "; ".join(changes) or "nothing changed"
