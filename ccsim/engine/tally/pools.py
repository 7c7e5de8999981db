"""Adding up what contingents were called for and are paid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.compiled import entry, helper
from ccsim.engine.floor import FAILED, LOGGED_IN, REFUSED, Floats, Ints
from ccsim.engine.heaps import rise, sink
from ccsim.engine.tally.columns import ACTIVATIONS, DAYS_USED, FIRST, PAID, PREMIUM, STANDBY, YESES, first_after


@entry
def tally_activations(
    activation_pool: Ints,
    activation_time: Floats,
    interval_start: Floats,
    interval_day: Ints,
    clock_zero: Floats,
    measured_from: float,
    first_of_day: Floats,
    pools: Floats,
) -> None:
    """Adds the activations of one path to `pools` [P, POOL_COLUMNS]; `first_of_day` [P, D] is scratch.

    An activation belongs to the day whose opening it lies in: after midnight, where a centre opens in the evening, to the day before.
    `clock_zero` [I] is when clocks that show what they show in an interval would have shown 0:00 of the day of its opening [s].
    """
    first_of_day[:] = np.inf
    for v in range(activation_pool.shape[0]):
        time = activation_time[v]
        if time >= measured_from:
            p = activation_pool[v]
            pools[p, ACTIVATIONS] += 1.0
            i = max(first_after(interval_start, time) - 1, 0)
            d = interval_day[i]
            first_of_day[p, d] = min(time - clock_zero[i], first_of_day[p, d])
    for p in range(first_of_day.shape[0]):
        for d in range(first_of_day.shape[1]):
            if first_of_day[p, d] < np.inf:
                pools[p, DAYS_USED] += 1.0
                pools[p, FIRST] += first_of_day[p, d]


@helper
def _inside(start: float, end: float, windows: Floats) -> float:
    """Seconds of start..end that lie in one of `windows` [D, 2]; those of no length are padding."""
    inside = 0.0
    for d in range(windows.shape[0]):
        inside += max(min(end, windows[d, 1]) - max(start, windows[d, 0]), 0.0)
    return inside


@helper
def _hours(agent: int, pool: int, hours_of: Ints, hours: Floats, pool_window: Floats) -> Floats:
    """When an agent may be asked: its own hours, or `available` of its pool. [D, 2]"""
    if hours_of.size > 0 and hours_of[agent] >= 0:
        return hours[hours_of[agent]]
    return pool_window[pool]


@entry
def tally_pay(
    ask_agent: Ints,
    ask_time: Floats,
    ask_outcome: Ints,
    ask_settled: Floats,
    spell_agent: Ints,
    spell_start: Floats,
    spell_end: Floats,
    agent_pool: Ints,
    able: NDArray[np.uint8],
    pool_window: Floats,
    pool_block: Floats,
    from_acceptance: NDArray[np.uint8],
    called_off: Floats,
    hours_of: Ints,
    hours: Floats,
    premium_window: Floats,
    premium_hour: Floats,
    measured_from: float,
    path_end: float,
    pools: Floats,
) -> None:
    """Adds the yeses, the paid seconds, their premiums and the standby of one path to `pools` [P, POOL_COLUMNS].

    Paid stretches count from `measured_from` on. Who said yes and did not come (FAILED) is paid nothing. For a second of `premium_window`
    [P, X, 2] `premium_hour` [P, X] is paid an hour besides. People who have hours of their own (`hours_of` [A or 0], the row of `hours`
    [H, D, 2], -1: none) are on standby only then. Standby is what lies between a person's paid stretches, inside `available` and between
    `measured_from` and `path_end`; where two paid stretches overlap, the time they share is taken off once. Who is not `able` [A] ([0]:
    all are) has not completed the training and is on no standby.
    """
    asks = ask_agent.shape[0]
    stretches = asks + spell_agent.shape[0]
    agent, start, end = np.empty(stretches, np.int64), np.empty(stretches), np.empty(stretches)
    for k in range(asks):
        agent[k] = -1
        start[k] = end[k] = ask_settled[k]
        if ask_outcome[k] != REFUSED and ask_outcome[k] != FAILED:
            agent[k] = ask_agent[k]
            p = agent_pool[agent[k]]
            pools[p, YESES] += ask_time[k] >= measured_from
            if from_acceptance[p]:
                start[k] = ask_time[k]
            if ask_outcome[k] != LOGGED_IN:
                end[k] = max(end[k], start[k] + called_off[p])
    for s in range(spell_agent.shape[0]):
        k = asks + s
        start[k], end[k] = spell_start[s], spell_end[s]
        p = agent_pool[spell_agent[s]]
        agent[k] = -1
        if p >= 0:
            agent[k] = spell_agent[s]
            end[k] = max(end[k], start[k] + pool_block[p])
    settled_until = np.empty(agent_pool.shape[0])
    for a in range(agent_pool.shape[0]):
        settled_until[a] = measured_from
    begin, number = np.empty(stretches), np.empty(stretches, np.int64)  # a heap: to sort by numpy takes a second longer to compile
    left = 0
    for k in range(stretches):
        if agent[k] >= 0 and not np.isnan(start[k]):
            rise(begin, number, left, start[k], k)
            left += 1
    while left > 0:
        k = number[0]
        left -= 1
        sink(begin, number, left)
        a = agent[k]
        if end[k] > max(start[k], measured_from):
            p = agent_pool[a]
            pools[p, PAID] += end[k] - max(start[k], measured_from)
            for x in range(premium_hour.shape[1]):
                pools[p, PREMIUM] += premium_hour[p, x] * _inside(max(start[k], measured_from), end[k], premium_window[p, x : x + 1])
            pools[p, STANDBY] += _inside(settled_until[a], min(start[k], path_end), _hours(a, p, hours_of, hours, pool_window))
            settled_until[a] = max(end[k], settled_until[a])
    for a in range(agent_pool.shape[0]):
        p = agent_pool[a]
        if p >= 0 and (able.shape[0] == 0 or able[a]):
            pools[p, STANDBY] += _inside(settled_until[a], path_end, _hours(a, p, hours_of, hours, pool_window))
