"""Engset: few callers, each of whom is on the phone or not; a call that finds every agent (or trunk) taken is lost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ccsim.theory.checks import Answer, Floats, answer, number, together, whole


class Engset(NamedTuple):
    """What the Engset model says."""

    time_congestion: Answer  # share of the time during which all agents are busy
    blocked_fraction: Answer  # share of the calls that find them so
    carried_load: Answer  # mean number of busy agents [erlangs]


def engset(agents: ArrayLike, sources: ArrayLike, load_per_source: ArrayLike) -> Engset:
    """Return time congestion, blocked fraction and carried load of the Engset model, M/M/n/n with finitely many sources.

    Each of N `sources` calls, while idle, at a rate that makes `load_per_source` alpha erlangs with the mean handle time. Time congestion
    is E(n, N) with 1 / E(n, N) = 1 + n / ((N - n + 1) alpha) / E(n - 1, N); callers see the other N - 1: blocked = E(n, N - 1).

    agents [whole, >= 0], sources [whole, >= 1], load_per_source [erlangs, >= 0] broadcast. As N grows at a fixed N alpha: Erlang B. Raises
    `InputError` for anything out of range. Source: T. O. Engset (1918); V. B. Iversen, Teletraffic Engineering (2015), equation 5.26.

    >>> round(engset(2, 4, 0.5).time_congestion, 6), round(engset(2, 4, 0.5).carried_load, 6)
    (0.333333, 1.111111)
    """
    n, size, alpha = together(
        agents=whole("agents", agents),
        sources=whole("sources", sources, 1.0),
        load_per_source=number("load_per_source", load_per_source),
    )
    time, calls = _congestion(n, size, alpha), _congestion(n, size - 1.0, alpha)
    offered = size * alpha / (1.0 + alpha * (1.0 - calls))
    return Engset(answer(time), answer(calls), answer(offered * (1.0 - calls)))


def _congestion(n: Floats, size: Floats, alpha: Floats) -> Floats:
    inverse = np.ones_like(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in range(1, int(n.max(initial=0)) + 1):
            free = (size - k + 1.0) * alpha
            inverse = np.where(k > n, inverse, np.where(free > 0.0, 1.0 + k / free * inverse, np.inf))
    return 1.0 / inverse
