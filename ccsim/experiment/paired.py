"""Several scenarios played side by side under the same luck, path by path.

A draw belongs to its owner, a caller or an agent, so path r of every scenario under one seed is the same day with other staff. The
scenarios are played in rounds of the same paths: what is finished is balanced at any time, and a scenario may be dropped on the way. A task
is some paths of a round under several scenarios, one scenario after the other on each path, so that callers whom all of them have in common
are drawn once.

Each scenario's `Result` is, to the last bit, that of a run by itself (where all play the same number of paths at a time, which days of
more than 12,500 calls may not). Besides, the sums of the run's columns are kept for each path, some twenty numbers: pairing needs no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

import numpy as np

from ccsim.engine.draws import Shared
from ccsim.engine.floor import Floats
from ccsim.errors import InputError, ScenarioError
from ccsim.experiment.ahead import compile_ahead
from ccsim.experiment.estimates import percentile, wait_percentiles
from ccsim.experiment.executors import Span, cores, in_order, shared_out
from ccsim.experiment.first_calls import FirstCalls, first_call_factors
from ccsim.experiment.interrupts import interruptible
from ccsim.experiment.moments import BATCHES, Chunk, Moments, Paths, Totals
from ccsim.experiment.result import Result
from ccsim.experiment.workshop import Bench, Engine, Workshop
from ccsim.inputs.scenario import Scenario
from ccsim.measures.definitions import PERCENTILES

# A worker's benches take some 5 MB each; of more scenarios than this it makes them anew, which takes a millisecond.
_BENCHES_KEPT: Final = 8
# Where there are more, so many are played together in a task, for a whole round
_TOGETHER: Final = 4
_MOST_SCENARIOS: Final = 500

Progress = Callable[[int, int], None]
# Given what was played so far and the numbers of those still in: the numbers of those that go on
Decide = Callable[[Sequence["Played"], list[int]], list[int]]


class Part(NamedTuple):
    """Consecutive paths of one scenario: `columns` [paths, V] of the run and `percentiles` [paths, P] of the waits, path by path.

    `intervals` [paths, M, K] are the columns of each interval that are compared; none unless asked for.
    """

    chunk: Chunk
    columns: Floats
    percentiles: Floats
    intervals: Floats

    @staticmethod
    def of(paths: Paths, callers: Sequence[int], kept: Sequence[int]) -> Part:
        """What was played of some paths: `callers` are the call types whose waits count, `kept` the columns of the intervals compared."""
        waits = paths.waits[:, callers].sum(axis=1)
        percentiles = wait_percentiles(waits, tuple(PERCENTILES.values()))
        return Part(paths.chunk(), paths.columns["run"][:, 0], percentiles, paths.columns["intervals"][:, :, list(kept)])


class Played:
    """One of the scenarios that were played side by side: its result, and what each of its paths came to."""

    def __init__(self, name: str, workshop: Workshop, counted_elsewhere: bool = False) -> None:
        self.name = name
        self.counted_elsewhere = counted_elsewhere  # its first calls are those that the staff of another scenario leads to
        self.scenario = workshop.scenario
        self.yardstick = workshop.yardstick
        self.totals = Totals()
        self.result = Result(
            workshop.scenario, workshop.yardstick, self.totals, workshop.seed, workshop.engine, first_calls=workshop.first_calls
        )
        # Of the intervals' columns that were asked for: those of the first scenario, then its own, on the paths that both played, [M, 2 K]
        self.beside: Moments | None = None
        self._parts: list[Part] = []
        self._measures: dict[str, dict[str, Any]] | None = None

    @property
    def paths(self) -> int:
        """Number of paths played."""
        return self.totals.count

    @property
    def rounds(self) -> int:
        """Number of rounds played."""
        return len(self._parts)

    @property
    def measures(self) -> dict[str, dict[str, Any]]:
        """The measures of the whole run, as they stand in the result's document."""
        if self._measures is None:
            self._measures = self.result.to_dict()["measures"]
        return self._measures

    @property
    def columns(self) -> Floats:
        """The run's columns (`measures.definitions.COLUMNS["run"]`) of each path, [paths, V]."""
        return np.concatenate([part.columns for part in self._parts])

    @property
    def percentiles(self) -> Floats:
        """The percentiles of the waits of each path, in the order of `PERCENTILES`, [paths, P]; nan for a path without waits."""
        return np.concatenate([part.percentiles for part in self._parts])

    def latest_sums(self, paths: int) -> Floats | None:
        """The run's columns added up over the latest rounds that make up so many paths, [V], once they have been played anew; else None."""
        rounds = -(-paths // len(self._parts[0].columns))
        if len(self._parts) % rounds != 0:
            return None
        return np.concatenate([part.columns for part in self._parts[-rounds:]]).sum(axis=0)

    def add(self, part: Part) -> None:
        """Takes in the next paths."""
        self.result.add(part.chunk)
        self._measures = None
        # The waits are in the totals now; of the chunk itself and the intervals nothing is needed any more.
        self._parts.append(part._replace(chunk=cast("Chunk", None), intervals=part.intervals[:0]))

    def set_beside(self, base: Part, own: Part) -> None:
        """Takes in what the intervals of the same paths came to in the first scenario and in this one."""
        pairs = Moments.of(np.concatenate([base.intervals, own.intervals], axis=2))
        self.beside = pairs if self.beside is None else self.beside.merged(pairs)


def play(
    scenarios: dict[str, Scenario],
    replications: int,
    seed: int,
    engine: Engine,
    workers: int | None = None,
    progress: Progress | None = None,
    decide: Decide | None = None,
    counted: Scenario | None = None,
    first_calls: Sequence[FirstCalls | None] | None = None,
    intervals: Sequence[int] = (),
) -> tuple[list[Played], bool]:
    """The scenarios by name, each played on the same paths; and whether all of it was finished.

    `replications` paths are played of each; with `decide` at most so many, and after each round only of those that it lets go on, until
    one is left. `progress(done, total)` counts the paths of all scenarios together.

    Where volumes count all calls offered, the calls were counted once, under the staff of `counted` (the first scenario unless told):
    the first calls that this leads to are those of every scenario with the same volumes. A run of one of the others by itself would
    take out again what its own staff leads to. `first_calls` are those of each scenario, in order, where they are known already.

    `intervals` are numbers of the intervals' columns: each scenario but the first keeps what they come to beside those of the first.

    Ctrl-C, or a KeyboardInterrupt out of `progress`, ends it early with the rounds finished by then; before the first, KeyboardInterrupt
    is raised. Raises `InputError` for too many scenarios, or one without staff.
    """
    if len(scenarios) > _MOST_SCENARIOS:
        raise InputError(f"there are {len(scenarios):,} scenarios to play side by side; at most {_MOST_SCENARIOS} are taken")
    if first_calls is not None:
        workshops = [Workshop(one, seed, engine, first_calls=own) for one, own in zip(scenarios.values(), first_calls, strict=True)]
        elsewhere = [False] * len(workshops)
        compile_ahead(workshops[0])
    else:
        workshops, elsewhere = _workshops(list(scenarios.values()), counted, seed, engine)
    played = [Played(name, workshop, there) for name, workshop, there in zip(scenarios, workshops, elsewhere, strict=True)]
    race = _Race(played, workshops, replications, decide, intervals)
    workers = (cores() if engine == "kernel" else 1) if workers is None else workers
    workers = min(workers, max(1, len(workshops) * -(-replications // race.size)))
    complete = False
    with interruptible() as stopped:
        try:
            complete = race.run(workers, engine == "simpy", stopped, progress)
        except KeyboardInterrupt:
            stopped.set()
    if not complete and race.played[0].paths == 0:
        raise KeyboardInterrupt
    for one in race.played:
        one.result.interrupted = not complete
    return race.played, complete


def _workshops(scenarios: list[Scenario], counted: Scenario | None, seed: int, engine: Engine) -> tuple[list[Workshop], list[bool]]:
    """A workshop for each scenario, and whether its first calls come from another scenario's staff."""
    base = scenarios[0] if counted is None else counted
    first_calls = first_call_factors(base, seed) if base.staff or base.contingent else None
    workshops, elsewhere = [], []
    for scenario in scenarios:
        same = first_calls is not None and same_volumes(base, scenario)
        workshops.append(Workshop(scenario, seed, engine, first_calls=first_calls if same else None))
        elsewhere.append(same and scenario is not base)
        compile_ahead(workshops[-1])
    return workshops, elsewhere


def same_volumes(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios have the same call types with the same volumes, counted in the same way."""
    return list(one.calls) == list(other.calls) and all(
        call.counts_offered == other.calls[name].counts_offered and np.array_equal(call.volume, other.calls[name].volume)
        for name, call in one.calls.items()
    )


class _Race:
    """Hands out the rounds' work, takes back what was played, and knows who is still in."""

    def __init__(
        self, played: list[Played], workshops: list[Workshop], replications: int, decide: Decide | None, intervals: Sequence[int]
    ) -> None:
        self.played = played
        self._intervals = list(intervals)
        self.size = min(workshop.chunk_size for workshop in workshops)
        self.goes_on = list(range(len(played)))
        self._benches = _Benches(workshops, self.size)
        self._replications = replications
        self._decide = decide
        self._round = 0  # the round that is waited for

    def run(self, workers: int, processes: bool, stopped: threading.Event, progress: Progress | None) -> bool:
        """Plays until all paths are played or one scenario is left; whether it came to that."""
        waiting: dict[int, list[Paths]] = {number: [] for number in self.goes_on}  # what was played of each after the rounds taken
        with closing(in_order(self._benches, self._work(shared_out(workers)), workers, processes, stopped)) as pieces:
            for finished in cast("Iterator[_Finished]", pieces):
                if not finished.played:
                    return False
                for number in self.goes_on:
                    waiting[number] += [finished.played[number]] if number in finished.played else []
                while self.goes_on and all(sum(map(len, waiting[number])) >= self._next for number in self.goes_on):
                    self._take(waiting)
                    if progress is not None:
                        done = sum(one.paths for one in self.played)
                        progress(done, done + max(0, self._replications - self._done) * len(self.goes_on))
                if self._over:
                    return True
        return self._over

    @property
    def _done(self) -> int:
        return self._round * self.size

    @property
    def _next(self) -> int:
        """Paths in the round that is waited for; after the last round one, for which nothing is played."""
        return max(1, min(self.size, self._replications - self._done))

    @property
    def _over(self) -> bool:
        return self._done >= self._replications or not self.goes_on

    def _take(self, waiting: dict[int, list[Paths]]) -> None:
        taken = {}
        for number in self.goes_on:
            mine, later = Paths.joined(waiting[number]).before(self._next)
            taken[number] = Part.of(mine, list(self.played[number].yardstick.callers), self._intervals)
            self.played[number].add(taken[number])
            waiting[number] = [later] if len(later) else []
        for number in self.goes_on if self._intervals and 0 in taken else ():
            if number != 0:
                self.played[number].set_beside(taken[0], taken[number])
        self._round += 1
        if self._decide is not None:
            self.goes_on = self._decide(self.played, self.goes_on)
            if len(self.goes_on) <= 1:
                self.goes_on = []
        # What was played ahead of those who are out now is not needed.
        for number, parts in waiting.items():
            if number not in self.goes_on:
                parts.clear()

    def _work(self, shared: bool) -> Iterator[Span]:
        """Tickets and tasks: all the paths of a round under some scenarios, or some of them under all; each task about as long.

        Where a round is not `shared` out, all of it is read off at once.
        """
        ticket = 0
        for first in range(0, self._replications, self.size):
            count = min(self.size, self._replications - first)
            still_in = list(self.goes_on)
            few = len(still_in) <= _BENCHES_KEPT
            together = len(still_in) if few else _TOGETHER
            piece = -(-count // max(1, len(still_in))) if few and shared else count
            for path in range(first, first + count, piece):
                for at in range(0, len(still_in), max(1, together)):
                    scenarios = [number for number in still_in[at : at + together] if number in self.goes_on]
                    if scenarios:
                        yield ticket, self._benches.task(scenarios, path, min(piece, first + count - path))
                        ticket += 1


@dataclass(frozen=True, slots=True)
class _Finished:
    """What a task came to; `first` and `count` number the tickets for those who keep the order."""

    first: int
    count: int
    played: dict[int, Paths]  # the paths of each scenario; empty where it was cut short


class OneRefused(ScenarioError):
    """A refusal on the way, of the scenario with this number."""

    number = 0


class _Benches:
    """Where a worker gets its tools; a task names scenarios, the first path and the number of paths, in one number."""

    def __init__(self, workshops: list[Workshop], chunk_size: int) -> None:
        self.workshops = workshops
        self.chunk_size = chunk_size

    def bench(self) -> _SideBySide:
        """One worker's own benches."""
        return _SideBySide(self)

    def at_home(self, fault: ScenarioError) -> ScenarioError:
        """What a worker away from the scenarios' files refused, as it is said where they are."""
        return self.workshops[fault.number].at_home(fault) if isinstance(fault, OneRefused) else fault

    def task(self, scenarios: list[int], first: int, count: int) -> int:
        """The number of a task."""
        which = sum(1 << scenario for scenario in scenarios)
        return ((first * (self.chunk_size + 1) + count) << len(self.workshops)) + which

    def told(self, task: int) -> tuple[list[int], int, int]:
        """Scenarios, first path and count of a task."""
        first, count = divmod(task >> len(self.workshops), self.chunk_size + 1)
        return [scenario for scenario in range(len(self.workshops)) if task >> scenario & 1], first, count


class _SideBySide:
    """One worker's benches, a few of them at a time."""

    def __init__(self, benches: _Benches) -> None:
        self._shared = benches
        self._luck = Shared()
        self._kept: dict[int, Bench] = {}

    def chunk(self, ticket: int, task: int, stopped: Callable[[], bool] = lambda: False) -> _Finished:
        """Plays the task with a ticket's number: a few paths at a time under one scenario after the other, all read off at the end."""
        scenarios, first, count = self._shared.told(task)
        benches = {scenario: self._bench(scenario) for scenario in scenarios}
        for bench in benches.values():
            bench.begin(first, count)
        # the same paths at a time, so that what they have in common is drawn once
        at_once = min(bench.most for bench in benches.values())
        while any(bench.left for bench in benches.values()):
            for scenario, bench in benches.items():
                if stopped():
                    return _Finished(ticket, 0, {})
                with _named(scenario):
                    bench.go_on(at_once)
        return _Finished(ticket, 1, {scenario: bench.read() for scenario, bench in benches.items()})

    def _bench(self, scenario: int) -> Bench:
        if scenario not in self._kept:
            while len(self._kept) >= _BENCHES_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[scenario] = self._shared.workshops[scenario].bench(self._luck)
        return self._kept[scenario]


@contextmanager
def _named(scenario: int) -> Iterator[None]:
    """Within it a refusal is that of the scenario with this number."""
    try:
        yield
    except ScenarioError as fault:
        refused = OneRefused(str(fault))
        refused.number = scenario
        raise refused from None


def batch_percentiles(played: Played, share: float) -> tuple[float, Floats]:
    """A percentile of the waits of all paths together, and of each batch of paths by itself, [batches]; nan without waits."""
    waits = played.totals.waits[:, list(played.yardstick.callers)].sum(axis=1)
    batches = min(BATCHES, played.paths)
    each = [float(percentile(waits[number : number + 1], share, 1).mean[0]) for number in range(batches)]
    return float(percentile(waits, share, 1).mean[0]), np.array(each)
