"""
From a sign-up straight into a sign-in (AWS API: SignUp, ConfirmSignUp, InitiateAuth with a Session).

SignUp gives a session, ConfirmSignUp takes it and gives another, and USER_AUTH takes that: the code of the sign-up was
the first factor.  Each is good once, for this user at this client; without the code the first is worth nothing.

ConfirmSignUp gives one also to who sends none, as Amplify does.  DEVIATION: the code then counts as what it is, the
proof of a contact, which only signs in where the pool lets such a code sign in; elsewhere the factors are offered.
"""

from typing import Final

from poolhouse.kit.ambient import hex_token
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import one_time
from poolhouse.pool.core.settings.auth_flows import CHOICE, enabled_flows
from poolhouse.pool.flows.attempt import HANDLE_BYTES, Challenge, Door, Live, new_attempt, open_attempt, spend
from poolhouse.pool.flows.choice import CHOSEN, SIGNED_UP
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.sign_in import Attempt, Done
from poolhouse.pool.model.user import CodePurpose, User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as store

_SIGNING_UP: Final = "SIGNING_UP"
"""Not a challenge of the API: the attempt of a session that SignUp has given out."""
_FACTOR: Final = {"email": Done.FIRST_EMAIL, "phone_number": Done.FIRST_SMS}


def offered(flow: Flow, door: Door, user: User) -> tuple[str, Attempt] | None:
    """
    The session of a new account, to be put with it; None for a client that cannot go on with it.

    It lives as long as the code: a mail may take its time.
    """
    if not door.hosted and CHOICE not in enabled_flows(door.client.settings):
        return None
    seconds = one_time.VALID_SECONDS[CodePurpose.SIGN_UP]
    challenge = Challenge(name=_SIGNING_UP, parameters={})
    return new_attempt(flow, door, user, challenge, CHOSEN, seconds=seconds)


async def opened(flow: Flow, door: Door, username: str, session: str) -> Live:
    """The session that ConfirmSignUp was given, if it is this user's."""
    live = await open_attempt(flow, door, challenge=_SIGNING_UP, handle=session, username=username)
    if live.user is None:
        raise Refused(Reason.SESSION_INVALID)
    return live


def granted(flow: Flow, door: Door, user: User, contact: str, *, signed_up: bool) -> tuple[str, Attempt] | None:
    """
    The session to sign in with, once *user* is confirmed by a code to *contact*; None where nobody could go on with it.

    *signed_up*: whoever confirms has shown the session of the sign-up, so it was he who set the password.
    """
    if door.hosted:
        return _signed_in(flow, door, user, contact) if signed_up else None
    if CHOICE not in enabled_flows(door.client.settings):
        return None
    done = CHOSEN | {_FACTOR[contact]} | ({Done.SIGN_UP} if signed_up else set())
    return new_attempt(flow, door, user, Challenge(name=SIGNED_UP, parameters={}), done)


def decoy(flow: Flow) -> str:
    """What a page keeps in the place of a session, so that nothing of it is longer or shorter."""
    return hex_token(flow.entropy, HANDLE_BYTES)


def _signed_in(flow: Flow, door: Door, user: User, contact: str) -> tuple[str, Attempt]:
    """
    On the pages: the browser that has set the password knows it, and need not show it again.

    So a second factor is asked for, or set up, as after any password.
    """
    has_password = user.credentials.password_hash is not None
    done = {Done.PASSWORD} if has_password else CHOSEN | {_FACTOR[contact], Done.SIGN_UP}
    return new_attempt(flow, door, user, Challenge(name=SIGNED_UP, parameters={}), frozenset(done))


async def exchange(tx: Tx, shown: Live | None, following: tuple[str, Attempt] | None, now: int) -> str | None:
    """Take the session that was shown, put the one that follows, and give its handle; part of a unit."""
    if shown is not None:
        await spend(tx, shown.attempt, now)
    if following is None:
        return None
    handle, attempt = following
    await store.put_attempt(tx, attempt)
    return handle
