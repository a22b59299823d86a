"""A pool's signing keys: which one signs, who can verify, and that nothing becomes invalid when they change over."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from poolhouse.kit.ambient import FixedClock, ScriptedEntropy
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.protocol import Database
from poolhouse.kit.jose import SigningKey, left_half, mint_key
from poolhouse.pool.core.key_schedule import GRACE_MS, KEPT_MS, PUBLISHED_MS
from poolhouse.pool.flows import keys, sweeper
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import pools as store
from tests.support.builders import a_pool, a_user, the_pool
from tests.support.fixtures import make_flow
from tests.support.logout import silently, tokens_of
from tests.support.proofs import extend
from tests.support.service import Service, service, sqlite_only
from tests.support.web import DOMAIN, a_browser, a_web_client, application, error_of, signed_in, token

__all__ = ["service"]

HOUR, DAY = 3600, 86_400
RSA = [mint_key() for _ in range(6)]


async def published(web: httpx.AsyncClient, pool: PoolEntry) -> dict[str, Any]:
    found = (await web.get(f"/{pool.pool.id}/.well-known/jwks.json")).json()
    return {each["kid"]: each for each in found["keys"]}


def header_of(text: str) -> dict[str, Any]:
    return dict(jws.extract_compact(text.encode()).headers())


def kid_of(text: str) -> str:
    return str(header_of(text)["kid"])


def rotating(flow: Flow, days: int) -> Flow:
    return msgspec.structs.replace(flow, config=msgspec.structs.replace(flow.config, key_rotation_days=days))


def again(flow: Flow) -> None:
    """What an announcement does, which on PostgreSQL comes over another connection."""
    flow.directory._forget("*")


async def rotate(flow: Flow, pool: PoolEntry, *, at_once: bool = False) -> keys.Rotation:
    made = await keys.rotate(flow, pool.pool.id, at_once=at_once)
    again(flow)
    return made


async def test_a_successor_is_published_for_a_day_before_it_signs(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    former = set(await published(web, pool))
    made = await rotate(flow, pool)

    assert former | set(made.kids) == set(await published(web, pool))
    assert {"id_token": True, "access_token": True} == await signs(flow, web, client, person, former)
    clock.advance(DAY - 1)
    assert {"id_token": True, "access_token": True} == await signs(flow, web, client, person, former)
    clock.advance(1)
    assert {"id_token": True, "access_token": True} == await signs(flow, web, client, person, set(made.kids))


async def signs(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, user: User, kids: set[str]) -> dict[str, bool]:
    """Which tokens are signed by one of *kids*."""
    held = await tokens_of(flow, web, client, user)
    return {name: kid_of(held[name]) in kids for name in ("id_token", "access_token")}


async def test_a_former_key_stays_until_its_last_token_has_expired(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    former = set(await published(web, pool))
    made = await rotate(flow, pool)
    clock.advance(DAY + KEPT_MS // 1000 - 1)
    await sweeper.sweep(flow)
    again(flow)
    assert former <= set(await published(web, pool))
    clock.advance(1)
    await sweeper.sweep(flow)
    again(flow)
    assert set(made.kids) == set(await published(web, pool))
    assert {"id_token": True, "access_token": True} == await signs(flow, web, client, person, set(made.kids))


async def test_at_once_is_within_seconds_and_brings_a_rotation_under_way_forward(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    first = await rotate(flow, pool)
    with pytest.raises(keys.RotationUnderWay):
        await keys.rotate(flow, pool.pool.id)

    hastened = await rotate(flow, pool, at_once=True)

    assert set(first.kids) == set(hastened.kids)
    clock.advance(GRACE_MS // 1000)
    assert {"id_token": True, "access_token": True} == await signs(flow, web, client, person, set(first.kids))
    second = await rotate(flow, pool, at_once=True)
    clock.advance(GRACE_MS // 1000)
    assert {"id_token": True, "access_token": True} == await signs(flow, web, client, person, set(second.kids))
    assert 6 == len(await published(web, pool))


async def test_keys_are_changed_over_by_age_if_the_server_is_told_to(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, clock: FixedClock
) -> None:
    clock.advance(90 * DAY)
    await sweeper.sweep(flow)
    again(flow)
    assert 2 == len(await published(web, pool))

    await sweeper.sweep(rotating(flow, 91))
    again(flow)
    assert 2 == len(await published(web, pool))

    for _ in range(2):
        await sweeper.sweep(rotating(flow, 90))
    again(flow)
    assert 4 == len(await published(web, pool))


async def test_a_stolen_key_is_worth_nothing_at_once(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, client, person)
    former = set(await published(web, pool))
    await keys.rotate(flow, pool.pool.id)

    made = await keys.revoke(flow, pool.pool.id)
    again(flow)

    assert set(made.kids) == set(await published(web, pool))
    assert former.isdisjoint(made.kids)
    bearer = {"authorization": f"Bearer {held['access_token']}"}
    assert 401 == (await web.get(f"/domains/{DOMAIN}/oauth2/userInfo", headers=bearer)).status_code
    renewed = await token(web, client, grant_type="refresh_token", refresh_token=held["refresh_token"])
    assert 200 == renewed.status_code
    assert kid_of(renewed.json()["access_token"]) in made.kids
    assert kid_of(renewed.json()["id_token"]) in made.kids


async def test_keys_of_every_algorithm_are_revoked(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    await keys.provide(flow, pool.pool.id, "ES256")

    made = await keys.revoke(flow, pool.pool.id)
    again(flow)

    assert 3 == len(made.kids)
    assert {"RS256", "ES256"} == {each["alg"] for each in (await published(web, pool)).values()}


async def test_of_two_rotations_at_once_one_is_made(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    made = await asyncio.gather(*(keys.rotate(flow, pool.pool.id) for _ in range(4)), return_exceptions=True)

    assert 1 == len([each for each in made if isinstance(each, keys.Rotation)])
    refused = [each for each in made if not isinstance(each, keys.Rotation)]
    assert all(isinstance(each, keys.RotationUnderWay) or _is_busy(each) for each in refused)
    again(flow)
    assert 4 == len(await published(web, pool))


def _is_busy(error: object) -> bool:
    return isinstance(error, Refused) and error.reason is Reason.BUSY


async def test_a_pool_that_is_not_there_has_no_keys_to_rotate(flow: Flow) -> None:
    with pytest.raises(Refused):
        await keys.rotate(flow, (await a_pool(flow)).pool.id.replace("us-east-1_", "us-east-1_x"))  # type: ignore[arg-type]


async def test_every_replica_changes_over_by_its_clock(
    flow: Flow, pool: PoolEntry, pool_database: Database, clock: FixedClock, config: ServerConfig, cpu: CpuPool,
    signer: CpuPool,
) -> None:  # fmt: skip
    replica = make_flow(pool_database, clock, config, cpu, signer, "replica")
    await the_pool(replica, pool.pool.id)

    told = asyncio.Event()
    pool_database.subscribe(store.CHANGED, lambda _: told.set())
    made = await keys.rotate(flow, pool.pool.id)
    await asyncio.wait_for(told.wait(), 5)
    clock.advance(DAY)

    kids = {(await the_pool(each, pool.pool.id)).keys.access(clock.now_ms()).kid for each in (flow, replica)}
    assert 1 == len(kids)
    assert kids <= set(made.kids)
    await replica.http.close()


class Rp:
    """A verifier that keeps the key set for as long as the answer allows, or a day."""

    def __init__(self, keeps: int) -> None:
        self.keeps = keeps
        self.kids: set[str] = set()
        self.fetched_at = -(2**40)

    def look(self, pool: PoolEntry, now: int) -> None:
        if now - self.fetched_at >= self.keeps:
            self.kids = {each["kid"] for each in msgspec.json.decode(pool.keys.jwks)["keys"]}
            self.fetched_at = now


@sqlite_only
@pytest.mark.parametrize("seed", range(3))
async def test_no_token_is_invalid_at_any_moment_whatever_is_rotated_when(
    flow: Flow, clock: FixedClock, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model: an hour or so at a time, sometimes a rotation, sweeps in between; each token is good until it expires."""
    entropy = ScriptedEntropy(f"keys {seed}")

    def chance(one_in: int) -> bool:
        return not int.from_bytes(entropy.token(4)) % one_in

    spare = list(RSA)

    def made(alg: str) -> SigningKey:
        # Making an RSA key takes 100 ms; one that was taken away long ago may come again.
        spare.append(spare.pop(0))
        return spare[-1] if alg == "RS256" else mint_key(alg)

    monkeypatch.setattr(keys, "mint_key", made)
    pool = await a_pool(flow)
    rps, living = [Rp(300), Rp(DAY)], list[tuple[str, int]]()
    for _ in range(120):
        clock.advance(next(step for step in (1, 60, 6 * HOUR, HOUR) if step == HOUR or chance(4)))
        if chance(6):
            await _rotate_if_spare(flow, pool)
        await keys.sweep(rotating(flow, 5) if await _has_room(flow, pool) else flow)
        entry, now = await the_pool(flow, pool.pool.id), clock.now()
        signer = entry.keys.access(clock.now_ms())
        for rp in rps:
            rp.look(entry, now)
            assert signer.kid in rp.kids
        living = [(text, until) for text, until in living if until > now]
        living.append((signer.sign({"n": len(living)}), now + DAY))
        for text, _ in living:
            entry.verifier.verify(text)


async def _has_room(flow: Flow, pool: PoolEntry) -> bool:
    """Whether two of the few keys of the test are unused."""
    return len(await flow.database.read(lambda tx: store.list_keys(tx, pool.pool.id))) <= 4


async def _rotate_if_spare(flow: Flow, pool: PoolEntry) -> None:
    if await _has_room(flow, pool):
        try:
            await keys.rotate(flow, pool.pool.id)
        except keys.RotationUnderWay:
            return


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(("alg", "kty"), [("RS256", "RSA"), ("ES256", "EC"), ("EdDSA", "OKP")])
async def test_an_app_has_its_id_tokens_by_the_algorithm_that_it_asked_for(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User, alg: str, kty: str
) -> None:
    app = await extend(flow, client, id_token_signed_response_alg=alg)

    held = await tokens_of(flow, web, app, person)

    found = await published(web, pool)
    assert (alg, kty) == (found[kid_of(held["id_token"])]["alg"], found[kid_of(held["id_token"])]["kty"])
    verified = jwt.decode(held["id_token"], KeySet.import_key_set({"keys": list(found.values())}), algorithms=[alg])
    assert left_half(held["access_token"], alg) == verified.claims["at_hash"]
    assert {"EdDSA": 43}.get(alg, 22) == len(verified.claims["at_hash"])
    assert "RS256" == header_of(held["access_token"])["alg"]
    refreshed = await token(web, app, grant_type="refresh_token", refresh_token=held["refresh_token"])
    assert alg == header_of(refreshed.json()["id_token"])["alg"]


async def test_a_pool_has_the_services_two_keys_until_an_app_asks_for_more_and_one_then(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry
) -> None:
    assert 2 == len(await published(web, pool))
    for each in (client, await a_web_client(flow, pool)):
        await extend(flow, each, id_token_signed_response_alg="ES256")
    assert 3 == len(await published(web, pool))


async def test_keys_of_all_algorithms_are_changed_over_together(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    app = await extend(flow, client, id_token_signed_response_alg="EdDSA")
    before = await tokens_of(flow, web, app, person)
    made = await rotate(flow, pool)
    clock.advance(DAY)

    held = await tokens_of(flow, web, app, person)

    assert kid_of(before["id_token"]) != kid_of(held["id_token"])
    assert (3, True) == (len(made.kids), kid_of(held["id_token"]) in made.kids)
    assert PUBLISHED_MS == DAY * 1000


async def test_user_info_is_signed_by_the_algorithm_that_the_app_asked_for(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    app = await extend(flow, client, userinfo_signed_response_alg="ES256")
    held = await tokens_of(flow, web, app, person)

    told = await web.get(
        f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {held['access_token']}"}
    )

    assert "ES256" == header_of(told.text)["alg"]


async def test_cve_2026_9802_a_rotated_refresh_token_stays_dead_after_a_restart(
    flow: Flow, pool: PoolEntry, client: ClientEntry, person: User, web: httpx.AsyncClient, pool_database: Database,
    clock: FixedClock, config: ServerConfig, cpu: CpuPool, signer: CpuPool, service: Service,
) -> None:  # fmt: skip
    rotation = shapes.RefreshTokenRotationType(feature="ENABLED", retry_grace_period_seconds=0)
    app = await a_web_client(flow, pool, refresh_token_rotation=rotation)
    await a_user(flow, pool, "kim")
    await signed_in(flow, web, person)
    held = await silently(web, app)
    spent = held["refresh_token"]
    assert 200 == (await token(web, app, grant_type="refresh_token", refresh_token=spent)).status_code

    restarted = make_flow(pool_database, clock, config, cpu, signer, "restarted")
    async with a_browser(application(restarted)) as after:
        assert ("invalid_grant", 400) == error_of(
            await token(after, app, grant_type="refresh_token", refresh_token=spent)
        )
    await restarted.http.close()
