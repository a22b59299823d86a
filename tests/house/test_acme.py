"""Certificates from an authority: a real ACME server (pebble, from Debian) asks a house that listens."""

import asyncio
import base64
import contextlib
import json
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
import trustme
from acme import messages
from cryptography.hazmat.primitives.asymmetric import ec

from poolhouse.house.model import Document
from poolhouse.house.store import certificates as store
from poolhouse.house.tls import acme, orders
from poolhouse.house.tls.network import Bridge, Network
from poolhouse.house.tls.pairs import BadPair
from poolhouse.house.tls.settings import Acme
from poolhouse.kit.ambient import Secret
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.outgoing import Http, Unreachable
from tests.house.test_tls import Served, serve, shared_url
from tests.journey.installation import free_port

__all__ = ["serve", "shared_url"]
pytestmark = pytest.mark.skipif(shutil.which("pebble") is None, reason="pebble is not installed (tools/system.sh)")
BASE = "https://house.localhost:9180"
HOST = "house.localhost"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Of pebble's own https; what it issues comes from an authority of its own."""
    return trustme.CA()


class Pebble:
    def __init__(self, port: int, plain: int, management: int) -> None:
        self.directory = f"https://localhost:{port}/dir"
        self.plain = plain
        self.management = management
        self.terms = ""

    async def root(self) -> str:
        """Of the certificates that it issues."""
        _, text = await self._get("/roots/0")
        return text

    async def _get(self, path: str) -> tuple[int, str]:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        reader, writer = await asyncio.open_connection("localhost", self.management, ssl=context)
        writer.write(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split()[1]), body.decode()


@contextlib.asynccontextmanager
async def pebble(folder: Path, authority: trustme.CA, *, bound: bool = False) -> AsyncIterator[Pebble]:
    port, management, plain, dns, control = (free_port() for _ in range(5))
    leaf = authority.issue_cert("localhost", "127.0.0.1")
    (folder / "pebble.pem").write_bytes(leaf.cert_chain_pems[0].bytes())
    (folder / "pebble.key").write_bytes(leaf.private_key_pem.bytes())
    config: dict[str, Any] = {
        "listenAddress": f"127.0.0.1:{port}", "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(folder / "pebble.pem"), "privateKey": str(folder / "pebble.key"),
        "httpPort": plain, "tlsPort": 1, "ocspResponderURL": "", "externalAccountBindingRequired": bound,
    }  # fmt: skip
    if bound:
        config["externalAccountMACKeys"] = {"kid-1": base64.urlsafe_b64encode(b"m" * 32).decode().rstrip("=")}
    (folder / "pebble.json").write_text(json.dumps({"pebble": config}))
    quiet: dict[str, Any] = {"stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
    names = await asyncio.create_subprocess_exec(
        "pebble-challtestsrv", "-dns01", f"127.0.0.1:{dns}", "-http01", "", "-https01", "", "-tlsalpn01", "",
        "-management", f"127.0.0.1:{control}", "-defaultIPv6", "", **quiet,
    )  # fmt: skip
    server = await asyncio.create_subprocess_exec(
        "pebble", "-config", str(folder / "pebble.json"), "-dnsserver", f"127.0.0.1:{dns}", "-strict",
        env={**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "10"}, **quiet,
    )  # fmt: skip
    running = Pebble(port, plain, management)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                if (await running._get("/roots/0"))[0] == 200:
                    break
            await asyncio.sleep(0.05)
        yield running
    finally:
        for process in (server, names):
            process.terminate()
            await process.wait()


async def use(served: Served, authority: trustme.CA, pebble: Pebble, **more: Any) -> None:
    """As an administrator would have saved it, with the terms that the authority names."""
    root = authority.cert_pem.bytes().decode()

    async def trust(_tx: Tx, document: Document) -> Document:
        return msgspec.structs.replace(document, tls=msgspec.structs.replace(document.tls, authorities=root))

    await served.house.ctx.live.change(trust, by="test")
    terms = more.pop("terms", None)
    if terms is None:
        terms = await acme.find_terms(served.house.ctx, pebble.directory)
        assert terms.startswith(("data:", "https://"))
    settings = Acme(is_enabled=True, directory=pebble.directory, terms=terms, **more)

    async def change(_tx: Tx, document: Document) -> Document:
        return msgspec.structs.replace(document, tls=msgspec.structs.replace(document.tls, acme=settings))

    await served.house.ctx.live.change(change, by="test")


async def row(served: Served, host: str = HOST) -> store.Certificate:
    async def unit(tx: ReadTx) -> store.Certificate | None:
        return await store.find_certificate(tx, host)

    found = await served.house.ctx.db.read(unit)
    assert found is not None
    return found


async def plain_at(served: Served, port: int) -> Any:
    """The house's plain listener where the authority asks."""
    return await asyncio.get_running_loop().create_server(served.house.plain_front, "127.0.0.1", port)


async def test_a_certificate_is_ordered_proved_on_another_replica_and_served_by_all(
    shared_url: str, serve: Any, authority: trustme.CA, tmp_path: Path
) -> None:
    first, second = [await serve(database=shared_url, base_url=BASE) for _ in range(2)]
    async with pebble(tmp_path, authority) as server:
        listener = await plain_at(second, server.plain)
        await use(first, authority, server, email="admin@example.com")

        await orders.renew(first.house.ctx)

        kept = await row(first)
        assert "" == kept.error
        assert kept.issued_at < kept.next_at < kept.expires_at
        trusting = ssl.create_default_context(cadata=await server.root())
        for served in (first, second):
            for _ in range(100):
                with contextlib.suppress(ssl.SSLError):
                    assert [HOST] == await served.names(HOST, trusting)
                    break
                await asyncio.sleep(0.01)
            else:
                raise AssertionError("not served within a second")
        before = kept.chain
        await orders.renew(first.house.ctx)
        assert before == (await row(first)).chain, "nothing is due"
        listener.close()


async def test_it_is_renewed_at_two_thirds_of_its_life_with_the_same_account(
    serve: Any, authority: trustme.CA, tmp_path: Path
) -> None:
    served = await serve(base_url=BASE)
    ctx = served.house.ctx
    async with pebble(tmp_path, authority) as server:
        listener = await plain_at(served, server.plain)
        await use(served, authority, server)
        await orders.renew(ctx)
        first = await row(served)
        life = first.expires_at - first.issued_at
        assert abs(first.next_at - first.issued_at - life * 2 / 3) < 3600

        async def due(tx: Tx) -> None:
            await store.put_certificate(tx, msgspec.structs.replace(first, next_at=ctx.clock.now()))

        await ctx.db.write(due)
        account = await ctx.db.read(lambda tx: store.find_account(tx, server.directory))
        await orders.renew(ctx)

        assert first.chain != (await row(served)).chain
        assert account == await ctx.db.read(lambda tx: store.find_account(tx, server.directory))
        listener.close()


async def test_a_failure_says_why_and_waits_longer_each_time(serve: Any, authority: trustme.CA, tmp_path: Path) -> None:
    served = await serve(base_url=BASE)
    ctx = served.house.ctx
    async with pebble(tmp_path, authority) as server:
        await use(served, authority, server)

        await orders.renew(ctx)

        failed = await row(served)
        assert "does not reach this host at port 80" in failed.error
        assert 1 == failed.failures
        assert 590 < failed.next_at - ctx.clock.now() <= 600
        await orders.renew(ctx)
        assert 1 == (await row(served)).failures, "not before its time"
        await ctx.db.write(lambda tx: store.try_at_once(tx, ctx.clock.now()))
        await orders.renew(ctx)
        again = await row(served)
        assert 2 == again.failures
        assert 1190 < again.next_at - ctx.clock.now() <= 1200


async def test_terms_that_nobody_agreed_to_are_not_agreed_to(serve: Any, authority: trustme.CA, tmp_path: Path) -> None:
    served = await serve(base_url=BASE)
    async with pebble(tmp_path, authority) as server:
        await use(served, authority, server, terms="https://example.com/other-terms")

        await orders.renew(served.house.ctx)

        assert "terms that nobody here has agreed to" in (await row(served)).error
        assert await served.house.ctx.db.read(lambda tx: store.find_account(tx, server.directory)) is None


async def test_an_account_is_bound_to_one_that_exists_there(serve: Any, authority: trustme.CA, tmp_path: Path) -> None:
    served = await serve(base_url=BASE)
    ctx = served.house.ctx
    async with pebble(tmp_path, authority, bound=True) as server:
        listener = await plain_at(served, server.plain)
        await use(served, authority, server)
        await orders.renew(ctx)
        assert "External Account Binding" in (await row(served)).error

        key = base64.urlsafe_b64encode(b"m" * 32).decode()
        await use(served, authority, server, eab_id="kid-1", eab_key=Secret(key))
        await ctx.db.write(lambda tx: store.try_at_once(tx, ctx.clock.now()))
        await orders.renew(ctx)

        assert "" == (await row(served)).error
        listener.close()


async def test_an_account_that_the_authority_has_forgotten_is_made_anew(
    serve: Any, authority: trustme.CA, tmp_path: Path
) -> None:
    served = await serve(base_url=BASE)
    ctx = served.house.ctx
    async with pebble(tmp_path, authority) as server:
        listener = await plain_at(served, server.plain)
        await use(served, authority, server)
        foreign = acme.Account(
            key=acme._pem(ec.generate_private_key(ec.SECP256R1())),
            url=server.directory[:-3] + "my-account/77",
        )
        await acme._keep(ctx, server.directory, foreign)
        await orders.renew(ctx)
        assert "does not know our account" in (await row(served)).error

        await ctx.db.write(lambda tx: store.try_at_once(tx, ctx.clock.now()))
        await orders.renew(ctx)

        assert "" == (await row(served)).error
        listener.close()


async def test_an_authority_that_is_away_is_named_as_such(serve: Any, authority: trustme.CA) -> None:
    served = await serve(base_url=BASE)
    away = Pebble(free_port(), 1, 1)
    await use(served, authority, away, terms="")

    await orders.renew(served.house.ctx)

    assert "The authority cannot be reached: there is no connection." == (await row(served)).error


async def test_one_host_is_tried_by_one_replica_at_a_time(shared_url: str, serve: Any) -> None:
    replicas = [await serve(database=shared_url, base_url=BASE) for _ in range(2)]

    claims = await asyncio.gather(*(orders._claim(each.house.ctx, HOST) for each in replicas * 3))

    assert [True] == [claim for claim in claims if claim]


async def test_a_host_with_a_certificate_of_its_own_is_not_ordered(
    serve: Any, authority: trustme.CA, tmp_path: Path
) -> None:
    from tests.house.test_tls import write

    served = await serve(base_url=BASE, tls_files=(write(tmp_path, authority.issue_cert(HOST)),))
    await use(served, authority, Pebble(free_port(), 1, 1), terms="")

    await orders.renew(served.house.ctx)

    assert [] == await served.house.ctx.db.read(store.list_certificates)


def test_the_authoritys_wish_to_be_left_alone_is_kept() -> None:
    from acme import messages

    error = messages.Error.with_code("rateLimited", detail="too many certificates\n\x1b[31m")

    words = acme.explained(error)

    assert words.wait >= 3600
    assert "The authority's limit is reached. It says: too many certificates[31m" == str(words)
    assert "its name is not known" in str(acme.explained(Unreachable("name")))
    assert "cannot be used" in str(acme.explained(BadPair("No.")))


def test_the_library_is_not_loaded_before_a_certificate_is_ordered() -> None:
    import subprocess
    import sys

    code = "import sys, poolhouse.house.app; print('cryptography.x509' in sys.modules, 'acme' in sys.modules, 'requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "False False False" == done.stdout.strip()


class Fussy(Network):
    """To an authority that turns so many messages down before it takes one."""

    def __init__(self, code: str, times: int) -> None:
        super().__init__(Bridge(asyncio.get_running_loop()), Http(allow_loopback=False, allow_private=False))
        self.code, self.left, self.count = code, times, 0

    def _post_once(self, *_args: Any, **_named: Any) -> requests.Response:
        self.count += 1
        if self.left:
            self.left -= 1
            raise messages.Error.with_code(self.code)
        return requests.Response()


async def test_a_nonce_that_is_turned_down_is_followed_by_the_next() -> None:
    taken, given_up, another = Fussy("badNonce", 4), Fussy("badNonce", 5), Fussy("malformed", 1)

    taken.post("https://authority.example/order")
    assert 5 == taken.count
    for network, count in ((given_up, 5), (another, 1)):
        with pytest.raises(messages.Error):
            network.post("https://authority.example/order")
        assert count == network.count
