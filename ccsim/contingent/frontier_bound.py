"""The clairvoyant bound: what any choice among the rules could come to if each day were known in advance.

Who knows a day to its last caller, and who would say yes, takes for this day the rule that does best on it. For a price p on a caller
over the target wait, the least that can be had is

    m(p) = min over a rule for each day of (sum of callers over + p x sum of money) / sum of calls offered,

found day by day once the quotient is known (Dinkelbach 1967, Management Science 13, 492-498). Any rule, or any choice of rules day by day,
has a share over r and a cost a day c on these days with r + p c / n >= m(p), n its calls a day. So r >= m(p) - p c / n_min for every p,
with n_min the calls a day of the choice that has the fewest on each day:
with a given cost a day no share lies below the largest of these lines (the Lagrangian dual; it is the lower convex hull of what choices
day by day can reach). No rule in the choice is ever below it, by construction: it is one of the choices.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ccsim.contingent.frontier_sums import Figure, column
from ccsim.engine.floor import Floats
from ccsim.experiment.student import t_quantile
from ccsim.units import HOUR

_PRICES = 160
_TURNS = 60


class Line(NamedTuple):
    """A line below which nothing lies: share over = `level` - `slope` x cost a day; `half` is the half-width of its level at 95 %."""

    level: float
    slope: float
    half: float


class Bound:
    """The bound on the paths that were played under several rules: sums [rules, paths, COLUMNS]."""

    def __init__(self, sums: Floats, priced: bool) -> None:
        over, offered = column(sums, "over"), column(sums, "offered")
        money = column(sums, "contingents") if priced else column(sums, "paid") / HOUR
        days = float(column(sums, "units")[0].sum())
        fewest = float(offered.min(axis=0).sum()) / max(days, 1.0)
        self.lines: list[Line] = []
        if fewest <= 0.0:
            return
        share, cost = over.sum(axis=1) / offered.sum(axis=1), money.sum(axis=1) / days
        for slope in _slopes(share, cost):
            self.lines.append(_line(over, offered, money, slope, fewest))

    @property
    def known(self) -> bool:
        """Whether there were calls."""
        return bool(self.lines)

    def share(self, cost: float) -> Figure:
        """The least share of callers over the target wait at this cost a day."""
        best = max(self.lines, key=lambda line: line.level - line.slope * cost)
        mean = max(0.0, best.level - best.slope * cost)
        return Figure(mean, max(0.0, mean - best.half), mean + best.half)

    def cost(self, share: float) -> float:
        """The least cost a day at which no more than this share waits too long; inf where no choice reaches it."""
        if any(line.slope == 0.0 and line.level > share + 1e-15 for line in self.lines):
            return math.inf
        return max([0.0, *((line.level - share) / line.slope for line in self.lines if line.slope > 0.0)])

    def curve(self, costs: Floats) -> Floats:
        """The bound at several costs a day."""
        return np.array([self.share(float(cost)).mean for cost in costs])


def _slopes(share: Floats, cost: Floats) -> list[float]:
    """Slopes from level to steep, around those between the rules."""
    spread = float(cost.max() - cost.min())
    if spread <= 0.0:
        return [0.0]
    usual = max(float(share.max() - share.min()), 1e-9) / spread
    return [0.0, *(usual * np.geomspace(1e-3, 1e3, _PRICES)).tolist()]


def _line(over: Floats, offered: Floats, money: Floats, slope: float, calls: float) -> Line:
    """The line of one price: `slope` x `calls` is what a unit of money weighs in callers over."""
    weighed = over + slope * calls * money
    paths = np.arange(over.shape[1])
    quotient = math.inf
    best = (weighed / np.maximum(offered, 1.0)).argmin(axis=0)
    for _ in range(_TURNS):
        found = float(weighed[best, paths].sum() / max(offered[best, paths].sum(), 1.0))
        if found >= quotient - 1e-15:
            break
        quotient = found
        best = (weighed - quotient * offered).argmin(axis=0)
    residual = (weighed - quotient * offered)[best, paths]
    count = residual.size
    error = math.sqrt(float((residual**2).sum()) / max(count - 1, 1) / count) / max(float(offered[best, paths].mean()), 1e-9)
    # the least possible at this quotient, at or below 0: rounding included
    level = quotient + min(0.0, float(residual.sum())) / max(float(offered.min(axis=0).sum()), 1.0)
    return Line(level, slope, t_quantile(count - 1) * error if count > 1 else math.inf)
