"""Scopes: which there are, which a request may have, and what they open (RFC 6749 section 3.3)."""

import re
from typing import Final

from poolhouse.pool.core.authorization_request import Asked, Fault
from poolhouse.pool.model.pool import Client

STANDARD_SCOPES: Final = ("openid", "email", "phone", "profile", "aws.cognito.signin.user.admin")
OPENID_SCOPES: Final = {"address": "profile", "offline_access": "openid"}
"""Scopes of the openid dialect that the service does not have -> the scope of the client that brings them."""
_NEED_OPENID: Final = frozenset({"email", "phone", "profile"})
_SCOPE_TOKEN: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
_SCOPE_LIMIT: Final = 100


def scopes_exist(asked: Asked) -> Fault | None:
    """
    An unknown scope is an error; one that this client may not have is left out.

    An access token without any scope would be good for nothing, and e-mail, phone and profile are claims of an ID
    token, so that they need ``openid``.  In the openid dialect an unknown scope is left out, too (OIDC Core section
    3.1.2.1).
    """
    wanted = scope_tokens(asked.value("scope") or "")
    is_readable = len(wanted) <= _SCOPE_LIMIT and all(_SCOPE_TOKEN.fullmatch(scope) for scope in wanted)
    if not is_readable or not (asked.is_openid or all(_is_known(asked, scope) for scope in wanted)):
        return "invalid_scope", ""
    given = granted(asked)
    if not given or ("openid" not in given and not _NEED_OPENID.isdisjoint(given)):
        return "invalid_scope", ""
    return None


def granted(asked: Asked) -> tuple[str, ...]:
    """The scopes that were asked for and are allowed; all that are allowed, and still exist, if none was named."""
    allowed = list(asked.known_client.settings.allowed_o_auth_scopes or ())
    wanted = asked.value("scope")
    if asked.is_openid:
        allowed += [scope for scope, brought_by in OPENID_SCOPES.items() if brought_by in allowed and wanted]
    if wanted is None:
        return tuple(scope for scope in allowed if _is_known(asked, scope))
    return tuple(scope for scope in scope_tokens(wanted) if scope in allowed)


def scope_tokens(scope: str) -> tuple[str, ...]:
    """The scopes of a space-separated list, each once, in their order."""
    return tuple(dict.fromkeys(scope.split(" "))) if scope.strip(" ") else ()


def unreadable_scope(client: Client, scope: str) -> bool:
    """
    Whether the client lacks read access to one of the two attributes behind ``email`` or ``phone``.

    The service refuses the token then, rather than leaving the claim out (developer guide, token endpoint).
    """
    allowed = client.settings.read_attributes
    if allowed is None:
        return False
    pairs = {"email": ("email", "email_verified"), "phone": ("phone_number", "phone_number_verified")}
    return any(name not in allowed for each in scope.split() for name in pairs.get(each, ()))


def _is_known(asked: Asked, scope: str) -> bool:
    if not _SCOPE_TOKEN.fullmatch(scope):
        return False
    return scope in STANDARD_SCOPES or (asked.is_openid and scope in OPENID_SCOPES) or asked.is_custom_scope(scope)
