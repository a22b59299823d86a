"""How a provider is shown and asked, as the administrator types it: read, checked, each complaint beside its field."""

import re
from collections.abc import Mapping

import msgspec

from poolhouse.house.provider import Kind, Options, Provider
from poolhouse.house.rp.person import email_key

LABEL_LIMIT = 60
DOMAINS_LIMIT = 100
PARAMETERS_LIMIT = 20
VALUE_LIMIT = 512
MAX_AGE_MINUTES = range(1, 525_601)
PROMPTS = (
    ("", "As the provider decides"),
    ("login", "Ask for the sign-in every time"),
    ("select_account", "Let people choose the account"),
    ("consent", "Ask for consent every time"),
)
_LABEL_NAMES = ("label", "domains", "prompt", "max_age", "parameters")

PARAMETERS = frozenset(
    {
        "access_type",
        "acr_values",
        "audience",
        "claims_locales",
        "connection",
        "display",
        "domain_hint",
        "identity_provider",
        "idp",
        "idp_identifier",
        "include_granted_scopes",
        "kc_idp_hint",
        "lang",
        "locale",
        "organization",
        "resource",
        "screen_hint",
        "ui_locales",
    }
)
"""What may be added to a request: how the provider's pages look, and which of its ways they lead to."""

RESERVED = frozenset(
    {
        "claims",
        "client_id",
        "client_secret",
        "code_challenge",
        "code_challenge_method",
        "dpop_jkt",
        "hd",
        "id_token_hint",
        "login",
        "login_hint",
        "max_age",
        "nonce",
        "prompt",
        "redirect_uri",
        "registration",
        "request",
        "request_uri",
        "response_mode",
        "response_type",
        "scope",
        "state",
    }
)
"""What the house itself says, each time anew."""

_LINE = re.compile(r"([A-Za-z0-9_.\-]{1,64})\s*=\s*(\S.*)")
Errors = dict[str, str]


class OptionsForm(msgspec.Struct, frozen=True, kw_only=True):
    """The entries as typed."""

    label: str = ""
    domains: str = ""
    prompt: str = ""
    max_age: str = ""
    parameters: str = ""
    is_form_post: bool = False
    is_renewed: bool = False
    keeps_missing: bool = False


def read_form(form: Mapping[str, str]) -> OptionsForm:
    """The entries; a box that is not ticked is not sent."""
    texts = {name: form.get(name, "").strip() for name in _LABEL_NAMES}
    return OptionsForm(
        **texts,
        is_form_post="is_form_post" in form,
        is_renewed="is_renewed" in form,
        keeps_missing="keeps_missing" in form,
    )


def shown(provider: Provider) -> OptionsForm:
    """The form of what is saved."""
    options = provider.options
    return OptionsForm(
        label=provider.label,
        domains="\n".join(provider.domains),
        prompt=options.prompt,
        max_age=str(options.max_age // 60) if options.max_age is not None else "",
        parameters="\n".join(f"{name}={value}" for name, value in options.parameters),
        is_form_post=options.is_form_post,
        is_renewed=options.is_renewed,
        keeps_missing=options.keeps_missing,
    )


def settle(entered: OptionsForm, provider: Provider) -> tuple[Provider, Errors]:
    """*provider* with the entries; when something is wrong with them, as it was."""
    errors: Errors = {}
    if not 0 < len(entered.label) <= LABEL_LIMIT or not entered.label.isprintable():
        errors["label"] = f"Give the button a text of 1 to {LABEL_LIMIT} characters."
    if entered.prompt not in dict(PROMPTS):
        errors["prompt"] = "Choose one of the list."
    domains, wrong = _read_domains(entered.domains)
    if wrong:
        errors["domains"] = wrong
    parameters, wrong = _read_parameters(entered.parameters)
    if wrong:
        errors["parameters"] = wrong
    minutes, wrong = _read_minutes(entered.max_age)
    if wrong:
        errors["max_age"] = wrong
    if provider.kind is Kind.GITHUB:
        errors |= _check_github(entered)
    if errors:
        return provider, errors
    options = Options(
        is_form_post=entered.is_form_post,
        prompt=entered.prompt,
        max_age=minutes * 60 if minutes is not None else None,
        parameters=parameters,
        hosted_domain=provider.options.hosted_domain,
        is_renewed=entered.is_renewed,
        keeps_missing=entered.keeps_missing,
    )
    return msgspec.structs.replace(provider, label=entered.label, domains=domains, options=options), {}


def _check_github(entered: OptionsForm) -> Errors:
    """What OAuth without OpenID Connect has no word for."""
    errors: Errors = {}
    if entered.prompt not in {"", "select_account"}:
        errors["prompt"] = "GitHub can only let people choose the account."
    if entered.max_age:
        errors["max_age"] = "GitHub does not say when somebody signed in."
    if entered.is_form_post or entered.is_renewed or entered.keeps_missing:
        errors["parameters"] = "GitHub neither answers by form nor tells of changes."
    return errors


def domain_key(domain: str) -> str:
    """The one spelling of a domain; ``""`` for what is none."""
    key = email_key(f"a@{domain.removeprefix('@')}").removeprefix("a@")
    return key if "." in key and not re.search(r"[^a-z0-9.\-]|\.\.|(^|\.)-|-(\.|$)", key) else ""


def _read_domains(typed: str) -> tuple[tuple[str, ...], str]:
    found: dict[str, None] = {}
    for word in re.split(r"[\s,;]+", typed):
        if not word:
            continue
        key = domain_key(word)
        if not key:
            return (), "One of these is no domain. Write the part after the @, such as example.com, one a line."
        found[key] = None
    if len(found) > DOMAINS_LIMIT:
        return (), f"{DOMAINS_LIMIT} domains at most."
    return tuple(found), ""


def _read_parameters(typed: str) -> tuple[tuple[tuple[str, str], ...], str]:
    found: dict[str, str] = {}
    for line in typed.splitlines():
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or len(match[2]) > VALUE_LIMIT or not match[2].isprintable():
            return (), "Write one parameter a line: its name, an equals sign, and its value."
        name = match[1]
        if name in RESERVED:
            return (), f"{name} is the house's own, and cannot be set here."
        if name not in PARAMETERS:
            return (), f"{name} is none of the parameters that can be added: {', '.join(sorted(PARAMETERS))}."
        if name in found:
            return (), f"{name} stands here twice."
        found[name] = match[2]
    if len(found) > PARAMETERS_LIMIT:
        return (), f"{PARAMETERS_LIMIT} parameters at most."
    return tuple(found.items()), ""


def _read_minutes(typed: str) -> tuple[int | None, str]:
    if not typed:
        return None, ""
    if typed.isascii() and typed.isdecimal() and len(typed) < 8 and int(typed) in MAX_AGE_MINUTES:
        return int(typed), ""
    return None, f"Give a number of minutes from {MAX_AGE_MINUTES[0]} to {MAX_AGE_MINUTES[-1]}, or nothing."
