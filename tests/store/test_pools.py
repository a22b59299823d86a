"""Pools, clients, domains, resource servers: what is put is found, and announced."""

import msgspec
import pytest

from poolhouse.kit.db.protocol import Database, Tx, UniqueViolation
from poolhouse.pool.store import clients, pools, users
from tests.store.rows import (
    CLIENT_ID,
    POOL_ID,
    a_client,
    a_domain,
    a_pool,
    a_resource_server,
    a_secret,
    a_user,
)


async def test_a_pool_is_found_as_it_was_put(tables: Database) -> None:
    await tables.write(lambda tx: pools.put_pool(tx, a_pool()))

    assert a_pool() == await tables.read(lambda tx: pools.find_pool(tx, POOL_ID))
    assert 0 == await tables.read(lambda tx: pools.count_users(tx, POOL_ID))
    assert None is await tables.read(lambda tx: pools.find_pool(tx, "eu-west-1_other"))


async def test_pools_are_listed_by_region_a_page_at_a_time(tables: Database) -> None:
    async def unit(tx: Tx) -> None:
        for name in ("b", "a", "c"):
            await pools.put_pool(tx, a_pool(id=f"eu-west-1_{name}"))
        await pools.put_pool(tx, a_pool(id="us-east-1_a", region="us-east-1"))

    await tables.write(unit)

    first = await tables.read(lambda tx: pools.list_pools(tx, "eu-west-1", "", 2))
    second = await tables.read(lambda tx: pools.list_pools(tx, "eu-west-1", first[-1].id, 2))
    assert [["eu-west-1_a", "eu-west-1_b"], ["eu-west-1_c"]] == [[p.id for p in page] for page in (first, second)]


async def test_of_two_writers_of_one_version_only_one_writes(tables: Database) -> None:
    await tables.write(lambda tx: pools.put_pool(tx, a_pool()))
    renamed = a_pool(name="renamed", version=1)

    assert await tables.write(lambda tx: pools.replace_pool(tx, renamed, old_version=0))
    assert not await tables.write(lambda tx: pools.replace_pool(tx, a_pool(name="x", version=1), old_version=0))
    assert renamed == await tables.read(lambda tx: pools.find_pool(tx, POOL_ID))


async def test_a_change_is_announced_before_its_writer_goes_on(tables: Database) -> None:
    heard: list[str] = []
    tables.subscribe(pools.CHANGED, heard.append)
    await tables.write(lambda tx: pools.put_pool(tx, a_pool()))
    heard.clear()

    await tables.write(lambda tx: clients.put_client(tx, a_client()))

    assert POOL_ID in heard


async def test_a_deleted_pool_leaves_nothing_behind(tables: Database) -> None:
    async def unit(tx: Tx) -> None:
        await pools.put_pool(tx, a_pool())
        await clients.put_client(tx, a_client())
        await clients.put_secret(tx, POOL_ID, a_secret(1))
        await pools.put_domain(tx, a_domain("team"))
        await users.put_user(tx, a_pool(), a_user(), {"email": "ada@example.com"})

    await tables.write(unit)
    assert await tables.write(lambda tx: pools.drop_pool(tx, POOL_ID))

    assert None is await tables.read(lambda tx: clients.find_client(tx, CLIENT_ID))
    assert [] == await tables.read(lambda tx: clients.list_secrets(tx, CLIENT_ID))
    assert None is await tables.read(lambda tx: pools.find_domain(tx, "team"))
    assert None is await tables.read(lambda tx: users.find_by_sub(tx, POOL_ID, "sub-ada"))
    assert not await tables.write(lambda tx: pools.drop_pool(tx, POOL_ID))


async def test_a_domain_belongs_to_one_pool_and_a_pool_has_one_of_each_kind(tables: Database) -> None:
    await tables.write(lambda tx: pools.put_domain(tx, a_domain("team")))
    await tables.write(lambda tx: pools.put_domain(tx, a_domain("id.example.com", custom=True)))

    for taken in (a_domain("team", custom=True), a_domain("other")):
        with pytest.raises(UniqueViolation) as found:
            await tables.write(lambda tx, domain=taken: pools.put_domain(tx, domain))  # type: ignore[misc]
        assert "domains" == found.value.table
    listed = await tables.read(lambda tx: pools.list_domains(tx, POOL_ID))
    assert ["team", "id.example.com"] == [domain.name for domain in listed]


async def test_a_client_is_changed_once_for_each_version(tables: Database) -> None:
    await tables.write(lambda tx: clients.put_client(tx, a_client()))
    changed = msgspec.structs.replace(a_client(), version=1, modified_ms=9)

    assert await tables.write(lambda tx: clients.replace_client(tx, changed, old_version=0))
    assert not await tables.write(lambda tx: clients.replace_client(tx, changed, old_version=0))
    assert changed == await tables.read(lambda tx: clients.find_client(tx, CLIENT_ID))


async def test_secrets_are_listed_oldest_first(tables: Database) -> None:
    for number in (2, 1):
        await tables.write(lambda tx, n=number: clients.put_secret(tx, POOL_ID, a_secret(n)))  # type: ignore[misc]

    assert [a_secret(1), a_secret(2)] == await tables.read(lambda tx: clients.list_secrets(tx, CLIENT_ID))


async def test_a_resource_server_keeps_its_scopes(tables: Database) -> None:
    server = a_resource_server("https://api.example")
    await tables.write(lambda tx: pools.put_resource_server(tx, server))

    assert [server] == await tables.read(lambda tx: pools.list_resource_servers(tx, POOL_ID, "", 10))
    assert await tables.write(lambda tx: pools.drop_resource_server(tx, POOL_ID, server.identifier))
    assert None is await tables.read(lambda tx: pools.find_resource_server(tx, POOL_ID, server.identifier))
