"""
What an access key may do, in the words of IAM.

An operation that concerns no single pool (ListUserPools, CreateUserPool, DescribeUserPoolDomain) has the resource
``*``, as in IAM's table of this service: a key for some pools only does not have it, and sees no list of the others.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.model.access_key import ANY, KeyPolicy

MOST: Final = 100
_PREFIX: Final = "cognito-idp:"
_PATTERN: Final = re.compile(r"[A-Za-z*?]{1,128}")
_POOL: Final = re.compile(r"[\w-]{1,40}_[0-9A-Za-z]{1,40}", re.ASCII)


def allows(policy: KeyPolicy, operation: str, pool_id: str | None) -> bool:
    """Tell whether *policy* lets *operation* through; *pool_id* is None for one that concerns no single pool."""
    if ANY not in policy.pools and (pool_id is None or pool_id not in policy.pools):
        return False
    return any(_compiled(pattern).fullmatch(operation) for pattern in policy.operations)


def denied(principal: str, operation: str, resource: str) -> Refusal:
    """The service's words for what no policy allows."""
    action = _PREFIX + operation
    return Refusal(
        "AccessDeniedException",
        f"User: {principal} is not authorized to perform: {action} on resource: {resource} because no identity-based"
        f" policy allows the {action} action",
    )


def read_policy(operations: Iterable[str], pools: Iterable[str], known: Iterable[str]) -> KeyPolicy:
    """
    The policy in what somebody wrote; ``ValueError`` says which part of it is none.

    A pattern that matches none of the *known* operations is a typing error: with it a key would do less than meant.
    """
    patterns = tuple(dict.fromkeys(each.strip().removeprefix(_PREFIX) for each in operations if each.strip()))
    ids = tuple(dict.fromkeys(each.strip() for each in pools if each.strip()))
    if len(patterns) > MOST or len(ids) > MOST:
        raise ValueError(f"A key has at most {MOST} operations and {MOST} pools.")
    names = tuple(known)
    for pattern in patterns:
        if not _PATTERN.fullmatch(pattern) or not any(map(_compiled(pattern).fullmatch, names)):
            raise ValueError(f"There is no operation {pattern}.")
    for pool_id in ids:
        if pool_id != ANY and not _POOL.fullmatch(pool_id):
            raise ValueError(f"{pool_id} is not the id of a user pool, such as us-east-1_AbCdEfGhI.")
    return KeyPolicy(operations=patterns or (ANY,), pools=(ANY,) if ANY in ids or not ids else ids)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """IAM's wildcards; names of actions match in any case."""
    # A run of stars means what one does, and is the only thing that could take long.
    short = re.sub(r"\*+", "*", pattern)
    return re.compile(re.escape(short).replace(r"\*", "[A-Za-z]*").replace(r"\?", "[A-Za-z]"), re.IGNORECASE)
