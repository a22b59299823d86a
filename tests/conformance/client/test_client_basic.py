"""oidcc-client-basic-certification-test-plan: code flow, client_secret_basic, static client."""

import base64
from urllib.parse import unquote_plus

import pytest

from tests.conformance.client.conftest import Client
from tests.house.op import CLIENT_ID, CLIENT_SECRET, Provider, merged, rsa_key


async def test_oidcc_client_test(client: Client) -> None:
    await client.accepts()


async def test_oidcc_client_test_invalid_iss(client: Client, op: Provider) -> None:
    op.change_claims = merged(iss="https://another.example")
    await client.refuses()


async def test_oidcc_client_test_missing_sub(client: Client, op: Provider) -> None:
    op.change_claims = merged(sub=...)
    await client.refuses()


async def test_oidcc_client_test_invalid_aud(client: Client, op: Provider) -> None:
    op.change_claims = merged(aud="another-client")
    await client.refuses()


async def test_oidcc_client_test_missing_aud(client: Client, op: Provider) -> None:
    op.change_claims = merged(aud=...)
    await client.refuses()


async def test_oidcc_client_test_missing_iat(client: Client, op: Provider) -> None:
    op.change_claims = merged(iat=...)
    await client.refuses()


async def test_oidcc_client_test_kid_absent_single_jwks(client: Client, op: Provider) -> None:
    op.change_header = merged(kid=...)
    await client.accepts()


async def test_oidcc_client_test_kid_absent_multiple_jwks(client: Client, op: Provider) -> None:
    """Two keys fit, and nothing says which: the plan lets a client refuse."""
    op.change_header = merged(kid=...)
    op.published = [key.as_dict(private=False) for key in (op.keys[0], rsa_key("second"))]
    await client.refuses()


async def test_oidcc_client_test_ignores_unparseable_key_in_jwks(client: Client, op: Provider) -> None:
    op.published = [
        {"kty": "RSA", "kid": "broken", "n": "%", "e": 1},
        {"kty": "new"},
        op.keys[0].as_dict(private=False),
    ]
    await client.accepts()


async def test_oidcc_client_test_idtoken_sig_rs256(client: Client, op: Provider) -> None:
    op.change_header = merged(alg="RS256")
    await client.accepts()


async def test_oidcc_client_test_idtoken_sig_none(client: Client, op: Provider) -> None:
    op.signer = "none"
    await client.refuses()


@pytest.mark.parametrize("signer", ["tampered", "other"])
async def test_oidcc_client_test_invalid_sig_rs256(signer: str, client: Client, op: Provider) -> None:
    op.signer = signer
    await client.refuses()


async def test_oidcc_client_test_invalid_sig_hs256(client: Client, op: Provider) -> None:
    op.signer = "public-key-as-secret"
    await client.refuses()


async def test_oidcc_client_test_userinfo_invalid_sub(client: Client, op: Provider) -> None:
    op.change_userinfo = merged(sub="somebody-else")
    await client.refuses(after_userinfo=True)


@pytest.mark.parametrize("nonce", ["another", ..., 7])
async def test_oidcc_client_test_nonce_invalid(nonce: object, client: Client, op: Provider) -> None:
    op.change_claims = merged(nonce=nonce)
    await client.refuses()


async def test_oidcc_client_test_scope_userinfo_claims(client: Client, op: Provider) -> None:
    op.change_claims = merged(email=..., email_verified=...)
    await client.accepts()
    assert "maria@example.com" in (await client.browser.get("/user/account")).text


async def test_oidcc_client_test_client_secret_basic(client: Client, op: Provider) -> None:
    await client.accepts()
    form, headers = op.token_requests[0]
    sent = {name.lower(): value for name, value in headers.items()}["authorization"].removeprefix("Basic ")
    client_id, _, secret = base64.b64decode(sent).decode().partition(":")
    assert (CLIENT_ID, CLIENT_SECRET) == (unquote_plus(client_id), unquote_plus(secret))
    assert "client_secret" not in form


async def test_oidcc_client_test_userinfo_bearer_header(client: Client) -> None:
    await client.accepts()


async def test_oidcc_client_test_signed_userinfo(client: Client, op: Provider) -> None:
    op.userinfo_signed = True
    await client.accepts()


async def test_oidcc_client_test_invalid_at_hash(client: Client, op: Provider) -> None:
    op.change_claims = merged(at_hash="AAAAAAAAAAAAAAAAAAAAAA")
    await client.refuses()


async def test_oidcc_client_test_missing_athash(client: Client, op: Provider) -> None:
    """In the code flow it may be left out."""
    op.change_claims = merged(at_hash=...)
    await client.accepts()
