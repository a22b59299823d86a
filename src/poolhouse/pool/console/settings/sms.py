"""How text messages are sent (SmsConfiguration)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.settings.checks import check_arn

FIELDS: Final = ("sms_role", "sms_external_id", "sms_region")


def check(form: Form, *, required: bool) -> Problems:
    problems: Problems = {}
    check_arn(form, "sms_role", problems, required=required)
    if form.text("sms_external_id") and not form.text("sms_role"):
        problems.setdefault("sms_role", "An external ID is that of an IAM role: enter its ARN.")
    return problems


def configuration(form: Form) -> dict[str, Any] | None:
    """SmsConfiguration; None without a role, which leaves text messages unset."""
    if not form.text("sms_role"):
        return None
    given = {
        "SnsCallerArn": form.text("sms_role"),
        "ExternalId": form.text("sms_external_id"),
        "SnsRegion": form.text("sms_region"),
    }
    return {name: value for name, value in given.items() if value}


def filled(pool: Mapping[str, Any], region: str) -> Form:
    config = pool.get("SmsConfiguration") or {}
    return of(
        sms_role=config.get("SnsCallerArn") or "",
        sms_external_id=config.get("ExternalId") or "",
        sms_region=config.get("SnsRegion") or region,
    )


def in_words(config: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if not config:
        return []
    return [
        ("IAM role ARN", config.get("SnsCallerArn") or ""),
        ("External ID", config.get("ExternalId") or ""),
        ("SNS Region", config.get("SnsRegion") or ""),
    ]
