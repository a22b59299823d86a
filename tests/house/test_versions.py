"""Admin Settings > Version: replicas and what they run, the history of the settings, an older version brought back."""

from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from poolhouse.house.app import House, Look, build
from poolhouse.house.replicas import GONE_SECONDS
from poolhouse.house.settings.applying import apply_changes
from poolhouse.kit.ambient import FixedClock, Secret, SystemEntropy
from tests.house.op import Provider
from tests.house.test_replicas import eventually
from tests.house.world import Browser, house_settings, words

NewBrowser = Callable[..., Browser]


@pytest.fixture
async def serving(shared_url: str, clock: FixedClock, look: Look) -> AsyncIterator[list[House]]:
    """Three processes on one database, as they serve."""
    settings = house_settings(database=shared_url)
    built = [await build(settings, clock=clock, entropy=SystemEntropy(), look=look) for _ in range(3)]
    for house in built:
        await house.ctx.replicas.start()
    yield built
    for house in built:
        await house.close()


async def rename(house: House, name: str) -> None:
    await apply_changes(house.ctx, {"instance_name": name}, by="test")


async def test_a_saved_setting_is_counted_at_every_replica_within_a_second(
    serving: list[House], new_browser: NewBrowser
) -> None:
    admin = new_browser(serving[0])
    await admin.log_in()
    await admin.post("/settings/sessions", {"limit": "3"})

    def is_everywhere() -> bool:
        reached = serving[0].ctx.replicas.reached
        return reached is not None and reached.words == "3/3 on version 1"

    await eventually(is_everywhere)
    assert "3/3 on version 1" in words(await admin.get("/settings/sessions?done=saved"))
    page = await admin.get("/settings/version")
    assert "3/3 on version 1" in words(page)
    assert "http-equiv" not in page.text


async def test_a_change_that_has_not_arrived_everywhere_is_said_and_asked_for_again(
    serving: list[House], new_browser: NewBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving[2].ctx.live, "_heard", lambda _payload: None)
    late = serving[2].ctx.live
    admin = new_browser(serving[0])
    await admin.log_in()
    # Its subscription was made before: so it hears, and is kept from acting on it.
    monkeypatch.setattr(late, "_adopt", lambda _document: None)
    await rename(serving[0], "Acme")
    await eventually(lambda: [each.version for each in serving[0].ctx.replicas.known].count(1) == 2)

    page = await admin.get("/settings/version")
    assert "2/3 on version 1" in words(page)
    assert '<meta http-equiv="refresh" content="2">' in page.text
    assert {"words": "2/3 on version 1", "done": False} == (await admin.get("/settings/version/state")).json()
    assert 'data-arrives="/settings/version/state"' in (await admin.get("/settings/sessions")).text


async def test_a_replica_that_was_not_heard_of_for_a_minute_is_not_counted(
    serving: list[House], clock: FixedClock
) -> None:
    clock.advance(GONE_SECONDS + 1)
    for house in serving[:2]:
        await house.ctx.replicas.beat()
    await serving[0].ctx.replicas.look()

    reached = serving[0].ctx.replicas.reached
    assert reached is not None
    assert "2/2 on version 0" == reached.words


async def test_a_replica_that_stops_is_gone_at_once(serving: list[House]) -> None:
    await serving[2].close()
    await eventually(lambda: len(serving[0].ctx.replicas.known) == 2)


async def test_the_page_says_what_runs(house: House, admin: Browser) -> None:
    page = words(await admin.get("/settings/version"))
    for each in ("Poolhouse", "Python 3.", "SQLite 3.", "Schema 00", "Live settings"):
        assert each in page


async def test_the_history_names_who_saved_and_which_settings_changed(house: House, admin: Browser) -> None:
    await admin.post("/settings/sessions", {"limit": "3", "idle": "00:01:00"})
    await apply_changes(house.ctx, {"mail.password": Secret("hush hush"), "mail.username": "u"}, by="command line")

    page = await admin.get("/settings/history")
    assert "admin@example.com sessions.limit , sessions.idle" in words(page)
    assert "command line mail.username , mail.password" in words(page)
    assert "hush" not in page.text
    assert "hush" not in (await admin.get("/settings/history/1")).text


async def test_an_older_version_is_restored_with_its_secrets_as_the_next_one(house: House, admin: Browser) -> None:
    mail = {"mail.host": "a.example.com", "mail.sender": "a@example.com", "mail.username": "u"}
    await apply_changes(house.ctx, {**mail, "mail.password": Secret("first")}, by="test")
    await apply_changes(house.ctx, {"mail.password": Secret("second"), "instance_name": "Acme"}, by="test")
    compared = words(await admin.get("/settings/history/1"))
    assert "instance_name Poolhouse Acme" in compared
    assert "mail.password •••••• (another one)" in compared

    answer = await admin.post("/settings/history/1/restore", page="/settings/history/1")

    assert 303 == answer.status_code
    now = house.ctx.live.document
    assert (3, "first", "Poolhouse") == (now.version, now.mail.password.reveal(), now.instance_name)
    assert "Settings as in version 1" in words(await admin.get("/settings/audit-log"))


async def test_an_older_version_that_would_lock_every_administrator_out_is_not_restored(
    ready: House, admin: Browser, provider: Provider
) -> None:
    async def only_sso(_tx: object, document: object) -> object:
        form_login = msgspec.structs.replace(document.form_login, is_enabled=False)  # type: ignore[attr-defined]
        return msgspec.structs.replace(document, form_login=form_login)  # type: ignore[type-var]

    # Nobody checks here: as if the administrator who had signed in with the provider were gone since.
    await ready.ctx.live.change(only_sso, by="test")  # type: ignore[arg-type]
    await apply_changes(ready.ctx, {"form_login.is_enabled": True}, by="test")

    answer = await admin.post("/settings/history/2/restore", page="/settings/history/2")

    assert 409 == answer.status_code
    assert "no administrator could sign in" in words(answer)
    assert ready.ctx.live.document.form_login.is_enabled


async def test_what_the_start_has_fixed_is_not_changed_by_restoring(house: House, admin: Browser) -> None:
    await rename(house, "Old")
    await rename(house, "New")
    house.ctx.live.hold({"instance_name": "New"}, "the file house.toml")
    await apply_changes(house.ctx, {"sessions.limit": 5}, by="test")

    assert 303 == (await admin.post("/settings/history/1/restore", page="/settings/history/1")).status_code
    assert ("New", 0) == (house.ctx.live.document.instance_name, house.ctx.live.document.sessions.limit)


@pytest.mark.parametrize("version", ["99", "x", "-1", "9" * 30])
async def test_a_version_that_is_not_there_is_a_page(version: str, admin: Browser) -> None:
    assert 404 == (await admin.get(f"/settings/history/{version}")).status_code
