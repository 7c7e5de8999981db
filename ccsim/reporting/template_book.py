"""The workbook to write a scenario in: blank, or filled from a scenario. `ccsim.inputs.workbook` reads it back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ccsim.errors import InputError
from ccsim.inputs import Scenario
from ccsim.inputs.book_layout import CENTRE, FIRST_VALUE, HEADS, INTERVAL_SHEETS, KEY_SHEETS, VALUE
from ccsim.inputs.document import Plain
from ccsim.inputs.key_table import Row, key_table
from ccsim.inputs.yaml_text import flow
from ccsim.reporting.files import replacing
from ccsim.units import parse_clock, parse_date, parse_share

LONGEST_TEXT = 32_767  # characters in a cell
NAMED_COLUMNS = 8  # columns for names in a blank sheet
# Keys that most scenarios have; those below other keys and the rest fold away
_USUAL = {
    "Centre": ("title", "date", "days", "open", "interval", "target.wait", "target.share", "target.short_abandon", "cost.agent_hour"),
    "Calls": ("volume", "profile", "busyness_cv", "handle_time.mean", "handle_time.cv", "handle_time.talk", "handle_time.hold",
              "handle_time.wrap", "patience.mean", "redial.chance", "redial.after", "redial.attempts"),
    "Staff": ("agents", "shift", "days", "breaks", "takes", "adherence"),
    "Shrinkage": ("kind", "share", "correlation", "groups", "pieces", "chance", "by"),
    "Contingent": ("agents", "takes", "available", "accept", "notice.mean", "notice.cv", "activate.when", "activate.reaches",
                   "activate.call_up", "activate.every", "release.falls_to", "block", "pay.hour", "pay.activation"),
    "Events": ("date", "from", "to", "chance", "volume", "absence", "handle_time"),
    "More": (),
}  # fmt: skip
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?")
_SHARE = re.compile(r"[0-9.]+ ?%")
_INTRODUCTION = (
    "A scenario for ccsim: what a planner knows of a centre's day. `ccsim run` and every other command take this file as it is.",
    "",
    "Centre, More: one value a key, in the column headed value. Calls, Staff, Shrinkage, Contingent, Events: a column for each call type, "
    "group, category, pool or event; write its name into the first row.",
    "Volume, Handle time, Agents: a number for each interval of the day, in a column headed by the name of the call type or group, in "
    "place of `volume`, `handle_time.mean` or `agents` in the sheets of keys. Handle times are in seconds. Leave such a sheet empty where "
    "one number a day will do.",
    "What is left empty is as the column left out says. The column start with holds values to begin with where you know nothing better: "
    "they are not used unless you write them into a cell of your own.",
    "Durations carry a unit (90 s, 5 min, 1 h 30 min); shares are 0 to 1 or a percentage; clock times are such as 07:30, spans such as "
    "07:00-21:00. Several breaks, groups or dates are parted by semicolons. A cell may also hold what would stand behind the key in a "
    "scenario file, such as {mean: 5 min, cv: 1.1} or [english, [spanish, billing]].",
    "Keys that few need fold away in the margin: press the + to see them. Sheets named Notes, or x- and anything, are yours.",
)
Leaf = tuple[tuple[str, ...], Any]


def write_template(path: str | Path, scenario: Scenario | None = None) -> None:
    """Write the workbook at `path`, its cells filled with what `scenario` says, if given.

    Raises `ResultError` where it cannot be written, and `InputError` for a value that no cell holds.
    """
    import xlsxwriter

    with replacing(path) as partial, xlsxwriter.Workbook(str(partial), {"in_memory": True, "strings_to_formulas": False}) as book:
        _Writer(book, scenario).write()


class _Writer:
    """Fills one workbook. Text goes in as text, whatever it begins with."""

    def __init__(self, book: Any, scenario: Scenario | None) -> None:
        self.book = book
        self.scenario = scenario
        self.table = [row for row in key_table() if row.built]
        self.kinds = {row.path: row.kind for row in self.table}
        self.below = {row.path.rpartition(".")[0] for row in self.table}
        self.bold = book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True})
        self.words = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#444444"})
        self.key = book.add_format({"bold": True, "valign": "top"})
        self.start = book.add_format({"italic": True, "font_color": "#0072B2", "valign": "top", "text_wrap": True})
        self.formats = {
            name: book.add_format({"num_format": told, "valign": "top", "align": "left", "bg_color": "#FFF9E5", "border": 4})
            for name, told in (("number", "General"), ("share", "0.0########%"), ("date", "yyyy-mm-dd"), ("clock", "hh:mm"), ("text", "@"))
        }

    def write(self) -> None:
        """All sheets."""
        leaves = dict(self._leaves())
        by_interval = self._taken(leaves)
        self._read_me()
        for sheet, section in KEY_SHEETS.items():
            self._keys(sheet, section, leaves)
        for sheet in INTERVAL_SHEETS:
            self._intervals(sheet, by_interval[sheet])

    def _leaves(self) -> Iterator[Leaf]:
        """Path and value of everything that the scenario says, as far down as there are keys to name it by."""
        data = {} if self.scenario is None else self.scenario.data
        for key, value in data.items():
            if not key.startswith("x-"):
                yield from self._below((key.replace("-", "_"),), value)

    def _below(self, path: tuple[str, ...], value: Any) -> Iterator[Leaf]:
        named = path[0] in KEY_SHEETS.values()
        told = ".".join((path[0], "NAME", *path[2:]) if named else path)
        if isinstance(value, dict) and value and (told in self.below or (named and len(path) == 1)) and f"{told}.NAME" not in self.below:
            for key, inner in value.items():
                yield from self._below((*path, key if named and len(path) == 1 else key.replace("-", "_")), inner)
        else:
            yield path, value

    def _taken(self, leaves: dict[tuple[str, ...], Any]) -> dict[str, dict[str, list[float]]]:
        """Takes out of the leaves the lists by interval that have a sheet of their own; by sheet and name."""
        found: dict[str, dict[str, list[float]]] = {}
        for sheet, told in INTERVAL_SHEETS.items():
            found[sheet] = {}
            for path in [
                path for path, value in leaves.items() if isinstance(value, list) and len(path) > 1 and path == told.path(path[1])
            ]:
                numbers = [_plain_number(entry, told.unit == "s") for entry in leaves[path]]
                if all(number is not None for number in numbers) and len(numbers) == len(self._starts(len(numbers))):
                    found[sheet][path[1]] = [number for number in numbers if number is not None]
                    del leaves[path]
        return found

    def _starts(self, count: int) -> list[float]:
        """Clock times at which the first intervals of the path begin [s after midnight]."""
        if self.scenario is None:
            return []
        horizon = self.scenario.horizon
        return [float(horizon.clock(start)) for start in horizon.interval_start[:count].tolist()]

    def _read_me(self) -> None:
        page = self.book.add_worksheet("Read me")
        page.set_column(0, 0, 110)
        page.hide_gridlines(2)
        for row, words in enumerate(_INTRODUCTION):
            page.write_string(row, 0, words, self.words)

    def _keys(self, sheet: str, section: str, leaves: dict[tuple[str, ...], Any]) -> None:
        page = self.book.add_worksheet(sheet)
        names = list(dict.fromkeys(path[1] for path in leaves if section and path[0] == section and len(path) > 1))
        rows = list(self._rows(sheet, section))
        mine = [path for path in leaves if (path[0] == section and len(path) > 2 if section else self._is_in(path, sheet))]
        keys = [row.path for row in rows]
        said = [".".join(path[2:] if section else path) for path in mine]
        order = list(dict.fromkeys([*_USUAL[sheet], *said]))
        rest = [key for key in keys if key not in order]
        self._heads(page, names or ([""] * NAMED_COLUMNS if section else [VALUE]))
        known = {row.path: row for row in rows}
        for place, key in enumerate([*order, *rest], start=1):
            if place > len(order):
                page.set_row(place, None, None, {"level": 1, "hidden": True})
            columns = len(names) or (NAMED_COLUMNS if section else 1)
            self._row(page, place, key, known.get(key))
            self._choices(page, place, known.get(key), columns)
            for column in range(columns):
                path = (section, names[column], *key.split(".")) if section and names else tuple(key.split("."))
                page.write_blank(place, FIRST_VALUE + column, None, self.formats["number"])
                if path in leaves and (names or not section):
                    self._value(page, place, FIRST_VALUE + column, leaves[path], known[key].kind if key in known else "")
        if rest:
            page.set_row(len(order) + len(rest) + 1, None, None, {"collapsed": True})

    def _rows(self, sheet: str, section: str) -> Iterator[Row]:
        """Rows of the key table that stand on a sheet, their paths as they stand there."""
        for row in self.table:
            parts = row.path.split(".")
            if section and parts[:2] == [section, "NAME"] and "NAME" not in parts[2:]:
                yield row._replace(path=".".join(parts[2:]))
            elif not section and "NAME" not in parts and self._is_in(tuple(parts), sheet) and row.kind != "keys below":
                yield row

    def _is_in(self, path: tuple[str, ...], sheet: str) -> bool:
        """Whether a key at the left margin, or below one, stands on a sheet without names."""
        if path[0] in KEY_SHEETS.values():
            return False
        return ((len(path) == 1 and path[0] not in self.below) or path[0] in CENTRE) == (sheet == "Centre")

    def _heads(self, page: Any, columns: list[str]) -> None:
        page.freeze_panes(1, 1)
        for column, (head, width) in enumerate(zip(HEADS, (26, 60, 34, 22, 22), strict=True)):
            page.set_column(column, column, width)
            page.write_string(0, column, head, self.bold)
        page.set_column(FIRST_VALUE, FIRST_VALUE + len(columns) - 1, 20)
        for column, name in enumerate(columns, start=FIRST_VALUE):
            page.write_string(0, column, name, self.bold)

    def _choices(self, page: Any, place: int, row: Row | None, columns: int) -> None:
        """Offer the words of a key that takes one of several, and still let others be typed: the reader says what is wrong with them."""
        words = [] if row is None or not row.kind.startswith("one of ") else row.kind.removeprefix("one of ").split(", ")
        if words and len(",".join(words)) <= 255:
            told = {"validate": "list", "source": words, "error_type": "information"}
            page.data_validation(place, FIRST_VALUE, place, FIRST_VALUE + columns - 1, told)

    def _row(self, page: Any, place: int, key: str, row: Row | None) -> None:
        page.write_string(place, 0, key, self.key)
        if row is not None:
            may = row.kind + (f" ({row.limits})" if row.limits else "")
            for column, (words, look) in enumerate(
                (
                    (row.meaning, self.words),
                    (may, self.words),
                    ("required" if row.required else row.default, self.words),
                    (row.start, self.start),
                ),
                start=1,
            ):
                page.write_string(place, column, words, look)

    def _value(self, page: Any, row: int, column: int, value: Any, kind: str) -> None:
        """One value, as a number, date or time where it is one."""
        text = str(value) if isinstance(value, str) else flow(value)
        if isinstance(value, list) and value and kind.startswith(("list of breaks", "list of dates")):
            text = "; ".join(map(str, value))
        if len(text) > LONGEST_TEXT:
            raise InputError(
                f"a value of the scenario has {len(text):,} characters, and a cell holds {LONGEST_TEXT:,}; put it into a CSV file"
            )
        if not isinstance(value, Plain):
            quoted = kind != "text" and isinstance(value, str)
            page.write_string(row, column, flow(value) if quoted else text, self.formats["text"])
        elif kind == "text":
            page.write_string(row, column, text, self.formats["text"])
        elif _NUMBER.fullmatch(text) and _fits(float(text)):
            page.write_number(row, column, float(text), self.formats["number"])
        elif _SHARE.fullmatch(text) and _fits(parse_share(text)):
            page.write_number(row, column, parse_share(text), self.formats["share"])
        elif kind == "date":
            day = parse_date(text)
            page.write_datetime(row, column, dt.datetime(day.year, day.month, day.day), self.formats["date"])
        elif kind == "clock time" and parse_clock(text) < 86400.0:
            page.write_number(row, column, parse_clock(text) / 86400.0, self.formats["clock"])
        elif text in ("true", "false"):
            page.write_boolean(row, column, text == "true", self.formats["number"])
        else:
            page.write_string(row, column, text, self.formats["text"])

    def _intervals(self, sheet: str, columns: dict[str, list[float]]) -> None:
        page = self.book.add_worksheet(sheet)
        page.freeze_panes(1, 1)
        page.set_column(0, 0, 10)
        page.set_column(1, max(len(columns), NAMED_COLUMNS), 16)
        page.write_string(0, 0, "start", self.bold)
        for column, (name, numbers) in enumerate(columns.items(), start=1):
            page.write_string(0, column, name, self.bold)
            for row, number in enumerate(numbers, start=1):
                page.write_number(row, column, number, self.formats["number"])
        longest = max((len(numbers) for numbers in columns.values()), default=0)
        for row, start in enumerate(self._starts(longest), start=1):
            page.write_number(row, 0, start / 86400.0, self.formats["clock"])


def _plain_number(entry: Any, seconds: bool) -> float | None:
    """A number of a list by interval; None for what is none."""
    text = str(entry)
    if seconds:
        text = text.removesuffix("s").rstrip() if text.endswith("s") else ""
    return float(text) if isinstance(entry, Plain) and _NUMBER.fullmatch(text) and _fits(float(text)) else None


def _fits(number: float) -> bool:
    """Whether a cell keeps a number as it is: cells have 16 digits. Others are written as text."""
    return float(f"{number:.16G}") == number
