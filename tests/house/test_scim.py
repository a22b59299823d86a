"""A directory keeps the house's people and groups (RFC 7643, RFC 7644), as Okta and Entra ID really ask."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from poolhouse.house.app import House, Look, build
from poolhouse.house.model import Account, Document
from poolhouse.house.scim import keys
from poolhouse.house.scim.settings import Provisioning
from poolhouse.house.store import accounts
from poolhouse.house.store.groups import groups_of_account, put_group
from poolhouse.kit.ambient import Epoch, FixedClock, Secret, SystemEntropy
from poolhouse.kit.db.protocol import Tx
from tests.house.world import ADMIN, BASE, Browser, house_settings, words

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

Json = dict[str, Any]


async def switch(house: House, *, on: bool) -> None:
    async def change(_tx: Tx, document: Document) -> Document:
        return msgspec.structs.replace(document, provisioning=Provisioning(is_enabled=on))

    await house.ctx.live.change(change, by="test")


async def a_key(house: House) -> Secret:
    new = keys.mint(house.ctx, by="test")

    async def unit(tx: Tx) -> bool:
        return await keys.put(tx, new)

    assert await house.ctx.db.write(unit)
    return new.secret


class Directory:
    """A SCIM client."""

    def __init__(self, house: House, key: Secret) -> None:
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=house.app, client=("203.0.113.9", 40000)),
            base_url=f"{BASE}/scim/v2",
            headers={"authorization": f"Bearer {key.reveal()}", "content-type": "application/scim+json"},
        )

    async def get(self, path: str, **query: str) -> httpx.Response:
        return await self.client.get(path, params=query)

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        content = None if body is None else msgspec.json.encode(body)
        return await self.client.request(method, path, content=content)

    async def add(self, name: str = "maria@example.com", /, **other: Any) -> Json:
        answer = await self.send("POST", "/Users", {"schemas": [USER], "userName": name, **other})
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def patch(self, path: str, *operations: Json) -> httpx.Response:
        return await self.send("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    async def total(self, text: str) -> int:
        answer = await self.get("/Users", filter=text)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["totalResults"])


@pytest.fixture
async def directory(house: House) -> AsyncIterator[Directory]:
    await switch(house, on=True)
    client = Directory(house, await a_key(house))
    yield client
    await client.client.aclose()


async def find(house: House, account_id: str) -> Account:
    found = await house.ctx.db.read(lambda tx: accounts.find_account(tx, account_id))
    assert found is not None
    return found


def refused(answer: httpx.Response, status: int, kind: str = "") -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    body = answer.json()
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert body["status"] == str(status)
    assert body.get("scimType", "") == kind


# the key


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer x", "Bearer scim_" + "a" * 40, "Basic YTpi", "Bearer  ", "Bearer scim_" + "\u00e9" * 40],
)
async def test_without_the_key_nothing_is_told(directory: Directory, value: str) -> None:
    for path in ("/Users", "/ServiceProviderConfig", "/Nothing"):
        answer = await directory.client.get(path, headers=[(b"authorization", value.encode())])
        refused(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_administrators_cookie_is_no_key(directory: Directory, admin: Browser) -> None:
    refused(await admin.get("/scim/v2/Users"), 401)


async def test_the_key_opens_nothing_else(directory: Directory) -> None:
    answer = await directory.client.get(f"{BASE}/settings/users")
    assert answer.status_code in {303, 401}


async def test_turned_off_there_is_nothing(directory: Directory, house: House) -> None:
    await switch(house, on=False)
    refused(await directory.get("/Users"), 404)


async def test_there_are_two_keys_at_most(directory: Directory, house: House) -> None:
    await a_key(house)
    third = keys.mint(house.ctx, by="test")
    assert not await house.ctx.db.write(lambda tx: keys.put(tx, third))


# users


async def test_a_user_is_made_and_read(directory: Directory, house: House) -> None:
    made = await directory.add(
        externalId="00u1",
        name={"givenName": "Maria", "familyName": "Ortiz"},
        emails=[{"value": "other@example.com"}, {"value": "Maria.Ortiz@example.com", "primary": True}],
        title="Dr",
        **{ENTERPRISE: {"department": "Ships"}},
    )
    assert made["meta"]["location"] == f"{BASE}/scim/v2/Users/{made['id']}"
    read = (await directory.get(f"/Users/{made['id']}")).json()
    assert read == made
    assert read["emails"] == [{"value": "Maria.Ortiz@example.com", "type": "work", "primary": True}]
    assert read["displayName"] == "Maria Ortiz"
    assert read["active"] is True
    # What is not kept is not in the answer.
    assert "title" not in read
    assert ENTERPRISE not in read
    account = await find(house, made["id"])
    assert account.password_hash is None
    assert not account.is_admin
    assert account.email_proof == ""


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "invalidSyntax"),
        ({"userName": ""}, "invalidValue"),
        ({"userName": 5}, "invalidValue"),
        ({"userName": "a" * 201}, "invalidValue"),
        ({"userName": "a\nb"}, "invalidValue"),
        ({"userName": "a\u0000b"}, "invalidValue"),
        ({"userName": "a", "active": "perhaps"}, "invalidValue"),
        ({"userName": "a", "emails": "a@b.example"}, "invalidValue"),
        ({"userName": "a", "emails": [{"value": "a@evil@b.example"}]}, "invalidValue"),
        ([], "invalidSyntax"),
        ("text", "invalidSyntax"),
    ],
)
async def test_a_user_who_is_none_is_refused(directory: Directory, body: Any, kind: str) -> None:
    refused(await directory.send("POST", "/Users", body), 400, kind)


async def test_bytes_that_are_no_json_are_refused(directory: Directory) -> None:
    for content in (b"{", b"\xff", b"[" * 100_000):
        refused(await directory.client.post("/Users", content=content), 400, "invalidSyntax")
    big = await directory.client.post("/Users", content=b" " * (2 * 1024 * 1024 + 1))
    refused(big, 413)
    form = await directory.client.post("/Users", content=b"a=b", headers={"content-type": "text/plain"})
    refused(form, 415)


async def test_user_names_are_unique_whatever_their_case(directory: Directory) -> None:
    made = await directory.add("maria@example.com")
    again = {"userName": "MARIA@example.com"}
    refused(await directory.send("POST", "/Users", again), 409, "uniqueness")
    other = await directory.add("other@example.com")
    refused(await directory.send("PUT", f"/Users/{other['id']}", again), 409, "uniqueness")
    assert (await directory.send("PUT", f"/Users/{made['id']}", again)).json()["userName"] == "MARIA@example.com"


async def test_a_directory_does_not_take_an_administrators_address(directory: Directory) -> None:
    refused(await directory.send("POST", "/Users", {"userName": ADMIN}), 409, "uniqueness")
    body = {"userName": "somebody", "emails": [{"value": ADMIN.upper()}]}
    refused(await directory.send("POST", "/Users", body), 409, "uniqueness")


async def test_a_directory_does_not_change_who_has_a_password(directory: Directory, house: House) -> None:
    found = (await directory.get("/Users", filter=f'userName eq "{ADMIN}"')).json()["Resources"][0]
    path = f"/Users/{found['id']}"
    refused(await directory.patch(path, {"op": "replace", "path": "displayName", "value": "X"}), 400, "mutability")
    refused(
        await directory.patch(path, {"op": "replace", "path": "userName", "value": "x@y.example"}), 400, "mutability"
    )
    refused(await directory.send("DELETE", path), 400, "mutability")
    # Nor may it lock the last administrator out.
    refused(await directory.patch(path, {"op": "replace", "path": "active", "value": False}), 409)
    assert (await find(house, found["id"])).is_enabled


async def test_leaving_the_firm_ends_every_session_at_once(directory: Directory, house: House, clock: Any) -> None:
    from poolhouse.house.store import sessions

    made = await directory.add()

    async def sign_in(tx: Tx) -> None:
        await sessions.put_session(
            tx, id_digest=b"s" * 32, account_id=made["id"], method="oidc", issuer="", subject="", claims="",
            sealed_id_token=None, address="", agent="", now=clock.now(), expires_at=Epoch(clock.now() + 999),
        )  # fmt: skip

    async def is_in() -> bool:
        found = await house.ctx.db.read(
            lambda tx: sessions.find_session(tx, b"s" * 32, now=clock.now(), idle_seconds=999)
        )
        return found is not None

    await house.ctx.db.write(sign_in)
    assert await is_in()
    # As Okta says it, then as Entra ID does.
    left = await directory.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    assert left.json()["active"] is False
    assert not await is_in()
    back = await directory.patch(f"/Users/{made['id']}", {"op": "Replace", "path": "active", "value": "True"})
    assert back.json()["active"] is True
    assert not await is_in()


async def test_whom_an_administrator_has_disabled_a_directory_does_not_enable(
    directory: Directory, house: House, admin: Browser
) -> None:
    made = await directory.add()
    assert (
        await admin.post(f"/settings/users/{made['id']}/disable", page=f"/settings/users/{made['id']}")
    ).status_code == 303
    operation = {"op": "replace", "path": "active", "value": True}
    refused(await directory.patch(f"/Users/{made['id']}", operation), 400, "mutability")
    assert not (await find(house, made["id"])).is_enabled
    # Saying what is so already is no change.
    renamed = await directory.patch(
        f"/Users/{made['id']}", {"op": "replace", "value": {"active": False, "displayName": "M"}}
    )
    assert renamed.json()["displayName"] == "M"


async def test_a_whole_user_replaces_what_was_there(directory: Directory) -> None:
    made = await directory.add(displayName="Maria", externalId="1")
    changed = await directory.send("PUT", f"/Users/{made['id']}", {"userName": "maria@example.com", "active": True})
    assert "displayName" not in changed.json()
    assert "externalId" not in changed.json()


async def test_a_patch_is_all_or_nothing(directory: Directory) -> None:
    made = await directory.add(displayName="Maria")
    answer = await directory.patch(
        f"/Users/{made['id']}",
        {"op": "replace", "path": "displayName", "value": "New"},
        {"op": "replace", "path": "emails", "value": "no list"},
    )
    refused(answer, 400, "invalidValue")
    assert (await directory.get(f"/Users/{made['id']}")).json()["displayName"] == "Maria"


async def test_a_deleted_user_is_gone(directory: Directory) -> None:
    made = await directory.add()
    assert (await directory.send("DELETE", f"/Users/{made['id']}")).status_code == 204
    refused(await directory.get(f"/Users/{made['id']}"), 404)
    refused(await directory.send("DELETE", f"/Users/{made['id']}"), 404)
    await directory.add()


# lists


async def test_users_are_found_by_what_directories_ask_for(directory: Directory) -> None:
    await directory.add("maria@example.com", externalId="X", displayName="Maria")
    assert await directory.total('userName eq "Maria@Example.com"') == 1
    assert await directory.total('externalId eq "X"') == 1
    assert await directory.total('externalId eq "x"') == 0
    assert await directory.total('emails.value eq "maria@example.com"') == 1
    assert await directory.total('displayName sw "mar" and active eq true') == 1
    assert await directory.total("not (active eq true)") == 0
    refused(await directory.get("/Users", filter="userName eq"), 400, "invalidFilter")
    refused(await directory.get("/Users", count="many"), 400, "invalidValue")
    refused(await directory.get("/Users", sortBy="displayName"), 400, "invalidValue")


async def test_pages_count_from_one_and_cover_everybody_once(directory: Directory) -> None:
    for number in range(7):
        await directory.add(f"user{number}")
    for text in ("", "userName pr"):
        seen = []
        for start in (1, 4, 7, 10):
            page = (await directory.get("/Users", startIndex=str(start), count="3", filter=text)).json()
            assert page["totalResults"] == 8
            assert page["startIndex"] == start
            assert page["itemsPerPage"] == len(page["Resources"])
            seen += [each["userName"] for each in page["Resources"]]
        assert seen == [ADMIN, *(f"user{number}" for number in range(7))]
    none = (await directory.get("/Users", count="0")).json()
    assert none["totalResults"] == 8
    assert none["Resources"] == []


async def test_an_answer_has_the_attributes_that_are_asked_for(directory: Directory) -> None:
    made = await directory.add(displayName="Maria")
    few = (await directory.get(f"/Users/{made['id']}", attributes="userName,name.givenName")).json()
    assert set(few) == {"schemas", "id", "userName"}
    assert "formatted" in (await directory.get(f"/Users/{made['id']}", attributes="name")).json()["name"]
    part = (await directory.get(f"/Users/{made['id']}", excludedAttributes="emails.type,emails.primary")).json()
    assert part["emails"] == [{"value": "maria@example.com"}]
    most = (await directory.get(f"/Users/{made['id']}", excludedAttributes="groups,emails")).json()
    assert not {"groups", "emails"} & set(most)
    assert "displayName" in most


# groups


async def test_a_group_and_its_members(directory: Directory, house: House) -> None:
    people = [await directory.add(f"user{number}") for number in range(3)]
    ids = [each["id"] for each in people]
    made = await directory.send("POST", "/Groups", {"displayName": "Sailors", "members": [{"value": ids[0]}]})
    assert made.status_code == 201
    path = f"/Groups/{made.json()['id']}"

    async def members() -> list[str]:
        return sorted(each["value"] for each in (await directory.get(path)).json()["members"])

    assert await members() == [ids[0]]
    await directory.patch(path, {"op": "Add", "path": "members", "value": [{"value": ids[1]}, {"value": ids[2]}]})
    assert await members() == sorted(ids)
    await directory.patch(path, {"op": "Remove", "path": f'members[value eq "{ids[0]}"]'})
    await directory.patch(path, {"op": "Remove", "path": "members", "value": [{"value": ids[1]}]})
    assert await members() == [ids[2]]
    await directory.patch(path, {"op": "replace", "value": {"displayName": "Crew", "members": [{"value": ids[0]}]}})
    assert await members() == [ids[0]]
    read = (await directory.get(path, excludedAttributes="members")).json()
    assert read["displayName"] == "Crew"
    assert "members" not in read
    groups = await house.ctx.db.read(lambda tx: groups_of_account(tx, ids[0]))
    assert [(each.group.name, each.source) for each in groups] == [("Crew", "scim")]
    assert (await directory.get(f"/Users/{ids[0]}")).json()["groups"][0]["display"] == "Crew"
    await directory.patch(path, {"op": "remove", "path": "members"})
    assert await members() == []
    assert (await directory.send("DELETE", path)).status_code == 204
    refused(await directory.get(path), 404)


async def test_a_member_who_is_not_there_is_refused_and_nothing_is_changed(directory: Directory) -> None:
    made = (await directory.send("POST", "/Groups", {"displayName": "Sailors"})).json()
    person = await directory.add()
    answer = await directory.patch(
        f"/Groups/{made['id']}",
        {"op": "add", "path": "members", "value": [{"value": person["id"]}, {"value": "nobody"}]},
    )
    refused(answer, 400, "invalidValue")
    assert (await directory.get(f"/Groups/{made['id']}")).json()["members"] == []


async def test_a_directory_changes_only_the_groups_that_it_made(directory: Directory, house: House) -> None:
    from poolhouse.house.people import Group

    own = Group(id="own", name="Administrators", created_at=Epoch(1), changed_at=Epoch(1))
    await house.ctx.db.write(lambda tx: put_group(tx, own))
    person = await directory.add()
    assert (await directory.get("/Groups/own")).json()["displayName"] == "Administrators"
    for answer in (
        await directory.patch("/Groups/own", {"op": "add", "path": "members", "value": [{"value": person["id"]}]}),
        await directory.send("PUT", "/Groups/own", {"displayName": "Mine", "members": [{"value": person["id"]}]}),
        await directory.send("DELETE", "/Groups/own"),
    ):
        refused(answer, 403)
    refused(await directory.send("POST", "/Groups", {"displayName": "ADMINISTRATORS"}), 409, "uniqueness")
    assert await house.ctx.db.read(lambda tx: groups_of_account(tx, person["id"])) == []


async def test_a_directory_does_not_take_the_last_administrators_group_away(directory: Directory, house: House) -> None:
    from poolhouse.house.roles import ADMINISTRATOR
    from poolhouse.house.store import directory as people
    from poolhouse.house.store import grants

    made = (await directory.send("POST", "/Groups", {"displayName": "Bridge"})).json()
    path = f"/Groups/{made['id']}"
    found = await house.ctx.db.read(lambda tx: people.find_account_named(tx, ADMIN))
    assert found is not None
    await house.ctx.db.write(lambda tx: grants.put_group_role(tx, made["id"], ADMINISTRATOR, now=Epoch(1)))
    await directory.patch(path, {"op": "add", "path": "members", "value": [{"value": found.id}]})
    await house.ctx.db.write(lambda tx: accounts.set_admin(tx, found.id, is_admin=False))
    for answer in (
        await directory.patch(path, {"op": "remove", "path": "members"}),
        await directory.send("PUT", path, {"displayName": "Bridge"}),
        await directory.send("DELETE", path),
    ):
        refused(answer, 409)
    assert (await directory.get(path)).json()["members"][0]["value"] == found.id


async def test_groups_are_found_by_name_and_by_member(directory: Directory) -> None:
    person = await directory.add()
    for name in ("One", "Two"):
        members = [{"value": person["id"]}] if name == "Two" else []
        await directory.send("POST", "/Groups", {"displayName": name, "externalId": name * 2, "members": members})
    for text in (
        'displayName eq "two"',
        'externalId eq "TwoTwo"',
        f'members[value eq "{person["id"]}"]',
        'displayName ew "o" and members pr',
    ):
        found = (await directory.get("/Groups", filter=text)).json()
        assert [each["displayName"] for each in found["Resources"]] == ["Two"], text


# the service


async def test_the_service_tells_what_it_can(directory: Directory) -> None:
    config = (await directory.get("/ServiceProviderConfig")).json()
    assert config["patch"]["supported"] is True
    assert config["bulk"]["supported"] is False
    types = (await directory.get("/ResourceTypes")).json()
    assert [each["endpoint"] for each in types["Resources"]] == ["/Users", "/Groups"]
    schema = (await directory.get(f"/Schemas/{USER}")).json()
    made = await directory.add(displayName="M", externalId="1", name={"givenName": "M"})
    assert set(made) - {"schemas", "id", "externalId", "meta"} <= {each["name"] for each in schema["attributes"]}
    assert (await directory.get("/ResourceTypes/User")).json()["schema"] == USER
    refused(await directory.get("/ResourceTypes", filter='id eq "User"'), 403)
    refused(await directory.get("/Schemas/none"), 404)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Me", 501),
        ("POST", "/Bulk", 501),
        ("DELETE", "/Users", 405),
        ("POST", "/Users/x", 405),
        ("GET", "/Users/x/y", 404),
        ("GET", "/users", 404),
        ("GET", "/", 404),
        ("PUT", "/Schemas", 405),
    ],
)
async def test_what_the_service_cannot_is_said(directory: Directory, method: str, path: str, status: int) -> None:
    refused(await directory.send(method, path), status)


async def test_what_a_directory_does_is_in_the_audit_log(directory: Directory, admin: Browser) -> None:
    made = await directory.add()
    await directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    group = (
        await directory.send("POST", "/Groups", {"displayName": "Sailors", "members": [{"value": made["id"]}]})
    ).json()
    await directory.send("DELETE", f"/Groups/{group['id']}")
    log = words(await admin.get("/settings/audit-log"))
    for event in ("Account created", "Account disabled", "Group added", "Added to group", "Group deleted"):
        assert event in log
    assert "SCIM (scim_" in log
    assert "203.0.113.9" in log
    key = directory.client.headers["authorization"].removeprefix("Bearer ")
    assert key not in log


# what a key does not open


@pytest.mark.parametrize("name", ["service:backup", "https://id.example|42"])
async def test_nobody_is_called_as_apps_are_told_of_machines(directory: Directory, name: str) -> None:
    refused(await directory.send("POST", "/Users", {"schemas": [USER], "userName": name}), 400, "invalidValue")

    made = await directory.add()
    answer = await directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "userName", "value": name})
    refused(answer, 400, "invalidValue")


async def test_a_patch_of_many_values_does_not_hold_the_house_up(directory: Directory) -> None:
    made = await directory.add()
    many = [{"op": "add", "path": "photos", "value": [number] * 20_000} for number in range(2)]
    begin = time.monotonic()

    answer = await directory.patch(f"/Users/{made['id']}", *many)

    refused(answer, 400, "invalidValue")
    assert time.monotonic() - begin < 1


async def test_a_patch_of_long_paths_does_not_hold_the_house_up(directory: Directory) -> None:
    made = await directory.add()
    path = f"photos[{' or '.join(['value eq 1'] * 100)}].value"

    refused(await directory.patch(f"/Users/{made['id']}", {"op": "add", "path": path, "value": 1}), 400, "invalidPath")


async def test_a_user_that_is_added_several_times_at_once_is_one(
    shared_url: str, clock: FixedClock, look: Look
) -> None:
    house = await build(house_settings(database=shared_url), clock=clock, entropy=SystemEntropy(), look=look)
    await switch(house, on=True)
    client = Directory(house, await a_key(house))
    try:
        body = {"schemas": [USER], "userName": "m.ortiz", "externalId": "00u1"}
        answers = await asyncio.gather(*(client.send("POST", "/Users", body) for _ in range(6)))
    finally:
        await client.client.aclose()
        await house.close()

    assert [201, *[409] * 5] == sorted(each.status_code for each in answers)


async def test_an_external_id_is_of_one_account_and_of_one_group(directory: Directory) -> None:
    """RFC 7644 section 3.12; the first sign-in is given the account that has it."""
    for path, name in (("/Users", "userName"), ("/Groups", "displayName")):
        one = await directory.send("POST", path, {name: "one", "externalId": "x-1"})
        other = (await directory.send("POST", path, {name: "other", "externalId": "x-2"})).json()
        again = {name: "again", "externalId": "x-1"}

        refused(await directory.send("POST", path, again), 409, "uniqueness")
        refused(await directory.send("PUT", f"{path}/{other['id']}", again), 409, "uniqueness")
        change = {"op": "replace", "path": "externalId", "value": "x-1"}
        refused(await directory.patch(f"{path}/{other['id']}", change), 409, "uniqueness")
        assert 201 == one.status_code
        assert 200 == (await directory.send("PUT", f"{path}/{one.json()['id']}", again)).status_code
        for third in ("third", "fourth"):
            assert 201 == (await directory.send("POST", path, {name: third})).status_code
