"""Numbers by interval: volumes, means and positions, from a list, a column of a file, or a number a day and its profile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ccsim.inputs.faults import Fault, Path
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Floats, Frozen, floats
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import CallKeys
from ccsim.inputs.shapes import Column, YearlyVolume
from ccsim.units import format_share, format_span

MOST_YEARS = 50  # that growth is reckoned over


class Busyness(Frozen):
    """Random factors on the volume, Gamma of mean 1, which multiply: coefficients of variation, 0 for none."""

    day: float
    week: float  # Monday to Sunday
    interval: float
    shared: bool  # whether they move together with those of every other type that shares


class Yearly(Frozen):
    """A volume given by the year, and what the year may come to."""

    calls: float  # in the calendar year
    year: int
    growth: float  # from each year to the next
    low: float | None  # against the plan, such as -0.15
    high: float | None


def by_interval(numbers: Sequence[float], path: Path, horizon: Horizon, source: str = "the list") -> Floats:
    """One number for each interval of the path, [I]: `numbers` has one for each of them, or for each interval of a day.

    Numbers for a day are repeated on every open day, which needs days of equally many intervals. Raises `Fault` at any other length.
    """
    counts = set(horizon.day_intervals())
    if len(numbers) == horizon.intervals:
        return floats(numbers)
    if counts == {len(numbers)}:
        return floats(np.asarray(numbers, dtype=np.float64)[horizon.interval_slot])
    if len(numbers) == sum(horizon.day_intervals()):
        # a day of 23 or 25 hours among days of 24, each of which has its rows: they are matched by the clock
        first = np.concatenate([[0], np.cumsum(horizon.day_intervals())])
        day = np.searchsorted([day for day, _, _ in horizon.spans], horizon.interval_day)
        return floats(np.asarray(numbers, dtype=np.float64)[first[day] + horizon.interval_slot])
    raise Fault(path, f"{source} has {len(numbers)} number{'s' * (len(numbers) != 1)}; {_wanted(horizon)}")


def _wanted(horizon: Horizon) -> str:
    """How many numbers would do."""
    counts = horizon.day_intervals()
    if len(set(counts)) > 1:
        return f"the days of the path differ in length, so give one for each of its {horizon.intervals} intervals"
    same = horizon.same_hours()
    hours = f" open {format_span(*same)}" if same else ""
    whole = "" if len(counts) == 1 else f", or {horizon.intervals}, one for each of the whole path"
    return f"give {counts[0]}, one for each interval of a day{hours}{whole}"


def read_series(told: Sequence[float] | Column, path: Path, horizon: Horizon, folder: Folder, durations: bool = False) -> Floats:
    """One number for each interval of the path, [I], from a list or a column of a file. [s where `durations`]"""
    numbers, source = _numbers(told, path, folder, durations)
    return by_interval(numbers, path, horizon, source)


def _numbers(told: Sequence[float] | Column, path: Path, folder: Folder, durations: bool = False) -> tuple[Sequence[float], str]:
    """The numbers that a list or a column of a file gives, and what to call it in a sentence."""
    if not isinstance(told, Column):
        return told, "the list"
    return folder.numbers(path, told.file, told.column, durations), f"{told.file}" + (f", column {told.column!r}," if told.column else "")


def build_volume(keys: CallKeys, path: Path, horizon: Horizon, folder: Folder) -> Floats:
    """Expected calls in each interval of the path, [I], before busyness.

    A number a day is spread by `profile`, or evenly over the open time, and multiplied by the weekday's factor. It is that of a day of 24
    hours, spread by the clock: on the day on which clocks go forward the calls of the hour left out fall away, and on the day on which they
    go back the hour that comes twice has its calls twice, as where the volume is a list.
    """
    if isinstance(keys.volume, YearlyVolume):
        if keys.weekdays is not None:
            raise Fault((*path, "weekdays"), "`weekdays` are factors on a number a day; put the weights by weekday below `volume`")
        if keys.volume.year is not None and abs(keys.volume.year - horizon.date.year) > MOST_YEARS:
            raise Fault(
                (*path, "volume", "year"),
                f"found {keys.volume.year}, and the path begins in {horizon.date.year}; take a year at most {MOST_YEARS} years away",
            )
        weights, whole = _weights(keys, path, horizon, folder)
        day = horizon.interval_day
        return _checked(floats(_by_day(keys.volume, horizon)[day] * weights / whole[day]), path)
    if not isinstance(keys.volume, float):
        for name in ("profile", "weekdays"):
            if getattr(keys, name) is not None:
                raise Fault(
                    (*path, name),
                    f"`{name}` spreads a number a day; `volume` gives calls by interval already, so leave `{name}` out",
                )
        return _checked(read_series(keys.volume, (*path, "volume"), horizon, folder), path)
    factors = np.array([(keys.weekdays or {}).get(horizon.weekday(day), 1.0) for day in range(horizon.days)])
    weights, whole = _weights(keys, path, horizon, folder)
    day = horizon.interval_day
    return floats(keys.volume * factors[day] * weights / whole[day])


def _checked(volume: Floats, path: Path) -> Floats:
    if volume.max() > 100_000_000:
        most = volume.max()
        found = f"{most:,.0f}" if most < 1e15 else f"{most:.3g}"
        raise Fault((*path, "volume"), f"found {found} calls in one interval; at most 100,000,000 can be played")
    return volume


def _weights(keys: CallKeys, path: Path, horizon: Horizon, folder: Folder) -> tuple[Floats, Floats]:
    """Relative weight of each interval within its day, [I], and what those of each day come to had it 24 hours, [D]."""
    if keys.profile is None:
        weights: Floats = floats(horizon.interval_end - horizon.interval_start)
        of_days = [closes - opens for opens, closes in horizon.hours]
    else:
        numbers, source = _numbers(keys.profile, (*path, "profile"), folder)
        weights = by_interval(numbers, (*path, "profile"), horizon, source)
        of_days = _sums(numbers, horizon)
    totals = np.bincount(horizon.interval_day, weights, horizon.days).astype(np.float64)
    for (day, start, end), (opens, closes), whole in zip(horizon.spans, horizon.hours, of_days, strict=True):
        if end - start != closes - opens:
            totals[day] = whole
        if not totals[day] > 0:
            raise Fault((*path, "profile"), "all weights of a day are 0; give at least one interval some weight")
    return weights, floats(totals)


def _sums(numbers: Sequence[float], horizon: Horizon) -> list[float]:
    """What the weights of each open day add up to, in the order of `spans`, those of hours that clocks leave out among them.

    As `by_interval` reads them: weights for each interval of the path are those of its hours as they are.
    """
    counts = horizon.day_intervals()
    if len(numbers) == horizon.intervals:
        rows = np.bincount(horizon.interval_day, np.asarray(numbers, dtype=np.float64), horizon.days)
        return [float(rows[day]) for day, _, _ in horizon.spans]
    if len(numbers) != sum(counts):
        return [float(sum(numbers))] * len(counts)
    upto = np.concatenate([[0], np.cumsum(counts)])
    return [float(sum(numbers[first:last])) for first, last in pairwise(upto.tolist())]


def build_busyness(keys: CallKeys, path: Path) -> Busyness:
    """The busyness that a file gives, by one key or the other."""
    told = keys.busyness
    if told is None:
        return Busyness(day=keys.busyness_cv, week=0.0, interval=0.0, shared=False)
    if keys.busyness_cv:
        raise Fault((*path, "busyness_cv"), "`busyness_cv` and `busyness` both say how much days differ; keep `busyness: {day: ...}`")
    return Busyness(day=told.day, week=told.week, interval=told.interval, shared=told.shared)


def build_yearly(keys: CallKeys, path: Path, horizon: Horizon) -> Yearly | None:
    """The volume by the year that a file gives, None where it gives another. Raises `Fault` for a range that is none."""
    told = keys.volume
    if not isinstance(told, YearlyVolume):
        return None
    low, high = told.low or 0.0, told.high or 0.0
    if low > 0.0 or high < 0.0:
        name, share = ("low", low) if low > 0.0 else ("high", high)
        raise Fault((*path, "volume", name), f"found {format_share(share)}; the range lies about the plan: `low` below 0 %, `high` above")
    return Yearly(calls=told.calls_a_year, year=told.year or horizon.date.year, growth=told.growth, low=told.low, high=told.high)


def _by_day(told: YearlyVolume, horizon: Horizon) -> Floats:
    """Calls on each day of the path from calls a year, [D].

    The year's calls (growth counted from calendar year to calendar year) are shared out by the weights of the months, and a month's among
    its open days by the weights of the weekdays, so that months add up exactly and a holiday's calls come on the month's other days.
    Without weights by month all open days of the year share by weekday.
    """
    weekdays = told.weekdays or {}
    days = [horizon.day_date(day) for day in range(horizon.days)]
    found = np.zeros(horizon.days)
    for year in sorted({day.year for day in days}):
        first = dt.date(year, 1, 1)
        calendar = [first + dt.timedelta(days=k) for k in range((dt.date(year, 12, 31) - first).days + 1)]
        weight = np.array([weekdays.get(date.weekday(), 1.0) if horizon.opens_on(date) else 0.0 for date in calendar])
        month = np.array([date.month - 1 for date in calendar])
        in_month = np.bincount(month, weight, 12)
        share = in_month if told.months is None else np.asarray(told.months)
        calls = told.calls_a_year * (1.0 + told.growth) ** (year - (told.year or horizon.date.year))
        for place, date in enumerate(days):
            m = date.month - 1
            if date.year == year and in_month[m] > 0.0:
                found[place] = calls * (share[m] / share.sum()) * (weight[(date - first).days] / in_month[m])
    return floats(found)
