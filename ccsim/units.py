"""Durations, shares, clock times and weekdays: between what a planner writes and the seconds and fractions used inside.

Every `parse_...` function takes what stands in a file or on a command line and raises `InputError` with a sentence that says what was
found and what would do. Every `format_...` function writes what the matching parser reads.
"""

from __future__ import annotations

import datetime as dt
import math
import re

from ccsim.errors import InputError

SECOND = 1.0
MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0
WEEK = 7 * DAY
# Longer spans than this are slips of the pen, and seconds beyond it lose their milliseconds.
LONGEST = 100 * 366 * DAY
_MOST_DIGITS = 9  # of a whole number
_COUNTS = "a whole number, or NAME=N for each with commas between,"

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_UNIT_SPELLINGS: dict[float, tuple[str, ...]] = {
    SECOND: ("s", "sec", "secs", "second", "seconds"),
    MINUTE: ("min", "mins", "minute", "minutes"),
    HOUR: ("h", "hr", "hrs", "hour", "hours"),
    DAY: ("d", "day", "days"),
    WEEK: ("w", "wk", "wks", "week", "weeks"),
}
_UNITS = {spelling: seconds for seconds, spellings in _UNIT_SPELLINGS.items() for spelling in spellings}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z]+)?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,4})?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_HOW_TO_WRITE_A_DURATION = "write a duration with its unit, such as 90 s, 5 min or 1 h 30 min"


def shown(value: object, longest: int = 60) -> str:
    """What was found, in quotes and on one line, for an error sentence; long text is cut.

    >>> shown("90")
    "'90'"
    """
    text = str(value)
    if len(text) > longest:
        text = text[: longest - 3] + "..."
    return repr(text) if isinstance(value, str) else text


def parse_number(value: object, what: str = "a number") -> float:
    """The finite number that `value` is or spells, in plain decimal notation.

    Raises `InputError` for anything else: text, `True`, an infinity, nan, a decimal comma or separators between thousands.

    >>> parse_number("1.5")
    1.5
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value) if abs(value) < 1e308 else math.inf
    elif isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        number = float(value)
    else:
        raise InputError(f"{shown(value)} is not {what}; write digits with a decimal point, such as 1200 or 0.5")
    if not math.isfinite(number):
        raise InputError(f"{shown(value)} is not {what} that can be reckoned with: it is not finite")
    return number


def parse_duration(value: object) -> float:
    """Length of time in seconds; `value` is text in which every number has a unit, the largest first.

    Units are s, min, h, days and weeks, in their usual spellings. A bare number is an error, as are months and years (which have no
    fixed length), a negative length and more than a century.

    >>> parse_duration("1 h 30 min")
    5400.0
    """
    if not isinstance(value, str):
        raise InputError(f"{shown(value)} has no unit: {_HOW_TO_WRITE_A_DURATION}")
    text = value.strip()
    if text.startswith("-"):
        raise InputError(f"{shown(value)} is negative: a duration is 0 s or more")
    seconds, position, last_unit = 0.0, 0, math.inf
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise InputError(f"{shown(value)} is not a duration: {_HOW_TO_WRITE_A_DURATION}")
        unit = _unit(value, text, part)
        if unit >= last_unit:
            raise InputError(f"{shown(value)} names its units out of order: write the largest first and each once, such as 1 h 30 min")
        seconds += float(part.group(1)) * unit
        position, last_unit = part.end(), unit
    if last_unit == math.inf:
        raise InputError(f"there is no duration here: {_HOW_TO_WRITE_A_DURATION}")
    if not seconds <= LONGEST:
        raise InputError(f"{shown(value)} is longer than a century")
    return seconds


def _unit(value: str, text: str, part: re.Match[str]) -> float:
    """Seconds in the unit of one part of a duration."""
    name = part.group(2)
    if name is None:
        if _CLOCK.fullmatch(text):
            raise InputError(f"{shown(value)} is a clock time, not a duration: {_HOW_TO_WRITE_A_DURATION}")
        if text[part.end() : part.end() + 1] == ",":
            raise InputError(f"{shown(value)} has a comma: use a decimal point, such as 1.5 h")
        raise InputError(f"{shown(value)} has a number without a unit: {_HOW_TO_WRITE_A_DURATION}")
    unit = _UNITS.get(name.lower())
    if unit is None:
        hint = " (minutes are min)" if name.lower() == "m" else ""
        raise InputError(f"{shown(value)} has the unknown unit {shown(name)}{hint}: the units are s, min, h, days and weeks")
    return unit


def parse_share(value: object, highest: float = 1.0) -> float:
    """Fraction from 0 to `highest`; `value` is a number of that range, or a percentage as text.

    >>> parse_share("90 %")
    0.9
    >>> parse_share(0.05)
    0.05
    """
    percent = isinstance(value, str) and value.strip().endswith("%")
    if percent and isinstance(value, str):
        number = parse_number(value.strip()[:-1].rstrip(), "a percentage")
        # Dividing keeps 90 % equal to 0.9 to the last bit, which multiplying by 0.01 does not.
        share = number / 100
    else:
        share = parse_number(value, "a share")
    if share < 0:
        raise InputError(f"{shown(value)} is negative: a share is 0 to 1, or a percentage such as 90 %")
    if share > highest:
        if not percent and share >= 2:
            raise InputError(f"{shown(value)} is more than 1: a share is 0 to 1, or a percentage such as {share:g} %")
        raise InputError(f"{shown(value)} is more than {format_share(highest)}: a share is 0 to 1, or a percentage such as 90 %")
    return share


def parse_clock(value: object) -> float:
    """Seconds after midnight of a clock time from 00:00 to 24:00, with or without seconds.

    >>> parse_clock("07:30")
    27000.0
    """
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise InputError(f"{shown(value)} is not a clock time: write one such as 07:30")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    after_midnight = hours * HOUR + minutes * MINUTE + seconds
    if minutes > 59 or seconds > 59 or after_midnight > DAY:
        raise InputError(f"{shown(value)} is not a time of day: clock times run from 00:00 to 24:00")
    return after_midnight


def parse_span(value: object) -> tuple[float, float]:
    """Start and end of a span of clock times, in seconds after the midnight before its start.

    The end is past 86400 where the span crosses midnight. A span of no length is an error; 00:00-24:00 is the whole day.

    >>> parse_span("22:00-06:00")
    (79200.0, 108000.0)
    """
    parts = re.split(r"\s*[-–]\s*", value.strip()) if isinstance(value, str) else []
    if len(parts) != 2:
        raise InputError(f"{shown(value)} is not a span of clock times: write one such as 07:00-21:00")
    start, end = parse_clock(parts[0]), parse_clock(parts[1])
    if start == end:
        raise InputError(f"{shown(value)} is a span of no length; the whole day is 00:00-24:00")
    if start == DAY:
        raise InputError(f"{shown(value)} begins at 24:00: write 00:00 for the beginning of a day")
    return (start, end) if end > start else (start, end + DAY)


def parse_date(value: object) -> dt.date:
    """The calendar day written as year, month and day: 2027-04-12."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise InputError(f"{shown(value)} is not a date: write year, month and day, such as 2027-04-12")
    year, month, day = (int(part) for part in match.groups())
    try:
        date = dt.date(year, month, day)
    except ValueError:
        raise InputError(f"{shown(value)} is no day of the calendar: write year, month and day, such as 2027-04-12") from None
    if not 1900 <= year <= 9000:
        raise InputError(f"{shown(value)} is out of range: years run from 1900 to 9000")
    return date


def parse_weekdays(value: object) -> tuple[int, ...]:
    """Numbers of the weekdays named, Monday 0, ascending: one day (`sat`) or a run of days (`mon-fri`, `fri-mon`).

    >>> parse_weekdays("mon-fri")
    (0, 1, 2, 3, 4)
    """
    parts = re.split(r"\s*[-–]\s*", value.strip().lower()) if isinstance(value, str) else []
    numbers = [
        WEEKDAYS.index(part) if part in WEEKDAYS else _LONG_WEEKDAYS.index(part) for part in parts if part in WEEKDAYS + _LONG_WEEKDAYS
    ]
    if not 1 <= len(parts) <= 2 or len(numbers) != len(parts):
        raise InputError(
            f"{shown(value)} is not a weekday or a run of weekdays: write mon, tue, wed, thu, fri, sat, sun, or such as mon-fri"
        )
    first, last = numbers[0], numbers[-1]
    return tuple(sorted((first + step) % 7 for step in range((last - first) % 7 + 1)))


def parse_count(value: object, belongs: str = "a whole number") -> int:
    """A whole number from 0 on; `belongs` says in the sentence what would do.

    >>> parse_count(" 12 ")
    12
    """
    text = str(value).strip()
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
        raise InputError(f"found {shown(text)}, where {belongs} belongs")
    return int(text)


def parse_counts(value: object) -> int | dict[str, int]:
    """A whole number, or one by name; a name may hold an equals sign.

    >>> parse_counts("14"), parse_counts("english=12, spanish=2")
    (14, {'english': 12, 'spanish': 2})
    """
    text = str(value)
    if "=" not in text:
        return parse_count(text, _COUNTS)
    return {name: parse_count(number, _COUNTS) for name, number in parse_pairs(text, at_last=True).items()}


def parse_pairs(value: object, at_last: bool = False) -> dict[str, str]:
    """What belongs to each name: `name=value` with commas between, parted `at_last` or at the first equals sign.

    >>> parse_pairs("arrival=q_start_s, wait=q_time")
    {'arrival': 'q_start_s', 'wait': 'q_time'}
    """
    found: dict[str, str] = {}
    for pair in str(value).split(","):
        name, equals, told = pair.rpartition("=") if at_last else pair.partition("=")
        if not equals or not name.strip():
            raise InputError(f"{shown(pair)} is no pair; write such as NAME=VALUE, with commas between pairs")
        if name.strip() in found:
            raise InputError(f"{shown(name.strip())} is given twice; write it once")
        found[name.strip()] = told.strip()
    return found


def format_duration(seconds: float) -> str:
    """A length of time as text with units, to the millisecond; days are used from 48 h on.

    >>> format_duration(5400)
    '1 h 30 min'
    """
    if math.isnan(seconds):
        raise InputError("nan is not a duration")
    if math.isinf(seconds):
        return "infinite" if seconds > 0 else "-infinite"
    if seconds < 0:
        return "-" + format_duration(-seconds)
    thousandths = round(seconds * 1000)
    parts = []
    for name, size in (("days", DAY), ("h", HOUR), ("min", MINUTE)):
        if name == "days" and thousandths < 2 * DAY * 1000:
            continue
        count, thousandths = divmod(thousandths, round(size * 1000))
        if count:
            parts.append(f"{count} {name}")
    if thousandths or not parts:
        whole, rest = divmod(thousandths, 1000)
        parts.append(f"{whole}{f'.{rest:03d}'.rstrip('0') if rest else ''} s")
    return " ".join(parts)


def format_about(seconds: float) -> str:
    """A length of time that was reckoned, to read: whole minutes from an hour on, whole seconds from a minute on, tenths below.

    >>> format_about(35856.477), format_about(754.3), format_about(9.6712)
    ('9 h 58 min', '12 min 34 s', '9.7 s')
    """
    unit = MINUTE if seconds >= HOUR else SECOND if seconds >= MINUTE else 0.1
    return format_duration(unit * round(seconds / unit) if math.isfinite(seconds) else seconds)


def format_clock(seconds: float) -> str:
    """Clock time of a moment `seconds` after a midnight: hh:mm, with :ss where it has seconds.

    24:00 is the end of the day itself; a moment on another day says how many days later or earlier.

    >>> format_clock(27000), format_clock(90000)
    ('07:30', '01:00 +1 day')
    """
    whole = round(seconds)
    day, rest = (0, whole) if 0 <= whole <= DAY else divmod(whole, round(DAY))
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    clock = f"{hours:02d}:{minutes:02d}" + (f":{rest:02d}" if rest else "")
    return clock if day == 0 else f"{clock} {day:+d} day{'' if abs(day) == 1 else 's'}"


def format_span(start: float, end: float) -> str:
    """A span of clock times as it stands in a scenario file; `start` and `end` count from the same midnight.

    >>> format_span(79200, 108000)
    '22:00-06:00'
    """
    day = math.floor(start / DAY) * DAY
    first, last = start - day, end - day
    return f"{format_clock(first)}-{format_clock(last if last <= DAY else last % DAY)}"


def format_share(share: float, decimals: int | None = None) -> str:
    """A fraction as a percentage, with as many decimals as it needs (at most 10) or as asked for.

    >>> format_share(0.9), format_share(0.12345, 1)
    ('90 %', '12.3 %')
    """
    if decimals is None:
        return f"{round(share * 100, 10):.12g} %"
    return f"{share * 100:.{decimals}f} %"


def format_weekdays(days: tuple[int, ...]) -> str:
    """The short names of weekdays by number, Monday 0.

    >>> format_weekdays((0, 5))
    'mon, sat'
    """
    return ", ".join(WEEKDAYS[day] for day in days)
