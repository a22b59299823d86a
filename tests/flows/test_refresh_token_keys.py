"""By what a refresh token is found: the moment in which it was minted, then its digest."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows import issue, refresh, refresh_tokens
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.store import grants
from tests.store.rows import a_grant
from tests.support.builders import a_client, a_pool, a_user


def test_a_token_of_a_later_moment_has_a_later_key(flow: Flow, clock: FixedClock) -> None:
    keys = []
    for _ in range(20):
        token, record = refresh_tokens.mint(flow, a_grant(), generation=0)
        assert record.digest == refresh_tokens.key(token)
        keys.append(record.digest)
        clock.advance(0.001)

    assert sorted(keys) == keys


def test_tokens_of_one_moment_have_keys_of_their_own(flow: Flow) -> None:
    made = [refresh_tokens.mint(flow, a_grant(), generation=0)[1].digest for _ in range(100)]

    assert 100 == len(set(made))


@given(st.text())
def test_a_key_holds_the_digest_of_whatever_is_shown(shown: str) -> None:
    assert refresh_tokens.key(shown).endswith(hashlib.sha256(shown.encode()).digest())


async def test_a_token_from_before_keys_had_a_moment_is_still_good(flow: Flow) -> None:
    entry = await a_pool(flow)
    client, user = await a_client(flow, entry), await a_user(flow, entry, "ada")
    grant = issue.new_grant(flow, client.client, user, scope="openid", hosted=False, auth_time=0, amr=("pwd",))
    token = await put_as_before(flow, grant)

    renewed = await refresh.renew(flow, ProvenClient(entry, client.client, confidential=False), token)

    assert renewed.access_token


async def put_as_before(flow: Flow, grant: Grant) -> str:
    """A token whose third part is twelve random digits, under its digest alone."""
    minted, record = refresh_tokens.mint(flow, grant, generation=0)
    parts = minted.split(".")
    token = ".".join((*parts[:2], "5eb1a70c0ffe", *parts[3:]))
    digest = hashlib.sha256(token.encode()).digest()

    async def unit(tx: Tx) -> None:
        await grants.put_grant(tx, grant)
        before = type(record)(digest=digest, grant_id=grant.id, generation=0, expires_at=record.expires_at)
        await grants.put_refresh_token(tx, before)

    await flow.database.write(unit)
    return token
