"""Changes of settings and of people that would each leave an administrator, and both together none."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from poolhouse.house.guards import (
    Refused,
    check_any,
    check_document,
    check_form_login_off,
    check_left,
    check_provider_off,
)
from poolhouse.house.live import Live
from poolhouse.house.model import Document, FormLogin, Identity
from poolhouse.house.provider import OidcSettings, Provider
from poolhouse.house.schema import HISTORY
from poolhouse.house.store import accounts
from poolhouse.kit.ambient import FixedClock, Secret, SystemEntropy
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.protocol import Database, Tx
from poolhouse.kit.seal import KeyRing
from tests.house.test_store import NOW, an_account

ISSUER = "https://op.example"
RING = KeyRing([b"k" * 32], SystemEntropy())
BY_FORM, BY_PROVIDER = "account-1", "account-2"
ROUNDS = 12

OP = Provider(
    id="oidc",
    settings=OidcSettings(
        client_id="house",
        client_secret=Secret("s"),
        authorization_url=f"{ISSUER}/authorize",
        token_url=f"{ISSUER}/token",
        userinfo_url="",
        jwks_url=f"{ISSUER}/jwks",
        issuer=ISSUER,
    ),
)
BOTH_WAYS = Document(version=0, providers=(OP,))
NO_FORM = Document(version=0, providers=(OP,), form_login=FormLogin(is_enabled=False))
NO_PROVIDER = Document(version=0)
ANOTHER_ISSUER = Document(
    version=0,
    providers=(
        msgspec.structs.replace(OP, settings=msgspec.structs.replace(OP.settings, issuer="https://new.example")),
    ),
)

Check = Callable[[Tx, Document], Awaitable[None]]


@pytest.fixture
async def live(database: Database) -> Live:
    """One administrator comes in by form, the other one by the provider."""
    await migrate(database, HISTORY)

    async def unit(tx: Tx) -> None:
        for number in (1, 2):
            await accounts.put_account(tx, an_account(number), email_key=f"user{number}@example.com")
        await accounts.set_password(tx, BY_FORM, "hash")
        owned = Identity(issuer=ISSUER, subject="s", account_id=BY_PROVIDER, created_at=NOW, signed_in_at=NOW)
        await accounts.put_identity(tx, owned)

    await database.write(unit)
    live = Live(database, RING, FixedClock(NOW))
    await live.start()
    return live


async def both_ways(live: Live, document: Document = BOTH_WAYS) -> None:
    async def change(tx: Tx, newest: Document) -> Document:
        for each in (BY_FORM, BY_PROVIDER):
            await accounts.set_admin(tx, each, is_admin=True)
        return msgspec.structs.replace(document, version=newest.version)

    await live.change(change, by="test")


async def _provider_off(tx: Tx, document: Document) -> None:
    await check_provider_off(tx, BOTH_WAYS, "oidc")


async def _form_off(tx: Tx, document: Document) -> None:
    await check_form_login_off(tx, BOTH_WAYS)


@pytest.mark.parametrize(
    ("following", "check", "lost"),
    [
        pytest.param(NO_FORM, _form_off, BY_PROVIDER, id="form login off"),
        pytest.param(NO_PROVIDER, _provider_off, BY_FORM, id="provider off"),
        pytest.param(NO_FORM, check_any, BY_PROVIDER, id="an older version"),
        pytest.param(ANOTHER_ISSUER, check_document, BY_FORM, id="another issuer"),
    ],
)
async def test_a_way_in_and_the_last_one_who_comes_by_another_are_never_taken_together(
    following: Document, check: Check, lost: str, live: Live, database: Database
) -> None:
    async def turn_off() -> bool:
        async def change(tx: Tx, newest: Document) -> Document:
            await check(tx, following)
            return msgspec.structs.replace(following, version=newest.version)

        try:
            await live.change(change, by="test")
        except Refused:
            return False
        return True

    async def take_right() -> bool:
        async def unit(tx: Tx) -> None:
            await accounts.set_admin(tx, lost, is_admin=False)
            await check_left(tx, RING)

        try:
            await database.write(unit)
        except Refused:
            return False
        return True

    for _ in range(ROUNDS):
        await both_ways(live)
        assert [False, True] == sorted(await asyncio.gather(turn_off(), take_right()))


async def test_the_settings_in_the_database_count_and_not_those_a_replica_remembers(
    live: Live, database: Database
) -> None:
    await both_ways(live, NO_FORM)

    async def unit(tx: Tx) -> None:
        await accounts.set_admin(tx, BY_PROVIDER, is_admin=False)
        await check_left(tx, RING)

    with pytest.raises(Refused):
        await database.write(unit)
