"""Doubling and halving, elementwise: the smallest value that meets a condition, the largest that keeps it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ccsim.theory.checks import Floats

# More agents, calls or seconds than this are no answer.
MOST = 1e9
# Fractional answers are good to this share of themselves.
FINE = 1e-11

Picked = NDArray[np.bool_]
# Called with the values of the picked elements and the mask that picks them; says for each whether the condition holds.
Condition = Callable[[Floats, Picked], Picked]


def smallest(met: Condition, busy: Picked, low: Floats, high: Floats, step: Floats, most: Floats, *, whole: bool) -> Floats:
    """Return the smallest value in (low, most] where `met`, NaN where there is none and 0 where not `busy`; whole or to 1e-11."""
    low, high, lost = _bracket(met, busy, low.copy(), np.minimum(high, most), step.copy(), most)
    open_ = busy & ~lost
    while True:
        width = np.where(open_, high - low, 0.0)
        going = width > (1.0 if whole else FINE * np.maximum(high, 1e-300))
        if not going.any():
            break
        middle = low + 0.5 * width
        middle = np.floor(middle) if whole else middle
        good = _ask(met, middle, going)
        high = np.where(going & good, middle, high)
        low = np.where(going & ~good, middle, low)
    return np.where(lost, np.nan, np.where(busy, high, 0.0))


def _bracket(met: Condition, busy: Picked, low: Floats, high: Floats, step: Floats, most: Floats) -> tuple[Floats, Floats, Picked]:
    """Return low (not met) and high (met), and where even `most` does not do."""
    open_, lost = busy.copy(), np.zeros(busy.shape, dtype=bool)
    while open_.any():
        short = open_ & ~_ask(met, high, open_)
        lost |= short & (high >= most)
        open_ = short & ~lost
        low = np.where(short, high, low)
        high = np.where(open_, np.minimum(high + step, most), high)
        step = 2.0 * step
    return low, high, lost


def largest(kept: Condition, able: Picked, guess: Floats) -> Floats:
    """Return the largest value in [0, MOST] at which the condition is `kept`, to 1e-11: 0 where none is or not `able`."""
    low, high = np.zeros(guess.shape), guess.copy()
    open_ = able.copy()
    while open_.any():
        fine = _ask(kept, high, open_)
        open_ = fine & (high < MOST)
        low = np.where(fine, high, low)
        high = np.where(open_, 2.0 * high, high)
    going = able & (low < MOST)
    while going.any():
        middle = 0.5 * (low + high)
        fine = _ask(kept, middle, going)
        low = np.where(fine, middle, low)
        high = np.where(going & ~fine, middle, high)
        going = going & (high - low > FINE * high) & (high > 1e-12)
    return np.where(able, low, 0.0)


def _ask(condition: Condition, values: Floats, on: Picked) -> Picked:
    answers = np.zeros(on.shape, dtype=bool)
    answers[on] = condition(values[on], on)
    return answers
