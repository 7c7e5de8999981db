"""What the queue alone made of a day whose calls so far are not told, and what would be called if as many had come as are expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ccsim.engine.floor import Floats

_STEPS = 30  # of Newton's method
_FLAT = 1.0  # what keeps the slope of a chance finite where all futures, or none, go wrong


class ByQueue(NamedTuple):
    """A day as the queue says it is."""

    busy: float  # its calls over those expected, on average
    number: int | None  # about how many would be called if it were as busy as expected; None: no future is like that


def by_queue(levels: Floats | None, gone_wrong: Floats, numbers: Sequence[int], level: float) -> ByQueue | None:
    """What the queue made of the day; None where it did not say how busy it is.

    levels: the logarithm of the busyness of each future [F]; gone_wrong: whether each went wrong under each number [numbers, F]; level: the
    chance to keep to. The futures differ in how busy they are, so that the chance on a day as expected is read off them, by a logistic
    regression on the busyness.
    """
    if levels is None:
        return None
    busy = float(np.exp(levels).mean())
    if not levels.min() <= 0.0 <= levels.max():
        return ByQueue(busy, None)
    usual = (number for number, wrong in zip(numbers, gone_wrong, strict=True) if chance_at_0(levels, wrong) <= level)
    return ByQueue(busy, next(usual, None))


def chance_at_0(levels: Floats, gone_wrong: Floats) -> float:
    """The chance to go wrong at a level of 0, of a logistic regression with a slope drawn a little towards 0."""
    spread = float(levels.std())
    if spread < 1e-12 or gone_wrong.min() == gone_wrong.max():
        return float(gone_wrong.mean())
    columns = np.column_stack([np.ones(levels.size), levels / spread])
    found, drawn = np.zeros(2), np.array([0.0, _FLAT])
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(columns @ found, -30.0, 30.0)))
        curve = columns.T @ (columns * (chance * (1.0 - chance))[:, None]) + np.diag(drawn + 1e-9)
        found = found + np.linalg.solve(curve, columns.T @ (gone_wrong - chance) - drawn * found)
    return float(1.0 / (1.0 + np.exp(-np.clip(found[0], -30.0, 30.0))))
