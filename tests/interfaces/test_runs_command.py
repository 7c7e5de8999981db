"""`ccsim runs`: the list, one run as it was, two side by side, one played again."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccsim.experiment.history import keep
from ccsim.inputs import load
from ccsim.inputs.scenario import changed
from ccsim.staffing.run import run


@pytest.fixture(autouse=True)
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of this test's own."""
    path = tmp_path / "history.sqlite"
    monkeypatch.setenv("CCSIM_HISTORY", str(path))
    return path


@pytest.fixture
def two(twenty: Path) -> Path:
    """Two runs kept: of a scenario, and with four more people. Gives the scenario's file."""
    scenario = load(twenty)
    keep(run(scenario, replications=10, seed=3))
    keep(run(changed(scenario, {"staff.day.agents": 24}), replications=10, seed=3))
    return twenty


def test_without_any_run_the_list_says_where_they_would_be(ccsim: Callable[..., Any], history: Path) -> None:
    said = ccsim("runs")
    assert said.status == 0
    assert f"No runs are kept in {history} yet" in said.out
    assert json.loads(ccsim("runs", "--json").out) == {"history": str(history), "runs": []}


def test_the_list_shows_the_newest_first(ccsim: Callable[..., Any], two: Path, history: Path) -> None:
    said = ccsim("runs")
    rows = [line.split() for line in said.out.splitlines() if line[:3] in ("1  ", "2  ")]
    assert [row[0] for row in rows] == ["2", "1"]
    assert "twenty.yaml" in said.out
    assert f"2 runs in {history}." in said.out
    assert [run["number"] for run in json.loads(ccsim("runs", "--last", 1, "--json").out)["runs"]] == [2]


def test_a_kept_run_is_shown_as_it_was_though_its_file_is_gone(ccsim: Callable[..., Any], two: Path) -> None:
    before = ccsim("run", two, "--replications", 10, "--seed", 3).out
    two.unlink()
    said = ccsim("runs", "show", 1)
    assert said.status == 0
    for line in before[: before.index("By interval")].splitlines():
        assert line.rstrip() in said.out


def test_a_kept_run_as_json_holds_its_scenario_and_its_result(ccsim: Callable[..., Any], two: Path) -> None:
    document = json.loads(ccsim("runs", "show", 1, "--json").out)
    assert document["scenario_text"] == two.read_text(encoding="utf-8")
    assert document["result"] == run(load(two), replications=10, seed=3).to_dict()
    assert len(document["scenario_hash"]) == 64


def test_a_kept_scenario_can_be_had_back(ccsim: Callable[..., Any], two: Path, tmp_path: Path) -> None:
    text = two.read_text(encoding="utf-8")
    said = ccsim("runs", "show", 1, "--save", tmp_path / "back", "--json")
    assert said.status == 0
    assert (tmp_path / "back" / "twenty.yaml").read_text(encoding="utf-8") == text
    assert ccsim("runs", "show", 1, "--save", tmp_path / "back", "--json").status == 0
    (tmp_path / "back" / "twenty.yaml").write_text("mine", encoding="utf-8")
    said = ccsim("runs", "show", 1, "--save", tmp_path / "back", "--json")
    assert said.status == 2
    assert "is there already and holds something else" in said.err
    assert (tmp_path / "back" / "twenty.yaml").read_text(encoding="utf-8") == "mine"


def test_two_kept_runs_are_shown_side_by_side(ccsim: Callable[..., Any], two: Path) -> None:
    said = ccsim("runs", "compare", 1, 2)
    assert said.status == 0
    changes = next(line for line in said.out.splitlines() if line.startswith("staff.day.agents"))
    assert changes.split() == ["staff.day.agents", "20", "24"]
    document = json.loads(ccsim("runs", "compare", 1, 2, "--json").out)
    level = document["measures"]["service_level_offered"]
    assert level["difference"] == level["second"]["mean"] - level["first"]["mean"]
    assert level["low"] < level["difference"] < level["high"]
    assert document["versions"] == []


def test_two_kept_runs_played_again_are_compared_day_by_day(ccsim: Callable[..., Any], two: Path) -> None:
    document = json.loads(ccsim("runs", "compare", 1, 2, "--again", "--json").out)
    apart = json.loads(ccsim("runs", "compare", 1, 2, "--json").out)["measures"]["mean_wait"]
    paired = document["differences"][0]["measures"]["mean_wait"]
    assert document["differences"][0]["of"] == "run 2"
    assert paired["mean"] == pytest.approx(apart["difference"])
    assert paired["high"] - paired["low"] < apart["high"] - apart["low"]
    assert ccsim("runs", "compare", 1, 1, "--again").status == 2


def test_a_kept_run_played_again_gives_the_same_numbers(ccsim: Callable[..., Any], two: Path) -> None:
    two.unlink()
    said = ccsim("runs", "check", 2)
    assert said.status == 0
    assert "gives the same numbers to the last bit" in said.out
    assert json.loads(ccsim("runs", "check", 2, "--json").out)["same"] is True


def test_numbers_that_moved_are_told_with_the_versions_that_changed(ccsim: Callable[..., Any], two: Path, history: Path) -> None:
    with sqlite3.connect(history) as connection:
        ((document, versions),) = connection.execute("select document, versions from runs where number = 1").fetchall()
        moved = json.loads(zlib.decompress(document))
        moved["measures"]["mean_wait"]["mean"] += 1e-9
        old = {**json.loads(versions), "numba": "0.1", "code of ccsim.engine": "0"}
        row = (zlib.compress(json.dumps(moved).encode()), json.dumps(old))
        connection.execute("update runs set document = ?, versions = ? where number = 1", row)
    connection.close()
    said = ccsim("runs", "check", 1)
    assert said.status == 1
    assert "differs in 1 of" in said.out
    assert "numba from 0.1 to" in said.out
    assert "the code of ccsim.engine" in said.out
    assert "measures.mean_wait.mean" in said.out


def test_a_run_that_was_kept_by_nobody_is_told_in_a_sentence(ccsim: Callable[..., Any], two: Path) -> None:
    for arguments in (("show", 9), ("compare", 1, 9), ("check", 9)):
        said = ccsim("runs", *arguments)
        assert said.status == 2
        assert "has no run 9; they are numbered 1 to 2" in said.err


def test_a_history_that_is_off_is_said_to_be(ccsim: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCSIM_HISTORY", "off")
    assert "No history is kept" in ccsim("runs").out
    said = ccsim("runs", "show", 1)
    assert said.status == 2
    assert "CCSIM_HISTORY is off" in said.err


def test_a_damaged_history_is_told_in_a_sentence(ccsim: Callable[..., Any], history: Path) -> None:
    history.write_bytes(b"nothing of the kind " * 100)
    said = ccsim("runs")
    assert said.status == 2
    assert "is damaged, or no history at all" in said.err
    assert said.err.count("\n") == 1
