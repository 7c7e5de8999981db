"""From the planner's nouns to the arrays of a `Floor`: who takes what, when everybody is due, what the pools look at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import floor as fl
from ccsim.engine import streams
from ccsim.engine.call_ups import WHEN, rows_of, rules, windows_of
from ccsim.engine.floor import EVENT_RANK, Floats, Floor, Ints, Roster
from ccsim.engine.happenings import certain
from ccsim.engine.shifts import Shifts as Shifts
from ccsim.engine.shifts import merged, people_of
from ccsim.engine.shifts import shifts as shifts
from ccsim.engine.traffic import event_rows, law, mean_handle, more, offers, serves, takers_of, waited_for
from ccsim.inputs.activation import Rule
from ccsim.inputs.contingent import Pool
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.workforce import Group

_ROUTE = {"preference": fl.PREFERENCE, "longest-idle": fl.LONGEST_IDLE, "random": fl.RANDOM}
_NEVER = -1.0


def build(scenario: Scenario) -> Floor:
    """The floor of a scenario: teams are the groups of `staff` in file order, then the pools of `contingent`; one queue a call type."""
    groups, pools, horizon = list(scenario.staff.values()), list(scenario.contingent.values()), scenario.horizon
    first = first_agents(scenario)
    sizes = np.diff(first)
    table = shifts(scenario)
    events, _ = roster(scenario, table, certain(scenario))
    offer_team, offer_tier = offers(scenario)
    serve_queue, serve_tier = serves(scenario)
    counted = [group.positions is not None for group in groups] + [True] * len(pools)
    values: list[float] = []  # recorded values that laws draw from
    of_pools = _pools(scenario, pools, values)
    served, later = more(scenario, values)
    floor = Floor(
        close=fl.SERVE if scenario.close == "serve" or never_closes(horizon) else fl.HANG_UP,
        route=_ROUTE[scenario.route],
        lines=-1 if scenario.lines is None else scenario.lines,
        horizon_end=float(horizon.interval_end[-1]),
        interval_start=np.array(horizon.interval_start),
        interval_end=np.array(horizon.interval_end),
        queue_type=np.arange(len(scenario.calls)),
        queue_line_share=np.array([call.line_share for call in scenario.calls.values()]),
        offer_team=offer_team,
        offer_tier=offer_tier,
        serve_queue=serve_queue,
        serve_tier=serve_tier,
        team_is_contingent=np.array([-1] * len(groups) + list(range(len(pools))), np.int64),
        team_positions=np.array([int(group.positions is not None) for group in groups] + [0] * len(pools), np.int64),
        team_first_agent=np.where(counted, first[:-1], -1).astype(np.int64),
        team_agents=np.where(counted, sizes, 0).astype(np.int64),
        agent_team=np.repeat(np.arange(len(sizes)), sizes).astype(np.int64),
        event_time=events.time,
        event_kind=events.kind,
        event_number=events.number,
        event_value=events.value,
        event_shift=events.shift,
        open_window=np.array(_openings(horizon)),
        **of_pools,
        values=np.array(values or [0.0]),
        service=served,
        later=later,
        shift_factor=_learnt(scenario, table),
    )
    return floor._replace(rules=rules(scenario, floor.pool_takes_queue, floor.pool_counts_team, scheduled(floor))) if pools else floor


def _openings(horizon: Horizon) -> list[tuple[float, float]]:
    """Opening and closing times [s]; a centre that is open round the clock opens once."""
    return merged([(start, end) for _, start, end in horizon.spans])


def never_closes(horizon: Horizon) -> bool:
    """Whether the only closing is the end of the path, which the centre itself does not see: callers still waiting are then served."""
    return horizon.goes_on and len(_openings(horizon)) == 1


def roster(scenario: Scenario, table: Shifts, happened: NDArray[np.bool_]) -> tuple[Roster, Ints]:
    """The roster events with everybody present, in the order in which they are played, and where each comes from [E].

    `happened` says which events of `happenings.pairs` do. An event comes from part p of `table` (LOG_IN: p, LOG_OUT: p + P), from rest r
    (BREAK: r + 2 P), or from none of these (-1).
    """
    parts, rests = table.part_start.size, table.rest_start.size
    there = table.fixed_away == 0  # booked leave is no part of the roster that is played
    logs = np.flatnonzero((table.part_login < table.part_end) & there[table.part_shift])
    breaks = np.flatnonzero((table.rest_event == 1) & there[table.rest_shift])
    agent, team = table.agent, table.group.astype(np.float64)
    others = _others(scenario, happened)
    columns: list[Any] = list(zip(*others, strict=True)) if others else [()] * 4
    of_log, of_break = table.part_shift[logs], table.rest_shift[breaks]
    time = np.concatenate([table.part_login[logs], table.part_end[logs], table.rest_start[breaks], np.array(columns[0], np.float64)])
    kind = np.concatenate(
        [np.full(n, what, np.int64) for n, what in ((logs.size, fl.LOG_IN), (logs.size, fl.LOG_OUT), (breaks.size, fl.BREAK))]
        + [np.array(columns[1], np.int64)]
    )
    number = np.concatenate([agent[of_log], agent[of_log], agent[of_break], np.array(columns[2], np.int64)])
    value = np.concatenate([team[of_log], np.zeros(logs.size), table.rest_length[breaks], np.array(columns[3], np.float64)])
    shift = np.concatenate([of_log, of_log, of_break, np.full(len(others), -1)])
    source = np.concatenate([logs, logs + parts, breaks + 2 * parts, np.full(len(others), -1)])
    assert source.size == 0 or source.max() < 2 * parts + rests
    order = np.lexsort((*sort_keys(scenario, kind, number)[::-1], time))
    return Roster(time[order], kind[order], number[order], value[order], shift[order].astype(np.int64)), source[order].astype(np.int64)


def sort_keys(scenario: Scenario, kind: Ints, number: Ints) -> tuple[Ints, Ints, Ints]:
    """What orders events of one instant: rank, number of the agent (-1 for what belongs to none), kind; the first counts most. [E] each."""
    first = first_agents(scenario)
    owner = number.copy()
    owner[fl.WITHOUT_OWNER[kind]] = -1
    of_team, of_pool = kind == fl.NUMBER, kind == fl.UNAVAILABLE
    owner[of_team] = first[number[of_team]]
    owner[of_pool] = first[len(scenario.staff) + number[of_pool]]
    # what belongs to nobody is played in the order given
    return np.array(EVENT_RANK, np.int64)[kind], owner, np.where(owner < 0, 0, kind)


def first_agents(scenario: Scenario) -> Ints:
    """Number of the first agent of each group and pool, and how many agents there are. [G + 1]"""
    sizes = [people_of(group) for group in scenario.staff.values()] + [pool.agents for pool in scenario.contingent.values()]
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _others(scenario: Scenario, happened: NDArray[np.bool_]) -> list[tuple[float, int, int, float]]:
    """Roster events that belong to no shift: openings and closings, numbers of positions, ends of `available`, and what events do."""
    horizon = scenario.horizon
    found: list[tuple[float, int, int, float]] = []
    for g, group in enumerate(scenario.staff.values()):
        if group.positions is not None:
            found += _numbers(g, group, horizon)
    for number, (start, end) in enumerate(_openings(horizon)):
        found += [(start, fl.OPENING, number, 0.0), (end, fl.CLOSING, number, 0.0)]
    return found + rows_of(scenario, first_agents(scenario)) + event_rows(scenario, happened)


def _learnt(scenario: Scenario, table: Shifts) -> Floats:
    """The factor on the handle times of each shift of people still learning, [S]; [0] where nobody is. Floor.shift_factor"""
    groups = list(scenario.staff.values())
    if all(group.learning is None for group in groups):
        return np.ones(0)
    factor = np.ones(table.group.size)
    for g, group in enumerate(groups):
        if group.learning is not None:
            for day in np.unique(table.day[table.group == g]):
                factor[(table.group == g) & (table.day == day)] = group.learning.factor(int(day))
    return factor


def _numbers(team: int, group: Group, horizon: Horizon) -> list[tuple[float, int, int, float]]:
    """Changes of the number of positions; closing sets it to 0 by itself."""
    assert group.positions is not None
    closings = {end for _, end in _openings(horizon)}
    events = []
    now = 0
    before = -np.inf
    for start, end, number in zip(horizon.interval_start, horizon.interval_end, group.positions, strict=True):
        if before in closings:
            now = 0
        if number != now:
            events.append((float(start), fl.NUMBER, team, float(number)))
        now, before = int(number), float(end)
    return events


def _first(pool: Pool) -> Rule:
    """The first level of a pool; of one that never asks, a queue that none is as long as."""
    rule = pool.activate[0]
    return rule.model_copy(update={"when": "queue", "reaches": np.inf}) if pool.never_asks else rule


def _pools(scenario: Scenario, pools: list[Pool], values: list[float]) -> dict[str, Any]:
    """What concerns the contingent pools; recorded values of the notice are appended to `values`."""
    horizon, takers, waiting = scenario.horizon, takers_of(scenario), set(waited_for(scenario))
    notice = np.zeros((len(pools), streams.LAW_SIZE))
    for p, pool in enumerate(pools):
        notice[p] = law(pool.notice, values)
    takes = np.array([[int(name in pool.types and name in waiting) for name in scenario.calls] for pool in pools], np.int64).reshape(
        len(pools), len(scenario.calls)
    )
    counts = np.array([[int(bool(waiting & set(pool.types) & set(taker.types))) for taker in takers] for pool in pools], np.int64)
    windows = [windows_of(pool, horizon) for pool in pools]
    width = max((len(rows) for rows in windows), default=1)
    window = np.zeros((len(pools), max(width, 1), 2))
    for p, rows in enumerate(windows):
        window[p, : len(rows)] = np.array(rows).reshape(-1, 2)
    triggers, releases = [_first(pool) for pool in pools], [pool.release[0] if pool.release else None for pool in pools]
    return {
        "pool_team": np.arange(len(scenario.staff), len(takers)),
        "pool_takes_queue": takes,
        "pool_counts_team": counts.reshape(len(pools), len(takers)),
        "pool_mean_handle": mean_handle(scenario, takes),
        "pool_when": np.array([WHEN[rule.when] for rule in triggers], np.int64),
        "pool_reaches": np.array([rule.reaches for rule in triggers]),
        "pool_call_up": np.array(
            [pool.agents if rule.call_up == "all" else rule.call_up for pool, rule in zip(pools, triggers, strict=True)], np.int64
        ),
        "pool_every": np.array([np.inf if rule.every is None else rule.every for rule in triggers]),
        "pool_check": np.array([np.inf if pool.check is None else pool.check for pool in pools]),
        "pool_over": np.array([rule.over for rule in triggers]),
        "pool_release_when": np.array([WHEN[rule.when] if rule else fl.QUEUE for rule in releases], np.int64),
        "pool_release_over": np.array([rule.over if rule else 0.0 for rule in releases]),
        "pool_falls_to": np.array([rule.falls_to if rule else _NEVER for rule in releases]),
        "pool_block": np.array([pool.block for pool in pools]),
        "pool_window": window,
        "pool_accept": np.array([pool.accept for pool in pools]),
        "pool_notice": notice,
        "pool_name": np.array([streams.name_key(pool.name) for pool in pools], np.uint64),
    }


def scheduled(floor: Floor) -> Floats:
    """Agents scheduled on duty in each interval with everyone present: time average, breaks taken out; positions their number. [G, I]"""
    teams = floor.team_positions.size
    time, kind, who, value = floor.event_time, floor.event_kind, floor.event_number, floor.event_value
    of_positions = _changes_of_positions(floor)
    found = np.zeros((teams, floor.interval_start.size))
    comes, goes, rests = kind == fl.LOG_IN, kind == fl.LOG_OUT, kind == fl.BREAK
    team = np.full(time.size, -1)
    of_people = comes | goes | rests
    team[of_people] = floor.agent_team[who[of_people]]
    for g in range(teams):
        on, off, rest = (np.flatnonzero(which & (team == g)) for which in (comes, goes, rests))
        at = np.concatenate([time[on], time[off], time[rest], time[rest] + value[rest], of_positions[g][:, 0]])
        step = np.repeat([1.0, -1.0, -1.0, 1.0], [on.size, off.size, rest.size, rest.size])
        found[g] = _averages(at, np.concatenate([step, of_positions[g][:, 1]]), floor.interval_start, floor.interval_end)
    return found


def _changes_of_positions(floor: Floor) -> list[Floats]:
    """When the number of each team's positions changes, and by how many, in [n, 2] a team."""
    teams = floor.team_positions.size
    changes: list[list[tuple[float, float]]] = [[] for _ in range(teams)]
    number = np.zeros(teams)
    for e in np.flatnonzero((floor.event_kind == fl.NUMBER) | (floor.event_kind == fl.CLOSING)).tolist():
        time, who, value = floor.event_time[e], floor.event_number[e], floor.event_value[e]
        if floor.event_kind[e] == fl.NUMBER:
            changes[who].append((time, value - number[who]))
            number[who] = value
        else:
            for g in np.flatnonzero(number):
                changes[g].append((time, -number[g]))
            number[:] = 0.0
    return [np.array(change, np.float64).reshape(-1, 2) for change in changes]


def _averages(time: Floats, step: Floats, start: Floats, end: Floats) -> Floats:
    """Time average over each span of a step function given by its changes, in any order."""
    if not time.size:
        return np.zeros(start.size)
    order = np.lexsort((step, time))
    time, step = time[order], step[order]
    level = np.cumsum(step)
    area = np.concatenate([[0.0], np.cumsum(level[:-1] * np.diff(time))])

    def integral(at: NDArray[np.float64]) -> NDArray[np.float64]:
        i = np.searchsorted(time, at, side="right") - 1
        inside = np.maximum(i, 0)
        return np.where(i >= 0, area[inside] + level[inside] * (at - time[inside]), 0.0)

    return (integral(end) - integral(start)) / (end - start)
