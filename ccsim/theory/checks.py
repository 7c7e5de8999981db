"""What every formula asks of its numbers: real, finite, in range, and of shapes that go together.

A formula calls `number` for each argument and `together` for all of them. What makes no sense raises `InputError` here, with the name of
the argument and what was found, so that no formula further in has to think of it; scalars and arrays are treated alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccsim.errors import InputError

Floats = NDArray[np.float64]
Answer = float | Floats


def number(name: str, value: ArrayLike, low: float = 0.0, high: float = np.inf, *, above: bool = False, below: bool = False) -> Floats:
    """Return `value` as an array of finite floats in [low, high].

    `above` leaves out `low` itself, `below` leaves out `high`. Raises `InputError` for text, nothing at all, complex numbers, true and
    false, NaN, infinity and anything out of range.
    """
    array = _as_floats(name, value)
    if not np.isfinite(array).all():
        raise InputError(f"{name} holds {_first(array, ~np.isfinite(array))}; give a finite number")
    wrong = (array < low) | (array > high)
    if above:
        wrong |= array == low
    if below:
        wrong |= array == high
    if wrong.any():
        raise InputError(f"{name} is {_first(array, wrong)}; give a number {_range(low, high, above, below)}")
    return array


def _as_floats(name: str, value: ArrayLike) -> Floats:
    try:
        raw = np.asarray(value)
    except ValueError:
        raise InputError(f"{name} is a ragged list; give one number, or rows of equal length") from None
    if raw.dtype.kind not in "iuf":
        raise InputError(f"{name} is {_shown(value)}; give a number or an array of numbers")
    return raw.astype(np.float64)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _first(array: Floats, wrong: NDArray[np.bool_]) -> str:
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    found = f"{array[place]:g}"
    return found if not place else f"{found} at position {place[0] if len(place) == 1 else place}"


def _range(low: float, high: float, above: bool, below: bool) -> str:
    lower = f"above {low:g}" if above else f"of at least {low:g}"
    if not np.isfinite(high):
        return lower
    return f"{lower} and {'below' if below else 'at most'} {high:g}"


def whole(name: str, value: ArrayLike, low: float = 0.0) -> Floats:
    """Return `value` as an array of floats that are whole numbers of at least `low`; raises `InputError` otherwise."""
    array = number(name, value, low)
    wrong = array != np.floor(array)
    if wrong.any():
        raise InputError(f"{name} is {_first(array, wrong)}; give a whole number")
    return array


def together(**arrays: Floats) -> tuple[Floats, ...]:
    """Return the arrays broadcast to one shape; raises `InputError` naming the shapes that do not go together."""
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.ndim)
        raise InputError(f"these arrays do not go together: {shapes}; give equal lengths, or one number for all") from None


def answer(array: Floats) -> Answer:
    """Return a float where every argument was one number, the array itself otherwise."""
    return float(array) if array.ndim == 0 else array


def choice(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """Return `value` in our own spelling (underscores) if it is one of `allowed`; raises `InputError` that lists them otherwise."""
    text = value.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(value, str) else value
    if text not in allowed:
        raise InputError(f"{name} is {_shown(value)}; give one of: {', '.join(allowed)}")
    return str(text)
