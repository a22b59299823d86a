"""Sections of the live settings that are one page each."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import mail, sessions

ADMINISTRATOR = Access.ADMINISTRATOR

ROUTES = (
    Row("GET", "/settings/email", ADMINISTRATOR, mail.show),
    Row("POST", "/settings/email", ADMINISTRATOR, mail.save),
    Row("POST", "/settings/email/test", ADMINISTRATOR, mail.send_test),
    Row("GET", "/settings/sessions", ADMINISTRATOR, sessions.show),
    Row("POST", "/settings/sessions", ADMINISTRATOR, sessions.save),
)
