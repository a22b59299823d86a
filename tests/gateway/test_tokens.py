"""Tokens of people and of machines at the gateway: what they open, and that a bad one opens nothing."""

import asyncio
import base64
import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from poolhouse.house.app import Look, build
from poolhouse.house.audit import Trail
from poolhouse.house.gate import Gate, Policy
from poolhouse.house.gateway.brake import FREE, Brake
from poolhouse.house.store import accounts, sessions
from poolhouse.house.store import tokens as token_store
from poolhouse.house.token_making import DAY, KEPT_DAYS, Made, Wanted, make_personal, make_service, revoke, sweep
from poolhouse.house.tokens import Kind, is_well_formed, mint_token
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Raw
from poolhouse.kit.jws import read
from tests.gateway.test_endings import events as events_of_an_app
from tests.gateway.world import Person, Served, Upstream, until
from tests.house.world import house_settings

VISIT = Visit(
    raw=Raw(method="POST", path="/"), address="203.0.113.9", reference="r", browser="", is_new_browser=False,
    session_id="", session=None, csrf="",
)  # fmt: skip


async def personal(served: Served, person: Person, *apps: str, days: str = "30") -> Made:
    wanted = Wanted(name="backup", days=days, apps=apps, is_for_all_apps=not apps)
    return await make_personal(served.house.ctx, Trail(served.house.ctx, VISIT), person.account, wanted)


async def service(served: Served, *apps: str, **more: Any) -> Made:
    by = (await served.sign_in(email="admin2@example.com")).account
    wanted = Wanted(name="nightly", days="30", apps=apps, **more)
    return await make_service(served.house.ctx, Trail(served.house.ctx, VISIT), wanted, by=by.username)


def bearer(made: Made) -> str:
    return f"Bearer {made.secret.reveal()}"


async def events(served: Served, event: str) -> list[tuple[str, str]]:
    from sqlalchemy import select

    from poolhouse.house.tables import audit_events as t
    from poolhouse.kit.db.statement import compile_statement

    query = compile_statement(select(t.c.event, t.c.actor, t.c.detail).order_by(t.c.id))
    rows = await served.house.ctx.db.read(lambda tx: tx.all(query))
    return [(row[1], row[2]) for row in rows if row[0] == event]


async def test_a_persons_token_opens_the_app_in_their_name(served: Served, wiki: str, app: Upstream) -> None:
    person = await served.sign_in(groups=["staff"])
    made = await personal(served, person, wiki)
    answer = await served.ask("/api", Authorization=bearer(made))

    assert 200 == answer.status
    assert ["maria@example.com"] == app.header("x-forwarded-user")
    assert ["staff"] == app.header("x-forwarded-groups")
    assert person.account.id == read(app.header("x-house-assertion")[0]).claims["sub"]


@pytest.mark.parametrize("path", ["/api", "/open/api"])
@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   ", "Bearer\t"])
async def test_the_app_never_sees_a_token(path: str, scheme: str, served: Served, wiki: str, app: Upstream) -> None:
    made = await personal(served, await served.sign_in())
    answer = await served.ask(path, Authorization=scheme + made.secret.reveal())

    assert 200 == answer.status
    assert "ph_" not in app.last
    assert [] == app.header("authorization")


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


FORMS: dict[str, Callable[[str], dict[str, Any]]] = {
    "bare": lambda token: {"Authorization": token},
    "bare, cut short": lambda token: {"Authorization": token[:-1]},
    "quoted": lambda token: {"Authorization": f'Bearer "{token}"'},
    "another scheme": lambda token: {"Authorization": f"Token {token}"},
    "another scheme, a tab": lambda token: {"Authorization": f"token\t{token}"},
    "a parameter": lambda token: {"Authorization": f'Token token="{token}"'},
    "digest": lambda token: {"Authorization": f'Digest username="{token}", realm="x"'},
    "password": lambda token: {"Authorization": basic(f"maria:{token}")},
    "password, cut short": lambda token: {"Authorization": basic(f"maria:{token[:-1]}")},
    "user name": lambda token: {"Authorization": basic(f"{token}:x-oauth-basic")},
    "user name alone": lambda token: {"Authorization": basic(token)},
    "within a password": lambda token: {"Authorization": basic(f"maria:x{token}")},
    "basic, not encoded": lambda token: {"Authorization": f"BASIC  {token}"},
    "basic, other letters": lambda token: {
        "Authorization": "basic " + base64.urlsafe_b64encode(f"\xff\xfe:{token}".encode("latin-1")).decode().rstrip("=")
    },
}
ELSEWHERE: dict[str, Callable[[str], dict[str, Any]]] = {
    "a key": lambda token: {"X-Api-Key": token},
    "a key with a scheme": lambda token: {"X-Auth-Token": f"Bearer {token}"},
    "a referrer": lambda token: {"Referer": f"https://wiki.example.com/?access_token={token}"},
    "a cookie": lambda token: {"Cookie": f"token={token}; own=1"},
}


@pytest.mark.parametrize("form", FORMS)
async def test_a_token_of_the_house_in_another_form_is_refused_and_reaches_no_app(
    form: str, served: Served, wiki: str, app: Upstream
) -> None:
    person = await served.sign_in()
    token = (await personal(served, person)).secret.reveal()
    cookie = await served.at_app(wiki, person)

    refused = await served.ask("/api", Cookie=cookie, **FORMS[form](token))
    public = await served.ask("/open/api", **FORMS[form](token))

    assert (400, "Send the token of this house as Authorization: Bearer.") == (refused.status, refused.json["message"])
    assert token not in refused.text
    assert (200, 1) == (public.status, len(app.heads))
    assert [] == app.header("authorization")


@pytest.mark.parametrize("form", ELSEWHERE)
async def test_a_token_of_the_house_reaches_no_app_in_any_other_header(
    form: str, served: Served, wiki: str, app: Upstream
) -> None:
    person = await served.sign_in()
    made = await personal(served, person)
    sent = ELSEWHERE[form](made.secret.reveal())

    answer = await served.ask("/api", Authorization=bearer(made), **sent)

    assert 200 == answer.status
    assert made.secret.reveal() not in app.last
    if "Cookie" in sent:
        assert ["own=1"] == app.header("cookie")


@pytest.mark.parametrize("form", [*FORMS, "a key", "a referrer"])
async def test_before_another_proxy_it_is_refused_or_taken_away(form: str, served: Served) -> None:
    await served.add("http://wiki.localhost:8500/", Gate(public_paths=("/open/",)))
    token = (await personal(served, await served.sign_in())).secret.reveal()

    answer = await served.ask(
        "/.house/auth/nginx", X_Original_URL="http://wiki.localhost:8500/open/x", X_Original_Method="GET",
        **(FORMS | ELSEWHERE)[form](token),
    )  # fmt: skip

    assert token not in answer.text + str(answer.headers)
    if form in FORMS:
        assert (200, "") == (answer.status, answer.headers["authorization"])
    else:
        assert 403 == answer.status


ADDRESSES: dict[str, Callable[[str], str]] = {
    "a parameter": lambda token: f"/api?access_token={token}",
    "a public path": lambda token: f"/open/api?token={token}&x=1",
    "within a value": lambda token: f"/api?next=/a?t={token}",
    "escaped": lambda token: "/api?t=" + "".join(f"%{ord(letter):02x}" for letter in token),
    "its beginning escaped": lambda token: f"/api?t=%70%68_{token[3:]}",
    "escaped twice": lambda token: "/api?t=" + "".join(f"%25{ord(letter):02x}" for letter in token),
    "a letter escaped thrice": lambda token: f"/api?t=ph%25255F{token[3:]}",
    "the path": lambda token: f"/api/{token}/pages",
    "the path, escaped twice": lambda token: f"/api/p%2568_{token[3:]}/pages",
    "the path, escaped": lambda token: f"/api/p%68%5f{token[3:]}/pages",
}


@pytest.mark.parametrize("form", ADDRESSES)
async def test_a_token_of_the_house_in_the_address_is_refused(
    form: str, served: Served, wiki: str, app: Upstream
) -> None:
    """RFC 6750 section 5.3, RFC 9700 section 4.3.2: addresses are in logs, histories and referrers."""
    person = await served.sign_in()
    made = await personal(served, person)
    target, cookie = ADDRESSES[form](made.secret.reveal()), await served.at_app(wiki, person)
    before = len(app.heads)

    ways: list[dict[str, Any]] = [{}, {"Cookie": cookie}, {"Authorization": bearer(made)}, {"Accept": "text/html"}]
    for sent in ways:
        refused = await served.ask(target, **sent)

        assert (400, "invalid_request") == (refused.status, refused.json["error"])
        assert "is in the address" in refused.json["message"]
        assert made.secret.reveal()[3:] not in refused.text + str(refused.headers)
    asked = await served.ask(
        "/.house/auth/nginx", X_Original_URL=f"http://wiki.localhost:8500{target}", X_Original_Method="GET",
    )  # fmt: skip
    assert asked.status in {403, 404}
    assert before == len(app.heads)


async def test_what_only_looks_like_a_token_may_be_in_an_address(served: Served, wiki: str, app: Upstream) -> None:
    cookie = await served.at_app(wiki, await served.sign_in())
    target = "/api?sql=ph_value&t=ph_" + "a" * 38 + "&q=%41%20b"

    assert 200 == (await served.ask(target, Cookie=cookie)).status
    assert app.last.startswith(f"GET {target} HTTP/1.1")


@pytest.mark.parametrize(
    "value", [basic("ph_admin:secret"), basic("a:b"), "Bearer ph-x", "ph_x", "Basic %%%", "Negotiate YII"]
)
async def test_credentials_that_only_look_a_little_like_one_are_the_apps(
    value: str, served: Served, wiki: str, app: Upstream
) -> None:
    cookie = await served.at_app(wiki, await served.sign_in())
    assert 200 == (await served.ask("/", Cookie=cookie, Authorization=value, X_Api_Key="ph_" + "a" * 38)).status
    assert ([value], ["ph_" + "a" * 38]) == (app.header("authorization"), app.header("x-api-key"))


async def test_what_is_no_token_of_the_house_is_the_apps_own(served: Served, wiki: str, app: Upstream) -> None:
    cookie = await served.at_app(wiki, await served.sign_in())
    await served.ask("/", Cookie=cookie, Authorization="Basic YTpi")

    assert ["Basic YTpi"] == app.header("authorization")
    await served.ask("/", Cookie=cookie, Authorization="Bearer eyJhbGciOiJub25lIn0.e30.")
    assert ["Bearer eyJhbGciOiJub25lIn0.e30."] == app.header("authorization")


@pytest.mark.parametrize(
    "token",
    [
        "ph_",
        "ph_x",
        "ph_" + "a" * 38,
        "ph_" + "\xff" * 38,
        "ph_" + "a" * 5000,
        "ph_a b",
        "ph_a,ph_b",
        "ph_=",
        "ph_'\"\\",
    ],
)
async def test_a_bad_token_is_401_and_never_falls_back_to_the_cookie(
    token: str, served: Served, wiki: str, app: Upstream
) -> None:
    """CVE-2026-25748: what is malformed opens nothing."""
    cookie = await served.at_app(wiki, await served.sign_in())
    answer = await served.ask("/", Cookie=cookie, Authorization=f"Bearer {token}", Accept="text/html")

    assert 401 == answer.status
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    assert "no-store" == answer.headers["cache-control"]
    assert [] == app.heads


async def test_of_cookie_and_token_the_token_decides(served: Served, wiki: str, app: Upstream) -> None:
    cookie = await served.at_app(wiki, await served.sign_in())
    made = await personal(served, await served.sign_in(email="ben@example.com", name="Ben"))
    await served.ask("/", Cookie=cookie, Authorization=bearer(made))

    assert ["ben@example.com"] == app.header("x-forwarded-user")


async def test_two_tokens_are_none(served: Served, wiki: str, app: Upstream) -> None:
    made = await personal(served, await served.sign_in())
    lines = f"Authorization: {bearer(made)}\r\n"
    head = "GET / HTTP/1.1\r\nHost: wiki.localhost:8500\r\nConnection: close\r\n"
    twice = await served.raw((head + lines * 2 + "\r\n").encode())
    mixed = await served.raw((head + lines + "Authorization: Basic YTpi\r\n\r\n").encode())

    assert b" 400 " in twice.split(b"\r\n")[0]
    assert b"invalid_request" in mixed
    assert [] == app.heads


async def test_an_expired_token_opens_nothing(served: Served, wiki: str, app: Upstream, clock: FixedClock) -> None:
    made = await personal(served, await served.sign_in(), days="1")
    assert 200 == (await served.ask("/", Authorization=bearer(made))).status
    clock.advance(DAY)
    served.house._site.callers.forget()  # type: ignore[union-attr]
    answer = await served.ask("/", Authorization=bearer(made))

    assert 401 == answer.status
    assert "expired" in answer.headers["www-authenticate"]


async def test_a_token_for_another_app_is_refused(served: Served, wiki: str, app: Upstream) -> None:
    """CVE-2024-47616: what a token is for is part of what is checked."""
    other = await served.add("http://other.localhost:8500/", Gate(upstream=app.url), name="Other")
    made = await personal(served, await served.sign_in(), other)

    assert 200 == (await served.ask("/", host="other.localhost:8500", Authorization=bearer(made))).status
    assert 401 == (await served.ask("/", Authorization=bearer(made))).status


async def test_a_revoked_token_is_out_at_once(served: Served, wiki: str, app: Upstream) -> None:
    made = await personal(served, await served.sign_in())
    assert 200 == (await served.ask("/", Authorization=bearer(made))).status
    assert await revoke(served.house.ctx, Trail(served.house.ctx, VISIT), made.token.id, kind=Kind.PERSONAL)

    assert 401 == (await served.ask("/", Authorization=bearer(made))).status
    assert not await revoke(served.house.ctx, Trail(served.house.ctx, VISIT), made.token.id, kind=Kind.PERSONAL)


async def test_a_disabled_persons_token_is_out_at_once(served: Served, wiki: str, app: Upstream) -> None:
    person = await served.sign_in()
    made = await personal(served, person)
    assert 200 == (await served.ask("/", Authorization=bearer(made))).status

    async def disable(tx: Tx) -> None:
        await accounts.set_enabled(tx, person.account.id, is_enabled=False)
        await sessions.delete_sessions_of(tx, person.account.id)

    await served.house.ctx.db.write(disable)
    assert 401 == (await served.ask("/", Authorization=bearer(made))).status


async def test_a_deleted_account_takes_its_tokens_along(served: Served, wiki: str) -> None:
    person = await served.sign_in()
    made = await personal(served, person)

    async def delete(tx: Tx) -> list[Any]:
        await accounts.delete_account(tx, person.account.id)
        return await token_store.list_tokens_of(tx, person.account.id)

    assert [] == await served.house.ctx.db.write(delete)
    assert 401 == (await served.ask("/", Authorization=bearer(made))).status


async def test_the_apps_policy_holds_for_tokens(served: Served, app: Upstream) -> None:
    gate = Gate(upstream=app.url, policy=Policy(groups=("staff",)))
    await served.add("http://wiki.localhost:8500/", gate)
    outside = await personal(served, await served.sign_in(groups=["guests"]))
    inside = await personal(served, await served.sign_in(email="ben@example.com", groups=["staff"]))

    refused = await served.ask("/", Authorization=bearer(outside))
    assert (403, "not_allowed") == (refused.status, refused.json["error"])
    assert 200 == (await served.ask("/", Authorization=bearer(inside))).status


async def test_a_token_goes_by_what_the_provider_said_last(served: Served, app: Upstream) -> None:
    """CVE-2021-41230: claims of the day on which it was made are not kept for its life."""
    await served.add("http://wiki.localhost:8500/", Gate(upstream=app.url, policy=Policy(groups=("staff",))))
    person = await served.sign_in(groups=["staff"])
    made = await personal(served, person)
    assert 200 == (await served.ask("/", Authorization=bearer(made))).status
    ctx = served.house.ctx
    await ctx.db.write(
        lambda tx: accounts.mark_identity(
            tx,
            "https://op.example",
            person.account.id,
            ctx.clock.now(),
            provider="oidc",
            claims='{"groups":["guests"]}',
        )
    )
    served.house._site.callers.forget()  # type: ignore[union-attr]

    assert 403 == (await served.ask("/", Authorization=bearer(made))).status


async def test_turned_off_no_personal_token_opens_anything(served: Served, wiki: str) -> None:
    made = await personal(served, await served.sign_in())
    machine = await service(served, wiki)
    assert 200 == (await served.ask("/", Authorization=bearer(made))).status

    async def off(_tx: Tx, document: Any) -> Any:
        rules = msgspec.structs.replace(document.tokens, is_personal_allowed=False)
        return msgspec.structs.replace(document, tokens=rules)

    await served.house.ctx.live.change(off, by="test")
    assert 401 == (await served.ask("/", Authorization=bearer(made))).status
    assert 200 == (await served.ask("/", Authorization=bearer(machine))).status


async def test_a_service_is_told_of_under_an_id_of_its_own(served: Served, wiki: str, app: Upstream) -> None:
    made = await service(served, wiki, groups=("robots",))
    answer = await served.ask("/", Authorization=bearer(made))
    claims = read(app.header("x-house-assertion")[0]).claims

    assert 200 == answer.status
    assert [f"service:{made.token.id}"] == app.header("x-forwarded-user")
    assert f"service:{made.token.id}" == claims["sub"]
    assert ["robots"] == claims["groups"]
    assert [] == app.header("x-forwarded-email")
    assert "email" not in claims


async def test_a_service_comes_from_its_networks_only(served: Served, wiki: str, app: Upstream) -> None:
    far = await service(served, wiki, networks=("10.0.0.0/8",))
    near = await service(served, wiki, networks=("127.0.0.0/8",))

    assert 403 == (await served.ask("/", Authorization=bearer(far))).status
    assert 200 == (await served.ask("/", Authorization=bearer(near))).status
    assert 1 == len(app.heads)


@pytest.mark.parametrize("path", ["/", "/settings/general", "/user/account"])
async def test_no_token_opens_the_house_itself(path: str, served: Served, wiki: str) -> None:
    """CVE-2024-47616: a token for apps is no session."""
    for made in (await service(served, wiki), await personal(served, await served.sign_in())):
        answer = await served.ask(path, host="localhost:8500", Authorization=bearer(made), Sec_Fetch_Mode="cors")
        assert 401 == answer.status


async def test_a_token_may_stand_in_the_apps_own_header(served: Served, app: Upstream) -> None:
    await served.add("http://wiki.localhost:8500/", Gate(upstream=app.url, token_header="X-Team-Token"))
    made = await personal(served, await served.sign_in())
    answer = await served.ask("/", X_Team_Token=made.secret.reveal(), Authorization="Bearer of-the-app")

    assert 200 == answer.status
    assert ["Bearer of-the-app"] == app.header("authorization")
    assert "ph_" not in app.last
    assert [] == app.header("x-team-token")
    assert 401 == (await served.ask("/", X_Team_Token="nonsense")).status
    assert 400 == (await served.ask("/", X_Team_Token=made.secret.reveal(), Authorization=bearer(made))).status


async def test_a_token_opens_no_websocket_for_another_page(served: Served, wiki: str, app: Upstream) -> None:
    made = await personal(served, await served.sign_in())
    headers = {
        "Authorization": bearer(made), "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Origin": "https://evil.example",
    }  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    answer = await served.raw(f"GET /ws HTTP/1.1\r\nHost: wiki.localhost:8500\r\n{lines}\r\n".encode())

    assert b" 403 " in answer.split(b"\r\n")[0]
    assert [] == app.heads


async def test_a_websocket_ends_with_the_token_that_opened_it(served: Served, wiki: str, app: Upstream) -> None:
    app.answer = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    made = await personal(served, await served.sign_in())
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(
        f"GET /ws HTTP/1.1\r\nHost: wiki.localhost:8500\r\nAuthorization: {bearer(made)}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    await revoke(served.house.ctx, Trail(served.house.ctx, VISIT), made.token.id, kind=Kind.PERSONAL)

    assert b"\x88\x02\x03\xf0" == await asyncio.wait_for(reader.read(), 5)
    writer.close()


@pytest.mark.parametrize("kind", ["nginx", "forwarded"])
async def test_forward_auth_answers_alike(kind: str, served: Served, wiki: str) -> None:
    await served.change(wiki, upstream="")
    made = await personal(served, await served.sign_in())

    async def ask(authorization: str) -> Any:
        about: dict[str, Any] = {
            "nginx": {"X_Original_URL": "http://wiki.localhost:8500/x", "X_Original_Method": "GET"},
            "forwarded": {
                "X_Forwarded_Method": "GET", "X_Forwarded_Proto": "http", "X_Forwarded_Host": "wiki.localhost:8500",
                "X_Forwarded_Uri": "/x",
            },
        }[kind]  # fmt: skip
        return await served.ask(f"/.house/auth/{kind}", Authorization=authorization, **about)

    good, bad = await ask(bearer(made)), await ask("Bearer ph_nonsense")
    assert (200, "maria@example.com") == (good.status, good.headers["x-forwarded-user"])
    assert "Authorization" not in good.lines
    assert "" == good.headers["authorization"].strip()
    assert 401 == bad.status
    assert "invalid_token" in bad.headers["www-authenticate"]


async def test_a_token_that_is_revoked_on_one_replica_is_out_on_the_other_within_a_second(
    shared_url: str, clock: FixedClock, look: Look, app: Upstream
) -> None:
    settings = house_settings(database=shared_url)
    houses = [await build(settings, clock=clock, entropy=SystemEntropy(), look=look) for _ in range(2)]
    servers, both = [], []
    for house in houses:
        await house.open_gateway()
        server = await asyncio.get_running_loop().create_server(partial(house.front, set()), "127.0.0.1", 0)
        servers.append(server)
        both.append(Served(house, server.sockets[0].getsockname()[1]))
    first, second = both
    wiki = await first.add("http://wiki.localhost:8500/", Gate(upstream=app.url))
    await until(lambda: houses[1]._site is not None and houses[1]._site.table.of(wiki) is not None)
    made = await personal(first, await first.sign_in(), wiki)
    assert 200 == (await second.ask("/", Authorization=bearer(made))).status
    await revoke(houses[0].ctx, Trail(houses[0].ctx, VISIT), made.token.id, kind=Kind.PERSONAL)
    status = 200
    for _ in range(20):
        status = (await second.ask("/", Authorization=bearer(made))).status
        if status == 401:
            break
        await asyncio.sleep(0.05)

    assert 401 == status
    for house, server in zip(houses, servers, strict=True):
        server.close()
        await house.close()


async def test_the_last_use_is_kept_by_hour_with_its_address(served: Served, wiki: str, clock: FixedClock) -> None:
    person = await served.sign_in()
    made = await personal(served, person)
    ctx = served.house.ctx

    async def used() -> tuple[Any, str]:
        (token,) = await ctx.db.read(lambda tx: token_store.list_tokens_of(tx, person.account.id))
        return token.used_at, token.used_from

    assert (None, "") == await used()
    await served.ask("/", Authorization=bearer(made))
    first = clock.now()
    assert (first, "127.0.0.1") == await used()
    clock.advance(600)
    served.house._site.callers.forget()  # type: ignore[union-attr]
    await served.ask("/", Authorization=bearer(made))
    assert (first, "127.0.0.1") == await used()


async def test_a_refused_token_is_written_down_once_a_minute_and_never_itself(served: Served, wiki: str) -> None:
    made = await personal(served, await served.sign_in())
    await revoke(served.house.ctx, Trail(served.house.ctx, VISIT), made.token.id, kind=Kind.PERSONAL)
    for _ in range(3):
        await served.ask("/", Authorization=bearer(made))

    (line,) = await events(served, "token_refused")
    assert made.secret.reveal() not in str(line)
    assert made.secret.reveal() not in str(await events(served, "token_made"))


def test_an_address_with_wrong_tokens_waits_for_the_minute(clock: FixedClock) -> None:
    brake = Brake(clock, has_proxies=False)
    for _ in range(FREE):
        assert not brake.holds("203.0.113.7")
        brake.count("203.0.113.7")
        brake.count("127.0.0.1")

    assert brake.holds("203.0.113.7")
    assert not brake.holds("203.0.113.8")
    assert not brake.holds("127.0.0.1"), "behind a proxy that nobody has named, that may be everybody"
    clock.advance(60)
    assert not brake.holds("203.0.113.7")


async def test_an_old_token_sent_over_and_over_costs_its_neighbours_nothing(
    served: Served, wiki: str, app: Upstream
) -> None:
    made = await personal(served, await served.sign_in())
    for _ in range(20):
        assert 401 == (await served.ask("/", Authorization="Bearer ph_old")).status

    assert 2 == served.house._site.callers._brake.count("127.0.0.1")  # type: ignore[union-attr]
    assert 200 == (await served.ask("/", Authorization=bearer(made))).status


async def test_a_stream_ends_with_the_token_that_opened_it(served: Served, wiki: str, app: Upstream) -> None:
    app.handler = events_of_an_app
    made = await personal(served, await served.sign_in())
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(f"GET / HTTP/1.1\r\nHost: wiki.localhost:8500\r\nAuthorization: {bearer(made)}\r\n\r\n".encode())
    await asyncio.wait_for(reader.readuntil(b"data: 1\n\n"), 5)
    await revoke(served.house.ctx, Trail(served.house.ctx, VISIT), made.token.id, kind=Kind.PERSONAL)
    rest = b""
    with contextlib.suppress(ConnectionError):
        rest = await asyncio.wait_for(reader.read(), 1)
    writer.close()

    assert b"0\r\n\r\n" not in rest, "nobody may take it for the whole"


async def test_old_tokens_are_cleared_away(served: Served, clock: FixedClock) -> None:
    person = await served.sign_in()
    await personal(served, person, days="1")
    ctx = served.house.ctx
    clock.advance(DAY * (1 + KEPT_DAYS) - 1)
    await sweep(ctx)
    assert 1 == len(await ctx.db.read(lambda tx: token_store.list_tokens_of(tx, person.account.id)))
    clock.advance(1)
    await sweep(ctx)
    assert [] == await ctx.db.read(lambda tx: token_store.list_tokens_of(tx, person.account.id))


async def test_a_store_that_fails_opens_nothing_to_a_token(
    served: Served, wiki: str, app: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await personal(served, await served.sign_in())

    async def fail(*_: Any, **__: Any) -> None:
        raise OSError

    monkeypatch.setattr(served.house._site.callers, "find", fail)  # type: ignore[union-attr]
    assert 500 == (await served.ask("/", Authorization=bearer(made))).status
    assert [] == app.heads


def test_a_token_is_known_by_its_look() -> None:
    token = mint_token(SystemEntropy()).reveal()

    assert token.startswith("ph_")
    assert 41 == len(token)
    assert is_well_formed(token)


@examples(st.integers(3, 40), st.sampled_from("abcXYZ019_- "))
def test_a_token_with_one_wrong_letter_is_none(place: int, letter: str) -> None:
    token = mint_token(SystemEntropy()).reveal()
    other = token[:place] + letter + token[place + 1 :]

    assert is_well_formed(other) == (other == token)


@examples(st.text())
def test_no_text_breaks_the_check(text: str) -> None:
    assert not is_well_formed("ph_" + text) or len(text) == 38
