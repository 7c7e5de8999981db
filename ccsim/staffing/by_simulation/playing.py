"""Plans played side by side: a day is drawn once, and every plan is played on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.draws import Drawer
from ccsim.engine.kernel import Kernel
from ccsim.engine.tally import Tally
from ccsim.experiment.executors import cores
from ccsim.experiment.first_calls import first_call_factors
from ccsim.measures.yardstick import yardstick_of
from ccsim.staffing.by_simulation.chosen import chosen
from ccsim.staffing.by_simulation.luck import Expectation, Luck
from ccsim.staffing.by_simulation.positions import Plan, Sort, Stage, with_positions
from ccsim.staffing.by_simulation.sums import KEPT, Paths

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
_CHUNK = 8  # days that a thread plays at a time, at most
_SPARE = 1.5  # room for plans with so many times the positions, and `_MORE`
_MORE = 20


class Player:
    """Plays plans of a scenario; days are named by a seed and a number, the same for every plan."""

    def __init__(self, scenario: Scenario, sorts: tuple[Sort, ...], start: Plan, seed: int, workers: int | None = None) -> None:
        self.scenario, self.sorts = scenario, sorts
        self.workers = workers or cores()
        self._stage = self._stage_for(start)
        counted = scenario if scenario.staff else self._with(start)
        told = first_call_factors(counted, seed)
        self.factors = None if told is None else told.factors
        self.stopped = threading.Event()
        self.played = 0  # paths so far
        self.expectation = Expectation(self._stage.scenario, seed, self.factors)

    def play(
        self,
        plans: Sequence[Plan],
        days: int,
        seed: int,
        told: Callable[[float], None] = lambda share: None,
        first: int = 0,
        lean: float = 0.0,
    ) -> tuple[list[Paths], Luck]:
        """Play each plan on the same days and return what came of them, and the luck of those days; `told(share done)` now and then.

        The days of a seed are numbered; `first` is the number of the first one. With a `lean` busy days are played more often and
        weigh the less (`chosen`). Raises KeyboardInterrupt once `stopped` is set.
        """
        for plan in plans:
            if not self._stage.fits(plan):
                self._stage = self._stage_for(plan)
        rosters = [self._stage.roster(plan) for plan in plans]
        stage, intervals, types = self._stage, self.scenario.horizon.intervals, len(self.scenario.calls)
        found = [Paths(np.zeros((days, intervals, types, len(KEPT))), np.zeros((days, intervals, 2))) for _ in plans]
        calls, work = np.zeros((days, intervals, types)), np.zeros((days, intervals, types))
        presence = self.expectation.presence
        numbers, weight = chosen(self.expectation, seed, range(first, first + days), lean)
        there = None if presence is None else np.zeros((days, types, presence.moments), np.int16)
        own = threading.local()

        def chunk(begin: int) -> int:
            if not hasattr(own, "bench"):
                own.bench = self._bench(stage, seed)
            drawer, kernel, tally = own.bench
            end = min(begin + size, days)
            for replication in range(begin, end):
                if self.stopped.is_set():
                    break
                day = drawer.day(numbers[replication])
                cell = day.interval * types + day.queue
                calls[replication] = np.bincount(cell, minlength=intervals * types).reshape(intervals, types)
                work[replication] = np.bincount(cell, day.handle_time, intervals * types).reshape(intervals, types)
                if presence is not None and there is not None:
                    there[replication] = presence.seen(day.arrival, day.handle_time, day.queue)
                for number, plan in enumerate(plans):
                    roster = rosters[number] if day.roster is None else stage.roster(plan, day.roster)
                    log = kernel.play(day._replace(roster=roster))
                    tally.clear()
                    tally.add(0, day, log)
                    found[number].calls[replication] = tally.calls[0][:, :, KEPT]
                    found[number].time[replication] = tally.teams[0].sum(axis=0)
            return end - begin

        size = int(np.clip(days // (4 * self.workers), 1, _CHUNK))
        begins = range(0, days, size)
        with ThreadPoolExecutor(max(1, min(self.workers, len(begins)))) as pool:
            done = 0
            try:
                for count in pool.map(chunk, begins):
                    done += count
                    told(done / days)
            except BaseException:
                self.stopped.set()
                raise
        if self.stopped.is_set():
            raise KeyboardInterrupt
        self.played += days * len(plans)
        return found, self.expectation.luck(seed, numbers, calls, work, there, weight)

    def _bench(self, stage: Stage, seed: int) -> tuple[Drawer, Kernel, Tally]:
        limits = yardstick_of(stage.scenario, stage.floor).limits._replace(first_interval=0)
        return Drawer(stage.scenario, stage.floor, seed, self.factors), Kernel(stage.floor), Tally(stage.floor, limits, 1)

    def _stage_for(self, plan: Plan) -> Stage:
        return Stage(self.scenario, self.sorts, np.ceil(_SPARE * plan.max(axis=1) + _MORE).astype(np.int64))

    def _with(self, plan: Plan) -> Scenario:
        return with_positions(self.scenario, self.sorts, plan)
