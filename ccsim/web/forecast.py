"""A forecast from a spreadsheet, with the headings that planners use, and how it gets into a scenario."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting.cells import are_fractions, number, read_durations
from ccsim.fitting.columns import COUNTS, find_columns
from ccsim.fitting.tables import open_table
from ccsim.inputs import Scenario
from ccsim.units import DAY, format_clock, shown
from ccsim.web.edit import Path as KeyPath

MOST_ROWS: Final = 40_000
_WANTED: Final = ("start", "date", "offered", "aht", "talk", "hold", "wrap")
_TIMES: Final = ("%H:%M", "%H:%M:%S", "%H.%M", "%I:%M %p", "%I:%M:%S %p")
_DATES: Final = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d")


@dataclass(frozen=True)
class Forecast:
    """Calls, and where it has them handle times [s], by interval."""

    name: str
    columns: dict[str, str]  # what was found, by the heading that stands over it
    days: tuple[dt.date | None, ...]  # for each row its day; None where the file names none
    starts: tuple[float, ...]  # seconds after midnight
    calls: tuple[float, ...]
    handle_times: tuple[float, ...] | None

    @property
    def dates(self) -> list[dt.date]:
        """The days that it is of, in order."""
        return sorted({day for day in self.days if day is not None})

    @property
    def step(self) -> float:
        """Length of its intervals [s]."""
        different = sorted(set(self.starts))
        return min((later - earlier for earlier, later in pairwise(different)), default=1800.0)

    def told(self) -> list[str]:
        """What was found in it, in sentences."""
        meant = ", ".join(f"{meaning} in “{heading}”" for meaning, heading in self.columns.items())
        days, total = len(self.dates) or 1, float(sum(self.calls))
        said = [
            f"{len(self.calls):,} intervals of {self.step / 60:g} minutes on {days} day{'' if days == 1 else 's'}, {total:,.0f} calls.",
            f"Columns found: {meant}.",
        ]
        if self.handle_times is not None and total > 0.0:
            mean = float(np.average(self.handle_times, weights=self.calls))
            said.append(f"Mean handle time, weighted by calls: {mean:.0f} s.")
        return said

    def edits(self, scenario: Scenario, call_type: str, day: dt.date | None = None) -> tuple[dict[KeyPath, str | None], list[str]]:
        """What to set in a scenario so that a call type has this forecast, and sentences on what to mind.

        Rows are added up over the scenario's intervals. Raises `InputError` where an opening interval has no row.
        """
        chosen = [row for row in range(len(self.calls)) if len(self.dates) < 2 or self.days[row] == (day or self.dates[0])]
        horizon = scenario.horizon
        first = [place for place in range(horizon.intervals) if horizon.day_of(float(horizon.interval_start[place])) == 0]
        opens = [float(horizon.clock(float(horizon.interval_start[place]))) for place in first]
        lengths = [float(horizon.interval_end[place] - horizon.interval_start[place]) for place in first]
        volumes, times, used = [], [], 0.0
        for start, length in zip(opens, lengths, strict=True):
            inside = [row for row in chosen if start - 1e-6 <= self.starts[row] < start + length - 1e-6]
            if not inside:
                raise InputError(
                    f"{self.name} has no row for the interval from {format_clock(start)}, when the scenario is open; add one (0 is a "
                    "number), or change the opening hours"
                )
            calls = sum(self.calls[row] for row in inside)
            volumes.append(calls)
            used += calls
            if self.handle_times is not None:
                weights = [self.calls[row] or 1e-9 for row in inside]
                times.append(float(np.average([self.handle_times[row] for row in inside], weights=weights)))
        edits: dict[KeyPath, str | None] = {("calls", call_type, "volume"): _list(volumes), ("calls", call_type, "profile"): None}
        if times and min(times) > 0.0:
            told = scenario.data["calls"][call_type].get("handle_time", scenario.data["calls"][call_type].get("handle-time"))
            if isinstance(told, dict):
                edits |= {("calls", call_type, "handle_time", part): None for part in ("talk", "hold", "wrap") if part in told}
                edits["calls", call_type, "handle_time", "mean"] = _list(times, " s")
            else:
                edits["calls", call_type, "handle_time"] = f"{{mean: {_list(times, ' s')}}}"
        notes = []
        outside = sum(self.calls[row] for row in chosen) - used
        if outside > 0.5:
            notes.append(f"{outside:,.0f} calls of the forecast come while the scenario is closed and were left out.")
        if self.step > min(lengths) + 1.0:
            notes.append("The forecast's intervals are longer than the scenario's, so that some of these have no row of their own.")
        return edits, notes


def _list(numbers: list[float], unit: str = "") -> str:
    return "[" + ", ".join(f"{one:.6g}{unit}" if unit else f"{one:.12g}" for one in numbers) + "]"


def read_forecast(path: Path, name: str) -> Forecast:
    """The forecast in a CSV file or spreadsheet. Formulas are not worked out, and nothing in it is more than text and numbers.

    Raises `InputError` with a sentence that names the row and column of what cannot be read.
    """
    try:
        return _read(path, name)
    except InputError as fault:
        raise InputError(str(fault).replace(str(path), name)) from None


def _read(path: Path, name: str) -> Forecast:
    with open_table(path) as table:
        header = table.header
        found = {meaning: place for meaning, place in find_columns(name, header, COUNTS).items() if meaning in _WANTED}
        numbers, rows = [], []
        for part in table.parts:
            if part.ragged:
                row, fields = part.ragged[0]
                raise InputError(f"{name}, row {row}: found {fields} fields where the heading has {len(header)}")
            numbers += part.numbers
            rows += part.rows
            if len(rows) > MOST_ROWS:
                raise InputError(
                    f"{name} has more than {MOST_ROWS:,} rows; a forecast by interval has fewer. Are these single calls? They go to Records"
                )
    for meaning, words in (
        ("start", "when each interval begins (interval, time, start)"),
        ("offered", "the calls (offered, calls, volume)"),
    ):
        if meaning not in found:
            raise InputError(f"{name} has no column for {words}; it has {', '.join(shown(head, 40) for head in header[:12])}")
    if not rows:
        raise InputError(f"{name} has a heading and no rows")
    moments = [_moment(name, numbers[n], header, row, found) for n, row in enumerate(rows)]
    calls = [_number(name, numbers[n], header, row, found["offered"]) for n, row in enumerate(rows)]
    times = _handle_times(name, numbers, header, rows, found)
    if len(set(moments)) < len(moments):
        twice = next(moment for moment in moments if moments.count(moment) > 1)
        raise InputError(
            f"{name} has {moments.count(twice)} rows for the interval from {format_clock(twice[1])}; does it hold several queues?"
        )
    return Forecast(
        name, {meaning: header[place] for meaning, place in found.items()}, tuple(day for day, _ in moments),
        tuple(at for _, at in moments), tuple(calls), times,
    )  # fmt: skip


def _moment(name: str, row: int, header: list[str], cells: list[str], found: dict[str, int]) -> tuple[dt.date | None, float]:
    """Day and time at which an interval begins."""
    text = cells[found["start"]].strip()
    where = f"{name}, row {row}, column {shown(header[found['start']], 40)}"
    first = text.split(" - ")[0].strip() if " - " in text else text
    for separator in ("T", " "):
        head, _, tail = first.partition(separator)
        day = _date(head) if tail else None
        if day is not None:
            return day, _clock(tail.strip(), where, text)
    day = None
    if "date" in found:
        written = cells[found["date"]].strip()
        day = _date(written.partition(" ")[0])
        if day is None:
            raise InputError(
                f"{name}, row {row}, column {shown(header[found['date']], 40)}: {shown(written, 40)} is no date such as 2027-04-12"
            )
    if "-" in first and ":" in first:  # 07:00-07:30
        first = first.partition("-")[0].strip()
    return day, _clock(first, where, text)


def _clock(words: str, where: str, text: str) -> float:
    for form in _TIMES:
        try:
            found = dt.datetime.strptime(words.partition("+")[0].strip(), form)
        except ValueError:
            continue
        return found.hour * 3600.0 + found.minute * 60.0 + found.second
    if words in ("24:00", "24:00:00"):
        return DAY
    share = number(words)
    if np.isfinite(share) and 0.0 <= share < 1.0:  # as spreadsheets store times
        return round(share * DAY)
    raise InputError(f"{where}: {shown(text, 40)} is no time at which an interval begins, such as 07:30")


def _date(words: str) -> dt.date | None:
    for form in _DATES:
        try:
            return dt.datetime.strptime(words.strip(), form).date()
        except ValueError:
            continue
    return None


def _number(name: str, row: int, header: list[str], cells: list[str], place: int) -> float:
    found = number(cells[place].strip())
    if not np.isfinite(found) or found < 0.0:
        raise InputError(f"{name}, row {row}, column {shown(header[place], 40)}: {shown(cells[place], 40)} is no number of calls")
    return float(found)


def _handle_times(
    name: str, numbers: list[int], header: list[str], rows: list[list[str]], found: dict[str, int]
) -> tuple[float, ...] | None:
    """Handle times [s]: of their own column, or talk, hold and wrap added up; None where there are none."""
    meanings = ["aht"] if "aht" in found else [part for part in ("talk", "hold", "wrap") if part in found and "talk" in found]
    if not meanings:
        return None
    columns: list[Any] = [np.array([row[found[meaning]].strip() for row in rows], dtype=object) for meaning in meanings]
    fractions = are_fractions(columns)
    total = np.zeros(len(rows))
    for meaning, column in zip(meanings, columns, strict=True):
        seconds = read_durations(column, fractions)
        bad = np.flatnonzero(~np.isfinite(seconds) | (seconds < 0.0))
        if bad.size:
            place = header[found[meaning]]
            raise InputError(
                f"{name}, row {numbers[bad[0]]}, column {shown(place, 40)}: {shown(column[bad[0]], 40)} is no length of time, such as 312, "
                "5:12 or 5 min 12 s"
            )
        total += seconds
    return tuple(total.tolist())
