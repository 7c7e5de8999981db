"""What waits: queues, offers to come, call-backs, closing (sections 6 and 10 of the rules)."""

from __future__ import annotations

import numpy as np

from ccsim.engine.compiled import helper, inlined
from ccsim.engine.floor import HUNG_UP
from ccsim.engine.heaps import rise
from ccsim.engine.kernel.later import may_redial
from ccsim.engine.kernel.more import CALL_SHIFT, CALLS, DUE, HOLDING
from ccsim.engine.kernel.records import IN_NOW, INF, OUT_NOW, PACE_CHANGES


@inlined
def join_queue(queues, call_before, call_after, call, queue):  # type: ignore[no-untyped-def]
    """A call goes to the end of its queue."""
    row = queues[queue]
    call_after[call] = -1
    call_before[call] = row.last
    if row.last >= 0:
        call_after[row.last] = call
    else:
        row.first = call
    row.last = call
    row.waiting += 1


@inlined
def leave_queue(queues, call_before, call_after, call, queue):  # type: ignore[no-untyped-def]
    """A call leaves its queue."""
    row = queues[queue]
    before, after = call_before[call], call_after[call]
    if before >= 0:
        call_after[before] = after
    else:
        row.first = after
    if after >= 0:
        call_before[after] = before
    else:
        row.last = before
    row.waiting -= 1


@helper
def offered_again(arrival, offer_after, due_time, due_key, counts, call, queue, offer):  # type: ignore[no-untyped-def]
    """A waiting call is offered once more, at moment `offer` of its queue (counted from 1)."""
    rise(due_time, due_key, counts[DUE], arrival[call] + offer_after[queue, offer - 1], (call << CALL_SHIFT) | offer)
    counts[DUE] += 1


@helper
def estimated_wait(teams, queues, offer_team, call_after, mean_handle, call, queue, now_interval):  # type: ignore[no-untyped-def]
    """The estimated wait of a call in its queue, by those ahead of it and the agents who answer the queue."""
    idle = on_duty = 0
    for j in range(offer_team.shape[1]):
        g = offer_team[queue, j]
        if g < 0:
            break
        idle += teams[g].idle
        on_duty += teams[g].on_duty
    if idle > 0:
        return 0.0
    if on_duty == 0:
        return INF
    ahead = queues[queue].waiting - 1
    behind = np.int64(call_after[call])
    while behind >= 0:
        ahead -= 1
        behind = np.int64(call_after[behind])
    return (ahead + 1) * mean_handle[queue, now_interval] / on_duty


@helper
def nobody_left(teams, terms, queue):  # type: ignore[no-untyped-def]
    """Whether no agent of a shift or position is on duty who answers the queue."""
    for g in range(teams.size):
        if teams[g].contingent < 0 and teams[g].on_duty > 0 and terms[g, queue].serve_tier >= 0:
            return False
    return True


@helper
def strand(teams, queues, terms, outcome, moved_on, call_before, call_after, called_back, gone, luck, serve, time):  # type: ignore[no-untyped-def]
    """While closed: callers hang up, in order of call number; under `serve` those whom nobody left takes. What is kept waits on.

    Returns how many calls hung up.
    """
    left = 0
    c = luck.counts[CALLS]
    for q in range(queues.size):
        if queues[q].waiting == 0 or luck.service[q].kept == 1 or (serve and not nobody_left(teams, terms, q)):
            continue
        left += queues[q].waiting
        call = queues[q].first
        while call >= 0:
            gone[call] = 1
            c = min(c, call)
            call = np.int64(call_after[call])
    hung_up = left
    while left > 0:
        if gone[c] == 1:
            gone[c] = 0
            left -= 1
            q = luck.queue[c]
            leave_queue(queues, call_before, call_after, c, q)
            if called_back[c] == 0:
                luck.counts[HOLDING] -= luck.service[q].holds_line
            outcome[c] = HUNG_UP
            moved_on[c] = time
            may_redial(luck, c, time)
        c += 1
    return hung_up


@helper
def service_changes(service, kind, value):  # type: ignore[no-untyped-def]
    """A queue goes out of service, comes back, or is handled at another pace."""
    if kind == OUT_NOW:
        service.out += 1
        service.told_row = int(value)
    elif kind == IN_NOW and service.out > 0:
        service.out -= 1
    elif kind == PACE_CHANGES:
        service.pace = value
