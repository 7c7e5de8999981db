"""How a scenario stands in a workbook: its sheets, and what belongs in their cells.

Sheets of keys have a row a key; those of what has names (call types, groups, categories, pools, events) have a column for each of them,
headed by its name, the others one column. Sheets by interval have a row for each interval of a day or of the path, and a column a name.
"""

from __future__ import annotations

from typing import NamedTuple

from ccsim.inputs.faults import Path

# Columns of the sheets of keys: what stands before the values
HEADS = ("key", "what it is", "what may be written", "left out", "start with")
FIRST_VALUE = len(HEADS)  # column of the first value, counted from 0
VALUE = "value"  # head of the only column of sheets without names


class IntervalSheet(NamedTuple):
    """A sheet with a number for each interval: the section whose names head its columns, the key, and the unit of its numbers."""

    section: str
    key: tuple[str, ...]
    unit: str

    def path(self, name: str) -> Path:
        """The key at which the column of that name stands in a scenario file."""
        return (self.section, name, *self.key)


# The section whose entries are the sheet's columns; empty for keys at the left margin
KEY_SHEETS = {
    "Centre": "",
    "Calls": "calls",
    "Staff": "staff",
    "Shrinkage": "shrinkage",
    "Contingent": "contingent",
    "Events": "events",
    "More": "",
}
# What stands under `Centre`; all other keys at the left margin that have keys below are under `More`
CENTRE = ("target", "cost", "fte")
INTERVAL_SHEETS = {
    "Volume": IntervalSheet("calls", ("volume",), "calls"),
    "Handle time": IntervalSheet("calls", ("handle_time", "mean"), "s"),
    "Agents": IntervalSheet("staff", ("agents",), "agents"),
}
NOTES = ("Read me", "Notes")  # sheets that are not read; nor are those whose name begins with x-


def cell_name(row: int, column: int) -> str:
    """A cell as spreadsheets call it; row and column are counted from 0.

    >>> cell_name(0, 0), cell_name(11, 27)
    ('A1', 'AB12')
    """
    letters = ""
    place = column + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"
