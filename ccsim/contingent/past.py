"""The three quarters of an hour before the moment, played: where the calls in hand come from, and how busy a day the queue points to.

What is left of the calls in hand goes with the queue: agents who are all busy, and have let somebody wait for a while, have longer calls
than others, and a queue is a sign of a busy day. So each day drawn is played up to the moment, with those on duty who are on duty now.
Several moments near the end of that are looked at, and a future begins with the calls in hand of one of those that are most like what was
seen: in how long the oldest has waited and, where nobody waits, in who is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ccsim.contingent.beginning import Beginnings, Held
from ccsim.contingent.laws import uniforms
from ccsim.contingent.state import State
from ccsim.engine.floor import ANSWERED, BLOCKED, Day, Floats, Ints, Log

LEAD = 2700.0  # s that are played before the moment
_SHORTEST = 300.0  # s; a past shorter than this says nothing
_MOMENTS, _EVERY = 6, 240.0  # moments looked at, the last one the moment asked about; s between them
_LIKE = 0.04  # share of the moments that are taken to be like what was seen ...
_FEWEST = 20  # ... and at least so many
_TOLERATED = 0.5  # share of the moments that say something of how busy the day is
_KEY = np.uint64(1)
_WAITED = 10.0  # s; waits that differ by less are alike
_BEHIND = 0.25  # what a difference in the number waiting counts for, beside one in how long the oldest has waited
_ALL = 1_000_000_000  # free agents of a centre that opens
_EARLIER = 0.01  # by how much an earlier moment is less like, each


class Moments(NamedTuple):
    """What the moments of one past look like [K], and its calls that were in hand at any of them [B]."""

    oldest: Floats  # s that the longest waiting has waited, 0 where nobody waits
    waiting: Ints
    busy: Ints
    time: Floats  # s
    team: Ints
    queue: Ints
    answered: Floats  # s
    ended: Floats  # s
    agent: Ints


@dataclass(frozen=True)
class Likely:
    """For each future, the past whose end is like what was seen, and which of its moments."""

    past: Ints
    moment: Ints


class Busyness(NamedTuple):
    """How busy futures are: what they share with the days that the busyness is known from."""

    past: Ints  # [F] whose busyness it is, but for the first day
    first_day: Floats  # [F, T]
    level: Floats  # [F] its logarithm, by the load of the types
    worth: float  # so many independent pasts would say as much


def early(state: State) -> State | None:
    """The state from which a past is played; None where the centre has not been open for long enough."""
    start = max(state.opening, state.at - LEAD)
    if state.at - start < _SHORTEST:
        return None
    return replace(state, at=start, waiting={None: 0}, oldest=0.0, free=_ALL if start == state.opening else None)


def moments(state: State, start: float, make: Beginnings, day: Day, log: Log) -> Moments:
    """What is seen at the moments of a past that was played."""
    time: Floats = state.at - _EVERY * np.arange(_MOMENTS, dtype=np.float64)
    time = time[time >= min(state.at, start + 0.4 * (state.at - start))]
    arrival, queue = np.concatenate([day.arrival, log.later_arrival]), np.concatenate([day.queue, log.later_queue])
    moved = np.where(np.isnan(log.moved_on), np.inf, log.moved_on)
    mine = make.waited[queue] & (log.outcome != BLOCKED)
    waits = (arrival[:, None] <= time) & (moved[:, None] > time) & mine[:, None]
    first = np.where(waits, arrival[:, None], np.inf).min(axis=0, initial=np.inf)
    oldest = np.maximum(0.0, time - first)
    kept = (log.outcome == ANSWERED) & (log.ended > time[-1]) & (moved <= state.at)
    answered, ended = moved[kept], log.ended[kept]
    busy = ((answered[:, None] <= time) & (ended[:, None] > time)).sum(axis=0)
    return Moments(
        oldest, waits.sum(axis=0), busy, time, make.team[log.agent[kept]], queue[kept], answered, ended, log.agent[kept].astype(np.int64)
    )


def likely(state: State, seen: Sequence[Moments], seats: int, u: Floats) -> Likely:
    """The pasts that futures begin with: drawn by `u` [F] from the moments most like the state."""
    oldest = np.concatenate([one.oldest for one in seen])
    unlike = np.abs(np.log((oldest + _WAITED) / (state.oldest + _WAITED)))
    if not state.queue:
        unlike[oldest > 0.0] += 1.0
        if state.free is not None:
            busy = np.concatenate([one.busy for one in seen])
            unlike += np.abs(busy - (seats - state.free)) / max(1.0, seats**0.5)
    else:
        unlike[oldest == 0.0] += 1.0
        if state.calls is None:  # how many came behind the oldest says how busy the day is, and nothing of the calls in hand
            waiting = np.concatenate([one.waiting for one in seen])
            unlike += _BEHIND * np.abs(np.log((waiting + 1.0) / (state.queue + 1.0)))
    place = np.concatenate([np.arange(one.time.size) for one in seen])
    unlike += _EARLIER * place
    number = min(unlike.size, max(_FEWEST, round(_LIKE * unlike.size)))
    chosen = np.flatnonzero(unlike <= np.partition(unlike, number - 1)[number - 1])
    drawn = chosen[np.minimum((u * chosen.size).astype(np.int64), chosen.size - 1)]
    past = np.repeat(np.arange(len(seen)), [one.time.size for one in seen])
    return Likely(past[drawn], place[drawn])


def busyness(state: State, seen: Sequence[Moments], drawn: Floats, load: Floats, futures: int) -> Busyness:
    """How busy a day the queue points to, for so many futures. `drawn`: the busyness of the first day of each past, [R, T].

    Moments are weighted by how like the state they are, and what of their busyness goes with the queue and the oldest wait is taken out by
    regression, so that far more of them can be used than are quite like it (Beaumont, Zhang & Balding 2002, Genetics 162, 2025-2035).
    Futures have the quantiles of that law by `load` [T], the erlangs of the types, in no order.
    """
    past = np.repeat(np.arange(len(seen)), [one.time.size for one in seen])
    oldest, waiting = (np.concatenate([getattr(one, name) for one in seen]) for name in ("oldest", "waiting"))
    apart = np.column_stack([np.log((oldest + _WAITED) / (state.oldest + _WAITED)), np.log((waiting + 1.0) / (state.queue + 1.0))])
    spread = apart.std(axis=0)
    apart = np.where(spread > 1e-9, apart / np.maximum(spread, 1e-9), 0.0)  # what is the same at all moments says nothing
    distance = np.hypot(*apart.T)
    number = min(distance.size, max(_FEWEST, round(_TOLERATED * distance.size)))
    reach = max(1.001 * float(np.partition(distance, number - 1)[number - 1]), 1e-9)  # all may be equally unlike it
    weight = np.maximum(1.0 - (distance / reach) ** 2, 0.0)
    log = np.log(np.maximum(drawn, 1e-9))
    columns, root = np.column_stack([np.ones(distance.size), apart]), np.sqrt(weight)[:, None]
    inverse = np.linalg.pinv(columns * root, rcond=1e-6)
    slope = (inverse @ (log[past] * root))[1:]
    found = np.clip(log[past] - apart @ slope, log.min(axis=0), log.max(axis=0))
    level = found @ (load / max(float(load.sum()), 1e-300))
    order = np.argsort(level, kind="stable")
    upto = np.cumsum(weight[order])
    quantiles = (np.argsort(uniforms(_KEY, "order", futures)) + 0.5) / futures
    chosen = order[np.minimum(np.searchsorted(upto, quantiles * upto[-1]), order.size - 1)]
    # what each past has to do with the mean: more where the state is at the edge of what pasts come to
    share = np.bincount(past, inverse[0] * root[:, 0])
    return Busyness(past[chosen], np.exp(found[chosen]), level[chosen], float(1.0 / (share**2).sum()))


def held(seen: Moments, moment: int) -> Held:
    """The calls in hand at one of the moments; one an agent."""
    t = seen.time[moment]
    mine = np.flatnonzero((seen.answered <= t) & (seen.ended > t))
    _, first = np.unique(seen.agent[mine], return_index=True)
    mine = mine[first]
    return Held(seen.team[mine], seen.queue[mine], seen.ended[mine] - t)
