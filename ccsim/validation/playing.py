"""The days to be predicted, played: their arrivals on their staff, with times and patience drawn from what was learned.

How long a caller stays depends on the queue it finds, and the queue on how long callers stay. A path is therefore played again and again:
everybody's patience is that for the queue found in the path before, under the same draws, until next to no caller finds another queue. The
queue that a caller finds depends on callers before it alone, so what has settled stays settled, from the first caller on. After `ROUNDS`
plays a few in a hundred may still change places; means over the path have long ceased to move.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.engine import streams
from ccsim.engine.floor import ANSWERED, Day, Floor
from ccsim.engine.replay import _day, _floor, _read_calls, _read_duty
from ccsim.fitting.skills import Skills
from ccsim.validation.coming import Coming
from ccsim.validation.duty import on_duty_at, with_takes
from ccsim.validation.hang_ups import queue_found
from ccsim.validation.occupied import HOUR
from ccsim.validation.weights import uniforms

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.estimate import Floats
    from ccsim.validation.learned import Learned, Recorded
    from ccsim.validation.volume import Volume

ROUNDS: Final = 24  # plays of a path, at the most
APART: Final = HOUR  # s without anybody on duty, from which the staff has gone and does not merely pause
SETTLED: Final = 0.002  # share of the callers that may still find another queue
_TIME, _STAY, _ONCE = "time taken", "patience", "hanging up at once"

Bools = np.ndarray[Any, np.dtype[np.bool_]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Path:
    """One played path: N calls in order of arrival."""

    wait: Floats  # [N] s
    answered: Bools  # [N]
    place: Ints | None = None  # [N] interval of each call, where the callers are drawn


class Stage:
    """The floor of the days to be predicted: who calls, who is there, who takes what. Times of the engine count from the first midnight."""

    def __init__(self, coming: Coming, stretches: pd.DataFrame, skills: Skills, by_priority: bool, factors: bool) -> None:
        import pandas as pd

        self.origin = float(coming.arrival[0]) // 86400.0 * 86400.0
        self.arrival = coming.arrival - self.origin
        self.factors = factors
        calls = pd.DataFrame(
            {
                "arrival": self.arrival,
                "call_type": coming.call_type,
                "handle_time": 1.0,
                "patience": 1.0,
                "priority": _levels(coming.priority) if by_priority else 0,
            }
        )
        own = stretches.assign(start=stretches["start"] - self.origin, end=stretches["end"] - self.origin)
        read = _read_calls(calls)
        roster = _read_duty(with_takes(own, _within(skills, read.types)), read.types)
        queues = sorted(set(zip(read.type.tolist(), (-read.priority).tolist(), strict=True)))
        self.floor: Floor = _floor(read, roster, queues, None, "longest-waiting")
        self.day: Day = _day(read, roster, queues, np.arange(len(self.arrival)))
        self.people = [str(name) for name in roster.agents]
        self.agents = on_duty_at(own, self.arrival)
        self.staffed = staffed_for(own["start"].to_numpy(dtype=float), own["end"].to_numpy(dtype=float), self.arrival)

    def play(self, time: Floats, patience: Floats, by_agent: dict[str, float]) -> Path:
        """One path; `time` [N] a call takes before the person's factor, `patience` [N] [s]."""
        from ccsim.engine.kernel import play

        factor = np.array([by_agent.get(name, 1.0) if self.factors else 1.0 for name in self.people])
        log = play(self.floor, self.day._replace(handle_time=time, patience=patience, factor=factor))
        return Path(np.where(np.isnan(log.moved_on), np.inf, log.moved_on) - self.arrival, log.outcome == ANSWERED)


def staffed_for(start: Floats, end: Floats, arrival: Floats) -> Floats:
    """[N] how long after each arrival the staff is there [s], pauses shorter than `APART` among it; 0 where nobody is or is about to come.

    `start` and `end` are stretches on duty. So long waits whoever never hangs up: once all have gone, nobody would ever answer.
    """
    order = np.argsort(start, kind="stable")
    begins, ends = start[order], np.maximum.accumulate(end[order])
    breaks = np.flatnonzero(begins[1:] > ends[:-1] + APART)
    begins, ends = begins[np.append(0, breaks + 1)], ends[np.append(breaks, len(ends) - 1)]
    place = np.searchsorted(ends, arrival)
    at = np.minimum(place, len(ends) - 1)
    there = (place < len(ends)) & (arrival >= begins[at] - APART)
    return np.where(there, ends[at] - arrival, 0.0)


def _within(skills: Skills, types: list[Any]) -> Skills:
    """The same skills among the types that are called; whoever takes none of them takes all."""
    called = tuple(str(name) for name in types)
    known = {name: tuple(kind for kind in own if kind in called) for name, own in skills.known.items()}
    return Skills(called, {name: own for name, own in known.items() if own})


def _levels(priority: Floats) -> Any:
    """Priorities as whole numbers in their order."""
    return np.unique(priority, return_inverse=True)[1].astype(np.int64)


class Truth:
    """What is known of the recorded calls, to be put in in the place of draws."""

    def __init__(self, test: Recorded, time: bool = False, patience: bool = False) -> None:
        self.by_time, self.by_patience = time, patience
        self.gone = (test.frame["outcome"] == "abandoned").to_numpy()
        self.wait = np.nan_to_num(test.frame["wait"].to_numpy(dtype=float))
        self.time = np.full(len(self.wait), np.nan)
        self.time[test.calls.place] = test.calls.ended - test.calls.answered
        self.found = queue_found(test.arrival, self.wait)


class Prediction:
    """Draws of what was learned, played on a stage."""

    def __init__(self, learned: Learned, coming: Coming, stage: Stage, seed: int, truth: Truth | None = None) -> None:
        self.learned, self.stage, self.seed, self.truth = learned, stage, seed, truth
        number = {name: place for place, name in enumerate(learned.types)}
        self.type = np.array([number[name] for name in coming.call_type.tolist()], dtype=np.int64)
        self.kind = learned.callers.numbers(coming)
        self.hour = ((stage.arrival % 86400.0) // HOUR).astype(np.int64)

    def path(self, draw: int, parameters: int) -> Path:
        """Path number `draw`, with the parameters of that number."""
        count, occupied, truth = len(self.type), self.learned.occupied[parameters], self.truth
        hang_ups = self.learned.hang_ups[parameters]
        time = occupied.draw(self.type, self.hour, uniforms(self.seed, draw, streams.HANDLE_TIME, _TIME, count))
        if truth is not None and truth.by_time:
            time = np.where(np.isnan(truth.time), time, truth.time + occupied.pause)
        unit = -np.log(uniforms(self.seed, draw, streams.PATIENCE, _STAY, count))
        once = uniforms(self.seed, draw, streams.BALK, _ONCE, count)
        if not self.learned.hung_up:  # nothing tells of patience: all wait as long as there is staff
            stays = self.stage.staffed
            if truth is not None and truth.by_patience:
                stays = np.where(truth.gone, truth.wait, stays)
            return self.stage.play(time, stays, occupied.by_agent)
        if truth is not None and truth.by_patience:
            # Who was answered would have waited longer than it did: by as much as an exponential draw begun anew.
            beyond = hang_ups.summed(self.kind, truth.found, self.stage.agents, truth.wait) + unit
            stays = hang_ups.patience(self.kind, truth.found, self.stage.agents, beyond, np.ones(count))
            return self.stage.play(time, np.where(truth.gone, truth.wait, stays), occupied.by_agent)
        found = np.zeros(count)
        for _ in range(ROUNDS):
            path = self.stage.play(time, hang_ups.patience(self.kind, found, self.stage.agents, unit, once), occupied.by_agent)
            now = queue_found(self.stage.arrival, path.wait)
            if np.count_nonzero(now != found) <= SETTLED * count:
                break
            found = now
        return path


class Pooled:
    """The naive queue: everybody takes everything, first come first served, recorded handle times, one exponential patience."""

    def __init__(self, learned: Learned, stage: Stage, seed: int) -> None:
        self.plain, self.stage, self.seed = learned.plain, stage, seed

    def path(self, draw: int, parameters: int) -> Path:
        """Path number `draw`; there are no parameters to draw."""
        count, values = len(self.stage.arrival), self.plain.handle_times
        place = (uniforms(self.seed, draw, streams.HANDLE_TIME, _TIME, count) * len(values)).astype(np.int64)
        unit = -np.log(uniforms(self.seed, draw, streams.PATIENCE, _STAY, count))
        patience = unit * self.plain.patience if np.isfinite(self.plain.patience) else self.stage.staffed
        return self.stage.play(values[np.minimum(place, len(values) - 1)], patience, {})


class Foretold:
    """Paths whose callers are drawn too, from what was foretold of the calls; `on_stage` makes what is played of them."""

    def __init__(
        self, volume: Volume, seed: int, place: Ints, stage: Callable[[Coming], Stage],
        on_stage: Callable[[Coming, Stage], Prediction | Pooled],
    ) -> None:  # fmt: skip
        self.volume, self.seed, self.place, self.stage, self.on_stage = volume, seed, place, stage, on_stage

    def path(self, draw: int, parameters: int) -> Path:
        """Path number `draw`; `place` tells for each of the volume's intervals which one of those compared it is."""
        coming, own = self.volume.callers(self.seed, draw)
        if not len(own):
            return Path(np.zeros(0), np.zeros(0, dtype=bool), own)
        found = self.on_stage(coming, self.stage(coming)).path(draw, parameters)
        return replace(found, place=self.place[own])
