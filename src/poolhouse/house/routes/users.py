"""Admin Settings > Users, and what belongs to them."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import users

PUBLIC, SIGNED_IN, ADMINISTRATOR = Access.PUBLIC, Access.SIGNED_IN, Access.ADMINISTRATOR

ROUTES = (
    Row("GET", "/settings/users", ADMINISTRATOR, users.show_all),
    Row("GET", "/settings/users/{id}", ADMINISTRATOR, users.show),
    Row("POST", "/settings/users/{id}/disable", ADMINISTRATOR, users.disable),
    Row("POST", "/settings/users/{id}/enable", ADMINISTRATOR, users.enable),
    Row("POST", "/settings/users/{id}/make-administrator", ADMINISTRATOR, users.make_administrator),
    Row("POST", "/settings/users/{id}/remove-administrator", ADMINISTRATOR, users.remove_administrator),
    Row("POST", "/settings/users/{id}/end-sessions", ADMINISTRATOR, users.end_sessions),
    Row("POST", "/settings/users/{id}/delete", ADMINISTRATOR, users.delete),
)
