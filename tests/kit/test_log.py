"""What may be logged."""

import ast
from collections.abc import Iterator
from pathlib import Path

import poolhouse
from poolhouse.kit.log import ALLOWED

LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


def written() -> Iterator[tuple[str, str]]:
    """Every field that a call of the logger names, and where."""
    root = Path(poolhouse.__file__).parent
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            of = node.func.value
            if node.func.attr in LEVELS and isinstance(of, ast.Call) and getattr(of.func, "id", "") == "get_logger":
                for each in node.keywords:
                    yield each.arg or "**", f"{file.relative_to(root)}:{node.lineno}"


def test_every_field_that_is_logged_is_on_the_list() -> None:
    foreign = [(name, where) for name, where in written() if name not in ALLOWED | {"exc_info"}]

    assert [] == foreign
