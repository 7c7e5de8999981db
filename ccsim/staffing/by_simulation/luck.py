"""Weights that take out of an estimate what is known of the luck of the days that were played.

How busy a day is, how many callers come and how long their calls are is drawn, so on the days played its average is off from the one that
is known. Regressing each interval's sums on these (control variates: Lavenberg and Welch 1981, Management Science 27(3), 322-335) is
the same as giving each day a weight for each interval, whatever is summed and whatever the plan (Hesterberg and Nelson 1998,
Management Science 44(9), 1295-1312). The weights of an interval add up to 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import streams
from ccsim.engine.demand import Demand

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
_DRAWN = 6000  # days whose busyness alone is drawn, to know its average
_ROOM = 6.0  # days for each thing taken out, at least


class Luck:
    """What is known of the luck with calls on R days: `busy` [R, I] the work to be expected, over its mean, less 1; `calls` and `work`
    [R, I, T] calls that came less those expected, and seconds of work less what so many calls bring on average."""

    def __init__(self, busy: Floats, calls: Floats, work: Floats, handle: Floats, moments: Floats) -> None:
        self.busy, self.calls, self.work, self.handle, self.moments = busy, calls, work, handle, moments

    @property
    def count(self) -> int:
        """Number of days."""
        return len(self.busy)

    def first(self, days: int) -> Luck:
        """The luck of the first so many of these days."""
        return Luck(self.busy[:days], self.calls[:days], self.work[:days], self.handle, self.moments)

    def joined(self, other: Luck) -> Luck:
        """The luck of these days and of others of the same scenario."""
        busy, calls = np.concatenate([self.busy, other.busy]), np.concatenate([self.calls, other.calls])
        return Luck(busy, calls, np.concatenate([self.work, other.work]), self.handle, self.moments)

    def taken_out(self, i: int) -> tuple[Floats, Floats, Floats]:
        """What is taken out of interval i less its mean on these days [R, p], the inverse of its squares [p, p], and that mean [p]."""
        known = self.columns(i)
        mean = known.mean(axis=0)
        apart = known - mean
        return apart, np.linalg.pinv(apart.T @ apart, rcond=1e-10, hermitian=True), mean

    def columns(self, i: int) -> Floats:
        """What is taken out of interval i: columns whose true mean is 0, the most telling first, as many as the days allow. [R, p]"""
        load = self.handle * self.calls
        come, work = load.sum(axis=2), self.work.sum(axis=2)
        busy, before = self.busy[:, i], max(i - 1, 0)
        each = [busy**power - self.moments[power, i] for power in (1, 2, 3)]
        listed = [each[0], come[:, i], work[:, i], each[1]]
        if i:
            listed += [come[:, before], work[:, before]]
        listed += [busy * come[:, i], busy * work[:, i], each[2]]
        for lag in range(2, min(4, i + 1)):
            listed += [come[:, i - lag], work[:, i - lag]]
        if self.calls.shape[2] > 1:
            for kind in range(min(self.calls.shape[2], 4)):
                listed += [load[:, i, kind], self.work[:, i, kind]]
        told = [column / spread for column in listed if (spread := float(column.std())) > 1e-12]
        most = max(1, int(self.count / _ROOM))
        return np.stack(told[:most], axis=1) if told else np.zeros((self.count, 1))


class Expectation:
    """What is to be expected of a scenario's calls, by interval, whatever luck has said so far; `factors` [T] are on the volumes."""

    def __init__(self, scenario: Scenario, seed: int, factors: Floats | None) -> None:
        self.intervals, self.types = scenario.horizon.intervals, len(scenario.calls)
        self._demand = Demand(scenario, factors)
        self.handle = np.array([np.broadcast_to(call.handle_time.mean, self.intervals) for call in scenario.calls.values()]).T  # [I, T]
        # what is known of the calls so far bends the law of those to come: then only the busyness is taken out
        self.conditioned = scenario.known is not None
        drawn = self._loads(seed, range(1 << 20, (1 << 20) + _DRAWN))
        self.mean_load = np.where(drawn.mean(axis=0) > 0.0, drawn.mean(axis=0), 1.0)
        busy = drawn / self.mean_load - 1.0
        self.moments = np.array([(busy**power).mean(axis=0) for power in range(4)])  # [4, I]
        self.day_loads = np.sort(drawn.sum(axis=1) / max(float(drawn.sum(axis=1).mean()), 1e-9))

    def quantiles(self, points: int) -> Floats:
        """The busyness of a day at the middles of so many equal parts of its law, [points]; its mean is 1."""
        middles = (np.arange(points) + 0.5) / points
        if not self.day_loads.any():
            return np.ones(points)
        found = np.quantile(self.day_loads, middles)
        return np.asarray(found / found.mean())

    def calls(self, seed: int, replications: range) -> Floats:
        """Calls expected on each day of a seed, given how busy it is and what happens, [R, I, T]."""
        root = streams.seed_key(seed)
        keys = [np.uint64(streams.replication_key(root, replication)) for replication in replications]
        by_day = self._demand.day_factors(keys)
        by_interval = self._demand.interval_factors(keys)
        out = np.zeros((len(keys), self.intervals, self.types))
        for row, key in enumerate(keys):
            pieces = self._demand.expected(key, by_day[row], [None if found is None else found[row] for found in by_interval])
            for kind, (grid, before) in enumerate(zip(self._demand.grids, pieces, strict=True)):
                calls = np.diff(before)
                out[row, :, kind] = np.bincount(grid.interval, calls, self.intervals) if grid.interval.size else calls
        return out

    def luck(self, seed: int, replications: range, calls: Floats, work: Floats) -> Luck:
        """The luck of some days of a seed on which `calls` came, with `work` seconds of handling in them, [R, I, T] both."""
        expected = self.calls(seed, replications)
        busy = (expected * self.handle).sum(axis=2) / self.mean_load - 1.0
        come, longer = calls - expected, work - calls * self.handle
        if self.conditioned:
            come, longer = np.zeros_like(come), np.zeros_like(longer)
        return Luck(busy, come, longer, self.handle, self.moments)

    def _loads(self, seed: int, replications: range) -> Floats:
        return np.asarray((self.calls(seed, replications) * self.handle).sum(axis=2))
