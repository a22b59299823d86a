"""
Outgoing HTTP.

An administrator types the URLs, so each call could be aimed at something inside (SSRF).  Therefore: no redirects,
no proxy from the environment, no cookies, an address is judged after the name was resolved and that very address
is connected to, and every answer is bounded in time and size.  Compressed answers are refused: a bound on what
arrives would be no bound on what it unpacks to.

aiohttp takes half a second and 12 MB to import, which a program that only starts should not pay: at first use.
"""

import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from poolhouse.kit.urls import is_callable_address, literal_address, split_url

if TYPE_CHECKING:
    import aiohttp

ANSWER_LIMIT = 262_144
TIMEOUT_SECONDS = 10.0

Trouble = Literal["name", "address", "connection", "certificate", "time", "size", "protocol"]


Distrust = Literal["expired", "not yet valid", "self-signed", "unknown authority", "another name", "other"]

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_DISTRUST: Mapping[int, Distrust] = {
    9: "not yet valid",
    10: "expired",
    18: "self-signed",
    19: "unknown authority",
    20: "unknown authority",
    21: "unknown authority",
    62: "another name",
    64: "another name",
}


class Unreachable(Exception):
    """No usable answer; ``trouble`` says at which step, ``distrust`` what is wrong with a certificate."""

    def __init__(self, trouble: Trouble, distrust: Distrust | None = None) -> None:
        super().__init__(trouble)
        self.trouble: Trouble = trouble
        self.distrust: Distrust | None = distrust


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, whatever its status; 3xx included, since redirects are not followed."""

    status: int
    media_type: str
    location: str
    body: bytes
    date: str = ""
    """The server's clock, as it says (RFC 9110 section 6.6.1)."""
    headers: Mapping[str, str] = {}
    """All of them, names in lower case."""


class Http:
    """One client for the whole program; made on first use, closed with the program."""

    def __init__(
        self, *, allow_loopback: bool, allow_private: bool, ca_file: str = "", user_agent: str = "poolhouse"
    ) -> None:
        self._allow_loopback = allow_loopback
        self._allow_private = allow_private
        self._ca_file = ca_file
        self._user_agent = user_agent
        self._authorities = ""
        self._session: aiohttp.ClientSession | None = None
        self._former: list[aiohttp.ClientSession] = []

    def trust(self, authorities: str) -> None:
        """Trust these as well, in PEM; calls under way end as they began."""
        if authorities == self._authorities:
            return
        self._authorities = authorities
        if self._session is not None:
            self._former.append(self._session)
            self._session = None

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, seconds: float = TIMEOUT_SECONDS
    ) -> Answer:
        """Any request, for protocols that say what is in it."""
        return await self._call(method, url, dict(headers), body, seconds)

    async def get(
        self, url: str, *, accept: str, bearer: str | None = None, seconds: float = TIMEOUT_SECONDS
    ) -> Answer:
        """GET, with ``Authorization: Bearer`` (RFC 6750 section 2.1) when *bearer* is given."""
        headers = {"accept": accept}
        if bearer is not None:
            headers["authorization"] = f"Bearer {bearer}"
        return await self._call("GET", url, headers, None, seconds)

    async def post_form(
        self, url: str, fields: Mapping[str, str], *, authorization: str | None, seconds: float = TIMEOUT_SECONDS
    ) -> Answer:
        """POST ``application/x-www-form-urlencoded``."""
        headers = {"accept": "application/json"}
        if authorization is not None:
            headers["authorization"] = authorization
        return await self._call("POST", url, headers, dict(fields), seconds)

    async def close(self) -> None:
        """Close what is open."""
        former, self._former = self._former, []
        for each in [*former, self._session]:
            if each is not None:
                await each.close()
        self._session = None

    async def _call(
        self, method: str, url: str, headers: dict[str, str], body: dict[str, str] | bytes | None, seconds: float
    ) -> Answer:
        import aiohttp  # noqa: PLC0415 - see the module

        from poolhouse.kit.resolver import NotCallable  # noqa: PLC0415

        self._check_literal(url)
        try:
            async with self._opened().request(
                method,
                url,
                headers={**headers, "accept-encoding": "identity"},
                data=body,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=seconds / 2),
            ) as response:
                return await _read(response)
        except NotCallable as wrong:
            raise Unreachable("address") from wrong
        except aiohttp.ClientConnectorCertificateError as wrong:
            code = getattr(wrong.certificate_error, "verify_code", 0)
            raise Unreachable("certificate", _DISTRUST.get(code, "other")) from wrong
        except aiohttp.ClientSSLError as wrong:
            raise Unreachable("certificate", "other") from wrong
        except aiohttp.ClientConnectorDNSError as wrong:
            raise Unreachable("address" if isinstance(wrong.os_error, NotCallable) else "name") from wrong
        except TimeoutError as wrong:
            raise Unreachable("time") from wrong
        except (aiohttp.InvalidURL, aiohttp.ClientPayloadError, aiohttp.ClientResponseError) as wrong:
            raise Unreachable("protocol") from wrong
        except (aiohttp.ClientError, OSError, ValueError) as wrong:
            raise Unreachable("connection") from wrong

    def _check_literal(self, url: str) -> None:
        # aiohttp asks no resolver about a host that is an address already.
        parts = split_url(url)
        if parts is None:
            raise Unreachable("protocol")
        address = literal_address(parts.hostname or "")
        if address is not None and not is_callable_address(
            address, allow_loopback=self._allow_loopback, allow_private=self._allow_private
        ):
            raise Unreachable("address")

    def _opened(self) -> "aiohttp.ClientSession":
        import aiohttp  # noqa: PLC0415

        from poolhouse.kit.resolver import GuardedResolver  # noqa: PLC0415

        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=GuardedResolver(allow_loopback=self._allow_loopback, allow_private=self._allow_private),
                use_dns_cache=False,
                ssl=self._tls(),
                limit=64,
                limit_per_host=32,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                headers={"user-agent": self._user_agent},
                raise_for_status=False,
            )
        return self._session

    def _tls(self) -> ssl.SSLContext | bool:
        if not self._ca_file and not self._authorities:
            return True
        context = ssl.create_default_context(cafile=self._ca_file or None)
        if self._authorities:
            context.load_verify_locations(cadata=self._authorities)
        return context


async def _read(response: "aiohttp.ClientResponse") -> Answer:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Unreachable("protocol")
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > ANSWER_LIMIT:
            # Not read to its end, so the connection cannot be used again.
            response.close()
            raise Unreachable("size")
    return Answer(
        status=response.status,
        media_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
        location=response.headers.get("location", ""),
        body=body,
        date=response.headers.get("date", ""),
        headers={name.lower(): value for name, value in response.headers.items()},
    )
