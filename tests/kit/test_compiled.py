"""What templates were compiled to is kept beside the modules, and never believed against the template."""

import sys
from pathlib import Path

import jinja2
import pytest

from poolhouse.kit.compiled import Compiled, compiled
from poolhouse.kit.html import KIT


@pytest.fixture
def made_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "cache"))
    (tmp_path / "page.html").write_text("one")
    made_in = tmp_path / "html.py"
    made_in.write_text("# as it was")
    return made_in


def rendered(made_in: Path) -> str:
    """By a process of its own, as far as templates go."""
    loader = jinja2.FileSystemLoader(made_in.parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, bytecode_cache=Compiled(str(made_in)))
    return environment.get_template("page.html").render()


def kept(made_in: Path) -> list[Path]:
    return [each for each in (made_in.parent / "cache").rglob("*") if each.is_file()]


def test_a_template_is_compiled_once_for_many_processes(made_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "one" == rendered(made_in)
    assert 1 == len(kept(made_in))

    def never(*_given: object, **_named: object) -> str:
        raise AssertionError("compiled again")

    monkeypatch.setattr(jinja2.Environment, "compile", never)
    assert "one" == rendered(made_in)


def test_another_text_is_compiled_anew(made_in: Path) -> None:
    rendered(made_in)
    (made_in.parent / "page.html").write_text("two")

    assert "two" == rendered(made_in)


def test_another_environment_compiles_anew(made_in: Path) -> None:
    rendered(made_in)
    made_in.write_text("# with other extensions")
    rendered(made_in)

    assert 2 == len(kept(made_in))


def test_another_release_of_jinja_compiles_anew(made_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered(made_in)
    monkeypatch.setattr("poolhouse.kit.compiled._RELEASE", b"3.0.0")
    rendered(made_in)

    assert 2 == len(kept(made_in))


@pytest.mark.parametrize("content", [b"", b"\0", b"not what jinja writes"], ids=["empty", "null", "other"])
def test_a_broken_file_costs_only_the_time(made_in: Path, content: bytes) -> None:
    rendered(made_in)
    (path,) = kept(made_in)
    whole = path.read_bytes()
    for broken in (content, whole[:12] + content, whole[:-20]):
        path.write_bytes(broken)
        assert "one" == rendered(made_in)


def test_nothing_is_kept_where_python_is_to_keep_nothing(made_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    assert "one" == rendered(made_in)
    assert [] == kept(made_in)


def test_where_nothing_can_be_written_nothing_fails(made_in: Path) -> None:
    (made_in.parent / "cache").write_text("a file where the folder would be")

    assert "one" == rendered(made_in)


def test_templates_of_others_are_not_kept(tmp_path: Path) -> None:
    assert compiled(__file__, [KIT / "templates"]) is not None
    assert compiled(__file__, [tmp_path, KIT / "templates"]) is None
