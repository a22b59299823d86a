"""``/oauth2/userInfo`` (OIDC Core section 5.3, RFC 6750)."""

from poolhouse.kit.edge import HeaderPair, Raw, Reply
from poolhouse.pool.core.proof_algorithms import ASYMMETRIC
from poolhouse.pool.core.tokens import user_info
from poolhouse.pool.flows import dpop, keys
from poolhouse.pool.flows.caller import TokenUser, user_by_token
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.site import Site
from poolhouse.pool.model.binding import Binding
from poolhouse.pool.oauth import possession
from poolhouse.pool.oauth.answers import Problem, form_of, json_body
from poolhouse.pool.spec.errors import Reason, oauth

_DPOP = "dpop"


async def answer(flow: Flow, site: Site, raw: Raw) -> Reply:
    """
    The user's attributes, by the token's scopes and the client's read permissions.

    In the service's dialect all values are strings, ``email_verified`` and ``phone_number_verified`` too; the ID token
    has booleans.
    """
    scheme = raw.header("authorization").partition(" ")[0].lower()
    try:
        caller = await _caller(flow, site, raw, scheme)
    except Refused as no:
        raise _denied(no.reason, scheme, strict=flow.config.strict) from no
    if caller.entry.pool.id != site.entry.pool.id:
        raise _denied(Reason.ACCESS_TOKEN_INVALID, scheme, strict=flow.config.strict)
    told = possession.nonce_headers(flow, site, required=caller.client.extended.require_dpop_nonce)
    return (await _reply(flow, caller)).with_headers(*told)


async def _caller(flow: Flow, site: Site, raw: Raw, scheme: str) -> TokenUser:
    """The user of a token that is shown as what it is: a bound one by DPoP or with its certificate (RFC 9449 7.1)."""
    token = _token(raw, strict=flow.config.strict)
    proof = possession.proof_of(flow, site, raw, token=token) if scheme == _DPOP else None
    if proof is None and scheme == _DPOP:
        raise Refused(Reason.DPOP_PROOF_WRONG, why="it is missing")
    seen = possession.certificate(flow, raw)
    binding = Binding(jkt=None if proof is None else proof.jkt, x5t=None if seen is None else seen.thumbprint)
    caller = await user_by_token(flow, token, scope=None, binding=binding)
    if "openid" not in caller.scopes:
        raise _short(caller, scheme)
    if proof is not None:
        required = caller.client.extended.require_dpop_nonce
        possession.check_nonce(flow, site, proof, required=required, scheme="DPoP")
        # Last, so that nobody without a token has anything remembered.
        await dpop.remember(flow, proof)
    return caller


async def _reply(flow: Flow, caller: TokenUser) -> Reply:
    """A JSON document, or as the client said a signed one: then with issuer and audience (OIDC Core section 5.3.2)."""
    claims = user_info(caller.client, caller.user, caller.grant, " ".join(caller.scopes), caller.entry.salt)
    alg = caller.client.extended.userinfo_signed_response_alg
    if alg is None:
        return json_body(claims)
    key = await keys.identity(flow, caller.entry, alg)
    issuer = flow.config.issuer(caller.entry.pool.id)
    token = await flow.signer.run(key.sign, {**claims, "iss": issuer, "aud": caller.client.id})
    return Reply(200, token.encode("ascii"), (("content-type", "application/jwt"),))


def _token(raw: Raw, *, strict: bool) -> str:
    """The token of the header, or of a form body (RFC 6750 sections 2.1, 2.2); in a URL it would be in every log."""
    scheme, _, in_header = raw.header("authorization").partition(" ")
    in_body = _form_token(raw)
    in_header = in_header.strip() if scheme.lower() in {"bearer", _DPOP} else ""
    if bool(in_header) == bool(in_body):
        description = "Bad OAuth2 request at UserInfo Endpoint"
        raise Problem(
            "invalid_request", description, headers=(_challenge("invalid_request", description, strict=strict),)
        )
    return in_header or in_body


def _form_token(raw: Raw) -> str:
    if raw.method != "POST" or not raw.body or raw.media_type != "application/x-www-form-urlencoded":
        return ""
    return form_of(raw).get("access_token", "")


def _denied(reason: Reason, scheme: str, *, strict: bool) -> Problem:
    """One answer for every token that opens nothing: what became of the user is not the bearer's business."""
    is_proof = reason is Reason.DPOP_PROOF_WRONG
    error, description = oauth(Reason.ACCESS_TOKEN_INVALID)
    if is_proof:
        error, description = "invalid_dpop_proof", "The DPoP proof is not good for this request."
    asks = _challenge(error, description, strict=strict)
    if scheme == _DPOP:
        asks = (asks[0], f'DPoP error="{error}", error_description="{description}", algs="{" ".join(ASYMMETRIC)}"')
    return Problem(error, description, status=401, headers=(asks,))


def _short(caller: TokenUser, scheme: str) -> Exception:
    """A token without ``openid``: RFC 6750 section 3.1 has an error for it; to the service it is any bad token."""
    if caller.client.extended.dialect != "openid":
        return Refused(Reason.ACCESS_TOKEN_SCOPE)
    error, description = "insufficient_scope", "UserInfo needs the scope openid"
    name = "DPoP" if scheme == _DPOP else "Bearer"
    asks = f'{name} error="{error}", error_description="{description}", scope="openid"'
    return Problem(error, description, status=403, headers=(("www-authenticate", asks),))


def _challenge(error: str, description: str, *, strict: bool) -> HeaderPair:
    """
    The service's text.

    DEVIATION: the service sends it without the scheme, which RFC 9110 section 11.6.1 demands; so does strict mode.
    """
    scheme = "" if strict else "Bearer "
    return "www-authenticate", f'{scheme}error="{error}", error_description="{description}"'
