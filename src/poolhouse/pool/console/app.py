"""THE route table of the console."""

from typing import Final

from starlette.routing import BaseRoute

from poolhouse.kit.edge import Reply
from poolhouse.kit.html import Html
from poolhouse.pool.api.dispatch import Api
from poolhouse.pool.console import (
    access_keys,
    classic,
    client_openid,
    client_sessions,
    clients,
    domains,
    experience,
    groups,
    hosted,
    imports,
    integration,
    messaging,
    pools,
    properties,
    protection,
    providers,
    resource_servers,
    section_pages,
    session,
    style,
    tabs,
    texts,
    user,
    user_consents,
    user_identities,
    user_mfa,
    user_sessions,
    users,
)
from poolhouse.pool.console.admission import Row, route
from poolhouse.pool.console.context import Console, NotFound, Visit
from poolhouse.pool.console.wizard import pages as wizard
from poolhouse.pool.flows.context import Flow


async def _nowhere(_visit: Visit) -> Reply:
    raise NotFound


_POOL: Final = "/console/pools/{pool}"
_USER: Final = _POOL + "/users/{user}"
_CLIENT: Final = _POOL + "/clients/{client}"
_STEP: Final = "/console/pools/create/{draft}/{step}"

ROWS: Final = (
    Row("GET", "/console/sign-in", session.show, public=True),
    Row("POST", "/console/sign-in", session.submit, public=True),
    Row("POST", "/console/sign-out", session.sign_out),
    Row("GET", "/console", pools.front),
    Row("GET", "/console/access-keys", access_keys.show),
    Row("POST", "/console/access-keys", access_keys.create),
    Row("POST", "/console/access-keys/delete", access_keys.delete),
    Row("GET", "/console/pools", pools.show_all),
    Row("GET", "/console/pools/create", wizard.begin),
    Row("GET", _STEP, wizard.show),
    Row("POST", _STEP, wizard.send),
    Row("GET", _POOL, tabs.show_overview),
    Row("GET", _POOL + "/users", users.show_all),
    Row("GET", _POOL + "/users/create", users.show_create),
    Row("POST", _POOL + "/users/create", users.create),
    Row("GET", _POOL + "/users/import", imports.show_all),
    Row("GET", _POOL + "/users/import/create", imports.show_create),
    Row("POST", _POOL + "/users/import/create", imports.create),
    Row("GET", _POOL + "/users/import/template.csv", imports.template),
    Row("GET", _POOL + "/users/import/{job}", imports.show),
    Row("POST", _POOL + "/users/import/{job}/start", imports.start),
    Row("POST", _POOL + "/users/import/{job}/stop", imports.stop),
    Row("GET", _POOL + "/users/import/{job}/log", imports.log),
    Row("GET", _USER, user.show),
    Row("POST", _USER + "/actions/{action}", user.act),
    Row("POST", _USER + "/devices/forget", user_sessions.forget),
    Row("POST", _USER + "/sessions/revoke", user_sessions.revoke),
    Row("POST", _USER + "/consents/withdraw", user_consents.withdraw),
    Row("GET", _USER + "/identities", user_identities.show),
    Row("POST", _USER + "/identities", user_identities.link),
    Row("POST", _USER + "/identities/remove", user_identities.unlink),
    Row("POST", _USER + "/resend", user.resend),
    Row("POST", _USER + "/delete", user.delete),
    Row("GET", _USER + "/password", user.show_password),
    Row("POST", _USER + "/password", user.set_password),
    Row("GET", _USER + "/attributes", user.show_attributes),
    Row("POST", _USER + "/attributes", user.save_attributes),
    Row("GET", _USER + "/mfa", user_mfa.show),
    Row("POST", _USER + "/mfa", user_mfa.save),
    Row("POST", _USER + "/feedback", protection.give_feedback),
    Row("POST", _USER + "/groups/add", user.join),
    Row("POST", _USER + "/groups/remove", user.leave),
    Row("GET", _POOL + "/groups", groups.show_all),
    Row("GET", _POOL + "/groups/create", groups.show_create),
    Row("POST", _POOL + "/groups/create", groups.create),
    Row("GET", _POOL + "/groups/group", groups.show),
    Row("GET", _POOL + "/groups/group/edit", groups.show_edit),
    Row("POST", _POOL + "/groups/group/edit", groups.save),
    Row("POST", _POOL + "/groups/group/delete", groups.delete),
    Row("POST", _POOL + "/groups/group/add", groups.add_member),
    Row("POST", _POOL + "/groups/group/remove", groups.remove_member),
    Row("GET", _POOL + "/sign-in", experience.show_sign_in),
    Row("GET", _POOL + "/providers/create", providers.show_create),
    Row("POST", _POOL + "/providers/create", providers.create),
    Row("GET", _POOL + "/providers/provider", providers.show),
    Row("GET", _POOL + "/providers/provider/edit", providers.show_edit),
    Row("POST", _POOL + "/providers/provider/edit", providers.save),
    Row("POST", _POOL + "/providers/provider/delete", providers.delete),
    Row("GET", _POOL + "/sign-up", experience.show_sign_up),
    Row("GET", _POOL + "/messaging", messaging.show),
    Row("GET", _POOL + "/threat-protection", protection.show),
    Row("GET", _POOL + "/threat-protection/edit", protection.show_edit),
    Row("POST", _POOL + "/threat-protection/edit", protection.save),
    Row("GET", _POOL + "/threat-protection/logs", protection.show_logs),
    Row("POST", _POOL + "/threat-protection/logs", protection.save_logs),
    Row("GET", _POOL + "/edit/{section}", section_pages.show),
    Row("POST", _POOL + "/edit/{section}", section_pages.save),
    Row("GET", _POOL + "/app-integration", integration.show),
    Row("GET", _POOL + "/app-integration/create-cognito-domain", domains.show_prefix),
    Row("POST", _POOL + "/app-integration/create-cognito-domain", domains.create_prefix),
    Row("GET", _POOL + "/app-integration/create-custom-domain", domains.show_host),
    Row("POST", _POOL + "/app-integration/create-custom-domain", domains.create_host),
    Row("POST", _POOL + "/app-integration/delete-domain", domains.delete),
    Row("GET", _POOL + "/app-integration/sign-in-pages", hosted.show),
    Row("POST", _POOL + "/app-integration/sign-in-pages", hosted.save),
    Row("GET", _POOL + "/app-integration/texts", texts.show),
    Row("GET", _POOL + "/app-integration/texts/edit", texts.show_edit),
    Row("POST", _POOL + "/app-integration/texts/edit", texts.save),
    Row("GET", _POOL + "/resource-servers/create", resource_servers.show_create),
    Row("POST", _POOL + "/resource-servers/create", resource_servers.create),
    Row("GET", _POOL + "/resource-servers/server", resource_servers.show),
    Row("GET", _POOL + "/resource-servers/server/edit", resource_servers.show_edit),
    Row("POST", _POOL + "/resource-servers/server/edit", resource_servers.save),
    Row("POST", _POOL + "/resource-servers/server/delete", resource_servers.delete),
    Row("GET", _POOL + "/clients/create", clients.show_create),
    Row("POST", _POOL + "/clients/create", clients.create),
    Row("GET", _CLIENT, clients.show),
    Row("GET", _CLIENT + "/edit", clients.show_edit),
    Row("POST", _CLIENT + "/edit", clients.save),
    Row("GET", _CLIENT + "/permissions", clients.show_permissions),
    Row("POST", _CLIENT + "/permissions", clients.save_permissions),
    Row("GET", _CLIENT + "/hosted-ui", clients.show_hosted_ui),
    Row("POST", _CLIENT + "/hosted-ui", clients.save_hosted_ui),
    Row("GET", _CLIENT + "/sessions", client_sessions.show),
    Row("POST", _CLIENT + "/sessions", client_sessions.save),
    Row("GET", _CLIENT + "/openid", client_openid.show),
    Row("POST", _CLIENT + "/openid", client_openid.save),
    Row("GET", _CLIENT + "/branding", style.show),
    Row("POST", _CLIENT + "/branding", style.save),
    Row("POST", _CLIENT + "/branding/preview", style.preview),
    Row("GET", _CLIENT + "/branding/preview/{page}", style.frame),
    Row("GET", _CLIENT + "/branding/files/{file}", style.picture),
    Row("POST", _CLIENT + "/branding/{change}", style.change, limit=style.IMAGE_LIMIT),
    Row("GET", _CLIENT + "/classic-branding", classic.show),
    Row("POST", _CLIENT + "/classic-branding", classic.save),
    Row("POST", _CLIENT + "/classic-branding/preview", classic.preview),
    Row("GET", _CLIENT + "/classic-branding/preview/{page}", classic.frame),
    Row("GET", _CLIENT + "/classic-branding/files/{file}", classic.picture),
    Row("POST", _CLIENT + "/classic-branding/{change}", classic.change, limit=style.IMAGE_LIMIT),
    Row("POST", _CLIENT + "/delete", clients.delete),
    Row("GET", _POOL + "/properties", properties.show),
    Row("POST", _POOL + "/properties/protection", properties.protect),
    Row("GET", _POOL + "/delete", properties.show_delete),
    Row("POST", _POOL + "/delete", properties.delete),
    Row("GET", "/console/{anywhere:path}", _nowhere),
    Row("POST", "/console/{anywhere:path}", _nowhere),
)
"""Every page of the console; the first row that fits answers."""


def routes(flow: Flow, api: Api, html: Html) -> list[BaseRoute]:
    """The rows as Starlette wants them."""
    console = Console(flow=flow, api=api, html=html)
    return [route(console, row) for row in ROWS]
