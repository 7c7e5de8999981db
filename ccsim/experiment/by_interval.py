"""What two scenarios differ by in each interval, under the same luck.

One more agent from 11:00 to 11:30 moves the day's figures by little, and what they vary by on all the rest of the day hides it; in its own
interval it shows. Each interval is what `ccsim.experiment.differences` makes of a run: a difference of two pooled ratios, with the
delta method on the pair. Nothing is kept by path: the columns behind the measures, of one scenario and then of the other, have their means
and co-moments taken together (`ccsim.experiment.moments`), from which the variance of z' - z follows for every measure.

An interval of 95 % is about one interval by itself. Of many at once, some leave 0 out by luck, so whether a difference is told from
nothing is judged over all intervals of the path by Holm's procedure: with a chance of 95 % or more none is told that is none (Holm 1979,
"A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6(2)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.floor import Floats
from ccsim.errors import InputError
from ccsim.experiment.differences import Better, Difference, better_of
from ccsim.experiment.moments import Moments
from ccsim.experiment.paired import Played
from ccsim.experiment.student import t_quantile
from ccsim.inputs.scenario import Scenario
from ccsim.measures.definitions import COLUMNS, SHARE, Measure, of_scope, target_measure

_RISK: Final = 0.05
_ROUNDING: Final = 1e-12
_ALIKE: Final = 1e-9  # of the larger figure: the same numbers added up in another order differ by less
# What is compared in each interval behind the measure that leads and the target's own
COMPARED: Final = ("over_threshold", "mean_wait", "abandoned_fraction", "occupancy")


@dataclass(frozen=True, slots=True)
class Course:
    """One measure of one scenario less the same of another, interval by interval; nan where not known. [M] each"""

    measure: str
    unit: str
    mean: Floats
    half: Floats  # by which luck moved it on the days played
    low: Floats  # 95 % for each interval by itself; wider than `half` where a share was 0 or 1 on all days, which is not known exactly
    high: Floats
    told: NDArray[np.bool_]  # told from nothing, with 95 % confidence for all intervals at once
    better: Better | None

    def at(self, place: int) -> Difference:
        """The difference in one interval, give or take what luck moved it by."""
        mean, half = float(self.mean[place]), float(self.half[place])
        return Difference(self.measure, self.unit, mean, mean - half, mean + half, math.nan, self.better, None)


def compared(lead: str, scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Names of the measures that are compared in each interval: the one that leads, if intervals have it, the targets', and a few more."""
    known = {measure.name for measure in of_scope("intervals")}
    targets = (target_measure(scenario.target.variant) for scenario in scenarios)
    return tuple(name for name in dict.fromkeys((lead, *targets, *COMPARED)) if name in known)


def columns_of(measures: Sequence[str]) -> tuple[int, ...]:
    """The numbers of the intervals' columns that these measures are made of."""
    needed = {name for one in _measures(measures) for name in (*one.over, *one.under)}
    return tuple(number for number, name in enumerate(COLUMNS["intervals"]) if name in needed)


def check_same_intervals(scenarios: Sequence[Scenario]) -> None:
    """Raises `InputError` unless all scenarios are measured in the same intervals."""
    first, *others = [_measured(scenario) for scenario in scenarios]
    if any(not np.array_equal(first, other) for other in others):
        raise InputError(
            "the scenarios cannot be compared interval by interval: their opening hours, `interval` or `warm_up` are not the same; "
            "give them the same, or compare whole days"
        )


def courses(measures: Sequence[str], base: Played, other: Played) -> dict[str, Course]:
    """Each of these measures of `other` less that of `base` in every interval, over the paths that both played.

    Both were played with `intervals=columns_of(measures)`.
    """
    pairs = other.beside
    assert pairs is not None
    numbers = columns_of(measures)
    return {one.name: _course(one, numbers, pairs, base, other) for one in _measures(measures)}


def _measures(names: Sequence[str]) -> list[Measure]:
    known = {measure.name: measure for measure in of_scope("intervals")}
    return [known[name] for name in names]


def _measured(scenario: Scenario) -> Floats:
    horizon = scenario.horizon
    return np.stack([horizon.interval_start, horizon.interval_end])[:, horizon.measured]


def _course(measure: Measure, numbers: Sequence[int], pairs: Moments, base: Played, other: Played) -> Course:
    over, under = _weights(measure, numbers)
    wide = len(numbers)
    count, mine, theirs = pairs.count, pairs.mean[:, :wide], pairs.mean[:, wide:]
    known = (mine @ under > 0.0) & (theirs @ under > 0.0)
    before, here = _ratio(mine, over, under, known)
    after, there = _ratio(theirs, over, under, known)
    weights = np.concatenate([-here, there], axis=1)
    mean = np.where(known, after - before, np.nan)
    freedom, alike = count - 1, _alike(pairs, wide)
    half = np.full(len(mean), np.nan)
    if freedom > 0:
        squares = np.maximum(np.einsum("uv,uvw,uw->u", weights, pairs.comoment, weights), 0.0)
        half = t_quantile(freedom) * np.sqrt(squares / freedom / count)
        size = _ALIKE * np.maximum(np.abs(before), np.abs(after))
        nothing = alike | (np.abs(after - before) <= size) & (half <= size)
        mean, half = np.where(known & nothing, 0.0, mean), np.where(nothing, 0.0, half)
    down, up = np.zeros_like(mean), np.zeros_like(mean)
    if measure.counted and freedom > 0:
        below, above = _open_sides(before, mine @ under, count, alike | (measure.name in base.yardstick.never))
        below_after, above_after = _open_sides(after, theirs @ under, count, alike | (measure.name in other.yardstick.never))
        down, up = above + below_after, below + above_after
    low, high = mean - half - down, mean + half + up
    told = _told(mean, low, high, freedom)
    if measure.unit == SHARE:
        low, high = np.maximum(low, -1.0), np.minimum(high, 1.0)
    unknown = ~known | ~np.isfinite(half)
    half[unknown] = low[unknown] = high[unknown] = np.nan
    return Course(measure.name, measure.unit, mean, half, low, high, told, better_of(measure.name))


def _weights(measure: Measure, numbers: Sequence[int]) -> tuple[Floats, Floats]:
    """The weights of the columns kept, over and under a measure. [K] each"""
    names = [COLUMNS["intervals"][number] for number in numbers]
    return np.array([measure.over.get(name, 0.0) for name in names]), np.array([measure.under.get(name, 0.0) for name in names])


def _ratio(means: Floats, over: Floats, under: Floats, known: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The ratio in each interval, [M], and the weights that make its residual of the columns, [M, K]; 0 where it is not known."""
    below = np.where(known, means @ under, 1.0)
    ratio = np.where(known, means @ over / below, 0.0)
    weights = (over - ratio[:, None] * under) / below[:, None]
    return ratio, np.where(known[:, None], weights, 0.0)


def _alike(pairs: Moments, wide: int) -> NDArray[np.bool_]:
    """Whether an interval was the same in both scenarios on every path. [M]"""
    same = (pairs.mean[:, :wide] == pairs.mean[:, wide:]).all(axis=1)
    own, across = np.einsum("uvv->uv", pairs.comoment), np.einsum("uvv->uv", pairs.comoment[:, :wide, wide:])
    apart = own[:, :wide] + own[:, wide:] - 2.0 * across
    return np.asarray(same & (apart <= _ROUNDING * own[:, :wide]).all(axis=1))


def _open_sides(ratio: Floats, under: Floats, count: int, certain: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """How far below and above its mean a share may lie that was 1 or 0 on all paths, as in `estimates.ratio`; 0 for any other. [M] each"""
    seen = np.clip(np.round(under * count), 1, count)
    reach = np.where(certain, 0.0, -np.expm1(math.log(_RISK) / seen))
    return np.where(ratio >= 1.0 - _ROUNDING, reach, 0.0), np.where(ratio <= _ROUNDING, reach, 0.0)


def _told(mean: Floats, low: Floats, high: Floats, freedom: int) -> NDArray[np.bool_]:
    """Which differences are told from nothing, all of them at once: Holm's procedure at 5 %. [M]"""
    told = np.zeros(len(mean), dtype=np.bool_)
    if freedom < 1:
        return told
    from ccsim.special_functions import stdtr

    # The side on which 0 lies, in standard errors
    error = np.where(mean > 0.0, mean - low, high - mean) / t_quantile(freedom)
    moved = np.flatnonzero(np.isfinite(mean) & (mean != 0.0))
    with np.errstate(divide="ignore"):
        chance = 2.0 * stdtr(freedom, -np.abs(mean[moved]) / error[moved])
    tests = int(np.isfinite(mean).sum())
    for rank, place in enumerate(np.argsort(chance, kind="stable").tolist()):
        if chance[place] > _RISK / (tests - rank):
            break
        told[moved[place]] = True
    return told
