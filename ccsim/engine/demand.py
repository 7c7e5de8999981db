"""How many calls are expected when: volumes, times the busyness of the day, week and interval, times the events in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import known, streams
from ccsim.engine.compiled import entry
from ccsim.engine.floor import Floats, Ints
from ccsim.engine.happenings import certain, chances, happen, pairs
from ccsim.engine.streams import start_of
from ccsim.inputs.call_types import CallType
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.scenario import Scenario

_SHARED = "\0shared"  # in place of the type's name where busyness is shared; no type can be called that
_SMALLEST_CV = 1e-4  # below it a Gamma law is normal to all digits that matter
_ZERO = np.zeros(1)


@entry
def _uniforms(starts, row, number, out):  # type: ignore[no-untyped-def]
    """Fill `out` [I] with draw `number` [I] of the stream that begins at `starts` [D] of its `row` [I]."""
    for i in range(out.size):
        out[i] = streams.uniform(starts[row[i]], number[i])


class Grid(NamedTuple):
    """Pieces of time in which a type's calls come at an even rate: the intervals, cut where an event begins or ends."""

    begin: Floats  # [K] s
    end: Floats  # [K] s
    interval: Ints  # [K] interval in which the piece lies; empty where the pieces are the intervals
    volume: Floats  # [K] calls expected, before busyness and events
    day: Ints  # [K] day of the path on which the interval's opening lies
    span: Ints  # [E, 2] first piece in which each event is in force if it happens, and first in which it no longer is
    factor: Floats  # [E] their factors on the volume; empty, as is `span`, where no event is about the type


class Demand:
    """The expected calls of a scenario, by type; `volume_factor` [T] is on the volumes given."""

    def __init__(self, scenario: Scenario, volume_factor: Floats | None = None) -> None:
        self._scenario = scenario
        self._calls = list(scenario.calls.values())
        self._horizon = scenario.horizon
        factors = [None] * len(self._calls) if volume_factor is None else volume_factor.tolist()
        self.grids = [_grid(scenario, call, factor) for call, factor in zip(self._calls, factors, strict=True)]
        self._certain = certain(scenario)
        self._seen = _seen(scenario, self.grids, self._certain)
        # whether luck decides on an event that changes some volume
        self._open = any((np.diff(grid.span[~self._certain]) > 0).any() for grid in self.grids if grid.factor.size)

    def mean(self) -> float:
        """Calls expected on a path, on average over luck with events."""
        chance = chances(self._scenario)
        return sum(float((grid.volume * _mean_factor(grid, chance)).sum()) for grid in self.grids)

    def day_factors(self, keys: list[np.uint64]) -> Floats:
        """The product of the busyness of the day and of the week, for each replication. [keys, T, D]"""
        found = [_by_day(call, keys, self._horizon, self._seen.get(_name(call))) for call in self._calls]
        return np.array(found).swapaxes(0, 1)

    def counted(self, c: int, expected: Floats, begin: Floats, end: Floats) -> tuple[int, float] | None:
        """How many calls of a type are known to have arrived, and how many were expected by then on the axis of `expected`; or None."""
        told = self._scenario.known
        name = self._calls[c].name
        if told is None or told.at is None or name not in told.calls:
            return None
        return told.calls[name], known.position(expected, begin, end, told.at)

    def interval_factors(self, keys: list[np.uint64]) -> list[Floats | None]:
        """For each type the busyness of each interval [keys, I], None where it has none."""
        return [None if call.busyness.interval == 0.0 else _by_interval(call, keys, self._horizon) for call in self._calls]

    def expected(self, key: np.uint64, by_day: Floats, by_interval: list[Floats | None]) -> list[Floats]:
        """Calls expected before each piece of each type's grid begins, the last number all of them: [K + 1] each.

        `by_day` [T, D] and `by_interval` (one [I] a type, or None) are the busyness of this replication.
        """
        alone = [None if found is None else found[None] for found in by_interval]
        return [found[0] for found in self.expected_of([key], by_day[None], alone)]

    def expected_of(self, keys: Sequence[np.uint64], by_day: Floats, by_interval: list[Floats | None]) -> list[Floats]:
        """`expected` of R replications at once, [R, K + 1] each: `by_day` [R, T, D], `by_interval` one [R, I] a type, or None."""
        found = []
        for c, (grid, intervals) in enumerate(zip(self.grids, by_interval, strict=True)):
            rate = grid.volume * by_day[:, c, grid.day]
            if intervals is not None:
                rate = rate * (intervals[:, grid.interval] if grid.interval.size else intervals)
            if self._open:
                for row, key in zip(rate, keys, strict=True):
                    _with_events(grid, row, happen(self._scenario, key))
            else:
                _with_events(grid, rate, self._certain)
            upto = np.zeros((len(rate), rate.shape[1] + 1))
            np.cumsum(rate, axis=1, out=upto[:, 1:])
            found.append(upto)
        return found


def _name(call: CallType) -> np.uint64:
    """Whose luck a type's busyness is."""
    return streams.name_key(_SHARED if call.busyness.shared else call.name)


def _seen(scenario: Scenario, grids: list[Grid], happened: NDArray[np.bool_]) -> dict[np.uint64, known.Seen]:
    """What the calls so far say of the busyness of the first day, for each name that its luck goes by."""
    found: dict[np.uint64, known.Seen] = {}
    told = scenario.known
    for call, grid in zip(scenario.calls.values(), grids, strict=True):
        if told is None or told.at is None or call.name not in told.calls:
            continue
        expected = np.concatenate([_ZERO, np.cumsum(_with_events(grid, grid.volume.copy(), happened))])
        before = found.get(_name(call), known.Seen(0.0, 0.0))
        found[_name(call)] = known.Seen(
            before.calls + told.calls[call.name], before.expected + known.position(expected, grid.begin, grid.end, told.at)
        )
    return found


def _with_events(grid: Grid, rate: Floats, happened: NDArray[np.bool_]) -> Floats:
    """The rate of each piece [K] or [R, K], which is written to, times the factors of the events that happen."""
    for e in np.flatnonzero(happened) if grid.factor.size else ():
        rate[..., grid.span[e, 0] : grid.span[e, 1]] *= grid.factor[e]
    return rate


def _mean_factor(grid: Grid, chance: Floats) -> Floats:
    """The mean of the factor that events come to in each piece. [K]"""
    mean = np.ones(grid.volume.size)
    for (first, last), factor, likely in zip(grid.span, grid.factor, chance if grid.factor.size else (), strict=True):
        mean[first:last] *= 1.0 + likely * (factor - 1.0)
    return mean


def _grid(scenario: Scenario, call: CallType, factor: float | None) -> Grid:
    """The pieces of time in which calls of a type come at an even rate."""
    horizon = scenario.horizon
    start, end, day = np.array(horizon.interval_start), np.array(horizon.interval_end), np.asarray(horizon.interval_day, np.int64)
    volume = np.asarray(call.volume, np.float64)
    if factor is not None:
        volume = volume * factor
    found = pairs(scenario)
    likely = chances(scenario) > 0.0
    touching = [
        event.volume != 1.0 and maybe and event.touches(call.name) for (event, _), maybe in zip(found, likely.tolist(), strict=True)
    ]
    spans = [span for (_, span), mine in zip(found, touching, strict=True) if mine]
    if not any(low < end[-1] and high > start[0] for _, low, high in spans):
        return Grid(start, end, np.zeros(0, np.int64), volume, day, np.zeros((0, 2), np.int64), np.zeros(0))
    edges = {edge for _, low, high in spans for edge in (low, high)}
    cuts = np.unique(np.concatenate([start, [edge for edge in edges if ((start < edge) & (edge < end)).any()]]))
    interval = np.searchsorted(start, cuts, side="right") - 1
    until = np.minimum(np.append(cuts[1:], end[-1]), end[interval])
    low, high = np.array([(begin, stop) if mine else (0.0, -1.0) for (_, (_, begin, stop)), mine in zip(found, touching, strict=True)]).T
    span = np.array([np.searchsorted(cuts, low), np.searchsorted(until, high, side="right")]).T
    span[~np.array(touching)] = 0
    share = (until - cuts) / (end - start)[interval]
    return Grid(cuts, until, interval, volume[interval] * share, day[interval], span, np.array([event.volume for event, _ in found]))


def expected_by_interval(scenario: Scenario) -> Floats:
    """Calls expected of each type in each interval, on average over luck with events, before busyness. [T, I]"""
    chance = chances(scenario)
    found = np.zeros((len(scenario.calls), scenario.horizon.intervals))
    for row, grid in zip(found, Demand(scenario).grids, strict=True):
        interval = grid.interval if grid.interval.size else np.arange(grid.volume.size)
        np.add.at(row, interval, grid.volume * _mean_factor(grid, chance))
    return found


def _gamma(cv: float, uniforms: Floats) -> Floats:
    """Gamma variates of mean 1 by inversion."""
    if cv < _SMALLEST_CV:
        from ccsim.special_functions import ndtri

        return np.asarray(1.0 + cv * ndtri(uniforms), np.float64)
    from ccsim.special_functions import gammaincinv

    shape = cv**-2.0
    return np.asarray(gammaincinv(shape, uniforms) / shape, np.float64)


def _by_day(call: CallType, keys: list[np.uint64], horizon: Horizon, seen: known.Seen | None = None) -> Floats:
    """The factor of each day and of its week, multiplied, for each replication; of the first day after what was seen of it. [keys, D]"""
    told = call.busyness
    name = _name(call)
    found = np.ones((len(keys), horizon.days))
    if told.day > 0.0:
        u = [[streams.uniform(start_of(key, streams.BUSYNESS, name, day), 0) for day in range(horizon.days)] for key in keys]
        found = _gamma(told.day, np.array(u))
        if seen is not None:
            found[:, 0] = known.busyness(told.day, seen, np.array(u)[:, 0])
    if told.week > 0.0:
        # numbered through the calendar, so that a path may begin on any day of a week; the first day of the calendar is a Monday
        week = [(horizon.date + dt.timedelta(days=day)).toordinal() - 1 for day in range(horizon.days)]
        number = np.array(week) // 7
        weeks = np.unique(number)
        u = [[streams.uniform(start_of(key, streams.WEEK_BUSYNESS, name, w), 0) for w in weeks.tolist()] for key in keys]
        found = found * _gamma(told.week, np.array(u))[:, np.searchsorted(weeks, number)]
    return found


def _by_interval(call: CallType, keys: list[np.uint64], horizon: Horizon) -> Floats:
    """The factor of each interval for each replication, keyed by its day and its number in it. [keys, I]"""
    name = _name(call)
    open_days, row = np.unique(horizon.interval_day, return_inverse=True)
    number = np.arange(row.size) - np.searchsorted(row, row)
    u = np.empty((len(keys), row.size))
    for found, key in zip(u, keys, strict=True):
        starts = [start_of(key, streams.INTERVAL_BUSYNESS, name, day) for day in open_days.tolist()]
        _uniforms(np.array(starts, np.uint64), row, number, found)
    return _gamma(call.busyness.interval, u)
