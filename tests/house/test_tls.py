"""The house ends TLS itself: which certificate who gets, and how another one comes into force."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme

from poolhouse.house.app import House, Look, build
from poolhouse.house.config import read
from poolhouse.house.model import Document
from poolhouse.house.tls.contexts import Certificates
from poolhouse.house.tls.pairs import BadPair, check_complete, check_time, read_authorities, read_pair
from poolhouse.house.tls.settings import Own
from poolhouse.kit.ambient import Epoch, FixedClock, Secret, SystemClock, SystemEntropy
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.settings import SettingError
from tests.house.world import MASTER, house_settings

HOST = "house.example.com"
BASE = f"https://{HOST}"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def pem(leaf: trustme.LeafCert) -> tuple[str, str]:
    return "".join(part.bytes().decode() for part in leaf.cert_chain_pems), leaf.private_key_pem.bytes().decode()


def write(folder: Path, leaf: trustme.LeafCert, name: str = "house") -> tuple[str, str]:
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    for path, text in zip((chain, key), pem(leaf), strict=True):
        path.write_text(text)
    return str(chain), str(key)


def replace(path: str, text: str) -> None:
    Path(path).write_text(text)


class Served:
    """A house that listens with TLS, and with plain http beside it."""

    def __init__(self, house: House, port: int, plain: int, authority: trustme.CA) -> None:
        self.house = house
        self.port = port
        self.plain = plain
        self.trusting = ssl.create_default_context()
        authority.configure_trust(self.trusting)

    async def names(self, host: str | None = HOST, context: ssl.SSLContext | None = None) -> list[str]:
        """The names of the certificate that a client gets who asks for *host*."""
        context = context or self.trusting
        _, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context, server_hostname=host or "")
        found = writer.get_extra_info("ssl_object").getpeercert()
        writer.close()
        return [name for _, name in found["subjectAltName"]]

    async def fingerprint(self, host: str = HOST) -> str:
        _, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=_blind(), server_hostname=host)
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return hashlib.sha256(der).hexdigest()

    async def ask(
        self, path: str = "/health/live", *, plain: bool = False, host: str = HOST, method: str = "GET"
    ) -> str:
        if plain:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.plain)
        else:
            name = host.partition(":")[0]
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self.port, ssl=self.trusting, server_hostname=name
            )
        writer.write(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return answer.decode()


def _blind() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture
async def serve(look: Look, first_start: Path, tmp_path: Path, authority: trustme.CA) -> AsyncIterator[Any]:
    """Start a house of these settings; without a database of its own it gets one that has started before."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(*, clock: Any = None, **settings: Any) -> Served:
            if "database" not in settings:
                settings["database"] = f"sqlite:///{shutil.copy(first_start, tmp_path / 'house.db')}"
            certificates = Certificates(settings.get("tls_minimum", "1.2"))
            house = await build(
                house_settings(**{"base_url": BASE, "tls": True, **settings}),
                clock=clock or SystemClock(), entropy=SystemEntropy(), look=look, certificates=certificates,
            )  # fmt: skip
            stack.push_async_callback(house.close)
            await house.open_gateway()
            loop = asyncio.get_running_loop()
            secure = await loop.create_server(
                lambda: house.front(set()), "127.0.0.1", 0, ssl=certificates.context, ssl_handshake_timeout=0.5
            )
            plain = await loop.create_server(house.plain_front, "127.0.0.1", 0)
            stack.callback(secure.close)
            stack.callback(plain.close)
            ports = [server.sockets[0].getsockname()[1] for server in (secure, plain)]
            return Served(house, ports[0], ports[1], authority)

        yield start
    await asyncio.sleep(0.01)


async def eventually(holds: Callable[[], Any], seconds: float = 5.0) -> None:
    for _ in range(int(seconds * 50)):
        if await holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come true")


async def test_a_client_gets_the_certificate_of_the_name_that_it_asks_for(
    serve: Any, tmp_path: Path, authority: trustme.CA
) -> None:
    own = write(tmp_path, authority.issue_cert(HOST))
    apps = write(tmp_path, authority.issue_cert("*.apps.example.com"), "apps")
    served = await serve(tls_files=(apps, own))

    assert [HOST] == await served.names()
    assert ["*.apps.example.com"] == await served.names("Wiki.Apps.example.com")
    for foreign in ("example.com", "a.wiki.apps.example.com", "other.example.com"):
        with pytest.raises(ssl.SSLCertVerificationError):
            await served.names(foreign)


async def test_a_client_that_names_no_host_gets_the_houses_own_certificate(
    serve: Any, tmp_path: Path, authority: trustme.CA
) -> None:
    apps = write(tmp_path, authority.issue_cert("*.apps.example.com"), "apps")
    own = write(tmp_path, authority.issue_cert(HOST))
    served = await serve(tls_files=(apps, own))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    context.check_hostname = False

    _, writer = await asyncio.open_connection("127.0.0.1", served.port, ssl=context, server_hostname="")
    found = writer.get_extra_info("ssl_object").getpeercert()
    writer.close()

    assert (("DNS", HOST),) == found["subjectAltName"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_both_current_versions_of_tls_are_spoken(
    serve: Any, tmp_path: Path, authority: trustme.CA, version: ssl.TLSVersion
) -> None:
    served = await serve(tls_files=(write(tmp_path, authority.issue_cert(HOST)),))
    served.trusting.minimum_version = served.trusting.maximum_version = version

    assert "200 OK" in await served.ask()


async def test_an_older_version_of_tls_than_the_lowest_is_refused(
    serve: Any, tmp_path: Path, authority: trustme.CA
) -> None:
    served = await serve(tls_files=(write(tmp_path, authority.issue_cert(HOST)),), tls_minimum="1.3")
    served.trusting.maximum_version = ssl.TLSVersion.TLSv1_2

    with pytest.raises((ssl.SSLError, ConnectionError)):
        await served.names()


async def test_a_cipher_without_forward_secrecy_is_refused(serve: Any, tmp_path: Path, authority: trustme.CA) -> None:
    served = await serve(tls_files=(write(tmp_path, authority.issue_cert(HOST)),))
    served.trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    served.trusting.set_ciphers("AES128-GCM-SHA256:AES256-SHA")

    with pytest.raises((ssl.SSLError, ConnectionError)):
        await served.names()


async def test_a_renewed_file_is_served_without_a_restart_and_open_connections_live_on(
    serve: Any, tmp_path: Path, authority: trustme.CA
) -> None:
    served = await serve(tls_files=(write(tmp_path, authority.issue_cert(HOST)),))
    before = await served.fingerprint()
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, ssl=served.trusting, server_hostname=HOST)
    enough = asyncio.Event()
    asked = asyncio.create_task(_knock(served, enough))

    write(tmp_path, authority.issue_cert(HOST))

    async def renewed() -> bool:
        return bool(before != await served.fingerprint())

    await eventually(renewed)
    writer.write(f"GET /health/live HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    assert b"200 OK" in await reader.read(1000), "the connection from before"
    writer.close()
    enough.set()
    assert 0 == await asked


async def _knock(served: Served, until: asyncio.Event) -> int:
    """Ask all the while; how many were turned away."""
    failures = 0
    while not until.is_set():
        try:
            failures += "200 OK" not in await served.ask()
        except (OSError, ssl.SSLError):
            failures += 1
        await asyncio.sleep(0.01)
    return failures


@pytest.mark.parametrize("breakage", ["key", "chain", "gone", "expired"])
async def test_a_broken_pair_is_refused_and_the_old_one_stays(
    serve: Any, tmp_path: Path, authority: trustme.CA, breakage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chain, key = write(tmp_path, authority.issue_cert(HOST))
    served = await serve(tls_files=((chain, key),))
    before = await served.fingerprint()

    if breakage == "key":
        replace(key, pem(authority.issue_cert(HOST))[1])
    elif breakage == "chain":
        replace(chain, "not a certificate")
    elif breakage == "gone":
        os.unlink(chain)  # noqa: PTH108
    else:
        long_ago = datetime.fromtimestamp(SystemClock().now(), UTC) - timedelta(days=1)
        write(tmp_path, authority.issue_cert(HOST, not_before=long_ago - timedelta(days=9), not_after=long_ago))
    await asyncio.sleep(2.5)

    assert before == await served.fingerprint()
    said = capsys.readouterr()
    assert 1 == (said.out + said.err).count("certificate refused"), "once, not at every look"


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\xff\xff", b"\0" * 400])
async def test_clients_that_do_not_speak_tls_are_dropped_and_fill_no_log(
    serve: Any, tmp_path: Path, authority: trustme.CA, sent: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    served = await serve(tls_files=(write(tmp_path, authority.issue_cert(HOST)),))
    capsys.readouterr()

    for _ in range(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(sent)
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(reader.read(), 2)
        writer.close()

    said = capsys.readouterr()
    assert "" == said.out + said.err
    assert "200 OK" in await served.ask()


async def test_a_handshake_that_does_not_come_to_its_end_is_ended(
    serve: Any, tmp_path: Path, authority: trustme.CA
) -> None:
    served = await serve(tls_files=(write(tmp_path, authority.issue_cert(HOST)),))

    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    with contextlib.suppress(ConnectionError):
        assert b"" == await asyncio.wait_for(reader.read(), 2)
    writer.close()


async def test_the_program_bounds_handshakes() -> None:
    from poolhouse.cli.loop import Loop

    def run() -> float:
        async def wait() -> float:
            loop = asyncio.get_running_loop()
            certificates = Certificates()
            server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0, ssl=certificates.context)
            reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
            begun = loop.time()
            with contextlib.suppress(ConnectionError):
                await reader.read()
            writer.close()
            server.close()
            return loop.time() - begun

        loop = Loop()
        try:
            return loop.run_until_complete(wait())
        finally:
            loop.close()

    from poolhouse.house.tls import contexts

    assert 10.0 == contexts.HANDSHAKE_SECONDS
    assert 9 < await asyncio.to_thread(run) < 13


async def test_plain_http_leads_to_the_same_page_by_https(serve: Any, tmp_path: Path, authority: trustme.CA) -> None:
    served = await serve(tls_files=(write(tmp_path, authority.issue_cert(HOST)),))

    answer = await served.ask("/settings/users?page=2", plain=True)

    assert answer.startswith("HTTP/1.1 308 ")
    assert f"location: {BASE}/settings/users?page=2\r\n" in answer
    assert "strict-transport-security" not in answer, "browsers ignore it there (RFC 6797 section 7.2)"


async def test_a_former_address_leads_to_the_same_page_of_the_present_one(
    serve: Any, tmp_path: Path, authority: trustme.CA
) -> None:
    """C23: a provider that knows the former Redirect URL only still brings people back."""
    files = write(tmp_path, authority.issue_cert(HOST, "old.example.com"))
    served = await serve(tls_files=(files,), former_base_urls=("https://old.example.com",))

    back = await served.ask("/login/oauth2/code/oidc?code=a&state=b", host="old.example.com")
    plain = await served.ask("/settings", host="old.example.com", plain=True)

    assert back.startswith("HTTP/1.1 307 ")
    assert f"location: {BASE}/login/oauth2/code/oidc?code=a&state=b\r\n" in back
    assert "location: https://old.example.com/settings\r\n" in plain
    assert "307" not in (await served.ask("/user/login")).partition("\r\n")[0]


@pytest.mark.parametrize("host", ["evil.example.org", "house.example.com.evil.org", "127.0.0.1", "[::1]"])
async def test_plain_http_leads_to_no_other_host(serve: Any, tmp_path: Path, authority: trustme.CA, host: str) -> None:
    served = await serve(tls_files=(write(tmp_path, authority.issue_cert(HOST)),))

    answer = await served.ask("/", plain=True, host=host)

    assert answer.startswith("HTTP/1.1 404 ")
    assert "location" not in answer


async def test_plain_http_takes_no_forms(serve: Any, tmp_path: Path, authority: trustme.CA) -> None:
    served = await serve(tls_files=(write(tmp_path, authority.issue_cert(HOST)),))

    assert (await served.ask("/user/login", plain=True, method="POST")).startswith("HTTP/1.1 403 ")


async def test_browsers_are_told_to_stay_with_https(serve: Any, tmp_path: Path, authority: trustme.CA) -> None:
    served = await serve(tls_files=(write(tmp_path, authority.issue_cert(HOST)),))

    assert f"strict-transport-security: max-age={180 * 86400}\r\n" in await served.ask("/user/login")
    await served.house.ctx.live.change(_without_hsts, by="test")
    assert "strict-transport-security" not in await served.ask("/user/login")


async def _without_hsts(_tx: Tx, document: Document) -> Document:
    return msgspec.structs.replace(document, tls=msgspec.structs.replace(document.tls, hsts_days=0))


async def test_this_machines_own_name_is_never_bound_to_https(
    serve: Any, tmp_path: Path, authority: trustme.CA
) -> None:
    files = write(tmp_path, authority.issue_cert("house.localhost"))
    served = await serve(tls_files=(files,), base_url="https://house.localhost:9180")

    assert "strict-transport-security" not in await served.ask("/user/login", host="house.localhost:9180")


async def test_without_a_certificate_a_temporary_one_is_served_and_nobody_is_bound_to_it(serve: Any) -> None:
    served = await serve()
    keeper = served.house.ctx.keeper
    assert keeper is not None
    served.trusting = _blind()

    assert keeper.is_temporary
    assert await served.fingerprint() == keeper.served[0].pair.fingerprint
    assert "strict-transport-security" not in await served.ask("/user/login")


@pytest.fixture(params=["sqlite-file", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path}/shared.db"


async def test_an_uploaded_certificate_is_served_by_every_replica_within_a_second(
    shared_url: str, serve: Any, authority: trustme.CA
) -> None:
    replicas = [await serve(database=shared_url) for _ in range(3)]
    assert 1 == len({await each.fingerprint() for each in replicas}), "one temporary certificate for all"
    chain, key = pem(authority.issue_cert(HOST))

    async def change(_tx: Tx, document: Document) -> Document:
        own = Own(chain=chain, key=Secret(key))
        return msgspec.structs.replace(document, tls=msgspec.structs.replace(document.tls, own=own))

    await replicas[0].house.ctx.live.change(change, by="test")

    wanted = read_pair(chain, Secret(key)).fingerprint

    async def everywhere() -> bool:
        return {wanted} == {await each.fingerprint() for each in replicas}

    await eventually(everywhere, seconds=1.0)


def test_a_key_of_another_certificate_is_refused(authority: trustme.CA) -> None:
    (chain, _), (_, key) = pem(authority.issue_cert(HOST)), pem(authority.issue_cert(HOST))

    with pytest.raises(BadPair, match="does not belong") as refused:
        read_pair(chain, Secret(key))
    assert "key" == refused.value.field


def test_a_chain_in_the_wrong_order_is_refused(authority: trustme.CA) -> None:
    below = authority.create_child_ca()
    chain, key = pem(below.issue_cert(HOST))
    leaf, between = chain.split("-----END CERTIFICATE-----\n")[:2]
    end = "-----END CERTIFICATE-----\n"

    assert read_pair(leaf + end + between + end, Secret(key)).covers(HOST)
    with pytest.raises(BadPair, match="wrong order"):
        read_pair(between + end + leaf + end, Secret(key))
    with pytest.raises(BadPair, match="chain is broken"):
        read_pair(leaf + end + trustme.CA().cert_pem.bytes().decode(), Secret(key))


def test_a_certificate_without_the_one_of_its_issuer_is_refused(authority: trustme.CA) -> None:
    chain, key = pem(authority.create_child_ca().issue_cert(HOST))
    alone = read_pair(chain.split("-----END CERTIFICATE-----\n")[0] + "-----END CERTIFICATE-----\n", Secret(key))

    with pytest.raises(BadPair, match="chain is not complete"):
        check_complete(alone, "")
    check_complete(read_pair(chain, Secret(key)), "")
    root = read_pair(*_secret(pem(authority.issue_cert(HOST))))
    check_complete(root, authority.cert_pem.bytes().decode())


def _secret(pair: tuple[str, str]) -> tuple[str, Secret]:
    return pair[0], Secret(pair[1])


def test_a_certificate_out_of_its_time_is_refused(authority: trustme.CA) -> None:
    pair = read_pair(*_secret(pem(authority.issue_cert(HOST))))

    with pytest.raises(BadPair, match="expired"):
        check_time(pair, Epoch(pair.not_after))
    with pytest.raises(BadPair, match="not valid yet"):
        check_time(pair, Epoch(pair.not_before - 1))
    check_time(pair, Epoch(pair.not_before))


def test_the_certificate_of_a_server_is_no_authority(authority: trustme.CA) -> None:
    assert 1 == len(read_authorities(authority.cert_pem.bytes().decode()))
    with pytest.raises(BadPair, match="not of an authority"):
        read_authorities(pem(authority.issue_cert(HOST))[0])


def settings_of(**given: Any) -> Any:
    from poolhouse.house.config import SETTINGS

    values = {setting.name: setting.default for setting in SETTINGS}
    return read({**values, "database": "sqlite://", "base_url": BASE, **given}, (MASTER,))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"tls": True, "base_url": "http://localhost:8500"}, "tls"),
        ({"tls_certificate": "a.pem"}, "tls_key"),
        ({"tls": True, "tls_minimum": "1.1"}, "tls_minimum"),
        ({"http_port": 80}, "http_port"),
        ({"former_base_urls": BASE}, "former_base_urls"),
        ({"former_redirect_urls": True}, "former_redirect_urls"),
        ({"former_base_urls": "http://old.example.com"}, "former_base_urls"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingError, match=f"^{named}"):
        settings_of(**given)


def test_a_certificate_file_turns_tls_on() -> None:
    assert settings_of(tls_certificate="a.pem, b.pem", tls_key="a.key,b.key").tls_files == (
        ("a.pem", "a.key"), ("b.pem", "b.key"),
    )  # fmt: skip
    assert settings_of(tls_certificate="a.pem", tls_key="a.key").tls


async def test_a_file_that_cannot_be_used_stops_the_start(serve: Any, tmp_path: Path, authority: trustme.CA) -> None:
    chain, key = write(tmp_path, authority.issue_cert(HOST))
    replace(key, pem(authority.issue_cert(HOST))[1])

    with pytest.raises(SettingError, match="does not belong"):
        await serve(tls_files=((chain, key),), clock=FixedClock())
