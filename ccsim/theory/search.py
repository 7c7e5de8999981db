"""Doubling and halving, elementwise: the smallest value that meets a condition, the largest that keeps it, and where a function is 0."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ccsim.theory.checks import Floats

# More agents or lines than this are no answer.
MOST = 1e9
# Fractional answers are good to this share of themselves.
FINE = 1e-11

Picked = NDArray[np.bool_]
# Called with the values of the picked elements and the mask that picks them; says for each whether the condition holds.
Condition = Callable[[Floats, Picked], Picked]


def smallest(met: Condition, busy: Picked, low: Floats, high: Floats, step: Floats, most: Floats, *, whole: bool) -> Floats:
    """Return the smallest value in (low, most] where `met`, NaN where there is none and 0 where not `busy`; whole or to 1e-11.

    For whole answers low, high, step and most are whole.
    """
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
    """Return the largest value at which the condition is `kept`, to 1e-11: 0 where none is or not `able`, infinite where it never breaks.

    Never is up to a thousand million times the `guess`.
    """
    low, high, most = np.zeros(guess.shape), guess.copy(), MOST * np.minimum(guess, 1e290)
    open_ = able.copy()
    while open_.any():
        fine = _ask(kept, high, open_)
        open_ = fine & (high < most)
        low = np.where(fine, high, low)
        high = np.where(open_, 2.0 * high, high)
    going = able & (low < most)
    while going.any():
        middle = 0.5 * (low + high)
        fine = _ask(kept, middle, going)
        low = np.where(fine, middle, low)
        high = np.where(going & ~fine, middle, high)
        going = going & (high - low > FINE * high) & (high > 1e-12 * guess)
    return np.where(able, np.where(low < most, low, np.inf), 0.0)


def crossing(
    function: Callable[[Floats], Floats], low: Floats, high: Floats, on: Picked, fine: float = 1e-13, least: float = 0.0
) -> Floats:
    """Return where a falling function, positive at `low` and not at `high`, crosses 0, to a share `fine` of itself or `least`.

    The secant is quick where the function is smooth; every third turn the interval is halved, whatever the function does. Elements that
    are not `on` keep their `high`.
    """
    at_low, at_high, side = function(low), function(high), np.zeros(low.shape)
    for turn in range(200):
        if not (on & (high - low > np.maximum(fine * high, least))).any():
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.clip(np.nan_to_num(at_low / (at_low - at_high), nan=0.5), 1e-9, 1.0 - 1e-9)
        middle = low + (high - low) * (0.5 if turn % 3 == 2 else share)
        value = function(middle)
        more, there = value > 0.0, np.abs(value) < 1e-15
        # An end that stays twice is weighed half, or the secant would creep up on the root from one side (the Illinois rule).
        now = np.where(more, 1.0, -1.0)
        stays = np.where(now == side, 0.5, 1.0)
        at_low, at_high, side = np.where(more, value, stays * at_low), np.where(more, stays * at_high, value), now
        low, high = np.where(on & (more | there), middle, low), np.where(on & (~more | there), middle, high)
    return high


def _ask(condition: Condition, values: Floats, on: Picked) -> Picked:
    answers = np.zeros(on.shape, dtype=bool)
    answers[on] = condition(values[on], on)
    return answers
