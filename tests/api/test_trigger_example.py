"""The example of `docs/triggers.md` is run as it stands there."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from poolhouse.kit.ambient import SystemClock
from poolhouse.pool.effects.hook_targets import read_targets
from poolhouse.pool.effects.hooks import Hooks
from poolhouse.pool.flows.context import Flow
from tests.api.test_custom_auth import a_custom_pool, answered, begun
from tests.support.builders import a_user
from tests.support.hooks import SECRET, triggers
from tests.support.service import Service, sqlite_only
from tests.support.web import claims_of

RIDDLE = triggers(
    define_auth_challenge="riddle", create_auth_challenge="riddle", verify_auth_challenge_response="riddle"
)
PAGE = Path(__file__).parents[2] / "docs" / "triggers.md"


@pytest.fixture
async def example() -> AsyncIterator[str]:
    """The base URL of the example, in a process of its own."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", found[1],
        env={**os.environ, "HOOK_SECRET": SECRET, "PORT": str(port)}, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            await writer.wait_closed()
            break
    yield f"http://127.0.0.1:{port}"
    running.terminate()
    await running.wait()


@sqlite_only
async def test_the_example_of_the_documentation_signs_a_user_in(flow: Flow, example: str) -> None:
    hooks = Hooks(read_targets({"riddle": {"url": example, "secret": SECRET}}), SystemClock(), flow.entropy)
    service = Service(msgspec.structs.replace(flow, hooks=hooks))
    entry, client = await a_custom_pool(service, lambda_config=RIDDLE)
    await a_user(flow, entry, "jane")
    asked = await begun(service, client)
    assert "2 + 3" == asked["ChallengeParameters"]["riddle"]
    asked = await answered(service, client, asked["Session"], "4")
    done = await answered(service, client, asked["Session"], "5")
    assert "jane" == claims_of(done["AuthenticationResult"]["AccessToken"])["username"]
    await hooks.close()
