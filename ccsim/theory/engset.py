"""Engset: few callers, each of whom is on the phone or not; a call that finds every agent (or trunk) taken is lost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ccsim import special_functions as special
from ccsim.errors import InputError
from ccsim.theory.checks import Answer, Floats, answer, number, together, whole
from ccsim.theory.special import poisson_term

# More callers than this are no small group: Erlang B says the same.
MOST_SOURCES = 1e9
# Below this the head of a binomial law is summed term by term.
TINY = 1e-250


class Engset(NamedTuple):
    """What the Engset model says."""

    time_congestion: Answer  # share of the time during which all agents are busy
    blocked_fraction: Answer  # share of the calls that find them so
    carried_load: Answer  # mean number of busy agents [erlangs]


def engset(agents: ArrayLike, sources: ArrayLike, load_per_source: ArrayLike) -> Engset:
    """Return time congestion, blocked fraction and carried load of the Engset model, M/M/n/n with finitely many sources.

    Each of N `sources` calls, while idle, at a rate that makes `load_per_source` alpha erlangs with the mean handle time. Time congestion
    is E(n, N) with 1 / E(n, N) = 1 + n / ((N - n + 1) alpha) / E(n - 1, N); callers see the other N - 1: blocked = E(n, N - 1).

    agents [whole, >= 0], sources [whole, 1 to 1e9], load_per_source [erlangs, >= 0] broadcast. As N grows at a fixed N alpha: Erlang B.
    Raises `InputError` for anything out of range. Source: T. O. Engset (1918); V. B. Iversen, Teletraffic Engineering (2015), equation
    5.26.

    >>> round(engset(2, 4, 0.5).time_congestion, 6), round(engset(2, 4, 0.5).carried_load, 6)
    (0.333333, 1.111111)
    """
    n, size, alpha = together(
        agents=whole("agents", agents),
        sources=whole("sources", sources, 1.0),
        load_per_source=number("load_per_source", load_per_source),
    )
    if (size > MOST_SOURCES).any():
        raise InputError(f"sources is {size.max():g}; give at most {MOST_SOURCES:g}, or use Erlang B")
    time, calls = _congestion(n, size, alpha), _congestion(n, size - 1.0, alpha)
    offered = size * alpha / (1.0 + alpha * (1.0 - calls))
    return Engset(answer(time), answer(calls), answer(offered * (1.0 - calls)))


def _congestion(n: Floats, size: Floats, alpha: Floats) -> Floats:
    """Return the chance that a binomial number of talkers is n, given that it is at most n; 0 for more agents than sources."""
    out = np.where(n > 0.0, 0.0, 1.0)
    some = (n > 0.0) & (n <= size) & (alpha > 0.0)
    if some.any():
        out[some] = _binomial(n[some], size[some], alpha[some] / (1.0 + alpha[some]), 1.0 / (1.0 + alpha[some]))
    return out


def _binomial(n: Floats, size: Floats, p: Floats, q: Floats) -> Floats:
    # A binomial term is that of two Poisson numbers, given their sum.
    term = poisson_term(n, size * p) * poisson_term(size - n, size * q) / poisson_term(size, size)
    head = np.where(n < size, special.betainc(np.maximum(size - n, 0.5), n + 1.0, q), 1.0)
    out = np.asarray(np.minimum(term / np.where(head > TINY, head, 1.0), 1.0))
    far = head <= TINY
    if far.any():
        out[far] = 1.0 / _backwards(n[far], size[far], p[far] / q[far])
    return out


def _backwards(n: Floats, size: Floats, alpha: Floats) -> Floats:
    """Return the head of the law over its last term, summed from there back: so far below the mean the terms fall from the first on."""
    total, term, step = np.ones_like(n), np.ones_like(n), 0.0
    while (term > 1e-17 * total).any():
        term = term * np.maximum(n - step, 0.0) / ((size - n + step + 1.0) * alpha)
        total, step = total + term, step + 1.0
    return total
