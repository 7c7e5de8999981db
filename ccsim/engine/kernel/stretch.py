"""Stretches of a floor with one queue on which calls come and end and nothing else happens: played call by call, not event by event.

With one queue, callers are answered in the order in which they came, so whoever is next in the arrays is next in line. A call that finds
an agent idle begins when it arrives, any other when the next agent comes free; nobody has to be put into a list and taken out of it again.
Nor does a caller who hangs up have to stand in a heap: when the turn comes to a call whose patience ended before, it has hung up by then.

What is done here is what the loop would do, to the last bit. It goes on by itself where anything else is due, or could be.
"""

from __future__ import annotations

import numpy as np

from ccsim.engine.compiled import helper
from ccsim.engine.floor import ANSWERED, HUNG_UP, UNSETTLED
from ccsim.engine.heaps import rise
from ccsim.engine.kernel.records import BUSY, IDLE, INF, ONE, STAYS, WORD, WORD_SHIFT
from ccsim.engine.kernel.wheel import behind

_AHEAD = 30.0  # s for which it is settled at once how many will not hang up


@helper
def lasting(outcome, arrival, patience, first, arrived, known, number, until):  # type: ignore[no-untyped-def]
    """The last call with so many behind it, itself among them, who wait and will not hang up before `until`; -1 if there is none.

    The calls from `first` to before `arrived` wait, but those before `known` of which something else is written.
    """
    c = arrived
    while number > 0 and c > first:
        c -= 1
        if (c >= known or outcome[c] == UNSETTLED) and arrival[c] + patience[c] >= until:
            number -= 1
    return c if number == 0 else -1


@helper
def play_stretch(  # type: ignore[no-untyped-def]
    agents, teams, queues, calls, busy, offer_team, offer_tier, until, fewest, most, known, now, turn, n_done, n_soon, soon, at
):  # fmt: skip
    """Play on from `now`, the time of the last event, to before `until` or to where something else may come to pass.

    Every team answers the one queue, nobody asks for lines, no positions are due out. `fewest`, `most`: how many may wait without anybody
    looking. `known`: next arrival. The rest is as in the loop, whose variables are returned: the next arrival, the time of the last event,
    turn, number waiting, entries of the heap of hang-ups and of ends, ends in the wheel, the next of them and its bucket.
    """
    arrival, handle, patience = calls.arrival, calls.handle_time, calls.patience
    outcome, moved_on, ended, answered_by = calls.outcome, calls.moved_on, calls.ended, calls.agent
    wheel, filled, end_at, next_in, pace = busy.wheel, busy.filled, busy.end_at, busy.next_in, busy.pace
    last_bucket = wheel.size - 1
    reach = (wheel.size - 2) / pace
    n_calls, width_offer = arrival.size, offer_team.shape[1]
    queue = queues[0]
    c = queue.first if queue.waiting > 0 else np.int64(known)  # the call whose turn it is
    i = known
    idle = 0
    for g in range(teams.size):
        idle += teams[g].idle
    if n_done > 0:
        until = min(until, busy.done_time[0])
    # The next agent to come free and the one after that, with time and bucket: so the next is known as soon as one has come free
    first, second, then, at_then = wheel[at & last_bucket], -1, INF, at
    if n_soon > 1:
        second, at_then = behind(wheel, next_in, filled, last_bucket, first, at)
        then = end_at[second]
    stopped = False
    while not stopped:
        end_of_piece, stop, begins = until, n_calls, c
        if fewest > 0:
            while i < n_calls and arrival[i] < now:
                i += 1
            end_of_piece = min(until, now + _AHEAD)
            stop = lasting(outcome, arrival, patience, c, i, known, fewest + 1, end_of_piece)
        while c < stop:
            if c < known and outcome[c] != UNSETTLED:
                c += 1
                continue
            came = arrival[c]
            while soon <= came:
                slot = at & last_bucket
                free = first
                me = agents[free]
                stopped = soon >= until or me.leaving != STAYS or me.next_team >= 0 or me.owed >= 0.0
                if stopped or soon >= end_of_piece:
                    break
                now = soon
                after = next_in[free]
                wheel[slot] = after
                filled[slot >> WORD_SHIFT] ^= np.int64(after < 0) << (slot & WORD)
                n_soon -= 1
                first, soon, at = second, then, at_then
                second, then = -1, INF
                if n_soon > 1:
                    second, at_then = behind(wheel, next_in, filled, last_bucket, first, at)
                    then = end_at[second]
                team = teams[me.team]
                me.state = IDLE
                turn += 1
                me.turn = turn
                me.after = -1
                me.before = team.last
                if team.last >= 0:
                    agents[team.last].after = free
                else:
                    team.first = free
                team.last = free
                team.idle += 1
                idle += 1
            if soon <= came:
                break
            if idle > 0:
                if came >= end_of_piece:
                    stopped = came >= until
                    break
                by = -1
                tier = -1
                for j in range(width_offer):
                    g = offer_team[0, j]
                    if g < 0 or (by >= 0 and offer_tier[0, j] != tier):
                        break
                    if teams[g].idle > 0:
                        a = teams[g].first
                        if by < 0 or agents[a].turn < agents[by].turn:
                            by = a
                            tier = offer_tier[0, j]
                now = came
                me = agents[by]
                team = teams[me.team]
                team.first = me.after
                if me.after >= 0:
                    agents[me.after].before = -1
                else:
                    team.last = -1
                team.idle -= 1
                idle -= 1
                me.state = BUSY
            else:
                if c + most < n_calls and arrival[c + most] < soon:
                    stopped = True
                    break
                hangs_up = came + patience[c]
                if hangs_up < soon or not patience[c] > 0.0:
                    if hangs_up >= end_of_piece:
                        stopped = hangs_up >= until
                        break
                    outcome[c], moved_on[c], ended[c], answered_by[c] = HUNG_UP, hangs_up, np.nan, -1
                    now = max(now, hangs_up)
                    c += 1
                    continue
                slot = at & last_bucket
                by = first
                stopped = soon >= until
                if not stopped:
                    me = agents[by]
                    stopped = me.leaving != STAYS or me.next_team >= 0 or me.owed >= 0.0
                if stopped or soon >= end_of_piece:
                    break
                now = soon
                after = next_in[by]
                wheel[slot] = after
                filled[slot >> WORD_SHIFT] ^= np.int64(after < 0) << (slot & WORD)
                n_soon -= 1
                first, soon, at = second, then, at_then
                second, then = -1, INF
                if n_soon > 1:
                    second, at_then = behind(wheel, next_in, filled, last_bucket, first, at)
                    then = end_at[second]
            length = handle[c] * agents[by].factor
            end = now + length
            outcome[c], moved_on[c], ended[c], answered_by[c] = ANSWERED, now, end, by
            c += 1
            if length < reach:
                due = int(end * pace)
                slot, mark = due & last_bucket, ONE << (due & WORD)
                before = after = np.int64(-1)
                others = filled[slot >> WORD_SHIFT]
                if others & mark != 0:  # the bits lie in the nearest cache, the wheel of a large floor does not
                    after = np.int64(wheel[slot])
                    while after >= 0 and (end_at[after] < end or (end_at[after] == end and after < by)):
                        before, after = after, np.int64(next_in[after])
                end_at[by] = end
                next_in[by] = after
                if before < 0:
                    wheel[slot] = by
                else:
                    next_in[before] = by
                filled[slot >> WORD_SHIFT] = others | mark
                n_soon += 1
                if end < soon or (end == soon and by < first):
                    second, then, at_then = first, soon, at
                    first, soon, at = by, end, due
                elif end < then or (end == then and by < second):
                    second, then, at_then = by, end, due
            else:
                rise(busy.done_time, busy.done_agent, n_done, end, by)
                n_done += 1
                until = min(until, end)
                end_of_piece = min(end_of_piece, end)
        stopped = stopped or c == n_calls or c == begins

    # Who waits goes back into the queue, and with the end of a patience into the heap
    n_waiting = n_hang = 0
    queue.first = queue.last = -1
    while c < n_calls and (c < known or arrival[c] < now):
        if c >= known or outcome[c] == UNSETTLED:
            hangs_up = arrival[c] + patience[c]
            if hangs_up < now or not patience[c] > 0.0:
                outcome[c], moved_on[c], ended[c], answered_by[c] = HUNG_UP, hangs_up, np.nan, -1
            else:
                outcome[c], moved_on[c], ended[c], answered_by[c] = UNSETTLED, np.nan, np.nan, -1
                calls.after[c] = -1
                calls.before[c] = queue.last
                if queue.last >= 0:
                    calls.after[queue.last] = c
                else:
                    queue.first = c
                queue.last = c
                n_waiting += 1
                if patience[c] < INF:
                    rise(calls.hang_time, calls.hang_call, n_hang, hangs_up, c)
                    n_hang += 1
        c += 1
    queue.waiting = n_waiting
    return c, now, turn, n_waiting, n_hang, n_done, n_soon, soon, at
