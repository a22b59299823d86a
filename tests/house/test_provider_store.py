"""What the store keeps for providers, on both engines: answers by form, claims of renewals, logout tokens."""

import asyncio

import pytest

from poolhouse.house.model import Account, PendingLogin
from poolhouse.house.store import accounts, posted, provider_logouts, renewals, sessions
from poolhouse.house.store import pending as pending_store
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Database, ReadTx, Tx, UniqueViolation
from tests.house.test_store import NOW, db

__all__ = ["db"]


async def a_session(db: Database, key: bytes, *, sid: str = "", subject: str = "s", renew_at: int = NOW + 100) -> None:
    account = Account(
        id=f"account-{key.decode()}",
        username=key.decode(),
        email="",
        is_email_holder=False,
        name="",
        is_admin=False,
        is_enabled=True,
        password_hash=None,
        created_at=NOW,
        signed_in_at=None,
    )

    async def unit(tx: Tx) -> None:
        await accounts.put_account(tx, account, email_key="")
        await sessions.put_session(
            tx, id_digest=key, account_id=account.id, method="oidc", issuer="https://op.example", subject=subject,
            claims="{}", sealed_id_token=None, sid=sid, sealed_refresh_token=b"sealed", renew_at=Epoch(renew_at),
            address="", agent="", now=NOW, expires_at=Epoch(NOW + 10_000),
        )  # fmt: skip

    await db.write(unit)


async def claim(db: Database, key: bytes, now: int) -> bool:
    async def unit(tx: Tx) -> bool:
        return await renewals.claim(tx, key, now=Epoch(now), stale=Epoch(now - 60)) is not None

    return await db.write(unit)


async def due(db: Database, now: int) -> list[bytes]:
    async def unit(tx: ReadTx) -> list[bytes]:
        return await renewals.list_due(tx, now=Epoch(now), idle_seconds=5000, stale=Epoch(now - 60))

    return await db.read(unit)


async def test_of_fifty_one_may_use_the_refresh_token(db: Database) -> None:
    await a_session(db, b"a")

    taken = await asyncio.gather(*(claim(db, b"a", NOW) for _ in range(50)))

    assert 1 == sum(taken)
    assert not await claim(db, b"a", NOW + 59)
    assert await claim(db, b"a", NOW + 60)


async def test_a_renewal_is_settled_by_whoever_has_the_claim(db: Database) -> None:
    await a_session(db, b"a")
    await claim(db, b"a", NOW)
    await claim(db, b"a", NOW + 60)

    async def settle(tx: Tx, ours: int) -> bool:
        return await renewals.settle(
            tx,
            b"a",
            ours=Epoch(ours),
            claims='{"a":1}',
            userinfo_names="[]",
            sealed_id_token=None,
            renew_at=Epoch(NOW + 900),
        )

    assert not await db.write(lambda tx: settle(tx, NOW))
    assert await db.write(lambda tx: settle(tx, NOW + 60))
    assert not await db.read(lambda tx: renewals.is_claimed(tx, b"a"))
    assert [] == await due(db, NOW + 899)
    assert [b"a"] == await due(db, NOW + 900)


async def test_the_idle_and_the_claimed_are_not_due(db: Database) -> None:
    await a_session(db, b"a")
    assert [] == await due(db, NOW + 99)
    assert [b"a"] == await due(db, NOW + 100)
    assert [] == await due(db, NOW + 5000)
    await claim(db, b"a", NOW + 100)
    assert [] == await due(db, NOW + 100)


async def test_an_answer_by_form_waits_for_a_sign_in_that_is_under_way(db: Database) -> None:
    pending = PendingLogin(
        provider="oidc", settings_version=1, nonce_digest=b"n", sealed_verifier=b"v", return_to="/",
        link_account_id=None, created_at=NOW, expires_at=Epoch(NOW + 600),
    )  # fmt: skip
    await db.write(lambda tx: pending_store.put_pending(tx, pending, state_digest=b"s", browser_digest=b"b"))

    async def awaited(tx: ReadTx, state: bytes, provider: str) -> bool:
        return await posted.is_awaited(tx, state_digest=state, provider=provider, now=NOW)

    async def put(tx: Tx) -> None:
        await posted.put_answer(
            tx, state_digest=b"s", provider="oidc", sealed=b"x", now=NOW, expires_at=Epoch(NOW + 60)
        )

    async def take(tx: Tx, provider: str) -> bytes | None:
        return await posted.take_answer(tx, state_digest=b"s", provider=provider, now=NOW)

    assert await db.read(lambda tx: awaited(tx, b"s", "oidc"))
    assert not await db.read(lambda tx: awaited(tx, b"s", "other"))
    assert not await db.read(lambda tx: awaited(tx, b"t", "oidc"))
    await db.write(put)
    with pytest.raises(UniqueViolation):
        await db.write(put)
    assert await db.write(lambda tx: take(tx, "other")) is None
    assert [None, b"x"] == sorted(
        await asyncio.gather(*(db.write(lambda tx: take(tx, "oidc")) for _ in range(2))), key=lambda found: found or b""
    )


async def test_a_logout_token_is_noted_once_and_forgotten_in_time(db: Database) -> None:
    async def note(tx: Tx, now: int) -> None:
        await provider_logouts.note_token(tx, b"t", now=Epoch(now), expires_at=Epoch(now + 100))

    await db.write(lambda tx: note(tx, NOW))
    with pytest.raises(UniqueViolation):
        await db.write(lambda tx: note(tx, NOW + 99))
    await db.write(lambda tx: note(tx, NOW + 100))


@pytest.mark.parametrize(
    ("subject", "sid", "ended"),
    [("s", "", ["a", "b"]), ("", "1", ["a"]), ("s", "2", ["b"]), ("t", "1", []), ("t", "", ["c"])],
)
async def test_sessions_end_by_sid_or_by_subject(subject: str, sid: str, ended: list[str], db: Database) -> None:
    await a_session(db, b"a", sid="1")
    await a_session(db, b"b", sid="2")
    await a_session(db, b"c", sid="", subject="t")

    async def unit(tx: Tx) -> list[str]:
        return await provider_logouts.end_sessions(tx, issuer="https://op.example", subject=subject, sid=sid)

    assert [f"account-{name}" for name in ended] == sorted(await db.write(unit))
