"""The loop over events.

Arrivals, completed calls and hang-ups are written out here, because a helper that takes arrays costs time in the hot path.
"""

from __future__ import annotations

from ccsim.engine.floor import ANSWERED, AVERAGE_WAIT, BLOCKED, ESTIMATED_WAIT, HUNG_UP, LONGEST_WAIT, UNSETTLED
from ccsim.engine.heaps import rise, sink
from ccsim.engine.kernel.people import change_team, end_spell, go_off, log_in
from ccsim.engine.kernel.pools import act
from ccsim.engine.kernel.rare import rarely
from ccsim.engine.kernel.records import (
    ACTIVATES,
    ARRIVAL,
    ASKS_AGAIN,
    BUSY,
    CHECK,
    CLOSES,
    CLOSES_NOW,
    COMPLETED,
    CONTINGENT_LEFT,
    FROM_HEAP,
    FROM_POOL,
    FROM_ROSTER,
    HANGS_UP,
    IDLE,
    INF,
    IS_OPEN,
    KIND_SHIFT,
    KINDS,
    LEAVES_LAST,
    NO_EVENT,
    NO_ROOM,
    NO_SHIFT,
    NOTHING,
    NOWHERE,
    NUMBER_FELL,
    NUMBER_SHIFT,
    NUMBERS,
    OFF,
    RANK_SHIFT,
    RARE,
    RARE_EVENTS,
    RELEASES,
    SHIFT_ENDED,
    STAYS,
    STILL_ON,
    STINTS,
    TICK,
    TO_BREAK,
    VOID,
    jit,
)


@jit
def random_idle(agents, teams, offer_team, offer_tier, queue, u):  # type: ignore[no-untyped-def]
    """The free agent that a uniform picks among those who take the queue, -1 if none is free."""
    free = 0
    for j in range(offer_team.shape[1]):
        if offer_team[queue, j] >= 0:
            free += teams[offer_team[queue, j]].idle
    left = int(u * free)
    j = 0
    while j < offer_team.shape[1] and offer_team[queue, j] >= 0:
        tier = offer_tier[queue, j]
        seen = -1  # turn of the last one passed over
        while True:
            best = -1
            for m in range(j, offer_team.shape[1]):
                if offer_team[queue, m] < 0 or offer_tier[queue, m] != tier:
                    break
                a = teams[offer_team[queue, m]].first
                while a >= 0 and agents[a].turn <= seen:
                    a = agents[a].after
                if a >= 0 and (best < 0 or agents[a].turn < agents[best].turn):
                    best = a
            if best < 0:
                break
            if left == 0:
                return best
            left -= 1
            seen = agents[best].turn
        while j < offer_team.shape[1] and offer_team[queue, j] >= 0 and offer_tier[queue, j] == tier:
            j += 1
    return -1


@jit
def run_path(  # type: ignore[no-untyped-def]
    agents, teams, queues, pools, calls, busy, roster, choices, tables, book, clock, interval_start, open_window, key, serve, random, lines
):  # fmt: skip
    """Play a path: the log is in `calls` and `book`; `book.counts[NO_ROOM]` is 1 if a buffer was too small and all is void."""
    arrival, queue_of, handle, patience = calls.arrival, calls.queue, calls.handle_time, calls.patience
    outcome, moved_on, ended, answered_by = calls.outcome, calls.moved_on, calls.ended, calls.agent
    call_before, call_after, hang_time, hang_call = calls.before, calls.after, calls.hang_time, calls.hang_call
    done_time, done_agent, line_time, line_call = busy.done_time, busy.done_agent, busy.line_time, busy.line_call
    event_time, event_code, event_number, event_value, event_shift, present = roster
    offer_team, offer_tier, serve_queue, serve_tier = choices
    takes_queue, counts_team, mean_handle, pool_window = tables.takes_queue, tables.counts_team, tables.mean_handle, tables.window
    n_calls, n_queues, n_teams, n_pools = arrival.size, queues.size, teams.size, pools.size
    n_events, n_intervals = event_time.size, interval_start.size
    width_offer, width_serve, n_windows = offer_team.shape[1], serve_queue.shape[1], pool_window.shape[1]

    n_done = n_hang = n_line = n_waiting = 0
    i = 0  # next arrival
    e = 0  # next roster event
    turn = 0  # turns in the order of idleness
    now_interval = 0
    clock[CLOSES], clock[IS_OPEN] = INF, 0.0
    new_logins = 0  # positions still to log in after a rise of the number
    new_team = -1
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
            for p in range(n_pools):
                for kind in range(TICK, CHECK + 1):
                    first_time = pools[p].next_tick if kind == TICK else pools[p].next_check
                    first_code = (4 << RANK_SHIFT) | ((p + 1) << NUMBER_SHIFT) | (kind << KIND_SHIFT)
                    if first_time < rare_time or (first_time == rare_time and first_code < rare_code):
                        rare_time, rare_code, rare_source = first_time, first_code, FROM_POOL
        while n_hang > 0 and outcome[hang_call[0]] != UNSETTLED:
            n_hang -= 1
            sink(hang_time, hang_call, n_hang)
        t = arrival[i] if i < n_calls else INF
        what = ARRIVAL
        if n_hang > 0 and hang_time[0] <= t:
            t = hang_time[0]
            what = HANGS_UP
        if n_done > 0 and done_time[0] <= t:
            t = done_time[0]
            what = COMPLETED
        if rare_time < t or (rare_time == t and (rare_code >> RANK_SHIFT) == 0):
            t = rare_time
            what = RARE
        if t == INF or book.counts[NO_ROOM] != 0:
            break
        free = -1  # the agent who came free
        done = False  # ... from a call
        take = -1  # a call that `by` answers
        by = -1
        look_at = -1  # the pool whose tick or check it is

        if what == COMPLETED:
            free = done_agent[0]
            done = True
            n_done -= 1
            sink(done_time, done_agent, n_done)

        elif what == ARRIVAL:
            c = i
            i += 1
            q = queue_of[c]
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
                    by = random_idle(agents, teams, offer_team, offer_tier, q, calls.route[c])
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

        else:  # the roster, a break, a contingent, a tick
            rare_stale = True
            kind = (rare_code >> KIND_SHIFT) & KINDS
            number = ((rare_code >> NUMBER_SHIFT) & NUMBERS) - 1
            value = 0.0
            shift = -1
            if rare_source == FROM_ROSTER:
                value, shift, number = event_value[e], event_shift[e], event_number[e]
                e += 1
            elif rare_source == FROM_HEAP:
                shift = rare_code & STINTS
                book.counts[RARE_EVENTS] -= 1
                sink(book.rare_time, book.rare_code, book.counts[RARE_EVENTS])
            if kind == TICK:
                pools[number].next_tick = t + pools[number].every
                look_at = number
            elif kind == CHECK:
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
                new_team = number
                free, new_logins = rarely(
                    agents, teams, queues, pools, calls, book, clock, serve_queue, open_window, serve, t, kind, number, value, shift
                )  # fmt: skip
                if free == VOID:
                    continue
                if kind == CLOSES_NOW:
                    n_waiting = 0
                    for q in range(n_queues):
                        n_waiting += queues[q].waiting

        if look_at < 0 or kind != CHECK:
            t_last = t  # time alone is no event

        # ---- who came free leaves, takes the next call, or is idle; then who answers, answers; once more for each new position
        while True:
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
                if goes != NOWHERE:
                    rare_stale = True
                    go_off(agents, teams, book, free, t, goes)
                free = -1
            if take >= 0:
                length = handle[take] * agents[by].factor
                end = t + length
                outcome[take] = ANSWERED
                moved_on[take] = t
                ended[take] = end
                answered_by[take] = by
                agents[by].state = BUSY
                rise(done_time, done_agent, n_done, end, by)
                n_done += 1
                if lines >= 0:
                    while n_line > 0 and line_time[0] <= t:
                        n_line -= 1
                        sink(line_time, line_call, n_line)
                    rise(line_time, line_call, n_line, t + queues[queue_of[take]].line_share * length, take)
                    n_line += 1
                for p in range(tables.answer_time.shape[0]):
                    if takes_queue[p, queue_of[take]] and tables.answer_time.shape[1] > 0:
                        n = pools[p].answers
                        tables.answer_time[p, n] = t
                        tables.answer_total[p, n + 1] = tables.answer_total[p, n] + (t - arrival[take])
                        pools[p].answers = n + 1
                take = -1
            if new_logins == 0:
                break
            new_logins -= 1
            free = teams[new_team].first_agent
            while agents[free].state != OFF:
                free += 1
            log_in(agents, teams, free, new_team, NO_SHIFT, t)
            done = False

        # ---- the rules of the contingents are looked at
        if n_pools == 0 or clock[IS_OPEN] == 0.0 or t >= clock[CLOSES]:
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
                act(agents, teams, pools, book, p, t, acts, key, tables.notice[p], tables.values)

    for a in range(agents.size):
        if agents[a].state == IDLE or agents[a].state == BUSY:
            end_spell(agents, book, a, t_last, t_last, STILL_ON)
