"""The cells of the activation card: from each queue, which share of each quarter hour's calls waits too long if so many are called now.

A row's numbers of agents, numbers called and quantiles of the busyness are looked ahead from side by side with `chain`.
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
from ccsim.engine.traffic import law, means_by_interval, takers_of, waited_for
from ccsim.errors import InputError
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.workforce import Group

_SPAN: Final = 7200.0  # s
_AFTER: Final = 3600.0  # of a longer notice so much more is looked at [s]
_QUARTER: Final = 900.0  # s
_COLUMNS: Final = 7  # of a row, at most
_LOOKED_AT: Final = 1.0 + 0.02 * np.arange(-21, 7)  # numbers of agents, of those expected, from which the columns are taken
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
        self.scenario, self.pool, self.names, self.wait = scenario, pool, names, wait
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
        on_duty = duty.scheduled(floor)[: len(groups)] * [[self._turn_up(group)] for group in groups]
        self.groups = {name: on_duty[g] for g, name in enumerate(scenario.staff) if g in mine}  # that take the queue: agents on duty. [I]
        self.scheduled = on_duty[mine].sum(axis=0)
        self.everybody = on_duty.sum(axis=0)
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
        # the longest queue looked at: one that takes some three target waits to clear
        served = float(self.scheduled.max()) / max(float(self.handle.min()), 1.0)
        self.most_waiting = int(max(10, math.ceil(3.0 * max(wait, 20.0) * served)))

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

    def part_of_calls(self, moment: float) -> float:
        """Of the calls that are waited for and expected at a moment, the part that the pool takes."""
        waited = [list(self.scenario.calls).index(name) for name in waited_for(self.scenario)]
        everybody = float(self.at(self._volume[waited].sum(axis=0) / (self.end - self.begin), np.array(moment)))
        return float(self.at(self.rate, np.array(moment))) / everybody if everybody > FULL else 1.0

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


def look_ahead(notice: float) -> float:
    """How far the card looks from the start of a row, for a median notice [s]."""
    return max(_SPAN, notice + _AFTER)


def over_of(scenario: Scenario, pool: Pool) -> float:
    """The end of the hours in which the pool helps on the first day [s]."""
    day, _, closes = scenario.horizon.spans[0]
    return min(scenario.horizon.at(day, pool.available[1]), closes)


def rows_of(
    look: Look, starts: Sequence[float], tiers: tuple[int, ...], shares: Sequence[float], length: float, by_calls: bool
) -> list[list[Row]]:
    """The rows of a card for each share of calls that may wait too long; a row takes no account of the others."""
    rows = [_rows_at(look, start, tiers, shares, length, by_calls) for start in starts]
    return [list(of_share) for of_share in zip(*rows, strict=True)]


def _rows_at(look: Look, start: float, tiers: tuple[int, ...], shares: Sequence[float], length: float, by_calls: bool) -> list[Row]:
    """The row of one start for each share; its numbers of agents, numbers called and quantiles of the busyness are played side by side."""
    over, closes = over_of(look.scenario, look.pool), look.scenario.horizon.spans[0][2]
    middle = min(start + 0.5 * length, over - FULL)
    scheduled = float(look.at(look.scheduled, np.array(middle)))
    handle = max(float(look.at(look.handle, np.array(middle))), 1.0)
    agents = np.unique(np.round(scheduled * _LOOKED_AT)).astype(np.int64)
    busy = _busyness(look.cv_at(middle) if by_calls else look.cv)
    free = np.maximum(0.0, agents - float(look.at(look.taken, np.array(middle))))
    most_waiting = look.most_waiting
    most = int(agents.max()) + most_waiting
    # past their hours nobody called changes anything in the time that is looked at
    too_late = bool(middle + look.median >= over)
    queue = np.full((len(shares), agents.size, len(tiers)), most_waiting + 1.0)
    if not too_late:
        late, offered = _futures(look, middle, length, scheduled, agents, np.array([0, *tiers]), busy, handle, most, by_calls)
        rate = max(float(look.at(look.rate, np.array(middle))), FULL) * busy
        likely = _likely(rate[None, :], free[:, None], 1.0 / handle, look.hang_ups, most)
        for c in range(agents.size):
            worst = _worst_share(likely[:, c], late[:, :, c], offered[:, c], int(np.round(free[c])), most_waiting)
            queue[:, c] = [_thresholds(worst, share, most_waiting) for share in shares]
    end = min(start + length, closes)
    calls, again = look.calls_by(start), look.again(start, end)
    a_minute = 60.0 * (look.calls_by(end) - calls) / (end - start)
    an_agent = (look.shape + calls) / max(scheduled, 1.0) if by_calls else math.inf
    found = []
    for of_share in queue:
        levels = consistent(of_share)
        shown = np.where(levels > most_waiting, -1, levels).astype(np.int64)
        columns = _columns(shown)
        oldest = _oldest(look, shown, free, handle)
        found.append(Row(start, scheduled, agents[columns], shown[columns], oldest[columns], too_late, calls, a_minute, an_agent, again))
    return found


def _columns(queue: Ints) -> Ints:
    """Which numbers of agents a row shows: from the most with whom everybody is called at once to the fewest with whom nobody ever is.

    Where either is not among those looked at, the row goes as far as they do. `queue` [A, tiers], -1: never.
    """
    everybody, nobody = np.flatnonzero((queue == 0).all(axis=1)), np.flatnonzero((queue < 0).all(axis=1))
    first = int(everybody[-1]) if everybody.size else 0
    last = int(nobody[0]) if nobody.size else len(queue) - 1
    return np.round(np.linspace(first, last, min(_COLUMNS, last - first + 1))).astype(np.int64)


def _futures(
    look: Look, middle: float, length: float, scheduled: float, agents: Ints, called: Ints, busy: Floats, handle: float, most: int,
    by_calls: bool,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Calls too late in each quarter hour that a call-up changes, from each number there, and the calls that come in it.

    [quarters, most + 1, columns, called, busyness], and the same without the second axis.
    """
    shape = (agents.size, called.size, busy.size)
    c, k, b = (axis.ravel() for axis in np.indices(shape))
    # those of the row's end look as far as those of its start, not past what the start sees
    ahead = look_ahead(look.median) - 0.5 * length
    since: Floats = (np.arange(max(1, math.ceil(ahead / _STEP)), dtype=np.float64) + 0.5) * _STEP
    moments = middle + since
    on_roster, taken = look.at(look.scheduled, moments)[:, None], look.at(look.taken, moments)[:, None]
    rate = look.at(look.rate, moments)[:, None] * busy[b]
    # the roster's changes from now on apply to however many are on duty; the calls of others keep some of them busy
    if by_calls and scheduled >= 1.0:  # who counts for less because the day is busy does so later, too
        crew = on_roster / scheduled * agents[c] - taken
    else:
        crew = on_roster - scheduled - taken + agents[c]
    in_hours = moments < over_of(look.scenario, look.pool)
    crew = np.maximum(0.0, crew) + called[k] * (look.there(since) * in_hours)[:, None] / look.pool.handle_time_factor
    counted = (since >= look.median) & in_hours
    counted[np.flatnonzero(in_hours)[-1:]] = True
    quarters = max(1, round((ahead - look.median) / _QUARTER))
    quarter = np.floor((since - look.median) / (ahead - look.median) * quarters)
    part = np.where(counted, np.clip(quarter, 0, quarters - 1), -1).astype(np.int64)
    late = expected_over(rate, crew, part, 1.0 / handle, look.hang_ups, look.wait, _STEP, most)
    offered = np.array([rate[part == p].sum(axis=0) * _STEP for p in range(len(late))])
    return late.reshape(len(late), most + 1, *shape), offered.reshape(len(late), *shape)


def _worst_share(likely: Floats, late: Floats, offered: Floats, free: int, most_waiting: int) -> Floats:
    """The share of calls too late of the worst quarter hour, from each queue for each number called. [W, called]

    That of a quarter hour is a mean over the days that the queue points to.
    """
    inside = np.minimum(free + np.arange(most_waiting + 1), late.shape[1] - 1)
    weights = likely[inside] * _WEIGHTS
    weights[0] = likely[: free + 1].sum(axis=0) * _WEIGHTS
    calls = np.einsum("wb,pkb->pwk", weights, offered)
    too_late = np.einsum("wb,pwkb->pwk", weights, late[:, inside])
    return np.asarray((too_late / np.maximum(calls, 1e-300)).max(axis=0), np.float64)


def _likely(rate: Floats, agents: Floats, ends: float, hang_ups: float, most: int) -> Floats:
    """The stationary law of the calls there in M/M/s+M, up to `most`: [most + 1, ...] of the shape of `rate` and `agents` together."""
    x = np.arange(1.0, most + 1.0).reshape(-1, *([1] * rate.ndim))
    leave = ends * np.minimum(x, agents) + max(hang_ups, 1e-7) * np.maximum(x - agents, 0.0)
    steps = np.log(rate / np.maximum(leave, 1e-300))
    logs = np.concatenate([np.zeros((1, *steps.shape[1:])), np.cumsum(steps, axis=0)])
    found = np.exp(logs - logs.max(axis=0))
    return np.asarray(found / found.sum(axis=0), np.float64)


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
