"""Client credentials: a token for the client itself, with custom scopes (RFC 6749 section 4.4)."""

from collections.abc import Mapping

from poolhouse.pool.core.scopes import scope_tokens
from poolhouse.pool.flows import issue, targets
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.issue import Tokens
from poolhouse.pool.spec.errors import Reason

SCOPE_LIMIT = 8192


async def grant(
    flow: Flow, proven: ProvenClient, scope: str | None, metadata: Mapping[str, str] | None = None,
    resources: tuple[str, ...] = (),
) -> Tokens:  # fmt: skip
    """
    An access token for *scope*, or for all custom scopes of the client when none is named.

    Refuses a scope that is unknown, or that the client may not have: unlike a person, a program that asked for more
    than it has would not notice that it got less.
    """
    if scope is not None and len(scope) > SCOPE_LIMIT:
        raise Refused(Reason.SCOPE_INVALID, scope="")
    allowed = [each for each in proven.client.settings.allowed_o_auth_scopes or () if proven.entry.has_scope(each)]
    wanted = tuple(allowed) if scope is None else scope_tokens(scope)
    if not wanted or any(each not in allowed for each in wanted):
        raise Refused(Reason.SCOPE_INVALID, scope=scope or "")
    aims = targets.known(proven.entry, proven.client, resources)
    text = " ".join(wanted)
    return await issue.machine(flow, proven.entry, proven.client, text, metadata, aims=aims, binding=proven.binding)
