"""`poolhouse keys rotate`: a pool's signing keys, changed over beside a running server."""

import asyncio
import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from poolhouse.cli.__main__ import main
from poolhouse.kit.ambient import SystemClock, SystemEntropy
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.seal import KeyRing
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import Directory
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.store.history import HISTORY
from tests.support.builders import a_pool, the_pool
from tests.support.fixtures import MASTER_KEY


class Installation:
    """A database with one pool."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/pool.db"
        self.pool_id = asyncio.run(self._look())

    def rotate(self, *options: str, pool: str = "") -> tuple[int, str]:
        given = ["keys", "rotate", "--database", self.url, *options, pool or self.pool_id]
        result = CliRunner().invoke(main, given, env={"POOLHOUSE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode()})
        return result.exit_code, result.output

    def jwks(self) -> str:
        return asyncio.run(self._look(self.pool_id))

    async def _look(self, pool_id: str | None = None) -> str:
        entropy = SystemEntropy()
        database = await open_database(self.url)
        await migrate(database, HISTORY)
        ring, cpu = KeyRing([MASTER_KEY], entropy), CpuPool(1, 4)
        flow = Flow(
            database=database, directory=Directory(database, ring), clock=SystemClock(), entropy=entropy, ring=ring,
            cpu=cpu, signer=cpu, config=ServerConfig(base_url="https://pool.example"),
        )  # fmt: skip
        if pool_id is None:
            return (await a_pool(flow)).pool.id
        found = (await the_pool(flow, pool_id)).keys.jwks.decode()
        cpu.close()
        await database.close()
        return found


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_new_keys_are_named_and_published(installation: Installation) -> None:
    code, told = installation.rotate()

    kids = [line for line in told.splitlines() if line.endswith("=")]
    assert (0, 2) == (code, len(kids))
    assert "They sign from 20" in told
    assert all(kid in installation.jwks() for kid in kids)


def test_a_rotation_under_way_is_brought_forward_only_if_that_is_said(installation: Installation) -> None:
    installation.rotate()

    assert (1, True) == (installation.rotate()[0], "--now: at once" in installation.rotate()[1])
    assert 0 == installation.rotate("--now")[0]


def test_former_keys_go_at_once_if_that_is_said(installation: Installation) -> None:
    former = [each["kid"] for each in json.loads(installation.jwks())["keys"]]
    installation.rotate()

    code, told = installation.rotate("--revoke")

    kids = [line for line in told.splitlines() if line.endswith("=")]
    assert (0, sorted(kids)) == (code, sorted(each["kid"] for each in json.loads(installation.jwks())["keys"]))
    assert not any(kid in installation.jwks() for kid in former)
    assert 1 == installation.rotate("--revoke", pool="us-east-1_nothing")[0]


def test_a_pool_that_is_not_there_is_said_so(installation: Installation) -> None:
    assert (1, "Error: there is no such pool\n") == installation.rotate(pool="us-east-1_nothing")
