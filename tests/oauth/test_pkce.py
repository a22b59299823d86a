"""Proof key for code exchange: RFC 7636, S256 only."""

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.web import (
    CHALLENGE,
    VERIFIER,
    a_code,
    a_web_client,
    answer_of,
    authorize,
    error_of,
    redeem,
    signed_in,
)

S256 = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


async def test_the_verifier_redeems_the_code(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User) -> None:
    public = await a_web_client(flow, pool, secret=False)
    code = await a_code(flow, web, public, person, **S256)

    assert 200 == (await redeem(web, public, code, code_verifier=VERIFIER)).status_code


async def test_another_verifier_does_not(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    code = await a_code(flow, web, client, person, **S256)

    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code, code_verifier=VERIFIER + "x"))
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code, code_verifier=VERIFIER))


async def test_a_verifier_cannot_be_left_out(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    # CVE-2023-48228: downgrade by dropping the verifier
    code = await a_code(flow, web, client, person, **S256)

    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code))


async def test_a_verifier_without_a_challenge_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    # CVE-2024-23647: downgrade by dropping the challenge
    code = await a_code(flow, web, client, person)

    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code, code_verifier=VERIFIER))


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_challenge": CHALLENGE},
        {"code_challenge_method": "S256"},
        {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        {"code_challenge": CHALLENGE, "code_challenge_method": "s256"},
        {"code_challenge": CHALLENGE[:-1], "code_challenge_method": "S256"},
        {"code_challenge": CHALLENGE + "=", "code_challenge_method": "S256"},
        {"code_challenge": "!" * 43, "code_challenge_method": "S256"},
    ],
)
async def test_a_challenge_is_whole_and_s256(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, wrong: dict[str, str]
) -> None:
    await signed_in(flow, web, person)

    assert "invalid_request" == answer_of(await authorize(web, client, **wrong))["error"]
