"""What the locks name runs on every Python that we promise: the first Debian with one has 3.11.2."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PROMISED = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
PINNED = sorted(
    set(
        re.findall(
            r"^([A-Za-z0-9_.-]+)==",
            "".join((ROOT / "requirements" / f"{name}.lock").read_text() for name in ("runtime", "dev")),
            re.MULTILINE,
        )
    )
)


def test_the_locks_name_packages() -> None:
    assert 50 < len(PINNED)


@pytest.mark.parametrize("name", PINNED)
def test_a_pinned_package_runs_on_the_oldest_python(name: str) -> None:
    needs = SpecifierSet(metadata.metadata(name)["Requires-Python"] or "")

    assert f"{PROMISED.removeprefix('>=')}.0" in needs
