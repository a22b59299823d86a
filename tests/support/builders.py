"""Pools, clients and users for tests, written through the real store."""

import asyncio
from functools import cache
from itertools import count
from typing import Any

import msgspec

from poolhouse.kit.ambient import letters, uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.jose import SigningKey, mint_key
from poolhouse.pool.flows import credentials, people
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.courier import open_content
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry, seal_key, seal_secret
from poolhouse.pool.model.message import Content, Message
from poolhouse.pool.model.pool import Client, ClientId, ClientSecret, Domain, Pool, PoolId
from poolhouse.pool.model.session import SessionTracking
from poolhouse.pool.model.user import Credentials, Status, User, Username
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import clients as client_store
from poolhouse.pool.store import outbox
from poolhouse.pool.store import pools as pool_store
from poolhouse.pool.store import users as user_store

PASSWORD = "Correct-Horse-7"
_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
_numbers = count(1)


@cache
def _keys() -> tuple[SigningKey, SigningKey]:
    # Minting takes 100 ms a key: all pools of a run share two.
    return mint_key(), mint_key()


def _attribute(
    name: str, kind: str = "String", *, required: bool = False, mutable: bool = True
) -> shapes.SchemaAttributeType:
    length = {"sub": ("1", "2048"), "birthdate": ("10", "10")}.get(name, ("0", "2048"))
    return shapes.SchemaAttributeType(
        name=name,
        attribute_data_type=kind,
        developer_only_attribute=False,
        mutable=mutable,
        required=required,
        string_attribute_constraints=shapes.StringAttributeConstraintsType(min_length=length[0], max_length=length[1])
        if kind == "String"
        else None,
        number_attribute_constraints=shapes.NumberAttributeConstraintsType(min_value="0") if kind == "Number" else None,
    )


def a_schema(
    *, required: tuple[str, ...] = (), custom: tuple[shapes.SchemaAttributeType, ...] = ()
) -> list[shapes.SchemaAttributeType]:
    """The standard attributes, some of them required, and custom ones (`a_custom`)."""
    names = (
        "profile", "address", "birthdate", "gender", "preferred_username", "updated_at", "website", "picture",
        "identities", "sub", "phone_number", "phone_number_verified", "zoneinfo", "locale", "email", "email_verified",
        "given_name", "family_name", "middle_name", "name", "nickname",
    )  # fmt: skip
    kinds = {"email_verified": "Boolean", "phone_number_verified": "Boolean", "updated_at": "Number"}
    standard = [
        _attribute(name, kinds.get(name, "String"), required=name in {"sub", *required}, mutable=name != "sub")
        for name in names
        if name != "identities"
    ]
    return [*standard, *custom]


def a_custom(name: str, kind: str = "String", *, mutable: bool = True) -> shapes.SchemaAttributeType:
    return shapes.SchemaAttributeType(
        name=f"custom:{name}", attribute_data_type=kind, developer_only_attribute=False, mutable=mutable, required=False,
        string_attribute_constraints=shapes.StringAttributeConstraintsType() if kind == "String" else None,
    )  # fmt: skip


async def a_pool(flow: Flow, *, mfa: shapes.GetUserPoolMfaConfigResponse | None = None, domain: str | None = None,
                 **settings: Any) -> PoolEntry:  # fmt: skip
    """A pool as CreateUserPool makes it, but for *settings* (members of `UserPoolType`)."""
    chosen = mfa or shapes.GetUserPoolMfaConfigResponse(mfa_configuration="OFF")
    defaults: dict[str, Any] = {
        "policies": shapes.UserPoolPolicyType(password_policy=credentials.policy_of(_bare())),
        "deletion_protection": "INACTIVE",
        "lambda_config": shapes.LambdaConfigType(),
        "schema_attributes": a_schema(),
        "verification_message_template": shapes.VerificationMessageTemplateType(
            default_email_option="CONFIRM_WITH_CODE"
        ),
        "mfa_configuration": chosen.mfa_configuration,
        "email_configuration": shapes.EmailConfigurationType(email_sending_account="COGNITO_DEFAULT"),
        "admin_create_user_config": shapes.AdminCreateUserConfigType(
            allow_admin_create_user_only=False, unused_account_validity_days=7
        ),
        "user_pool_tier": "ESSENTIALS",
    }
    now = flow.clock.now_ms()
    pool = Pool(
        id=PoolId("us-east-1_" + letters(flow.entropy, 9, _ALPHABET)),
        region="us-east-1",
        account=flow.config.account,
        name=f"pool {next(_numbers)}",
        created_ms=now,
        modified_ms=now,
        settings=shapes.UserPoolType(**(defaults | settings)),
        mfa=chosen,
    )
    keys = _keys()

    async def unit(tx: Tx) -> None:
        await pool_store.put_pool(tx, pool)
        for key, use in zip(keys, ("id", "access"), strict=True):
            await pool_store.put_key(tx, seal_key(flow.ring, pool.id, key, use, now))
        if domain is not None:
            settings = shapes.DomainDescriptionType(managed_login_version=1)
            await pool_store.put_domain(tx, Domain(name=domain, pool_id=pool.id, custom=False, settings=settings))

    await flow.database.write(unit)
    return await the_pool(flow, pool.id)


def _bare() -> Pool:
    return Pool(
        id=PoolId("x"), region="", account="", name="", created_ms=0, modified_ms=0, settings=shapes.UserPoolType(),
        mfa=shapes.GetUserPoolMfaConfigResponse(),
    )  # fmt: skip


async def the_pool(flow: Flow, pool_id: str) -> PoolEntry:
    found = await flow.directory.find_pool(pool_id)
    assert found is not None
    return found


async def reconfigure(flow: Flow, entry: PoolEntry, *, mfa: shapes.GetUserPoolMfaConfigResponse | None = None,
                      sessions: SessionTracking | None = None, **settings: Any) -> PoolEntry:  # fmt: skip
    """The pool with other settings."""
    if mfa is not None:
        settings["mfa_configuration"] = mfa.mfa_configuration
    pool = msgspec.structs.replace(
        entry.pool,
        version=entry.pool.version + 1,
        settings=msgspec.structs.replace(entry.pool.settings, **settings),
        mfa=mfa or entry.pool.mfa,
        sessions=sessions or entry.pool.sessions,
    )
    # On PostgreSQL the announcement comes over a connection of its own, to the directory first.
    told = asyncio.Event()
    flow.database.subscribe(pool_store.CHANGED, lambda _: told.set())
    assert await flow.database.write(lambda tx: pool_store.replace_pool(tx, pool, old_version=entry.pool.version))
    await asyncio.wait_for(told.wait(), 5)
    return await the_pool(flow, pool.id)


async def a_client(flow: Flow, entry: PoolEntry, *, secret: bool = True, **settings: Any) -> ClientEntry:
    """An app client, with all password flows unless *settings* (members of `UserPoolClientType`) say otherwise."""
    now = flow.clock.now_ms()
    defaults: dict[str, Any] = {
        "client_name": f"client {next(_numbers)}",
        "refresh_token_validity": 30,
        "token_validity_units": shapes.TokenValidityUnitsType(),
        "allowed_o_auth_flows_user_pool_client": False,
        "enable_token_revocation": True,
        "enable_propagate_additional_user_context_data": False,
        "auth_session_validity": 3,
        "explicit_auth_flows": [
            "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH",
        ],
    }  # fmt: skip
    client = Client(
        id=ClientId(letters(flow.entropy, 26, _ALPHABET)),
        pool_id=entry.pool.id,
        created_ms=now,
        modified_ms=now,
        settings=shapes.UserPoolClientType(**(defaults | settings)),
    )

    async def unit(tx: Tx) -> None:
        await client_store.put_client(tx, client)
        if secret:
            value = letters(flow.entropy, 51, _ALPHABET)
            name = f"{client.id}--{now}"
            sealed = seal_secret(flow.ring, client.id, name, value)
            await client_store.put_secret(
                tx, client.pool_id, ClientSecret(client_id=client.id, id=name, created_ms=now, sealed=sealed)
            )

    await flow.database.write(unit)
    return await the_client(flow, client.id)


async def the_client(flow: Flow, client_id: str) -> ClientEntry:
    found = await flow.directory.find_client(client_id)
    assert found is not None
    return found


async def a_user(
    flow: Flow, entry: PoolEntry, username: str | None = None, password: str | None = PASSWORD, *,
    status: Status = Status.CONFIRMED, enabled: bool = True, temporary: bool = False, **attributes: str,
) -> User:  # fmt: skip
    """A user with those *attributes* that are not blank; give `custom:` ones as `custom_team="x"`."""
    pool = entry.pool
    sub = uuid4(flow.entropy)
    named = {name.replace("custom_", "custom:", 1): value for name, value in attributes.items() if value}
    stored = Username(sub if pool.settings.username_attributes else username or f"user{next(_numbers)}")
    held = await credentials.make(flow, pool, stored, password, temporary=temporary) if password else Credentials()
    now = flow.clock.now_ms()
    user = User(
        pool_id=pool.id,
        username=stored,
        sub=sub,
        status=Status.FORCE_CHANGE_PASSWORD if temporary else status,
        enabled=enabled,
        attributes=named,
        created_ms=now,
        modified_ms=now,
        credentials=held,
    )
    await flow.database.write(lambda tx: user_store.put_user(tx, pool, user, people.aliases(pool, user)))
    return user


async def the_user(flow: Flow, entry: PoolEntry, name: str) -> User:
    """The user as stored now."""
    return await people.get(flow, entry.pool, name)


async def messages(flow: Flow, entry: PoolEntry) -> list[tuple[Message, Content]]:
    """What the pool has sent, newest first."""

    async def read(tx: ReadTx) -> list[Message]:
        return await outbox.list_messages(tx, entry.pool.id, 100)

    return [(message, open_content(flow, message)) for message in await flow.database.read(read)]


async def last_code(flow: Flow, entry: PoolEntry) -> str:
    """The code in the newest message."""
    code = (await messages(flow, entry))[0][1].code
    assert code is not None
    return code


def with_mfa(mode: str, *factors: str) -> shapes.GetUserPoolMfaConfigResponse:
    """A pool's MFA: *mode* ON or OPTIONAL, *factors* of "sms", "totp", "email"."""
    sms = shapes.SmsConfigurationType(sns_caller_arn="arn:aws:iam::000000000000:role/sms", external_id="x")
    return shapes.GetUserPoolMfaConfigResponse(
        mfa_configuration=mode,
        sms_mfa_configuration=shapes.SmsMfaConfigType(sms_configuration=sms) if "sms" in factors else None,
        software_token_mfa_configuration=shapes.SoftwareTokenMfaConfigType(enabled="totp" in factors),
        email_mfa_configuration=shapes.EmailMfaConfigType() if "email" in factors else None,
    )
