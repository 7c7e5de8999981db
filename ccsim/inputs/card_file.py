"""An activation card in a file: what `ccsim card --json` prints, read and checked before a pool goes by it."""

from __future__ import annotations

import datetime as dt
import json
import math
import pathlib
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ccsim.inputs.faults import Fault, Path
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Floats, Frozen, floats
from ccsim.units import DAY, format_clock, format_duration, parse_clock, parse_date, shown

MOST_CALLED = 1_000_000  # people
_LONGEST = 2 * DAY  # from the midnight before the first row to the end of the last
Sentence = Callable[[str, str], Fault]  # of the place in the file, and what is wrong there


class CardTable(Frozen):
    """A card of R rows, with up to C numbers of agents each and K numbers to call. The rows are those of every open day."""

    call: tuple[int, ...]  # [K] people to have called in all, ascending
    start: Floats  # [R] s after the midnight before the first row
    end: Floats  # [R] s
    agents: Floats  # [R, C] on duty, contingents left out, ascending; inf beyond the last
    queue: Floats  # [R, C, K] callers waiting from which on so many are called; inf: never
    oldest: Floats  # [R, C, K] age of the oldest call waiting from which on they are [s]; inf: never
    by_calls: bool = False  # agents count for fewer the busier the day is, as the calls so far say
    again: Floats | None = None  # [R, 2] calls for each first call, of those before and in each row; None: 1


class Beside(Folder):
    """A scenario's folder, and beside its files some cards that stand in none: their texts by the names they would have."""

    def __init__(self, root: pathlib.Path | None, cards: Mapping[str, str]) -> None:
        super().__init__(root)
        self._cards = cards

    def text(self, path: Path, file: str) -> str:
        """The text of a card, or what a file holds."""
        return self._cards[file] if file in self._cards else super().text(path, file)


def read_card(file: str, path: Path, folder: Folder) -> CardTable:
    """The card in a file of the scenario's folder. Raises `Fault` at `path` that says what of the file is wrong, and where in it."""

    def wrong(place: str, sentence: str) -> Fault:
        return Fault(path, f"{file}{place and f', {place}'}: {sentence}")

    told = _object(_parsed(folder.text(path, file), wrong), "", wrong)
    call = _numbers(_needed(told, "call", "", wrong), "`call`", wrong, whole=True)
    if not call or call[0] < 1.0 or any(one >= other for one, other in pairwise(call)) or call[-1] > MOST_CALLED:
        raise wrong("`call`", "the numbers of people to call must be 1 or more, and ascend, such as [4, 8, 12]")
    length = _number(_needed(told, "row_length", "", wrong), "`row_length`", wrong)
    if not 0.0 < length <= DAY:
        raise wrong("`row_length`", f"found {length:g}; a row is some seconds long, such as 1800, and at most a day")
    rows = _list(_needed(told, "rows", "", wrong), "`rows`", wrong)
    if not rows:
        raise wrong("`rows`", "the list is empty; a card needs at least one row")
    starts: list[float] = []
    first: dt.date | None = None
    tables, again = [], []
    for number, row in enumerate(rows):
        place = f"row {number + 1}"
        row = _object(row, place, wrong)
        date, clock = _moment(_needed(row, "start", place, wrong), f"{place}, `start`", wrong)
        first = first or date
        starts.append((date - first).days * DAY + clock)
        if len(starts) > 1 and starts[-1] < starts[-2] + length:
            raise wrong(f"{place}, `start`", f"it begins before the row above it, which is {format_duration(length)} long, is over")
        if starts[-1] + length > _LONGEST:
            raise wrong(f"{place}, `start`", "the rows go on past the end of the second day; a card is of one day")
        again.append(_again(row.get("calls_per_first_call"), f"{place}, `calls_per_first_call`", wrong))
        tables.append(_row(row, f"{place} ({format_clock(clock)})", len(call), wrong))
    width = max(len(agents) for agents, _, _ in tables)
    return CardTable(
        call=tuple(int(people) for people in call),
        start=floats(starts),
        end=floats([start + length for start in starts]),
        agents=floats(np.array([agents + [math.inf] * (width - len(agents)) for agents, _, _ in tables])),
        queue=floats(np.array([queue + [[math.inf] * len(call)] * (width - len(queue)) for _, queue, _ in tables])),
        oldest=floats(np.array([oldest + [[math.inf] * len(call)] * (width - len(oldest)) for _, _, oldest in tables])),
        by_calls=_flag(told.get("by_calls", False), "`by_calls`", wrong),
        again=None if all(one == [1.0, 1.0] for one in again) else floats(np.array(again)),
    )


def _again(value: Any, place: str, wrong: Sentence) -> list[float]:
    """Calls for each first call before a row and in it; 1 where that is not told."""
    found = [1.0, 1.0] if value is None else _numbers(value, place, wrong)
    if len(found) != 2 or not all(0.0 < one <= 1000.0 for one in found):
        raise wrong(place, f"found {_seen(value)}; it is two numbers, above 0 and at most 1000, such as [1.1, 1.2]")
    return found


def _row(row: dict[str, Any], place: str, tiers: int, wrong: Sentence) -> tuple[list[float], list[list[float]], list[list[float]]]:
    """Agents, queues and ages of a row, column by column."""
    cells = _list(_needed(row, "cells", place, wrong), f"{place}, `cells`", wrong)
    if not cells:
        raise wrong(f"{place}, `cells`", "the list is empty; a row needs at least one number of agents")
    agents: list[float] = []
    found: dict[str, list[list[float]]] = {"queue": [], "oldest": []}
    for column, cell in enumerate(cells):
        at = f"{place}, cell {column + 1}"
        cell = _object(cell, at, wrong)
        agents += _numbers([_needed(cell, "agents", at, wrong)], f"{at}, `agents`", wrong, whole=True)
        if len(agents) > 1 and agents[-1] <= agents[-2]:
            raise wrong(f"{at}, `agents`", f"found {agents[-1]:g} after {agents[-2]:g}; numbers of agents ascend along a row")
        for name, sofar in found.items():
            told = [None] * tiers if name == "oldest" and name not in cell else _needed(cell, name, at, wrong)
            here = f"{at} ({agents[-1]:g} agents), `{name}`"
            levels = _numbers(told, here, wrong, whole=name == "queue", never=True)
            if len(levels) != tiers:
                raise wrong(
                    here, f"found {len(levels)} levels, where `call` has {tiers} numbers of people; give one for each, null for never"
                )
            if any(one > other for one, other in pairwise(levels)):
                raise wrong(here, "more people would be called at a lower level than fewer; the levels of a cell must not fall")
            if sofar and any(one > other for one, other in zip(sofar[-1], levels, strict=True)):
                raise wrong(here, "a level is below that of the cell before: with more agents on duty more people would be called")
            sofar.append(levels)
    return agents, found["queue"], found["oldest"]


def _parsed(text: str, wrong: Sentence) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is no finite number")

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise wrong(f"line {error.lineno}", "this is no JSON; a card is what `ccsim card FILE --json` prints") from None
    except (ValueError, RecursionError) as error:
        reason = str(error) if str(error).endswith("finite number") else "it holds what no card does"
        raise wrong("", f"{reason}; a card is what `ccsim card FILE --json` prints") from None


def _needed(told: dict[str, Any], name: str, place: str, wrong: Sentence) -> Any:
    if name not in told:
        raise wrong(place, f"there is no `{name}`; a card is what `ccsim card FILE --json` prints")
    return told[name]


def _object(value: Any, place: str, wrong: Sentence) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(place, f"found {_seen(value)}, where names and values in braces belong")
    return value


def _list(value: Any, place: str, wrong: Sentence) -> list[Any]:
    if not isinstance(value, list):
        raise wrong(place, f"found {_seen(value)}, where a list belongs")
    return value


def _number(value: Any, place: str, wrong: Sentence) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= 1e12:
        raise wrong(place, f"found {_seen(value)}, where a number belongs")
    return float(value)


def _flag(value: Any, place: str, wrong: Sentence) -> bool:
    if not isinstance(value, bool):
        raise wrong(place, f"found {_seen(value)}, where true or false belongs")
    return value


def _numbers(value: Any, place: str, wrong: Sentence, whole: bool = False, never: bool = False) -> list[float]:
    """Numbers of 0 or more; with `never` null is infinite."""
    found: Sequence[float] = [math.inf if never and one is None else _number(one, place, wrong) for one in _list(value, place, wrong)]
    for one in found:
        if one < 0.0 or (whole and math.isfinite(one) and one != math.floor(one)):
            raise wrong(place, f"found {one:g}, where a {'whole ' if whole else ''}number of 0 or more belongs")
    return list(found)


def _moment(value: Any, place: str, wrong: Sentence) -> tuple[dt.date, float]:
    """Date and seconds after midnight of such as 2027-04-12T08:00, with or without an offset from Greenwich."""
    date, _, clock = value.partition("T") if isinstance(value, str) else ("", "", "")
    try:
        return parse_date(date), parse_clock(clock.split("+")[0].split("-")[0])
    except ValueError:
        raise wrong(place, f"found {_seen(value)}, where date and time belong, such as 2027-04-12T08:00") from None


def _seen(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "names and values"
    return "nothing" if value is None else shown(value)
