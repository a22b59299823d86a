"""D30-D35: who is let in, what an app is told, and that nobody else can tell it that."""

import asyncio
from typing import Any

import pytest

from poolhouse.house.gate import Gate, Names, Policy
from poolhouse.kit.jose import InvalidToken
from poolhouse.kit.jwk import read_set
from poolhouse.kit.jws import fitting, read, verify
from tests.gateway.world import Answer, Served, Upstream, until

CLAIMED = [
    "X-Forwarded-User", "x-forwarded-user", "X_Forwarded_User", "X-Forwarded_User", "X.Forwarded.User",
    "X-Forwarded-Email", "X_FORWARDED_EMAIL", "X-Forwarded-Groups", "X-House-Assertion", "X_House_Assertion",
    "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded", "X-Real-IP", "Remote-User", "Remote_User", "X-Remote-User",
    "X-Original-URL", "X-Rewrite-URL", "Proxy", "X-Auth-Request-User", "X-HTTP-Method-Override",
]  # fmt: skip


@pytest.mark.parametrize("name", CLAIMED)
@pytest.mark.parametrize("path", ["/open/x", "/x"])
async def test_no_client_says_who_it_is(name: str, path: str, served: Served, wiki: str, app: Upstream) -> None:
    """CVE-2025-64484, CVE-2026-39858: every spelling, on public paths as well."""
    person = await served.sign_in()
    cookie = await served.at_app(wiki, person)
    head = f"GET {path} HTTP/1.1\r\nHost: wiki.localhost:8500\r\nCookie: {cookie}\r\nConnection: close\r\n"
    await served.raw((head + f"{name}: evil\r\n{name}: evil\r\n\r\n").encode())

    assert "evil" not in app.last
    assert (["maria@example.com"] if path == "/x" else []) == app.header("x-forwarded-user")


async def test_connection_takes_no_header_of_ours_away(served: Served, wiki: str, app: Upstream) -> None:
    """CVE-2024-45410, CVE-2025-48865."""
    cookie = await served.at_app(wiki, await served.sign_in())
    await served.raw(
        b"GET / HTTP/1.1\r\nHost: wiki.localhost:8500\r\nCookie: " + cookie.encode()
        + b"\r\nConnection: close, X-Forwarded-User, X-Forwarded-For, Host, X-Own\r\nX-Own: hop\r\n\r\n"
    )  # fmt: skip

    assert ["maria@example.com"] == app.header("x-forwarded-user")
    assert ["127.0.0.1"] == app.header("x-forwarded-for")
    assert ["wiki.localhost:8500"] == app.header("host")
    assert [] == app.header("x-own")


async def test_trailers_of_a_request_end_here(served: Served, wiki: str, app: Upstream) -> None:
    await served.raw(
        b"POST /open/ HTTP/1.1\r\nHost: wiki.localhost:8500\r\nTransfer-Encoding: chunked\r\nTrailer: X-Forwarded-User\r\n"
        b"Connection: close\r\n\r\n5\r\nhello\r\n0\r\nX-Forwarded-User: evil\r\n\r\n"
    )  # fmt: skip

    assert [b"hello"] == app.bodies
    assert "evil" not in app.last
    assert [] == app.header("trailer")


async def test_the_houses_cookies_never_reach_an_app(served: Served, wiki: str, app: Upstream) -> None:
    cookie = await served.at_app(wiki, await served.sign_in())
    answer = await served.ask(
        "/", Cookie=f"a=1; {cookie}; house_session=x; __Host-house_session=y; HOUSE_browser=z; b=2"
    )

    assert 200 == answer.status
    assert ["a=1; b=2"] == app.header("cookie")


async def test_an_app_sets_no_cookie_in_the_houses_name(served: Served, wiki: str, app: Upstream) -> None:
    app.answer = (
        b"HTTP/1.1 200 OK\r\nSet-Cookie: house_session=evil\r\nSet-Cookie: __Host-house_app_1=evil\r\n"
        b"Set-Cookie: mine=1\r\nContent-Length: 0\r\n\r\n"
    )
    answer = await served.ask("/open/")

    assert {"mine": "1"} == answer.cookies


async def test_a_person_is_told_of_and_the_assertion_holds(served: Served, wiki: str, app: Upstream) -> None:
    person = await served.sign_in(groups=["staff", "admins"])
    cookie = await served.at_app(wiki, person)
    await served.ask("/", Cookie=cookie)

    assert ["staff,admins"] == app.header("x-forwarded-groups")
    assert ["maria@example.com"] == app.header("x-forwarded-email")
    assert ["http"] == app.header("x-forwarded-proto")
    published = await served.ask("/.well-known/jwks.json", host="localhost:8500")
    token = read(app.header("x-house-assertion")[0])
    verify(token, fitting(token, read_set(published.json), ["ES256"]))
    claims = token.claims
    assert "http://localhost:8500" == claims["iss"]
    assert "http://wiki.localhost:8500/" == claims["aud"]
    assert person.account.id == claims["sub"]
    assert 300 == claims["exp"] - claims["iat"]
    assert ["staff", "admins"] == claims["groups"]


async def test_an_assertion_of_another_house_is_refused(served: Served, wiki: str, app: Upstream) -> None:
    """ALBeast: the signer is part of what an app checks."""
    from poolhouse.kit.jose import ES256, jwk, mint_key

    await served.ask("/", Cookie=await served.at_app(wiki, await served.sign_in()))
    token = read(app.header("x-house-assertion")[0])
    other = {**jwk(mint_key(ES256).public), "kid": token.kid}

    with pytest.raises(InvalidToken):
        verify(token, fitting(token, read_set({"keys": [other]}), ["ES256"]))


async def test_the_names_of_the_headers_are_the_apps(served: Served, app: Upstream) -> None:
    names = Names(user="Remote-User", email="", groups="Remote-Groups", name="", assertion="X-Token")
    app_id = await served.add("http://wiki.localhost:8500/", Gate(upstream=app.url, names=names))
    await served.ask("/", Cookie=await served.at_app(app_id, await served.sign_in()), X_Token="evil")

    assert ["maria@example.com"] == app.header("remote-user")
    assert [] == app.header("x-forwarded-user")
    assert [] == app.header("x-forwarded-email")
    assert 1 == len(app.header("x-token"))
    assert "evil" not in app.last


@pytest.mark.parametrize("method", ["GET", "get", "OPTIONS", "PUT", "PROPFIND", "TRACE", "X"])
async def test_no_method_and_no_user_agent_is_let_past(method: str, served: Served, wiki: str, app: Upstream) -> None:
    """CVE-2020-14359, CVE-2026-34457."""
    answer = await served.ask("/x", method=method, User_Agent="GoogleHC/1.0")

    assert answer.status in {400, 401, 501}
    assert [] == app.heads


@pytest.mark.parametrize(
    "value",
    ["x", "\xff\xfe", "a" * 500, "\"'", "%00", "=", "../", "eyJhbGciOiJub25lIn0.e30."],
)
async def test_a_garbage_cookie_opens_nothing(value: str, served: Served, wiki: str, app: Upstream) -> None:
    """CVE-2026-25748."""
    answer = await served.ask("/", Cookie=f"house_app_{wiki[:8]}={value}")

    assert 401 == answer.status
    assert [] == app.heads


async def test_a_cookie_there_twice_counts_not_at_all(served: Served, wiki: str, app: Upstream) -> None:
    cookie = await served.at_app(wiki, await served.sign_in())

    name = cookie.partition("=")[0]
    assert 401 == (await served.ask("/", Cookie=f"{cookie}; {name}=planted")).status
    assert 401 == (await served.ask("/", Cookie=f"{name}=; {cookie}")).status


async def test_a_store_that_fails_opens_nothing(
    served: Served, wiki: str, app: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = await served.at_app(wiki, await served.sign_in())

    async def fail(*_: Any, **__: Any) -> None:
        raise OSError

    monkeypatch.setattr(served.house._site.sessions, "find", fail)  # type: ignore[union-attr]
    answer = await served.ask("/", Cookie=cookie)

    assert 500 == answer.status
    assert [] == app.heads


async def test_a_script_gets_401_and_a_person_the_way_in(served: Served, wiki: str) -> None:
    script = await served.ask("/page?q=1", Accept="*/*", Sec_Fetch_Mode="cors")
    person = await served.ask("/page?q=1", Accept="text/html")
    form = await served.ask("/page", method="POST", Accept="text/html", body=b"a=1")

    assert 401 == script.status
    assert "sign_in_required" == script.json["error"]
    assert script.json["login_url"].startswith(f"http://localhost:8500/user/open/{wiki}?to=%2Fpage%3Fq%3D1")
    assert 303 == person.status
    assert 401 == form.status


async def test_the_way_leads_back_to_the_page_that_was_asked_for(served: Served, wiki: str) -> None:
    person = await served.sign_in()
    first = await served.ask("/page?q=1", Accept="text/html")
    way = first.cookies[f"house_way_{wiki[:8]}"]
    there = first.headers["location"].removeprefix("http://localhost:8500")
    stranger = await served.ask(there, host="localhost:8500", Accept="text/html")
    second = await served.ask(there, host="localhost:8500", Cookie=f"house_session={person.session}")
    code = second.headers["location"].removeprefix("http://wiki.localhost:8500")
    third = await served.ask(code, Cookie=f"house_way_{wiki[:8]}={way}")
    again = await served.ask(code, Cookie=f"house_way_{wiki[:8]}={way}")

    assert stranger.headers["location"].startswith("/user/login?to=")
    assert "http://wiki.localhost:8500/page?q=1" == third.headers["location"]
    assert 400 == again.status, "a code is good once"


async def test_a_code_is_of_no_use_in_another_browser(served: Served, wiki: str) -> None:
    """Login CSRF, and CVE-2021-29651: a code that somebody has sent signs nobody in."""
    person = await served.sign_in()
    mine = await served.ask("/", Accept="text/html")
    there = mine.headers["location"].removeprefix("http://localhost:8500")
    second = await served.ask(there, host="localhost:8500", Cookie=f"house_session={person.session}")
    code = second.headers["location"].removeprefix("http://wiki.localhost:8500")
    other = (await served.ask("/", Accept="text/html")).cookies[f"house_way_{wiki[:8]}"]

    for cookie in ("a=b", f"house_way_{wiki[:8]}={other}"):
        refused = await served.ask(code, Cookie=cookie)
        assert 400 == refused.status
        assert not any(name.startswith("house_app") for name in refused.cookies)


@pytest.mark.parametrize(
    "to",
    ["//evil.example/", "/\\evil.example", "https://evil.example/", "/%09/evil.example", "/..//evil.example",
     "\t//evil", "http:evil", "@evil.example", "/.house/enter?code=x"],
)  # fmt: skip
async def test_the_way_leads_nowhere_else(to: str, served: Served, wiki: str) -> None:
    from urllib.parse import quote

    person = await served.sign_in()
    answer = await served.ask(
        f"/user/open/{wiki}?to={quote(to, safe='')}", host="localhost:8500", Cookie=f"house_session={person.session}"
    )

    assert 303 == answer.status
    assert answer.headers["location"] in {"http://wiki.localhost:8500/", "http://wiki.localhost:8500/evil.example/"}


async def test_a_session_that_ends_is_over_at_every_app(served: Served, wiki: str) -> None:
    person = await served.sign_in()
    cookie = await served.at_app(wiki, person)
    assert 200 == (await served.ask("/", Cookie=cookie)).status

    await served.end(person)

    assert 401 == (await served.ask("/", Cookie=cookie)).status


async def test_a_cookie_of_one_app_opens_no_other(served: Served, wiki: str, app: Upstream) -> None:
    other = await served.add("http://grafana.localhost:8500/", Gate(upstream=app.url), "Grafana")
    cookie = await served.at_app(wiki, await served.sign_in())
    planted = f"house_app_{other[:8]}={cookie.partition('=')[2]}"

    assert 401 == (await served.ask("/", host="grafana.localhost:8500", Cookie=f"{cookie}; {planted}")).status


POLICIES = [
    (Policy(groups=("admins",)), {"groups": ["staff"]}, "Group"),
    (Policy(groups=("admins",)), {}, "Group"),
    (Policy(email_domains=("corp.com",)), {"email": "a@evil.com"}, "Verified e-mail"),
    (Policy(email_domains=("corp.com",)), {"email": "a@badcorp.com"}, "Verified e-mail"),
    (Policy(email_domains=("corp.com",)), {"email": "a@evil@corp.com"}, "Verified e-mail"),
    (Policy(claims=("department=it",)), {"department": "hr"}, "Claim"),
    (Policy(networks=("10.0.0.0/8",)), {}, "Network"),
    (Policy(hours=("sat 00:00-00:01",)), {}, "Time"),
]


@pytest.mark.parametrize(("policy", "claims", "word"), POLICIES)
async def test_who_does_not_fit_is_told_why_not(
    policy: Policy, claims: dict[str, Any], word: str, served: Served, wiki: str, app: Upstream
) -> None:
    person = await served.sign_in(**claims)
    cookie = await served.at_app(wiki, person)
    await served.change(wiki, policy=policy)
    page = await served.ask("/", Cookie=cookie, Accept="text/html")
    script = await served.ask("/", Cookie=cookie)
    door = await served.ask(f"/user/open/{wiki}", host="localhost:8500", Cookie=f"house_session={person.session}")

    assert [403, 403, 403] == [page.status, script.status, door.status]
    assert word in page.text
    assert word in door.text
    assert "You may not open Wiki" in page.text
    assert "not_allowed" == script.json["error"]
    assert "/.house/static/" in page.text
    assert [] == app.heads


async def test_who_fits_comes_in(served: Served, wiki: str) -> None:
    policy = Policy(
        groups=("x", "staff"), email_domains=("EXAMPLE.com",), claims=("level=3", "admin=true"),
        networks=("127.0.0.0/8",), hours=("mon-sun 00:00-24:00",), timezone="Europe/Berlin",
    )  # fmt: skip
    cookie = await served.at_app(wiki, await served.sign_in(groups=["staff"], level=3))
    await served.change(wiki, policy=policy)

    assert 200 == (await served.ask("/", Cookie=cookie)).status


async def test_a_rule_that_is_not_known_closes_the_app(served: Served, wiki: str, app: Upstream) -> None:
    """GHSA-652x-m2gr-hppm: a check that was lost let everybody in."""
    cookie = await served.at_app(wiki, await served.sign_in())
    from sqlalchemy import update

    from poolhouse.house.store.apps import CHANNEL
    from poolhouse.house.tables import apps
    from poolhouse.kit.db.protocol import Tx
    from poolhouse.kit.db.statement import compile_statement

    broken = compile_statement(update(apps).values(gate=f'{{"upstream":"{app.url}","policy":{{"moon":["full"]}}}}'))

    async def unit(tx: Tx) -> None:
        await tx.run(broken)
        tx.announce(CHANNEL, wiki)

    await served.house.ctx.db.write(unit)
    site = served.house._site
    assert site is not None
    await until(lambda: any(entry.app.is_broken for entry in site.table.entries))

    assert 503 == (await served.ask("/", Cookie=cookie)).status
    assert 503 == (await served.ask("/open/")).status
    assert [] == app.heads


async def test_an_app_below_the_house(served: Served, app: Upstream) -> None:
    await served.add("http://localhost:8500/apps/wiki/", Gate(upstream=app.url + "/base/"))
    person = await served.sign_in()
    cookie = f"house_session={person.session}"
    page = await served.ask("/apps/wiki/a?b=1", host="localhost:8500", Cookie=cookie)
    bare = await served.ask("/apps/wiki", host="localhost:8500", Cookie=cookie)
    stranger = await served.ask("/apps/wiki/a", host="localhost:8500", Accept="text/html")
    other = await served.ask("//apps/%77iki/a", host="localhost:8500")

    assert 200 == page.status
    assert app.last.startswith("GET /base/a?b=1 HTTP/1.1")
    assert ["/apps/wiki"] == app.header("x-forwarded-prefix")
    assert [] == app.header("cookie")
    assert (308, "/apps/wiki/") == (bare.status, bare.headers["location"])
    assert "http://localhost:8500/user/login?to=%2Fapps%2Fwiki%2Fa" == stranger.headers["location"]
    assert 401 == other.status


async def test_maintenance_is_a_page_of_ours(served: Served, wiki: str, app: Upstream) -> None:
    await served.change(wiki, maintenance="Back at noon.")
    page: Answer = await served.ask("/open/", Accept="text/html")

    assert 503 == page.status
    assert "Back at noon." in page.text
    assert [] == app.heads


async def test_the_houses_own_pages_are_served_by_the_same_server(served: Served) -> None:
    answers = await asyncio.gather(
        served.ask("/health/ready", host="localhost:8500"),
        served.ask("/user/login", host="localhost:8500"),
        served.ask("/nothing", host="localhost:8500", method="HEAD"),
        served.ask("/user/login", host="localhost:8500", method="POST", body=b"x" * 100_000),
    )

    assert [200, 200, 405, 413] == [answer.status for answer in answers] or answers[2].status in {404, 405}
    assert b"" == answers[2].body
