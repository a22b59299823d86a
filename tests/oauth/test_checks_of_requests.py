"""The checks on an authorization request as pure functions: whatever arrives, and what may never come out."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core.authorization_request import Asked, BadClient, BadRequest, Valid
from poolhouse.pool.core.authorize import APP_CHECKS, PAGE_CHECKS, check
from poolhouse.pool.core.scopes import scope_tokens, unreadable_scope
from poolhouse.pool.model.pool import Client, ClientId, PoolId
from poolhouse.pool.spec.shapes import UserPoolClientType

CALLBACKS = ["https://app.example/callback", "myapp://cb"]
SCOPES = ["openid", "email", "profile", "https://api.example/read"]
NAMES = (
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge",
    "code_challenge_method", "prompt", "max_age", "login_hint", "lang", "identity_provider", "idp_identifier",
    "resource", "request", "request_uri",
)  # fmt: skip
LIKELY = (
    *CALLBACKS, *SCOPES, "code", "token", "query", "fragment", "openid email", "S256", "plain", "none", "login", "0",
    "COGNITO", "a" * 43, "https://evil.example", "https://app.example/callback#", "c1",
)  # fmt: skip


def a_client(**settings: object) -> Client:
    given: dict[str, object] = {
        "allowed_o_auth_flows_user_pool_client": True,
        "allowed_o_auth_flows": ["code", "implicit"],
        "allowed_o_auth_scopes": SCOPES,
        "callback_urls": CALLBACKS,
        "supported_identity_providers": ["COGNITO"],
    }
    shape = UserPoolClientType(**(given | settings))  # type: ignore[arg-type]
    return Client(id=ClientId("c1"), pool_id=PoolId("p_1"), created_ms=0, modified_ms=0, settings=shape)


def asked(values: dict[str, str], *repeated: str, client: Client | None = None) -> Asked:
    return Asked(
        values=values,
        repeated=frozenset(repeated),
        client=client or a_client(),
        is_custom_scope=lambda scope: scope == SCOPES[-1],
        resources=(values["resource"],) if "resource" in values else (),
        resource_servers=frozenset({"https://api.example"}),
    )


values = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(LIKELY) | st.text(min_size=1))


@given(values, st.sets(st.sampled_from(NAMES)), st.booleans())
def test_nothing_but_a_registered_uri_is_ever_answered(
    values: dict[str, str], repeated: set[str], exists: bool
) -> None:
    request = asked(values, *repeated)
    verdict = check(request if exists else msgspec.structs.replace(request, client=None))

    match verdict:
        case Valid() | BadRequest():
            assert verdict.redirect_uri in CALLBACKS
            assert exists
        case BadClient():
            assert verdict.error


@given(values)
def test_what_is_granted_was_allowed_and_asked_for(values: dict[str, str]) -> None:
    verdict = check(asked(values | {"client_id": "c1", "redirect_uri": CALLBACKS[0], "response_type": "code"}))

    if isinstance(verdict, Valid):
        granted = set(verdict.scope.split())
        assert granted
        assert granted <= set(SCOPES)
        assert "scope" not in values or granted <= set(values["scope"].split())
        assert (verdict.code_challenge is None) == ("code_challenge_method" not in values)


def test_the_client_comes_before_the_uri_and_both_before_all_else() -> None:
    everything_wrong = {"client_id": "c1", "redirect_uri": "https://evil.example", "response_type": "x", "scope": "y"}

    assert BadClient("redirect_mismatch", "c1") == check(asked(everything_wrong))
    assert ("_client_is_named", "_redirect_uri_is_registered") == (PAGE_CHECKS[0].__name__, PAGE_CHECKS[-1].__name__)
    assert "_no_parameter_is_repeated" == APP_CHECKS[0].__name__


def test_a_default_that_is_not_registered_is_still_the_clients_own() -> None:
    # CreateUserPoolClient refuses such a default; were it stored all the same, nothing but it could be answered.
    client = a_client(default_redirect_uri=CALLBACKS[1])

    verdict = check(asked({"client_id": "c1", "response_type": "code"}, client=client))

    assert isinstance(verdict, Valid)
    assert CALLBACKS[1] == verdict.redirect_uri


def test_scopes_are_read_once_each_in_their_order() -> None:
    assert ("b", "a") == scope_tokens("b a b")
    assert () == scope_tokens("")
    assert ("", "a") == scope_tokens(" a")


def test_both_attributes_behind_a_scope_must_be_readable() -> None:
    def reads(*names: str) -> Client:
        return a_client(read_attributes=list(names))

    assert not unreadable_scope(a_client(), "openid email phone")
    assert not unreadable_scope(reads("email", "email_verified"), "openid email")
    assert unreadable_scope(reads("email"), "openid email")
    assert unreadable_scope(reads("email", "email_verified", "phone_number"), "openid email phone")
    assert not unreadable_scope(reads("email"), "openid profile")
