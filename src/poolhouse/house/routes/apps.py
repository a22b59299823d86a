"""Apps: opening one, and Admin Settings > Apps."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import apps, open_app

PUBLIC, SIGNED_IN, ADMINISTRATOR = Access.PUBLIC, Access.SIGNED_IN, Access.ADMINISTRATOR

ROUTES = (
    Row("GET", "/user/open/{id}", SIGNED_IN, open_app.show),
    Row("GET", "/.well-known/jwks.json", PUBLIC, open_app.keys),
    Row("GET", "/settings/apps", ADMINISTRATOR, apps.show_all),
    Row("GET", "/settings/apps/new", ADMINISTRATOR, apps.show_new),
    Row("POST", "/settings/apps/new", ADMINISTRATOR, apps.add),
    Row("GET", "/settings/apps/{id}", ADMINISTRATOR, apps.show),
    Row("POST", "/settings/apps/{id}", ADMINISTRATOR, apps.change),
    Row("POST", "/settings/apps/{id}/remove", ADMINISTRATOR, apps.remove),
)
