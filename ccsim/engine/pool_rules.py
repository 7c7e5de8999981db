"""What only some contingent pools have: several levels, triggers that look ahead, at the plan or at a card, booked times, limits.

A `Floor` without any of it has None in its place; where it is there, all pools of the floor go by it, and `Floor.pool_when`,
`pool_reaches`, `pool_call_up`, `pool_every`, `pool_over`, `pool_accept` and what is told of the release are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ccsim.engine.floor import Floor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOOK_AHEAD_STEP: Final = 60.0  # s; the look-ahead goes in equal steps of at most this
UNLIMITED: Final = -1


class PoolRules(NamedTuple):
    """P pools; K looks, the levels of all pools, pool by pool, and then their releases in the same way; I intervals, Q queues, A agents."""

    first_level: Ints  # [P + 1] looks first_level[p] ... first_level[p + 1] - 1 are the levels of pool p
    first_release: Ints  # [P + 1] the same for its releases, of which there may be none
    when: Ints  # [K] ESTIMATED_WAIT ... CARD
    limit: Floats  # [K] what a level reaches, or what a release falls to [s, callers, people for PLAN_GAP, 1 or 0 for CARD]
    over: Floats  # [K] s that AVERAGE_WAIT looks back
    ahead: Floats  # [K] s that FORECAST_WAIT looks ahead; of a CARD 1 where its agents are divided by how busy the day is, else 0
    plan: Floats  # [K, I] people that PLAN_GAP wants present in each interval
    call_up: Ints  # [K] people asked at a time, for CARD people to have called in all; 0 for a release
    every: Floats  # [K] s between further call-ups of a level, inf for none

    # for cards: a look at one sees whether the cell of the clock and of the regulars on duty is reached; R rows, C numbers of agents
    first_row: Ints  # [K + 1] rows first_row[k] ... first_row[k + 1] - 1 are those of look k, ascending
    row_start: Floats  # [R] s
    row_end: Floats  # [R] s
    row_agents: Floats  # [R, C] ascending; inf beyond the last
    row_queue: Floats  # [R, C] callers waiting from which on the cell is reached; inf for never
    row_oldest: Floats  # [R, C] age of the oldest call from which on it is [s]; inf for never

    # for the look-ahead
    expected: Floats  # [P, I] calls expected in each interval of the types taken
    expected_before: Floats  # [P, I] those expected from the first interval of its day to the beginning of each
    day_start: Floats  # [D] s; -inf, then the beginning of the first interval of each further day
    shape: Floats  # [P] 1 / cv^2 of the day's calls about those expected, inf where they do not vary
    hang_up: Floats  # [P, I] 1/s; 1 / mean patience
    scheduled: Floats  # [P, I] agents of `staff` scheduled on duty who take a type that the pool takes

    # limits
    accept: Floats  # [P, N] chance to say yes of who has been asked 0, 1, ... times before in the week; the last one repeats
    fails: Floats  # [P] chance that who said yes is never there
    week_start: Floats  # [W] s; -inf, then each midnight that begins a week
    most_activations: Ints  # [P] in a period, UNLIMITED
    most_seconds: Floats  # [P] s logged in, of all people of the pool together, in a period after which nobody is asked; inf
    period_start: Floats  # [P, V] s; -inf, then when each further period begins; inf beyond the last
    hours_of: Ints  # [A] row of `hours`, -1 for people who have the hours of their pool
    hours: Floats  # [H, D, 2] hours of people on each day: from, to [s]; to <= from where they have none


def neutral(pools: int, intervals: int, agents: int, looks: int) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """The part of `PoolRules` beside the looks that changes nothing, by field."""
    return {
        "first_row": np.zeros(looks + 1, np.int64),
        "row_start": np.zeros(0),
        "row_end": np.zeros(0),
        "row_agents": np.zeros((0, 1)),
        "row_queue": np.zeros((0, 1)),
        "row_oldest": np.zeros((0, 1)),
        "expected": np.zeros((pools, intervals)),
        "expected_before": np.zeros((pools, intervals)),
        "day_start": np.array([-np.inf]),
        "shape": np.full(pools, np.inf),
        "hang_up": np.zeros((pools, intervals)),
        "scheduled": np.zeros((pools, intervals)),
        "fails": np.zeros(pools),
        "week_start": np.array([-np.inf]),
        "most_activations": np.full(pools, UNLIMITED, np.int64),
        "most_seconds": np.full(pools, np.inf),
        "period_start": np.full((pools, 1), -np.inf),
        "hours_of": np.full(agents, -1, np.int64),
        "hours": np.zeros((0, 1, 2)),
    }


def rules_of(floor: Floor) -> PoolRules:
    """The rules of a floor's pools; those of one level and at most one release are put into the same form."""
    if floor.rules is not None:
        return floor.rules
    pools, intervals = floor.pool_team.size, floor.interval_start.size
    released = np.flatnonzero(floor.pool_falls_to >= 0.0)
    rest = neutral(pools, intervals, floor.agent_team.size, pools + released.size)
    return PoolRules(
        first_level=np.arange(pools + 1),
        first_release=pools + np.searchsorted(released, np.arange(pools + 1)),
        when=np.concatenate([floor.pool_when, floor.pool_release_when[released]]),
        limit=np.concatenate([floor.pool_reaches, floor.pool_falls_to[released]]),
        over=np.concatenate([floor.pool_over, floor.pool_release_over[released]]),
        ahead=np.zeros(pools + released.size),
        plan=np.zeros((pools + released.size, intervals)),
        call_up=np.concatenate([floor.pool_call_up, np.zeros(released.size, np.int64)]),
        every=np.concatenate([floor.pool_every, np.full(released.size, np.inf)]),
        accept=floor.pool_accept.reshape(pools, 1),
        **rest,  # type: ignore[arg-type]
    )
