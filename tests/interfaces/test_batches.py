"""`ccsim run --batches`: one long path in place of replications, and the bad days of any run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ccsim as package

WEEK = """
title: A line that never closes
date: 2027-04-12
days: 8
open: 00:00-24:00
interval: 1 h
warm_up: 24 h
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 480, handle_time: {mean: 180 s, dist: exponential}, patience: {mean: 5 min}}
staff:
  desk: {agents: 3, shift: 00:00-24:00}
"""


@pytest.fixture
def week(tmp_path: Path) -> Path:
    path = tmp_path / "week.yaml"
    path.write_text(WEEK, encoding="utf-8")
    return path


def test_a_long_path_is_cut_into_batches(ccsim: Callable[..., Any], week: Path, tmp_path: Path) -> None:
    said = ccsim("run", week, "--batches", 7, "--json")
    assert said.status == 0
    document = json.loads(said.out)
    for row in document["intervals"]:
        row.pop("erlang_c", None)
    assert document == package.run(package.load(week), batches=7).to_dict()
    assert (document["replications"], document["batches"]["count"], document["batches"]["days"]) == (1, 7, 1)
    assert document["measures"]["mean_wait"]["low"] < document["measures"]["mean_wait"]["mean"]
    said = ccsim("run", week, "--batches", 7)
    assert "One path, cut into 7 batches of a day; intervals are those of the batch means." in said.out
    assert "nan" not in said.out
    # Days that make no whole batch are left out: the formula and the picture stand beside the intervals that are told
    png = tmp_path / "week.png"
    said = ccsim("run", week, "--batches", 5, "--json", "--chart", png)
    assert said.status == 0
    rows, every = json.loads(said.out)["intervals"], json.loads(ccsim("run", week, "--replications", 2, "--json").out)["intervals"]
    assert [row["start"] for row in rows] == [row["start"] for row in every[-len(rows) :]]
    assert len(every) > len(rows)
    assert [row["erlang_c"] for row in rows] == [row["erlang_c"] for row in every[-len(rows) :]]
    assert png.stat().st_size > 10_000


def test_what_does_not_go_with_batches_is_a_fault_in_what_was_asked(ccsim: Callable[..., Any], week: Path) -> None:
    for arguments, words in (
        (["--batches", 9], "has 7 whole days after the warm-up"),
        (["--batches", 7, "--replications", 20], "batches and replications are both given"),
        (["--batches", 7, "--precision", "1 pt"], "batches and precision are both given"),
        (["--batches", 2], "give a whole number of 5 or more"),
        (["--batches", "many"], "not a valid integer"),
    ):
        said = ccsim("run", week, *arguments)
        assert said.status == 2
        assert words in said.err
        assert not said.out


def test_a_run_in_batches_is_kept_and_played_again(
    ccsim: Callable[..., Any], week: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCSIM_HISTORY", str(tmp_path / "history.sqlite"))
    assert ccsim("run", week, "--batches", 7, "--measure", "mean_wait").status == 0
    said = ccsim("runs", "check", 1)
    assert said.status == 0, said.out + said.err


def test_every_run_tells_of_its_bad_days(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("run", twenty, "--replications", 100)
    assert "A day as a whole misses the target with a chance of" in said.out
    assert "On 1 day in 20, " in said.out
    assert "Bad days" in said.out
    few = ccsim("run", twenty, "--replications", 10)
    assert "How bad the worst day in 20 is, 10 days cannot show: play 72 or more." in few.out
    assert "Bad days" not in few.out
