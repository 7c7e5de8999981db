"""What one played path is made of: arrays in, arrays out.

The two engines (`reference`, written to be read, and `kernel`, compiled) are functions

    play(floor: Floor, day: Day) -> Log

with no luck of their own: everything random stands in `Day`, or comes from the pure functions of `streams` by a key that stands in `Day`.
`Floor` is the part that every replication of a scenario shares. All times are seconds after the midnight that begins the first day of
the path; the eve of the first day has negative times. The rules that an engine plays by are in docs/rules-of-the-floor.md.

Numbering
    type      call types, in file order
    queue     one per (type, priority); a scenario has one queue a type
    group     groups of `staff` in file order, then pools of `contingent` in file order
    team      people of one group who take the same types in the same order; a scenario has one team a group
    agent     people or positions: regular groups first, group by group, then the contingents, pool by pool
    call      first attempts in order of arrival
    interval  intervals of the open hours, all days of the path one after another
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Roster events. The rank orders what happens at one instant (rule 12): 0 log-ins, ends of breaks, changes of number; 1 completed calls;
# 2 hang-ups; 3 arrivals; 4 call-up ticks; 5 breaks, log-outs, ends of `available`; 6 closing. Within a rank: by agent (pool, call) number.
LOG_IN, NUMBER, OPENING, BREAK, LOG_OUT, UNAVAILABLE, CLOSING = range(7)
EVENT_RANK = (0, 0, 0, 5, 5, 5, 6)

# `Floor.close`
SERVE, HANG_UP = range(2)
# `Floor.route`
PREFERENCE, LONGEST_IDLE, RANDOM = range(3)
# `Floor.pool_when` and `Floor.pool_release_when`
ESTIMATED_WAIT, LONGEST_WAIT, QUEUE, AVERAGE_WAIT = range(4)
# `Log.outcome`: what became of a call
UNSETTLED, ANSWERED, HUNG_UP, BLOCKED = range(4)
# `Log.spell_kind`: how a stretch on duty ended
TO_BREAK, SHIFT_ENDED, NUMBER_FELL, CONTINGENT_LEFT, STILL_ON, MOVED = range(6)
# `Log.ask_outcome`: what became of one person asked
REFUSED, ON_THE_WAY, LOGGED_IN, CALLED_OFF, LAPSED = range(5)


class Floor(NamedTuple):
    """The part of a path that no luck touches: who takes what, the roster, the rules. Arrays are never written to by an engine."""

    close: int  # SERVE or HANG_UP
    route: int  # PREFERENCE, LONGEST_IDLE or RANDOM
    lines: int  # trunks; -1 means unlimited
    horizon_end: float  # no first attempt arrives at or after this [s]

    # intervals (I)
    interval_start: Floats  # [I] s
    interval_end: Floats  # [I] s

    # queues (Q); they are numbered by type, then by falling priority: who waits where
    queue_type: Ints  # [Q] type of the calls in it
    queue_line_share: Floats  # [Q] share of the handle time during which the line is held (talk and hold)

    # an arriving call: the teams that may answer it, best first; equal tiers are told apart by who has been idle longest
    offer_team: Ints  # [Q, G] team numbers, -1 beyond the last
    offer_tier: Ints  # [Q, G] equal numbers are equally good; ascending

    # an agent who comes free: the queues its team answers, best first; equal tiers are told apart by who has waited longest
    serve_queue: Ints  # [G, Q] queue numbers, -1 beyond the last
    serve_tier: Ints  # [G, Q] ascending

    # teams (G)
    team_is_contingent: Ints  # [G] pool number, or -1
    team_positions: Ints  # [G] 1 where the team is positions by interval (rule 5), 0 where it is people on shifts
    team_first_agent: Ints  # [G] for positions and pools: number of its first agent, else -1
    team_agents: Ints  # [G] for positions and pools: how many agents it has, else 0

    # agents (A)
    agent_team: Ints  # [A] team at first log-in

    # roster events (E), sorted by time, then rank, then number
    event_time: Floats  # [E] s
    event_kind: Ints  # [E] LOG_IN ... CLOSING
    event_number: Ints  # [E] agent; team for NUMBER; pool for UNAVAILABLE; day of the path for OPENING and CLOSING
    event_value: Floats  # [E] LOG_IN: team; NUMBER: the new number; BREAK: its length [s]; CLOSING, OPENING: 0
    event_shift: Ints  # [E] shift instance (one person on one day) this belongs to, -1 for NUMBER, OPENING, UNAVAILABLE, CLOSING

    # contingent pools (P)
    pool_team: Ints  # [P]
    pool_takes_queue: Ints  # [P, Q] 1 where the pool takes the queue
    pool_counts_team: Ints  # [P, G] 1 where the team takes a type that the pool takes (rule 8 counts only those)
    pool_mean_handle: Floats  # [P, I] mean handle time of the types taken, weighted by volume [s]
    pool_when: Ints  # [P] ESTIMATED_WAIT ...: what the trigger looks at
    pool_reaches: Floats  # [P] s, or callers for QUEUE
    pool_call_up: Ints  # [P] people asked at a time (the pool's size for `all`)
    pool_every: Floats  # [P] s between further call-ups, inf for none
    pool_check: Floats  # [P] s between looks at the rule, inf: after every event
    pool_over: Floats  # [P] s that AVERAGE_WAIT looks back
    pool_release_when: Ints  # [P]
    pool_release_over: Floats  # [P] s that AVERAGE_WAIT of the release looks back
    pool_falls_to: Floats  # [P] s or callers; -1 for never
    pool_block: Floats  # [P] s paid at least, and not released before
    pool_window: Floats  # [P, D, 2] `available` on each day of the path: from, to [s]; to <= from where it has none
    open_window: Floats  # [O, 2] each opening and closing [s]; open round the clock is one, to the end of the path
    pool_accept: Floats  # [P] chance that a person asked says yes
    pool_notice: Floats  # [P, 6] law of the notice (streams.law)
    pool_name: NDArray[np.uint64]  # [P] key of the pool's name (streams.name_key)
    values: Floats  # recorded values that laws of kind `values` draw from


class Day(NamedTuple):
    """Everything that luck decides before the clock starts, for one replication. N calls, A agents, S shift instances."""

    arrival: Floats  # [N] s, ascending
    queue: Ints  # [N] queue the call waits in
    interval: Ints  # [N] interval in which it arrives
    handle_time: Floats  # [N] s, before the agent's factor
    patience: Floats  # [N] s; 0 balks, inf never hangs up
    present: NDArray[np.uint8]  # [S] 1 where the person works this shift
    factor: Floats  # [A] handle-time factor of each agent
    key: np.uint64  # root of the counter-based draws of this replication (streams.base)
    route: Floats = np.zeros(0)  # [N] uniform that decides who answers under RANDOM; [0] under other routes


class Log(NamedTuple):
    """What happened. Times not reached are nan, agents not found -1."""

    outcome: NDArray[np.int8]  # [N] ANSWERED, HUNG_UP, BLOCKED; UNSETTLED if the path ended first (a queue nobody serves)
    moved_on: Floats  # [N] s; when it was answered, hung up or was blocked; nan if UNSETTLED
    ended: Floats  # [N] s; end of handling, nan unless ANSWERED
    agent: NDArray[np.int32]  # [N] who answered, or -1

    spell_agent: Ints  # [L] stretches on duty, in the order in which they ended, those of one instant in order of processing
    spell_team: Ints  # [L]
    spell_start: Floats  # [L] s
    spell_end: Floats  # [L] s; includes finishing a last call
    spell_due: Floats  # [L] s; when it should have ended (spell_end - spell_due past a shift's end is overtime)
    spell_kind: Ints  # [L] TO_BREAK ...

    activation_pool: Ints  # [V] activations, in order of time
    activation_time: Floats  # [V] s
    activation_until: Floats  # [V] s when the pool went inactive again

    ask_pool: Ints  # [K] people asked, in order of time, then number
    ask_agent: Ints  # [K]
    ask_time: Floats  # [K] s
    ask_due: Floats  # [K] s; when the person would be logged in, nan if REFUSED
    ask_outcome: Ints  # [K] REFUSED, LOGGED_IN, CALLED_OFF, LAPSED
    ask_settled: Floats  # [K] s; REFUSED: ask_time; LOGGED_IN: log-in; CALLED_OFF, LAPSED: when that was known
