"""What a pre token generation trigger may change, and what it may not."""

from typing import Any

import msgspec
import pytest

from poolhouse.pool.core import token_changes as core
from poolhouse.pool.core.token_changes import AnswerOne, AnswerTwo, OneToken, TokenChanges

ID = {
    "sub": "s",
    "aud": "c",
    "email": "e",
    "cognito:groups": ["a"],
    "cognito:roles": ["r"],
    "cognito:preferred_role": "r",
}
ACCESS = {"sub": "s", "client_id": "c", "scope": "x y", "cognito:groups": ["a"]}


def one(**details: Any) -> TokenChanges:
    changes = core.read(msgspec.convert({"claimsOverrideDetails": details}, AnswerOne))
    assert changes is not None
    return changes


def two(**details: Any) -> TokenChanges:
    changes = core.read(msgspec.convert({"claimsAndScopeOverrideDetails": details}, AnswerTwo))
    assert changes is not None
    return changes


def test_no_details_change_nothing() -> None:
    for answer in (AnswerOne(), AnswerTwo()):
        changes = core.read(answer)
        assert changes is core.NONE
        assert ID == core.identity_claims(ID, changes)
        assert ACCESS == core.access_claims(ACCESS, changes, "c")
    assert ID == core.identity_claims(ID, one())
    assert ACCESS == core.access_claims(ACCESS, two(), "c")


def test_taking_away_wins_over_setting() -> None:
    changes = one(claimsToAddOrOverride={"email": "x", "team": "red"}, claimsToSuppress=["email"])
    changed = core.identity_claims(ID, changes)
    assert "email" not in changed
    assert "red" == changed["team"]
    # Version 1 is about the ID token alone.
    assert ACCESS == core.access_claims(ACCESS, changes, "c")


@pytest.mark.parametrize(
    "name",
    [
        "sub", "iss", "aud", "token_use", "client_id", "username", "cognito:username", "identities", "device_key",
        "event_id", "acr", "amr", "act", "auth_time", "exp", "iat", "nbf", "jti", "origin_jti", "nonce", "azp",
        "at_hash", "version", "scope", "sid", "cnf", "cognito:anything", "dev:custom:x",
    ],
)  # fmt: skip
def test_who_for_whom_and_how_long_cannot_be_changed(name: str) -> None:
    changes = OneToken(claims_to_add_or_override={name: "forged"}, claims_to_suppress=["sub"])
    both = TokenChanges(identity=changes, access=changes)
    for claims in (core.identity_claims({**ID}, both), core.access_claims({**ACCESS}, both, "c")):
        assert "forged" not in claims.values()
        assert "s" == claims["sub"]
    gone = TokenChanges(access=OneToken(claims_to_suppress=[name]))
    if not name.startswith("dev:"):
        assert 1 == core.access_claims({**ACCESS, name: 1}, gone, "c").get(name) or name == "scope"


def test_an_audience_can_only_be_the_client() -> None:
    for wanted, expected in (("c", "c"), ("other", None), (["c"], None)):
        changes = two(accessTokenGeneration={"claimsToAddOrOverride": {"aud": wanted}})
        assert expected == core.access_claims(ACCESS, changes, "c").get("aud")
    bound = core.access_claims(
        {**ACCESS, "aud": "resource"}, two(accessTokenGeneration={"claimsToAddOrOverride": {"aud": "c"}}), "c"
    )
    assert "resource" == bound["aud"]


def test_scopes_are_added_and_taken_away() -> None:
    changes = two(accessTokenGeneration={"scopesToAdd": ["z", "x", "w"], "scopesToSuppress": ["y", "w"]})
    assert "x z" == core.access_claims(ACCESS, changes, "c")["scope"]
    none = two(accessTokenGeneration={"scopesToSuppress": ["x", "y"]})
    assert "scope" not in core.access_claims(ACCESS, none, "c")


def test_values_are_any_json_but_nothing() -> None:
    values = {"n": 1, "l": [1], "o": {"a": None}, "b": True, "gone": None}
    changes = two(idTokenGeneration={"claimsToAddOrOverride": values})
    changed = core.identity_claims(ID, changes)
    assert {"n": 1, "l": [1], "o": {"a": None}, "b": True} == {name: changed[name] for name in "nlob"}
    assert "gone" not in changed


@pytest.mark.parametrize("details", [None, {}])
def test_no_groups_take_all_groups_away(details: dict[str, Any] | None) -> None:
    for changes in (one(groupOverrideDetails=details), two(groupOverrideDetails=details)):
        assert {"sub", "aud", "email"} == core.identity_claims(ID, changes).keys()
        assert "cognito:groups" not in core.access_claims(ACCESS, changes, "c")


def test_groups_and_roles_are_replaced() -> None:
    details = {"groupsToOverride": ["b"], "iamRolesToOverride": ["q"], "preferredRole": "q"}
    changes = one(groupOverrideDetails=details)
    changed = core.identity_claims(ID, changes)
    assert (["b"], ["q"], "q") == tuple(changed[f"cognito:{n}"] for n in ("groups", "roles", "preferred_role"))
    access = core.access_claims(ACCESS, changes, "c")
    assert ["b"] == access["cognito:groups"]
    assert "cognito:roles" not in access


def test_a_scope_is_one_word_and_there_is_a_limit() -> None:
    for scope in ("a b", "", "a\nb"):
        body = {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": {"scopesToAdd": [scope]}}}
        assert core.read(msgspec.convert(body, AnswerTwo)) is None
    many = {f"c{number}": "x" for number in range(core.CHANGES)}
    assert many == one(claimsToAddOrOverride=many).identity.claims_to_add_or_override
    too_many = {"claimsOverrideDetails": {"claimsToAddOrOverride": many, "claimsToSuppress": ["email"]}}
    assert core.read(msgspec.convert(too_many, AnswerOne)) is None


@pytest.mark.parametrize("wrong", [{"claimsToAddOrOverride": {"a": 1}}, {"claimsToSuppress": "email"}, []])
def test_version_one_has_texts(wrong: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"claimsOverrideDetails": wrong}, AnswerOne)
