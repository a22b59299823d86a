"""Outgoing calls: which addresses may be called (SSRF, rules 12 and 43), and what is not read."""

import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator

import pytest
import trustme
from aiohttp import web

from poolhouse.kit.outgoing import ANSWER_LIMIT, Http, Unreachable
from poolhouse.kit.urls import check_endpoint, is_callable_address, split_url
from tests.house.op import Provider

INTERNAL = [
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "fe80::1",
    "fd00:ec2::254",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "255.255.255.255",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "192.0.2.1",
    "2001:db8::1",
    "fec0::1",
    "::10.0.0.1",
    "::127.0.0.1",
    "64:ff9b:1::a00:1",
    "192.0.0.192",
]
PUBLIC = ["93.184.216.34", "2606:4700:4700::1111", "64:ff9b::5db8:d822"]


@pytest.mark.parametrize("address", INTERNAL)
def test_an_internal_address_is_not_called(address: str) -> None:
    assert not is_callable_address(ipaddress.ip_address(address), allow_loopback=False, allow_private=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called(address: str) -> None:
    assert is_callable_address(ipaddress.ip_address(address), allow_loopback=False, allow_private=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_loopback_is_called_by_a_house_on_loopback(address: str) -> None:
    assert is_callable_address(ipaddress.ip_address(address), allow_loopback=True, allow_private=False)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192"]
)
def test_what_hands_out_credentials_is_never_called(address: str) -> None:
    assert not is_callable_address(ipaddress.ip_address(address), allow_loopback=True, allow_private=True)


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.1.1", "fd00::1", "127.0.0.1"])
def test_a_private_address_is_called_when_that_is_allowed(address: str) -> None:
    assert is_callable_address(ipaddress.ip_address(address), allow_loopback=False, allow_private=True)


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"])
def test_a_machines_metadata_is_never_called(address: str) -> None:
    assert not is_callable_address(ipaddress.ip_address(address), allow_loopback=True, allow_private=True)


@pytest.fixture
async def public_only() -> AsyncIterator[Http]:
    http = Http(allow_loopback=False, allow_private=False)
    yield http
    await http.close()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    opened = Http(allow_loopback=True, allow_private=False)
    yield opened
    await opened.close()


async def trouble(http: Http, url: str, seconds: float = 5) -> str:
    with pytest.raises(Unreachable) as failed:
        await http.get(url, accept="*/*", seconds=seconds)
    return failed.value.trouble


async def test_neither_a_literal_nor_a_name_leads_to_an_internal_address(public_only: Http, provider: Provider) -> None:
    port = provider.base.rpartition(":")[2]

    for host in ("127.0.0.1", "localhost", "pool.localhost", "[::1]", "[::ffff:127.0.0.1]"):
        assert "address" == await trouble(public_only, f"http://{host}:{port}/.well-known/jwks.json")
    assert 0 == provider.hits.total()


async def test_the_address_that_was_judged_is_the_one_that_is_called(
    public_only: Http, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that resolves to a public address first and to an internal one later gains nothing."""
    import asyncio

    asked = 0

    async def resolve(*_args: object, **_named: object) -> list[object]:
        nonlocal asked
        asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve, raising=False)

    assert "address" == await trouble(public_only, "https://rebind.example.com/x")
    assert 1 == asked


async def test_a_redirect_is_an_answer_and_not_followed(http: Http, provider: Provider) -> None:
    provider.answers["jwks.json"] = web.Response(status=302, headers={"location": f"{provider.base}/secret"})

    answer = await http.get(f"{provider.base}/.well-known/jwks.json", accept="*/*")

    assert (302, f"{provider.base}/secret") == (answer.status, answer.location)
    assert 0 == provider.hits["secret"]


async def test_an_answer_has_a_greatest_length(http: Http, provider: Provider) -> None:
    url = f"{provider.base}/.well-known/jwks.json"
    provider.answers["jwks.json"] = web.Response(body=b"x" * ANSWER_LIMIT)
    assert ANSWER_LIMIT == len((await http.get(url, accept="*/*")).body)

    provider.answers["jwks.json"] = web.Response(body=b"x" * (ANSWER_LIMIT + 1))
    assert "size" == await trouble(http, url)


async def test_a_compressed_answer_is_refused(http: Http, provider: Provider) -> None:
    provider.answers["jwks.json"] = web.Response(body=b"\x1f\x8b", headers={"content-encoding": "gzip"})

    assert "protocol" == await trouble(http, f"{provider.base}/.well-known/jwks.json")


async def test_a_slow_answer_is_not_waited_for(http: Http, provider: Provider) -> None:
    provider.slow["jwks.json"] = 1

    assert "time" == await trouble(http, f"{provider.base}/.well-known/jwks.json", seconds=0.1)


async def test_what_refuses_the_connection_or_has_no_name_is_told_apart(http: Http) -> None:
    assert "connection" == await trouble(http, "http://127.0.0.1:9/")
    assert "name" == await trouble(http, "https://no-such-host.invalid/")
    assert "protocol" == await trouble(http, "https://host\\evil/")


async def test_a_certificate_is_checked_against_the_given_authority(tmp_path: object, provider: Provider) -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(f"{tmp_path}/ca.pem")
    app = web.Application()
    app.router.add_get("/", _hello)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://localhost:{runner.addresses[0][1]}/"
    trusting = Http(allow_loopback=True, allow_private=False, ca_file=f"{tmp_path}/ca.pem")
    doubting = Http(allow_loopback=True, allow_private=False)
    try:
        assert b"hello" == (await trusting.get(url, accept="*/*")).body
        assert "certificate" == await trouble(doubting, url)
        assert "certificate" == await trouble(trusting, url.replace("localhost", "127.0.0.1"))
    finally:
        await trusting.close()
        await doubting.close()
        await runner.cleanup()


async def _hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "https:///path",
        "//host/path",
        "host/path",
        "ftp://host/",
        "file:///etc/passwd",
        "gopher://host/",
        "https://user@host/",
        "https://user:password@host/",
        "https://host\\@evil/",
        "https://host/\tpath",
        "https://ho st/",
        "https://host/\u00a0",
        "https://h\u00f6st/",
        "https://2130706433/",
        "https://017700000001/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://1.2.3/",
        "https://host:0/",
        "https://host:70000/",
        "https://host:port/",
        "https://-host/",
        "https://ho_st/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://host/<script>",
        "https://host/" + "a" * 3000,
    ],
)
def test_what_two_parsers_could_read_differently_is_no_url(url: str) -> None:
    assert split_url(url) is None
    assert check_endpoint(url) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://host",
        "https://host/",
        "https://a.b.example.com:8443/x?y=z",
        "https://93.184.216.34/",
        "https://[2606:4700::1]/",
        "https://xn--bcher-kva.example/",
    ],
)
def test_an_ordinary_url_is_one(url: str) -> None:
    assert split_url(url) is not None
    assert check_endpoint(url) is None
