"""NEW_PASSWORD_REQUIRED: a temporary password becomes the user's own, and what the schema still lacks is given."""

from collections.abc import Mapping
from typing import Final

import msgspec

from poolhouse.pool.core.attributes.permissions import check_client_write
from poolhouse.pool.core.attributes.schema import by_name
from poolhouse.pool.core.attributes.values import accept_changes, accept_new, missing_required
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.risk import rules
from poolhouse.pool.flows import auth_events, compromise, credentials
from poolhouse.pool.flows.attempt import Door, Live, Outcome
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.gate import required
from poolhouse.pool.flows.steps import proceed
from poolhouse.pool.model.sign_in import Done
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec.errors import Reason, invalid_parameter

_PREFIX: Final = "userAttributes."


async def answer(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """
    NEW_PASSWORD, and ``userAttributes.<name>`` for attributes.

    A password that breaks the policy, or an attribute that breaks the schema, leaves the session as it is: the user
    may try again.
    """
    password = required(responses, "NEW_PASSWORD")
    given = {name.removeprefix(_PREFIX): value for name, value in responses.items() if name.startswith(_PREFIX)}
    user = live.user
    if user is None:
        raise Refused(Reason.SESSION_INVALID)
    accept(door, user, given)
    await credentials.check_new(flow, door.pool, user, password)
    compromised = await compromise.check_new(flow, door, password, rules.PASSWORD_CHANGE)
    fresh = await credentials.make(flow, door.pool, user.username, password, temporary=False)
    now_ms = flow.clock.now_ms()

    def change(current: User) -> User:
        return msgspec.structs.replace(
            current,
            status=Status.CONFIRMED,
            attributes=accept(door, current, given),
            credentials=credentials.renewed(door.pool, current.credentials, fresh),
            modified_ms=now_ms,
        )

    outcome = await proceed(flow, door, user, live.done | {Done.NEW_PASSWORD}, spends=live.attempt, change=change)
    auth_events.note(flow, door, user, auth_events.PASSWORD_CHANGE, auth_events.PASS, compromised=compromised)
    return outcome


def accept(door: Door, user: User, given: Mapping[str, str]) -> dict[str, str]:
    """
    The user's attributes with those *given*; leaves with a refusal.

    A required attribute that has a value stays as it is; one without must be given, even where it cannot be changed
    later.
    """
    schema = door.pool.settings.schema_attributes or ()
    _stop_if(check_client_write(schema, door.client.settings.write_attributes, given))
    known = by_name(schema)
    for name in given:
        if name in known and known[name].required and user.attributes.get(name):
            raise invalid_parameter(f"Cannot modify an already provided {name}")
    first = {name: value for name, value in given.items() if not user.attributes.get(name)}
    added = accept_new(schema, first, require=False)
    if isinstance(added, Refusal):
        stop(added)
    missing = missing_required(schema, {**user.attributes, **added})
    if missing:
        raise invalid_parameter(f"Invalid attributes given, {', '.join(missing)} is missing")
    others = {name: value for name, value in given.items() if name not in first}
    changed = accept_changes(schema, {**user.attributes, **added}, others)
    if isinstance(changed, Refusal):
        stop(changed)
    return changed


def _stop_if(refusal: Refusal | None) -> None:
    if refusal is not None:
        stop(refusal)
