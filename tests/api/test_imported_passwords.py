"""Users whose password came as another system's hash: they sign in at once, and the hash becomes one of ours."""

from typing import Any

import bcrypt
import msgspec
import pytest

from poolhouse.pool.flows import credentials, people
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Credentials, User
from poolhouse.pool.store import users as user_store
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, the_user
from tests.support.service import WRONG_PASSWORD, Service, password_auth, race

HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


@pytest.fixture
async def entry(flow: Flow) -> PoolEntry:
    return await a_pool(flow)


@pytest.fixture
async def client(flow: Flow, entry: PoolEntry) -> ClientEntry:
    return await a_client(flow, entry, secret=False)


async def an_imported_user(flow: Flow, entry: PoolEntry) -> User:
    user = await a_user(flow, entry, "jane", None, email="jane@example.com")
    held = msgspec.structs.replace(user, credentials=Credentials(password_hash=HASH))
    assert await flow.database.write(lambda tx: user_store.replace_user(tx, entry.pool, held))
    return held


async def test_the_first_right_password_makes_the_hash_ours(
    service: Service, flow: Flow, entry: PoolEntry, client: ClientEntry
) -> None:
    await an_imported_user(flow, entry)

    assert "AccessToken" in await service.tokens(client, "jane")

    held = (await the_user(flow, entry, "jane")).credentials
    assert (held.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert held.srp_verifier is not None
    assert () == held.history
    assert "AccessToken" in await service.tokens(client, "jane")


async def choose(service: Service, entry: PoolEntry, *, riding: bool) -> dict[str, Any]:
    """Sign in by USER_AUTH, the password sent along with the preference or as the answer to PASSWORD."""
    client = await a_client(service.flow, entry, secret=False, explicit_auth_flows=["ALLOW_USER_AUTH"])
    given = {"USERNAME": "jane", "PREFERRED_CHALLENGE": "PASSWORD", **({"PASSWORD": PASSWORD} if riding else {})}
    asked = await service("InitiateAuth", ClientId=client.client.id, AuthFlow="USER_AUTH", AuthParameters=given)
    if riding:
        return asked
    return await service(
        "RespondToAuthChallenge",
        ClientId=client.client.id,
        ChallengeName="PASSWORD",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "jane", "PASSWORD": PASSWORD},
    )


@pytest.mark.parametrize("riding", [True, False])
async def test_a_password_that_was_chosen_as_the_first_factor_makes_the_hash_ours_too(
    service: Service, flow: Flow, entry: PoolEntry, riding: bool
) -> None:
    await an_imported_user(flow, entry)

    assert "AccessToken" in (await choose(service, entry, riding=riding))["AuthenticationResult"]

    held = (await the_user(flow, entry, "jane")).credentials
    assert (held.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert held.srp_verifier is not None


async def test_a_wrong_password_leaves_the_imported_hash(
    service: Service, flow: Flow, entry: PoolEntry, client: ClientEntry
) -> None:
    await an_imported_user(flow, entry)

    assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **password_auth(client, "jane", "Wrong-Horse-7"))
    assert HASH == (await the_user(flow, entry, "jane")).credentials.password_hash


async def test_two_first_sign_ins_at_once_both_pass(
    service: Service, flow: Flow, entry: PoolEntry, client: ClientEntry
) -> None:
    await an_imported_user(flow, entry)

    served, refused = await race(service.tokens(client, "jane") for _ in range(3))

    assert (3, []) == (len(served), refused)


async def test_a_password_that_was_replaced_meanwhile_is_not_adopted(flow: Flow, entry: PoolEntry) -> None:
    user = await an_imported_user(flow, entry)
    fresh = await credentials.make(flow, entry.pool, "jane", "Another-Horse-8", temporary=False)
    await people.change(
        flow,
        entry.pool,
        await the_user(flow, entry, "jane"),
        lambda now: msgspec.structs.replace(now, credentials=credentials.renewed(entry.pool, now.credentials, fresh)),
    )

    with pytest.raises(Exception, match="wrong_password"):
        await credentials.adopt(flow, entry.pool, user, PASSWORD)
    assert fresh.password_hash == (await the_user(flow, entry, "jane")).credentials.password_hash


async def test_the_imported_password_can_be_changed(
    service: Service, flow: Flow, entry: PoolEntry, client: ClientEntry
) -> None:
    await an_imported_user(flow, entry)
    tokens = await service.tokens(client, "jane")

    await service(
        "ChangePassword", AccessToken=tokens["AccessToken"], PreviousPassword=PASSWORD, ProposedPassword="New-Horse-9"
    )

    assert "AccessToken" in await service.tokens(client, "jane", "New-Horse-9")
