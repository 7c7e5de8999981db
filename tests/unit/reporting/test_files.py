"""Files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccsim.errors import InputError, ResultError
from ccsim.reporting.files import check_folder, check_writable, replacing


def test_a_file_replaces_its_predecessor_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), replacing(target) as partial:
        partial.write_text("ne")
        raise RuntimeError
    assert target.read_text() == "old"
    with replacing(target) as partial:
        partial.write_text("new")
    assert target.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_a_folder_that_went_away_meanwhile_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="could not be written"), replacing(tmp_path / "gone" / "out.txt") as partial:
        partial.write_text("x")


def test_checking_leaves_no_file_behind(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "out.png")
    assert [path.name for path in tmp_path.rglob("*")] == ["new"]


@pytest.mark.parametrize("name", ["file/out.png", "fi\0le/out.png"])
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError):
        check_writable(tmp_path / name)


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match="nothing can be written"):
        check_folder(tmp_path / "file")
