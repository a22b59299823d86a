"""A client secret with a last day: administrators hear of it in time, each occasion once."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from poolhouse.house.app import House
from poolhouse.house.mail.settings import MailSettings
from poolhouse.house.model import Document, OutgoingMail
from poolhouse.house.reminding import remind
from poolhouse.house.store import outbox
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import ReadTx, Tx
from tests.house.op import Provider
from tests.house.world import ADMIN, Browser, words

GENERAL = "/settings/general"
AUDIT = "/settings/audit-log?event=secret_ends"


async def end_in(days: int, admin: Browser, provider: Provider, clock: FixedClock) -> None:
    day = datetime.fromtimestamp(clock.now(), UTC).date() + timedelta(days=days)
    assert 303 == (await admin.set_up(provider.form(client_secret="", secret_expires=day.isoformat()))).status_code


@pytest.mark.parametrize(
    ("days", "said"), [(31, ""), (30, "ends in 30 days"), (1, "ends tomorrow"), (0, "ends today"), (-1, "has ended")]
)
async def test_a_banner_stands_in_admin_settings_from_thirty_days_before(
    days: int, said: str, ready: House, admin: Browser, provider: Provider, clock: FixedClock
) -> None:
    await end_in(days, admin, provider, clock)

    page = words(await admin.get(GENERAL))

    assert ("Client Secret of OIDC" in page) == bool(said)
    assert said in page


async def test_each_occasion_is_noted_once(ready: House, admin: Browser, provider: Provider, clock: FixedClock) -> None:
    await end_in(31, admin, provider, clock)
    for _ in range(33):
        await remind(ready.ctx)
        await remind(ready.ctx)
        clock.advance(86_400)
    await admin.log_in() if (await admin.get("/")).status_code == 303 else None

    page = words(await admin.get(AUDIT))

    for said in ("ends in 30 days", "ends in 7 days", "ends tomorrow"):
        assert 1 == page.count(f"Client Secret {said}"), page


async def test_without_a_day_nobody_is_reminded(ready: House, admin: Browser) -> None:
    await remind(ready.ctx)

    assert "Client Secret ends" not in words(await admin.get(AUDIT)).replace("Client Secret ends soon", "")


@pytest.mark.parametrize("day", ["soon", "31.12.2027", "2027-13-01", "2027-02-30", "2027-1-1", "1999-01-01"])
async def test_a_day_that_is_none_is_refused(day: str, ready: House, admin: Browser, provider: Provider) -> None:
    answer = await admin.set_up(provider.form(secret_expires=day))

    assert 422 == answer.status_code
    assert "Give the last day" in words(answer)


async def test_administrators_get_a_letter_where_mail_is_set_up(
    ready: House, admin: Browser, provider: Provider, clock: FixedClock
) -> None:
    await end_in(7, admin, provider, clock)

    async def change(_tx: Tx, document: Document) -> Document:
        return msgspec.structs.replace(document, mail=MailSettings(host="mail.example.com", sender="house@example.com"))

    await ready.ctx.live.change(change, by="test")

    await remind(ready.ctx)
    await remind(ready.ctx)

    async def read(tx: ReadTx) -> list[OutgoingMail]:
        return await outbox.list_due(tx, now=clock.now(), most=10)

    waiting = await ready.ctx.db.read(read)
    assert [(ADMIN, "secret ends")] == [(each.recipient, each.kind) for each in waiting]
