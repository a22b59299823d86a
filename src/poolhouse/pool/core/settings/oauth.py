"""OAuth settings of an app client: flows, scopes, and the URLs that a browser may be sent to."""

import re
from collections.abc import Collection
from ipaddress import IPv6Address
from typing import Final

from poolhouse.pool.core.refusal import Refusal, invalid_parameter, refused
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import UserPoolClientType

MACHINE: Final = "client_credentials"
SYSTEM_SCOPES: Final = frozenset({"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"})
_BROWSER_FLOWS: Final = frozenset({"code", "implicit"})
_SCHEME: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(.+)")
_LOOPBACK: Final = re.compile(r"//(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?([/?].*)?", re.IGNORECASE)
_HOST: Final = re.compile(r"//([a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?([/?].*)?")
_APP: Final = re.compile(r"(//[a-zA-Z0-9._~-]*(:[0-9]{1,5})?([/?].*)?|(?!//).+)")
_PORT: Final = re.compile(r"[0-9]{1,5}([/?].*)?")  # "localhost:3000/cb" has a port, not a scheme
# Schemes that a browser executes or reads from the disk instead of opening an app.
_NEVER: Final = frozenset(
    {"javascript", "data", "vbscript", "file", "blob", "about", "view-source", "ws", "wss", "ftp"}
)


def check_oauth(client: UserPoolClientType, *, custom_scopes: Collection[str], has_secret: bool) -> Refusal | None:
    """The first rule of OAuth settings that *client* breaks. *custom_scopes*: ``<server>/<scope>`` of the pool."""
    return _check_flows(client, has_secret=has_secret) or _check_scopes(client, custom_scopes) or _check_urls(client)


def _check_flows(client: UserPoolClientType, *, has_secret: bool) -> Refusal | None:
    flows, scopes = set(client.allowed_o_auth_flows or []), client.allowed_o_auth_scopes or []
    enabled = bool(client.allowed_o_auth_flows_user_pool_client)
    if enabled and not (flows and scopes):
        return invalid_parameter(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."
        )
    if MACHINE in flows:
        return _check_machine(flows, scopes, has_secret=has_secret)
    if enabled and flows & _BROWSER_FLOWS and not client.callback_urls:
        return _invalid_flow("CallbackUrls can not be empty when code flow or implicit flow is selected")
    return None


def _check_machine(flows: set[str], scopes: list[str], *, has_secret: bool) -> Refusal | None:
    if flows & _BROWSER_FLOWS:
        return _invalid_flow("client_credentials flow can not be selected along with code flow or implicit flow.")
    if not has_secret:
        return _invalid_flow("client_credentials flow can not be selected if client does not have a client secret.")
    of_users = next((scope for scope in scopes if scope in SYSTEM_SCOPES), None)
    return _invalid_flow(f"{of_users} is not supported with client_credentials flow") if of_users else None


def _check_scopes(client: UserPoolClientType, custom: Collection[str]) -> Refusal | None:
    unknown = next((s for s in client.allowed_o_auth_scopes or [] if s not in SYSTEM_SCOPES and s not in custom), None)
    return None if unknown is None else refused(Reason.SCOPE_INVALID, scope=unknown)


def _check_urls(client: UserPoolClientType) -> Refusal | None:
    for url in [*(client.callback_urls or []), *(client.logout_urls or [])]:
        refusal = check_redirect(url)
        if refusal is not None:
            return refusal
    default = client.default_redirect_uri
    if default is not None and default not in (client.callback_urls or []):
        return invalid_parameter(f"The default redirect URI {default} is not in the callback URIs list.")
    return None


def check_redirect(url: str) -> Refusal | None:
    """
    Tell whether a browser may ever be sent to *url*; at run time it must then be met exactly.

    HTTPS, HTTP to this machine only, or a scheme of an app. No fragment (RFC 6749 §3.1.2). Ours: no user name, no
    wildcard, no backslash, which parsers read differently, and no scheme that a browser executes.
    """
    if "#" in url:
        return invalid_parameter(f"{url} cannot use fragment")
    match = _SCHEME.fullmatch(url)
    if match is None or _PORT.fullmatch(match[2]):
        return invalid_parameter(f"{url} must contain a scheme")
    scheme, rest = match[1].lower(), match[2]
    if scheme in _NEVER or (scheme == "http" and not _LOOPBACK.fullmatch(rest)):
        return invalid_parameter(f"{url} cannot use the {scheme.upper()} protocol.")
    form = _LOOPBACK if scheme == "http" else _HOST if scheme == "https" else _APP
    if "\\" in url or " " in url or not url.isprintable() or not form.fullmatch(rest) or _is_bad_ipv6(rest):
        return invalid_parameter(f"{url} is not a valid URL")
    return None


def _is_bad_ipv6(rest: str) -> bool:
    if not rest.startswith("//["):
        return False
    try:
        IPv6Address(rest[3 : rest.index("]")])
    except ValueError:
        return True
    return False


def _invalid_flow(message: str) -> Refusal:
    return Refusal("InvalidOAuthFlowException", message)
