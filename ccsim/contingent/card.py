"""The activation card: for each half-hour and number of agents on duty, the queue at which to call contingents, and how many.

Every cell is found by looking ahead over the notice with `chain`: if so many wait now, how many of the calls that come from the moment when
half of those called can be on, to two hours from now, will have to wait longer than the target wait? The fewest are called that keep the
share of them to what the target allows, or to another share, which makes a stricter or a laxer card. The card is then made consistent: more
waiting never means calling fewer, nor do more agents mean calling more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ccsim.contingent.chain import expected_over
from ccsim.contingent.state import check_pool
from ccsim.engine import duty, streams
from ccsim.engine.floor import Floats, Ints
from ccsim.engine.traffic import law, means_by_interval, takers_of, waited_for
from ccsim.errors import InputError
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.workforce import Group
from ccsim.notebook import shown_in_html
from ccsim.units import DAY, format_clock, format_duration, format_share

SPAN = 7200.0  # s
ROW = 1800.0  # s
_MOST_ROWS = 30  # on one page
_COLUMNS = (-4, -3, -2, -1, 0, 1, 2)  # steps from the agents expected
_STEP_SHARE = 0.04  # of those expected, to a column
_STEP = 120.0  # s of the look ahead
_QUANTILES = (0.05, 0.3, 0.6, 0.8, 0.925, 0.975, 0.995, 0.9995)  # busyness looked at
_WEIGHTS = (0.15, 0.3, 0.25, 0.2, 0.05, 0.04, 0.009, 0.001)  # of each, before the queue is seen
_DRAWS = 2001
_FULL = 1e-9


@dataclass(frozen=True)
class Row:
    """One half-hour. `queue` holds, for each number of agents and each number to call, the waiting from which on they are called."""

    start: float  # s of the path
    expected: float  # agents on duty, on average over absence
    agents: Ints  # [C] ascending
    queue: Ints  # [C, tiers] callers; -1: never
    oldest: Floats  # [C, tiers] about how long the oldest of so many has waited [s]; nan: never
    too_late: bool = (
        False  # whether half of those called in it would be on only when the pool's hours or the day are over: no use in calling
    )


@dataclass(frozen=True)
class Card:
    """The card of a pool. `tiers` are the numbers that may be called, ascending; rows are half-hours, or hours on a long day."""

    scenario: Scenario
    pool: Pool
    tiers: tuple[int, ...]
    length: float  # of a row [s]
    rows: tuple[Row, ...]
    notice: float  # by when half of those who say yes are on [s]
    share: float  # of calls that may wait longer than the target wait
    wait: float  # s
    over: float  # end of the pool's hours, or of the day [s]

    def rule(self, at: float, agents: float, queue: int, oldest: float = 0.0) -> int:
        """How many people the card says should have been called in all, at a moment of the path [s]; 0 outside its rows.

        Between two numbers of agents the lower one holds; below the first and above the last, those do. `oldest` [s] counts too: a caller
        who has waited as long as the oldest of a queue that long is taken as one.
        """
        row = next((row for row in self.rows if row.start <= at < row.start + self.length), None)
        if row is None:
            return 0
        c = max(int(np.searchsorted(row.agents, agents + _FULL, side="right")) - 1, 0)
        reached = (row.queue[c] >= 0) & ((queue >= row.queue[c]) | ((oldest > 0.0) & (oldest >= np.nan_to_num(row.oldest[c], nan=np.inf))))
        return max((tier for tier, is_reached in zip(self.tiers, reached, strict=True) if is_reached), default=0)

    @property
    def explanation(self) -> list[str]:
        """How to read it and how it was found, in sentences."""
        types = [name for name in self.scenario.calls if name in self.pool.types]
        of = "" if len(types) == len(self.scenario.calls) else f" of {', '.join(types)}"
        begin, over = next((row.start for row in self.rows if row.too_late), None), self._clock(self.over)
        no_use = [] if begin is None else [
            f"Nobody is to be called on this day: half of those who say yes would be on only after {over}, whenever they are called."
            if begin == self.rows[0].start
            else f"From {self._clock(begin)} on calling is of no use: half of those who say yes would be on only after {over}, too late."
        ]  # fmt: skip
        return [
            "Take the row of the clock, and the column with as many agents on duty as there are, or the next lower one; with fewer than "
            "the lowest has, the lowest holds, and calling sooner is no mistake. When as many wait as the cell says, call until "
            f"{' / '.join(str(tier) for tier in self.tiers)} have been called in all; 0 means: whether or not anybody waits.",
            f"Counted are callers{of}, and agents logged in who take them and are not on a break; people who were called are not.",
            f"Half of those who say yes are on {format_duration(round(self.notice / 60.0) * 60.0)} after being asked. Each cell calls the "
            f"fewest with whom, from then to {format_duration(SPAN)} from now, no more than {format_share(self.share)} of the calls are "
            f"expected to wait longer than {format_duration(self.wait)}.",
            *no_use,
        ]

    def _clock(self, moment: float) -> str:
        return format_clock(self.scenario.horizon.clock(moment) or DAY)

    def _repr_html_(self) -> str:
        """As a notebook shows it: a row a half-hour, a cell for each number of agents on duty."""
        rows = []
        for row in self.rows:
            cells = (
                f"{agents}: " + ("×" if row.too_late else " / ".join("–" if n < 0 else str(n) for n in queue))
                for agents, queue in zip(row.agents, row.queue, strict=True)
            )
            rows.append([format_clock(self.scenario.horizon.clock(row.start)), "   ".join(cells)])
        call = " / ".join(str(tier) for tier in self.tiers)
        return shown_in_html(self.scenario.title, self.explanation, ["from", f"agents on duty: waiting from which on to call {call}"], rows)

    def to_dict(self) -> dict[str, Any]:
        """The card as plain numbers: what `ccsim card --json` prints."""
        horizon = self.scenario.horizon
        return {
            "scenario": self.scenario.title,
            "pool": self.pool.name,
            "call": list(self.tiers),
            "row_length": self.length,
            "wait": self.wait,
            "share": self.share,
            "notice": self.notice,
            "explanation": self.explanation,
            "rows": [
                {
                    "start": horizon.stamp(row.start),
                    "agents_expected": row.expected,
                    "too_late": row.too_late,
                    "cells": [
                        {
                            "agents": int(agents),
                            "queue": [None if n < 0 else int(n) for n in queue],
                            "oldest": [None if math.isnan(age) else round(float(age), 1) for age in oldest],
                        }
                        for agents, queue, oldest in zip(row.agents, row.queue, row.oldest, strict=True)
                    ],
                }
                for row in self.rows
            ],
        }


def card(scenario: Scenario, pool: str | None = None, share: float | None = None) -> Card:
    """The activation card of a pool for the first open day of the path. Raises `InputError` where there is nobody to call.

    `share` of the calls may wait longer than the target wait before anybody is called, what the target leaves where it is not told: the
    smaller it is, the sooner the card calls, and the more.
    """
    if share is not None and not 0.0 < share < 1.0:
        raise InputError(f"found {share:g}, where the share of calls that may wait too long belongs: between 0 and 1, such as 0.05 or 5 %")
    called = check_pool(scenario, pool)
    if not scenario.staff:
        raise InputError("the scenario has no `staff`, so a card has no agents on duty to go by; describe it first")
    names = [name for name in waited_for(scenario) if name in called.types]
    if not names:
        raise InputError(f"`contingent.{called.name}.takes` has no callers, only work that is not waited for: there is no queue to go by")
    target = scenario.target_of(names[0])
    length, starts = _starts(scenario, called)
    tiers = _tiers(called.agents)
    look = _Look(scenario, called, names, target.wait)
    if share is None:
        share = 1.0 - (0.8 if target.share is None else target.share)
    rows = _rows(look, starts, tiers, share, length)
    return Card(scenario, called, tiers, length, tuple(rows), look.median, share, target.wait, _over(scenario, called))


def _over(scenario: Scenario, pool: Pool) -> float:
    """The end of the hours in which the pool helps on the first day [s]."""
    day, _, closes = scenario.horizon.spans[0]
    return min(scenario.horizon.at(day, pool.available[1]), closes)


def _starts(scenario: Scenario, pool: Pool) -> tuple[float, list[float]]:
    """Length and starts of the rows: from the opening on, where the pool may be asked and somebody would be on before the end."""
    horizon = scenario.horizon
    day, opens, closes = horizon.spans[0]
    begin, end = (horizon.at(day, clock) for clock in pool.available)
    begin, end = max(begin, opens), min(end, closes)
    length = ROW
    while (end - begin) / length > _MOST_ROWS:
        length += ROW
    first = opens + math.floor((begin - opens) / length) * length
    starts = [float(t) for t in np.arange(first, end - _FULL, length)]
    if not starts:
        raise InputError(
            f"`contingent.{pool.name}.available` {format_clock(pool.available[0])} to {format_clock(pool.available[1])} lies outside the "
            "opening hours: nobody can be called on this day"
        )
    return length, starts


def _tiers(agents: int) -> tuple[int, ...]:
    """Numbers that the card may call: thirds of the pool."""
    return tuple(sorted({math.ceil(agents * k / 3) for k in (1, 2, 3)}))


class _Look:
    """Rates of one pooled queue of the types that the pool takes, by moment."""

    def __init__(self, scenario: Scenario, pool: Pool, names: list[str], wait: float) -> None:
        horizon, floor = scenario.horizon, duty.build(scenario)
        self.scenario, self.pool, self.wait = scenario, pool, wait
        chosen = [list(scenario.calls).index(name) for name in names]
        volume = np.array([scenario.calls[name].volume for name in names])
        self.begin, self.end = horizon.interval_start, horizon.interval_end
        self.rate = volume.sum(axis=0) / (self.end - self.begin)
        means = means_by_interval(scenario)[chosen]
        weights = np.where(volume.sum(axis=0) > 0.0, volume, 1.0)
        takers = takers_of(scenario)[: len(scenario.staff)]
        mine = [g for g, taker in enumerate(takers) if set(taker.types) & set(names)]
        if not mine:
            raise InputError(f"nobody of `staff` takes what the pool {pool.name!r} takes, so there are no agents on duty to go by")
        # of agents who take other calls too, a share of the time goes there: the others' load is taken off their number
        groups = list(scenario.staff.values())
        self.scheduled = (duty.scheduled(floor)[mine] * [[self._turn_up(groups[g])] for g in mine]).sum(axis=0)
        self.handle = (weights * means).sum(axis=0) / weights.sum(axis=0)
        self.hang_ups = self._hang_ups(names, volume)
        self.taken = self._others(names, mine, takers)
        self.cv = math.sqrt(sum((v * scenario.calls[n].busyness_cv) ** 2 for n, v in zip(names, volume.sum(axis=1), strict=True))) / max(
            float(volume.sum()), _FULL
        )
        values: list[float] = []
        row = law(pool.notice, values)
        key = np.uint64(streams.replication_key(streams.seed_key(0), 0))
        draws = [streams.notice(key, streams.name_key(pool.name), k, 0, row, np.array(values or [0.0])) for k in range(_DRAWS)]
        self.notices = np.sort(np.array(draws))
        self.median = float(self.notices[_DRAWS // 2])

    def _turn_up(self, group: Group) -> float:
        """The share of a group's roster that is expected to be there; 1 for positions."""
        if group.people is None:
            return 1.0
        kinds = ("absence",) if group.roster is not None else ("planned", "absence")
        return math.prod(
            1.0 - category.share for category in self.scenario.shrinkage.values() if category.kind in kinds and category.applies_to(group)
        )

    def _hang_ups(self, names: list[str], volume: Floats) -> float:
        """Rate at which one caller who waits hangs up: mean of 1 / mean patience over the calls [1/s]."""
        rates = []
        for name in names:
            patience = self.scenario.calls[name].patience
            rates.append(0.0 if patience is None else 1.0 / float(np.mean(patience.mean)))
        return float(np.average(rates, weights=volume.sum(axis=1) if volume.any() else None))

    def _others(self, names: list[str], mine: list[int], takers: list[Any]) -> Floats:
        """Agents, of those who take the queue, whom calls of other types keep busy. [I]"""
        found = np.zeros(self.begin.size)
        means = means_by_interval(self.scenario)
        for q, (name, call) in enumerate(self.scenario.calls.items()):
            if name in names or call.channel == "work":
                continue
            able = [g for g, taker in enumerate(takers) if name in taker.types]
            both = [g for g in able if g in mine]
            if both:
                load = call.volume / (self.end - self.begin) * means[q]
                found += load * len(both) / len(able)
        return found

    def at(self, values: Floats, moments: Floats) -> Floats:
        """The value of the interval in which each moment lies; 0 outside."""
        i = np.clip(np.searchsorted(self.begin, moments, side="right") - 1, 0, self.begin.size - 1)
        return np.where((moments >= self.begin[i]) & (moments < self.end[i]), values[i], 0.0)

    def there(self, since: Floats) -> Floats:
        """Share of those asked who are on so long after being asked."""
        return self.pool.accept * np.searchsorted(self.notices, since, side="right") / _DRAWS


def _busyness(cv: float) -> Floats:
    """Factors on the calls of the day at the quantiles looked at."""
    if cv < _FULL:
        return np.ones(len(_QUANTILES))
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(cv**-2.0, np.array(_QUANTILES)) * cv**2.0)


def _rows(look: _Look, starts: list[float], tiers: tuple[int, ...], share: float, length: float) -> list[Row]:
    """All rows: every cell, number called and busyness is played side by side."""
    scenario, pool = look.scenario, look.pool
    day = scenario.horizon.spans[0]
    over = _over(scenario, pool)
    middle = np.array([min(start + 0.5 * length, over - _FULL) for start in starts])
    scheduled = look.at(look.scheduled, middle)
    step = np.maximum(1, np.round(_STEP_SHARE * scheduled)).astype(np.int64)
    agents = np.maximum(0, np.round(scheduled)[:, None] + step[:, None] * np.array(_COLUMNS)).astype(np.int64)
    called = np.array([0, *tiers])
    busy = _busyness(look.cv)
    shape = (len(starts), len(_COLUMNS), called.size, busy.size)
    r, c, k, b = (axis.ravel() for axis in np.indices(shape))
    since: Floats = (np.arange(round(SPAN / _STEP), dtype=np.float64) + 0.5) * _STEP
    moments = middle[r][None, :] + since[:, None]
    rate = look.at(look.rate, moments) * busy[b]
    # the roster's changes from now on apply to however many are on duty; the calls of others keep some of them busy
    crew = agents[r, c] + look.at(look.scheduled, moments) - scheduled[r] - look.at(look.taken, moments)
    crew = np.maximum(0.0, crew) + called[k] * look.there(since)[:, None] * (moments < over) / pool.handle_time_factor
    counted = (since[:, None] >= look.median) & (moments < day[2]) + np.zeros(moments.shape, np.bool_)
    handle = np.maximum(look.at(look.handle, middle), 1.0)[r]
    free = np.maximum(0.0, agents - look.at(look.taken, middle)[:, None])
    most_waiting = _most_waiting(look, scheduled, handle)
    most = int(agents.max() + most_waiting)
    value = expected_over(rate, crew, counted.astype(np.float64), 1.0 / handle, np.full(r.size, look.hang_ups), look.wait, _STEP, most)
    late = value.reshape(most + 1, *shape)
    offered = ((rate * counted).sum(axis=0) * _STEP).reshape(shape)
    now = np.maximum(look.at(look.rate, middle), _FULL)[:, None, None] * busy
    likely = _likely(now, free[..., None], 1.0 / np.maximum(look.at(look.handle, middle), 1.0)[:, None, None], look.hang_ups, most)
    waiting = np.arange(most_waiting + 1)
    found = []
    for row, start in enumerate(starts):
        queue = np.zeros((len(_COLUMNS), len(tiers)))
        for col in range(len(_COLUMNS)):
            first = int(np.round(free[row, col]))
            there = np.minimum(first + waiting, most)
            weights = likely[there, row, col] * np.array(_WEIGHTS)
            weights[0] = likely[: first + 1, row, col].sum(axis=0) * np.array(_WEIGHTS)
            calls = np.einsum("wb,kb->wk", weights, offered[row, col])
            share_late = np.einsum("wb,wkb->wk", weights, late[there, row, col]) / np.maximum(calls, 1e-300)
            queue[col] = _thresholds(share_late, share, most_waiting) if offered[row, col].any() else most_waiting + 1
        queue = consistent(queue)
        # what is called by is the time from the median notice on: where that is past their hours, nobody called changes anything in it
        too_late = bool(middle[row] + look.median >= over)
        if too_late:
            queue[:] = most_waiting + 1
        shown = np.where(queue > most_waiting, -1, queue).astype(np.int64)
        oldest = _oldest(look, shown, free[row], float(look.at(look.handle, middle)[row]))
        found.append(Row(start, float(scheduled[row]), agents[row], shown, oldest, too_late))
    return found


def _likely(rate: Floats, agents: Floats, ends: Floats, hang_ups: float, most: int) -> Floats:
    """The stationary law of the calls there in M/M/s+M, up to `most`: [most + 1, ...] of the shape of `rate` and `agents` together."""
    x = np.arange(1.0, most + 1.0).reshape(-1, *([1] * rate.ndim))
    leave = ends * np.minimum(x, agents) + max(hang_ups, 1e-7) * np.maximum(x - agents, 0.0)
    steps = np.log(rate / np.maximum(leave, 1e-300))
    logs = np.concatenate([np.zeros((1, *steps.shape[1:])), np.cumsum(steps, axis=0)])
    found = np.exp(logs - logs.max(axis=0))
    return np.asarray(found / found.sum(axis=0), np.float64)


def _most_waiting(look: _Look, scheduled: Floats, handle: Floats) -> int:
    """The longest queue looked at: one that takes some three target waits to clear."""
    return int(max(10, math.ceil(3.0 * max(look.wait, 20.0) * float(scheduled.max()) / float(handle.min()))))


def _thresholds(late: Floats, share: float, most: int) -> Floats:
    """The queue from which on each number is called, `most + 1` for never. `late` [W, 1 + tiers]: share too late from each queue."""
    tiers = late.shape[1] - 1
    found = np.full(tiers, most + 1.0)
    fewest = np.argmax(late <= share, axis=1)
    fewest = np.where((late <= share).any(axis=1), fewest, tiers)
    for k in range(tiers):
        reached = np.flatnonzero(fewest >= k + 1)
        if reached.size:
            found[k] = reached[0]
    return found


def consistent(queue: Floats) -> Floats:
    """The nearest table, in least squares, in which a queue grows with the agents (down) and with the number called (right), rounded.

    Isotonic regression down each column (pool adjacent violators, Barlow and others 1972); it keeps the order of the columns.
    """
    found = np.empty_like(queue)
    for k in range(queue.shape[1]):
        found[:, k] = _isotonic(queue[:, k])
    return np.maximum.accumulate(np.round(found), axis=1)


def _isotonic(values: Floats) -> Floats:
    """The nearest ascending numbers in least squares."""
    blocks: list[tuple[float, int]] = []
    for value in values.tolist():
        blocks.append((value, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (one, n), (other, m) = blocks[-2:]
            blocks[-2:] = [((one * n + other * m) / (n + m), n + m)]
    return np.concatenate([np.full(n, value) for value, n in blocks])


def _oldest(look: _Look, queue: Ints, free: Floats, handle: float) -> Floats:
    """About how long the oldest of so many waiting has waited: the mean time until as many have left. nan for never [s]"""
    leave, hang_up = np.maximum(free, 1.0)[:, None] / max(handle, 1.0), max(look.hang_ups, _FULL)
    age = np.round(np.log1p(np.maximum(queue, 0) * hang_up / leave) / hang_up, 1)
    # where more agents would let a queue of that length be younger, the age of fewer agents holds: more agents never call sooner
    age = np.maximum.accumulate(np.where(queue < 0, np.inf, age), axis=0)
    return np.where(queue < 0, np.nan, age)
