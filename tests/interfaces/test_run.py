"""`ccsim run`: the answer first, one JSON object where asked, outputs that are checked before the work and whole or absent after it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ccsim.inputs import load
from ccsim.staffing.run import run


def test_the_table_gives_the_answer_first_and_every_part(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("run", twenty, "--replications", 20, "--seed", 7)
    assert said.status == 0
    lines = [line for line in said.out.splitlines() if line]
    assert lines[0] == "Twenty [red]people[/red]"
    assert "20 simulated days · seed 7 · engine kernel" in lines[1]
    assert "of all callers were answered within 20 s" in lines[2]
    for part in ("Over the open hours", "Groups", "Contingents", "By interval", "Erlang C"):
        assert part in said.out
    assert "nan" not in said.out


def test_json_is_the_results_own_with_erlang_c_beside_each_interval(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("run", twenty, "--replications", 20, "--json")
    document = json.loads(said.out)
    beside = [row.pop("erlang_c") for row in document["intervals"]]
    assert document == run(load(twenty), replications=20).to_dict()
    # 20 people at 30 % are 14 on average: Erlang C has 88.8 % of callers answered in 20 s
    assert [row["service_level"] for row in beside] == pytest.approx([0.888350019179467] * 4)
    assert {"required_agents", "agents_scheduled", "agents_on_duty", "net_staffing"} <= set(document["intervals"][0])


def test_the_hours_of_the_roster_are_accounted_for(ccsim: Callable[..., Any], twenty: Path) -> None:
    """20 people for two hours are 40 paid hours; what sickness takes of them, 30 % on average, and what is left are all of it."""
    account = json.loads(ccsim("run", twenty, "--replications", 40, "--json").out)["shrinkage"]
    assert account["scheduled"] == {"mean": 40.0, "low": 40.0, "high": 40.0, "unit": "hours a day"}
    (sickness,) = account["steps"]
    assert (sickness["name"], sickness["planned"], sickness["office"]) == ("sickness", False, "out")
    assert sickness["share"]["low"] < 0.3 < sickness["share"]["high"]
    assert account["on_queue"]["mean"] + sickness["hours"]["mean"] == pytest.approx(40.0)
    assert account["shares_added"]["mean"] == pytest.approx(account["shares_multiplied"])
    said = ccsim("run", twenty, "--replications", 40)
    assert "From the paid hours on the roster to the hours on the queue" in said.out
    assert "Shrinkage: " in said.out


CALLS_THAT_LEAD_TO_CALLS = """
title: Two types and work
date: 2027-04-12
open: 08:00-12:00
interval: 30 min
target: {wait: 30 s, share: 80 %}
calls:
  sales: {volume: 400, handle_time: {mean: 5 min, cv: 1}, patience: {mean: 2 min}, redial: {chance: 0.6, after: {mean: 10 min}},
          transfer: {billing: 0.2}, volume_counts: offered}
  billing: {volume: 100, handle_time: {mean: 5 min, cv: 1}, patience: {mean: 2 min}, volume_counts: first calls}
  letters: {volume: 40, channel: work, handle_time: 10 min, target: {wait: 4 h, share: 90 %}}
staff:
  all: {agents: 12, shift: 08:00-12:00}
"""


def test_later_calls_are_told_by_what_they_came_of_and_work_stands_by_itself(ccsim: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "calls.yaml"
    path.write_text(CALLS_THAT_LEAD_TO_CALLS, encoding="utf-8")
    document = json.loads(ccsim("run", path, "--replications", 60, "--json").out)
    measures, types = document["measures"], document["call_types"]
    mean = {name: entry["mean"] for name, entry in measures.items()}
    assert mean["offered"] == pytest.approx(mean["first_calls"] + mean["redials"] + mean["transfers"])
    assert mean["attempts_per_caller"] == pytest.approx((mean["first_calls"] + mean["redials"]) / mean["first_calls"])
    assert mean["offered"] == pytest.approx(types["sales"]["offered"]["mean"] + types["billing"]["offered"]["mean"])
    assert mean["work_offered"] == types["letters"]["offered"]["mean"] == pytest.approx(40, abs=5)
    assert "repeats" not in measures
    assert "call_backs" not in measures
    assert 0 < mean["lost_fraction"] < mean["abandoned_fraction"]
    # What history counted are all calls offered, and that many are
    assert types["sales"]["offered"]["mean"] == pytest.approx(400, rel=0.02)
    assert document["first_calls"]["sales"]["offered"] == 400
    assert document["first_calls"]["sales"]["first"] < 399
    said = ccsim("run", path, "--replications", 60).out
    assert "sales: of 400 calls a day in the volume" in said
    assert "What their calls came of, a day" in said
    assert "work (letters) stands among the call types" in said


def test_both_engines_give_the_same_numbers(ccsim: Callable[..., Any], twenty: Path) -> None:
    documents = [json.loads(ccsim("run", twenty, "--replications", 3, "--json", "--engine", engine).out) for engine in ("kernel", "simpy")]
    assert [document.pop("engine") for document in documents] == ["kernel", "simpy"]
    assert documents[0] == documents[1]


@pytest.mark.parametrize(
    "option",
    [("--replications", "0"), ("--replications", "-5"), ("--precision", "wide"), ("--measure", "luck"), ("--workers", "0")],
)
def test_options_that_make_no_sense_are_told_in_one_sentence(ccsim: Callable[..., Any], twenty: Path, option: tuple[str, str]) -> None:
    said = ccsim("run", twenty, *option)
    assert said.status == 2
    assert said.out == ""
    assert len([line for line in said.err.splitlines() if "compiling" not in line]) == 1


def test_a_precision_is_reached(ccsim: Callable[..., Any], twenty: Path) -> None:
    level = json.loads(ccsim("run", twenty, "--precision", "5 pt", "--json").out)["measures"]["service_level_offered"]
    assert level["high"] - level["low"] <= 0.1


def test_the_picture_and_the_csv_files_are_written(ccsim: Callable[..., Any], twenty: Path, tmp_path: Path) -> None:
    said = ccsim("run", twenty, "--replications", 5, "--chart", tmp_path / "new" / "day.png", "--csv", tmp_path / "figures", "--json")
    assert said.status == 0
    assert (tmp_path / "new" / "day.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["day.png"]
    rows = list(csv.DictReader((tmp_path / "figures" / "intervals.csv").read_text(encoding="utf-8").splitlines()))
    measured = json.loads(said.out)["intervals"]
    assert [float(row["offered"]) for row in rows] == [entry["offered"]["mean"] for entry in measured]
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == [
        "call_types.csv",
        "contingent.csv",
        "groups.csv",
        "intervals.csv",
        "measures.csv",
        "risk.csv",
        "shrinkage.csv",
    ]
    rows = list(csv.DictReader((tmp_path / "figures" / "shrinkage.csv").read_text(encoding="utf-8").splitlines()))
    hours = {(row["group"], row["entry"]): row for row in rows}
    account = json.loads(said.out)["shrinkage"]
    assert float(hours["", "on_queue"]["hours"]) == account["on_queue"]["mean"]
    assert float(hours["day", "sickness"]["share"]) == account["groups"]["day"]["steps"][0]["share"]["mean"]
    assert float(hours["", "shares_added"]["share"]) == account["shares_added"]["mean"]


@pytest.mark.parametrize("option", ["--chart", "--csv"])
def test_an_output_that_cannot_be_written_is_told_before_any_day_is_played(
    ccsim: Callable[..., Any], twenty: Path, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccsim.staffing.run.run", lambda *_: pytest.fail("days were played"))
    said = ccsim("run", twenty, option, twenty / "not-a-folder" / "out")
    assert said.status == 2
    assert "not-a-folder" in said.err


def test_a_chart_that_would_be_a_folder_is_refused(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("run", twenty, "--chart", twenty.parent)
    assert said.status == 2
    assert "is a folder" in said.err


def test_an_interrupt_prints_what_was_finished_and_leaves_with_130(
    ccsim: Callable[..., Any], twenty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(done: int, total: int) -> None:
        raise KeyboardInterrupt

    @contextmanager
    def watching(engine: str) -> Iterator[Callable[[int, int], None]]:
        yield impatient

    monkeypatch.setattr("ccsim.cli.run.watching", watching)
    said = ccsim("run", twenty, "--replications", 5000, "--json")
    document = json.loads(said.out)
    assert said.status == 130
    assert document["interrupted"] is True
    assert 0 < document["replications"] < 5000


def test_a_scenario_without_staff_is_pointed_to_staff(ccsim: Callable[..., Any], twenty: Path) -> None:
    text = twenty.read_text(encoding="utf-8")
    twenty.write_text(text[: text.index("staff:")], encoding="utf-8")
    said = ccsim("run", twenty)
    assert said.status == 2
    assert "ccsim staff" in said.err


def test_a_first_run_says_that_it_compiles_and_keeps_standard_output_clean(
    ccsim: Callable[..., Any], twenty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccsim.engine.kernel.Kernel.is_compiled", lambda kernel: False)
    said = ccsim("run", twenty, "--replications", 2, "--json")
    assert said.err == "ccsim: compiling the engine; only the first run waits for this\n"
    assert json.loads(said.out)["replications"] == 2


def test_on_a_terminal_the_days_done_are_shown_and_taken_away_again(
    ccsim: Callable[..., Any], twenty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.progress import Progress

    seen: list[tuple[float | None, float | None]] = []
    update = Progress.update

    def watched(self: Progress, *arguments: Any, **changes: Any) -> None:
        seen.append((changes["completed"], changes["total"]))
        update(self, *arguments, **changes)

    monkeypatch.setattr(Progress, "update", watched)
    monkeypatch.setattr("ccsim.cli.progress.on_terminal", lambda: True)
    said = ccsim("run", twenty, "--replications", 40, "--json")
    assert seen[-1] == (40, 40)
    assert json.loads(said.out)["replications"] == 40
