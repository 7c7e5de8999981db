"""Where the search begins: the formula's requirement, on average over how busy days are, shared out over the sorts of agents.

The formula is asked at the modified offered load (Jennings, Mandelbaum, Massey and Whitt 1996, Management Science 42(10), 1383-1394): what
would be in hand were there agents without end, which follows the calls with a delay and is nothing when the day begins.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.duty import never_closes
from ccsim.staffing.crews import Load, callers_of, load
from ccsim.staffing.curve import RANGE, Curve

if TYPE_CHECKING:
    from ccsim.inputs import Scenario, Target
    from ccsim.staffing.by_simulation.positions import Plan, Sort

Floats = NDArray[np.float64]


def first_plan(scenario: Scenario, sorts: tuple[Sort, ...], busy: Floats, confidence: float | None) -> Plan:
    """Return a plan [S, I] to begin with: for each set of call types that some sorts serve, those sorts have what the formula says.

    busy [B] are equally likely factors on the calls of a day; with a confidence, a day as busy as that quantile of them is staffed for.
    """
    callers = frozenset(callers_of(scenario))
    families = {frozenset(sort.types) & callers for sort in sorts} | {frozenset((name,)) for name in callers} | {callers}
    listed = sorted(families, key=lambda family: (len(family), sorted(family)))
    needs = np.array([_need(scenario, tuple(n for n in scenario.calls if n in family), busy, confidence) for family in listed])
    if len(sorts) == 1:
        return np.ceil(needs.max(axis=0) - 1e-6).astype(np.int64)[None, :]
    able = np.array([[float(bool(family & set(sort.types))) for sort in sorts] for family in listed])
    weight = np.array([sort.weight for sort in sorts])
    return np.stack([_shared_out(able, needs[:, i], weight) for i in range(needs.shape[1])], axis=1)


def _shared_out(able: Floats, need: Floats, weight: Floats) -> NDArray[np.int64]:
    from scipy.optimize import Bounds, LinearConstraint, milp

    constraint = LinearConstraint(able, need - 1e-6, np.full(need.size, np.inf))
    answer = milp(weight, constraints=constraint, bounds=Bounds(0.0, np.inf), integrality=np.ones(weight.size))
    assert answer.x is not None, "any need can be covered by enough agents"
    return np.rint(answer.x).astype(np.int64)


def _need(scenario: Scenario, types: tuple[str, ...], busy: Floats, confidence: float | None) -> Floats:
    """Agents [I] with whom the formula meets every aim of some call types, pooled; fractions."""
    factors = busy if confidence is None else np.quantile(busy, [confidence])
    work = load(scenario, types)
    rate = _in_hand(scenario, work) / work.handle_time
    curves = [Curve(replace(work, calls=work.calls * factor, rate=rate * factor)) for factor in factors.tolist()]
    found = []
    for target in {str(scenario.target_of(name)): scenario.target_of(name) for name in types}.values():
        for aim in RANGE:
            goal = getattr(target, aim)
            if goal is not None:
                found.append(_crossing(curves, target, aim, float(goal), factors))
    return np.where(work.calls > 0.0, np.max(found, axis=0), 0.0)


def _in_hand(scenario: Scenario, work: Load) -> Floats:
    """Calls in hand with agents without end, on average over each interval [I, erlangs]: m' = rate - m / handle time, exponential."""
    horizon = scenario.horizon
    begin, end = np.asarray(horizon.interval_start, dtype=float), np.asarray(horizon.interval_end, dtype=float)
    mean = np.zeros_like(work.rate)
    last, before = float(work.offered_load[0]) if never_closes(horizon) else 0.0, float(begin[0])
    for i, (load_now, handle) in enumerate(zip(work.offered_load.tolist(), work.handle_time.tolist(), strict=True)):
        last *= float(np.exp(-(begin[i] - before) / handle))  # over a closing
        fallen = float(-np.expm1(-(end[i] - begin[i]) / handle))
        mean[i] = load_now + (last - load_now) * fallen * handle / (end[i] - begin[i])
        last, before = load_now + (last - load_now) * (1.0 - fallen), float(end[i])
    return np.maximum(mean, 0.0)


def _crossing(curves: list[Curve], target: Target, aim: str, goal: float, factors: Floats) -> Floats:
    """Agents with whom an aim comes to its goal on average over the factors, calls counted [I]."""
    first, last = curves[0].grid[:, :1], curves[-1].grid[:, -1:]
    grid = first + (last - first) * np.linspace(0.0, 1.0, curves[0].grid.shape[1])
    sign = 1.0 if aim == "share" else -1.0
    heights = np.zeros_like(grid)
    for curve, factor in zip(curves, factors.tolist(), strict=True):
        heights += factor * np.minimum(curve.level(target, aim, grid), 1e6)
    heights /= factors.sum()
    return np.array([np.interp(sign * goal, sign * row, at) for row, at in zip(heights, grid, strict=True)])
