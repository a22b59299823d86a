"""Sign-in with e-mail and password, and forms in general."""

import asyncio
import json
from collections.abc import Callable

import msgspec
import pytest
import structlog

from poolhouse.house.app import House
from poolhouse.house.brakes import Brake, brakes_for, is_everybody, wait_seconds
from poolhouse.house.model import Document, FormLogin
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from tests.house.world import ADMIN, BASE, PASSWORD, Browser, words

NewBrowser = Callable[..., Browser]


async def test_the_right_password_signs_in(browser: Browser) -> None:
    answer = await browser.log_in()

    assert (303, "/") == (answer.status_code, answer.headers["location"])
    assert f"Signed in as {ADMIN}" in words(await browser.get("/"))


@pytest.mark.parametrize("email", [ADMIN.upper(), f"  {ADMIN} "])
async def test_the_address_may_be_written_otherwise(email: str, browser: Browser) -> None:
    assert 303 == (await browser.log_in(email)).status_code


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ADMIN, "wrong"),
        (ADMIN, ""),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("no address", "x"),
        (ADMIN, "x" * 5000),
    ],
)
async def test_no_answer_tells_an_unknown_address_from_a_wrong_password(
    email: str, password: str, browser: Browser
) -> None:
    answer = await browser.log_in(email, password)

    assert 401 == answer.status_code
    assert "Incorrect e-mail or password." in words(answer)
    assert browser.cookie("house_session") is None


async def test_after_five_failures_even_the_right_password_waits(browser: Browser, clock: FixedClock) -> None:
    for _ in range(5):
        assert 401 == (await browser.log_in(ADMIN, "wrong")).status_code

    held = await browser.log_in()
    assert 429 == held.status_code
    assert "30" == held.headers["retry-after"]
    assert "Try again in 30 seconds" in words(held)

    clock.advance(30)
    assert 303 == (await browser.log_in()).status_code


async def test_an_unknown_address_is_held_in_the_same_way(browser: Browser) -> None:
    for _ in range(5):
        assert 401 == (await browser.log_in("nobody@example.com", "wrong")).status_code

    assert 429 == (await browser.log_in("nobody@example.com", "wrong")).status_code


async def test_somebody_elses_failures_do_not_lock_the_owner_out(house: House, new_browser: NewBrowser) -> None:
    attacker = new_browser(address="198.51.100.66")
    assert [401] * 5 + [429] == [(await attacker.log_in(ADMIN, "wrong")).status_code for _ in range(6)]

    assert 303 == (await new_browser(address="203.0.113.7").log_in()).status_code


async def test_guesses_sent_all_at_once_gain_nothing(house: House, new_browser: NewBrowser) -> None:
    browser = new_browser()
    csrf = await browser.csrf("/user/login")

    async def guess(number: int) -> int:
        form = {"csrf": csrf, "email": ADMIN, "password": f"guess {number}"}
        answer = await browser.client.post("/user/login", data=form, headers={"origin": BASE})
        return answer.status_code

    statuses = await asyncio.gather(*(guess(n) for n in range(20)))

    assert 5 == statuses.count(401)
    assert 15 == statuses.count(429)


async def allow(house: House, free_attempts: int) -> None:
    """Another number of free attempts: an address has ten times as many, a name twenty times."""

    async def change(_tx: Tx, document: Document) -> Document:
        return msgspec.structs.replace(document, form_login=FormLogin(free_attempts=free_attempts))

    await house.ctx.live.change(change, by="test")


async def test_one_address_cannot_try_one_password_on_many_names(house: House, browser: Browser) -> None:
    await allow(house, 1)
    statuses = [(await browser.log_in(f"user{n}@example.com", "Summer2026")).status_code for n in range(11)]

    assert [401] * 10 + [429] == statuses


@pytest.mark.parametrize("peer", ["127.0.0.1", "::ffff:172.17.0.1"])
async def test_behind_a_proxy_that_nobody_named_guesses_lock_nobody_else_out(
    peer: str, house: House, new_browser: NewBrowser
) -> None:
    await allow(house, 1)
    guesser, owner = new_browser(address=peer), new_browser(address=peer)
    statuses = [(await guesser.log_in(f"user{n}@example.com", "Summer2026")).status_code for n in range(11)]

    assert [401] * 11 == statuses
    assert 429 == (await guesser.log_in("user1@example.com", "Summer2026")).status_code
    assert 303 == (await owner.log_in()).status_code


@pytest.mark.parametrize("address", ["203.0.113.7", "172.32.0.1", "2001:db8::1", "::ffff:203.0.113.7"])
def test_an_address_of_the_internet_is_somebodys(address: str) -> None:
    assert not is_everybody(address)
    assert brakes_for(FormLogin(), "a@b.c", address, has_proxies=False).address is not None


@pytest.mark.parametrize("address", ["10.0.0.2", "192.168.1.1", "100.64.0.1", "::1", "fd00::1", "fe80::1", ""])
def test_behind_a_named_proxy_even_a_private_address_is_somebodys(address: str) -> None:
    assert brakes_for(FormLogin(), "a@b.c", address, has_proxies=False).address is None
    assert brakes_for(FormLogin(), "a@b.c", address, has_proxies=True).address is not None


def test_ipv4_clients_of_a_socket_for_both_families_are_counted_one_by_one() -> None:
    mapped, plain, other = (
        brakes_for(FormLogin(), "a@b.c", address, has_proxies=False).address
        for address in ("::ffff:203.0.113.7", "203.0.113.7", "::ffff:203.0.113.8")
    )

    assert mapped == plain
    assert mapped != other


async def test_a_right_password_takes_its_count_back(house: House, new_browser: NewBrowser) -> None:
    await allow(house, 1)
    for _ in range(12):
        browser = new_browser()
        assert 303 == (await browser.log_in()).status_code
        await browser.close()


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (500, 900)]
)
def test_the_wait_doubles_up_to_its_limit(failures: int, seconds: int) -> None:
    assert seconds == wait_seconds(FormLogin(), Brake("any", 5), failures)


def test_an_ipv6_network_counts_as_one_address() -> None:
    first, second, other = (
        brakes_for(FormLogin(), "a@b.c", address, has_proxies=False).address
        for address in ("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")
    )

    assert first == second
    assert first != other


async def test_failures_are_audited_without_what_was_typed_into_the_wrong_field(
    house: House, browser: Browser, admin: Browser
) -> None:
    with structlog.testing.capture_logs() as logs:
        await browser.log_in("hunter2 is my password", "wrong")
        await browser.log_in("nobody@example.com", "another wrong one")

    text = words(await admin.get("/settings/audit-log"))
    assert "nobody@example.com" in text
    assert "(not an e-mail address)" in text
    for secret in ("hunter2", "another wrong one"):
        assert secret not in text
        assert secret not in json.dumps(logs)


async def test_a_form_without_its_proof_changes_nothing(house: House, browser: Browser) -> None:
    await browser.get("/user/login")
    for csrf in ({}, {"csrf": ""}, {"csrf": "invented"}):
        form = {**csrf, "email": ADMIN, "password": PASSWORD}
        answer = await browser.client.post("/user/login", data=form, headers={"origin": BASE})
        assert 403 == answer.status_code

    assert browser.cookie("house_session") is None


async def test_the_proof_of_one_browser_does_not_serve_another(house: House, new_browser: NewBrowser) -> None:
    first, second = new_browser(), new_browser()
    await second.get("/user/login")
    form = {"csrf": await first.csrf("/user/login"), "email": ADMIN, "password": PASSWORD}

    assert 403 == (await second.client.post("/user/login", data=form, headers={"origin": BASE})).status_code


async def test_the_proof_from_before_sign_in_does_not_serve_after_it(admin: Browser, new_browser: NewBrowser) -> None:
    browser = new_browser()
    before = await browser.csrf("/user/login")
    await browser.log_in()

    answer = await browser.client.post("/user/logout", data={"csrf": before}, headers={"origin": BASE})

    assert 403 == answer.status_code
    assert 200 == (await browser.get("/")).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8501"},
        {"origin": f"{BASE}.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_form_from_another_origin_is_refused(headers: dict[str, str], house: House, browser: Browser) -> None:
    form = {"csrf": await browser.csrf("/user/login"), "email": ADMIN, "password": PASSWORD}

    answer = await browser.client.post("/user/login", data=form, headers=headers)

    assert 403 == answer.status_code
    assert browser.cookie("house_session") is None


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"csrf=a&csrf=b", "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"a=%ff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"f%d=1" % n for n in range(300)), "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_what_is_no_form_is_refused(body: bytes, kind: str, status: int, house: House, browser: Browser) -> None:
    answer = await browser.client.post("/user/login", content=body, headers={"content-type": kind, "origin": BASE})

    assert status == answer.status_code


def test_what_other_sites_may_post_is_named_here() -> None:
    from poolhouse.house.routes import ROUTES

    elsewhere = {row.path for row in ROUTES if row.is_from_elsewhere}

    assert {"/login/oauth2/code/{id}", "/login/oauth2/backchannel/{id}", "/login/initiate"} == elsewhere


async def test_every_post_route_wants_the_proof(admin: Browser) -> None:
    from poolhouse.house.routes import ROUTES

    for row in ROUTES:
        if row.method == "POST" and not row.is_from_elsewhere:
            path = row.path.replace("{id}", "some-id")
            answer = await admin.client.post(path, data={"csrf": "invented"}, headers={"origin": BASE})
            assert 403 == answer.status_code, path


async def test_an_old_hash_is_replaced_at_sign_in(house: House, new_browser: NewBrowser) -> None:
    from argon2 import PasswordHasher
    from sqlalchemy import Text, bindparam, select, update

    from poolhouse.house.tables import accounts
    from poolhouse.kit.db.statement import compile_statement
    from poolhouse.kit.passwords import needs_rehash

    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    await house.ctx.db.run(
        compile_statement(update(accounts).values(password_hash=bindparam("hash", type_=Text))), hash=weak
    )

    assert 303 == (await new_browser().log_in()).status_code

    row = await house.ctx.db.one(compile_statement(select(accounts.c.password_hash)))
    assert row is not None
    assert not needs_rehash(row[0])


async def test_the_password_can_be_changed_and_other_browsers_are_out(house: House, new_browser: NewBrowser) -> None:
    browser, other = new_browser(), new_browser()
    await browser.log_in()
    await other.log_in()
    path, new = "/user/account/password", "a longer battery staple"

    wrong = await browser.post(path, {"old_password": "no", "new_password": new}, page="/user/account")
    short = await browser.post(path, {"old_password": PASSWORD, "new_password": "short"}, page="/user/account")
    done = await browser.post(path, {"old_password": PASSWORD, "new_password": new}, page="/user/account")

    assert (422, 422, 303) == (wrong.status_code, short.status_code, done.status_code)
    assert "This is not your password." in words(wrong)
    assert "Use 12 to 256 characters." in words(short)
    assert 200 == (await browser.get("/")).status_code
    assert 303 == (await other.get("/")).status_code
    assert 401 == (await new_browser().log_in()).status_code
    assert 303 == (await new_browser().log_in(ADMIN, new)).status_code
