"""What the provider under test holds: a user's claims, and apps that speak the openid dialect."""

from typing import Any

from poolhouse.pool.flows import client_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.builders import a_user
from tests.support.web import a_web_client

EVERYTHING = ["openid", "email", "phone", "profile"]
CLAIMS = {
    "name": "Jane Quincy Doe",
    "given_name": "Jane",
    "middle_name": "Quincy",
    "family_name": "Doe",
    "nickname": "janey",
    "preferred_username": "jane.doe",
    "profile": "https://people.example/jane",
    "picture": "https://people.example/jane.png",
    "website": "https://jane.example",
    "gender": "female",
    "birthdate": "1990-02-28",
    "zoneinfo": "Europe/Berlin",
    "locale": "en-GB",
    "updated_at": "1700000000",
    "address": '{"street_address": "1 Main St", "locality": "Town", "postal_code": "12345", "country": "DE"}',
    "email": "jane@example.com",
    "email_verified": "true",
    "phone_number": "+12065550100",
    "phone_number_verified": "false",
}


async def a_person_with_every_claim(flow: Flow, pool: PoolEntry) -> User:
    return await a_user(flow, pool, "jane.doe", **CLAIMS)  # type: ignore[arg-type]  # no claim is called as a setting


async def an_openid_client(flow: Flow, pool: PoolEntry, *, secret: bool = True, **extended: Any) -> ClientEntry:
    """A confidential client of the openid dialect that may ask for all standard scopes."""
    made = await a_web_client(flow, pool, secret=secret, allowed_o_auth_scopes=EVERYTHING)
    await client_extension.change(flow, pool.pool.id, made.client.id, {"dialect": "openid", **extended})
    found = await flow.directory.find_client(made.client.id)
    assert found is not None
    return found
