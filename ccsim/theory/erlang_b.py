"""Erlang B: calls that find every agent (or trunk) taken are lost.

Poisson calls, any law of the handle time, no queue. The offered load is a = calls per second x mean handle time [erlangs].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ccsim.theory.checks import Answer, Floats, answer, number, together
from ccsim.theory.special import FAR, by_chunks, inverse_blocking_far, poisson_head, poisson_term


def erlang_b(agents: ArrayLike, offered_load: ArrayLike) -> Answer:
    """Return the blocked fraction of Erlang B, the M/G/n/n queue.

    B(n, a) = (a^n / n!) / sum_{k=0}^{n} a^k / k!, carried on to fractional n by 1/B = a int_0^inf exp(-a u) (1 + u)^n du.

    agents [n >= 0, may be fractional] and offered_load [erlangs, >= 0] broadcast. No agents: 1. No load: 0. Relative error below 1e-12.
    Raises `InputError` for anything that is not a finite number in range. Source: A. K. Erlang (1917); for fractional n,
    D. L. Jagerman, Some properties of the Erlang loss function, Bell System Technical Journal 53 (1974), equation 3.

    >>> round(erlang_b(2, 1.0), 12)
    0.2
    >>> erlang_b([0, 1, 2], 1.0).round(6).tolist()
    [1.0, 0.5, 0.2]
    """
    n, a = together(agents=number("agents", agents), offered_load=number("offered_load", offered_load))
    return answer(blocking(n, a))


def blocking(n: Floats, a: Floats) -> Floats:
    """Return Erlang B of arrays of one shape that are known to be sound (see `erlang_b`)."""
    return by_chunks(_blocking, n, a)


def _blocking(n: Floats, a: Floats) -> Floats:
    far = a > n + FAR * np.sqrt(n) + FAR
    odd = far | (a <= 0.0) | (n <= 0.0)
    if not odd.any():
        term = poisson_term(n, a)
        return np.minimum(term / poisson_head(n, a, term), 1.0)
    out = np.where(n > 0.0, 0.0, 1.0)
    far &= n > 0.0
    if far.any():
        out[far] = 1.0 / inverse_blocking_far(n[far], a[far])
    plain = ~odd
    if plain.any():
        out[plain] = _blocking(n[plain], a[plain])
    return out
