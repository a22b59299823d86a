"""What the rows of an import file make, and what is said of those that make nothing."""

import asyncio
import base64
import hashlib
import re
import uuid
from typing import Any

import bcrypt
import pytest

from poolhouse.kit.passwords import DECOY_HASH
from poolhouse.pool.core import import_rows
from poolhouse.pool.flows import credentials, imports
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.import_runner import ImportRunner
from poolhouse.pool.model.user import Factors, Status
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_client, a_custom, a_pool, a_schema, a_user, messages, the_pool, the_user
from tests.support.importing import a_file, an_open_pool, counted, imported, named, started
from tests.support.service import WRONG_PASSWORD, Service, password_auth, sqlite_only

SUCCEEDED = "Import Job Completed Successfully."
TOO_MANY = "Too many users have failed or been skipped during the import."


@pytest.fixture
async def entry(flow: Flow) -> PoolEntry:
    return await an_open_pool(flow, schema_attributes=a_schema(required=("email",), custom=(a_custom("team"),)))


async def failures(flow: Flow, job: dict[str, Any]) -> list[tuple[int, bool, str]]:
    found = await imports.describe(flow, "us-east-1", job["UserPoolId"], job["JobId"])
    return [(each.line, each.skipped, each.message) for each in await imports.list_failures(flow, found, 0, 1000)]


async def problem(service: Service, entry: PoolEntry, **row: str) -> str:
    """What is said of one bad row beside a good one."""
    content = a_file(entry, named("good"), named(row.pop("username", "bad"), **row))
    job = await imported(service, entry, content)
    assert ("Succeeded", 1, 0, 1) == counted(job)
    [(line, skipped, message)] = await failures(service.flow, job)
    assert (3, False) == (line, skipped)
    return message


async def test_users_are_imported_whole(service: Service, flow: Flow, entry: PoolEntry) -> None:
    client = await a_client(flow, entry, secret=False)
    row = named(
        "ann", email="ann@example.com", birthdate="02/29/2000", address="1 Main St, Springfield", updated_at="12345",
        phone_number="+12065550100", phone_number_verified="false", custom_team="x\\y", name="Änn",
    )  # fmt: skip

    job = await imported(service, entry, a_file(entry, row, named("bob")))

    assert ("Succeeded", 2, 0, 0) == counted(job)
    assert SUCCEEDED == job["CompletionMessage"]
    assert job["StartDate"] <= job["CompletionDate"]
    user = await the_user(flow, entry, "ann")
    assert {
        "email": "ann@example.com", "email_verified": "true", "birthdate": "2000-02-29", "updated_at": "12345",
        "address": "1 Main St, Springfield", "phone_number": "+12065550100", "phone_number_verified": "false",
        "custom:team": "x\\y", "name": "Änn",
    } == user.attributes  # fmt: skip
    assert (Status.RESET_REQUIRED, True, None) == (user.status, user.enabled, user.credentials.password_hash)
    assert 2 == (await service("DescribeUserPool", UserPoolId=entry.pool.id))["UserPool"]["EstimatedNumberOfUsers"]
    reset = ("PasswordResetRequiredException", "Password reset required for the user")
    assert reset == await service.refusal("InitiateAuth", **password_auth(client, "ann"))
    shy = await a_client(flow, entry, secret=False, prevent_user_existence_errors="ENABLED")
    assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **password_auth(shy, "ann"))


async def test_an_imported_user_chooses_a_password(service: Service, flow: Flow, entry: PoolEntry) -> None:
    await imported(service, entry, a_file(entry, named("ann")))
    listed = await service("ListUsers", UserPoolId=entry.pool.id, Filter='cognito:user_status = "RESET_REQUIRED"')
    assert ["ann"] == [user["Username"] for user in listed["Users"]]

    client = await a_client(flow, entry, secret=False)
    at = {"ClientId": client.client.id, "Username": "ann"}
    await service("ForgotPassword", **at)
    [(_, content)] = await messages(flow, entry)
    [code] = re.findall(r"[0-9]{6}", content.text)

    await service("ConfirmForgotPassword", **at, ConfirmationCode=code, Password=PASSWORD)

    assert "AccessToken" in await service.tokens(client, "ann")


@sqlite_only
@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"username": ""}, "cognito:username is required."),
        ({"username": "a b"}, "cognito:username is not a valid user name."),
        ({"username": "x" * 129}, "cognito:username is not a valid user name."),
        ({"cognito:mfa_enabled": ""}, "cognito:mfa_enabled must be true or false."),
        ({"cognito:mfa_enabled": "yes"}, "cognito:mfa_enabled must be true or false."),
        ({"cognito:mfa_enabled": "true"}, "cognito:mfa_enabled must be false: the user pool has MFA OFF."),
        ({"email_verified": ""}, "A verified contact is required: email, with its flag TRUE."),
        ({"email_verified": "false"}, "A verified contact is required: email, with its flag TRUE."),
        ({"email": "", "email_verified": ""},
         "Attributes did not conform to the schema: emails: The attribute emails is required"),
        ({"email": "nobody"}, "Invalid email address format."),
        ({"phone_number": "12"}, "Invalid phone number format."),
        ({"email_verified": "maybe"},
         "Attributes did not conform to the schema: email_verified: The value must be true or false"),
        ({"birthdate": "2000-02-29"}, "birthdate: The value must be a date (mm/dd/yyyy)"),
        ({"birthdate": "13/01/2000"},
         "Attributes did not conform to the schema: birthdate: The value must be a date (YYYY-MM-DD)"),
        ({"updated_at": "now"}, "Attributes did not conform to the schema: updated_at: The value must be a number"),
        ({"custom:team": "x" * 2049},
         "Attributes did not conform to the schema: custom:team: The length must be between 0 and 2048"),
        ({"profile": "x" * 16_000}, "The row has more than 16000 characters."),
        ({"profile": "x" * 70_000}, "The row has more than 16000 characters."),
        ({"profile": "\0"}, "The row is not UTF-8 text."),
    ],
    ids=range(19),
)  # fmt: skip
async def test_a_bad_row_fails_alone(service: Service, entry: PoolEntry, row: dict[str, str], message: str) -> None:
    assert message == await problem(service, entry, **row)


@sqlite_only
async def test_lines_are_counted_as_an_editor_counts_them(service: Service, flow: Flow, entry: PoolEntry) -> None:
    header, good = a_file(entry, named("good")).split(b"\n")

    job = await imported(service, entry, b"\r\n".join([header, b"", b"a,b", good, b"\xff", b"  ", b"c"]) + b"\r\n")

    assert ("Succeeded", 1, 0, 3) == counted(job)
    columns = len(import_rows.header(entry.pool))
    assert [
        (3, False, f"The row has 2 columns and the header has {columns}."),
        (5, False, "The row is not UTF-8 text."),
        (7, False, f"The row has 1 columns and the header has {columns}."),
    ] == await failures(flow, job)


@sqlite_only
async def test_a_job_in_which_every_row_fails_has_failed(service: Service, entry: PoolEntry) -> None:
    job = await imported(service, entry, a_file(entry, named("x", email="")))

    assert ("Failed", 0, 0, 1) == counted(job)
    assert TOO_MANY == job["CompletionMessage"]


@sqlite_only
@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"", "The header lacks 22 of the columns"),
        (b"name,email", "The header lacks 20 of the columns of the user pool: address, birthdate, cognito:mfa_enabled"),
        (b"{}" + b",custom:none", "The header has 1 columns that the user pool does not have."),
        (b"{}" + b",cognito:password_hash", "The header has 1 columns that the user pool does not have."),
        (b"{}" + b",name", "The header has a column twice."),
        (b"\xef\xbb\xbf{}", "The file begins with a byte order mark: save it as UTF-8 without one."),
        (b"\xff{}", "The header is not right. The row is not UTF-8 text."),
    ],
    ids=range(7),
)
async def test_a_wrong_header_fails_the_job(service: Service, entry: PoolEntry, header: bytes, message: str) -> None:
    names, row = a_file(entry, named("ann")).split(b"\n")

    job = await imported(service, entry, header.replace(b"{}", names) + b"\n" + row)

    assert ("Failed", 0, 0, 0) == counted(job)
    assert job["CompletionMessage"].startswith(message)


@sqlite_only
async def test_an_empty_file_fails_the_job(service: Service, entry: PoolEntry) -> None:
    job = await imported(service, entry, b"")

    assert ("Failed", "The file is empty.") == (job["Status"], job["CompletionMessage"])


@sqlite_only
async def test_the_columns_may_come_in_any_order(service: Service, flow: Flow, entry: PoolEntry) -> None:
    lines = [line.decode().split(",")[::-1] for line in a_file(entry, named("ann")).split(b"\n")]

    job = await imported(service, entry, "\n".join(map(",".join, lines)).encode())

    assert ("Succeeded", 1, 0, 0) == counted(job)


async def test_who_is_there_already_is_skipped(service: Service, flow: Flow, entry: PoolEntry) -> None:
    there = await a_user(flow, entry, "ann", email="first@example.com")
    other = await an_open_pool(flow)
    await a_user(flow, other, "bob")

    job = await imported(service, entry, a_file(entry, *(named(each) for each in ("ann", "bob", "bob", there.sub))))

    assert ("Succeeded", 1, 3, 0) == counted(job)
    exists = "The user already exists."
    assert [(2, True, exists), (4, True, exists), (5, True, exists)] == await failures(flow, job)
    assert "first@example.com" == (await the_user(flow, entry, "ann")).attributes["email"]
    assert 2 == (await service("DescribeUserPool", UserPoolId=entry.pool.id))["UserPool"]["EstimatedNumberOfUsers"]


async def test_a_user_name_is_taken_as_the_pool_compares(service: Service, flow: Flow) -> None:
    insensitive = shapes.UsernameConfigurationType(case_sensitive=False)
    entry = await an_open_pool(flow, username_configuration=insensitive)
    await a_user(flow, entry, "Ann")

    job = await imported(service, entry, a_file(entry, named("ANN"), named("bob"), named("Bob")))

    assert ("Succeeded", 1, 2, 0) == counted(job)


async def test_an_address_can_be_the_user_name(service: Service, flow: Flow) -> None:
    entry = await an_open_pool(flow, username_attributes=["email"])
    await a_user(flow, entry, email="there@example.com")
    rows = [named(each, email="") for each in ("ann@example.com", "there@example.com", "ann")]
    rows.append(named("bob@example.com", email="other@example.com"))
    rows.append(named("ann@example.com", email="ann@example.com"))

    job = await imported(service, entry, a_file(entry, *rows))

    assert ("Succeeded", 1, 2, 2) == counted(job)
    user = await the_user(flow, entry, "ann@example.com")
    assert user.sub == user.username
    assert "ann@example.com" == user.attributes["email"]


async def test_a_verified_alias_has_one_holder(service: Service, flow: Flow) -> None:
    entry = await an_open_pool(flow, alias_attributes=["email", "preferred_username"])
    await a_user(flow, entry, "first", email="taken@example.com", email_verified="true")
    rows = [
        named("a", email="taken@example.com"), named("b", email="new@example.com", preferred_username="bee"),
        named("c", email="new@example.com"), named("d", preferred_username="bee"), named("e@example.com"),
    ]  # fmt: skip

    job = await imported(service, entry, a_file(entry, *rows))

    assert ("Succeeded", 1, 0, 4) == counted(job)
    assert ["An account with the email already exists."] * 2 + [
        "An account with the preferred_username already exists.",
        "Username cannot be of email format, since user pool is configured for email alias.",
    ] == [
        message
        for line, _, message in sorted(await failures(flow, job))
        if line in {2, 4, 5, 6}
    ]  # fmt: skip
    assert "b" == (await the_user(flow, entry, "bee")).username


@sqlite_only
async def test_mfa_is_switched_on_where_the_user_can_receive_a_code(service: Service, flow: Flow) -> None:
    mfa = shapes.GetUserPoolMfaConfigResponse(
        mfa_configuration="OPTIONAL", sms_mfa_configuration=shapes.SmsMfaConfigType()
    )
    entry = await an_open_pool(flow, mfa=mfa)
    on = {"cognito:mfa_enabled": "True"}
    rows = [
        named("ann", phone_number="+12065550100", **on),
        named("bob", **on),
        named("cy", phone_number="+12065550100"),
    ]

    job = await imported(service, entry, a_file(entry, *rows))

    assert ("Succeeded", 2, 0, 1) == counted(job)
    reason = "cognito:mfa_enabled is true, and the user has no phone number or email address for it."
    assert [(3, False, reason)] == await failures(flow, job)
    assert Factors(sms=True, preferred="SMS_MFA") == (await the_user(flow, entry, "ann")).credentials.factors
    assert Factors() == (await the_user(flow, entry, "cy")).credentials.factors


@sqlite_only
async def test_a_pool_that_requires_mfa_takes_no_user_without(service: Service, flow: Flow) -> None:
    mfa = shapes.GetUserPoolMfaConfigResponse(
        mfa_configuration="ON", software_token_mfa_configuration=shapes.SoftwareTokenMfaConfigType(enabled=True)
    )
    entry = await an_open_pool(flow, mfa=mfa)
    rows = [named("ann", **{"cognito:mfa_enabled": "true"}), named("bob")]

    job = await imported(service, entry, a_file(entry, *rows))

    reason = "cognito:mfa_enabled must be true: the user pool has MFA ON."
    assert [(3, False, reason)] == await failures(flow, job)


def _hashes() -> list[tuple[str, str]]:
    salt = b"salt" * 4
    scrypt = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=1024, r=8, p=1, dklen=32)
    pbkdf2 = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, 1000)
    import argon2

    def plain(raw: bytes) -> str:
        return base64.b64encode(raw).rstrip(b"=").decode()

    return [
        ("BCRYPT", bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()),
        ("SCRYPT", f"$scrypt$ln=10,r=8,p=1${plain(salt)}${plain(scrypt)}"),
        ("ARGON2ID", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)),
        ("PBKDF2_SHA256", f"$pbkdf2-sha256$1000${plain(salt)}${plain(pbkdf2)}".replace("+", ".")),
    ]


@sqlite_only
@pytest.mark.parametrize("place", range(4))
async def test_a_user_with_a_hash_signs_in_at_once(service: Service, flow: Flow, entry: PoolEntry, place: int) -> None:
    algorithm, encoded = _hashes()[place]
    client = await a_client(flow, entry, secret=False)
    content = a_file(entry, named("ann", **{import_rows.HASH: encoded}), named("bob"), hashes=True)

    job = await imported(service, entry, content, PasswordHashingAlgorithm=algorithm)

    assert ("Succeeded", 2, 0, 0) == counted(job)
    assert Status.CONFIRMED is (await the_user(flow, entry, "ann")).status
    assert Status.RESET_REQUIRED is (await the_user(flow, entry, "bob")).status
    assert "AccessToken" in await service.tokens(client, "ann")
    assert (await the_user(flow, entry, "ann")).credentials.srp_verifier is not None


@sqlite_only
async def test_a_hash_that_is_none_fails_its_row_and_is_not_told(
    service: Service, flow: Flow, entry: PoolEntry
) -> None:
    dear = bcrypt.hashpw(b"x", bcrypt.gensalt(4)).decode().replace("$04$", "$31$")
    rows = [named(f"u{n}", **{import_rows.HASH: each}) for n, each in enumerate(("secret", dear, _hashes()[1][1]))]
    content = a_file(entry, named("good"), *rows, hashes=True)

    job = await imported(service, entry, content, PasswordHashingAlgorithm="BCRYPT")

    reason = "cognito:password_hash is not a hash of the job's algorithm, or one that would cost too much to check."
    assert [(3, False, reason), (4, False, reason), (5, False, reason)] == await failures(flow, job)


async def test_an_import_ends_in_its_own_pool(service: Service, flow: Flow, entry: PoolEntry) -> None:
    other = await a_pool(flow)

    await imported(service, entry, a_file(entry, named("ann")))

    assert [] == (await service("ListUsers", UserPoolId=other.pool.id))["Users"]


async def test_a_file_of_several_pieces_is_read_to_its_end(service: Service, flow: Flow, entry: PoolEntry) -> None:
    rows = [named(f"u{number:04}", profile="x" * 800) for number in range(400)]
    content = a_file(entry, *rows)
    assert len(content) > 2 * imports.CHUNK

    assert ("Succeeded", 400, 0, 0) == counted(await imported(service, entry, content))


async def test_a_name_that_is_taken_meanwhile_is_skipped(
    service: Service, flow: Flow, entry: PoolEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from poolhouse.pool.store import users as user_store

    look = user_store.taken_keys
    looks = []

    async def blind(*given: Any) -> set[str]:
        looks.append(1)
        return set() if len(looks) == 1 else await look(*given)

    await a_user(flow, entry, "ann")
    at = await started(service, entry, a_file(entry, named("ann"), named("bob")))
    monkeypatch.setattr(user_store, "taken_keys", blind)

    await ImportRunner(flow).run_one()

    assert ("Succeeded", 1, 1, 0) == counted((await service("DescribeUserImportJob", **at))["UserImportJob"])
    assert 2 == len(looks)


async def test_unknown_names_take_as_long_as_imported_users(service: Service, flow: Flow, entry: PoolEntry) -> None:
    """An answer that came too soon would tell that a name is nobody's."""
    at = {import_rows.HASH: _hashes()[0][1]}
    assert {DECOY_HASH} == {credentials.decoy(flow, entry, f"nobody{number}") for number in range(20)}

    await imported(service, entry, a_file(entry, named("ann", **at), hashes=True), PasswordHashingAlgorithm="BCRYPT")

    told = [entry.decoy]
    while told[-1] is None:  # on PostgreSQL the announcement takes its time
        await asyncio.sleep(0.01)
        told.append((await the_pool(flow, entry.pool.id)).decoy)
    now = await the_pool(flow, entry.pool.id)
    assert now.decoy is not None
    assert now.decoy.startswith("$2b$04$")
    chosen = [credentials.decoy(flow, now, f"nobody{number}") for number in range(40)]
    assert {DECOY_HASH, now.decoy} == set(chosen)
    assert chosen == [credentials.decoy(flow, now, f"nobody{number}") for number in range(40)]


@sqlite_only
async def test_the_subs_of_rows_that_are_written_together_are_neighbours(
    service: Service, flow: Flow, entry: PoolEntry
) -> None:
    job = await imported(service, entry, a_file(entry, *(named(f"u{number}") for number in range(8))))

    assert ("Succeeded", 8, 0, 0) == counted(job)
    subs = [uuid.UUID((await the_user(flow, entry, f"u{number}")).sub) for number in range(8)]
    assert 8 == len(set(subs))
    assert 1 == len({each.bytes[:4] for each in subs})
    assert {(4, uuid.RFC_4122)} == {(each.version, each.variant) for each in subs}
