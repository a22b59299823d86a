"""
What a pool's rules do about a risk (AWS API: SetRiskConfiguration).

An app client's rules replace the pool's, all of them.  DEVIATION: a higher level is never met more mildly than a lower
one: where High has no action and Low blocks, High blocks.  In strict mode each level has its own action alone.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from poolhouse.pool.core.risk.addresses import is_within
from poolhouse.pool.model.pool import ClientId, Pool
from poolhouse.pool.model.risk import Action, Level, Mode, RiskConfiguration
from poolhouse.pool.spec.shapes import AccountTakeoverActionType, RiskConfigurationType

SIGN_IN: Final = "SIGN_IN"
SIGN_UP: Final = "SIGN_UP"
PASSWORD_CHANGE: Final = "PASSWORD_CHANGE"  # noqa: S105 (the name of an event)
_ORDER: Final = tuple(Action)


class Protection(msgspec.Struct, frozen=True):
    """The mode and the rules that hold at one app client."""

    mode: Mode = Mode.OFF
    rules: RiskConfigurationType = RiskConfigurationType()

    @property
    def is_on(self) -> bool:
        return self.mode is not Mode.OFF

    @property
    def acts(self) -> bool:
        return self.mode is Mode.ENFORCED


def mode_of(pool: Pool, *, custom: bool = False) -> Mode:
    """The mode of sign-ins by password and the like, or of CUSTOM_AUTH, which has one of its own."""
    add_ons = pool.settings.user_pool_add_ons
    if add_ons is None:
        return Mode.OFF
    if not custom:
        return Mode(add_ons.advanced_security_mode)
    flows = add_ons.advanced_security_additional_flows
    return Mode((flows and flows.custom_auth_mode) or Mode.OFF)


def is_protected(pool: Pool) -> bool:
    """Whether any kind of sign-in is judged in this pool."""
    return any(mode_of(pool, custom=each) is not Mode.OFF for each in (False, True))


def protection_of(
    pool: Pool, risks: Mapping[str, RiskConfiguration], client_id: ClientId, *, custom: bool = False
) -> Protection:
    """What holds at *client_id*; *risks* by client, the pool's own under ``""``."""
    mode = mode_of(pool, custom=custom)
    if mode is Mode.OFF:
        return Protection()
    found = risks.get(client_id) or risks.get("")
    return Protection(mode) if found is None else Protection(mode, found.settings)


def blocks_address(protection: Protection, address: str) -> bool:
    """Whether requests from *address* are refused whatever they ask for."""
    listed = protection.rules.risk_exception_configuration
    return protection.acts and listed is not None and is_within(address, listed.blocked_ip_range_list or ())


def skips_address(protection: Protection, address: str) -> bool:
    """Whether sign-ins from *address* are not judged."""
    listed = protection.rules.risk_exception_configuration
    return listed is not None and is_within(address, listed.skipped_ip_range_list or ())


def action_for(protection: Protection, level: Level | None, *, strict: bool = False) -> Action:
    """The strictest action of *level* and the levels below it; none where the pool only watches."""
    if not protection.acts or level is None:
        return Action.NO_ACTION
    up_to = (level,) if strict else tuple(Level)[: tuple(Level).index(level) + 1]
    chosen = [Action(each.event_action) for each in map(_actions(protection).get, up_to) if each is not None]
    return max(chosen, key=_ORDER.index, default=Action.NO_ACTION)


def notifies(protection: Protection, level: Level | None) -> bool:
    """Whether the user is written to about a sign-in of this *level*."""
    found = None if level is None else _actions(protection).get(level)
    return protection.acts and found is not None and found.notify


def _actions(protection: Protection) -> Mapping[Level, AccountTakeoverActionType | None]:
    """The configured action of each level."""
    takeover = protection.rules.account_takeover_risk_configuration
    if takeover is None:
        return {}
    actions = takeover.actions
    return {Level.LOW: actions.low_action, Level.MEDIUM: actions.medium_action, Level.HIGH: actions.high_action}


def checks_passwords(protection: Protection, event: str) -> bool:
    """Whether passwords of *event* are looked up among breached ones: for every event, unless a filter names some."""
    compromised = protection.rules.compromised_credentials_risk_configuration
    if compromised is None or not protection.is_on:
        return False
    return not compromised.event_filter or event in compromised.event_filter


def blocks_passwords(protection: Protection) -> bool:
    """Whether a breached password is refused, or only recorded."""
    compromised = protection.rules.compromised_credentials_risk_configuration
    return protection.acts and compromised is not None and compromised.actions.event_action == Action.BLOCK
