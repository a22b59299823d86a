"""Breached passwords: the built-in list, a file of Pwned Passwords, a range service."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from poolhouse.pool.effects.breached import RangeService, WordList, check_source, source_of

COMMON = WordList()


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.mark.parametrize(
    "password", ["password", "Password1!", "Dragon2024!", "123456", "qwerty", "PASSWORD", "1qaz2wsx"]
)
async def test_common_passwords_are_known_with_what_people_put_around_them(password: str) -> None:
    assert await COMMON.contains(password)


@pytest.mark.parametrize("password", ["Correct-Horse-7", "dragon2847591", "xkVq8-rPz2w", "", "ünïcödé"])
async def test_others_are_not(password: str) -> None:
    assert not await COMMON.contains(password)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pwned.txt"
    digests = sorted(sha1(f"breached-{n}") for n in range(1000))
    path.write_bytes(b"".join(f"{each}:{n}\r\n".encode() for n, each in enumerate(digests, 1)))
    return path


async def test_a_file_is_searched_without_being_loaded(file: Path) -> None:
    source = source_of(f"file://{file}")

    assert all([await source.contains(f"breached-{n}") for n in range(1000)])
    assert not any([await source.contains(f"other-{n}") for n in range(300)])
    assert await source.contains("Password1!")


@pytest.mark.parametrize("lines", [1, 2, 3])
async def test_a_short_file(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "short"
    names = sorted((f"a{n}" for n in range(lines)), key=sha1)
    path.write_text("".join(f"{sha1(each).lower()}:1\n" for each in names))

    source = source_of(f"file://{path}")
    assert [True] * lines == [await source.contains(each) for each in names]
    assert not await source.contains("another")


@pytest.mark.parametrize("content", ["", "password\n", "ABC:1\n"])
def test_another_file_is_refused_at_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "x").write_text(content)
    with pytest.raises(ValueError, match="SHA-1"):
        check_source(f"file://{tmp_path}/x")


@pytest.mark.parametrize("source", ["file:///there/is/none", "http://api.example/range/", "ftp://x", "nonsense"])
def test_a_source_that_cannot_be_asked_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_source(source)


@pytest.fixture
async def asked() -> AsyncIterator[tuple[str, list[str]]]:
    seen: list[str] = []

    async def ranges(request: web.Request) -> web.Response:
        seen.append(request.path)
        if request.path.endswith(sha1("down")[:5]):
            return web.Response(status=503)
        return web.Response(text=f"{sha1('known-1')[5:]}:3\r\n{sha1('padded')[5:]}:0\r\n")

    app = web.Application()
    app.router.add_get("/range/{prefix}", ranges)
    async with TestServer(app) as server:
        yield str(server.make_url("/range/")), seen


async def test_only_five_digits_of_the_digest_leave(asked: tuple[str, list[str]]) -> None:
    url, seen = asked
    source = source_of(url)

    assert await source.contains("known-1")
    assert not await source.contains("unknown-1")
    assert not await source.contains("padded")
    assert [f"/range/{sha1(each)[:5]}" for each in ("known-1", "unknown-1", "padded")] == seen
    assert isinstance(source, RangeService)
    await source.http.close()


async def test_where_the_service_is_down_the_list_decides(asked: tuple[str, list[str]]) -> None:
    source = source_of(asked[0])
    gone = source_of("http://127.0.0.1:9/range/")

    assert not await source.contains("down")
    assert not await gone.contains("known-1")
    assert await gone.contains("Password1!")
    for each in (source, gone):
        assert isinstance(each, RangeService)
        await each.http.close()
