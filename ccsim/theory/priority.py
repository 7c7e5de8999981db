"""Priorities without interruption: a free agent takes the highest class waiting, and within a class the longest waiting."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ccsim.errors import InputError
from ccsim.theory.checks import Answer, Floats, answer, number, together
from ccsim.theory.erlang_c import delay


def priority_waits(arrival_rates: ArrayLike, handle_time: ArrayLike, agents: ArrayLike) -> Floats:
    """Return the mean wait [s] of each class in the non-preemptive M/M/n queue, highest class first.

    W_k = C(n, a) h / (n (1 - s_{k-1}) (1 - s_k)), s_k the occupancy by classes 1 to k, C Erlang's of the whole load; one handle time for
    all classes, nobody hangs up. arrival_rates [classes, ..., calls/s]; handle_time [s] and agents broadcast with the rest of the shape.
    Classes from which on the agents are overloaded wait for ever; those above them do not. Raises `InputError`. Source: A. Cobham, Priority
    assignment in waiting line problems (1954); O. Kella and U. Yechiali, Waits in M/M/c with priorities (1985).

    >>> priority_waits([3 / 180, 7 / 180], 180.0, 14).round(4).tolist()
    [2.8494, 9.973]
    """
    rates = number("arrival_rates", arrival_rates)
    if not rates.ndim:
        raise InputError("arrival_rates is one number; give one for each class, highest first")
    total, handle, staff = together(
        arrival_rates=rates.sum(axis=0), handle_time=number("handle_time", handle_time, above=True), agents=number("agents", agents)
    )
    busy = delay(staff, total * handle)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.cumsum(rates * handle / staff, axis=0)
    before = np.concatenate([np.zeros((1, *share.shape[1:])), share[:-1]])
    stable = np.nan_to_num(share, nan=np.inf) < 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        waits = busy * handle / (staff * (1.0 - before) * (1.0 - share))
    return np.where(total <= 0.0, 0.0, np.where(stable, waits, np.inf))


def top_priority_tail(
    top_rate: ArrayLike, other_rate: ArrayLike, handle_time: ArrayLike, agents: ArrayLike, threshold: ArrayLike
) -> Answer:
    """Return P(wait > threshold) of the highest class in the non-preemptive M/M/n queue: C(n, a) exp(-(n / h - top_rate) t).

    top_rate, other_rate [calls/s], handle_time [s], agents and threshold [s] broadcast. 1 where the class alone overloads the agents.

    >>> round(top_priority_tail(3 / 180, 7 / 180, 180.0, 14, 0.0), 6)
    0.174132
    """
    top, other, handle, staff, t = together(
        top_rate=number("top_rate", top_rate),
        other_rate=number("other_rate", other_rate),
        handle_time=number("handle_time", handle_time, above=True),
        agents=number("agents", agents),
        threshold=number("threshold", threshold),
    )
    clearing = np.maximum(staff / handle - top, 0.0)
    return answer(delay(staff, (top + other) * handle) * np.exp(-clearing * t))


def single_agent_priority_waits(arrival_rates: ArrayLike, handle_times: ArrayLike, handle_cv: ArrayLike = 1.0) -> Floats:
    """Return the mean wait [s] of each class in the non-preemptive M/G/1 queue, highest class first.

    W_k = R / ((1 - s_{k-1}) (1 - s_k)) with R = sum_i rate_i E[S_i^2] / 2; each class has its own handle time [classes, s] and coefficient
    of variation. Classes from which on the agent is overloaded wait for ever. Raises `InputError`. Source: Cobham (1954), equation 3.

    >>> single_agent_priority_waits([0.2, 0.6], [1.0, 1.0]).round(4).tolist()
    [1.0, 5.0]
    """
    rates, handles, cv = together(
        arrival_rates=number("arrival_rates", arrival_rates),
        handle_times=number("handle_times", handle_times, above=True),
        handle_cv=number("handle_cv", handle_cv),
    )
    if not rates.ndim:
        raise InputError("arrival_rates is one number; give one for each class, highest first")
    share = np.cumsum(rates * handles, axis=0)
    before = np.concatenate([np.zeros((1, *share.shape[1:])), share[:-1]])
    # Once the agent never rests only the classes that still get through are found in hand, in the share that is left for the last of them.
    served = np.clip((1.0 - before) / np.maximum(rates * handles, 1e-300), 0.0, 1.0)
    rest = (rates * np.where(share > 1.0, served, 1.0) * handles**2 * (1.0 + cv**2)).sum(axis=0) / 2.0
    with np.errstate(divide="ignore"):
        waits = rest / ((1.0 - before) * (1.0 - share))
    return np.where(share < 1.0, waits, np.inf)
