"""Birth-and-death chains: one number of calls in the house, up one and down one at rates that depend on it alone.

Every queue with exponential times here is such a chain; the closed forms elsewhere are checked against this one, and a rule that has no
closed form (agents called in above some number of calls, say) is a few lines on top of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ccsim.errors import InputError
from ccsim.theory.checks import Floats, number


def birth_death(births: ArrayLike, deaths: ArrayLike) -> Floats:
    """Return the stationary probabilities [k + 1] of a birth-and-death chain on 0 .. k.

    births [k, 1/s, >= 0]: births[i] leads from i to i + 1; deaths [k, 1/s, > 0]: deaths[i] leads from i + 1 to i. p_{i+1} / p_i is
    births[i] / deaths[i]; products are formed in logarithms, so long chains neither overflow nor vanish. States beyond a birth rate of 0
    have probability 0. Raises `InputError` for rates out of range and lengths that differ.

    >>> birth_death([1.0, 1.0], [1.0, 2.0]).round(2).tolist()
    [0.4, 0.4, 0.2]
    """
    up, down = number("births", births), number("deaths", deaths, above=True)
    if up.ndim != 1 or up.shape != down.shape:
        raise InputError(f"births {up.shape} and deaths {down.shape} must be two lists of one length")
    with np.errstate(divide="ignore"):
        steps = np.concatenate([[0.0], np.cumsum(np.log(up) - np.log(down))])
    weights = np.exp(steps - steps.max())
    return np.asarray(weights / weights.sum())


def station_chain(arrival_rate: float, handle_time: float, agents: int, lines: int, patience: float = np.inf, balk: float = 0.0) -> Floats:
    """Return the stationary probabilities [lines + 1] of the calls in the house of M/M/n/K(+M) with balking.

    The brute-force counterpart of `ErlangC`, `ErlangA` and `ImpatientQueue` with exponential patience [mean, s; infinite: never].
    """
    calls = np.arange(1, lines + 1)
    births = np.where(calls <= agents, arrival_rate, arrival_rate * (1.0 - balk))
    deaths = np.minimum(calls, agents) / handle_time + np.maximum(calls - agents, 0) / patience
    return birth_death(births, deaths)
