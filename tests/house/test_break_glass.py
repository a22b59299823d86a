"""The emergency link: once, for minutes, for an administrator who exists, and in the audit log."""

from collections.abc import Callable

import pytest

from poolhouse.house.app import House
from poolhouse.house.emergency import NoSuchAdministrator
from poolhouse.kit.ambient import FixedClock, Secret
from tests.house.op import Provider
from tests.house.world import ADMIN, BASE, Browser, words

NewBrowser = Callable[..., Browser]
AUDIT = "/settings/audit-log"


async def link_of(house: House, *, email: str = "", minutes: int = 15) -> str:
    link = await house.make_emergency_link(email=email, minutes=minutes)
    assert link.url.startswith(f"{BASE}/user/break-glass/")
    return link.url.removeprefix(BASE)


async def press(browser: Browser, path: str) -> int:
    """Open the page of the link and press its button."""
    csrf = await browser.csrf(path)
    form = {"csrf": csrf, "token": path.rpartition("/")[2]}
    answer = await browser.client.post("/user/break-glass", data=form, headers={"origin": BASE})
    return answer.status_code


async def test_it_lets_the_administrator_in_and_both_are_audited(house: House, browser: Browser) -> None:
    path = await link_of(house)

    assert 303 == await press(browser, path)

    assert 200 == (await browser.get("/settings/authentication")).status_code
    assert "command line" in words(await browser.get(f"{AUDIT}?event=emergency_link_made"))
    assert ADMIN in words(await browser.get(f"{AUDIT}?event=emergency_link_used"))


async def test_it_is_good_once(house: House, browser: Browser, new_browser: NewBrowser) -> None:
    path = await link_of(house)
    other = new_browser()
    csrf = await other.csrf(path)
    assert 303 == await press(browser, path)

    form = {"csrf": csrf, "token": path.rpartition("/")[2]}
    assert 403 == (await other.client.post("/user/break-glass", data=form, headers={"origin": BASE})).status_code
    assert 403 == (await other.get(path)).status_code
    assert 303 == (await other.get("/")).status_code


async def test_looking_at_it_does_not_spend_it(house: House, browser: Browser, new_browser: NewBrowser) -> None:
    path = await link_of(house)
    for _ in range(3):
        page = await new_browser().get(path)
        assert 200 == page.status_code
        assert "same-origin" == page.headers["referrer-policy"]
        assert "no-store" == page.headers["cache-control"]

    assert 303 == await press(browser, path)


async def test_it_is_over_in_minutes(house: House, browser: Browser, clock: FixedClock) -> None:
    path = await link_of(house, minutes=5)
    csrf = await browser.csrf(path)
    clock.advance(5 * 60)

    form = {"csrf": csrf, "token": path.rpartition("/")[2]}
    answer = await browser.client.post("/user/break-glass", data=form, headers={"origin": BASE})
    assert 403 == answer.status_code
    assert "no longer good" in words(answer)


async def test_its_session_is_short(house: House, browser: Browser, clock: FixedClock) -> None:
    await press(browser, await link_of(house))
    clock.advance(3601)

    assert 303 == (await browser.get("/")).status_code


async def test_it_works_though_form_login_is_off_and_the_provider_gone(
    ready: House, admin: Browser, browser: Browser, provider: Provider
) -> None:
    departure = await admin.post("/user/account/connect", page="/user/account")
    await admin.get((await admin.outside.get(departure.headers["location"])).headers["location"])
    await admin.post("/settings/authentication/form-login/disconnect", page="/settings/authentication")
    assert not ready.ctx.live.document.form_login.is_enabled
    await provider.stop()

    assert 303 == await press(browser, await link_of(ready))

    await browser.post("/settings/authentication/form-login/enable", page="/settings/authentication")
    assert ready.ctx.live.document.form_login.is_enabled


async def test_nobody_becomes_an_administrator_by_it(ready: House, browser: Browser, provider: Provider) -> None:
    await browser.sso()

    for email in (provider.person.email, "nobody@example.com", "x"):
        with pytest.raises(NoSuchAdministrator, match=ADMIN):
            await ready.make_emergency_link(email=email, minutes=15)
    with pytest.raises(ValueError, match="minutes"):
        await ready.make_emergency_link(email=ADMIN, minutes=61)


async def test_with_several_administrators_one_must_be_named(house: House, browser: Browser) -> None:
    await house.rescue("second@example.com", Secret("a new and long password"))

    with pytest.raises(NoSuchAdministrator, match=r"second@example\.com"):
        await house.make_emergency_link(email="", minutes=15)

    assert 303 == await press(browser, await link_of(house, email="Second@Example.com"))


async def test_who_is_no_administrator_any_more_is_not_let_in(house: House, browser: Browser, admin: Browser) -> None:
    await house.rescue("second@example.com", Secret("a new and long password"))
    path = await link_of(house, email="second@example.com")
    csrf = await browser.csrf(path)
    page = await admin.get("/settings/users?q=second")
    user = page.text.split("/settings/users/")[1].split('"')[0]
    await admin.post(f"/settings/users/{user}/disable", page=f"/settings/users/{user}")

    form = {"csrf": csrf, "token": path.rpartition("/")[2]}
    answer = await browser.client.post("/user/break-glass", data=form, headers={"origin": BASE})
    assert 403 == answer.status_code
    assert "emergency link: not good" in words(await admin.get(f"{AUDIT}?event=sign_in_failed"))


async def test_the_store_has_its_digest_only(house: House) -> None:
    from sqlalchemy import select

    from poolhouse.house.tables import emergency_links
    from poolhouse.kit.db.statement import compile_statement

    path = await link_of(house)

    assert path.rpartition("/")[2] not in repr(await house.ctx.db.all(compile_statement(select(emergency_links))))
