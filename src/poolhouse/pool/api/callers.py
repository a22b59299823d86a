"""Whoever calls by an access token, as the operations ask for it."""

from typing import Final

from poolhouse.pool.api.operations import Call
from poolhouse.pool.flows.caller import TokenUser, user_by_token
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import COGNITO, Reason

_OF_USERS: Final = frozenset({Reason.USER_NOT_FOUND, Reason.RESET_REQUIRED})


async def signed_in_by(call: Call, token: str) -> TokenUser:
    """
    The user whose access token this is, if he may act now: whose password an administrator has reset may not.

    A few operations do not know the error that would say so (AWS API: GlobalSignOut, AssociateSoftwareToken, those on
    passkeys). There the token is a revoked one.
    """
    try:
        return await _acting(call, token)
    except Refused as no:
        if no.reason in _OF_USERS and COGNITO[no.reason][0] not in contract().operations[call.operation].errors:
            raise Refused(Reason.ACCESS_TOKEN_REVOKED) from no
        raise


async def _acting(call: Call, token: str) -> TokenUser:
    """Measured: GetUser answers PasswordResetRequiredException from the reset on, not at the next sign-in only."""
    found = await user_by_token(call.ctx, token)
    if found.user.status is Status.RESET_REQUIRED:
        raise Refused(Reason.RESET_REQUIRED)
    return found
