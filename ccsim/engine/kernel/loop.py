"""The loop over events.

Arrivals, completed calls and hang-ups are written out here, because a helper that takes arrays costs time in the hot path.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ccsim.engine.compiled import written_when_compiled
from ccsim.engine.floor import ANSWERED, AVERAGE_WAIT, BLOCKED, ESTIMATED_WAIT, HUNG_UP, LONGEST_WAIT, UNREACHED, UNSETTLED
from ccsim.engine.heaps import rise, sink
from ccsim.engine.kernel.choose import another_chat, chat_taker, leave_idle, next_call, next_idle, random_idle, reserve_holds
from ccsim.engine.kernel.later import FOR_CALLBACK, FOR_REACHED, FOR_REPEAT, FOR_TRANSFER, coin, goes_on, may_call_again
from ccsim.engine.kernel.more import AGENT_SHIFT, CALL_SHIFT, DUE, HOLDING, OFFERS
from ccsim.engine.kernel.people import change_team, end_spell, go_off, log_in
from ccsim.engine.kernel.pool_rules import call_came, look, next_tick
from ccsim.engine.kernel.pools import act
from ccsim.engine.kernel.rare import leave_stranded, rarely, rarely_of_pools
from ccsim.engine.kernel.records import (
    ACTIVATES,
    ARRIVAL,
    ASKS_AGAIN,
    BREAK_ENDS,
    BUSY,
    CHECK,
    CLOSES,
    CLOSES_NOW,
    COMPLETED,
    CONTINGENT_LEFT,
    DUE_CALL,
    FROM_HEAP,
    FROM_POOL,
    FROM_ROSTER,
    HANGS_UP,
    IDLE,
    IN_NOW,
    INF,
    IS_OPEN,
    KIND_SHIFT,
    KINDS,
    LEAVES_LAST,
    LOG_IN_DUE,
    LOG_OUT_DUE,
    NO_EVENT,
    NO_ROOM,
    NO_SHIFT,
    NOTHING,
    NOWHERE,
    NUMBER_FELL,
    NUMBER_SHIFT,
    NUMBERS,
    OFF,
    ONE,
    OUT_NOW,
    PACE_CHANGES,
    RANK_SHIFT,
    RARE,
    RARE_EVENTS,
    RELEASES,
    SHIFT_ENDED,
    STAYS,
    STILL_ON,
    STINTS,
    TICK,
    TIME_BEGINS,
    TIME_ENDS,
    TO_BREAK,
    VOID,
    WORD,
    WORD_SHIFT,
    ZERO,
    Calls,
    PoolTables,
    Roster,
)
from ccsim.engine.kernel.service import estimated_wait, join_queue, leave_queue, nobody_left, offered_again, service_changes, strand
from ccsim.engine.kernel.stretch import play_stretch
from ccsim.engine.kernel.variants import variant
from ccsim.engine.kernel.wheel import lowest


def _run_path(  # type: ignore[no-untyped-def]
    agents, teams, queues, pools, calls, busy, roster, choices, tables, book, clock, interval_start, open_window, key, serve, random, lines,
    more, luck, rules,
):  # fmt: skip
    """Play a path: the log is in `calls` and `book`; `book.counts[NO_ROOM]` is not 0 if a buffer was too small and all is void.

    Floors without `more` and `luck`, `rules`, or `pools` (None) are played by a `variant` without whatever stands after
    `more is not None`, `rules is not None` and `pools is not None`. Most are played by one that this is written out in, `_run_days`.
    """
    arrival, queue_of, handle, patience = calls.arrival, calls.queue, calls.handle_time, calls.patience
    outcome, moved_on, ended, answered_by = calls.outcome, calls.moved_on, calls.ended, calls.agent
    call_before, call_after, hang_time, hang_call = calls.before, calls.after, calls.hang_time, calls.hang_call
    done_time, done_agent, line_time, line_call = busy.done_time, busy.done_agent, busy.line_time, busy.line_call
    if more is None:
        wheel, filled, end_at, next_in, pace = busy.wheel, busy.filled, busy.end_at, busy.next_in, busy.pace
        last_bucket = wheel.size - 1
        reach = (wheel.size - 2) / pace  # ends sooner than this stand in the wheel, the others in the heap
        n_soon, soon = ZERO, INF  # ends in the wheel, and the next of them
        at = ZERO  # the bucket it stands in, counted on past the end of the ring
    event_time, event_code, event_number, event_value, event_shift, present, shift_factor, person_factor = roster
    offer_team, offer_tier, serve_queue, serve_tier = choices
    n_calls, n_queues, n_teams = arrival.size, queues.size, teams.size
    n_events, n_intervals = event_time.size, interval_start.size
    width_offer, width_serve = offer_team.shape[1], serve_queue.shape[1]
    if pools is not None:
        takes_queue, counts_team, mean_handle, pool_window = tables.takes_queue, tables.counts_team, tables.mean_handle, tables.window
        n_pools, n_windows = pools.size, pool_window.shape[1]

    n_done = n_hang = n_line = n_waiting = ZERO
    if more is not None:
        n_calls = more.first_calls
        service, terms, hands, may, called_back = more.service, more.terms, more.hands, more.may, more.called_back
        late, caller = more.late, luck.caller
        due_time, due_key, counts, reserve_counts = more.due_time, more.due_key, more.counts, more.reserve_counts
        chats = -1  # the agent who looks for one more chat
        looking, looked = False, 0  # whether idle agents look for a call, and the turn of the last who did
        room_from = agents.size  # first of the agents who have yet to look whether they may take up one more chat
        reserves = False
        for q in range(n_queues):
            if service[q].kept == 1 and service[q].reserve > 0:
                reserves = True
    if more is None:
        fewest, most, quiet_until = ZERO, n_calls, INF  # pools need not be looked at while so many wait, until then
    if more is None and pools is not None:
        if n_pools > 0:
            fewest, most, quiet_until = ONE, ZERO, -INF
        # whether the number waiting decides for all pools: everybody takes everything, and the rules look at estimated waits
        by_waiting = rules is None
        for p in range(n_pools):
            by_waiting = by_waiting and pools[p].when == ESTIMATED_WAIT
            by_waiting = by_waiting and (pools[p].release_when == ESTIMATED_WAIT or pools[p].falls_to < 0.0)
            for g in range(n_teams):
                by_waiting = by_waiting and counts_team[p, g] != 0 and serve_queue[g, n_queues - 1] >= 0
            for q in range(n_queues):
                by_waiting = by_waiting and takes_queue[p, q] != 0
    if more is None and rules is None and not random:
        # whether calls may be played in stretches: one queue that everybody answers, and nobody looks at anything but how many wait
        in_stretches = n_queues == 1 and lines < 0
        if pools is not None:
            in_stretches = in_stretches and by_waiting
        for g in range(n_teams):
            in_stretches = in_stretches and serve_queue[g, 0] >= 0
        rest = 0  # events before the next stretch is tried
    i = ZERO  # next arrival
    e = 0  # next roster event
    turn = ZERO  # turns in the order of idleness
    now_interval = 0
    clock[CLOSES], clock[IS_OPEN] = INF, 0.0
    new_logins = 0  # positions still to log in after a rise of the number
    new_team = newcomer = -1  # whose they are, and the first of its people who may be off
    t_last = -INF
    rare_stale = True
    rare_time, rare_code, rare_source = INF, NO_EVENT, 0

    while True:
        # ---- what comes next: a rare event, a completed call, a hang-up or an arrival
        if rare_stale:
            rare_stale = False
            while e < n_events and event_shift[e] >= 0 and present[event_shift[e]] == 0:
                e += 1
            rare_time, rare_code, rare_source = INF, NO_EVENT, 0
            if e < n_events:
                rare_time, rare_code, rare_source = event_time[e], event_code[e], FROM_ROSTER
            if book.counts[RARE_EVENTS] > 0:
                first_time, first_code = book.rare_time[0], book.rare_code[0]
                if first_time < rare_time or (first_time == rare_time and first_code < rare_code):
                    rare_time, rare_code, rare_source = first_time, first_code, FROM_HEAP
            if pools is not None:
                for p in range(n_pools):
                    for kind in range(TICK, CHECK + 1):
                        first_time = pools[p].next_tick if kind == TICK else pools[p].next_check
                        first_code = (4 << RANK_SHIFT) | ((p + 1) << NUMBER_SHIFT) | (kind << KIND_SHIFT)
                        if first_time < rare_time or (first_time == rare_time and first_code < rare_code):
                            rare_time, rare_code, rare_source = first_time, first_code, FROM_POOL
        if more is None and rules is None and not random:
            rest -= 1
            if in_stretches and rest < 0 and (clock[IS_OPEN] == 1.0 or clock[CLOSES] == INF):
                begins = i
                is_quiet = fewest <= n_waiting <= most and t_last < quiet_until
                for g in range(n_teams):
                    is_quiet = is_quiet and teams[g].due_out == 0
                if is_quiet:
                    i, t_last, turn, n_waiting, n_hang, n_done, n_soon, soon, at = play_stretch(
                        agents, teams, queues, calls, busy, offer_team, offer_tier, min(rare_time, quiet_until), fewest, most, i, t_last,
                        turn, n_done, n_soon, soon, at,
                    )  # fmt: skip
                if i - begins < 4 * n_waiting + 8:
                    rest = n_waiting + 8
        if more is not None:
            while n_hang > 0 and (outcome[hang_call[0]] != UNSETTLED or called_back[hang_call[0]] != 0):
                n_hang -= 1
                sink(hang_time, hang_call, n_hang)
            while counts[DUE] > 0 and outcome[due_key[0] >> CALL_SHIFT] != UNSETTLED:
                counts[DUE] -= 1
                sink(due_time, due_key, counts[DUE])
        while n_hang > 0 and outcome[hang_call[0]] != UNSETTLED:
            n_hang -= 1
            sink(hang_time, hang_call, n_hang)
        t = arrival[i] if i < n_calls else INF
        what = ARRIVAL
        if more is not None:
            if counts[DUE] > 0 and (due_time[0] < t or (due_time[0] == t and (due_key[0] >> CALL_SHIFT) < i)):
                t = due_time[0]
                what = DUE_CALL
        if n_hang > 0 and hang_time[0] <= t:
            t = hang_time[0]
            what = HANGS_UP
        if n_done > 0 and done_time[0] <= t:
            t = done_time[0]
            what = COMPLETED
        if more is None:
            by_wheel = soon < t or (soon == t and (what != COMPLETED or wheel[at & last_bucket] < done_agent[0]))
            if by_wheel:
                t = soon
                what = COMPLETED
        if rare_time < t or (rare_time == t and (rare_code >> RANK_SHIFT) == 0):
            t = rare_time
            what = RARE
        if t == INF or book.counts[NO_ROOM] != 0:
            break
        if more is not None:
            lost = -1  # the call of a caller who is gone
            told = False  # ... and was told to call again
            while now_interval < n_intervals - 1 and interval_start[now_interval + 1] <= t:
                now_interval += 1
        free = -1  # the agent who came free
        done = False  # ... from a call
        take = -1  # a call that `by` answers
        by = -1
        look_at = -1  # the pool whose tick or check it is

        if what == COMPLETED:
            done = True
            if more is None and by_wheel:
                free = wheel[at & last_bucket]
                slot = at & last_bucket
                after = next_in[free]
                wheel[slot] = after
                filled[slot >> WORD_SHIFT] ^= np.int64(after < 0) << (slot & WORD)
                n_soon -= 1
                soon = INF
                if n_soon > 0:
                    bits = filled[slot >> WORD_SHIFT] >> (slot & WORD)
                    while bits == 0:
                        at = (at | WORD) + 1
                        bits = filled[(at & last_bucket) >> WORD_SHIFT]
                    at += lowest(bits)
                    soon = end_at[wheel[at & last_bucket]]
            else:
                free = done_agent[0]
                n_done -= 1
                sink(done_time, done_agent, n_done)
            if more is not None:
                free = free >> AGENT_SHIFT
                hands[free].contacts -= 1
                if hands[free].contacts > 0:
                    chats = free
                    free = -1

        elif more is not None and what >= ARRIVAL:
            c, offer = i, 0  # which offer of the call it is; 0: it arrives
            if what == ARRIVAL:
                i += 1
            else:
                c, offer = due_key[0] >> CALL_SHIFT, due_key[0] & OFFERS
                counts[DUE] -= 1
                sink(due_time, due_key, counts[DUE])
            q = queue_of[c]
            if rules is not None:
                if offer == 0:
                    call_came(rules, q, t)
            way = service[q]
            fate = UNSETTLED
            if offer == 0:
                room = True
                if lines >= 0 and way.holds_line != 0:
                    while n_line > 0 and line_time[0] <= t:
                        n_line -= 1
                        sink(line_time, line_call, n_line)
                    room = n_line + counts[HOLDING] < lines
                if not room:
                    fate = BLOCKED
                elif way.out > 0 and way.told_row >= 0:
                    fate = BLOCKED
                    told = True
                elif c >= n_calls and serve and clock[IS_OPEN] == 0.0 and way.kept == 0 and nobody_left(teams, terms, q):
                    fate = HUNG_UP
            if fate == UNSETTLED and way.out == 0 and (offer > 0 or not way.announcement > 0.0):
                tier = -1
                for j in range(width_offer):
                    g = offer_team[q, j]
                    if g < 0 or (by >= 0 and offer_tier[q, j] != tier):
                        break
                    may[g] = 0
                    if teams[g].idle > 0 and arrival[c] + terms[g, q].after <= t:
                        if way.reserve > 0 and not reserve_holds(teams, reserve_counts, g, way.reserve, ONE):
                            continue
                        may[g] = 1
                        a = teams[g].first
                        if not random and (by < 0 or agents[a].turn < agents[by].turn):
                            by = a
                            tier = offer_tier[q, j]
                if random:
                    by = random_idle(agents, teams, offer_team, offer_tier, q, calls.route[c], may)
                if by >= 0:
                    leave_idle(agents, teams, by)
                elif way.at_once > 1:
                    by = chat_taker(
                        arrival, queue_of, agents, teams, queues, serve_queue, serve_tier, service, terms, hands, reserve_counts, c, t
                    )  # fmt: skip
            leaves = offer > 0 and by >= 0
            if by >= 0:
                take = c
            elif fate == UNSETTLED:
                told_to_wait = offer == (1 if way.announcement > 0.0 else 0)
                if told_to_wait and patience[c] <= 0.0:
                    fate = HUNG_UP
                    leaves = offer > 0
                else:
                    if offer == 0:
                        join_queue(queues, call_before, call_after, c, q)
                        n_waiting += 1
                        counts[HOLDING] += way.holds_line
                        if 0.0 < patience[c] < INF:
                            rise(hang_time, hang_call, n_hang, t + patience[c], c)
                            n_hang += 1
                    if told_to_wait and way.callback_from < INF:
                        estimate = estimated_wait(teams, queues, offer_team, call_after, more.mean_handle, c, q, now_interval)
                        if estimate >= way.callback_from and coin(late, queue_of, service, caller, key, FOR_CALLBACK, c, way.accepts):
                            called_back[c] = 1
                            counts[HOLDING] -= way.holds_line
                    if offer < way.offers:
                        offered_again(arrival, more.offer_after, due_time, due_key, counts, c, q, offer + 1)
            if leaves:
                leave_queue(queues, call_before, call_after, c, q)
                n_waiting -= 1
                if called_back[c] == 0:
                    counts[HOLDING] -= way.holds_line
            if fate != UNSETTLED:
                outcome[c] = fate
                moved_on[c] = t
                if told or way.redials == 1:
                    lost = c

        elif more is None and what == ARRIVAL:
            c = i
            i += 1
            q = queue_of[c]
            if rules is not None:
                call_came(rules, q, t)
            outcome[c], moved_on[c], ended[c], answered_by[c] = UNSETTLED, np.nan, np.nan, -1
            room = True
            if lines >= 0:
                while n_line > 0 and line_time[0] <= t:
                    n_line -= 1
                    sink(line_time, line_call, n_line)
                room = n_line + n_waiting < lines
            if not room:
                outcome[c] = BLOCKED
                moved_on[c] = t
            else:
                if random:
                    by = random_idle(agents, teams, offer_team, offer_tier, q, calls.route[c], None)
                else:
                    tier = -1
                    for j in range(width_offer):
                        g = offer_team[q, j]
                        if g < 0 or (by >= 0 and offer_tier[q, j] != tier):
                            break
                        if teams[g].idle > 0:
                            a = teams[g].first
                            if by < 0 or agents[a].turn < agents[by].turn:
                                by = a
                                tier = offer_tier[q, j]
                if by >= 0:
                    take = c
                    me = agents[by]
                    team = teams[me.team]
                    if me.before >= 0:
                        agents[me.before].after = me.after
                    else:
                        team.first = me.after
                    if me.after >= 0:
                        agents[me.after].before = me.before
                    else:
                        team.last = me.before
                    team.idle -= 1
                elif patience[c] <= 0.0:
                    outcome[c] = HUNG_UP
                    moved_on[c] = t
                else:
                    queue = queues[q]
                    call_after[c] = -1
                    call_before[c] = queue.last
                    if queue.last >= 0:
                        call_after[queue.last] = c
                    else:
                        queue.first = c
                    queue.last = c
                    queue.waiting += 1
                    n_waiting += 1
                    if patience[c] < INF:
                        rise(hang_time, hang_call, n_hang, t + patience[c], c)
                        n_hang += 1

        elif what == HANGS_UP:
            c = hang_call[0]
            n_hang -= 1
            sink(hang_time, hang_call, n_hang)
            outcome[c] = HUNG_UP
            moved_on[c] = t
            queue = queues[queue_of[c]]
            before, after = call_before[c], call_after[c]
            if before >= 0:
                call_after[before] = after
            else:
                queue.first = after
            if after >= 0:
                call_before[after] = before
            else:
                queue.last = before
            queue.waiting -= 1
            n_waiting -= 1
            if more is not None:
                way = service[queue_of[c]]
                counts[HOLDING] -= way.holds_line
                if way.redials == 1:
                    lost = c

        else:  # the roster, a break, a contingent, a tick
            rare_stale = True
            kind = (rare_code >> KIND_SHIFT) & KINDS
            number = ((rare_code >> NUMBER_SHIFT) & NUMBERS) - 1
            value = 0.0
            shift = -1
            if rare_source == FROM_ROSTER:
                value, shift, number = event_value[e], event_shift[e], event_number[e]
                e += 1
                if kind == LOG_IN_DUE and shift_factor.size > 0:
                    agents[number].factor = person_factor[number] * (shift_factor[shift] if shift >= 0 else 1.0)
            elif rare_source == FROM_HEAP:
                shift = rare_code & STINTS
                book.counts[RARE_EVENTS] -= 1
                sink(book.rare_time, book.rare_code, book.counts[RARE_EVENTS])
                if kind == BREAK_ENDS:  # `value` is 1 where the shift ends at this instant; written out, as a helper would be given arrays
                    k = e
                    while k < n_events and event_time[k] == t:
                        of_kind = (event_code[k] >> KIND_SHIFT) & KINDS
                        if of_kind == LOG_OUT_DUE and event_number[k] == number and event_shift[k] == agents[number].shift:
                            value = 1.0
                        k += 1
            if pools is not None and kind == TICK:
                pools[number].next_tick = t + pools[number].every
                look_at = number
                if rules is not None:
                    next_tick(pools, rules, number, t)
            elif pools is not None and kind == CHECK:
                pools[number].checks += 1
                pools[number].next_check = pools[number].checks * pools[number].check
                if pools[number].next_check >= pools[number].over_at:
                    pools[number].next_check = INF
                if clock[IS_OPEN] == 1.0 and t < clock[CLOSES]:
                    for row in range(n_windows):
                        if pool_window[number, row, 0] <= t < pool_window[number, row, 1]:
                            look_at = number
                if look_at < 0:
                    continue  # outside `available` and the open hours nobody looks
            else:
                free, new_logins = rarely(agents, teams, book, clock, open_window, serve, t, kind, number, value, shift)
                if new_logins > 0:
                    new_team, newcomer = number, teams[number].first_agent
                if pools is not None:
                    if free == -1:
                        free = rarely_of_pools(agents, teams, pools, book, t, kind, number, value, shift)
                if free == VOID:
                    continue
                if more is None and kind == CLOSES_NOW:
                    n_waiting = leave_stranded(teams, queues, outcome, moved_on, call_after, serve_queue, t, serve)
                if rules is not None:
                    if kind == TIME_BEGINS or kind == TIME_ENDS:
                        rules.looks[int(value)].booked = 1 if kind == TIME_BEGINS else 0
                        if pools[number].check < INF:
                            look_at = number
                if more is not None and OUT_NOW <= kind <= PACE_CHANGES:
                    service_changes(service[number], kind, value)
                    if kind == IN_NOW and service[number].out == 0:
                        looking, looked = True, -1
                        room_from = 0

        if look_at < 0 or kind != CHECK:
            t_last = t  # time alone is no event

        if more is not None and lost >= 0:
            may_call_again(luck, lost, told, t)

        # ---- who came free leaves, takes the next call, or is idle; then who answers, answers; once more for each new position
        while True:
            if more is not None:
                looks = -1  # the agent, not coming free, who looks for a call
                if chats >= 0:
                    looks = chats
                    chats = -1
                    take = another_chat(
                        arrival, queue_of, agents, teams, queues, serve_queue, serve_tier, service, terms, hands, reserve_counts, looks, t
                    )  # fmt: skip
                elif looking:
                    looks = next_idle(agents, teams, looked)
                    looking = looks >= 0
                    if looking:
                        looked = agents[looks].turn
                        g = agents[looks].team
                        take = next_call(
                            arrival, teams, queues, serve_queue, serve_tier, service, terms, reserve_counts, g, ONE, False, t
                        )  # fmt: skip
                        if take >= 0:
                            leave_idle(agents, teams, looks)
                elif room_from < agents.size:
                    if hands[room_from].contacts > 0:
                        chats = room_from
                    room_from += 1
                if looks >= 0 and take >= 0:
                    by = looks
                    q = queue_of[take]
                    leave_queue(queues, call_before, call_after, take, q)
                    n_waiting -= 1
                    if called_back[take] == 0:
                        counts[HOLDING] -= service[q].holds_line
            if free >= 0:
                me = agents[free]
                goes = NOWHERE
                last_round = False
                if done:
                    if me.next_team >= 0 and me.leaving == STAYS:
                        change_team(agents, teams, book, free, t)
                    team = teams[me.team]
                    last_round = serve and clock[IS_OPEN] == 0.0 and t >= clock[CLOSES] and team.contingent < 0
                    if me.leaving != STAYS and not (last_round and me.leaving == LEAVES_LAST):
                        goes = SHIFT_ENDED if team.contingent < 0 else CONTINGENT_LEFT
                    elif team.due_out > 0:
                        goes = NUMBER_FELL
                    elif me.owed >= 0.0 and not last_round:
                        goes = TO_BREAK
                team = teams[me.team]
                if goes == NOWHERE and n_waiting > 0:
                    tier = -1
                    g = me.team
                    if more is not None:
                        only_callers = last_round and (me.leaving == LEAVES_LAST or team.due_last > 0 or me.owed >= 0.0)
                        take = next_call(
                            arrival, teams, queues, serve_queue, serve_tier, service, terms, reserve_counts, g, ZERO, only_callers, t
                        )  # fmt: skip
                        if take >= 0 and called_back[take] == 0:
                            counts[HOLDING] -= service[queue_of[take]].holds_line
                    else:
                        for j in range(width_serve):
                            q = serve_queue[g, j]
                            if q < 0 or (take >= 0 and serve_tier[g, j] != tier):
                                break
                            c = queues[q].first
                            if c >= 0 and (take < 0 or c < take):
                                take = c
                                tier = serve_tier[g, j]
                    if take >= 0:
                        by = free
                        queue = queues[queue_of[take]]
                        after = call_after[take]
                        queue.first = after
                        if after >= 0:
                            call_before[after] = -1
                        else:
                            queue.last = -1
                        queue.waiting -= 1
                        n_waiting -= 1
                if goes == NOWHERE and take < 0:
                    if last_round and me.leaving == LEAVES_LAST:
                        goes = SHIFT_ENDED
                    elif last_round and team.due_last > 0:
                        goes = NUMBER_FELL
                    elif done and me.owed >= 0.0:
                        goes = TO_BREAK
                    else:
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
                        if more is not None:
                            if reserves and n_waiting > 0:
                                for q in range(n_queues):
                                    if service[q].kept == 1 and service[q].reserve > 0 and queues[q].waiting > 0:
                                        looking, looked = True, -1
                if goes != NOWHERE:
                    rare_stale = True
                    go_off(agents, teams, book, free, t, goes)
                free = -1
            if take >= 0:
                length = handle[take] * agents[by].factor
                reached = True
                holds = lines >= 0
                key_done = by
                if more is not None:
                    q = queue_of[take]
                    length = length * (terms[agents[by].team, q].factor * service[q].pace) * (1.0 + service[q].slower * hands[by].contacts)
                    if called_back[take] != 0:
                        reached = coin(late, queue_of, service, caller, key, FOR_REACHED, take, service[q].reached)
                        if not reached:
                            length = service[q].ring
                    holds = holds and reached and service[q].holds_line != 0
                    key_done = (by << AGENT_SHIFT) | take
                    hands[by].contacts += 1
                    hands[by].type = service[q].type
                    if service[q].at_once > hands[by].contacts:
                        chats = by
                end = t + length
                outcome[take] = ANSWERED if reached else UNREACHED
                moved_on[take] = t
                ended[take] = end
                answered_by[take] = by
                agents[by].state = BUSY
                if more is None and length < reach:
                    due = int(end * pace)
                    before, after = -1, wheel[due & last_bucket]
                    while after >= 0 and (end_at[after] < end or (end_at[after] == end and after < by)):
                        before, after = after, next_in[after]
                    end_at[by] = end
                    next_in[by] = after
                    if before < 0:
                        wheel[due & last_bucket] = by
                    else:
                        next_in[before] = by
                    filled[(due & last_bucket) >> WORD_SHIFT] |= ONE << (due & WORD)
                    n_soon += 1
                    if end < soon:
                        at, soon = due, end
                else:
                    rise(done_time, done_agent, n_done, end, key_done)
                    n_done += 1
                if holds:
                    while n_line > 0 and line_time[0] <= t:
                        n_line -= 1
                        sink(line_time, line_call, n_line)
                    rise(line_time, line_call, n_line, t + queues[queue_of[take]].line_share * length, take)
                    n_line += 1
                if pools is not None:
                    for p in range(tables.answer_time.shape[0]):
                        if reached and takes_queue[p, queue_of[take]] and tables.answer_time.shape[1] > 0:
                            n = pools[p].answers
                            tables.answer_time[p, n] = t
                            tables.answer_total[p, n + 1] = tables.answer_total[p, n] + (t - arrival[take])
                            pools[p].answers = n + 1
                if more is not None:
                    if reached and (
                        coin(late, queue_of, service, caller, key, FOR_TRANSFER, take, service[q].passed_on)
                        or coin(late, queue_of, service, caller, key, FOR_REPEAT, take, service[q].repeats)
                    ):
                        goes_on(luck, take, t + queues[q].line_share * length, end)
                take = -1
            if more is not None:
                if chats >= 0 or looking or room_from < agents.size:
                    continue
            if new_logins == 0:
                break
            new_logins -= 1
            while agents[newcomer].state != OFF:
                newcomer += 1
            free = newcomer
            log_in(agents, teams, free, new_team, NO_SHIFT, t)
            done = False

        # ---- while closed, callers whom nobody left takes hang up
        if more is not None:
            closing = what == RARE and kind == CLOSES_NOW
            if n_waiting > 0 and (closing or (serve and clock[IS_OPEN] == 0.0 and t >= clock[CLOSES])):
                n_waiting -= strand(
                    teams, queues, terms, outcome, moved_on, call_before, call_after, called_back, more.gone, luck, serve, t
                )  # fmt: skip

        # ---- the rules of the contingents are looked at
        if pools is None or n_pools == 0:
            continue
        if more is None:
            if look_at < 0 and not rare_stale and fewest <= n_waiting <= most and t < quiet_until:
                continue
            fewest, most = ONE, ZERO
        if clock[IS_OPEN] == 0.0 or t >= clock[CLOSES]:
            continue
        while now_interval < n_intervals - 1 and interval_start[now_interval + 1] <= t:
            now_interval += 1
        for step in range(-1, n_pools):  # first the pool whose tick or check it is, then those that look after every event
            p = step if step >= 0 else look_at
            if p < 0:
                continue
            pool = pools[p]
            if step >= 0 and pool.check < INF:
                continue
            tick = step < 0 and kind == TICK
            while pool.window < n_windows and pool_window[p, pool.window, 1] <= max(t, pool_window[p, pool.window, 0]):
                pool.window += 1
            if pool.window >= n_windows or t < pool_window[p, pool.window, 0]:
                continue
            if rules is not None:
                tick = step < 0 and kind == TICK
                if look(agents, teams, queues, pools, book, tables, rules, arrival, interval_start, p, t, tick, now_interval, key):
                    rare_stale = True
                continue
            n_queue = n_idle = n_duty = 0
            oldest = INF
            for q in range(n_queues):
                if takes_queue[p, q] and queues[q].waiting > 0:
                    n_queue += queues[q].waiting
                    oldest = min(oldest, arrival[queues[q].first])
            for g in range(n_teams):
                if counts_team[p, g]:
                    n_idle += teams[g].idle
                    n_duty += teams[g].on_duty
            reached = fallen = False
            for side in range(2):
                if side == 1 and (reached or pool.active == 0):
                    break
                when = pool.when if side == 0 else pool.release_when
                if when == ESTIMATED_WAIT:
                    level = 0.0
                    if n_idle == 0 and n_duty > 0:
                        level = (n_queue + 1) * mean_handle[p, now_interval] / n_duty
                    elif n_idle == 0 and n_queue > 0:
                        level = INF
                elif when == LONGEST_WAIT:
                    level = t - oldest if n_queue > 0 else 0.0
                elif when == AVERAGE_WAIT:
                    old = pool.old if side == 0 else pool.release_old
                    since = t - (pool.over if side == 0 else pool.release_over)
                    while old < pool.answers and tables.answer_time[p, old] <= since:
                        old += 1
                    if side == 0:
                        pool.old = old
                    else:
                        pool.release_old = old
                    level = 0.0
                    if old < pool.answers:
                        level = (tables.answer_total[p, pool.answers] - tables.answer_total[p, old]) / (pool.answers - old)
                else:
                    level = float(n_queue)
                if side == 0:
                    reached = level >= pool.reaches
                else:
                    fallen = level <= pool.falls_to
            acts = NOTHING
            if tick:
                acts = ASKS_AGAIN if reached else NOTHING
            elif pool.active == 0 and reached:
                acts = ACTIVATES
            elif pool.active == 1 and fallen:
                acts = RELEASES
            if acts != NOTHING:
                rare_stale = True
                act(agents, teams, pools, book, p, t, acts, key, tables.notice[p], tables.values, tables.able)

        # Until something rare happens, how many may wait without any pool doing anything; one caller less on either side for rounding
        if more is None:
            if by_waiting and not rare_stale:
                fewest, most, quiet_until = ZERO, n_calls, INF
                if now_interval < n_intervals - 1:
                    quiet_until = interval_start[now_interval + 1]
                n_duty = 0
                for g in range(n_teams):
                    n_duty += teams[g].on_duty
                for p in range(n_pools):
                    pool = pools[p]
                    if pool.check < INF or pool.window >= n_windows:
                        continue
                    if t < pool_window[p, pool.window, 0]:
                        quiet_until = min(quiet_until, pool_window[p, pool.window, 0])
                        continue
                    quiet_until = min(quiet_until, pool_window[p, pool.window, 1])
                    each = mean_handle[p, now_interval] / n_duty if n_duty > 0 else 0.0  # s of estimated wait that a caller adds
                    if not each > 0.0 or not pool.reaches > 0.0:
                        most = -1
                    elif pool.active == 0:
                        most = min(most, int(min(pool.reaches / each, 1e9)) - 2)
                    else:  # nobody is idle while someone waits
                        fewest = max(fewest, 1, int(min(max(pool.falls_to, 0.0) / each, 1e9)) + 1)

    for a in range(agents.size):
        if agents[a].state == IDLE or agents[a].state == BUSY:
            end_spell(agents, book, a, t_last, t_last, STILL_ON)


def _run_days(  # type: ignore[no-untyped-def]
    agents, teams, queues, pools, state, state_at_first, all_calls, first_call, busy, events, who_comes, factor, choices, looks_at,
    able, book, rows, clock, interval_start, open_window, keys, serve, random, lines,
):  # fmt: skip
    """Play D paths, one after another; the number of those played before a buffer was too small.

    `all_calls` are those of all paths, `first_call` [D + 1] says where each path's begin, `rows` [3, D + 1] is filled with where what each
    writes into `book` begins. `state` holds the tables of agents, teams, queues and pools, `state_at_first` those before a path.
    `who_comes`, `factor` and `able` have a row a path, or one for all; `looks_at` are the tables of the pools, None without any.
    """
    for path in range(first_call.size - 1):
        for byte in range(state.size):
            state[byte] = state_at_first[byte]
        its_factor = factor[path if factor.shape[0] > 1 else 0]
        for person in range(agents.size):
            agents[person].factor = its_factor[person]
        for bucket in range(busy.wheel.size):
            busy.wheel[bucket] = -1
        for word in range(busy.filled.size):
            busy.filled[word] = 0
        book.counts[RARE_EVENTS] = 0
        for kind_of_row in range(3):
            rows[kind_of_row, path] = book.counts[kind_of_row]
        low, high = first_call[path], first_call[path + 1]
        its_calls = Calls(
            all_calls.arrival[low:high], all_calls.queue[low:high], all_calls.handle_time[low:high], all_calls.patience[low:high],
            all_calls.route[low:high], all_calls.outcome[low:high], all_calls.moved_on[low:high], all_calls.ended[low:high],
            all_calls.agent[low:high], all_calls.before, all_calls.after, all_calls.hang_time, all_calls.hang_call,
        )  # fmt: skip
        its_events = Roster(
            events.time, events.code, events.number, events.value, events.shift, who_comes[path if who_comes.shape[0] > 1 else 0],
            events.shift_factor, its_factor,
        )  # fmt: skip
        its_tables = None
        if pools is not None:
            its_tables = PoolTables(
                looks_at.takes_queue, looks_at.counts_team, looks_at.mean_handle, looks_at.window, looks_at.notice, looks_at.values,
                able[path if able.shape[0] > 1 else 0], looks_at.answer_time, looks_at.answer_total,
            )  # fmt: skip
        _run_path(  # type: ignore[no-untyped-call]
            agents, teams, queues, pools, its_calls, busy, its_events, choices, its_tables, book, clock, interval_start, open_window,
            keys[path], serve, random, lines, None, None, None,
        )  # fmt: skip
        if book.counts[NO_ROOM] != 0:
            return path
    for kind_of_row in range(3):
        rows[kind_of_row, first_call.size - 1] = book.counts[kind_of_row]
    return first_call.size - 1


@cache
def run_path(ruled: bool) -> Any:
    """The compiled loop for floors with something of `more`, and with `rules` of pools or without."""
    if ruled:
        return _variant("run_all", present=("more", "rules", "pools"))
    return _variant("run_rich", absent=("rules",), present=("more", "pools"))


@cache
def run_ruled() -> Any:
    """The compiled loop for floors with `rules` of pools and nothing of `more`."""
    return _variant("run_ruled", absent=("more",), present=("rules", "pools"))


@cache
def run_days(random: bool, pools: bool) -> Any:
    """The compiled loop for all other floors, which plays several paths in a call (`_run_days`): for those with calls that go to anybody at
    `random`, for the rest with pools, or without. The last one alone is given None for `pools` and `looks_at`.
    """
    if random:
        return _of_days("run_random", absent=("more", "luck", "rules"), present=("random", "pools"))
    if pools:
        return _of_days("run_with_pools", absent=("more", "luck", "rules", "random"), present=("pools",))
    return _of_days("run_plain", absent=("more", "luck", "rules", "random", "pools"))


def _variant(name: str, absent: tuple[str, ...] = (), present: tuple[str, ...] = ()) -> Any:
    return written_when_compiled(_run_path, name, lambda: variant(_run_path, name, absent, present))


def _of_days(name: str, absent: tuple[str, ...], present: tuple[str, ...] = ()) -> Any:
    return written_when_compiled(_run_days, name, lambda: variant(_run_days, name, absent, present, inside=_run_path))
