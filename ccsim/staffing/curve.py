"""What a formula says of call types by the number of agents, and the other way round: how many agents lie between two levels of an aim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccsim.staffing.crews import Load
from ccsim.staffing.requirement import _callers
from ccsim.theory import queue_of

if TYPE_CHECKING:
    from ccsim.inputs import Target

Floats = NDArray[np.float64]
_POINTS = 121
# Levels outside these say little about how many agents too many or too few there were
RANGE = {"share": (0.05, 0.997), "average_speed_of_answer": (0.05, 3600.0), "abandoned_fraction": (1e-4, 0.9), "occupancy": (0.05, 0.995)}


class Curve:
    """What a formula says of a set of call types by the number of agents, and the other way round, in fractions; [I] throughout."""

    def __init__(self, work: Load) -> None:
        self.work = work
        load = work.offered_load[:, None]
        low, high = 0.3 * load, load + 10.0 * np.sqrt(load) + 15.0
        self.grid = low + (high - low) * np.linspace(0.0, 1.0, _POINTS)
        callers = _callers(work.hang_up_rate[:, None], work.balk[:, None])
        self.queue = queue_of(work.rate[:, None], work.handle_time[:, None], self.grid, **callers)
        self._known: dict[tuple[object, ...], Floats] = {}

    def agents(self, target: Target, aim: str, value: Floats) -> Floats:
        """Agents with whom an aim comes to `value`; the ends of the curve where it never does; 0 without calls."""
        heights = self._heights(target, aim)
        sign = 1.0 if aim == "share" else -1.0
        found = [np.interp(sign * at, sign * row, grid) for at, row, grid in zip(value, heights, self.grid, strict=True)]
        return np.where(self.work.calls > 0.0, found, 0.0)

    def _heights(self, target: Target, aim: str) -> Floats:
        """The aim at each number of agents, made monotone [I, points]."""
        key = aim, target.wait, target.variant, target.short_abandon
        if key not in self._known:
            if aim == "share":
                level = np.asarray(self.queue.service_level(target.wait, target.variant, target.short_abandon))
                self._known[key] = np.maximum.accumulate(np.nan_to_num(level), axis=1)
            else:
                known = np.asarray(getattr(self.queue, aim), dtype=float)
                self._known[key] = np.minimum.accumulate(np.nan_to_num(known, nan=1e9, posinf=1e9), axis=1)
        return self._known[key]

    def level(self, target: Target, aim: str, agents: Floats) -> Floats:
        """What an aim comes to with so many agents, [I] or [I, any number of them]; the ends of the curve beyond them."""
        heights = self._heights(target, aim)
        return np.array([np.interp(at, grid, row) for at, row, grid in zip(agents, heights, self.grid, strict=True)])

    def between(self, target: Target, aim: str, goal: ArrayLike, reached: Floats) -> Floats:
        """Agents between what was reached and a goal [I]: above 0 so many are missing; nan where nothing was reached or nobody calls."""
        low, high = RANGE[aim]
        ends = np.minimum(low, goal), np.maximum(high, goal)
        wanted = np.clip(np.broadcast_to(np.asarray(goal, dtype=float), reached.shape), *ends)
        there = np.clip(np.where(np.isfinite(reached), reached, wanted), low, high)
        gap = self.agents(target, aim, wanted) - self.agents(target, aim, there)
        return np.where(np.isfinite(reached) & (self.work.calls > 0.0), gap, np.nan)
