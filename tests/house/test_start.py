"""What the house starts with and what it refuses; how often one address may knock."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from poolhouse.house.app import HASH_QUEUE, SIGN_INS_A_MINUTE, House, build
from poolhouse.house.config import SETTINGS, HouseSettings, read, read_origin
from poolhouse.house.limiter import ADDRESSES_KEPT, Limiter
from poolhouse.kit.ambient import FixedClock, Secret, SystemEntropy
from poolhouse.kit.settings import SettingError, load
from tests.house.op import Provider
from tests.house.world import ADMIN, MASTER, Browser, house_settings, words

NewBrowser = Callable[..., Browser]


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://House.Example.com/", "https://house.example.com"),
        ("https://house.example.com:443", "https://house.example.com"),
        ("https://house.example.com:8443", "https://house.example.com:8443"),
        ("http://localhost:8500", "http://localhost:8500"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8500", "http://[::1]:8500"),
        ("http://house.localhost:8500", "http://house.localhost:8500"),
    ],
)
def test_the_base_url_is_an_origin(given: str, origin: str) -> None:
    assert origin == read_origin(given).url


@pytest.mark.parametrize(
    "given",
    [
        "",
        "house.example.com",
        "ftp://house.example.com",
        "https://house.example.com/path",
        "https://house.example.com?x=1",
        "https://user@house.example.com",
        "http://house.example.com",
        "http://10.0.0.1",
        "http://localhost.evil.example",
    ],
)
async def test_an_unsafe_base_url_is_refused(given: str, clock: FixedClock) -> None:
    with pytest.raises(SettingError, match="base_url"):
        await build(house_settings(base_url=given), clock=clock, entropy=SystemEntropy())


def loaded(**flags: Any) -> HouseSettings:
    given = {"base_url": "https://house.example.com", "database": "sqlite://", **flags}
    return read(load(SETTINGS, flags=given, environ={}), (MASTER,))


def test_settings_are_read_from_the_table() -> None:
    settings = loaded(session_idle_minutes=5, session_minutes=60, allow_private_addresses=True, provider_ca="/ca.pem")

    assert (300, 3600, True, "/ca.pem") == (
        settings.idle_seconds,
        settings.session_seconds,
        settings.allow_private_addresses,
        settings.provider_ca,
    )
    assert settings.admin_password is None


@pytest.mark.parametrize(
    "flags",
    [
        {"database": ""},
        {"session_minutes": 0},
        {"session_idle_minutes": -1},
        {"admin_password": "short"},
        {"base_url": ""},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(flags: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        loaded(**flags)


async def test_the_first_administrator_needs_an_address(clock: FixedClock) -> None:
    with pytest.raises(SettingError, match="admin_email"):
        await build(house_settings(admin_email="admin"), clock=clock, entropy=SystemEntropy())


async def test_no_password_is_asked_for_twice(house: House, clock: FixedClock) -> None:
    assert house.first_password is None
    made_up = await build(house_settings(admin_password=None), clock=clock, entropy=SystemEntropy())
    try:
        assert made_up.first_password is not None
        assert len(made_up.first_password.reveal()) >= 16
        assert made_up.first_password.reveal() not in repr(made_up.first_password)
    finally:
        await made_up.close()


async def test_who_has_the_machine_can_let_an_administrator_back_in(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    from tests.house.test_authentication_settings import make_admin_of_provider

    admin = await make_admin_of_provider(ready, new_browser)
    await admin.post("/settings/authentication/form-login/disconnect", page="/settings/authentication")
    forgotten = Secret("a new and long password")

    await ready.rescue(ADMIN, forgotten)
    await ready.rescue("second@example.com", forgotten)

    assert 303 == (await admin.get("/")).status_code
    for email in (ADMIN, "second@example.com"):
        browser = new_browser()
        assert 303 == (await browser.log_in(email, forgotten.reveal())).status_code
        assert "Let back in" in words(await browser.get("/settings/audit-log?event=account_rescued"))
    with pytest.raises(SettingError):
        await ready.rescue("nobody", forgotten)


async def test_closing_twice_is_closing_once(clock: FixedClock) -> None:
    house = await build(house_settings(), clock=clock, entropy=SystemEntropy())
    await house.close()
    await house.close()


async def test_a_server_with_lifespan_closes_the_house(clock: FixedClock) -> None:
    house = await build(house_settings(), clock=clock, entropy=SystemEntropy())
    incoming = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(incoming)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await house.app({"type": "lifespan"}, receive, send)

    assert ["lifespan.startup.complete", "lifespan.shutdown.complete"] == sent
    assert not await house.ctx.db.is_writable()


def test_starting_does_not_import_the_http_client() -> None:
    """aiohttp and joserfc cost half a second and 12 MB, and are loaded at the first sign-in."""
    import subprocess

    code = (
        "import sys, poolhouse.house.app, poolhouse.house.pages.login\n"
        "loaded = {'aiohttp', 'joserfc', 'alembic', 'asyncpg'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "src"})


def test_the_house_imports_nothing_of_the_pool() -> None:
    import subprocess

    code = (
        "import importlib, pkgutil, sys, poolhouse.house\n"
        "for found in pkgutil.walk_packages(poolhouse.house.__path__, 'poolhouse.house.'):\n"
        "    if '.migrations.' not in found.name:\n"
        "        importlib.import_module(found.name)\n"
        "assert not [name for name in sys.modules if name.startswith('poolhouse.pool')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "src"})


def test_a_limit_holds_for_each_key_and_for_its_window() -> None:
    clock = FixedClock(1_800_000_000)
    limiter = Limiter(clock, calls=2, seconds=60)

    assert [True, True, False] == [limiter.allows("a") for _ in range(3)]
    assert limiter.allows("b")
    clock.advance(60)
    assert limiter.allows("a")


def test_a_limiter_does_not_grow_without_end() -> None:
    limiter = Limiter(FixedClock(), calls=1, seconds=60)

    for number in range(ADDRESSES_KEPT + 10):
        limiter.allows(str(number))

    assert len(limiter._counts) <= ADDRESSES_KEPT


async def test_one_address_may_start_only_so_many_sign_ins_a_minute(
    ready: House, browser: Browser, new_browser: NewBrowser, clock: FixedClock
) -> None:
    for _ in range(SIGN_INS_A_MINUTE):
        ready.ctx.limiter.allows("203.0.113.7")

    assert 429 == (await browser.depart()).status_code
    assert 429 == (await browser.get("/login/oauth2/code/oidc?code=a&state=b")).status_code
    assert 303 == (await new_browser(address="198.51.100.1").depart()).status_code
    clock.advance(60)
    assert 303 == (await browser.depart()).status_code


async def test_pending_sign_ins_have_an_upper_bound(
    ready: House, browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from poolhouse.house.pages import departing

    monkeypatch.setattr(departing, "PENDING_CAP", 2)

    assert [303, 303, 503] == [(await browser.depart()).status_code for _ in range(3)]


async def test_a_full_queue_of_hashes_says_so_at_once(house: House, browser: Browser) -> None:
    import asyncio
    import threading

    released = threading.Event()
    blocked = [asyncio.create_task(house.ctx.cpu.run(released.wait)) for _ in range(HASH_QUEUE)]
    await asyncio.sleep(0)
    try:
        answer = await browser.log_in()
        assert 503 == answer.status_code
        assert "5" == answer.headers["retry-after"]
    finally:
        released.set()
        await asyncio.gather(*blocked)


def test_a_secret_does_not_show_in_the_settings() -> None:
    assert "hunter2" not in repr(house_settings(admin_password=Secret("hunter2")))
