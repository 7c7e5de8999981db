"""Linear programs in whole numbers and in fractions, solved by HiGHS in a way that hears Ctrl-C and can be watched."""

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


def sparse(values: Any, rows: Any, columns: Any, shape: tuple[int, int]) -> Any:
    """A matrix of these values at these rows and columns, those at one place added; by rows."""
    from scipy.sparse import coo_array

    return coo_array((np.asarray(values, dtype=float), (np.asarray(rows), np.asarray(columns))), shape=shape).tocsr()


def row_of(coefficients: Floats, most: float) -> Rows:
    """One constraint, coefficients @ x <= most; coefficients [N]."""
    from scipy.sparse import csr_array

    return Rows(csr_array(coefficients[None, :]), np.array([-np.inf]), np.array([most]))


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


@dataclass(frozen=True)
class Fractions:
    """The cheapest x >= 0, in fractions. `values` None: there is nothing to find."""

    values: Floats | None
    cost: float
    prices: tuple[Floats, ...]  # for each part of the rows, what one more on their low side costs [M], 0 or more


def solve(
    cost: Floats,
    rows: Sequence[Rows],
    upper: Floats | None = None,
    gap: float = 0.0,
    nodes: int | None = None,
    seconds: float | None = None,
    tick: Tick | None = None,
    lower: Floats | None = None,
) -> Solution:
    """Return the cheapest whole numbers x >= 0 (or `lower`) with x <= `upper` that satisfy `rows`, to within `gap` of the best possible.

    cost, upper, lower [N]. HiGHS stops after so many `nodes` of its search, with the best it has: the same on any machine. `seconds` ends
    it in any case, and what was found then hangs on the machine. `tick(elapsed seconds)` is called now and then.

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
    whole = np.ones(cost.size, dtype=int)
    began = time.monotonic()
    found = _watched(lambda: milp(cost, integrality=whole, bounds=bounds, constraints=constraints, options=options), tick)
    late = seconds is not None and time.monotonic() - began >= max(0.1, seconds)
    return replace(_read(cost, found), out_of_time=late and found.status == 1)


def fractions(cost: Floats, rows: Sequence[Rows], tick: Tick | None = None) -> Fractions:
    """Return the cheapest x >= 0 that satisfies `rows`, fractions allowed, with the prices of the rows; cost [N].

    By the interior-point method of HiGHS and a step to a vertex: round the clock that takes a tenth of what the simplex method does.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    parts = [(number, part, csr_array(part.matrix)) for number, part in enumerate(rows) if part.low.size]
    least = [(number, -matrix[where], -part.low[where], where) for number, part, matrix in parts if (where := _only(part.low)).size]
    most = [(number, matrix[where], part.high[where], where) for number, part, matrix in parts if (where := _only(part.high)).size]
    matrix, limit = vstack([one[1] for one in (*least, *most)]), np.concatenate([one[2] for one in (*least, *most)])
    found = _watched(lambda: linprog(cost, A_ub=matrix, b_ub=limit, method="highs-ipm"), tick)
    if found.x is None:
        return Fractions(None, np.inf, ())
    prices, start = [np.zeros(part.low.size) for part in rows], 0
    for number, *_, where in least:
        prices[number][where] = -np.minimum(found.ineqlin.marginals[start : start + where.size], 0.0)
        start += where.size
    return Fractions(np.asarray(found.x, dtype=float), float(found.fun), tuple(prices))


def _only(bound: Floats) -> NDArray[np.intp]:
    """Rows that have this bound."""
    return np.flatnonzero(np.isfinite(bound))


def _watched(work: Callable[[], Any], tick: Tick | None) -> Any:
    """What `work` returns, done in a thread of its own while `tick` is called."""
    answers: list[Any] = []

    def done() -> None:
        try:
            answers.append(work())
        except Exception as fault:  # handed on to whoever waits
            answers.append(fault)

    worker = threading.Thread(target=done, daemon=True, name="highs")
    began = time.monotonic()
    with hushed():
        worker.start()
        while worker.is_alive():
            worker.join(_TICK)
            if tick is not None:
                tick(time.monotonic() - began)
    if isinstance(answers[0], Exception):
        raise answers[0]
    return answers[0]


def _read(cost: Floats, found: Any) -> Solution:
    proven = getattr(found, "mip_dual_bound", None)
    if found.x is None:
        least = -np.inf if proven is None else float(proven)
        return Solution(None, np.inf, least, infeasible=found.status == 2, complete=found.status == 2)
    values = np.round(np.asarray(found.x, dtype=float)) + 0.0
    total = float(cost @ values)
    bound = total if proven is None else min(float(proven), total)
    return Solution(values, total, bound, infeasible=False, complete=found.status == 0)
