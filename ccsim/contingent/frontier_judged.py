"""What each rule came to on the days that all were played on, how it stands beside the others, and which one to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from ccsim.contingent.frontier_answer import Line, like_standing, nearest_to_the_target, target_aims
from ccsim.contingent.frontier_plays import Played
from ccsim.contingent.frontier_sums import (
    UNKNOWN,
    Figure,
    Ratios,
    column,
    dominated,
    heights,
    hull,
    knee,
    missed_by,
    missed_days,
    over_share,
    spent,
    staircase,
)
from ccsim.contingent.policies import Policy
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario
from ccsim.units import HOUR

RISK: Final = 0.01  # chance that a rule which belongs on the frontier is said to be beaten, on the days of one comparison
NEAR_THE_KNEE: Final = 0.05  # of the cost, or of the share over, between the ends of the frontier
FIRST_RISK: Final = 0.005  # chance that a rule is taken, by its days among all others', which misses the target too often


class Chance(NamedTuple):
    """The chance that a day misses its target under a rule, its limits for the decision, the days from which they are, and by what."""

    mean: Figure
    limits: Figure
    days: int
    by: dict[str, float]  # by aim of the target, the share of days that missed it


class Judge:
    """Tells what rules for a pool came to in a scenario, where a share of `miss` of the days may miss the target."""

    def __init__(self, scenario: Scenario, pool: Pool, miss: float) -> None:
        self.scenario, self.miss = scenario, miss
        self.priced = pool.pay is not None
        self.aims = bool(target_aims(scenario))

    def lines(self, played: Played, decided: Mapping[str, Chance] | None = None, alone: bool = False) -> list[Line]:
        """What each rule came to, from the cheapest on. `decided`: by rule, what more days said of the days missed."""
        sums, policies = played.sums, played.policies
        over, cost, total = over_share(sums), spent(sums, self.priced), Ratios.of(sums, "cost", "units")
        missed, limits = missed_days(sums), missed_days(sums, 1.0 - 2.0 * FIRST_RISK)
        chances = [
            (decided or {}).get(policy.name, Chance(missed[rule], limits[rule], sums.shape[1], missed_by(sums[rule])))
            for rule, policy in enumerate(policies)
        ]
        by = dominated(over, cost, RISK, [chance.mean for chance in missed])
        on = set(staircase(cost.mean, over.mean))
        base = next((rule for rule, policy in enumerate(policies) if policy.own), 0)
        units = column(sums, "units").sum(axis=1)
        lines = []
        for rule, policy in enumerate(policies):
            standing = "frontier" if rule in on else "near" if by[rule] < 0 else "beaten"
            lines.append(
                Line(
                    policy=policy,
                    over=over.figure(rule, 0.0, 1.0),
                    missed=chances[rule].mean if self.aims else UNKNOWN,
                    spent=cost.figure(rule, 0.0),
                    total=total.figure(rule, 0.0) if self.scenario.cost is not None else UNKNOWN,
                    over_less=UNKNOWN if alone else over.difference(rule, base),
                    spent_more=UNKNOWN if alone else cost.difference(rule, base),
                    hours=float(column(sums, "paid")[rule].sum() / units[rule] / HOUR),
                    activations=float(column(sums, "activations")[rule].sum() / units[rule]),
                    used=float(column(sums, "days_used")[rule].sum() / units[rule]),
                    standing=standing,
                    meets=self.aims and chances[rule].limits.high <= self.miss,
                    days=chances[rule].days,
                    missed_by=chances[rule].by,
                    beaten_by=policies[by[rule]].name if standing == "beaten" else None,
                    called_off=float(column(sums, "called_off")[rule].sum() / max(1.0, column(sums, "yeses")[rule].sum())),
                )
            )
        return sorted(lines, key=lambda line: (line.spent.mean, line.over.mean))

    def beside(self, lines: list[Line], played: Played, best: Policy) -> list[Line]:
        """The rules with their paired differences from the recommended one."""
        over, cost, base = over_share(played.sums), spent(played.sums, self.priced), played.place(best.name)
        return [
            replace(line, over_less_best=over.difference(rule, base), spent_more_best=cost.difference(rule, base))
            for line in lines
            for rule in (played.place(line.policy.name),)
        ]


def ease(policy: Policy) -> tuple[int, int]:
    """How easily a rule is followed, and how many people have to be had for it: the lower the better."""
    return policy.effort, policy.agents


def choice(lines: list[Line]) -> tuple[int, str]:
    """The place of the recommended rule, and why it is that.

    Of the rules of like standing the easiest to follow, of the equally easy ones that with the smallest pool, and of these that with the
    fewest days missed, which is the farthest from the limit and so comes and goes least with the seed. Where none meets the target, the
    same of those that come as near to it as any ("nearest"). Where it is missed whatever is done, or is none, of the rules at the knee of
    the frontier or nearly, the easiest to follow, of these one with as many people as the pool has, and of these that nearest to the
    knee; where the frontier is straight ("straight") there is no knee, and all of it is near.
    """
    meets = like_standing(lines)
    alike = meets or nearest_to_the_target(lines)
    if alike:
        best = min(alike, key=lambda line: (*ease(line.policy), line.missed.mean, line.spent.mean))
        return lines.index(best), "nobody" if best.policy.nobody else "target" if meets else "nearest"
    plain = [place for place, line in enumerate(lines) if not line.policy.card]
    cost = np.array([lines[place].spent.mean for place in plain])
    over = np.array([lines[place].over.mean for place in plain])
    on = hull(cost, over)
    if len(on) == 1:
        return plain[on[0]], "nothing helps"
    below = heights(cost, over, on)
    least = below[knee(cost, over, on)] - NEAR_THE_KNEE
    people = next((line.policy.agents for line in lines if line.policy.own), 0)
    near = [
        k for k, place in enumerate(plain) if below[k] >= least and lines[place].standing != "beaten" and not lines[place].policy.nobody
    ] or [knee(cost, over, on)]  # fmt: skip
    best_of = min(near, key=lambda k: (lines[plain[k]].policy.effort, abs(lines[plain[k]].policy.agents - people), -below[k]))
    return plain[best_of], "knee" if least > 0.0 else "straight"
