"""The app client's proof at the token and revocation endpoints (RFC 6749 section 2.3.1)."""

import base64
import binascii
from urllib.parse import unquote

import msgspec

from poolhouse.kit.edge import Raw
from poolhouse.pool.flows.caller import ProvenClient, client_by_secret
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.site import Site
from poolhouse.pool.oauth.answers import Form, Problem
from poolhouse.pool.spec.errors import Reason

_UNAUTHORIZED = 401


class Shown(msgspec.Struct, frozen=True):
    """What the request shows; a public client shows its id alone."""

    client_id: str
    secret: str | None
    is_basic: bool = False

    @property
    def method(self) -> str:
        """By the names of RFC 7591."""
        if self.secret is None:
            return "none"
        return "client_secret_basic" if self.is_basic else "client_secret_post"

    def __repr__(self) -> str:
        return "Shown(***)"


async def prove(flow: Flow, site: Site, raw: Raw, form: Form) -> ProvenClient:
    """
    The client that calls, once it has proved itself.

    Refuses an unknown client, one of another pool than the domain's, a wrong, a missing and a surplus secret.
    """
    shown = read(raw, form)
    found = await flow.directory.find_client(shown.client_id)
    if found is not None and found.registration is not None and found.registration.auth_method != shown.method:
        # An app that registered said how it would prove itself (RFC 7591 section 2).
        raise Refused(Reason.CLIENT_SECRET_WRONG)
    proven = await client_by_secret(flow, shown.client_id, shown.secret)
    if proven.entry.pool.id != site.entry.pool.id:
        raise Refused(Reason.CLIENT_NOT_FOUND, client=shown.client_id)
    return proven


async def prove_or_401(flow: Flow, site: Site, raw: Raw, form: Form) -> ProvenClient:
    """The same where a client that fails to prove itself gets 401: revocation and introspection."""
    try:
        return await prove(flow, site, raw, form)
    except (Refused, Problem) as no:
        problem = Problem.of(no) if isinstance(no, Refused) else no
        if problem.error != "invalid_client":
            raise
        # The header goes to those who used its scheme (RFC 6749 section 5.2): browsers open a dialog for others.
        asks = (("www-authenticate", 'Basic realm="app client"'),) if raw.header("authorization") else ()
        raise Problem(problem.error, problem.description, status=_UNAUTHORIZED, headers=asks) from no


def read(raw: Raw, form: Form) -> Shown:
    """Basic, or ``client_id`` and ``client_secret`` in the body; with Basic a ``client_id`` beside it must agree."""
    in_body = form.get("client_id")
    header = raw.header("authorization")
    if not header:
        if in_body is None:
            raise Problem("invalid_client")
        return Shown(in_body, form.get("client_secret"))
    shown = _basic(header)
    if "client_secret" in form or in_body not in {None, shown.client_id}:
        raise Problem("invalid_request", "The client authenticates in two ways.")
    return shown


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
