"""The invitation to add a passkey after a sign-in: to whom, and how a "not now" is remembered."""

from typing import Final

from poolhouse.pool.flows import relying_party
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.user import Status, User

SECONDS: Final = 60 * 86_400
"""After so long a browser's "not now" is asked about again."""
_PEOPLE: Final = 5
_DIGITS: Final = 22


def is_due(flow: Flow, entry: PoolEntry, user: User, declined: str | None) -> bool:
    """Whether *user* has no passkey here yet, and has not said "not now" in this browser; *declined* is its cookie."""
    party = relying_party.id_of(flow.config, entry)
    lacks = party is not None and party not in user.credentials.passkeys
    is_settled = user.status in {Status.CONFIRMED, Status.EXTERNAL_PROVIDER}
    return lacks and is_settled and _name_of(flow, user) not in (declined or "").split(".")


def decline(flow: Flow, user: User, declined: str | None) -> str:
    """The cookie with this user's "not now"; it names nobody."""
    name = _name_of(flow, user)
    kept = [each for each in (declined or "").split(".") if len(each) == _DIGITS and each != name]
    return ".".join([*kept, name][-_PEOPLE:])


def _name_of(flow: Flow, user: User) -> str:
    return flow.ring.mac(f"{user.pool_id}/{user.sub}".encode(), purpose="passkey invitation").hex()[:_DIGITS]
