"""What an app's entry must satisfy, whoever writes it: the pages, the command line, a file."""

import msgspec

from poolhouse.house.branding import picture_fault
from poolhouse.house.config import Origin
from poolhouse.house.gate import Gate
from poolhouse.house.gateway import cors, policy
from poolhouse.house.gateway.resource import BadResource, check, is_at_provider
from poolhouse.house.gateway.table import check_address, check_gate
from poolhouse.house.model import App
from poolhouse.house.provider import Kind, Providers, find_provider
from poolhouse.kit.urls import check_endpoint, split_url

NAME_LIMIT = 80
DESCRIPTION_LIMIT = 200


def check_app(app: App, origin: Origin) -> dict[str, str]:
    """What is wrong, by field name."""
    errors = _check_gate(app.gate, app.url, origin) if app.gate is not None else {}
    errors |= _check_tile(app)
    return errors


def _check_gate(gate: Gate, url: str, origin: Origin) -> dict[str, str]:
    errors = {"url": check_address(url, origin), "resource": check_resource(gate, url)}
    found = {field: wrong for field, wrong in errors.items() if wrong}
    return found | dict(filter(None, (check_gate(gate), cors.check(gate)))) | policy.faults(gate.policy)


def _check_tile(app: App) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not app.name or len(app.name) > NAME_LIMIT or not app.name.isprintable():
        errors["name"] = f"Name has 1 to {NAME_LIMIT} characters."
    # A link of our page: nothing but http(s), or it could run script (javascript:) in the house's own name.
    if split_url(app.url) is None:
        errors["url"] = "URL must be absolute and begin with https:// or http://."
    if len(app.description) > DESCRIPTION_LIMIT or not app.description.isprintable():
        errors["description"] = f"Description has at most {DESCRIPTION_LIMIT} characters, on one line."
    if len(app.letter) > 1 or not app.letter.isprintable():
        errors["letter"] = "Icon Letter is one character."
    if app.icon:
        fault = picture_fault(app.icon)
        if fault:
            errors["icon"] = fault
    return errors


def with_letter(app: App) -> App:
    """An app without a letter gets the first one of its name."""
    return app if app.letter else msgspec.structs.replace(app, letter=app.name[0].upper())


def check_resource(gate: Gate, url: str) -> str | None:
    """What is wrong with it, as a sentence."""
    try:
        check(gate, url)
    except BadResource as wrong:
        return f"{wrong}."
    if gate.resource is not None and gate.resource.introspection_url:
        wrong_url = check_endpoint(gate.resource.introspection_url)
        return f"Introspection URL {wrong_url}" if wrong_url else None
    return None


def check_provider(gate: Gate | None, providers: Providers) -> dict[str, str]:
    """An app cannot trust a provider that is not there, or that gives out no access tokens for others."""
    if gate is None or gate.resource is None:
        return {}
    found = find_provider(providers, gate.resource.provider)
    if found is None or not can_be_asked(found.kind):
        return {"resource_provider": "Choose one of the providers of Admin Settings > Authentication."}
    asked = gate.resource.introspection_url
    if asked and not is_at_provider(asked, found.settings):
        return {"resource": "Introspection URL must be at the provider: the house proves itself there with its secret."}
    return {}


def can_be_asked(kind: Kind) -> bool:
    return kind is not Kind.GITHUB
