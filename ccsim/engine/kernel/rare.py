"""The events that come a few thousand times a day: the roster, breaks, opening and closing; and those of contingents, by themselves."""

from __future__ import annotations

import numpy as np

from ccsim.engine.compiled import helper
from ccsim.engine.floor import HUNG_UP
from ccsim.engine.kernel.people import break_due, idle_leaves, number_changes, roster_log_in, roster_log_out
from ccsim.engine.kernel.pools import contingent_log_in, dismiss, let_go, send_home
from ccsim.engine.kernel.records import (
    ACCEPT_CHANGES,
    BLOCK_END,
    BREAK_DUE,
    BREAK_ENDS,
    BUSY,
    CLOSES,
    CLOSES_NOW,
    CONTINGENT_LOG_IN,
    IS_OPEN,
    LEAVES,
    LEAVES_LAST,
    LOG_IN_DUE,
    LOG_OUT_DUE,
    NUMBER_CHANGES,
    NUMBER_FELL,
    OFF,
    ON_BREAK,
    OPENS_NOW,
    PERSON_S_END,
    POOL_ENDS,
    VOID,
    ZERO,
)


@helper
def close(agents, teams, book, time, serve):  # type: ignore[no-untyped-def]
    """Closing: positions fall to nothing."""
    for g in range(teams.size):
        team = teams[g]
        if team.positions and team.number > 0:
            if serve:
                team.number = 0
                team.fell = time
                while team.idle > 0:
                    idle_leaves(agents, teams, book, team.first, time, NUMBER_FELL)
                team.due_last = team.on_duty
            else:
                number_changes(agents, teams, book, g, ZERO, time)


@helper
def leave_stranded(teams, queues, outcome, moved_on, call_after, serve_queue, time, serve):  # type: ignore[no-untyped-def]
    """After closing: callers whom nobody left takes hang up. Returns how many still wait."""
    waiting = 0
    for q in range(queues.size):
        stranded = True
        if serve:
            for g in range(teams.size):
                if teams[g].contingent < 0 and teams[g].on_duty > 0:
                    for j in range(serve_queue.shape[1]):
                        if serve_queue[g, j] == q:
                            stranded = False
        if stranded:
            c = queues[q].first
            while c >= 0:
                outcome[c] = HUNG_UP
                moved_on[c] = time
                c = np.int64(call_after[c])
            queues[q].first = -1
            queues[q].last = -1
            queues[q].waiting = 0
        waiting += queues[q].waiting
    return waiting


@helper
def rarely(agents, teams, book, clock, open_window, serve, time, kind, number, value, shift):  # type: ignore[no-untyped-def]
    """Something of the roster, a break, opening or closing. `shift` is the stint for what comes from the heap.

    Returns the agent who came free (-1: none; VOID: it had been called off, nothing happened), and how many positions have to log in.
    """
    free, new_logins = -1, 0
    if kind == LOG_IN_DUE:
        if roster_log_in(agents, teams, book, number, int(value), shift, time):
            free = number
    elif kind == BREAK_ENDS:
        me = agents[number]
        if me.state != ON_BREAK or me.back_at != time:
            return VOID, 0
        if value > 0.0:  # and so does the shift
            me.state = OFF
        else:
            me.spell_from = time
            teams[me.team].on_duty += 1
            free = number
    elif kind == BREAK_DUE:
        if agents[number].shift == shift:
            break_due(agents, teams, book, number, value, time)
    elif kind == LOG_OUT_DUE:
        if agents[number].shift == shift:
            roster_log_out(agents, teams, book, number, time, serve and time >= clock[CLOSES])
    elif kind == NUMBER_CHANGES:
        new_logins = number_changes(agents, teams, book, number, int(value), time)
    elif kind == OPENS_NOW:
        clock[IS_OPEN] = 1.0
        clock[CLOSES] = open_window[number, 1]
        for g in range(teams.size):
            teams[g].due_out += teams[g].due_last
            teams[g].on_duty -= teams[g].due_last
            teams[g].due_last = 0
        for a in range(agents.size):
            if agents[a].state == BUSY and agents[a].leaving == LEAVES_LAST:
                agents[a].leaving = LEAVES
                teams[agents[a].team].on_duty -= 1
    elif kind == CLOSES_NOW:
        clock[IS_OPEN] = 0.0
        clock[CLOSES] = time
        close(agents, teams, book, time, serve)
    return free, new_logins


@helper
def rarely_of_pools(agents, teams, pools, book, time, kind, number, value, shift):  # type: ignore[no-untyped-def]
    """Something of the contingents; at closing all pools are over for the day. Returns who came free, as `rarely` does."""
    if kind == CONTINGENT_LOG_IN:
        return contingent_log_in(agents, teams, pools, book, number, time)
    if kind == BLOCK_END:
        me = agents[number]
        if me.stint != shift or me.state == OFF:
            return VOID
        if pools[teams[me.team].contingent].active == 0:
            let_go(agents, teams, book, number, time)
    elif kind == POOL_ENDS:
        dismiss(agents, teams, pools, book, number, time)
    elif kind == CLOSES_NOW:
        for p in range(pools.size):
            dismiss(agents, teams, pools, book, p, time)
    elif kind == ACCEPT_CHANGES:
        pools[number].accept = min(pools[number].says_yes * value, 1.0)
        pools[number].favour = value
    elif kind == PERSON_S_END:
        send_home(agents, teams, book, number, time)
    return -1
