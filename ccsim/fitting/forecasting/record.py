"""What of a record a forecast rests on: the days it uses, those it does not and why, and what the calendar says of each day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting.estimate import Floats
from ccsim.fitting.forecasting.day_law import Traits
from ccsim.fitting.grid import UNUSUAL, Days, grid
from ccsim.units import DAY, WEEKDAYS, format_duration

if TYPE_CHECKING:
    from ccsim.fitting.forecasting.calendar import Event, Holiday
    from ccsim.fitting.records import IntervalCounts

Flags = np.ndarray[Any, np.dtype[np.bool_]]
FEWEST_DAYS: Final = 21  # from the first day of the record to the last
LONGEST: Final = 800  # used days that are looked back on
_HOLE: Final = 12.0  # calls expected in a stretch without any, from which it is a hole in the record: exp(-12) is one in 160,000
_CHANCE: Final = 3.5  # spreads of a Poisson count from the middle, within which a day's calls are no matter
_OFTEN: Final = 0.5  # share of a weekday's days on which a slot has calls, from which it is forecast
_SOMETIMES: Final = 0.2  # the same where it has about as many calls as elsewhere ...
_ALIKE: Final = 0.1  # ... which is at least this share of the busiest slot's mean


class TooShort(InputError):
    """The record has too few days, or too few of a weekday, to carry a forecast."""


@dataclass(frozen=True)
class Record:
    """Counts on a grid of days and slots, up to the day before the forecast."""

    name: str
    dates: list[dt.date]  # [D] every day from the first to the last
    weekday: np.ndarray[Any, np.dtype[np.int64]]  # [D]
    interval: float  # s
    types: tuple[str, ...]
    offered: Floats  # [T, D, S]
    open_slots: Flags  # [7, S]
    used: Flags  # [D] days that the law is fitted to
    closed: frozenset[dt.date]  # usually open, and without calls because the centre was closed
    lacking: tuple[dt.date, ...]  # usually open, without calls, and no holiday where the holidays are known
    unusual: tuple[dt.date, ...]  # with far more or fewer calls than their weekday's others
    holed: tuple[dt.date, ...]  # with a stretch of open hours without calls
    each: int = 2  # used days that each weekday with calls needs at least

    @property
    def opens(self) -> tuple[bool, ...]:
        """Weekdays on which the centre opens, Monday first."""
        return tuple(bool(own.any()) for own in self.open_slots)

    def usually_open(self) -> list[dt.date]:
        """Days of the record on a weekday on which the centre opens."""
        return [date for date, w in zip(self.dates, self.weekday, strict=True) if self.opens[w]]


def build_record(counts: IntervalCounts, first: dt.date, interval: float | None = None, few: bool = False) -> Record:
    """The record before `first`; every closed day is one on which the centre was closed until holidays are known (`with_calendar`).

    Raises `InputError` where there is too little of it; with `few` a single day of each weekday with calls will do.
    """
    import dataclasses

    if interval is not None:
        _check_interval(counts, interval)
    frame = counts.frame
    before = frame[(frame["start"].to_numpy(dtype="datetime64[D]") < np.datetime64(first, "D"))]
    start = frame["start"].min()
    if before.empty:
        raise InputError(f"{counts.name} begins on {start:%Y-%m-%d}; a forecast from {first} needs counts of the weeks before that day")
    days = grid(dataclasses.replace(counts, frame=before), interval)
    total = days.offered.sum(axis=0)
    each = 1 if few else 2
    if len(total) < FEWEST_DAYS and not few:
        raise TooShort(
            f"{counts.name} has {len(total)} days before {first}; a forecast needs at least {FEWEST_DAYS}, so that each weekday is seen "
            "more than once"
        )
    slots = _open_slots(days, total)
    inside = np.where(slots[days.weekday], total, 0.0)
    dates = [dt.date.fromisoformat(str(date)) for date in days.dates]
    opens = np.array([bool(own.any()) for own in slots])
    open_day = opens[days.weekday]
    closed, unusual = _out_of_line(inside.sum(axis=1), days.weekday, open_day)
    holed = _with_holes(inside, days.weekday, slots, open_day & ~closed & ~unusual)
    used = open_day & ~closed & ~unusual & ~holed
    _check_weekdays(counts.name, days.weekday, used, slots, each)
    places = np.flatnonzero(used)
    used[places[: max(len(places) - LONGEST, 0)]] = False
    return Record(
        name=counts.name, dates=dates, weekday=days.weekday, interval=days.interval, types=days.types, offered=days.offered,
        open_slots=slots, used=used, closed=frozenset(_of(dates, closed)), lacking=(), unusual=tuple(_of(dates, unusual)),
        holed=tuple(_of(dates, holed)), each=each,
    )  # fmt: skip


def _check_interval(counts: IntervalCounts, interval: float) -> None:
    """Refuse intervals that the record's do not fill evenly, or that do not part a day."""
    if interval < counts.interval:
        return  # which the grid refuses, in its own words
    if interval % counts.interval or DAY % interval:
        fitting = [format_duration(k * counts.interval) for k in (1, 2, 4) if not DAY % (k * counts.interval)]
        why = "is no multiple of them" if interval % counts.interval else "does not part a day evenly"
        raise InputError(
            f"{counts.name}: its intervals last {format_duration(counts.interval)}, and {format_duration(interval)} {why}; give such as "
            f"{' or '.join(fitting or [format_duration(counts.interval)])}"
        )


def _of(dates: list[dt.date], which: Flags) -> list[dt.date]:
    return [date for date, one in zip(dates, which, strict=True) if one]


def _open_slots(days: Days, total: Floats) -> Flags:
    """[7, S] slots from the first to the last that a weekday has calls in: on half of its days, or on some and about as many as elsewhere.

    The second is for centres with so few calls that a slot is often without any.
    """
    found = np.zeros((7, total.shape[1]), dtype=bool)
    for w in range(7):
        own = total[(days.weekday == w) & (total.sum(axis=1) > 0)]
        if not len(own) or len(own) * 2 < (days.weekday == w).sum():
            continue  # mostly closed
        often, mean = (own > 0).mean(axis=0), own.mean(axis=0)
        places = np.flatnonzero((often >= _OFTEN) | ((often >= _SOMETIMES) & (mean >= _ALIKE * mean.max())))
        if len(places):
            found[w, places[0] : places[-1] + 1] = True
    return found


def _out_of_line(sums: Floats, weekday: Any, open_day: Flags) -> tuple[Flags, Flags]:
    """[D] days that were closed, and days unlike the others of their weekday, both by more than chance has it."""
    closed, unusual = np.zeros(len(sums), dtype=bool), np.zeros(len(sums), dtype=bool)
    for w in range(7):
        own = np.flatnonzero((weekday == w) & open_day)
        if not len(own):
            continue
        some = sums[own]
        middle = float(np.median(some[some > 0])) if (some > 0).any() else 0.0
        beyond_chance = np.abs(some - middle) > _CHANCE * np.sqrt(middle)
        closed[own] = beyond_chance & (some < 0.02 * middle)
        unusual[own] = beyond_chance & ~closed[own] & ((some < UNUSUAL * middle) | (some > middle / UNUSUAL))
    return closed, unusual


def _with_holes(inside: Floats, weekday: Any, slots: Flags, usual: Flags) -> Flags:
    """[D] days with a stretch of open slots without calls in which many were to be expected."""
    found = np.zeros(len(inside), dtype=bool)
    for w in range(7):
        own = np.flatnonzero((weekday == w) & usual)
        if not len(own):
            continue
        expected = np.median(inside[own], axis=0)
        for d in own:
            silent = (inside[d] == 0) & slots[w]
            edges = np.flatnonzero(np.diff(np.concatenate([[False], silent, [False]]).astype(int)))
            found[d] = any(expected[a:b].sum() >= _HOLE for a, b in zip(edges[::2], edges[1::2], strict=True))
    return found


def _check_weekdays(name: str, weekday: Any, used: Flags, slots: Flags, each: int) -> None:
    often = np.bincount(weekday[used], minlength=7)
    if not slots.any():
        raise InputError(f"{name}: no interval has calls on most days of a weekday, so there is nothing to forecast from")
    for w in range(7):
        if slots[w].any() and often[w] < each:
            wanted = "a whole day" if each == 1 else "at least two whole days"
            raise TooShort(f"{name}: only {often[w]} {WEEKDAYS[w]} can be used; a forecast needs {wanted} of each weekday with calls")


def with_calendar(record: Record, holidays: Sequence[Holiday], events: Sequence[Event]) -> Record:
    """The record where `holidays` are known: other days without calls are gaps in it; days of events and open holidays are set apart."""
    import dataclasses

    kept = {holiday.date for holiday in holidays}
    apart = kept | {event.date for event in events}
    used = record.used & np.array([date not in apart for date in record.dates])
    _check_weekdays(record.name, record.weekday, used, record.open_slots, record.each)
    if not kept:
        return dataclasses.replace(record, used=used)
    return dataclasses.replace(
        record, used=used, closed=record.closed & kept, lacking=tuple(sorted(record.closed - kept)),
    )  # fmt: skip


def until(record: Record, days: int) -> Record:
    """The first days of a record, as it stood then."""
    import dataclasses

    return dataclasses.replace(
        record, dates=record.dates[:days], weekday=record.weekday[:days], offered=record.offered[:, :days], used=record.used[:days]
    )


def traits(dates: Sequence[dt.date], opens: Sequence[bool], closed: Collection[dt.date]) -> Traits:
    """What the law of days looks at, of some days; `opens` by weekday, `closed` are the other days without service, past and to come."""
    shut = frozenset(closed)
    weekday = np.array([date.weekday() for date in dates], dtype=np.int64)
    return Traits(
        time=np.array([date.toordinal() for date in dates], dtype=float),
        weekday=weekday,
        by_calendar=np.array([_place(date, (True,) * 7) for date in dates]),
        by_working_days=np.array([_place(date, opens) for date in dates]),
        after=np.array([_after(date, opens, shut) for date in dates]),
        eve=np.array([_eve(date, opens, shut) for date in dates]),
    )


def _place(date: dt.date, opens: Sequence[bool]) -> float:
    """The middle of a day within its month, 0 to 1, counting weekdays that are open."""
    first = date.replace(day=1)
    length = ((first + dt.timedelta(days=32)).replace(day=1) - first).days
    counted = [opens[(first.weekday() + k) % 7] for k in range(length)]
    return (sum(counted[: date.day - 1]) + 0.5) / max(sum(counted), 1)


def _after(date: dt.date, opens: Sequence[bool], shut: frozenset[dt.date]) -> float:
    """log of (1 + days closed just before) over the same in a week without holidays."""
    usual = both = 0
    day = date - dt.timedelta(days=1)
    while usual < 7 and not opens[day.weekday()]:
        usual, day = usual + 1, day - dt.timedelta(days=1)
    day = date - dt.timedelta(days=1)
    while both < 14 and (not opens[day.weekday()] or day in shut):
        both, day = both + 1, day - dt.timedelta(days=1)
    return float(np.log((1 + both) / (1 + usual)))


def _eve(date: dt.date, opens: Sequence[bool], shut: frozenset[dt.date]) -> float:
    """1 where the next day that is usually open is closed."""
    day = date + dt.timedelta(days=1)
    while (day - date).days < 7 and not opens[day.weekday()]:
        day += dt.timedelta(days=1)
    return float(day in shut)
