"""Counts by day and slot: which slots are open on a weekday, which days are closed, and which are unlike the others.

Days unlike the others are set aside first. Only then do the rest say when the centre is open: one false cell must not move its hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting.estimate import Floats
from ccsim.units import DAY

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.records import IntervalCounts

UNUSUAL: Final = 0.4  # a day with less than this of its weekday's median, or more than its inverse, is no day like the others
STRAY: Final = 0.03  # share of the busiest slot's calls, below which a slot before opening or after closing has only stray ones
_OVERHANG: Final = 1.5  # times the ends that calls from before closing have after it, up to which a last slot has no others
_BEYOND: Final = 10.0  # times the median day of the record: no weekday is as busy, and the count is false
_SEVERAL: Final = 5  # days with calls that have such a median
_HALF: Final = 0.5  # share of a weekday's days on which a slot has calls, from which it belongs to the opening hours


@dataclass(frozen=True)
class Days:
    """Counts of all types together and of each, on a grid of days and slots."""

    dates: np.ndarray[Any, np.dtype[np.datetime64]]  # [D] every day from the first to the last
    weekday: np.ndarray[Any, np.dtype[np.int64]]  # [D] Monday 0
    interval: float  # s
    types: tuple[str, ...]
    offered: Floats  # [T, D, S]
    open_slots: np.ndarray[Any, np.dtype[np.bool_]]  # [7, S]
    usual: np.ndarray[Any, np.dtype[np.bool_]]  # [D] open, and neither closed nor out of the ordinary
    closed: np.ndarray[Any, np.dtype[np.bool_]]  # [D] without calls on a weekday that otherwise has some


def grid(counts: IntervalCounts, interval: float | None = None) -> Days:
    """The counts on a grid of days and slots; those booked at the end of calls are moved back to their arrivals.

    Slots begin at midnight and last `interval` [s], that of the counts unless told: shorter ones are taken together. Raises `InputError`
    where intervals do not part a day evenly.
    """
    frame, interval = counts.frame, interval or counts.interval
    if interval < counts.interval:
        raise InputError(f"{counts.name}: its intervals last {counts.interval:g} s, so none of {interval:g} s can be made of them")
    slots = DAY / interval
    if slots != round(slots):
        raise InputError(f"{counts.name}: intervals of {interval:g} s do not divide a day evenly")
    start = frame["start"].to_numpy(dtype="datetime64[s]").astype("int64")
    day, slot = start // round(DAY), (start % round(DAY)) // round(interval)
    first, last = int(day.min()), int(day.max())
    if last - first > 40 * 366:
        raise InputError(
            f"{counts.name}: the first day is {np.datetime64(first, 'D')}, the last {np.datetime64(last, 'D')}; "
            "leave out rows with false dates"
        )
    types = counts.types
    number = {name: place for place, name in enumerate(types)}
    offered = np.zeros((len(types), last - first + 1, round(slots)))
    kinds = frame["call_type"].map(number).to_numpy(dtype=np.int64)
    np.add.at(offered, (kinds, day - first, slot), frame["offered"].to_numpy(dtype=float))
    dates = np.arange(first, last + 1).astype("datetime64[D]")
    weekday = (dates.astype("int64") + 3) % 7
    if counts.counted_at == "end":
        offered = _at_arrival(offered, frame, interval, weekday)
    total = offered.sum(axis=0)
    usual, closed = _usual(total, weekday)
    open_slots = _open_slots(total, weekday, usual)
    if not usual.any():
        raise InputError(f"{counts.name}: there is no day with calls; estimates need at least one")
    return Days(dates, weekday, interval, types, offered, open_slots, usual, closed)


def _at_arrival(offered: Floats, frame: pd.DataFrame, interval: float, weekday: Any) -> Floats:
    """Counts by arrival from counts by end: a call stays its wait and handle time, so part of an interval came in the one before.

    Nobody arrives before opening: calls that would are of the first open slot. Nor after closing, where the last slot has no more ends than
    calls from before it leave over.
    """
    stay = np.nansum([frame["mean_wait"].mean(), frame["aht"].mean()])
    whole, part = divmod(float(stay) / interval, 1.0)
    kinds, days, slots = offered.shape
    first, last = _arriving(offered.sum(axis=0), weekday, int(whole), part)
    moved = np.zeros_like(offered).reshape(kinds, days * slots)
    day, slot = (place.ravel() for place in np.indices((days, slots)))
    begins, ends = first[weekday][day], last[weekday][day]
    inside = (slot >= begins) & (slot <= ends + int(whole) + 1)
    for back, weight in ((int(whole), 1.0 - part), (int(whole) + 1, part)):
        target = slot - back
        # Around the clock calls go back over midnight; elsewhere they stay within the day's hours.
        target = np.where(inside & (begins > 0), np.maximum(target, begins), target)
        target = np.where(inside & (ends < slots), np.minimum(target, ends), target)
        place = np.maximum(day * slots + target, 0)
        for kind in range(kinds):
            np.add.at(moved[kind], place, weight * offered[kind].ravel())
    return moved.reshape(offered.shape)


def _arriving(ends: Floats, weekday: Any, whole: int, part: float) -> tuple[Any, Any]:
    """[7] first and last slot in which callers of a weekday may arrive, from the slots [D, S] where calls end; 0 and S for no limit."""
    slots = ends.shape[1]
    first, last = np.zeros(7, dtype=np.int64), np.full(7, slots, dtype=np.int64)
    for number, open_slots in enumerate(_open_slots(ends, weekday, _usual(ends, weekday)[0])):
        places = np.flatnonzero(open_slots)
        if len(places) < 2 or places[0] == 0 or places[-1] == slots - 1:
            continue
        own = ends[(weekday == number) & (ends.sum(axis=1) > 0)].mean(axis=0)
        first[number] = max(places[0] - whole, 0)
        if own[places[-1]] <= _OVERHANG * part * own[places[-1] - 1]:
            last[number] = places[-1] - whole - 1
    return first, last


def _open_slots(total: Floats, weekday: Any, usual: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """[7, S] slots from the first to the last in which most days of a weekday have calls, and more than stray ones.

    usual: [D] the days that tell; where a weekday has none, all its days do.
    """
    found = np.zeros((7, total.shape[1]), dtype=bool)
    for number in range(7):
        some = (weekday == number) & (total.sum(axis=1) > 0)
        own = total[some & usual] if (some & usual).any() else total[some]
        if not len(own):
            continue
        busy = (own > 0).mean(axis=0) >= _HALF
        if not busy.all():
            busy &= own.mean(axis=0) >= STRAY * own.mean(axis=0).max()
        if busy.any():
            places = np.flatnonzero(busy)
            found[number, places[0] : places[-1] + 1] = True
    return found


def _usual(total: Floats, weekday: Any) -> tuple[Any, Any]:
    """Which days are like others of their weekday, and which have next to no calls where others have.

    Of a weekday seen once or twice nothing tells the false day from the true one; a day beyond all days of the record does.
    """
    sums = total.sum(axis=1)
    usual, closed = sums > 0, np.zeros(len(sums), dtype=bool)
    if usual.sum() >= _SEVERAL:
        usual &= sums <= _BEYOND * float(np.median(sums[usual]))
    for number in range(7):
        own = np.flatnonzero(weekday == number)
        some = sums[own]
        middle = float(np.median(some[some > 0])) if (some > 0).any() else 0.0
        if not len(own) or (some > 0).mean() < _HALF:
            continue  # a weekday on which the centre is mostly closed
        closed[own] = some < 0.02 * middle
        if len(some) > 2:
            usual[own] &= (some >= UNUSUAL * middle) & (some <= middle / UNUSUAL)
    return usual & ~closed, closed
