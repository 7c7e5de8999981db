"""Published rosters: who works when, read from the rows that workforce-management systems export."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import NamedTuple

from ccsim.errors import InputError
from ccsim.inputs.faults import Fault, Path, listed, nearest, plain
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys.staff import RosterKeys
from ccsim.units import DAY, HOUR, parse_clock, parse_date, shown

ON_DUTY, PAID_BREAK, UNPAID_BREAK, OFF = "on duty", "paid break", "unpaid break", "off"
_KNOWN = {
    **dict.fromkeys(("on queue", "phone", "calls", "available", "work"), ON_DUTY),
    **dict.fromkeys(("break", "pause", "rest"), PAID_BREAK),
    **dict.fromkeys(("lunch", "meal"), UNPAID_BREAK),
    **dict.fromkeys(("off", "day off"), OFF),
}
_COLUMNS = {
    "agent": ("agent", "agent_id", "person", "name", "employee"),
    "start": ("start", "from", "begin", "start_time"),
    "end": ("end", "to", "until", "end_time"),
    "activity": ("activity", "code", "state", "activity_code"),
    "paid": ("paid",),
    "date": ("date", "day"),
    "group": ("group", "team"),
}
_TRUTHS = {"yes": True, "true": True, "1": True, "y": True, "no": False, "false": False, "0": False, "n": False}
_APART = 2 * HOUR  # stretches less than this apart belong to one shift, also past midnight


class PublishedShift(Frozen):
    """One person's shift as it was published. Times in seconds of the path."""

    day: int  # day of the path on which it begins, -1 the eve
    agent: int  # number of the person
    parts: tuple[tuple[float, float], ...]  # from coming to going, breaks and other activities included
    rests: tuple[tuple[float, float, bool, str], ...]  # start, length, paid, meaning: a break, or the name of a category of shrinkage
    away: str | None  # category that takes the whole shift, as leave that was booked


class Roster(Frozen):
    """A published roster, as far as it lies on the path or begins on its eve and passes midnight."""

    agents: tuple[str, ...]  # everybody in the file, in order of their first rows
    shifts: tuple[PublishedShift, ...]  # by day, then person
    by_weekday: tuple[int, ...]  # [7] shifts of the whole file by weekday, Monday 0
    activities: frozenset[str]  # what rows of the file mean: on duty, breaks, names of shrinkage
    first: dt.date  # of the whole file
    last: dt.date


class _Row(NamedTuple):
    """One row: a stretch of a person's day."""

    line: int
    agent: str
    date: dt.date  # on which it begins
    start: float  # s after the midnight of `date`
    end: float  # s after the midnight of `date`
    meaning: str
    paid: bool


def build_roster(keys: RosterKeys, group: str, path: Path, horizon: Horizon, folder: Folder, categories: Collection[str]) -> Roster:
    """The roster of a group from its file.

    Rows of one person that begin on one day, or go on less than two hours after the one before, are one shift. Breaks and other activities
    may lie on a row on duty or between rows. Raises `Fault` naming the row for what cannot be read, unknown activities and overlaps.
    """
    rows = _rows(keys, group, path, folder, _meanings(keys, path, categories))
    people: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        people[row.agent].append(row)
    agents = {name: number for number, name in enumerate(people)}
    shifts: list[PublishedShift] = []
    by_weekday = [0] * 7
    for name, own in people.items():
        for together in _shifts(own):
            date = together[0].date
            by_weekday[date.weekday()] += 1
            day = (date - horizon.date).days
            if -1 <= day < horizon.days:
                shift = _published(together, day, agents[name], path, keys.file, horizon)
                if day >= 0 or shift.parts[-1][1] > horizon.midnight(0):
                    shifts.append(shift)
    dates = [row.date for row in rows]
    return Roster(
        agents=tuple(agents),
        shifts=tuple(sorted(shifts, key=lambda shift: (shift.day, shift.agent))),
        by_weekday=tuple(by_weekday),
        activities=frozenset(row.meaning for row in rows),
        first=min(dates),
        last=max(dates),
    )


def _meanings(keys: RosterKeys, path: Path, categories: Collection[str]) -> dict[str, str]:
    """What each activity code means, by its plain spelling: the codes known, the names of shrinkage, and what the file maps."""
    told = {plain(word): word for word in (ON_DUTY, PAID_BREAK, UNPAID_BREAK, OFF, *categories)}
    meanings = {plain(code): meaning for code, meaning in _KNOWN.items()} | told
    for code, meaning in (keys.activities or {}).items():
        found = told.get(plain(meaning))
        if found is None:
            near = nearest(meaning, told.values())
            hint = f"did you mean {shown(near)}?" if near else f"an activity is one of {listed(told.values())}"
            raise Fault((*path, "activities", code), f"{shown(meaning)} is no meaning of an activity; {hint}")
        meanings[plain(code)] = found
    return meanings


def _rows(keys: RosterKeys, group: str, path: Path, folder: Folder, meanings: dict[str, str]) -> list[_Row]:
    header, table = folder.table((*path, "file"), keys.file)
    places = _places(header, keys.file, path)
    rows = []
    for line, fields in table:
        cells = {name: fields[place].strip() for name, place in places.items()}
        if "group" in cells and plain(cells["group"]) != plain(group):
            continue
        row = _row(line, cells, meanings, partial(_fault, (*path, "file"), f"{keys.file}, line {line}"))
        if row.meaning != OFF:
            rows.append(row)
    if not rows:
        of_group = f" of the group {shown(group)}" if "group" in places else ""
        raise Fault((*path, "file"), f"{keys.file} has no row{of_group} on which anybody works")
    return rows


def _fault(path: Path, where: str, sentence: str) -> Fault:
    return Fault(path, f"{where}: {sentence}")


def _places(header: list[str], file: str, path: Path) -> dict[str, int]:
    places = {}
    for name, spellings in _COLUMNS.items():
        found = [place for place, title in enumerate(header) if plain(title) in spellings]
        if len(found) > 1:
            raise Fault((*path, "file"), f"{file} has {len(found)} columns that could be `{name}`; keep one")
        if found:
            places[name] = found[0]
        elif name in ("agent", "start", "end", "activity"):
            raise Fault((*path, "file"), f"{file} has no column `{name}`; it has {listed(map(shown, header))}")
    return places


def _row(line: int, cells: dict[str, str], meanings: dict[str, str], fault: Callable[[str], Fault]) -> _Row:
    """One row of the file; `fault` makes a `Fault` of a sentence."""
    if not cells["agent"]:
        raise fault("the agent is missing")
    meaning = meanings.get(plain(cells["activity"]))
    if meaning is None:
        known = [code.replace("_", " ") for code in meanings]
        raise fault(
            f"the activity {shown(cells['activity'])} is not known; the known ones are {listed(known, 30)}. "
            "Say under `activities` what it means, such as on duty, paid break, unpaid break, off, or a category of shrinkage"
        )
    try:
        date, start = _moment(cells["start"], cells.get("date"))
        end_date, end = _moment(cells["end"], cells.get("date"))
    except InputError as error:
        raise fault(str(error)) from None
    end += (end_date - date).days * DAY
    if "-" not in cells["end"] and end <= start:
        end += DAY
    if not start < end <= start + DAY:
        raise fault(f"the row runs from {cells['start']} to {cells['end']}; it needs an end after its start and within 24 hours")
    told = cells.get("paid", "")
    if told and plain(told) not in _TRUTHS:
        raise fault(f"found {shown(told)} under `paid`, where yes or no belongs")
    paid = _TRUTHS[plain(told)] if told else meaning != UNPAID_BREAK
    if not paid and meaning == ON_DUTY:
        raise fault("time on duty is paid; write yes under `paid`, or map the activity to another meaning")
    if meaning in (PAID_BREAK, UNPAID_BREAK):
        meaning = PAID_BREAK if paid else UNPAID_BREAK
    return _Row(line, cells["agent"], date, start, end, meaning, paid)


def _moment(text: str, date: str | None) -> tuple[dt.date, float]:
    """Date and seconds after its midnight, from `2027-04-12 07:00` or a clock time beside a date."""
    parts = text.replace("T", " ").split()
    if len(parts) == 2:
        return parse_date(parts[0]), parse_clock(parts[1])
    if date is None or len(parts) != 1:
        raise InputError(f"{shown(text)} is not a moment: write such as 2027-04-12 07:00, or a clock time and a column `date`")
    return parse_date(date), parse_clock(text)


def _shifts(rows: list[_Row]) -> Iterable[list[_Row]]:
    """The rows of one person, shift by shift."""
    rows = sorted(rows, key=lambda row: (row.date, row.start, row.end))
    together: list[_Row] = []
    until = 0.0
    for row in rows:
        if together:
            offset = (row.date - together[0].date).days * DAY
            if offset == 0 or row.start + offset < until + _APART:
                together.append(row)
                until = max(until, row.end + offset)
                continue
            yield together
        together, until = [row], row.end
    if together:
        yield together


def _published(rows: list[_Row], day: int, agent: int, path: Path, file: str, horizon: Horizon) -> PublishedShift:
    """One shift made of its rows."""
    placed = []
    for row in rows:
        begin = day + (row.date - rows[0].date).days
        placed.append((horizon.at(begin, row.start), horizon.at(begin, row.end), row))
    for alike in (True, False):
        _refuse_overlaps([entry for entry in placed if (entry[2].meaning == ON_DUTY) is alike], path, file)
    parts: list[tuple[float, float]] = []
    for start, end, _ in sorted(placed, key=lambda entry: entry[:2]):
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], max(end, parts[-1][1]))
        else:
            parts.append((start, end))
    meanings = {row.meaning for row in rows} - {PAID_BREAK, UNPAID_BREAK}
    away = next(iter(meanings)) if len(meanings) == 1 and ON_DUTY not in meanings else None
    rests = tuple((start, end - start, row.paid, row.meaning) for start, end, row in placed if row.meaning != ON_DUTY)
    if away is not None:
        rests = tuple(rest for rest in rests if rest[3] in (PAID_BREAK, UNPAID_BREAK))
    return PublishedShift(day=day, agent=agent, parts=tuple(parts), rests=rests, away=away)


def _refuse_overlaps(placed: list[tuple[float, float, _Row]], path: Path, file: str) -> None:
    """Two rows on duty at once, or two other activities, are a slip of the file."""
    for one, other in itertools.pairwise(placed):
        if other[0] < one[1]:
            raise Fault(
                (*path, "file"),
                f"{file}, line {other[2].line}: {shown(other[2].agent)} has two rosters at once: "
                f"this row overlaps that of line {one[2].line}",
            )
