"""
Targets of tokens (RFC 8707): the resource servers that an access token is for, as its audience.

An app client may name those that the pool knows and those that are listed for it: an audience that nobody registered
would be accepted by whoever happens to have that name.  DEVIATION: in the service's dialect the authorization endpoint
takes any one absolute URI, as the service does.
"""

import re
from collections.abc import Collection
from typing import Final

import msgspec

from poolhouse.pool.model.grant import Grant
from poolhouse.pool.model.openid import GrantTerms
from poolhouse.pool.model.pool import Client

MOST: Final = 10
LENGTH: Final = 1024
_URI: Final = re.compile(
    r"(?:https://[^\s/?#@]|http://(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/?]|$)|(?!https?:)[a-z][a-z0-9+.-]*:)[^\s#]*"
)


def is_uri(target: str) -> bool:
    """RFC 8707 section 2: an absolute URI without a fragment."""
    return len(target) <= LENGTH and target.isprintable() and _URI.fullmatch(target) is not None


def are_known(targets: Collection[str], servers: Collection[str], client: Client) -> bool:
    """Whether each of *targets* is one of the pool's resource *servers* or of the client's own."""
    return len(targets) <= MOST and all(each in servers or each in client.extended.resources for each in targets)


def of(grant: Grant) -> tuple[str, ...]:
    """The targets that a sign-in was granted; none where none was named."""
    if grant.terms is not None and grant.terms.resources:
        return grant.terms.resources
    return () if grant.resource is None else (grant.resource,)


def aimed(grant: Grant, targets: tuple[str, ...]) -> Grant:
    """The same sign-in for tokens with these *targets*."""
    several = targets if len(targets) > 1 else ()
    terms = grant.terms
    if several or (terms is not None and terms.resources):
        terms = msgspec.structs.replace(terms or GrantTerms(), resources=several)
    return msgspec.structs.replace(grant, resource=targets[0] if len(targets) == 1 else None, terms=terms)


def audience(targets: tuple[str, ...]) -> str | list[str]:
    """The claim ``aud``: a text for one (RFC 7519 section 4.1.3), as most verifiers expect it."""
    return targets[0] if len(targets) == 1 else list(targets)
