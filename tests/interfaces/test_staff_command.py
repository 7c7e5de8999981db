"""`ccsim staff --by simulation`: what it prints and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SMALL = """
title: Two [bold]hours[/bold]
date: 2027-04-12
open: 08:00-10:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: [60, 80], handle_time: {mean: 180 s}, patience: {mean: 5 min}}
shrinkage:
  sickness: {share: 10 %, kind: absence}
"""
SIMULATE = ("--by", "simulation", "--days", "200")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A scenario without staff."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_a_requirement_by_simulation_is_printed_with_what_shows_that_fewer_would_not_do(ccsim: Callable[..., Any], small: Path) -> None:
    said = ccsim("staff", small, *SIMULATE)
    assert said.status == 0
    assert "Two [bold]hours[/bold]" in said.out
    assert "fresh days the target holds in all 2 intervals with calls" in said.out
    assert "Those days moved nothing" in " ".join(said.out.split())
    assert "With one agent fewer in any one interval the target is missed somewhere in 2 of 2 cases" in said.out
    assert "09:00" in said.out


def test_a_requirement_by_simulation_is_one_json_object_and_comes_again_with_its_seed(ccsim: Callable[..., Any], small: Path) -> None:
    first, again = (json.loads(ccsim("staff", small, *SIMULATE, "--seed", "3", "--json").out) for _ in range(2))
    assert first == again
    assert first["by"] == "simulation"
    assert first["seed"] == 3
    assert first["verified"] is True
    for row in first["intervals"]:
        assert row["target_held"] is True
        assert row["scheduled_agents"] >= row["required_agents"] > 0
        assert row["service_level_offered"] >= 0.8
    assert all(row["one_fewer"]["misses"] for row in first["groups"][0]["intervals"])


@pytest.mark.parametrize("option, value", [("--confidence", "95 %"), ("--days", "400"), ("--seed", "2")])
def test_options_of_the_simulation_are_refused_by_the_formula(ccsim: Callable[..., Any], small: Path, option: str, value: str) -> None:
    said = ccsim("staff", small, option, value)
    assert said.status == 2
    assert "add `--by simulation`" in said.err


@pytest.mark.parametrize("option, value", [("--confidence", "100 %"), ("--confidence", "often"), ("--days", "2"), ("--days", "0")])
def test_what_makes_no_sense_is_refused(ccsim: Callable[..., Any], small: Path, option: str, value: str) -> None:
    said = ccsim("staff", small, "--by", "simulation", option, value)
    assert said.status == 2
    assert "Traceback" not in said.err


def test_what_nobody_can_meet_is_refused_with_the_nearest_by_formula_too(ccsim: Callable[..., Any], small: Path) -> None:
    small.write_text(SMALL.replace("wait: 20 s, share: 80 %", "abandoned_fraction: 0 %"), encoding="utf-8")
    said = ccsim("staff", small)
    assert said.status == 2
    assert "0 % cannot be met by any number of agents; 0.1 % can" in said.err


def test_a_target_by_day_is_told_by_day_and_not_by_the_clock(ccsim: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "days.yaml"
    path.write_text(SMALL.replace("80 %", "80 %, per: day").replace("open:", "days: 2\nopen:"), encoding="utf-8")
    said = " ".join(ccsim("staff", path, *SIMULATE).out.split())
    assert "Target 80 % within 20 s, by day · by simulation" in said
    assert "200 fresh plays of the 2 days the target holds on all 2 days with calls" in said
    assert "the target of a day is missed in 4 of 4 cases" in said
    assert "% within 20 s over 2027-04-1" in said
    assert "least to spare: " in said
    by_formula = " ".join(ccsim("staff", path).out.split())
    assert "Target 80 % within 20 s, by day · by formula" in by_formula
