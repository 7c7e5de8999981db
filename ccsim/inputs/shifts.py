"""When people work: shifts, which may be split or cross midnight, and the breaks in them."""

from __future__ import annotations

import datetime as dt
import re

from ccsim.errors import InputError
from ccsim.inputs.faults import Fault, Path
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.keys.staff import DaysOffKeys
from ccsim.units import DAY, format_duration, format_span, format_weekdays, parse_clock, parse_duration, shown

Spans = tuple[tuple[float, float], ...]

_LENGTH = r"(?P<length>.+?)(?:\s+(?P<paid>paid|unpaid))?"
_FORMS = (
    re.compile(r"(?P<at>\S+)\s+for\s+" + _LENGTH),
    re.compile(_LENGTH + r"\s+between\s+(?P<first>.+?)\s+and\s+(?P<last>.+?)(?P<after>\s+after\s+(?:the\s+)?start)?"),
    re.compile(_LENGTH + r"\s+at\s+(?P<at>.+?)(?P<after>\s+after\s+(?:the\s+)?start)?"),
)
_HOW = "write such as `10:00 for 15 min`, `30 min unpaid between 11:30 and 13:30` or `15 min between 5 h and 7 h after start`"


class Break(Frozen):
    """A break: at the clock time `at`, or somewhere from `earliest` to `latest`, in which it lies as a whole.

    Times are in seconds after the midnight of the shift's day (past 86400 on the day after), or after the shift's start where
    `after_start`. Either `at` is set, or `earliest` and `latest` are.
    """

    length: float  # s
    paid: bool = True
    at: float | None = None  # s
    earliest: float | None = None  # s
    latest: float | None = None  # s
    after_start: bool = False

    def window(self, shift: Spans) -> tuple[float, float]:
        """From when to when the break may lie, in seconds after the midnight of the shift's day; no longer than itself if fixed."""
        if self.at is not None:
            return self.at, self.at + self.length
        assert self.earliest is not None
        assert self.latest is not None
        offset = shift[0][0] if self.after_start else 0.0
        return self.earliest + offset, self.latest + offset

    def start(self, shift: Spans, person: int, people: int) -> float:
        """When person number `person` of `people` is due to go: the window's slack is shared out evenly, the first going first. [s]"""
        first, last = self.window(shift)
        return first + (person / (people - 1) if people > 1 else 0.0) * (last - first - self.length)


def begin_with_shift(breaks: tuple[Break, ...], shift: Spans, person: int, people: int) -> set[int]:
    """Numbers of a person's breaks that begin a part of the shift, and of those that follow them without a gap.

    The person logs in when they are over, so they are no breaks of the floor.
    """
    found = set()
    for login, _ in shift:
        for start, number in sorted((rest.start(shift, person, people), number) for number, rest in enumerate(breaks)):
            if start == login:
                found.add(number)
                login += breaks[number].length
    return found


class DaysOff(Frozen):
    """Who is off when: in the round of the weekdays worked, each person has so many off in a row, the next person those after them.

    So on each of these weekdays as many are off as on any other, to one. `rotating` moves everybody's on by one each week.
    """

    off: int  # days off a week among `weekdays`
    weekdays: tuple[int, ...]  # on which the group works, Monday 0
    rotating: bool

    def works(self, person: int, date: dt.date) -> bool:
        """Whether a person works on a day."""
        if date.weekday() not in self.weekdays:
            return True
        week = (date.toordinal() - 1) // 7 if self.rotating else 0
        place = self.weekdays.index(date.weekday())
        return (place - person * self.off - week) % len(self.weekdays) >= self.off


def build_days_off(told: DaysOffKeys, weekdays: tuple[int, ...], path: Path) -> DaysOff | None:
    """The days off that a file gives a group which works on some weekdays; the others count as days off of everybody.

    None where they come to `per_week` by themselves. Raises `Fault` where they are more.
    """
    off = told.per_week - (7 - len(weekdays))
    if off < 0:
        raise Fault(
            (*path, "per_week"),
            f"the group works on {format_weekdays(weekdays)} only and so has {7 - len(weekdays)} days off a week as it is; "
            "make it more, or leave `days_off` out",
        )
    return None if off == 0 else DaysOff(off=off, weekdays=weekdays, rotating=told.pattern == "rotating")


def build_shift(spans: Spans, path: Path) -> Spans:
    """The parts of a shift in order, in seconds after the midnight of its day; parts after midnight are past 86400.

    Raises `Fault` where parts overlap or the shift takes more than 24 hours from start to end.
    """
    parts: list[tuple[float, float]] = []
    for place, (start, end) in enumerate(spans):
        if parts and start < parts[-1][1]:
            start, end = start + DAY, end + DAY
        if parts and (start < parts[-1][1] or end > parts[0][0] + DAY):
            raise Fault(
                (*path, place),
                f"{format_span(start % DAY, start % DAY + end - start)} overlaps the parts before it; "
                "give the parts of a split shift in order",
            )
        parts.append((start, end))
    return tuple(parts)


def build_breaks(texts: tuple[str, ...], shift: Spans, path: Path) -> tuple[Break, ...]:
    """The breaks that a file gives, in file order; each lies inside one part of the shift, and no person has two at once."""
    breaks: list[Break] = []
    for place, text in enumerate(texts):
        try:
            rest = _parse(text, shift)
        except InputError as error:
            raise Fault((*path, place), str(error)) from None
        _check_inside(rest, text, shift, (*path, place))
        for other, earlier in enumerate(breaks):
            if _meet(rest, earlier, shift):
                raise Fault((*path, place), f"{shown(text)} overlaps {shown(texts[other])} for some people; move one of them")
        breaks.append(rest)
    return tuple(breaks)


def _parse(text: str, shift: Spans) -> Break:
    match = next((match for form in _FORMS if (match := form.fullmatch(text.strip()))), None)
    if match is None:
        raise InputError(f"{shown(text)} is not a break; {_HOW}")
    told = match.groupdict()
    length = parse_duration(told["length"])
    if length == 0:
        raise InputError(f"{shown(text)} is a break of no length; give it one or leave it out")
    paid = told["paid"] != "unpaid"
    if told.get("after"):
        first = parse_duration(told["at"] or "" if "at" in told else told["first"])
        last = first + length if "at" in told else parse_duration(told["last"])
        return _window(text, length, paid, first, last, after_start=True)
    if "at" in told:
        return Break(length=length, paid=paid, at=_on_shift(parse_clock(told["at"]), shift))
    first = _on_shift(parse_clock(told["first"]), shift)
    last = parse_clock(told["last"])
    return _window(text, length, paid, first, last + DAY if last < first % DAY or first >= DAY else last, after_start=False)


def _on_shift(clock: float, shift: Spans) -> float:
    """A clock time as seconds after the midnight of the shift's day: before the shift's start it is meant on the day after."""
    return clock + DAY if clock < shift[0][0] and shift[-1][1] > DAY else clock


def _window(text: str, length: float, paid: bool, first: float, last: float, after_start: bool) -> Break:
    if last - first < length:
        raise InputError(
            f"{shown(text)} leaves {format_duration(max(0.0, last - first))} for a break of {format_duration(length)}; make the span longer"
        )
    return Break(length=length, paid=paid, earliest=first, latest=last, after_start=after_start)


def _check_inside(rest: Break, text: str, shift: Spans, path: Path) -> None:
    first, last = rest.window(shift)
    if not any(start <= first and last <= end for start, end in shift):
        parts = ", ".join(format_span(start % DAY, start % DAY + end - start) for start, end in shift)
        raise Fault(path, f"{shown(text)} does not lie inside the shift {parts}; move the break or change the shift")


def _meet(one: Break, other: Break, shift: Spans) -> bool:
    """Whether two breaks overlap for anyone, however many share the windows: starts are linear in a person's place, 0 to 1."""
    (one_first, one_last), (other_first, other_last) = one.window(shift), other.window(shift)
    gaps = (one_first - other_first, (one_last - one.length) - (other_last - other.length))
    return max(gaps) > -one.length and min(gaps) < other.length
