"""Admin Settings of the instance itself."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import audit_export, audit_log, settings

PUBLIC, SIGNED_IN, ADMINISTRATOR = Access.PUBLIC, Access.SIGNED_IN, Access.ADMINISTRATOR

ROUTES = (
    Row("GET", "/settings", ADMINISTRATOR, settings.index),
    Row("GET", "/settings/general", ADMINISTRATOR, settings.show),
    Row("POST", "/settings/general", ADMINISTRATOR, settings.save),
    Row("GET", "/settings/audit-log", ADMINISTRATOR, audit_log.show),
    Row("POST", "/settings/audit-log/keep", ADMINISTRATOR, audit_log.keep),
    Row("GET", "/settings/audit-log/export", ADMINISTRATOR, audit_export.show),
)
