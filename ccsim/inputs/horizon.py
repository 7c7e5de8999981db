"""When the centre is open and how the path is cut into intervals."""

from __future__ import annotations

import datetime as dt
import math
from functools import cached_property

import numpy as np

from ccsim.inputs.faults import Fault
from ccsim.inputs.frozen import Floats, Frozen, Ints, floats, ints
from ccsim.inputs.keys import ScenarioKeys
from ccsim.units import DAY, WEEKDAYS, format_clock, format_duration

MOST_INTERVALS = 100_000
DEFAULT_DATE = dt.date(2027, 1, 4)  # a Monday; used where a file names no date


class Horizon(Frozen):
    """The open hours of a path of `days` days, cut into intervals. Seconds count from the midnight that begins the first day."""

    date: dt.date  # first day
    days: int
    spans: tuple[tuple[int, float, float], ...]  # (day of the path, open, close) [s]; a closed day has none; close may pass its midnight
    interval_start: Floats  # [I] s
    interval_end: Floats  # [I] s; the last interval of a day may be shorter
    interval_day: Ints  # [I] day of the path on which the interval's opening lies
    warm_up: float  # calls that arrive less than this after the first opening are not measured [s]
    goes_on: bool = False  # whether the centre opens again at the very instant the path ends: it never closes there
    eve: tuple[float, float] | None = None  # open and close of the day before the path, both counted from the path's first midnight [s]

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
        return day * DAY

    def at(self, day: int, clock: float) -> float:
        """The moment of the path at which clocks show `clock` on a day, in seconds after its midnight; past 86400 on the day after. [s]"""
        return self.midnight(day) + clock

    def day_date(self, day: int) -> dt.date:
        """Calendar date of a day of the path."""
        return self.date + dt.timedelta(days=day)

    def day_intervals(self) -> tuple[int, ...]:
        """Number of intervals of each open day, in the order of `spans`."""
        counts = np.bincount(self.interval_day, minlength=self.days)
        return tuple(int(counts[day]) for day, _, _ in self.spans)

    def same_hours(self) -> tuple[float, float] | None:
        """Opening hours in seconds after each day's midnight where all open days have the same, else None."""
        hours = {(start - day * DAY, end - day * DAY) for day, start, end in self.spans}
        return hours.pop() if len(hours) == 1 else None

    def moment(self, seconds: float) -> str:
        """A moment of the path as date and clock time, for sentences."""
        day = math.floor(seconds / DAY)
        return f"{self.day_date(day)} {format_clock(seconds - day * DAY)}"


def build_horizon(keys: ScenarioKeys) -> Horizon:
    """The horizon that a file describes.

    Raises `Fault` where no day is open, opening hours run into the next day's, or the warm-up is not whole intervals.
    """
    date = keys.date or DEFAULT_DATE
    if date.year + keys.days / 365 > 9000:
        raise Fault(("date",), f"found {date}; the path would end after the year 9000")
    spans = _spans(keys, date)
    starts: list[Floats] = []
    ends: list[Floats] = []
    days: list[int] = []
    total = 0
    for day, start, end in spans:
        count = max(1, math.ceil((end - start) / keys.interval - 1e-9))
        total += count
        if total > MOST_INTERVALS:
            raise Fault(
                ("interval",), f"{format_duration(keys.interval)} cuts the path into more than {MOST_INTERVALS:,} intervals; make it longer"
            )
        begin: Floats = start + keys.interval * np.arange(count, dtype=np.float64)
        starts.append(begin)
        ends.append(np.minimum(begin + keys.interval, end, dtype=np.float64))
        days += [day] * count
    horizon = Horizon(
        date=date,
        days=keys.days,
        spans=tuple(spans),
        interval_start=floats(np.concatenate(starts)),
        interval_end=floats(np.concatenate(ends)),
        interval_day=ints(days),
        warm_up=keys.warm_up,
        goes_on=_goes_on(keys, date, spans[-1][2]),
        eve=_eve(keys, date),
    )
    _check_warm_up(horizon, keys.interval)
    return horizon


def _spans(keys: ScenarioKeys, date: dt.date) -> list[tuple[int, float, float]]:
    spans: list[tuple[int, float, float]] = []
    for day in range(keys.days):
        today = date + dt.timedelta(days=day)
        hours = keys.open.get(today.weekday())
        if hours is None or today in keys.holidays:
            continue
        start, end = hours[0] + day * DAY, hours[1] + day * DAY
        if spans and start < spans[-1][2]:
            before = spans[-1]
            raise Fault(
                ("open",),
                f"the hours that begin on {WEEKDAYS[(today.weekday() - 1) % 7]} run to {format_clock(before[2] - before[0] * DAY)}, "
                f"past the opening on {WEEKDAYS[today.weekday()]} at {format_clock(hours[0])}; end them by then",
            )
        spans.append((day, start, end))
    if not spans:
        last = date + dt.timedelta(days=keys.days - 1)
        days = f"{WEEKDAYS[date.weekday()]} {date}" + (f" to {WEEKDAYS[last.weekday()]} {last}" if keys.days > 1 else "")
        raise Fault(
            ("open",),
            f"the centre is closed on every day of the path ({days}); open it on one of these, or change `date`, `days` or `holidays`",
        )
    return spans


def _goes_on(keys: ScenarioKeys, date: dt.date, end: float) -> bool:
    after = date + dt.timedelta(days=keys.days)
    hours = None if after in keys.holidays else keys.open.get(after.weekday())
    return hours is not None and hours[0] + keys.days * DAY == end


def _eve(keys: ScenarioKeys, date: dt.date) -> tuple[float, float] | None:
    eve = date - dt.timedelta(days=1)
    hours = None if eve in keys.holidays else keys.open.get(eve.weekday())
    return None if hours is None else (hours[0] - DAY, hours[1] - DAY)


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
