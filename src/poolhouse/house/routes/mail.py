"""Admin Settings > Email."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import mail

ROUTES = (
    Row("GET", "/settings/email", Access.ADMINISTRATOR, mail.show),
    Row("POST", "/settings/email", Access.ADMINISTRATOR, mail.save),
    Row("POST", "/settings/email/test", Access.ADMINISTRATOR, mail.send_test),
)
