"""What an app's assertion says, and the keys that sign it: D31, C12."""

from typing import Any

import msgspec
import pytest

from poolhouse.house.app import House
from poolhouse.house.gate import Gate
from poolhouse.house.gateway.assertion import RETIRED_SECONDS, SECONDS
from poolhouse.house.gateway.key_rotation import AHEAD_SECONDS, DAY, ROTATED_DAYS, RotationUnderWay, keep_fresh, rotate
from poolhouse.house.gateway.table import check_gate
from poolhouse.house.store import assertion_keys
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.jwk import read_set
from poolhouse.kit.jws import fitting, read, verify
from tests.gateway.test_tokens import personal
from tests.gateway.world import Served, Upstream, until

WIKI = "http://wiki.localhost:8500/"


async def said(served: Served, app: Upstream, cookie: str) -> tuple[str, dict[str, Any]]:
    """The key's id and the claims of the assertion that the app gets now, verified with what is published now."""
    answer = await served.ask("/", Cookie=cookie)
    assert 200 == answer.status
    return await read_last(served, app)


async def read_last(served: Served, app: Upstream) -> tuple[str, dict[str, Any]]:
    token = read(app.header("x-house-assertion")[0])
    keys = read_set(msgspec.json.decode(await published(served)))
    verify(token, fitting(token, keys, ["ES256"]))
    return str(token.header["kid"]), token.claims


async def published(served: Served) -> bytes:
    return (await served.ask("/.well-known/jwks.json", host="localhost:8500")).body


async def test_it_says_what_the_app_asked_for(served: Served, app: Upstream) -> None:
    app_id = await served.add(WIKI, Gate(upstream=app.url, told_claims=("department", "nothing")))
    other_id = await served.add("http://other.localhost:8500/", Gate(upstream=app.url), name="Other")
    person = await served.sign_in(department="it", cost_centre="7", amr=["pwd", "otp"], auth_time=1_000)
    _, claims = await said(served, app, await served.at_app(app_id, person))
    cookie = await served.at_app(other_id, person, host="other.localhost:8500")
    await served.ask("/", host="other.localhost:8500", Cookie=cookie)
    _, other = await read_last(served, app)

    assert ("it", ["pwd", "otp"], 1_000) == (claims["department"], claims["amr"], claims["auth_time"])
    assert {"cost_centre", "nothing"}.isdisjoint(claims)
    assert WIKI == claims["aud"]
    assert "department" not in other
    assert claims["sid"] != other["sid"], "no two apps can tell that it is one session"
    assert person.account.id == claims["sub"] == other["sub"]


async def test_the_provider_cannot_say_when_somebody_will_have_signed_in(served: Served, app: Upstream) -> None:
    app_id = await served.add(WIKI, Gate(upstream=app.url))
    person = await served.sign_in(auth_time=99_999_999_999, amr="pwd")
    _, claims = await said(served, app, await served.at_app(app_id, person))

    assert claims["auth_time"] <= claims["iat"]
    assert "amr" not in claims


async def test_a_token_says_nothing_of_a_sign_in(served: Served, app: Upstream) -> None:
    await served.add(WIKI, Gate(upstream=app.url))
    made = await personal(served, await served.sign_in(amr=["pwd"], auth_time=1_000))
    await served.ask("/", Authorization=f"Bearer {made.secret.reveal()}")
    _, claims = await read_last(served, app)

    assert "maria@example.com" == claims["email"]
    assert {"amr", "auth_time"}.isdisjoint(claims)


async def test_c12_an_app_hears_of_the_groups_that_it_names(served: Served, app: Upstream) -> None:
    app_id = await served.add(WIKI, Gate(upstream=app.url, told_groups=("staff", "wiki-*")))
    groups = [f"group-{number}" for number in range(1_000)] + ["staff", "wiki-editors", "wiki"]
    _, claims = await said(served, app, await served.at_app(app_id, await served.sign_in(groups=groups)))

    assert ["staff", "wiki-editors"] == claims["groups"]
    assert ["staff,wiki-editors"] == app.header("x-forwarded-groups")


@pytest.mark.parametrize(
    "gate",
    [
        Gate(told_claims=("sub",)),
        Gate(told_claims=("email_verified",)),
        Gate(told_claims=("two words",)),
        Gate(told_groups=("*",)),
        Gate(told_groups=("a*b",)),
        Gate(told_groups=("a,b",)),
    ],
)
def test_what_cannot_be_told_is_not_saved(gate: Gate) -> None:
    assert check_gate(gate) is not None


async def test_a_new_key_is_published_before_it_signs_and_the_former_stays_until_its_last_assertion_is_over(
    served: Served, app: Upstream, clock: FixedClock
) -> None:
    app_id = await served.add(WIKI, Gate(upstream=app.url))
    person = await served.sign_in()
    before, _ = await said(served, app, await served.at_app(app_id, person))
    ctx = served.house.ctx
    made = await rotate(ctx, by="test")
    site = served.house._site
    assert site is not None
    await until(lambda: len(site.signer.keys) == 2)
    kid, _ = await said(served, app, await served.at_app(app_id, person))
    with pytest.raises(RotationUnderWay):
        await rotate(ctx, by="test")

    assert before == kid, "not yet"
    assert made.kid.encode() in await published(served)
    clock.advance(AHEAD_SECONDS)
    person = await served.sign_in(email="joe@example.com")
    kid, _ = await said(served, app, await served.at_app(app_id, person))
    assert made.kid == kid
    clock.advance(SECONDS)
    assert before.encode() in await published(served), "its last assertion may be good still"
    clock.advance(RETIRED_SECONDS)
    await keep_fresh(ctx)
    assert before.encode() not in await published(served)
    assert [made.kid] == [each.kid for each in await ctx.db.read(assertion_keys.list_keys)]


async def test_a_stolen_key_is_gone_at_once(served: Served, app: Upstream) -> None:
    app_id = await served.add(WIKI, Gate(upstream=app.url))
    cookie = await served.at_app(app_id, await served.sign_in())
    before, _ = await said(served, app, cookie)
    await rotate(served.house.ctx, by="test")
    made = await rotate(served.house.ctx, by="test", revoke=True)
    site = served.house._site
    assert site is not None
    await until(lambda: site.signer.keys[0][1].kid == made.kid)
    kid, _ = await said(served, app, cookie)

    assert made.kid == kid
    assert before.encode() not in await published(served)


async def test_keys_are_rotated_by_the_house_itself(house: House, clock: FixedClock) -> None:
    await house.open_gateway()
    first = await house.ctx.db.read(assertion_keys.list_keys)
    await keep_fresh(house.ctx)
    clock.advance(ROTATED_DAYS * DAY)
    for _ in range(3):
        await keep_fresh(house.ctx)
    keys = await house.ctx.db.read(assertion_keys.list_keys)

    assert [1, 2] == [len(first), len(keys)]
    assert keys[0].signs_from == clock.now() + AHEAD_SECONDS
    assert first[0].kid == keys[1].kid


async def test_no_key_lies_open_in_the_store(house: House, clock: FixedClock) -> None:
    await house.open_gateway()
    clock.advance(1)
    made = await rotate(house.ctx, by="test", at_once=True)
    stored = {each.kid: each.sealed for each in await house.ctx.db.read(assertion_keys.list_keys)}

    assert made.kid in stored
    site = house._site
    assert site is not None
    await until(lambda: site.signer.keys[0][1].kid == made.kid)
    private = site.signer.keys[0][1].private_bytes()
    assert private not in stored[made.kid]
