"""Contingent pools: going active, asking, logging in, going inactive, the end of the day."""

from __future__ import annotations

import numpy as np

from ccsim.engine.compiled import helper
from ccsim.engine.floor import LOGGED_IN, ON_THE_WAY, REFUSED
from ccsim.engine.kernel.people import code, idle_leaves, later, log_in
from ccsim.engine.kernel.records import (
    ACTIVATES,
    ACTIVATIONS,
    ASKS,
    BLOCK_END,
    BUSY,
    CALLED_OFF,
    CONTINGENT_LEFT,
    CONTINGENT_LOG_IN,
    DISMISSED,
    FAILED,
    IDLE,
    INF,
    LAPSED,
    NO_ROOM,
    NO_SHIFT,
    OFF,
    RELEASED,
    RELEASES,
    STAYS,
    STINTS,
    VOID,
)
from ccsim.engine.streams import accepts, fails_to_come, notice


@helper
def go_inactive(pools, book, number, time):  # type: ignore[no-untyped-def]
    """The running activation of a pool, if any, is over."""
    if pools[number].active:
        pools[number].active = 0
        book.activations[pools[number].row].until = time
        pools[number].next_tick = INF


@helper
def call_off(agents, book, agent, time, outcome):  # type: ignore[no-untyped-def]
    """A contingent on the way need not come."""
    if not np.isnan(agents[agent].log_in_due):
        agents[agent].log_in_due = np.nan
        book.asks[agents[agent].ask_row].outcome = outcome
        book.asks[agents[agent].ask_row].settled = time


@helper
def send_home(agents, teams, book, agent, time):  # type: ignore[no-untyped-def]
    """A person's hours are over: a log-in due lapses, who is on leaves, after the call in hand if there is one."""
    me = agents[agent]
    call_off(agents, book, agent, time, LAPSED)
    if me.state == IDLE:
        idle_leaves(agents, teams, book, agent, time, CONTINGENT_LEFT)
    elif me.state == BUSY:
        if me.leaving == STAYS:
            teams[me.team].on_duty -= 1
        me.leaving = DISMISSED


@helper
def dismiss(agents, teams, pools, book, number, time):  # type: ignore[no-untyped-def]
    """The end of `available`, or closing: the pool is over for the day."""
    go_inactive(pools, book, number, time)
    team = teams[pools[number].team]
    for agent in range(team.first_agent, team.first_agent + team.agents):
        send_home(agents, teams, book, agent, time)


@helper
def let_go(agents, teams, book, agent, time):  # type: ignore[no-untyped-def]
    """A contingent whose block is over and whose pool is inactive leaves, or finishes the call in hand first."""
    me = agents[agent]
    if me.state == IDLE:
        idle_leaves(agents, teams, book, agent, time, CONTINGENT_LEFT)
    elif me.state == BUSY and me.leaving == STAYS:
        me.leaving = RELEASED
        teams[me.team].on_duty -= 1


@helper
def release(agents, teams, pools, book, number, time):  # type: ignore[no-untyped-def]
    """The value fell to the release level: call off who is on the way, let go whose block is over."""
    go_inactive(pools, book, number, time)
    team = teams[pools[number].team]
    for agent in range(team.first_agent, team.first_agent + team.agents):
        call_off(agents, book, agent, time, CALLED_OFF)
        if agents[agent].state != OFF and agents[agent].block_until <= time:
            let_go(agents, teams, book, agent, time)


@helper
def ring(agents, pools, book, number, person, agent, time, key, chance, fails, at_once, law, values):  # type: ignore[no-untyped-def]
    """One person is asked and says yes with this chance; with the chance `fails` who does never comes. Returns whether there was room."""
    pool = pools[number]
    me = agents[agent]
    n = pool.activation - 1
    k = book.counts[ASKS]
    if k == book.asks.size:
        book.counts[NO_ROOM] = 1
        return False
    book.counts[ASKS] = k + 1
    me.asked_in = n + 1
    ask = book.asks[k]
    ask.pool = number
    ask.agent = agent
    ask.time = time
    if accepts(key, pool.name, person, n, chance):
        ask.due = time
        if not at_once:
            ask.due += notice(key, pool.name, person, n, law, values)
        ask.outcome = ON_THE_WAY
        ask.settled = np.nan
        me.log_in_due = ask.due
        me.ask_row = k
        me.fails = 1 if fails > 0.0 and fails_to_come(key, pool.name, person, n, fails) else 0
        later(book, ask.due, code(0, agent, CONTINGENT_LOG_IN, 0))
    else:
        ask.due = np.nan
        ask.outcome = REFUSED
        ask.settled = time
    return True


@helper
def ask(agents, teams, pools, book, number, time, key, law, values, able):  # type: ignore[no-untyped-def]
    """Call up to `call_up` people who are off, not on the way, and not yet asked in this activation. `able`: see `Day`."""
    pool = pools[number]
    team = teams[pool.team]
    n = pool.activation - 1
    left = pool.call_up
    for person in range(team.agents):
        if left == 0:
            break
        agent = team.first_agent + person
        me = agents[agent]
        if me.state != OFF or not np.isnan(me.log_in_due) or me.asked_in == n + 1:
            continue
        if able.size > 0:
            if able[agent] == 0:
                continue
        left -= 1
        if not ring(agents, pools, book, number, person, agent, time, key, pool.accept, 0.0, False, law, values):
            return


@helper
def activate(agents, teams, pools, book, number, time):  # type: ignore[no-untyped-def]
    """The trigger is reached: the pool goes active and keeps who is still on."""
    v = book.counts[ACTIVATIONS]
    if v == book.activations.size:
        book.counts[NO_ROOM] = 1
        return
    book.counts[ACTIVATIONS] = v + 1
    book.activations[v].pool = number
    book.activations[v].time = time
    book.activations[v].until = np.nan
    pool = pools[number]
    pool.row = v
    pool.active = 1
    pool.activation += 1
    pool.next_tick = time + pool.every
    team = teams[pool.team]
    for agent in range(team.first_agent, team.first_agent + team.agents):
        if agents[agent].state == BUSY and agents[agent].leaving == RELEASED:
            agents[agent].leaving = STAYS
            team.on_duty += 1


@helper
def contingent_log_in(agents, teams, pools, book, agent, time):  # type: ignore[no-untyped-def]
    """A contingent who said yes is there, or does not come (-1). Returns who comes free, VOID if the log-in had been called off."""
    me = agents[agent]
    if me.log_in_due != time or me.state != OFF:
        return VOID
    if me.fails == 1:
        call_off(agents, book, agent, time, FAILED)
        return -1
    book.asks[me.ask_row].outcome = LOGGED_IN
    book.asks[me.ask_row].settled = time
    me.log_in_due = np.nan
    me.block_until = time + pools[teams[me.team].contingent].block
    log_in(agents, teams, agent, me.team, NO_SHIFT, time)
    me.stint = (me.stint + 1) & STINTS
    later(book, me.block_until, code(5, agent, BLOCK_END, me.stint))
    return agent


@helper
def act(agents, teams, pools, book, number, time, what, key, law, values, able):  # type: ignore[no-untyped-def]
    """A pool asks again, goes active and asks, or goes inactive."""
    if what == RELEASES:
        release(agents, teams, pools, book, number, time)
        return
    if what == ACTIVATES:
        activate(agents, teams, pools, book, number, time)
    ask(agents, teams, pools, book, number, time, key, law, values, able)
