"""
The checks on an authorization request, in their order (RFC 6749 section 4.1.1, OIDC Core section 3.1.2.2).

Until the client and its redirect URI are known to be right nothing travels to that URI: such a request is a
``BadClient`` and ends on an error page (RFC 9700 section 4.11).  Any later fault is a ``BadRequest``, told to the app.
"""

import re
from typing import Final

from poolhouse.pool.core import pkce
from poolhouse.pool.core.authorization_request import Asked, BadClient, BadRequest, Valid, Verdict
from poolhouse.pool.model.pool import Client

STANDARD_SCOPES: Final = ("openid", "email", "phone", "profile", "aws.cognito.signin.user.admin")
LOCAL_PROVIDER: Final = "COGNITO"

_NEED_OPENID: Final = frozenset({"email", "phone", "profile"})
_PROMPTS: Final = frozenset({"none", "login", "select_account", "consent"})
_FLOW_OF: Final = {"code": "code", "token": "implicit"}
_MODE_OF: Final = {"code": "query", "token": "fragment"}
_SCOPE_TOKEN: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
_PRINTABLE: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*")
_RESOURCE: Final = re.compile(
    r"(?:https://[^\s/?#@]|http://(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/?]|$)|(?!https?:)[a-z][a-z0-9+.-]*:)[^\s#]*"
)
_SCOPE_LIMIT: Final = 100
_LIMITS: Final = {"nonce": 1024, "resource": 1024, "login_hint": 2048, "lang": 16, "scope": 8192}


_Fault = tuple[str, str]


def check(asked: Asked) -> Verdict:
    """The verdict of the first check that objects, or ``Valid``."""
    for find_page_fault in PAGE_CHECKS:
        error = find_page_fault(asked)
        if error is not None:
            return BadClient(error, _shown_client(asked))
    for find_fault in APP_CHECKS:
        fault = find_fault(asked)
        if fault is not None:
            return _bad_request(asked, *fault)
    return _valid(asked)


# What ends on the error page: the client and its redirect URI.


def _client_is_named(asked: Asked) -> str | None:
    if "client_id" in asked.repeated:
        return "invalid_request"
    return None if asked.value("client_id") else "Required String parameter 'client_id' is not present"


def _client_exists(asked: Asked) -> str | None:
    return None if asked.client is not None else "Client does not exist"


def _client_has_pages(asked: Asked) -> str | None:
    """A client without OAuth has no callback URLs that count, and one without a provider nobody to sign in."""
    settings = asked.known_client.settings
    usable = settings.allowed_o_auth_flows_user_pool_client and settings.supported_identity_providers
    return None if usable else "Login pages unavailable"


def _redirect_uri_is_registered(asked: Asked) -> str | None:
    """
    Exact comparison of strings: no normalisation, no pattern, no port exception.

    Parsing is what the attacks on redirect URIs live on (CVE-2026-3872, CVE-2026-7504, CVE-2024-52289).
    """
    if "redirect_uri" in asked.repeated:
        return "invalid_request"
    settings = asked.known_client.settings
    wanted = asked.value("redirect_uri")
    if wanted is None:
        return None if settings.default_redirect_uri else "Required String parameter 'redirect_uri' is not present"
    if "#" in wanted or wanted not in (settings.callback_urls or ()):
        return "redirect_mismatch"
    return None


PAGE_CHECKS: Final = (_client_is_named, _client_exists, _client_has_pages, _redirect_uri_is_registered)


# What the app is told.


def _no_parameter_is_repeated(asked: Asked) -> _Fault | None:
    """RFC 6749 section 3.1; two readers of one request must not see two requests (CVE-2026-9689)."""
    return ("invalid_request", f"{min(asked.repeated)} is repeated") if asked.repeated else None


def _values_are_sane(asked: Asked) -> _Fault | None:
    for name, limit in _LIMITS.items():
        value = asked.value(name)
        if value is not None and (len(value) > limit or not _PRINTABLE.fullmatch(value)):
            return ("invalid_scope", "") if name == "scope" else ("invalid_request", f"{name} is not valid")
    return None


def _request_objects_are_not_used(asked: Asked) -> _Fault | None:
    """OIDC Core section 6: an unsupported request object is refused, never skipped."""
    if asked.value("request") is not None:
        return "request_not_supported", ""
    return ("request_uri_not_supported", "") if asked.value("request_uri") is not None else None


def _response_type_is_allowed(asked: Asked) -> _Fault | None:
    wanted = asked.value("response_type")
    if wanted is None:
        return "invalid_request", "response_type is missing"
    if wanted not in _FLOW_OF:
        return "unsupported_response_type", ""
    allowed = _FLOW_OF[wanted] in (asked.known_client.settings.allowed_o_auth_flows or ())
    return None if allowed else ("unauthorized_client", "")


def _response_mode_is_default(asked: Asked) -> _Fault | None:
    mode = asked.value("response_mode")
    fits = mode is None or mode == _MODE_OF[asked.values["response_type"]]
    return None if fits else ("invalid_request", "response_mode is not supported")


def _challenge_is_complete(asked: Asked) -> _Fault | None:
    """Neither a method without a challenge nor a challenge without a method, which would mean ``plain``."""
    challenge, method = asked.value("code_challenge"), asked.value("code_challenge_method")
    if challenge is None and method is None:
        # Ours: apps that register themselves are new ones, so that a public one among them has no excuse.
        needed = asked.is_public and asked.known_client.settings.client_type == "DCR"
        return ("invalid_request", "code_challenge is missing") if needed else None
    if challenge is None or method is None:
        return "invalid_request", "code_challenge and code_challenge_method go together"
    if method != pkce.METHOD:
        return "invalid_request", "code_challenge_method must be S256"
    return None if pkce.is_challenge(challenge) else ("invalid_request", "code_challenge is not valid")


def _scopes_exist(asked: Asked) -> _Fault | None:
    """
    An unknown scope is an error; one that this client may not have is left out.

    An access token without any scope would be good for nothing, and e-mail, phone and profile are claims of an ID
    token, so that they need ``openid``.
    """
    wanted = scope_tokens(asked.value("scope") or "")
    if len(wanted) > _SCOPE_LIMIT or not all(_is_known(asked, scope) for scope in wanted):
        return "invalid_scope", ""
    granted = _granted(asked)
    if not granted or ("openid" not in granted and not _NEED_OPENID.isdisjoint(granted)):
        return "invalid_scope", ""
    return None


def _prompt_is_possible(asked: Asked) -> _Fault | None:
    prompts = _prompts(asked)
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        return "invalid_request", "prompt is not valid"
    return None


def _max_age_is_a_number(asked: Asked) -> _Fault | None:
    given = asked.value("max_age")
    fits = given is None or (given.isascii() and given.isdecimal() and len(given) <= 9)
    return None if fits else ("invalid_request", "max_age is not valid")


def _provider_is_local(asked: Asked) -> _Fault | None:
    """
    Whom the app wants the user to come from.

    Only the pool's own users can sign in: a provider that is configured is told apart from one that is not, so that
    nobody looks for the fault in his settings.
    """
    supported = asked.known_client.settings.supported_identity_providers or ()
    identifier = asked.value("idp_identifier")
    named = asked.value("identity_provider") or (asked.provider_of.get(identifier, identifier) if identifier else None)
    if named is None and LOCAL_PROVIDER not in supported:
        named = next((name for name in supported if name in asked.providers), "")
    if (LOCAL_PROVIDER if named is None else named) == LOCAL_PROVIDER and LOCAL_PROVIDER in supported:
        return None
    if named in asked.providers and named in supported:
        return "invalid_request", "Sign-in with an external identity provider is not available on this server"
    return "invalid_request", "Login option is not available. Please try another one"


def _resource_is_absolute(asked: Asked) -> _Fault | None:
    """RFC 8707 section 2: an absolute URI without a fragment, or the identifier of a resource server."""
    resource = asked.value("resource")
    if resource is None or asked.is_resource_server(resource) or _RESOURCE.fullmatch(resource):
        return None
    return "invalid_target", ""


APP_CHECKS: Final = (
    _no_parameter_is_repeated,
    _values_are_sane,
    _request_objects_are_not_used,
    _response_type_is_allowed,
    _response_mode_is_default,
    _challenge_is_complete,
    _scopes_exist,
    _prompt_is_possible,
    _max_age_is_a_number,
    _provider_is_local,
    _resource_is_absolute,
)


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
    return scope in STANDARD_SCOPES or asked.is_custom_scope(scope)


def _granted(asked: Asked) -> tuple[str, ...]:
    """The scopes that were asked for and are allowed; all that are allowed, and still exist, if none was named."""
    allowed = asked.known_client.settings.allowed_o_auth_scopes or ()
    wanted = asked.value("scope")
    if wanted is None:
        return tuple(scope for scope in allowed if _is_known(asked, scope))
    return tuple(scope for scope in scope_tokens(wanted) if scope in allowed)


def _prompts(asked: Asked) -> frozenset[str]:
    return frozenset((asked.value("prompt") or "").split())


def _shown_client(asked: Asked) -> str:
    return "" if "client_id" in asked.repeated else asked.value("client_id") or ""


def _bad_request(asked: Asked, error: str, description: str) -> BadRequest:
    return BadRequest(
        error=error,
        description=description,
        redirect_uri=asked.redirect_uri,
        state=None if "state" in asked.repeated else asked.value("state"),
        in_fragment="response_type" not in asked.repeated and asked.value("response_type") == "token",
    )


def _valid(asked: Asked) -> Valid:
    max_age = asked.value("max_age")
    return Valid(
        client=asked.known_client,
        redirect_uri=asked.redirect_uri,
        response_type=asked.values["response_type"],
        scope=" ".join(_granted(asked)),
        state=asked.value("state"),
        nonce=asked.value("nonce"),
        code_challenge=asked.value("code_challenge"),
        resource=asked.value("resource"),
        prompt=_prompts(asked),
        max_age=None if max_age is None else int(max_age),
        login_hint=asked.value("login_hint") or "",
        is_unknown_app=asked.is_unknown_app,
    )
