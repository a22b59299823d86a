"""
Settings of a program: one table is loader, ``--help`` and reference page.

A value comes from the flag, then the environment (``POOLHOUSE_BASE_URL``), then a TOML file, then the default.  A key
that the table does not know is an error, wherever it stands.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

PREFIX = "POOLHOUSE_"


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """
    One setting; ``kind`` is "text", "number", "flag", "path" or "table" (which is JSON in a variable).

    A secret one has no flag: flags show in ``ps``.
    """

    name: str
    kind: str = "text"
    default: Any = None
    help: str
    secret: bool = False

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


class SettingError(ValueError):
    """A value that cannot be used; the message names the setting and where it stood."""


def load(
    table: Iterable[Setting],
    *,
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: Path | None = None,
    known: Callable[[], Iterable[Setting]] = tuple,
) -> dict[str, Any]:
    """
    All settings of *table* by name.

    *known* gives the settings of the other program, which may stand in the same environment and file.
    """
    rows = {setting.name: setting for setting in table}

    def is_unknown(name: str) -> bool:
        return name not in rows and all(setting.name != name for setting in known())

    written = _read(file) if file else {}
    for name in written:
        if is_unknown(name):
            raise SettingError(f"{file}: there is no setting {name!r}")
    for variable in environ:
        name = variable.removeprefix(PREFIX).lower()
        if variable.startswith(PREFIX) and not variable.startswith(PREFIX + "TEST_") and is_unknown(name):
            raise SettingError(f"environment: there is no setting {variable}")
    return {name: _value(setting, flags, environ, written, file) for name, setting in rows.items()}


def sources(
    table: Iterable[Setting], *, flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None = None
) -> dict[str, str]:
    """Where ``load`` takes each setting from: its flag, its variable, the file, or "" for the default."""
    written = _read(file) if file else {}
    found = {}
    for setting in table:
        if flags.get(setting.name) is not None:
            found[setting.name] = setting.flag
        elif environ.get(setting.variable):
            found[setting.name] = setting.variable
        else:
            found[setting.name] = str(file) if setting.name in written else ""
    return found


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as wrong:
        raise SettingError(f"{file}: {wrong}") from wrong


def _value(
    setting: Setting,
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    written: Mapping[str, Any],
    file: Path | None,
) -> Any:
    if flags.get(setting.name) is not None:
        return convert(setting, flags[setting.name], setting.flag)
    if environ.get(setting.variable):
        return convert(setting, environ[setting.variable], setting.variable)
    if setting.name in written:
        return convert(setting, written[setting.name], f"{file}: {setting.name}")
    return setting.default


def convert(setting: Setting, value: Any, where: str) -> Any:
    """The value in the setting's own type."""
    try:
        match setting.kind:
            case "number":
                return int(value)
            case "flag":
                return value if isinstance(value, bool) else _FLAGS[str(value).lower()]
            case "path":
                return Path(value)
            case "table":
                return msgspec.json.decode(value, type=dict[str, Any]) if isinstance(value, str) else dict(value)
            case _:
                return str(value)
    except (TypeError, ValueError, KeyError) as wrong:
        raise SettingError(f"{where}: {setting.kind} expected") from wrong


_FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
