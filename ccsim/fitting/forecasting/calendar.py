"""Public holidays and other days unlike the rest: by rule, from a file, or recognised by the closed days of a record."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ccsim.errors import InputError
from ccsim.fitting import columns as names
from ccsim.fitting.tables import open_table
from ccsim.inputs.faults import listed
from ccsim.units import DAY, parse_clock, parse_date, parse_number, shown

US_FEDERAL: Final = "us-federal"
NONE: Final = "none"
EXTRA: Final = "pip install 'ccsim[forecast]'"
_CODE: Final = re.compile(r"([A-Z]{2})(?:[-_](\w{1,20}))?")  # a country, and a part of it
_OF_A_KIND: Final = re.compile(r" \((?:observed|estimated|observed, estimated)\)$")  # endings of names that days of one name may have
_BY_CHANCE: Final = 0.05  # chance at which closed days would fall on holidays anyway, below which they are taken for the reason
_HOLIDAY_COLUMNS: Final = {"date": ("date", "day"), "name": ("name", "holiday", "event"), "factor": ("factor", "share", "volume")}
_EVENT_COLUMNS: Final = {
    **_HOLIDAY_COLUMNS,
    "from": ("from", "start", "begin"),
    "to": ("to", "until", "end"),
}


@dataclass(frozen=True)
class Holiday:
    """A public holiday. `factor` is told: 0 closed, 0.6 six tenths of the usual calls; None: as the record has it."""

    date: dt.date
    name: str
    factor: float | None = None


@dataclass(frozen=True)
class Event:
    """A day, or hours of it, on which something changes the calls. `factor` None: as on earlier days of that name."""

    date: dt.date
    name: str
    start: float = 0.0  # s after midnight
    end: float = DAY
    factor: float | None = None


def us_federal(year: int) -> list[Holiday]:
    """The public holidays of the federal government of the United States in a year, on the days on which they are kept.

    One on a Sunday is kept on the Monday after, one on a Saturday on the Friday before. Source: 5 U.S.C. 6103 (a) and (b), with its changes
    of 1983 and 2021; the dates of 1971 and later.

    >>> [str(holiday.date) for holiday in us_federal(2003)][3:6]
    ['2003-05-26', '2003-07-04', '2003-09-01']
    """
    found = [(dt.date(year, 1, 1), "New Year's Day")]
    if year >= 1986:
        found.append((_nth(year, 1, 0, 3), "Birthday of Martin Luther King, Jr."))
    found += [(_nth(year, 2, 0, 3), "Washington's Birthday"), (_nth(year, 6, 0, 1) - dt.timedelta(days=7), "Memorial Day")]
    if year >= 2021:
        found.append((dt.date(year, 6, 19), "Juneteenth"))
    found += [
        (dt.date(year, 7, 4), "Independence Day"),
        (_nth(year, 9, 0, 1), "Labor Day"),
        (_nth(year, 10, 0, 2), "Columbus Day"),
        (dt.date(year, 11, 11), "Veterans Day"),
        (_nth(year, 11, 3, 4), "Thanksgiving Day"),
        (dt.date(year, 12, 25), "Christmas Day"),
    ]
    kept = []
    for date, name in found:
        moved = {5: -1, 6: 1}.get(date.weekday(), 0)
        kept.append(Holiday(date + dt.timedelta(days=moved), name + (" (observed)" if moved else "")))
    return kept


def _nth(year: int, month: int, weekday: int, n: int) -> dt.date:
    """The n-th weekday of a month."""
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def by_rule(first: dt.date, last: dt.date) -> list[Holiday]:
    """Federal holidays of the United States from one day to another."""
    years = range(first.year, last.year + 2)  # New Year's Day may be kept on the last day of the year before
    return [holiday for year in years for holiday in us_federal(year) if first <= holiday.date <= last]


def is_country(text: str) -> bool:
    """Whether a text looks like the code of a country or of a part of one, such as DE or DE-BY."""
    return _CODE.fullmatch(text) is not None


def by_country(code: str, first: dt.date, last: dt.date) -> list[Holiday]:
    """Public holidays of a country or a part of it (ISO 3166: `DE`, `DE-BY`, `GB-ENG`) from one day to another, on the days they are kept.

    They are those of the library `holidays` (extra `[forecast]`). Two on one day are one with both names. Raises `InputError` where the
    library is not installed, or does not know the country or the part.
    """
    try:
        import holidays as library
    except ImportError:
        raise InputError(
            f"holidays of {code} are asked for, and the library that knows them is not installed: {EXTRA}; or name a file of holidays"
        ) from None
    found = _CODE.fullmatch(code)
    country, part = found.groups() if found else (code, None)
    known = library.list_supported_countries()
    if country not in known:
        raise InputError(f"found {shown(code)} for --holidays; the library of holidays knows no country {shown(country)}")
    if part is not None and part not in known[country]:
        parts = f"has {listed(known[country], 60)}" if known[country] else "has no parts there"
        raise InputError(f"found {shown(code)} for --holidays; {country} {parts}")
    years = range(first.year, last.year + 2)
    days = library.country_holidays(country, subdiv=part, years=years, language="en_US")
    names = {date: " and ".join(sorted({_OF_A_KIND.sub("", one) for one in days[date].split("; ")})) for date in days}
    return [Holiday(date, names[date]) for date in sorted(names) if first <= date <= last]


def recognised(closed: Iterable[dt.date], opens: Sequence[dt.date]) -> list[Holiday]:
    """Federal holidays among `opens`, the record's days that are usually open, if the `closed` of these show that they are kept.

    That is so where all of them are closed, or most with chance improbable. Otherwise the list is empty.
    """
    shut = set(closed)
    among = [holiday for holiday in by_rule(opens[0], opens[-1]) if holiday.date in set(opens)] if opens else []
    kept = [holiday for holiday in among if holiday.date in shut]
    if len(kept) * 2 <= len(among) or not kept:
        return []
    return among if (len(shut) / len(opens)) ** len(kept) < _BY_CHANCE else []


def read_holidays(file: str | Path) -> list[Holiday]:
    """Holidays from a file with the columns `date`, and if wanted `name` and `factor` (0 or left out: closed, or as the record has it)."""
    found = []
    for where, cells in _rows(file, _HOLIDAY_COLUMNS):
        date = _date(where, cells["date"])
        found.append(Holiday(date, cells.get("name") or "holiday", _factor(where, cells.get("factor", ""))))
    return found


def read_events(file: str | Path) -> list[Event]:
    """Events from a file with the columns `date` and `name`, and if wanted `from`, `to` (clock times) and `factor`."""
    found = []
    for where, cells in _rows(file, _EVENT_COLUMNS):
        if not cells.get("name"):
            raise InputError(f"{where}: the event has no name; days of one name are taken to be alike, so give each a name")
        start, end = (_clock(where, cells.get(name, ""), other) for name, other in (("from", 0.0), ("to", DAY)))
        if end <= start:
            raise InputError(f"{where}: the event ends at {shown(cells['to'])}, not after its beginning; write one row a day")
        found.append(Event(_date(where, cells["date"]), cells["name"], start, end, _factor(where, cells.get("factor", ""))))
    return found


def _rows(file: str | Path, known: dict[str, tuple[str, ...]]) -> list[tuple[str, dict[str, str]]]:
    """Rows of a small table by the meanings of its columns, with words for where each stands."""
    with open_table(file) as table:
        places = names.find_columns(table.name, table.header, known)
        if "date" not in places:
            raise InputError(f"{file} has no column `date`; it has {listed(map(shown, table.header))}")
        found = []
        for part in table.parts:
            if part.ragged:
                place, fields = part.ragged[0]
                raise InputError(f"{file}, row {place}: found {fields} fields where the heading has {len(table.header)}")
            for number, row in zip(part.numbers, part.rows, strict=True):
                found.append((f"{file}, row {number}", {meaning: row[place].strip() for meaning, place in places.items()}))
    return found


def _date(where: str, text: str) -> dt.date:
    try:
        return parse_date(text.removesuffix(" 00:00:00"))  # as spreadsheets give a day
    except InputError as fault:
        raise InputError(f"{where}: {fault}") from None


def _clock(where: str, text: str, otherwise: float) -> float:
    if not text:
        return otherwise
    try:
        return parse_clock(text)
    except InputError as fault:
        raise InputError(f"{where}: {fault}") from None


def _factor(where: str, text: str) -> float | None:
    if not text:
        return None
    try:
        factor = parse_number(text[:-1]) / 100 if text.endswith("%") else parse_number(text, "a factor")
    except InputError as fault:
        raise InputError(f"{where}: {fault}") from None
    if not 0.0 <= factor <= 100.0:
        raise InputError(f"{where}: found the factor {shown(text)}; it multiplies the usual calls, so write 0 to 100, 0 for a closed day")
    return factor
