"""Which rules stay after a screening: the ones that may be recommended, and the ones nearest to the frontier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ccsim.contingent.frontier_answer import EASIER, MOSTLY
from ccsim.contingent.frontier_judged import ease
from ccsim.contingent.frontier_sums import Figure, hull
from ccsim.contingent.policies import Policy
from ccsim.engine.floor import Floats


class Seats(NamedTuple):
    """How many rules stay, and how many of them for what."""

    cheapest: int  # the cheapest of those that may meet the target
    easiest: int  # of these the easiest to follow, and the cheapest of them
    booked: int  # those by the clock, for the bound: whoever knew the day would book
    all: int


def dearer(cost: Floats, over: Floats, missed: Floats) -> Floats:
    """How much more each rule costs than its waits would have to, on the hull, or its days missed under another rule: the lesser of both.

    Where hardly a day is missed rules differ in what they cost alone, and the dear ones are far from the frontier. All [rules].
    """
    on = hull(cost, over)[::-1]
    of_waits = np.interp(over, over[on], cost[on])
    of_days = np.where(missed[None, :] <= missed[:, None], cost[None, :], np.inf).min(axis=1)
    return cost - np.maximum(of_waits, of_days)


def stays(policies: Sequence[Policy], cost: Floats, over: Floats, missed: Sequence[Figure], miss: float, seats: Seats) -> list[int]:
    """The places of the rules that stay, of all that were screened: what they cost, the share over, and the days missed. [rules] each

    The file's own rule and the ends always do. Those that miss the target on too many days for certain have no seat among
    the ones that may meet it, nor have cards; where no rule seems to meet it, it is those that come near the one which misses fewest.
    """
    means = np.nan_to_num([chance.mean for chance in missed])
    far = dearer(cost, over, means)
    if miss < means.min() < MOSTLY:
        miss = (1.0 + EASIER) * float(means.min())
    held = [rule for rule, policy in enumerate(policies) if policy.own or policy.end]
    booked = [rule for rule, policy in enumerate(policies) if policy.booked and rule not in held]
    held += sorted(booked, key=lambda rule: (float(far[rule]), rule))[: seats.booked]
    others = [rule for rule in range(len(policies)) if rule not in held]
    may = [rule for rule in others if not policies[rule].card and not missed[rule].low > miss]
    by_cost = sorted(may, key=lambda rule: (float(cost[rule]), rule))
    likely = [float(cost[rule]) for rule in may if missed[rule].mean <= miss]
    limit = (1.0 + EASIER) ** 2 * min(likely, default=np.inf)  # the cheapest that meets it may cost more than the cheapest that seems to
    by_ease = sorted((rule for rule in may if cost[rule] <= limit), key=lambda rule: (*ease(policies[rule]), float(cost[rule]), rule))
    first = list(dict.fromkeys([*by_ease[: seats.easiest], *by_cost[: seats.cheapest]]))
    rest = sorted((rule for rule in others if rule not in first), key=lambda rule: (float(far[rule]), rule))
    return sorted([*held, *[*first, *rest][: max(0, seats.all - len(held))]])
