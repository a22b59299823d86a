"""What the portal keeps, on each engine."""

import pytest

from poolhouse.house.model import App
from poolhouse.house.portal.findings import Answers, Finding, Found, Mark
from poolhouse.house.portal.request import GRANTED, OPEN, REFUSED, AccessRequest
from poolhouse.house.schema import HISTORY
from poolhouse.house.store import accounts, apps, everybody, pending, portal, presence, probes, requests, sessions
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.protocol import Database, Tx
from tests.house.test_store import NOW, an_account


@pytest.fixture
async def db(database: Database) -> Database:
    await migrate(database, HISTORY)

    async def unit(tx: Tx) -> None:
        await accounts.put_account(tx, an_account(), email_key="user1@example.com")
        await apps.put_app(tx, an_app(), NOW)

    await database.write(unit)
    return database


def an_app(**other: object) -> App:
    fields = {"id": "app-1", "name": "Wiki", "url": "https://wiki.example/", "description": "", "letter": "W"}
    return App(**{**fields, "icon": "data:x", "shows_locked": True, **other})  # type: ignore[arg-type]


def a_request(number: int = 1) -> AccessRequest:
    return AccessRequest(id=f"r-{number}", app_id="app-1", account_id="account-1", reason="Rota", asked_at=NOW)


async def test_an_app_keeps_its_picture_and_whether_it_is_shown_locked(db: Database) -> None:
    assert [an_app()] == await db.read(apps.list_apps)
    await db.write(lambda tx: apps.change_app(tx, an_app(icon="", shows_locked=False)))
    assert [an_app(icon="", shows_locked=False)] == await db.read(apps.list_apps)


async def test_favourites_and_uses_are_an_accounts_own(db: Database) -> None:
    for _ in range(2):
        await db.write(lambda tx: portal.set_favourite(tx, "account-1", "app-1", is_one=True))
    await db.write(lambda tx: portal.note_use(tx, "account-1", "app-1", NOW))
    await db.write(lambda tx: portal.note_use(tx, "account-1", "app-1", Epoch(NOW + 5)))

    assert {"app-1"} == await db.read(lambda tx: portal.favourites_of(tx, "account-1"))
    assert {"app-1": NOW + 5} == await db.read(lambda tx: portal.uses_of(tx, "account-1"))
    assert {} == await db.read(lambda tx: portal.uses_of(tx, "account-2"))
    await db.write(lambda tx: portal.set_favourite(tx, "account-1", "app-1", is_one=False))
    assert set() == await db.read(lambda tx: portal.favourites_of(tx, "account-1"))


async def test_one_request_is_open_and_of_two_who_decide_one_does(db: Database) -> None:
    assert await db.write(lambda tx: requests.put_request(tx, a_request()))
    assert not await db.write(lambda tx: requests.put_request(tx, a_request(2)))
    assert 1 == await db.read(requests.count_open)

    async def decide(tx: Tx) -> list[bool]:
        return [
            await requests.decide_request(tx, "r-1", state, by="Ada", answer="Staff", now=NOW)
            for state in (GRANTED, REFUSED)
        ]

    assert [True, False] == await db.write(decide)
    assert 0 == await db.read(requests.count_open)
    [(account, request, name)] = await db.read(requests.list_decided)
    assert ("account-1", GRANTED, "Wiki") == (account.id, request.state, name)
    assert await db.write(lambda tx: requests.put_request(tx, a_request(3)))
    assert OPEN == (await db.read(lambda tx: requests.requests_of(tx, "account-1")))["app-1"].state


@pytest.mark.parametrize("what", ["app", "account"])
async def test_what_belongs_to_an_app_or_an_account_goes_with_it(what: str, db: Database) -> None:
    async def unit(tx: Tx) -> None:
        await requests.put_request(tx, a_request())
        await portal.set_favourite(tx, "account-1", "app-1", is_one=True)
        await portal.note_use(tx, "account-1", "app-1", NOW)
        if what == "app":
            await apps.delete_app(tx, "app-1")
        else:
            await accounts.delete_account(tx, "account-1")

    await db.write(unit)

    assert 0 == await db.read(requests.count_open)
    assert set() == await db.read(lambda tx: portal.favourites_of(tx, "account-1"))
    assert {} == await db.read(lambda tx: portal.uses_of(tx, "account-1"))


async def test_findings_of_the_prober_are_read_as_they_were_written(db: Database) -> None:
    finding = Finding(address="http://a", mark=Mark.BELIEVES, what="It believes.", answers=Answers(nobody=401))
    found = Found(NOW, (finding,))
    for _ in range(2):
        await db.write(lambda tx: probes.put_found(tx, "app-1", found))

    assert found == await db.read(lambda tx: probes.find_found(tx, "app-1"))
    assert {"app-1": found} == await db.read(probes.all_found)


async def test_sessions_of_everybody_are_listed_by_pages_and_ended(db: Database) -> None:
    async def put(tx: Tx) -> None:
        for number in range(presence.PAGE + 3):
            await sessions.put_session(
                tx, id_digest=bytes([number]) * 32, account_id="account-1", method="form", issuer="", subject="",
                claims='{"a": "b"}', sealed_id_token=None, address="192.0.2.1", agent="Browser",
                now=Epoch(NOW + number % 2), expires_at=Epoch(NOW + 900),
            )  # fmt: skip

    await db.write(put)
    first, has_more = await db.read(
        lambda tx: presence.list_present(
            tx, wanted="192.0", before=presence.NEWEST, after=b"", now=NOW, idle_seconds=60
        )
    )
    last = first[-1]
    rest, has_even_more = await db.read(
        lambda tx: presence.list_present(
            tx, wanted="", before=last.created_at, after=last.key, now=NOW, idle_seconds=60
        )
    )

    assert has_more
    assert not has_even_more
    assert presence.PAGE + 3 == len({each.key for each in (*first, *rest)})
    assert (presence.PAGE + 3, 1) == await db.read(lambda tx: presence.count_present(tx, now=NOW, idle_seconds=60))
    [known], is_cut = await db.read(lambda tx: everybody.everybody(tx, now=NOW))
    assert ({"a": "b"}, "192.0.2.1", False) == (known.claims, known.address, is_cut)
    assert presence.PAGE + 2 == await db.write(lambda tx: presence.end_all_but(tx, last.key))


async def test_what_is_counted_for_a_minute_begins_anew_after_it(db: Database) -> None:
    async def count(at: int) -> int:
        return await db.write(lambda tx: pending.count_up(tx, "loop x", Epoch(NOW + at), seconds=60))

    assert [1, 2, 3, 1, 2] == [await count(at) for at in (0, 30, 59, 60, 61)]
