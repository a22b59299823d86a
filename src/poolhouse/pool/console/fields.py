"""What the templates of fields offer to choose from."""

from typing import Any

from poolhouse.pool.console.choices import ATTRIBUTE_TYPES, ATTRIBUTES, GRANTS, SCOPES, TIME_UNITS, regions
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.form import Form
from poolhouse.pool.console.settings import (
    choice,
    client,
    dcr,
    devices,
    domain,
    email,
    messages,
    mfa,
    pairs,
    passkeys,
    password,
    recovery,
    schema,
    sign_up,
    triggers,
    validity,
)
from poolhouse.pool.model.config import ServerConfig


def choices_for(visit: Visit, form: Form) -> dict[str, Any]:
    """The lists for a page with *form* on it."""
    config = visit.flow.config
    begin, end = domain_affixes(config)
    return {
        "requirements": [(value, label) for value, _, label in password.REQUIREMENTS],
        "first_factors": choice.ADDITIONAL,
        "verifications": passkeys.VERIFICATIONS,
        "passkey_factors": passkeys.FACTORS,
        "mfa_modes": mfa.MODES,
        "mfa_methods": mfa.METHODS,
        "recovery_methods": recovery.METHODS,
        "device_choices": devices.CHOICES,
        "verified": sign_up.VERIFIED,
        "kept": sign_up.KEPT,
        "attributes": ATTRIBUTES,
        "attribute_types": ATTRIBUTE_TYPES,
        "custom_rows": schema.rows(form),
        "blank_attribute": schema.BLANK,
        "email_providers": email.PROVIDERS,
        "region_pairs": [(code, f"{name} ({code})") for code, name in regions(config.region).items()],
        "app_types": client.TYPES,
        "secrets": client.SECRETS,
        "flow_choices": client.flow_choices(form),
        "tokens": [(field, label) for field, label, *_ in validity.TOKENS],
        "time_units": TIME_UNITS,
        "grants": GRANTS,
        "scopes": SCOPES,
        "dcr_choices": dcr.CHOICES,
        "domain_types": domain.TYPES,
        "domain_prefix": begin,
        "domain_suffix": end,
        "tag_rows": pairs.rows(form, *pairs.TAG_FIELDS),
        "scope_rows": pairs.rows(form, "scope_name", "scope_description"),
        "defaults": messages.DEFAULTS,
        "trigger_rows": [
            (triggers.field(member), label, member == triggers.TOKENS) for member, label in triggers.EDITED
        ],
        "trigger_versions": triggers.VERSIONS,
    }


def domain_affixes(config: ServerConfig) -> tuple[str, str]:
    """What stands before and after a prefix in the address of a domain."""
    begin, _, end = config.domain_url("\0", custom=False).partition("\0")
    return begin, end
