"""Candidate shifts: where they may lie on each day, when their breaks may be, on which days of the week, and what they cover.

A *kind* is a time to begin and a length. On a day whose hours do not hold it, it is moved as little as needed, and cut where the day is
shorter than the shift. A *plan* is one way to place its breaks. A *pattern* is a set of days that one person works.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.inputs.schedule_rules import ShiftRules
from ccsim.units import DAY, HOUR, MINUTE, format_clock, format_duration

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.inputs.horizon import Horizon

Floats = NDArray[np.float64]
Span = tuple[float, float]
_STEP = 30 * MINUTE
_SNAP = 15 * MINUTE
_MOVED = (0.0, -30 * MINUTE, 30 * MINUTE)  # where a short break may lie besides in the middle
# A day that leaves less of a shift than this is not worth the way
_SHORTEST = 2 * HOUR


@dataclass(frozen=True)
class Rest:
    """A break: when it begins, in seconds after the shift's start, how long it is, and whether it is paid."""

    begin: float
    length: float
    paid: bool


Plan = tuple[Rest, ...]


@dataclass(frozen=True)
class Kind:
    """A time to begin and a length, full-time or part-time: where it lies on each day of the path, and the ways to place its breaks."""

    begin: float  # s after midnight
    length: float  # s
    part: bool
    spans: dict[int, Span]  # by day of the path: from and to, in seconds after that day's midnight
    plans: dict[int, tuple[Plan, ...]]  # by day

    def paid(self, day: int) -> float:
        """Paid seconds of this shift on a day: the same for all of its plans."""
        start, end = self.spans[day]
        return end - start - sum(rest.length for rest in self.plans[day][0] if not rest.paid)


@dataclass(frozen=True)
class Catalogue:
    """All candidates for a scenario: kinds, and for each the patterns of days that a person may work it on."""

    kinds: tuple[Kind, ...]
    patterns: tuple[tuple[tuple[int, ...], ...], ...]  # [kinds] of patterns, each a tuple of days of the path
    days: tuple[int, ...]  # open days of the path
    _covered: dict[tuple[int, int, int], Floats] = field(default_factory=dict, repr=False)

    def covered(self, horizon: Horizon, kind: int, day: int, plan: int) -> Floats:
        """Part of each interval that one person on this shift is on duty, with the shift of the eve where the same people work it [I]."""
        key = kind, day, plan
        if key not in self._covered:
            one = self.kinds[kind]
            start, _ = one.spans[day]
            total = self.present(horizon, kind, day).copy()
            for played in _played_on(horizon, day):
                for rest in one.plans[day][plan]:
                    gone = horizon.at(played, start + rest.begin)
                    total -= _overlap(horizon, gone, gone + rest.length)
            self._covered[key] = np.maximum(total, 0.0).round(9)
        return self._covered[key]

    def present(self, horizon: Horizon, kind: int, day: int) -> Floats:
        """The same with breaks counted as on duty [I]."""
        key = kind, day, -1
        if key not in self._covered:
            start, end = self.kinds[kind].spans[day]
            total = np.zeros(horizon.intervals)
            for played in _played_on(horizon, day):
                total += _overlap(horizon, horizon.at(played, start), horizon.at(played, end))
            self._covered[key] = total
        return self._covered[key]


def catalogue(scenario: Scenario, rules: ShiftRules) -> Catalogue:
    """Return the candidate shifts of a scenario by some rules.

    Raises `InputError` for a path of more than a week, and where the rules leave no shift at all.
    """
    horizon = scenario.horizon
    if scenario.days > 7:
        raise InputError(f"a schedule is made for a day or a week, and this path has {scenario.days} days; give `days: 7` or fewer")
    days = tuple(day for day, _, _ in horizon.spans)
    kinds = [
        kind
        for part, lengths in ((False, rules.lengths), (True, rules.part_lengths))
        for length in lengths
        for begin in _begins(horizon, rules, length)
        if (kind := _kind(horizon, rules, begin, length, part)) is not None
    ]
    kinds = _distinct(kinds)
    patterns = [_patterns(scenario, rules, kind, days) for kind in kinds]
    kept = [(kind, found) for kind, found in zip(kinds, patterns, strict=True) if found]
    if not kept:
        longest, shortest = max(closes - opens for opens, closes in horizon.hours), min((*rules.lengths, *rules.part_lengths))
        if longest < min(shortest, _SHORTEST):
            raise InputError(
                f"no shift fits: the centre is open for {format_duration(longest)} at most, and the shortest shift is "
                f"{format_duration(shortest)}; allow a shorter one, as `lengths: [{format_duration(longest)}]` in the rules for shifts"
            )
        raise InputError(
            "the rules leave no shift at all: none of these lengths and starts lies in the opening hours on enough days, with the rest "
            "between shifts and the weekends asked for; allow others"
        )
    return Catalogue(tuple(kind for kind, _ in kept), tuple(found for _, found in kept), days)


def plans_of(rules: ShiftRules, length: float, free: bool = False) -> tuple[Plan, ...]:
    """Return the ways to place the breaks of a shift of some length: the lunch at each time that it may begin, short breaks between.

    A lunch ends an hour before the shift does at the latest, and lies in the middle of a shift that its window does not fit.
    Short breaks are spread evenly over the work before and after lunch, most before, and begin on the quarter of an hour; in a shift
    without lunch they may also lie half an hour earlier or later. With `free` so may those before lunch, and those after.
    """
    lunch, short = rules.lunch, rules.short_breaks
    count = int(length / short.one_per + 1e-9) if short.length > 0.0 else 0
    plans: list[Plan] = []
    if lunch.length > 0.0 and length >= lunch.in_shifts_of - 1e-6:
        last = min(lunch.before, length - HOUR) - lunch.length
        middle = max(0.0, np.floor((length - lunch.length) / 2 / _SNAP) * _SNAP)  # where the window leaves no room
        first = lunch.after if lunch.after <= last + 1e-6 else float(middle)
        for step in range(max(0, int((last - first) / lunch.every + 1e-9)) + 1):
            begin = first + step * lunch.every
            long = Rest(begin, lunch.length, lunch.paid)
            for sooner, later in product(_MOVED if free else (0.0,), repeat=2):
                before = _spread(0.0, begin, (count + 1) // 2, short.length, short.paid, sooner)
                after = _spread(begin + lunch.length, length, count // 2, short.length, short.paid, later)
                plans.append((*before, long, *after))
        most = max(len(plan) for plan in plans)
        return tuple(dict.fromkeys(plan for plan in plans if len(plan) == most))
    for shift in _MOVED if count else (0.0,):
        plan = _spread(0.0, length, count, short.length, short.paid, shift)
        if len(plan) == count and plan not in plans:
            plans.append(plan)
    return tuple(plans) or ((),)


def _spread(start: float, end: float, count: int, length: float, paid: bool, moved: float = 0.0) -> Plan:
    """Breaks spread evenly over a stretch of work, begun on the quarter of an hour; none where there is no room for them."""
    room = end - start
    begins: list[float] = []
    for number in range(count):
        middle = start + room * (number + 1) / (count + 1) + moved
        begin = np.floor((middle - length / 2) / _SNAP + 1e-9) * _SNAP
        if begin < start + 0.5 * HOUR - 1e-6 or begin + length > end - 0.5 * HOUR + 1e-6 or (begins and begin < begins[-1] + length):
            return ()
        begins.append(float(begin))
    return tuple(Rest(begin, length, paid) for begin in begins)


def _begins(horizon: Horizon, rules: ShiftRules, length: float) -> list[float]:
    if rules.starts is not None:
        return list(rules.starts)
    if always_open(horizon):
        return [step * _STEP for step in range(round(DAY / _STEP))]
    found: set[float] = set()
    for opens, closes in horizon.hours:
        room = max(closes - opens - length, 0.0)
        found.update(opens + step * _STEP for step in range(int(room / _STEP + 1e-9) + 1))
        found.add(opens + room)
    return sorted(begin for begin in found if begin < DAY)


def _kind(horizon: Horizon, rules: ShiftRules, begin: float, length: float, part: bool) -> Kind | None:
    spans: dict[int, Span] = {}
    for (day, _, _), (opens, closes) in zip(horizon.spans, horizon.hours, strict=True):
        span = (begin, begin + length) if always_open(horizon) else _fitted(begin, length, opens, closes)
        if span is not None:
            spans[day] = span
    if not spans:
        return None
    # The search of centres that never close looks at many plans in no time; the solver's takes longer for each
    free = always_open(horizon)
    return Kind(begin, length, part, spans, {day: plans_of(rules, end - start, free) for day, (start, end) in spans.items()})


def _fitted(begin: float, length: float, opens: float, closes: float) -> Span | None:
    """The shift on a day with these hours: moved as little as needed, cut where the day is too short; None where little is left."""
    if closes - opens < length:
        return (opens, closes) if closes - opens >= min(_SHORTEST, length) else None
    start = min(max(begin, opens), closes - length)
    return (start, start + length) if start < DAY else None


def _distinct(kinds: list[Kind]) -> list[Kind]:
    """Kinds that differ on some day; of equals the first, a full-timer's before a part-timer's only where both are of one sort."""
    seen: dict[tuple[object, ...], Kind] = {}
    for kind in kinds:
        seen.setdefault((kind.part, *sorted(kind.spans.items())), kind)
    return list(seen.values())


def _patterns(scenario: Scenario, rules: ShiftRules, kind: Kind, days: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """The sets of days on which one person may work a kind of shift, by days a week, weekends and rest."""
    able = [day for day in days if day in kind.spans]
    wanted = rules.part_days if kind.part else rules.days_a_week
    sizes = sorted({min(count, len(days)) for count in wanted})
    return tuple(
        pattern
        for size in sizes
        for pattern in combinations(able, size)
        if _weekend_allowed(scenario, rules, pattern)
        and (not rules.days_off_together or _off_together(pattern, scenario.days))
        and _rested(scenario.horizon, rules, kind, pattern)
    )


def _weekend_allowed(scenario: Scenario, rules: ShiftRules, pattern: tuple[int, ...]) -> bool:
    weekdays = [scenario.horizon.weekday(day) for day in pattern]
    worked = sum(day >= 5 for day in weekdays)
    there = sum(scenario.horizon.weekday(day) >= 5 for day, _, _ in scenario.horizon.spans)
    if rules.weekends == "off":
        return worked == 0
    if rules.weekends == "one day":
        return worked <= 1
    return rules.weekends == "any" or worked in (0, there)


def _off_together(pattern: tuple[int, ...], days: int) -> bool:
    """Whether the days off of a week follow each other, Sunday and Monday being neighbours; shorter paths are not judged."""
    if days < 7:
        return True
    on = [day in pattern for day in range(days)]
    return sum(on[day] and not on[(day + 1) % days] for day in range(days)) <= 1


def _rested(horizon: Horizon, rules: ShiftRules, kind: Kind, pattern: tuple[int, ...]) -> bool:
    """Whether there is enough rest between each shift and the next; a week follows on itself."""
    following = list(pairwise(pattern))
    if horizon.days == 7 and pattern:
        following.append((pattern[-1], pattern[0] + 7))
    for one, other in following:
        gap = horizon.at(other, kind.spans[other % 7][0]) - horizon.at(one, kind.spans[one][1])
        if gap < rules.rest_between - 1e-6:
            return False
    return True


def always_open(horizon: Horizon) -> bool:
    """Whether each day's hours run into the next day's, so that shifts may cross midnight."""
    starts, ends = [start for _, start, _ in horizon.spans], [end for _, _, end in horizon.spans]
    return horizon.goes_on and starts[1:] == ends[:-1]


def _played_on(horizon: Horizon, day: int) -> list[int]:
    """Days of the path on which people with a shift on `day` work it: that day, and the eve if it is the same weekday or the only one."""
    if day != horizon.days - 1 or not horizon.is_open(-1):
        return [day]
    return [-1, day] if horizon.days in (1, 7) else [day]


def _overlap(horizon: Horizon, start: float, end: float) -> Floats:
    """Part of each interval that lies between two moments [I]."""
    begin, finish = np.asarray(horizon.interval_start), np.asarray(horizon.interval_end)
    return np.clip(np.minimum(finish, end) - np.maximum(begin, start), 0.0, None) / (finish - begin)


def kind_words(kind: Kind, day: int) -> str:
    """A shift on a day, for a sentence or a table: 07:00-15:30."""
    start, end = kind.spans[day]
    return f"{format_clock(start % DAY)}-{format_clock(end if end <= DAY else end - DAY)}"


def too_few_words(moments: str, rules: ShiftRules) -> str:
    """Why nobody can cover some moments, in a sentence."""
    lengths = ", ".join(format_duration(length) for length in (*rules.lengths, *rules.part_lengths))
    return f"calls come at {moments}, and no shift of {lengths} that the rules allow is on duty then; allow other `starts` or `lengths`"
