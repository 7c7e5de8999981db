"""Handle time by interval of the day: whether it differs by more than chance has it, and what to believe of each interval.

The mean handle times of the cells of day and slot, weighted by their calls, are a day's part, a slot's part and a rest. Slots differ where
their part is larger than the rest has it (an F test of weighted least squares; for calls on the logarithm), so that days of their own, and
afternoons on which a system was slow, do not pass for a pattern of the day. The mean of a slot with few calls says little: it is drawn
towards the mean of all by as much as chance alone would scatter it (Morris 1983, JASA 78(381), "Parametric empirical Bayes inference"),
the variance between slots being that of Paule & Mandel (1982), J. Research NBS 87(5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import Floats

if TYPE_CHECKING:
    import pandas as pd

DIFFERS: Final = 0.01  # chance below which slots are said to differ
FEWEST: Final = 10  # degrees of freedom of the rest; below, calls within cells speak too
_ROUNDS: Final = 30  # of centring by day and by slot in turn
_Z: Final = 1.959963984540054


@dataclass(frozen=True)
class BySlot:
    """Mean handle times by slot [S] of arrival [s]."""

    mean: Floats  # as recorded; nan where there are no calls
    reach: Floats  # half-width of its interval
    differ_p: float  # chance of slots at least as unequal if all were alike; nan where not known
    spread: float  # cv between slots, beyond chance
    likely: Floats  # drawn towards the mean of all, which it is where there are no calls
    low: Floats
    high: Floats

    @property
    def differs(self) -> bool:
        """Whether the records show that slots differ."""
        return self.differ_p < DIFFERS and self.spread > 0


def slots_of_calls(day: Any, slot: Any, x: Floats, slots: int) -> BySlot:
    """What calls say: their day and slot, and their handle times `x` [s], all [N]."""
    _, days = np.unique(day, return_inverse=True)
    _, cell = np.unique(days * slots + slot, return_inverse=True)
    logs = np.log(x)
    n, sums, sum_logs = (np.asarray(np.bincount(cell, weights=column), dtype=float) for column in (np.ones(len(x)), x, logs))
    place = np.zeros(len(n), dtype=np.int64)
    place[cell] = np.arange(len(x))
    within = tuple(float((values**2).sum() - (total**2 / n).sum()) for values, total in ((x, sums), (logs, sum_logs)))
    return _fit(days[place], np.asarray(slot)[place], n, sums / n, sum_logs / n, (within[0], within[1], float(len(x) - len(n))), slots)


def slots_of_counts(frame: pd.DataFrame, interval: float) -> BySlot | None:
    """What counts by interval of one type say (`frame` as of `IntervalCounts`); None without handle times."""
    offered, gone = frame["offered"].to_numpy(dtype=float), np.nan_to_num(frame["abandoned"].to_numpy(dtype=float))
    handled = frame["handled"].to_numpy(dtype=float)
    n = np.where(np.isnan(handled), offered - gone, handled)
    mean = frame["aht"].to_numpy(dtype=float)
    used = (n > 0) & (mean > 0)
    if not used.any():
        return None
    start = frame["start"].to_numpy(dtype="datetime64[s]").astype("int64")[used]
    _, days = np.unique(start // 86400, return_inverse=True)
    slot = (start % 86400) // round(interval)
    return _fit(days, slot, n[used], mean[used], mean[used], (0.0, 0.0, 0.0), round(86400 / interval))


def _fit(day: Any, slot: Any, n: Floats, mean: Floats, tested: Floats, within: tuple[float, float, float], slots: int) -> BySlot:
    """From cells of `n` calls: their means, the means that the test looks at, and the squares within cells of both with their freedom."""
    calls = np.bincount(slot, weights=n, minlength=slots)
    with np.errstate(invalid="ignore", divide="ignore"):
        by_slot = np.bincount(slot, weights=n * mean, minlength=slots) / calls
    whole = float((n * mean).sum() / n.sum())
    nothing = np.full(slots, np.nan)
    some = calls[slot] > 1
    kinds = len(np.unique(slot[some]))
    _, _, rest, freedom = _two_ways(day[some], slot[some], n[some], mean[some]) if kinds > 1 else (0.0, 0, 0.0, 0)
    squares, free, tested_rest, tested_free = _two_ways(day[some], slot[some], n[some], tested[some]) if kinds > 1 else (0.0, 0, 0.0, 0)
    if freedom < FEWEST:
        rest, tested_rest = rest + within[0], tested_rest + within[1]
        freedom, tested_free = freedom + int(within[2]), tested_free + int(within[2])
    if kinds < 2 or freedom < FEWEST or rest <= 1e-12 * whole * whole:
        return BySlot(by_slot, nothing, np.nan, 0.0, np.full(slots, whole), nothing, nothing)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(calls > 1, rest / freedom / calls, np.nan)
    p = _chance(squares, free, tested_rest, tested_free)
    likely, deviation, between = _drawn_together(by_slot, variance, whole)
    likely *= whole * calls.sum() / (calls * likely).sum()  # the mean of all calls stays what it is
    return BySlot(
        mean=by_slot,
        reach=_Z * np.sqrt(variance),
        differ_p=p,
        spread=float(np.sqrt(between)) / whole,
        likely=likely,
        low=np.maximum(likely - _Z * deviation, 0.0),
        high=likely + _Z * deviation,
    )


def _two_ways(day: Any, slot: Any, n: Floats, y: Floats) -> tuple[float, int, float, int]:
    """Squares that slots take up beside days, their degrees of freedom, the squares that are left, and theirs."""
    days, slots = (np.unique(codes, return_inverse=True)[1] for codes in (day, slot))
    by_day, by_slot = (np.bincount(codes, weights=n) for codes in (days, slots))
    left = y - (np.bincount(days, weights=n * y) / by_day)[days]
    before = float((n * left**2).sum())
    for _ in range(_ROUNDS):
        left = left - (np.bincount(slots, weights=n * left) / by_slot)[slots]
        left = left - (np.bincount(days, weights=n * left) / by_day)[days]
    after = float((n * left**2).sum())
    return before - after, len(by_slot) - 1, after, max(len(y) - len(by_day) - len(by_slot) + 1, 0)


def _chance(squares: float, free: int, rest: float, rest_free: int) -> float:
    from scipy import special

    if free < 1 or rest_free < FEWEST or rest <= 0:
        return np.nan
    return float(special.fdtrc(free, rest_free, (squares / free) / (rest / rest_free)))


def _drawn_together(mean: Floats, variance: Floats, whole: float) -> tuple[Floats, Floats, float]:
    """[S] means drawn towards each other, [S] their standard deviations, and the variance between them."""
    from scipy import optimize

    known = np.isfinite(variance)
    x, v = mean[known], variance[known]
    free = len(x) - 1

    def centre(between: float) -> float:
        return float((x / (v + between)).sum() / (1.0 / (v + between)).sum())

    def excess(between: float) -> float:
        return float(((x - centre(between)) ** 2 / (v + between)).sum()) - free

    between = 0.0
    if excess(0.0) > 0:
        top = float(((x - x.mean()) ** 2).sum()) + 1e-9
        between = float(optimize.brentq(excess, 0.0, top)) if excess(top) < 0 else top
    middle = centre(between)
    pull = v / (v + between) * (max(free - 2, 1) / max(free, 1) if between > 0 else 1.0)
    likely, deviation = np.full(len(mean), middle), np.full(len(mean), np.sqrt(between))
    likely[known] = x - pull * (x - middle)
    own = v * (1.0 - pull * free / (free + 1.0))
    deviation[known] = np.sqrt(own + 2.0 / max(free - 2, 1) * (pull * (x - middle)) ** 2)
    return np.maximum(likely, 0.05 * whole), deviation, between
