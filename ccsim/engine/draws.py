"""A day is drawn: everything that luck decides before the clock starts.

`Drawer(scenario, floor, seed).day(replication)` is a pure function of the seed and the replication, and `days(first, count)` gives several
of them at once. First attempts are arrays; each
number in them is keyed by its owner (streams), so that the same caller arrives with the same handle time and patience whatever the
staffing. Arrivals of a type are a Poisson process whose rate is constant within an interval (and between the edges of events), times
the busyness of the day, week and interval: exponential steps of mean 1 on the axis of expected calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import in_bulk, known, streams
from ccsim.engine.attendance import Attendance
from ccsim.engine.days import Days
from ccsim.engine.demand import Demand, Grid
from ccsim.engine.floor import RANDOM, Day, Floats, Floor, Ints
from ccsim.engine.streams import start_of
from ccsim.engine.traffic import law
from ccsim.inputs.call_types import CallType
from ccsim.inputs.scenario import Scenario

_CHUNK = 64  # replications whose luck of the day is drawn at a time
_NO_VALUES = np.zeros(1)
_PURPOSES = streams.ARRIVAL, streams.HANDLE_TIME, streams.PATIENCE, streams.BALK


class _Callers:
    """The calls of one type."""

    def __init__(self, call: CallType) -> None:
        self.name = streams.name_key(call.name)
        self.balk = call.balk
        self.handling = _law(call.handle_time)
        self.patience = None if call.patience is None else _law(call.patience)

    def told(self) -> Iterator[Any]:
        """All that the draws of these calls rest on, besides how many are expected when."""
        yield from (self.name, self.balk, *self.handling)
        yield from () if self.patience is None else self.patience


def _law(distribution: Any) -> tuple[Floats, Floats, Floats]:
    """A law, the recorded values it draws from, and its means by interval (empty where it has one)."""
    values: list[float] = []
    row = law(distribution, values)
    means = np.zeros(0) if isinstance(distribution.mean, float) else np.asarray(distribution.mean, np.float64)
    return row, np.array(values) if values else _NO_VALUES, means


class _Callings:
    """The first attempts of paths, drawn into buffers. `again` gives those drawn last as they are if they are asked for once more."""

    def __init__(self, types: list[_Callers], grids: list[Grid], room: int) -> None:
        self._types = types
        self._grids = grids
        self._last: tuple[_Asked, tuple[NDArray[Any], ...]] | None = None
        self._make_room(room)

    def _make_room(self, room: int) -> None:
        self._room = room
        self._calls = tuple(np.empty(room, kind) for kind in (np.float64, np.int64, np.float64, np.float64))
        merged = room if len(self._types) > 1 else 0
        self._merged = tuple(np.empty(merged, kind) for kind in (np.float64, np.int64, np.int64, np.float64, np.float64))
        self._queue = np.zeros(room - merged, np.int64)

    def again(self, asked: _Asked) -> tuple[NDArray[Any], ...]:
        """What `draw` gives; drawn only if the paths drawn last were others, or expected other calls."""
        if self._last is None or not asked.same_as(self._last[0]):
            self._last = None
            self._last = asked, self.draw(asked)
        return self._last[1]

    def draw(self, asked: _Asked) -> tuple[NDArray[Any], ...]:
        """Where each path's calls begin [D + 1]; then arrival, queue, interval, handle time and patience of each call, in order of arrival.

        Views of buffers, [N] each.
        """
        arrival, interval, handle, patience = self._calls
        first = np.zeros((len(self._types), asked.keys.size + 1), np.int64)
        at = 0
        for c, callers in enumerate(self._types):
            grid, mine = self._grids[c], first[c]
            starts, starts_of_handling, starts_of_patience, starts_of_balks = asked.starts[:, c].T.copy()
            if not self._arrive(starts, asked.expected[c], grid, asked.counted[c], at, mine):
                self._make_room(2 * self._room)
                return self.draw(asked)
            at, span = int(mine[-1]), slice(mine[0], mine[-1])
            if grid.interval.size:
                interval[span] = grid.interval[interval[span]]
            law, values, means = callers.handling
            in_bulk.durations(law, values, starts_of_handling, means, interval, mine, handle)
            if callers.patience is None:
                patience[span] = np.inf
            else:
                law, values, means = callers.patience
                in_bulk.durations(law, values, starts_of_patience, means, interval, mine, patience)
            if callers.balk > 0.0:
                in_bulk.balks(starts_of_balks, callers.balk, mine, patience)
        if len(self._types) == 1:
            return first[0], arrival[:at], self._queue[:at], interval[:at], handle[:at], patience[:at]
        merged = tuple(x[:at] for x in self._merged)
        begin = np.zeros(asked.keys.size + 1, np.int64)
        in_bulk.merge(first, arrival, interval, handle, patience, begin, *merged)
        return begin, *merged

    def _arrive(
        self, starts: NDArray[np.uint64], expected: Floats, grid: Grid, counted: list[tuple[int, float]] | None, at: int, first: Ints
    ) -> bool:
        """Draw one type's arrivals from place `at` on, and fill `first` [D + 1] with where each path's begin; whether there was room."""
        arrival, interval = self._calls[:2]
        if counted is None:
            return bool(in_bulk.arrivals(starts, expected, grid.begin, grid.end, at, arrival, interval, first))
        first[0] = at
        for d, told in enumerate(counted):
            here = slice(first[d], None)
            n = int(known.arrivals(starts[d], expected[d], grid.begin, grid.end, arrival[here], interval[here], *told))
            if n < 0:
                return False
            first[d + 1] = first[d] + n
        return True


class _Asked(NamedTuple):
    """Which D paths, how many calls of each type are expected when, and how many are known to have arrived."""

    keys: NDArray[np.uint64]  # [D]
    expected: list[Floats]  # [D, K + 1] a type
    counted: list[list[tuple[int, float]] | None]  # a type; None where nothing is known
    starts: NDArray[np.uint64]  # [D, T, 4] where the streams of each type's draws start (`_PURPOSES`)

    def same_as(self, other: _Asked) -> bool:
        """Whether the same calls are drawn, where the laws are the same."""
        return (
            np.array_equal(self.keys, other.keys)
            and self.counted == other.counted
            and all(np.array_equal(mine, theirs) for mine, theirs in zip(self.expected, other.expected, strict=True))
        )


class Luck(NamedTuple):
    """What is drawn once for each of D replications, before their calls and their people."""

    keys: NDArray[np.uint64]  # [D]
    starts: NDArray[np.uint64]  # [D, T, 4] where the streams of each type's draws start (`_PURPOSES`)
    by_day: Floats  # [D, T, days] each day's factor on the volume of each call type, that of its week included
    by_interval: list[Floats | None]  # a type: that of each interval, [D, I]; None where it has none
    rates: Floats  # [D, takings] absence rates

    def rows(self, begin: int, end: int) -> Luck:
        """Some of them."""
        mine = slice(begin, end)
        by_interval = [None if found is None else found[mine] for found in self.by_interval]
        return Luck(self.keys[mine], self.starts[mine], self.by_day[mine], by_interval, self.rates[mine])

    def and_then(self, later: Luck) -> Luck:
        """These and later ones."""
        by_interval = [None if a is None or b is None else np.concatenate([a, b]) for a, b in zip(self[3], later[3], strict=True)]
        keys, starts, by_day, rates = (np.concatenate([self[k], later[k]]) for k in (0, 1, 2, 4))
        return Luck(keys, starts, by_day, by_interval, rates)


# The first attempts by what they are drawn from, for as long as any drawer has them
Shared = WeakValueDictionary[bytes, _Callings]


def _print_of(types: list[_Callers], grids: list[Grid]) -> bytes:
    """The same for drawers whose callers have the same names, laws and pieces of time."""
    found = blake2b()
    for told in [x for callers in types for x in (len(types), *callers.told())] + [x for grid in grids for x in grid[:3]]:
        array = np.ascontiguousarray(told)
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(array.tobytes())
    return found.digest()


class Drawer:
    """Draws the days of a scenario. Keeps its buffers from day to day; not for two threads at once: one `Drawer` a worker.

    `volume_factor` [T] is on the volume of each call type. Drawers that are given one `shared` take the first attempts of a path from each
    other where their scenarios draw the same ones; a path is then to be drawn under one after the other, and its arrays only to be read.
    """

    def __init__(
        self, scenario: Scenario, floor: Floor, seed: int, volume_factor: Floats | None = None, shared: Shared | None = None
    ) -> None:
        self.floor = floor
        self.seed = streams.seed_key(seed)
        self._callers = [_Callers(call) for call in scenario.calls.values()]
        self._demand = Demand(scenario, volume_factor)
        self.attendance = Attendance(scenario, floor)
        self.away: NDArray[np.int8] = self.attendance.away
        self._begin = -1  # the first of the replications of `_many`
        self._many: Luck | None = None
        kind = None if shared is None else _print_of(self._callers, self._demand.grids)
        mine = None if shared is None or kind is None else shared.get(kind)
        if mine is None:
            expected = self._demand.mean()
            mine = _Callings(self._callers, self._demand.grids, int(1.3 * expected + 10.0 * np.sqrt(expected)) + 64)
            if shared is not None and kind is not None:
                shared[kind] = mine
        self._callings = mine
        self._draw_calls = mine.draw if shared is None else mine.again

    def day(self, replication: int) -> Day:
        """What luck decides for one replication. The arrays are views of buffers that the next call overwrites.

        Afterwards `away` [S] says of each shift instance whether it is worked (0) or which category took it (from 1, in file order).
        """
        return self.days(replication, 1).day(0)

    @property
    def in_bulk(self) -> bool:
        """Whether several days may be drawn at once: none has a roster of its own, no employment ends, no call leads to another."""
        return self.attendance.keeps_roster and self.floor.later is None

    def days(self, first: int, count: int) -> Days:
        """`day` of so many replications from `first` on, more than one only where they may be drawn `in_bulk`."""
        keys, starts, by_day, by_interval, rates = self._luck(first, count)
        expected = self._demand.expected_of(list(keys), by_day, by_interval)
        counted = [self._counted(c, rows) for c, rows in enumerate(expected)]
        begin, arrival, queue, interval, handle, patience = self._draw_calls(_Asked(keys, expected, counted, starts))
        route, caller = self._routes(keys, begin, queue), self._numbers(queue)
        away, factor, able = self.attendance.draw_days(keys, rates)
        present = (away == 0).view(np.uint8)
        return Days(
            begin, arrival, queue, interval, handle, patience, route, away, present, factor, able, keys, caller, self.attendance.roster
        )

    def _counted(self, c: int, expected: Floats) -> list[tuple[int, float]] | None:
        """What is known of the calls of a type, for each row of those expected."""
        grid = self._demand.grids[c]
        found = [self._demand.counted(c, row, grid.begin, grid.end) for row in expected[:1]]
        if found == [None]:
            return None
        told = [self._demand.counted(c, row, grid.begin, grid.end) for row in expected]
        return [of_day for of_day in told if of_day is not None]

    def busyness(self, replication: int) -> Floats:
        """Each day's factor on the volume of each call type, that of its week included, [T, D]."""
        return self._luck(replication, 1).by_day[0]

    def _routes(self, keys: NDArray[np.uint64], first: Ints, queue: NDArray[np.int64]) -> Floats:
        """The uniform that decides who answers each call; none where the route is not random."""
        route = np.empty(queue.size if self.floor.route == RANDOM else 0)
        if route.size:
            for d, key in enumerate(keys):
                of_day = slice(first[d], first[d + 1])
                for c, callers in enumerate(self._callers):
                    mine = np.flatnonzero(queue[of_day] == c)
                    drawn = np.empty(mine.size)
                    in_bulk.uniforms(start_of(key, streams.ROUTE, callers.name), drawn)
                    route[of_day][mine] = drawn
        return route

    def _numbers(self, queue: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of each call in its type's list; none where no call leads to another."""
        caller = np.empty(0 if self.floor.later is None else queue.size, np.int64)
        if caller.size:
            in_bulk.numbered(queue, caller)
        return caller

    def _luck(self, first: int, count: int) -> Luck:
        """What is drawn for many replications at a time, for `count` of them from `first` on."""
        begin = first - first % _CHUNK
        if self._many is None or begin != self._begin:
            self._begin, self._many = begin, self._draw_many(begin)
        end = min(first + count, begin + _CHUNK)
        found = self._many.rows(first - begin, end - begin)
        return found if end == first + count else found.and_then(self._luck(end, first + count - end))

    def _draw_many(self, first: int) -> Luck:
        keys = streams.replication_keys(self.seed, first, _CHUNK)
        starts = [[streams.starts_of(keys, purpose, callers.name) for purpose in _PURPOSES] for callers in self._callers]
        each = list(keys)
        by_day, rates = self._demand.day_factors(each), self.attendance.rates(each)
        return Luck(
            keys,
            np.ascontiguousarray(np.array(starts, np.uint64).transpose(2, 0, 1)),
            np.ascontiguousarray(by_day),
            self._demand.interval_factors(each),
            np.ascontiguousarray(rates),
        )
