"""What a pool written by hand may have besides one level and one release, made into `PoolRules`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ccsim.engine.floor import (
    AVERAGE_WAIT,
    BOOKED,
    BOOKED_FROM,
    BOOKED_UNTIL,
    CARD,
    ESTIMATED_WAIT,
    FORECAST_WAIT,
    HOURS_END,
    LONGEST_WAIT,
    PLAN_GAP,
    QUEUE,
)
from ccsim.engine.pool_rules import UNLIMITED, PoolRules

if TYPE_CHECKING:
    from tests.engines.floors import Pool

INF = math.inf
WHEN = {
    "estimated_wait": ESTIMATED_WAIT, "longest_wait": LONGEST_WAIT, "queue": QUEUE, "average_wait": AVERAGE_WAIT,
    "forecast_wait": FORECAST_WAIT, "plan_gap": PLAN_GAP, "booked": BOOKED, "card": CARD,
}  # fmt: skip
Span = tuple[float, float]


@dataclass
class Level:
    """One level of a pool, or one release, which `reaches` is then what falls; `booked` are its booked times."""

    when: str = "queue"
    reaches: float = 1.0
    call_up: int = 1
    every: float = INF
    over: float = 900.0
    ahead: float = 1200.0
    plan: float | Sequence[float] = 0.0
    booked: Sequence[Span] = ()
    card: Sequence[Row] = ()  # rows of its card; `call_up` are then people to have called in all


@dataclass
class Row:
    """One row of a card, for one number to call: from when to when, and by agents on duty the queue and the age that reach the cell."""

    start: float
    end: float
    agents: Sequence[int]
    queue: Sequence[float]
    oldest: Sequence[float]


@dataclass
class PoolMore:
    """What a pool has besides."""

    levels: list[Level] | None = None  # the pool's own where left out
    releases: list[Level] | None = None
    expected: float | Sequence[float] = 0.0  # calls in each interval
    shape: float = INF
    hang_up: float | Sequence[float] = 0.0
    scheduled: float | Sequence[float] = 0.0
    accept: Sequence[float] | None = None
    fails: float = 0.0
    most_activations: int = UNLIMITED
    most_seconds: float = INF
    period_start: Sequence[float] = (-INF,)
    hours: dict[int, Sequence[Span]] = field(default_factory=dict)  # by person of the pool


def levels_of(pool: Pool) -> list[Level]:
    """The levels of a pool."""
    if pool.more is not None and pool.more.levels is not None:
        return pool.more.levels
    return [Level(pool.when, pool.reaches, pool.call_up, pool.every, pool.over)]


def releases_of(pool: Pool) -> list[Level]:
    """The releases of a pool."""
    if pool.more is not None and pool.more.releases is not None:
        return pool.more.releases
    return [Level(pool.release_when, pool.falls_to, over=pool.release_over)] if pool.falls_to >= 0 else []


def events_of(pools: Sequence[Pool]) -> list[tuple[float, int, int, int, int, int, float, int]]:
    """Booked times and ends of people's hours, as `Plan` keeps its events: (time, rank, order, turn, kind, number, value, shift)."""
    found: list[tuple[float, int, int, int, int, int, float, int]] = []
    row = 0
    for number, pool in enumerate(pools):
        for level in levels_of(pool):
            for start, end in level.booked:
                found.append((start, 4, number, 0, BOOKED_FROM, number, float(row), -1))
                found.append((end, 4, number, 1, BOOKED_UNTIL, number, float(row), -1))
            row += 1
        for person, spans in (pool.more.hours if pool.more else {}).items():
            agent = pool.team.agents[person]
            found += [(end, 5, agent, 4, HOURS_END, agent, 0.0, -1) for start, end in spans if end > start]
    return found


def pool_rules(
    pools: Sequence[Pool], starts: Sequence[float], agents: int, day_start: Sequence[float], week_start: Sequence[float]
) -> PoolRules:
    """The rules of these pools; intervals begin at `starts`."""
    intervals = len(starts)
    mores = [pool.more or PoolMore() for pool in pools]
    looks = [look for pool in pools for look in levels_of(pool)] + [look for pool in pools for look in releases_of(pool)]
    sizes, released = [len(levels_of(pool)) for pool in pools], [len(releases_of(pool)) for pool in pools]
    first_level = np.cumsum([0, *sizes])
    expected = np.array([np.broadcast_to(more.expected, intervals) for more in mores], float)
    before = np.zeros_like(expected)
    day = np.searchsorted(day_start, starts, side="right")
    for interval in range(1, intervals):
        if day[interval] == day[interval - 1]:
            before[:, interval] = before[:, interval - 1] + expected[:, interval - 1]
    width = max(len(more.accept or (1,)) for more in mores)
    accept = [list(more.accept or [pool.accept]) for more, pool in zip(mores, pools, strict=True)]
    periods = max(len(more.period_start) for more in mores)
    rows = [(pool.team.agents[person], spans) for pool, more in zip(pools, mores, strict=True) for person, spans in more.hours.items()]
    hours_of = np.full(agents, -1, np.int64)
    hours = np.zeros((len(rows), max((len(spans) for _, spans in rows), default=1), 2))
    for row, (agent, spans) in enumerate(rows):
        hours_of[agent] = row
        hours[row, : len(spans)] = spans
    cells = [row for look in looks for row in look.card]
    columns = max((len(row.agents) for row in cells), default=1)

    def table(name: str) -> np.ndarray:
        return np.array([[*getattr(row, name), *[INF] * (columns - len(row.agents))] for row in cells], float).reshape(-1, columns)

    return PoolRules(
        first_row=np.cumsum([0, *(len(look.card) for look in looks)]),
        row_start=np.array([row.start for row in cells], float),
        row_end=np.array([row.end for row in cells], float),
        row_agents=table("agents"),
        row_queue=table("queue"),
        row_oldest=table("oldest"),
        first_level=first_level,
        first_release=first_level[-1] + np.cumsum([0, *released]),
        when=np.array([WHEN[look.when] for look in looks], np.int64),
        limit=np.array([1.0 if look.when in ("booked", "card") and look.call_up else look.reaches for look in looks], float),
        over=np.array([look.over for look in looks], float),
        ahead=np.array([look.ahead for look in looks], float),
        plan=np.array([np.broadcast_to(look.plan, intervals) for look in looks], float).reshape(len(looks), intervals),
        call_up=np.array([look.call_up for look in looks], np.int64),
        every=np.array([look.every for look in looks], float),
        expected=expected,
        expected_before=before,
        day_start=np.array(day_start, float),
        shape=np.array([more.shape for more in mores], float),
        hang_up=np.array([np.broadcast_to(more.hang_up, intervals) for more in mores], float),
        scheduled=np.array([np.broadcast_to(more.scheduled, intervals) for more in mores], float),
        accept=np.array([row + row[-1:] * (width - len(row)) for row in accept], float),
        fails=np.array([more.fails for more in mores], float),
        week_start=np.array(week_start, float),
        most_activations=np.array([more.most_activations for more in mores], np.int64),
        most_seconds=np.array([more.most_seconds for more in mores], float),
        period_start=np.array([[*more.period_start, *[INF] * (periods - len(more.period_start))] for more in mores], float),
        hours_of=hours_of,
        hours=hours,
    )
