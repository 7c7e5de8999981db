"""The first bars: what Erlang's formulas say of a plan, all its callers in one queue.

Over several intervals a measure is pooled as in a simulation, sum over sum, with the formula's answers in place of the sums of days.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from ccsim.staffing.crews import Floats
from ccsim.staffing.explain.features import Pooled
from ccsim.theory import ErlangC, Station, queue_of

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

# What the formulas know; other measures have simulated bars only.
KNOWN: Final = (
    "service_level_offered", "service_level_answered", "service_level_excluding_short_abandons", "service_level_counting_short_abandons",
    "over_threshold", "mean_wait", "average_speed_of_answer", "abandoned_fraction", "occupancy",
)  # fmt: skip
_PATIENT: Final = 1e7  # a mean patience beyond this is none [s]


def all_day(scenario: Scenario, pooled: Pooled, agents: Floats, measure: str) -> tuple[float, bool]:
    """A measure by Erlang C for the whole measured time as one: its mean load and its mean agents [I]; and whether that is overload."""
    counted = scenario.horizon.measured
    seconds, calls = pooled.seconds[counted], pooled.calls[counted]
    rate = calls.sum() / seconds.sum()
    handle_time = float((calls * pooled.handle_time[counted]).sum() / calls.sum()) if calls.any() else float(pooled.handle_time.mean())
    mean_agents = float((agents[counted] * seconds).sum() / seconds.sum())
    queue = ErlangC(np.array([rate]), handle_time, mean_agents)
    by_type = {name: np.array([volume.sum()]) for name, volume in _volumes(scenario, pooled).items()}
    return _pooled(scenario, queue, measure, by_type, np.array([mean_agents])), bool(rate * handle_time >= mean_agents > 0.0)


def by_interval(scenario: Scenario, pooled: Pooled, agents: Floats, measure: str, patient: bool) -> tuple[float, int]:
    """A measure with each interval by itself, as if it went on for ever (SIPP: Green, Kolesar & Soares 2001), over the measured ones.

    By Erlang C if `patient`, otherwise by Erlang A with the mean patience; and in how many of them Erlang C has too few `agents` [I].
    """
    counted = scenario.horizon.measured
    calls, work = pooled.calls[counted], pooled.handle_time[counted]
    rate, on = calls / pooled.seconds[counted], np.asarray(agents, dtype=float)[counted]
    queue: Station = ErlangC(rate, work, on)
    if not patient:
        patience = 1.0 / np.maximum(pooled.hang_up_rate[counted], 1.0 / _PATIENT)
        queue = queue_of(rate, work, on, patience=patience, balk=pooled.balk)
    overloaded = int(((calls > 0.0) & (rate * work >= on)).sum())
    return _pooled(scenario, queue, measure, _volumes(scenario, pooled), on * pooled.seconds[counted]), overloaded


def _volumes(scenario: Scenario, pooled: Pooled) -> dict[str, Floats]:
    """The calls of each type in the measured intervals, [I]."""
    counted = scenario.horizon.measured
    return {name: np.asarray(scenario.calls[name].volume, dtype=float)[counted] for name in pooled.types}


def _pooled(scenario: Scenario, queue: Station, measure: str, by_type: dict[str, Floats], duty: Floats) -> float:
    """A measure over intervals: calls offered by type [I], `duty` [I] agent-seconds; types with their own targets are judged by those."""
    calls = np.sum(list(by_type.values()), axis=0)
    answered = np.asarray(queue.answered_fraction) * calls
    if measure == "occupancy":
        return _ratio(np.asarray(queue.occupancy) * duty, duty)
    if measure == "mean_wait":
        return _ratio(_times(queue.mean_wait, calls), calls)
    if measure == "average_speed_of_answer":
        return _ratio(_times(queue.average_speed_of_answer, answered), answered)
    if measure == "abandoned_fraction":
        return _ratio(np.asarray(queue.abandoned_fraction) * calls, calls)
    over, under = np.zeros_like(calls), np.zeros_like(calls)
    for name, mine in by_type.items():
        target = scenario.target_of(name)
        short = np.asarray(queue.hung_up_within(target.short_abandon)) * mine
        within = np.asarray(queue.answered_within(target.wait)) * mine
        if measure == "over_threshold":
            over, under = over + np.asarray(queue.over_threshold(target.wait)) * mine, under + mine
        elif measure == "service_level_answered":
            over, under = over + within, under + np.asarray(queue.answered_fraction) * mine
        elif measure == "service_level_excluding_short_abandons":
            over, under = over + within, under + mine - short
        else:
            over, under = over + within + (short if measure == "service_level_counting_short_abandons" else 0.0), under + mine
    return _ratio(over, under)


def _times(waits: object, weights: Floats) -> Floats:
    """Waits times calls; nothing where there are no calls, however endless the wait."""
    return np.where(weights > 0.0, np.asarray(waits, dtype=float) * np.where(weights > 0.0, weights, 1.0), 0.0)


def _ratio(over: Floats, under: Floats) -> float:
    total = float(np.sum(under))
    return float(np.sum(over)) / total if total > 0.0 else math.nan
