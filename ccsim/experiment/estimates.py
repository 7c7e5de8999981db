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

Where control variates stand behind a scope's columns (`ccsim.experiment.controls`), the columns are regressed on the first of them, as
many as the replications can bear, and each mean is moved to where the controls have the mean that they are known to have. With m controls
used, d their means less those known, S their co-moments and R the co-moments of what the regression leaves,

    half-width = t(n - m - 1) sqrt(R / (n - m - 1)) sqrt(1 / n + d' S^-1 d) / b,

where R is that of A - r B (Lavenberg & Welch 1981, "A perspective on the use of control variables to increase the efficiency of Monte
Carlo simulations", Management Science 27(3), eq. 16-19; exact for normal columns). All columns take the same controls, so that what
adds up still does: answered, hung up and blocked are all that were offered. A measure that this would take wholly out of what is possible
keeps its plain estimate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.floor import Floats, Ints
from ccsim.engine.tally import wait_of
from ccsim.experiment.controls import allowed
from ccsim.experiment.moments import BATCHES, STEPS, Moments
from ccsim.experiment.student import t_quantile
from ccsim.measures.definitions import COLUMNS, SHARE, Measure, Scope

_RISK = 0.05
_ROUNDING = 1e-12
# A control of which the others leave less than this part of its variance says nothing of its own
_SAME = 1e-8


@dataclass(frozen=True, slots=True)
class Estimate:
    """Means and 95 % intervals of one measure for each unit of a scope, [U]; nan where not known."""

    mean: Floats
    low: Floats
    high: Floats
    gain: Floats | None = None  # how many times the replications would give such intervals without controls; None without any


@dataclass(frozen=True, slots=True)
class Sample:
    """What replications say of the columns of a scope: their means, and how far off these may be.

    The variance of a mean of columns with weights w is w' `comoment` w / `freedom` / `worth`.
    """

    mean: Floats  # [U, V]
    comoment: Floats  # [U, V, V]
    freedom: int
    worth: Floats  # [U] n where nothing was regressed on, 1 / (1 / n + d' S^-1 d) otherwise
    used: tuple[int, ...] = ()  # numbers of the controls regressed on, for some unit


def plainly(moments: Moments, columns: int) -> Sample:
    """The first `columns` as they were seen."""
    count = moments.count
    return Sample(moments.mean[:, :columns], moments.comoment[:, :columns, :columns], count - 1, np.full(len(moments.mean), float(count)))


def controlled(moments: Moments, columns: int, least: Sequence[int]) -> Sample:
    """The first `columns`, regressed on the controls that stand behind them, whose known means are 0.

    `least` are the fewest replications of which each control is used. One control after another is swept out of everything; one that says
    nothing new, by whoever came before it, is left out.
    """
    count = moments.count
    mean, comoment = moments.mean.copy(), moments.comoment.copy()
    unevenness = np.full(len(mean), 1.0 / count)
    own = np.einsum("uvv->uv", moments.comoment)
    used = []
    for control in allowed(count, least):
        number = columns + control
        pivot = comoment[:, number, number]
        tells = pivot > _SAME * own[:, number]
        if not tells.any():
            continue
        used.append(control)
        safe = np.where(tells, pivot, np.inf)
        apart = mean[:, number].copy()
        slope = comoment[:, :, number] / safe[:, None]
        unevenness += apart**2 / safe
        mean -= slope * apart[:, None]
        comoment -= slope[:, :, None] * comoment[:, None, number]
    # What is wholly explained leaves nothing but rounding
    left = np.einsum("uvv->uv", comoment)[:, :columns] > _ROUNDING * own[:, :columns]
    residual = comoment[:, :columns, :columns] * (left[:, :, None] & left[:, None, :])
    return Sample(mean[:, :columns], residual, count - 1 - len(used), 1.0 / unevenness, tuple(used))


def ratio(measure: Measure, scope: Scope, moments: Moments, certain: bool = False, least: Sequence[int] = ()) -> Estimate:
    """The pooled ratio that a measure is, with its delta-method interval, for each unit of a scope.

    `certain` says that a share of 0 is no luck: the rule of three is left out. `least` are the fewest replications of which each of the
    controls behind the columns is used; left out, none is.
    """
    over, under = _weights(measure, scope)
    plain = plainly(moments, len(over))
    known = plain.mean @ under > 0.0
    mean, half = _interval(plain, over, under, known)
    gain = None
    if least:
        adjusted = controlled(moments, len(over), least)
        mean, half, gain = _taken_over(mean, half, _interval(adjusted, over, under, known), measure.unit == SHARE)
    low, high = mean - half, mean + half
    if measure.unit == SHARE and gain is not None:
        mean = np.minimum(mean, 1.0)
    if gain is not None:
        mean = np.maximum(mean, 0.0)
    count = moments.count
    if measure.counted and not certain and count > 1:
        a, b = plain.mean @ over, plain.mean @ under
        share = a / np.where(known, b, np.nan)
        seen = np.clip(np.round(b * count), 1, count)
        reach = -np.expm1(math.log(_RISK) / seen)
        # A share of 0 or 1 in the mean was 0 or 1 on every replication: nothing of it can be made up elsewhere.
        high = np.where(share <= _ROUNDING, reach, high)
        low = np.where(share >= 1.0 - _ROUNDING, 1.0 - reach, low)
    low = np.maximum(low, 0.0)
    high = np.minimum(high, 1.0) if measure.unit == SHARE else high
    return Estimate(mean, low, high, gain)


def _weights(measure: Measure, scope: Scope) -> tuple[Floats, Floats]:
    """The weights of a scope's columns in what a measure divides, and in what it divides by. [V] each"""
    columns = {name: place for place, name in enumerate(COLUMNS[scope])}
    over, under = np.zeros(len(columns)), np.zeros(len(columns))
    for name, weight in measure.over.items():
        over[columns[name]] = weight
    for name, weight in measure.under.items():
        under[columns[name]] = weight
    return over, under


def _interval(sample: Sample, over: Floats, under: Floats, known: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The ratio of two weighted sums of columns and its half-width, for each unit; nan where not known, or never under way. [U] each"""
    a, b = sample.mean @ over, sample.mean @ under
    known = known & (b > 0.0)
    safe = np.where(known, b, 1.0)
    mean = np.where(known, a / safe, np.nan)
    weights = over - np.where(known, mean, 0.0)[:, None] * under
    spread = np.einsum("uv,uvw,uw->u", weights, sample.comoment, weights)
    if sample.freedom < 1:
        return mean, np.full(len(a), np.nan)
    return mean, t_quantile(sample.freedom) * np.sqrt(np.maximum(spread, 0.0) / sample.freedom / sample.worth) / safe


def _taken_over(mean: Floats, half: Floats, adjusted: tuple[Floats, Floats], share: bool) -> tuple[Floats, Floats, Floats]:
    """The adjusted means and half-widths, but for units that they would take out of what is possible; and the gains. [U] each"""
    new_mean, new_half = adjusted
    possible = np.isfinite(new_mean) & (new_mean + new_half >= 0.0) & ~(share & (new_mean - new_half > 1.0))
    mean, chosen = np.where(possible, new_mean, mean), np.where(possible, new_half, half)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(half > 0.0, (half / chosen) ** 2, 1.0)
    return mean, chosen, gain


def percentile(waits: Ints, share: float, replications: int) -> Estimate:
    """One of `percentiles`."""
    return percentiles(waits, (share,), replications)[0]


def percentiles(waits: Ints, shares: Iterable[float], replications: int) -> list[Estimate]:
    """The waits that these shares of the calls stay within, all replications together, for one call type or the run; one unit each.

    `waits` [BATCHES, bins] counts the calls of each batch. The percentile is the smallest wait that at least `share` of the calls do not
    exceed, to 0.1 s (1 s beyond three hours). Its interval is by sectioning: the percentiles of the batches of replications spread
    around that of all, t(batches - 1) standard errors either way (Asmussen & Glynn 2007, section III.5a; Nakayama 2014,
    "Confidence intervals for quantiles using sectioning", ACM TOMACS 24(4)). Batches are the replications themselves up to 32 of them.
    """
    of_all = np.cumsum(waits.sum(axis=0))[None]
    of_batches = np.cumsum(waits[: min(BATCHES, replications)], axis=1)
    found = []
    for share in shares:
        mean, each = _quantile(of_all, share), _quantile(of_batches, share)
        each = each[~np.isnan(each)]
        half = np.full(1, np.nan)
        if len(each) >= 2:
            half = t_quantile(len(each) - 1) * np.sqrt(((each - mean) ** 2).sum() / (len(each) - 1) / len(each))
        found.append(Estimate(mean, np.maximum(mean - half, 0.0), mean + half))
    return found


def wait_percentiles(waits: Ints, shares: Sequence[float]) -> Floats:
    """The same of each row by itself, without intervals, [rows, shares]: `waits` [rows, bins]; nan for a row without waits."""
    upto = np.cumsum(waits, axis=1)
    return np.stack([_quantile(upto, share) for share in shares], axis=1)


def _quantile(upto: Ints, share: float) -> Floats:
    """The wait at the smallest bin up to which at least `share` of each row's calls lie, [rows]; nan for rows without calls.

    `upto` [rows, bins] counts the calls of each bin and those before it.
    """
    if upto.shape[1] == 0:
        return np.full(len(upto), np.nan)
    total = upto[:, -1]
    needed = np.maximum(np.ceil(share * total - 1e-9), 1).astype(np.int64)
    place = np.array([np.searchsorted(row, calls) for row, calls in zip(upto, needed, strict=True)], np.int64)
    return np.where(total > 0, wait_of(np.minimum(place, upto.shape[1] - 1)), np.nan)


def staffing_band(staffing: Ints) -> tuple[Floats, Floats]:
    """The band of agents on duty in which 95 % of replications lie, to a quarter of an agent, from counts [M, steps].

    2.5 % of replications lie below it and 2.5 % above, as near as whole replications allow.
    """
    upto = np.cumsum(staffing, axis=1)
    total = upto[:, -1:]
    low = (upto < np.maximum(np.ceil(0.025 * total - 1e-9), 1)).sum(axis=1)
    high = (upto < np.ceil(0.975 * total - 1e-9)).sum(axis=1)
    return low / STEPS, high / STEPS
