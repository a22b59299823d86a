"""Dynamic client registration of a pool."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.choices import GRANTS, labels
from poolhouse.pool.console.form import Form, Problems, of

CHOICES: Final = tuple(pair for pair in GRANTS if pair[0] != "implicit")
_SYSTEM: Final = frozenset({"openid", "email", "phone", "profile"})


def check(form: Form) -> Problems:
    if (
        form.has("dcr")
        and not form.every("dcr_grants")
        and not (form.has("dcr_open") and form.every("dcr_open_grants"))
    ):
        return {"dcr_grants": "Choose a grant type, or turn registration off: without one nothing can be registered."}
    return {}


def configuration(form: Form) -> dict[str, Any]:
    if not form.has("dcr"):
        return {"EnableStatus": "Disabled"}
    return {
        "EnableStatus": "Enabled",
        "OpenDcrEnabled": form.has("dcr_open"),
        "AuthenticatedGrantTypes": list(form.every("dcr_grants")),
        "OpenDcrGrantTypes": list(form.every("dcr_open_grants")),
        "AllowedScopes": list(form.every("dcr_scopes")),
    }


def filled(pool: Mapping[str, Any]) -> Form:
    config = pool.get("DcrConfiguration") or {}
    return of(
        dcr=bool(config) and config.get("EnableStatus") != "Disabled",
        dcr_open=bool(config.get("OpenDcrEnabled")),
        dcr_grants=config.get("AuthenticatedGrantTypes", ["code", "client_credentials"]),
        dcr_open_grants=config.get("OpenDcrGrantTypes", ["code"]),
        dcr_scopes=[scope for scope in config.get("AllowedScopes") or [] if scope not in _SYSTEM],
    )


def in_words(form: Form) -> list[tuple[str, str]]:
    if not form.has("dcr"):
        return [("Dynamic client registration", "Disabled")]
    grants, open_grants = list(form.every("dcr_grants")), list(form.every("dcr_open_grants"))
    is_open = form.has("dcr_open")
    return [
        ("Dynamic client registration", "Enabled"),
        ("Open registration", "Enabled: anybody can register an app" if is_open else "Disabled"),
        ("Grant types with a token", labels(GRANTS, grants) or "None"),
        ("Grant types without a token", labels(GRANTS, open_grants) or "None" if is_open else ""),
        ("Scopes besides those of OpenID Connect", ", ".join(form.every("dcr_scopes")) or "None"),
    ]
