"""Admin Settings > Authentication."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.context import settings_path
from poolhouse.house.provider import FIRST
from poolhouse.house.routes.row import Later

PUBLIC, SIGNED_IN, ADMINISTRATOR = Access.PUBLIC, Access.SIGNED_IN, Access.ADMINISTRATOR

ROUTES = (
    Row("GET", "/settings/authentication", ADMINISTRATOR, Later("authentication", "show")),
    Row("GET", "/settings/authentication/form-login", ADMINISTRATOR, Later("authentication", "edit_form_login")),
    Row("POST", "/settings/authentication/form-login", ADMINISTRATOR, Later("authentication", "save_form_login")),
    Row(
        "POST",
        "/settings/authentication/form-login/enable",
        ADMINISTRATOR,
        Later("authentication", "enable_form_login"),
    ),
    Row(
        "POST",
        "/settings/authentication/form-login/disconnect",
        ADMINISTRATOR,
        Later("authentication", "disconnect_form_login"),
    ),
    Row("POST", "/settings/authentication/fallen/{id}", ADMINISTRATOR, Later("banners", "dismiss")),
    Row("GET", "/settings/authentication/candidates/{id}", ADMINISTRATOR, Later("candidate", "show")),
    Row("POST", "/settings/authentication/candidates/{id}/sign-in", ADMINISTRATOR, Later("candidate", "sign_in")),
    Row("POST", "/settings/authentication/candidates/{id}/activate", ADMINISTRATOR, Later("candidate", "activate_now")),
    Row("POST", "/settings/authentication/candidates/{id}/discard", ADMINISTRATOR, Later("candidate", "discard")),
    Row("POST", "/settings/authentication/candidates/{id}/back", ADMINISTRATOR, Later("candidate", "go_back_now")),
    Row("GET", "/settings/authentication/drafts/{draft}", ADMINISTRATOR, Later("test_login", "show")),
    Row("POST", "/settings/authentication/drafts/{draft}/check", ADMINISTRATOR, Later("test_login", "check_again")),
    Row("POST", "/settings/authentication/drafts/{draft}/claim", ADMINISTRATOR, Later("test_login", "choose_claim")),
    Row("POST", "/settings/authentication/drafts/{draft}/sign-in", ADMINISTRATOR, Later("test_login", "sign_in")),
    Row("POST", "/settings/authentication/sign-in-page", ADMINISTRATOR, Later("authentication", "save_sign_in_page")),
    Row("GET", "/settings/authentication/providers/new", ADMINISTRATOR, Later("providers", "show_new")),
    *(
        row
        for path in (settings_path(FIRST), settings_path("{id}"))
        for row in (
            Row("GET", path, ADMINISTRATOR, Later("provider_settings", "show")),
            Row("POST", path, ADMINISTRATOR, Later("provider_settings", "save")),
            Row("POST", f"{path}/fill", ADMINISTRATOR, Later("provider_settings", "fill_from_issuer")),
            Row("POST", f"{path}/test", ADMINISTRATOR, Later("provider_settings", "test")),
            Row("POST", f"{path}/secret", ADMINISTRATOR, Later("provider_settings", "show_secret")),
            Row("GET", f"{path}/options", ADMINISTRATOR, Later("provider_options", "show")),
            Row("POST", f"{path}/options", ADMINISTRATOR, Later("provider_options", "save")),
            Row("POST", f"{path}/enable", ADMINISTRATOR, Later("providers", "enable")),
            Row("POST", f"{path}/disable", ADMINISTRATOR, Later("providers", "disable")),
            Row("POST", f"{path}/disconnect", ADMINISTRATOR, Later("providers", "disconnect")),
        )
    ),
)
