"""The calls of the days to be predicted, as the training days foretell them: the law of their counts, and callers drawn from it.

Where the training days carry a forecast (three weeks, each weekday seen twice), the law is that of `ccsim forecast`; where they are too
few, it is what `ccsim fit` reads off them: the mean of each weekday's slots, how far days and intervals differ, and how sure the means are.
A count is Poisson about mean x factor of the day x factor of the interval. The logarithms of the days' factors are normal and hang
together, as a level that was judged wrongly lasts; the interval's factor is Gamma. Type and priority of a caller are drawn from those of
the training days, the type by the slot of the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.engine import streams
from ccsim.errors import InputError
from ccsim.fitting.demand import ASSUMED_CV, fit_demand
from ccsim.fitting.demand import grid as grid_of_days
from ccsim.fitting.forecasting import forecast
from ccsim.fitting.forecasting.record import TooShort
from ccsim.fitting.forecasting.rolling import of_last_weeks
from ccsim.fitting.forecasting.series import band, relative_variance
from ccsim.fitting.problems import Problems
from ccsim.fitting.records import IntervalCounts
from ccsim.units import DAY, WEEKDAYS, format_duration
from ccsim.validation.coming import Coming
from ccsim.validation.weights import uniforms

if TYPE_CHECKING:
    from ccsim.fitting.estimate import Floats
    from ccsim.fitting.forecasting.calendar import Holiday
    from ccsim.validation.learned import Recorded

FORECAST, FITTED = "forecast", "fit"
COMMON: Final = 20.0  # calls of the types' common shares that each slot is given
_Z: Final = 1.959963984540054
_DAY, _INTERVAL, _COUNT, _WITHIN, _TYPE, _LEVEL = "days", "intervals", "counts", "moment", "type", "priority"

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Who:
    """Types and priorities of the callers of the training days. T types, S slots of the day."""

    types: tuple[str, ...]
    steps: Floats  # [S, T] cumulative shares of the types in a slot
    levels: tuple[Floats, ...]  # [T] each: priorities of the type's callers, ascending
    level_steps: tuple[Floats, ...]  # [T] each: their cumulative shares


@dataclass(frozen=True)
class Volume:
    """What the training days say of the calls of the test days. I intervals, M days."""

    how: str  # FORECAST or FITTED
    start: Floats  # [I] s since 1970
    length: float  # s
    mean: Floats  # [I] calls
    low: Floats  # [I] 95 % band of the count
    high: Floats  # [I]
    eight: Floats  # [I] mean of the weekday and slot over the last eight weeks of the training days
    day: Ints  # [I] which of the days
    covariance: Floats  # [M, M] of the logarithms of the days' factors
    spread: Floats  # [I] cv of an interval's own factor
    who: Who
    notes: tuple[str, ...]

    def counts(self, seed: int, draw: int) -> Ints:
        """[I] calls of each interval in draw number `draw`."""
        from scipy import special, stats

        normal = special.ndtri(uniforms(seed, draw, streams.BUSYNESS, _DAY, len(self.covariance)))
        variance = np.diag(self.covariance)
        factor = np.exp(_root(self.covariance) @ normal - 0.5 * variance)
        size = 1.0 / np.maximum(self.spread, 1e-6) ** 2
        own = special.gammaincinv(size, uniforms(seed, draw, streams.INTERVAL_BUSYNESS, _INTERVAL, len(self.mean))) / size
        rate = self.mean * factor[self.day] * np.where(self.spread > 1e-3, own, 1.0)
        found = stats.poisson.ppf(uniforms(seed, draw, streams.ARRIVAL, _COUNT, len(rate)), rate)
        return np.asarray(np.nan_to_num(found), dtype=np.int64)

    def callers(self, seed: int, draw: int) -> tuple[Coming, Ints]:
        """The callers of draw number `draw`, and the interval of each, [N]."""
        counts = self.counts(seed, draw)
        total = int(counts.sum())
        place = np.repeat(np.arange(len(counts)), counts)
        arrival = self.start[place] + self.length * uniforms(seed, draw, streams.ARRIVAL, _WITHIN, total)
        arrival = np.sort(arrival)  # within each interval; the intervals stand in order
        slot = ((self.start[place] % DAY) // self.length).astype(np.int64)
        kind = (uniforms(seed, draw, streams.ARRIVAL, _TYPE, total)[:, None] >= self.who.steps[slot]).sum(axis=1)
        kind = np.minimum(kind, len(self.who.types) - 1)
        level = uniforms(seed, draw, streams.ARRIVAL, _LEVEL, total)
        priority = np.zeros(total)
        for number, (values, steps) in enumerate(zip(self.who.levels, self.who.level_steps, strict=True)):
            own = kind == number
            priority[own] = values[np.minimum(np.searchsorted(steps, level[own], side="right"), len(values) - 1)]
        return Coming(arrival, np.array(self.who.types, dtype=object)[kind], priority), place


@dataclass(frozen=True)
class Counted:
    """What was foretold of the counts beside what came: sums of absolute misses over the sum of calls, all intervals together."""

    foretold: float  # calls of all intervals
    came: float
    outside: float  # calls that came in intervals for which none were foretold
    error: float
    error_of_mean: float  # of the mean of the last eight weeks
    inside: float  # share of the intervals whose count lies in its band


def counted(volume: Volume, start: Floats, calls: Floats) -> Counted:
    """What was foretold beside the `calls` that came in intervals that begin at `start` [s], which hold all those of the volume."""
    place = np.searchsorted(start, volume.start)
    own, total = calls[place], max(float(calls.sum()), 1.0)
    outside = float(calls.sum() - own.sum())
    misses = [(float(np.abs(own - told).sum()) + outside) / total for told in (volume.mean, volume.eight)]
    inside = float(((own >= volume.low) & (own <= volume.high)).mean())
    return Counted(float(volume.mean.sum()), float(calls.sum()), outside, misses[0], misses[1], inside)


def _root(covariance: Floats) -> Floats:
    """A root of a covariance that may be singular."""
    values, axes = np.linalg.eigh(covariance)
    return np.asarray(axes * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def foretold_volume(train: Recorded, test: Recorded, length: float, holidays: Sequence[Holiday] | None = None) -> Volume:
    """The calls of the test days by intervals of `length` [s], from the training days; `holidays` as of `forecasting.forecast`.

    Days within the test records without any calls are left out, as nobody can tell who was on duty then. Raises `InputError` where the test
    days do not come after the training days, or are of weekdays that these have not seen.
    """
    dates = _dates(test.arrival)
    if train.arrival[-1] // DAY >= test.arrival[0] // DAY:
        raise InputError(
            f"{test.name} begins on {dates[0]}, and {train.name} ends on {_dates(train.arrival)[-1]}; a forecast is of days that come "
            "after all those it is learned from. Name parts that follow one another, or leave --given forecast out"
        )
    counts = counts_of(train, length)
    who = who_calls(train, length)
    try:
        return _forecast(counts, dates, who, holidays)
    except TooShort as fault:
        return _fitted(counts, dates, who, str(fault))


def _dates(arrival: Floats) -> list[dt.date]:
    """The days of some calls, in order."""
    return [dt.date(1970, 1, 1) + dt.timedelta(days=int(day)) for day in np.unique(arrival // DAY)]


def counts_of(records: Recorded, length: float) -> IntervalCounts:
    """Calls of all types together by intervals of `length` [s]."""
    import pandas as pd

    numbers, counts = np.unique(records.arrival // length, return_counts=True)
    start = (numbers * length).astype("int64").astype("datetime64[s]").astype("datetime64[ns]")
    frame = pd.DataFrame({"start": start, "call_type": "calls", "offered": counts.astype(float)})
    return IntervalCounts(records.name, frame, length, "arrival", Problems(), len(frame))


def who_calls(records: Recorded, length: float) -> Who:
    """Types by slot of the day, leaning on those of all slots, and priorities by type."""
    coming = records.coming
    types, kind = np.unique(coming.call_type.astype(str), return_inverse=True)
    slot = ((coming.arrival % DAY) // length).astype(np.int64)
    counts = np.zeros((round(DAY / length), len(types)))
    np.add.at(counts, (slot, kind), 1.0)
    counts = counts + COMMON * counts.sum(axis=0) / counts.sum()
    steps = np.cumsum(counts / counts.sum(axis=1, keepdims=True), axis=1)
    levels, level_steps = [], []
    for number in range(len(types)):
        values, often = np.unique(coming.priority[kind == number], return_counts=True)
        levels.append(values)
        level_steps.append(np.cumsum(often) / often.sum())
    return Who(tuple(str(name) for name in types), steps, tuple(levels), tuple(level_steps))


def _forecast(counts: IntervalCounts, dates: list[dt.date], who: Who, holidays: Sequence[Holiday] | None) -> Volume:
    """By the law of `ccsim forecast`."""
    found = forecast(counts, dates[0], dates[-1], holidays=holidays)
    course, open_days = found.whole, set(dates)
    kept = np.array([date in open_days for date in found.dates])
    if not kept.any():
        raise InputError(
            f"{counts.name} foretells calls on none of the days to be predicted ({dates[0]} to {dates[-1]}); do they fall on other "
            "weekdays?"
        )
    inside = kept[found.day]
    number = np.cumsum(kept) - 1
    stretch = course.tried.stretch if course.tried is not None else 1.0
    start = found.start[inside].astype("datetime64[s]").astype("int64").astype(float)
    slot = ((start % DAY) // counts.interval).astype(np.int64)
    weeks = of_last_weeks(found.record, found.record.offered.sum(axis=0), len(found.record.dates))
    weekday = np.array([date.weekday() for date in found.dates])[found.day[inside]]
    notes = [note for note in found.notes if "were not looked at" not in note]
    closed = [date for date in dates if date in found.closed]
    if closed:
        notes.append(f"no calls are foretold for {', '.join(map(str, closed))}, taken for closed days; calls came on them")
    return Volume(
        FORECAST, start, counts.interval, course.mean[inside], course.low[inside], course.high[inside], weeks[weekday, slot],
        number[found.day[inside]], stretch**2 * course.covariance[np.ix_(kept, kept)], stretch * course.series.profile.spread[slot],
        who, tuple(notes),
    )  # fmt: skip


def _fitted(counts: IntervalCounts, dates: list[dt.date], who: Who, why: str) -> Volume:
    """By what a fit reads off the training days."""
    days = grid_of_days(counts, counts.interval)
    demand = fit_demand(days, 0)
    weekday = np.array([date.weekday() for date in dates])
    unseen = [WEEKDAYS[w] for w in np.unique(weekday).tolist() if w not in demand.weekdays]
    if unseen:
        raise InputError(f"{why}; and no {' and no '.join(unseen)} is among them, so a fit says nothing of its calls either")
    day, slot = np.nonzero(days.open_slots[weekday])
    mean = demand.profile[weekday[day], slot]
    sure = {w: _log_spread(one.value, one.high) for w, one in demand.weekdays.items()}
    unsure = np.array([sure[int(w)] for w in weekday])
    cv = ASSUMED_CV if demand.day_cv_assumed or not np.isfinite(demand.busyness_day.value) else demand.busyness_day.value
    # What is not known of a weekday's mean is common to its days; each has luck of its own besides.
    covariance = np.outer(unsure, unsure) * (weekday[:, None] == weekday[None]) + np.log1p(cv**2) * np.eye(len(dates))
    own = float(np.nan_to_num(demand.busyness_interval.value))
    low, high = band(mean, relative_variance(np.diag(covariance)[day], own))
    midnight = np.array([(date - dt.date(1970, 1, 1)).days * DAY for date in dates])
    said = f"{why}. So the calls are those that a fit reads off these days, by weekday and {format_duration(counts.interval)}"
    return Volume(
        FITTED, midnight[day] + slot * counts.interval, counts.interval, mean, low, high, mean, day.astype(np.int64), covariance,
        np.full(len(mean), own), who, (said,),
    )  # fmt: skip


def _log_spread(value: float, high: float) -> float:
    """Spread of the logarithm of a mean, from its value and the upper end of its 95 % interval."""
    return min(float(np.log(high / value)) / _Z, 1.0) if value > 0 else 1.0
