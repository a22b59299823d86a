"""What the providers of a document must satisfy, each and together."""

import msgspec

from poolhouse.house.provider import Kind, Provider, Providers, is_provider_id, title
from poolhouse.house.rp import client_form, form, options_form
from poolhouse.house.rp.options_form import domain_key


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


def _check_options(provider: Provider) -> dict[str, str]:
    """As the page checks them; what it would write otherwise is to be written so."""
    max_age = provider.options.max_age
    if max_age is not None and (max_age < 60 or max_age % 60):
        return {"options.max_age": "Give whole minutes, as a number of seconds."}
    if any(domain_key(domain) != domain for domain in provider.domains):
        return {"domains": "Write domains in small letters and ASCII, such as example.com."}
    found = options_form.settle(options_form.shown(provider), provider)[1]
    return {name if name in {"label", "domains"} else f"options.{name}": text for name, text in found.items()}


def _check_one(provider: Provider) -> dict[str, str]:
    errors = _check_options(provider)
    secret = provider.settings.client_secret.reveal()
    if provider.kind is Kind.OIDC:
        entered = msgspec.structs.replace(form.shown(provider.settings), client_secret=secret)
        return errors | {
            f"settings.{name}": text for name, text in form.check_form(entered, has_saved_secret=False).items()
        }
    shown = msgspec.structs.replace(client_form.shown(provider), client_secret=secret)
    found = client_form.check_form(shown, provider.kind, has_saved_secret=False)
    places = {"hosted_domain": "options.hosted_domain", "base": "settings.issuer"}
    return errors | {places.get(name, f"settings.{name}"): text for name, text in found.items()}
