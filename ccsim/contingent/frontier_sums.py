"""Estimates from paths that were played under every rule alike: ratios, their differences, who is dominated, hull and knee.

A share or a cost a day is a pooled ratio of two sums over paths; its path's residual is (a - r b) / mean(b), and the difference of two
rules is a mean of differences of residuals on the same path (`ccsim.experiment.differences` says why). Everything here is done for all
rules at once, on arrays [rules, paths].
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from ccsim.contingent.frontier_play import COLUMNS
from ccsim.engine.floor import Floats, Ints
from ccsim.experiment.student import t_quantile
from ccsim.measures.targets import AIMS
from ccsim.units import HOUR

_ALIKE: Final = 1e-12  # of the sums of squares: nothing but rounding


class Figure(NamedTuple):
    """An estimate with its 95 % interval; nan where not known."""

    mean: float
    low: float
    high: float


UNKNOWN: Final = Figure(math.nan, math.nan, math.nan)


def column(sums: Floats, name: str) -> Floats:
    """One column of sums [..., COLUMNS]."""
    return np.asarray(sums[..., COLUMNS.index(name)])


class Ratios:
    """Pooled ratios of several rules, [rules], and the residual of each path, [rules, paths]."""

    def __init__(self, over: Floats, under: Floats) -> None:
        mean = under.mean(axis=1)
        safe = np.where(mean > 0.0, mean, 1.0)
        self.mean: Floats = np.where(mean > 0.0, over.mean(axis=1) / safe, np.nan)
        self.residual: Floats = (over - np.nan_to_num(self.mean)[:, None] * under) / safe[:, None]
        self.paths = over.shape[1]

    @staticmethod
    def of(sums: Floats, over: str, under: str, scale: float = 1.0) -> Ratios:
        """The ratio of two columns of sums [rules, paths, COLUMNS]."""
        return Ratios(column(sums, over) * scale, column(sums, under))

    def figure(self, rule: int, lowest: float = -math.inf, highest: float = math.inf) -> Figure:
        """One rule's ratio with its interval by Student's t."""
        half = self._half(float((self.residual[rule] ** 2).sum()))
        mean = float(self.mean[rule])
        return Figure(mean, max(mean - half, lowest), min(mean + half, highest))

    def difference(self, rule: int, base: int) -> Figure:
        """One rule's ratio less that of another, with its paired interval."""
        half = self._half(float(((self.residual[rule] - self.residual[base]) ** 2).sum()))
        mean = float(self.mean[rule] - self.mean[base])
        return Figure(mean, mean - half, mean + half)

    def _half(self, squares: float) -> float:
        return t_quantile(self.paths - 1) * self.error(squares)

    def error(self, squares: float) -> float:
        """The standard error of a mean whose residuals have this sum of squares."""
        return math.sqrt(squares / (self.paths - 1) / self.paths) if self.paths > 1 else math.inf


def over_share(sums: Floats) -> Ratios:
    """The share of callers over the target wait."""
    return Ratios.of(sums, "over", "offered")


def spent(sums: Floats, priced: bool) -> Ratios:
    """What contingents cost a day, in money, or in paid hours where no pay is given."""
    return Ratios.of(sums, "contingents", "units") if priced else Ratios.of(sums, "paid", "units", 1.0 / HOUR)


def missed_days(sums: Floats, confidence: float = 0.95) -> list[Figure]:
    """The chance that a day as a whole misses its target, for each rule.

    Where a path is a day with the interval of Clopper & Pearson (1934, Biometrika 26), else by Student's t over the paths.
    """
    judged, missed = column(sums, "judged"), column(sums, "missed")
    found = Ratios(missed, judged)
    single = bool((judged <= 1.0).all())
    out = []
    for rule in range(len(sums)):
        trials, times = round(float(judged[rule].sum())), round(float(missed[rule].sum()))
        if not trials:
            out.append(UNKNOWN)
        elif single or times in (0, trials):
            effective = trials if single else found.paths
            out.append(Figure(times / trials, *_exact(round(times / trials * effective), effective, confidence)))
        else:
            out.append(found.figure(rule, 0.0, 1.0))
    return out


def missed_by(sums: Floats) -> dict[str, float]:
    """The share of days that missed each aim of the target, for one rule: sums [paths, COLUMNS]; aims never missed are left out."""
    judged = float(column(sums, "judged").sum())
    missed = {aim: float(column(sums, f"missed {aim}").sum()) for aim in AIMS}
    return {aim: number / judged for aim, number in missed.items() if number > 0.0 < judged}


def _exact(times: int, trials: int, confidence: float) -> tuple[float, float]:
    """Clopper's and Pearson's interval for a chance of which `times` of `trials` came true.

    >>> [round(limit, 4) for limit in _exact(0, 10, 0.95)]
    [0.0, 0.3085]
    """
    from ccsim.special_functions import betaincinv

    side = (1.0 - confidence) / 2.0
    low = 0.0 if times == 0 else float(betaincinv(times, trials - times + 1, side))
    return low, 1.0 if times == trials else float(betaincinv(times + 1, trials - times, 1.0 - side))


def dominated(over: Ratios, cost: Ratios, risk: float, missed: Sequence[float] = ()) -> Ints:
    """For each rule one that is for certain no worse in both, and better in one: its number, or -1.

    With `missed`, the share of days that miss the target under each rule, it is besides one with no larger share, so that a rule that helps
    on bad days stays.

    A rule is dominated if, for some other, both paired differences are above 0 by one-sided tests with Student's t, or one of them is and
    the two are alike on every path in the other. For one pair the test errs with at most its level, since both have to reject
    (intersection-union test: Berger 1982, Technometrics 24, 295-300); with Bonferroni's inequality over the others a rule is dropped in
    error with a chance of at most `risk`. Of rules alike on every path in both the first stays.
    """
    from ccsim.special_functions import stdtrit

    rules, paths = over.residual.shape
    if rules < 2 or paths < 2:
        return np.full(rules, -1)
    critical = float(stdtrit(paths - 1, 1.0 - risk / (rules - 1)))
    better, alike = zip(*(_pairs(ratios, critical) for ratios in (over, cost)), strict=True)
    worse_or_alike = (better[0] | alike[0]) & (better[1] | alike[1])
    if len(missed):
        shares = np.nan_to_num(np.asarray(missed, np.float64))
        worse_or_alike &= shares[:, None] >= shares[None, :]
    beaten = worse_or_alike & (better[0] | better[1])
    twin = alike[0] & alike[1] & (np.arange(rules)[None, :] < np.arange(rules)[:, None])
    beaten |= twin
    # the one that does best among those who beat it is named
    value = np.where(beaten, cost.mean[None, :], np.inf)
    return np.where(beaten.any(axis=1), value.argmin(axis=1), -1)


def _pairs(ratios: Ratios, critical: float) -> tuple[np.ndarray, np.ndarray]:
    """[A, B]: whether B is lower than A by the test, and whether the two are alike on every path."""
    z = ratios.residual
    products = z @ z.T
    own = np.diag(products)
    squares = np.maximum(own[:, None] + own[None, :] - 2.0 * products, 0.0)
    apart = ratios.mean[:, None] - ratios.mean[None, :]
    size = np.maximum(np.abs(ratios.mean[:, None]), np.abs(ratios.mean[None, :]))
    alike = (squares <= _ALIKE * (own[:, None] + own[None, :])) & (np.abs(apart) <= 1e-9 * size)
    error = np.sqrt(squares / (ratios.paths - 1) / ratios.paths)
    return (apart > critical * error) & ~alike, alike


def hull(cost: Floats, over: Floats) -> list[int]:
    """The rules on the lower left hull of points (cost, share over), from the cheapest to the one with the least share over."""
    order = sorted(range(len(cost)), key=lambda rule: (cost[rule], over[rule]))
    found: list[int] = []
    for rule in order:
        if found and over[rule] >= over[found[-1]]:
            continue
        while len(found) > 1 and _right_turn(cost, over, found[-2], found[-1], rule):
            found.pop()
        found.append(rule)
    return found


def _right_turn(x: Floats, y: Floats, a: int, b: int, c: int) -> bool:
    return bool((x[b] - x[a]) * (y[c] - y[a]) - (y[b] - y[a]) * (x[c] - x[a]) <= 0.0)


def staircase(cost: Floats, over: Floats) -> list[int]:
    """The rules that no other beats by the estimates alone, from the cheapest on."""
    found: list[int] = []
    for rule in sorted(range(len(cost)), key=lambda rule: (cost[rule], over[rule])):
        if not found or over[rule] < over[found[-1]] - _ALIKE:
            found.append(rule)
    return found


def heights(cost: Floats, over: Floats, on_hull: Sequence[int]) -> Floats:
    """How far each rule is below the straight line between the ends of a hull, where both axes go from 0 to 1 between them. [R]"""
    first, last = on_hull[0], on_hull[-1]
    return np.asarray((over[first] - over) / (over[first] - over[last]) - (cost - cost[first]) / (cost[last] - cost[first]))


def knee(cost: Floats, over: Floats, on_hull: Sequence[int]) -> int:
    """The point of a hull that is farthest from the straight line between its ends: from there on money buys less.

    Satopaa and others 2011, "Finding a kneedle in a haystack", ICDCS Workshops, 166-171.
    """
    if len(on_hull) < 3:
        return on_hull[-1]
    return on_hull[int(np.argmax(heights(cost, over, on_hull)[list(on_hull)]))]
