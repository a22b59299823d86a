"""
Which pool's domain a request came to.

A host or a path finds the domain; URLs are made from the configuration alone, so a forged Host header can at most
reach the pages of another domain of this server, never put a foreign address into one of them.
"""

from functools import lru_cache
from urllib.parse import quote, urlsplit

import msgspec

from poolhouse.kit.edge import HeaderPair, Raw
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.config import ServerConfig

_KEPT = "".join(map(chr, range(33, 127)))


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """
    The pages and endpoints of one domain; *url* has no trailing slash, *base_path* is its path (often ``""``).

    *managed*: its branding version is managed login (ManagedLoginVersion 2), else the classic hosted UI.
    """

    entry: PoolEntry
    url: str
    base_path: str
    managed: bool = False

    @property
    def secure(self) -> bool:
        """Whether browsers reach the domain by https."""
        return self.url.startswith("https://")

    @property
    def cookie_path(self) -> str:
        """Cookies of one domain under a common host are not sent to another."""
        return self.base_path or "/"

    def cookie(self, name: str) -> str:
        """
        A cookie's name with the prefix that lets a browser refuse forgeries: by http, or by a neighbouring host.

        ``__Host-`` demands the path ``/``, hence ``__Secure-`` where domains share a host.
        """
        if not self.secure:
            return name
        return f"__Secure-{name}" if self.base_path else f"__Host-{name}"

    @property
    def headers(self) -> tuple[HeaderPair, ...]:
        """What every answer of a domain carries."""
        return (("strict-transport-security", "max-age=31536000"),) if self.secure else ()

    def href(self, path: str, query: str = "") -> str:
        """An address of this domain, without its host."""
        return f"{self.base_path}{path}{'?' if query else ''}{query}"


async def resolve(flow: Flow, raw: Raw) -> Site | None:
    """
    The domain of a request: by the path parameter ``domain``, else by its Host header; None when there is none.

    A prefix is served under ``/domains/`` or at its host, as the configuration says, and a custom domain at its own
    host: one address for each, so that cookies and URLs agree.
    """
    prefix = raw.params.get("domain")
    if prefix is not None:
        return None if flow.config.domain_suffix else await _site(flow, prefix, custom=False)
    host = _host_name(raw.host)
    suffix = _suffix(flow.config)
    if suffix is not None and host.endswith(suffix):
        return await _site(flow, host.removesuffix(suffix), custom=False)
    return await _site(flow, host, custom=True) if "." in host else None


async def is_domain_host(flow: Flow, host: str) -> bool:
    """Whether *host* is for domains only, so that neither API nor console may answer there."""
    name = _host_name(host)
    suffix = _suffix(flow.config)
    if suffix is not None and name.endswith(suffix):
        return True
    return "." in name and await _site(flow, name, custom=True) is not None


def domain_url(config: ServerConfig, entry: PoolEntry) -> str | None:
    """Where a pool's endpoints are, for its discovery document: the custom domain before the prefix."""
    for domain in sorted(entry.domains, key=lambda each: not each.custom):
        return config.domain_url(domain.name, custom=domain.custom)
    return None


def origin_of(site: Site) -> str:
    """The origin of the domain's pages, as browsers name it (RFC 6454 section 6.2)."""
    parts = urlsplit(site.url)
    return f"{parts.scheme}://{parts.netloc}"


def query_text(raw: Raw) -> str:
    """The query in ASCII: bytes that a sloppy client left as they were are percent-encoded."""
    return quote(raw.query.encode("latin-1"), safe=_KEPT)


async def _site(flow: Flow, name: str, *, custom: bool) -> Site | None:
    entry = await flow.directory.find_domain(name)
    if entry is None:
        return None
    for domain in entry.domains:
        if domain.name == name and domain.custom is custom:
            url = flow.config.domain_url(name, custom=custom)
            is_managed = domain.settings.managed_login_version == 2
            return Site(entry=entry, url=url, base_path=_path(url), managed=is_managed)
    return None


@lru_cache(maxsize=1_000)
def _path(url: str) -> str:
    return urlsplit(url).path


def _suffix(config: ServerConfig) -> str | None:
    return f".{config.domain_suffix.lower()}" if config.domain_suffix else None


def _host_name(host: str) -> str:
    """The Host header without port and final dot, lower-cased."""
    name = host.lower().partition(":")[0]
    return name.removesuffix(".")
