"""
What is fetched from an identity provider when it is configured: SAML metadata, OpenID Connect discovery.

Outside any transaction, by the guarded client (``kit.outgoing``): https, or http where the server itself is on
loopback; no private addresses unless the server was told so; bounded in time and size.  A few redirects are followed,
each judged like the first address.
"""

from typing import Final
from urllib.parse import urljoin

import msgspec

from poolhouse.kit.outgoing import Answer, Unreachable
from poolhouse.kit.urls import check_endpoint, is_loopback_host, split_url
from poolhouse.pool.core import identity_providers as rules
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.saml_metadata import SamlMetadata, read_metadata
from poolhouse.pool.flows.context import Flow, stop
from poolhouse.pool.spec.errors import invalid_parameter

_REDIRECTS: Final = 5
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


class Source(msgspec.Struct, frozen=True):
    """The details with what was fetched, and the SAML document where there is one."""

    details: dict[str, str]
    metadata: str | None = None


async def complete(flow: Flow, kind: str, details: dict[str, str]) -> Source:
    """Fetch what *details* leave to the provider; refuses what cannot be reached, or be used."""
    for name in rules.URLS:
        if name in details:
            _check_url(flow, name, details[name])
    if kind == rules.SAML:
        return await _saml(flow, details)
    if kind == rules.OIDC and rules.missing_urls(details):
        return Source(await _discovered(flow, details))
    return Source(details)


async def _saml(flow: Flow, details: dict[str, str]) -> Source:
    url = details.get("MetadataURL")
    document = details.get("MetadataFile") or (await _fetch_metadata(flow, url) if url else "")
    found = read_metadata(document)
    if isinstance(found, Refusal):
        stop(found)
    _check_locations(flow, found)
    shown = {"SSORedirectBindingURI": found.sign_on_url}
    if found.sign_out_url is not None:
        shown["SLORedirectBindingURI"] = found.sign_out_url
    return Source({**details, **shown}, document)


def _check_locations(flow: Flow, found: SamlMetadata) -> None:
    for url in (found.sign_on_url, found.sign_out_url):
        if url is not None:
            _check_url(flow, "Location", url)


async def _fetch_metadata(flow: Flow, url: str) -> str:
    try:
        answer = await _get(flow, url, "application/samlmetadata+xml, application/xml, text/xml")
    except Unreachable as wrong:
        raise invalid_parameter(f"Unable to contact remote metadata source {url}") from wrong
    if answer.status != 200:
        raise invalid_parameter(f"Non-ok status code {answer.status} returned from remote metadata source {url}")
    try:
        return answer.body.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise invalid_parameter(f"The remote metadata source {url} does not answer in UTF-8.") from wrong


async def _discovered(flow: Flow, details: dict[str, str]) -> dict[str, str]:
    try:
        answer = await _get(flow, details["oidc_issuer"].rstrip("/") + _WELL_KNOWN, "application/json")
    except Unreachable as wrong:
        raise invalid_parameter("Unable to contact well-known endpoint") from wrong
    if answer.status != 200:
        raise invalid_parameter("Unable to contact well-known endpoint")
    try:
        document = msgspec.json.decode(answer.body, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
        raise invalid_parameter("The well-known endpoint does not answer with an OpenID configuration.") from wrong
    completed = rules.discovered(details, document)
    if isinstance(completed, Refusal):
        stop(completed)
    for name in rules.missing_urls(details):
        _check_url(flow, name, completed[name])
    return completed


async def _get(flow: Flow, url: str, accept: str) -> Answer:
    for _ in range(_REDIRECTS):
        answer = await flow.http.get(url, accept=accept)
        if answer.status not in {301, 302, 303, 307, 308}:
            return answer
        url = urljoin(url, answer.location)
        if not _is_allowed(flow, url):
            raise Unreachable("protocol")
    raise Unreachable("protocol")


def _check_url(flow: Flow, name: str, url: str) -> None:
    if not _is_allowed(flow, url):
        raise invalid_parameter(f"{name} must be a valid https URL")


def _is_allowed(flow: Flow, url: str) -> bool:
    parts = split_url(url)
    if parts is None or check_endpoint(url) is not None:
        return False
    # Plain http is for one machine: ours and the provider's at once.
    return parts.scheme == "https" or _is_on_loopback(flow)


def _is_on_loopback(flow: Flow) -> bool:
    own = split_url(flow.config.base_url)
    return own is not None and is_loopback_host(own.hostname or "")
