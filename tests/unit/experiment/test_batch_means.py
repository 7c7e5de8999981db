"""One long path cut into batches: the same figures as the path in one piece, intervals from the batches, and what is refused."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.experiment.batch_means import neighbours
from ccsim.experiment.replicate import run
from ccsim.inputs.scenario import Scenario, loads

# Everything that is summed over a whole path: overtime, unpaid absence, contingents and their pay, work past midnight, later calls
WEEKS = """
title: two weeks round the clock
date: 2027-04-12
days: 15
open: 00:00-24:00
interval: 1 h
warm_up: 24 h
lines: 12
target: {wait: 60 s, share: 80 %, short_abandon: 5 s}
calls:
  sales: {volume: 700, handle_time: {mean: 4 min}, patience: {mean: 3 min}, busyness_cv: 0.1, redial: {chance: 0.3, after: {mean: 10 min}}}
  help: {volume: 200, handle_time: {mean: 3 min}, patience: {mean: 3 min}, target: {wait: 30 s, share: 70 %, per: day}}
staff:
  day: {agents: 4, shift: 07:00-19:00, breaks: [30 min unpaid between 11:30 and 13:30]}
  night: {agents: 3, shift: 19:00-07:00}
  desk: {agents: [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1], takes: [help]}
shrinkage:
  sick: {share: 10 %, kind: absence, paid: false}
  late: {chance: 20 %, kind: late, by: {mean: 15 min}}
contingent:
  home:
    agents: 3
    available: 06:00-23:00
    accept: 80 %
    notice: {mean: 5 min}
    activate: {when: queue, reaches: 3, call_up: 2, every: 10 min}
    release: {when: queue, falls_to: 0}
    block: 1 h
    pay: {hour: 24, activation: 5, standby_hour: 1.5}
cost: {agent_hour: 26, overtime_factor: 1.5, abandoned_call: 4, currency: EUR}
"""


def weeks(*changes: tuple[str, str]) -> Scenario:
    text = WEEKS
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return loads(text)


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return run(weeks(), replications=1).to_dict()


@pytest.fixture(scope="module", params=[7, 14])
def cut(request: pytest.FixtureRequest) -> dict[str, Any]:
    return run(weeks(), batches=request.param).to_dict()


def flat(document: dict[str, Any]) -> dict[str, Any]:
    scopes = [document["measures"], *(row for scope in ("call_types", "groups", "contingent") for row in document[scope].values())]
    return {f"{number} {name}": cell["mean"] for number, scope in enumerate(scopes) for name, cell in scope.items()}


def test_the_batches_together_are_the_path_in_one_piece(whole: dict[str, Any], cut: dict[str, Any]) -> None:
    expected, found = flat(whole), flat(cut)
    assert set(expected) - set(found) == {"0 never_came"}
    assert found["0 overtime_hours"] > 0
    assert found["0 redials"] > 0
    for name, mean in found.items():
        if mean != expected[name]:
            assert mean == pytest.approx(expected[name], rel=1e-9), name


def test_so_are_the_waterfall_the_intervals_and_the_days(whole: dict[str, Any], cut: dict[str, Any]) -> None:
    for step, other in zip(cut["shrinkage"]["steps"], whole["shrinkage"]["steps"], strict=True):
        assert step["hours"]["mean"] == pytest.approx(other["hours"]["mean"], abs=1e-9)
    assert cut["shrinkage"]["on_queue"]["mean"] == pytest.approx(whole["shrinkage"]["on_queue"]["mean"])
    assert cut["intervals"] == whole["intervals"]
    for name, entry in cut["risk"]["measures"].items():
        if entry["of"] == "days":
            assert entry["one_in_5"]["value"] == whole["risk"]["measures"][name]["one_in_5"]["value"]


def test_batches_have_intervals_where_one_path_has_none(whole: dict[str, Any], cut: dict[str, Any]) -> None:
    assert whole["measures"]["mean_wait"]["low"] is None
    for name in ("offered", "mean_wait", "service_level_offered", "occupancy", "cost", "overtime_hours", "wait_p90"):
        cell = cut["measures"][name]
        assert cell["low"] < cell["mean"] < cell["high"], name
    assert cut["replications"] == 1
    json.dumps(cut, allow_nan=False)


def test_the_interval_is_students_of_the_batch_means() -> None:
    """Days of the path by itself, counted from its call log."""
    result = run(weeks(), batches=14)
    calls = result.calls(0)
    days = np.bincount((calls["arrival"] // 86400).astype(int), minlength=15)[1:15]
    half = 2.160368656 * days.std(ddof=1) / math.sqrt(14)  # t of 13 degrees, 97.5 %
    cell = result.measures.loc["offered"]
    assert cell["mean"] == pytest.approx(days.mean())
    assert cell["high"] - cell["mean"] == pytest.approx(half)


def test_the_same_seed_gives_the_same_batches_and_both_engines_agree() -> None:
    short = weeks(("days: 15", "days: 6"))
    first, again, other = run(short, batches=5), run(short, batches=5), run(short, batches=5, seed=2)
    assert first.to_dict() == again.to_dict()
    assert first.to_dict()["measures"] != other.to_dict()["measures"]
    simpy = run(short, batches=5, engine="simpy").to_dict()
    assert {**simpy, "engine": "kernel"} == first.to_dict()


def test_days_that_make_no_whole_batch_join_the_warm_up() -> None:
    result = run(weeks(), batches=6)
    assert (result.batches.count, result.batches.days, result.batches.left_out) == (6, 2, 2)  # type: ignore[union-attr]
    assert result.to_dict()["intervals"][0]["start"] == "2027-04-15T00:00"
    longer = run(weeks(("warm_up: 24 h", "warm_up: 72 h")), batches=6)
    assert result.to_dict()["measures"] == longer.to_dict()["measures"]


def test_a_warm_up_that_ends_at_noon_leaves_its_whole_day_out() -> None:
    result = run(weeks(("warm_up: 24 h", "warm_up: 12 h")), batches=14)
    assert result.to_dict()["measures"] == run(weeks(), batches=14).to_dict()["measures"]


def test_the_correlation_is_looked_at_in_the_measure_named() -> None:
    for measure in ("mean_wait", "wait_p90", "target_met", "offered"):
        batches = run(weeks(), batches=14, measure=measure).batches
        assert batches is not None
        assert batches.measure == measure
        assert -1.0 <= batches.correlation <= 1.0


@pytest.mark.parametrize("count", [5, 30, 300])
def test_independent_values_seldom_seem_to_hang_together(count: int) -> None:
    """In 5 % of 4,000 cases; three standard errors are 1 point, and the normal law is not exact for five values."""
    generator = np.random.default_rng(count)
    bound = 1.645 * math.sqrt((count - 2) / (count**2 - 1))
    beyond = np.mean([neighbours(generator.normal(size=count)) > bound for _ in range(4000)])
    assert 0.035 <= beyond <= 0.065


def test_values_that_drift_hang_together_and_values_that_alternate_do_not() -> None:
    assert neighbours(np.arange(30.0)) > 0.9
    assert neighbours(np.tile([1.0, 2.0], 15)) < -0.9
    assert math.isnan(neighbours(np.full(9, 0.3)))


@pytest.mark.parametrize(
    ("changes", "arguments", "words"),
    [
        ([], {"batches": 15}, "has 14 whole days after the warm-up, and a batch is of whole days: give at most 14, or make `days` longer"),
        ([("days: 15", "days: 2")], {"batches": 5}, "has 1 whole day after the warm-up, and a batch is of whole days: make `days` longer"),
        ([], {"batches": 4}, "batches is 4; give a whole number of 5 or more"),
        ([], {"batches": 7.0}, "batches is 7.0; give a whole number"),
        ([], {"batches": 7, "replications": 3}, "batches and replications are both given"),
        ([], {"batches": 7, "precision": "1 s", "measure": "mean_wait"}, "batches and precision are both given"),
        ([("open: 00:00-24:00", "open: {mon-fri: 00:00-24:00}")], {"batches": 14}, "closed on all of the 1 day from 2027-04-17 on"),
    ],
)
def test_what_cannot_be_cut_is_refused(changes: list[tuple[str, str]], arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        run(weeks(*changes), **arguments)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([("volume: 700", "volume: 700, weekdays: {mon: 1.5}")], "The batches are not alike"),
        ([("warm_up: 24 h", "warm_up: 0 min"), ("days: 15", "days: 14")], "The path begins with nobody on the line"),
        ([("cost:", "events:\n  final: {date: 2027-04-20, volume: 1.5}\ncost:")], "`events`"),
    ],
)
def test_what_spoils_the_intervals_is_said(changes: list[tuple[str, str]], words: str) -> None:
    result = run(weeks(*changes), batches=14)
    assert any(words in note for note in result.to_dict()["batches"]["notes"])
    assert not run(weeks(), batches=14).batches.notes  # type: ignore[union-attr]
