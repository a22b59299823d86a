"""The edge: bytes to a value, a value to bytes, and limits before anything is read into memory."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from poolhouse.kit.edge import Raw, Reply, clear_cookie, endpoint, redirect, set_cookie, text


async def echo(raw: Raw) -> Reply:
    return text(f"{raw.method} {raw.path} {raw.query} {raw.header('x-one')} {raw.cookie('a')} {len(raw.body)}")


def client(limit: int = 1000) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=endpoint(echo, limit=limit))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def test_a_request_becomes_a_value() -> None:
    async with client() as http:
        reply = await http.post("/p%20q?x=1", content=b"abc", headers={"x-one": "1", "cookie": 'b=2; a="v"'})

    assert "POST /p q x=1 1 v 3" == reply.text


async def test_repeated_headers_are_joined() -> None:
    async with client() as http:
        reply = await http.get("/", headers=[("x-one", "1"), ("x-one", "2")])

    assert "GET /  1, 2 None 0" == reply.text


@pytest.mark.parametrize("size", [1001, 5000])
async def test_a_body_over_the_limit_is_refused_by_its_announced_length(size: int) -> None:
    async with client() as http:
        reply = await http.post("/", content=b"x" * size)

    assert 413 == reply.status_code


async def test_a_body_over_the_limit_is_refused_without_an_announced_length() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    async with client() as http:
        reply = await http.post("/", content=chunks())

    assert 413 == reply.status_code


@pytest.mark.parametrize("length", ["-1", "1e3", "", "+5", "5, 5"])
async def test_a_content_length_that_is_no_number_is_refused(length: str) -> None:
    async with client() as http:
        reply = await http.post("/", content=b"", headers={"content-length": length})

    assert 400 == reply.status_code


async def test_a_head_request_gets_the_headers_only() -> None:
    async with client() as http:
        reply = await http.head("/")

    assert b"" == reply.content
    assert int(reply.headers["content-length"]) > 0


@pytest.mark.parametrize("url", ["https://a.example/\r\nset-cookie: a=b", "https://a.example/ b", "/\x00", "/\x7f"])
def test_a_redirect_cannot_end_its_header(url: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        redirect(url)


def test_a_redirect_after_a_post_is_303_and_is_not_kept() -> None:
    reply = redirect("/next")

    assert (303, ("location", "/next"), ("cache-control", "no-store")) == (reply.status, *reply.headers)


def test_a_cookie_is_http_only_and_lax_and_deleted_with_the_same_attributes() -> None:
    made = set_cookie("__Host-s", "abc", secure=True, max_age=60)[1]
    gone = clear_cookie("__Host-s", secure=True)[1]

    assert "__Host-s=abc; HttpOnly; Max-Age=60; Path=/; SameSite=Lax; Secure" == made
    assert '__Host-s=""; HttpOnly; Max-Age=0; Path=/; SameSite=Lax; Secure' == gone


@pytest.mark.parametrize("name", ["a b", "a=b", "a;b", "a\r\n"])
def test_a_cookie_name_cannot_break_the_header(name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(name)):
        set_cookie(name, "x", secure=True)
