"""
Passkeys (WebAuthnConfiguration of SetUserPoolMfaConfig).

The operation replaces: the second factors are sent back as they are.
"""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.choices import label
from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.settings.checks import check_choice
from poolhouse.pool.core.settings.mfa import is_host
from poolhouse.pool.flows import relying_party
from poolhouse.pool.model.config import ServerConfig

VERIFICATIONS: Final = (
    ("preferred", "Preferred", "Devices are asked to check who uses a passkey; those that cannot are taken, too."),
    (
        "required",
        "Required",
        "Only a passkey that checks who uses it, by a PIN or a fingerprint, is registered or signs in.",
    ),
)
FACTORS: Final = (
    ("SINGLE_FACTOR", "Single factor", "Who needs a second factor cannot begin with a passkey."),
    (
        "MULTI_FACTOR_WITH_USER_VERIFICATION",
        "Multi-factor with user verification",
        "A passkey that checks who uses it counts as both factors, for users whose passkey MFA is on.",
    ),
)
_NO_DOMAIN: Final = (
    "That is not a domain name. Enter one in small letters, without https:// and without a port, like auth.example.com."
)
_FIELDS: Final = {
    # member: (field, what is so where it is missing)
    "RelyingPartyId": ("relying_party_id", ""),
    "UserVerification": ("user_verification", "preferred"),
    "FactorConfiguration": ("factor_configuration", "SINGLE_FACTOR"),
}


def check(form: Form) -> Problems:
    problems: Problems = {}
    if form.text("relying_party_id") and not is_host(form.text("relying_party_id")):
        problems["relying_party_id"] = _NO_DOMAIN
    check_choice(form, "user_verification", problems, tuple(value for value, _, _ in VERIFICATIONS))
    check_choice(form, "factor_configuration", problems, tuple(value for value, _, _ in FACTORS))
    return problems


def body(form: Form, current: Mapping[str, Any]) -> dict[str, Any]:
    """*current* is what GetUserPoolMfaConfig answers. A default that nobody has set stays unset."""
    former = current.get(_MEMBER) or {}
    wanted = {
        member: form.text(field)
        for member, (field, default) in _FIELDS.items()
        if form.text(field) and (member in former or form.text(field) != default)
    }
    others = {name: value for name, value in current.items() if name != _MEMBER}
    return {**others, _MEMBER: wanted} if wanted else others


def filled(current: Mapping[str, Any]) -> Form:
    former = current.get(_MEMBER) or {}
    return of(**{field: former.get(member) or default for member, (field, default) in _FIELDS.items()})


def in_words(form: Form, config: ServerConfig, pool: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        ("Relying party ID", form.text("relying_party_id") or _by_domain(config, pool)),
        ("User verification", label(_pairs(VERIFICATIONS), form.text("user_verification"))),
        ("Factor configuration", label(_pairs(FACTORS), form.text("factor_configuration"))),
    ]


def _by_domain(config: ServerConfig, pool: Mapping[str, Any]) -> str:
    custom = pool.get("CustomDomain")
    name = custom or pool.get("Domain")
    if not name:
        return "None: the user pool has no domain, so nobody can register a passkey"
    host = relying_party.of_url(config.domain_url(name, custom=custom is not None))
    return f"{host} (from the domain)" if host else "None: browsers bind no passkey to an IP address"


def _pairs(choices: tuple[tuple[str, str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((value, text) for value, text, _ in choices)


_MEMBER: Final = "WebAuthnConfiguration"
