"""Redials exactly, for small systems: the chain of calls in the house and callers about to call again.

Poisson first calls, exponential handle times, patience and delays, n agents, K lines; each caller who is lost (hung up, balked or blocked)
calls again with one chance, without limit to the attempts. States (calls in the house, callers in orbit) are cut off where they no longer
matter and the balance equations solved whole. Source: G. I. Falin and J. G. C. Templeton, Retrial Queues (1997), chapter 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.theory.checks import Floats, number, whole
from ccsim.theory.redial import redialling

# Probability that may lie beyond the states kept.
LEFT_OUT = 1e-12
MOST_STATES = 400_000
# Beyond this there are more states than the balance equations are worth.
MOST_LOAD = 500.0


class RedialChain(NamedTuple):
    """What the exact chain says; shares are of attempts unless named otherwise."""

    attempt_rate: float  # attempts a second, first calls and redials
    attempts_per_caller: float
    delay_probability: float  # of first calls: all agents busy, the lines taken included
    abandoned_fraction: float
    blocked_fraction: float
    lost_fraction: float  # of callers: never answered
    mean_wait: float  # of the attempts not blocked [s]
    occupancy: float
    mean_orbit: float  # callers about to call again


class _System(NamedTuple):
    rate: float
    handle: float
    agents: int
    lines: int
    hazard: float
    balk: float
    chance: float
    back: float


def redial_chain(
    arrival_rate: float,
    handle_time: float,
    agents: int,
    chance: float,
    delay: float,
    *,
    patience: float | None = None,
    balk: float = 0.0,
    lines: int | None = None,
) -> RedialChain:
    """Return the exact stationary redial queue of a small system: exponential patience and redial delay [s], any number of redials.

    arrival_rate [first calls/s], handle_time [s], agents [whole], chance (0 to 1), delay [s, > 0], patience [mean, s, or None], balk, lines
    [whole, >= agents, or None]. Single numbers only. Raises `InputError` for a system without a steady state or with more than 400,000
    states (large systems, very long delays: the fixed point of `redialling` is good there).

    >>> exact = redial_chain(100 / 1800, 180.0, 11, 0.5, 600.0, patience=120.0)
    >>> round(60 * exact.attempt_rate, 6), round(exact.lost_fraction, 6)
    (3.548671, 0.064601)
    """
    system = _System(
        float(number("arrival_rate", arrival_rate, above=True)),
        float(number("handle_time", handle_time, above=True)),
        int(whole("agents", agents, 1.0)),
        -1 if lines is None else int(whole("lines", lines, float(agents))),
        0.0 if patience is None else 1.0 / float(number("patience", patience, above=True)),
        float(number("balk", balk, 0.0, 1.0, below=True)),
        float(number("redial chance", chance, 0.0, 1.0)),
        1.0 / float(number("delay", delay, above=True)),
    )
    load = system.rate * system.handle
    if load > MOST_LOAD:
        raise InputError("this system is too large for the exact chain; use the fixed point (redialling)")
    endless = system.lines < 0 and not system.hazard
    if load >= system.agents and (endless or system.chance >= 1.0):
        raise InputError("the agents cannot answer so many callers, and nobody gives up for good: no steady state; give more agents")
    house = system.lines if system.lines >= 0 else system.agents + int(10 + 6 * np.sqrt(load))
    # What the fixed point says is a likely state of the chain.
    rough = redialling(arrival_rate, handle_time, agents, chance, patience=patience, balk=balk, lines=lines)
    tries = float(rough.attempts_per_caller)
    pin = (min(system.agents, round(load)), round(min(system.rate * (tries - 1.0) * delay, float(MOST_STATES))))
    orbit = 10 + pin[1] + int(4 * np.sqrt(pin[1]))
    while True:
        if (house + 1) * (orbit + 1) > MOST_STATES:
            raise InputError("this system has too many states for the exact chain; use the fixed point (redialling)")
        weights = _solve(system, house, orbit, pin)
        deep, far = weights[-1, :].sum(), weights[:, -1].sum()
        longer, wider = deep > LEFT_OUT and system.lines < 0, far > LEFT_OUT
        if not longer and not wider:
            return _read(system, weights)
        house, orbit = int(house * 1.4) + 1 if longer else house, int(orbit * 1.5) + 1 if wider else orbit


def _solve(system: _System, house: int, orbit: int, pin: tuple[int, int]) -> Floats:
    """Return the stationary weights [calls in the house 0..house, in orbit 0..orbit]; whoever finds the orbit full gives up.

    One balance equation follows from the others; in its place the weight of the state `pin`, a likely one, is set to 1 and all are scaled
    to add to 1 afterwards. On an unlikely state the digits of the rest would be lost.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import spsolve

    rows, columns, rates = _moves(system, house, orbit)
    size = (house + 1) * (orbit + 1)
    flow = coo_matrix((rates, (columns, rows)), shape=(size, size))
    out = np.bincount(rows, weights=rates, minlength=size)
    balance = (flow - coo_matrix((out, (np.arange(size), np.arange(size))), shape=(size, size))).tocsc()
    fixed = min(pin[0], house) * (orbit + 1) + min(pin[1], orbit)
    others = np.delete(np.arange(size), fixed)
    weights = np.ones(size)
    weights[others] = spsolve(balance[others][:, others].tocsc(), -balance[others][:, [fixed]].toarray()[:, 0])
    if not weights.min() > -1e-9 * weights.max():
        raise InputError("this system is too large for the exact chain; use the fixed point (redialling)")
    weights = np.maximum(weights, 0.0)
    return np.asarray((weights / weights.sum()).reshape(house + 1, orbit + 1))


def _moves(system: _System, house: int, orbit: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return from-states, to-states and rates; state (i, j) has number i (orbit + 1) + j."""
    calls, back = (grid.ravel() for grid in np.meshgrid(np.arange(house + 1), np.arange(orbit + 1), indexing="ij"))
    busy, full = calls >= system.agents, calls >= house
    waiting = np.maximum(calls - system.agents, 0)
    room = np.where(back < orbit, 1, 0)
    stay = np.where(busy, 1.0 - system.balk, 1.0) * ~full
    lost = (1.0 - stay) * system.chance
    gone = waiting * system.hazard
    moves = (
        (1, 0, system.rate * stay),
        (0, 1, system.rate * lost * room),
        (-1, 0, np.minimum(calls, system.agents) / system.handle + gone * (1.0 - system.chance * room)),
        (-1, 1, gone * system.chance * room),
        (1, -1, back * system.back * stay),
        (0, -1, back * system.back * (1.0 - stay) * (1.0 - system.chance)),
    )
    here = np.arange(calls.size)
    rows, columns, rates = [], [], []
    for house_step, orbit_step, rate in moves:
        real = rate > 0.0
        rows.append(here[real])
        columns.append((here + house_step * (orbit + 1) + orbit_step)[real])
        rates.append(np.broadcast_to(rate, here.shape)[real])
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(rates)


def _read(system: _System, weights: Floats) -> RedialChain:
    calls = np.arange(weights.shape[0])
    orbit = float(weights.sum(axis=0) @ np.arange(weights.shape[1]))
    house = weights.sum(axis=1)
    # Attempts met in each state: first calls by time, redials by those in orbit.
    met = system.rate * house + system.back * (weights @ np.arange(weights.shape[1]))
    attempts = float(met.sum())
    blocked = float(met[-1]) if system.lines >= 0 else 0.0
    busy = float(house[system.agents :].sum())
    waiting = float(house @ np.maximum(calls - system.agents, 0))
    served = float(house @ np.minimum(calls, system.agents)) / system.handle
    return RedialChain(
        attempt_rate=attempts,
        attempts_per_caller=attempts / system.rate,
        delay_probability=busy,
        abandoned_fraction=max(1.0 - (served + blocked) / attempts, 0.0),
        blocked_fraction=blocked / attempts,
        lost_fraction=max(1.0 - served / system.rate, 0.0),
        mean_wait=waiting / (attempts - blocked),
        occupancy=served * system.handle / system.agents,
        mean_orbit=orbit,
    )
