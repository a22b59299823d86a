"""The prober (row D39): which apps can be reached around the gateway, and never a false "safe"."""

import asyncio
import re

import pytest

from poolhouse.house.gate import Gate, Policy
from poolhouse.house.portal import probing
from poolhouse.house.portal.findings import Answers, Mark, judge
from poolhouse.house.store import apps, probes
from tests.gateway.test_portal import WIKI, administrator, look, send
from tests.gateway.world import Served, Upstream

NO = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"
YES = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
AWAY = b"HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n"


def answering(app: Upstream, lets_in: str, otherwise: bytes = NO) -> None:
    """An app that lets in whoever sends something that fits *lets_in*."""

    async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        writer.write(YES if re.search(lets_in.encode(), head, re.IGNORECASE) else otherwise)
        await writer.drain()

    app.handler = handle


@pytest.mark.parametrize(
    ("lets_in", "otherwise", "mark"),
    [
        ("^GET", NO, Mark.OPEN),
        ("x-forwarded-user: ", NO, Mark.BELIEVES),
        ("x-house-assertion: ", NO, Mark.UNCHECKED),
        ("never", NO, Mark.REFUSES),
        ("never", AWAY, Mark.UNKNOWN),
        ("never", b"nonsense\r\n\r\n", Mark.UNKNOWN),
    ],
)
async def test_an_app_is_asked_around_the_gateway(
    lets_in: str, otherwise: bytes, mark: Mark, served: Served, app: Upstream
) -> None:
    answering(app, lets_in, otherwise)
    app_id = await served.add(WIKI, Gate(upstream=app.url, policy=Policy(groups=("Staff",))))
    ada = await administrator(served)

    assert 303 == (await send(served, ada, f"/settings/apps/{app_id}/probe", f"/settings/apps/{app_id}")).status

    found = await served.house.ctx.db.read(lambda tx: probes.find_found(tx, app_id))
    assert found is not None
    assert mark is found.mark
    assert found.findings[0].what in (await look(served, ada, f"/settings/apps/{app_id}")).text.replace("&#39;", "'")
    listed = (await look(served, ada, "/settings/apps")).text
    assert ("Can be bypassed" in listed) is (mark in {Mark.OPEN, Mark.BELIEVES, Mark.UNCHECKED})


async def test_what_does_not_answer_is_not_called_safe(served: Served) -> None:
    app_id = await served.add(WIKI, Gate(upstream="http://127.0.0.1:9"))
    [app] = await served.house.ctx.db.read(apps.list_apps)

    found = await probing.probe(served.house.ctx, app)

    assert app_id == app.id
    assert Mark.UNKNOWN is found.mark
    assert "Could not tell" in found.findings[0].what


async def test_the_address_that_hands_out_credentials_is_not_called(served: Served) -> None:
    await served.add(WIKI, Gate(upstream="http://169.254.169.254/"))
    [app] = await served.house.ctx.db.read(apps.list_apps)

    found = await probing.probe(served.house.ctx, app)

    assert "has no address that may be called" in found.findings[0].what


async def test_no_genuine_assertion_is_sent_around_the_gateway(served: Served, app: Upstream) -> None:
    answering(app, "never")
    await served.add(WIKI, Gate(upstream=app.url))
    [there] = await served.house.ctx.db.read(apps.list_apps)
    await probing.probe(served.house.ctx, there)

    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    keys = KeySet.import_key_set((await served.ask("/.well-known/jwks.json", host="localhost:8500")).json)
    sent = [found[1] for head in app.heads if (found := re.search(rb"(?i)x-house-assertion: (\S+)", head))]
    assert 2 == len(sent)
    for each in sent:
        with pytest.raises((JoseError, ValueError)):
            jwt.decode(each.decode(), keys, algorithms=["ES256"])


async def test_each_app_is_asked_once_a_day_and_a_change_is_written_down(
    served: Served, app: Upstream, clock: object
) -> None:
    answering(app, "^GET")
    await served.add(WIKI, Gate(upstream=app.url))

    await probing.probe_due(served.house.ctx)
    await probing.probe_due(served.house.ctx)

    assert 4 == len(app.heads)
    ada = await administrator(served)
    assert "App probed" in (await look(served, ada, "/settings/audit-log")).text


def test_a_page_that_is_public_at_the_gateway_says_nothing() -> None:
    answers = Answers(nobody=200, headers=200, forged=200, unsigned=200)

    assert Mark.UNKNOWN is judge("http://a", answers, is_public=True).mark
    assert Mark.OPEN is judge("http://a", answers, is_public=False).mark
