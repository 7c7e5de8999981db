"""What played days say of a plan: by how much each row of the target is met, and what one agent fewer somewhere would take off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.staffing.by_simulation.sums import Aims, Paths

if TYPE_CHECKING:
    from ccsim.staffing.by_simulation.luck import Luck
    from ccsim.staffing.by_simulation.positions import Plan

Floats = NDArray[np.float64]
# One agent fewer is looked at in every fourth interval at a time: what it does to the interval before (callers of its end are answered in
# this one), to its own and to the two after it is its doing.
LEAD, SPACING = 1, 4
SURE = 1.645  # standard errors: on one side, 95 %
# The part of what agents more or fewer do to a row that its slope leaves in doubt, where one agent fewer was looked at on the fewest days
SLOPE_DOUBT = 0.25
# What one agent more adds is a little less than what one fewer takes off
_MORE = 0.9


@dataclass(frozen=True)
class Margins:
    """By how much a plan is on the right side in each row (K), in the row's own unit, and the standard error of that."""

    plan: Plan
    days: int
    margin: Floats  # [K]
    error: Floats  # [K]


class Judge:
    """Estimates on days whose luck is known: the same weights for every plan."""

    def __init__(self, aims: Aims, luck: Luck) -> None:
        self.aims = aims
        self._taken_out = [luck.taken_out(i) for i in range(luck.busy.shape[1])]
        self._days = luck.weight
        # A weight for each day and interval [R, I]
        even = np.stack([1.0 / luck.count - apart @ (inverse @ mean) for apart, inverse, mean in self._taken_out], axis=1)
        self.by_interval = even * luck.weight[:, None]

    def margins(self, plan: Plan, paths: Paths) -> Margins:
        """Every row of a plan."""
        sums = self.aims.sums(paths)
        found = [self.weigh(number, sums[:, number]) for number in range(len(self.aims.rows))]
        mean, error = np.array(found).reshape(-1, 2).T
        return Margins(plan, paths.count, mean, error)

    def weigh(self, number: int, sums: Floats) -> tuple[float, float]:
        """The weighted mean of a row's sums [R], and its standard error."""
        intervals = self.aims.rows[number].intervals
        mean = float(self.by_interval[:, intervals].mean(axis=1) @ sums)
        known, inverse, _ = self._taken_out[int(intervals[intervals.size // 2])]
        apart = sums * self._days
        apart -= apart.mean()
        left = apart - known @ (inverse @ (known.T @ apart))
        free = max(1, sums.size - 1 - known.shape[1])
        # what regressing on so many columns costs of what it brings (the loss factor of Lavenberg and Welch 1981)
        lost = max(1.0, (sums.size - 2) / max(1, free - 1))
        return mean, float(np.sqrt(lost * (left @ left) / free / sums.size))

    def loss(self, base: Paths, fewer: Paths, begin: int, end: int) -> tuple[NDArray[np.int64], Floats, Floats]:
        """What the intervals from `begin` to before `end` of `fewer` take off the rows they touch: the rows, how much, standard errors."""
        rows = self.aims.touching(begin, end)
        single = all(self.aims.rows[number].intervals.size == 1 for number in rows.tolist())
        other = fewer if single else base.spliced(fewer, begin, end)
        change = self.aims.sums(base, rows) - self.aims.sums(other, rows)
        found = np.array([self.weigh(int(number), change[:, place]) for place, number in enumerate(rows)]).reshape(-1, 2)
        return rows, found[:, 0], found[:, 1]


def fading(plan: Plan) -> Floats:
    """What one agent more is worth of the one before, [S, I].

    By the normal law of how many agents a busy centre of so many has in hand: a standard deviation is the root of them, and a standard
    deviation above the mean that law falls by 1/e with each further one.
    """
    return np.asarray(np.exp(-1.0 / np.sqrt(np.maximum(plan, 1.0))))


def faded(losses: Floats, seen: Plan, plan: Plan) -> Floats:
    """Losses [K, S, I] that were seen at a plan, at another one."""
    return np.asarray(losses * fading(seen) ** np.maximum(plan - seen, -2.0 * np.sqrt(seen)))


def moved(losses: Floats, before: Plan, after: Plan, seen: Plan | None = None) -> Floats:
    """What going from a plan [S, I] to another adds to each row and takes off it [K, S, I], by the losses that one agent fewer makes.

    seen: the plan at which those were seen, where an agent is to be worth the less the more there are (`fading`).
    """
    change = after - before
    if seen is None:
        return np.asarray(losses * np.where(change > 0, _MORE * change, change))
    part = fading(seen)
    low, high = (np.maximum(plan - seen, -2.0 * np.sqrt(seen)) for plan in (before, after))
    return np.asarray(losses * (part ** (low + 1.0) - part ** (high + 1.0)) / (1.0 - part))


class Memory:
    """All that was found out so far, carried over to any plan near by; the more so the nearer it is."""

    def __init__(self) -> None:
        self.found: list[Margins] = []
        self.slope_doubt = SLOPE_DOUBT

    def add(self, margins: Margins) -> None:
        """Takes in what was found of a plan."""
        self.found.append(margins)

    def at(self, plan: Plan, losses: Floats, seen: Plan | None = None) -> Margins:
        """What all of it together says of a plan.

        Days weigh alike wherever they were played: by its own standard error a play would weigh the more the better luck it had.
        """
        mass, total = np.zeros(len(losses)), np.zeros(len(losses))
        days = np.array([one.days for one in self.found])
        of_a_day = (days**2) @ np.array([one.error**2 for one in self.found]) / days.sum()
        for one in self.found:
            each = moved(losses, one.plan, plan, seen)
            shift = each.sum(axis=(1, 2))
            off = np.maximum(np.abs(shift), np.sqrt((each**2).sum(axis=(1, 2))))  # what is gained here and lost there is in doubt both
            doubt = of_a_day / one.days + (self.slope_doubt * off) ** 2 + 1e-18
            mass, total = mass + 1.0 / doubt, total + (one.margin + shift) / doubt
        return Margins(plan, sum(one.days for one in self.found), total / mass, np.sqrt(1.0 / mass))
