"""What holidays with open doors and events do to the calls: told, or as on earlier days of the same name.

An effect is a factor on what the law of days would have without it. Each earlier time gives one, on the logarithm, with the variance of the
forecast it is set against; together with a mild prior belief about how much times of one name differ they give the effect and how sure it
is. Source: Gelman et al. (2013), Bayesian Data Analysis, section 5.4, with the spread between times given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting.estimate import Floats
from ccsim.fitting.forecasting.calendar import Event, Holiday
from ccsim.fitting.forecasting.record import Record
from ccsim.fitting.forecasting.series import Series, mean_calls
from ccsim.units import shown

BETWEEN: Final = 0.10  # spread of the logarithm between times of one name
_ANY: Final = 0.7  # spread of effects that are believed beforehand


@dataclass(frozen=True)
class Effect:
    """A factor on hours of a day, on the logarithm; `variance` of a time to come, 0 where the factor was told."""

    name: str
    log_factor: float
    variance: float
    times: int  # that it was seen; 0: told

    @property
    def words(self) -> str:
        """The factor with its 95 % interval."""
        factor = float(np.exp(self.log_factor))
        if not self.times:
            return f"{factor:.3g} times the usual calls, as told"
        reach = 1.96 * float(np.sqrt(self.variance))
        low, high = (float(np.exp(self.log_factor + sign * reach)) for sign in (-1, 1))
        return f"{factor:.2f} times the usual calls (95 %: {low:.2f} to {high:.2f}), as seen {self.times} time{'s' * (self.times != 1)}"


@dataclass(frozen=True)
class Calendar:
    """What is known of the days to come: closed ones with the reason, and effects on hours of others."""

    closed: dict[dt.date, str]
    open_holidays: dict[dt.date, Holiday]
    events: tuple[Event, ...]


def read_calendar(
    record: Record, holidays: Sequence[Holiday], events: Sequence[Event], days: Sequence[dt.date]
) -> tuple[Calendar, list[str]]:
    """Which of the `days` to come are closed, and which are open holidays; with a sentence on what was supposed of each holiday.

    A holiday goes as told, else as most of those of its name in the record, else as most holidays in the record, else it is closed.
    """
    past = [holiday for holiday in holidays if record.dates[0] <= holiday.date <= record.dates[-1] and _opens(record, holiday.date)]
    closed: dict[dt.date, str] = {}
    kept: dict[dt.date, Holiday] = {}
    said = []
    ahead = set(days)
    for holiday in sorted((holiday for holiday in holidays if holiday.date in ahead), key=lambda one: one.date):
        if not _opens(record, holiday.date):
            continue
        same = [other for other in past if other.name == holiday.name]
        like = same or past
        shut = sum(other.date in record.closed for other in like)
        if holiday.factor is not None:
            is_closed, why = holiday.factor == 0.0, "as told"
        elif not like:
            is_closed, why = True, "as no holiday of the record says otherwise"
        else:
            is_closed = 2 * shut >= len(like)
            what = "holidays" if len(like) != 1 else "holiday"
            whose = "of that name in the record" if same else "in the record"
            count = shut if is_closed else len(like) - shut
            why = f"as {count} of {len(like)} {what} {whose} {'was' if count == 1 else 'were'}"
        if is_closed:
            closed[holiday.date] = holiday.name
        else:
            kept[holiday.date] = holiday
        said.append(f"{holiday.date} {holiday.name}: {'closed' if is_closed else 'open'}, {why}")
    return Calendar(closed, kept, tuple(event for event in events if event.date in ahead)), said


def _opens(record: Record, date: dt.date) -> bool:
    return record.opens[date.weekday()]


def effects(
    record: Record, counts: Floats, series: Series, calendar: Calendar, holidays: Sequence[Holiday], events: Sequence[Event]
) -> dict[str, Effect]:
    """The effect of each open holiday and event to come, by name; of `counts` [D, S].

    Raises `InputError` for an event without a factor that the record has not seen.
    """
    found = {}
    for holiday in calendar.open_holidays.values():
        if holiday.factor is not None:
            found[_key(holiday)] = Effect(holiday.name, float(np.log(holiday.factor)), 0.0, 0)
            continue
        open_ones = [Event(other.date, other.name) for other in holidays if other.date not in record.closed]
        same = _seen(record, counts, series, [other for other in open_ones if other.name == holiday.name])
        found[_key(holiday)] = _pooled(holiday.name, same or _seen(record, counts, series, open_ones))
    for event in calendar.events:
        if event.factor is not None:
            found[_key(event)] = Effect(event.name, float(np.log(max(event.factor, 1e-9))), 0.0, 0)
            continue
        seen = _seen(record, counts, series, [other for other in events if other.name == event.name])
        if not seen:
            raise InputError(
                f"the event {shown(event.name)} on {event.date} has no factor, and no earlier day of that name is in the record; "
                "write its factor on the usual calls, such as 1.3"
            )
        found[_key(event)] = _pooled(event.name, seen)
    return found


def _key(one: Holiday | Event) -> str:
    return f"{one.date} {one.name}" + (f" {one.start:g}" if isinstance(one, Event) else "")


def effect_of(found: dict[str, Effect], one: Holiday | Event) -> Effect:
    """The effect of a holiday or an event."""
    return found[_key(one)]


def slots_of(event: Event, interval: float, slots: int) -> Floats:
    """The share of each slot of a day that lies within an event's hours. [S]"""
    begin = interval * np.arange(slots)
    return np.clip(np.minimum(begin + interval, event.end) - np.maximum(begin, event.start), 0.0, interval) / interval


def _seen(record: Record, counts: Floats, series: Series, times: Sequence[Event]) -> list[tuple[float, float]]:
    """The logarithm of the calls of each earlier time over what was to be expected, and its variance."""
    found = []
    for time in times:
        if not (record.dates[0] <= time.date <= record.dates[-1]) or time.date in record.closed or not _opens(record, time.date):
            continue
        d = (time.date - record.dates[0]).days
        w = record.weekday[d]
        inside = slots_of(time, record.interval, counts.shape[1]) * record.open_slots[w]
        mean, variance = series.days([time.date], record.closed)
        expected = float(mean_calls(mean[0], variance[0]) * (inside * series.profile.share[w]).sum())
        actual = float((inside * counts[d]).sum())
        if expected > 0 and (actual > 0 or expected > 5):
            found.append((float(np.log((actual + 0.5) / (expected + 0.5))), float(variance[0]) + 1.0 / max(expected, 0.5)))
    return found


def _pooled(name: str, seen: list[tuple[float, float]]) -> Effect:
    """The effect of a time to come, from those seen."""
    if not seen:
        return Effect(name, 0.0, _ANY**2, 0)
    logs, variances = np.array(seen).T
    weight = 1.0 / (variances + BETWEEN**2)
    between = max(float(np.var(logs, ddof=1)) if len(logs) > 2 else 0.0, BETWEEN**2)
    exact = 1.0 / (weight.sum() + 1.0 / _ANY**2)
    return Effect(name, float((weight * logs).sum() * exact), float(exact + between), len(logs))
