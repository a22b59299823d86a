"""Forward-auth: nginx, Traefik, Caddy and Envoy by the shape of their requests; the same decision as the proxy's."""

from typing import Any

import pytest

from poolhouse.house.gate import Gate
from tests.gateway.world import Answer, Served

APP = "http://wiki.localhost:8500/"


@pytest.fixture
async def signed_in(served: Served) -> tuple[Served, str]:
    app_id = await served.add(APP, Gate(public_paths=("/open/",)))
    return served, await served.at_app(app_id, await served.sign_in())


async def ask(served: Served, kind: str, uri: str, host: str = "wiki.localhost:8500", **headers: Any) -> Answer:
    """The request that this proxy sends for GET *uri*."""
    if kind == "nginx":
        return await served.ask(
            "/.house/auth/nginx", host=host,
            **{"X-Original-URL": f"http://{host}{uri}", "X-Original-Method": "GET", **headers},
        )  # fmt: skip
    if kind == "envoy":
        return await served.ask(f"/.house/auth/envoy{uri}", host=host, **headers)
    return await served.ask(
        "/.house/auth/forwarded",
        host="house:8500",
        **{
            "X-Forwarded-Method": "GET",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": host,
            "X-Forwarded-Uri": uri,
            **headers,
        },
    )


KINDS = pytest.mark.parametrize("kind", ["nginx", "forwarded", "envoy"])


@KINDS
async def test_a_signed_in_person_comes_in_with_every_header(kind: str, signed_in: tuple[Served, str]) -> None:
    served, cookie = signed_in
    answer = await ask(served, kind, "/page?q=1", Cookie=cookie)

    assert 200 == answer.status
    assert "maria@example.com" == answer.headers["x-forwarded-user"]
    assert answer.headers["x-house-assertion"].count(".") == 2
    assert "no-store" == answer.headers["cache-control"]


@KINDS
async def test_a_stranger_does_not(kind: str, signed_in: tuple[Served, str]) -> None:
    served, _ = signed_in
    script = await ask(served, kind, "/page")
    person = await ask(served, kind, "/page", Accept="text/html")
    garbage = await ask(served, kind, "/page", Cookie="house_app_x=1; house_session=%00")

    assert [401, 401] == [script.status, garbage.status]
    assert (401 if kind == "nginx" else 303) == person.status


@KINDS
async def test_a_public_path_carries_empty_headers(kind: str, signed_in: tuple[Served, str]) -> None:
    served, _ = signed_in
    answer = await ask(served, kind, "/open/x", X_Forwarded_User="evil")

    assert 200 == answer.status
    assert "" == answer.headers["x-forwarded-user"]


@KINDS
@pytest.mark.parametrize("uri", ["/open/../x", "/open/%2e%2e/x", "/open/%2f..", "/x%", "/\\x", "/%00"])
async def test_what_cannot_be_read_is_no_yes(kind: str, uri: str, signed_in: tuple[Served, str]) -> None:
    """CVE-2021-32637: an error that answered 200 let everybody in."""
    served, cookie = signed_in
    answer = await ask(served, kind, uri, Cookie=cookie)

    assert answer.status in {400, 403}


@KINDS
async def test_an_app_that_is_not_known_is_closed(kind: str, signed_in: tuple[Served, str]) -> None:
    """CVE-2026-77560: a miss is no permission; and another spelling of the host is no miss."""
    served, cookie = signed_in

    assert 403 == (await ask(served, kind, "/x", host="other.localhost:8500", Cookie=cookie)).status
    assert 200 == (await ask(served, kind, "/x", host="WIKI.localhost:8500", Cookie=cookie)).status


async def test_each_proxy_has_its_own_headers_and_no_others(signed_in: tuple[Served, str]) -> None:
    """CVE-2026-40575: a client's X-Forwarded-Uri must not replace what nginx says, nor the other way round."""
    served, _ = signed_in
    spoofed = await ask(
        served, "nginx", "/secret", X_Forwarded_Uri="/open/", X_Forwarded_Host="wiki.localhost:8500",
        X_Forwarded_Method="GET", X_Forwarded_Proto="http",
    )  # fmt: skip
    other = await ask(served, "forwarded", "/secret", X_Original_URL=APP + "open/", X_Original_Method="GET")
    third = await ask(served, "envoy", "/secret", X_Original_URL=APP + "open/", X_Forwarded_Uri="/open/")

    assert [401, 401, 401] == [spoofed.status, other.status, third.status]


async def test_a_header_there_twice_is_refused(signed_in: tuple[Served, str]) -> None:
    served, cookie = signed_in
    lines = "X-Original-Method: GET\r\nX-Original-URL: http://wiki.localhost:8500/open/\r\n"
    answer = await served.raw(
        f"GET /.house/auth/nginx HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nConnection: close\r\n{lines}{lines}\r\n".encode()
    )

    assert b"HTTP/1.1 400 " in answer


@pytest.mark.parametrize("path", ["/.house/%61uth/forwarded", "/.house//auth/forwarded", "//.house/auth/forwarded"])
async def test_nobody_is_asked_by_another_spelling(path: str, signed_in: tuple[Served, str]) -> None:
    """A proxy that keeps browsers off /.house/auth/ may compare paths as they are sent."""
    served, cookie = signed_in
    answer = await served.ask(
        path, Cookie=cookie, X_Forwarded_Method="GET", X_Forwarded_Proto="http", X_Forwarded_Uri="/",
        X_Forwarded_Host="wiki.localhost:8500",
    )  # fmt: skip

    assert 404 == answer.status
    assert "x-house-assertion" not in answer.headers


async def test_only_a_proxy_that_is_named_may_ask(
    signed_in: tuple[Served, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    served, cookie = signed_in
    monkeypatch.setattr("poolhouse.house.gateway.peers.is_this_machine", lambda _peer: False)

    assert 403 == (await ask(served, "nginx", "/open/", Cookie=cookie)).status


@KINDS
@pytest.mark.parametrize("uri", ["//open/page", "/open//page", "/%6fpen/page"])
async def test_another_spelling_of_a_public_path_is_not_public(
    kind: str, uri: str, signed_in: tuple[Served, str]
) -> None:
    """The proxy sends on what it got: ``//open/page`` is ``/page`` of the host ``open`` to some apps."""
    served, cookie = signed_in

    assert 401 == (await ask(served, kind, uri)).status
    assert 200 == (await ask(served, kind, uri, Cookie=cookie)).status


@KINDS
@pytest.mark.parametrize("uri", ["/page", "/open/page"])
async def test_a_websocket_of_another_page_is_refused(kind: str, uri: str, signed_in: tuple[Served, str]) -> None:
    """nginx and Traefik take ``Upgrade`` away before they ask."""
    served, cookie = signed_in
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Cookie": cookie}

    assert 403 == (await ask(served, kind, uri, Origin="http://evil.localhost:8500", **key)).status
    assert 200 == (await ask(served, kind, uri, Origin="http://wiki.localhost:8500", **key)).status
