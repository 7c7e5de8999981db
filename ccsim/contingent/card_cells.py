"""The cells of the activation card: from each queue, how many calls of the next two hours wait too long if so many are called now.

All half-hours, numbers of agents, numbers called and quantiles of the busyness are looked ahead from side by side with `chain`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ccsim.contingent.calls_again import calls_again
from ccsim.contingent.chain import expected_over
from ccsim.engine import duty, streams
from ccsim.engine.call_ups import shape_of
from ccsim.engine.floor import Floats, Ints
from ccsim.engine.traffic import law, means_by_interval, takers_of
from ccsim.errors import InputError
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.workforce import Group

SPAN: Final = 7200.0  # s
# steps from the agents expected, and the part of them that is a step; the second where agents count for fewer the busier the day is
_COLUMNS = ((-4, -3, -2, -1, 0, 1, 2), (-5, -4, -3, -2, -1, 0, 1))
_STEP_SHARES = (0.04, 0.03)
_STEP = 120.0  # s of the look ahead
_QUANTILES = (0.05, 0.3, 0.6, 0.8, 0.925, 0.975, 0.995, 0.9995)  # busyness looked at
_WEIGHTS = np.array([0.15, 0.3, 0.25, 0.2, 0.05, 0.04, 0.009, 0.001])  # of each, before the queue is seen
_DRAWS = 2001
FULL: Final = 1e-9


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
    calls: float = 0.0  # expected from the opening to its start, on average over days
    a_minute: float = 0.0  # expected in each minute from there to its end
    an_agent: float = math.inf  # calls so far beyond these that count as one agent fewer; inf on a card that does not go by them
    again: tuple[float, float] = (1.0, 1.0)  # calls for each first call: of those expected to its start, and of those from there on


class Look:
    """Rates of one pooled queue of the types that the pool takes, by moment."""

    def __init__(self, scenario: Scenario, pool: Pool, names: list[str], wait: float) -> None:
        horizon, floor = scenario.horizon, duty.build(scenario)
        self.scenario, self.pool, self.wait = scenario, pool, wait
        chosen = [list(scenario.calls).index(name) for name in names]
        first = np.array([call.volume for call in scenario.calls.values()])
        self._volume = first * calls_again(scenario)  # redials, repeats and transfers wait and are answered like others
        volume = self._volume[chosen]
        self.begin, self.end = horizon.interval_start, horizon.interval_end
        self.rate = volume.sum(axis=0) / (self.end - self.begin)
        self._first_rate = first[chosen].sum(axis=0) / (self.end - self.begin)
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
        calls = list(scenario.calls.values())
        taken = np.isin(np.arange(len(calls)), chosen)
        shape = shape_of(calls, np.array([float(call.volume.sum()) for call in calls]), taken)
        self.cv = 0.0 if math.isinf(shape) else shape**-0.5  # of the day's calls, as the floor has it
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
                load = self._volume[q] / (self.end - self.begin) * means[q]
                found += load * len(both) / len(able)
        return found

    def at(self, values: Floats, moments: Floats) -> Floats:
        """The value of the interval in which each moment lies; 0 outside."""
        i = np.clip(np.searchsorted(self.begin, moments, side="right") - 1, 0, self.begin.size - 1)
        return np.where((moments >= self.begin[i]) & (moments < self.end[i]), values[i], 0.0)

    def calls_by(self, moment: float) -> float:
        """Calls expected from the opening to a moment."""
        return self._by(self.rate, moment)

    def again(self, start: float, end: float) -> tuple[float, float]:
        """Calls for each first call: of those expected from the opening to the start, and of those from there to the end."""
        calls, first = ([self._by(rate, moment) for moment in (start, end)] for rate in (self.rate, self._first_rate))
        so_far = calls[0] / first[0] if first[0] > FULL else 1.0
        return so_far, (calls[1] - calls[0]) / (first[1] - first[0]) if first[1] - first[0] > FULL else so_far

    def _by(self, rate: Floats, moment: float) -> float:
        """What comes at a rate from the opening to a moment."""
        share = np.clip((moment - self.begin) / (self.end - self.begin), 0.0, 1.0)
        _, opens, closes = self.scenario.horizon.spans[0]
        of_day = (self.begin >= opens - FULL) & (self.begin < closes)
        return float((rate * (self.end - self.begin) * share * of_day).sum())

    @property
    def shape(self) -> float:
        """That of the day's Gamma busyness: 1 / cv^2."""
        return math.inf if self.cv < FULL else self.cv**-2.0

    def cv_at(self, moment: float) -> float:
        """The coefficient of variation of the day's busyness once the calls so far are known (Gamma and Poisson)."""
        return 0.0 if self.cv < FULL else (self.shape + self.calls_by(moment)) ** -0.5

    def there(self, since: Floats) -> Floats:
        """Share of those asked who are on so long after being asked."""
        return self.pool.accept * np.searchsorted(self.notices, since, side="right") / _DRAWS


def _busyness(cv: float) -> Floats:
    """Factors on the calls of the day at the quantiles looked at."""
    if cv < FULL:
        return np.ones(len(_QUANTILES))
    from ccsim.special_functions import gammaincinv

    return np.asarray(gammaincinv(cv**-2.0, np.array(_QUANTILES)) * cv**2.0)


def over_of(scenario: Scenario, pool: Pool) -> float:
    """The end of the hours in which the pool helps on the first day [s]."""
    day, _, closes = scenario.horizon.spans[0]
    return min(scenario.horizon.at(day, pool.available[1]), closes)


def rows_of(
    look: Look, starts: list[float], tiers: tuple[int, ...], shares: Sequence[float], length: float, by_calls: bool
) -> list[list[Row]]:
    """The rows of a card for each share of calls that may wait too long; every cell, number called and busyness is played side by side."""
    over = over_of(look.scenario, look.pool)
    middle = np.array([min(start + 0.5 * length, over - FULL) for start in starts])
    scheduled = look.at(look.scheduled, middle)
    step = np.maximum(1, np.round(_STEP_SHARES[by_calls] * scheduled)).astype(np.int64)
    agents = np.maximum(0, np.round(scheduled)[:, None] + step[:, None] * np.array(_COLUMNS[by_calls])).astype(np.int64)
    busy = np.array([_busyness(look.cv_at(moment) if by_calls else look.cv) for moment in middle.tolist()])
    handle = np.maximum(look.at(look.handle, middle), 1.0)
    free = np.maximum(0.0, agents - look.at(look.taken, middle)[:, None])
    most_waiting = _most_waiting(look, scheduled, handle)
    most = int(agents.max() + most_waiting)
    late, offered = _futures(look, middle, scheduled, agents, np.array([0, *tiers]), busy, handle, most, by_calls)
    now = np.maximum(look.at(look.rate, middle), FULL)[:, None, None] * busy[:, None, :]
    likely = _likely(now, free[..., None], 1.0 / handle[:, None, None], look.hang_ups, most)
    found: list[list[Row]] = [[] for _ in shares]
    for row, start in enumerate(starts):
        too_late = bool(middle[row] + look.median >= over)
        shares_late = [
            _shares_late(likely[:, row, col], late[:, row, col], offered[row, col], int(np.round(free[row, col])), most_waiting)
            for col in range(agents.shape[1])
        ]
        for rows, share in zip(found, shares, strict=True):
            queue = consistent(np.array([_thresholds(of_column, share, most_waiting) for of_column in shares_late]))
            # what is called by is the time from the median notice on: past their hours nobody called changes anything in it
            if too_late:
                queue[:] = most_waiting + 1
            shown = np.where(queue > most_waiting, -1, queue).astype(np.int64)
            oldest = _oldest(look, shown, free[row], float(handle[row]))
            calls, expected = look.calls_by(start), float(scheduled[row])
            end = min(start + length, look.scenario.horizon.spans[0][2])
            a_minute = 60.0 * (look.calls_by(end) - calls) / (end - start)
            an_agent = (look.shape + calls) / max(expected, 1.0) if by_calls else math.inf
            rows.append(Row(start, expected, agents[row], shown, oldest, too_late, calls, a_minute, an_agent, look.again(start, end)))
    return found


def _futures(
    look: Look, middle: Floats, scheduled: Floats, agents: Ints, called: Ints, busy: Floats, handle: Floats, most: int, by_calls: bool
) -> tuple[Floats, Floats]:
    """Calls too late from each number there, [most + 1, rows, columns, called, busyness], and those that come, without the first axis."""
    shape = (*agents.shape, called.size, busy.shape[1])
    r, c, k, b = (axis.ravel() for axis in np.indices(shape))
    since: Floats = (np.arange(round(SPAN / _STEP), dtype=np.float64) + 0.5) * _STEP
    moments = middle + since[:, None]
    on_roster, taken = look.at(look.scheduled, moments), look.at(look.taken, moments)
    rate = look.at(look.rate, moments)[:, r] * busy[r, b]
    # the roster's changes from now on apply to however many are on duty; the calls of others keep some of them busy
    if by_calls:  # who counts for less because the day is busy does so later, too
        crew = (on_roster / np.maximum(scheduled, 1.0))[:, r] * agents[r, c] - taken[:, r]
    else:
        crew = (on_roster - scheduled - taken)[:, r] + agents[r, c]
    in_hours = moments < over_of(look.scenario, look.pool)
    crew = np.maximum(0.0, crew) + called[k] * (look.there(since)[:, None] * in_hours)[:, r] / look.pool.handle_time_factor
    counted = (since[:, None] >= look.median) & (moments < look.scenario.horizon.spans[0][2])
    counts = counted.astype(np.float64)[:, r]
    hang_ups = np.full(r.size, look.hang_ups)
    late = expected_over(rate, crew, counts, 1.0 / handle[r], hang_ups, look.wait, _STEP, most)
    return late.reshape(most + 1, *shape), ((rate * counts).sum(axis=0) * _STEP).reshape(shape)


def _shares_late(likely: Floats, late: Floats, offered: Floats, free: int, most_waiting: int) -> Floats:
    """The share of calls too late from each queue for each number called: a mean over the days that the queue points to. [W, called]"""
    inside = np.minimum(free + np.arange(most_waiting + 1), late.shape[0] - 1)
    if not offered.any():
        return np.zeros((inside.size, offered.shape[0]))
    weights = likely[inside] * _WEIGHTS
    weights[0] = likely[: free + 1].sum(axis=0) * _WEIGHTS
    calls = np.einsum("wb,kb->wk", weights, offered)
    return np.einsum("wb,wkb->wk", weights, late[inside]) / np.maximum(calls, 1e-300)


def _likely(rate: Floats, agents: Floats, ends: Floats, hang_ups: float, most: int) -> Floats:
    """The stationary law of the calls there in M/M/s+M, up to `most`: [most + 1, ...] of the shape of `rate` and `agents` together."""
    x = np.arange(1.0, most + 1.0).reshape(-1, *([1] * rate.ndim))
    leave = ends * np.minimum(x, agents) + max(hang_ups, 1e-7) * np.maximum(x - agents, 0.0)
    steps = np.log(rate / np.maximum(leave, 1e-300))
    logs = np.concatenate([np.zeros((1, *steps.shape[1:])), np.cumsum(steps, axis=0)])
    found = np.exp(logs - logs.max(axis=0))
    return np.asarray(found / found.sum(axis=0), np.float64)


def _most_waiting(look: Look, scheduled: Floats, handle: Floats) -> int:
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


def _oldest(look: Look, queue: Ints, free: Floats, handle: float) -> Floats:
    """About how long the oldest of so many waiting has waited: the mean time until as many have left. nan for never [s]"""
    leave, hang_up = np.maximum(free, 1.0)[:, None] / max(handle, 1.0), max(look.hang_ups, FULL)
    age = np.round(np.log1p(np.maximum(queue, 0) * hang_up / leave) / hang_up, 1)
    # where more agents would let a queue of that length be younger, the age of fewer agents holds: more agents never call sooner
    age = np.maximum.accumulate(np.where(queue < 0, np.inf, age), axis=0)
    return np.where(queue < 0, np.nan, age)
