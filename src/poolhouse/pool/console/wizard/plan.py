"""The draft as request bodies: pure."""

from typing import Any

import msgspec

from poolhouse.pool.console.choices import ATTRIBUTES
from poolhouse.pool.console.form import Form
from poolhouse.pool.console.settings import (
    client,
    domain,
    email,
    hosted_ui,
    mfa,
    pairs,
    password,
    permissions,
    recovery,
    schema,
    sign_in,
    sign_up,
)
from poolhouse.pool.console.settings import sms as sms_settings


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Bodies without the id of the pool, which is not there yet; None where the operation is not needed."""

    pool: dict[str, Any]
    client: dict[str, Any]
    domain: dict[str, Any] | None
    mfa: dict[str, Any] | None


def bodies(form: Form, account: str) -> Plan:
    """What the steps add up to; *account* is the account number of ARNs."""
    return Plan(
        pool=_given(_pool(form, account)),
        client=_given(_client(form)),
        domain=_domain(form, account),
        mfa=None if form.text("mfa") == "OFF" else mfa.body(form, {}),
    )


def _pool(form: Form, account: str) -> dict[str, Any]:
    """MFA is set by an operation of its own: CreateUserPool knows no factor but SMS."""
    return {
        "PoolName": form.text("pool_name"),
        "Policies": {"PasswordPolicy": password.policy(form)},
        **sign_in.body(form),
        **sign_up.verification(form),
        "AccountRecoverySetting": recovery.setting(form),
        "AdminCreateUserConfig": sign_up.registration(form, {}),
        "Schema": schema.schema(form) or None,
        "EmailConfiguration": email.configuration(form, account),
        "SmsConfiguration": sms(form),
        "UserPoolTags": pairs.tags(form) or None,
    }


def _client(form: Form) -> dict[str, Any]:
    oauth = hosted_ui.members(form) if form.has("hosted") else {}
    return {**client.creation(form), **permissions.members(form), **oauth}


def _domain(form: Form, account: str) -> dict[str, Any] | None:
    if not form.has("hosted"):
        return None
    return domain.host_body(form, account) if form.text("domain_type") == "custom" else domain.prefix_body(form)


def _given(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def sms(form: Form) -> dict[str, Any] | None:
    """SmsConfiguration; a role that was entered while text messages were still wanted does not count after."""
    return sms_settings.configuration(form) if shows_sms(form) else None


def needs_sms(form: Form) -> bool:
    """Whether CreateUserPool or SetUserPoolMfaConfig would refuse a pool without SMS settings."""
    return mfa.wants(form, "sms") or "phone_number" in sign_up.verified(form)


def shows_sms(form: Form) -> bool:
    """Whether any choice so far has to do with text messages."""
    return needs_sms(form) or form.has("options", "phone_number") or recovery.wants_sms(form)


def described(form: Form) -> dict[str, Any]:
    """The attributes of the pool to be, as DescribeUserPool would show them."""
    names = ["sub", *(name for name, _ in ATTRIBUTES), "email_verified", "phone_number_verified"]
    standard = [{"Name": name, "Required": form.has("required", name)} for name in names]
    own = [{"Name": f"custom:{row['name']}"} for row in schema.rows(form)]
    return {"SchemaAttributes": standard + own}
