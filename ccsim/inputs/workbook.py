"""A scenario in a workbook: its sheets as the keys and values of a scenario file, with the cell of each.

What a cell holds is what would stand behind its key: `5 min`, `90 %`, `{mean: 5 min, cv: 1.1}`. Numbers, dates and times may be cells of
these kinds. `ccsim template` makes such a workbook; `book_layout` says how it is laid out.
"""

from __future__ import annotations

import datetime as dt
import pathlib
from dataclasses import dataclass, field
from typing import Any

from ccsim.errors import InputError, ScenarioError
from ccsim.inputs.book_file import Sheet, sheets_of
from ccsim.inputs.book_layout import FIRST_VALUE, INTERVAL_SHEETS, KEY_SHEETS, NOTES, VALUE, IntervalSheet, cell_name
from ccsim.inputs.document import Document, Plain, folded_path, read_value
from ccsim.inputs.faults import Path, listed, nearest, plain
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.key_table import key_table
from ccsim.inputs.yaml_text import block
from ccsim.units import format_clock, parse_clock, shown

# Kinds of value of which a cell may hold several, parted by semicolons or on lines of their own
_SEVERAL = ("list of breaks", "list of call types", "list of groups", "list of dates", "name, or list of names")


@dataclass
class Book(Document):
    """A scenario read from a workbook: `places` holds the cell of each key, `starts` the intervals that each sheet by interval names."""

    places: dict[Path, str] = field(default_factory=dict, repr=False)
    starts: dict[str, list[tuple[str, float]]] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> str:
        """The same scenario as the text of a scenario file."""
        return block(self.data)

    def line(self, path: Path) -> int:
        """Where among the cells the entry at `path` stands, to tell which of two faults comes first."""
        cell = self._cell(path)
        return list(self.places.values()).index(cell) if cell else 0

    def _position(self, path: Path) -> str:
        cell = self._cell(path)
        return f", {cell}" if cell else ""

    def _cell(self, path: Path) -> str:
        """The cell of the entry at `path`, or of the nearest around it; empty where none is known."""
        folded = folded_path(path)
        while folded and folded not in self.places:
            folded = folded[:-1]
        return self.places.get(folded, "")

    def check_starts(self, horizon: Horizon) -> None:
        """Raise `ScenarioError` where a sheet by interval names other intervals than those of the scenario's days."""
        for sheet, starts in self.starts.items():
            for (cell, found), start in zip(starts, horizon.interval_start.tolist(), strict=False):
                expected = float(horizon.clock(start))
                if abs(found - expected) >= 1.0:
                    raise ScenarioError(
                        f"{self.name}, {cell}: the interval begins at {format_clock(found)}, and by `open` and `interval` it begins at "
                        f"{format_clock(expected)}; have the rows of sheet {shown(sheet)} begin with the opening hours"
                    )


def read_book(file: pathlib.Path, name: str) -> Book:
    """What the workbook at `file` says, every sheet of it checked for what cannot be meant.

    Raises `ScenarioError` with one sentence that names the sheet and the cell.
    """
    sheets = sheets_of(file, name)
    book = Book(name, {}, {})
    wanted = [*KEY_SHEETS, *INTERVAL_SHEETS]
    for sheet, cells in sheets.items():
        if sheet in NOTES or sheet.lower().startswith("x-"):
            continue
        if sheet not in wanted:
            near = nearest(sheet, wanted)
            hint = f"did you mean {near}?" if near else f"sheets of a scenario are {listed(wanted)}; others begin with x-"
            raise ScenarioError(f"{name}: there is no sheet {shown(sheet)} in a scenario; {hint}")
        if cells.errors:
            raise ScenarioError(f"{name}, sheet {shown(sheet)}, cell {cells.errors[0]}: the cell holds an error, not a value; mend it")
    if not any(sheet in sheets for sheet in wanted):
        raise ScenarioError(f"{name}: the workbook has no sheet of a scenario ({listed(wanted)}); `ccsim template` makes one that has")
    reader = _Reader(book)
    for sheet, section in KEY_SHEETS.items():
        if sheet in sheets:
            reader.keys(sheet, section, sheets[sheet])
    for sheet, by_interval in INTERVAL_SHEETS.items():
        if sheet in sheets:
            reader.intervals(sheet, by_interval, sheets[sheet])
    return book


class _Reader:
    """From cells to keys and values; every fault names sheet and cell."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.kinds = {tuple(map(plain, row.path.split("."))): row.kind for row in key_table()}

    def error(self, sheet: str, row: int, column: int, sentence: str) -> ScenarioError:
        return ScenarioError(f"{self.book.name}, {_cell(sheet, row, column)}: {sentence}")

    def keys(self, sheet: str, section: str, cells: Sheet) -> None:
        """A sheet with a row a key and, where it has a section, a column a name."""
        names = self._names(sheet, section, cells.rows)
        if section:
            self.book.places.setdefault((section,), _cell(sheet, 0, FIRST_VALUE))
        seen: dict[str, int] = {}
        for row, written in enumerate(cells.rows[1:], start=1):
            key = _words(written[0]) if written else ""
            values = [column for column in range(FIRST_VALUE, len(written)) if _filled(written[column])]
            if not key:
                if values:
                    raise self.error(sheet, row, 0, f"a value stands in column {cell_name(0, values[0])[:-1]} and no key; name it here")
                continue
            if plain(key) in seen:
                raise self.error(sheet, row, 0, f"`{key}` has a row already, row {seen[plain(key)] + 1}; keep one")
            seen[plain(key)] = row
            for column in values:
                if column not in names:
                    raise self.error(sheet, 0, column, f"the column has no {'name' if section else f'head; write {VALUE}'}; name it here")
            for column, name in names.items():
                path = (*((section, name) if section else ()), *key.split("."))
                self.book.places.setdefault(folded_path(path), _cell(sheet, row, column))
                if column in values:
                    self._put(path, self._read(path, written[column], sheet, row, column), _cell(sheet, row, column))

    def intervals(self, sheet: str, by_interval: IntervalSheet, cells: Sheet) -> None:
        """A sheet with a row an interval and a column a name; column A says when each interval begins."""
        names = self._names(sheet, by_interval.section, cells.rows, first=1)
        last = max((row for row, written in enumerate(cells.rows) if any(map(_filled, written[1:]))), default=0)
        starts = [(_cell(sheet, row, 0), self._start(sheet, row, cells.rows[row])) for row in range(1, last + 1)]
        for column, name in names.items():
            found = [cells.rows[row][column] for row in range(1, last + 1)]
            if not any(map(_filled, found)):
                continue
            path, values = by_interval.path(name), []
            for row, value in enumerate(found, start=1):
                if isinstance(value, bool) or not isinstance(value, (int, float, dt.time, dt.timedelta)):
                    told = f"found {shown(_words(value))}" if _filled(value) else "the cell is empty"
                    raise self.error(sheet, row, column, f"{told}, where a number belongs ({by_interval.unit}); 0 is one too")
                timed = by_interval.unit == "s"
                if not timed and isinstance(value, (dt.time, dt.timedelta)):
                    raise self.error(sheet, row, column, "the cell holds a time, where a number belongs; change its format")
                values.append(Plain(f"{_number(value)} s" if timed else _number(value)))
            self._put(path, values, _cell(sheet, 0, column))
            for row in range(len(values)):
                self.book.places[(*folded_path(path), row)] = _cell(sheet, row + 1, column)
            self.book.starts[sheet] = starts

    def _names(self, sheet: str, section: str, rows: list[list[Any]], first: int = FIRST_VALUE) -> dict[int, str]:
        """The head of each column of values: the names of a section, or `value`."""
        names: dict[int, str] = {}
        for column, written in enumerate(rows[0] if rows else ()):
            if column < first or not _filled(written):
                continue
            name = _words(written)
            if not section and (plain(name) != VALUE or names):
                raise self.error(sheet, 0, column, f"found {shown(name)}; this sheet has one column of values, headed {VALUE}")
            if name in names.values():
                raise self.error(sheet, 0, column, f"{shown(name)} heads another column already; keep one")
            names[column] = name
            if section:
                self.book.places.setdefault(folded_path((section, name)), _cell(sheet, 0, column))
        return names

    def _start(self, sheet: str, row: int, written: list[Any]) -> float:
        """When an interval begins [s after midnight], from a time, a date with a time, or text such as 07:30."""
        value = written[0]
        if isinstance(value, (dt.time, dt.datetime)):
            return value.hour * 3600.0 + value.minute * 60.0 + value.second
        if (value == 0.0 and not isinstance(value, (bool, str))) or _is_day_zero(value):
            return 0.0
        try:
            return parse_clock(_words(value).rpartition("T")[2].rpartition(" ")[2])
        except InputError:
            raise self.error(sheet, row, 0, f"found {shown(_words(value))}, where the interval's start belongs, such as 07:30") from None

    def _read(self, path: Path, value: Any, sheet: str, row: int, column: int) -> Any:
        """What a cell says, as it would have been read from a scenario file."""
        kind = self._kind(path)
        if isinstance(value, bool):
            return Plain("true" if value else "false")
        if isinstance(value, (dt.time, dt.timedelta, dt.date)):
            return _of_time(value, kind)
        if not isinstance(value, str):
            return Plain(_number(value))
        text = value.strip()
        if kind == "text":
            return text
        if kind.startswith(_SEVERAL) and not text.startswith("["):
            return [Plain(part.strip()) for part in text.replace("\n", ";").split(";") if part.strip()]
        try:
            return read_value(text, "a cell")
        except ScenarioError as fault:
            told = str(fault).removeprefix("a cell").lstrip(":, ")
            raise self.error(sheet, row, column, f"{shown(text)} cannot be read; {told}") from None

    def _kind(self, path: Path) -> str:
        """What may stand at a key, in the words of the key table; empty for keys that are not there."""
        parts = [plain(part) for part in path if isinstance(part, str)]
        return self.kinds.get(tuple(parts)) or self.kinds.get((*parts[:1], "name", *parts[2:]), "")

    def _put(self, path: Path, value: Any, cell: str) -> None:
        """Set what stands at a key; a value and keys below it, or two values, are refused."""
        place = self.book.data
        for depth, part in enumerate(path[:-1], start=1):
            inner = place.setdefault(str(part), {})
            if not isinstance(inner, dict):
                key, other = ".".join(map(str, path[:depth])), self.book.places[folded_path(path[:depth])]
                raise ScenarioError(f"{self.book.name}, {cell}: `{key}` has a value in {other} and a key below it here; keep one")
            place = inner
        if path[-1] in place:
            other = self.book.places.get(folded_path(path), "another cell")
            raise ScenarioError(f"{self.book.name}, {cell}: `{'.'.join(map(str, path))}` is given in {other} as well; keep one")
        place[str(path[-1])] = value
        self.book.places[folded_path(path)] = cell


def _cell(sheet: str, row: int, column: int) -> str:
    return f"sheet {shown(sheet)}, cell {cell_name(row, column)}"


def _filled(value: Any) -> bool:
    return not (isinstance(value, str) and not value.strip())


def _words(value: Any) -> str:
    """What a cell shows, as text."""
    if isinstance(value, str):
        return value.strip()
    return _number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _number(value: Any) -> str:
    """A number as a scenario file writes it; a time as its seconds."""
    if isinstance(value, dt.time):
        value = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    elif isinstance(value, dt.timedelta):
        value = value.total_seconds()
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _of_time(value: dt.time | dt.timedelta | dt.date, kind: str) -> Plain:
    """A cell with a date or a time, as its key's kind writes it."""
    if _is_day_zero(value):  # a whole day, in a cell with the format of a time
        return Plain("24:00" if "clock" in kind else "24 h")
    if isinstance(value, dt.datetime):
        return Plain(value.isoformat(" ", "minutes"))
    if isinstance(value, dt.date):
        return Plain(value.isoformat())
    if "clock" in kind and isinstance(value, dt.time):
        return Plain(value.isoformat("seconds" if value.second else "minutes"))
    return Plain(f"{_number(value)} s")


def _is_day_zero(value: Any) -> bool:
    """Whether a cell holds one of the days with which spreadsheets begin to count."""
    return isinstance(value, dt.date) and value.year <= 1900
