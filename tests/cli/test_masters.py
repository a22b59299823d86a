"""The master key of a directory."""

import stat
from pathlib import Path

from poolhouse.cli import masters
from poolhouse.kit.ambient import SystemEntropy


def test_a_key_that_could_not_be_written_whole_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "master.key.new").write_text("half")

    made = masters.of_directory(tmp_path, SystemEntropy())

    assert 32 == len(masters.decode(made))
    assert ["master.key"] == [path.name for path in tmp_path.iterdir()]
    assert 0o600 == stat.S_IMODE((tmp_path / "master.key").stat().st_mode)
