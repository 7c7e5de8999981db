"""The cheapest change of a plan that the losses allow: a mixed-integer program, solved again whenever playing has shown more.

Every row of the target is a linear constraint on the changes, with what one agent fewer takes off it for a slope: the cutting planes of
Atlason, Epelman and Henderson (2008), Management Science 54(2), 295-309, with all slopes renewed at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccsim.staffing.by_simulation.estimate import _MORE
from ccsim.staffing.by_simulation.positions import Plan
from ccsim.staffing.hush import hushed

Floats = NDArray[np.float64]
_NODES = 100  # that the solver looks into at most: a number, not a time, so that the same seed gives the same plan
_NEAR, _NEAR_PART = 0.2, 5e-4  # agents within which the cheapest change is found, or such a part of them all where that is more
_SWAPS, _CHOICE = 60, 8  # that are made at most where a cheaper plan is looked for, and how many agents more each time chooses from
# Agents are worth less the more there are: in segments of so large a part of them, each worth so much of the one before
_WIDTH, _LESS_EACH, _SEGMENTS = 0.04, 0.65, 4
_STIR = 0.1  # what a change costs by itself: none is made for nothing
_DEAR = 1e3  # agents that one agent's worth of a row left unmet is held to cost


def cheapest(margin: Floats, losses: Floats, weight: Floats, plan: Plan, up: Plan, down: Plan, fades: Floats | None = None) -> Plan:
    """Return the changed plan [S, I] of least weight whose rows are all met, if need be with as little left unmet as can be.

    margin [K] of the plan as it is; losses [K, S, I] of one agent fewer; weight [S, I] of one agent; `up` and `down` [S, I] are the
    most that may be added and taken off; `fades` [S, I] what each agent more is worth of the one before, where that is told.
    """
    rows, size = len(margin), plan.size
    slopes = losses.reshape(rows, size)
    worth = np.where(slopes.max(axis=1, initial=0.0) > 0.0, slopes.max(axis=1, initial=0.0), 1.0)
    # In agents, so that rows of any unit weigh alike
    slopes = slopes / worth[:, None]
    parts, costs, room, signs = [], [], [], []
    width = np.maximum(1, np.rint(_WIDTH * plan)).astype(np.int64) if fades is None else np.ones_like(plan)
    first, each = (_MORE, _LESS_EACH) if fades is None else (fades.ravel(), fades.ravel())
    for k in range(_SEGMENTS):
        for sign, most, factor in ((1, up, first * each**k), (-1, np.minimum(down, plan), 1.0 / each**k)):
            parts.append(sign * factor * slopes)
            costs.append(sign * weight.ravel() * (1.0 + sign * _STIR))
            room.append(_segment(most, width, k).ravel())
            signs.append(np.full(size, sign))
    cost = np.concatenate([*costs, np.full(rows, _DEAR)])
    base = max(1.0, float((weight * plan).sum()))
    matrix, most = np.concatenate(parts, axis=1), np.concatenate(room).astype(float)
    found = _solve(matrix, -margin / worth, cost, most, base, presolve=len(plan) > 1)
    return plan if found is None else plan + (found * np.concatenate(signs)).reshape(-1, *plan.shape).sum(axis=0)


def _segment(most: Plan, width: Plan, k: int) -> Plan:
    """How many of at most so many agents lie in segment k of their worth; the last segment has no end."""
    left = np.maximum(most - k * width, 0)
    return left if k == _SEGMENTS - 1 else np.minimum(left, width)


def best_cheaper(margin: Floats, losses: Floats, weight: Floats, plan: Plan) -> Plan | None:
    """Return a plan lighter by one agent at least that comes as near to meeting every row as is found, no number changed by more than one.

    It begins with the one agent who is missed least, and puts another in the place of one as long as the worst row gains. None where there
    is nobody.
    """
    slopes = losses.reshape(len(margin), plan.size).T
    worth = np.where(slopes.max(axis=0, initial=0.0) > 0.0, slopes.max(axis=0, initial=0.0), 1.0)
    slopes, here, heavy = slopes / worth, margin / worth, weight.ravel()
    change = np.zeros(plan.size, np.int64)
    there = np.flatnonzero(plan.ravel() > 0)
    if not there.size:
        return None
    first = there[np.argmax((here - slopes[there]).min(axis=1))]
    change[first], here = -1, here - slopes[first]
    for _ in range(_SWAPS):
        # only an agent more whom the worst row feels is of any use
        gain = np.where(change < 0, 1.0, _MORE)[:, None] * slopes
        more = np.argsort(np.where(change < 1, -gain[:, np.argmin(here)], 0.0), kind="stable")[:_CHOICE]
        fewer = np.flatnonzero((change > -1) & (plan.ravel() + change > 0))
        if not fewer.size:
            break
        loss = np.where(change > 0, _MORE, 1.0)[fewer, None] * slopes[fewer]
        worst = np.array([(here + gain[one] - loss).min(axis=1) for one in more.tolist()])
        after = float(heavy @ change) + heavy[more][:, None] - heavy[fewer][None, :]
        worst[(after > -float(heavy.min()) + 1e-9) | (change[more] > 0)[:, None] | (more[:, None] == fewer[None, :])] = -np.inf
        best = np.unravel_index(int(np.argmax(worst)), worst.shape)
        if worst[best] <= here.min() + 1e-4:
            break
        here = here + gain[more[best[0]]] - loss[best[1]]
        change[more[best[0]]] += 1
        change[fewer[best[1]]] -= 1
    return plan + change.reshape(plan.shape)


def _solve(matrix: Floats, need: Floats, cost: Floats, most: NDArray[Any], base: float, presolve: bool) -> NDArray[np.int64] | None:
    """Whole changes [2 S I] with matrix x + unmet >= need, or None where the solver finds none; `base` [agents] is what a plan costs."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array, eye_array, hstack

    rows = len(matrix)
    open_to = np.flatnonzero(most > 0.0)
    size = open_to.size
    matrix, cost = matrix[:, open_to], np.concatenate([cost[open_to], cost[most.size :]])
    sparse: Any = hstack([csr_array(matrix), eye_array(rows)])
    # A number that is always 1 has the cost of a plan, so that a gap relative to the cost is one in agents
    sparse = hstack([sparse, csr_array((rows, 1))])
    bounds = Bounds(np.append(np.zeros(size + rows), 1.0), np.concatenate([most[open_to], np.full(rows, np.inf), [1.0]]))
    whole = np.concatenate([np.ones(size), np.zeros(rows + 1)])
    # without presolving it takes less than half the time for one sort of agents, with it the longest of several take half
    options = {"node_limit": _NODES, "mip_rel_gap": max(_NEAR / base, _NEAR_PART), "presolve": presolve}
    rule = LinearConstraint(sparse, need, np.full(rows, np.inf))
    with hushed():
        answer = milp(np.append(cost, base), constraints=rule, bounds=bounds, integrality=whole, options=options)
    if answer.x is None:
        return None
    found = np.zeros(most.size, np.int64)
    found[open_to] = np.rint(answer.x[:size])
    return found
