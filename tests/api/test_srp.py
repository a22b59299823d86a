"""USER_SRP_AUTH against an independent client (pycognito)."""

import base64
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_client, a_pool, a_user
from tests.support.service import (
    DISABLED,
    LOCKED_OUT,
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_USED,
    WRONG_PASSWORD,
    Service,
    race,
    sqlite_only,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pycognito")


class Person:
    """Somebody with a password at a client, and pycognito's arithmetic."""

    def __init__(self, entry: PoolEntry, client: ClientEntry, username: str, password: str = PASSWORD) -> None:
        secret = client.secrets[-1] if client.secrets else None
        self.client = client
        self._srp = AWSSRP(username, password, entry.pool.id, client.client.id, client=object(), client_secret=secret)

    def first(self) -> dict[str, Any]:
        parameters = self._srp.get_auth_params()
        return {"ClientId": self.client.client.id, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters}

    def second(self, challenge: dict[str, str]) -> dict[str, Any]:
        answers = self._srp.process_challenge(challenge, self._srp.get_auth_params())
        return {
            "ClientId": self.client.client.id,
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeResponses": answers,
        }


async def exchange(service: Service, person: Person) -> dict[str, Any]:
    """The body of the second request."""
    asked = await service("InitiateAuth", **person.first())
    return person.second(asked["ChallengeParameters"])


@pytest.mark.parametrize("secret", [True, False])
async def test_a_proof_signs_in_without_a_session(service: Service, secret: bool) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, secret=secret)
    await a_user(service.flow, entry, "jane", "Pässwörd-7-日本")
    person = Person(entry, client, "jane", "Pässwörd-7-日本")
    asked = await service("InitiateAuth", **person.first())
    assert {"ChallengeName", "ChallengeParameters"} == asked.keys()
    shown = asked["ChallengeParameters"]
    assert {"SALT", "SRP_B", "SECRET_BLOCK", "USERNAME", "USER_ID_FOR_SRP"} == shown.keys()
    base64.b64decode(shown["SECRET_BLOCK"], validate=True)
    answer = await service("RespondToAuthChallenge", **person.second(shown))
    assert answer["AuthenticationResult"]["AccessToken"]


async def test_a_session_may_come_along_if_it_is_the_secret_block(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    body = await exchange(service, Person(entry, client, "jane"))
    block = body["ChallengeResponses"]["PASSWORD_CLAIM_SECRET_BLOCK"]
    assert SESSION_INVALID == await service.refusal("RespondToAuthChallenge", **body, Session="s" * 20)
    assert (await service("RespondToAuthChallenge", **body, Session=block))["AuthenticationResult"]


async def test_an_administrator_may_carry_a_proof(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    person = Person(entry, client, "jane")
    asked = await service("AdminInitiateAuth", **person.first(), UserPoolId=entry.pool.id)
    body = person.second(asked["ChallengeParameters"])
    answer = await service("AdminRespondToAuthChallenge", **body, UserPoolId=entry.pool.id)
    assert answer["AuthenticationResult"]["RefreshToken"]


async def test_an_email_pool_proves_over_the_uuid(service: Service) -> None:
    entry = await a_pool(service.flow, username_attributes=["email"])
    client = await a_client(service.flow, entry)
    user = await a_user(service.flow, entry, email="jane@example.com")
    person = Person(entry, client, "jane@example.com")
    asked = await service("InitiateAuth", **person.first())
    assert user.username == asked["ChallengeParameters"]["USER_ID_FOR_SRP"]
    body = person.second(asked["ChallengeParameters"])
    assert (await service("RespondToAuthChallenge", **body))["AuthenticationResult"]


async def test_a_wrong_proof_is_refused_and_counts_for_the_lockout(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    for _ in range(5):
        body = await exchange(service, Person(entry, client, "jane", "wrong"))
        assert WRONG_PASSWORD == await service.refusal("RespondToAuthChallenge", **body)
    assert LOCKED_OUT == await service.refusal("InitiateAuth", **Person(entry, client, "jane").first())


@sqlite_only
async def test_proofs_that_were_begun_before_a_lockout_do_not_pass_it(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    right = await exchange(service, Person(entry, client, "jane"))
    wrong = [await exchange(service, Person(entry, client, "jane", "wrong")) for _ in range(8)]
    answers = [await service.refusal("RespondToAuthChallenge", **body) for body in wrong]
    assert [WRONG_PASSWORD] * 5 + [LOCKED_OUT] * 3 == answers
    assert LOCKED_OUT == await service.refusal("RespondToAuthChallenge", **right)


async def test_an_exchange_is_answered_once_however_many_race(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    body = await exchange(service, Person(entry, client, "jane"))
    served, refused = await race(service("RespondToAuthChallenge", **body) for _ in range(20))
    assert 1 == len(served)
    assert [SESSION_USED] * 19 == refused
    assert SESSION_USED == await service.refusal("RespondToAuthChallenge", **body)


@sqlite_only
async def test_a_wrong_proof_spends_the_exchange(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    person = Person(entry, client, "jane")
    asked = await service("InitiateAuth", **person.first())
    right = person.second(asked["ChallengeParameters"])
    wrong = {**right, "ChallengeResponses": right["ChallengeResponses"] | {"PASSWORD_CLAIM_SIGNATURE": "AAAA"}}
    assert WRONG_PASSWORD == await service.refusal("RespondToAuthChallenge", **wrong)
    assert SESSION_USED == await service.refusal("RespondToAuthChallenge", **right)


@sqlite_only
async def test_an_exchange_expires(service: Service, clock: FixedClock) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, auth_session_validity=5)
    await a_user(service.flow, entry, "jane")
    body = await exchange(service, Person(entry, client, "jane"))
    clock.advance(300)
    assert SESSION_EXPIRED == await service.refusal("RespondToAuthChallenge", **body)


@pytest.mark.parametrize(
    "missing", ["USERNAME", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP"]
)
@pytest.mark.parametrize("value", [None, ""])
@sqlite_only
async def test_a_missing_field_is_named_and_spends_nothing_cve_2026_49443(
    service: Service, missing: str, value: str | None
) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, secret=False)
    await a_user(service.flow, entry, "jane")
    body = await exchange(service, Person(entry, client, "jane"))
    short = {name: text for name, text in body["ChallengeResponses"].items() if name != missing}
    if value is not None:
        short[missing] = value
    expected = ("InvalidParameterException", f"Missing required parameter {missing}")
    assert expected == await service.refusal("RespondToAuthChallenge", **{**body, "ChallengeResponses": short})
    assert (await service("RespondToAuthChallenge", **body))["AuthenticationResult"]


@sqlite_only
async def test_an_exchange_belongs_to_its_user_client_and_pool(service: Service) -> None:
    entry, other = await a_pool(service.flow), await a_pool(service.flow)
    client = await a_client(service.flow, entry, secret=False)
    neighbour = await a_client(service.flow, entry, secret=False)
    foreign = await a_client(service.flow, other, secret=False)
    for pool in (entry, other):
        await a_user(service.flow, pool, "jane")
    await a_user(service.flow, entry, "joe")
    body = await exchange(service, Person(entry, client, "jane"))
    for stranger in (neighbour, foreign):
        borrowed = {**body, "ClientId": stranger.client.id}
        assert SESSION_INVALID == await service.refusal("RespondToAuthChallenge", **borrowed)
    posing = {**body, "ChallengeResponses": body["ChallengeResponses"] | {"USERNAME": "joe"}}
    assert SESSION_INVALID == await service.refusal("RespondToAuthChallenge", **posing)
    assert (await service("RespondToAuthChallenge", **body))["AuthenticationResult"]


@pytest.mark.parametrize("a", ["0", "00", "", "xyz", "-1", "f" * 800])
@sqlite_only
async def test_a_public_value_that_gives_the_key_away_is_refused(service: Service, a: str) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, secret=False)
    await a_user(service.flow, entry, "jane")
    body = Person(entry, client, "jane").first()
    body["AuthParameters"]["SRP_A"] = a
    assert (await service.refusal("InitiateAuth", **body))[0] == "InvalidParameterException"


@sqlite_only
async def test_an_unknown_user_is_told_where_that_is_not_hidden(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "off", enabled=False)
    code, _ = await service.refusal("InitiateAuth", **Person(entry, client, "nobody").first())
    assert code == "UserNotFoundException"
    assert DISABLED == await service.refusal("InitiateAuth", **Person(entry, client, "off").first())


@pytest.mark.parametrize("name", ["nobody", "off", "passwordless"])
@sqlite_only
async def test_a_hidden_user_gets_a_challenge_that_cannot_be_met(service: Service, name: str) -> None:
    flow = service.flow
    entry = await a_pool(flow)
    client = await a_client(flow, entry, prevent_user_existence_errors="ENABLED")
    await a_user(flow, entry, "off", enabled=False)
    await a_user(flow, entry, "passwordless", None, status=Status.EXTERNAL_PROVIDER)
    person = Person(entry, client, name)
    first = (await service("InitiateAuth", **person.first()))["ChallengeParameters"]
    again = (await service("InitiateAuth", **person.first()))["ChallengeParameters"]
    assert first["SALT"] == again["SALT"]
    assert name == first["USER_ID_FOR_SRP"] == again["USER_ID_FOR_SRP"]
    assert first["SRP_B"] != again["SRP_B"]
    assert WRONG_PASSWORD == await service.refusal("RespondToAuthChallenge", **person.second(first))
    assert SESSION_USED == await service.refusal("RespondToAuthChallenge", **person.second(first))


@sqlite_only
async def test_in_an_email_pool_a_decoy_has_a_uuid_that_is_always_the_same(service: Service) -> None:
    entry = await a_pool(
        service.flow,
        username_attributes=["email"],
        username_configuration=shapes.UsernameConfigurationType(case_sensitive=False),
    )
    client = await a_client(service.flow, entry, prevent_user_existence_errors="ENABLED")
    ids = set()
    for name in ("nobody@example.com", "Nobody@example.com"):
        person = Person(entry, client, name)
        asked = (await service("InitiateAuth", **person.first()))["ChallengeParameters"]
        ids.add((asked["USER_ID_FOR_SRP"], asked["SALT"]))
        assert WRONG_PASSWORD == await service.refusal("RespondToAuthChallenge", **person.second(asked))
    assert 1 == len(ids)
    assert 36 == len(ids.pop()[0])


@sqlite_only
async def test_an_unconfirmed_user_learns_so_by_a_right_proof_only(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", status=Status.UNCONFIRMED)
    wrong = await exchange(service, Person(entry, client, "jane", "wrong"))
    assert WRONG_PASSWORD == await service.refusal("RespondToAuthChallenge", **wrong)
    right = await exchange(service, Person(entry, client, "jane"))
    expected = ("UserNotConfirmedException", "User is not confirmed.")
    assert expected == await service.refusal("RespondToAuthChallenge", **right)


@sqlite_only
async def test_a_user_who_is_disabled_half_way_is_refused(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    body = await exchange(service, Person(entry, client, "jane"))
    await service("AdminDisableUser", UserPoolId=entry.pool.id, Username="jane")
    assert SESSION_INVALID == await service.refusal("RespondToAuthChallenge", **body)


@pytest.mark.parametrize("rounds", [1, 2, 3])
async def test_a_proof_is_a_first_factor_that_can_be_chosen(service: Service, rounds: int) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, explicit_auth_flows=["ALLOW_USER_AUTH"])
    await a_user(service.flow, entry, "jane")
    person = Person(entry, client, "jane")
    first = person.first() | {"AuthFlow": "USER_AUTH"}
    srp_a = first["AuthParameters"]["SRP_A"]
    if rounds == 1:
        first["AuthParameters"]["PREFERRED_CHALLENGE"] = "PASSWORD_SRP"
    asked = await service("InitiateAuth", **first)
    if rounds == 2:
        given = {"ANSWER": "PASSWORD_SRP", "SRP_A": srp_a}
        asked = await service.respond(client, "jane", "SELECT_CHALLENGE", asked["Session"], **given)
    if rounds == 3:
        asked = await service.respond(client, "jane", "SELECT_CHALLENGE", asked["Session"], ANSWER="PASSWORD_SRP")
        assert "PASSWORD_SRP" == asked["ChallengeName"]
        asked = await service.respond(client, "jane", "PASSWORD_SRP", asked["Session"], SRP_A=srp_a)
    assert "PASSWORD_VERIFIER" == asked["ChallengeName"]
    body = person.second(asked["ChallengeParameters"]) | {"Session": asked["Session"]}
    assert (await service("RespondToAuthChallenge", **body))["AuthenticationResult"]["AccessToken"]
    assert SESSION_USED == await service.refusal("RespondToAuthChallenge", **body)
