"""Numbers and sentences as planners read them. Every share that is a service level is named with its variant somewhere near."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from ccsim.units import format_duration

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.inputs import Scenario, Target

NOTHING = "–"
EVERY_DAY = "every day"
# Shares of days or of single intervals: where one is 0 % or 100 %, its interval says how many more days may be otherwise
OF_DAYS = ("target_met", "share_of_days_used")
VARIANT_WORDS = {
    "offered": "of all callers were answered",
    "answered": "of the answered callers were answered",
    "excluding_short_abandons": "of callers, short hang-ups left out, were answered",
    "counting_short_abandons": "of callers were answered, or hung up early,",
}


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage; a dash for none. Only a whole is 100.0 %, only nothing is 0.0 %.

    >>> percent(0.9128), percent(0.99999), percent(0.00001), percent(None)
    ('91.3 %', '> 99.9 %', '< 0.1 %', '–')
    """
    if share is None or math.isnan(share):
        return NOTHING
    text, step = f"{100 * share:.{digits}f}", 10.0**-digits
    if share < 1.0 and float(text) == 100.0:
        return f"> {100 - step:.{digits}f} %"
    if share > 0.0 and float(text) == 0.0:
        return f"< {step:.{digits}f} %"
    return f"{text} %"


def wait(seconds: float | None) -> str:
    """A wait to read: tenths of a second below ten seconds, then seconds, from ten minutes minutes, then hours; a dash for none.

    >>> wait(7.8359), wait(92.4), wait(1081.0), wait(9000.0), wait(float("inf"))
    ('7.8 s', '92 s', '18 min', '2.5 h', 'endless')
    """
    if seconds is None or math.isnan(seconds):
        return NOTHING
    if math.isinf(seconds):
        return "endless"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 599.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7170 else f"{seconds / 3600:,.1f} h"


def wait_span(low: float | None, high: float | None) -> str:
    """An interval of a wait, both ends in the unit of the upper one.

    >>> wait_span(35.0, 46.2), wait_span(562.0, 735.0), wait_span(1.0, 735.0), wait_span(5400.0, 9000.0)
    ('35 s to 46 s', '9.4 min to 12 min', '< 0.1 min to 12 min', '1.5 h to 2.5 h')
    """
    least, size, unit = (7170.0, 3600.0, "h") if (high or 0.0) >= 7170.0 else (599.5, 60.0, "min")
    if low is None or high is None or not low < least <= high < math.inf:
        return f"{wait(low)} to {wait(high)}"
    begin = low / size
    return f"{'< 0.1' if 0.0 < begin < 0.05 else f'{begin:.1f}'} {unit} to {wait(high)}"


def duration(seconds: float) -> str:
    """A length of time that somebody chose, as planners say it: in seconds up to two minutes.

    >>> duration(90.0), duration(1800.0)
    ('90 s', '30 min')
    """
    return f"{seconds:g} s" if seconds <= 120 and seconds % 60 else format_duration(seconds)


def count(number: float | None) -> str:
    """A count or mean count: whole from 100 on, thousands apart; a dash for none.

    >>> count(32525.2), count(14.0), count(0.25), count(None)
    ('32,525', '14.0', '0.25', '–')
    """
    if number is None or math.isnan(number):
        return NOTHING
    size = abs(number)
    return f"{number:,.0f}" if size >= 99.95 else f"{number:.1f}" if size >= 0.995 or size == 0.0 else f"{number:.2f}"


def agents(number: float | None) -> str:
    """A number of agents, without decimals where it is whole; a dash for none.

    >>> agents(14.0), agents(13.54), agents(0.02), agents(12500.0)
    ('14', '13.5', '< 0.1', '12,500')
    """
    if number is None or math.isnan(number):
        return NOTHING
    if 0.0 < abs(number) < 0.05:
        return "< 0.1"
    return f"{number:,.0f}" if abs(number - round(number)) < 0.05 else f"{number:,.1f}"


def agents_words(number: float | None) -> str:
    """A number of agents as a noun.

    >>> agents_words(1.0), agents_words(13.54)
    ('1 agent', '13.5 agents')
    """
    return f"{agents(number)} agent{'' if agents(number) == '1' else 's'}"


def signed(number: float | None) -> str:
    """A surplus or shortfall with its sign; a dash for none.

    >>> signed(1.96), signed(-0.25), signed(0.0)
    ('+2', '−0.2', '0')
    """
    if number is None or math.isnan(number):
        return NOTHING
    if abs(number) < 0.05:
        return "0"
    return ("+" if number > 0 else "−") + agents(abs(number))


def value(entry: dict[str, Any] | None, part: str = "mean") -> str:
    """One number of a measure's entry, written as its unit asks.

    >>> value({"mean": 0.9128, "low": 0.91, "high": 0.92, "unit": "share"})
    '91.3 %'
    """
    if entry is None or entry.get(part) is None:
        return NOTHING
    number, unit = entry[part], entry.get("unit", "")
    if isinstance(number, str):
        return number
    if unit == "share":
        return percent(number)
    if unit == "s":
        return wait(number)
    return f"{number:.2f}" if unit == "calls a caller" else count(number)


def unit_words(entry: dict[str, Any]) -> str:
    """What stands behind a measure's number: its unit, unless the number shows it already.

    >>> unit_words({"mean": 1660.0, "unit": "calls a day"}), unit_words({"mean": 0.9, "unit": "share"})
    ('calls a day', '')
    """
    unit: str = entry.get("unit", "")
    return "" if unit in ("s", "share", "clock") else unit


def half_width(entry: dict[str, Any] | None, name: str = "") -> str:
    """Half of a measure's 95 % interval as it stands behind the number: ± 0.2; empty after one day, and for what luck does not touch.

    Where a share of calls is 0 % or 100 % it was so on every day, and that is said. Its interval tells of days that may yet be otherwise,
    and stands as it is only where the measure, by its `name`, is a share of days. So do those that are lopsided, and those of which ±
    would reach below 0 % or past 100 %.

    >>> half_width({"mean": 0.913, "low": 0.911, "high": 0.915, "unit": "share"})
    ' (± 0.2)'
    >>> half_width({"mean": 0.0, "low": 0.0, "high": 0.015, "unit": "share"}, "blocked_fraction")
    ' (every day)'
    >>> half_width({"mean": 0.0, "low": 0.0, "high": 0.015, "unit": "share"}, "target_met")
    ' (0.0 to 1.5 %)'
    >>> half_width({"mean": 0.95, "low": 0.887, "high": 0.984, "unit": "share"}, "target_met")
    ' (88.7 to 98.4 %)'
    >>> half_width({"mean": 0.996, "low": 0.975, "high": 1.0, "unit": "share"})
    ' (97.5 to 100.0 %)'
    """
    if entry is None or entry.get("low") is None or entry.get("high") is None or isinstance(entry["low"], str):
        return ""
    half = (entry["high"] - entry["low"]) / 2
    if half <= 1e-9 * abs(entry["mean"]):  # what rounding leaves of what luck does not touch
        return ""
    if entry.get("unit") == "share":
        if every_day(entry, name):
            return f" ({EVERY_DAY})"
        lopsided = name in OF_DAYS and abs(entry["high"] + entry["low"] - 2 * entry["mean"]) >= 0.001
        beyond = max(entry["mean"] + half - 1.0, half - entry["mean"])  # what an even ± would have past 100 or below 0 %
        if entry["mean"] in (0.0, 1.0) or lopsided or beyond >= 0.0005:
            return f" ({100 * entry['low']:.1f} to {100 * entry['high']:.1f} %)"
        return f" (± {100 * half:.1f})" if half >= 0.0005 else " (± < 0.1)"
    if entry.get("unit") == "calls a caller":
        return f" (± {half:.2f})" if half >= 0.005 else " (± < 0.01)"
    if entry.get("unit") == "s" and entry["mean"] >= 599.5:  # the number stands in minutes or hours
        return f" (± {wait(half)})"
    return f" (± {half:.1f})" if half >= 0.05 else " (± < 0.1)"


def every_day(entry: dict[str, Any], name: str) -> bool:
    """Whether a share of calls is 0 % or 100 %, so that it was on every day, and luck might have had it otherwise."""
    if entry.get("unit") != "share" or name in OF_DAYS or entry.get("mean") not in (0.0, 1.0) or entry.get("low") is None:
        return False
    return bool(entry["high"] > entry["low"])


def number_of(entry: dict[str, Any] | None) -> float | None:
    """The mean of a measure's entry, or None."""
    return None if entry is None else entry.get("mean")


def target_words(target: Target) -> str:
    """What a target asks, as a noun.

    >>> from types import SimpleNamespace
    >>> aims = dict(average_speed_of_answer=None, abandoned_fraction=None, occupancy=None)
    >>> target_words(SimpleNamespace(wait=90.0, share=0.9, **aims))
    '90 % within 90 s'
    """
    asked = []
    if target.share is not None:
        asked.append(f"{plain_percent(target.share)} within {duration(target.wait)}")
    if target.average_speed_of_answer is not None:
        asked.append(f"average speed of answer at most {duration(target.average_speed_of_answer)}")
    if target.abandoned_fraction is not None:
        asked.append(f"at most {plain_percent(target.abandoned_fraction)} hung up")
    if target.occupancy is not None:
        asked.append(f"occupancy at most {plain_percent(target.occupancy)}")
    return " and ".join(asked)


def plain_percent(share: float) -> str:
    """A share that somebody chose, as a percentage without needless digits: 90 %, 2.5 %."""
    return f"{100 * share:.6g} %"


def within_words(scenario: Scenario) -> str:
    """The wait that service levels of a run are counted at: one for all callers, or each type's own. Work counts where it is alone."""
    callers = [name for name, call in scenario.calls.items() if call.channel != "work"] or list(scenario.calls)
    waits = {scenario.target_of(name).wait for name in callers}
    return f"within {duration(waits.pop())}" if len(waits) == 1 else "within their target wait"


def clock(start: str) -> str:
    """The clock time in an interval's `start`.

    >>> clock("2027-04-12T07:00")
    '07:00'
    """
    return start.partition("T")[2]


def day_words(date: dt.date) -> str:
    """A date with its weekday.

    >>> day_words(dt.date(2027, 4, 12))
    'Monday 12 April 2027'
    """
    return f"{WEEKDAYS[date.weekday()]} {date.day} {MONTHS[date.month - 1]} {date.year}"


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def played_words(result: Result) -> str:
    """What was played: the date or dates, how many times, with which seed and engine."""
    scenario, many = result.scenario, result.replications
    date = day_words(scenario.date)
    times = f"{many:,} simulated day{'' if many == 1 else 's'}"
    if scenario.days > 1:
        date += f" and {scenario.days - 1} more day{'' if scenario.days == 2 else 's'}"
        times = f"played {many:,} time{'' if many == 1 else 's'}"
    if result.batches is not None:
        times = f"played once, cut into {result.batches.count} batches"
    return f"{date} · {times} · seed {result.seed} · engine {result.engine}"
