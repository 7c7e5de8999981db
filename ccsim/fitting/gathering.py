"""Calls gathered part by part: columns found, cells read, faults noted, all of them counted and at most so many kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from ccsim.errors import InputError
from ccsim.fitting import columns as names
from ccsim.fitting.cells import (
    DateOrder,
    DateReading,
    Floats,
    Moments,
    Texts,
    are_fractions,
    different,
    is_empty,
    read_durations,
    read_numbers,
    settle_dates,
)
from ccsim.fitting.mended import WRONG_DATE, far_days, note_far, note_two_at_once, spellings
from ccsim.fitting.problems import CELL_OUT, KEPT_ALL, ROW_OUT, Problems
from ccsim.fitting.records import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    DURATIONS,
    LEFT_OUT,
    LONGEST_HANDLE,
    LONGEST_WAIT,
    NOBODY,
    UNKNOWN_CALLERS,
    WORDS,
    CallRecords,
    days_of,
    missing_column,
    moments_of,
    note_ragged,
    texts_of,
    type_names,
)
from ccsim.fitting.sums import IntervalSums
from ccsim.fitting.tables import Part
from ccsim.inputs.faults import listed, nearest
from ccsim.units import DAY, format_duration, shown

Bools = np.ndarray[Any, np.dtype[np.bool_]]
_LATER: Final = ("answered_at", "hung_up_at", "ended_at")


class Gathering:
    """The state of reading one file of calls."""

    def __init__(
        self,
        columns: Mapping[str, str] | None,
        outcomes: Mapping[str, str] | None,
        leave_out: Sequence[Mapping[str, str]],
        dates: DateOrder | None,
        date: str | None,
        interval: float,
        keep: int,
    ) -> None:
        self.told, self.dates, self.date, self.keep = columns, dates, date, keep
        self.words = dict(WORDS)
        for word, meaning in (outcomes or {}).items():
            if meaning not in (ANSWERED, ABANDONED, BLOCKED, LEFT_OUT):
                raise InputError(f"an outcome is answered, abandoned, blocked or left out; found {shown(meaning)} for {shown(word)}")
            self.words[word.strip().lower()] = meaning
        self.conditions = leave_out
        self.problems = Problems()
        self.frames: list[pd.DataFrame] = []
        self.sums = IntervalSums(interval)
        self.rows = self.level = self.not_callers = 0
        self.readings: dict[str, DateReading] = {}
        self.fractions: bool | None = None
        self.notes: list[str] = []

    def begin(self, name: str, header: list[str]) -> None:
        """Take the heading; raises `InputError` where it lacks what a call needs."""
        self.name, self.header = name, header
        self.places = names.find_columns(name, header, names.CALLS, self.told)
        if "arrival" not in self.places:
            raise InputError(missing_column(name, "arrival", header))
        if not {"wait", "answered_at"} & self.places.keys() and "handle_time" not in self.places and "talk" not in self.places:
            raise InputError(
                f"{name} has an arrival, but neither waits nor handle times; a row a call needs one of them. Counts by interval need a "
                f"column `offered`. It has {listed(map(shown, header), 30)}"
            )
        for condition in self.conditions:
            for heading in condition:
                if heading not in header:
                    near = nearest(heading, header)
                    raise InputError(
                        f"{name} has no column {shown(heading)}; "
                        + (f"did you mean {shown(near)}?" if near else f"it has {listed(map(shown, header), 30)}")
                    )

    def add(self, part: Part) -> None:
        """Read one part."""
        note_ragged(self.problems, part, self.header)
        self.rows += len(part.rows) + len(part.ragged)
        numbers = np.array(part.numbers, dtype=np.int64)
        rows, numbers = self._callers(part.rows, numbers)
        if not rows:
            return
        cells = {meaning: texts_of(rows, place) for meaning, place in self.places.items()}
        frame = self._read(cells, numbers)
        self._waits_missing(frame)
        twice = frame.duplicated([name for name in frame.columns if name != "row"], keep="first").to_numpy()
        # Two calls of one minute may well be alike, and so may those of one second without a caller or an agent.
        seconds = bool((frame["arrival"].to_numpy().astype("int64") % 60_000_000_000 != 0).any())
        sure = twice & seconds & (frame["caller"].notna() | frame["agent"].notna()).to_numpy()
        for row in frame["row"][sure]:
            self.problems.add(int(row), "", "", "the same as another row, to the second", ROW_OUT)
        for row in frame["row"][twice & ~sure]:
            self.problems.add(int(row), "", "", "the same as another row, with nothing that tells whether they are one call", KEPT_ALL)
        frame = frame[~sure]
        self.sums.add(frame)
        self._keep(frame)

    def _callers(self, rows: list[list[str]], numbers: Any) -> tuple[list[list[str]], Any]:
        """Rows that meet none of the conditions on which rows are left out."""
        if not self.conditions:
            return rows, numbers
        out = np.zeros(len(rows), dtype=bool)
        for condition in self.conditions:
            met = np.ones(len(rows), dtype=bool)
            for heading, text in condition.items():
                place = self.header.index(heading)
                met &= np.array([row[place].strip() == text.strip() for row in rows], dtype=bool)
            out |= met
        self.not_callers += int(out.sum())
        return [row for row, gone in zip(rows, out, strict=True) if not gone], numbers[~out]

    def _moments(self, meaning: str, column: Texts, days: Moments | None) -> Moments:
        if meaning not in self.readings:
            where = f"{self.name}, column {shown(self.header[self.places[meaning]])}"
            self.readings[meaning] = settle_dates(where, column, self.dates, days is not None)
        return moments_of(column, self.readings[meaning], days)

    def _read(self, cells: dict[str, Texts], numbers: Any) -> pd.DataFrame:
        """One row a call, faults noted; rows without arrival or outcome are out."""
        count = len(numbers)
        days = days_of(self.name, cells.get("date"), self.dates, self.date, count)
        arrival = self._moments("arrival", cells["arrival"], days)
        self._note(numbers, np.isnat(arrival), cells["arrival"], "arrival", "the arrival is missing or cannot be read", ROW_OUT)
        lengths = self._lengths(cells, numbers)
        later: dict[str, Moments] = {}
        for meaning in _LATER:
            if meaning in cells:
                later[meaning] = self._later(meaning, cells[meaning], numbers, arrival, days)
        agent = named(cells.get("agent"), count, NOBODY)
        outcome = self._outcome(cells, numbers, later, agent, lengths)
        answered, abandoned = outcome == ANSWERED, outcome == ABANDONED
        wait = lengths.get("wait")
        if wait is None:
            moved = np.where(answered, seconds_from(arrival, later.get("answered_at")), np.nan)
            left = later.get("hung_up_at", later.get("ended_at"))
            wait = np.where(abandoned, seconds_from(arrival, left), moved)
        found = {name: np.where(answered, lengths.get(name, np.full(count, np.nan)), np.nan) for name in ("talk", "hold", "wrap")}
        handle = lengths.get("handle_time")
        if handle is None and "talk" in lengths:
            handle = found["talk"] + np.nan_to_num(found["hold"]) + np.nan_to_num(found["wrap"])
        if handle is None and {"answered_at", "ended_at"} <= later.keys():
            handle = seconds_from(later["answered_at"], later["ended_at"])
        if handle is None:
            handle = np.full(count, np.nan)
        nothing = answered & (handle <= 0)
        for place in np.flatnonzero(nothing):
            self.problems.add(int(numbers[place]), "handle_time", "", "answered, but handled for no time at all", CELL_OUT)
        handle = np.where(nothing, np.nan, handle)
        usable = ~np.isnat(arrival) & (outcome != "")
        frame = pd.DataFrame(
            {
                "row": numbers,
                "arrival": arrival,
                "call_type": pd.Series(type_names(cells.get("call_type"), count), dtype=object),
                "outcome": pd.Series(outcome, dtype=object),
                "wait": np.where(outcome == BLOCKED, np.nan, wait),
                "handle_time": np.where(answered, handle, np.nan),
                **found,
                "agent": pd.Series(_only(agent, answered), dtype=object),
                "caller": pd.Series(named(cells.get("caller"), count, UNKNOWN_CALLERS), dtype=object),
                "priority": np.nan_to_num(read_numbers(cells["priority"])) if "priority" in cells else 0.0,
            }
        )
        return frame[usable]

    def _note(self, numbers: Any, which: Bools, cells: Texts, column: str, reason: str, effect: str) -> None:
        for place in np.flatnonzero(which):
            self.problems.add(int(numbers[place]), column, str(cells[place]), reason, effect)

    def _lengths(self, cells: dict[str, Texts], numbers: Any) -> dict[str, Floats]:
        """Columns of lengths of time [s]; what cannot be read or be is nan, and noted."""
        columns = {name: cells[name] for name in DURATIONS if name in cells}
        if self.fractions is None and columns:
            self.fractions = are_fractions(list(columns.values()))
            if self.fractions:
                self.notes.append("lengths of time are fractions of a day, as spreadsheets store them")
        found: dict[str, Floats] = {}
        for name, column in columns.items():
            values = read_durations(column, bool(self.fractions))
            bad = np.isnan(values)
            if bad.any():
                self._note(numbers, bad & ~is_empty(column), column, name, f"no length of time under `{name}`", CELL_OUT)
            self._note(numbers, values < 0, column, name, f"a length of time below 0 under `{name}`", CELL_OUT)
            longest = LONGEST_WAIT if name == "wait" else LONGEST_HANDLE
            far = values > longest
            self._note(numbers, far, column, name, f"longer than {format_duration(longest)} under `{name}`, which no call is", CELL_OUT)
            found[name] = np.where((values < 0) | far, np.nan, values)
        return found

    def _later(self, meaning: str, column: Texts, numbers: Any, arrival: Moments, days: Moments | None) -> Moments:
        """A moment after the arrival; clock times alone that lie before it are of the next day."""
        moments = self._moments(meaning, column, days)
        unread = np.isnat(moments) & ~is_empty(column)
        self._note(numbers, unread, column, meaning, f"no moment under `{meaning}`", CELL_OUT)
        early = moments < arrival
        if days is not None and self.date is None:
            over_midnight = early & (arrival - moments > np.timedelta64(12, "h"))
            moments = np.where(over_midnight, moments + np.timedelta64(1, "D"), moments)
            early = moments < arrival
        self._note(numbers, early, column, meaning, f"`{meaning}` lies before the arrival", CELL_OUT)
        return np.where(early, np.datetime64("NaT", "ns"), moments)

    def _outcome(self, cells: dict[str, Texts], numbers: Any, later: dict[str, Moments], agent: Texts, lengths: dict[str, Floats]) -> Texts:
        """What became of each call; empty where the row is no call or cannot be used."""
        count = len(numbers)
        found = np.full(count, "", dtype=object)
        if "outcome" in cells:
            texts, codes = different(cells["outcome"])
            meanings = np.array([self.words.get(text.lower(), "?") for text in texts], dtype=object)
            found[:] = meanings[codes]
            unknown = found == "?"
            self._note(
                numbers,
                unknown,
                cells["outcome"],
                "outcome",
                "an outcome that is not known; say what it means with --outcomes WORD=answered, abandoned, blocked or left out",
                ROW_OUT,
            )
            self.not_callers += int((found == LEFT_OUT).sum())
            found[unknown | (found == LEFT_OUT)] = ""
            return found
        answered = np.zeros(count, dtype=bool)
        if "answered_at" in later:
            answered |= ~np.isnat(later["answered_at"])
        elif "agent" in cells:
            answered |= np.array([name is not None for name in agent], dtype=bool)
        for name in ("handle_time", "talk"):
            if name in lengths and "answered_at" not in later:
                answered |= np.nan_to_num(lengths[name]) > 0
        found[:] = np.where(answered, ANSWERED, ABANDONED)
        if "hung_up_at" in later and "answered_at" in later:
            found[~answered & np.isnat(later["hung_up_at"])] = BLOCKED
        return found

    def _waits_missing(self, frame: pd.DataFrame) -> None:
        """Note callers who hung up after an unknown wait; they are kept."""
        lost = (frame["outcome"] == ABANDONED).to_numpy() & frame["wait"].isna().to_numpy()
        for row in frame["row"].to_numpy()[lost]:
            self.problems.add(int(row), "wait", "", "hung up, but after an unknown wait", KEPT_ALL)

    def _keep(self, frame: pd.DataFrame) -> None:
        """Keep the calls, or those of a share of the callers: all calls of a caller or none, so that redials stay together."""
        caller, numbers = frame["caller"].to_numpy(dtype=object), frame["row"].to_numpy()
        spelt = np.array([who if who is not None else f"row {row}" for who, row in zip(caller, numbers, strict=True)], dtype=object)
        frame = frame.assign(lot=pd.util.hash_array(spelt, categorize=False) >> np.uint64(8))
        self.frames.append(frame[frame["lot"] % 2**self.level == 0])
        while sum(map(len, self.frames)) > self.keep:
            self.level += 1
            self.frames = [kept[kept["lot"] % 2**self.level == 0] for kept in self.frames]

    def finish(self) -> CallRecords:
        """All that was gathered; raises `InputError` where that is nothing."""
        if not self.frames or not sum(map(len, self.frames)):
            first = self.problems.sentences()
            raise InputError(f"{self.name}: no call could be read" + (f"; the first fault: {first[0]}" if first else ""))
        frame = pd.concat(self.frames, ignore_index=True).drop(columns="lot")
        self.frames = []
        frame = self._mended(frame)
        frame = frame.sort_values(["arrival", "row"], kind="stable").reset_index(drop=True)
        note_two_at_once(self.problems, frame)
        if self.not_callers:
            self.notes.append(f"{self.not_callers:,} rows were left out as told: they are no callers who wanted an agent")
        if self.level:
            self.notes.append(
                f"the log is long: the calls of 1 in {2**self.level} callers are looked at one by one, and all calls are counted"
            )
        return CallRecords(
            self.name,
            frame,
            self.sums.counts(self.name, self.problems, self.rows),
            self.problems,
            self.rows,
            2.0**-self.level,
            tuple(self.notes),
            {meaning: self.header[place] for meaning, place in self.places.items()},
        )

    def _mended(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The calls, and the sums, without those of far dates, and with call types spelt in one way."""
        sums = self.sums.frame()
        day = np.floor(sums["slot"].to_numpy(dtype=float) * self.sums.interval / DAY).astype(np.int64)
        far = far_days(day, sums["offered"].to_numpy(dtype=float))
        if far.any():
            own = frame["arrival"].to_numpy(dtype="datetime64[D]")
            out = np.isin(own.astype("int64"), day[far])
            note_far(self.problems, frame["row"][out], own[out])
            # Of a long log not all of these rows are held one by one.
            self.problems.counts[WRONG_DATE, ROW_OUT] = round(float(sums["offered"][far].sum()))
            frame, sums = frame[~out], sums[~far]
        meant, told = spellings(sums["call_type"], sums["offered"])
        self.notes += told
        if meant:
            frame, sums = (one.assign(call_type=one["call_type"].map(lambda name: meant.get(name, name))) for one in (frame, sums))
        self.sums.replace(sums)
        return frame


def _only(names: Texts, where: Bools) -> Texts:
    """Names where told, None elsewhere."""
    found = names.copy()
    found[~where] = None
    return found


def named(column: Texts | None, count: int, nobody: frozenset[str]) -> Texts:
    """Names by row, None where the cell names nobody."""
    found = np.full(count, None, dtype=object)
    if column is not None:
        texts, codes = different(column)
        meant = np.empty(len(texts), dtype=object)
        meant[:] = [None if text.lower() in nobody else text for text in texts]
        found[:] = meant[codes]
    return found


def seconds_from(start: Moments, end: Moments | None) -> Floats:
    """Seconds between moments; nan where either is missing."""
    if end is None:
        return np.full(len(start), np.nan)
    gap = end - start
    return np.where(np.isnat(gap), np.nan, gap.astype("timedelta64[us]").astype("int64") / 1e6)
