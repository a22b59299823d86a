"""Users whom an administrator changes, disables, signs out and deletes."""

from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.flows import credentials, issue, lockout, people
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.grant import BrowserSession, Grant
from poolhouse.pool.model.user import CodePurpose, Credentials, SentCode, Status, User
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import attempts, grants
from poolhouse.pool.store import groups as group_store
from poolhouse.pool.store import pools as pool_store
from poolhouse.pool.store import users as store
from tests.api.administrator import Ask, missing_pool, refusal
from tests.support.builders import (
    PASSWORD,
    a_client,
    a_custom,
    a_pool,
    a_schema,
    a_user,
    messages,
    reconfigure,
    the_user,
)

INVALID = "InvalidParameterException"
NOT_AUTHORIZED = "NotAuthorizedException"
NO_USER = ("UserNotFoundException", "User does not exist.")
NEW = "New-Password-9"
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:hook"
OPERATIONS: list[tuple[str, dict[str, Any]]] = [
    ("AdminSetUserPassword", {"Password": NEW}),
    ("AdminUpdateUserAttributes", {"UserAttributes": [{"Name": "name", "Value": "Ann"}]}),
    ("AdminDeleteUserAttributes", {"UserAttributeNames": ["name"]}),
    ("AdminEnableUser", {}),
    ("AdminDisableUser", {}),
    ("AdminDeleteUser", {}),
    ("AdminResetUserPassword", {}),
    ("AdminConfirmSignUp", {}),
    ("AdminUserGlobalSignOut", {}),
]


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    custom = (a_custom("team"), a_custom("fixed", mutable=False))
    return await a_pool(flow, schema_attributes=a_schema(required=("name",), custom=custom))


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id, "Username": "ann"}


async def signed_in(flow: Flow, pool: PoolEntry, user: User) -> tuple[Grant, BrowserSession]:
    """What a sign-in leaves behind: a grant with tokens, and a browser's session."""
    client = (await a_client(flow, pool)).client
    now = flow.clock.now()
    grant = issue.new_grant(flow, client, user, scope="openid", hosted=True, auth_time=now, amr=("pwd",))
    await issue.start(flow, pool, client, user, grant)
    session = BrowserSession(
        digest=flow.entropy.token(32), pool_id=pool.pool.id, username=user.username, sub=user.sub, password=people.proof(user),
        auth_time=now,
        expires_at=now + 3600,
    )  # fmt: skip
    await flow.database.write(lambda tx: grants.put_session(tx, session))
    return grant, session


async def left(flow: Flow, grant: Grant, session: BrowserSession) -> tuple[bool, bool]:
    """Whether the grant and the session still are."""

    async def read(tx: ReadTx) -> tuple[bool, bool]:
        return (
            await grants.find_grant(tx, grant.id) is not None,
            await grants.find_session(tx, session.digest) is not None,
        )

    return await flow.database.read(read)


async def named(ask: Ask, at: dict[str, Any]) -> dict[str, str]:
    got = await ask("AdminGetUser", **at)
    return {attribute["Name"]: attribute["Value"] for attribute in got["UserAttributes"] if attribute["Name"] != "sub"}


def attributes(**values: str) -> list[dict[str, str]]:
    return [{"Name": name.replace("custom_", "custom:"), "Value": value} for name, value in values.items()]


@pytest.mark.parametrize(("operation", "body"), OPERATIONS)
async def test_a_user_is_known_in_pool_and_region_only(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], operation: str, body: dict[str, Any]
) -> None:
    await a_user(flow, await a_pool(flow), "ann", None)
    assert NO_USER == await refusal(ask, operation, **at, **body)
    before = await a_user(flow, pool, "ann", None, name="Ann")

    assert missing_pool(pool.pool.id) == await refusal(ask, operation, region="eu-west-1", **at, **body)
    gone = await refusal(ask, operation, UserPoolId="us-east-1_No", Username="ann", **body)
    assert missing_pool("us-east-1_No") == gone
    assert before == await the_user(flow, pool, "ann")


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize(
    ("permanent", "after"),
    [(True, Status.CONFIRMED), (False, Status.FORCE_CHANGE_PASSWORD), (None, Status.FORCE_CHANGE_PASSWORD)],
)
async def test_a_password_is_set_in_every_status(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], status: Status, permanent: bool | None, after: Status
) -> None:
    await a_user(flow, pool, "ann", None, status=status)

    assert {} == await ask("AdminSetUserPassword", **at, Password=NEW, Permanent=permanent)

    user = await the_user(flow, pool, "ann")
    assert after is user.status
    assert await credentials.check_password(flow, user, NEW)
    assert (None if permanent else flow.clock.now()) == user.credentials.temporary_since
    assert credentials.open_verifier(flow, user)


async def test_a_set_password_ends_what_belonged_to_the_old_one(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    user = await a_user(flow, pool, "ann", email="ann@example.com", email_verified="true")
    await ask("AdminResetUserPassword", **at)
    counter = f"{lockout.PASSWORD}:{lockout.owner(flow, pool.pool, user, 'ann')}"
    now = flow.clock.now()
    await flow.database.write(lambda tx: attempts.put_failures(tx, counter, 9, now, now + 900))

    await ask("AdminSetUserPassword", **at, Password=NEW, Permanent=True)

    async def read(tx: ReadTx) -> tuple[object, object]:
        code = await attempts.find_sent_code(tx, pool.pool.id, user.username, CodePurpose.RESET)
        return code, await attempts.find_failures(tx, counter)

    assert (None, None) == await flow.database.read(read)
    assert not await credentials.check_password(flow, await the_user(flow, pool, "ann"), PASSWORD)


async def test_a_password_keeps_policy_and_history(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    policy = msgspec.structs.replace(credentials.policy_of(pool.pool), password_history_size=3)
    pool = await reconfigure(flow, pool, policies=shapes.UserPoolPolicyType(password_policy=policy))
    await a_user(flow, pool, "ann")

    short = ("InvalidPasswordException", "Password did not conform with policy: Password not long enough")
    assert short == await refusal(ask, "AdminSetUserPassword", **at, Password="Ab1-")
    await ask("AdminSetUserPassword", **at, Password=NEW, Permanent=True)
    used = ("PasswordHistoryPolicyViolationException", "Password has previously been used.")
    for password in (NEW, PASSWORD):
        assert used == await refusal(ask, "AdminSetUserPassword", **at, Password=password)
    for number in (1, 2):
        await ask("AdminSetUserPassword", **at, Password=f"Another-One-{number}", Permanent=True)
    await ask("AdminSetUserPassword", **at, Password=PASSWORD, Permanent=True)


async def test_confirming_by_password_or_hand_does_not_take_a_preferred_username(ask: Ask, flow: Flow) -> None:
    pool = await a_pool(flow, alias_attributes=["preferred_username"])
    await a_user(flow, pool, "ann", None, preferred_username="a")
    await a_user(flow, pool, "bob", None, status=Status.UNCONFIRMED, preferred_username="a")
    at = {"UserPoolId": pool.pool.id, "Username": "bob"}

    taken = ("AliasExistsException", "An account with the preferred_username already exists.")
    assert taken == await refusal(ask, "AdminConfirmSignUp", **at)
    assert taken == await refusal(ask, "AdminSetUserPassword", **at, Password=NEW, Permanent=True)
    assert Status.UNCONFIRMED is (await the_user(flow, pool, "bob")).status


async def test_attributes_are_changed_and_deleted(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], clock: FixedClock
) -> None:
    await a_user(flow, pool, "ann", None, name="Ann", nickname="A", custom_team="x", custom_fixed="y")
    clock.advance(5)

    changes = attributes(name="Anna", custom_team="z", nickname="")
    assert {} == await ask("AdminUpdateUserAttributes", **at, UserAttributes=changes)
    assert {"name": "Anna", "custom:team": "z", "custom:fixed": "y"} == await named(ask, at)
    assert clock.now_ms() / 1000 == (await ask("AdminGetUser", **at))["UserLastModifiedDate"]

    assert {} == await ask("AdminDeleteUserAttributes", **at, UserAttributeNames=["custom:team", "website"])
    assert {"name": "Anna", "custom:fixed": "y"} == await named(ask, at)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (attributes(custom_fixed="z"), "user.custom:fixed: Attribute cannot be updated."),
        (attributes(custom_none="z"), "user.custom:none: Attribute does not exist in the schema."),
        (attributes(email="no"), "Invalid email address format."),
        (attributes(name=""), "Attributes did not conform to the schema: name.formatted: The attribute name.formatted"),
        (attributes(sub="x"), "user.sub: Attribute cannot be updated."),
        ([*attributes(nickname="a"), *attributes(nickname="b")], "Duplicate attribute names are not allowed."),
    ],
)
async def test_changes_keep_the_schema(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], changes: list[dict[str, str]], message: str
) -> None:
    before = await a_user(flow, pool, "ann", None, name="Ann", custom_fixed="y")

    refused = await refusal(ask, "AdminUpdateUserAttributes", **at, UserAttributes=changes)

    assert INVALID == refused[0]
    assert refused[1].startswith(message)
    assert before == await the_user(flow, pool, "ann")


@pytest.mark.parametrize("name", ["name", "sub", "custom:fixed", "custom:none"])
async def test_what_must_stay_cannot_be_deleted(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], name: str
) -> None:
    before = await a_user(flow, pool, "ann", None, name="Ann", custom_fixed="y")

    code, _ = await refusal(ask, "AdminDeleteUserAttributes", **at, UserAttributeNames=[name])

    assert INVALID == code
    assert before == await the_user(flow, pool, "ann")


async def test_a_new_address_is_unverified_unless_said_otherwise(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    await reconfigure(flow, pool, auto_verified_attributes=["email"])
    await a_user(flow, pool, "ann", None, name="Ann", email="a@example.com", email_verified="true")

    await ask("AdminUpdateUserAttributes", **at, UserAttributes=attributes(email="b@example.com"))
    assert "false" == (await named(ask, at))["email_verified"]
    [(message, _)] = await messages(flow, pool)
    assert ("b@example.com", "CustomMessage_UpdateUserAttribute") == (message.destination, message.kind)

    verified = attributes(email="c@example.com", email_verified="true")
    await ask("AdminUpdateUserAttributes", **at, UserAttributes=verified)
    assert "true" == (await named(ask, at))["email_verified"]
    assert 1 == len(await messages(flow, pool))


async def test_an_address_that_signs_in_is_one_user_s(ask: Ask, flow: Flow) -> None:
    pool = await a_pool(flow, username_attributes=["email"])
    await a_user(flow, pool, password=None, email="ann@example.com")
    await a_user(flow, pool, password=None, email="bob@example.com")
    at = {"UserPoolId": pool.pool.id, "Username": "bob@example.com"}

    taken = ("AliasExistsException", "An account with the email already exists.")
    changes = attributes(email="ann@example.com")
    assert taken == await refusal(ask, "AdminUpdateUserAttributes", **at, UserAttributes=changes)
    await ask("AdminUpdateUserAttributes", **at, UserAttributes=attributes(email="eve@example.com"))
    assert NO_USER == await refusal(ask, "AdminGetUser", **at)
    code, _ = await refusal(
        ask, "AdminDeleteUserAttributes", UserPoolId=pool.pool.id, Username="eve@example.com",
        UserAttributeNames=["email"],
    )  # fmt: skip
    assert INVALID == code


async def test_a_disabled_user_loses_tokens_and_browsers_and_keeps_the_status(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    user = await a_user(flow, pool, "ann")
    other = await a_user(flow, pool, "bob", None)
    held = await signed_in(flow, pool, user)
    others = await signed_in(flow, pool, other)

    for _ in range(2):
        assert {} == await ask("AdminDisableUser", **at)
        got = await ask("AdminGetUser", **at)
        assert (False, "CONFIRMED") == (got["Enabled"], got["UserStatus"])
    assert (False, False) == await left(flow, *held)
    assert (True, True) == await left(flow, *others)

    for _ in range(2):
        assert {} == await ask("AdminEnableUser", **at)
        assert (await ask("AdminGetUser", **at))["Enabled"]
    assert (False, False) == await left(flow, *held)


async def test_a_user_is_signed_out_of_all_apps_and_stays_in_the_browser(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    user = await a_user(flow, pool, "ann")
    held = await signed_in(flow, pool, user)
    others = await signed_in(flow, pool, await a_user(flow, pool, "bob", None))

    assert {} == await ask("AdminUserGlobalSignOut", **at)

    assert (False, True) == await left(flow, *held)
    assert (True, True) == await left(flow, *others)


async def test_a_deleted_user_is_gone_with_all_that_was_his(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    user = await a_user(flow, pool, "ann", email="ann@example.com", email_verified="true")
    held = await signed_in(flow, pool, user)
    await ask("AdminResetUserPassword", **at)
    await ask("CreateGroup", UserPoolId=pool.pool.id, GroupName="g")
    await ask("AdminAddUserToGroup", **at, GroupName="g")

    assert {} == await ask("AdminDeleteUser", **at)

    assert NO_USER == await refusal(ask, "AdminGetUser", **at)
    assert NO_USER == await refusal(ask, "AdminDeleteUser", **at)
    assert (False, False) == await left(flow, *held)

    async def read(tx: ReadTx) -> tuple[object, ...]:
        return (
            await attempts.find_sent_code(tx, pool.pool.id, user.username, CodePurpose.RESET),
            await group_store.list_members(tx, pool.pool.id, "g", "", 1),
            await pool_store.count_users(tx, pool.pool.id),
        )

    assert (None, [], 0) == await flow.database.read(read)
    reborn = await a_user(flow, pool, "ann", None)
    assert reborn.sub != user.sub
    assert [] == (await ask("AdminListGroupsForUser", **at))["Groups"]


async def test_a_user_is_deleted_by_any_name(ask: Ask, flow: Flow) -> None:
    pool = await a_pool(flow, username_attributes=["email"])
    users = [await a_user(flow, pool, password=None, email=f"{name}@example.com") for name in ("ann", "bob")]

    for name in ("ann@example.com", users[1].sub):
        await ask("AdminDeleteUser", UserPoolId=pool.pool.id, Username=name)

    assert [] == (await ask("ListUsers", UserPoolId=pool.pool.id))["Users"]


async def test_a_reset_takes_the_password_away_and_sends_a_code(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    await a_user(flow, pool, "ann", email="ann@example.com", email_verified="true")

    for count in (1, 2):
        assert {} == await ask("AdminResetUserPassword", **at)
        assert "RESET_REQUIRED" == (await ask("AdminGetUser", **at))["UserStatus"]
        sent = await messages(flow, pool)
        assert count == len(sent)
        assert ("CustomMessage_ForgotPassword", "ann@example.com") == (sent[0][0].kind, sent[0][0].destination)


@pytest.mark.parametrize("status", [Status.UNCONFIRMED, Status.FORCE_CHANGE_PASSWORD, Status.EXTERNAL_PROVIDER])
async def test_only_a_password_that_is_the_user_s_own_is_reset(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], status: Status
) -> None:
    await a_user(flow, pool, "ann", None, status=status, email="ann@example.com", email_verified="true")

    expected = (NOT_AUTHORIZED, "User password cannot be reset in the current state.")
    assert expected == await refusal(ask, "AdminResetUserPassword", **at)
    assert status is (await the_user(flow, pool, "ann")).status
    assert [] == await messages(flow, pool)


async def test_a_reset_needs_an_enabled_user_with_an_address(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    await a_user(flow, pool, "ann", email="ann@example.com")

    message = "Cannot reset password for the user as there is no registered/verified email or phone_number"
    assert (INVALID, message) == await refusal(ask, "AdminResetUserPassword", **at)
    await ask("AdminUpdateUserAttributes", **at, UserAttributes=attributes(email_verified="true"))
    await ask("AdminDisableUser", **at)
    assert (NOT_AUTHORIZED, "User is disabled") == await refusal(ask, "AdminResetUserPassword", **at)
    assert "CONFIRMED" == (await ask("AdminGetUser", **at))["UserStatus"]


async def test_an_administrator_confirms_and_verifies_nothing(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    user = await a_user(flow, pool, "ann", status=Status.UNCONFIRMED, email="ann@example.com")
    code = SentCode(
        pool_id=pool.pool.id, username=user.username, purpose=CodePurpose.SIGN_UP, digest=b"x", attribute="email",
        expires_at=flow.clock.now() + 60,
    )  # fmt: skip
    await flow.database.write(lambda tx: attempts.put_sent_code(tx, code))

    assert {} == await ask("AdminConfirmSignUp", **at)

    confirmed = await the_user(flow, pool, "ann")
    assert (Status.CONFIRMED, {"email": "ann@example.com"}) == (confirmed.status, confirmed.attributes)

    async def read(tx: ReadTx) -> object:
        return await attempts.find_sent_code(tx, pool.pool.id, user.username, CodePurpose.SIGN_UP)

    assert await flow.database.read(read) is None


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.UNCONFIRMED])
async def test_only_an_unconfirmed_user_is_confirmed(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], status: Status
) -> None:
    await a_user(flow, pool, "ann", None, status=status)

    expected = (NOT_AUTHORIZED, f"User cannot be confirmed. Current status is {status.value}")
    assert expected == await refusal(ask, "AdminConfirmSignUp", **at)


async def test_a_confirmed_preferred_username_is_an_alias(ask: Ask, flow: Flow) -> None:
    pool = await a_pool(flow, alias_attributes=["preferred_username"])
    at = {"UserPoolId": pool.pool.id}
    await a_user(flow, pool, "ann", None, status=Status.UNCONFIRMED, preferred_username="a")
    assert NO_USER == await refusal(ask, "AdminGetUser", **at, Username="a")

    await ask("AdminConfirmSignUp", **at, Username="ann")

    assert "ann" == (await ask("AdminGetUser", **at, Username="a"))["Username"]


async def test_changes_of_several_administrators_add_up(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    user = await a_user(flow, pool, "ann", None, status=Status.UNCONFIRMED)
    # Each works on what it read before the other wrote.
    renamed = people.change(flow, pool.pool, user, lambda current: replaced(current, nickname="A"))
    await ask("AdminDisableUser", **at)
    await renamed

    after = await the_user(flow, pool, "ann")
    assert (False, {"nickname": "A"}, Credentials(epoch=1)) == (after.enabled, after.attributes, after.credentials)


async def test_who_was_deleted_and_made_again_is_somebody_else(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    old = await a_user(flow, pool, "ann", None)
    await ask("AdminEnableUser", **at)
    await ask("AdminDeleteUser", **at)
    new = await a_user(flow, pool, "ann", None)

    async def unit(tx: Tx) -> None:
        stale = msgspec.structs.replace(old, version=1)
        await people.change_in(tx, pool.pool, stale, lambda current: replaced(current, nickname="A"), 0)

    with pytest.raises(Refused, match="user_not_found"):
        await flow.database.write(unit)
    assert new == await the_user(flow, pool, "ann")
    assert await flow.database.read(lambda tx: store.find_by_sub(tx, pool.pool.id, old.sub)) is None


def replaced(user: User, **values: str) -> User:
    return msgspec.structs.replace(user, attributes={**user.attributes, **values})
