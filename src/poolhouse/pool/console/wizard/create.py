"""
The run that creates what the draft describes: all of it, or nothing.

The API has no transaction over several operations, so what was made is taken back when a later operation is refused.
Where even that fails, the answer names what is left: nothing stays behind unsaid.
"""

import msgspec

from poolhouse.kit.log import get_logger
from poolhouse.pool.console.calls import call
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.refusals import message_of
from poolhouse.pool.console.wizard.plan import Plan
from poolhouse.pool.spec.errors import CognitoError

log = get_logger()


class Failed(Exception):
    """
    What could not be done, why, and what is there now because of it.

    *left* is empty when everything was taken back.
    """

    def __init__(self, what: str, error: CognitoError, left: tuple[str, ...]) -> None:
        super().__init__(what)
        self.what = what
        self.error = error
        self.left = left

    @property
    def sentence(self) -> str:
        """What happened, why, and how things stand, for the page."""
        said = f"{self.what} was refused: {message_of(self.error)}"
        if not self.left:
            return f"{said} Nothing was created, and your choices are kept."
        return (
            f"{said} It could not be taken back in full. This exists now: {', '.join(self.left)}."
            " Delete it in the list of user pools before you try again."
        )


class _Made(msgspec.Struct):
    """What the run has created so far; grows as it goes."""

    pool_id: str = ""
    name: str = ""
    domain: str = ""
    client: str = ""


async def create(visit: Visit, plan: Plan) -> str:
    """The id of the new pool; ``Failed`` when there is none."""
    made = _Made()
    what = "Creating the user pool"
    try:
        answer = await call(visit, "CreateUserPool", **plan.pool)
        made.pool_id, made.name = answer["UserPool"]["Id"], answer["UserPool"]["Name"]
        what = "Creating the app client"
        await call(visit, "CreateUserPoolClient", UserPoolId=made.pool_id, **plan.client)
        made.client = plan.client["ClientName"]
        if plan.domain is not None:
            what = "Creating the domain"
            await call(visit, "CreateUserPoolDomain", UserPoolId=made.pool_id, **plan.domain)
            made.domain = plan.domain["Domain"]
        if plan.mfa is not None:
            what = "Setting up multi-factor authentication"
            await call(visit, "SetUserPoolMfaConfig", UserPoolId=made.pool_id, **plan.mfa)
    except CognitoError as error:
        raise Failed(what, error, await _take_back(visit, made)) from error
    return made.pool_id


async def _take_back(visit: Visit, made: _Made) -> tuple[str, ...]:
    """Delete what was made, the pool last: its app client goes with it. Answer what is left."""
    if not made.pool_id:
        return ()
    try:
        if made.domain:
            await call(visit, "DeleteUserPoolDomain", UserPoolId=made.pool_id, Domain=made.domain)
            made.domain = ""
        await call(visit, "DeleteUserPool", UserPoolId=made.pool_id)
    except CognitoError as error:
        log.warning("half a user pool is left", pool_id=made.pool_id, reason=error.code, reference=visit.reference)
        return tuple(
            words
            for name, words in (
                (made.pool_id, f"user pool {made.name} ({made.pool_id})"),
                (made.client, f"app client {made.client}"),
                (made.domain, f"domain {made.domain}"),
            )
            if name
        )
    return ()
