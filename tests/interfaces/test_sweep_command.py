"""`ccsim sweep`: the table, the JSON, the tidy file and the picture."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of this test's own."""
    path = tmp_path / "history.sqlite"
    monkeypatch.setenv("CCSIM_HISTORY", str(path))
    return path


def test_the_table_has_a_row_for_each_value(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("sweep", twenty, "--set", "contingent.home.agents=0,4,8", "--replications", 20)
    assert said.status == 0
    assert [line.split()[0] for line in said.out.splitlines() if line[:2] in ("0 ", "4 ", "8 ")] == ["0", "4", "8"]
    assert "the same luck for each" in said.out
    assert "nan" not in said.out


def test_two_settings_make_a_grid_and_json_is_one_object(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("sweep", twenty, "--set", "staff.day.agents=18,22", "--set", "target.wait=20 s,30 s", "--replications", 3, "--json")
    document = json.loads(said.out)
    assert [tuple(row["set"].values()) for row in document["rows"]] == [(18, "20 s"), (18, "30 s"), (22, "20 s"), (22, "30 s")]


def test_the_picture_and_the_tidy_file_are_written(ccsim: Callable[..., Any], twenty: Path, tmp_path: Path) -> None:
    chart, table = tmp_path / "new" / "sweep.png", tmp_path / "new" / "sweep.csv"
    said = ccsim("sweep", twenty, "--set", "staff.day.agents=18,22", "--replications", 3, "--chart", chart, "--csv", table, "--json")
    assert said.status == 0
    assert chart.read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    document = json.loads(said.out)
    waits = [float(row["mean"]) for row in rows if row["measure"] == "mean_wait"]
    assert waits == [row["measures"]["mean_wait"]["mean"] for row in document["rows"]]
    assert [row["staff.day.agents"] for row in rows if row["measure"] == "mean_wait"] == ["18", "22"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["staff.day.agents"], "is no setting"),
        (["staff.dya.agents=1,2"], "did you mean 'day'"),
        (["staff.day.agents=1,many"], "'many' is not a number"),
        (["staff.day.agents=1,1"], "set to '1' twice"),
        (["staff.day.agents=1", "staff.day.agents=2"], "names the same key twice"),
        (["lines=1", "close=serve", "route=random"], "3 keys are set"),
        (["days=1,2"], "cannot be compared day by day"),
    ],
)
def test_settings_that_make_no_sense_are_told_in_one_sentence(
    ccsim: Callable[..., Any], twenty: Path, settings: list[str], sentence: str
) -> None:
    said = ccsim("sweep", twenty, *(part for setting in settings for part in ("--set", setting)))
    assert said.status == 2
    assert said.out == ""
    assert sentence in said.err
    assert len([line for line in said.err.splitlines() if "compiling" not in line]) == 1


def test_a_chart_that_cannot_be_written_is_told_before_any_day_is_played(
    ccsim: Callable[..., Any], twenty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccsim.experiment.sweep.sweep", lambda *_: pytest.fail("days were played"))
    said = ccsim("sweep", twenty, "--set", "lines=5,6", "--chart", twenty / "not-a-folder" / "out.png")
    assert said.status == 2
    assert "not-a-folder" in said.err


def test_an_interrupt_prints_what_was_finished_and_leaves_with_130(
    ccsim: Callable[..., Any], twenty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(done: int, total: int) -> None:
        raise KeyboardInterrupt

    @contextmanager
    def watching(engine: str) -> Iterator[Callable[[int, int], None]]:
        yield impatient

    monkeypatch.setattr("ccsim.cli.sweep.watching", watching)
    said = ccsim("sweep", twenty, "--set", "staff.day.agents=18,22", "--replications", 5000)
    assert said.status == 130
    assert "Interrupted: this rests on the 32 days of each that were finished." in said.out


def test_the_runs_of_a_sweep_are_kept_and_listed_where_all_are_asked_for(ccsim: Callable[..., Any], twenty: Path) -> None:
    ccsim("sweep", twenty, "--set", "staff.day.agents=18,22", "--replications", 2)
    assert "2 runs of sweeps are kept" in ccsim("runs").out
    listed = json.loads(ccsim("runs", "--all", "--json").out)["runs"]
    assert [run["asked"]["set"] for run in listed] == ["staff.day.agents=22", "staff.day.agents=18"]
    assert ccsim("runs", "check", 2).status == 0
