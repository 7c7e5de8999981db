"""The figures of single days, against the call log of the same days read by another route."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ccsim.experiment.workshop import Workshop
from ccsim.inputs import Scenario, loads
from ccsim.measures.risk import DAYS, PATHS, Days
from ccsim.staffing.run import run

THREE_DAYS = """
title: three days, the second of them closed
date: 2027-04-12
days: 4
open: {mon: 08:00-12:00, wed: 08:00-11:00, thu: 08:00-12:00}
interval: 30 min
warm_up: 1 h
lines: 9
target: {wait: 30 s, share: 75 %, short_abandon: 5 s, per: PER}
calls:
  sales: {volume: 160, handle_time: {mean: 4 min}, patience: {mean: 2 min}, balk: 5 %, busyness_cv: 0.3}
  help: {volume: 60, handle_time: {mean: 3 min}, patience: {mean: 3 min}, target: {wait: 60 s, share: 60 %}}
staff:
  desk: {agents: 4, shift: 08:00-12:00}
cost: {agent_hour: 26, overtime_factor: 1.5, abandoned_call: 4, currency: EUR}
"""
PATHS_PLAYED = 6


def scenario(per: str = "interval") -> Scenario:
    return loads(THREE_DAYS.replace("PER", per))


def figures(played: Scenario) -> Days:
    chunk = Workshop(played, 3, "kernel").bench().chunk(0, PATHS_PLAYED)
    assert chunk is not None
    assert chunk.days is not None
    return chunk.days


def of(found: Days, name: str) -> np.ndarray:
    return found.days[..., [daily.name for daily in DAYS].index(name)]


@pytest.fixture(scope="module")
def found() -> Days:
    return figures(scenario())


@pytest.fixture(scope="module")
def logs() -> list[pd.DataFrame]:
    """The calls that are measured, with the day (0, 2 or 3) and the interval of the day in which they arrived."""
    result = run(scenario(), replications=PATHS_PLAYED, seed=3)
    told = []
    for path in range(PATHS_PLAYED):
        calls = result.calls(path)
        calls["day"] = (calls["arrival"] // 86400).astype(int)
        calls["slot"] = (calls["arrival"] // 1800).astype(int)
        calls["threshold"] = np.where(calls["call_type"] == "sales", 30.0, 60.0)
        told.append(calls[calls["arrival"] >= 9 * 3600])
    return told


def by_day(logs: list[pd.DataFrame], figure: object) -> np.ndarray:
    return np.array([[figure(calls[calls["day"] == day]) for day in (0, 2, 3)] for calls in logs])  # type: ignore[operator]


def test_counts_and_waits_are_those_of_the_day_s_own_calls(found: Days, logs: list[pd.DataFrame]) -> None:
    assert np.array_equal(of(found, "offered"), by_day(logs, len))
    assert of(found, "mean_wait") == pytest.approx(by_day(logs, lambda calls: calls["wait"].mean()))
    assert of(found, "wait_max") == pytest.approx(by_day(logs, lambda calls: calls["wait"].max()))
    answered = by_day(logs, lambda calls: calls.loc[calls["answered_at"].notna(), "wait"].mean())
    assert of(found, "average_speed_of_answer") == pytest.approx(answered)
    assert of(found, "blocked_fraction") == pytest.approx(by_day(logs, lambda calls: calls["blocked"].mean()))
    assert of(found, "abandoned_fraction") == pytest.approx(by_day(logs, lambda calls: calls["hung_up_at"].notna().mean()))
    assert by_day(logs, lambda calls: calls["blocked"].sum()).sum() > 0


def test_levels_are_those_of_the_day_s_own_calls(found: Days, logs: list[pd.DataFrame]) -> None:
    def within(calls: pd.DataFrame) -> float:
        return float((calls["answered_at"].notna() & (calls["wait"] <= calls["threshold"])).sum())

    def short(calls: pd.DataFrame) -> float:
        return float((calls["hung_up_at"].notna() & (calls["wait"] <= 5.0)).sum())

    assert of(found, "over_threshold") == pytest.approx(by_day(logs, lambda calls: (calls["wait"] > calls["threshold"]).mean()))
    assert of(found, "service_level_offered") == pytest.approx(by_day(logs, lambda calls: within(calls) / len(calls)))
    levels = {
        "answered": lambda calls: within(calls) / calls["answered_at"].notna().sum(),
        "excluding_short_abandons": lambda calls: within(calls) / (len(calls) - short(calls)),
        "counting_short_abandons": lambda calls: (within(calls) + short(calls)) / len(calls),
    }
    for variant, level in levels.items():
        assert of(found, f"service_level_{variant}") == pytest.approx(by_day(logs, level))


def holds(calls: pd.DataFrame) -> bool:
    """Whether the targets of both types held over these calls."""
    for call_type, threshold, share in (("sales", 30.0, 0.75), ("help", 60.0, 0.60)):
        theirs = calls[calls["call_type"] == call_type]
        if len(theirs) and (theirs["answered_at"].notna() & (theirs["wait"] <= threshold)).sum() < share * len(theirs) - 1e-9:
            return False
    return True


def test_a_day_misses_the_target_where_its_calls_together_do(found: Days, logs: list[pd.DataFrame]) -> None:
    missed = by_day(logs, lambda calls: float(not holds(calls)))
    assert np.array_equal(of(found, "target_missed"), missed)
    assert 0 < missed.sum() < missed.size
    assert np.array_equal(of(figures(scenario("day")), "target_missed"), missed)


def test_the_share_of_intervals_that_missed_it_is_of_those_with_calls(found: Days, logs: list[pd.DataFrame]) -> None:
    def share(calls: pd.DataFrame) -> float:
        return float(np.mean([not holds(slot) for _, slot in calls.groupby("slot")]))

    assert of(found, "intervals_missed") == pytest.approx(by_day(logs, share))
    assert np.array_equal(of(found, "any_interval_missed"), by_day(logs, lambda calls: float(share(calls) > 0)))


def test_a_target_by_day_has_no_intervals_to_miss() -> None:
    found = figures(scenario("day").model_copy(update={"calls": {"sales": scenario("day").calls["sales"]}}))
    assert np.isnan(of(found, "intervals_missed")).all()
    assert np.isnan(of(found, "any_interval_missed")).all()


def test_what_belongs_to_no_single_day_is_told_of_paths(found: Days) -> None:
    result = run(scenario(), replications=PATHS_PLAYED, seed=3)
    assert [daily.of for daily in PATHS] == ["paths", "paths"]
    for number, daily in enumerate(PATHS):
        assert found.paths[:, number].mean() == pytest.approx(result.measures.loc[daily.name, "mean"])


def test_a_day_without_calls_has_no_ratios() -> None:
    quiet = loads(
        "open: 08:00-09:00\ninterval: 30 min\ntarget: {wait: 20 s, share: 80 %}\n"
        "calls:\n  a: {volume: 1, handle_time: 60 s}\nstaff:\n  desk: {agents: [1, 1]}\n"
    )
    chunk = Workshop(quiet, 1, "kernel").bench().chunk(0, 16)
    assert chunk is not None
    assert chunk.days is not None
    none = of(chunk.days, "offered") == 0.0
    assert 0 < none.sum() < none.size
    for name in ("mean_wait", "wait_max", "over_threshold", "service_level_offered", "target_missed", "intervals_missed"):
        assert np.array_equal(np.isnan(of(chunk.days, name)), none)
