"""How many callers would be in the centre at a moment were there agents without end: what of a day's luck tells most of its waits.

Calls come at random, so given how busy a day is that number is Poisson, whatever the law of how long calls are; its mean is a sum over what
is expected of each piece of the day (Eick, Massey and Whitt 1993, Operations Research 41(4), 731-742). So the averages of its powers are
known, and whoever takes them out of an estimate takes out the luck with the order in which calls come and how long they last. Staffing by
the modified offered load rests on the same number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ccsim.engine.demand import Demand, Grid
    from ccsim.inputs import Scenario
    from ccsim.inputs.distributions import Distribution

Floats = NDArray[np.float64]
PARTS, POWERS = 3, 3  # of an interval, each by itself; and powers of the number
MOST_TYPES = 4  # that are looked at by themselves
_OFTEN, _MOST = 1.0, 8  # moments looked at in a part of an interval: a mean handle time has so many times `PARTS`, and no more than that
_AT_ONCE = 256  # days whose numbers are worked out at a time
_HIGHEST = np.iinfo(np.int16).max  # three times as many as agents are ever played


class Presence:
    """The moments at which it is looked at, and what is expected there."""

    def __init__(self, scenario: Scenario, demand: Demand) -> None:
        horizon = scenario.horizon
        begin, end = np.asarray(horizon.interval_start, float), np.asarray(horizon.interval_end, float)
        calls = scenario.calls.values()
        volume = np.array([float(np.sum(call.volume)) for call in calls])
        means = np.array([float(np.mean(call.handle_time.mean)) for call in calls])
        mean = float(volume @ means / volume.sum()) if volume.sum() > 0.0 else 300.0
        longest = float((end - begin).max())
        each = PARTS * int(np.clip(round(_OFTEN * longest / mean), 1, _MOST))
        self.intervals, self.types = begin.size, len(means)
        self._zero, self._step = float(begin[0]), longest / each
        self._points = int(np.ceil((end[-1] - begin[0]) / self._step - 1e-9))
        moment = np.asarray(self._zero + self._step * np.arange(1, self._points + 1), np.float64)
        interval = np.searchsorted(begin, moment - 1e-6, side="right") - 1
        part = ((moment - begin[interval]) / (end - begin)[interval] * PARTS - 1e-6).astype(np.int64)
        self._open = np.flatnonzero(part < PARTS)  # the others lie in the night
        self.moments = self._open.size
        self._part, self._first = np.unique(interval[self._open] * PARTS + part[self._open], return_index=True)
        looked_at = moment[self._open]
        self._reach = [_reach(call.handle_time, grid, looked_at) for call, grid in zip(calls, demand.grids, strict=True)]
        self._usual = [grid.volume @ reach for grid, reach in zip(demand.grids, self._reach, strict=True)]

    def seen(self, arrival: Floats, handle: Floats, call_type: NDArray[np.int64]) -> NDArray[np.int16]:
        """How many of each type would be there at each moment of a day, [T, moments]."""
        size = self._points + 1
        row = call_type * size
        come = (arrival - self._zero) * (1.0 / self._step)
        gone = np.minimum(come + handle * (1.0 / self._step), self._points)
        found = np.bincount(come.astype(np.int64) + row, minlength=size * self.types)
        found -= np.bincount(gone.astype(np.int64) + row, minlength=size * self.types)
        return np.minimum(found.reshape(-1, size).cumsum(axis=1)[:, self._open], _HIGHEST).astype(np.int16)

    def told(self, seen: NDArray[np.int16], expected: list[Floats]) -> NDArray[np.float32]:
        """What days [R] tell: powers of the number of all types in each part of an interval, and of each type in all of it.

        seen [R, T, moments]; expected: of each type, calls in each piece of its grid on each day [R, K]. The true mean of each is 0.
        [R, I, columns]
        """
        by_type = min(self.types, MOST_TYPES) if self.types > 1 else 0
        out = np.zeros((len(seen), self.intervals * PARTS, POWERS), np.float32)
        own = np.zeros((len(seen), self.intervals, POWERS * by_type), np.float32)
        for first in range(0, len(seen), _AT_ONCE):
            days = slice(first, first + _AT_ONCE)
            means = [calls[days] @ reach for calls, reach in zip(expected, self._reach, strict=True)]
            out[days, self._part] = self._summed(
                seen[days].sum(axis=1, dtype=np.int64), sum(means, start=np.zeros(1)), sum(self._usual, start=np.zeros(1))
            )
            for kind in range(by_type):
                parts = self._summed(seen[days, kind], means[kind], self._usual[kind])
                whole = np.zeros((len(parts), self.intervals * PARTS, POWERS))
                whole[:, self._part] = parts
                own[days, :, kind * POWERS : (kind + 1) * POWERS] = whole.reshape(-1, self.intervals, PARTS, POWERS).sum(axis=2)
        return np.concatenate([out.reshape(len(seen), self.intervals, -1), own], axis=2)

    def _summed(self, seen: NDArray[Any], mean: Floats, usual: Floats) -> Floats:
        """Powers of a number's distance from its usual mean, less their means given how busy the day is, summed over each part."""
        spread = np.sqrt(usual + 1.0)
        chance, busy = (seen - mean) / spread, (mean - usual) / spread
        variance = mean / spread**2
        square = chance**2 - variance
        cube = chance**3 - variance / spread
        listed = (chance, square + 2.0 * busy * chance, cube + 3.0 * busy * (square + busy * chance))
        return np.stack([np.add.reduceat(one, self._first, axis=1) for one in listed[:POWERS]], axis=2)


def _reach(law: Distribution, grid: Grid, moment: Floats) -> Floats:
    """The chance that a call of a piece of time is there at a moment, [K, moments]."""
    mean = np.broadcast_to(law.mean, (int(grid.interval.max()) + 1,) if grid.interval.size else grid.volume.shape)
    mean = (mean[grid.interval] if grid.interval.size else mean)[:, None]
    since, until = np.maximum(moment - grid.begin[:, None], 0.0), np.maximum(moment - grid.end[:, None], 0.0)
    return np.asarray((lasting(law, mean, since) - lasting(law, mean, until)) / (grid.end - grid.begin)[:, None])


def lasting(law: Distribution, mean: Floats, most: Floats) -> Floats:
    """The mean of a duration that is cut off at `most` [s], by a law of such a mean [s]: what has passed of it by then, on average."""
    from ccsim.special_functions import gammainc, ndtr

    part = most / mean
    if law.kind == "exponential":
        return np.asarray(mean * -np.expm1(-part))
    if law.kind == "lognormal" and law.cv > 0.0:
        variance = float(np.log1p(law.cv**2))
        at = (np.log(np.maximum(part, 1e-300)) + 0.5 * variance) / np.sqrt(variance)
        return np.asarray(mean * ndtr(at - np.sqrt(variance)) + most * ndtr(-at))
    if law.kind in ("gamma", "erlang"):
        shape = float((law.shape if law.kind == "gamma" else law.phases) or 1.0)
        return np.asarray(mean * gammainc(shape + 1.0, shape * part) + most * (1.0 - gammainc(shape, shape * part)))
    if law.kind == "weibull" and law.shape is not None:
        from ccsim.special_functions import gamma

        return np.asarray(mean * gammainc(1.0 / law.shape, (part * gamma(1.0 + 1.0 / law.shape)) ** law.shape))
    if law.kind == "hyperexponential":
        chance = 0.5 * (1.0 + np.sqrt((law.cv**2 - 1.0) / (law.cv**2 + 1.0)))
        return np.asarray(0.5 * mean * -(np.expm1(-2.0 * chance * part) + np.expm1(-2.0 * (1.0 - chance) * part)))
    if law.kind == "uniform" and law.low is not None and law.high is not None:
        within = np.clip(most, law.low, law.high) - law.low
        return np.asarray(np.minimum(most, law.low) + within - 0.5 * within**2 / (law.high - law.low))
    if law.kind == "values" and law.values is not None:
        known = np.sort(np.asarray(law.values, float))
        below = np.searchsorted(known, most)
        return np.asarray((np.concatenate([[0.0], np.cumsum(known)])[below] + most * (known.size - below)) / known.size)
    return np.asarray(np.minimum(most, mean))
