"""Signing in to the console, and the brakes on guessing an administrator's password."""

import asyncio
from collections import Counter

import pytest

from poolhouse.kit.ambient import FixedClock, Secret
from poolhouse.kit.cpu import Busy, CpuPool
from poolhouse.pool.core.throttle import FREE_FAILURES, LONGEST_WAIT, QUIET
from poolhouse.pool.flows import admins
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.spec.errors import Reason

ADMINISTRATOR = "ada@example.com"
PASSWORD = "Console-of-tests-1"
OFFICE = "198.51.100.7"
STRANGER = "203.0.113.9"


@pytest.fixture(autouse=True)
async def administrator(flow: Flow) -> None:
    await admins.set_password(flow, ADMINISTRATOR, Secret(PASSWORD))


async def outcome(flow: Flow, password: str, peer: str, email: str = ADMINISTRATOR) -> Reason | None:
    """Why a sign-in was refused; None when it was not."""
    try:
        handle = await admins.sign_in(flow, email, Secret(password), peer)
    except Refused as refused:
        return refused.reason
    assert await admins.find_session(flow, handle) is not None
    return None


async def guess(flow: Flow, times: int, peer: str, email: str = ADMINISTRATOR) -> Counter[Reason | None]:
    """Wrong passwords, all at once."""
    return Counter(await asyncio.gather(*(outcome(flow, f"wrong {n}", peer, email) for n in range(times))))


async def guess_from_everywhere(flow: Flow, times: int) -> None:
    refusals = await asyncio.gather(*(outcome(flow, "wrong", f"10.0.{n}.1") for n in range(times)))
    assert {Reason.WRONG_PASSWORD} == set(refusals)


async def test_parallel_guesses_gain_nothing(flow: Flow) -> None:
    expected = {Reason.WRONG_PASSWORD: FREE_FAILURES, Reason.LOCKED_OUT: 20 - FREE_FAILURES}

    assert expected == await guess(flow, 20, STRANGER)


async def test_a_guesser_waits_even_with_the_right_password(flow: Flow, clock: FixedClock) -> None:
    await guess(flow, FREE_FAILURES, STRANGER)

    assert await outcome(flow, PASSWORD, STRANGER) is Reason.LOCKED_OUT
    clock.advance(1)
    assert await outcome(flow, PASSWORD, STRANGER) is None


async def test_a_stranger_elsewhere_cannot_lock_the_administrator_out(flow: Flow, clock: FixedClock) -> None:
    for _ in range(10):
        await guess(flow, FREE_FAILURES + 1, STRANGER)
        assert await outcome(flow, PASSWORD, OFFICE) is None
        clock.advance(LONGEST_WAIT)


async def test_the_network_of_an_ipv6_guesser_is_one_address(flow: Flow) -> None:
    for host in range(1, FREE_FAILURES + 1):
        assert await outcome(flow, "wrong", f"2001:db8:0:1::{host:x}") is Reason.WRONG_PASSWORD

    assert await outcome(flow, "wrong", "2001:db8:0:1:ffff::1") is Reason.LOCKED_OUT
    assert await outcome(flow, "wrong", "2001:db8:0:2::1") is Reason.WRONG_PASSWORD


async def test_an_account_guessed_from_everywhere_is_held_in_the_end(flow: Flow) -> None:
    await guess_from_everywhere(flow, admins.FREE_OF_ACCOUNT)

    assert await outcome(flow, "wrong", STRANGER) is Reason.LOCKED_OUT


async def test_an_address_that_tries_many_accounts_is_held_in_the_end(flow: Flow) -> None:
    names = [f"user{n}@example.com" for n in range(admins.FREE_OF_ADDRESS)]
    refusals = await asyncio.gather(*(outcome(flow, "wrong", STRANGER, name) for name in names))

    assert {Reason.WRONG_PASSWORD} == set(refusals)
    assert await outcome(flow, "wrong", STRANGER, "another@example.com") is Reason.LOCKED_OUT
    assert await outcome(flow, PASSWORD, OFFICE) is None


async def test_an_unknown_account_gets_the_same_answers(flow: Flow) -> None:
    known = await guess(flow, 10, OFFICE)
    unknown = await guess(flow, 10, STRANGER, "nobody@example.com")

    assert known == unknown


async def test_the_right_password_takes_the_failures_of_the_pair_back(flow: Flow) -> None:
    for _ in range(3):
        await guess(flow, FREE_FAILURES - 1, OFFICE)
        assert await outcome(flow, PASSWORD, OFFICE) is None


async def test_the_right_password_does_not_pardon_the_guesses_of_others(flow: Flow, clock: FixedClock) -> None:
    await guess_from_everywhere(flow, admins.FREE_OF_ACCOUNT - 1)

    assert await outcome(flow, PASSWORD, OFFICE) is None
    assert await outcome(flow, PASSWORD, OFFICE) is None
    assert await outcome(flow, "wrong", STRANGER) is Reason.WRONG_PASSWORD
    assert await outcome(flow, "wrong", STRANGER) is Reason.LOCKED_OUT
    clock.advance(QUIET + 1)
    assert await outcome(flow, PASSWORD, OFFICE) is None


async def test_a_sign_in_that_nobody_looked_at_is_no_failure(flow: Flow, clock: FixedClock) -> None:
    full = CpuPool(1, 0)
    crowded = Flow(
        database=flow.database, directory=flow.directory, clock=clock, entropy=flow.entropy, ring=flow.ring,
        cpu=full, signer=flow.signer, config=flow.config,
    )  # fmt: skip
    try:
        for _ in range(FREE_FAILURES):
            with pytest.raises(Busy):
                await admins.sign_in(crowded, ADMINISTRATOR, Secret(PASSWORD), OFFICE)
    finally:
        full.close()

    assert await guess(flow, FREE_FAILURES, OFFICE) == {Reason.WRONG_PASSWORD: FREE_FAILURES}
