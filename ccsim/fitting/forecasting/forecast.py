"""A forecast: for each interval of the days to come the mean of the calls, and the band in which they lie 95 times in 100."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting.estimate import Floats
from ccsim.fitting.forecasting.calendar import by_rule, recognised
from ccsim.fitting.forecasting.day_law import AFTER_UNSEEN
from ccsim.fitting.forecasting.effects import Calendar, Effect, effect_of, effects, read_calendar, slots_of
from ccsim.fitting.forecasting.record import Record, build_record, traits, with_calendar
from ccsim.fitting.forecasting.rolling import FEWEST_WEEKS, Tried, try_out
from ccsim.fitting.forecasting.series import BUILT_IN, STRUCTURAL, Series, band, fit_series, mean_calls, relative_variance
from ccsim.inputs.faults import listed
from ccsim.notebook import shown_in_html
from ccsim.units import WEEKDAYS, format_share, shown

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.forecasting.calendar import Event, Holiday
    from ccsim.fitting.records import IntervalCounts

FURTHEST: Final = 731  # days ahead
# Spread by which the level of a centre's calls moves for good in a month, of MONTH days: a random walk. Why so much: decisions/forecast.md
DRIFT: Final = 0.05
MONTH: Final = 30.0
ALL: Final = "all types"
AUTO: Final = "auto"
METHODS: Final = (BUILT_IN, STRUCTURAL, AUTO)


@dataclass(frozen=True)
class Course:
    """The forecast of one call type, or of all together."""

    name: str
    mean: Floats  # [N] calls in each interval
    low: Floats  # [N]
    high: Floats  # [N]
    day_mean: Floats  # [M] calls on each open day
    day_low: Floats  # [M]
    day_high: Floats  # [M]
    series: Series
    effects: dict[str, Effect]
    tried: Tried | None  # on the record's own past; None where it is too short
    busyness_day: float  # cv of a day's calls about the forecast, Poisson noise apart: the mean over the days
    busyness_interval: float
    covariance: Floats  # [M, M] of the logarithms of the open days' calls, Poisson noise apart
    method: str = BUILT_IN
    rivals: dict[str, Tried] = field(default_factory=dict)  # methods that were tried beside it, on the same days

    def together(self) -> tuple[float, float, float]:
        """Calls of all open days together, and the band in which they lie 95 times in 100; a level judged wrongly is common to the days."""
        total = float(self.day_mean.sum())
        shares = self.day_mean / max(total, 1e-12)
        relative = np.array([max(float(shares @ np.expm1(self.covariance) @ shares), 0.0)])
        low, high = band(np.array([total]), relative, self.tried.stretch if self.tried is not None else 1.0)
        return total, float(low[0]), float(high[0])


@dataclass(frozen=True)
class Forecast:
    """Calls by interval from one day to another."""

    record: Record
    first: dt.date
    last: dt.date
    dates: tuple[dt.date, ...]  # [M] open days
    start: np.ndarray[Any, np.dtype[np.datetime64]]  # [N] beginning of each interval
    day: np.ndarray[Any, np.dtype[np.int64]]  # [N] which of the open days
    courses: tuple[Course, ...]  # all together first where there are several types
    closed: dict[dt.date, str]  # days to come that are usually open
    notes: tuple[str, ...]

    @property
    def whole(self) -> Course:
        """All calls together."""
        return self.courses[0]

    def frame(self) -> pd.DataFrame:
        """`start`, `mean`, `low`, `high` for each interval; where there are several types, the same columns for each, under its name."""
        import pandas as pd

        found: dict[str, Any] = {"start": self.start}
        for place, course in enumerate(self.courses):
            before = f"{course.name} " if place else ""
            found |= {f"{before}mean": np.round(course.mean, 3), f"{before}low": course.low, f"{before}high": course.high}
        return pd.DataFrame(found)

    def _repr_html_(self) -> str:
        """As a notebook shows it: the calls of each open day, and the band in which they lie 95 times in 100."""
        whole = self.whole
        heads = ["day", "calls", "low", "high"]
        days = (f"{date:%a} {date}" for date in self.dates)
        rows = zip(days, *(np.round(column, 1).tolist() for column in (whole.day_mean, whole.day_low, whole.day_high)), strict=True)
        return shown_in_html(f"Calls from {self.first} to {self.last}", self.notes, heads, rows)


def forecast(
    counts: IntervalCounts,
    first: dt.date,
    last: dt.date,
    *,
    holidays: Sequence[Holiday] | None = None,
    events: Sequence[Event] = (),
    interval: float | None = None,
    method: str = BUILT_IN,
    validate: bool = True,
    few: bool = False,
) -> Forecast:
    """The calls of each interval from `first` to `last`, from the counts before `first`.

    `holidays` are those of the record and of the days to come; left out, the federal holidays of the United States are taken where the
    record's closed days show that they are kept, and an empty list stands for none. `interval` [s] takes shorter ones together.
    `method` is the law of the days, "built-in" or "structural" (extra `[forecast]`), or "auto", which takes for each type the one that
    missed less on the record's own past. `validate` tries the method on that past, which also sets the width of the bands. With `few` less
    than three weeks will do, and one day of each weekday. Raises `InputError` where the record cannot carry a forecast.
    """
    if method not in METHODS:
        raise InputError(f"found {shown(method)} for the method of the forecast; write {listed(METHODS)}")
    if last < first:
        raise InputError(f"the forecast would end on {last}, before it begins on {first}; write the first day and then the last")
    record = build_record(counts, first, interval, few)
    ahead = (last - record.dates[-1]).days
    if ahead > FURTHEST:
        raise InputError(f"{last} is {ahead} days after {record.dates[-1]}, the last day of {counts.name}; at most {FURTHEST} are forecast")
    said, told = _holidays(record, holidays, last)
    record = with_calendar(record, told, events)
    days = [first + dt.timedelta(days=k) for k in range((last - first).days + 1)]
    calendar, of_holidays = read_calendar(record, told, events, days)
    dates = tuple(date for date in days if record.opens[date.weekday()] and date not in calendar.closed)
    if not dates:
        raise InputError(f"from {first} to {last} there is no day on which calls are to be expected: {_opening_words(record)}")
    place, slot = np.nonzero(record.open_slots[[date.weekday() for date in dates]])
    midnight = np.array(dates, dtype="datetime64[s]")
    start = midnight[place] + (record.interval * slot).astype("timedelta64[s]")
    which = [record.offered[k] for k in range(len(record.types))]
    every = [(ALL, record.offered.sum(axis=0)), *zip(record.types, which, strict=True)] if len(which) > 1 else [(record.types[0], which[0])]
    courses = [
        _course(name, own, record, dates, place, slot, calendar, told, events, ahead if validate else 0, method) for name, own in every
    ]  # fmt: skip
    of_after = _after_words(courses[0], dates, record.closed | set(calendar.closed))
    notes = [*_record_words(counts, record, first), *said, *of_holidays, *of_after, *_event_words(courses[0], calendar)]
    return Forecast(record, first, last, dates, start, place, _adding_up(courses), calendar.closed, tuple(notes))


def _holidays(record: Record, told: Sequence[Holiday] | None, last: dt.date) -> tuple[list[str], list[Holiday]]:
    """The holidays to reckon with, and how they come to be."""
    if told is not None:
        return [], list(told)
    open_days = record.usually_open()
    found = recognised(record.closed, open_days)
    if not found:
        return [], []
    closed = sum(holiday.date in record.closed for holiday in found)
    said = f"federal holidays of the United States are reckoned with, as {closed} of {len(found)} within the record are closed days"
    return [said], by_rule(open_days[0], last)


def _course(
    name: str, counts: Floats, record: Record, dates: tuple[dt.date, ...], place: Any, slot: Any, calendar: Calendar,
    holidays: Sequence[Holiday], events: Sequence[Event], ahead: int, method: str,
) -> Course:  # fmt: skip
    """The forecast of one series of counts [D, S]."""
    method, tried, rivals = _chosen(record, counts, ahead, method)
    series = fit_series(record, counts, method=method)
    found = effects(record, counts, series, calendar, holidays, events)
    closed = record.closed | set(calendar.closed)
    # With no day to learn from, the wide belief would give days after closed ones a band from a third to twice their calls.
    after_closed = None if series.law.has_seen_after else AFTER_UNSEEN
    log_mean, variance = series.days(dates, closed, after_closed)
    moved = _drift(record, dates)
    variance = variance + np.diag(moved)
    share = series.profile.share[[date.weekday() for date in dates]]
    log_factor, more = _by_interval(record, dates, calendar, found, share.shape[1])
    rate = mean_calls(log_mean, variance)[:, None] * share * np.exp(log_factor + 0.5 * more)
    stretch = tried.stretch if tried is not None else 1.0
    mean = rate[place, slot]
    relative = relative_variance(variance[place] + more[place, slot], series.profile.spread[slot])
    low, high = band(mean, relative, stretch)
    whole = rate.sum(axis=1)
    of_day = np.divide((rate * more).sum(axis=1), whole, out=np.zeros_like(whole), where=whole > 0)
    day_low, day_high = band(whole, relative_variance(variance + of_day, 0.0), stretch)
    spread = float(np.sqrt(np.expm1(variance).mean()))
    together = series.covariance(dates, closed, after_closed) + np.diag(of_day) + moved
    return Course(
        name, mean, low, high, whole, day_low, day_high, series, found, tried, spread, series.profile.overall, together, method, rivals
    )  # fmt: skip


def _drift(record: Record, dates: tuple[dt.date, ...]) -> Floats:
    """[M, M] covariance of how far the level may move for good, of which a record too short to be tried on itself shows nothing."""
    if len(record.dates) >= 7 * FEWEST_WEEKS:
        return np.zeros((len(dates), len(dates)))
    months = np.array([(date - record.dates[-1]).days for date in dates]) / MONTH
    return np.asarray(DRIFT**2 * np.minimum.outer(months, months), dtype=np.float64)


def _chosen(record: Record, counts: Floats, ahead: int, method: str) -> tuple[str, Tried | None, dict[str, Tried]]:
    """The method, how it did on the record's past, and how those did that missed more."""
    if method != AUTO:
        return method, try_out(record, counts, ahead, method) if ahead else None, {}
    tried = {name: try_out(record, counts, max(ahead, 1), name) for name in (BUILT_IN, STRUCTURAL)}
    known = {name: one for name, one in tried.items() if one is not None}
    if not known:
        return BUILT_IN, None, {}
    best = min(known, key=lambda name: known[name].error)
    return best, known.pop(best), known


def _by_interval(
    record: Record, dates: tuple[dt.date, ...], calendar: Calendar, found: dict[str, Effect], slots: int
) -> tuple[Floats, Floats]:
    """Logarithm of the factor of holidays and events on each slot of each day, and its variance. [M, S] each"""
    log_factor, variance = np.zeros((len(dates), slots)), np.zeros((len(dates), slots))
    for m, date in enumerate(dates):
        if date in calendar.open_holidays:
            effect = effect_of(found, calendar.open_holidays[date])
            log_factor[m] += effect.log_factor
            variance[m] += effect.variance
        for event in calendar.events:
            if event.date == date:
                inside = slots_of(event, record.interval, slots)
                effect = effect_of(found, event)
                log_factor[m] += np.log1p(inside * np.expm1(effect.log_factor))
                variance[m] += inside**2 * effect.variance
    return log_factor, variance


def _adding_up(courses: list[Course]) -> tuple[Course, ...]:
    """The courses, that of all types scaled so that its mean is the sum of the types' means."""
    import dataclasses

    if len(courses) == 1:
        return tuple(courses)
    whole, *types = courses
    sums = sum((course.mean for course in types), np.zeros_like(whole.mean))
    days = sum((course.day_mean for course in types), np.zeros_like(whole.day_mean))
    by, by_day = (np.divide(new, old, out=np.ones_like(new), where=old > 0) for new, old in ((sums, whole.mean), (days, whole.day_mean)))
    scaled = dataclasses.replace(
        whole, mean=sums, low=np.floor(whole.low * by), high=np.ceil(whole.high * by), day_mean=days,
        day_low=np.floor(whole.day_low * by_day), day_high=np.ceil(whole.day_high * by_day),
    )  # fmt: skip
    return (scaled, *types)


def _opening_words(record: Record) -> str:
    names = [WEEKDAYS[w] for w in range(7) if record.opens[w]]
    return f"the record has calls on {', '.join(names)}" if names else "the record has calls on no weekday"


def _record_words(counts: IntervalCounts, record: Record, first: dt.date) -> list[str]:
    """What there is to know of the record."""
    said = list(counts.problems.sentences())
    if (counts.frame["start"].to_numpy(dtype="datetime64[D]") >= np.datetime64(first, "D")).any():
        said.append(f"counts from {first} on were not looked at")
    between = [record.dates[-1] + dt.timedelta(days=k) for k in range(1, (first - record.dates[-1]).days)]
    missing = sum(record.opens[date.weekday()] for date in between)
    if missing:
        said.append(f"the record ends on {record.dates[-1]}, {missing} open day{'s' * (missing != 1)} before the forecast begins")
    for words, dates in (
        ("closed", sorted(record.closed)),
        ("without counts and no holiday, so taken for gaps in the record", list(record.lacking)),
        ("with far more or far fewer calls than their weekday's others, and not used", list(record.unusual)),
        ("with a stretch of open hours without calls, and not used", list(record.holed)),
    ):
        if dates:
            more = f" and {len(dates) - 10} more" if len(dates) > 10 else ""
            said.append(f"{words}: {', '.join(str(date) for date in dates[:10])}{more}")
    if len(record.dates) < 7 * FEWEST_WEEKS:
        said.append(f"the record has {len(record.dates)} days; from {FEWEST_WEEKS} weeks on the method is tried on the record's own past")
    return said


def _after_words(whole: Course, dates: Sequence[dt.date], closed: Collection[dt.date]) -> list[str]:
    """That what closed days leave for the day after them could not be learnt, where that is so and such days are to come."""
    after = [date for date, rise in zip(dates, traits(dates, whole.series.opens, closed).after, strict=True) if rise > 0]
    if not after or whole.series.law.has_seen_after:
        return []
    more = f" and {len(after) - 10} more" if len(after) > 10 else ""
    return [
        "the record has no day after a closed one, so what such a day brings is not known; taken for usual days that may have "
        f"{format_share(2 * AFTER_UNSEEN)} more or fewer calls: {', '.join(map(str, after[:10]))}{more}"
    ]


def _event_words(whole: Course, calendar: Calendar) -> list[str]:
    """The factor of each open holiday and event to come."""
    ahead: list[Holiday | Event] = [*calendar.open_holidays.values(), *calendar.events]
    return [f"{one.date} {one.name}: {effect_of(whole.effects, one).words}" for one in ahead]


def stretch_words(tried: Tried) -> str:
    """How the bands did on the record's past, and what was made of it."""
    said = f"bands held {format_share(round(tried.inside, 3))} of intervals"
    change = tried.stretch - 1.0
    if abs(change) >= 0.005:
        said += f"; they are {'widened' if change > 0 else 'narrowed'} by {format_share(round(abs(change), 3))} for it"
    return said
