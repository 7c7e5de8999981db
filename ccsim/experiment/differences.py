"""Paired differences between two scenarios that were played under the same luck.

A measure is a pooled ratio r = a / b of two sums over paths. With A, B the sums of one path, path i has the residual

    z_i = (A_i - r B_i) / mean(B)

whose mean is 0, and r - E r is to first order the mean of (A_i - rho B_i) / E B, rho the true ratio. The difference of two scenarios'
ratios is therefore, to first order, a mean of differences of residuals on the same path, and

    half-width = t(n - 1) sqrt(sum (z'_i - z_i)^2 / (n - 1) / n)

which is the delta method on the pair: the variance of the difference with its covariance, found path by path (Asmussen & Glynn 2007,
"Stochastic Simulation", III.4 for the delta method, V.6 for common random numbers). Played under separate luck the two would vary by
sum z'^2 + sum z^2 instead; the quotient says how many days common luck is worth.

Percentiles of waits are differenced batch by batch, by the sectioning of `estimates.percentile`.

A share that is exactly 0 or 1 on all paths of one scenario, and not of the other, is not known exactly: the open side is as far as in
`estimates.ratio`. Two scenarios whose paths are all alike differ by 0 and by nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal, NamedTuple

import numpy as np

from ccsim.engine.floor import Floats
from ccsim.experiment.paired import Played, batch_percentiles
from ccsim.experiment.student import t_quantile
from ccsim.measures.definitions import COLUMNS, PERCENTILES, SECONDS, SHARE, Measure, of_scope

Better = Literal["higher", "lower"]

_RISK = 0.05
_ROUNDING = 1e-12
# Days whose measures are no further apart than this, as a part of the larger, are alike: sums of the same numbers in another order.
_ALIKE = 1e-9
_HIGHER: Final = ("service_level_", "target_met", "answered")
_LOWER: Final = (
    "wait_", "mean_wait", "average_speed_of_answer", "over_threshold", "abandoned", "blocked", "attempts_per_caller", "overtime_hours",
    "lost_fraction", "unsettled", "work_undone", "redials", "call_backs_unreached", "cost",
)  # fmt: skip


class Beats(NamedTuple):
    """On how many of the paths one scenario's own measure was better than the other's: a share with its 95 % interval."""

    share: float
    low: float
    high: float
    worse: float
    ties: float
    paths: int  # on which both have the measure


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of one scenario less the same of another; nan where not known."""

    measure: str
    unit: str
    mean: float
    low: float
    high: float
    gain: float  # how many times the paths it would take under separate luck; nan where nothing varies
    better: Better | None  # which way is better; None for measures that say neither
    beats: Beats | None


def better_of(measure: str) -> Better | None:
    """Which way a measure is better for callers and for the budget; None for one that is neither (calls offered, occupancy).

    >>> better_of("wait_p90"), better_of("service_level_offered"), better_of("occupancy")
    ('lower', 'higher', None)
    """
    if measure.startswith(_HIGHER):
        return "higher"
    return "lower" if measure.startswith(_LOWER) else None


def measure_of(name: str) -> Measure | None:
    """The run's measure of that name; None for percentiles of waits, which are no ratios."""
    return {measure.name: measure for measure in of_scope("run")}.get(name)


def unit_of(name: str) -> str:
    """The unit of a measure of the whole run."""
    found = measure_of(name)
    return SECONDS if found is None else found.unit


def common_measures(played: Sequence[Played], with_cost: bool) -> tuple[str, ...]:
    """Names of the measures that all scenarios have, in the order in which they are shown."""
    return tuple(name for name in played[0].measures if all(name in one.measures for one in played) and (with_cost or name != "cost"))


def sides(measure: Measure, columns: Floats) -> tuple[Floats, Floats]:
    """What stands over and under a measure, for each row of the run's `columns` [n, V]: [n] and [n]."""
    over, under = np.zeros(columns.shape[1]), np.zeros(columns.shape[1])
    for name, weight in measure.over.items():
        over[COLUMNS["run"].index(name)] = weight
    for name, weight in measure.under.items():
        under[COLUMNS["run"].index(name)] = weight
    return columns @ over, columns @ under


def pooled(measure: Measure, columns: Floats) -> tuple[float, Floats]:
    """The ratio of all rows of `columns` [n, V] together, and the residual of each, [n]; nan and zeros where nothing stands under it."""
    a, b = sides(measure, columns)
    under = float(b.mean())
    if not under > 0.0:
        return math.nan, np.zeros(len(columns))
    ratio = float(a.mean()) / under
    return ratio, (a - ratio * b) / under


def by_row(measure: Measure, columns: Floats) -> Floats:
    """The ratio of each row of `columns` [n, V] by itself, [n]; nan where nothing stands under it."""
    a, b = sides(measure, columns)
    return np.divide(a, b, out=np.full(len(columns), np.nan), where=b > 0.0)


def difference(name: str, base: Played, other: Played) -> Difference:
    """A measure of `other` less that of `base`, over the paths that both played."""
    better = better_of(name)
    if name in PERCENTILES:
        return _of_percentile(name, base, other, better)
    measure = measure_of(name)
    assert measure is not None
    paths = min(base.paths, other.paths)
    mine, theirs = base.columns[:paths], other.columns[:paths]
    (before, z), (after, z_after) = pooled(measure, mine), pooled(measure, theirs)
    if math.isnan(before) or math.isnan(after):
        return Difference(name, measure.unit, math.nan, math.nan, math.nan, math.nan, better, None)
    mean = after - before
    half, gain = _spread(z, z_after)
    low, high = mean - half, mean + half
    if measure.counted and paths > 1 and not np.array_equal(mine, theirs):
        down, up = _open_sides(measure, mine, before, name in base.yardstick.never)
        down_after, up_after = _open_sides(measure, theirs, after, name in other.yardstick.never)
        low, high = low - up - down_after, high + down + up_after
    if measure.unit == SHARE:
        low, high = max(low, -1.0), min(high, 1.0)
    beats = None if better is None else _beats(by_row(measure, mine), by_row(measure, theirs), better)
    return Difference(name, measure.unit, mean, low, high, gain, better, beats)


def _of_percentile(name: str, base: Played, other: Played, better: Better | None) -> Difference:
    paths = min(base.paths, other.paths)
    place = list(PERCENTILES).index(name)
    assert better is not None
    beats = _beats(base.percentiles[:paths, place], other.percentiles[:paths, place], better)
    if base.paths != other.paths:
        # Waits are kept for all paths of a scenario together.
        return Difference(name, SECONDS, math.nan, math.nan, math.nan, math.nan, better, beats)
    before, each = batch_percentiles(base, PERCENTILES[name])
    after, each_after = batch_percentiles(other, PERCENTILES[name])
    mean = after - before
    known = ~(np.isnan(each) | np.isnan(each_after))
    half, gain = _spread(each[known] - before, each_after[known] - after)
    return Difference(name, SECONDS, mean, mean - half, mean + half, gain, better, beats)


def _spread(z: Floats, z_after: Floats) -> tuple[float, float]:
    """The half-width for a mean of z' - z, and the quotient of the variances without and with pairing; nan where not known."""
    count = len(z)
    if count < 2:
        return math.nan, math.nan
    paired = float(((z_after - z) ** 2).sum())
    apart = float((z_after**2).sum() + (z**2).sum())
    half = t_quantile(count - 1) * math.sqrt(paired / (count - 1) / count)
    return half, apart / paired if paired > _ROUNDING * apart > 0.0 else math.nan


def _open_sides(measure: Measure, columns: Floats, mean: float, certain: bool) -> tuple[float, float]:
    """How far below and above its mean a share may lie that was 0 or 1 on all paths; 0 for any other."""
    if certain:
        return 0.0, 0.0
    _, b = sides(measure, columns)
    seen = min(max(round(float(b.sum())), 1), len(columns))
    reach = -math.expm1(math.log(_RISK) / seen)
    return reach if mean >= 1.0 - _ROUNDING else 0.0, reach if mean <= _ROUNDING else 0.0


def _beats(base: Floats, other: Floats, better: Better) -> Beats | None:
    known = ~(np.isnan(base) | np.isnan(other))
    count = int(known.sum())
    if count == 0:
        return None
    apart = (other - base)[known] * (1.0 if better == "higher" else -1.0)
    alike = np.abs(apart) <= _ALIKE * np.maximum(np.abs(base), np.abs(other))[known]
    wins = int((~alike & (apart > 0.0)).sum())
    ties = int(alike.sum())
    low, high = wilson(wins, count)
    return Beats(wins / count, low, high, (count - wins - ties) / count, ties / count, count)


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval for a chance of which `successes` of `trials` came true (Wilson 1927, JASA 22; Brown, Cai & DasGupta 2001, eq. 4).

    >>> [round(limit, 4) for limit in wilson(0, 10)]
    [0.0, 0.2775]
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    share = successes / trials
    scale = 1.0 + z * z / trials
    middle = (share + z * z / (2.0 * trials)) / scale
    half = z * math.sqrt(share * (1.0 - share) / trials + z * z / (4.0 * trials * trials)) / scale
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    return low, 1.0 if successes == trials else min(1.0, middle + half)
