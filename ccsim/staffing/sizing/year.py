"""The year that a centre is sized for: its months, a week of each, and what of a scenario has no place in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError, ScenarioError
from ccsim.inputs.faults import plain
from ccsim.inputs.scenario import changed
from ccsim.staffing.crews import callers_of
from ccsim.units import WEEKDAYS, parse_number

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# Sections that say who is there, or what one day brings: nothing of it is known of a centre that does not exist yet
_LEFT_OUT = ("staff", "contingent", "events", "known", "lines", "warm_up")
_PERCENT, _ROUNDED = (90.0, 110.0), 1.0
_COUNTS = 1000.0  # weights of months that add up to more than this are counts of calls


@dataclass(frozen=True)
class Month:
    """A month of the year: a week of it from Monday to Sunday as a path of its own, without staff, and how often each weekday comes."""

    number: int  # January 1
    week: Scenario
    open_days: tuple[int, ...]  # [7] open days of each weekday in the month
    calls: float  # in the month, all types of callers

    @property
    def name(self) -> str:
        """The month's name."""
        return MONTHS[self.number - 1]

    def over_the_month(self, hours: Floats) -> float:
        """Sum over the month's open days of what each interval of its week comes to [I]; a weekday that the week lacks counts as a mean."""
        horizon = self.week.horizon
        day = np.asarray(horizon.interval_day)
        by_day = {horizon.weekday(one): float(hours[day == one].sum()) for one in sorted(set(day.tolist()))}
        usual = float(np.mean(list(by_day.values())))
        return sum(count * by_day.get(weekday, usual) for weekday, count in enumerate(self.open_days) if count)


def months_of(scenario: Scenario) -> tuple[Month, ...]:
    """Return the months in which a scenario's centre opens, of the calendar year of its `date`.

    The week of a month is its first from Monday to Sunday that lies in it as a whole and has the fewest holidays. What the scenario says of
    staff, contingents, events, lines and one day in particular is left out. Raises `ScenarioError` where a volume is not given by the year,
    and where lists by interval do not fit a week.
    """
    check_year(scenario)
    found = []
    for number in range(1, 13):
        dates = _dates(scenario.date.year, number)
        is_open = [scenario.horizon.opens_on(date) for date in dates]
        if any(is_open):
            week = _week(scenario, _monday(scenario, dates))
            counts = tuple(sum(yes and date.weekday() == day for date, yes in zip(dates, is_open, strict=True)) for day in range(7))
            calls = Month(number, week, counts, 0.0).over_the_month(_calls(week))
            found.append(Month(number, week, counts, calls))
    if not any(month.calls > 0.0 for month in found):
        raise InputError("no calls are expected in the whole year, so there is nothing to size; give `calls a year` above 0")
    return tuple(month for month in found if month.calls > 0.0)


def check_year(scenario: Scenario) -> None:
    """Refuse a scenario whose callers are not counted by the year, and months that contradict the year; raises `ScenarioError`."""
    for name in callers_of(scenario):
        call = scenario.calls[name]
        if call.yearly is None:
            raise scenario.refusal(("calls", name, "volume"), _by_the_year(scenario, name))
        total = _months_total(scenario, name)
        if total is not None and total > _COUNTS and 0.005 < abs(total / max(call.yearly.calls, 1.0) - 1.0) < 0.5:
            raise scenario.refusal(
                ("calls", name, "volume", "months"),
                f"the months add up to {total:,.0f} calls, and `calls a year` is {call.yearly.calls:,.0f}; make them agree, or give the "
                "months relative weights, such as per cent",
            )


def notes_of(scenario: Scenario) -> list[str]:
    """Return what to know of a scenario before it is sized: what is left out of it, months whose weights look odd, no range."""
    said = []
    left = [name for name in _LEFT_OUT if scenario.data.get(name)]
    if left:
        listed = ", ".join(f"`{name}`" for name in left)
        said.append(f"Left out, since the centre is to be sized: {listed}.")
    for name in callers_of(scenario):
        total = _months_total(scenario, name)
        if total is not None and _PERCENT[0] <= total <= _PERCENT[1] and abs(total - 100.0) > _ROUNDED:
            said.append(f"The months of {name} add up to {total:g}, not 100: they are taken as relative weights.")
    work = [name for name in scenario.calls if name not in callers_of(scenario)]
    if work:
        said.append(f"Work is left out ({', '.join(work)}): it is done when nobody waits, and nobody is counted for it.")
    return said


def unstaffed(scenario: Scenario) -> dict[str, Any]:
    """Return the changes that take staff, contingents, events and what names them out of a scenario."""
    changes: dict[str, Any] = {name: None for name in _LEFT_OUT if name in scenario.data}
    changes |= {f"calls.{name}.overflow": None for name, call in scenario.calls.items() if call.overflow is not None}
    changes |= {f"shrinkage.{name}.groups": None for name, part in scenario.shrinkage.items() if part.groups is not None}
    return changes


def _week(scenario: Scenario, monday: dt.date) -> Scenario:
    try:
        return changed(scenario, {**unstaffed(scenario), "date": monday.isoformat(), "days": 7})
    except ScenarioError as fault:
        raise ScenarioError(
            f"{fault}. A centre is sized over weeks from Monday to Sunday: lists by interval need a number for each interval of such a "
            "week, or equal hours on all open days and a number for each interval of a day"
        ) from None


def _monday(scenario: Scenario, dates: list[dt.date]) -> dt.date:
    """The Monday of the week of a month that has the fewest holidays; of several the first."""
    mondays = [date for date in dates if date.weekday() == 0 and date + dt.timedelta(days=6) <= dates[-1]]
    week = scenario.horizon.week

    def closed(monday: dt.date) -> int:
        days = [monday + dt.timedelta(days=step) for step in range(7)]
        return sum(week[day.weekday()] and not scenario.horizon.opens_on(day) for day in days)

    return min(mondays, key=lambda monday: (closed(monday), monday))


def _dates(year: int, month: int) -> list[dt.date]:
    first = dt.date(year, month, 1)
    return [date for step in range(31) if (date := first + dt.timedelta(days=step)).month == month]


def _calls(week: Scenario) -> Floats:
    return np.sum([np.asarray(week.calls[name].volume) for name in callers_of(week)], axis=0)


def _months_total(scenario: Scenario, name: str) -> float | None:
    """What the weights of the months of a type add up to; None where it has none."""
    volume = scenario.data["calls"][name]["volume"]
    told = next((value for key, value in volume.items() if plain(str(key)) == "months"), None) if isinstance(volume, dict) else None
    return None if told is None else float(sum(parse_number(value) for value in told.values()))


def _by_the_year(scenario: Scenario, name: str) -> str:
    """Why a volume will not do, and what the same calls would come to in a year."""
    horizon = scenario.horizon
    a_day = float(np.sum(scenario.calls[name].volume)) / len(horizon.spans)
    year = scenario.date.year
    days = sum(horizon.opens_on(date) for month in range(1, 13) for date in _dates(year, month))
    return (
        f"a centre is sized from calls a year, and this counts them by the day or interval; {a_day:,.0f} a day on {days} open days would "
        f"be `{{calls a year: {a_day * days:.0f}, months: {{jan: 8, ...}}, weekdays: {{{WEEKDAYS[0]}: 20, ...}}}}`"
    )
