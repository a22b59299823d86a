"""What everybody sees: sign-in, one's own account."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.context import INITIATE_PATH, LOGGED_OUT_PATH, backchannel_path, redirect_path, start_path
from poolhouse.house.pages import account, break_glass, login
from poolhouse.house.routes.row import Later

PUBLIC, SIGNED_IN, ADMINISTRATOR = Access.PUBLIC, Access.SIGNED_IN, Access.ADMINISTRATOR

ROUTES = (
    Row("GET", "/user/login", PUBLIC, login.show),
    Row("POST", "/user/login", PUBLIC, login.submit),
    Row("POST", "/user/logout", PUBLIC, login.sign_out),
    Row("GET", LOGGED_OUT_PATH, PUBLIC, login.logged_out),
    Row("GET", "/user/break-glass/{token}", PUBLIC, break_glass.show),
    Row("POST", "/user/break-glass", PUBLIC, break_glass.use),
    Row("GET", start_path("{id}"), PUBLIC, Later("oidc", "start")),
    Row("GET", redirect_path("{id}"), PUBLIC, Later("oidc", "come_back")),
    Row("POST", redirect_path("{id}"), PUBLIC, Later("oidc", "take_form"), is_from_elsewhere=True),
    Row("POST", backchannel_path("{id}"), PUBLIC, Later("backchannel", "take"), is_from_elsewhere=True),
    Row("GET", INITIATE_PATH, PUBLIC, Later("initiated", "start")),
    Row("POST", INITIATE_PATH, PUBLIC, Later("initiated", "take_form"), is_from_elsewhere=True),
    Row("POST", "/user/login/continue", PUBLIC, Later("oidc", "by_email")),
    Row("GET", "/user/account", SIGNED_IN, account.show),
    Row("POST", "/user/account/password", SIGNED_IN, account.save_password),
    Row("POST", "/user/account/connect", SIGNED_IN, Later("oidc", "connect")),
    Row("POST", "/user/account/refresh", SIGNED_IN, Later("refresh_access", "refresh")),
    Row("POST", "/user/account/disconnect", SIGNED_IN, account.disconnect),
    Row("POST", "/user/account/sessions/end", SIGNED_IN, account.end_session),
)
