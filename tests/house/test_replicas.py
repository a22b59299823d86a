"""Several processes on one database: settings are live everywhere, sessions and attempts work everywhere."""

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from poolhouse.house.app import House, Look, build
from poolhouse.house.model import Document
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from poolhouse.kit.db.protocol import DatabaseBusy, Tx
from tests.house.op import Provider
from tests.house.world import Browser, house_settings, words

NewBrowser = Callable[..., Browser]


@pytest.fixture
async def replicas(shared_url: str, clock: FixedClock, look: Look) -> AsyncIterator[list[House]]:
    settings = house_settings(database=shared_url)
    built = [await build(settings, clock=clock, entropy=SystemEntropy(), look=look) for _ in range(3)]
    yield built
    for house in built:
        await house.close()


async def eventually(holds: Callable[[], bool]) -> None:
    """Within a second."""
    for _ in range(100):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come true within a second")


async def test_a_saved_setting_is_live_on_every_replica_within_a_second(
    replicas: list[House], provider: Provider, new_browser: NewBrowser
) -> None:
    await new_browser(replicas[0]).set_up(provider.form())

    await eventually(lambda: all(house.ctx.live.document.version == 1 for house in replicas))

    for house in replicas:
        assert "SIGN IN WITH OIDC SSO" in words(await new_browser(house).get("/user/login"))
        assert house.ctx.live.document == replicas[0].ctx.live.document


async def test_a_sign_in_may_begin_on_one_replica_and_end_on_another(
    replicas: list[House], provider: Provider, new_browser: NewBrowser
) -> None:
    await replicas[0].use_oidc(provider.settings())
    await eventually(lambda: all(house.ctx.live.document.providers for house in replicas))
    first, second, third = (new_browser(house) for house in replicas)
    back = await first.at_provider("/user/account")
    second.client.cookies = first.client.cookies

    answer = await second.get(back)

    assert (303, "/user/account") == (answer.status_code, answer.headers["location"])
    third.client.cookies = second.client.cookies
    assert 200 == (await third.get("/user/account")).status_code


async def test_a_sign_in_ends_on_a_replica_that_has_not_heard_of_the_settings_yet(
    replicas: list[House], provider: Provider, new_browser: NewBrowser
) -> None:
    await replicas[0].use_oidc(provider.settings())
    first, second = new_browser(replicas[0]), new_browser(replicas[1])
    back = await first.at_provider()
    second.client.cookies = first.client.cookies
    await eventually(lambda: replicas[1].ctx.live.document.version == 1)
    await replicas[0].ctx.live.change(_renamed, by="test")

    assert 303 == (await second.get(back)).status_code


async def _renamed(_tx: Tx, document: Document) -> Document:
    return msgspec.structs.replace(document, instance_name=f"{document.instance_name}!")


async def test_a_replica_that_could_not_read_reads_again(
    replicas: list[House], monkeypatch: pytest.MonkeyPatch
) -> None:
    from poolhouse.house import live

    monkeypatch.setattr(live, "RETRY_SECONDS", 0.01)
    original = replicas[1].ctx.db.read
    failures = 0

    async def read(*args: object, **named: object) -> object:
        nonlocal failures
        failures += 1
        if failures < 3:
            raise DatabaseBusy("held")
        return await original(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(replicas[1].ctx.db, "read", read)
    await replicas[0].ctx.live.change(_renamed, by="test")

    await eventually(lambda: replicas[1].ctx.live.document.version == 1)
    assert 3 == failures


async def test_settings_saved_at_once_are_all_kept(replicas: list[House]) -> None:
    await asyncio.gather(*(house.ctx.live.change(_renamed, by="test") for house in replicas))

    await eventually(lambda: all(house.ctx.live.document.version == 3 for house in replicas))
    assert {"Poolhouse!!!"} == {house.ctx.live.document.instance_name for house in replicas}


async def test_replicas_that_start_at_once_make_one_administrator(
    replicas: list[House], new_browser: NewBrowser
) -> None:
    for house in replicas:
        assert 303 == (await new_browser(house).log_in()).status_code


async def test_a_made_up_password_is_known_to_exactly_one(
    shared_url: str, clock: FixedClock, new_browser: NewBrowser
) -> None:
    settings = house_settings(database=shared_url, admin_password=None)
    built = await asyncio.gather(*(build(settings, clock=clock, entropy=SystemEntropy()) for _ in range(3)))
    try:
        known = [house.first_password for house in built if house.first_password is not None]
        assert 1 == len(known)
        assert 303 == (await new_browser(built[0]).log_in(password=known[0].reveal())).status_code
    finally:
        for house in built:
            await house.close()


async def test_everything_is_there_after_a_restart(
    shared_url: str, clock: FixedClock, provider: Provider, new_browser: NewBrowser
) -> None:
    settings = house_settings(database=shared_url)
    before = await build(settings, clock=clock, entropy=SystemEntropy())
    await before.use_oidc(provider.settings())
    browser = new_browser(before)
    await browser.sso()
    back = await browser.at_provider()
    await before.close()

    after = await build(settings, clock=clock, entropy=SystemEntropy())
    again = new_browser(after)
    again.client.cookies = browser.client.cookies
    try:
        assert "maria@example.com" in words(await again.get("/"))
        assert 303 == (await again.get(back)).status_code
        assert after.first_password is None
    finally:
        await after.close()
