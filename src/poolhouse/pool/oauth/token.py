"""
``POST /oauth2/token`` (RFC 6749 section 3.2).

Every grant goes through the same phases: parse, authenticate the client, is the grant allowed, then the grant itself,
which checks, mints and writes.
"""

from collections.abc import Awaitable, Callable

import msgspec

from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.flows import client_grant, code_grant, device_grant, rates, refresh, token_exchange
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.code_grant import Redemption
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.issue import Tokens
from poolhouse.pool.flows.site import Site
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.oauth import client, possession
from poolhouse.pool.oauth.answers import Form, Lists, Problem, form_and_lists, json_body, required
from poolhouse.pool.spec.errors import Reason


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request to the endpoint whose client has proved itself; *lists* are the parameters that may be repeated."""

    flow: Flow
    proven: ProvenClient
    raw: Raw
    form: Form
    lists: Lists

    @property
    def resources(self) -> tuple[str, ...]:
        """What the tokens are to be for (RFC 8707); strictly nothing, as the service does not read it here."""
        return () if self.flow.config.strict else self.lists["resource"]

    @property
    def origin(self) -> Origin:
        return Origin(self.raw.peer, self.raw.header("user-agent"))


class GrantType(msgspec.Struct, frozen=True):
    """A grant: whether a client has been given it, how it is served, and the category in which its requests count."""

    is_allowed: Callable[[ProvenClient], bool]
    serve: Callable[[Call], Awaitable[Tokens]]
    rate: str = "UserToken"


async def answer(flow: Flow, site: Site, raw: Raw) -> Reply:
    """Tokens as JSON; never cached."""
    form, lists = form_and_lists(raw, *_REPEATABLE)
    grant = _GRANTS.get(required(form, "grant_type"))
    if grant is None:
        raise Refused(Reason.GRANT_UNSUPPORTED)
    rates.count(flow, site.entry.pool.id, grant.rate)
    proven = await possession.bind(flow, site, raw, await client.prove(flow, site, raw, form))
    if not grant.is_allowed(proven):
        raise Refused(Reason.GRANT_NOT_ALLOWED)
    tokens = await grant.serve(Call(flow=flow, proven=proven, raw=raw, form=form, lists=lists))
    kind = "Bearer" if proven.binding.jkt is None else "DPoP"
    told = possession.nonce_headers(flow, site, required=proven.client.extended.require_dpop_nonce)
    return json_body(_body(tokens, kind, strict=flow.config.strict), headers=told)


def _everybody(_proven: ProvenClient) -> bool:
    return True


def _with_code(proven: ProvenClient) -> bool:
    return _has_flow(proven, "code")


def _with_credentials(proven: ProvenClient) -> bool:
    return proven.confidential and _has_flow(proven, "client_credentials")


def _has_flow(proven: ProvenClient, flow: str) -> bool:
    settings = proven.client.settings
    return bool(settings.allowed_o_auth_flows_user_pool_client) and flow in (settings.allowed_o_auth_flows or ())


def _redeem_code(call: Call) -> Awaitable[Tokens]:
    form = call.form
    shown = Redemption(
        code=required(form, "code"),
        redirect_uri=form.get("redirect_uri"),
        code_verifier=form.get("code_verifier"),
        resources=call.resources,
    )
    return code_grant.redeem(call.flow, call.proven, shown, call.origin)


def _refresh(call: Call) -> Awaitable[Tokens]:
    form = call.form
    return refresh.renew(
        call.flow, call.proven, required(form, "refresh_token"), device_key=form.get("device_key"), origin=call.origin,
        resources=call.resources, scope=form.get("scope"),
    )  # fmt: skip


def _client_credentials(call: Call) -> Awaitable[Tokens]:
    metadata = _metadata(call.form.get("aws_client_metadata"))
    return client_grant.grant(call.flow, call.proven, call.form.get("scope"), metadata, call.resources)


def _for_devices(proven: ProvenClient) -> bool:
    return device_grant.is_allowed(proven.client)


def _device(call: Call) -> Awaitable[Tokens]:
    code = required(call.form, "device_code")
    return device_grant.redeem(call.flow, call.proven, code, call.origin, call.resources)


def _for_exchange(proven: ProvenClient) -> bool:
    return token_exchange.is_allowed(proven)


async def _exchange(call: Call) -> Tokens:
    """RFC 8693 section 2.1; access tokens for an access token, the one kind whose state is known here."""
    form = call.form
    for role in ("subject", "actor"):
        kind, shown = form.get(f"{role}_token_type"), form.get(f"{role}_token")
        if (kind is None) != (shown is None):
            raise Problem("invalid_request", f"{role}_token and {role}_token_type go together")
        if kind not in {None, token_exchange.ACCESS_TOKEN}:
            raise Problem("invalid_request", f"{role}_token_type is not supported")
    if form.get("requested_token_type", token_exchange.ACCESS_TOKEN) != token_exchange.ACCESS_TOKEN:
        raise Problem("invalid_request", "requested_token_type is not supported")
    wanted = token_exchange.Wanted(scope=form.get("scope"), targets=(*call.lists["resource"], *call.lists["audience"]))
    subject = required(form, "subject_token")
    return await token_exchange.exchange(call.flow, call.proven, subject, form.get("actor_token"), wanted)


def _metadata(given: str | None) -> dict[str, str] | None:
    """``aws_client_metadata``: a JSON object of texts, for the pre token generation trigger."""
    if given is None:
        return None
    try:
        return msgspec.json.decode(given, type=dict[str, str])
    except (ValueError, RecursionError) as wrong:
        raise Refused(Reason.PARAMETER_MISSING, name="aws_client_metadata") from wrong


_GRANTS = {
    "authorization_code": GrantType(_with_code, _redeem_code),
    "refresh_token": GrantType(_everybody, _refresh),
    "client_credentials": GrantType(_with_credentials, _client_credentials, "ClientAuthentication"),
    device_grant.GRANT: GrantType(_for_devices, _device),
    token_exchange.GRANT: GrantType(_for_exchange, _exchange),
}
"""By the names of the registry; how each is found out to be allowed stands beside how it is served."""
_REPEATABLE: tuple[str, ...] = ("resource", "audience")
"""Parameters that may come several times."""


class _Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    The members in the service's order; those that a grant does not give are left out.

    DEVIATION: ``scope`` is added, since scopes that a client may not have were left out of it (RFC 6749 section 5.1);
    not in strict mode.
    """

    id_token: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None
    issued_token_type: str | None = None
    expires_in: int | None = None
    token_type: str
    scope: str | None = None

    def __repr__(self) -> str:
        return "_Body(***)"


def _body(tokens: Tokens, kind: str, *, strict: bool) -> _Body:
    return _Body(
        id_token=tokens.id_token,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        issued_token_type=tokens.issued_token_type,
        expires_in=tokens.expires_in,
        token_type=kind,
        scope=None if strict else tokens.scope,
    )
