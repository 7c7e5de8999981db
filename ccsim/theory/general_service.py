"""Handle times that are not exponential: two approximations of the mean wait in M/G/n, and what they are worth.

Exact for one agent (Pollaczek and Khinchine) and for exponential handle times; in between good to a few per cent while the agents are busy,
poor when delays are rare. Nobody hangs up. With hang-ups the law of the handle time matters far less, and Erlang A is the better start.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ccsim.theory.checks import Answer, Floats, answer, number, together
from ccsim.theory.erlang_c import delay


def allen_cunneen_wait(
    arrival_rate: ArrayLike, handle_time: ArrayLike, agents: ArrayLike, handle_cv: ArrayLike, arrival_cv: ArrayLike = 1.0
) -> Answer:
    """Return the mean wait [s] in GI/G/n by the approximation of Allen and Cunneen: Erlang C's times (c_a^2 + c_s^2) / 2.

    handle_cv c_s and arrival_cv c_a (of the times between calls) are coefficients of variation [>= 0]. Arguments broadcast; infinite when
    overloaded. An approximation, see the module. Source: A. O. Allen, Probability, Statistics and Queueing Theory (1990), section 5.3.

    >>> round(allen_cunneen_wait(100 / 1800, 180.0, 14, 1.0), 4)
    7.8359
    """
    wait, _, cv, between = _erlang_c_wait(arrival_rate, handle_time, agents, handle_cv, arrival_cv)
    return answer(_times(wait, 0.5 * (cv**2 + between**2)))


def kimura_wait(arrival_rate: ArrayLike, handle_time: ArrayLike, agents: ArrayLike, handle_cv: ArrayLike) -> Answer:
    """Return the mean wait [s] in M/G/n by Kimura's interpolation between exponential and constant handle times.

    (1 + c^2) / (2 c^2 / W_M + (1 - c^2) / W_D), W_M Erlang C's mean wait and W_D that of M/D/n by Cosmetatos: W_M / 2 x
    (1 + (1 - rho) (n - 1) (sqrt(4 + 5 n) - 2) / (16 rho n)). handle_cv c [>= 0]. Arguments broadcast; infinite when overloaded. An
    approximation, see the module. Source: T. Kimura, A two-moment approximation for the mean waiting time in the GI/G/s queue, Management
    Science 32 (1986), with G. P. Cosmetatos, Some approximate equilibrium results for the multi-server queue M/G/r (1976).

    >>> round(kimura_wait(0.8, 1.0, 1, 0.0), 6), round(kimura_wait(0.8, 1.0, 1, 1.0), 6)
    (2.0, 4.0)
    """
    wait, load_and_staff, cv, _ = _erlang_c_wait(arrival_rate, handle_time, agents, handle_cv, 1.0)
    load, staff = load_and_staff
    with np.errstate(divide="ignore", invalid="ignore"):
        constant = 0.5 * (1.0 + (staff - load) * (staff - 1.0) * (np.sqrt(4.0 + 5.0 * staff) - 2.0) / (16.0 * load * staff))
        # In hardly any load the correction for constant handle times leaves its range; nobody waits longer than for exponential ones then.
        constant = np.clip(np.where(load > 0.0, constant, 1.0), 0.5, 1.0)
        factor = (1.0 + cv**2) * constant / (2.0 * cv**2 * constant + 1.0 - cv**2)
    return answer(_times(wait, factor))


def _erlang_c_wait(
    arrival_rate: ArrayLike, handle_time: ArrayLike, agents: ArrayLike, handle_cv: ArrayLike, arrival_cv: ArrayLike
) -> tuple[Floats, tuple[Floats, Floats], Floats, Floats]:
    rate, handle, staff, cv, between = together(
        arrival_rate=number("arrival_rate", arrival_rate),
        handle_time=number("handle_time", handle_time, above=True),
        agents=number("agents", agents),
        handle_cv=number("handle_cv", handle_cv),
        arrival_cv=number("arrival_cv", arrival_cv),
    )
    load = rate * handle
    with np.errstate(divide="ignore", invalid="ignore"):
        wait = np.where(load < staff, delay(staff, load) * handle / (staff - load), np.where(load > 0.0, np.inf, 0.0))
    return wait, (load, staff), cv, between


def _times(wait: Floats, factor: Floats) -> Floats:
    """An overloaded queue grows whatever its variation."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(wait), wait, wait * factor)
