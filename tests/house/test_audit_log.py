"""The audit log: found by day, taken away as a file, kept for as long as is wanted."""

import csv
import json
from datetime import UTC, datetime

import pytest

from poolhouse.house.app import ROUNDS, House
from poolhouse.house.audit import Event, write_unattended
from poolhouse.house.pages.audit_export import _harmless
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from tests.house.world import Browser, words

LOG = "/settings/audit-log"
DAY = 86_400


async def rename(admin: Browser, *names: str) -> None:
    for name in names:
        assert (await admin.post("/settings/general", {"instance_name": name})).status_code == 303


def date_of(clock: FixedClock) -> str:
    return datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%d")


async def sweep(house: House) -> None:
    await next(each for each in ROUNDS if each.name == "audit log").run(house.ctx)


async def test_events_are_found_by_day_and_both_days_count(admin: Browser, clock: FixedClock) -> None:
    days = []
    for name in ("One", "Two", "Three"):
        await rename(admin, name)
        days.append(date_of(clock))
        clock.advance(DAY)
        await admin.log_in()
    found = words(await admin.get(f"{LOG}?since={days[1]}&until={days[1]}"))
    assert "Instance Name: Two" in found
    assert "Instance Name: One" not in found
    assert "Instance Name: Three" not in found
    from_then = words(await admin.get(f"{LOG}?since={days[1]}"))
    assert "Instance Name: Two" in from_then
    assert "Instance Name: Three" in from_then
    assert "Instance Name: One" not in from_then


async def test_words_are_looked_for_in_what_was_done_too(admin: Browser) -> None:
    await rename(admin, "Lighthouse", "Other")

    found = words(await admin.get(f"{LOG}?q=LIGHTHOUSE"))

    assert "Instance Name: Lighthouse" in found
    assert "Instance Name: Other" not in found


async def test_times_are_shown_to_the_second(admin: Browser, clock: FixedClock) -> None:
    await rename(admin, "One")
    moment = datetime.fromtimestamp(clock.now(), UTC)

    assert f"{moment.day} {moment:%b %Y, %H:%M:%S} UTC" in words(await admin.get(LOG))


@pytest.mark.parametrize("day", ["", "yesterday", "9999-12-31", "0001-01-01", "2026-02-30", "%00"])
async def test_a_day_that_is_none_is_no_condition(admin: Browser, day: str) -> None:
    await rename(admin, "One")
    page = await admin.get(f"{LOG}?since={day}&until={day}")
    assert page.status_code == 200
    assert "Instance Name: One" in words(page)


async def test_the_export_has_what_the_filter_finds_however_much_it_is(admin: Browser, house: House) -> None:
    from poolhouse.house.audit import Event
    from poolhouse.house.model import AuditEvent
    from poolhouse.house.store.audit import put_event
    from poolhouse.kit.ambient import Epoch
    from poolhouse.kit.db.protocol import Tx

    async def many(tx: Tx) -> None:
        for number in range(1203):
            event = AuditEvent(
                id=f"{number:015d}", at=Epoch(number), event=Event.APP_OPENED.value, is_refusal=False, actor="a",
                actor_id="", address="", agent="", subject="", subject_id="", detail=str(number), reference="",
            )  # fmt: skip
            await put_event(tx, event)

    await house.ctx.db.write(many)
    taken = await admin.get(f"{LOG}/export?format=jsonl&event=app_opened")
    rows = [json.loads(line) for line in taken.text.splitlines()]
    assert [row["detail"] for row in rows] == [str(number) for number in reversed(range(1203))]
    assert "attachment" in taken.headers["content-disposition"]
    assert taken.headers["cache-control"] == "no-store"


async def test_strangers_words_are_no_formulas_in_a_spreadsheet(admin: Browser, browser: Browser) -> None:
    formula = '=HYPERLINK("https://evil.example")'
    await browser.post("/user/login", {"email": "a@example.com", "password": "x"}, user_agent=formula)
    taken = await admin.get(f"{LOG}/export?format=csv")
    rows = list(csv.DictReader(taken.text.splitlines()))
    cells = [cell for row in rows for cell in row.values()]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


@pytest.mark.parametrize(
    ("word", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("\t=1", "'\t'=1"),
        ("x;=1+1", "x;'=1+1"),
        ("x\n@SUM(A1)", "x\n'@SUM(A1)"),
        (" =1", "' =1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (X11; Linux x86_64)"),
        ("a-b=c", "a-b=c"),
    ],
)
def test_no_cell_begins_with_a_formula_wherever_a_spreadsheet_lets_it_begin(word: str, cell: str) -> None:
    """OWASP, CSV Injection: a semicolon or a line end begins a cell, too, and so do full-width signs."""
    assert cell == _harmless(word)


async def test_the_page_says_who_is_signed_in(admin: Browser) -> None:
    assert "Macro" not in (await admin.get(LOG)).text


async def test_whoever_takes_the_log_away_is_in_it(admin: Browser) -> None:
    await admin.get(f"{LOG}/export?format=csv&q=maria")
    said = words(await admin.get(f"{LOG}?event=audit_log_exported"))
    assert "csv, q: maria" in said


async def test_events_are_kept_for_as_long_as_is_wanted(admin: Browser, house: House, clock: FixedClock) -> None:
    await rename(admin, "Old")
    clock.advance(31 * DAY)
    await admin.log_in()
    await rename(admin, "New")
    await sweep(house)
    assert "Instance Name: Old" in words(await admin.get(LOG))

    assert (await admin.post(f"{LOG}/keep", {"days": "30"}, page=LOG)).status_code == 303
    await sweep(house)
    left = words(await admin.get(LOG))
    assert "Instance Name: Old" not in left
    assert "Instance Name: New" in left
    assert "Days to keep: 30" in left

    await admin.post(f"{LOG}/keep", {"days": "0"}, page=LOG)
    clock.advance(4000 * DAY)
    await admin.log_in()
    await sweep(house)
    assert "Instance Name: New" in words(await admin.get(LOG))


@pytest.mark.parametrize("days", ["", "-1", "1.5", "many", "99999999999999999999", "\u0661"])
async def test_a_number_of_days_that_is_none_is_refused(admin: Browser, days: str) -> None:
    refused = await admin.post(f"{LOG}/keep", {"days": days}, page=LOG)
    assert refused.status_code == 422
    assert "A number of days" in words(refused)


async def test_an_event_is_counted_once_however_often_its_unit_ran(house: House) -> None:
    runs = 0

    async def unit(tx: Tx) -> None:
        nonlocal runs
        await write_unattended(tx, house.ctx, Event.APP_ADDED, actor="test", subject="Wiki")
        runs += 1
        if runs < 3:
            raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):
            await house.ctx.db.write(unit)
    await house.ctx.db.write(unit)

    assert 1 == house.ctx.tally.events[Event.APP_ADDED.value, False]
