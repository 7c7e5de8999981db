"""`ccsim schedule`: what it prints, writes and refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccsim.inputs import load

ROOT = Path(__file__).resolve().parents[2]
CENTRE = """
title: Small [bold]centre[/bold]
date: 2027-04-12
open: 08:00-14:00
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 200, handle_time: {mean: 240 s}, patience: {mean: 4 min}}
shrinkage:
  sickness: {share: 8 %, kind: absence}
cost: {agent_hour: 20, currency: EUR}
"""
RULES = "lengths: [6 h]\npart_time: {share: 50 %, lengths: [4 h, 3 h]}\n"


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """A scenario without staff."""
    path = tmp_path / "centre.yaml"
    path.write_text(CENTRE, encoding="utf-8")
    return path


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Rules for short shifts."""
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def test_it_prints_tables_and_writes_a_scenario_a_chart_and_csv(
    ccsim: Callable[..., Any], centre: Path, rules: Path, tmp_path: Path
) -> None:
    out, chart, folder = tmp_path / "out.yaml", tmp_path / "staircase.png", tmp_path / "csv"
    said = ccsim("schedule", centre, "--shifts", rules, "--seconds", 120, "--gap", "1 %", "-o", out, "--chart", chart, "--csv", folder)
    assert said.status == 0, said.err
    assert "layed under fresh luck, the target is met in " in said.out
    assert "Small [bold]centre[/bold]" in said.out
    assert " EUR" in said.out
    assert load(out).staff
    assert chart.read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in folder.iterdir()} == {"shifts.csv", "intervals.csv", "roster.csv"}
    again = ccsim("run", out, "--replications", 50, "--json")
    assert again.status == 0
    assert json.loads(again.out)["measures"]["service_level_offered"]["mean"] > 0.8


def test_json_is_one_object_with_every_number_named(ccsim: Callable[..., Any], centre: Path, rules: Path) -> None:
    said = ccsim("schedule", centre, "--shifts", rules, "--seconds", 120, "--gap", "1 %", "--json")
    assert said.status == 0
    found = json.loads(said.out)
    assert found["people"] == sum(row["people"] for row in found["shifts"])
    assert 0.0 <= found["gap"] < 1.0
    assert len(found["intervals"]) == 12
    assert all(row["agents_on_duty"] == pytest.approx(0.92 * row["agents_scheduled"], abs=1e-5) for row in found["intervals"])
    assert found["cost"] == pytest.approx(20 * found["paid_hours"])


def test_people_says_what_dividing_leaves_out(ccsim: Callable[..., Any], centre: Path) -> None:
    said = ccsim("schedule", centre, "--people", "--certainty", "90 %", "--json")
    assert said.status == 0
    found = json.loads(said.out)
    assert all(row["chance"] >= 0.9 and row["rostered"] >= row["required"] for row in found["intervals"])
    assert "People to roster" in ccsim("schedule", centre, "--people").out


def test_slots_of_a_roster(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("schedule", twenty, "--slots", "--length", "30 min", "--meeting", 2)
    assert said.status == 0
    assert "can be off" in said.out
    assert "When 2 of day can meet for 30 min" in said.out


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("--seconds", 0), "seconds is 0"),
        (("--gap", "120 %"), "'120 %' is more than 100 %"),
        (("--people", "--slots"), "ask for different things"),
        (("--certainty", "90 %"), "--certainty is for --people; add that, or leave --certainty out"),
        (("--people", "--length", "1 h"), "--length says nothing of --people; leave one of them out"),
        (("--slots", "--chart", "c.png"), "--chart says nothing of --slots; leave one of them out"),
        (("--people", "--certainty", "100 %"), "a certainty of 1 cannot be had"),
        (("--slots",), "nobody can be let off"),
        (("--shifts", "missing.yaml"), "missing.yaml: the file is not there"),
        (("--people", "--certainty", "often"), "'often' is not a share"),
        (("-o", "."), "is a folder"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_status_2(
    ccsim: Callable[..., Any], centre: Path, arguments: tuple[object, ...], words: str
) -> None:
    said = ccsim("schedule", centre, *arguments)
    assert said.status == 2
    assert said.out == ""
    assert words in said.err
    assert "Traceback" not in said.err


def test_a_goal_that_the_handle_time_forbids_is_refused_with_the_nearest(ccsim: Callable[..., Any], centre: Path, tmp_path: Path) -> None:
    rules = tmp_path / "goal.yaml"
    rules.write_text("calls_an_hour: 16\n", encoding="utf-8")
    said = ccsim("schedule", centre, "--shifts", rules)
    assert said.status == 2
    assert "16 calls an hour cannot be handled by anybody" in said.err
    assert "never idle handles 15.0" in said.err


def test_people_for_a_goal_or_seats_that_nobody_can_keep_to_are_refused_as_shifts_are(ccsim: Callable[..., Any], centre: Path) -> None:
    text = centre.read_text(encoding="utf-8")
    for goal, words in (("calls_an_hour: 16", "16 calls an hour cannot be handled by anybody"), ("seats: 2", "2 seats are allowed")):
        centre.write_text(f"{text}schedule: {{{goal}}}\n", encoding="utf-8")
        people, shifts = ccsim("schedule", centre, "--people"), ccsim("schedule", centre)
        assert people.status == 2
        assert people.out == ""
        assert words in people.err
        assert people.err == shifts.err
    centre.write_text(f"{text}schedule: {{calls_an_hour: 5, seats: 50}}\n", encoding="utf-8")
    assert ccsim("schedule", centre, "--people").status == 0


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt is sent as Unix does")
def test_an_interrupt_while_shifts_are_chosen_ends_it_quietly(tmp_path: Path) -> None:
    path = tmp_path / "week.yaml"
    path.write_text(CENTRE.replace("open:", "days: 7\nopen:").replace("volume: 200", "volume: 9000"), encoding="utf-8")
    command = [sys.executable, "-m", "ccsim", "schedule", str(path), "--seconds", "600", "--gap", "0 %"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as running:
        time.sleep(6.0)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "Traceback" not in err
    assert out == "" or "Interrupted: this is the best schedule" in out
