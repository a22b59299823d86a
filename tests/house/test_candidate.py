"""A changed provider waits beside the one in force until its administrator has come in by it, and gives way if it fails."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from poolhouse.house import rollout
from poolhouse.house.app import House
from poolhouse.house.provider import OidcSettings
from poolhouse.kit.ambient import FixedClock, Secret
from tests.house.op import Person, Provider, merged
from tests.house.world import ADMIN, BASE, Browser, words

NewBrowser = Callable[..., Browser]
PAGE = "/settings/authentication"
OIDC = f"{PAGE}/oidc"
CANDIDATE = f"{PAGE}/candidates/oidc"
SECOND, SECOND_PASSWORD = "second@example.com", "a new and long password"


@pytest.fixture
async def other(clock: FixedClock) -> AsyncIterator[Provider]:
    running = Provider(clock)
    running.person = Person(sub="admin-there", email=ADMIN)
    await running.start()
    yield running
    await running.stop()


async def through(browser: Browser, form: dict[str, str] | None = None) -> httpx.Response:
    """Sign in through the candidate; the callback's answer."""
    departure = await browser.post(f"{CANDIDATE}/sign-in", form, page=CANDIDATE)
    assert 303 == departure.status_code, words(departure)
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]
    return await browser.get(back)


def issuer(house: House) -> str:
    return house.ctx.live.document.providers[0].settings.issuer


# the first one, and what needs no trial


async def test_a_first_provider_is_in_force_at_once(house: House, admin: Browser, provider: Provider) -> None:
    saved = await admin.set_up(provider.form())

    assert f"{OIDC}?done=saved" == saved.headers["location"]
    assert () == house.ctx.live.document.rollout.candidates
    assert provider.base == issuer(house)


async def test_a_day_for_the_secret_needs_no_trial(ready: House, admin: Browser, provider: Provider) -> None:
    await admin.set_up(provider.form(client_secret="", secret_expires="2027-05-01"))

    assert "2027-05-01" == ready.ctx.live.document.providers[0].settings.secret_expires
    assert () == ready.ctx.live.document.rollout.candidates


# waiting


async def test_a_change_waits_and_everybody_signs_in_as_before(
    ready: House, admin: Browser, browser: Browser, provider: Provider, other: Provider
) -> None:
    saved = await admin.set_up(other.form())

    assert saved.headers["location"].startswith(CANDIDATE)
    assert provider.base == issuer(ready)
    assert 303 == (await browser.sso()).status_code
    assert 0 == other.hits["token"]
    page = words(await admin.get(CANDIDATE))
    assert f"Token URL {provider.base}/oauth2/token {other.base}/oauth2/token" in page
    assert f"{BASE}{CANDIDATE}" in page


async def test_the_secret_that_waits_is_not_shown(ready: House, admin: Browser, provider: Provider) -> None:
    await admin.set_up(provider.form(client_secret="another-one"))

    page = await admin.get(CANDIDATE)

    assert "another-one" not in page.text
    assert "Client Secret" in words(page)


async def test_only_administrators_sign_in_through_it(
    ready: House, admin: Browser, browser: Browser, new_browser: NewBrowser, other: Provider
) -> None:
    await admin.set_up(other.form())
    await browser.sso()

    assert 403 == (await browser.get(CANDIDATE)).status_code
    assert 303 == (await new_browser().get(CANDIDATE)).status_code
    departure = await browser.depart()
    assert other.base not in departure.headers["location"]


async def test_the_administrators_own_sign_in_puts_it_in_force(
    ready: House, admin: Browser, browser: Browser, other: Provider
) -> None:
    await admin.set_up(other.form())

    answer = await through(admin)

    assert f"{OIDC}?done=active" == answer.headers["location"]
    assert other.base == issuer(ready)
    assert () == ready.ctx.live.document.rollout.candidates
    assert "signed in through them" in words(await admin.get("/settings/audit-log?event=provider_activated"))
    assert other.base in (await browser.depart()).headers["location"]


async def test_a_failed_sign_in_through_it_changes_nothing(
    ready: House, admin: Browser, provider: Provider, other: Provider
) -> None:
    await admin.set_up(other.form(client_secret="wrong"))

    answer = await through(admin)

    assert 400 == answer.status_code
    assert "Client Secret" in words(answer)
    assert provider.base == issuer(ready)
    assert 200 == (await admin.get(CANDIDATE)).status_code


async def test_coming_back_as_somebody_else_changes_nothing(
    ready: House, admin: Browser, provider: Provider, other: Provider
) -> None:
    other.person = Person(sub="ada", email="ada@example.com")
    await admin.set_up(other.form())

    answer = await through(admin)

    assert f"{CANDIDATE}?who=other" == answer.headers["location"]
    assert provider.base == issuer(ready)
    assert "ada@example.com" not in words(await admin.get("/settings/users"))
    assert "not connected to your account" in words(await admin.get(answer.headers["location"]))


async def test_an_unproved_address_does_not_connect_by_itself(ready: House, admin: Browser, other: Provider) -> None:
    other.person.email_verified = False
    await admin.set_up(other.form())

    assert f"{CANDIDATE}?who=other" == (await through(admin)).headers["location"]


async def test_the_owner_can_connect_another_sign_in_on_the_way(ready: House, admin: Browser, other: Provider) -> None:
    other.person = Person(sub="chief", email="chief@corp.example")
    await admin.set_up(other.form())

    answer = await through(admin, {"connect": "yes"})

    assert f"{OIDC}?done=active" == answer.headers["location"]
    assert other.base == issuer(ready)
    assert "Sign-in connected" in words(await admin.get("/settings/audit-log?event=account_connected"))


async def test_another_administrator_can_do_it_by_the_link(
    ready: House, admin: Browser, new_browser: NewBrowser, other: Provider
) -> None:
    await ready.rescue(SECOND, Secret(SECOND_PASSWORD))
    await admin.set_up(other.form())
    other.person = Person(sub="second", email=SECOND)
    second = new_browser()
    await second.log_in(SECOND, SECOND_PASSWORD)

    assert f"{OIDC}?done=active" == (await through(second)).headers["location"]
    assert other.base == issuer(ready)


async def test_a_return_in_another_session_is_refused(
    ready: House, admin: Browser, provider: Provider, other: Provider
) -> None:
    await admin.set_up(other.form())
    departure = await admin.post(f"{CANDIDATE}/sign-in", page=CANDIDATE)
    back = (await admin.outside.get(departure.headers["location"])).headers["location"]
    await admin.post("/user/logout", page="/")

    assert 400 == (await admin.get(back)).status_code
    assert provider.base == issuer(ready)


async def test_a_return_after_another_change_was_saved_is_refused(
    ready: House, admin: Browser, provider: Provider, other: Provider
) -> None:
    await admin.set_up(other.form())
    departure = await admin.post(f"{CANDIDATE}/sign-in", page=CANDIDATE)
    back = (await admin.outside.get(departure.headers["location"])).headers["location"]
    await admin.set_up(other.form(scope="openid email"))

    assert "no longer waiting" in words(await admin.get(back))
    assert provider.base == issuer(ready)


async def test_it_can_be_discarded(ready: House, admin: Browser, provider: Provider, other: Provider) -> None:
    await admin.set_up(other.form())

    await admin.post(f"{CANDIDATE}/discard", page=CANDIDATE)

    assert () == ready.ctx.live.document.rollout.candidates
    assert provider.base == issuer(ready)
    assert f"{OIDC}?done=gone" == (await admin.get(CANDIDATE)).headers["location"]


async def test_it_runs_out(
    ready: House, admin: Browser, provider: Provider, other: Provider, clock: FixedClock
) -> None:
    await admin.set_up(other.form())
    clock.advance(rollout.CANDIDATE_SECONDS)
    await admin.log_in() if admin.cookie("house_session") is None else None

    await rollout.look_after(ready.ctx)

    assert () == ready.ctx.live.document.rollout.candidates
    assert provider.base == issuer(ready)


async def test_activating_untested_needs_a_typed_word(ready: House, admin: Browser, other: Provider) -> None:
    await admin.set_up(other.form())

    assert 422 == (await admin.post(f"{CANDIDATE}/activate", page=CANDIDATE)).status_code
    assert 303 == (await admin.activate()).status_code

    assert other.base == issuer(ready)
    assert "untested" in words(await admin.get("/settings/audit-log?event=provider_activated"))


async def test_after_a_fresh_test_login_no_word_is_needed(
    ready: House, admin: Browser, other: Provider, clock: FixedClock
) -> None:
    page = await admin.get(OIDC)
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None
    draft = (await admin.post(f"{OIDC}/test", {"version": version[1], **other.form()}, page=OIDC)).headers["location"]
    departure = await admin.post(f"{draft}/sign-in", page=draft)
    await admin.get((await admin.outside.get(departure.headers["location"])).headers["location"])
    fields = re.findall(
        r'<input type="hidden" name="(version|draft|as_tested)" value="([^"]*)"', (await admin.get(draft)).text
    )
    await admin.post(OIDC, dict(fields), page=draft)

    assert 303 == (await admin.post(f"{CANDIDATE}/activate", page=CANDIDATE)).status_code
    assert other.base == issuer(ready)


async def test_every_administrator_is_told_that_a_change_waits(
    ready: House, admin: Browser, browser: Browser, other: Provider
) -> None:
    await admin.set_up(other.form())

    assert "wait for a sign-in" in words(await admin.get("/settings/general"))


# the way back


async def activated(house: House, admin: Browser, other: Provider) -> None:
    await admin.set_up(other.form())
    assert f"{OIDC}?done=active" == (await through(admin)).headers["location"]


async def fail(new_browser: NewBrowser, times: int) -> None:
    for _ in range(times):
        assert 400 == (await new_browser().sso()).status_code


async def test_settings_that_fail_give_way_to_the_former_ones(
    ready: House, admin: Browser, new_browser: NewBrowser, provider: Provider, other: Provider
) -> None:
    await activated(ready, admin, other)
    other.client_secret = "replaced"
    await fail(new_browser, 2)
    await rollout.look_after(ready.ctx)
    assert other.base == issuer(ready)

    await fail(new_browser, 1)
    await rollout.look_after(ready.ctx)

    assert provider.base == issuer(ready)
    assert 303 == (await new_browser().sso()).status_code
    page = words(await admin.get("/settings/general"))
    assert "The former settings of OIDC are back" in page
    assert "3 sign-ins failed, none succeeded; last: invalid_client" in words(
        await admin.get("/settings/audit-log?event=provider_fell_back")
    )
    await admin.post(f"{PAGE}/fallen/oidc", page="/settings/general")
    assert "are back" not in words(await admin.get("/settings/general"))


async def test_one_success_is_enough_to_stay(
    ready: House, admin: Browser, new_browser: NewBrowser, other: Provider
) -> None:
    await activated(ready, admin, other)
    other.person = Person(sub="maria", email="maria@example.com")
    assert 303 == (await new_browser().sso()).status_code
    other.client_secret = "replaced"
    await fail(new_browser, 4)

    await rollout.look_after(ready.ctx)

    assert other.base == issuer(ready)


async def test_errors_that_anybody_can_write_into_an_address_do_not_count(
    ready: House, admin: Browser, new_browser: NewBrowser, other: Provider
) -> None:
    await activated(ready, admin, other)
    other.change_callback = merged(error="server_error", code=...)
    await fail(new_browser, 4)

    await rollout.look_after(ready.ctx)

    assert other.base == issuer(ready)


async def test_former_settings_that_would_fail_too_do_not_come_back(
    ready: House, admin: Browser, new_browser: NewBrowser, provider: Provider, other: Provider
) -> None:
    await activated(ready, admin, other)
    other.client_secret = "replaced"
    provider.client_secret = "replaced as well"
    await fail(new_browser, 3)

    await rollout.look_after(ready.ctx)

    assert other.base == issuer(ready)


async def test_after_an_hour_nothing_is_watched_any_more(
    ready: House, admin: Browser, new_browser: NewBrowser, other: Provider, clock: FixedClock
) -> None:
    await activated(ready, admin, other)
    other.client_secret = "replaced"
    clock.advance(rollout.WATCH_SECONDS)
    await fail(new_browser, 3)

    await rollout.look_after(ready.ctx)

    assert other.base == issuer(ready)


# two secrets


async def test_a_new_secret_is_tried_alone_until_it_is_in_force(
    ready: House, admin: Browser, provider: Provider
) -> None:
    provider.person = Person(sub="admin-here", email=ADMIN)
    await admin.set_up(provider.form(client_secret="not there yet"))

    assert 400 == (await through(admin)).status_code


async def test_while_the_provider_does_not_know_the_new_secret_the_former_one_is_tried(
    ready: House, admin: Browser, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await admin.set_up(provider.form(client_secret="not there yet"))
    await admin.activate()

    assert 303 == (await browser.sso()).status_code
    provider.client_secret = "not there yet"
    provider.hits.clear()
    assert 303 == (await new_browser().sso()).status_code
    assert 1 == provider.hits["token"]


async def test_another_client_is_not_sent_the_former_secret(ready: House, admin: Browser, other: Provider) -> None:
    await admin.set_up(other.form(client_secret="brand new"))
    await admin.activate()

    assert ready.ctx.live.document.providers[0].settings.former_secret is None


async def test_a_sign_in_puts_in_force_what_it_went_through_and_nothing_saved_meanwhile(
    ready: House, admin: Browser, other: Provider, provider: Provider
) -> None:
    await admin.set_up(other.form())
    departure = await admin.post(f"{CANDIDATE}/sign-in", page=CANDIDATE)
    back = (await admin.outside.get(departure.headers["location"])).headers["location"]
    other.slow["token"] = 0.5

    coming = asyncio.create_task(admin.get(back))
    await asyncio.sleep(0.2)
    assert 1 == other.hits["token"]
    saved = await admin.set_up(other.form(token_url="http://127.0.0.1:9/token"))
    answer = await coming

    assert saved.headers["location"].startswith(CANDIDATE)
    assert f"{OIDC}?done=gone" == answer.headers["location"]
    assert provider.base == issuer(ready)
    waiting = ready.ctx.live.document.rollout.candidates[0]
    assert "http://127.0.0.1:9/token" == waiting.provider.settings.token_url


# going back


def settings(house: House) -> OidcSettings:
    return house.ctx.live.document.providers[0].settings


async def test_within_a_day_one_press_goes_back_and_another_one_undoes_it(
    ready: House, admin: Browser, provider: Provider, clock: FixedClock
) -> None:
    before = settings(ready)
    await admin.set_up(provider.form(scope="openid email"))
    await admin.activate()
    after = settings(ready)
    clock.advance(23 * 3600)
    admin_again = await admin.log_in()
    assert "Go back to the former settings" in words(await admin.get(OIDC)), admin_again.status_code

    gone_back = await admin.post(f"{CANDIDATE}/back", page=OIDC)

    assert f"{OIDC}?done=back" == gone_back.headers["location"]
    assert before == settings(ready)
    assert "went back to the former settings" in words(await admin.get("/settings/audit-log"))
    await admin.post(f"{CANDIDATE}/back", page=OIDC)
    assert after == settings(ready)


async def test_what_was_changed_meanwhile_and_no_sign_in_depends_on_stays(
    ready: House, admin: Browser, provider: Provider
) -> None:
    await admin.set_up(provider.form(scope="openid email"))
    await admin.activate()
    page = f"{OIDC}/options"
    version = str(ready.ctx.live.document.version)
    await admin.post(page, {"label": "ANOTHER LABEL", "domains": "example.com", "version": version}, page=page)

    await admin.post(f"{CANDIDATE}/back", page=OIDC)

    assert "openid email profile" == settings(ready).scope
    assert "ANOTHER LABEL" == ready.ctx.live.document.providers[0].label
    assert ("example.com",) == ready.ctx.live.document.providers[0].domains


async def test_after_a_day_there_is_no_way_back(
    ready: House, admin: Browser, provider: Provider, clock: FixedClock
) -> None:
    await admin.set_up(provider.form(scope="openid email"))
    await admin.activate()
    clock.advance(24 * 3600)
    await admin.log_in()

    assert "Go back to the former settings" not in words(await admin.get(OIDC))
    assert 409 == (await admin.post(f"{CANDIDATE}/back", page=OIDC)).status_code
    await rollout.look_after(ready.ctx)
    assert () == ready.ctx.live.document.rollout.formers


async def test_going_back_locks_nobody_out(ready: House, admin: Browser, provider: Provider, other: Provider) -> None:
    await admin.set_up(other.form())
    await through(admin, {"connect": "yes"})
    await admin.post(f"{PAGE}/form-login/disconnect", page=PAGE)
    assert not ready.ctx.live.document.form_login.is_enabled

    refused = await admin.post(f"{CANDIDATE}/back", page=OIDC)

    assert 409 == refused.status_code
    assert other.base == issuer(ready)


# the former secret


async def test_the_former_secret_is_forgotten_after_a_week_when_the_new_one_works(
    ready: House, admin: Browser, provider: Provider, clock: FixedClock
) -> None:
    provider.client_secret = "the-new-one"
    await admin.set_up(provider.form())
    await admin.activate()
    clock.advance(6 * 24 * 3600)
    await rollout.look_after(ready.ctx)
    assert settings(ready).former_secret is not None

    clock.advance(24 * 3600)
    await rollout.look_after(ready.ctx)

    assert settings(ready).former_secret is None
    assert settings(ready).former_secret_until is None
    await admin.log_in()
    assert "the former client secret was forgotten" in words(await admin.get("/settings/audit-log"))


async def test_it_is_kept_while_the_provider_does_not_take_the_new_one(
    ready: House, admin: Browser, provider: Provider, clock: FixedClock
) -> None:
    await admin.set_up(provider.form(client_secret="not-known-there-yet"))
    await admin.activate()
    clock.advance(7 * 24 * 3600)

    for _ in range(3):
        await rollout.look_after(ready.ctx)

    assert settings(ready).former_secret is not None
    assert clock.now() + 24 * 3600 == settings(ready).former_secret_until
