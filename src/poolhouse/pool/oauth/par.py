"""``POST /oauth2/par`` (RFC 9126): an authorization request, pushed by its client before it sends a browser."""

from typing import Final
from urllib.parse import urlencode

import msgspec

from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.core.authorization_request import BadClient, BadRequest, Valid
from poolhouse.pool.core.proof_algorithms import asymmetric
from poolhouse.pool.flows import dpop, judging, pushed
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.site import Site
from poolhouse.pool.oauth import client, possession
from poolhouse.pool.oauth.answers import Problem, form_and_lists, json_body
from poolhouse.pool.spec.errors import Reason

PATH: Final = "/oauth2/par"
_PROOFS: Final = frozenset({"client_id", "client_secret", "client_assertion", "client_assertion_type"})
_CREATED: Final = 201
_TOLD: Final = {
    "redirect_mismatch": "redirect_uri is not one of the app client's.",
    "Required String parameter 'redirect_uri' is not present": "redirect_uri is missing.",
}


async def answer(flow: Flow, site: Site, raw: Raw) -> Reply:
    """
    A handle for a request that the authorization endpoint would accept now; any other is refused here, in JSON.

    What the client proved itself by is not stored.
    """
    form, lists = form_and_lists(raw, "resource")
    proven = await client.prove_or_401(flow, site, raw, form)
    if "request_uri" in form:
        raise Problem("invalid_request", "request_uri cannot be pushed.")
    jkt = await _key(flow, site, raw, proven, form.get("dpop_jkt"))
    pairs = [(name, value) for name, value in form.items() if name not in _PROOFS and name not in lists]
    pairs += [(name, value) for name, values in lists.items() for value in values]
    found = await judging.find(flow, site.entry, urlencode([*pairs, ("client_id", proven.client.id)]))
    if isinstance(found, BadClient):
        raise _problem(found)
    source = msgspec.structs.replace(found, is_pushed=True)
    verdict = judging.verdict(flow, site.entry, source)
    if not isinstance(verdict, Valid):
        raise _problem(verdict)
    stranger = None if proven.confidential else raw.peer
    uri = await pushed.keep(flow, proven.client, source.form, jkt, stranger=stranger)
    told = possession.nonce_headers(flow, site, required=proven.client.extended.require_dpop_nonce)
    return json_body({"request_uri": uri, "expires_in": pushed.LIFETIME}, status=_CREATED, headers=told)


async def _key(flow: Flow, site: Site, raw: Raw, proven: ProvenClient, named: str | None) -> str | None:
    """The key that the code is to be bound to: a proof's, which ``dpop_jkt`` must name (RFC 9449 section 10.1)."""
    proof = possession.proof_of(flow, site, raw, algorithms=asymmetric(proven.client.extended))
    if proof is None:
        return named
    if named not in {None, proof.jkt}:
        raise Refused(Reason.DPOP_PROOF_WRONG, why="dpop_jkt names another key")
    possession.check_nonce(flow, site, proof, required=proven.client.extended.require_dpop_nonce)
    await dpop.remember(flow, proof)
    return proof.jkt


def _problem(verdict: BadClient | BadRequest) -> Problem:
    """What a browser would be shown, or the app be told, in the words of RFC 9126 section 2.3."""
    if isinstance(verdict, BadRequest):
        return Problem(verdict.error, verdict.description)
    if verdict.error in {"invalid_request", "invalid_request_object"}:
        return Problem(verdict.error)
    return Problem("invalid_request", _TOLD.get(verdict.error, "This app client has no pages to sign in on."))
