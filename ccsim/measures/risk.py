"""What is read off single days, so that a run can tell a bad day from an ordinary one.

A mean over all days hides the day on which a third of the staff is ill. Here the measures of `ccsim.measures.definitions` are taken of
each day by itself: the ratio of its own sums, not pooled with any other day's. A day is an opening with the hours until it closes, the
warm-up left out; a day whose ratio has nothing under it (no calls) is not known, nan.

What belongs to no single day of a path, paid hours and overtime, is taken of each path, per calendar day. Where a path is one day that is
the same.

Besides, for each day: whether the target was missed by the day as a whole, all its callers of all hours together (a target that is by
interval taken for one by day); and where the target is by interval, the share of the day's intervals that missed it and whether any did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Final, Literal, NamedTuple

import numpy as np

from ccsim.engine.floor import Floats
from ccsim.engine.tally import Tally
from ccsim.engine.tally.columns import (
    ABANDONED,
    CALLS_ANSWERED,
    CALLS_BLOCKED,
    HANDLING,
    LONGEST,
    OFFERED,
    ON_DUTY,
    OVER,
    SHORT,
    WAIT_ABANDONED,
    WAIT_ANSWERED,
    WITHIN,
)
from ccsim.measures.definitions import COLUMNS, SHARE, Measure, of_scope
from ccsim.measures.targets import aims_missed, judge, unit_of
from ccsim.measures.yardstick import Yardstick

Worse = Literal["more", "less"]


@dataclass(frozen=True, slots=True)
class Daily:
    """A measure of single days, or of single paths."""

    name: str
    unit: str
    worse: Worse  # which way a bad day lies
    of: Literal["days", "paths"] = "days"


_OF_RUN: Final = {measure.name: measure for measure in of_scope("run")}
_LESS_IS_WORSE: Final = ("service_level_offered", "service_level_answered", "service_level_excluding_short_abandons",
                         "service_level_counting_short_abandons")  # fmt: skip
_OF_DAYS: Final = (
    "offered", "mean_wait", "average_speed_of_answer", "wait_max", "over_threshold", *_LESS_IS_WORSE, "abandoned_fraction",
    "blocked_fraction", "occupancy",
)  # fmt: skip
_OF_PATHS: Final = ("overtime_hours", "cost")
TARGET_MISSED: Final = "target_missed"
ANY_INTERVAL_MISSED: Final = "any_interval_missed"
# Those that are 0 or 1 on a day: the chance of them is told, not a quantile
CHANCES: Final = (TARGET_MISSED, ANY_INTERVAL_MISSED)
INTERVALS_MISSED: Final = "intervals_missed"
DAYS: Final[tuple[Daily, ...]] = (
    *(Daily(name, _OF_RUN[name].unit, "less" if name in _LESS_IS_WORSE else "more") for name in _OF_DAYS),
    *(Daily(name, SHARE, "more") for name in (INTERVALS_MISSED, *CHANCES)),
)
PATHS: Final[tuple[Daily, ...]] = tuple(Daily(name, _OF_RUN[name].unit, "more", "paths") for name in _OF_PATHS)

_COLUMNS: Final = {
    "offered": OFFERED, "answered": CALLS_ANSWERED, "abandoned": ABANDONED, "blocked": CALLS_BLOCKED, "within": WITHIN, "over": OVER,
    "short": SHORT, "wait_answered": WAIT_ANSWERED, "wait_abandoned": WAIT_ABANDONED,
}  # fmt: skip


class Days(NamedTuple):
    """The figures of single days [paths, D, DAYS] and of single paths [paths, PATHS]; nan where not known."""

    days: Floats
    paths: Floats


def read_days(yardstick: Yardstick, tally: Tally, paths: int, run: Floats) -> Days:
    """The figures of each day and of each path in the first `paths` slots of a tally.

    `run` [paths, 1, columns] are the columns of scope "run" that were read off the same slots.
    """
    starts = yardstick.day_starts
    calls, time = _by_interval(yardstick, tally, paths)
    by_day, time_by_day = (np.add.reduceat(sums, starts, axis=1) for sums in (calls, time))
    callers = list(yardstick.callers)
    sums = by_day[:, :, callers].sum(axis=2)
    longest = np.maximum.reduceat(calls[:, :, callers, LONGEST].max(axis=2), starts, axis=1)
    columns = {name: sums[..., number] for name, number in _COLUMNS.items()}
    columns |= {"handling": time_by_day[..., HANDLING], "on_duty": time_by_day[..., ON_DUTY], "units": np.ones(longest.shape)}
    columns |= {"longest": longest, "days_with_waits": np.minimum(columns["answered"] + columns["abandoned"], 1.0)}
    figures = [_ratio(_OF_RUN[name], columns) for name in _OF_DAYS]
    figures += _missed(yardstick, (calls, time), (by_day, time_by_day))
    whole = {name: run[:, 0, number] for number, name in enumerate(COLUMNS["run"])}
    return Days(np.stack(figures, axis=2), np.stack([_ratio(_OF_RUN[name], whole) for name in _OF_PATHS], axis=1))


def read_aims(yardstick: Yardstick, tally: Tally, paths: int) -> dict[str, Floats]:
    """By aim, 1 on days that missed it as a whole, all callers of all hours together, else 0: [paths, D] each."""
    calls, time = (np.add.reduceat(sums, yardstick.day_starts, axis=1) for sums in _by_interval(yardstick, tally, paths))
    return {aim: missed.astype(np.float64) for aim, missed in aims_missed(yardstick, (calls, time)).items()}


def _by_interval(yardstick: Yardstick, tally: Tally, paths: int) -> tuple[Floats, Floats]:
    """Calls and agents' time in each interval that is measured."""
    first = yardstick.first_interval
    return tally.calls[:paths, first:], tally.teams[:paths, :, first:].sum(axis=1)


def _ratio(measure: Measure, columns: dict[str, Floats]) -> Floats:
    """A measure of each day by itself; nan where there is nothing under it."""
    over, under = _weighed(measure.over, columns), _weighed(measure.under, columns)
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=under > 0.0)


def _weighed(weights: Mapping[str, float], columns: dict[str, Floats]) -> Floats:
    """The sum of columns, each times its weight."""
    parts = [columns[name] if weight == 1.0 else weight * columns[name] for name, weight in weights.items()]
    return reduce(np.add, parts)


def _missed(yardstick: Yardstick, by_interval: tuple[Floats, Floats], by_day: tuple[Floats, Floats]) -> list[Floats]:
    """Share of the day's intervals that missed the target, whether the day as a whole did, and whether any interval did, each [paths, D].

    nan on days without calls; the first and the last everywhere where the target is by day.
    """
    met, judged = judge(yardstick, by_interval, by_day, "day")
    whole = np.where(judged, 1.0 - met, np.nan)
    if unit_of(yardstick) == "day":
        unknown = np.full(whole.shape, np.nan)
        return [unknown, whole, unknown]
    met, judged = judge(yardstick, by_interval, by_day)
    starts = yardstick.day_starts
    units = np.add.reduceat(judged.astype(np.float64), starts, axis=1)
    missed = np.add.reduceat((judged & ~met).astype(np.float64), starts, axis=1)
    share = np.where(units > 0.0, missed / np.maximum(units, 1.0), np.nan)
    return [share, whole, np.where(units > 0.0, np.minimum(missed, 1.0), np.nan)]
