"""Exact answers by a route of their own: balance equations, Kolmogorov's equations, matrix exponentials; nothing out of `ccsim.theory`.

Rates are per second, times in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
State = tuple[int, ...]


@dataclass(frozen=True)
class Queue:
    """M/M/n with hang-ups and a limit on the callers in the system: the chances of so many callers in the system, from its balance."""

    arrival_rate: float
    handle_rate: float
    agents: int
    hang_up_rate: float
    chance: Floats  # of k callers in the system

    @property
    def waiting(self) -> Floats:
        """Callers waiting when there are k in the system."""
        return np.maximum(np.arange(self.chance.size) - self.agents, 0)

    @property
    def blocked_fraction(self) -> float:
        """Share of arrivals that find the system full; 0 where the limit is far beyond reach."""
        return float(self.chance[-1])

    @property
    def delay_probability(self) -> float:
        """Share of offered calls that have to wait."""
        return float(self.chance[self.agents : -1].sum())

    @property
    def mean_wait(self) -> float:
        """Mean wait of all who are not blocked, answered and hung up, by Little's law [s]."""
        return float(self.chance @ self.waiting) / (self.arrival_rate * (1.0 - self.blocked_fraction))

    @property
    def abandoned_fraction(self) -> float:
        """Share of offered calls that hang up."""
        return float(self.chance @ self.waiting) * self.hang_up_rate / self.arrival_rate

    @property
    def occupancy(self) -> float:
        """Share of the agents' time spent on calls."""
        return float(self.chance @ np.minimum(np.arange(self.chance.size), self.agents)) / self.agents

    def answered_within(self, threshold: float) -> float:
        """Share of offered calls answered within `threshold`, first come first served."""
        ahead = self.chance.size - 1 - self.agents
        answered = answered_within(threshold, ahead, self.agents * self.handle_rate, self.hang_up_rate)
        return float(self.chance[: self.agents].sum() + self.chance[self.agents : -1] @ answered)


def queue(calls: float, per: float, handle_time: float, agents: int, patience: float = math.inf, lines: int | None = None) -> Queue:
    """The queue with `calls` in `per` seconds; `lines` limits the callers in the system, else it goes on as far as it matters."""
    arrival, handle, hang_up = calls / per, 1.0 / handle_time, 1.0 / patience
    weights = [1.0]
    for k in range(1, 100_000 if lines is None else lines + 1):
        weights.append(weights[-1] * arrival / (min(k, agents) * handle + max(k - agents, 0) * hang_up))
        if lines is None and k > agents and weights[-1] < 1e-14 * max(weights):
            break
        if weights[-1] > 1e200:
            weights = [weight * 1e-200 for weight in weights]
    chance = np.array(weights)
    return Queue(arrival, handle, agents, hang_up, chance / chance.sum())


def answered_within(threshold: float, longest: int, pace: float, hang_up_rate: float) -> Floats:
    """The chance of a caller with 0, 1, ... `longest` - 1 callers ahead to be answered within `threshold`, all agents busy. [longest]

    Agents come free at the rate `pace`; whoever waits, ahead or oneself, hangs up at `hang_up_rate`. Without hang-ups this is the law of a
    sum of exponential times; with them, the chain of callers ahead is taken to the exponential.
    """
    from scipy.linalg import expm
    from scipy.special import gammainc

    if hang_up_rate == 0.0:
        return np.asarray(gammainc(np.arange(longest) + 1.0, pace * threshold))
    generator = np.zeros((longest + 1, longest + 1))  # callers ahead; answered
    for ahead in range(longest):
        onward = pace + ahead * hang_up_rate
        generator[ahead, ahead] = -onward - hang_up_rate
        generator[ahead, ahead - 1 if ahead else longest] = onward
    return np.asarray(expm(generator * threshold)[:longest, longest])


def stationary(start: State, moves: Callable[[State], Iterable[tuple[State, float]]]) -> dict[State, float]:
    """The long-run chances of the states of a chain that can be reached from `start`; `moves` gives where a state goes at which rate."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import spsolve

    number = {start: 0}
    todo, rows, columns, rates = [start], [], [], []
    while todo:
        state = todo.pop()
        for onward, rate in moves(state):
            if rate > 0.0:
                if onward not in number:
                    number[onward] = len(number)
                    todo.append(onward)
                rows += [number[state], number[state]]
                columns += [number[onward], number[state]]
                rates += [rate, -rate]
    size = len(number)
    balance = coo_matrix((rates, (columns, rows)), shape=(size, size)).tolil()
    balance[0, :] = 1.0  # in place of one balance equation: chances add up to 1
    chance = spsolve(balance.tocsc(), np.eye(1, size)[0])
    assert chance.min() > -1e-9
    return dict(zip(number, chance.tolist(), strict=True))


def impatient(
    calls: float, per: float, handle_time: float, agents: int, survival: Callable[[float], float], longest: float
) -> tuple[float, float]:
    """(abandoned fraction, mean wait [s]) of M/M/n+G, from the integrals of Zeltyn & Mandelbaum (2005), section 4.1 and table 1.

    `survival(x)` is the chance that patience exceeds x; beyond `longest` [s] the integrand is nothing.
    """
    arrival, pace = calls / per, agents / handle_time
    x = np.linspace(0.0, longest, 400_001)
    step = x[1]
    stays = np.array([survival(value) for value in x])
    tried = np.concatenate([[0.0], np.cumsum(0.5 * (stays[1:] + stays[:-1]) * step)])
    density = np.exp(arrival * tried - pace * x)
    weight = np.full(x.size, step)
    weight[[0, -1]] *= 0.5
    load = calls / per * handle_time
    term, below = 1.0, 0.0
    for k in range(agents - 1, -1, -1):  # sum over k < n of (load^k / k!) / (load^(n-1) / (n-1)!)
        below += term
        term *= k / load
    whole = below + arrival * float(weight @ density)
    abandoned = (1.0 + (arrival - pace) * float(weight @ density)) / whole
    return abandoned, arrival * float(weight @ (tried * density)) / whole


@dataclass(frozen=True)
class Stretch:
    """A time with one arrival rate and one number of agents, and what happened in it on average."""

    offered: float
    at_once: float  # calls answered without a wait
    within: float  # calls that would be answered within the threshold if the agents stayed as they are
    abandoned: float  # hang-ups, by the clock
    occupancy: float


def day(
    rates: list[float], agents: list[int], length: float, handle_time: float, patience: float, states: int, threshold: float = 0.0
) -> list[Stretch]:
    """What a day that starts empty comes to, by the Kolmogorov equations: one rate [1/s] and number of agents for each `length` [s].

    The number of agents must not fall. `states` is the number of callers in the system up to which the chain is followed.
    """
    from scipy.integrate import solve_ivp

    k = np.arange(states + 1)
    chance = np.eye(1, states + 1)[0]
    out = []
    for rate, present in zip(rates, agents, strict=True):
        waiting = np.maximum(k - present, 0)
        leave = np.minimum(k, present) / handle_time + waiting / patience
        arrive = np.where(k < states, rate, 0.0)
        answered = np.ones(states + 1)
        answered[present:] = answered_within(threshold, states + 1 - present, present / handle_time, 1.0 / patience) if present else 0.0

        def flow(_: float, y: Floats, arrive: Floats = arrive, leave: Floats = leave) -> Floats:
            change = -(arrive + leave) * y
            change[1:] += arrive[:-1] * y[:-1]
            change[:-1] += leave[1:] * y[1:]
            return change

        u = np.linspace(0.0, 1.0, 401)
        times = length * u**2  # dense where the day begins
        path = solve_ivp(flow, (0.0, length), chance, "LSODA", times, lband=1, uband=1, rtol=1e-8, atol=1e-12).y
        weight = np.full(u.size, u[1] / 3.0)  # Simpson's rule in u
        weight[1:-1:2], weight[2:-1:2] = 4.0 * weight[0], 2.0 * weight[0]
        weight *= 2.0 * length * u
        spent = path @ weight
        busy = float(spent @ np.minimum(k, present)) / (max(present, 1) * length)
        out.append(
            Stretch(
                rate * length, rate * float(spent @ (k < present)), rate * float(spent @ answered), float(spent @ waiting) / patience, busy
            )
        )
        chance = path[:, -1]
    return out
