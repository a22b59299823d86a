"""Admin Settings of the instance itself."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import audit_export, audit_log, settings, settings_history, version

SIGNED_IN, ADMINISTRATOR, AUDIT = Access.SIGNED_IN, Access.ADMINISTRATOR, Access.AUDIT

ROUTES = (
    Row("GET", "/settings", SIGNED_IN, settings.index),
    Row("GET", "/settings/general", ADMINISTRATOR, settings.show),
    Row("POST", "/settings/general", ADMINISTRATOR, settings.save),
    Row("GET", "/settings/version", ADMINISTRATOR, version.show),
    Row("GET", "/settings/version/state", ADMINISTRATOR, version.state),
    Row("GET", "/settings/history", ADMINISTRATOR, settings_history.show_all),
    Row("GET", "/settings/history/{version}", ADMINISTRATOR, settings_history.show),
    Row("POST", "/settings/history/{version}/restore", ADMINISTRATOR, settings_history.restore),
    Row("GET", "/settings/audit-log", AUDIT, audit_log.show),
    Row("POST", "/settings/audit-log/keep", ADMINISTRATOR, audit_log.keep),
    Row("GET", "/settings/audit-log/export", AUDIT, audit_export.show),
)
