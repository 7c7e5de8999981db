"""Linear programs in whole numbers, solved by HiGHS (`scipy.optimize.milp`) in a way that hears Ctrl-C and can be watched."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccsim.staffing.hush import hushed

Floats = NDArray[np.float64]
Tick = Callable[[float], None]
_TICK = 0.2  # s between two looks at the solver


@dataclass(frozen=True)
class Rows:
    """Constraints low <= matrix @ x <= high; `matrix` [M, N] dense or sparse, bounds [M]."""

    matrix: Any
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Solution:
    """What the solver found. `values` None: nothing in the time it had, or (`infeasible`) there is nothing to find."""

    values: Floats | None
    cost: float
    bound: float  # no solution costs less than this
    infeasible: bool
    complete: bool  # False: it ended before the gap asked for was reached
    out_of_time: bool = False  # by the clock, so that another run may find something else

    @property
    def gap(self) -> float:
        """How much more it costs than the bound, as a share of its cost; 0 where both are 0."""
        return 0.0 if self.cost <= self.bound else (self.cost - self.bound) / self.cost


def solve(
    cost: Floats,
    rows: Sequence[Rows],
    upper: Floats | None = None,
    gap: float = 0.0,
    nodes: int | None = None,
    seconds: float | None = None,
    tick: Tick | None = None,
    lower: Floats | None = None,
    whole: bool | NDArray[np.bool_] = True,
) -> Solution:
    """Return the cheapest whole numbers x >= 0 (or `lower`) with x <= `upper` that satisfy `rows`, to within `gap` of the best possible.

    cost, upper, lower [N]; with `whole=False` fractions are allowed, with `whole` [N] where it is False. HiGHS stops after
    so many `nodes` of its search, with the best it has: the same on any machine. `seconds` ends it in any case, and what was found then
    hangs on the machine. `tick(elapsed seconds)` is called now and then.

    The solver works in a thread of its own, so that Ctrl-C ends the waiting at once; the thread then ends with the time it was given.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    options: dict[str, Any] = {"mip_rel_gap": gap}
    if nodes is not None:
        options["node_limit"] = max(1, nodes)
    if seconds is not None:
        options["time_limit"] = max(0.1, seconds)
    bounds = Bounds(np.zeros(cost.size) if lower is None else lower, np.full(cost.size, np.inf) if upper is None else upper)
    constraints = [LinearConstraint(part.matrix, part.low, part.high) for part in rows if part.low.size]
    answers: list[Any] = []
    integer = np.broadcast_to(whole, cost.shape)

    def work() -> None:
        try:
            answers.append(milp(cost, integrality=integer.astype(int), bounds=bounds, constraints=constraints, options=options))
        except Exception as fault:  # handed on to whoever waits
            answers.append(fault)

    worker = threading.Thread(target=work, daemon=True, name="highs")
    began = time.monotonic()
    with hushed():
        worker.start()
        while worker.is_alive():
            worker.join(_TICK)
            if tick is not None:
                tick(time.monotonic() - began)
    if isinstance(answers[0], Exception):
        raise answers[0]
    late = seconds is not None and time.monotonic() - began >= max(0.1, seconds)
    return replace(_read(cost, answers[0], integer), out_of_time=late and answers[0].status == 1)


def _read(cost: Floats, found: Any, whole: NDArray[np.bool_]) -> Solution:
    proven = getattr(found, "mip_dual_bound", None)
    if found.x is None:
        least = -np.inf if proven is None else float(proven)
        return Solution(None, np.inf, least, infeasible=found.status == 2, complete=found.status == 2)
    values = np.asarray(found.x, dtype=float)
    values = np.where(whole, np.round(values) + 0.0, values)
    total = float(cost @ values)
    bound = total if proven is None else min(float(proven), total)
    return Solution(values, total, bound, infeasible=False, complete=found.status == 0)
