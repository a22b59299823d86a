"""Apps: opening one, and Admin Settings > Apps."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import apps, open_app

PUBLIC, SIGNED_IN, APPS = Access.PUBLIC, Access.SIGNED_IN, Access.APPS

ROUTES = (
    Row("GET", "/user/open/{id}", SIGNED_IN, open_app.show),
    Row("GET", "/.well-known/jwks.json", PUBLIC, open_app.keys),
    Row("GET", "/settings/apps", APPS, apps.show_all),
    Row("GET", "/settings/apps/new", APPS, apps.show_new),
    Row("POST", "/settings/apps/new", APPS, apps.add),
    Row("GET", "/settings/apps/{id}", APPS, apps.show),
    Row("POST", "/settings/apps/{id}", APPS, apps.change),
    Row("POST", "/settings/apps/{id}/remove", APPS, apps.remove),
)
