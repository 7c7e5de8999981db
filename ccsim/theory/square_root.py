"""Square-root staffing: agents = a + beta sqrt(a), and the exact optimum beside it.

With many agents and about beta sqrt(a) of them spare, the delay probability tends to a function of beta alone (nobody hangs up: Halfin and
Whitt) or of beta and of patience (Garnett). It answers "how much does a bigger centre save" in a line; the exact formulas say what it lost.
Sources: S. Halfin and W. Whitt, Heavy-traffic limits for queues with many exponential servers, Operations Research 29 (1981), equation 2.3;
O. Garnett, A. Mandelbaum and M. Reiman, Designing a call center with impatient customers, M&SOM 4 (2002), theorem 4; S. Borst, A.
Mandelbaum and M. Reiman, Dimensioning large call centers, Operations Research 52 (2004), section 4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ccsim import special_functions as special
from ccsim.errors import InputError
from ccsim.theory.checks import Answer, Floats, answer, number, together
from ccsim.theory.models import queue_of


def halfin_whitt(beta: ArrayLike) -> Answer:
    """Return the limit of Erlang C's delay probability at agents = a + beta sqrt(a): 1 / (1 + beta Phi(beta) / phi(beta)); 1 for beta <= 0.

    >>> round(halfin_whitt(1.0), 9)
    0.223361275
    """
    b = _finite(beta)
    with np.errstate(divide="ignore", over="ignore"):
        return answer(np.where(b > 0.0, 1.0 / (1.0 + b / _hazard(-b)), 1.0))


def garnett(beta: ArrayLike, handle_time_over_patience: ArrayLike) -> Answer:
    """Return the limit of Erlang A's delay probability at agents = a + beta sqrt(a).

    1 / (1 + sqrt(r) h(beta / sqrt(r)) / h(-beta)), h the hazard of the standard normal law, r = mean handle time / mean patience (> 0).

    >>> garnett(1.0, [0.25, 1.0, 2.0]).round(6).tolist()
    [0.195088, 0.158655, 0.135641]
    """
    b, r = together(beta=_finite(beta), ratio=number("handle_time_over_patience", handle_time_over_patience, above=True))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        root = np.sqrt(r)
        return answer(1.0 / (1.0 + root * _hazard(b / root) / _hazard(-b)))


def square_root_agents(offered_load: ArrayLike, delay_probability: ArrayLike, handle_time_over_patience: ArrayLike | None = None) -> Answer:
    """Return a + beta sqrt(a), not rounded, with the beta whose limiting delay probability is the one asked.

    offered_load [erlangs, >= 0] and delay_probability (0 < share < 1) broadcast; without patience by Halfin and Whitt (beta > 0), with it
    by Garnett (beta may be negative). Compare `required_agents(..., Targets(delay_probability=...))`.

    >>> round(square_root_agents(100.0, 0.2), 2)
    110.62
    """
    load, share = together(
        offered_load=number("offered_load", offered_load),
        delay_probability=number("delay_probability", delay_probability, 0.0, 1.0, above=True, below=True),
    )
    low, high = np.full(load.shape, 0.0 if handle_time_over_patience is None else -40.0), np.full(load.shape, 40.0)
    for _ in range(70):
        middle = 0.5 * (low + high)
        now = halfin_whitt(middle) if handle_time_over_patience is None else garnett(middle, handle_time_over_patience)
        late = np.asarray(now) > share
        low, high = np.where(late, middle, low), np.where(late, high, middle)
    return answer(np.maximum(load + high * np.sqrt(load), 0.0))


class Optimum(NamedTuple):
    """The cheapest staffing, exactly and by the square-root rule; costs an hour."""

    agents: int
    cost: float
    square_root_agents: float
    square_root_cost: float


def cheapest_agents(
    arrival_rate: float,
    handle_time: float,
    agent_hour: float,
    waiting_hour: float,
    *,
    patience: float | None = None,
    abandoned_call: float = 0.0,
) -> Optimum:
    """Return the whole number of agents with the lowest cost an hour, exactly, and what the square-root rule says and costs.

    Cost = agent_hour x agents + waiting_hour x mean queue + abandoned_call x calls that hang up an hour, in Erlang C or, with a mean
    `patience` [s], Erlang A. The exact optimum is looked up among all numbers that could be cheaper than the best found; the square-root
    rule takes the beta that minimises the limiting cost, and its cost is the exact one at the nearest whole number. Single numbers. Raises
    `InputError` for numbers out of range or costs that are all 0.

    >>> best = cheapest_agents(100 / 180, 180.0, 20.0, 20.0)
    >>> best.agents, round(best.cost, 2), round(best.square_root_agents, 2)
    (108, 2242.08, 108.42)
    """
    rate, handle = float(number("arrival_rate", arrival_rate)), float(number("handle_time", handle_time, above=True))
    pay, wait, lost = (
        float(number(name, value))
        for name, value in (("agent_hour", agent_hour), ("waiting_hour", waiting_hour), ("abandoned_call", abandoned_call))
    )
    if pay <= 0.0 or (wait <= 0.0 and (patience is None or lost <= 0.0)):
        raise InputError("an agent's hour must cost something, and so must waiting (or, with patience, a lost call)")
    load = rate * handle

    def cost(agents: Floats) -> Floats:
        queue = queue_of(rate, handle, agents, patience=patience)
        gone = 3600.0 * rate * np.asarray(queue.abandoned_fraction)
        return np.asarray(pay * agents + wait * np.asarray(queue.mean_queue) + lost * gone)

    # No number above the present best cost / pay can be cheaper: all cost is that of the agents there.
    guess = np.floor(load + 1.0 + np.sqrt(load))
    top = np.floor(cost(np.array([guess]))[0] / pay) + 1.0
    low = 0.0 if patience is not None else np.floor(load)
    if top - low > 5e6:
        raise InputError("waiting is so dear against an agent that more than five million numbers of agents would have to be compared")
    numbers = np.arange(low, max(top, guess) + 1.0)
    costs = cost(numbers)
    best = int(np.argmin(costs))
    rule = load + _best_beta(load, handle, pay, wait, lost, patience) * np.sqrt(load)
    near = np.array([max(np.round(rule), 0.0 if patience is not None else np.floor(load) + 1.0)])
    return Optimum(int(numbers[best]), float(costs[best]), float(rule), float(cost(near)[0]))


def _best_beta(load: float, handle: float, pay: float, wait: float, lost: float, patience: float | None) -> float:
    """Return the beta with the lowest limiting cost per sqrt(a): pay beta + what waiting and hang-ups cost beyond."""
    low, high, step = (1e-3 if patience is None else -8.0), 12.0, 1e-3
    for _ in range(2):
        beta = np.arange(low, high, step)
        if patience is None:
            total = pay * beta + wait * np.asarray(halfin_whitt(beta)) / beta
        else:
            r = handle / patience
            # The share of calls that hang up, times sqrt(a); calls an hour are a / h x 3600, the mean queue is what hangs up x patience.
            gone = np.asarray(garnett(beta, r)) * (np.sqrt(r) * _hazard(beta / np.sqrt(r)) - beta)
            total = pay * beta + gone * (lost * 3600.0 / handle + wait / r)
        at = beta[int(np.argmin(total))]
        low, high, step = max(at - step, 1e-6) if patience is None else at - step, at + step, 1e-6
    return float(at)


def _hazard(x: Floats) -> Floats:
    """phi(x) / (1 - Phi(x)), without underflow for large x."""
    return np.asarray(np.sqrt(2.0 / np.pi) / special.erfcx(x / np.sqrt(2.0)))


def _finite(beta: ArrayLike) -> Floats:
    return number("beta", beta, -np.inf)
