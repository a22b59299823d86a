"""May this key do that? Asked before the operation, and before its limits are: a stranger to a pool learns nothing."""

import re
from functools import cache
from typing import Any, Final

from poolhouse.pool.core.key_policy import allows, denied
from poolhouse.pool.flows.context import stop
from poolhouse.pool.model.access_key import EVERYTHING, KeyPolicy
from poolhouse.pool.spec.contract import contract

_ARN: Final = re.compile(r"arn:aws[a-z-]*:cognito-idp:[^:]*:[^:]*:userpool/(?P<pool>[\w-]+)", re.ASCII)


def check_policy(
    policy: KeyPolicy, access_key_id: str, operation: str, body: Any, *, region: str, account: str
) -> None:
    """Refuse what *policy* does not allow, in the service's words."""
    if policy == EVERYTHING:
        return
    pool_id = _pool_of(operation, body)
    if not allows(policy, operation, pool_id):
        resource = "*" if pool_id is None else f"arn:aws:cognito-idp:{region}:{account}:userpool/{pool_id}"
        stop(denied(f"arn:aws:iam::{account}:user/{access_key_id}", operation, resource))


def _pool_of(operation: str, body: Any) -> str | None:
    """The pool that the request names; None where it names none in a readable way: then only ``*`` allows it."""
    member = _naming(operation)
    value = body.get(member) if member is not None and type(body) is dict else None
    if type(value) is not str:
        return None
    if member == "UserPoolId":
        return value
    found = _ARN.fullmatch(value)
    return found["pool"] if found else None


@cache
def _naming(operation: str) -> str | None:
    """The member of the request that names a pool."""
    members = contract().shapes[contract().operations[operation].input].members
    return next((name for name in ("UserPoolId", "ResourceArn") if name in members), None)
