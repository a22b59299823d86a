"""Pages of other origins that call an app (Fetch Standard, "CORS protocol")."""

from typing import Any

import pytest

from poolhouse.house.gate import Cors, Gate
from poolhouse.house.gateway.cors import check
from tests.gateway.test_app_form import form
from tests.gateway.test_tokens import bearer, personal
from tests.gateway.world import Answer, Served, Upstream, until
from tests.house.conftest import admin, new_browser
from tests.house.world import Browser, words

__all__ = ["admin", "new_browser"]

PAGE = "https://www.example.com"
URL = "http://wiki.localhost:8500/"


async def behind(served: Served, app: Upstream, **cors: Any) -> str:
    return await served.add(URL, Gate(upstream=app.url, public_paths=("/open/",), cors=Cors(origins=(PAGE,), **cors)))


async def preflight(served: Served, *, origin: str = PAGE, method: str = "PUT", path: str = "/api") -> Answer:
    return await served.ask(
        path, method="OPTIONS", Origin=origin, Access_Control_Request_Method=method,
        Access_Control_Request_Headers="authorization",
    )  # fmt: skip


def said(answer: Answer) -> dict[str, str]:
    return {name.removeprefix("access-control-"): value for name, value in answer.headers.items()
            if name.startswith("access-control-")}  # fmt: skip


async def test_a_preflight_is_answered_without_a_session_and_without_the_app(served: Served, app: Upstream) -> None:
    await behind(served, app, methods=("GET", "PUT"), headers=("Authorization",), max_age=60)

    answer = await preflight(served)

    assert (204, "") == (answer.status, answer.text)
    assert "Origin" == answer.headers["vary"]
    assert {
        "allow-origin": PAGE,
        "allow-methods": "GET, PUT",
        "allow-headers": "Authorization",
        "max-age": "60",
    } == said(answer)
    assert [] == app.heads


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://www.example.com.evil.example", PAGE.upper()]
)
async def test_another_origin_is_told_nothing(origin: str, served: Served, app: Upstream) -> None:
    await behind(served, app, allows_credentials=True)

    before = await preflight(served, origin=origin)
    answer = await served.ask("/open/x", Origin=origin)

    assert (403, {}, "Origin") == (before.status, said(before), before.headers["vary"])
    assert ({}, "Origin") == (said(answer), answer.headers["vary"])


async def test_options_that_is_no_preflight_goes_the_way_of_every_request(served: Served, app: Upstream) -> None:
    """CVE-2026-34457: a method is no exemption."""
    await behind(served, app)

    assert 401 == (await served.ask("/api", method="OPTIONS", Origin=PAGE)).status
    assert [] == app.heads


async def test_without_the_setting_a_preflight_needs_a_session_and_the_app_speaks_for_itself(
    served: Served, wiki: str, app: Upstream
) -> None:
    app.answer = b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n"

    assert 401 == (await preflight(served)).status
    assert {"allow-origin": "*"} == said(await served.ask("/open/x", Origin=PAGE))


async def test_what_the_app_says_of_origins_is_replaced(served: Served, app: Upstream) -> None:
    wiki = await behind(served, app, exposed=("ETag", "X-Total"))
    made = await personal(served, await served.sign_in(), wiki)
    app.answer = (
        b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Credentials: true\r\n"
        b"Vary: Accept\r\nContent-Length: 0\r\n\r\n"
    )

    answer = await served.ask("/api", Origin=PAGE, Authorization=bearer(made))

    assert 200 == answer.status
    assert {"allow-origin": PAGE, "expose-headers": "ETag, X-Total"} == said(answer)


async def test_scripts_can_read_why_they_were_refused(served: Served, app: Upstream) -> None:
    await behind(served, app, allows_credentials=True)
    refused = await served.ask("/api", Origin=PAGE)
    app.answer = b"nothing that is HTTP\r\n\r\n"
    broken = await served.ask("/open/x", Origin=PAGE)

    assert (401, 502) == (refused.status, broken.status)
    for each in (refused, broken):
        assert {"allow-origin": PAGE, "allow-credentials": "true"} == said(each)


async def handshake(served: Served, origin: str, *, path: str = "/api", **headers: Any) -> int:
    reply = await served.ask(
        path, Origin=origin, Upgrade="websocket", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
        Sec_WebSocket_Version="13", **headers,
    )  # fmt: skip
    return reply.status


@pytest.mark.parametrize(
    ("origin", "cors", "is_open"),
    [
        (PAGE, Cors(origins=(PAGE,), allows_credentials=True), True),
        ("http://wiki.localhost:8500", Cors(origins=(PAGE,), allows_credentials=True), True),
        (PAGE, Cors(origins=(PAGE,)), False),
        (PAGE, Cors(origins=("*",)), False),
        (PAGE, None, False),
        ("https://www.example.com.evil.example", Cors(origins=(PAGE,), allows_credentials=True), False),
        ("null", Cors(origins=(PAGE,), allows_credentials=True), False),
        (f"{PAGE}\r\nOrigin: https://evil.example", Cors(origins=(PAGE,), allows_credentials=True), False),
    ],
)
@pytest.mark.parametrize("path", ["/api", "/open/api"])
async def test_a_websocket_is_for_pages_that_may_act_as_the_person(
    path: str, origin: str, cors: Cors | None, is_open: bool, served: Served, app: Upstream
) -> None:
    """Cross-site websocket hijacking: browsers send cookies with any page's handshake, and ask for no leave."""
    wiki = await served.add(URL, Gate(upstream=app.url, public_paths=("/open/",), cors=cors))
    cookie = await served.at_app(wiki, await served.sign_in())
    app.answer = b"HTTP/1.1 204 No Content\r\n\r\n"

    for sent in ({"Cookie": cookie}, {}):
        status = await handshake(served, origin, path=path, Connection="Upgrade", **sent)
        reaches = is_open and (bool(sent) or path == "/open/api")
        assert (204 if reaches else 401 if is_open else 403) == status
    assert len(app.heads) == (0 if not is_open else 2 if path == "/open/api" else 1)


async def test_any_origin_is_a_star_and_needs_no_vary(served: Served, app: Upstream) -> None:
    await served.add(URL, Gate(upstream=app.url, public_paths=("/open/",), cors=Cors(origins=("*",))))

    answers = await preflight(served), await served.ask("/open/x", Origin=PAGE)

    for answer in answers:
        assert "*" == answer.headers["access-control-allow-origin"]
        assert "access-control-allow-credentials" not in answer.headers
        assert "vary" not in answer.headers


@pytest.mark.parametrize(
    ("cors", "wrong"),
    [
        (Cors(origins=("*",), allows_credentials=True), "never with credentials"),
        (Cors(origins=("*", PAGE)), "stands alone"),
        (Cors(origins=()), "Origins are"),
        (Cors(origins=(f"{PAGE}/",)), "Origins are"),
        (Cors(origins=("null",)), "Origins are"),
        (Cors(origins=("https://Www.example.com",)), "Origins are"),
        (Cors(origins=("https://a@www.example.com",)), "Origins are"),
        (Cors(origins=("https://*.example.com",)), "Origins are"),
        (Cors(origins=("https://www.example.com:443",)), "Origins are"),
        (Cors(origins=(PAGE,), methods=("put",)), "Methods are"),
        (Cors(origins=(PAGE,), methods=("TRACE",)), "Methods are"),
        (Cors(origins=(PAGE,), headers=("*",)), "Headers are"),
        (Cors(origins=(PAGE,), exposed=("a b",)), "Headers are"),
        (Cors(origins=(PAGE,), max_age=90_000), "seconds"),
    ],
)
def test_settings_that_mean_nothing_or_too_much_are_refused(cors: Cors, wrong: str) -> None:
    assert wrong in " ".join(check(Gate(upstream="http://10.0.0.5", cors=cors)) or ())
    assert "need an Upstream" in " ".join(check(Gate(cors=Cors(origins=(PAGE,)))) or ())


async def test_the_setting_has_its_place_in_the_form(served: Served, app: Upstream, admin: Browser) -> None:
    entered = {"cors_origins": f"{PAGE}\nhttps://b.example.com", "cors_credentials": "on", "cors_methods": "GET, PUT",
               "cors_headers": "Authorization", "cors_exposed": "ETag", "cors_max_age": "60"}  # fmt: skip
    saved = await admin.post("/settings/apps/new", form(upstream=app.url, **entered))
    assert 303 == saved.status_code
    site = served.house._site
    assert site is not None
    await until(lambda: len(site.table.entries) == 1)
    found = site.table.entries[0].app

    assert found.gate is not None
    assert found.gate.cors == Cors(
        origins=(PAGE, "https://b.example.com"), allows_credentials=True, methods=("GET", "PUT"),
        headers=("Authorization",), exposed=("ETag",), max_age=60,
    )  # fmt: skip
    page = await admin.get(f"/settings/apps/{found.id}")
    assert f"{PAGE}\nhttps://b.example.com" in page.text
    for field, value, wrong in (
        ("cors_origins", "*", "never with credentials"),
        ("cors_max_age", "x", "A whole number"),
    ):
        refused = await admin.post("/settings/apps/new", form(upstream=app.url, **entered | {field: value}))
        assert 422 == refused.status_code
        assert wrong in words(refused)
