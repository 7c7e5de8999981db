"""From the formula's requirement to a plan near the answer: by probes on few days.

Where every interval has its own aim the slopes say what to do. Where the intervals of a day share one, the fewest agents in all are looked
for and the shape is free; nearly every shape near the formula's is as good, and slopes from few days would tell them apart by luck. So the
formula's shape is made larger or smaller until the day's target holds, and then moved by small steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.staffing.by_simulation.estimate import Judge, fading
from ccsim.staffing.by_simulation.program import cheapest
from ccsim.staffing.by_simulation.slopes import smoothed
from ccsim.staffing.by_simulation.start import own_types
from ccsim.staffing.by_simulation.steps import ROUGH, UP, days_for, reach_of

if TYPE_CHECKING:
    from ccsim.staffing.by_simulation.positions import Plan
    from ccsim.staffing.by_simulation.search import Search
    from ccsim.staffing.by_simulation.sums import Aims

Floats = NDArray[np.float64]
_ROUNDS, _DAY_ROUNDS = 8, 3  # of probes; and where the intervals of a day share a target
_STRIDES = (0.15, 0.1, 0.06)  # share of the agents by which a round of probes may move them: the first, the second, those after
_DAY_STRIDE = (0.05, 1)  # the same where the intervals of a day share a target, and how many at least
_NEAR = 0.05  # of all agents: probes that move no more than this end the probing
_NOISE = 2.0  # standard errors of a row that probes do not go after: the beginning is better known than that
# Part of the beginning that the probes do not go below: a queue left behind would hide what the agents after it do. Where the intervals of
# a day share a target nothing later goes below it either: callers of an hour with hardly anybody there would pay for all others
_LEAST = 0.7
_FACTORS = np.array([0.7, 0.85, 1.0, 1.15, 1.3])  # on the formula's shape, played side by side
_CLOSER = np.array([0.92, 0.96, 1.0, 1.04, 1.08])  # and on what these come to
_SIZES = 5  # rounds of these at most: the first of them again and again where all or none of them hold
_SCALING = 9  # the part of the search that this is


def near(search: Search, first: Floats) -> Plan:
    """Return a plan [S, I] near the lightest one, from a beginning."""
    by_day = search.by_day
    plan = _scaled(search, first) if by_day else first.astype(np.int64)
    days = days_for(search.scenario, ROUGH, 2 * len(search.sorts))
    least = np.floor(_LEAST * plan).astype(np.int64) - 1
    if by_day:
        search.least = least = np.rint(_LEAST * plan).astype(np.int64)
    for turn in range(_DAY_ROUNDS if by_day else _ROUNDS):
        step = np.maximum(1, np.rint(0.04 * plan)).astype(np.int64)
        probes = [plan + step * (np.arange(len(plan)) == s)[:, None] for s in range(len(plan))]
        (base, *others), luck = search.play("going near the answer", [plan, *probes], days, turn, 0.04)
        if turn == 0:
            search.aims.scaled_by(base, luck.weight)
        judge = Judge(search.aims, luck)
        margins = judge.margins(plan, base)
        losses, errors = np.zeros((2, len(search.aims.rows), *plan.shape))
        for s, other in enumerate(others):
            for i in range(plan.shape[1]):
                rows, change, error = judge.loss(base, other, i, i + 1)
                losses[rows, s, i], errors[rows, s, i] = np.maximum(-change, 0.0) / step[s, i], error / step[s, i]
        if by_day:
            losses = smoothed(search.aims, plan, losses, errors)
        most = reach_of(plan, _DAY_STRIDE if by_day else (_STRIDES[min(turn, 2)], 3))
        losses = search.at_least_some(losses, margins.margin, most)
        told = np.sign(margins.margin) * np.maximum(np.abs(margins.margin) - _NOISE * margins.error, 0.0)
        down = np.maximum(np.minimum((most + 1) // 2, plan - least), 0)
        after = cheapest(told, losses, search.weight, plan, most, down, fading(plan) if by_day else None)
        moves = np.abs(after - plan)
        plan = after
        if bool((moves <= reach_of(plan, UP)).all()) and moves.sum() <= _NEAR * plan.sum():
            break
    return plan


def _scaled(search: Search, shape: Floats) -> Plan:
    """The formula's shape, each sort's part of it as large as the types that it prefers need it over a day."""
    days = days_for(search.scenario, ROUGH, len(_FACTORS))
    owned = own_types(search.scenario, search.sorts)
    size, factors = np.ones(len(shape)), _FACTORS
    for _ in range(_SIZES):
        plans = [_whole(factor * size[:, None] * shape) for factor in factors.tolist()]
        paths, luck = search.play("finding the size of the day", plans, days, _SCALING, 0.04)
        judge = Judge(search.aims, luck)
        margins = np.array([judge.margins(one, path).margin for one, path in zip(plans, paths, strict=True)])
        needed = np.array([_factor(search.aims, types, margins, factors) for types in owned])
        size = size * needed
        between = bool(((factors[0] < needed) & (needed < factors[-1])).all())
        if between and factors[-1] / factors[0] < _FACTORS[-1] / _FACTORS[0]:
            break
        factors = _CLOSER if between else _FACTORS
    return _whole(size[:, None] * shape)


def _factor(aims: Aims, types: set[str], margins: Floats, factors: Floats) -> float:
    """The one of some factors [F] with which every aim of some call types is met over the day; margins [F, K]. 1 where they have none."""
    sums: dict[tuple[int, str], Floats] = {}
    for number, row in enumerate(aims.rows):
        if aims.names[row.call_type] in types:
            key = row.call_type, row.aim
            sums[key] = sums.get(key, np.zeros(factors.size)) + margins[:, number]
    return max((float(np.interp(0.0, np.maximum.accumulate(one), factors)) for one in sums.values()), default=1.0)


def _whole(plan: Floats) -> Plan:
    """Whole agents, whose sum over the sorts and the intervals before is nowhere off by more than half an agent."""
    total = np.floor(np.cumsum(plan.T.ravel()) + 0.5)
    return np.diff(total, prepend=0.0).reshape(plan.T.shape).T.astype(np.int64)
