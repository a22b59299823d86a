"""
The checks on an authorization request, in their order (RFC 6749 section 4.1.1, OIDC Core section 3.1.2.2).

Until the client and its redirect URI are known to be right nothing travels to that URI: such a request is a
``BadClient`` and ends on an error page (RFC 9700 section 4.11).  Any later fault is a ``BadRequest``, told to the app.
"""

import re
from typing import Final

from poolhouse.pool.core import claims_request, pkce
from poolhouse.pool.core.authorization_request import MODES, Asked, BadClient, BadRequest, Fault, Valid, Verdict
from poolhouse.pool.core.redirect import is_registered
from poolhouse.pool.core.scopes import granted, scopes_exist
from poolhouse.pool.core.targets import are_known, is_uri

LOCAL_PROVIDER: Final = "COGNITO"

_PROMPTS: Final = frozenset({"none", "login", "select_account", "consent"})
_FLOW_OF: Final = {"code": "code", "token": "implicit"}
_PRINTABLE: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*")
_LIMITS: Final = {
    "nonce": 1024, "resource": 1024, "login_hint": 2048, "scope": 8192, "acr_values": 1024,
    "display": 64, "id_token_hint": 8192,
}  # fmt: skip


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
    Exact comparison of strings: no normalisation, no pattern (``core.redirect`` has the one exception).

    Parsing is what the attacks on redirect URIs live on (CVE-2026-3872, CVE-2026-7504, CVE-2024-52289).
    """
    if "redirect_uri" in asked.repeated:
        return "invalid_request"
    settings = asked.known_client.settings
    wanted = asked.value("redirect_uri")
    if wanted is None:
        # FAPI 2.0 Security Profile section 5.3.2.2: whoever pushes a request says where it is answered.
        is_given = (
            settings.default_redirect_uri and not asked.known_client.extended.require_pushed_authorization_requests
        )
        return None if is_given else "Required String parameter 'redirect_uri' is not present"
    is_native = asked.is_public and not asked.strict
    fits = is_registered(wanted, settings.callback_urls or (), any_port=is_native)
    return None if fits else "redirect_mismatch"


PAGE_CHECKS: Final = (_client_is_named, _client_exists, _client_has_pages, _redirect_uri_is_registered)


# What the app is told.


def _no_parameter_is_repeated(asked: Asked) -> Fault | None:
    """RFC 6749 section 3.1; two readers of one request must not see two requests (CVE-2026-9689)."""
    repeated = asked.repeated - ({"resource"} if asked.is_openid else frozenset())
    return ("invalid_request", f"{min(repeated)} is repeated") if repeated else None


def _values_are_sane(asked: Asked) -> Fault | None:
    for name, limit in _LIMITS.items():
        value = asked.value(name)
        if value is not None and (len(value) > limit or not _PRINTABLE.fullmatch(value)):
            return ("invalid_scope", "") if name == "scope" else ("invalid_request", f"{name} is not valid")
    return None


def _source_is_sound(asked: Asked) -> Fault | None:
    """A request object that was refused, and a request that did not come as the client said (RFC 9101, RFC 9126)."""
    if asked.fault is not None:
        return asked.fault
    settings = asked.known_client.extended
    if settings.require_pushed_authorization_requests and not asked.is_pushed:
        return "invalid_request", "This app client pushes its requests"
    if settings.require_signed_request_object and not asked.is_signed:
        return "invalid_request", "This app client signs its requests"
    return None


def _request_objects_are_not_used(asked: Asked) -> Fault | None:
    """OIDC Core section 6: an unsupported request object is refused, never skipped."""
    if asked.value("request") is not None:
        return "request_not_supported", ""
    return ("request_uri_not_supported", "") if asked.value("request_uri") is not None else None


def _key_is_named(asked: Asked) -> Fault | None:
    """``dpop_jkt`` is a thumbprint, of a code's key: tokens for a browser are bound to none (RFC 9449 section 10)."""
    named = asked.value("dpop_jkt")
    fits = named is None or (pkce.is_challenge(named) and asked.value("response_type") != "token")
    return None if fits else ("invalid_request", "dpop_jkt is not valid")


def _response_type_is_allowed(asked: Asked) -> Fault | None:
    wanted = asked.value("response_type")
    if wanted is None:
        return "invalid_request", "response_type is missing"
    if wanted not in _FLOW_OF:
        return "unsupported_response_type", ""
    if wanted != "code" and asked.known_client.extended.profile is not None:
        # FAPI 2.0 Security Profile section 5.3.2.2; the flow itself may have been allowed before the profile was set.
        return "unauthorized_client", ""
    allowed = _FLOW_OF[wanted] in (asked.known_client.settings.allowed_o_auth_flows or ())
    return None if allowed else ("unauthorized_client", "")


def _response_mode_is_possible(asked: Asked) -> Fault | None:
    """OAuth 2.0 Multiple Response Types section 2.1, Form Post Response Mode; strictly only what the service has."""
    mode = asked.value("response_mode")
    possible = MODES[asked.values["response_type"]][: 1 if asked.strict else None]
    return None if mode is None or mode in possible else ("invalid_request", "response_mode is not supported")


def _challenge_is_complete(asked: Asked) -> Fault | None:
    """Neither a method without a challenge nor a challenge without a method, which would mean ``plain``."""
    challenge, method = asked.value("code_challenge"), asked.value("code_challenge_method")
    if challenge is None and method is None:
        return ("invalid_request", "code_challenge is missing") if _needs_challenge(asked) else None
    if challenge is None or method is None:
        return "invalid_request", "code_challenge and code_challenge_method go together"
    if method != pkce.METHOD:
        return "invalid_request", "code_challenge_method must be S256"
    return None if pkce.is_challenge(challenge) else ("invalid_request", "code_challenge is not valid")


def _needs_challenge(asked: Asked) -> bool:
    """
    OAuth 2.1 section 7.5.1: of public clients, and of those that are told so.

    Ours: public app clients of the service's dialect are spared, as there, unless they registered themselves: new ones
    have no excuse.
    """
    client = asked.known_client
    is_new = asked.is_openid or client.settings.client_type == "DCR"
    is_told = client.extended.require_pkce or client.extended.require_pushed_authorization_requests
    return is_told or (asked.is_public and is_new and asked.value("response_type") == "code")


def _prompt_is_possible(asked: Asked) -> Fault | None:
    prompts = _prompts(asked)
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        return "invalid_request", "prompt is not valid"
    return None


def _max_age_is_a_number(asked: Asked) -> Fault | None:
    given = asked.value("max_age")
    fits = given is None or (given.isascii() and given.isdecimal() and len(given) <= 9)
    return None if fits else ("invalid_request", "max_age is not valid")


def _claims_are_readable(asked: Asked) -> Fault | None:
    text = asked.value("claims")
    try:
        request = None if text is None else claims_request.read(text)
    except claims_request.WrongClaims:
        return "invalid_request", "claims is not valid"
    subject = claims_request.subject(request)
    clash = subject is not None and asked.hinted is not None and subject != asked.hinted
    return ("invalid_request", "claims and id_token_hint name different users") if clash else None


def _hint_is_ours(asked: Asked) -> Fault | None:
    """An ID token of this pool, however old: the app says whom it expects (OIDC Core section 3.1.2.1)."""
    return ("invalid_request", "id_token_hint is not valid") if asked.hinted == "" else None


def _provider_is_local(asked: Asked) -> Fault | None:
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


def _resources_are_targets(asked: Asked) -> Fault | None:
    """RFC 8707 section 2; see ``core.targets`` for what a target may be."""
    if asked.is_openid:
        fits = are_known(asked.resources, asked.resource_servers, asked.known_client)
    else:
        fits = all(each in asked.resource_servers or is_uri(each) for each in asked.resources)
    return None if fits else ("invalid_target", "")


APP_CHECKS: Final = (
    _no_parameter_is_repeated,
    _source_is_sound,
    _key_is_named,
    _values_are_sane,
    _request_objects_are_not_used,
    _response_type_is_allowed,
    _response_mode_is_possible,
    _challenge_is_complete,
    scopes_exist,
    _prompt_is_possible,
    _max_age_is_a_number,
    _hint_is_ours,
    _claims_are_readable,
    _provider_is_local,
    _resources_are_targets,
)


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
        mode=asked.mode,
    )


def _valid(asked: Asked) -> Valid:
    extended = asked.known_client.extended
    max_age = asked.value("max_age")
    claims = claims_request.read(asked.values["claims"]) if asked.value("claims") else None
    listed, essential = claims_request.acr_values(claims)
    hint = asked.hinted or claims_request.subject(claims)
    return Valid(
        client=asked.known_client,
        redirect_uri=asked.redirect_uri,
        response_type=asked.values["response_type"],
        scope=" ".join(granted(asked)),
        state=asked.value("state"),
        nonce=asked.value("nonce"),
        code_challenge=asked.value("code_challenge"),
        resources=tuple(dict.fromkeys(asked.resources)),
        prompt=_prompts(asked),
        max_age=extended.default_max_age if max_age is None else int(max_age),
        login_hint=asked.value("login_hint") or "",
        ui_locales=asked.value("ui_locales") or "",
        is_unknown_app=asked.is_unknown_app,
        mode=asked.mode,
        claims=claims,
        subject=hint,
        acr=listed or tuple((asked.value("acr_values") or "").split()) or extended.default_acr_values,
        acr_essential=essential,
        jkt=asked.value("dpop_jkt"),
        pushed=asked.pushed,
    )
