"""`ccsim compare`: what was changed, the answer, one JSON object where asked; sentences for what cannot be compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ccsim.inputs import load
from ccsim.staffing.run import run


@pytest.fixture(autouse=True)
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of this test's own."""
    path = tmp_path / "history.sqlite"
    monkeypatch.setenv("CCSIM_HISTORY", str(path))
    return path


@pytest.fixture
def more(twenty: Path) -> Path:
    """The same with four more people."""
    path = twenty.with_name("more.yaml")
    path.write_text(twenty.read_text(encoding="utf-8").replace("agents: 20", "agents: 24"), encoding="utf-8")
    return path


def test_the_tables_say_what_was_changed_and_by_how_much_it_differs(ccsim: Callable[..., Any], twenty: Path, more: Path) -> None:
    said = ccsim("compare", twenty, more, "--replications", 40)
    assert said.status == 0
    assert said.out.startswith("2 scenarios under the same luck\n")
    changed = next(line for line in said.out.splitlines() if line.startswith("staff.day.agents"))
    assert changed.split() == ["staff.day.agents", "20", "24"]
    assert "of all callers were answered within 20 s; in A," in said.out
    assert "B is better." in said.out
    assert "On a given day, B is better than A with a chance of" in said.out
    assert "[red]people[/red]" in said.out
    assert "nan" not in said.out


def test_json_is_one_object_and_its_measures_those_of_a_run(ccsim: Callable[..., Any], twenty: Path, more: Path) -> None:
    said = ccsim("compare", twenty, more, "--replications", 20, "--seed", 7, "--json")
    document = json.loads(said.out)
    assert [one["file"] for one in document["scenarios"]] == [str(twenty), str(more)]
    for one, path in zip(document["scenarios"], (twenty, more), strict=True):
        assert one["measures"] == run(load(path), replications=20, seed=7).to_dict()["measures"]
    assert document["differences"][0]["measures"]["service_level_offered"]["mean"] > 0


def test_the_same_file_twice_is_said_to_say_the_same(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("compare", twenty, twenty, "--replications", 5)
    assert said.status == 0
    assert "Note: A and B say the same, so every difference between them is 0." in said.out
    assert "What was changed\nnothing\n" in said.out
    assert "No difference on any day." in said.out


def test_one_file_alone_is_pointed_to_sweep(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("compare", twenty)
    assert said.status == 2
    assert "is one file; give two or more to compare" in said.err
    assert "ccsim sweep" in said.err


def test_a_missing_file_is_told_in_one_sentence(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("compare", twenty, twenty.with_name("nowhere.yaml"))
    assert said.status == 2
    assert said.out == ""
    assert "nowhere.yaml: the file is not there" in said.err
    assert said.err.count("\n") == 1


def test_other_days_are_refused_with_the_reason(ccsim: Callable[..., Any], twenty: Path) -> None:
    week = twenty.with_name("week.yaml")
    week.write_text("days: 7\n" + twenty.read_text(encoding="utf-8"), encoding="utf-8")
    said = ccsim("compare", twenty, week)
    assert said.status == 2
    assert "A and B cannot be compared day by day: `days` is 1 in one and 7 in the other" in said.err


@pytest.mark.parametrize("option", [("--replications", "0"), ("--within", "2 %"), ("--confidence", "2"), ("--measure", "luck")])
def test_options_that_make_no_sense_are_told_in_one_sentence(
    ccsim: Callable[..., Any], twenty: Path, more: Path, option: tuple[str, str]
) -> None:
    said = ccsim("compare", twenty, more, *option)
    assert said.status == 2
    assert said.out == ""
    assert len([line for line in said.err.splitlines() if "compiling" not in line]) == 1


def test_three_files_are_ranked(ccsim: Callable[..., Any], twenty: Path, more: Path) -> None:
    most = twenty.with_name("most.yaml")
    most.write_text(twenty.read_text(encoding="utf-8").replace("agents: 20", "agents: 30"), encoding="utf-8")
    said = ccsim("compare", twenty, more, most, "--replications", 60)
    assert said.status == 0
    assert "C is the best of them by “answered within the threshold, of all offered”, with 95 % confidence." in said.out
    ranked = said.out[said.out.index("Ranked by") :].splitlines()
    assert [line.split()[1] for line in ranked if line[:1] in "123" and line] == ["C", "B", "A"]


def test_playing_on_names_the_best_and_the_guarantee(ccsim: Callable[..., Any], twenty: Path, more: Path) -> None:
    said = ccsim("compare", twenty, more, "--within", "2 pt")
    assert said.status == 0
    words = " ".join(said.out.split())
    assert "B is the best by" in words
    assert "if one of them is better than every other by 2 pt or more, this is the one with 95 % confidence" in words


def test_an_interrupt_prints_what_was_finished_and_leaves_with_130(
    ccsim: Callable[..., Any], twenty: Path, more: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(done: int, total: int) -> None:
        raise KeyboardInterrupt

    @contextmanager
    def watching(engine: str) -> Iterator[Callable[[int, int], None]]:
        yield impatient

    monkeypatch.setattr("ccsim.cli.compare.watching", watching)
    said = ccsim("compare", twenty, more, "--replications", 5000, "--json")
    document = json.loads(said.out)
    assert said.status == 130
    assert document["interrupted"] is True
    assert document["replications"] == 32


def test_what_was_played_is_kept_unless_that_is_unwanted(ccsim: Callable[..., Any], twenty: Path, more: Path, history: Path) -> None:
    ccsim("compare", twenty, more, "--replications", 2, "--no-history")
    assert not history.exists()
    ccsim("compare", twenty, more, "--replications", 2)
    listed = json.loads(ccsim("runs", "--json").out)["runs"]
    assert [Path(run["file"]).name for run in listed] == ["more.yaml", "twenty.yaml"]


def test_a_history_that_cannot_be_used_is_a_sentence_beside_the_answer(
    ccsim: Callable[..., Any], twenty: Path, more: Path, history: Path
) -> None:
    history.write_text("no database " * 100, encoding="utf-8")
    said = ccsim("compare", twenty, more, "--replications", 2, "--json")
    assert said.status == 0
    assert json.loads(said.out)["replications"] == 2
    assert "these runs were not kept" in said.err


def test_intervals_say_where_one_is_told_from_the_other(ccsim: Callable[..., Any], twenty: Path, more: Path) -> None:
    said = ccsim("compare", twenty, more, "--replications", 40, "--intervals")
    assert said.status == 0
    assert "B less A, interval by interval" in said.out
    assert "B is told from A: better in" in said.out
    assert "nan" not in said.out
    document = json.loads(ccsim("compare", twenty, more, "--replications", 20, "--intervals", "--json").out)
    rows = document["differences"][0]["intervals"]
    assert any(row["service_level_offered"]["told"] for row in rows)
