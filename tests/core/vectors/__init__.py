"""The vectors beside this file, as they are."""

import json
from pathlib import Path
from typing import Any


def load(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((Path(__file__).parent / f"{name}.json").read_text())
    return cases
