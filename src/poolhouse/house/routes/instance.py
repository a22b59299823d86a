"""Admin Settings of the instance itself."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import settings
from poolhouse.house.routes.row import Later

SIGNED_IN, ADMINISTRATOR, AUDIT = Access.SIGNED_IN, Access.ADMINISTRATOR, Access.AUDIT

ROUTES = (
    Row("GET", "/settings", SIGNED_IN, settings.index),
    Row("GET", "/settings/general", ADMINISTRATOR, Later("settings", "show")),
    Row("POST", "/settings/general", ADMINISTRATOR, Later("settings", "save")),
    Row("GET", "/settings/version", ADMINISTRATOR, Later("version", "show")),
    Row("GET", "/settings/version/state", ADMINISTRATOR, Later("version", "state")),
    Row("GET", "/settings/history", ADMINISTRATOR, Later("settings_history", "show_all")),
    Row("GET", "/settings/history/{version}", ADMINISTRATOR, Later("settings_history", "show")),
    Row("POST", "/settings/history/{version}/restore", ADMINISTRATOR, Later("settings_history", "restore")),
    Row("GET", "/settings/audit-log", AUDIT, Later("audit_log", "show")),
    Row("POST", "/settings/audit-log/keep", ADMINISTRATOR, Later("audit_log", "keep")),
    Row("GET", "/settings/audit-log/export", AUDIT, Later("audit_export", "show")),
)
