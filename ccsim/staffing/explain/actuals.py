"""What a file says that happened: a CSV with a row for each interval, or for each interval and call type.

Columns are known by their headings, as switches and workforce tools write them; capitals, blanks and underscores make no difference:

    start         when the interval began: 07:00 on a path of one day, or 2027-04-12 07:00
    offered       calls that came in
    aht           mean handle time: seconds, 5:12, 0:05:12, `5 min 12 s`, or all of them as a spreadsheet's fractions of a day
    agents        agents on duty on average, contingents included
    absent        people who should have been there and were away, on leave or absent, on average
    service level, mean wait, asa, abandoned      what callers met with: a share or per cent, lengths of time as above, calls
    call type     where rows are by call type; `agents` and `absent` stand in any or all of an interval's rows

`start` and `offered` are needed, for every interval that is measured; what else there is decides on the steps that can be told apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ccsim.errors import InputError
from ccsim.inputs.faults import Fault, listed, nearest
from ccsim.inputs.files import Folder
from ccsim.measures.definitions import target_measure
from ccsim.staffing.crews import Floats
from ccsim.staffing.explain.features import callers_of
from ccsim.units import DAY, parse_clock, parse_duration, parse_number, shown

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

HEADINGS: Final = {
    "start": ("start", "interval", "time", "period", "interval start", "start time"),
    "offered": ("offered", "calls offered", "calls", "volume", "acd calls", "nco", "contacts"),
    "aht": ("aht", "avg handle time", "average handle time", "handle time", "mean handle time"),
    "agents": ("agents", "agents on duty", "on duty", "avg pos staff", "staffed"),
    "absent": ("absent", "absences", "away", "people absent"),
    "service_level": ("service level", "sl", "% within service level", "in serv levl", "service level offered"),
    "mean_wait": ("mean wait", "average wait", "avg wait"),
    "asa": ("asa", "average speed of answer", "avg speed ans"),
    "abandoned": ("abandoned", "aban calls", "hung up", "abandons"),
    "call_type": ("call type", "type", "queue", "skill"),
}
_NEEDED: Final = ("start", "offered")
_CLOCKED = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2}(?:\.\d+)?)")
_STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]+(\d{1,2}:\d{2})(?::00)?")


@dataclass(frozen=True)
class Actuals:
    """What happened, by interval of the path (I) and type of callers (T); nan where the file does not say."""

    name: str
    types: tuple[str, ...]
    by_type: bool  # False: the file has one row an interval, for all types together
    offered: Floats  # [T, I]; [1, I] for all types together
    handle_time: Floats | None  # likewise [s]
    agents: Floats | None  # [I]
    absent: Floats | None  # [I]
    outcomes: dict[str, float] = field(default_factory=dict)  # measures of the whole measured time, by name


def read_actuals(file: str | Path, scenario: Scenario) -> Actuals:
    """What the file says of the intervals of a scenario's path.

    Raises `InputError` with the file, the line and what would do.
    """
    path = Path(file)
    try:
        header, rows = Folder(path.parent).table((), path.name)
    except Fault as fault:
        raise InputError(f"{file}: {fault.sentence}") from None
    return _Table(str(file), scenario, header, rows).read()


class _Table:
    """The rows of a file, and where they belong."""

    def __init__(self, name: str, scenario: Scenario, header: list[str], rows: list[tuple[int, list[str]]]) -> None:
        self.name, self.scenario, self.rows = name, scenario, rows
        self.columns = _columns(name, header)
        self.types = callers_of(scenario)
        self.by_type = "call_type" in self.columns and len(self.types) > 1
        self.height = len(self.types) if self.by_type else 1
        self.places = [self._place(line, row) for line, row in rows]
        self._check_places()

    def read(self) -> Actuals:
        offered = self._cells("offered", parse_number, needed=True)
        assert offered is not None
        handle_time = self._cells("aht", _time)
        if handle_time is not None:
            handle_time = np.where(handle_time > 0.0, handle_time, np.nan)
            if np.nanmax(handle_time, initial=0.0) < 1.0:
                handle_time = handle_time * DAY  # a spreadsheet's fractions of a day
        counted = np.nan_to_num(offered)
        by_interval = {name: self._of_interval(name) for name in ("agents", "absent")}
        outcomes = self._outcomes(counted)
        return Actuals(self.name, self.types, self.by_type, counted, handle_time, by_interval["agents"], by_interval["absent"], outcomes)

    def _outcomes(self, offered: Floats) -> dict[str, float]:
        """Measures of the measured time, each interval with the weight that it has in the measure."""
        found: dict[str, float] = {}
        measured = self.scenario.horizon.measured
        abandoned = self._cells("abandoned", parse_number)
        if abandoned is not None:
            found["abandoned_fraction"] = _mean(np.ones_like(offered), np.nan_to_num(abandoned)[:, measured], offered[:, measured])
        level = self._cells("service_level", _share)
        if level is not None:
            level = level / 100.0 if np.nanmax(level, initial=0.0) > 1.0 else level
            answered = offered - np.nan_to_num(abandoned) if abandoned is not None else offered
            weights = answered if self.scenario.target.variant == "answered" else offered
            found[target_measure(self.scenario.target.variant)] = _weighted(level[:, measured], weights[:, measured])
        for column, measure in (("mean_wait", "mean_wait"), ("asa", "average_speed_of_answer")):
            waits = self._cells(column, _time)
            if waits is not None:
                answered = offered - np.nan_to_num(abandoned) if abandoned is not None and column == "asa" else offered
                found[measure] = _weighted(waits[:, measured], answered[:, measured])
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def _cells(self, column: str, reads: Callable[[str], float], needed: bool = False) -> Floats | None:
        """A column by type and interval, [T, I]; nan where a field is empty or a row is missing."""
        if column not in self.columns:
            return None
        found = np.full((self.height, self.scenario.horizon.intervals), np.nan)
        for (line, row), place in zip(self.rows, self.places, strict=True):
            if place is not None:
                found[place] = self._number(line, row, column, reads, needed)
        return found

    def _of_interval(self, column: str) -> Floats | None:
        """A column that is the same for all types, [I]; raises `InputError` where rows of one interval differ, or all are empty."""
        cells = self._cells(column, parse_number)
        if cells is None:
            return None
        measured = self.scenario.horizon.measured
        with np.errstate(invalid="ignore"):
            low, high = np.nanmin(np.where(np.isnan(cells), np.inf, cells), axis=0), np.nanmax(np.nan_to_num(cells, nan=-np.inf), axis=0)
        for i in np.flatnonzero(measured):
            when = self.scenario.horizon.moment(float(self.scenario.horizon.interval_start[i]))
            if math.isinf(low[i]):
                raise InputError(f"{self.name}: `{column}` is empty at {when}; every interval needs a number, 0 included")
            if low[i] != high[i]:
                raise InputError(
                    f"{self.name}: rows of {when} have {low[i]:g} and {high[i]:g} {column}; give the number of everybody there"
                )
        return np.where(np.isinf(low), np.nan, low)

    def _number(self, line: int, row: list[str], column: str, reads: Callable[[str], float], needed: bool) -> float:
        cell = row[self.columns[column]].strip()
        if not cell and not needed:
            return math.nan
        try:
            number = reads(cell)
        except InputError as error:
            hint = "; a decimal comma or a separator between thousands? Write 1234.5" if "," in cell else ""
            raise InputError(f"{self.name}, line {line}, `{column}`: {error}{hint}") from None
        if number < 0.0:
            raise InputError(f"{self.name}, line {line}, `{column}`: {shown(cell)} is negative; every number must be 0 or more")
        return number

    def _place(self, line: int, row: list[str]) -> tuple[int, int] | None:
        """Where a row belongs, type and interval; None for a type or a day that the scenario does not play."""
        kind = 0
        if "call_type" in self.columns:
            name = row[self.columns["call_type"]].strip()
            if name not in self.scenario.calls:
                near = nearest(name, list(self.types))
                hint = f"did you mean {shown(near)}?" if near else f"the call types are {listed(list(self.types))}"
                raise InputError(f"{self.name}, line {line}: there is no call type {shown(name)}; {hint}")
            if name not in self.types:
                return None
            kind = self.types.index(name) if self.by_type else 0
        return kind, self._interval(line, row[self.columns["start"]].strip())

    def _interval(self, line: int, text: str) -> int:
        horizon = self.scenario.horizon
        stamp = _STAMP.fullmatch(text)
        try:
            if stamp is None:
                wanted = f"{horizon.date}T{_clock(parse_clock(text))}"
                if self.scenario.days > 1:
                    raise InputError(
                        f"{self.name}, line {line}: {shown(text)} may be on any of {self.scenario.days} days; give the date too"
                    )
            else:
                wanted = f"{stamp[1]}T{_clock(parse_clock(stamp[2]))}"
        except InputError as error:
            if "line" in str(error):
                raise
            raise InputError(f"{self.name}, line {line}, `start`: {error}, or a date before it, such as {horizon.date} 07:00") from None
        found = self._starts.get(wanted)
        if found is None:
            raise InputError(
                f"{self.name}, line {line}: no interval of the scenario begins at {wanted.replace('T', ' ')}; "
                f"they begin at {', '.join(self._first_starts())} and so on"
            )
        return found

    @property
    def _starts(self) -> dict[str, int]:
        if not hasattr(self, "_known"):
            starts: list[float] = self.scenario.horizon.interval_start.tolist()
            self._known = {self.scenario.horizon.stamp(start)[:16]: i for i, start in reversed(list(enumerate(starts)))}
        return self._known

    def _first_starts(self) -> list[str]:
        return [stamp.replace("T", " ") for stamp in sorted(self._starts)[:3]]

    def _check_places(self) -> None:
        """Raise `InputError` for two rows of one place, and for measured intervals without a row."""
        seen: dict[tuple[int, int], int] = {}
        for (line, _), place in zip(self.rows, self.places, strict=True):
            if place is not None and place in seen:
                raise InputError(f"{self.name}, lines {seen[place]} and {line} are about the same interval; keep one")
            if place is not None:
                seen[place] = line
        for i in np.flatnonzero(self.scenario.horizon.measured):
            if not any((kind, int(i)) in seen for kind in range(self.height)):
                when = self.scenario.horizon.moment(float(self.scenario.horizon.interval_start[i]))
                raise InputError(f"{self.name}: there is no row for {when}; every interval that is measured needs one")


def _columns(name: str, header: list[str]) -> dict[str, int]:
    """Where each column stands."""
    plain = [" ".join(head.lower().replace("_", " ").split()) for head in header]
    found = {}
    for column, words in HEADINGS.items():
        there = [plain.index(word) for word in words if word in plain]
        if there:
            found[column] = there[0]
    for column in _NEEDED:
        if column not in found:
            raise InputError(f"{name}: there is no column `{column}` among {listed(header, 8)}; it may also be called "
                             f"{' or '.join(HEADINGS[column][1:4])}")  # fmt: skip
    return found


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}"


def _time(cell: str) -> float:
    """A length of time: seconds, 5:12, 0:05:12, or with units. [s]"""
    clocked = _CLOCKED.fullmatch(cell)
    if clocked is not None:
        return float(clocked[1] or 0) * 3600.0 + float(clocked[2]) * 60.0 + float(clocked[3])
    return parse_duration(cell) if cell[-1:].isalpha() else parse_number(cell, "a length of time")


def _share(cell: str) -> float:
    """A share as it is written: 0.85, 85 or 85 %; those above 1 are per cent, and so is then the whole column."""
    return parse_number(cell.removesuffix("%").strip(), "a share")


def _weighted(values: Floats, weights: Floats) -> float:
    """The mean of values that are known."""
    known = ~np.isnan(values)
    return _mean(np.where(known, values, 0.0), np.where(known, weights, 0.0), np.where(known, weights, 0.0))


def _mean(values: Floats, weights: Floats, under: Floats) -> float:
    total = float(under.sum())
    return float((values[:, : weights.shape[1]] * weights).sum()) / total if total > 0.0 else math.nan
