"""The buttons beside the devices and the sessions of a user."""

from typing import Any

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import user as page_of
from poolhouse.pool.console.calls import call
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.frame import go
from poolhouse.pool.spec.errors import CognitoError


async def forget(visit: Visit) -> Reply:
    """POST: AdminForgetDevice."""
    user = await page_of.get(visit)
    key = visit.form.text("device")
    return await _done(
        visit,
        "AdminForgetDevice",
        "The device was forgotten.",
        UserPoolId=visit.pool_id,
        Username=user["Username"],
        DeviceKey=key,
    )


async def revoke(visit: Visit) -> Reply:
    """POST: AdminRevokeUserSession."""
    user = await page_of.get(visit)
    return await _done(
        visit,
        "AdminRevokeUserSession",
        "The session has ended.",
        UserPoolId=visit.pool_id,
        Username=user["Username"],
        SessionId=visit.form.text("session"),
    )


async def _done(visit: Visit, operation: str, word: str, **body: Any) -> Reply:
    """What is gone already was asked to be gone."""
    try:
        await call(visit, operation, **body)
    except CognitoError as error:
        if error.code != "ResourceNotFoundException":
            raise
    return go(visit, page_of.address(visit), word)
