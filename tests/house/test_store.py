"""What rests on the database, on each engine."""

import asyncio

import msgspec
import pytest

from poolhouse.house.model import Account, Document, Identity, PendingLogin
from poolhouse.house.provider import OidcSettings, Provider
from poolhouse.house.schema import HISTORY
from poolhouse.house.store import accounts, audit, directory, documents, pending, sessions
from poolhouse.house.tables import metadata
from poolhouse.kit.ambient import Epoch, Secret, SystemEntropy
from poolhouse.kit.db.migrate import find_differences, migrate
from poolhouse.kit.db.protocol import Database, ReadTx, Tx, UniqueViolation
from poolhouse.kit.seal import KeyRing, SealBroken

NOW = Epoch(1_800_000_000)


@pytest.fixture
async def db(database: Database) -> Database:
    await migrate(database, HISTORY)
    return database


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing([b"k" * 32], SystemEntropy())


def an_account(number: int = 1, **other: object) -> Account:
    fields: dict[str, object] = {
        "id": f"account-{number}",
        "username": f"user{number}@example.com",
        "email": f"user{number}@example.com",
        "is_email_holder": True,
        "name": f"User {number}",
        "is_admin": False,
        "is_enabled": True,
        "password_hash": None,
        "created_at": NOW,
        "signed_in_at": None,
    }
    return Account(**{**fields, **other})  # type: ignore[arg-type]


def a_pending_login(**other: object) -> PendingLogin:
    fields: dict[str, object] = {
        "provider": "oidc",
        "settings_version": 1,
        "nonce_digest": b"n" * 32,
        "sealed_verifier": b"v",
        "return_to": "/",
        "link_account_id": None,
        "created_at": NOW,
        "expires_at": Epoch(NOW + 600),
    }
    return PendingLogin(**{**fields, **other})  # type: ignore[arg-type]


async def test_the_history_makes_exactly_the_tables(db: Database) -> None:
    assert [] == await find_differences(db, HISTORY, metadata)


async def test_of_fifty_who_take_an_attempt_one_gets_it(db: Database) -> None:
    async def put(tx: Tx) -> None:
        await pending.put_pending(tx, a_pending_login(), state_digest=b"s", browser_digest=b"b")

    async def take(tx: Tx) -> PendingLogin | None:
        return await pending.take_pending(tx, state_digest=b"s", browser_digest=b"b", provider="oidc", now=NOW)

    await db.write(put)

    taken = await asyncio.gather(*(db.write(take) for _ in range(50)))

    assert 1 == sum(found is not None for found in taken)
    assert a_pending_login() in taken


@pytest.mark.parametrize(
    "other", [{"browser_digest": b"x"}, {"provider": "google"}, {"now": NOW + 600}, {"state_digest": b"x"}]
)
async def test_an_attempt_is_not_taken_by_anybody_else(other: dict[str, object], db: Database) -> None:
    async def put(tx: Tx) -> None:
        await pending.put_pending(tx, a_pending_login(), state_digest=b"s", browser_digest=b"b")

    async def take(tx: Tx) -> PendingLogin | None:
        wanted = {"state_digest": b"s", "browser_digest": b"b", "provider": "oidc", "now": NOW, **other}
        return await pending.take_pending(tx, **wanted)  # type: ignore[arg-type]

    await db.write(put)

    assert await db.write(take) is None


async def test_one_browser_has_at_most_twenty_attempts_the_newest(db: Database) -> None:
    for number in range(25):

        async def put(tx: Tx, number: int = number) -> None:
            attempt = a_pending_login(created_at=Epoch(NOW + number), expires_at=Epoch(NOW + 9999))
            await pending.put_pending(tx, attempt, state_digest=b"%d" % number, browser_digest=b"b")

        await db.write(put)

    async def count(tx: ReadTx) -> int:
        return await pending.count_pending(tx)

    async def take(tx: Tx) -> list[bool]:
        return [
            await pending.take_pending(tx, state_digest=b"%d" % n, browser_digest=b"b", provider="oidc", now=NOW)
            is not None
            for n in range(25)
        ]

    assert 20 == await db.read(count)
    assert [False] * 5 + [True] * 20 == await db.write(take)


async def test_failures_are_counted_together_taken_back_and_forgotten(db: Database) -> None:
    async def fail(tx: Tx) -> None:
        await pending.count_failure(tx, ["a", "b"], NOW)

    await asyncio.gather(*(db.write(fail) for _ in range(20)))

    async def settle(tx: Tx) -> None:
        await pending.refund_failure(tx, "b")
        await pending.release_brakes(tx, ["a"])

    await db.write(settle)

    async def read(tx: ReadTx) -> dict[str, tuple[int, Epoch]]:
        return await pending.find_brakes(tx, ["a", "b", "c"])

    assert {"b": (19, NOW)} == await db.read(read)

    async def later(tx: Tx) -> None:
        await pending.count_failure(tx, ["c"], Epoch(NOW + pending.BRAKE_SECONDS))

    await db.write(later)
    assert {"c": (1, NOW + pending.BRAKE_SECONDS)} == await db.read(read)


async def test_an_address_has_one_holder(db: Database) -> None:
    async def put(tx: Tx) -> None:
        await accounts.put_account(tx, an_account(1), email_key="user1@example.com")
        await accounts.put_account(tx, an_account(2, email="user1@example.com"), email_key="user1@example.com")

    await db.write(put)

    async def read(tx: ReadTx) -> list[bool]:
        found = [await accounts.find_account(tx, f"account-{n}") for n in (1, 2)]
        return [account is not None and account.is_email_holder for account in found]

    assert [True, False] == await db.read(read)

    async def claim(tx: Tx) -> None:
        await accounts.claim_email(tx, "user1@example.com", "account-2")

    with pytest.raises(UniqueViolation):
        await db.write(claim)


async def test_an_identity_belongs_to_one_account(db: Database) -> None:
    def identity(account_id: str) -> Identity:
        return Identity(issuer="i", subject="s", account_id=account_id, created_at=NOW, signed_in_at=NOW)

    async def put(tx: Tx, account_id: str = "account-1") -> None:
        await accounts.put_identity(tx, identity(account_id))

    await db.write(put)

    async def put_again(tx: Tx) -> None:
        await put(tx, "account-2")

    with pytest.raises(UniqueViolation):
        await db.write(put_again)


async def test_accounts_are_found_by_what_was_typed_wildcards_taken_literally(db: Database) -> None:
    async def put(tx: Tx) -> None:
        for number, name in enumerate(["a%b", "a_b", "a\\b", "aXb"]):
            await accounts.put_account(tx, an_account(number, username=name, name=""), email_key=f"k{number}")

    await db.write(put)

    async def names(wanted: str) -> list[str]:
        async def unit(tx: ReadTx) -> list[str]:
            found, more = await directory.list_accounts(tx, wanted=wanted, after=("", ""))
            assert not more
            return sorted(account.username for account in found)

        return await db.read(unit)

    assert ["a%b"] == await names("%")
    assert ["a_b"] == await names("A_")
    assert ["a\\b"] == await names("\\")
    assert 4 == len(await names(""))
    assert 4 == len(await names("USER"))


async def test_a_session_is_found_only_while_it_lives(db: Database) -> None:
    async def put(tx: Tx) -> None:
        await accounts.put_account(tx, an_account(), email_key="k")
        await sessions.put_session(
            tx,
            id_digest=b"s",
            account_id="account-1",
            method="form",
            issuer="",
            subject="",
            claims="",
            sealed_id_token=None,
            address="203.0.113.7",
            agent="",
            now=NOW,
            expires_at=Epoch(NOW + 1000),
        )

    await db.write(put)

    async def lives(at: int) -> bool:
        async def unit(tx: ReadTx) -> bool:
            return await sessions.find_session(tx, b"s", now=Epoch(at), idle_seconds=100) is not None

        return await db.read(unit)

    async def disable(tx: Tx) -> None:
        await accounts.set_enabled(tx, "account-1", is_enabled=False)

    async def touch(tx: Tx) -> None:
        await sessions.touch_session(tx, b"s", Epoch(NOW + 950))

    assert await lives(NOW + 99)
    assert not await lives(NOW + 100)
    await db.write(touch)
    assert await lives(NOW + 999)
    assert not await lives(NOW + 1000)
    await db.write(disable)
    assert not await lives(NOW + 999)


async def test_a_document_comes_back_with_its_secret_and_only_with_the_key(db: Database, ring: KeyRing) -> None:
    oidc = OidcSettings(
        client_id="a",
        client_secret=Secret("very secret"),
        authorization_url="https://a.example/authorize",
        token_url="https://a.example/token",
        userinfo_url="https://a.example/userinfo",
        jwks_url="https://a.example/jwks",
        issuer="https://a.example",
    )
    document = Document(version=1, providers=(Provider(id="oidc", settings=oidc),))

    async def put(tx: Tx) -> None:
        await documents.put_document(tx, ring, document, now=NOW, by="test")

    async def read(tx: ReadTx) -> Document:
        return await documents.newest_document(tx, ring)

    async def read_with_another_key(tx: ReadTx) -> Document:
        return await documents.newest_document(tx, KeyRing([b"x" * 32], SystemEntropy()))

    assert Document(version=0) == await db.read(read)
    await db.write(put)
    assert document == await db.read(read)
    with pytest.raises(SealBroken):
        await db.read(read_with_another_key)
    with pytest.raises(UniqueViolation):
        await db.write(put)


async def test_a_sealed_secret_does_not_open_in_another_version(db: Database, ring: KeyRing) -> None:
    from sqlalchemy import BigInteger, bindparam, update

    from poolhouse.house.tables import settings_versions
    from poolhouse.kit.db.statement import compile_statement

    await test_a_document_comes_back_with_its_secret_and_only_with_the_key(db, ring)
    move = update(settings_versions).values(version=bindparam("other", type_=BigInteger))
    await db.run(compile_statement(move), other=2)

    async def read(tx: ReadTx) -> Document:
        return await documents.newest_document(tx, ring)

    with pytest.raises(SealBroken):
        await db.read(read)


@pytest.mark.parametrize(
    ("purpose", "sealed"), [("house client secret", b"very secret"), ("house settings secrets", b'["very secret"]')]
)
async def test_settings_of_the_first_releases_with_their_one_provider_are_still_read(
    purpose: str, sealed: bytes, db: Database, ring: KeyRing
) -> None:
    from sqlalchemy import LargeBinary, bindparam, update

    from poolhouse.house.tables import settings_versions
    from poolhouse.kit.db.statement import compile_statement

    await test_a_document_comes_back_with_its_secret_and_only_with_the_key(db, ring)
    as_before = """{"version": 1, "instance_name": "Acme", "form_login": {"is_enabled": true}, "oidc": {
        "client_id": "a", "client_secret": {"_value": ""}, "authorization_url": "https://a.example/authorize",
        "token_url": "https://a.example/token", "userinfo_url": "https://a.example/userinfo",
        "jwks_url": "https://a.example/jwks", "issuer": "https://a.example"}}"""
    old = update(settings_versions).values(
        document=bindparam("as_before"), sealed_secret=bindparam("sealed", type_=LargeBinary)
    )
    sealed_then = ring.seal(sealed, purpose=purpose, row="1")
    await db.run(compile_statement(old), as_before=as_before, sealed=sealed_then)

    async def read(tx: ReadTx) -> Document:
        return await documents.newest_document(tx, ring)

    document = await db.read(read)
    assert "Acme" == document.instance_name
    assert [("oidc", "a", "very secret")] == [
        (each.id, each.settings.client_id, each.settings.client_secret.reveal()) for each in document.providers
    ]
    none = """{"version": 1, "oidc": null}"""
    await db.run(
        compile_statement(update(settings_versions).values(document=bindparam("d"), sealed_secret=None)), d=none
    )
    assert () == (await db.read(read)).providers


async def test_events_are_listed_newest_first_and_filtered(db: Database) -> None:
    from poolhouse.house.model import AuditEvent

    def event(number: int) -> AuditEvent:
        return AuditEvent(
            id=f"{number:015d}",
            at=Epoch(NOW + number),
            event="signed_in" if number % 2 else "sign_in_failed",
            is_refusal=number % 2 == 0,
            actor=f"user{number}@example.com",
            actor_id=f"account-{number}",
            address="203.0.113.7",
            agent="",
            subject="",
            subject_id="account-of-somebody" if number == 50 else "",
            detail="",
            reference=f"ref{number}",
        )

    async def put(tx: Tx) -> None:
        for number in range(120):
            await audit.put_event(tx, event(number))

    await db.write(put)

    async def listed(before: str = "", rows: int = 50, **filters: object) -> list[str]:
        wanted = audit.Wanted(**filters)  # type: ignore[arg-type]

        async def unit(tx: ReadTx) -> list[str]:
            return [line.reference for line in await audit.list_events(tx, wanted, before=before, rows=rows)]

        return await db.read(unit)

    def refs(*numbers: int) -> list[str]:
        return [f"ref{number}" for number in range(*numbers)]

    assert refs(119, 69, -1) == await listed()
    assert refs(19, -1, -1) == await listed(before=f"{20:015d}")
    assert refs(18, -1, -2) == await listed(before=f"{20:015d}", only_refusals=True)
    assert refs(19, 0, -2) == await listed(before=f"{20:015d}", event="signed_in")
    assert refs(109, 99, -1) == await listed(since=100, until=110)
    assert refs(104, 99, -1) == await listed(before=f"{105:015d}", since=100, until=110)
    assert await listed(words="USER77@") == ["ref77"]
    assert await listed(words="account-77") == ["ref77"]
    assert await listed(words="of-somebody") == ["ref50"]

    assert await db.write(lambda tx: audit.delete_events(tx, before=100, rows=70)) == 70
    assert await listed(rows=200) == refs(119, 69, -1)
    assert await db.write(lambda tx: audit.delete_events(tx, before=100, rows=70)) == 30
    assert await listed(rows=200) == refs(119, 99, -1)


async def test_a_stored_document_of_an_older_program_gets_the_defaults_of_what_it_lacks() -> None:
    assert Document(version=3) == msgspec.json.decode(b'{"version": 3}', type=Document)
