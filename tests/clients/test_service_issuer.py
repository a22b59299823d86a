"""aws-jwt-verify with nothing but a pool's id: the setting `issuer_form`."""

import json
import subprocess
from typing import Any

import msgspec
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.config import ServerConfig
from tests.clients.javascript import FOLDER, node
from tests.support.builders import a_client, a_pool, a_user, the_pool
from tests.support.fixtures import clock, config, cpu, flow, pool_database, signer
from tests.support.service import Service

__all__ = ["clock", "config", "cpu", "flow", "pool_database", "signer"]
pytestmark = pytest.mark.client


@pytest.fixture
def pool_database_url() -> str:
    return "sqlite://"


async def verdicts(flow: Flow, form: Any) -> tuple[dict[str, dict[str, str]], str]:
    issuing = msgspec.structs.replace(flow, config=ServerConfig(base_url="https://pool.example", issuer_form=form))
    pool = await a_pool(issuing)
    client = await a_client(issuing, pool, secret=False)
    user = await a_user(issuing, pool, "jane")
    given = {
        "pool": pool.pool.id,
        "client": client.client.id,
        "jwks": json.loads((await the_pool(issuing, pool.pool.id)).keys.jwks),
        "tokens": await Service(issuing).tokens(client, "jane"),
    }
    ran = subprocess.run(  # noqa: ASYNC221 (nothing else runs)
        [node(), str(FOLDER / "issuer.mjs")], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    found: dict[str, dict[str, str]] = json.loads(ran.stdout)
    return found, user.sub


async def test_a_verifier_that_makes_the_issuer_up_takes_the_tokens(flow: Flow) -> None:
    found, sub = await verdicts(flow, "aws")

    assert {"id": {"sub": sub}, "access": {"sub": sub}} == found


async def test_without_the_setting_it_does_not(flow: Flow) -> None:
    found, _ = await verdicts(flow, "own")

    assert {"refused"} == set(found["id"]) == set(found["access"])
