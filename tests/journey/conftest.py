"""A browser and an installation for the tests that need both."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journey.installation import Installation, served, up

ARTEFACTS = Path(os.environ.get("POOLHOUSE_TEST_ARTEFACTS", "artifacts"))
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one that POOLHOUSE_TEST_CHROMIUM names."""
    executable = os.environ.get("POOLHOUSE_TEST_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail("no Chromium: run tools/system.sh, or name one in POOLHOUSE_TEST_CHROMIUM", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser without cookies; its console must stay free of errors."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    context.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """Both programs, empty: on SQLite by ``up --bare``, on PostgreSQL by ``serve``."""
    if request.param == "sqlite":
        with up(tmp_path, "--bare") as place:
            yield place
        return
    new_schema = request.getfixturevalue("new_postgres_schema")
    with served(tmp_path, new_schema("pool"), new_schema("house")) as place:
        yield place


@pytest.fixture
def shots(request: pytest.FixtureRequest) -> Path:
    """Where this test's screenshots go."""
    folder: Path = ARTEFACTS / request.node.name.replace("[", "-").replace("]", "")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
