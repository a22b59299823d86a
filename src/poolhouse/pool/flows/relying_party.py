"""The relying party of a pool's passkeys: the domain that browsers bind them to (WebAuthn level 3, section 5.4.2)."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.site import domain_url
from poolhouse.pool.model.config import ServerConfig


def id_of(config: ServerConfig, entry: PoolEntry) -> str | None:
    """
    The relying party id: what the pool says, else the host of its custom domain, else that of its prefix domain.

    None where there is neither, and where the host is a bare address: browsers bind no passkey to one.
    """
    configured = entry.pool.mfa.web_authn_configuration
    if configured is not None and configured.relying_party_id:
        return configured.relying_party_id
    url = domain_url(config, entry)
    return of_url(url) if url else None


def of_url(url: str) -> str | None:
    """The relying party id that the address of a domain stands for."""
    host = urlsplit(url).hostname
    return host if host and not _is_address(host) else None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
