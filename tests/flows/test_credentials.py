"""Passwords at rest."""

from poolhouse.pool.core import srp
from poolhouse.pool.flows import credentials
from poolhouse.pool.flows.context import Flow
from tests.support.builders import PASSWORD, a_pool, a_user


async def test_a_password_proves_its_user_and_nobody_else(flow: Flow) -> None:
    entry = await a_pool(flow)
    user = await a_user(flow, entry, "jane")
    assert await credentials.check_password(flow, user, PASSWORD)
    assert not await credentials.check_password(flow, user, PASSWORD + "x")
    assert not await credentials.check_password(flow, None, PASSWORD)


async def test_a_user_without_a_password_is_proved_by_none(flow: Flow) -> None:
    user = await a_user(flow, await a_pool(flow), "jane", None)
    assert not await credentials.check_password(flow, user, "")
    assert not await credentials.check_password(flow, user, PASSWORD)


async def test_the_stored_verifier_is_sealed_and_belongs_to_its_user(flow: Flow) -> None:
    entry = await a_pool(flow)
    user = await a_user(flow, entry, "jane")
    held = user.credentials
    assert held.srp_salt is not None
    expected = srp.verifier(entry.pool.srp_name, "jane", PASSWORD, held.srp_salt)
    assert expected == credentials.open_verifier(flow, user)
    assert held.srp_verifier is not None
    assert expected not in held.srp_verifier
