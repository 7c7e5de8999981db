"""From what a planner says of contingent pools to the arrays of a `Floor`: their times, their levels, what they look ahead by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ccsim.engine import floor as fl
from ccsim.engine.demand import expected_by_interval
from ccsim.engine.floor import Floats, Ints
from ccsim.engine.pool_rules import UNLIMITED, PoolRules, neutral
from ccsim.engine.shifts import merged, people_of
from ccsim.inputs.activation import Release, Rule
from ccsim.inputs.call_types import CallType
from ccsim.inputs.contingent import Pool
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.shrinkage import chances

WHEN = {
    "estimated_wait": fl.ESTIMATED_WAIT, "longest_wait": fl.LONGEST_WAIT, "queue": fl.QUEUE, "average_wait": fl.AVERAGE_WAIT,
    "forecast_wait": fl.FORECAST_WAIT, "plan_gap": fl.PLAN_GAP, "card": fl.CARD, "windows": fl.BOOKED, "always": fl.BOOKED,
}  # fmt: skip
_DAY = 86400.0
_MONDAY = 0
Span = tuple[float, float]
Row = tuple[float, int, int, float]  # time, kind, number, value of a roster event


class Level(NamedTuple):
    """One level of a pool; of booked times when they are on the path [s], of a card the number to call."""

    rule: Rule
    booked: Sequence[Span] = ()
    called: int = 0


def times_of(span: Span, horizon: Horizon) -> list[Span]:
    """A span of clock times over the path [s]: on every open day, and from the eve where it passes midnight."""
    start, end = span
    days = [day for day in range(-1, horizon.days) if horizon.is_open(day) and (day >= 0 or end > _DAY)]
    return merged([(horizon.at(day, start), horizon.at(day, end)) for day in days])


def windows_of(pool: Pool, horizon: Horizon) -> list[Span]:
    """When anybody of a pool may be asked and on, over the path [s]."""
    return merged([times for span in pool.spans for times in times_of(span, horizon)])


def is_plain(pool: Pool) -> bool:
    """Whether a pool has one level and at most one release, and nothing that takes `PoolRules`."""
    plain = ("estimated_wait", "longest_wait", "queue", "average_wait", "never")
    looks: list[Rule | Release] = [*pool.activate, *pool.release]
    return (
        len(pool.activate) == 1
        and len(pool.release) <= 1
        and all(look.when in plain for look in looks)
        and not (pool.hours or pool.accept_again or pool.log_in_fails or pool.at_most)
    )


def levels_of(pool: Pool, horizon: Horizon) -> list[Level]:
    """The levels of a pool: none of one that never asks; of one that always does, one for the hours of each of its people."""
    if pool.never_asks:
        return []
    if pool.activate[0].when == "always":
        return [Level(pool.activate[0], times_of(span, horizon)) for span in pool.spans]
    found = []
    for rule in pool.activate:
        if rule.card is not None:
            found += [Level(rule, called=people) for people in rule.card.call]
        else:
            found.append(Level(rule, merged([time for span in rule.windows for time in times_of(span, horizon)])))
    return found


def rows_of(scenario: Scenario, first: Ints) -> list[Row]:
    """Roster events of the pools: ends of `available`, and with `PoolRules` booked times and the ends of people's hours.

    `first` holds the number of each team's first agent.
    """
    horizon, pools = scenario.horizon, list(scenario.contingent.values())
    found: list[Row] = [(end, fl.UNAVAILABLE, p, 0.0) for p, pool in enumerate(pools) for _, end in windows_of(pool, horizon)]
    if all(map(is_plain, pools)):
        return found
    row = 0
    for p, pool in enumerate(pools):
        for level in levels_of(pool, horizon):
            for start, end in level.booked:
                found += [(start, fl.BOOKED_FROM, p, float(row)), (end, fl.BOOKED_UNTIL, p, float(row))]
            row += 1
        for person in range(pool.agents if pool.hours else 0):
            agent = int(first[len(scenario.staff) + p]) + person
            found += [(end, fl.HOURS_END, agent, 0.0) for _, end in times_of(pool.hours[person % len(pool.hours)], horizon)]
    return found


def rules(scenario: Scenario, takes: Ints, counts: Ints, scheduled: Floats) -> PoolRules | None:
    """What the pools of a scenario have besides, None where none has anything.

    `takes` [P, T] and `counts` [P, G] as `Floor.pool_takes_queue` and `pool_counts_team`; `scheduled` [G, I] agents of each team on the
    roster with everyone present.
    """
    horizon, pools = scenario.horizon, list(scenario.contingent.values())
    if all(map(is_plain, pools)):
        return None
    levels = [level for pool in pools for level in levels_of(pool, horizon)]
    sizes = [len(levels_of(pool, horizon)) for pool in pools]
    releases = [release for pool in pools for release in pool.release]
    looks: list[Rule | Release] = [*(level.rule for level in levels), *releases]
    called = [level.called for level in levels] + [0] * len(releases)
    owner = np.repeat(np.arange(len(pools)), sizes).tolist() + [p for p, pool in enumerate(pools) for _ in pool.release]
    planned = counts[:, : len(scenario.staff)] @ (scheduled[: len(scenario.staff)] * _not_on_leave(scenario)[:, None])
    hours_of, hours = _hours(pools, scenario, horizon)
    rest = (
        neutral(len(pools), horizon.intervals, hours_of.size, len(looks))
        | _cards(looks, called, horizon)
        | _ahead(scenario, pools, takes, planned)
        | _limits(pools, horizon)
    )
    return PoolRules(
        **rest
        | {
            "first_level": np.cumsum([0, *sizes]),
            "first_release": len(levels) + np.cumsum([0, *(len(pool.release) for pool in pools)]),
            "when": np.array([WHEN[look.when] for look in looks], np.int64),
            "limit": np.array([_limit(look) for look in looks], np.float64),
            "over": np.array([look.over for look in looks], np.float64),
            "ahead": np.array([look.ahead if look.card is None else float(look.card.by_calls) for look in looks], np.float64),
            "plan": np.array(
                [planned[p] if look.required is None else look.required for look, p in zip(looks, owner, strict=True)], np.float64
            ).reshape(len(looks), horizon.intervals),
            "call_up": np.array([_call_up(look, pools[p], people) for look, p, people in zip(looks, owner, called, strict=True)], np.int64),
            "every": np.array([np.inf if isinstance(look, Release) or look.every is None else look.every for look in looks], np.float64),
            "accept": _chances(pools),
            "fails": np.array([pool.log_in_fails for pool in pools], np.float64),
            "hours_of": hours_of,
            "hours": hours,
        }
    )


def _limit(look: Rule | Release) -> float:
    if isinstance(look, Release):
        return 0.0 if look.card is not None else look.falls_to
    return 1.0 if WHEN[look.when] in (fl.BOOKED, fl.CARD) else look.reaches


def _call_up(look: Rule | Release, pool: Pool, people: int) -> int:
    if isinstance(look, Release):
        return 0
    if look.card is not None:
        return people
    return pool.agents if look.call_up == "all" else look.call_up


def _cards(looks: Sequence[Rule | Release], called: Sequence[int], horizon: Horizon) -> dict[str, Any]:
    """The rows of the cards that are looked at, on every open day: those of a level by the number it calls.

    A release sees whether more people are to be called than it falls to.
    """
    times: list[Span] = []
    cells: list[Floats] = []  # [3, C] each: agents, queue and age
    first = [0]
    days = [day for day in range(-1, horizon.days) if horizon.is_open(day)]
    for look, people in zip(looks, called, strict=True):
        if look.card is not None:
            card = look.card
            more = look.falls_to if isinstance(look, Release) else people - 1
            k = next((k for k, number in enumerate(card.call) if number > more), None)
            queue, oldest = (np.full_like(card.agents, np.inf) if k is None else table[..., k] for table in (card.queue, card.oldest))
            of_a_day = list(zip(card.start.tolist(), card.end.tolist(), strict=True))
            placed = [
                (horizon.at(day, start), horizon.at(day, end), r)
                for day in days
                for r, (start, end) in enumerate(of_a_day)
                if day >= 0 or end > _DAY
            ]
            for start, end, r in sorted(placed):
                times.append((start, end))
                cells.append(np.array([card.agents[r], queue[r], oldest[r]]))
        first.append(len(times))
    if not times:
        return {}
    width = max(cell.shape[1] for cell in cells)
    tables = np.array([np.pad(cell, ((0, 0), (0, width - cell.shape[1])), constant_values=np.inf) for cell in cells])
    return {
        "first_row": np.array(first, np.int64),
        "row_start": np.array([start for start, _ in times], np.float64),
        "row_end": np.array([end for _, end in times], np.float64),
        "row_agents": tables[:, 0].copy(),
        "row_queue": tables[:, 1].copy(),
        "row_oldest": tables[:, 2].copy(),
    }


def _chances(pools: Sequence[Pool]) -> Floats:
    """Chance to say yes by how often a person was asked before. [P, N]"""
    rows = [[pool.accept, *pool.accept_again] for pool in pools]
    width = max(map(len, rows))
    return np.array([row + row[-1:] * (width - len(row)) for row in rows], np.float64)


def _not_on_leave(scenario: Scenario) -> Floats:
    """Share of each group of staff whom planned shrinkage leaves on average. [G]"""
    categories = list(scenario.shrinkage.values())
    planned = {category.name for category in categories if category.kind == "planned"}
    left = np.ones(len(scenario.staff))
    for g, group in enumerate(scenario.staff.values()):
        if group.people is not None:
            left[g] -= sum(chance for name, chance in chances(group, categories).items() if name in planned)
    return left


def _ahead(scenario: Scenario, pools: Sequence[Pool], takes: Ints, planned: Floats) -> dict[str, Any]:
    """What the look-ahead and cards by the calls so far go by, where any pool has one of them."""
    looks: list[Rule | Release] = [rule for pool in pools for rule in pool.activate]
    looks += [release for pool in pools for release in pool.release]
    if not any(look.when == "forecast_wait" or (look.card is not None and look.card.by_calls) for look in looks):
        return {}
    horizon, calls = scenario.horizon, list(scenario.calls.values())
    by_type = expected_by_interval(scenario)
    expected = takes @ by_type
    day = np.asarray(horizon.interval_day)
    begins = np.flatnonzero(np.diff(day, prepend=day[0] - 1))
    upto = np.cumsum(expected, axis=1) - expected
    before = upto - upto[:, begins[np.searchsorted(begins, np.arange(day.size), side="right") - 1]]
    leaving = np.array([np.broadcast_to(0.0 if call.patience is None else 1.0 / call.patience.mean, day.size) for call in calls])
    number = np.maximum(takes.sum(axis=1), 1)[:, None]
    hang_up = np.where(expected > 0.0, (takes @ (by_type * leaving)) / np.where(expected > 0.0, expected, 1.0), takes @ leaving / number)
    so_far, from_then = (np.array(rows) for rows in zip(*(_again(pool, horizon) for pool in pools), strict=True))
    return {
        "expected": expected * from_then,
        "expected_before": np.maximum(before, 0.0) * so_far,
        "day_start": np.array([-np.inf, *np.asarray(horizon.interval_start)[begins[1:]]]),
        "shape": np.array([shape_of(calls, by_type.sum(axis=1), taken) for taken in takes.astype(bool)]),
        "hang_up": hang_up,
        "scheduled": planned,
    }


def _again(pool: Pool, horizon: Horizon) -> tuple[Floats, Floats]:
    """Calls for each first call up to the beginning of each interval and in it, as the card says by which the pool goes; 1 without. [I]"""
    card = next((rule.card for rule in pool.activate if rule.card is not None and rule.card.again is not None), None)
    start = np.asarray(horizon.interval_start)
    if card is None or card.again is None:
        return np.ones(start.size), np.ones(start.size)
    row = np.clip(np.searchsorted(card.start, start - _DAY * np.asarray(horizon.interval_day), side="right") - 1, 0, len(card.start) - 1)
    return card.again[row, 0], card.again[row, 1]


def shape_of(calls: Sequence[CallType], volume: Floats, taken: Any) -> float:
    """1 / cv^2 of the calls of the types taken about their mean; inf where they do not vary."""
    alone, shared = 0.0, 0.0
    for call, expected, mine in zip(calls, volume.tolist(), taken.tolist(), strict=True):
        told = call.busyness
        spread = expected * np.sqrt((1.0 + told.day**2) * (1.0 + told.week**2) - 1.0) if mine else 0.0
        if told.shared:
            shared += spread
        else:
            alone += spread**2
    variance = alone + shared**2
    return float(volume[taken].sum() ** 2 / variance) if variance > 0.0 else float(np.inf)


def _hours(pools: Sequence[Pool], scenario: Scenario, horizon: Horizon) -> tuple[Ints, Floats]:
    """Whose hours are whose: the row of each agent, -1 for the pool's own, [A]; and the rows, [H, D, 2] s."""
    people = sum(people_of(group) for group in scenario.staff.values())
    row_of = [-1] * people
    rows: list[list[Span]] = []
    for pool in pools:
        row_of += [len(rows) + person % len(pool.hours) if pool.hours else -1 for person in range(pool.agents)]
        rows += [times_of(span, horizon) for span in pool.hours]
    hours = np.zeros((len(rows), max(map(len, rows), default=1), 2))
    for row, spans in enumerate(rows):
        hours[row, : len(spans)] = np.array(spans).reshape(-1, 2)
    return np.array(row_of, np.int64), hours


def _limits(pools: Sequence[Pool], horizon: Horizon) -> dict[str, Any]:
    """Caps on activations and hours, and when weeks and periods begin."""
    midnights = {day: horizon.midnight(day) for day in range(1, horizon.days)}
    weeks = [time for day, time in midnights.items() if horizon.weekday(day) == _MONDAY]
    periods = []
    most_activations, most_seconds = [], []
    for pool in pools:
        most = pool.at_most
        most_activations.append(UNLIMITED if most is None or most.activations is None else most.activations)
        most_seconds.append(np.inf if most is None or most.seconds is None else most.seconds)
        per = "path" if most is None else most.per
        periods.append([-np.inf, *({"day": list(midnights.values()), "week": weeks, "path": []}[per])])
    width = max(map(len, periods))
    return {
        "week_start": np.array([-np.inf, *weeks]),
        "most_activations": np.array(most_activations, np.int64),
        "most_seconds": np.array(most_seconds, np.float64),
        "period_start": np.array([row + [np.inf] * (width - len(row)) for row in periods], np.float64),
    }
