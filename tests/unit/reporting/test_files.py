"""Files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccsim.errors import InputError, ResultError
from ccsim.inputs import load
from ccsim.reporting.files import check_apart, check_folder, check_spared, check_writable, replacing


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


def test_a_folder_is_made_only_in_one_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        check_writable(tmp_path / "no" / "such" / "out.html")
    with pytest.raises(InputError):
        check_writable("/no-such-folder-of-ccsim/out.html")
    assert not list(tmp_path.iterdir())


def test_a_scenario_and_the_files_it_names_are_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("start,sales\n08:00,10\n08:30,12\n", encoding="utf-8")
    file = tmp_path / "centre.yaml"
    calls = "calls: {sales: {volume: {file: calls.csv, column: sales}, handle_time: 3 min}}"
    text = f"date: 2027-04-12\nopen: 08:00-09:00\n{calls}\nstaff: {{desk: {{agents: 3}}}}\n"
    file.write_text(text, encoding="utf-8")
    scenario = load(file)
    for taken in (file, tmp_path / "calls.csv", tmp_path / "below" / ".." / "centre.yaml"):
        with pytest.raises(InputError, match="would be written over"):
            check_spared(scenario, tmp_path / "fine.html", taken)
    check_spared(scenario, None, tmp_path / "fine.html")
    with pytest.raises(InputError, match="two results"):
        check_apart([tmp_path / "one.png", tmp_path / "one.png"], [])
