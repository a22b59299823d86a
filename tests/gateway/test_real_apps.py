"""Apps as teams have them: WSGI, one that takes its own names of headers, and one of sockets as Streamlit's."""

import asyncio
import threading
import wsgiref.simple_server
from collections.abc import AsyncIterator, Callable, Iterator
from http import HTTPStatus
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Origin, Subprotocol

from poolhouse.house.gate import Gate, Names
from tests.gateway.world import Served

WIKI = "http://wiki.localhost:8500/"
ORIGIN = Origin("http://wiki.localhost:8500")


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def wsgi() -> Iterator[Callable[[Any], str]]:
    """Serves an application on a port; its address."""
    servers = []

    def start(application: Any) -> str:
        server = wsgiref.simple_server.make_server("127.0.0.1", 0, application, handler_class=Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def told(environ: dict[str, Any], begin: Any) -> list[bytes]:
    """What a WSGI app sees: every header as HTTP_..., so that hyphens and underscores are the same."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    seen: dict[str, Any] = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
    seen |= {"path": environ["PATH_INFO"], "query": environ["QUERY_STRING"]}
    seen["body"] = environ["wsgi.input"].read(length).decode()
    body = msgspec.json.encode(seen)
    begin("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


async def test_a_wsgi_app_is_told_by_the_gateway_alone(served: Served, wsgi: Callable[[Any], str]) -> None:
    """CVE-2025-64484: to a WSGI app ``X_Forwarded_User`` is ``X-Forwarded-User``."""
    app_id = await served.add(WIKI, Gate(upstream=wsgi(told)))
    cookie = await served.at_app(app_id, await served.sign_in(groups=["staff"]))
    spoofed = "".join(
        f"{name}: evil\r\n" for name in ("X_Forwarded_User", "X-Forwarded_User", "x-forwarded-user", "X_Forwarded-For")
    )
    body = "name=v%C3%A4lue"
    data = (
        f"POST /save?a=1 HTTP/1.1\r\nHost: wiki.localhost:8500\r\nCookie: {cookie}; own=1\r\n{spoofed}"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    )
    raw = await served.raw(data.encode())
    seen = msgspec.json.decode(raw.partition(b"\r\n\r\n")[2])

    assert ("maria@example.com", "staff") == (seen["HTTP_X_FORWARDED_USER"], seen["HTTP_X_FORWARDED_GROUPS"])
    assert "127.0.0.1" == seen["HTTP_X_FORWARDED_FOR"]
    assert b"evil" not in raw
    assert ("/save", "a=1", body) == (seen["path"], seen["query"], seen["body"])
    assert "own=1" == seen["HTTP_COOKIE"]


async def test_an_app_has_its_own_names_of_headers(served: Served, wsgi: Callable[[Any], str]) -> None:
    """As Grafana's auth proxy: whoever is named in X-WEBAUTH-USER is signed in, without a question."""

    def grafana(environ: dict[str, Any], begin: Any) -> list[bytes]:
        user = environ.get("HTTP_X_WEBAUTH_USER", "")
        begin("200 OK" if user else "401 Unauthorized", [("Content-Type", "text/plain")])
        return [f"{user}|{environ.get('HTTP_X_WEBAUTH_EMAIL', '')}|{environ.get('HTTP_X_WEBAUTH_GROUPS', '')}".encode()]

    names = Names(
        user="X-WEBAUTH-USER", email="X-WEBAUTH-EMAIL", groups="X-WEBAUTH-GROUPS", name="X-WEBAUTH-NAME", assertion=""
    )
    gate = Gate(upstream=wsgi(grafana), names=names, public_paths=("/api/health",))
    app_id = await served.add(WIKI, gate)
    cookie = await served.at_app(app_id, await served.sign_in(groups=["staff", "viewers"]))
    answer = await served.ask("/d/1", Cookie=cookie, X_WEBAUTH_USER="admin", x_webauth_role="Admin")
    public = await served.ask("/api/health", X_WEBAUTH_USER="admin")

    assert "maria@example.com|maria@example.com|staff,viewers" == answer.text
    assert 401 == public.status, "nobody says who it is on a public path"


class Streamlit:
    """
    Speaks to browsers as Streamlit does.

    A health page, a websocket with a subprotocol that carries what is needed against forged requests, and uploads by
    PUT with a header for the same.
    """

    def __init__(self) -> None:
        self.users: list[str] = []

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/_stcore/health":
            return connection.respond(HTTPStatus.OK, "ok")
        if request.path != "/_stcore/stream":
            page = connection.respond(HTTPStatus.OK, "<!doctype html><title>Streamlit</title>")
            page.headers["Set-Cookie"] = "_streamlit_xsrf=2|abc; Path=/"
            return page
        return None

    def choose(self, _connection: ServerConnection, offered: Any) -> Subprotocol | None:
        return Subprotocol("streamlit") if "streamlit" in offered else None

    async def talk(self, socket: ServerConnection) -> None:
        headers: Headers = socket.request.headers if socket.request else Headers()
        self.users.append(headers.get("X-Forwarded-User", ""))
        assert "house_" not in headers.get("Cookie", "")
        async for message in socket:
            await socket.send(b"delta:" + (message if isinstance(message, bytes) else message.encode()))


@pytest.fixture
async def streamlit() -> AsyncIterator[tuple[Streamlit, str]]:
    app = Streamlit()
    server = await serve(app.talk, "127.0.0.1", 0, process_request=app.answer, select_subprotocol=app.choose)
    port = next(iter(server.sockets)).getsockname()[1]
    yield app, f"http://127.0.0.1:{port}"
    server.close()
    await server.wait_closed()


async def test_an_app_as_streamlit_is_behind_the_gateway(served: Served, streamlit: tuple[Streamlit, str]) -> None:
    app, url = streamlit
    gate = Gate(upstream=url, check_path="/_stcore/health", public_paths=("/_stcore/health",))
    app_id = await served.add(WIKI, gate)
    person = await served.sign_in()
    cookie = await served.at_app(app_id, person)
    page = await served.ask("/", Cookie=cookie)

    assert "ok" == (await served.ask("/_stcore/health")).text.strip()
    assert "2|abc" == page.cookies["_streamlit_xsrf"]
    offered = [Subprotocol("streamlit"), Subprotocol("xsrf-2-abc"), Subprotocol("session-1")]
    async with connect("ws://wiki.localhost:8500/_stcore/stream", host="127.0.0.1", port=served.port, origin=ORIGIN,
                       subprotocols=offered, additional_headers={"Cookie": f"{cookie}; _streamlit_xsrf=2|abc"},
                       ) as stream:  # fmt: skip
        assert "streamlit" == stream.subprotocol
        await stream.send(b"rerun")
        assert b"delta:rerun" == await stream.recv()
        await served.end(person)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(stream.recv(), 1)
    assert ["maria@example.com"] == app.users
    with pytest.raises(InvalidStatus) as refused:
        await connect("ws://wiki.localhost:8500/_stcore/stream", host="127.0.0.1", port=served.port, origin=ORIGIN,
                      additional_headers={"Cookie": cookie})  # fmt: skip
    assert 401 == refused.value.response.status_code
