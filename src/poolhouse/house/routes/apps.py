"""Apps: the portal of a person, and Admin Settings > Apps."""

from poolhouse.house.admission import PICTURE_FORM_LIMIT, Access, Row
from poolhouse.house.pages import home, open_app, why
from poolhouse.house.routes.row import Later

PUBLIC, SIGNED_IN, APPS, EITHER = Access.PUBLIC, Access.SIGNED_IN, Access.APPS, Access.PEOPLE_OR_APPS

ROUTES = (
    Row("GET", "/", SIGNED_IN, home.show),
    Row("GET", "/user/open/{id}", SIGNED_IN, open_app.show),
    Row("GET", "/user/icons/{id}/{digest}", SIGNED_IN, home.icon),
    Row("GET", "/user/apps/{id}", SIGNED_IN, why.show),
    Row("POST", "/user/apps/{id}/favourite", SIGNED_IN, home.favour),
    Row("POST", "/user/apps/{id}/request", SIGNED_IN, why.ask),
    Row("POST", "/user/apps/{id}/withdraw", SIGNED_IN, why.withdraw),
    Row("GET", "/settings/access-requests", EITHER, Later("access_requests", "show")),
    Row("POST", "/settings/access-requests/{id}/grant", EITHER, Later("access_requests", "grant")),
    Row("POST", "/settings/access-requests/{id}/refuse", EITHER, Later("access_requests", "refuse")),
    Row("GET", "/.well-known/jwks.json", PUBLIC, open_app.keys),
    Row("GET", "/settings/what-if", APPS, Later("what_if", "show")),
    Row("POST", "/settings/what-if", APPS, Later("what_if", "judge")),
    Row("GET", "/settings/apps/{id}/rules", APPS, Later("what_if", "show_rules")),
    Row("POST", "/settings/apps/{id}/rules", APPS, Later("what_if", "try_rules")),
    Row("POST", "/settings/apps/{id}/rules/save", APPS, Later("what_if", "save_rules")),
    Row("POST", "/settings/apps/{id}/probe", APPS, Later("probe", "now")),
    Row("GET", "/settings/apps", APPS, Later("apps", "show_all")),
    Row("GET", "/settings/apps/new", APPS, Later("apps", "show_new")),
    Row("POST", "/settings/apps/new", APPS, Later("apps", "add"), limit=PICTURE_FORM_LIMIT),
    Row("GET", "/settings/apps/{id}", APPS, Later("apps", "show")),
    Row("POST", "/settings/apps/{id}", APPS, Later("apps", "change"), limit=PICTURE_FORM_LIMIT),
    Row("POST", "/settings/apps/{id}/remove", APPS, Later("apps", "remove")),
)
