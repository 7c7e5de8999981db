"""What many played paths say of each aim of the target, for every call type and interval, and how many agents it was off by."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.tally import Tally
from ccsim.engine.tally.columns import (
    ABANDONED,
    CALLS_ANSWERED,
    HANDLING,
    OFFERED,
    ON_DUTY,
    WAIT_ANSWERED,
)
from ccsim.experiment.ahead import compile_ahead
from ccsim.experiment.executors import cores
from ccsim.experiment.workshop import Workshop
from ccsim.measures.targets import share_of
from ccsim.staffing.crews import callers_of

if TYPE_CHECKING:
    from ccsim.inputs import Scenario, Target

Floats = NDArray[np.float64]
_CHUNK = 8
_LEAST, _MOST = 64, 1500
MOMENTS = 0.05  # agents: so few less over an interval are moments of some people, and nobody is short
# Student's t is close enough to the normal from `_LEAST` paths on
_Z = 1.96


@dataclass(frozen=True)
class Measured:
    """One aim as played, for one call type, by interval (I): nan where there were no calls, or no need to judge.

    Where the target is `per: day`, `mean` and `error` are what the interval's day came to, and `own` is the interval's.
    """

    call_type: str
    aim: str  # a field of the target: share, average_speed_of_answer, abandoned_fraction, occupancy
    goal: float
    mean: Floats  # [I], all paths together
    error: Floats  # [I] standard error of the mean
    own: Floats  # [I] what came of the interval by itself
    part: Floats  # [I] how much of what is judged with the interval lies in it: 1, or with `per: day` its part of the day

    @property
    def better(self) -> Floats:
        """How far the mean is on the right side of the goal [I]; below 0 it is missed."""
        return (self.mean - self.goal) * (1.0 if self.aim == "share" else -1.0)


@dataclass(frozen=True)
class Played:
    """What came of playing a scenario so many times."""

    replications: int
    measured: tuple[Measured, ...]
    served: Mapping[str, Floats]  # [I] of each call type: the share served within its target's wait, whatever the aims; nan without
    on_duty: Floats  # [R, I] agents on duty in each path, contingents included
    complete: bool

    @property
    def missed(self) -> NDArray[np.bool_]:
        """Intervals in which some aim of some call type is missed, all paths together [I]."""
        return self._any(lambda one: one.better < -1e-9)

    @property
    def surely_missed(self) -> NDArray[np.bool_]:
        """Intervals in which an aim lies outside its 95 % interval on the wrong side [I]."""
        return self._any(lambda one: one.better + _Z * one.error < -1e-9)

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Intervals with calls to judge [I]."""
        return self._any(lambda one: np.isfinite(one.mean))

    def count(self, intervals: NDArray[np.bool_]) -> float:
        """How many of these intervals [I] there are; where the target is by day an interval counts for its part of the day."""
        part = np.max([np.nan_to_num(one.part) for one in self.measured], axis=0)
        return float(part[intervals].sum())

    def _any(self, test: Callable[[Measured], NDArray[np.bool_]]) -> NDArray[np.bool_]:
        return np.any([np.nan_to_num(test(one)).astype(bool) for one in self.measured], axis=0)


def replications_for(scenario: Scenario, calls: float = 4e6) -> int:
    """How many paths to play so that about `calls` calls are: from 64 to 1,500."""
    expected = sum(float(np.sum(kind.volume)) for kind in scenario.calls.values())
    return int(np.clip(calls / max(expected, 1.0), _LEAST, _MOST))


def play(
    scenario: Scenario, replications: int, seed: int, progress: Callable[[int, int], None] | None = None, workers: int | None = None
) -> Played:
    """Play a scenario and return each aim by call type and interval; every call type is judged by itself, at its own target.

    Where a target is `per: day`, each interval carries what its day came to. Ctrl-C raises KeyboardInterrupt.
    """
    workshop = Workshop(scenario, seed, "kernel")
    compile_ahead(workshop)
    firsts = list(range(0, replications, _CHUNK))
    stopped, found = threading.Event(), {}
    with ThreadPoolExecutor(max(1, min(workers or cores(), len(firsts)))) as pool:
        try:
            benches = _benches(workshop)
            tasks = {first: pool.submit(_chunk, benches, first, min(_CHUNK, replications - first), stopped) for first in firsts}
            done = 0
            for first in firsts:
                found[first] = tasks[first].result()
                done += len(found[first][0])
                if progress is not None:
                    progress(done, replications)
        except BaseException:
            stopped.set()
            raise
    calls = np.concatenate([found[first][0] for first in firsts])
    time = np.concatenate([found[first][1] for first in firsts])
    seconds = np.asarray(scenario.horizon.interval_end - scenario.horizon.interval_start)
    names = list(scenario.calls)
    measured = tuple(part for name in judged_of(scenario) for part in _aims(scenario, name, calls[:, :, names.index(name)], time))
    served = {name: _served(scenario.target_of(name), calls[:, :, number]) for number, name in enumerate(names)}
    return Played(len(calls), measured, served, time[..., ON_DUTY] / seconds, True)


def judged_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the call types that are held against a target: all callers, and work that has a target of its own."""
    callers = callers_of(scenario)
    return tuple(name for name, call in scenario.calls.items() if name in callers or call.target is not None)


def _benches(workshop: Workshop) -> Callable[[], tuple[object, Tally]]:
    """A bench and a tally for each thread, made when it first asks."""
    own = threading.local()

    def give() -> tuple[object, Tally]:
        if not hasattr(own, "tools"):
            bench = workshop.bench()
            own.tools = bench, Tally(bench.floor, bench.yardstick.limits, _CHUNK)
        return own.tools

    return give


def _chunk(benches: Callable[[], tuple[object, Tally]], first: int, count: int, stopped: threading.Event) -> tuple[Floats, Floats]:
    bench, tally = benches()
    tally.clear()
    for slot in range(count):
        if stopped.is_set():
            break
        day = bench.draw(first + slot)  # type: ignore[attr-defined]
        tally.add(slot, day, bench.play(day))  # type: ignore[attr-defined]
    return tally.calls[:count].copy(), tally.teams[:count].sum(axis=1)


def _aims(scenario: Scenario, name: str, calls: Floats, time: Floats) -> Iterator[Measured]:
    """The aims of one call type: `calls` [R, I, columns] its own, `time` [R, I, 2] of all agents."""
    target = scenario.target_of(name)
    called = np.asarray(scenario.calls[name].volume) > 0.0
    called = called & scenario.horizon.measured
    for aim, over, under in _ratios(target, calls, time):
        alone, own = under.sum(axis=0), np.where(called, _ratio(over, under), np.nan)
        if target.per == "day":
            over, under = _by_day(scenario, over), _by_day(scenario, under)
        total = under.sum(axis=0)
        mean = _ratio(over, under)
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.sqrt(((over - mean * under) ** 2).sum(axis=0)) / np.where(total > 0.0, total, np.nan)
            part = np.where(called & (total > 0.0), alone / total, np.nan)
        mean, spread = np.where(called, mean, np.nan), np.where(called, spread, np.nan)
        yield Measured(name, aim, float(getattr(target, aim)), mean, spread, own, part)


def _ratio(over: Floats, under: Floats) -> Floats:
    """All paths' `over` by all their `under` [I]; nan where there is nothing."""
    total = under.sum(axis=0)
    return np.divide(over.sum(axis=0), total, out=np.full(total.shape, np.nan), where=total > 0.0)


def _served(target: Target, calls: Floats) -> Floats:
    """The share served within the target's wait, by the target's variant, of one call type's `calls` [R, I, columns]."""
    return _ratio(*share_of(target, calls))


def _ratios(target: Target, calls: Floats, time: Floats) -> Iterator[tuple[str, Floats, Floats]]:
    """Each aim as a ratio of sums (the definitions of `ccsim.measures.targets.held`)."""
    offered, answered = calls[..., OFFERED], calls[..., CALLS_ANSWERED]
    if target.share is not None:
        yield "share", *share_of(target, calls)
    if target.average_speed_of_answer is not None:
        yield "average_speed_of_answer", calls[..., WAIT_ANSWERED], answered
    if target.abandoned_fraction is not None:
        yield "abandoned_fraction", calls[..., ABANDONED], offered
    if target.occupancy is not None:
        yield "occupancy", time[..., HANDLING], time[..., ON_DUTY]


def _by_day(scenario: Scenario, values: Floats) -> Floats:
    """Sums over each day, given to each of its intervals [R, I]; the warm-up is left out."""
    day = np.asarray(scenario.horizon.interval_day)
    counted = np.where(scenario.horizon.measured, values, 0.0)
    return np.stack([counted[:, day == one].sum(axis=1) for one in day.tolist()], axis=1)
