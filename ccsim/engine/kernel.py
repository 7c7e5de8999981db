"""The compiled engine: the rules of docs/rules-of-the-floor.md on flat arrays.

`Kernel(floor).play(day) -> Log` gives what `reference.play(floor, day)` gives, to the last bit, some hundreds of times faster. The one long
function `_play` is a loop over events. What happens often (arrivals, completed calls, hang-ups) is written out in it, because a helper
that takes arrays costs reference counting in the hot path; what happens a few thousand times a day (rosters, breaks, call-ups) is in helpers that
take the whole workspace.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ccsim.engine.floor import (
    ANSWERED,
    AVERAGE_WAIT,
    BLOCKED,
    BREAK,
    CALLED_OFF,
    CLOSING,
    CONTINGENT_LEFT,
    ESTIMATED_WAIT,
    EVENT_RANK,
    HUNG_UP,
    LAPSED,
    LOG_IN,
    LOG_OUT,
    LOGGED_IN,
    LONGEST_WAIT,
    MOVED,
    NUMBER,
    NUMBER_FELL,
    ON_THE_WAY,
    OPENING,
    RANDOM,
    REFUSED,
    SERVE,
    SHIFT_ENDED,
    STILL_ON,
    TO_BREAK,
    UNAVAILABLE,
    UNSETTLED,
    Day,
    Floor,
    Log,
)
from ccsim.engine.heaps import rise, sink
from ccsim.engine.streams import accepts, notice, route_uniform

# What an agent is doing
OFF, IDLE, BUSY, ON_BREAK = range(4)
# Why a busy agent will not come back for more: not at all; its time is over; it is closing time and it looks for one more call first;
# its pool was released (and may be activated again); its pool is over for the day
STAYS, LEAVES, LEAVES_LAST, RELEASED, DISMISSED = range(5)
# Rare events: order of those of one rank and number; the roster's kinds are mapped to these
_RETURN, _LOG_IN, _CONTINGENT, _NUMBER, _BREAK, _LOG_OUT, _UNAVAILABLE, _BLOCK_END, _TICK, _CHECK, _CLOSING, _OPENING = range(12)
_RANK_SHIFT, _NUMBER_SHIFT = 48, 8
# Where the next rare event stands, and what kind of event is next
_FROM_ROSTER, _FROM_HEAP, _FROM_POOL = 1, 2, 3
_RARELY, _COMPLETED, _HANG_UP, _ARRIVAL = range(4)
_NO_EVENT = 1 << 62
_NOTHING, _ASKS_AGAIN, _ACTIVATES, _RELEASES = range(4)  # what a pool does
_CLOSES, _OPEN = 0, 1  # slots of `clock`: when the day that is on closes (or the last one closed) [s]; 1 while open
_NONE = -1.0
_VOID = -2  # in place of an agent: an event that had been called off
_NOWHERE = -1  # else a kind of spell: where an agent goes who came free
# Slots of `Book.count`
_SPELLS, _ASKS, _ACTIVATIONS, _RARE, _SHORT = range(5)

_INF = np.inf
_jit = njit(cache=True, nogil=True, error_model="numpy")


_WHOLE, _REAL = np.int64, np.float64

# One record an agent; what a completed call touches stands first, in one cache line.
AGENT = np.dtype(
    [
        ("team", _WHOLE),
        ("next_team", _WHOLE),  # team after the call in hand, -1 none
        ("leaving", _WHOLE),  # STAYS ... DISMISSED
        ("owed", _REAL),  # s of break due, _NONE if none is
        ("turn", _WHOLE),  # the lower, the longer idle
        ("before", _WHOLE),  # neighbours in the team's order of idleness, -1 none
        ("after", _WHOLE),
        ("factor", _REAL),  # of the handle time
        ("state", _WHOLE),  # OFF, IDLE, BUSY, ON_BREAK
        ("spell_from", _REAL),  # s
        ("due", _REAL),  # s, when the shift ended
        ("back_at", _REAL),  # s, end of the break that is being taken
        ("shift", _WHOLE),  # shift instance that the agent is on
        ("log_in_due", _REAL),  # s, of a contingent on the way, else nan
        ("block_until", _REAL),  # s
        ("ask_row", _WHOLE),  # row of the ask that holds
        ("asked_in", _WHOLE),  # activation in which the person was last asked, counted from 1
    ],
    align=True,
)

TEAM = np.dtype(
    [
        ("first", _WHOLE),  # who has been idle longest, -1 none
        ("last", _WHOLE),
        ("idle", _WHOLE),  # how many are
        ("on_duty", _WHOLE),  # as rules and estimates count it
        ("contingent", _WHOLE),  # pool, -1 for regulars
        ("positions", _WHOLE),  # 1 for positions by interval
        ("due_out", _WHOLE),  # positions that leave as they come free
        ("due_last", _WHOLE),  # positions that leave when nobody they take waits
        ("number", _WHOLE),  # positions wanted now
        ("fell", _REAL),  # s, last fall of the number
        ("first_agent", _WHOLE),
        ("agents", _WHOLE),
    ]
)

QUEUE = np.dtype([("first", _WHOLE), ("last", _WHOLE), ("waiting", _WHOLE), ("line_share", _REAL)])

POOL = np.dtype(
    [
        ("team", _WHOLE),
        ("active", _WHOLE),
        ("activation", _WHOLE),  # activations so far
        ("row", _WHOLE),  # of the running one
        ("window", _WHOLE),  # row of `pool_window` that is on, or comes next
        ("next_tick", _REAL),  # s
        ("next_check", _REAL),  # s
        ("checks", _WHOLE),  # multiple of `check` that it is
        ("over_at", _REAL),  # s, end of the last window
        ("answers", _WHOLE),  # answered calls that AVERAGE_WAIT has seen
        ("old", _WHOLE),  # of these, fallen out of the window
        ("release_old", _WHOLE),  # ... of the release's window
        ("when", _WHOLE),
        ("reaches", _REAL),
        ("call_up", _WHOLE),
        ("every", _REAL),
        ("check", _REAL),
        ("over", _REAL),
        ("release_when", _WHOLE),
        ("release_over", _REAL),
        ("falls_to", _REAL),
        ("block", _REAL),
        ("accept", _REAL),
        ("name", np.uint64),
    ]
)


SPELL = np.dtype([("agent", _WHOLE), ("team", _WHOLE), ("kind", _WHOLE), ("start", _REAL), ("end", _REAL), ("due", _REAL)])
ASK = np.dtype([("pool", _WHOLE), ("agent", _WHOLE), ("outcome", _WHOLE), ("time", _REAL), ("due", _REAL), ("settled", _REAL)])
ACTIVATION = np.dtype([("pool", _WHOLE), ("time", _REAL), ("until", _REAL)])


class Book(NamedTuple):
    """What the rare events write down, and the heap of those to come (returns, log-ins of contingents, ends of blocks)."""

    spells: NDArray[Any]  # [L] SPELL
    asks: NDArray[Any]  # [K] ASK
    activations: NDArray[Any]  # [V] ACTIVATION
    rare_time: NDArray[np.float64]  # [R]
    rare_code: NDArray[np.int64]  # [R]
    count: NDArray[np.int64]  # [5] spells, asks, activations, size of the rare heap, 1 if a buffer was too small


@_jit
def _code(rank, number, kind):  # type: ignore[no-untyped-def]
    """Where a rare event stands among those of its instant: by rank, number, kind."""
    return (rank << _RANK_SHIFT) | ((number + 1) << _NUMBER_SHIFT) | kind


@_jit
def _later(book, time, code):  # type: ignore[no-untyped-def]
    """Put a rare event into its heap."""
    n = book.count[_RARE]
    if n == book.rare_time.size:
        book.count[_SHORT] = 1
        return
    rise(book.rare_time, book.rare_code, n, time, code)
    book.count[_RARE] = n + 1


@_jit
def _end_spell(agents, book, agent, time, due, kind):  # type: ignore[no-untyped-def]
    """Write down a stretch on duty that is over."""
    n = book.count[_SPELLS]
    if n == book.spells.size:
        book.count[_SHORT] = 1
        return
    book.count[_SPELLS] = n + 1
    spell = book.spells[n]
    spell.agent = agent
    spell.team = agents[agent].team
    spell.kind = kind
    spell.start = agents[agent].spell_from
    spell.end = time
    spell.due = due


@_jit
def _idle_leaves(agents, teams, book, agent, time, kind):  # type: ignore[no-untyped-def]
    """An idle agent goes off duty, for a break or for good."""
    me = agents[agent]
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
    team.on_duty -= 1
    _end_spell(agents, book, agent, time, time, kind)
    me.state = OFF


@_jit
def _take_break(agents, book, agent, time):  # type: ignore[no-untyped-def]
    """An agent already off the lists begins the break it is owed."""
    me = agents[agent]
    me.state = ON_BREAK
    me.back_at = time + me.owed
    me.owed = _NONE
    _later(book, me.back_at, _code(0, agent, _RETURN))


@_jit
def _log_in(agents, teams, agent, team, shift, time):  # type: ignore[no-untyped-def]
    """An agent comes on duty."""
    me = agents[agent]
    me.team = team
    me.shift = shift
    me.leaving = STAYS
    me.next_team = -1
    me.owed = _NONE
    me.spell_from = time
    teams[team].on_duty += 1


@_jit
def _roster_log_in(agents, teams, book, agent, team, shift, time):  # type: ignore[no-untyped-def]
    """A shift or a recorded stretch starts. Returns whether the agent is free to look for a call."""
    me = agents[agent]
    if me.state == OFF or me.state == IDLE:
        if me.state == IDLE:
            _idle_leaves(agents, teams, book, agent, time, MOVED)
        _log_in(agents, teams, agent, team, shift, time)
        return True
    me.shift = shift
    if me.state == BUSY and me.leaving != STAYS:
        if me.leaving == LEAVES_LAST:
            teams[me.team].on_duty -= 1
        _end_spell(agents, book, agent, time, me.due, SHIFT_ENDED)
        _log_in(agents, teams, agent, team, shift, time)
    elif me.state == ON_BREAK:
        me.team = team
    else:
        me.next_team = team
    return False


@_jit
def _roster_log_out(agents, teams, book, agent, time, closing):  # type: ignore[no-untyped-def]
    """A shift ends; `closing` where who is busy looks for one more call first."""
    me = agents[agent]
    me.due = time
    if me.state == IDLE:
        _idle_leaves(agents, teams, book, agent, time, SHIFT_ENDED)
    elif me.state == ON_BREAK:
        me.state = OFF
    elif me.state == BUSY and me.leaving == STAYS:
        if closing:
            me.leaving = LEAVES_LAST
        else:
            me.leaving = LEAVES
            teams[me.team].on_duty -= 1


@_jit
def _break_due(agents, teams, book, agent, length, time):  # type: ignore[no-untyped-def]
    """A break falls due."""
    me = agents[agent]
    if me.state == IDLE:
        _idle_leaves(agents, teams, book, agent, time, TO_BREAK)
        me.owed = length
        _take_break(agents, book, agent, time)
    elif me.state == ON_BREAK:
        me.back_at += length
        _later(book, me.back_at, _code(0, agent, _RETURN))
    elif me.state == BUSY:
        me.owed = length if me.owed < 0.0 else me.owed + length


@_jit
def _number_changes(agents, teams, book, number, new, time):  # type: ignore[no-untyped-def]
    """The number of positions changes. Returns how many have to log in."""
    team = teams[number]
    change = new - team.number
    team.number = new
    if change < 0:
        team.fell = time
        while change < 0 and team.idle > 0:
            _idle_leaves(agents, teams, book, team.first, time, NUMBER_FELL)
            change += 1
        team.due_out -= change
        team.on_duty += change
        return 0
    kept = min(change, team.due_out)
    team.due_out -= kept
    team.on_duty += kept
    return change - kept


@_jit
def _go_inactive(pools, book, number, time):  # type: ignore[no-untyped-def]
    """The running activation of a pool, if any, is over."""
    if pools[number].active:
        pools[number].active = 0
        book.activations[pools[number].row].until = time
        pools[number].next_tick = _INF


@_jit
def _call_off(agents, book, agent, time, outcome):  # type: ignore[no-untyped-def]
    """A contingent on the way need not come."""
    if not np.isnan(agents[agent].log_in_due):
        agents[agent].log_in_due = np.nan
        book.asks[agents[agent].ask_row].outcome = outcome
        book.asks[agents[agent].ask_row].settled = time


@_jit
def _dismiss(agents, teams, pools, book, number, time):  # type: ignore[no-untyped-def]
    """The end of `available`, or closing: the pool is over for the day."""
    _go_inactive(pools, book, number, time)
    team = teams[pools[number].team]
    for agent in range(team.first_agent, team.first_agent + team.agents):
        me = agents[agent]
        _call_off(agents, book, agent, time, LAPSED)
        if me.state == IDLE:
            _idle_leaves(agents, teams, book, agent, time, CONTINGENT_LEFT)
        elif me.state == BUSY:
            if me.leaving == STAYS:
                team.on_duty -= 1
            me.leaving = DISMISSED


@_jit
def _let_go(agents, teams, book, agent, time):  # type: ignore[no-untyped-def]
    """A contingent whose block is over and whose pool is inactive leaves, or finishes the call in hand first."""
    me = agents[agent]
    if me.state == IDLE:
        _idle_leaves(agents, teams, book, agent, time, CONTINGENT_LEFT)
    elif me.state == BUSY and me.leaving == STAYS:
        me.leaving = RELEASED
        teams[me.team].on_duty -= 1


@_jit
def _release(agents, teams, pools, book, number, time):  # type: ignore[no-untyped-def]
    """The value fell to the release level: call off who is on the way, let go whose block is over."""
    _go_inactive(pools, book, number, time)
    team = teams[pools[number].team]
    for agent in range(team.first_agent, team.first_agent + team.agents):
        _call_off(agents, book, agent, time, CALLED_OFF)
        if agents[agent].state != OFF and agents[agent].block_until <= time:
            _let_go(agents, teams, book, agent, time)


@_jit
def _ask(agents, teams, pools, book, number, time, key, law, values):  # type: ignore[no-untyped-def]
    """Call up to `call_up` people who are off, not on the way, and not yet asked in this activation."""
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
        left -= 1
        k = book.count[_ASKS]
        if k == book.asks.size:
            book.count[_SHORT] = 1
            return
        book.count[_ASKS] = k + 1
        me.asked_in = n + 1
        ask = book.asks[k]
        ask.pool = number
        ask.agent = agent
        ask.time = time
        if accepts(key, pool.name, person, n, pool.accept):
            ask.due = time + notice(key, pool.name, person, n, law, values)
            ask.outcome = ON_THE_WAY
            ask.settled = np.nan
            me.log_in_due = ask.due
            me.ask_row = k
            _later(book, ask.due, _code(0, agent, _CONTINGENT))
        else:
            ask.due = np.nan
            ask.outcome = REFUSED
            ask.settled = time


@_jit
def _activate(agents, teams, pools, book, number, time):  # type: ignore[no-untyped-def]
    """The trigger is reached: the pool goes active and keeps who is still on."""
    v = book.count[_ACTIVATIONS]
    if v == book.activations.size:
        book.count[_SHORT] = 1
        return
    book.count[_ACTIVATIONS] = v + 1
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


@_jit
def _contingent_log_in(agents, teams, pools, book, agent, time):  # type: ignore[no-untyped-def]
    """A contingent who said yes is there. Returns whether that still holds."""
    me = agents[agent]
    if me.log_in_due != time or me.state != OFF:
        return False
    book.asks[me.ask_row].outcome = LOGGED_IN
    book.asks[me.ask_row].settled = time
    me.log_in_due = np.nan
    me.block_until = time + pools[teams[me.team].contingent].block
    _log_in(agents, teams, agent, me.team, -1, time)
    _later(book, me.block_until, _code(5, agent, _BLOCK_END))
    return True


@_jit
def _close(agents, teams, queues, pools, calls, book, serve_queue, time, serve):  # type: ignore[no-untyped-def]
    """Closing: positions fall to nothing, pools are over for the day, and callers whom nobody left takes hang up."""
    for g in range(teams.size):
        team = teams[g]
        if team.positions and team.number > 0:
            if serve:
                team.number = 0
                team.fell = time
                while team.idle > 0:
                    _idle_leaves(agents, teams, book, team.first, time, NUMBER_FELL)
                team.due_last = team.on_duty
            else:
                _number_changes(agents, teams, book, g, 0, time)
    for p in range(pools.size):
        _dismiss(agents, teams, pools, book, p, time)
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
                calls.outcome[c] = HUNG_UP
                calls.moved_on[c] = time
                c = np.int64(calls.after[c])
            queues[q].first = -1
            queues[q].last = -1
            queues[q].waiting = 0


@_jit
def _rarely(agents, teams, queues, pools, calls, book, clock, serve_queue, open_window, serve, time, kind, number, value, shift):  # type: ignore[no-untyped-def]
    """Something of the roster, a break, a contingent, closing.

    Returns the agent who came free (-1: none; _VOID: nothing happened, the event had been called off), and how many positions have to log in.
    """
    free, new_logins = -1, 0
    if kind == _LOG_IN:
        if _roster_log_in(agents, teams, book, number, int(value), shift, time):
            free = number
    elif kind == _RETURN:
        me = agents[number]
        if me.state != ON_BREAK or me.back_at != time:
            return _VOID, 0
        me.spell_from = time
        teams[me.team].on_duty += 1
        free = number
    elif kind == _BREAK:
        if agents[number].shift == shift:
            _break_due(agents, teams, book, number, value, time)
    elif kind == _LOG_OUT:
        if agents[number].shift == shift:
            _roster_log_out(agents, teams, book, number, time, serve and time >= clock[_CLOSES])
    elif kind == _NUMBER:
        new_logins = _number_changes(agents, teams, book, number, int(value), time)
    elif kind == _CONTINGENT:
        free = number if _contingent_log_in(agents, teams, pools, book, number, time) else _VOID
    elif kind == _BLOCK_END:
        me = agents[number]
        if me.block_until != time or me.state == OFF:
            return _VOID, 0
        if pools[teams[me.team].contingent].active == 0:
            _let_go(agents, teams, book, number, time)
    elif kind == _UNAVAILABLE:
        _dismiss(agents, teams, pools, book, number, time)
    elif kind == _OPENING:
        clock[_OPEN] = 1.0
        clock[_CLOSES] = open_window[number, 1]
        for g in range(teams.size):
            teams[g].due_out += teams[g].due_last
            teams[g].on_duty -= teams[g].due_last
            teams[g].due_last = 0
    elif kind == _CLOSING:
        clock[_OPEN] = 0.0
        clock[_CLOSES] = time
        _close(agents, teams, queues, pools, calls, book, serve_queue, time, serve)
    return free, new_logins


@_jit
def _moves(agents, teams, book, agent, time):  # type: ignore[no-untyped-def]
    """An agent whose call is done goes over to its next team."""
    me = agents[agent]
    teams[me.team].on_duty -= 1
    _end_spell(agents, book, agent, time, time, MOVED)
    me.team = me.next_team
    me.next_team = -1
    me.spell_from = time
    teams[me.team].on_duty += 1


@_jit
def _goes(agents, teams, book, agent, time, where):  # type: ignore[no-untyped-def]
    """An agent who is off the lists goes off duty after a call; `where` is a kind of spell."""
    me = agents[agent]
    team = teams[me.team]
    if where == TO_BREAK:
        _end_spell(agents, book, agent, time, time, where)
        team.on_duty -= 1
        _take_break(agents, book, agent, time)
        return
    me.state = OFF
    if where == SHIFT_ENDED:
        _end_spell(agents, book, agent, time, me.due, where)
        if me.leaving == LEAVES_LAST:
            team.on_duty -= 1
    elif where == NUMBER_FELL:
        _end_spell(agents, book, agent, time, team.fell, where)
        if team.due_out > 0:
            team.due_out -= 1
        else:
            team.due_last -= 1
            team.on_duty -= 1
    else:
        _end_spell(agents, book, agent, time, time, where)


@_jit
def _acts(agents, teams, pools, book, number, time, what, key, law, values):  # type: ignore[no-untyped-def]
    """A pool asks again, goes active and asks, or goes inactive."""
    if what == _RELEASES:
        _release(agents, teams, pools, book, number, time)
        return
    if what == _ACTIVATES:
        _activate(agents, teams, pools, book, number, time)
    _ask(agents, teams, pools, book, number, time, key, law, values)


class Roster(NamedTuple):
    """The events that stand in the roster (`Floor.event_*`) and who turned up for them."""

    time: NDArray[np.float64]
    code: NDArray[np.int64]  # `_code`
    number: NDArray[np.int64]
    value: NDArray[np.float64]
    shift: NDArray[np.int64]
    present: NDArray[np.uint8]


class Choices(NamedTuple):
    """Who may take what, best first (`Floor.offer_*` and `Floor.serve_*`)."""

    offer_team: NDArray[np.int64]
    offer_tier: NDArray[np.int64]
    serve_queue: NDArray[np.int64]
    serve_tier: NDArray[np.int64]


class PoolTables(NamedTuple):
    """What the pools look at (`Floor.pool_*`), and the running totals behind AVERAGE_WAIT."""

    takes_queue: NDArray[np.int64]
    counts_team: NDArray[np.int64]
    mean_handle: NDArray[np.float64]
    window: NDArray[np.float64]
    notice: NDArray[np.float64]
    values: NDArray[np.float64]
    answer_time: NDArray[np.float64]  # [P, N or 0] s
    answer_total: NDArray[np.float64]  # [P, N + 1 or 1] running total of the waits of answered calls [s]


class Calls(NamedTuple):
    """The calls of a day, what becomes of them, and the lists and heaps that they stand in. N calls."""

    arrival: NDArray[np.float64]
    queue: NDArray[np.int64]
    handle_time: NDArray[np.float64]
    patience: NDArray[np.float64]
    outcome: NDArray[np.int8]
    moved_on: NDArray[np.float64]
    ended: NDArray[np.float64]
    agent: NDArray[np.int32]
    before: NDArray[np.int32]  # neighbours in the queue, -1 none
    after: NDArray[np.int32]
    hang_time: NDArray[np.float64]  # [N + 1] heap of hang-ups
    hang_call: NDArray[np.int32]


class Busy(NamedTuple):
    """The heaps of completed calls, and of lines that answered calls hold."""

    done_time: NDArray[np.float64]  # [A + 1]
    done_agent: NDArray[np.int32]
    line_time: NDArray[np.float64]  # [lines + 1]
    line_call: NDArray[np.int32]


@_jit
def _random_idle(agents, teams, offer_team, offer_tier, queue, u):  # type: ignore[no-untyped-def]
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


@_jit
def _play(agents, teams, queues, pools, calls, busy, roster, choices, tables, book, clock, interval_start, open_window, key, serve, random, lines):  # type: ignore[no-untyped-def]
    """Play a path: the log is in `calls` and `book`; `book.count[_SHORT]` is 1 if a buffer was too small and all is void."""
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
    clock[_CLOSES], clock[_OPEN] = _INF, 0.0
    new_logins = 0  # positions still to log in after a rise of the number
    new_team = -1
    t_last = -_INF
    rare_stale = True
    rare_time, rare_code, rare_source = _INF, _NO_EVENT, 0

    while True:
        # ---- what comes next: a rare event, a completed call, a hang-up or an arrival
        if rare_stale:
            rare_stale = False
            while e < n_events and event_shift[e] >= 0 and present[event_shift[e]] == 0:
                e += 1
            rare_time, rare_code, rare_source = _INF, _NO_EVENT, 0
            if e < n_events:
                rare_time, rare_code, rare_source = event_time[e], event_code[e], _FROM_ROSTER
            if book.count[_RARE] > 0:
                first_time, first_code = book.rare_time[0], book.rare_code[0]
                if first_time < rare_time or (first_time == rare_time and first_code < rare_code):
                    rare_time, rare_code, rare_source = first_time, first_code, _FROM_HEAP
            for p in range(n_pools):
                for kind in range(_TICK, _CHECK + 1):
                    first_time = pools[p].next_tick if kind == _TICK else pools[p].next_check
                    first_code = (4 << _RANK_SHIFT) | ((p + 1) << _NUMBER_SHIFT) | kind
                    if first_time < rare_time or (first_time == rare_time and first_code < rare_code):
                        rare_time, rare_code, rare_source = first_time, first_code, _FROM_POOL
        while n_hang > 0 and outcome[hang_call[0]] != UNSETTLED:
            n_hang -= 1
            sink(hang_time, hang_call, n_hang)
        t = arrival[i] if i < n_calls else _INF
        what = _ARRIVAL
        if n_hang > 0 and hang_time[0] <= t:
            t = hang_time[0]
            what = _HANG_UP
        if n_done > 0 and done_time[0] <= t:
            t = done_time[0]
            what = _COMPLETED
        if rare_time < t or (rare_time == t and (rare_code >> _RANK_SHIFT) == 0):
            t = rare_time
            what = _RARELY
        if t == _INF or book.count[_SHORT] != 0:
            break
        free = -1  # the agent who came free
        done = False  # ... from a call
        take = -1  # a call that `by` answers
        by = -1
        look_at = -1  # the pool whose tick or check it is

        if what == _COMPLETED:
            free = done_agent[0]
            done = True
            n_done -= 1
            sink(done_time, done_agent, n_done)

        elif what == _ARRIVAL:
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
                    by = _random_idle(agents, teams, offer_team, offer_tier, q, route_uniform(key, c))
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
                    if patience[c] < _INF:
                        rise(hang_time, hang_call, n_hang, t + patience[c], c)
                        n_hang += 1

        elif what == _HANG_UP:
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
            kind = rare_code & 0xFF
            number = ((rare_code >> _NUMBER_SHIFT) & 0xFFFFFFFFFF) - 1
            value = 0.0
            shift = -1
            if rare_source == _FROM_ROSTER:
                value, shift, number = event_value[e], event_shift[e], event_number[e]
                e += 1
            elif rare_source == _FROM_HEAP:
                book.count[_RARE] -= 1
                sink(book.rare_time, book.rare_code, book.count[_RARE])
            if kind == _TICK:
                pools[number].next_tick = t + pools[number].every
                look_at = number
            elif kind == _CHECK:
                pools[number].checks += 1
                pools[number].next_check = pools[number].checks * pools[number].check
                if pools[number].next_check >= pools[number].over_at:
                    pools[number].next_check = _INF
                if clock[_OPEN] == 1.0 and t < clock[_CLOSES]:
                    for row in range(n_windows):
                        if pool_window[number, row, 0] <= t < pool_window[number, row, 1]:
                            look_at = number
                if look_at < 0:
                    continue  # outside `available` and the open hours nobody looks
            else:
                new_team = number
                free, new_logins = _rarely(
                    agents, teams, queues, pools, calls, book, clock, serve_queue, open_window, serve, t, kind, number, value, shift
                )  # fmt: skip
                if free == _VOID:
                    continue
                if kind == _CLOSING:
                    n_waiting = 0
                    for q in range(n_queues):
                        n_waiting += queues[q].waiting

        if look_at < 0 or kind != _CHECK:
            t_last = t  # time alone is no event

        # ---- who came free leaves, takes the next call, or is idle; then who answers, answers; once more for each new position
        while True:
            if free >= 0:
                me = agents[free]
                goes = _NOWHERE
                last_round = False
                if done:
                    if me.next_team >= 0 and me.leaving == STAYS:
                        _moves(agents, teams, book, free, t)
                    team = teams[me.team]
                    last_round = serve and clock[_OPEN] == 0.0 and t >= clock[_CLOSES] and team.contingent < 0
                    if me.leaving != STAYS and not (last_round and me.leaving == LEAVES_LAST):
                        goes = SHIFT_ENDED if team.contingent < 0 else CONTINGENT_LEFT
                    elif team.due_out > 0:
                        goes = NUMBER_FELL
                    elif me.owed >= 0.0 and not last_round:
                        goes = TO_BREAK
                team = teams[me.team]
                if goes == _NOWHERE and n_waiting > 0:
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
                if goes == _NOWHERE and take < 0:
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
                if goes != _NOWHERE:
                    rare_stale = True
                    _goes(agents, teams, book, free, t, goes)
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
            _log_in(agents, teams, free, new_team, -1, t)
            done = False

        # ---- the rules of the contingents are looked at
        if n_pools == 0 or clock[_OPEN] == 0.0 or t >= clock[_CLOSES]:
            continue
        while now_interval < n_intervals - 1 and interval_start[now_interval + 1] <= t:
            now_interval += 1
        for step in range(-1, n_pools):  # first the pool whose tick or check it is, then those that look after every event
            p = step if step >= 0 else look_at
            if p < 0:
                continue
            pool = pools[p]
            if step >= 0 and pool.check < _INF:
                continue
            tick = step < 0 and kind == _TICK
            while pool.window < n_windows and (pool_window[p, pool.window, 1] <= t or pool_window[p, pool.window, 1] <= pool_window[p, pool.window, 0]):
                pool.window += 1
            if pool.window >= n_windows or t < pool_window[p, pool.window, 0]:
                continue
            n_queue = n_idle = n_duty = 0
            oldest = _INF
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
                        level = _INF
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
            acts = _NOTHING
            if tick:
                acts = _ASKS_AGAIN if reached else _NOTHING
            elif pool.active == 0 and reached:
                acts = _ACTIVATES
            elif pool.active == 1 and fallen:
                acts = _RELEASES
            if acts != _NOTHING:
                rare_stale = True
                _acts(agents, teams, pools, book, p, t, acts, key, tables.notice[p], tables.values)

    for a in range(agents.size):
        if agents[a].state == IDLE or agents[a].state == BUSY:
            _end_spell(agents, book, a, t_last, t_last, STILL_ON)


def _roster_codes(f: Floor) -> NDArray[np.int64]:
    """Where each roster event stands among the rare events of its instant (`_code`)."""
    kinds = {LOG_IN: _LOG_IN, NUMBER: _NUMBER, OPENING: _OPENING, BREAK: _BREAK, LOG_OUT: _LOG_OUT, UNAVAILABLE: _UNAVAILABLE, CLOSING: _CLOSING}
    number = f.event_number.copy()
    number[f.event_kind == OPENING] = -1
    for kind, first in ((NUMBER, f.team_first_agent), (UNAVAILABLE, f.team_first_agent[f.pool_team])):
        at = f.event_kind == kind
        number[at] = first[number[at]]
    rank = np.array(EVENT_RANK)[f.event_kind]
    return np.array((rank << _RANK_SHIFT) | ((number + 1) << _NUMBER_SHIFT) | np.array([kinds[k] for k in range(7)])[f.event_kind], np.int64)


class Kernel:
    """The compiled engine for one floor: keeps its buffers from day to day. Not for two threads at once: one `Kernel` a worker."""

    def __init__(self, floor: Floor) -> None:
        f = self.floor = floor
        agents = np.zeros(f.agent_team.size, AGENT)
        agents["team"] = f.agent_team
        for name in ("next_team", "before", "after", "shift"):
            agents[name] = -1
        agents["owed"] = _NONE
        agents["log_in_due"] = np.nan
        teams = np.zeros(f.team_positions.size, TEAM)
        teams["first"] = teams["last"] = -1
        teams["contingent"], teams["positions"] = f.team_is_contingent, f.team_positions
        teams["first_agent"], teams["agents"] = f.team_first_agent, f.team_agents
        queues = np.zeros(f.queue_type.size, QUEUE)
        queues["first"] = queues["last"] = -1
        queues["line_share"] = f.queue_line_share
        pools = np.zeros(f.pool_team.size, POOL)
        for name in ("team", "when", "reaches", "call_up", "every", "check", "over", "release_when", "release_over", "falls_to", "block", "accept", "name"):
            pools[name] = getattr(f, f"pool_{name}")
        pools["next_tick"] = np.inf
        pools["next_check"] = np.inf
        for pool, windows in zip(pools, f.pool_window, strict=True):
            open_rows = windows[windows[:, 1] > windows[:, 0]]
            if np.isfinite(pool["check"]) and open_rows.size:
                pool["over_at"] = open_rows[:, 1].max()
                pool["checks"] = np.ceil(open_rows[:, 0].min() / pool["check"])
                pool["next_check"] = pool["checks"] * pool["check"]
        self._at_first = (agents, teams, queues, pools)
        self._state = tuple(x.copy() for x in self._at_first)
        self._choices = Choices(f.offer_team, f.offer_tier, f.serve_queue, f.serve_tier)
        lines = max(f.lines, 0) + 1
        self._busy = Busy(np.zeros(agents.size + 1), np.zeros(agents.size + 1, np.int32), np.zeros(lines), np.zeros(lines, np.int32))
        self._averages = bool(pools.size) and AVERAGE_WAIT in (*f.pool_when, *f.pool_release_when)
        self._clock = np.zeros(2)
        self._codes = _roster_codes(f)
        self._make_room(4 * f.event_time.size + 8 * agents.size + 256)
        self._size = -1

    def play(self, day: Day) -> Log:
        """What happens on `day`. The arrays of the log are views of buffers that the next call overwrites."""
        f, n = self.floor, day.arrival.size
        if n > self._size:
            self._make_buffers(int(1.1 * n) + 16)
        calls = Calls(day.arrival, day.queue, day.handle_time, day.patience, *(x[:n] for x in self._outcomes), *self._links)
        roster = Roster(f.event_time, self._codes, f.event_number, f.event_value, f.event_shift, day.present)
        tables = PoolTables(
            f.pool_takes_queue, f.pool_counts_team, f.pool_mean_handle, f.pool_window, f.pool_notice, f.values, *self._answers
        )  # fmt: skip
        while True:
            for now, first in zip(self._state, self._at_first, strict=True):
                np.copyto(now, first)
            self._state[0]["factor"] = day.factor
            calls.outcome.fill(UNSETTLED)
            calls.moved_on.fill(np.nan)
            calls.ended.fill(np.nan)
            calls.agent.fill(-1)
            self._book.count.fill(0)
            _play(
                *self._state, calls, self._busy, roster, self._choices, tables, self._book, self._clock,
                f.interval_start, f.open_window, day.key, f.close == SERVE, f.route == RANDOM, f.lines,
            )  # fmt: skip
            if not self._book.count[_SHORT]:
                return self._log(calls)
            self._make_room(4 * self._book.spells.size)

    def _log(self, calls: Calls) -> Log:
        spells, asks, activations = (int(n) for n in self._book.count[:3])
        spell, ask, activation = self._book.spells[:spells], self._book.asks[:asks], self._book.activations[:activations]
        return Log(
            *calls[4:8],
            *(spell[name] for name in ("agent", "team", "start", "end", "due", "kind")),
            *(activation[name] for name in ("pool", "time", "until")),
            *(ask[name] for name in ("pool", "agent", "time", "due", "outcome", "settled")),
        )

    def _make_room(self, room: int) -> None:
        """Buffers for what the rare events write down."""
        self._book = Book(
            np.zeros(room, SPELL), np.zeros(room, ASK), np.zeros(room, ACTIVATION), np.zeros(room), np.zeros(room, np.int64), np.zeros(5, np.int64)
        )  # fmt: skip

    def _make_buffers(self, size: int) -> None:
        """Buffers for so many calls."""
        self._size = size
        self._outcomes = (np.zeros(size, np.int8), np.zeros(size), np.zeros(size), np.zeros(size, np.int32))
        self._links = (np.zeros(size, np.int32), np.zeros(size, np.int32), np.zeros(size + 1), np.zeros(size + 1, np.int32))
        pools, seen = self.floor.pool_team.size, size if self._averages else 0
        self._answers = (np.zeros((pools, seen)), np.zeros((pools, seen + 1)))


def play(floor: Floor, day: Day) -> Log:
    """What happens on `day`, with buffers of its own."""
    return Kernel(floor).play(day)
