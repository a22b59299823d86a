"""The draft in words, step by step: what the review shows."""

from collections.abc import Callable, Mapping
from typing import Final

from poolhouse.pool.console.choices import GRANTS, SCOPES, labels
from poolhouse.pool.console.form import Form
from poolhouse.pool.console.settings import client, email, mfa, pairs, password, recovery, schema, sign_in, sms
from poolhouse.pool.console.settings import sign_up as sign_up_settings
from poolhouse.pool.console.wizard import plan

Facts = list[tuple[str, str]]
FIXED: Final = " (fixed)"


def facts(slug: str, form: Form, account: str) -> Facts:
    """What was chosen in a step."""
    return _BY_STEP[slug](form, account)


def _sign_in(form: Form, _account: str) -> Facts:
    body = sign_in.body(form)
    case = "Case sensitive" if sign_in.is_case_sensitive(body) else "Not case sensitive"
    return [
        (f"Cognito user pool sign-in options{FIXED}", ", ".join(sign_in.in_words(body))),
        (f"User name requirements{FIXED}", case),
    ]


def _security(form: Form, _account: str) -> Facts:
    return [*password.in_words(password.policy(form)), *mfa.in_words(form), *recovery.in_words(form)]


def _sign_up(form: Form, _account: str) -> Facts:
    required = [each["Name"] for each in schema.schema(form) if each.get("Required")]
    return [
        ("Self-registration", "Enabled" if form.has("self_sign_up") else "Disabled"),
        *sign_up_settings.in_words(form),
        (f"Required attributes{FIXED}", ", ".join(required)),
        ("Custom attributes", ", ".join(f"custom:{row['name']} ({row['type']})" for row in schema.rows(form))),
    ]


def _delivery(form: Form, account: str) -> Facts:
    return [*email.in_words(email.configuration(form, account)), *sms.in_words(plan.sms(form))]


def _integration(form: Form, _account: str) -> Facts:
    secret = "Generated" if form.text("secret") == "generate" else "None"
    read_write = "Chosen one by one" if form.has("permissions", "custom") else "All standard attributes"
    return [
        ("User pool name", form.text("pool_name")),
        *_hosted(form),
        ("App type", client.type_in_words(form)),
        ("App client name", form.text("client_name")),
        (f"Client secret{FIXED}", secret),
        *client.in_words(form),
        ("Attribute read and write permissions", read_write),
        ("Tags", ", ".join(f"{key} = {value}" for key, value in pairs.tags(form).items())),
    ]


def _hosted(form: Form) -> Facts:
    if not form.has("hosted"):
        return [("Cognito Hosted UI", "Not used yet")]
    is_custom = form.text("domain_type") == "custom"
    name = form.text("host" if is_custom else "prefix")
    grants, scopes = form.every("grants"), form.every("scopes")
    return [
        ("Cognito Hosted UI", "Used"),
        ("Custom domain" if is_custom else "Cognito domain", name),
        ("Allowed callback URLs", ", ".join(form.every("callback_urls"))),
        ("Allowed sign-out URLs", ", ".join(form.every("logout_urls"))),
        ("OAuth 2.0 grant types", labels(GRANTS, list(grants))),
        ("OpenID Connect scopes", labels(SCOPES, list(scopes))),
    ]


_BY_STEP: Final[Mapping[str, Callable[[Form, str], Facts]]] = {
    "sign-in-experience": _sign_in,
    "security-requirements": _security,
    "sign-up-experience": _sign_up,
    "message-delivery": _delivery,
    "integrate-your-app": _integration,
}
