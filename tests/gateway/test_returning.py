"""What an app says to browsers signs nobody out of the house and leaves the cookies of others alone."""

import pytest

from poolhouse.house.config import read_origin
from poolhouse.house.gate import Gate
from poolhouse.house.gateway.returning import Returning
from poolhouse.house.gateway.table import entry_of
from poolhouse.house.model import App
from tests.gateway.world import Served, Upstream

ORIGIN = read_origin("https://house.apps.example.com")


def of(url: str, *, rewrites: bool = False) -> Returning:
    gate = Gate(upstream="http://10.0.0.5:3000", rewrites=rewrites)
    return entry_of(App(id="00000001-", name="Wiki", url=url, description="", letter="", gate=gate), ORIGIN).returning


BY_HOST = of("https://wiki.apps.example.com/")
BY_PATH = of("https://house.apps.example.com/apps/wiki/")


@pytest.mark.parametrize(
    ("said", "by_host"),
    [
        ('"cookies"', None),
        ('"cache", "cookies", "storage"', '"cache", "storage"'),
        ('"*"', '"cache", "executionContexts", "prefetchCache", "prerenderCache", "storage"'),
        ('"storage"', '"storage"'),
        ("cookies", None),
        ('"cookies" , "executionContexts"', '"executionContexts"'),
        ('"somethingNew"', None),
        ("", None),
    ],
)
def test_an_app_clears_no_cookies_and_nothing_of_the_house(said: str, by_host: str | None) -> None:
    header = b"clear-site-data", said.encode()
    assert (None if by_host is None else (header[0], by_host.encode())) == BY_HOST(header)
    assert BY_PATH(header) is None


@pytest.mark.parametrize("returning", [BY_HOST, BY_PATH, of("https://wiki.apps.example.com/", rewrites=True)])
@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("a=1; Domain=apps.example.com; Path=/", "a=1; Path=/"),
        ("a=1;domain=.Example.COM", "a=1"),
        ("a=1; Domain = example.com ; Secure", "a=1; Secure"),
        ("a=1; Domain=house.apps.example.com", "a=1"),
        ("a=1; Domain=example.com; Domain=apps.example.com", "a=1"),
        ("a=1; Domain=wiki.apps.example.com", "a=1; Domain=wiki.apps.example.com"),
        ("a=1; Domain=elsewhere.net", "a=1; Domain=elsewhere.net"),
        ("a=1; Domain=le.com", "a=1; Domain=le.com"),
        ("__Host-house_session=x; Secure; Path=/", None),
        ("HOUSE_session=x; Domain=example.com", None),
        ("house_app_00000001=x; Max-Age=0", None),
    ],
)
def test_a_cookie_of_an_app_is_kept_to_its_own_host_and_takes_no_name_of_the_houses(
    returning: Returning, said: str, becomes: str | None
) -> None:
    assert (None if becomes is None else (b"set-cookie", becomes.encode())) == returning((b"set-cookie", said.encode()))


@pytest.mark.parametrize("url", ["http://wiki.localhost:8500/", "http://localhost:8500/apps/wiki/"])
@pytest.mark.parametrize("status", [b"200 OK", b"401 Unauthorized", b"302 Found"])
async def test_so_it_is_on_the_wire_by_host_and_by_path_whatever_the_status(
    url: str, status: bytes, served: Served, app: Upstream
) -> None:
    await served.add(url, Gate(upstream=app.url, public_paths=("/open/", "/apps/wiki/"), rewrites=False))
    app.answer = (
        b'HTTP/1.1 %s\r\nClear-Site-Data: "cookies", "storage"\r\nSet-Cookie: house_session=; Max-Age=0\r\n'
        b"Set-Cookie: a=1; Domain=localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        b'0\r\nClear-Site-Data: "cookies"\r\nX-Sum: 1\r\n\r\n' % status
    )  # fmt: skip
    host = url.split("/")[2]

    sent = await served.raw(f"GET {'/open/' if host.startswith('wiki') else '/apps/wiki/'} HTTP/1.1\r\n"
                            f"Host: {host}\r\nConnection: close\r\n\r\n".encode())  # fmt: skip

    assert 1 == len(app.heads)
    assert b"x-sum: 1" in sent
    assert b"cookies" not in sent
    assert b"house_session" not in sent
    assert b"set-cookie: a=1\r\n" in sent
