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
    call      first attempts in order of arrival, 0 to N - 1; then later calls (redials, repeats, transfers) in the order in which it was
              decided that they come, N to N + M - 1
    interval  intervals of the open hours, all days of the path one after another
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.more import Later, Service
from ccsim.engine.pool_rules import PoolRules

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Roster events. The rank orders what happens at one instant (rule 12): 0 log-ins, ends of breaks, changes of number; 1 completed calls;
# 2 hang-ups; 3 arrivals; 4 call-up ticks; 5 breaks, log-outs, ends of `available`; 6 closing. Within a rank: by agent (pool, call) number.
(
    LOG_IN, NUMBER, OPENING, BREAK, LOG_OUT, UNAVAILABLE, CLOSING, OUT_OF_SERVICE, IN_SERVICE, PACE, ACCEPT,
    BOOKED_FROM, BOOKED_UNTIL, HOURS_END,
) = range(14)  # fmt: skip
EVENT_RANK = (0, 0, 0, 5, 5, 5, 6, 0, 0, 0, 0, 4, 4, 5)
# By kind: whether an event belongs to no agent and no pool
WITHOUT_OWNER = np.isin(np.arange(len(EVENT_RANK)), (OPENING, OUT_OF_SERVICE, IN_SERVICE, PACE, ACCEPT))

# `Floor.close`
SERVE, HANG_UP = range(2)
# `Floor.route`
PREFERENCE, LONGEST_IDLE, RANDOM = range(3)
# `Floor.pool_when` and `Floor.pool_release_when`; from FORECAST_WAIT on in `PoolRules.when` only
ESTIMATED_WAIT, LONGEST_WAIT, QUEUE, AVERAGE_WAIT, FORECAST_WAIT, PLAN_GAP, BOOKED, CARD = range(8)
# `Log.outcome`: what became of a call
UNSETTLED, ANSWERED, HUNG_UP, BLOCKED, UNREACHED = range(5)
# `Log.later_kind`: what a later call came of
REDIAL, REPEAT, TRANSFER, TOLD = range(4)
# `Log.spell_kind`: how a stretch on duty ended
TO_BREAK, SHIFT_ENDED, NUMBER_FELL, CONTINGENT_LEFT, STILL_ON, MOVED = range(6)
# `Log.ask_outcome`: what became of one person asked
REFUSED, ON_THE_WAY, LOGGED_IN, CALLED_OFF, LAPSED, FAILED = range(6)


class Roster(NamedTuple):
    """Roster events (E), sorted by time, then rank, then number; those without a number of agent, team or pool before all others.

    Number and value by kind: LOG_IN agent, team; LOG_OUT agent, 0; BREAK agent, length [s]; NUMBER team, the new number; UNAVAILABLE pool,
    0; OPENING and CLOSING day of the path, 0; OUT_OF_SERVICE queue, row of `Service.told_chance` (-1: callers wait); IN_SERVICE queue, 0;
    PACE queue, the factor on handle times from now on; ACCEPT pool, the factor on `pool_accept` from now on; BOOKED_FROM and BOOKED_UNTIL
    pool, row of `PoolRules.when`; HOURS_END agent, 0.
    """

    time: Floats  # [E] s
    kind: Ints  # [E] LOG_IN ... HOURS_END
    number: Ints  # [E]
    value: Floats  # [E]
    shift: Ints  # [E] shift instance (one person on one day) this belongs to, -1 for what belongs to none


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
    event_time: Floats  # [E] as in `Roster`
    event_kind: Ints  # [E]
    event_number: Ints  # [E]
    event_value: Floats  # [E]
    event_shift: Ints  # [E]

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

    # what a floor may have besides; both or neither
    service: Service | None = None
    later: Later | None = None
    shift_factor: Floats = np.ones(0)  # [S] factor on the handle times of a person while on this shift (people still learning); [0]: none
    rules: PoolRules | None = None  # what some pools have besides; where it is there, all pools go by it


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
    caller: Ints = np.zeros(0, np.int64)  # [N] number of the caller in its type's list; [0] without `later`
    roster: Roster | None = None  # the day's own roster events (late comers, pieces of coaching ...) in place of the floor's
    able: NDArray[np.uint8] = np.zeros(0, np.uint8)  # [A] 0 for contingents who are not ready and never asked; [0]: all are


class Log(NamedTuple):
    """What happened. Times not reached are nan, agents not found -1."""

    # C = N + M calls, first attempts and later calls
    outcome: NDArray[np.int8]  # [C] ANSWERED, HUNG_UP, BLOCKED, UNREACHED; UNSETTLED if the path ended first (a queue nobody serves)
    moved_on: Floats  # [C] s; when it was answered, hung up, was blocked or was called back in vain; nan if UNSETTLED
    ended: Floats  # [C] s; end of handling, or of ringing in vain; nan unless ANSWERED or UNREACHED
    agent: NDArray[np.int32]  # [C] who answered or rang, or -1

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
    ask_outcome: Ints  # [K] REFUSED, LOGGED_IN, CALLED_OFF, LAPSED, FAILED (said yes and did not come)
    ask_settled: Floats  # [K] s; REFUSED: ask_time; LOGGED_IN: log-in; FAILED: ask_due; CALLED_OFF, LAPSED: when that was known

    # later calls (M), in the order in which it was decided that they come; empty without `Floor.later`
    later_arrival: Floats = np.zeros(0)  # [M] s
    later_queue: Ints = np.zeros(0, np.int64)  # [M]
    later_interval: Ints = np.zeros(0, np.int64)  # [M] interval begun last at its arrival
    later_handle: Floats = np.zeros(0)  # [M] s, before factors
    later_patience: Floats = np.zeros(0)  # [M] s
    later_kind: Ints = np.zeros(0, np.int64)  # [M] REDIAL ... TOLD
    later_before: Ints = np.zeros(0, np.int64)  # [M] number of the call that it came of
    later_first: Ints = np.zeros(0, np.int64)  # [M] number of the first attempt at the root of it
    later_attempt: Ints = np.zeros(0, np.int64)  # [M] how many calls of the caller came before it
    never_came: Ints = np.zeros(4, np.int64)  # [4] later calls that were due while closed or too late, by kind
    called_back: NDArray[np.uint8] = np.zeros(0, np.uint8)  # [C] 1 where an offer of a call-back was accepted; [0] without `Floor.service`
