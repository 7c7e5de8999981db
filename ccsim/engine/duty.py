"""From the planner's nouns to the arrays of a `Floor`: who takes what, when everybody is due, what the pools look at."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import floor as fl
from ccsim.engine import streams
from ccsim.engine.floor import EVENT_RANK, Floats, Floor, Ints
from ccsim.engine.traffic import law, mean_handle, offers, serves, takers_of
from ccsim.inputs.contingent import Pool
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.workforce import Group

_WHEN = {"estimated_wait": fl.ESTIMATED_WAIT, "longest_wait": fl.LONGEST_WAIT, "queue": fl.QUEUE, "average_wait": fl.AVERAGE_WAIT}
_ROUTE = {"preference": fl.PREFERENCE, "longest-idle": fl.LONGEST_IDLE, "random": fl.RANDOM}
_DAY = 86400.0
_NEVER = -1.0


class Shifts(NamedTuple):
    """The shift instances of a path: one person on one day. Numbered group by group, day by day (the eve first), person by person."""

    group: Ints  # [S] number of the group
    day: Ints  # [S] day of the path on which it begins, -1 the eve
    person: Ints  # [S] number of the person within the group
    agent: Ints  # [S]
    paid_hours: Floats  # [S] h, unpaid breaks taken out


def build(scenario: Scenario) -> Floor:
    """The floor of a scenario: teams are the groups of `staff` in file order, then the pools of `contingent`; one queue a call type."""
    groups, pools, horizon = list(scenario.staff.values()), list(scenario.contingent.values()), scenario.horizon
    sizes = [_agents(group) for group in groups] + [pool.agents for pool in pools]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    offer_team, offer_tier = offers(scenario)
    serve_queue, serve_tier = serves(scenario)
    counted = [group.positions is not None for group in groups] + [True] * len(pools)
    return Floor(
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
        **_events(scenario, first),
        **_pools(scenario, pools),
    )


def _agents(group: Group) -> int:
    """How many agents a group has: its people, or the most positions of any interval."""
    return group.people if group.people is not None else int(np.max(group.positions, initial=0))  # type: ignore[arg-type]


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans of which the touching ones are made one."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _openings(horizon: Horizon) -> list[tuple[float, float]]:
    """Opening and closing times [s]; a centre that is open round the clock opens once."""
    return _merged([(start, end) for _, start, end in horizon.spans])


def never_closes(horizon: Horizon) -> bool:
    """Whether the only closing is the end of the path, which the centre itself does not see: callers still waiting are then served."""
    return horizon.goes_on and len(_openings(horizon)) == 1


def shifts(scenario: Scenario) -> Shifts:
    """The shift instances of the path, those of the eve included."""
    rows: list[tuple[int, int, int, int, float]] = []
    first = 0
    for g, group in enumerate(scenario.staff.values()):
        if group.people is not None:
            unpaid = sum(rest.length for rest in group.breaks if not rest.paid)
            paid = (sum(end - start for start, end in group.shift) - unpaid) / 3600.0
            for day, _ in group.shifts_on_path(scenario.horizon):
                rows += [(g, day, person, first + person, paid) for person in range(group.people)]
        first += _agents(group)
    table = np.array(rows, np.float64).reshape(-1, 5)
    group_of, day_of, person_of, agent_of = table[:, :4].astype(np.int64).T
    return Shifts(group_of, day_of, person_of, agent_of, table[:, 4])


def _events(scenario: Scenario, first: Ints) -> dict[str, Any]:
    """The roster events, in the order in which they are played."""
    horizon = scenario.horizon
    events: list[tuple[float, int, int, float, int]] = []
    shift = 0
    for g, group in enumerate(scenario.staff.values()):
        if group.positions is not None:
            events += _numbers(g, group, horizon)
            continue
        for day, spans in group.shifts_on_path(horizon):
            for person in range(group.people or 0):
                agent = int(first[g]) + person
                for start, end in _merged(list(spans)):
                    events.append((start, fl.LOG_IN, agent, float(g), shift))
                    events.append((end, fl.LOG_OUT, agent, 0.0, shift))
                for rest in group.breaks:
                    events.append((day * _DAY + rest.start(group.shift, person, group.people or 0), fl.BREAK, agent, rest.length, shift))
                shift += 1
    for number, (start, end) in enumerate(_openings(horizon)):
        events += [(start, fl.OPENING, number, 0.0, -1), (end, fl.CLOSING, number, 0.0, -1)]
    for p, pool in enumerate(scenario.contingent.values()):
        events += [(end, fl.UNAVAILABLE, p, 0.0, -1) for _, end in _windows(pool, horizon)]

    pool_first = {p: int(first[len(scenario.staff) + p]) for p in range(len(scenario.contingent))}

    def order(event: tuple[float, int, int, float, int]) -> tuple[float, int, int, int]:
        time, kind, number, _, _ = event
        if kind == fl.OPENING:
            number = -1
        elif kind == fl.NUMBER:
            number = int(first[number])
        elif kind == fl.UNAVAILABLE:
            number = pool_first[number]
        return time, EVENT_RANK[kind], number, kind

    events.sort(key=order)
    columns: list[Any] = list(zip(*events, strict=True))
    time, kind, number, value, shift_of = columns
    return {
        "event_time": np.array(time, np.float64),
        "event_kind": np.array(kind, np.int64),
        "event_number": np.array(number, np.int64),
        "event_value": np.array(value, np.float64),
        "event_shift": np.array(shift_of, np.int64),
        "open_window": np.array(_openings(horizon)),
    }


def _numbers(team: int, group: Group, horizon: Horizon) -> list[tuple[float, int, int, float, int]]:
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
            events.append((float(start), fl.NUMBER, team, float(number), -1))
        now, before = int(number), float(end)
    return events


def _windows(pool: Pool, horizon: Horizon) -> list[tuple[float, float]]:
    """`available` over the path [s]: on every open day, and from the eve where it passes midnight."""
    start, end = pool.available
    days = [day for day in range(-1, horizon.days) if horizon.is_open(day) and (day >= 0 or end > _DAY)]
    return _merged([(start + day * _DAY, end + day * _DAY) for day in days])


def _pools(scenario: Scenario, pools: list[Pool]) -> dict[str, Any]:
    """What concerns the contingent pools."""
    horizon, takers = scenario.horizon, takers_of(scenario)
    values: list[float] = []
    notice = np.zeros((len(pools), streams.LAW_SIZE))
    for p, pool in enumerate(pools):
        notice[p] = law(pool.notice, values)
    takes = np.array([[int(name in pool.types) for name in scenario.calls] for pool in pools], np.int64).reshape(
        len(pools), len(scenario.calls)
    )
    counts = np.array([[int(bool(set(pool.types) & set(taker.types))) for taker in takers] for pool in pools], np.int64)
    windows = [_windows(pool, horizon) for pool in pools]
    width = max((len(rows) for rows in windows), default=1)
    window = np.zeros((len(pools), max(width, 1), 2))
    for p, rows in enumerate(windows):
        window[p, : len(rows)] = np.array(rows).reshape(-1, 2)
    triggers, releases = [pool.activate for pool in pools], [pool.release for pool in pools]
    return {
        "pool_team": np.arange(len(scenario.staff), len(takers)),
        "pool_takes_queue": takes,
        "pool_counts_team": counts.reshape(len(pools), len(takers)),
        "pool_mean_handle": mean_handle(scenario, takes),
        "pool_when": np.array([_WHEN[rule.when] for rule in triggers], np.int64),
        "pool_reaches": np.array([rule.reaches for rule in triggers]),
        "pool_call_up": np.array(
            [pool.agents if rule.call_up == "all" else rule.call_up for pool, rule in zip(pools, triggers, strict=True)], np.int64
        ),
        "pool_every": np.array([np.inf if rule.every is None else rule.every for rule in triggers]),
        "pool_check": np.array([np.inf if rule.check is None else rule.check for rule in triggers]),
        "pool_over": np.array([rule.over for rule in triggers]),
        "pool_release_when": np.array([_WHEN[rule.when] if rule else fl.QUEUE for rule in releases], np.int64),
        "pool_release_over": np.array([rule.over if rule else 0.0 for rule in releases]),
        "pool_falls_to": np.array([rule.falls_to if rule else _NEVER for rule in releases]),
        "pool_block": np.array([pool.block for pool in pools]),
        "pool_window": window,
        "pool_accept": np.array([pool.accept for pool in pools]),
        "pool_notice": notice,
        "pool_name": np.array([streams.name_key(pool.name) for pool in pools], np.uint64),
        "values": np.array(values or [0.0]),
    }


def scheduled(floor: Floor) -> Floats:
    """Agents scheduled on duty in each interval with everyone present: time average, breaks taken out; positions their number. [G, I]"""
    teams = floor.team_positions.size
    changes: list[list[tuple[float, float]]] = [[] for _ in range(teams)]
    number = np.zeros(teams)
    for time, kind, who, value in zip(floor.event_time, floor.event_kind, floor.event_number, floor.event_value, strict=True):
        if kind == fl.LOG_IN:
            changes[floor.agent_team[who]].append((time, 1.0))
        elif kind == fl.LOG_OUT:
            changes[floor.agent_team[who]].append((time, -1.0))
        elif kind == fl.BREAK:
            changes[floor.agent_team[who]] += [(time, -1.0), (time + value, 1.0)]
        elif kind == fl.NUMBER:
            changes[who].append((time, value - number[who]))
            number[who] = value
        elif kind == fl.CLOSING:
            for g in np.flatnonzero(number):
                changes[g].append((time, -number[g]))
            number[:] = 0.0
    return np.array([_averages(change, floor.interval_start, floor.interval_end) for change in changes]).reshape(teams, -1)


def _averages(changes: list[tuple[float, float]], start: Floats, end: Floats) -> Floats:
    """Time average over each span of a step function given by its changes."""
    if not changes:
        return np.zeros(start.size)
    time, step = np.array(sorted(changes)).T
    level = np.cumsum(step)
    area = np.concatenate([[0.0], np.cumsum(level[:-1] * np.diff(time))])

    def integral(at: NDArray[np.float64]) -> NDArray[np.float64]:
        i = np.searchsorted(time, at, side="right") - 1
        inside = np.maximum(i, 0)
        return np.where(i >= 0, area[inside] + level[inside] * (at - time[inside]), 0.0)

    return (integral(end) - integral(start)) / (end - start)
