"""An app client: its name, whether it has a secret, and what it may do."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.choices import AUTH_FLOWS, labels
from poolhouse.pool.console.form import Form, Problems, merged, of
from poolhouse.pool.console.settings import validity
from poolhouse.pool.console.settings.checks import check_choice, check_name, check_number

TYPES: Final = (
    ("public", "Public client", "An app that runs at the user's: a browser or mobile app. It can keep no secret."),
    ("confidential", "Confidential client", "An app with a server, where a secret can be kept."),
    ("other", "Other", "Choose the authentication flows yourself."),
)
SECRETS: Final = (
    ("generate", "Generate a client secret", "The app proves itself with it at the token endpoint."),
    ("none", "Don't generate a client secret", "For apps that cannot keep one."),
)
RECOMMENDED: Final[Mapping[str, tuple[str, ...]]] = {
    "public": ("ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"),
    "confidential": ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"),
}
FIELDS: Final = (
    "app_type", "client_name", "secret", "flows_mode", "flows", "session_minutes", "revocation", "prevent",
    *validity.FIELDS,
)  # fmt: skip


def new() -> Form:
    """What the service's console proposes."""
    first = of(
        app_type="public",
        secret="none",  # noqa: S106 (a choice, not a secret)
        flows_mode="recommended",
        flows=RECOMMENDED["public"],
        session_minutes=3,
        revocation=True,
        prevent=True,
    )
    return merged(first, validity.new())


def check(form: Form, *, is_new: bool) -> Problems:
    problems: Problems = {}
    check_name(form, "client_name", problems, what="the app client")
    if is_new:
        check_choice(form, "app_type", problems, tuple(value for value, *_ in TYPES))
        check_choice(form, "secret", problems, tuple(value for value, *_ in SECRETS))
        if form.text("app_type") == "other" and form.text("flows_mode") != "custom":
            problems["flows_mode"] = "For an app of the type Other, choose the flows."
    check_number(form, "session_minutes", problems, 3, 15)
    if not flows(form):
        problems["flows"] = "Choose at least one flow."
    return {**problems, **validity.check(form)}


def flows(form: Form) -> list[str]:
    """ExplicitAuthFlows: those of the app's type, or those that were ticked."""
    if form.text("flows_mode") == "recommended":
        return list(RECOMMENDED.get(form.text("app_type"), ()))
    return list(form.every("flows"))


def members(form: Form) -> dict[str, Any]:
    """What both creating and editing send."""
    return {
        "ClientName": form.text("client_name"),
        "ExplicitAuthFlows": flows(form),
        "AuthSessionValidity": form.number("session_minutes"),
        "EnableTokenRevocation": form.has("revocation"),
        "PreventUserExistenceErrors": "ENABLED" if form.has("prevent") else "LEGACY",
        **validity.members(form),
    }


def creation(form: Form) -> dict[str, Any]:
    return {**members(form), "GenerateSecret": form.text("secret") == "generate"}


def filled(client: Mapping[str, Any]) -> Form:
    """A client without a list of flows has three (AWS API: ExplicitAuthFlows)."""
    implied = ("ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
    first = of(
        client_name=client["ClientName"],
        flows_mode="custom",
        flows=client.get("ExplicitAuthFlows") or implied,
        session_minutes=client.get("AuthSessionValidity") or 3,
        revocation=client.get("EnableTokenRevocation") is not False,
        prevent=client.get("PreventUserExistenceErrors") == "ENABLED",
    )
    return merged(first, validity.filled(client))


def flow_choices(form: Form) -> list[tuple[str, str]]:
    """The flows on offer, and those by older names that the client has."""
    known = dict(AUTH_FLOWS)
    return [*AUTH_FLOWS, *((flow, "An older name of a flow") for flow in form.every("flows") if flow not in known)]


def in_words(form: Form) -> list[tuple[str, str]]:
    return [
        ("Authentication flows", ", ".join(_sorted(flows(form)))),
        ("Authentication flow session duration", f"{form.text('session_minutes')} minutes"),
        *validity.in_words(form),
        ("Token revocation", "Enabled" if form.has("revocation") else "Disabled"),
        ("Prevent user existence errors", "Enabled" if form.has("prevent") else "Disabled"),
    ]


def _sorted(values: list[str]) -> list[str]:
    order = [value for value, _ in AUTH_FLOWS]
    return sorted(values, key=lambda value: order.index(value) if value in order else len(order))


def type_in_words(form: Form) -> str:
    return labels(tuple((value, label) for value, label, _ in TYPES), [form.text("app_type")])
