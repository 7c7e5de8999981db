"""What one agent fewer takes off each row, known the better for what it does in the intervals around.

Of one interval, on so few days, it is known to a quarter of itself or so, and a program that looks for the lightest plan picks the agents
whose worth luck has made too large. Times the agents on duty it changes little from an interval to the next, so each is drawn towards a
mean over its neighbours, as far as chance explains that it differs from it (empirical Bayes: Efron and Morris 1975, Journal of the American
Statistical Association 70(350), 311-319).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ccsim.staffing.by_simulation.positions import Plan
    from ccsim.staffing.by_simulation.sums import Aims

Floats = NDArray[np.float64]
_SPAN = 3  # intervals before and after that are neighbours
_CHANCE = 2.0  # standard errors: what a row of many intervals shows of one of them is nothing below
_LITTLE = 0.15  # of what most moves a row: less than this is left out, since it would tie all intervals into one long program
_DRAWN = 0.6  # of what chance does to a loss, about, is left when it has been drawn towards its neighbours'
_FEWEST = 5  # intervals of which a mean over neighbours says something


def smoothed(aims: Aims, plan: Plan, losses: Floats, errors: Floats) -> Floats:
    """Return losses [K, S, I] of one agent fewer that are the nearest to the true ones, from those seen and their standard errors."""
    out = np.maximum(losses, 0.0)
    for rows, s, at in _series(aims, plan, losses.shape[2]):
        seen, error = losses[rows, s, at], errors[rows, s, at]
        if aims.rows[rows[0]].aim == "held":
            # where no day told a difference nothing would seem to be in doubt: each is as much in doubt as the others
            error = np.maximum(error, np.sqrt(np.mean(error**2)))
        if rows.size < _FEWEST:
            own = np.array([i in aims.rows[number].intervals for number, i in zip(rows.tolist(), at.tolist(), strict=True)])
            found = np.where(own | (np.abs(seen) > _CHANCE * error), seen, 0.0)
        else:
            found = _drawn_in(seen, error, at, np.maximum(plan[s, at], 1).astype(float))
        out[rows, s, at] = np.maximum(found, 0.0)
    most = out.reshape(len(out), -1).max(axis=1, initial=0.0)
    most[[row.intervals.size > 1 for row in aims.rows]] = 0.0
    return np.where(out >= _LITTLE * most[:, None, None], out, 0.0)


def doubt(aims: Aims, losses: Floats, errors: Floats) -> float:
    """Return what part of the losses [K, S, I] is in doubt, from their standard errors as seen: the median over aims and call types."""
    flat, unsure = losses.reshape(len(losses), -1), errors.reshape(len(losses), -1)
    most = flat.argmax(axis=1)
    parts = []
    for kind in {(row.call_type, row.aim) for row in aims.rows}:
        rows = np.array([number for number, row in enumerate(aims.rows) if (row.call_type, row.aim) == kind])
        mean = float(flat[rows, most[rows]].mean())
        parts.append(float(np.sqrt(np.mean(unsure[rows, most[rows]] ** 2))) / mean if mean > 0.0 else 1.0)
    return _DRAWN * float(np.median(parts))


def _series(aims: Aims, plan: Plan, intervals: int) -> Iterator[tuple[NDArray[np.int64], int, NDArray[np.int64]]]:
    """Losses that are of a kind: one aim of a call type, one sort of agents, the same way from the agent's interval to the row's."""
    kinds: dict[tuple[int, str, int], list[tuple[int, int]]] = {}
    for number, row in enumerate(aims.rows):
        single = row.intervals.size == 1
        for i in range(intervals):
            lag = int(row.intervals[0]) - i if single else number + intervals  # a row of many intervals is of its own kind
            kinds.setdefault((row.call_type, row.aim, lag), []).append((number, i))
    for pairs in kinds.values():
        rows, at = np.array(pairs, dtype=np.int64).T
        for s in range(len(plan)):
            yield rows, s, at


def _drawn_in(seen: Floats, error: Floats, at: NDArray[np.int64], agents: Floats) -> Floats:
    """Values seen at some intervals, drawn towards their neighbours' mean, as values times agents."""
    value, chance = seen * agents, error * agents
    near = np.maximum(1.0 + _SPAN - np.abs(at[:, None] - at[None, :]), 0.0)
    np.fill_diagonal(near, 0.0)
    mass = near.sum(axis=1)
    known = mass > 0.0
    share = near / np.where(known, mass, 1.0)[:, None]
    mean, doubt = share @ value, share**2 @ chance**2
    # what is left of the differences when chance is taken off them is how much neighbours differ in truth
    differ = max(float(np.mean((value - mean)[known] ** 2 - (chance**2 + doubt)[known])), 0.0) if known.any() else 0.0
    prior = differ + doubt
    weight = np.where(known & (chance > 0.0), prior / np.where(prior + chance**2 > 0.0, prior + chance**2, 1.0), 1.0)
    return np.asarray((weight * value + (1.0 - weight) * np.where(known, mean, value)) / agents)
