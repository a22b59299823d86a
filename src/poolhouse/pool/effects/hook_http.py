"""
One HTTP request to where a trigger is answered.

Imported at the first call only: a server without triggers does not hold an HTTP client in memory.
"""

from collections.abc import Mapping

import aiohttp
import msgspec
from yarl import URL


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unreached(Exception):
    """No whole answer came; *late* when time was the reason."""

    def __init__(self, cause: str, *, late: bool = False) -> None:
        super().__init__(cause)
        self.late = late


class Caller:
    """The server's one client session for triggers; no cookies, no proxies of the environment, no redirects."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=256, limit_per_host=128),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            headers={"user-agent": "poolhouse-pool", "accept-encoding": "identity"},
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float, limit: int) -> Answer:
        """The answer, of *limit* bytes at most, within *seconds*; else ``Unreached``."""
        try:
            async with self._session.post(
                URL(url, encoded=True),
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds),
            ) as response:
                return await _read(response, limit)
        except TimeoutError as late:
            raise Unreached("no answer in time", late=True) from late
        except (aiohttp.ClientError, OSError, ValueError) as wrong:
            raise Unreached(type(wrong).__name__) from wrong

    async def close(self) -> None:
        """Let go of every connection."""
        await self._session.close()


async def _read(response: aiohttp.ClientResponse, limit: int) -> Answer:
    read = bytearray()
    async for chunk in response.content.iter_any():
        read += chunk
        if len(read) > limit:
            # Not read to its end, so the connection cannot be used again.
            response.close()
            raise Unreached(f"the answer has more than {limit} bytes")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status=response.status, headers=headers, body=bytes(read))
