"""How many people on each shift cover what each interval requires, at the least cost: set covering with multiplicities (Dantzig 1954)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccsim.errors import InputError
from ccsim.staffing.solver import Rows, Solution, solve

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
MOST_REQUIRED = 1e6
# The solver keeps its constraints to within 1e-6
_SLACK = 1e-6


def cover(required: ArrayLike, coverage: ArrayLike, cost: ArrayLike | None = None, at_most: ArrayLike | None = None) -> Counts:
    """Return how many people to put on each shift so that all `required` are covered at the least cost, [S] of whole numbers.

    Minimise sum_s cost[s] x[s] with sum_s coverage[s, t] x[s] >= required[t] in every interval t, 0 <= x[s] <= at_most[s], x whole
    (Dantzig 1954, Operations Research 2(3), 339-341). Solved to the end by HiGHS; of several equally cheap answers, one.

    required [T], agents, 0 or more, fractions allowed; coverage [S, T], 1 where shift s is on duty in interval t, or the part of the
    interval it is (0 to 1); cost [S] of a person on each shift, 1 unless told; at_most one number, or [S], unlimited unless told.

    Raises `InputError` for shapes that do not fit, numbers that are negative or not finite, an interval that no shift covers, and where
    `at_most` leaves an interval short (which, and by how many).

    >>> cover([3, 5, 4], [[1, 1, 0], [0, 1, 1]]).tolist()
    [3, 4]
    """
    need, table = _checked(required, coverage)
    price = _prices("cost", cost, len(table))
    most = _limits(at_most, len(table))
    _check_reach(need, table, most)
    if not need.any():
        return np.zeros(len(table), dtype=np.int64)
    from scipy.sparse import csr_array

    found = solve(price, [Rows(csr_array(table.T), need, np.full(need.size, np.inf))], most)
    return _counts(found, need, table, most)


def nearest(
    required: ArrayLike,
    coverage: ArrayLike,
    over: ArrayLike = 1.0,
    under: ArrayLike = 1.0,
    at_most: ArrayLike | None = None,
    at_most_on_duty: float | None = None,
) -> Counts:
    """Return how many people to put on each shift so that those on duty stay nearest to `required`, [S] of whole numbers.

    Minimises sum_t over[t] (on duty - required)+ + under[t] (required - on duty)+, the least absolute difference where both are 1. An
    interval may be left short, for its price. `at_most_on_duty` limits those on duty in any interval; the rest is as in `cover`.

    >>> nearest([3, 5, 4], [[1, 1, 1]]).tolist()
    [4]
    """
    need, table = _checked(required, coverage)
    most = _limits(at_most, len(table))
    prices = [_prices(name, price, need.size) for name, price in (("over", over), ("under", under))]
    from scipy.sparse import csr_array, eye_array, hstack

    shifts, intervals = table.shape
    each = eye_array(intervals)
    balance = hstack([csr_array(table.T), -each, each])
    rows = [Rows(balance, need, need)]
    if at_most_on_duty is not None:
        ceiling = _limits(at_most_on_duty, 1, "at_most_on_duty")
        on_duty = hstack([csr_array(table.T), csr_array((intervals, 2 * intervals))])
        rows.append(Rows(on_duty, np.full(intervals, -np.inf), np.full(intervals, ceiling[0])))
    found = _nearest(np.concatenate([np.zeros(shifts), *prices]), rows, np.concatenate([most, np.full(2 * intervals, np.inf)]), shifts)
    return found.astype(np.int64)


def _nearest(cost: Floats, rows: list[Rows], upper: Floats, shifts: int) -> Floats:
    """The counts alone are whole: what is over or under may be a fraction."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    whole = np.concatenate([np.ones(shifts), np.zeros(cost.size - shifts)])
    constraints = [LinearConstraint(part.matrix, part.low, part.high) for part in rows]
    found = milp(cost, integrality=whole, bounds=Bounds(0.0, upper), constraints=constraints, options={"mip_rel_gap": 0.0})
    assert found.x is not None, "nobody on any shift is always allowed"
    return np.asarray(np.round(found.x[:shifts]), dtype=float)


def _checked(required: ArrayLike, coverage: ArrayLike) -> tuple[Floats, Floats]:
    """The requirement [T] and the coverage [S, T] as arrays of floats."""
    need, table = _numbers("required", required), _numbers("coverage", coverage)
    if need.ndim != 1 or need.size == 0:
        raise InputError(f"required has the shape {need.shape}; give one number for each interval, as a list")
    if table.ndim != 2 or table.shape[1] != need.size or table.shape[0] == 0:
        raise InputError(
            f"coverage has the shape {table.shape}; give a row for each shift with one number for each of the {need.size} intervals"
        )
    if need.max() > MOST_REQUIRED:
        raise InputError(
            f"required asks for {need.max():,.0f} in interval {int(need.argmax())}; at most {MOST_REQUIRED:,.0f} can be covered"
        )
    if table.max(initial=0.0) > 1.0:
        shift, interval = np.argwhere(table > 1.0)[0]
        raise InputError(
            f"coverage of shift {shift} in interval {interval} is {table[shift, interval]:g}; it is 1 on duty, 0 off, or a part"
        )
    return need, table


def _numbers(name: str, given: ArrayLike) -> Floats:
    try:
        array = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} holds something that is no number, or rows of unequal length; give numbers") from None
    if not np.isfinite(array).all():
        raise InputError(f"{name} holds {array[~np.isfinite(array)][0]}; every number must be finite")
    if (array < 0.0).any():
        raise InputError(f"{name} holds {array[array < 0.0][0]:g}; every number must be 0 or more")
    return array


def _prices(name: str, given: ArrayLike | None, count: int) -> Floats:
    price = np.ones(count) if given is None else _numbers(name, given)
    if price.shape not in ((), (count,)):
        raise InputError(f"{name} has the shape {price.shape}; give one number, or {count} of them")
    return np.broadcast_to(price, (count,)).astype(float)


def _limits(given: ArrayLike | None, count: int, name: str = "at_most") -> Floats:
    if given is None:
        return np.full(count, np.inf)
    return np.floor(_prices(name, given, count) + 1e-9)


def _check_reach(need: Floats, table: Floats, most: Floats) -> None:
    """Refuse what no counts can cover; with everybody allowed on every shift, each interval stands by itself."""
    nobody = np.flatnonzero((need > 0.0) & (table.max(axis=0) <= 0.0))
    if nobody.size:
        rest = f" (nor {nobody.size - 1} more)" if nobody.size > 1 else ""
        raise InputError(
            f"interval {nobody[0]} (counted from 0) requires {need[nobody[0]]:g} and no shift is on duty then{rest}; add a shift that is"
        )
    if np.isinf(most).all():
        return
    reach = np.where(table > 0.0, table, 0.0) * np.where(np.isinf(most), 1e12, most)[:, None]
    short = need - reach.sum(axis=0)
    worst = int(short.argmax())
    if short[worst] > _SLACK:
        others = int((short > _SLACK).sum()) - 1
        more = f"; {others} other interval{'s are' if others > 1 else ' is'} short too" if others else ""
        raise InputError(
            f"interval {worst} (counted from 0) requires {need[worst]:g}, and with at_most on every shift "
            f"{need[worst] - short[worst]:g} are on duty: {short[worst]:g} short{more}; allow more people on its shifts"
        )


def _counts(found: Solution, need: Floats, table: Floats, most: Floats) -> Counts:
    assert found.values is not None, "every interval can be covered"
    counts = found.values
    # What the solver's tolerance left out is made good, one person at a time.
    for interval in np.flatnonzero(counts @ table < need - _SLACK * np.maximum(1.0, need)):
        while counts @ table[:, interval] < need[interval] - _SLACK * max(1.0, need[interval]):
            able = np.flatnonzero((table[:, interval] > 0.0) & (counts < most))
            counts[able[0]] += 1.0
    return counts.astype(np.int64)
