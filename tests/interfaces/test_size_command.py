"""`ccsim size`: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccsim.inputs import load

CENTRE = """
title: New [bold]line[/bold]
date: 2027-03-01
open: {mon-fri: 08:00-14:00}
target: {wait: 30 s, share: 80 %}
calls:
  sales: {volume: {calls a year: 60000, growth: 5 %, low: -20 %, high: 25 %}, handle_time: {mean: 4 min, cv: 1}, patience: 4 min}
shrinkage:
  leave: {share: 10 %, kind: planned}
  sickness: {share: 5 %, kind: absence}
cost: {agent_hour: 20, currency: EUR}
schedule: {lengths: [6 h], starts: [08:00], part_time: {share: 50 %, lengths: [3 h]}}
"""


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """A scenario without staff, its calls given by the year."""
    path = tmp_path / "centre.yaml"
    path.write_text(CENTRE, encoding="utf-8")
    return path


def test_it_prints_the_answer_and_writes_a_scenario_a_chart_and_tables(ccsim: Callable[..., Any], centre: Path, tmp_path: Path) -> None:
    out, chart, folder = tmp_path / "out.yaml", tmp_path / "tornado.png", tmp_path / "csv"
    said = ccsim("size", centre, "--seconds", 1, "-o", out, "--chart", chart, "--csv", folder)
    assert said.status == 0, said.err
    assert "New [bold]line[/bold]" in said.out
    assert "60,000 calls in 2027 take " in said.out
    for part in ("Low, middle, high", "People by shift", "The power of one", "If growth goes on", "By month", " EUR: ", "Played "):
        assert part in said.out
    assert "one centre" not in said.out  # there is nothing to pool
    written = load(out)
    assert written.staff
    assert written.lines
    assert chart.read_bytes().startswith(b"\x89PNG")
    with (folder / "cases.csv").open(encoding="utf-8") as file:
        assert [row["case"] for row in csv.DictReader(file)] == ["low", "middle", "high"]
    assert {path.stem for path in folder.iterdir()} >= {"shifts", "intervals", "months", "sensitivity", "power-of-one"}


def test_two_files_are_set_against_one_centre_in_one_json_object(ccsim: Callable[..., Any], centre: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(CENTRE.replace("title: New", "title: Other").replace("sales", "orders"), encoding="utf-8")
    said = ccsim("size", centre, other, "--no-check", "--seconds", 0.5, "--json")
    assert said.status == 0, said.err
    told = json.loads(said.out)
    assert told["check"] is None
    assert len(told["pooling"]["parts"]) == 2
    assert told["pooling"]["one_centre"]["required"] < told["pooling"]["sum"]["required"]
    assert told["lines"] == told["cases"][1]["lines_by_formula"]
    assert told["cost_a_year"] == pytest.approx(20 * told["paid_hours_a_year"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--busy", "0"], "busy signals"),
        (["--handover", "15"], "unit"),
        (["--certainty", "100 %"], "certainty"),
        (["--seconds", "0"], "seconds"),
        (["-o", "."], "folder"),
    ],
)
def test_what_is_asked_wrongly_gets_a_sentence(ccsim: Callable[..., Any], centre: Path, arguments: list[str], sentence: str) -> None:
    said = ccsim("size", centre, *arguments)
    assert said.status == 2
    assert sentence in said.err
    assert "Traceback" not in said.err


def test_calls_a_day_are_refused_with_the_line_and_what_they_come_to_in_a_year(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("size", twenty)
    assert said.status == 2
    assert "twenty.yaml, line 8" in said.err
    assert "400 a day on 365 open days" in said.err
