"""Tokens that are bound to a key (RFC 7800): which terms bind them, and who may use them."""

import hmac
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.pool.model.binding import UNBOUND, Binding
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.model.openid import GrantTerms

_KNOWN: Final = frozenset({"jkt", "x5t#S256"})


def is_held(claims: Mapping[str, Any], shown: Binding) -> bool:
    """
    Whether who shows a token holds what it is bound to.

    A bound token is none without its proof (RFC 9449 section 7.2), and a token that is not bound is none with one:
    that it was shown as a DPoP token says that it should be (section 7.1).
    """
    bound = claims.get("cnf", {})
    if not isinstance(bound, dict) or not _KNOWN.issuperset(bound):
        return False
    certificate = bound.get("x5t#S256")
    return _same(bound.get("jkt"), shown.jkt) and (certificate is None or _same(certificate, shown.x5t))


def with_binding(terms: GrantTerms | None, binding: Binding) -> GrantTerms | None:
    """The terms of tokens that are bound so, whatever those before them were bound to."""
    if terms is None:
        return GrantTerms(jkt=binding.jkt, x5t=binding.x5t) if binding.claim else None
    return msgspec.structs.replace(terms, jkt=binding.jkt, x5t=binding.x5t)


def with_key(terms: GrantTerms | None, jkt: str | None) -> GrantTerms | None:
    """The terms of a code that was asked for by a key."""
    return terms if jkt is None else msgspec.structs.replace(terms or GrantTerms(), jkt=jkt)


def bound(grant: Grant, binding: Binding) -> Grant:
    """The grant as it is bound for the tokens of one request."""
    if grant.terms is None and not binding.claim:
        return grant
    return msgspec.structs.replace(grant, terms=with_binding(grant.terms, binding))


def binding_of(terms: GrantTerms | None) -> Binding:
    return UNBOUND if terms is None else Binding(jkt=terms.jkt, x5t=terms.x5t)


def may_renew(terms: GrantTerms | None, shown: Binding, *, confidential: bool) -> bool:
    """
    Whether a refresh token may be used by who shows *shown*.

    A public client's is bound to the key itself (RFC 9449 section 5, RFC 8705 section 7.1).  A confidential client
    proves who it is, so it may change its key; going without one would make a bearer token of a bound one.
    """
    bound = binding_of(terms)
    pairs = ((bound.jkt, shown.jkt), (bound.x5t, shown.x5t))
    if confidential:
        return all(held is not None for was, held in pairs if was is not None)
    return all(_same(was, held) for was, held in pairs if was is not None)


def _same(one: object, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return isinstance(one, str) and hmac.compare_digest(one.encode(), other.encode())
