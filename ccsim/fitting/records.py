"""Records of calls, one a row, and counts by interval, as switches and workforce tools export them.

    read_calls("calls.csv")       -> CallRecords, with a row for each call
    read_counts("april.xlsx")     -> IntervalCounts, with a row for each interval and call type

Both read part by part. Of a very long log the calls of a fixed share of the callers are kept and all calls are counted, so that memory is
bounded whatever the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting import columns as names
from ccsim.fitting.problems import CELL_OUT, ROW_OUT, Problems
from ccsim.inputs.faults import listed
from ccsim.units import DAY, parse_date, shown

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.cells import DateOrder, DateReading, Moments, Texts
    from ccsim.fitting.tables import Part

CountedAt = Literal["arrival", "end"]
ANSWERED, ABANDONED, BLOCKED = "answered", "abandoned", "blocked"
LEFT_OUT = "left out"
WORDS: Final = {
    **dict.fromkeys(("answered", "agent", "handled", "served", "connected", "completed", "complete", "yes", "y", "true", "1"), ANSWERED),
    **dict.fromkeys(("abandoned", "hang", "hung up", "hangup", "abandon", "aban", "lost", "no", "n", "false", "0", "missed"), ABANDONED),
    **dict.fromkeys(("blocked", "busy", "busy signal", "rejected"), BLOCKED),
}
NOBODY: Final = frozenset(("none", "", "-", "nobody", "no agent", "na", "n/a", "nan"))
UNKNOWN_CALLERS: Final = frozenset(
    ("-1", "0", "unknown", "anonymous", "withheld", "private", "unavailable", "none", "", "na", "n/a", "nan", "-")
)
KEEP = 1_000_000  # calls that are held one by one
LONGEST_HANDLE = 7_200.0  # s; longer ones are faults of the switch far more often than calls
LONGEST_WAIT = 43_200.0  # s
DURATIONS: Final = ("wait", "handle_time", "talk", "hold", "wrap")


@dataclass(frozen=True)
class CallRecords:
    """Calls that wanted an agent, in order of arrival.

    `frame` has a row a call: `row` (in the file), `arrival` (datetime64[ns], the clock on the wall), `call_type`, `outcome` ("answered",
    "abandoned" or "blocked"), `wait` [s], `handle_time`, `talk`, `hold`, `wrap` [s, nan where not known or not answered], `agent` and
    `caller` (None where not known), `priority` (as the file has it, higher first; 0 where it says nothing).
    """

    name: str
    frame: pd.DataFrame
    counts: IntervalCounts  # of all calls, by type and interval of arrival
    problems: Problems
    rows: int  # rows of the file, heading apart
    share: float = 1.0  # of the callers, whose calls stand in `frame`
    notes: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)  # meaning: heading

    @property
    def types(self) -> tuple[str, ...]:
        """Call types, the busiest first."""
        return self.counts.types


@dataclass(frozen=True)
class IntervalCounts:
    """Counts by interval and call type, in order of time.

    `frame` has a row for each interval and type that the file has: `start` (datetime64[ns]), `call_type`, `offered`, `handled`,
    `abandoned`, `blocked` (calls), `aht`, `talk`, `hold`, `wrap`, `mean_wait`, `asa` [s], `service_level` (0 to 1), `agents`, `required`,
    `scheduled`; nan where not known.
    """

    name: str
    frame: pd.DataFrame
    interval: float  # s
    counted_at: CountedAt
    problems: Problems
    rows: int
    notes: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def types(self) -> tuple[str, ...]:
        """Call types, the busiest first."""
        totals = self.frame.groupby("call_type", sort=False)["offered"].sum().sort_values(ascending=False, kind="stable")
        return tuple(str(name) for name in totals.index)


def read_calls(
    source: str | Path | pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    *,
    outcomes: Mapping[str, str] | None = None,
    leave_out: Sequence[Mapping[str, str]] = (),
    dates: DateOrder | None = None,
    date: str | None = None,
    sheet: str | None = None,
    interval: float = 1800.0,
    keep: int = KEEP,
) -> CallRecords:
    """The calls in a file, or in a DataFrame of the same columns.

    `columns` maps meanings to headings (`{"arrival": "q_start_s"}`; an empty heading says that a meaning has no column). `outcomes` maps
    words of the outcome column to answered, abandoned, blocked or left out. `leave_out` has conditions on columns of the file: rows that
    meet all of one (`{"outcome": "HANG", "q_time": "0"}`) are no callers of ours; they are counted and left out. `dates` says whether day
    or month stands first, `date` from which day's midnight plain seconds count. Of more than `keep` calls a share of the callers is kept.
    Raises `InputError` where columns are missing or nothing can be read.
    """
    from ccsim.fitting.gathering import Gathering
    from ccsim.fitting.tables import open_table

    gathering = Gathering(columns, outcomes, leave_out, dates, date, interval, keep)
    if isinstance(source, (str, Path)):
        with open_table(source, sheet) as table:
            gathering.begin(table.name, table.header)
            gathering.notes += above_heading(table.skipped)
            for part in table.parts:
                gathering.add(part)
    else:
        gathering.begin("the table", [str(title) for title in source.columns])
        gathering.add(_part_of(source))
    return gathering.finish()


def _part_of(frame: pd.DataFrame) -> Part:
    """A DataFrame as rows of text, numbered from 1."""
    from ccsim.fitting.tables import Part, spelt

    texts = []
    for _, column in frame.items():
        missing = column.isna().to_numpy()
        texts.append(["" if gone else spelt(cell) for cell, gone in zip(column.tolist(), missing, strict=True)])
    return Part(list(range(1, len(frame) + 1)), [list(row) for row in zip(*texts, strict=True)], [])


def read_counts(
    source: str | Path | pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    *,
    counted_at: CountedAt = "arrival",
    dates: DateOrder | None = None,
    date: str | None = None,
    sheet: str | None = None,
) -> IntervalCounts:
    """The counts by interval in a file, or in a DataFrame of the same columns.

    `counted_at` says whether the switch counts a call where it arrived or where it ended. The length of the intervals is the commonest
    distance between two. Raises `InputError` where columns are missing or nothing can be read.
    """
    from ccsim.fitting.tables import open_table

    if counted_at not in ("arrival", "end"):
        raise InputError(f"found {shown(counted_at)} for counted_at, where arrival or end belongs")
    parts: list[Part]
    skipped = 0
    if isinstance(source, (str, Path)):
        with open_table(source, sheet) as table:
            name, header, parts, skipped = table.name, table.header, list(table.parts), table.skipped
    else:
        name, header, parts = "the table", [str(title) for title in source.columns], [_part_of(source)]
    return _Counts(name, header, parts, columns, dates, date).read(counted_at, above_heading(skipped))


def above_heading(lines: int) -> list[str]:
    """A sentence on lines above the heading of a file, where there are any."""
    if lines == 1:
        return ["the line above the heading, such as a title, was passed over"]
    return [f"{lines} lines above the heading, such as a title, were passed over"] if lines else []


def looks_like_counts(source: str | Path, columns: Mapping[str, str] | None = None, sheet: str | None = None) -> bool:
    """Whether a file has a column of counts, and so a row an interval, rather than a row a call."""
    from ccsim.fitting.tables import open_table

    told = dict(columns or {})
    if "arrival" in told:
        return False
    if "offered" in told:
        return True
    with open_table(source, sheet) as table:
        plains = {names.plain_heading(title) for title in table.header}
    has_counts = bool(plains.intersection(names.COUNTS["offered"]) | plains.intersection(names.COUNTS["handled"]))
    return has_counts and not plains.intersection((*names.CALLS["arrival"][:4], "wait", "outcome", "q start"))


class _Counts:
    """The rows of a file of counts."""

    def __init__(
        self,
        name: str,
        header: list[str],
        parts: list[Part],
        columns: Mapping[str, str] | None,
        dates: DateOrder | None,
        date: str | None,
    ) -> None:
        from ccsim.fitting.cells import settle_dates

        self.name, self.header = name, header
        self.places = names.find_columns(name, header, names.COUNTS, columns)
        if "start" not in self.places and "date" in self.places:
            self.places["start"] = self.places.pop("date")  # one row a day
        for needed in ("start", "offered"):
            if needed not in self.places and not (needed == "offered" and "handled" in self.places):
                raise InputError(missing_column(name, needed, header))
        self.problems = Problems()
        self.numbers = np.array([number for part in parts for number in part.numbers], dtype=np.int64)
        for part in parts:
            note_ragged(self.problems, part, header)
        rows = [row for part in parts for row in part.rows]
        self.total = len(rows) + sum(len(part.ragged) for part in parts)
        self.cells: dict[str, Texts] = {meaning: texts_of(rows, place) for meaning, place in self.places.items()}
        if not rows:
            raise InputError(f"{name} has a heading and no rows that can be read")
        # Intervals are named by their start, or as a span from start to end.
        starts = np.array([text.split(" - ")[0] if " - " in text else _before_dash(text) for text in self.cells["start"]], dtype=object)
        days = days_of(name, self.cells.get("date"), dates, date, len(rows))
        self.reading: DateReading = settle_dates(f"{name}, column {shown(header[self.places['start']])}", starts, dates, days is not None)
        self.start = moments_of(starts, self.reading, days)

    def read(self, counted_at: CountedAt, notes: Sequence[str] = ()) -> IntervalCounts:
        import pandas as pd

        from ccsim.fitting.cells import are_fractions, is_empty, read_durations, read_numbers
        from ccsim.fitting.mended import far_days, joined, note_far, spellings

        found: dict[str, Any] = {"start": self.start, "call_type": type_names(self.cells.get("call_type"), len(self.start))}
        bad = np.isnat(self.start)
        for row in np.flatnonzero(bad):
            self.problems.add(int(self.numbers[row]), "start", self.cells["start"][row], "the moment cannot be read", ROW_OUT)
        lengths = [name for name in ("aht", "talk", "hold", "wrap", "mean_wait", "asa") if name in self.cells]
        fractions = are_fractions([self.cells[name] for name in lengths])
        for meaning in names.COUNTS:
            if meaning in ("start", "date", "call_type"):
                continue
            if meaning not in self.cells:
                found[meaning] = np.full(len(self.start), np.nan)
                continue
            column = self.cells[meaning]
            values = read_durations(column, fractions) if meaning in lengths else read_numbers(column)
            if meaning == "service_level" and np.nanmax(values, initial=0.0) > 1.0:
                values = values / 100.0
            for row in np.flatnonzero((np.isnan(values) & ~is_empty(column)) | (values < 0)):
                reason = "a number below 0" if values[row] < 0 else "not a number" if meaning not in lengths else "not a length of time"
                needed = meaning == "offered"
                self.problems.add(
                    int(self.numbers[row]), meaning, column[row], f"{reason} under `{meaning}`", ROW_OUT if needed else CELL_OUT
                )
                bad[row] |= needed
            found[meaning] = np.where(values < 0, np.nan, values)
        self._fill(found, bad, counted_at)
        frame = pd.DataFrame({"row": self.numbers, **found})[~bad]
        if frame.empty:
            raise InputError(f"{self.name}: no row could be read; the first fault: {self.problems.sentences()[0]}")
        far = far_days(frame["start"].to_numpy(dtype="datetime64[D]").astype("int64"), frame["offered"].to_numpy(dtype=float))
        note_far(self.problems, frame["row"][far], frame["start"][far].to_numpy())
        frame = frame[~far]
        meant, told = spellings(frame["call_type"], frame["offered"])
        frame = joined(frame, meant)
        twice = frame.duplicated(["start", "call_type"], keep="first").to_numpy()
        for row, start in zip(frame["row"][twice], frame["start"][twice], strict=True):
            self.problems.add(int(row), "start", str(start), "the interval stands there twice; the later row is not used", ROW_OUT)
        frame = frame[~twice].sort_values(["start", "call_type"], kind="stable").reset_index(drop=True)
        said = [*notes, *told, *(["lengths of time are fractions of a day, as spreadsheets store them"] if fractions else [])]
        headings = {meaning: self.header[place] for meaning, place in self.places.items()}
        return IntervalCounts(self.name, frame, _interval(self.name, frame), counted_at, self.problems, self.total, tuple(said), headings)

    def _fill(self, found: dict[str, Any], bad: np.ndarray[Any, np.dtype[np.bool_]], counted_at: CountedAt) -> None:
        """Calls offered where a file counts only handled and abandoned ones; handle time where it gives only the parts."""
        if "offered" not in self.cells:
            parts = [np.nan_to_num(found[name]) for name in ("abandoned", "blocked") if name in self.cells]
            found["offered"] = found["handled"] + sum(parts, np.zeros(len(self.start)))
        for row in np.flatnonzero(np.isnan(found["offered"]) & ~bad):
            self.problems.add(int(self.numbers[row]), "offered", "", "no count", ROW_OUT)
            bad[row] = True
        # Counts by the end of calls book hang-ups apart: more may hang up in an interval than come in it.
        if counted_at == "arrival" and "abandoned" in self.cells:
            for row in np.flatnonzero((found["abandoned"] > found["offered"]) & ~bad):
                text = self.cells["abandoned"][row]
                self.problems.add(int(self.numbers[row]), "abandoned", text, "more calls hung up than were offered", CELL_OUT)
                found["abandoned"][row] = np.nan
        if "aht" not in self.cells and "talk" in self.cells:
            found["aht"] = found["talk"] + np.nan_to_num(found["hold"]) + np.nan_to_num(found["wrap"])


def _before_dash(text: str) -> str:
    """`07:00-07:30` is named by its start; dates keep their dashes."""
    head, dash, tail = text.partition("-")
    return head.strip() if dash and ":" in head and ":" in tail else text


def _interval(name: str, frame: pd.DataFrame) -> float:
    """The commonest distance between two starts [s]."""
    starts = np.unique(frame["start"].to_numpy(dtype="datetime64[s]").astype("int64"))
    if len(starts) < 2:
        return 1800.0
    steps, often = np.unique(np.diff(starts), return_counts=True)
    step = float(steps[np.argmax(often)])
    if step > DAY:
        raise InputError(f"{name}: intervals are {step / DAY:g} days apart; counts by day or shorter intervals are needed")
    return step


def missing_column(name: str, meaning: str, header: Sequence[str]) -> str:
    """The sentence for a column that has to be there."""
    title = ". If lines such as a title stand above the heading, remove them" if len(header) < 3 else ""
    return (
        f"{name} has no column known to be `{meaning}`; it has {listed(map(shown, header), 30)}. Say which with --columns {meaning}=HEADING"
        f"{title}"
    )


def texts_of(rows: Sequence[Sequence[str]], place: int) -> Texts:
    """One column of rows."""
    found = np.empty(len(rows), dtype=object)
    found[:] = [row[place] for row in rows]
    return found


def note_ragged(problems: Problems, part: Part, header: Sequence[str]) -> None:
    """Note rows with too many or too few fields."""
    for row, fields in part.ragged:
        problems.add(row, "", f"{fields} fields", f"the row has not {len(header)} fields as the heading has", ROW_OUT)


def days_of(name: str, column: Texts | None, dates: DateOrder | None, date: str | None, count: int) -> Moments | None:
    """The day of each row: from a column of its own, from the first day told, or None where the moments name it."""
    from ccsim.fitting.cells import read_moments, settle_dates

    if column is not None:
        return (
            read_moments(column, settle_dates(f"{name}, column `date`", column, dates, False))
            .astype("datetime64[D]")
            .astype("datetime64[ns]")
        )
    if date is not None:
        return np.full(count, np.datetime64(parse_date(date), "ns"))
    return None


def moments_of(column: Texts, reading: DateReading, days: Moments | None) -> Moments:
    """Moments of a column, with the days of its rows where they are known."""
    from ccsim.fitting.cells import read_moments

    return read_moments(column, reading, days)


def type_names(column: Texts | None, count: int) -> Texts:
    """Call types by row; `calls` where the file names none."""
    found = np.empty(count, dtype=object)
    found[:] = ["calls"] * count if column is None else [text.strip() or "not named" for text in column]
    return found
