"""What the providers of a document must satisfy, each and together."""

import msgspec

from poolhouse.house.provider import Kind, Provider, Providers, is_provider_id, title
from poolhouse.house.rp import client_form, form


def check_providers(providers: Providers) -> dict[str, str]:
    """What is wrong, by path of the setting."""
    errors: dict[str, str] = {}
    for number, provider in enumerate(providers):
        path = f"providers.{provider.id}"
        if not is_provider_id(provider.id):
            errors[path] = "An id begins with a small letter and has small letters, digits and hyphens, 32 at most."
        errors |= {f"{path}.{name}": text for name, text in _check_one(provider).items()}
        for other in providers[:number]:
            if other.settings.issuer == provider.settings.issuer:
                errors[f"{path}.settings.issuer"] = f"{title(other)} has this issuer already."
            shared = set(other.domains) & set(provider.domains)
            if shared:
                errors[f"{path}.domains"] = f"{min(shared)} belongs to {title(other)} already."
    return errors


def _check_one(provider: Provider) -> dict[str, str]:
    secret = provider.settings.client_secret.reveal()
    if provider.kind is Kind.OIDC:
        entered = msgspec.structs.replace(form.shown(provider.settings), client_secret=secret)
        return {f"settings.{name}": text for name, text in form.check_form(entered, has_saved_secret=False).items()}
    shown = msgspec.structs.replace(client_form.shown(provider), client_secret=secret)
    found = client_form.check_form(shown, provider.kind, has_saved_secret=False)
    places = {"hosted_domain": "options.hosted_domain", "base": "settings.issuer"}
    return {places.get(name, f"settings.{name}"): text for name, text in found.items()}
