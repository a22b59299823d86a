"""The ``acme`` library's messages over the house's outgoing HTTP, which refuses what nobody may aim it at."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import requests
from acme import messages
from acme.client import ClientNetwork
from josepy.jwa import ES256
from josepy.jwk import JWKEC
from requests.structures import CaseInsensitiveDict

from poolhouse.kit.outgoing import Answer, Http

T = TypeVar("T")
SECONDS = 30.0
NONCES = 5
"""How many an authority may turn down in a row: one may be old, or of another of its servers (RFC 8555 section 6.5)."""


class Stopped(Exception):
    """The house is shutting down."""


class Bridge:
    """From the thread in which the library works to the event loop, until it is ``stop``ped."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._is_stopped = threading.Event()

    def stop(self) -> None:
        self._is_stopped.set()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of *work* in the loop; ``Stopped`` when nobody waits for it any more."""
        if self._is_stopped.is_set():
            work.close()
            raise Stopped
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS + 5)


class Network(ClientNetwork):
    """Signs by *key*, and sends by *http*."""

    def __init__(self, bridge: Bridge, http: Http, key: JWKEC | None = None) -> None:
        super().__init__(key=key, alg=ES256, user_agent="poolhouse-house")
        self._bridge = bridge
        self._http = http

    def post(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Once more with the next nonce, while it is the nonce that was wrong; the library's own tries twice."""
        for _ in range(NONCES - 1):
            try:
                return self._post_once(*args, **kwargs)
            except messages.Error as error:
                if error.code != "badNonce":
                    raise
        return self._post_once(*args, **kwargs)

    def _send_request(self, method: str, url: str, *_args: Any, **named: Any) -> requests.Response:
        data = named.get("data")
        body = data.encode() if isinstance(data, str) else data
        headers = {str(name).lower(): str(value) for name, value in named.get("headers", {}).items()}
        return _response(self._bridge.run(self._http.send(method, url, headers, body, seconds=SECONDS)), url)


def _response(answer: Answer, url: str) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers)
    response.url = url
    response.encoding = "utf-8"
    response._content = answer.body  # noqa: SLF001 - the library has no other way to make one
    return response
