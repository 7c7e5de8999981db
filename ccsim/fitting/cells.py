"""Columns of text as numbers, lengths of time and moments, in the spellings that switches and spreadsheets use.

Each reader works on the different texts of a column once, and gives nan (or not-a-time) for what it cannot read; who calls it reports those
cells by row. What no single cell can tell (is 03/04 in March or in April? is 0.0035 a length of time?) is told by the column as a whole.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from ccsim.errors import InputError
from ccsim.units import DAY, parse_duration, shown

Floats = np.ndarray[Any, np.dtype[np.float64]]
Moments = np.ndarray[Any, np.dtype[np.datetime64]]
Texts = np.ndarray[Any, np.dtype[np.object_]]
DateOrder = Literal["ymd", "dmy", "mdy"]

EMPTY: Final = frozenset(("", "-", "--", "na", "n/a", "nan", "nat", "null", "none", "<na>"))
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?%?")
_COMMA = re.compile(r"[-+]?\d+,\d+|[-+]?\d{1,3}(\.\d{3})+,\d+")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}([,' \u00a0\u202f]\d{3})+(\.\d+)?")
_CLOCKED = re.compile(r"(?:(\d+)[:](?=\d{1,2}:))?(\d{1,4}):(\d{2}(?:[.,]\d+)?)")
_TIME = r"(?:[T ,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}(?:[.,]\d+)?))?\s*([AaPp]\.?[Mm]\.?)?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"(?:[A-Za-z]{2,9},? )?(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _TIME)
_NAMED = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3,9})\.?[- ,]+(\d{4}|\d{2})" + _TIME)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})" + _TIME)
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}(?:[.,]\d+)?))?\s*([AaPp]\.?[Mm]\.?)?")
_EPOCH = dt.date(1970, 1, 1).toordinal()
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def different(column: Texts) -> tuple[list[str], np.ndarray[Any, np.dtype[np.intp]]]:
    """The different texts of a column, without blanks at their ends, and which of them stands in each row."""
    codes, texts = pd.factorize(column)
    return [str(text).strip() for text in texts], np.asarray(codes, dtype=np.intp)


def is_empty(column: Texts) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which cells hold nothing, or a word for nothing."""
    texts, codes = different(column)
    return np.array([text.lower() in EMPTY for text in texts], dtype=bool)[codes]


def number(text: str) -> float:
    """A number with a decimal point or comma, maybe with separators between thousands or a per cent sign; nan for anything else.

    >>> number("1.234,5"), number("1,234.5"), number("0,25")
    (1234.5, 1234.5, 0.25)
    """
    if text.isascii() and text.replace(".", "", 1).isdigit():  # nearly all of them
        value = float(text)
    elif _NUMBER.fullmatch(text):
        value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    elif _THOUSANDS.fullmatch(text) and not re.fullmatch(r"[-+]?0,\d{3}", text):
        value = float(re.sub(r"[,' \u00a0\u202f]", "", text))
    elif _COMMA.fullmatch(text):
        value = float(text.replace(".", "").replace(",", "."))
    else:
        return np.nan
    return value if np.isfinite(value) else np.nan


def read_numbers(column: Texts) -> Floats:
    """A column as numbers; nan where a cell is empty or is none."""
    texts, codes = different(column)
    return np.array([number(text) for text in texts], dtype=float)[codes]


def read_durations(column: Texts, fractions: bool = False) -> Floats:
    """A column of lengths of time in seconds; nan where a cell is empty or is none.

    A cell is a number of seconds (of days where `fractions`, as spreadsheets store them), mm:ss, h:mm:ss, or text with units, `5 min 12 s`.
    """
    texts, codes = different(column)
    return np.array([_duration(text, fractions) for text in texts], dtype=float)[codes]


def are_fractions(columns: list[Texts]) -> bool:
    """Whether lengths of time stand as fractions of a day: bare numbers, none of a second or more, and some above 0.

    All columns of a table are judged together: waits may all be shorter than a second, handle times are not.
    """
    largest = 0.0
    for column in columns:
        found = read_numbers(column)
        largest = max(largest, float(np.nanmax(np.abs(found), initial=0.0)))
    return 0.0 < largest < 1.0


def _duration(text: str, fractions: bool) -> float:
    value = number(text)
    if not np.isnan(value):
        return value * DAY if fractions else value
    match = _CLOCKED.fullmatch(text)
    if match:
        hours, minutes, seconds = int(match.group(1) or 0), int(match.group(2)), float(match.group(3).replace(",", "."))
        if seconds >= 60 or (match.group(1) is not None and minutes >= 60):
            return np.nan
        return hours * 3600.0 + minutes * 60.0 + seconds
    try:
        return parse_duration(text)
    except InputError:
        return np.nan


@dataclass(frozen=True)
class DateReading:
    """How the moments of a column are read; settled by the first part of a file."""

    order: DateOrder = "dmy"  # of dates that end in the year
    numbers: Literal["none", "epoch", "epoch ms", "serial", "seconds", "days"] = "none"  # what a bare number means


def settle_dates(name: str, column: Texts, told: DateOrder | None, of_day: bool) -> DateReading:
    """How the moments of this column are to be read; `of_day`: the day is told elsewhere, so that numbers are times of day or of a path.

    Raises `InputError` where days and months cannot be told apart, or numbers could mean several things.
    """
    texts = [text for text in different(column)[0] if text.lower() not in EMPTY]
    return DateReading(_order(name, texts, told), _meaning(name, texts[:2000], of_day))


def _order(name: str, texts: list[str], told: DateOrder | None) -> DateOrder:
    if told is not None:
        return told
    dates = [match for match in map(_YEAR_LAST.fullmatch, texts) if match]
    if not dates:
        return "dmy"
    first, second = max(int(date.group(1)) for date in dates), max(int(date.group(3)) for date in dates)
    if first > 12 >= second or all(date.group(2) == "." for date in dates):
        return "dmy"
    if second > 12 >= first:
        return "mdy"
    example = shown(dates[0].group(0))
    if first > 12:
        raise InputError(
            f"{name} has dates such as {example} with the day first in some rows and the month first in others; write them one way"
        )
    raise InputError(
        f"{name} has dates such as {example}, of which nothing tells whether the day or the month stands first; say --dates dmy or mdy"
    )


def _meaning(name: str, texts: list[str], of_day: bool) -> Literal["none", "epoch", "epoch ms", "serial", "seconds", "days"]:
    values = np.array([value for text in texts if not _COMPACT.fullmatch(text) and not np.isnan(value := number(text))])
    if not len(values) or len(values) < len(texts) / 2:
        return "none"
    low, high = float(np.quantile(values, 0.01)), float(np.quantile(values, 0.99))
    if of_day:
        return "days" if high <= 1.0 else "seconds"
    if low > 1e8:
        return "epoch ms" if low > 1e11 else "epoch"
    # A spreadsheet counts days from the end of 1899; a few years of them lie close together, as the seconds of a day do not.
    if low > 25_569 and high < 73_051 and high - low < 3_660:
        return "serial"
    raise InputError(
        f"{name} holds numbers such as {values[0]:g}, which name no day; add a column with the date, or say with --date from which day's "
        "midnight they count"
    )


def read_moments(column: Texts, reading: DateReading, dates: Moments | None = None) -> Moments:
    """A column as moments of the clock on the wall, [ns]; not-a-time where a cell is empty or cannot be read.

    `dates` gives the day of each row, for a column of clock times or of seconds. An offset from Greenwich written behind a time is passed
    over: what counts in a call centre is its own clock.
    """
    texts, codes = different(column)
    known = _iso(texts)
    stamps = (np.array([_moment(text, reading) for text in texts], dtype=float) if known is None else known)[codes]
    found = np.full(len(column), np.datetime64("NaT", "ns"))
    whole = ~np.isnan(stamps)
    found[whole] = _from_seconds(stamps[whole])
    if dates is not None:
        times = np.array([_time_of_day(text, reading) for text in texts], dtype=float)[codes]
        there = np.isnan(stamps) & ~np.isnan(times) & ~np.isnat(dates)
        found[there] = dates[there] + (times[there] * 1e6).round().astype("timedelta64[us]")
    return found


def _iso(texts: list[str]) -> Floats | None:
    """Seconds from 1970 to moments that are all written 2027-04-12 07:00, maybe with seconds, or not there; None where one is neither."""
    for text in texts:
        if text and not (
            16 <= len(text) <= 26 and text[4] == "-" == text[7] and text[-1].isdigit() and "+" not in text and text.count("-") == 2
        ):
            return None
    try:
        moments = np.array([text or "NaT" for text in texts], dtype="datetime64[us]")
    except ValueError:
        return None
    seconds = np.where(np.isnat(moments), np.nan, moments.astype("int64") / 1e6)
    return seconds if not bool(((seconds <= -2.2e9) | (seconds >= 4.1e9)).any()) else None


def _from_seconds(seconds: Floats) -> Moments:
    """Moments [ns] from seconds since 1970, to the microsecond."""
    return (np.round(seconds * 1e6).astype("int64")).astype("datetime64[us]").astype("datetime64[ns]")


def _moment(text: str, reading: DateReading) -> float:
    """Seconds from 1970 to a moment, nan where it is none."""
    value = np.nan
    if match := _YEAR_FIRST.fullmatch(text):
        value = _stamp(int(match[1]), int(match[3]), int(match[4]), match.groups()[4:])
    elif match := _YEAR_LAST.fullmatch(text):
        one, other, year = int(match[1]), int(match[3]), int(match[4])
        day, month = (other, one) if reading.order == "mdy" else (one, other)
        value = _stamp(year + (2000 if year < 70 else 1900 if year < 100 else 0), month, day, match.groups()[4:])
    elif match := _NAMED.fullmatch(text):
        month_name = match[2][:3].lower()
        year = int(match[3])
        if month_name in _MONTHS:
            value = _stamp(year + (2000 if year < 100 else 0), _MONTHS.index(month_name) + 1, int(match[1]), match.groups()[3:])
    elif reading.numbers in ("none", "epoch", "epoch ms", "serial"):
        if reading.numbers == "none" and (match := _COMPACT.fullmatch(text)):
            return _stamp(int(match[1]), int(match[2]), int(match[3]), match.groups()[3:])
        plain = number(text)
        scale = {"epoch": (1.0, 0.0), "epoch ms": (1e-3, 0.0), "serial": (DAY, -25_569.0 * DAY)}.get(reading.numbers)
        value = plain * scale[0] + scale[1] if scale else np.nan
    return value if -2.2e9 < value < 4.1e9 else np.nan


def _stamp(year: int, month: int, day: int, time: tuple[str | None, ...]) -> float:
    try:
        date = dt.date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return np.nan
    return float(date) * DAY + _seconds(time)


def _seconds(time: tuple[str | None, ...]) -> float:
    """Seconds after midnight of hours, minutes, seconds and am or pm, as the patterns find them."""
    hours, minutes, seconds, half = time
    if hours is None or minutes is None:
        return 0.0
    hour, rest = int(hours), float((seconds or "0").replace(",", "."))
    if half is not None:
        if not 1 <= hour <= 12:
            return np.nan
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if hour > 24 or int(minutes) > 59 or rest >= 60 or (hour == 24 and (int(minutes) or rest)):
        return np.nan
    return hour * 3600.0 + int(minutes) * 60.0 + rest


def _time_of_day(text: str, reading: DateReading) -> float:
    """Seconds after midnight of a clock time, or of a bare number; nan where it is neither."""
    if match := _CLOCK.fullmatch(text):
        if "." not in text or reading.numbers == "none":
            return _seconds(match.groups())
    value = number(text)
    return value * DAY if reading.numbers == "days" else value if reading.numbers == "seconds" else np.nan
