"""
What a sign-in by choice is asked to reach, and what a former one counts for it (AWS API: InitiateAuth, USER_AUTH).

The developer guide has the rules ("Step-up authentication with the USER_AUTH flow"), and no texts for its refusals:
those are ours.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from poolhouse.pool.core import step_up
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.settings import acr
from poolhouse.pool.core.settings.tiers import LITE, STEP_UP, unavailable
from poolhouse.pool.core.sign_in import reachable
from poolhouse.pool.flows.attempt import Door
from poolhouse.pool.flows.caller import TokenUser
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.model.openid import GrantTerms
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.sign_in import Done, Facts
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason, invalid_parameter

_LONGEST: Final = 10
UNREACHABLE: Final = "The user has no factors for the requested TARGET_ACR_VALUES."


class Credit(msgspec.Struct, frozen=True):
    """What a former sign-in has proved: *amr* by its names, of the user with this *sub*."""

    sub: str
    amr: tuple[str, ...]

    @property
    def done(self) -> frozenset[Done]:
        return step_up.credit(self.amr)


def targets(flow: Flow, door: Door, given: Mapping[str, str]) -> tuple[int, ...]:
    """The levels of TARGET_ACR_VALUES; none where it is not given, and then there is nothing to step up to."""
    text = given.get("TARGET_ACR_VALUES", "")
    _max_age(given)
    if not text:
        if given.get("ACCESS_TOKEN"):
            raise invalid_parameter("ACCESS_TOKEN needs TARGET_ACR_VALUES.")
        return ()
    tier = door.pool.settings.user_pool_tier or ""
    gated = unavailable(tier, [STEP_UP]) if flow.config.strict and tier == LITE else None
    if isinstance(gated, Refusal):
        stop(gated)
    found = step_up.targets(text, acr.names(door.pool.settings))
    if not found:
        raise invalid_parameter("TARGET_ACR_VALUES has no level of this user pool.")
    return found


def credit(flow: Flow, door: Door, caller: TokenUser, given: Mapping[str, str]) -> Credit:
    """
    What the sign-in behind an access token counts; nothing once it is older than MAX_AGE.

    Ours: the token is one of this client; the guide does not say what another's would count for.
    """
    if (caller.entry.pool.id, caller.client.id) != (door.pool.id, door.client.id):
        raise Refused(Reason.ACCESS_TOKEN_INVALID)
    longest = _max_age(given)
    is_old = longest is not None and flow.clock.now() - caller.grant.auth_time > longest
    return Credit(caller.user.sub, () if is_old else caller.grant.amr)


def check(facts: Facts, held: Credit | None) -> None:
    """Refuse where the user can reach none of the levels, and where the token that is shown has reached it already."""
    wanted = reachable(facts)
    if wanted is None:
        raise invalid_parameter(UNREACHABLE)
    if held is not None and step_up.level(held.amr) >= wanted:
        raise invalid_parameter("The access token satisfies the requested TARGET_ACR_VALUES already.")


def check_same(held: Credit | None, user: User | None) -> None:
    """The user who is named is the one whose token it is."""
    if held is not None and (user is None or user.sub != held.sub):
        raise Refused(Reason.ACCESS_TOKEN_INVALID)


def terms(pool: Pool, amr: tuple[str, ...]) -> GrantTerms:
    """What the tokens of a sign-in tell that was asked for a level: the highest that it satisfies."""
    return GrantTerms(acr=acr.names(pool.settings)[step_up.level(amr)], stepped=True)


def _max_age(given: Mapping[str, str]) -> int | None:
    text = given.get("MAX_AGE", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST):
        raise invalid_parameter("MAX_AGE must be a number of seconds.")
    return int(text)
