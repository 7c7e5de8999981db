"""From merged sums to estimates with 95 % intervals.

Ratios are pooled, sum over sum, and their intervals come from the delta method: for r = a / b with means a, b over n replications,

    half-width = t(n - 1) sqrt(Var(A - r B) / n) / b

(Asmussen & Glynn 2007, "Stochastic Simulation", section III.4c; t from Student's law). Counts are ratios to a number of days that does
not vary, and the formula becomes that of a mean.

A share of counted things (calls, days) that is exactly 0 or 1 on every replication has no variance to go by, and still is not known
exactly: its open side is where a share would give this outcome on n replications with a chance of 5 % (1 - 0.05^(1/n), about 3/n, the
"rule of three"; Hanley & Lippman-Hand 1983, JAMA 249). Replications are the unit, since what happens within a day hangs together; where
there were fewer things than replications, the things are.

Intervals do not leave what is possible: shares stay within 0 and 1, all else at 0 or above. With one replication there is no interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ccsim.engine.floor import Floats, Ints
from ccsim.engine.tally import wait_of
from ccsim.experiment.moments import BATCHES, STEPS, Moments
from ccsim.experiment.student import t_quantile
from ccsim.measures.definitions import COLUMNS, SHARE, Measure, Scope

_RISK = 0.05
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Estimate:
    """Means and 95 % intervals of one measure for each unit of a scope, [U]; nan where not known."""

    mean: Floats
    low: Floats
    high: Floats


def ratio(measure: Measure, scope: Scope, moments: Moments, certain: bool = False) -> Estimate:
    """The pooled ratio that a measure is, with its delta-method interval, for each unit of a scope.

    `certain` says that a share of 0 is no luck: the rule of three is left out.
    """
    columns = {name: place for place, name in enumerate(COLUMNS[scope])}
    over, under = np.zeros(len(columns)), np.zeros(len(columns))
    for name, weight in measure.over.items():
        over[columns[name]] = weight
    for name, weight in measure.under.items():
        under[columns[name]] = weight
    count = moments.count
    a, b = moments.mean @ over, moments.mean @ under
    known = b > 0
    safe = np.where(known, b, 1.0)
    mean = np.where(known, a / safe, np.nan)
    weights = over - np.where(known, mean, 0.0)[:, None] * under
    spread = np.einsum("uv,uvw,uw->u", weights, moments.comoment, weights)
    if count > 1:
        half = t_quantile(count - 1) * np.sqrt(np.maximum(spread, 0.0) / (count - 1) / count) / safe
    else:
        half = np.full(len(a), np.nan)
    low, high = mean - half, mean + half
    if measure.counted and not certain and count > 1:
        seen = np.clip(np.round(b * count), 1, count)
        reach = -np.expm1(math.log(_RISK) / seen)
        # A share of 0 or 1 in the mean was 0 or 1 on every replication: nothing of it can be made up elsewhere.
        high = np.where(mean <= _ROUNDING, reach, high)
        low = np.where(mean >= 1.0 - _ROUNDING, 1.0 - reach, low)
    low = np.maximum(low, 0.0)
    high = np.minimum(high, 1.0) if measure.unit == SHARE else high
    return Estimate(mean, low, high)


def percentile(waits: Ints, share: float, replications: int) -> Estimate:
    """The wait that `share` of the calls stay within, all replications together, for one call type or the run; one unit.

    `waits` [BATCHES, bins] counts the calls of each batch. The percentile is the smallest wait that at least `share` of the calls do not
    exceed, to 0.1 s (1 s beyond three hours). Its interval is by sectioning: the percentiles of the batches of replications spread
    around that of all, t(batches - 1) standard errors either way (Asmussen & Glynn 2007, section III.5a; Nakayama 2014,
    "Confidence intervals for quantiles using sectioning", ACM TOMACS 24(4)). Batches are the replications themselves up to 32 of them.
    """
    pooled = waits.sum(axis=0)
    mean = _quantile(pooled[None], share)
    batches = min(BATCHES, replications)
    each = _quantile(waits[:batches], share)
    each = each[~np.isnan(each)]
    if len(each) < 2:
        return Estimate(mean, np.full(1, np.nan), np.full(1, np.nan))
    half = t_quantile(len(each) - 1) * np.sqrt(((each - mean) ** 2).sum() / (len(each) - 1) / len(each))
    return Estimate(mean, np.maximum(mean - half, 0.0), mean + half)


def _quantile(counts: Ints, share: float) -> Floats:
    """The wait at the smallest bin up to which at least `share` of each row's calls lie, [rows]; nan for rows without calls."""
    if counts.shape[1] == 0:
        return np.full(len(counts), np.nan)
    upto = np.cumsum(counts, axis=1)
    total = upto[:, -1]
    needed = np.ceil(share * total - 1e-9)
    place = (upto < np.maximum(needed, 1)[:, None]).sum(axis=1)
    return np.where(total > 0, wait_of(np.minimum(place, counts.shape[1] - 1)), np.nan)


def staffing_band(staffing: Ints) -> tuple[Floats, Floats]:
    """The band of agents on duty in which 95 % of replications lie, to a quarter of an agent, from counts [M, steps].

    2.5 % of replications lie below it and 2.5 % above, as near as whole replications allow.
    """
    upto = np.cumsum(staffing, axis=1)
    total = upto[:, -1:]
    low = (upto < np.maximum(np.ceil(0.025 * total - 1e-9), 1)).sum(axis=1)
    high = (upto < np.ceil(0.975 * total - 1e-9)).sum(axis=1)
    return low / STEPS, high / STEPS
