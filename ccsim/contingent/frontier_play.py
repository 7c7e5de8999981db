"""Scenarios played on the same days: a day is drawn once, and every one of them is played on it.

A path is a row of sums, one for each of `COLUMNS`. Scenarios go through a worker some at a time, over a few days each, so that memory does
not grow with their number; within a round of days all of them are played, so that whatever is finished is balanced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

import numpy as np

from ccsim.engine import duty
from ccsim.engine.draws import Drawer, Shared
from ccsim.engine.floor import CALLED_OFF, FAILED, LAPSED, REFUSED, Day, Floats, Floor, Ints
from ccsim.engine.kernel import Kernel
from ccsim.engine.shifts import shifts as shifts_of
from ccsim.engine.tally import Tally
from ccsim.errors import ScenarioError
from ccsim.experiment.ahead import compile_ahead
from ccsim.experiment.executors import cores, in_order
from ccsim.experiment.first_calls import FirstCalls, first_call_factors
from ccsim.experiment.interrupts import interruptible
from ccsim.experiment.workshop import Workshop
from ccsim.inputs.scenario import Scenario
from ccsim.measures.definitions import COLUMNS as COLUMNS_OF
from ccsim.measures.reading import read_off
from ccsim.measures.risk import DAYS, TARGET_MISSED, read_aims, read_days
from ccsim.measures.targets import AIMS, aims_of
from ccsim.measures.yardstick import Yardstick, yardstick_of

# Sums over one path: calls offered; calls that waited beyond the target wait; days that missed the target as a whole, and days judged;
# what the pool costs, and everything; the pool's paid seconds; activations; days with one; calendar days; people who said yes, and of
# them those who were called off, or came too late to be on; days that missed each aim of the target
COLUMNS: Final = (
    "offered", "over", "missed", "judged", "contingents", "cost", "paid", "activations", "days_used", "units", "yeses", "called_off",
    *(f"missed {aim}" for aim in AIMS),
)  # fmt: skip
_FROM_RUN: Final = ("offered", "over", "cost", "units")
_FROM_POOLS: Final = {"contingents": "cost", "paid": "paid", "activations": "activations", "days_used": "days_used"}
ROUND: Final = 24  # paths that a worker plays under some scenarios in one go, at most ...
_FEWEST: Final = 8  # ... and at least, so that its tools are not made for a path or two ...
_TURNS: Final = 12  # ... and so many goes for each worker, so that none is idle for long at the end
# Scenarios a worker has at hand at a time, each with buffers that grow with the calls of a path
_MOST_TOGETHER: Final = 16
_CALLS_TOGETHER: Final = 400_000
_MISSED: Final = [daily.name for daily in DAYS].index(TARGET_MISSED)

Told = Callable[[int], None]


class Ready(NamedTuple):
    """A scenario made ready to be played; `people` tells apart those who have other people, and so other days."""

    scenario: Scenario
    floor: Floor
    yardstick: Yardstick
    people: str


class Stage:
    """Scenarios under one seed. First calls are those that the staff of the first leads to, where volumes count all calls.

    What is read off contingents is read off the `pool` of that name alone, or off all together.
    """

    def __init__(self, first: Scenario, seed: int, pool: str | None = None) -> None:
        self.seed = seed
        self.pools = [place for place, name in enumerate(first.contingent) if pool is None or name == pool]
        self.first_calls: FirstCalls | None = first_call_factors(first, seed)
        self._ready: dict[int, Ready] = {}
        self._compiled: set[bool] = set()

    def ready(self, scenario: Scenario) -> Ready:
        """The scenario made ready, once."""
        if id(scenario) not in self._ready:
            floor = duty.build(scenario)
            people = repr((scenario.data.get("staff"), [(name, pool.agents) for name, pool in scenario.contingent.items()]))
            self._ready[id(scenario)] = Ready(scenario, floor, yardstick_of(scenario, floor), people)
            if (floor.rules is None) not in self._compiled:
                compile_ahead(Workshop(scenario, self.seed, "kernel", first_calls=self.first_calls))
                self._compiled.add(floor.rules is None)
        return self._ready[id(scenario)]

    def play(
        self, scenarios: Sequence[Scenario], first: int, count: int, workers: int | None = None, told: Told | None = None
    ) -> tuple[Floats, bool]:
        """The sums of paths `first` to `first + count - 1` under each scenario, [scenarios, paths, COLUMNS], and whether all was finished.

        `told(paths)` hears of paths played, those of all scenarios together. Ctrl-C ends it early with the rounds that are finished.
        """
        return self.play_some(scenarios, np.arange(first, first + count), workers, told)

    def play_some(
        self, scenarios: Sequence[Scenario], numbers: Ints, workers: int | None = None, told: Told | None = None
    ) -> tuple[Floats, bool]:
        """As `play`, of the paths with these numbers."""
        workers = cores() if workers is None else workers
        work = _Work(self, [self.ready(scenario) for scenario in scenarios], numbers, workers)
        workers = min(workers, max(1, len(work.tasks)))
        found: list[Floats] = []
        with interruptible() as stopped, closing(in_order(work, work.spans(), workers, False, stopped)) as pieces:
            try:
                for piece in cast("Iterator[_Piece]", pieces):
                    if not len(piece.sums):
                        break
                    found.append(piece.sums)
                    if told is not None:
                        told(piece.sums.shape[0] * piece.sums.shape[1])
            except KeyboardInterrupt:
                stopped.set()
        rounds = len(found) // max(1, work.batches)
        whole = [np.concatenate(found[r * work.batches : (r + 1) * work.batches]) for r in range(rounds)]
        sums = np.concatenate(whole, axis=1) if whole else np.zeros((len(scenarios), 0, len(COLUMNS)))
        return sums, sums.shape[1] == numbers.size


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a task came to; `first` and `count` number the tickets for those who keep the order."""

    first: int
    count: int
    sums: Floats  # [scenarios, paths, COLUMNS]; empty where it was cut short


class _Work:
    """The tasks: some scenarios on some paths each; and where a worker gets its tools."""

    chunk_size = ROUND

    def __init__(self, stage: Stage, scenarios: Sequence[Ready], numbers: Ints, workers: int) -> None:
        self.stage = stage
        calls = sum(float(call.volume.sum()) for call in scenarios[0].scenario.calls.values())
        together = int(np.clip(_CALLS_TOGETHER // max(1.0, calls), 1, _MOST_TOGETHER))
        parts = [scenarios[at : at + together] for at in range(0, len(scenarios), together)]
        self.batches = len(parts)
        size = int(np.clip(-(-numbers.size * len(parts) // (_TURNS * workers)), _FEWEST, ROUND))
        self.tasks = [(part, numbers[at : at + size].tolist()) for at in range(0, numbers.size, size) for part in parts]

    def spans(self) -> Iterator[tuple[int, int]]:
        """Tickets."""
        yield from ((ticket, 1) for ticket in range(len(self.tasks)))

    def at_home(self, fault: ScenarioError) -> ScenarioError:
        """What a worker refused: its tools are those of this process, so nothing is missing."""
        return fault

    def bench(self) -> _Player:
        """One worker's own tools."""
        return _Player(self)


class _Player:
    """One worker: it draws each path once for those who have the same people."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._luck = Shared()
        self._drawers: dict[str, Drawer] = {}

    def chunk(self, ticket: int, count: int, stopped: Callable[[], bool] = lambda: False) -> _Piece:
        """Plays the task with a ticket's number."""
        part, numbers = self._work.tasks[ticket]
        rows = [_Row(one, len(numbers), self._work.stage.pools) for one in part]
        for people in [people for people in self._drawers if all(row.ready.people != people for row in rows)][: -_MOST_TOGETHER or None]:
            del self._drawers[people]
        for slot, number in enumerate(numbers):
            if stopped():
                return _Piece(ticket, 0, np.zeros((0, 0, len(COLUMNS))))
            days: dict[str, Day] = {}
            for row in rows:
                drawer = self._drawer(row.ready)
                if row.ready.people not in days:
                    days[row.ready.people] = drawer.day(number)
                row.play(slot, days[row.ready.people], drawer)
        return _Piece(ticket, 1, np.stack([row.sums() for row in rows]))

    def _drawer(self, one: Ready) -> Drawer:
        if one.people not in self._drawers:
            factors = None if self._work.stage.first_calls is None else self._work.stage.first_calls.factors
            self._drawers[one.people] = Drawer(one.scenario, one.floor, self._work.stage.seed, factors, self._luck)
        return self._drawers[one.people]


class _Row:
    """One scenario at work on a few paths."""

    def __init__(self, ready: Ready, paths: int, pools: list[int]) -> None:
        self.ready = ready
        self._pools = pools
        self._aims = aims_of(ready.yardstick)
        self._kernel = Kernel(ready.floor)
        self._tally = Tally(ready.floor, ready.yardstick.limits, paths)
        self._unpaid, self._yeses, self._called_off = np.zeros(paths), np.zeros(paths), np.zeros(paths)
        self._paths = paths
        self._without_pay = _without_pay(ready)

    def play(self, slot: int, day: Day, drawer: Drawer) -> None:
        """Play the path that the drawer drew last into a slot."""
        try:
            log = self._kernel.play(day)
        except ScenarioError as error:
            raise self.ready.scenario.endless(str(error)) from None
        self._tally.add(slot, day, log)
        outcome = log.ask_outcome[np.isin(log.ask_pool, self._pools)]
        self._yeses[slot] = float(((outcome != REFUSED) & (outcome != FAILED)).sum())
        self._called_off[slot] = float(((outcome == CALLED_OFF) | (outcome == LAPSED)).sum())
        if self._without_pay is not None:
            hours, categories = self._without_pay
            self._unpaid[slot] = float(hours[categories[drawer.away] | drawer.attendance.ended].sum())

    def sums(self) -> Floats:
        """The sums of each path, [paths, COLUMNS]."""
        read = read_off(self.ready.yardstick, self._tally, self._paths, self._unpaid)
        days = read_days(self.ready.yardstick, self._tally, self._paths, read["run"]).days[..., _MISSED]
        made = {name: read["run"][:, 0, COLUMNS_OF["run"].index(name)] for name in _FROM_RUN}
        for name, column in _FROM_POOLS.items():
            made[name] = read["contingent"][:, self._pools, COLUMNS_OF["contingent"].index(column)].sum(axis=1)
        made["yeses"], made["called_off"] = self._yeses, self._called_off
        made["missed"], made["judged"] = np.nansum(days, axis=1), (~np.isnan(days)).sum(axis=1).astype(np.float64)
        made |= self._missed_by(made["missed"])
        return np.stack([made[name] for name in COLUMNS], axis=1)

    def _missed_by(self, missed: Floats) -> dict[str, Floats]:
        """Days that missed each aim; where the target is one aim, all that missed it missed that."""
        found = {f"missed {aim}": np.zeros(self._paths) for aim in AIMS}
        if len(self._aims) == 1:
            found[f"missed {self._aims[0]}"] = missed
        elif self._aims:
            by_day = read_aims(self.ready.yardstick, self._tally, self._paths)
            found |= {f"missed {aim}": days.sum(axis=1) for aim, days in by_day.items()}
        return found


def _without_pay(ready: Ready) -> tuple[Floats, Any] | None:
    """Paid hours of each shift of the measured days, [S], and which categories (from 1; 0: present) go unpaid; None where all are paid."""
    categories = list(ready.scenario.shrinkage.values())
    unpaid = np.array([False, *(not category.paid for category in categories)])
    if not unpaid.any() and all(category.ends_after is None for category in categories):
        return None
    roster = shifts_of(ready.scenario)
    return np.where(roster.day >= ready.yardstick.first_day, roster.paid_hours, 0.0), unpaid
