"""The route table: every page of the house, and who may use it."""

from importlib import import_module

from poolhouse.house.admission import Access, Row
from poolhouse.house.context import LOGGED_OUT_PATH, REDIRECT_PATH, START_PATH, Context
from poolhouse.house.pages import (
    account,
    apps,
    audit_log,
    authentication,
    home,
    login,
    nowhere,
    open_app,
    settings,
    users,
)
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply

PUBLIC, SIGNED_IN, ADMINISTRATOR = Access.PUBLIC, Access.SIGNED_IN, Access.ADMINISTRATOR


class Later:
    """
    A handler of a module that is imported at its first request.

    aiohttp and joserfc take half a second and 12 MB, which a program that only starts should not pay.
    """

    def __init__(self, module: str, name: str) -> None:
        self.module = f"poolhouse.house.pages.{module}"
        self.name = name

    async def __call__(self, ctx: Context, visit: Visit) -> Reply:
        reply: Reply = await getattr(import_module(self.module), self.name)(ctx, visit)
        return reply


ROUTES = (
    Row("GET", "/", SIGNED_IN, home.show),
    Row("GET", "/user/login", PUBLIC, login.show),
    Row("POST", "/user/login", PUBLIC, login.submit),
    Row("POST", "/user/logout", PUBLIC, login.sign_out),
    Row("GET", LOGGED_OUT_PATH, PUBLIC, login.logged_out),
    Row("GET", START_PATH, PUBLIC, Later("oidc", "start")),
    Row("GET", REDIRECT_PATH, PUBLIC, Later("oidc", "come_back")),
    Row("GET", "/user/open/{id}", SIGNED_IN, open_app.show),
    Row("GET", "/.well-known/jwks.json", PUBLIC, open_app.keys),
    Row("GET", "/user/account", SIGNED_IN, account.show),
    Row("POST", "/user/account/password", SIGNED_IN, account.save_password),
    Row("POST", "/user/account/connect", SIGNED_IN, Later("oidc", "connect")),
    Row("POST", "/user/account/disconnect", SIGNED_IN, account.disconnect),
    Row("GET", "/settings", ADMINISTRATOR, settings.index),
    Row("GET", "/settings/general", ADMINISTRATOR, settings.show),
    Row("POST", "/settings/general", ADMINISTRATOR, settings.save),
    Row("GET", "/settings/authentication", ADMINISTRATOR, authentication.show),
    Row("GET", "/settings/authentication/form-login", ADMINISTRATOR, authentication.edit_form_login),
    Row("POST", "/settings/authentication/form-login", ADMINISTRATOR, authentication.save_form_login),
    Row("POST", "/settings/authentication/form-login/enable", ADMINISTRATOR, authentication.enable_form_login),
    Row("POST", "/settings/authentication/form-login/disconnect", ADMINISTRATOR, authentication.disconnect_form_login),
    Row("GET", "/settings/authentication/oidc", ADMINISTRATOR, Later("oidc_settings", "show")),
    Row("POST", "/settings/authentication/oidc", ADMINISTRATOR, Later("oidc_settings", "save")),
    Row("POST", "/settings/authentication/oidc/fill", ADMINISTRATOR, Later("oidc_settings", "fill_from_issuer")),
    Row("POST", "/settings/authentication/oidc/secret", ADMINISTRATOR, Later("oidc_settings", "show_secret")),
    Row("POST", "/settings/authentication/oidc/disconnect", ADMINISTRATOR, authentication.disconnect_oidc),
    Row("GET", "/settings/users", ADMINISTRATOR, users.show_all),
    Row("GET", "/settings/users/{id}", ADMINISTRATOR, users.show),
    Row("POST", "/settings/users/{id}/disable", ADMINISTRATOR, users.disable),
    Row("POST", "/settings/users/{id}/enable", ADMINISTRATOR, users.enable),
    Row("POST", "/settings/users/{id}/make-administrator", ADMINISTRATOR, users.make_administrator),
    Row("POST", "/settings/users/{id}/remove-administrator", ADMINISTRATOR, users.remove_administrator),
    Row("POST", "/settings/users/{id}/end-sessions", ADMINISTRATOR, users.end_sessions),
    Row("POST", "/settings/users/{id}/delete", ADMINISTRATOR, users.delete),
    Row("GET", "/settings/apps", ADMINISTRATOR, apps.show_all),
    Row("GET", "/settings/apps/new", ADMINISTRATOR, apps.show_new),
    Row("POST", "/settings/apps/new", ADMINISTRATOR, apps.add),
    Row("GET", "/settings/apps/{id}", ADMINISTRATOR, apps.show),
    Row("POST", "/settings/apps/{id}", ADMINISTRATOR, apps.change),
    Row("POST", "/settings/apps/{id}/remove", ADMINISTRATOR, apps.remove),
    Row("GET", "/settings/audit-log", ADMINISTRATOR, audit_log.show),
)
"""Every page of the house; besides them ``/health/*`` and ``/static/*``."""

NOWHERE = tuple(Row(method, "/{anywhere:path}", PUBLIC, nowhere.show) for method in ("GET", "POST"))
