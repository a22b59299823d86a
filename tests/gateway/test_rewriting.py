"""Addresses in answers: what names the upstream leads to the public URL, and what leads elsewhere stays."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.house.config import read_origin
from poolhouse.house.gate import Gate
from poolhouse.house.gateway.rewriting import Rewriting
from poolhouse.house.gateway.table import entry_of
from poolhouse.house.model import App
from tests.gateway.world import Served, Upstream

ORIGIN = read_origin("https://house.example.com")


def of(url: str, **gate: str) -> Rewriting:
    app = App(id="00000001-", name="Wiki", url=url, description="", letter="", gate=Gate(**gate))  # type: ignore[arg-type]
    found = entry_of(app, ORIGIN).returning.rewriting
    assert found is not None
    return found


BELOW = of("https://apps.example.com/wiki/", upstream="http://10.0.0.5:3000/", host_header="wiki.internal")
OWN = of("https://wiki.example.com/", upstream="http://10.0.0.5:3000")
DEEP = of("https://wiki.example.com/", upstream="http://10.0.0.5/app")


@pytest.mark.parametrize(
    ("rewriting", "said", "becomes"),
    [
        (BELOW, "http://10.0.0.5:3000/login?to=/a", "https://apps.example.com/wiki/login?to=/a"),
        (BELOW, "http://10.0.0.5:3000", "https://apps.example.com/wiki/"),
        (BELOW, "HTTP://WIKI.internal:80/x", "https://apps.example.com/wiki/x"),
        (BELOW, "https://wiki.internal/x", "https://apps.example.com/wiki/x"),
        (BELOW, "//wiki.internal/x", "https://apps.example.com/wiki/x"),
        (BELOW, "/login", "/wiki/login"),
        (BELOW, "/wiki/login", "/wiki/login"),
        (BELOW, "/wikipedia", "/wiki/wikipedia"),
        (BELOW, "login", "login"),
        (BELOW, "?page=2", "?page=2"),
        (BELOW, "#top", "#top"),
        (BELOW, "", ""),
        (BELOW, "https://login.example.org/x", "https://login.example.org/x"),
        (BELOW, "http://10.0.0.5:3001/x", "http://10.0.0.5:3001/x"),
        (BELOW, "http://10.0.0.5:3000@evil.example/x", "http://10.0.0.5:3000@evil.example/x"),
        (BELOW, "http://10.0.0.5:3000.evil.example/x", "http://10.0.0.5:3000.evil.example/x"),
        (BELOW, "http://apps.example.com/x", "https://apps.example.com/wiki/x"),
        (OWN, "http://10.0.0.5:3000/login", "https://wiki.example.com/login"),
        (OWN, "http://wiki.example.com/login", "https://wiki.example.com/login"),
        (OWN, "/login", "/login"),
        (DEEP, "http://10.0.0.5/app/login", "https://wiki.example.com/login"),
        (DEEP, "/app/login", "/login"),
        (DEEP, "/app", "/"),
        (DEEP, "/app?x=/app/", "/?x=/app/"),
        (DEEP, "/elsewhere", "/elsewhere"),
        (DEEP, "/app//evil.example/x", "/evil.example/x"),
        (DEEP, "/app/\\evil.example/x", "/evil.example/x"),
        (DEEP, "/app/\t/evil.example/x", "/evil.example/x"),
    ],
)
def test_a_redirect_leads_to_the_public_address(rewriting: Rewriting, said: str, becomes: str) -> None:
    assert becomes.encode() == rewriting((b"location", said.encode()))[1]


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("5; url=http://10.0.0.5:3000/x", "5; url=https://apps.example.com/wiki/x"),
        ("0;URL='/x'", "0;URL='/wiki/x'"),
        ("5", "5"),
        (" 0 , '/x' ", " 0 , '/wiki/x' "),
        ('0;url="/x', '0;url="/wiki/x'),
        ("0; url=/x'", "0; url=/wiki/x'"),
        ("soon", "soon"),
        ("5; url=https://elsewhere.example/", "5; url=https://elsewhere.example/"),
    ],
)
def test_a_refresh_leads_to_the_public_address(said: str, becomes: str) -> None:
    assert becomes.encode() == BELOW((b"refresh", said.encode()))[1]


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("a=1; Path=/; HttpOnly", "a=1; Path=/wiki/; HttpOnly"),
        ("a=1; path=/sub", "a=1; Path=/wiki/sub"),
        ("a=1; Path=/wiki/", "a=1; Path=/wiki/"),
        ("a=1; Domain=10.0.0.5; Path=/", "a=1; Path=/wiki/"),
        ("a=1; domain=.wiki.internal", "a=1"),
        ("a=1; Domain=example.com", "a=1; Domain=example.com"),
        ("a=/; Secure", "a=/; Secure"),
        ("__Host-a=1; Path=/; Secure", "__Host-a=1; Path=/; Secure"),
    ],
)
def test_a_cookie_is_kept_to_the_apps_part_of_the_host(said: str, becomes: str) -> None:
    assert becomes.encode() == BELOW((b"set-cookie", said.encode()))[1]


@pytest.mark.parametrize(
    "value", [b"0;x" + b" " * 60_000 + b"x", b"0;" + b"' " * 30_000, b" " * 60_000, b"0;" + b" " * 60_000]
)
def test_a_refresh_of_any_length_takes_no_time(value: bytes) -> None:
    """The whole house would stand still for as long as an app likes."""
    began = time.perf_counter()
    BELOW((b"refresh", value))

    assert time.perf_counter() - began < 1


@given(path=st.text("/\\a.:@?#\t", max_size=12))
def test_no_path_of_an_app_becomes_the_name_of_a_host(path: str) -> None:
    for rewriting in (BELOW, OWN, DEEP):
        said = b"/app/" + path.encode()
        # Browsers leave tabs out (WHATWG URL 4.4).
        became = rewriting((b"location", said))[1].replace(b"\t", b"")
        assert became.startswith(b"/")
        assert not became.startswith((b"//", b"/\\"))


async def test_it_is_done_behind_the_gateway_unless_it_is_turned_off(served: Served, app: Upstream) -> None:
    app.answer = (
        f"HTTP/1.1 302 Found\r\nLocation: {app.url}/next\r\nContent-Location: /next\r\nSet-Cookie: own=1; Path=/\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()
    gate = Gate(upstream=app.url + "/", public_paths=("/wiki/",))
    app_id = await served.add("http://apps.localhost:8500/wiki/", gate)
    answer = await served.ask("/wiki/x", host="apps.localhost:8500")
    await served.change(app_id, rewrites=False)
    plain = await served.ask("/wiki/x", host="apps.localhost:8500")

    assert app.heads[0].startswith(b"GET /x HTTP/1.1\r\n")
    assert "http://apps.localhost:8500/wiki/next" == answer.headers["location"]
    assert "/wiki/next" == answer.headers["content-location"]
    assert "own=1; Path=/wiki/" == answer.headers["set-cookie"]
    assert f"{app.url}/next" == plain.headers["location"]
    assert "own=1; Path=/" == plain.headers["set-cookie"]
