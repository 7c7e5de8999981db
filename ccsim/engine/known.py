"""Calls so far: what those that are known to have arrived say of the rest of the first day, and when they came.

A day's busyness is Gamma of mean 1 and shape k; n calls where L were expected make it Gamma of shape k + n and rate k + L. Given how many
there were, their times are those of as many independent points in proportion to the calls expected.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import streams
from ccsim.engine.compiled import entry
from ccsim.engine.elementary import minus_log
from ccsim.engine.floor import Floats


class Seen(NamedTuple):
    """Calls that have arrived, of all types with the same busyness, and the calls that were expected by then."""

    calls: float
    expected: float


def position(expected: Floats, begin: Floats, end: Floats, at: float) -> float:
    """Calls expected before the moment `at` [s], where `expected` [K + 1] are those before each piece from `begin` to `end` [K]."""
    share = np.clip((at - begin) / (end - begin), 0.0, 1.0)
    return float(expected[0] + (np.diff(expected) * share).sum())


def busyness(cv: float, seen: Seen, uniforms: Floats) -> Floats:
    """The day's busyness after what was seen, by inversion of its Gamma law; 1 where it does not vary."""
    if cv == 0.0:
        return np.ones_like(uniforms)
    from ccsim.special_functions import gammaincinv

    shape = cv**-2.0
    return np.asarray(gammaincinv(shape + seen.calls, uniforms) / (shape + seen.expected), np.float64)


@entry
def arrivals(
    start: np.uint64,
    expected: Floats,
    begin: Floats,
    end: Floats,
    arrival: Floats,
    interval: NDArray[np.int64],
    calls: int,
    upto: float,
) -> int:
    """Fill `arrival` [s] and `interval` in order, `calls` of them before the axis of expected calls comes to `upto`.

    Returns how many arrive, or -1 if there is no room for them. The first sums of n + 1 exponential steps, divided by the last, are the
    order statistics of n uniforms; beyond `upto` steps go on as ever. `expected` [K + 1]: calls expected before each piece begins; `begin`,
    `end` [K] s.
    """
    if calls > arrival.size:
        return -1
    whole = 0.0
    for k in range(calls + 1):
        whole += minus_log(streams.uniform(start, k))
    n = 0
    i = 0
    passed = 0.0
    while True:
        if n == calls:
            passed = upto
        step = minus_log(streams.uniform(start, n if n < calls else n + 1))
        passed += step / whole * upto if n < calls else step
        while i < begin.size and passed >= expected[i + 1]:
            i += 1
        if i == begin.size:
            if n >= calls:
                return n
            # the last of those that have arrived, by rounding
            i = begin.size - 1
            while i > 0 and expected[i + 1] == expected[i]:
                i -= 1
        if n == arrival.size:
            return -1
        low = expected[i]
        time = begin[i] + min(1.0, (passed - low) / (expected[i + 1] - low)) * (end[i] - begin[i])
        if time >= end[i]:
            time = np.nextafter(end[i], begin[i])
        arrival[n] = time
        interval[n] = i
        n += 1
