"""Agents on duty for a target where days differ: the formula averaged over how busy a day may be.

A day's factor on the volume is Gamma with mean 1. With the calls of a day as weights, an aim over many days is a ratio of sums over that
law, such as E[B x answered in time at B] / E[B] (Jongbloed and Koole 2001, Applied Stochastic Models in Business and Industry 17(4),
307-318, size for a mixture of Poisson laws in the same way). A few values of the factor stand for its law, by Gauss quadrature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccsim.errors import InputError
from ccsim.staffing.crews import Load, callers_of, load, shrinkage_of
from ccsim.staffing.limits import check_target
from ccsim.staffing.requirement import CEILINGS, _callers, _fewest, _targets
from ccsim.theory import queue_of, scheduled_agents

if TYPE_CHECKING:
    from ccsim.inputs import Scenario, Target
    from ccsim.inputs.demand import Busyness

Floats = NDArray[np.float64]
NODES = 10  # values that stand for a day's factor
MOST_ERLANGS = 200_000.0
_MOST = 1e7  # agents
_HALVINGS = 6  # a 64th of an agent


@dataclass(frozen=True)
class Question:
    """What has to be staffed: the work of I intervals, the targets to be met in each, how much days differ, the shrinkage.

    Everything is a number here, so that one can be changed to see what hangs on it.
    """

    parts: tuple[Load, ...]  # by call type
    targets: tuple[Target, ...]
    cv: float  # of the day's factor on all calls together
    shrinkage: float  # share of paid time not on duty
    hours: Floats  # [I] length of each interval

    @property
    def work(self) -> Load:
        """The load of all call types together [I]."""
        return together(self.parts)

    def required(self) -> Floats:
        """Fewest agents on duty that meet every target in each interval, over all days together [I]."""
        work = self.work
        return np.max([fewest(work, target, self.cv) for target in self.targets], axis=0)

    def scheduled(self) -> Floats:
        """Agents to schedule so that on average the required are on duty [I]."""
        return np.asarray(scheduled_agents(self.required(), self.shrinkage), dtype=float)

    def smooth_hours(self) -> float:
        """Scheduled hours of the week with agents in fractions, so that a small change of an input makes a small change of it."""
        work, required = self.work, self.required()
        finer = np.max([within_one(work, target, self.cv, required) for target in self.targets], axis=0)
        return float(finer @ self.hours) / (1.0 - self.shrinkage)

    def times(self, factors: Sequence[float]) -> Question:
        """The same with other volumes: a factor for each call type."""
        parts = [
            replace(part, calls=part.calls * factor, rate=part.rate * factor) for part, factor in zip(self.parts, factors, strict=True)
        ]
        return replace(self, parts=tuple(parts))


def question_of(week: Scenario) -> Question:
    """Return what a scenario asks, everybody taking every call; raises `InputError` for a target that nobody can meet."""
    check_target(week)
    names = callers_of(week)
    targets = {week.target_of(name).model_dump_json(): week.target_of(name) for name in names}
    horizon = week.horizon
    hours = np.asarray(horizon.interval_end - horizon.interval_start, dtype=float) / 3600.0
    parts = tuple(load(week, (name,)) for name in names)
    most = float(together(parts).offered_load.max())
    if most > MOST_ERLANGS:
        raise InputError(
            f"the busiest interval brings {most:,.0f} erlangs of work, more than the {MOST_ERLANGS:,.0f} that can be sized for; are "
            "`calls a year` and `handle_time` as they should be?"
        )
    return Question(parts, tuple(targets.values()), pooled_cv(week), shrinkage_of(week)[0], hours)


def together(parts: Sequence[Load]) -> Load:
    """Return the load of several call types that share agents; means are weighted by calls."""
    calls = np.sum([part.calls for part in parts], axis=0)
    weights = np.where(calls > 0.0, np.array([part.calls for part in parts]), 1.0)

    def mean(name: str) -> Floats:
        return np.asarray((weights * np.array([getattr(part, name) for part in parts])).sum(axis=0) / weights.sum(axis=0))

    rate = np.sum([part.rate for part in parts], axis=0)
    return Load(calls, rate, mean("handle_time"), mean("hang_up_rate"), mean("balk"))


def pooled_cv(week: Scenario) -> float:
    """Return the coefficient of variation of the day's work over all call types together.

    Types that share their busyness move together, others each by itself, so that a pool of them differs less from day to day.
    """
    names = callers_of(week)
    work = np.array([float(load(week, (name,)).offered_load.sum()) for name in names])
    cvs = np.array([_whole(week.calls[name].busyness) for name in names])
    shared = np.array([week.calls[name].busyness.shared for name in names])
    alike = np.eye(len(names), dtype=bool) | (shared[:, None] & shared[None, :])
    spread = work * cvs
    return float(np.sqrt((np.outer(spread, spread) * alike).sum()) / work.sum()) if work.sum() > 0.0 else 0.0


def _whole(busyness: Busyness) -> float:
    """The coefficient of variation of the product of the day's, the week's and the interval's factor."""
    return float(np.sqrt((1 + busyness.day**2) * (1 + busyness.week**2) * (1 + busyness.interval**2) - 1))


@lru_cache(maxsize=64)
def factors_of(cv: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return what stands for a Gamma factor of mean 1: some values and their chances, exact for polynomials of degree below 2 x `NODES`.

    The nodes of Gauss quadrature, from the Laguerre polynomials' recursion (Golub and Welsch 1969, Mathematics of Computation 23(106)).

    >>> factors_of(0.0)
    ((1.0,), (1.0,))
    >>> factors, chances = factors_of(0.1)
    >>> round(sum(f * p for f, p in zip(factors, chances)), 9), round(sum(f * f * p for f, p in zip(factors, chances)), 9)
    (1.0, 1.01)
    """
    if cv < 1e-4:
        return (1.0,), (1.0,)
    shape, k = cv**-2, np.arange(NODES)
    apart = np.sqrt(k[1:] * (k[1:] + shape - 1.0))
    nodes, vectors = np.linalg.eigh(np.diag(2.0 * k + shape) + np.diag(apart, 1) + np.diag(apart, -1))
    return tuple((nodes / shape).tolist()), tuple((vectors[0] ** 2).tolist())


def fewest(work: Load, target: Target, cv: float) -> Floats:
    """Return the fewest agents on duty that meet a target over all days together, by interval [I].

    Without busyness that is `ccsim.staffing.requirement`'s answer. Callers who never hang up make an average wait endless on any day that
    is busier than its agents, so for a target on waits alone the mean day is taken for them. Raises `InputError` where no number will do.
    """
    plain = _fewest(work, _targets(target))
    endless = not np.any(work.hang_up_rate > 0.0)
    if len(factors_of(cv)[0]) == 1 or (endless and target.average_speed_of_answer):
        return plain
    some = np.flatnonzero(plain > 0.0)
    found = plain.copy()
    if some.size:
        rows = np.column_stack([work.rate[some], work.handle_time[some], work.hang_up_rate[some], work.balk[some], plain[some]])
        alike, where = np.unique(rows, axis=0, return_inverse=True)
        found[some] = _searched(alike, target, cv)[where.ravel()]
    return found


def within_one(work: Load, target: Target, cv: float, required: Floats) -> Floats:
    """Return the fractional number of agents with whom a target is just met, in the last of whole `required` agents [I].

    Where it is met with one fewer already, as another target is stricter there, that one fewer.
    """
    rows = np.column_stack([work.rate, work.handle_time, work.hang_up_rate, work.balk])
    alike, where = np.unique(np.column_stack([rows, required]), axis=0, return_inverse=True)
    high = alike[:, 4]
    low = np.maximum(high - 1.0, 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        met = _met(alike, middle, target, cv)
        high, low = np.where(met, middle, high), np.where(met, low, middle)
    return np.asarray(high[where.ravel()] * (required > 0.0))


def _searched(rows: Floats, target: Target, cv: float) -> Floats:
    """The fewest agents for rows of (rate, handle time, hang-up rate, balk, a first guess near the answer): by doubling and halving."""
    guess = rows[:, 4]
    enough = _met(rows, guess, target, cv)
    low, high = np.where(enough, 0.0, guess), np.where(enough, guess, np.inf)
    step = np.ones(len(rows))
    while (unsure := high - low > 1.0).any():
        # away from the guess by ever longer steps until the answer lies between two numbers that were tried, then halved
        up, down = np.isinf(high), (low == 0.0) & (high > 1.0)
        tried = np.where(up, low + step, np.where(down, np.maximum(high - step, np.floor(high / 2.0)), np.floor((low + high) / 2.0)))
        step = np.where(up | down, 2.0 * step, step)
        if tried[unsure].max() > _MOST:
            raise InputError("no number of agents meets the target on days as different as these; ask for less, or lower the busyness")
        met = np.zeros(len(rows), dtype=bool)
        met[unsure] = _met(rows[unsure], tried[unsure], target, cv)
        high, low = np.where(unsure & met, tried, high), np.where(unsure & ~met, tried, low)
    return high


def _met(rows: Floats, agents: Floats, target: Target, cv: float) -> NDArray[np.bool_]:
    work = Load(rows[:, 0], rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3])
    reached = OverDays(work, target, cv, agents)
    met = np.ones(len(rows), dtype=bool)
    if target.share:
        met &= reached.service_level >= target.share - 1e-12
    for name in CEILINGS:
        if getattr(target, name):
            met &= getattr(reached, name) <= getattr(target, name) + 1e-12
    return met


class OverDays:
    """What so many agents come to over all days together, each measure [I]; the service level is the target's, at its wait."""

    def __init__(self, work: Load, target: Target, cv: float, agents: Floats) -> None:
        factors, chances = (np.array(values)[:, None] for values in factors_of(cv))
        none = 0.0 * factors
        callers = {name: value + none for name, value in _callers(work.hang_up_rate, work.balk).items()}
        self._queue = queue_of(factors * work.rate, work.handle_time + none, agents + none, **callers)
        self._weights, self._chances, self._target = chances * factors, chances, target

    def _mean(self, values: ArrayLike) -> Floats:
        return np.asarray((self._weights * np.asarray(values)).sum(axis=0))

    @property
    def service_level(self) -> Floats:
        """The target's variant of the service level at its wait."""
        queue, target = self._queue, self._target
        good = self._mean(queue.answered_within(target.wait))
        early = self._mean(queue.hung_up_within(target.short_abandon)) if "short" in target.variant else np.zeros_like(good)
        if target.variant == "counting_short_abandons":
            return good + early
        base = self._mean(queue.answered_fraction) if target.variant == "answered" else 1.0 - early
        return np.where(base > 0.0, good / np.where(base > 0.0, base, 1.0), 0.0)

    @property
    def mean_wait(self) -> Floats:
        """Mean wait of all callers [s]."""
        return self._mean(self._queue.mean_wait)

    @property
    def average_speed_of_answer(self) -> Floats:
        """Mean wait of those who are answered [s]."""
        answered = np.asarray(self._queue.answered_fraction)
        with np.errstate(invalid="ignore"):
            waits = np.where(answered > 0.0, answered * np.asarray(self._queue.average_speed_of_answer), 0.0)
        whole = self._mean(answered)
        return np.where(whole > 0.0, self._mean(waits) / np.where(whole > 0.0, whole, 1.0), np.inf)

    @property
    def abandoned_fraction(self) -> Floats:
        """Share of the callers who hang up."""
        return self._mean(self._queue.abandoned_fraction)

    @property
    def occupancy(self) -> Floats:
        """Share of the agents' time spent handling, all days alike."""
        return np.asarray((self._chances * np.asarray(self._queue.occupancy)).sum(axis=0))
