"""Logs of people: published rosters, and attendance (who was scheduled, who came, and when).

Both have a row for each stretch or shift of a person. What activity codes mean is told once, in a file with the columns `code` and
`meaning`: on duty, paid break, unpaid break, off, or the name of a category with its kind, such as `sickness: absence`, `leave: planned`,
`training: in-shift`. An attendance log has besides the schedule the columns `came` and `left`; who has none did not come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting import columns as names
from ccsim.fitting.cells import DateOrder, Moments, Texts, is_empty, settle_dates
from ccsim.fitting.problems import CELL_OUT, ROW_OUT, Problems
from ccsim.fitting.records import days_of, missing_column, moments_of, note_ragged, texts_of
from ccsim.fitting.tables import open_table
from ccsim.inputs.faults import listed, plain
from ccsim.units import shown

if TYPE_CHECKING:
    import pandas as pd

ON_DUTY, PAID_BREAK, UNPAID_BREAK, OFF = "on duty", "paid break", "unpaid break", "off"
APART: Final = np.timedelta64(2, "h")  # stretches of a person less than this apart are of one shift
LONGEST_NIGHT: Final = np.timedelta64(16, "h")  # from an evening to the next day, where a file gives clock times
BEFORE: Final = np.timedelta64(12, "h")  # before its start, or after its end, a person came to no shift, nor left it
KINDS: Final = ("planned", "absence", "in-shift")
_KNOWN: Final = {
    **dict.fromkeys(("on queue", "phone", "calls", "available", "work", "on duty", "shift", ""), (ON_DUTY, "")),
    **dict.fromkeys(("break", "pause", "rest", "paid break"), (PAID_BREAK, "")),
    **dict.fromkeys(("lunch", "meal", "unpaid break"), (UNPAID_BREAK, "")),
    **dict.fromkeys(("off", "day off"), (OFF, "")),
    **dict.fromkeys(("sick", "sickness", "ill"), ("sickness", "absence")),
    **dict.fromkeys(("absent", "absence"), ("absence", "absence")),
    **dict.fromkeys(("no show", "noshow", "ncns"), ("no-show", "absence")),
    **dict.fromkeys(("leave", "annual leave", "vacation", "holiday", "pto"), ("annual leave", "planned")),
    **dict.fromkeys(("training",), ("training", "in-shift")),
    **dict.fromkeys(("coaching",), ("coaching", "in-shift")),
    **dict.fromkeys(("meeting",), ("meetings", "in-shift")),
}


@dataclass(frozen=True)
class PeopleLog:
    """Stretches of people's days.

    `frame`: `row` (in the file), `agent`, `start`, `end` (datetime64[ns]), `meaning`, `kind` (empty, or that of a category of shrinkage),
    `came` and `left` (not-a-time where the log does not say).
    """

    name: str
    frame: pd.DataFrame
    attendance: bool  # whether the file says who came
    problems: Problems
    rows: int


def read_activities(file: str | Path) -> dict[str, tuple[str, str]]:
    """What activity codes mean, from a file with the columns `code` and `meaning`: meaning and kind by the plain spelling of the code."""
    with open_table(file) as table:
        found = names.find_columns(table.name, table.header, {"code": ("code", "activity", "state"), "meaning": ("meaning", "means")})
        for needed in ("code", "meaning"):
            if needed not in found:
                raise InputError(f"{file} has no column `{needed}`; activity codes need `code` and `meaning`")
        told = {}
        for part in table.parts:
            for number, row in zip(part.numbers, part.rows, strict=True):
                told[_code(row[found["code"]])] = _meaning(f"{file}, line {number}", row[found["meaning"]])
    return told


def _code(text: str) -> str:
    return plain(text).replace("_", " ")


def _meaning(where: str, text: str) -> tuple[str, str]:
    name, colon, kind = (piece.strip() for piece in text.partition(":"))
    if not colon and name.lower() in (ON_DUTY, PAID_BREAK, UNPAID_BREAK, OFF):
        return name.lower(), ""
    if colon and name and kind.lower() in KINDS:
        return name, kind.lower()
    raise InputError(
        f"{where}: {shown(text)} is no meaning of an activity; write on duty, paid break, unpaid break, off, or a name and its kind "
        f"({listed(KINDS)}), such as `sickness: absence`"
    )


def read_people(
    source: str | Path,
    columns: Mapping[str, str] | None = None,
    activities: Mapping[str, tuple[str, str]] | None = None,
    dates: DateOrder | None = None,
    sheet: str | None = None,
) -> PeopleLog:
    """A roster or attendance log; rows that cannot be read are noted.

    Raises `InputError` where columns are missing or a code is not known.
    """
    with open_table(source, sheet) as table:
        name, header, parts = table.name, table.header, list(table.parts)
    places = names.find_columns(name, header, names.PEOPLE, columns)
    for needed in ("agent", "start", "end"):
        if needed not in places:
            raise InputError(missing_column(name, needed, header))
    problems = Problems()
    for part in parts:
        note_ragged(problems, part, header)
    rows = [row for part in parts for row in part.rows]
    numbers = np.array([number for part in parts for number in part.numbers], dtype=np.int64)
    if not rows:
        raise InputError(f"{name} has a heading and no rows that can be read")
    cells = {meaning: texts_of(rows, place) for meaning, place in places.items()}
    days = days_of(name, cells.get("date"), dates, None, len(rows))
    moments = {
        meaning: _moments(f"{name}, column `{meaning}`", cells.get(meaning), dates, days, len(rows))
        for meaning in ("start", "end", "came", "left")
    }
    return _log(name, cells, moments, numbers, _meanings(name, cells, numbers, activities), problems, len(rows), days is not None)


def _moments(where: str, column: Texts | None, dates: DateOrder | None, days: Moments | None, count: int) -> Moments:
    if column is None:
        return np.full(count, np.datetime64("NaT", "ns"))
    return moments_of(column, settle_dates(where, column, dates, days is not None), days)


def _meanings(name: str, cells: dict[str, Texts], numbers: Any, activities: Mapping[str, tuple[str, str]] | None) -> list[tuple[str, str]]:
    known = {**_KNOWN, **(activities or {})}
    if "activity" not in cells:
        return [(ON_DUTY, "")] * len(numbers)
    codes = [_code(text) for text in cells["activity"]]
    unknown = {code: number for code, number in zip(codes[::-1], numbers[::-1], strict=True) if code not in known}
    if unknown:
        code, number = next(iter(sorted(unknown.items(), key=lambda item: int(item[1]))))
        raise InputError(
            f"{name}, line {number}: the activity {shown(code)} is not known, nor {len(unknown) - 1} more; say what codes mean in a file "
            "with the columns code and meaning, and name it with --activities"
            if len(unknown) > 1
            else f"{name}, line {number}: the activity {shown(code)} is not known; say what it means in a file with the columns code and "
            "meaning, and name it with --activities"
        )
    return [known[code] for code in codes]


def _log(
    name: str, cells: dict[str, Texts], moments: dict[str, Moments], numbers: Any, meanings: list[tuple[str, str]],
    problems: Problems, rows: int, clocks: bool,
) -> PeopleLog:  # fmt: skip
    """The rows put together; ends before starts are of the next day where the file gives clock times."""
    import pandas as pd

    start, end, came, left = (moments[key] for key in ("start", "end", "came", "left"))
    turned = np.zeros(len(start), dtype=bool)
    if clocks:
        day = np.timedelta64(1, "D")
        over = end <= start
        end = np.where(over, end + day, end)
        turned = over & (end - start > LONGEST_NIGHT)
        came = np.where(start - came > np.timedelta64(12, "h"), came + day, came)
        left = np.where(left < start - np.timedelta64(6, "h"), left + day, left)
    bad = np.isnat(start) | np.isnat(end) | is_empty(cells["agent"])
    for place in np.flatnonzero(bad):
        problems.add(
            int(numbers[place]), "", cells["start"][place], "the agent, the start or the end is missing or cannot be read", ROW_OUT
        )
    for place in np.flatnonzero(turned & ~bad):
        problems.add(
            int(numbers[place]), "end", cells["end"][place], "the end is before the start, and no night's work is that long", ROW_OUT
        )
    wrong = ~bad & ~turned & ((end <= start) | (end - start > np.timedelta64(24, "h")))
    for place in np.flatnonzero(wrong):
        problems.add(int(numbers[place]), "end", cells["end"][place], "the end is not within 24 hours after the start", ROW_OUT)
    for column, values in (("came", came), ("left", left)):
        if column in cells:
            for place in np.flatnonzero(np.isnat(values) & ~is_empty(cells[column]) & ~bad):
                problems.add(int(numbers[place]), column, cells[column][place], f"no moment under `{column}`", CELL_OUT)
    frame = pd.DataFrame(
        {
            "row": numbers,
            "agent": pd.Series([text.strip() for text in cells["agent"]], dtype=object),
            "start": start,
            "end": end,
            "meaning": pd.Series([meaning for meaning, _ in meanings], dtype=object),
            "kind": pd.Series([kind for _, kind in meanings], dtype=object),
            "came": came,
            "left": left,
        }
    )
    frame = frame[~(bad | wrong | turned)]
    frame = _possible(frame, problems)
    twice = frame.duplicated(["agent", "start", "end", "meaning"]).to_numpy()
    for row in frame["row"][twice]:
        problems.add(int(row), "", "", "the same stretch of the same person stands there twice; the later row is not used", ROW_OUT)
    frame = frame[~twice & (frame["meaning"] != OFF).to_numpy()].sort_values(["start", "agent"], kind="stable").reset_index(drop=True)
    if frame.empty:
        raise InputError(f"{name}: no row on which anybody works could be read")
    return PeopleLog(name, frame, "came" in cells, problems, rows)


def _possible(frame: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """The rows whose person came and left at moments that can be of the shift; the others are noted."""
    ordered = frame.sort_values(["agent", "start", "end"], kind="stable")
    until = ordered.groupby("agent", sort=False)["end"].cummax().groupby(ordered["agent"], sort=False).shift()
    shift = (until.isna() | (ordered["start"] - until >= APART)).cumsum()
    first, last = ordered.groupby(shift)["start"].transform("min"), ordered.groupby(shift)["end"].transform("max")
    came, left = ordered["came"], ordered["left"]
    out = np.zeros(len(ordered), dtype=bool)
    for column, wrong, reason in (
        ("came", came >= last, "came when the shift had ended"),
        ("came", came < first - BEFORE, "came more than 12 hours before the shift"),
        ("left", left <= first, "left before the shift began"),
        ("left", left > last + BEFORE, "left more than 12 hours after the shift"),
        ("left", left < came, "left before coming"),
    ):
        fault = wrong.to_numpy() & ~out
        for row, moment in zip(ordered["row"][fault], ordered[column][fault], strict=True):
            problems.add(int(row), column, str(moment), reason, ROW_OUT)
        out |= fault
    return frame.loc[ordered.index[~out].sort_values()]
