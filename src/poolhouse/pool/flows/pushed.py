"""
Authorization requests that clients push before they send a browser (RFC 9126).

The browser carries a handle and nothing else.  It has to come with it soon, and may then take its time: the request
is looked up on every page of the sign-in, so that a reload finds it, and is spent in the transaction that writes the
code.
"""

from typing import Final

from poolhouse.kit import seal
from poolhouse.kit.address import customer_of
from poolhouse.kit.ambient import urlsafe
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.throttle import Counter, count_use
from poolhouse.pool.flows import once
from poolhouse.pool.flows.context import Flow, NotGranted, Refused
from poolhouse.pool.model.openid import PushedRequest
from poolhouse.pool.model.pool import Client
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as attempt_store
from poolhouse.pool.store import pushed_requests as store

PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
LIFETIME: Final = 90
"""Seconds for the browser to come (RFC 9126 section 2.2: 5 to 600)."""
SIGN_IN: Final = 1_800
"""Seconds that the sign-in may take after that: a mail has to arrive, a password to be chosen."""
REQUESTS: Final = 600
"""Requests an hour, of one address for one public app client."""
_OPENED: Final = "pushed request"


async def keep(flow: Flow, client: Client, form: str, jkt: str | None, *, stranger: str | None = None) -> str:
    """
    Store a request that was found valid; answers its ``request_uri``.

    *stranger*: the address of who pushes as a public client, which is anybody: his requests are counted, since each
    is kept for a while.
    """
    handle = urlsafe(flow.entropy, 32)
    request = PushedRequest(
        digest=seal.digest(handle),
        pool_id=client.pool_id,
        client_id=client.id,
        form=form,
        jkt=jkt,
        expires_at=flow.clock.now() + LIFETIME + SIGN_IN,
    )

    async def unit(tx: Tx) -> None:
        if stranger is not None:
            await _count(tx, f"pushed-request:{client.id}:{customer_of(stranger)}", flow.clock.now())
        await store.put_pushed(tx, request)

    await flow.database.write(unit)
    return PREFIX + handle


async def _count(tx: Tx, key: str, now: int) -> None:
    counted = count_use(Counter(*await attempt_store.lock_failures(tx, key)), limit=REQUESTS, now=now)
    if isinstance(counted, Refusal):
        raise NotGranted("temporarily_unavailable", "Too many requests were pushed from this address.", status=429)
    await attempt_store.put_failures(tx, key, counted.count, counted.last_at, counted.until)


async def find(flow: Flow, client: Client, request_uri: str) -> PushedRequest | None:
    """
    The request of this client; None for one that is unknown, another client's, answered, or came too late.

    The first time has to be within ``LIFETIME``; that there was one is remembered.
    """
    digest = seal.digest(request_uri.removeprefix(PREFIX))
    found = await flow.database.read(lambda tx: store.find_pushed(tx, digest))
    now = flow.clock.now()
    if found is None or (found.pool_id, found.client_id) != (client.pool_id, client.id) or found.expires_at <= now:
        return None
    opened = (_OPENED, digest.hex())
    if now < found.expires_at - SIGN_IN:
        await once.is_first(flow, *opened, expires_at=found.expires_at)
        return found
    return found if await once.is_seen(flow, *opened) else None


async def spend(tx: Tx, digest: bytes | None) -> None:
    """Refuses with REQUEST_SPENT a second answer to one request, however many browsers have its handle."""
    if digest is not None and await store.take_pushed(tx, digest) is None:
        raise Refused(Reason.REQUEST_SPENT)
