"""How risky a sign-in is, and what the rules do about it."""

import base64
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core.risk import rules
from poolhouse.pool.core.risk.addresses import is_range, is_within, network_of
from poolhouse.pool.core.risk.device import device_name, with_device
from poolhouse.pool.core.risk.level import Levels, levels
from poolhouse.pool.core.risk.rules import Protection
from poolhouse.pool.model.pool import ClientId, PoolId
from poolhouse.pool.model.risk import Action, AuthEvent, Feedback, Level, Mode, Seen
from poolhouse.pool.model.user import Username
from poolhouse.pool.spec import shapes

HOME = Seen(address="192.0.2.7", device="laptop")
DAY = 86_400_000
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_POINTS = [None, Level.LOW, Level.MEDIUM, Level.HIGH]


def a_sign_in(seen: Seen = HOME, *, at: int = 0, response: str = "Pass", feedback: str = "") -> AuthEvent:
    return AuthEvent(
        id="x", pool_id=PoolId("p"), sub="s", username=Username("u"), client_id=ClientId("c"), position="1",
        kind="SignIn", response=response, created_ms=at, seen=seen,
        feedback=Feedback(value=feedback, provider="User", at=0) if feedback else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "own"),
    [
        (HOME, None),
        (Seen(address="192.0.2.200", device="laptop"), None),
        (Seen(address="198.51.100.1", device="laptop"), Level.LOW),
        (Seen(address="192.0.2.7", device="phone"), Level.LOW),
        (Seen(address="198.51.100.1", device="phone"), Level.MEDIUM),
        (Seen(), None),
    ],
)
def test_a_new_device_and_a_new_network_are_risks(seen: Seen, own: Level | None) -> None:
    assert own == levels(seen, [a_sign_in()], 0, DAY).own


def test_the_first_sign_in_is_no_risk_by_itself() -> None:
    assert Levels(None, Level.MEDIUM) == levels(HOME, [], 0, DAY)


def test_another_network_within_minutes_is_a_risk_more() -> None:
    away = Seen(address="198.51.100.1", device="laptop")

    assert Level.MEDIUM == levels(away, [a_sign_in(at=DAY - 60_000)], 0, DAY).own
    assert Level.LOW == levels(away, [a_sign_in(at=DAY - 700_000)], 0, DAY).own


@pytest.mark.parametrize(("failures", "own"), [(2, None), (3, Level.LOW), (4, Level.LOW), (5, Level.MEDIUM)])
def test_failures_are_a_risk(failures: int, own: Level | None) -> None:
    assert own == levels(HOME, [a_sign_in()], failures, DAY).own


def test_guesses_from_a_strange_place_are_the_highest_risk() -> None:
    assert Level.HIGH == levels(Seen(address="198.51.100.1", device="phone"), [a_sign_in()], 3, DAY).own


def test_only_what_went_well_or_was_the_users_is_known() -> None:
    away = Seen(address="198.51.100.1", device="phone")
    known = [a_sign_in()]

    assert Level.MEDIUM == levels(away, [a_sign_in(away, response="Fail"), *known], 0, DAY).own
    assert Level.MEDIUM == levels(away, [a_sign_in(away, feedback="Invalid"), *known], 0, DAY).own
    assert levels(away, [a_sign_in(away, response="Fail", feedback="Valid"), *known], 0, DAY).own is None


_SEEN = st.builds(
    Seen,
    address=st.sampled_from(["", "192.0.2.7", "198.51.100.1", "2001:db8::1"]),
    device=st.sampled_from(["", "a", "b"]),
)


@given(_SEEN, st.lists(st.builds(a_sign_in, _SEEN), max_size=3), st.integers(0, 9), st.integers(0, DAY))
def test_nobody_is_riskier_than_somebody_of_whom_nothing_is_known(
    seen: Seen, history: list[AuthEvent], failures: int, now: int
) -> None:
    # Else a block would tell that the password was right.
    found = levels(seen, history, failures, now)

    assert _POINTS.index(found.own) <= _POINTS.index(found.strange)


def with_actions(mode: Mode = Mode.ENFORCED, **actions: str) -> Protection:
    made: dict[str, Any] = {
        f"{level}_action": shapes.AccountTakeoverActionType(notify=False, event_action=action)
        for level, action in actions.items()
    }
    takeover = shapes.AccountTakeoverRiskConfigurationType(actions=shapes.AccountTakeoverActionsType(**made))
    return Protection(mode, shapes.RiskConfigurationType(account_takeover_risk_configuration=takeover))


def test_a_higher_level_is_never_met_more_mildly() -> None:
    found = with_actions(low="BLOCK", high="NO_ACTION")

    assert [Action.BLOCK] * 3 == [rules.action_for(found, each) for each in Level]
    assert Action.NO_ACTION is rules.action_for(found, None)
    exactly = [rules.action_for(found, each, strict=True) for each in Level]
    assert [Action.BLOCK, Action.NO_ACTION, Action.NO_ACTION] == exactly


def test_audit_takes_no_action() -> None:
    assert Action.NO_ACTION is rules.action_for(with_actions(Mode.AUDIT, low="BLOCK"), Level.HIGH)


@pytest.mark.parametrize(
    ("address", "ranges", "found"),
    [
        ("192.0.2.7", ["192.0.2.0/24"], True),
        ("::ffff:192.0.2.7", ["192.0.2.0/24"], True),
        ("192.0.3.7", ["192.0.2.0/24"], False),
        ("2001:db8::7", ["2001:db8::/32"], True),
        ("2001:db9::7", ["2001:db8::/32", "192.0.2.0/24"], False),
        ("", ["0.0.0.0/0"], False),
    ],
)
def test_ranges_of_both_families(address: str, ranges: list[str], found: bool) -> None:
    assert found is is_within(address, ranges)


@given(st.text())
def test_any_text_is_a_range_or_none(text: str) -> None:
    assert not is_range(text) or is_within(network_of(text.partition("/")[0]).partition("/")[0], [text]) in (
        True,
        False,
    )


def encoded(**collected: str) -> str:
    payload = json.dumps({"contextData": collected, "username": "u", "timestamp": "1"})
    return base64.b64encode(
        json.dumps({"payload": payload, "signature": "x", "version": "JS20171115"}).encode()
    ).decode()


def test_a_fingerprint_is_its_device_whatever_else_it_says() -> None:
    one = with_device(Seen(), encoded=encoded(DeviceId="d1", UserAgent=FIREFOX, ClientTimezone="02:00"))
    other = with_device(Seen(), encoded=encoded(DeviceId="d1"))

    assert ("Firefox 128, Linux", "02:00") == (one.device_name, one.timezone)
    assert one.device == other.device != with_device(Seen(), encoded=encoded(DeviceId="d2")).device
    assert "d1" not in str(one)


def test_an_update_of_the_browser_is_no_other_device() -> None:
    newer = FIREFOX.replace("128", "129")

    assert with_device(Seen(), user_agent=FIREFOX).device == with_device(Seen(), user_agent=newer).device
    assert "Firefox 129, Linux" == device_name(newer)


@given(st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
def test_any_text_is_taken_for_a_fingerprint(text: str) -> None:
    found = with_device(Seen(), encoded=text)

    assert msgspec.json.encode(found)
    assert bool(found.device) is (bool(text) and found != Seen()) or not found.device
