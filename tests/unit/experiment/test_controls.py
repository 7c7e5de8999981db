"""Control variates: what is expected of them, what they take out of estimates, and when they are left alone."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from scipy import stats

from ccsim.engine.draws import Drawer
from ccsim.experiment.controls import Controls, allowed
from ccsim.experiment.estimates import controlled, ratio
from ccsim.experiment.moments import Moments
from ccsim.experiment.replicate import run
from ccsim.experiment.workshop import Workshop
from ccsim.inputs.scenario import Scenario, changed, loads
from ccsim.measures.definitions import COLUMNS, of_scope
from ccsim.reporting.controls import control_words
from tests.unit.experiment.centres import plain, whole

BUSY = """
open: 08:00-12:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  sales: {volume: 600, busyness_cv: 0.2, handle_time: {mean: 4 min}, patience: {mean: 3 min}}
  help: {volume: 240, busyness_cv: 0.1, handle_time: {mean: 3 min}, patience: {mean: 3 min}}
staff:
  team: {agents: 16, shift: 08:00-12:00}
shrinkage:
  sickness: {share: 10 %, kind: absence, correlation: 0.05}
"""
# Everything that bears on what a control is expected to be
MEANS = "100 s, 200 s, 300 s, 100 s, 200 s, 300 s, 100 s, 200 s, "
EVERYTHING = (
    """
date: 2027-04-10
days: 3
open: 08:00-16:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls:
  a: {volume: 40, profile: [1, 2, 3, 4, 4, 3, 2, 1], busyness: {day: 0.3, week: 0.2, interval: 0.2},
      handle_time: {mean: ["""
    + MEANS * 3
    + """], cv: 0.8, dist: gamma}, patience: {mean: 3 min}}
  b: {volume: 30, busyness: {day: 0.3, shared: true}, handle_time: {mean: 3 min, dist: erlang, phases: 3}, patience: {mean: 3 min}}
  c: {volume: 20, busyness: {day: 0.3, shared: true}, handle_time: {mean: 3 min, dist: weibull, shape: 0.8}, balk: 50 %}
  d: {volume: 10, busyness: {day: 0.2, shared: true}, handle_time: {from: 2 min, to: 5 min, dist: uniform},
      redial: {chance: 0.5, after: {mean: 10 min}}}
staff:
  night: {agents: 5, shift: 22:00-10:00}
  team: {agents: 20, shift: 08:00-16:00}
  desk: {agents: 3}
shrinkage:
  leave: {share: 10 %, kind: planned}
  short: {share: 8 %, kind: absence, correlation: 0.1, weekdays: {sun: 2}, groups: [team, night]}
  long: {share: 6 %, kind: absence, lasts: {mean: 3 days}, correlation: 0.05, of: remaining, groups: [team, night]}
events:
  storm: {from: 09:30, to: 11:15, chance: 30 %, volume: 2, types: [a, c]}
  sale: {from: 10:00, to: 13:00, volume: 1.5}
"""
)
WITHOUT_WEEK = EVERYTHING.replace("day: 0.3, week: 0.2", "day: 0.3").replace("days: 3", "days: 1").replace(MEANS * 3, MEANS)
EVENT_ON_ABSENCE = WITHOUT_WEEK.replace("volume: 1.5", "volume: 1.5, absence: 3, groups: [night]").replace(", lasts: {mean: 3 days}", "")
WEEK_ALONE = EVERYTHING.replace("day: 0.3, week: 0.2", "week: 0.3")
ALL = {"several days": EVERYTHING, "one day": WITHOUT_WEEK, "absence in an event": EVENT_ON_ABSENCE, "a busy week": WEEK_ALONE}


def busy() -> Scenario:
    return loads(BUSY)


def drawn(scenario: Scenario, replications: int) -> tuple[Controls, np.ndarray]:
    """The controls of a scenario and their values on the first paths, which are drawn and not played. [replications, K]"""
    shop = Workshop(scenario, 1, "kernel", controls=True)
    drawer = Drawer(scenario, shop.floor, 1)
    controls = shop.controls
    assert controls is not None
    found = []
    for replication in range(replications):
        day = drawer.day(replication)
        found.append(controls.values(day, drawer.busyness(replication), drawer.away))
    return controls, np.array(found)


@pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())
def test_every_control_has_the_mean_that_it_is_said_to_have(text: str) -> None:
    """1,500 paths: a mean off by a fifth of its own spread is 8 standard errors off, where 4 are allowed."""
    controls, values = drawn(loads(text), 1500)
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    assert len(controls.names) == values.shape[1] > 12
    assert len(set(controls.names)) == len(controls.names)
    assert (error > 0.0).all()
    worst = np.abs(values.mean(axis=0) / error)
    assert (worst < 4.0).all(), dict(zip(controls.names, worst.round(1).tolist(), strict=True))


@pytest.mark.parametrize(
    ("planted", "seen"),
    [("volume: 40", "calls of a"), ("mean: 3 min, dist: erlang", "work that b brings"), ("short: {share: 8 %", "people absent"),
     ("day: 0.3, interval", "busyness of a above its 80 % quantile")],
)  # fmt: skip
def test_an_expectation_that_is_off_is_noticed(planted: str, seen: str) -> None:
    """The test above can fail: the controls are those of a scenario in which one number is a quarter higher than in what is drawn."""
    digits = "".join(c for c in planted.split(":")[-1 if "{" in planted else 1].split(",")[0] if c.isdigit() or c == ".")
    digits = {"mean: 3 min, dist: erlang": "3", "short: {share: 8 %": "8", "day: 0.3, interval": "0.3"}.get(planted, digits)
    truth = loads(WITHOUT_WEEK)
    other = loads(WITHOUT_WEEK.replace(planted, planted.replace(digits, f"{float(digits) * 1.25:.4g}", 1), 1))
    shop = Workshop(truth, 1, "kernel")
    drawer, wrong = Drawer(truth, shop.floor, 1), Controls(other)
    values = np.array([wrong.values(drawer.day(r), drawer.busyness(r), drawer.away) for r in range(1000)])
    place = wrong.names.index(seen)
    assert abs(values[:, place].mean()) > 4.0 * values[:, place].std() / np.sqrt(1000)


def test_few_replications_bear_few_controls() -> None:
    assert [len(allowed(n, [10] * 20)) for n in (1, 14, 15, 64, 110, 10**6)] == [0, 0, 1, 10, 20, 20]
    short, none = run(busy(), replications=14, controls=True), run(busy(), replications=14)
    assert short.controls is not None
    assert short.controls["used"] == []
    assert short.measures.equals(none.measures)


def test_the_estimate_is_the_constant_of_a_regression_with_its_own_standard_error() -> None:
    """Brute force: the linearised ratio of every path on the controls, least squares, the constant and its t interval."""
    scenario, many = busy(), 96
    bench = Workshop(scenario, 3, "kernel", controls=True).bench()
    singles = [bench.chunk(path, 1) for path in range(many)]
    columns = np.array([chunk.moments["run"].mean[0] for chunk in singles if chunk is not None])
    size = len(COLUMNS["run"])
    moments = Moments.of(columns[:, None])
    least = Controls(scenario).least
    used = controlled(moments, size, least).used
    assert (len(used), len(allowed(many, least))) == (16, 17)  # the work of each type adds up to the work
    design = np.column_stack([np.ones(many), columns[:, size + np.array(used)]])
    for name in ("service_level_offered", "mean_wait", "abandoned", "occupancy"):
        measure = {one.name: one for one in of_scope("run")}[name]
        over = sum(weight * columns[:, COLUMNS["run"].index(column)] for column, weight in measure.over.items())
        under = sum(weight * columns[:, COLUMNS["run"].index(column)] for column, weight in measure.under.items())
        a, b = (np.linalg.lstsq(design, side, rcond=None)[0][0] for side in (over, under))
        residual = over - a / b * under
        fitted = np.linalg.lstsq(design, residual, rcond=None)[0]
        freedom = many - design.shape[1]
        variance = ((residual - design @ fitted) ** 2).sum() / freedom * np.linalg.inv(design.T @ design)[0, 0]
        half = stats.t.ppf(0.975, freedom) * np.sqrt(variance) / b
        found = ratio(measure, "run", moments, least=least)
        assert found.mean[0] == pytest.approx(a / b, rel=1e-9)
        assert found.high[0] - found.mean[0] == pytest.approx(half, rel=1e-6)


def test_what_adds_up_still_does_and_what_is_known_is_known() -> None:
    result = run(busy(), replications=200, controls=True)
    mean = result.measures["mean"]
    assert mean["answered"] + mean["abandoned"] + mean["blocked"] + mean["unsettled"] == pytest.approx(mean["offered"], rel=1e-9)
    assert mean["offered"] == pytest.approx(840.0, rel=1e-9)
    assert result.call_types["help"].loc["offered", "mean"] == pytest.approx(240.0, rel=1e-9)
    assert result.half_width("offered")[1] < 1e-6
    assert result.to_dict()["controls"]["gain"]["offered"] is None  # as good as ever so many days


def test_controls_narrow_the_intervals_and_leave_the_days_alone() -> None:
    result, alone = run(busy(), replications=400, controls=True), run(busy(), replications=400)
    for measure in ("service_level_offered", "abandoned_fraction", "mean_wait", "occupancy"):
        told = result.controls
        assert told is not None
        gain = told["gain"][measure]
        assert gain > 3.0
        assert gain == pytest.approx((alone.half_width(measure)[1] / result.half_width(measure)[1]) ** 2, rel=1e-6)
        assert abs(result.half_width(measure)[0] - alone.half_width(measure)[0]) < 2.0 * alone.half_width(measure)[1]
    assert result.intervals.equals(alone.intervals)
    assert result.groups["team"].equals(alone.groups["team"])
    assert alone.controls is None
    assert "controls" not in alone.to_dict()


def test_the_result_is_the_same_to_the_last_bit_whatever_the_workers() -> None:
    results = [run(busy(), replications=56, controls=True, workers=workers).to_dict() for workers in (1, 2, 3)]
    assert results[0] == results[1] == results[2]
    slow = [run(busy(), replications=18, controls=True, engine="simpy", workers=workers).to_dict() for workers in (1, 2)]
    assert slow[0] == slow[1]
    assert slow[0] == {**run(busy(), replications=18, controls=True).to_dict(), "engine": "simpy"}


def test_an_interrupted_run_is_one_with_fewer_days() -> None:
    stop = threading.Event()

    def impatient(done: int, total: int) -> None:
        if done >= 64 and not stop.is_set():
            stop.set()
            raise KeyboardInterrupt

    result = run(busy(), replications=4000, controls=True, workers=1, progress=impatient)
    assert result.interrupted
    again = run(busy(), replications=result.replications, controls=True)
    assert {**result.to_dict(), "interrupted": None} == {**again.to_dict(), "interrupted": None}


def test_what_is_kept_does_not_grow_with_the_days() -> None:
    few, many = (run(busy(), replications=count, controls=True, workers=1)._totals.moments["run"] for count in (48, 480))
    assert few.comoment.shape == many.comoment.shape == (1, *[len(COLUMNS["run"]) + len(Controls(busy()).names)] * 2)


def test_shares_stay_shares() -> None:
    """Hardly anybody waits: the line through the days leads below 0 for some."""
    scenario = changed(busy(), {"staff.team.agents": 34})
    for seed in range(8):
        for name, row in run(scenario, replications=64, controls=True, seed=seed).measures.iterrows():
            if row["unit"] == "share" and np.isfinite(row["mean"]):
                assert 0.0 <= row["low"] <= row["mean"] <= row["high"] <= 1.0, name


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"known": {"at": "09:00", "calls": {"sales": 30}}}, "what is known"),
     ({"calls.sales.volume_counts": "offered", "calls.sales.redial": {"chance": 0.5, "after": {"mean": "10 min"}}}, "volume_counts")],
)  # fmt: skip
def test_where_expectations_are_not_known_no_controls_are_used(changes: dict[str, Any], why: str) -> None:
    scenario = changed(busy(), changes)
    result, alone = run(scenario, replications=60, controls=True), run(scenario, replications=60)
    told = result.controls
    assert told is not None
    assert told["used"] == []
    assert why in told["left_out"][0]
    assert why in control_words(told, "service_level_offered", 60)[0]
    assert result.measures.equals(alone.measures)


def test_volumes_that_count_all_calls_where_none_calls_again_are_as_good_as_any() -> None:
    result = run(changed(busy(), {"calls.sales.volume_counts": "offered"}), replications=60, controls=True)
    assert result.controls is not None
    assert result.controls["used"]


def test_a_precision_takes_controls_and_a_number_of_days_does_not_unless_told() -> None:
    assert run(busy(), precision="3 pt").controls is not None
    assert run(busy(), precision="3 pt", controls=False).controls is None
    assert run(plain(), replications=3).controls is None
    assert run(busy(), precision="1.5 pt").replications < run(busy(), precision="1.5 pt", controls=False).replications


def test_the_run_says_what_was_used_and_what_it_did() -> None:
    told = run(busy(), replications=200, controls=True).to_dict()["controls"]
    said = control_words(told, "service_level_offered", 200)
    assert said[0].startswith("Set against what luck brought (busyness of sales, people absent, busyness of help and ")
    assert "times narrower" in said[0]
    assert "settle it" in control_words(told, "offered", 200)[0]
    assert "nothing of" in control_words(told, "wait_p90", 200)[0]
    assert control_words(None, "offered", 200) == []
    everything = run(whole(), replications=64, controls=True)
    assert everything.controls is not None
    assert everything.controls["used"][0] == "people absent"
