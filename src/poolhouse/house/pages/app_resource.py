"""The part of an app's form that says whose access tokens it takes."""

from collections.abc import Mapping

from poolhouse.house.config import Origin
from poolhouse.house.gate import Resource
from poolhouse.house.gateway.app_checks import can_be_asked
from poolhouse.house.gateway.resource import identifier, metadata_url
from poolhouse.house.gateway.table import entry_of
from poolhouse.house.model import App
from poolhouse.house.provider import Providers, title

_LISTS = ("audiences", "client_ids", "scopes", "scope_rules")
_FLAGS = ("demands_typ", "needs_account", "is_passed_on")


def read_resource(form: Mapping[str, str]) -> Resource | None:
    """As it was entered; None where no provider is chosen."""
    provider = form.get("resource_provider", "").strip()
    if not provider:
        return None
    lists = {name: _lines(form.get(f"resource_{name}", "")) for name in _LISTS}
    return Resource(
        provider=provider,
        audiences=lists["audiences"],
        client_ids=lists["client_ids"],
        scopes=lists["scopes"],
        scope_rules=lists["scope_rules"],
        demands_typ=form.get("resource_demands_typ") == "on",
        introspection_url=form.get("resource_introspection_url", "").strip(),
        needs_account=form.get("resource_needs_account") == "on",
        is_passed_on=form.get("resource_is_passed_on") == "on",
    )


def resource_fields(resource: Resource | None) -> dict[str, str]:
    """The form's fields; of the defaults where there is none."""
    shown = resource or Resource(provider="")
    return {
        "resource_provider": shown.provider,
        **{f"resource_{name}": "\n".join(getattr(shown, name)) for name in _LISTS},
        **{f"resource_{name}": "on" if getattr(shown, name) else "" for name in _FLAGS},
        "resource_introspection_url": shown.introspection_url,
    }


def provider_options(providers: Providers) -> list[tuple[str, str]]:
    """For the form's choice."""
    return [
        ("", "None: the house's own tokens only"),
        *((each.id, f"{title(each)}, {each.settings.issuer}") for each in providers if can_be_asked(each.kind)),
    ]


def addresses(app: App, origin: Origin) -> list[tuple[str, str]]:
    """What clients and the provider have to be told of a saved app."""
    if not app.id or app.gate is None or app.gate.resource is None:
        return []
    entry = entry_of(app, origin)
    return [("Resource", identifier(entry)), ("Metadata", metadata_url(entry))]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
