"""Admin Settings of the instance itself."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import audit_export, audit_log, settings

SIGNED_IN, ADMINISTRATOR, AUDIT = Access.SIGNED_IN, Access.ADMINISTRATOR, Access.AUDIT

ROUTES = (
    Row("GET", "/settings", SIGNED_IN, settings.index),
    Row("GET", "/settings/general", ADMINISTRATOR, settings.show),
    Row("POST", "/settings/general", ADMINISTRATOR, settings.save),
    Row("GET", "/settings/audit-log", AUDIT, audit_log.show),
    Row("POST", "/settings/audit-log/keep", ADMINISTRATOR, audit_log.keep),
    Row("GET", "/settings/audit-log/export", AUDIT, audit_export.show),
)
