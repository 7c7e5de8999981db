"""The calls of the days to be predicted, as the training days foretell them: the law of their counts, and callers drawn from it.

The law is that of `ccsim forecast`, made of however few training days there are: what few days leave open makes its bands wide. A count is
Poisson about mean x factor of the day x factor of the interval. The logarithms of the days' factors are normal and hang together, as a
level that was judged wrongly lasts; the interval's factor is Gamma. Each call type has a forecast of its own. A caller's type is drawn by
the types' means in the interval, so that types share the luck of the day, and the priority from that of the type's training callers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.engine import streams
from ccsim.errors import InputError
from ccsim.fitting.forecasting import forecast
from ccsim.fitting.forecasting.rolling import of_last_weeks
from ccsim.fitting.problems import Problems
from ccsim.fitting.records import IntervalCounts
from ccsim.units import DAY, WEEKDAYS
from ccsim.validation.coming import Coming
from ccsim.validation.weights import uniforms

if TYPE_CHECKING:
    from ccsim.fitting.estimate import Floats
    from ccsim.fitting.forecasting import Forecast
    from ccsim.fitting.forecasting.calendar import Holiday
    from ccsim.fitting.forecasting.forecast import Course
    from ccsim.validation.learned import Recorded

_DAY, _INTERVAL, _COUNT, _WITHIN, _TYPE, _LEVEL = "days", "intervals", "counts", "moment", "type", "priority"

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Who:
    """Types and priorities of the callers of the training days. T types."""

    types: tuple[str, ...]
    levels: tuple[Floats, ...]  # [T] each: priorities of the type's callers, ascending
    level_steps: tuple[Floats, ...]  # [T] each: their cumulative shares


@dataclass(frozen=True)
class Foreseen:
    """Calls of one type, or of all, in I intervals."""

    mean: Floats  # [I] calls
    low: Floats  # [I] 95 % band of the count
    high: Floats  # [I]
    eight: Floats  # [I] mean of the weekday and slot over the last eight weeks of the training days


@dataclass(frozen=True)
class Volume:
    """What the training days say of the calls of the test days. I intervals, M days, T types."""

    start: Floats  # [I] s since 1970
    length: float  # s
    whole: Foreseen
    parts: tuple[Foreseen, ...]  # [T] by type, as in `who`
    day: Ints  # [I] which of the days
    covariance: Floats  # [M, M] of the logarithms of the days' factors
    spread: Floats  # [I] cv of an interval's own factor
    who: Who
    learned_from: int  # days, from the first to the last
    notes: tuple[str, ...]

    @property
    def mean(self) -> Floats:
        """[I] calls of all types."""
        return self.whole.mean

    @property
    def steps(self) -> Floats:
        """[I, T] cumulative shares of the types in an interval, by their means; where none is foreseen, by those of all intervals."""
        means = np.array([part.mean for part in self.parts]).T
        common = means.sum(axis=0)
        means = np.where(means.sum(axis=1, keepdims=True) > 0, means, common if common.any() else 1.0)
        return np.asarray(np.cumsum(means / means.sum(axis=1, keepdims=True), axis=1))

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
        kind = (uniforms(seed, draw, streams.ARRIVAL, _TYPE, total)[:, None] >= self.steps[place]).sum(axis=1)
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
    return _counted(volume.whole, np.searchsorted(start, volume.start), calls)


def counted_by_type(volume: Volume, start: Floats, coming: Coming) -> dict[str, Counted]:
    """The same for each type, the callers that came given; types of which the training days had none are there too."""
    place = np.searchsorted(start, volume.start)
    came = np.searchsorted(start, coming.arrival, side="right") - 1
    none = Foreseen(*(np.zeros(len(volume.start)) for _ in range(4)))
    told = dict(zip(volume.who.types, volume.parts, strict=True))
    names = coming.call_type.astype(str)
    return {
        name: _counted(told.get(name, none), place, np.bincount(came[names == name], minlength=len(start)).astype(float))
        for name in dict.fromkeys([*volume.who.types, *np.unique(names).tolist()])
    }


def _counted(foreseen: Foreseen, place: Ints, calls: Floats) -> Counted:
    own, total = calls[place], max(float(calls.sum()), 1.0)
    outside = float(calls.sum() - own.sum())
    misses = [(float(np.abs(own - told).sum()) + outside) / total for told in (foreseen.mean, foreseen.eight)]
    inside = float(((own >= foreseen.low) & (own <= foreseen.high)).mean())
    return Counted(float(foreseen.mean.sum()), float(calls.sum()), outside, misses[0], misses[1], inside)


def _root(covariance: Floats) -> Floats:
    """A root of a covariance that may be singular."""
    values, axes = np.linalg.eigh(covariance)
    return np.asarray(axes * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def foretold_volume(train: Recorded, test: Recorded, length: float, holidays: Sequence[Holiday] | None = None) -> Volume:
    """The calls of the test days by intervals of `length` [s], from the training days; `holidays` as of `forecasting.forecast`.

    Days within the test records without any calls are left out, as nobody can tell who was on duty then. Raises `InputError` where the test
    days do not come after the training days, or all are of weekdays that these have not seen.
    """
    dates = _dates(test.arrival)
    if train.arrival[-1] // DAY >= test.arrival[0] // DAY:
        raise InputError(
            f"{test.name} begins on {dates[0]}, and {train.name} ends on {_dates(train.arrival)[-1]}; a forecast is of days that come "
            "after all those it is learned from. Name parts that follow one another, or leave --given forecast out"
        )
    counts = counts_of(train, length)
    return _forecast(counts, dates, who_calls(train), holidays)


def _dates(arrival: Floats) -> list[dt.date]:
    """The days of some calls, in order."""
    return [dt.date(1970, 1, 1) + dt.timedelta(days=int(day)) for day in np.unique(arrival // DAY)]


def counts_of(records: Recorded, length: float) -> IntervalCounts:
    """Calls by type and by intervals of `length` [s]."""
    import pandas as pd

    coming = records.coming
    frame = pd.DataFrame({"number": (coming.arrival // length).astype("int64"), "call_type": coming.call_type.astype(str)})
    found = frame.groupby(["number", "call_type"], sort=True).size().rename("offered").reset_index()
    start = (found.pop("number").to_numpy() * round(length)).astype("datetime64[s]").astype("datetime64[ns]")
    found = found.assign(start=start, offered=found["offered"].astype(float))
    return IntervalCounts(records.name, found, length, "arrival", Problems(), len(found))


def who_calls(records: Recorded) -> Who:
    """Types, the busiest first, and priorities by type."""
    coming = records.coming
    names, kind, calls = np.unique(coming.call_type.astype(str), return_inverse=True, return_counts=True)
    order = np.argsort(-calls, kind="stable")
    levels, level_steps = [], []
    for number in order:
        values, often = np.unique(coming.priority[kind == number], return_counts=True)
        levels.append(values)
        level_steps.append(np.cumsum(often) / often.sum())
    return Who(tuple(str(names[number]) for number in order), tuple(levels), tuple(level_steps))


def _forecast(counts: IntervalCounts, dates: list[dt.date], who: Who, holidays: Sequence[Holiday] | None) -> Volume:
    """By the law of `ccsim forecast`."""
    found = forecast(counts, dates[0], dates[-1], holidays=holidays, few=True)
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
    weekday = np.array([date.weekday() for date in found.dates])[found.day[inside]]

    def foreseen(one: Course, offered: Floats) -> Foreseen:
        weeks = of_last_weeks(found.record, offered, len(found.record.dates))
        return Foreseen(one.mean[inside], one.low[inside], one.high[inside], weeks[weekday, slot])

    offered = found.record.offered
    whole = foreseen(course, offered.sum(axis=0))
    told = {name: offered[place] for place, name in enumerate(found.record.types)}
    parts = {one.name: foreseen(one, told[one.name]) for one in found.courses[1:]} or {found.record.types[0]: whole}
    return Volume(
        start, counts.interval, whole, tuple(parts[name] for name in who.types), number[found.day[inside]],
        stretch**2 * course.covariance[np.ix_(kept, kept)], stretch * course.series.profile.spread[slot], who,
        len(found.record.dates), tuple(_notes(found, dates)),
    )  # fmt: skip


def _notes(found: Forecast, dates: list[dt.date]) -> list[str]:
    """What is to be known of the forecast, and on which days it foretells no calls though some came."""
    notes = [note for note in found.notes if "were not looked at" not in note]
    closed = [date for date in dates if date in found.closed]
    if closed:
        notes.append(f"no calls are foretold for {', '.join(map(str, closed))}, taken for closed days; calls came on them")
    unseen = sorted({date.weekday() for date in dates if not found.record.opens[date.weekday()]})
    if unseen:
        names = ", ".join(WEEKDAYS[w] for w in unseen)
        notes.append(
            f"no calls are foretold for {names}: {found.record.name} has no such day with calls enough to tell; calls came on them"
        )
    return notes
