"""Weights that take out of an estimate what is known of the luck of the days that were played.

How busy a day is, how many callers come and how long their calls are is drawn, so on the days played its average is off from the one that
is known. Regressing each interval's sums on these (control variates: Lavenberg and Welch 1981, Management Science 27(3), 322-335) is
the same as giving each day a weight for each interval, whatever is summed and whatever the plan (Hesterberg and Nelson 1998,
Management Science 44(9), 1295-1312). The weights of an interval add up to 1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import streams
from ccsim.engine.demand import Demand, Grid
from ccsim.engine.happenings import chances
from ccsim.staffing.by_simulation.presence import MOST_TYPES, PARTS, POWERS, Presence

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
_POINTS = 1 << 13  # that stand for the law of how busy a day is
_DRAWN = 6000  # days whose busyness is drawn instead, where what is known of the calls so far bends that law
_ROOM = 6.0  # days for each thing taken out, at least
_QUANTILES = (0.7, 0.9, 0.4)  # of the busyness of an interval, beyond which its excess is taken out
_RIDGE = 1e-9
_BUSY = 0.75  # and beyond which more work than expected tells the more


class Luck:
    """What is known of the luck with calls on R days: `busy` [R, I] the work to be expected, over its mean, less 1; `calls` and `work`
    [R, I, T] calls that came less those expected, and seconds of work less what so many calls bring on average; `square` [R, I] what the
    square of the seconds of work less those expected is to be on such a day; `law` that of `busy`; `there` [R, I, columns] what the number
    who would be there without a queue tells (`presence`); `weight` [R] what each day counts for, 1 on average."""

    def __init__(
        self, busy: Floats, calls: Floats, work: Floats, square: Floats, handle: Floats, law: Law, there: Singles, weight: Floats
    ) -> None:
        self.busy, self.calls, self.work, self.square, self.handle, self.law, self.there = busy, calls, work, square, handle, law, there
        self.weight = weight

    @property
    def count(self) -> int:
        """Number of days."""
        return len(self.busy)

    def first(self, days: int) -> Luck:
        """The luck of the first so many of these days."""
        kept = (self.busy[:days], self.calls[:days], self.work[:days], self.square[:days])
        return Luck(*kept, self.handle, self.law, self.there[:days], self.weight[:days])

    def taken_out(self, i: int) -> tuple[Floats, Floats, Floats]:
        """What is taken out of interval i less its mean on these days [R, p], the inverse of its squares [p, p], and that mean [p]."""
        known = self.columns(i)
        mean = known.mean(axis=0)
        apart = known - mean
        # the columns are of one spread, so a little on the diagonal keeps those apart that say nearly the same
        return apart, np.linalg.inv(apart.T @ apart + _RIDGE * self.count * np.eye(known.shape[1])), mean

    @cached_property
    def _sums(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Work that came beyond that expected by type [R, I, T], and over all types: that, what calls took longer, and both [R, I]."""
        load = self.handle * self.calls
        come, work = load.sum(axis=2), self.work.sum(axis=2)
        return load, come, work, come + work

    def columns(self, i: int) -> Floats:
        """What is taken out of interval i: columns whose true mean is 0, the most telling first, as many as the days allow. [R, p]"""
        load, come, work, surplus = self._sums
        busy, before = self.busy[:, i], max(i - 1, 0)
        each = self.law.taken_out(i, busy)
        there = self.there[:, i].T.astype(np.float64)
        parts = there[: PARTS * POWERS].reshape(-1, POWERS, self.count)  # none where nothing is known of it
        listed = [each[0], come[:, i], work[:, i], each[1], *parts.sum(axis=0)[1:2]]
        if i:
            listed += [come[:, before], work[:, before]]
        listed += [*parts[:2, :2].reshape(-1, self.count), *parts[:, 2:].sum(axis=0)]
        listed += [busy * come[:, i], busy * work[:, i], surplus[:, i] ** 2 - self.square[:, i], each[2]]
        if i:
            listed += [surplus[:, i] * surplus[:, before], busy * surplus[:, before], surplus[:, before] ** 2 - self.square[:, before]]
        high = np.maximum(busy - self.law.line(i, _BUSY), 0.0)
        listed += [*each[3:5], high * surplus[:, i]]
        if i:
            listed.append(high * surplus[:, before])
        for lag in range(2, min(4, i + 1)):
            listed += [come[:, i - lag], work[:, i - lag]]
        if self.calls.shape[2] > 1:
            for kind in range(min(self.calls.shape[2], MOST_TYPES)):
                listed += [load[:, i, kind], self.work[:, i, kind]]
        listed += [*there[PARTS * POWERS :], *parts[2:, 0], *parts[:2, 2]]
        listed += [busy * (surplus[:, i] ** 2 - self.square[:, i]), *each[5:]]
        # where days weigh differently everything counts with its day's weight, and that these are 1 on average is known too
        told = np.stack([self.weight, *listed[: max(1, int(self.count / _ROOM))]], axis=1)
        told[:, 1:] *= self.weight[:, None]
        told[:, 0] -= 1.0
        spread = told.std(axis=0)
        return told[:, spread > 1e-12] / spread[spread > 1e-12] if (spread > 1e-12).any() else np.zeros((self.count, 1))


class Law:
    """The law of how busy each interval is: values [M, I] that stand for it, alike in weight, 0 on average."""

    def __init__(self, values: Floats) -> None:
        self.values = values
        self._known: dict[object, float] = {}

    def taken_out(self, i: int, busy: Floats) -> list[Floats]:
        """Powers of the busyness of interval i on some days [R] and its excess over some quantiles, each less its mean by the law."""
        found = [busy**power - self._mean(i, power) for power in (1, 2, 3)]
        return found + [np.maximum(busy - self.line(i, share), 0.0) - self._excess(i, share) for share in _QUANTILES]

    def line(self, i: int, share: float) -> float:
        """A quantile of the busyness of interval i."""
        return self._kept(("line", i, share), lambda: float(np.quantile(self.values[:, i], share)))

    def _mean(self, i: int, power: int) -> float:
        return self._kept(("mean", i, power), lambda: float((self.values[:, i] ** power).mean()))

    def _excess(self, i: int, share: float) -> float:
        return self._kept(("excess", i, share), lambda: float(np.maximum(self.values[:, i] - self.line(i, share), 0.0).mean()))

    def _kept(self, name: object, find: Callable[[], float]) -> float:
        if name not in self._known:
            self._known[name] = find()
        return self._known[name]


class Expectation:
    """What is to be expected of a scenario's calls, by interval, whatever luck has said so far; `factors` [T] are on the volumes."""

    def __init__(self, scenario: Scenario, seed: int, factors: Floats | None) -> None:
        self.intervals, self.types, self.days = scenario.horizon.intervals, len(scenario.calls), scenario.days
        self._scenario, self._demand = scenario, Demand(scenario, factors)
        calls = scenario.calls.values()
        self.handle = np.array([np.broadcast_to(call.handle_time.mean, self.intervals) for call in calls]).T  # [I, T]
        self.presence = None if scenario.known is not None else Presence(scenario, self._demand)
        self._square = self.handle**2 * (1.0 + np.array([call.handle_time.cv for call in calls]) ** 2)
        # what is known of the calls so far bends the law of those to come: then only the busyness is taken out
        self.conditioned = scenario.known is not None
        loads = self._loads(seed, range(1 << 20, (1 << 20) + _DRAWN)) if self.conditioned else self._load_law()
        mean = loads.mean(axis=0)
        self.mean_load = np.where(mean > 0.0, mean, 1.0)
        self.law = Law(loads / self.mean_load - 1.0)
        self._path_load = max(float(loads.sum(axis=1).mean()), 1e-9)
        self.day_loads = np.sort(loads.sum(axis=1) / self._path_load)

    def quantiles(self, points: int) -> Floats:
        """The busyness of a day at the middles of so many equal parts of its law, [points]; its mean is 1."""
        middles = (np.arange(points) + 0.5) / points
        if not self.day_loads.any():
            return np.ones(points)
        found = np.quantile(self.day_loads, middles)
        return np.asarray(found / found.mean())

    def calls(self, seed: int, replications: Sequence[int]) -> Floats:
        """Calls expected on each day of a seed, given how busy it is and what happens, [R, I, T]."""
        return self._by_interval(self._by_piece(seed, replications))

    def path_loads(self, seed: int, replications: Sequence[int]) -> Floats:
        """The work to be expected of each of some paths of a seed, over its mean, [R]."""
        return np.asarray(self._loads(seed, replications).sum(axis=1) / self._path_load)

    def _by_piece(self, seed: int, replications: Sequence[int]) -> list[Floats]:
        """The same in each piece of each type's grid, [R, K] each."""
        root = streams.seed_key(seed)
        keys = [np.uint64(streams.replication_key(root, replication)) for replication in replications]
        by_day = self._demand.day_factors(keys)
        by_interval = self._demand.interval_factors(keys)
        pieces = [
            self._demand.expected(key, by_day[row], [None if found is None else found[row] for found in by_interval])
            for row, key in enumerate(keys)
        ]
        return [np.diff(np.array(one), axis=1) for one in zip(*pieces, strict=True)]

    def _by_interval(self, pieces: list[Floats]) -> Floats:
        out = np.zeros((len(pieces[0]), self.intervals, self.types))
        for kind, (grid, calls) in enumerate(zip(self._demand.grids, pieces, strict=True)):
            if grid.interval.size:
                np.add.at(out[:, :, kind].T, grid.interval, calls.T)
            else:
                out[:, :, kind] = calls
        return out

    def luck(
        self, seed: int, replications: Sequence[int], calls: Floats, work: Floats, there: NDArray[np.int16] | None, weight: Floats
    ) -> Luck:
        """The luck of some days of a seed on which `calls` came, with `work` seconds of handling in them, [R, I, T] both, and with so many
        `there` as `presence` saw; `weight` [R] is what each counts for."""
        pieces = self._by_piece(seed, replications)
        expected = self._by_interval(pieces)
        busy = (expected * self.handle).sum(axis=2) / self.mean_load - 1.0
        # calls are Poisson, given how busy the day is, so a sum over them has the variance calls x E[handle time squared]
        come, longer, square = calls - expected, work - calls * self.handle, (expected * self._square).sum(axis=2)
        if self.presence is None or there is None:
            come, longer, square = np.zeros_like(come), np.zeros_like(longer), np.zeros_like(square)
            return Luck(busy, come, longer, square, self.handle, self.law, np.zeros((*busy.shape, 0), np.float32), weight)
        return Luck(busy, come, longer, square, self.handle, self.law, self.presence.told(there, pieces), weight)

    def _loads(self, seed: int, replications: Sequence[int]) -> Floats:
        return np.asarray((self.calls(seed, replications) * self.handle).sum(axis=2))

    def _load_law(self) -> Floats:
        """Seconds of work to be expected of each interval at points that stand for all that luck decides about how busy it is [M, I].

        A lattice: the first coordinate in equal steps, the others in steps of the square root of a prime, less the whole (Richtmyer
        1951), each folded in the middle (Hickernell 2002), which makes means over it some ten times nearer. Drawn days would do as well
        only in their millions: the error of a mean over a few thousand would be in every check, and nothing would show it.
        """
        points, scenario = _Points(), self._scenario
        chance = chances(scenario)
        loads = np.zeros((_POINTS, self.intervals))
        for kind, (call, grid) in enumerate(zip(scenario.calls.values(), self._demand.grids, strict=True)):
            told, name = call.busyness, None if call.busyness.shared else call.name
            of_day = {day: points.gamma(told.day, "day", name, day) for day in np.unique(grid.day).tolist()}
            weeks = {day: ((scenario.horizon.date + dt.timedelta(days=day)).toordinal() - 1) // 7 for day in of_day}  # from Monday
            of_week = {week: points.gamma(told.week, "week", name, week) for week in sorted(set(weeks.values()))}
            of_interval = points.gamma(told.interval, "interval", name)
            for k in range(grid.volume.size):
                i, day = int(grid.interval[k]) if grid.interval.size else k, int(grid.day[k])
                factor = of_day[day] * of_week[weeks[day]] * of_interval * _events(points, grid, k, chance)
                loads[:, i] += grid.volume[k] * self.handle[i, kind] * factor
        return loads


def _events(points: _Points, grid: Grid, k: int, chance: Floats) -> Floats | float:
    """What events come to in a piece of a grid, at each point."""
    factor: Floats | float = 1.0
    for e in range(len(grid.factor)):
        if grid.span[e, 0] <= k < grid.span[e, 1] and chance[e] > 0.0:
            happens = True if chance[e] >= 1.0 else points.uniform("event", e) < chance[e]
            factor = factor * np.where(happens, grid.factor[e], 1.0)
    return factor


class _Points:
    """Points of a lattice, a coordinate for each thing that luck decides."""

    def __init__(self) -> None:
        self._known: dict[object, Floats] = {}
        self._gammas: dict[object, Floats] = {}
        self._primes = _primes()

    def uniform(self, *what: object) -> Floats:
        """The coordinate of one thing: the same for whoever asks."""
        if what not in self._known:
            number = np.arange(_POINTS) + 0.5
            at = number / _POINTS if not self._known else (number * np.sqrt(next(self._primes))) % 1.0
            self._known[what] = 1.0 - np.abs(2.0 * at - 1.0)
        return self._known[what]

    def gamma(self, cv: float, *what: object) -> Floats | float:
        """A Gamma factor of mean 1 at each point; 1 where nothing varies."""
        if cv <= 0.0:
            return 1.0
        if (cv, what) not in self._gammas:
            from ccsim.special_functions import gammaincinv

            shape = max(cv, 1e-4) ** -2.0
            uniforms = np.clip(self.uniform(*what), 1e-12, 1.0 - 1e-12)
            self._gammas[cv, what] = np.asarray(gammaincinv(shape, uniforms) / shape)
        return self._gammas[cv, what]


def _primes() -> Iterator[int]:
    """2, 3, 5 and so on."""
    found: list[int] = []
    number = 2
    while True:
        if all(number % prime for prime in found):
            found.append(number)
            yield number
        number += 1
