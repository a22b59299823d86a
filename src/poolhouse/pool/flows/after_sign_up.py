"""
From a sign-up straight into a sign-in (AWS API: SignUp, ConfirmSignUp, InitiateAuth with a Session).

SignUp gives a session, ConfirmSignUp takes it and gives another, and USER_AUTH takes that: the code of the sign-up was
the first factor.  Each is good once, for this user at this client; without the code the first is worth nothing.
"""

from typing import Final

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import one_time
from poolhouse.pool.core.settings.auth_flows import CHOICE, enabled_flows
from poolhouse.pool.flows.attempt import Challenge, Door, Live, new_attempt, open_attempt, spend
from poolhouse.pool.flows.choice import CHOSEN, SIGNED_UP
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.sign_in import Attempt, Done
from poolhouse.pool.model.user import CodePurpose, User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as store

_SIGNING_UP: Final = "SIGNING_UP"
"""Not a challenge of the API: the attempt of a session that SignUp has given out."""
_FACTOR: Final = {"email": Done.FIRST_EMAIL, "phone_number": Done.FIRST_SMS}


def offered(flow: Flow, entry: PoolEntry, client: Client, user: User) -> tuple[str, Attempt] | None:
    """
    The session of a new account, to be put with it; None for a client that cannot go on with it.

    It lives as long as the code: a mail may take its time.
    """
    if CHOICE not in enabled_flows(client.settings):
        return None
    seconds = one_time.VALID_SECONDS[CodePurpose.SIGN_UP]
    challenge = Challenge(name=_SIGNING_UP, parameters={})
    return new_attempt(flow, Door(entry, client), user, challenge, CHOSEN, seconds=seconds)


async def opened(flow: Flow, door: Door, username: str, session: str) -> Live:
    """The session that ConfirmSignUp was given, if it is this user's."""
    live = await open_attempt(flow, door, challenge=_SIGNING_UP, handle=session, username=username)
    if live.user is None:
        raise Refused(Reason.SESSION_INVALID)
    return live


async def exchanged(flow: Flow, tx: Tx, door: Door, live: Live, user: User, contact: str) -> str:
    """The session to sign in with, in the place of the one before; a part of the unit that confirms *user*."""
    await spend(tx, live.attempt, flow.clock.now())
    done = CHOSEN | {Done.SIGN_UP, _FACTOR[contact]}
    handle, attempt = new_attempt(flow, door, user, Challenge(name=SIGNED_UP, parameters={}), done)
    await store.put_attempt(tx, attempt)
    return handle
