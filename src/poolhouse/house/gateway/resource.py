"""
An app as a protected resource (RFC 9728): what it is called, who gives out tokens for it, which scopes it asks for.

Its metadata is on the app's own host, where a client that was answered 401 finds it by ``resource_metadata``; MCP
clients go from there to the provider by themselves.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from poolhouse.house.gate import Gate, Resource
from poolhouse.house.gateway.judge import Rejection
from poolhouse.house.gateway.seen import Seen
from poolhouse.house.gateway.table import Entry, Table
from poolhouse.house.gateway.target import Target
from poolhouse.house.provider import OidcSettings, Provider, Providers, find_enabled
from poolhouse.kit.edge import Reply, json_reply

WELL_KNOWN = b"/.well-known/oauth-protected-resource"
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")
"""RFC 6749 section 3.3; it also keeps quotes out of our own headers."""
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,=:@/-]*")
_IDENTIFIER = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,500}")
_METHOD = re.compile(r"[A-Z]{1,32}")
_HEADERS = (("access-control-allow-origin", "*"), ("cache-control", "public, max-age=60"))
SCOPE_REFUSED = "The token has not the scope that this needs."


class ScopeRule(msgspec.Struct, frozen=True):
    """Below *path*, and with *method* if one is named, these scopes are needed."""

    method: str
    path: str
    scopes: tuple[str, ...]


class BadResource(ValueError):
    """A setting that means nothing; the text says which and why."""


def resource_of(entry: Entry) -> Resource | None:
    return entry.gate.resource if entry.gate is not None else None


def identifier(entry: Entry) -> str:
    """What tokens name as their audience: the first audience that is an address of the app, else the app's URL."""
    resource = resource_of(entry)
    whole = entry.origin + entry.prefix.decode("ascii")
    for each in resource.audiences if resource else ():
        if each == whole.rstrip("/") or each.startswith(whole):
            return each
    return entry.app.url


def audiences(entry: Entry) -> frozenset[str]:
    """What a token may name, with and without a last slash: clients differ about it where the path is empty."""
    resource = resource_of(entry)
    named = resource.audiences if resource and resource.audiences else (entry.app.url,)
    return frozenset(each.rstrip("/") for each in named)


def metadata_path(entry: Entry) -> str:
    """RFC 9728 section 3.1: between the host and the path of the identifier."""
    path = urlsplit(identifier(entry)).path
    return WELL_KNOWN.decode() + ("" if path == "/" else path)


def metadata_url(entry: Entry) -> str:
    """Empty for an app that takes no access tokens."""
    return entry.origin + metadata_path(entry) if resource_of(entry) else ""


def metadata(table: Table, host: str, path: bytes, providers: Providers) -> Reply | None:
    """The document of the app whose metadata is at *path*; None when there is none, or its provider is gone."""
    if not path.startswith(WELL_KNOWN):
        return None
    wanted = path.decode("ascii").rstrip("/")
    for entry in table.at(host):
        resource = resource_of(entry)
        if resource is None or metadata_path(entry).rstrip("/") != wanted:
            continue
        provider = find_enabled(providers, resource.provider)
        return None if provider is None else _document(entry, resource, provider)
    return None


def _document(entry: Entry, resource: Resource, provider: Provider) -> Reply:
    scopes = sorted({*resource.scopes, *(scope for rule in rules(resource.scope_rules) for scope in rule.scopes)})
    document: dict[str, object] = {
        "resource": identifier(entry),
        "authorization_servers": [provider.settings.issuer],
        "bearer_methods_supported": [] if entry.token_header else ["header"],
        "resource_name": entry.app.name,
    }
    if scopes:
        document["scopes_supported"] = scopes
    return json_reply(document, headers=_HEADERS)


def in_scope(entry: Entry, method: bytes, target: Target, seen: Seen) -> Seen | Rejection:
    """The same again, if the token has every scope that this request needs (RFC 6750 section 3.1)."""
    resource = resource_of(entry)
    if resource is None or seen.scopes is None:
        return seen
    needed = dict.fromkeys(resource.scopes)
    for rule in rules(resource.scope_rules):
        if _applies(rule, method.decode("ascii"), target):
            needed |= dict.fromkeys(rule.scopes)
    if seen.scopes.issuperset(needed):
        return seen
    return Rejection(403, "insufficient_scope", SCOPE_REFUSED, scope=" ".join(needed))


def _applies(rule: ScopeRule, method: str, target: Target) -> bool:
    """
    Whether a request falls under *rule*; in doubt it does.

    An app may read an escape, a parameter or another case as the very path of a rule, so such a path falls under all.
    """
    if rule.method and rule.method != ("GET" if method.upper() == "HEAD" else method.upper()):
        return False
    if not target.is_plain:
        return True
    path, begin = target.path.decode("ascii").lower(), rule.path.lower()
    return path == begin.rstrip("/") or path == begin or path.startswith(begin.rstrip("/") + "/")


@lru_cache(maxsize=256)
def rules(lines: tuple[str, ...]) -> tuple[ScopeRule, ...]:
    """``POST /items items.write`` or ``/admin admin``, one in each line; ``BadResource`` for anything else."""
    return tuple(_rule(line) for line in lines)


def _rule(line: str) -> ScopeRule:
    first, *rest = line.split() or [""]
    method = ""
    if not first.startswith("/") and rest:
        method, (first, *rest) = first, rest
    if (method and not _METHOD.fullmatch(method)) or not _PATH.fullmatch(first) or not rest:
        raise BadResource(f"{line!r}: write POST /items items.write, or /admin admin")
    for scope in rest:
        _check_scope(scope)
    return ScopeRule(method, first, tuple(rest))


def check(gate: Gate, url: str) -> None:
    """Raise ``BadResource`` for what an administrator should not save."""
    resource = gate.resource
    if resource is None:
        return
    for scope in resource.scopes:
        _check_scope(scope)
    rules(resource.scope_rules)
    for each in (*resource.audiences, *resource.client_ids):
        if not _IDENTIFIER.fullmatch(each):
            raise BadResource(f"{each!r} is no identifier")
    for each in resource.audiences:
        # What stands in our own metadata must be one reading of one address.
        if each.startswith(url.rstrip("/") + "/") and not _PATH.fullmatch(urlsplit(each).path):
            raise BadResource(f"{each!r} is an address with more than a plain path")
    if resource.is_passed_on and gate.token_header:
        raise BadResource("with a Token Header the caller's token cannot be passed on")


def is_at_provider(url: str, settings: OidcSettings) -> bool:
    """
    Whether the provider itself would be asked at *url*.

    The house shows its client's secret there, which whoever may change apps is not to send wherever they like.
    """
    own = {urlsplit(each)[:2] for each in (settings.issuer, settings.token_url)}
    return urlsplit(url)[:2] in own


def _check_scope(scope: str) -> None:
    if not _SCOPE.fullmatch(scope):
        raise BadResource(f"{scope!r} is no scope")
