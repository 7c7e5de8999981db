"""The floor that futures are played on: without its pools, whose people are on the roster of each future instead."""

from __future__ import annotations

import numpy as np

from ccsim.engine import floor as fl
from ccsim.engine import streams
from ccsim.engine.floor import Floor, Ints

# Roster events that are a pool's
OF_POOLS = (fl.UNAVAILABLE, fl.ACCEPT, fl.BOOKED_FROM, fl.BOOKED_UNTIL, fl.HOURS_END)


def bare(floor: Floor, spare: Ints, people: int, at: float, first: float) -> Floor:
    """The floor without its pools, whose people are on the roster of each future; with agents who stand in, at the end."""
    queues, teams, intervals = floor.queue_type.size, floor.team_positions.size, floor.interval_start.size
    window = floor.open_window.copy()
    now = (window[:, 0] <= at) & (at < window[:, 1])
    window[now, 0] = np.minimum(window[now, 0], first - 1.0)
    none, nobody = np.zeros(0), np.zeros(0, np.int64)
    of_pools = floor.team_is_contingent >= 0
    keep = ~np.isin(floor.event_kind, OF_POOLS)
    return floor._replace(
        team_is_contingent=np.full(teams, -1, np.int64),
        team_first_agent=np.where(of_pools, -1, floor.team_first_agent),
        team_agents=np.where(of_pools, 0, floor.team_agents),
        agent_team=np.concatenate([floor.agent_team, spare]),
        open_window=window,
        event_time=floor.event_time[keep],
        event_kind=floor.event_kind[keep],
        event_number=floor.event_number[keep],
        event_value=floor.event_value[keep],
        event_shift=floor.event_shift[keep],
        rules=None,
        pool_team=nobody,
        pool_takes_queue=np.zeros((0, queues), np.int64),
        pool_counts_team=np.zeros((0, teams), np.int64),
        pool_mean_handle=np.zeros((0, intervals)),
        pool_when=nobody, pool_reaches=none, pool_call_up=nobody, pool_every=none, pool_check=none, pool_over=none,
        pool_release_when=nobody, pool_release_over=none, pool_falls_to=none, pool_block=none,
        pool_window=np.zeros((0, 1, 2)),
        pool_accept=none,
        pool_notice=np.zeros((0, streams.LAW_SIZE)),
        pool_name=np.zeros(0, np.uint64),
        shift_factor=np.concatenate([floor.shift_factor, np.ones(spare.size + people)]) if floor.shift_factor.size else floor.shift_factor,
    )  # fmt: skip
