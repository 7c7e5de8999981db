"""The measures of each interval with a plan, on days that each have their weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.tally.columns import (
    ABANDONED,
    CALLS_ANSWERED,
    CALLS_BLOCKED,
    HANDLING,
    OFFERED,
    ON_DUTY,
    OVER,
    SHORT,
    WAIT_ABANDONED,
    WAIT_ANSWERED,
    WITHIN,
)
from ccsim.staffing.by_simulation.sums import KEPT, Paths
from ccsim.staffing.crews import callers_of, load

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
MEASURES = (
    "mean_wait",
    "average_speed_of_answer",
    "abandoned_fraction",
    "blocked_fraction",
    "over_threshold",
    "service_level_offered",
    "service_level_answered",
    "service_level_excluding_short_abandons",
    "service_level_counting_short_abandons",
    "occupancy",
)


def predicted(scenario: Scenario, paths: Paths | None, weights: Floats | None) -> dict[str, Floats]:
    """Return each measure [I] over all callers, of paths with weights [R, I]; nan in intervals without calls, and where none was played."""
    intervals = scenario.horizon.intervals
    if paths is None or weights is None:
        return {name: np.full(intervals, np.nan) for name in MEASURES}
    names = list(scenario.calls)
    types = [names.index(name) for name in callers_of(scenario)]
    calls = np.einsum("ri,rik->ki", weights, paths.calls[:, :, types].sum(axis=2))
    busy = np.einsum("ri,rik->ki", weights, paths.time)
    of = dict(zip(KEPT, np.maximum(calls, 0.0), strict=True))
    offered, answered, within = of[OFFERED], of[CALLS_ANSWERED], of[WITHIN]
    parts = {
        "mean_wait": (of[WAIT_ANSWERED] + of[WAIT_ABANDONED], answered + of[ABANDONED]),
        "average_speed_of_answer": (of[WAIT_ANSWERED], answered),
        "abandoned_fraction": (of[ABANDONED], offered),
        "blocked_fraction": (of[CALLS_BLOCKED], offered),
        "over_threshold": (of[OVER], offered),
        "service_level_offered": (within, offered),
        "service_level_answered": (within, answered),
        "service_level_excluding_short_abandons": (within, offered - of[SHORT]),
        "service_level_counting_short_abandons": (within + of[SHORT], offered),
        "occupancy": (busy[HANDLING], busy[ON_DUTY]),
    }
    called = load(scenario, callers_of(scenario)).calls > 0.0
    return {name: _ratio(over, under, called) for name, (over, under) in parts.items()}


def _ratio(over: Floats, under: Floats, called: NDArray[np.bool_]) -> Floats:
    known = called & (under > 1e-12)
    return np.where(known, over / np.where(known, under, 1.0), np.nan)
