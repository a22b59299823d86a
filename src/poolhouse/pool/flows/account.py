"""
The account page: who is there, by the session of the browser, and how that session goes on when its proof changes.

A browser's session is over with another password, and with a second factor that it did not pass (``browser``).  Whoever
has just changed either has proved it on the page, so this browser goes on under a new handle; all others do not.
"""

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.ambient import urlsafe
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows import account_entry, authorize, browser, people
from poolhouse.pool.flows.caller import AccountUser
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.site import Site
from poolhouse.pool.model.grant import BrowserSession
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import users as user_store


class Present(msgspec.Struct, frozen=True):
    """Somebody at the own account page."""

    caller: AccountUser
    session: BrowserSession

    @property
    def user(self) -> User:
        return self.caller.user


async def recognise(flow: Flow, site: Site, client: Client, token: str | None, place: str) -> Present | None:
    """Who is at the page, if the session of *token* is enough for *client*."""
    known = await browser.find_session(flow, site.entry, token)
    asked = account_entry.request(site, client, place)
    if known is None or not authorize.is_enough(site.entry, asked, known.session, flow.clock.now()):
        return None
    return Present(AccountUser(site.entry, client, known.user), known.session)


def is_fresh(flow: Flow, present: Present, seconds: int) -> bool:
    """Whether the sign-in is no older than *seconds*."""
    return flow.clock.now() - present.session.auth_time <= seconds


async def go_on(flow: Flow, present: Present, user: User, *, proved: str = "", anew: bool = False) -> str:
    """
    A new handle for this browser's session, in the place of its former one: a handle is not kept over such a change.

    *user* is as the change has left it.  *proved* is the factor (``amr``) that was shown beside the others; *anew*: the
    password was just shown.
    """
    pool, former = present.caller.entry.pool, present.session
    amr = tuple(dict.fromkeys((*former.amr, *([proved] if proved else []))))
    token = urlsafe(flow.entropy, 32)
    session = msgspec.structs.replace(
        former,
        digest=seal.digest(token),
        password=people.proof(user),
        auth_time=flow.clock.now() if anew else former.auth_time,
        amr=amr,
    )

    async def unit(tx: Tx) -> None:
        held = await user_store.lock_user(tx, pool.id, user.username)
        if not people.is_same(user, held):
            raise Refused(Reason.LOGIN_REQUIRED)
        if not await grant_store.drop_session(tx, former.digest):
            raise Refused(Reason.LOGIN_REQUIRED)
        await grant_store.put_session(tx, session)

    await flow.database.write(unit)
    return token


def seconds_left(flow: Flow, present: Present) -> int:
    """How long the cookie of a new handle is kept."""
    return max(present.session.expires_at - flow.clock.now(), 1)
