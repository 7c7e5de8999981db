"""When the centre is open and how the path is cut into intervals."""

from __future__ import annotations

import datetime as dt
import math
from functools import cached_property

import numpy as np

from ccsim.inputs.faults import Fault
from ccsim.inputs.frozen import Floats, Frozen, Ints, floats, ints
from ccsim.inputs.keys import ScenarioKeys
from ccsim.inputs.zones import check_zone, clock_at, comes_twice, instant
from ccsim.units import DAY, WEEKDAYS, format_clock, format_duration

MOST_INTERVALS = 100_000
DEFAULT_DATE = dt.date(2027, 1, 4)  # a Monday; used where a file names no date


class Horizon(Frozen):
    """The open hours of a path of `days` days, cut into intervals. Seconds count from the midnight that begins the first day.

    They are seconds that pass: with a `timezone` a day may have 23 or 25 hours, and `at` tells when clocks show a time. A time that clocks
    leave out is the moment at which they go forward; of a time that comes twice the first is meant.
    """

    date: dt.date  # first day
    days: int
    spans: tuple[tuple[int, float, float], ...]  # (day of the path, open, close) [s]; a closed day has none; close may pass its midnight
    hours: tuple[tuple[float, float], ...]  # of each span: opening and closing time by the clock of its day [s]
    interval_start: Floats  # [I] s
    interval_end: Floats  # [I] s; the last interval of a day may be shorter
    interval_day: Ints  # [I] day of the path on which the interval's opening lies
    interval_slot: Ints  # [I] its number in a day of 24 hours, by the clock at its start: an hour that comes twice has the same numbers
    length: float  # of an interval; the last one of a day may be shorter [s]
    warm_up: float  # calls that arrive less than this after the first opening are not measured [s]
    goes_on: bool = False  # whether the centre opens again at the very instant the path ends: it never closes there
    eve: tuple[float, float] | None = None  # open and close of the day before the path, both counted from the path's first midnight [s]
    week: tuple[bool, ...] = (True,) * 7  # weekdays on which the centre opens, Monday first
    holidays: tuple[dt.date, ...] = ()
    timezone: str | None = None  # None: every day has 24 hours

    @cached_property
    def _open_days(self) -> frozenset[int]:
        return frozenset(day for day, _, _ in self.spans)

    @property
    def intervals(self) -> int:
        """Number of intervals of the path."""
        return len(self.interval_start)

    @property
    def measured_from(self) -> float:
        """The moment from which calls are measured [s]."""
        return self.spans[0][1] + self.warm_up

    @property
    def measured(self) -> np.ndarray:
        """Which intervals are measured, [I] of bool."""
        return self.interval_start >= self.measured_from

    def weekday(self, day: int) -> int:
        """Weekday of a day of the path, Monday 0; day -1 is the eve."""
        return (self.date.weekday() + day) % 7

    def is_open(self, day: int) -> bool:
        """Whether the centre opens on a day of the path, or on day -1, the eve."""
        return self.eve is not None if day == -1 else day in self._open_days

    def midnight(self, day: int) -> float:
        """The midnight that begins a day of the path, in seconds of the path; day -1 is the eve."""
        return self.at(day, 0.0)

    def at(self, day: int, clock: float) -> float:
        """The moment of the path at which clocks show `clock` on a day, in seconds after its midnight; past 86400 on the day after. [s]"""
        if self.timezone is None:
            return day * DAY + clock
        whole = math.floor(clock)
        naive = dt.datetime.combine(self.date, dt.time()) + dt.timedelta(days=day, seconds=whole)
        return instant(self.timezone, naive) - self._zero + (clock - whole)

    @cached_property
    def _zero(self) -> float:
        """The midnight that begins the path, in seconds since 1970 began in Greenwich."""
        assert self.timezone is not None
        return instant(self.timezone, dt.datetime.combine(self.date, dt.time()))

    def day_of(self, seconds: float) -> int:
        """The day of the path, by the calendar, on which a moment of the path lies; -1 is the eve."""
        return (self.local(seconds).date() - self.date).days

    def clock(self, seconds: float) -> float:
        """What clocks show at a moment of the path, in seconds after midnight: below 86400. [s]"""
        if self.timezone is None:
            return seconds % DAY
        told = self.local(seconds)
        return told.hour * 3600.0 + told.minute * 60.0 + told.second + told.microsecond / 1e6

    def local(self, seconds: float) -> dt.datetime:
        """Date and time that clocks show at a moment of the path; without the offset from Greenwich where there is no time zone."""
        if self.timezone is None:
            return dt.datetime.combine(self.date, dt.time()) + dt.timedelta(seconds=seconds)
        return clock_at(self.timezone, self._zero + seconds)

    def stamp(self, seconds: float) -> str:
        """A moment of the path as date and time, 2027-04-12T07:00; with the offset from Greenwich where clocks show that time twice."""
        told = self.local(seconds)
        twice = self.timezone is not None and comes_twice(told)
        return (told if twice else told.replace(tzinfo=None)).isoformat(timespec="seconds" if told.second else "minutes")

    def opens_on(self, date: dt.date) -> bool:
        """Whether the centre opens on a day of the calendar, on the path or not."""
        return self.week[date.weekday()] and date not in self.holidays

    def day_date(self, day: int) -> dt.date:
        """Calendar date of a day of the path."""
        return self.date + dt.timedelta(days=day)

    def day_intervals(self) -> tuple[int, ...]:
        """Number of intervals of each open day, in the order of `spans`, had each of them 24 hours."""
        return tuple(_count(start, end, self.length) for start, end in self.hours)

    def same_hours(self) -> tuple[float, float] | None:
        """Opening hours in seconds after each day's midnight where all open days have the same, else None."""
        return self.hours[0] if len(set(self.hours)) == 1 else None

    def moment(self, seconds: float) -> str:
        """A moment of the path as date and clock time, for sentences."""
        if self.timezone is None:
            day = math.floor(seconds / DAY)
            return f"{self.day_date(day)} {format_clock(seconds - day * DAY)}"
        return self.stamp(seconds).replace("T", " ")


def _count(start: float, end: float, interval: float) -> int:
    """Number of intervals of a span, the last of which may be shorter."""
    return max(1, math.ceil((end - start) / interval - 1e-9))


def build_horizon(keys: ScenarioKeys) -> Horizon:
    """The horizon that a file describes.

    Raises `Fault` where no day is open, opening hours run into the next day's, or the warm-up is not whole intervals.
    """
    date = keys.date or DEFAULT_DATE
    if date.year + keys.days / 365 > 9000:
        raise Fault(("date",), f"found {date}; the path would end after the year 9000")
    if keys.timezone is not None:
        check_zone(keys.timezone)
    bare = Horizon(
        date=date, days=keys.days, spans=(), hours=(), interval_start=floats([]), interval_end=floats([]), interval_day=ints([]),
        interval_slot=ints([]), length=keys.interval, warm_up=keys.warm_up, timezone=keys.timezone,
        week=tuple(keys.open.get(weekday) is not None for weekday in range(7)), holidays=keys.holidays,
    )  # fmt: skip
    spans, hours = _spans(keys, bare)
    starts: list[Floats] = []
    ends: list[Floats] = []
    days: list[int] = []
    total = 0
    slots: list[int] = []
    for (day, start, end), (opens, closes) in zip(spans, hours, strict=True):
        count = _count(start, end, keys.interval)
        total += count
        if total > MOST_INTERVALS:
            raise Fault(
                ("interval",), f"{format_duration(keys.interval)} cuts the path into more than {MOST_INTERVALS:,} intervals; make it longer"
            )
        begin: Floats = start + keys.interval * np.arange(count, dtype=np.float64)
        starts.append(begin)
        ends.append(np.minimum(begin + keys.interval, end, dtype=np.float64))
        days += [day] * count
        slots += _slots(bare, day, begin, opens, _count(opens, closes, keys.interval))
    told = bare.model_dump() | {
        "spans": tuple(spans),
        "hours": tuple(hours),
        "interval_start": floats(np.concatenate(starts)),
        "interval_end": floats(np.concatenate(ends)),
        "interval_day": ints(days),
        "interval_slot": ints(slots),
        "goes_on": _goes_on(keys, bare, spans[-1][2]),
        "eve": _eve(keys, bare),
    }
    horizon = Horizon(**told)
    _check_warm_up(horizon, keys.interval)
    return horizon


def _slots(horizon: Horizon, day: int, begin: Floats, opens: float, count: int) -> list[int]:
    """For each interval of a day that of a day of 24 hours which begins when clocks show the same time."""
    if (
        horizon.timezone is None
        or len({horizon.at(day, opens + k * horizon.length) - begin[0] - k * horizon.length for k in range(count)}) == 1
    ):
        return list(range(len(begin)))
    midnight = dt.datetime.combine(horizon.day_date(day), dt.time())
    clocks = [(horizon.local(start).replace(tzinfo=None) - midnight).total_seconds() for start in begin.tolist()]
    return [min(max(math.floor((clock - opens) / horizon.length + 1e-9), 0), count - 1) for clock in clocks]


def _hours(keys: ScenarioKeys, date: dt.date) -> tuple[float, float] | None:
    """Opening and closing time of a day of the calendar, None where it is closed."""
    return None if date in keys.holidays else keys.open.get(date.weekday())


def _spans(keys: ScenarioKeys, horizon: Horizon) -> tuple[list[tuple[int, float, float]], list[tuple[float, float]]]:
    date = horizon.date
    spans: list[tuple[int, float, float]] = []
    told: list[tuple[float, float]] = []
    for day in range(keys.days):
        today = date + dt.timedelta(days=day)
        hours = _hours(keys, today)
        if hours is None:
            continue
        start, end = horizon.at(day, hours[0]), horizon.at(day, hours[1])
        if end <= start:
            continue  # all of it in the hour that clocks leave out
        if spans and start < spans[-1][2]:
            before = told[-1]
            raise Fault(
                ("open",),
                f"the hours that begin on {WEEKDAYS[(today.weekday() - 1) % 7]} run to {format_clock(before[1])}, "
                f"past the opening on {WEEKDAYS[today.weekday()]} at {format_clock(hours[0])}; end them by then",
            )
        spans.append((day, start, end))
        told.append(hours)
    if not spans:
        last = date + dt.timedelta(days=keys.days - 1)
        days = f"{WEEKDAYS[date.weekday()]} {date}" + (f" to {WEEKDAYS[last.weekday()]} {last}" if keys.days > 1 else "")
        raise Fault(
            ("open",),
            f"the centre is closed on every day of the path ({days}); open it on one of these, or change `date`, `days` or `holidays`",
        )
    return spans, told


def _goes_on(keys: ScenarioKeys, horizon: Horizon, end: float) -> bool:
    hours = _hours(keys, horizon.day_date(keys.days))
    return hours is not None and horizon.at(keys.days, hours[0]) == end


def _eve(keys: ScenarioKeys, horizon: Horizon) -> tuple[float, float] | None:
    hours = _hours(keys, horizon.day_date(-1))
    return None if hours is None else (horizon.at(-1, hours[0]), horizon.at(-1, hours[1]))


def _check_warm_up(horizon: Horizon, interval: float) -> None:
    moment = horizon.measured_from
    if not horizon.measured.any():
        raise Fault(("warm_up",), f"{format_duration(horizon.warm_up)} leaves no interval of the path to measure; make it shorter")
    # A moment between two days, while the centre is closed, cuts no interval.
    if ((horizon.interval_start < moment - 1e-6) & (horizon.interval_end > moment + 1e-6)).any():
        raise Fault(
            ("warm_up",),
            f"{format_duration(horizon.warm_up)} ends inside an interval, at {horizon.moment(moment)}; "
            f"make it whole intervals of {format_duration(interval)}",
        )
