"""The filter language of SCIM (RFC 7644 section 3.4.2.2), and operations of PATCH (section 3.5.2)."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from poolhouse.house.scim.filters import (
    DEPTH_LIMIT,
    LENGTH_LIMIT,
    BadFilter,
    Both,
    Compare,
    Either,
    Node,
    Not,
    Within,
    exact_value,
    matches,
    parse,
)
from poolhouse.house.scim.patching import SCHEMA, apply, read
from poolhouse.house.scim.replies import ScimError
from poolhouse.house.scim.resources import USER_NAMES

MARIA: dict[str, Any] = {
    "id": "Abc",
    "externalId": "X1",
    "userName": "maria@example.com",
    "name": {"givenName": "Maria", "familyName": "Ortiz"},
    "active": True,
    "emails": [
        {"value": "maria@example.com", "type": "work", "primary": True},
        {"value": "maria@home.example", "type": "home"},
    ],
    "meta": {"lastModified": "2026-01-02T00:00:00Z"},
    "title": "",
}

FITS = (
    'userName eq "maria@example.com"',
    'username EQ "MARIA@EXAMPLE.COM"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "mar"',
    'name.familyName co "rti"',
    'name.familyName ew "tiz"',
    "active eq true",
    "name pr",
    'emails eq "maria@home.example"',
    'emails.type eq "home"',
    'emails[type eq "home" and value ew ".example"]',
    'not (active eq false) and userName ne "x"',
    'userName eq "x" or active eq true and name pr',
    'meta.lastModified gt "2026-01-01T00:00:00Z"',
    'meta.lastModified le "2026-01-02T00:00:00Z"',
    "nickName eq null",
    'id eq "Abc"',
)
DOES_NOT_FIT = (
    'userName eq "maria"',
    "active eq false",
    'active eq "true"',
    "title pr",
    "nickName pr",
    'emails[type eq "home" and value eq "maria@example.com"]',
    'id eq "abc"',
    'externalId eq "x1"',
    'emails ne "maria@example.com"',
    '(userName eq "x" or active eq true) and nickName pr',
    "userName gt 5",
)
NONE = (
    "", " ", "userName", "userName eq", "userName eq maria", 'userName is "x"', 'eq "x"', '(userName eq "x"',
    'userName eq "x")', 'userName eq "x" and', 'userName eq "x" "y"', "active gt true", "userName co 5",
    'emails[type eq "x"', 'a.b.c eq "x"', 'userName eq {"a":1}', 'userName eq ["a"]', 'userName eq "a\nb"',
    'userName eq "\\x"', "not active eq true", "(" * 500 + "a pr" + ")" * 500, "a pr " * 1000, '"', "]", "a eq 1e999",
)  # fmt: skip


@pytest.mark.parametrize("text", FITS)
def test_a_filter_finds_whom_it_describes(text: str) -> None:
    assert matches(parse(text), MARIA)


@pytest.mark.parametrize("text", DOES_NOT_FIT)
def test_a_filter_does_not_find_others(text: str) -> None:
    assert not matches(parse(text), MARIA)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        parse(text)


@given(st.text(max_size=200))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    try:
        node = parse(text)
    except BadFilter:
        return
    assert matches(node, MARIA) in {True, False}


_PATHS = st.sampled_from(["userName", "name.givenName", "emails.value", "active", "nothing"])
_VALUES = st.one_of(st.text(max_size=8).filter(str.isprintable), st.booleans(), st.integers(-9, 9), st.none())
_LEAVES = st.builds(Compare, _PATHS, st.sampled_from(["eq", "ne"]), _VALUES)
_NODES: st.SearchStrategy[Node] = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.builds(Both, inner, inner), st.builds(Either, inner, inner), st.builds(Not, inner)),
)


def written(node: Node) -> str:
    import json

    match node:
        case Compare(path, name, value):
            return f"{path} {name} {json.dumps(value)}"
        case Not(of):
            return f"not ({written(of)})"
        case Both(left, right):
            return f"({written(left)}) and ({written(right)})"
        case Either(left, right):
            return f"({written(left)}) or ({written(right)})"
        case Within(path, of):
            return f"{path}[{written(of)}]"


@given(_NODES)
def test_a_tree_that_is_written_is_read_as_it_was(node: Node) -> None:
    text = written(node)
    assume(len(text) <= LENGTH_LIMIT and depth(node) < DEPTH_LIMIT)
    assert parse(text) == node


def depth(node: Node) -> int:
    match node:
        case Both(left, right) | Either(left, right):
            return 1 + max(depth(left), depth(right))
        case Not(of):
            return 2 + depth(of)
        case _:
            return 0


def test_only_a_plain_comparison_is_looked_up_by_an_index() -> None:
    assert exact_value(parse('userName eq "A"')) == ("username", "A")
    assert exact_value(parse("active eq true")) is None
    assert exact_value(parse('userName eq "A" or active eq true')) is None
    assert exact_value(parse('userName co "A"')) is None


def patched(*operations: dict[str, Any]) -> dict[str, Any]:
    return apply(MARIA, read({"schemas": [SCHEMA], "Operations": list(operations)}), USER_NAMES)


def test_a_patch_sets_adds_and_removes() -> None:
    assert patched({"op": "replace", "path": "active", "value": False})["active"] is False
    assert patched({"op": "Replace", "value": {"name.givenName": "M", "ACTIVE": "False"}})["name"]["givenName"] == "M"
    assert "externalId" not in patched({"op": "remove", "path": "externalId"})
    added = patched({"op": "add", "path": "emails", "value": [{"value": "m@x.example"}]})
    assert len(added["emails"]) == 3
    one = patched({"op": "replace", "path": 'emails[type eq "work"].value', "value": "new@example.com"})
    assert [each["value"] for each in one["emails"]] == ["new@example.com", "maria@home.example"]
    left = patched({"op": "remove", "path": 'emails[type eq "home"]'})
    assert [each["type"] for each in left["emails"]] == ["work"]
    made = patched({"op": "add", "path": 'emails[type eq "other"].value', "value": "o@example.com"})
    assert made["emails"][-1] == {"type": "other", "value": "o@example.com"}
    again = patched({"op": "add", "path": "emails", "value": MARIA["emails"]})
    assert again["emails"] == MARIA["emails"]


def test_a_patch_leaves_the_resource_that_it_was_given() -> None:
    before = str(MARIA)
    patched({"op": "replace", "path": "name.givenName", "value": "X"}, {"op": "remove", "path": "emails"})
    assert str(MARIA) == before


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "move", "path": "active"}, "invalidSyntax"),
        ({"path": "active", "value": True}, "invalidSyntax"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "replace", "path": "active"}, "invalidValue"),
        ({"op": "replace", "path": "shoeSize", "value": 44}, "invalidPath"),
        ({"op": "replace", "value": {"shoeSize": 44}}, "invalidPath"),
        ({"op": "replace", "path": "emails[type eq", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "emails[type]", "value": 1}, "invalidFilter"),
        ({"op": "replace", "path": 'emails[value co "zzz"].type', "value": 1}, "noTarget"),
        ({"op": "replace", "path": 5, "value": 1}, "invalidPath"),
        ({"op": "replace", "value": 5}, "invalidValue"),
        ("replace", "invalidSyntax"),
    ],
)
def test_an_operation_that_is_none_is_refused_in_scims_words(operation: Any, kind: str) -> None:
    with pytest.raises(ScimError) as refused:
        patched(operation)
    assert refused.value.status == 400
    assert refused.value.kind == kind
