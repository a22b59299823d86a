"""Admin Settings > Authentication."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import authentication
from poolhouse.house.routes.row import Later

PUBLIC, SIGNED_IN, ADMINISTRATOR = Access.PUBLIC, Access.SIGNED_IN, Access.ADMINISTRATOR

ROUTES = (
    Row("GET", "/settings/authentication", ADMINISTRATOR, authentication.show),
    Row("GET", "/settings/authentication/form-login", ADMINISTRATOR, authentication.edit_form_login),
    Row("POST", "/settings/authentication/form-login", ADMINISTRATOR, authentication.save_form_login),
    Row("POST", "/settings/authentication/form-login/enable", ADMINISTRATOR, authentication.enable_form_login),
    Row("POST", "/settings/authentication/form-login/disconnect", ADMINISTRATOR, authentication.disconnect_form_login),
    Row("GET", "/settings/authentication/oidc", ADMINISTRATOR, Later("oidc_settings", "show")),
    Row("POST", "/settings/authentication/oidc", ADMINISTRATOR, Later("oidc_settings", "save")),
    Row("POST", "/settings/authentication/oidc/fill", ADMINISTRATOR, Later("oidc_settings", "fill_from_issuer")),
    Row("POST", "/settings/authentication/oidc/test", ADMINISTRATOR, Later("oidc_settings", "test")),
    Row("GET", "/settings/authentication/drafts/{draft}", ADMINISTRATOR, Later("test_login", "show")),
    Row("POST", "/settings/authentication/drafts/{draft}/check", ADMINISTRATOR, Later("test_login", "check_again")),
    Row("POST", "/settings/authentication/drafts/{draft}/claim", ADMINISTRATOR, Later("test_login", "choose_claim")),
    Row("POST", "/settings/authentication/drafts/{draft}/sign-in", ADMINISTRATOR, Later("test_login", "sign_in")),
    Row("POST", "/settings/authentication/oidc/secret", ADMINISTRATOR, Later("oidc_settings", "show_secret")),
    Row("POST", "/settings/authentication/oidc/disconnect", ADMINISTRATOR, authentication.disconnect_oidc),
)
