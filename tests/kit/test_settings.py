"""Settings: flag, environment, file, default, in that order; what the table does not know is an error."""

from pathlib import Path
from typing import Any

import pytest

from poolhouse.kit.settings import Setting, SettingError, load

TABLE = (
    Setting(name="base_url", default="none", help=""),
    Setting(name="port", kind="number", default=1, help=""),
    Setting(name="open", kind="flag", default=False, help=""),
)

ENV = {"POOLHOUSE_BASE_URL": "env"}


def loaded(
    tmp_path: Path, toml: str = "", environ: dict[str, str] | None = None, flags: dict[str, Any] | None = None
) -> dict[str, Any]:
    file = tmp_path / "settings.toml"
    file.write_text(toml)
    return load(TABLE, flags=flags or {}, environ=environ or {}, file=file)


def test_the_flag_wins_over_environment_file_and_default(tmp_path: Path) -> None:
    toml = 'base_url = "file"\nport = 2'

    assert "none" == loaded(tmp_path)["base_url"]
    assert "file" == loaded(tmp_path, toml)["base_url"]
    assert "env" == loaded(tmp_path, toml, ENV)["base_url"]
    assert "flag" == loaded(tmp_path, toml, ENV, {"base_url": "flag"})["base_url"]


def test_values_have_the_type_of_their_setting(tmp_path: Path) -> None:
    found = loaded(tmp_path, environ={"POOLHOUSE_PORT": "8400", "POOLHOUSE_OPEN": "yes"})

    assert (8400, True) == (found["port"], found["open"])


@pytest.mark.parametrize(
    ("toml", "environ"),
    [
        ("pirt = 2", {}),
        ("", {"POOLHOUSE_PIRT": "2"}),
        ("port = 'x'", {}),
        ("", {"POOLHOUSE_OPEN": "maybe"}),
        ("port = ", {}),
    ],
)
def test_an_unknown_name_or_a_wrong_value_is_an_error_that_says_where(
    tmp_path: Path, toml: str, environ: dict[str, str]
) -> None:
    with pytest.raises(SettingError, match=r"settings\.toml|POOLHOUSE_|environment"):
        loaded(tmp_path, toml, environ)


def test_settings_of_the_other_program_may_stand_beside() -> None:
    other = (Setting(name="smtp_url", help=""),)

    assert 1 == load(TABLE, flags={}, environ={"POOLHOUSE_SMTP_URL": "x"}, known=lambda: other)["port"]
