"""
The app client's proof at the endpoints that take one (RFC 6749 section 2.3, RFC 7523, RFC 8705).

A client that said how it proves itself does so in that way only.  Any other shows its secret, by Basic or in the body,
if it has one.
"""

import base64
import binascii
from urllib.parse import unquote

import msgspec

from poolhouse.kit.edge import Raw
from poolhouse.pool.core import subjects
from poolhouse.pool.core.proof_algorithms import ASSERTION_METHODS, CERTIFICATE_METHODS
from poolhouse.pool.flows import client_assertion, client_certificate, client_documents
from poolhouse.pool.flows.caller import ProvenClient, by_secret
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry
from poolhouse.pool.flows.site import Site
from poolhouse.pool.oauth import possession
from poolhouse.pool.oauth.answers import Form, Problem
from poolhouse.pool.spec.errors import Reason

UNAUTHORIZED = 401


class Shown(msgspec.Struct, frozen=True):
    """What the request shows; a public client shows its id alone."""

    client_id: str
    secret: str | None = None
    is_basic: bool = False
    assertion: str | None = None

    @property
    def methods(self) -> tuple[str, ...]:
        """Which it can be, by the names of RFC 7591."""
        if self.assertion is not None:
            return ASSERTION_METHODS
        if self.secret is None:
            return ("none",)
        return ("client_secret_basic",) if self.is_basic else ("client_secret_post",)

    def __repr__(self) -> str:
        return "Shown(***)"


async def prove(flow: Flow, site: Site, raw: Raw, form: Form, *, denied: int | None = None) -> ProvenClient:
    """
    The client that calls, once it has proved itself.

    Refuses an unknown client, one of another pool than the domain's, a wrong, a missing and a surplus secret, and any
    other way than the one that the client registered.  *denied* is the status of ``invalid_client``; the service
    answers 400, which clients of its dialect get where nothing else is said.
    """
    found = None
    try:
        shown = read(raw, form)
        found = await client_documents.find_known(flow, site.entry, shown.client_id)
        return await _proven(flow, await _of_today(flow, site, found), raw, found, shown)
    except (Refused, Problem) as no:
        problem = Problem.of(no) if isinstance(no, Refused) else no
        if problem.error != "invalid_client":
            raise
        # No client of the service has assertions.
        is_standard = "client_assertion" in form or (found is not None and _is_standard(found))
        # The header goes to those who used its scheme (RFC 6749 section 5.2): browsers open a dialog for others.
        asks = (("www-authenticate", 'Basic realm="app client"'),) if raw.header("authorization") else ()
        status = denied or (UNAUTHORIZED if is_standard else problem.status)
        headers = asks if status == UNAUTHORIZED else ()
        raise Problem(problem.error, problem.description, status=status, headers=headers) from no


async def prove_or_401(flow: Flow, site: Site, raw: Raw, form: Form) -> ProvenClient:
    """The same where a client that fails to prove itself gets 401: everywhere but at the token endpoint."""
    return await prove(flow, site, raw, form, denied=UNAUTHORIZED)


def read(raw: Raw, form: Form) -> Shown:
    """
    Basic, an assertion, or ``client_id`` and ``client_secret`` in the body.

    One of them: two at once are refused (RFC 6749 section 2.3). A ``client_id`` beside the proof must agree.
    """
    in_body = form.get("client_id")
    header = raw.header("authorization")
    if "client_assertion" in form or "client_assertion_type" in form:
        return _assertion(form, header)
    if not header:
        if in_body is None:
            raise Problem("invalid_client")
        return Shown(in_body, form.get("client_secret"))
    shown = _basic(header)
    if "client_secret" in form or in_body not in {None, shown.client_id}:
        raise Problem("invalid_request", "The client authenticates in two ways.")
    return shown


async def _proven(flow: Flow, site: Site, raw: Raw, found: ClientEntry | None, shown: Shown) -> ProvenClient:
    if found is None:
        raise Refused(Reason.CLIENT_NOT_FOUND, client=shown.client_id)
    if found.auth_method in CERTIFICATE_METHODS and shown.methods == ("none",):
        seen, is_verified = possession.certificate(flow, raw), possession.is_verified(flow, raw)
        return await client_certificate.prove(flow, site.entry, found, seen, is_verified=is_verified)
    if found.auth_method is not None and found.auth_method not in shown.methods:
        raise Refused(Reason.CLIENT_SECRET_WRONG)
    if shown.assertion is not None:
        return await client_assertion.prove(flow, site.entry, found, shown.assertion)
    if found.auth_method == "none":
        return ProvenClient(site.entry, found.client, confidential=False)
    return by_secret(site.entry, found, shown.secret)


async def _of_today(flow: Flow, site: Site, found: ClientEntry | None) -> Site:
    """The site with its pool as it is, where another process made what this client needs a moment ago."""
    if found is None or site.entry.salt or not subjects.is_pairwise(found.client):
        return site
    entry = await flow.directory.find_pool(site.entry.pool.id, anew=True)
    return site if entry is None else msgspec.structs.replace(site, entry=entry)


def _is_standard(found: ClientEntry) -> bool:
    extended = found.client.extended
    return extended.dialect == "openid" or extended.token_endpoint_auth_method is not None


def _assertion(form: Form, header: str) -> Shown:
    if header or "client_secret" in form:
        raise Problem("invalid_request", "The client authenticates in two ways.")
    assertion, in_body = form.get("client_assertion"), form.get("client_id")
    if assertion is None or form.get("client_assertion_type") != client_assertion.TYPE:
        raise Problem("invalid_client", f"client_assertion goes with the client_assertion_type {client_assertion.TYPE}")
    client_id = client_assertion.claimed_client(assertion)
    if in_body not in {None, client_id}:
        raise Problem("invalid_client", "client_id is not the one of the assertion")
    return Shown(client_id, assertion=assertion)


def _basic(header: str) -> Shown:
    """
    Id and secret of a Basic header, percent-decoded.

    The RFC encodes both as a form does, and many clients do not encode at all.  Neither id nor secret can hold a
    space or a percent sign, so ``+`` always stands for itself, and both kinds of client are understood.
    """
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise Problem("invalid_client", "The Authorization header must be Basic.")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        client_id, colon, secret = text.partition(":")
        if not colon:
            raise Problem("invalid_client")
        return Shown(unquote(client_id, errors="strict"), unquote(secret, errors="strict") or None, is_basic=True)
    except (binascii.Error, UnicodeDecodeError) as wrong:
        raise Problem("invalid_client") from wrong
