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
from ccsim.staffing.hush import hushed

if TYPE_CHECKING:
    from ccsim.inputs import Scenario, Target
    from ccsim.staffing.by_simulation.positions import Sort

Floats = NDArray[np.float64]
_APART = 0.01  # what an agent apart from the sort's own part of the work is held to cost: less than a skill (`positions.SKILL`)
_NEAR, _NODES = 2e-4, 200  # the part of all within which the lightest is found, and how many nodes the solver looks into at most


def first_plan(scenario: Scenario, sorts: tuple[Sort, ...], busy: Floats, confidence: float | None, whole: bool = True) -> Floats:
    """Return a plan [S, I] to begin with: for each set of call types that some sorts serve, those sorts have what the formula says.

    Unless `whole` it is in parts of agents.

    busy [B] are equally likely factors on the calls of a day; with a confidence, a day as busy as that quantile of them is staffed for.
    """
    callers = frozenset(callers_of(scenario))
    families = {frozenset(sort.types) & callers for sort in sorts} | {frozenset((name,)) for name in callers} | {callers}
    listed = sorted(families, key=lambda family: (len(family), sorted(family)))
    needs = np.array([_need(scenario, tuple(n for n in scenario.calls if n in family), busy, confidence) for family in listed])
    if len(sorts) == 1:
        most = needs.max(axis=0)[None, :]
        return np.ceil(most - 1e-6) if whole else most
    able = np.array([[float(bool(family & set(sort.types))) for sort in sorts] for family in listed])
    weight = np.array([sort.weight for sort in sorts])
    own = _own_load(scenario, sorts)
    return _shared_out(able, needs, weight, own, whole)


def own_types(scenario: Scenario, sorts: tuple[Sort, ...]) -> list[set[str]]:
    """The call types that each sort [S] names sooner than any other sort, or as soon; one sort has all of them."""
    if len(sorts) == 1:
        return [set(callers_of(scenario))]
    places = [{name: place for place, equal in enumerate(scenario.staff[sort.groups[0]].takes) for name in equal} for sort in sorts]
    callers = callers_of(scenario)
    soonest = {name: min(place[name] for place in places if name in place) for name in callers}
    return [{name for name in callers if place.get(name) == soonest[name]} for place in places]


def _own_load(scenario: Scenario, sorts: tuple[Sort, ...]) -> Floats:
    """The part of all work [S, I] that each sort prefers: a type's is shared by those that name it soonest."""
    owned = own_types(scenario, sorts)
    found = np.zeros((len(sorts), scenario.horizon.intervals))
    for name in callers_of(scenario):
        first = [s for s, types in enumerate(owned) if name in types]
        found[first] += load(scenario, (name,)).offered_load / len(first)
    return np.asarray(found / np.maximum(found.sum(axis=0), 1e-12))


def _shared_out(able: Floats, need: Floats, weight: Floats, own: Floats, whole: bool) -> Floats:
    """The lightest agents [S, I] who cover each need [F, I], and of those as near as can be to parts `own` [S, I] of them all."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import block_diag, csr_array

    sorts, intervals = own.shape
    covered = np.hstack([able, np.zeros((len(need), 2 * sorts))])
    # below the needs: what a sort has more and less than its part of all
    each = [
        csr_array(np.vstack([covered, np.hstack([np.eye(sorts) - own[:, [i]], -np.eye(sorts), np.eye(sorts)])])) for i in range(intervals)
    ]
    low = np.concatenate([need - 1e-6, np.zeros((sorts, intervals))])
    high = np.concatenate([np.full(need.shape, np.inf), np.zeros((sorts, intervals))])
    cost, kind = np.concatenate([weight, np.full(2 * sorts, _APART)]), np.concatenate([np.full(sorts, float(whole)), np.zeros(2 * sorts)])
    rule = LinearConstraint(block_diag(each, format="csr"), low.T.ravel(), high.T.ravel())
    options = {"mip_rel_gap": _NEAR, "node_limit": _NODES}
    with hushed():
        answer = milp(
            np.tile(cost, intervals), constraints=rule, bounds=Bounds(0.0, np.inf), integrality=np.tile(kind, intervals), options=options
        )
    assert answer.x is not None, "any need can be covered by enough agents"
    found = answer.x.reshape(intervals, 3 * sorts)[:, :sorts].T
    return np.asarray(np.rint(found) if whole else found)


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
            if goal is not None and aim == "occupancy":
                found.append(work.offered_load / float(goal))  # however low the goal; hang-ups only take work away
            elif goal is not None:
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
