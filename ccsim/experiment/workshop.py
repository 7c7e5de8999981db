"""What it takes to play a scenario's paths: the parts that all workers share, and the bench of one worker."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

import numpy as np

from ccsim.engine import duty
from ccsim.engine.attendance import Attendance
from ccsim.engine.draws import Drawer
from ccsim.engine.floor import Day, Floats, Floor, Log
from ccsim.engine.shifts import shifts as shifts_of
from ccsim.engine.tally import Tally
from ccsim.engine.tally.columns import ON_DUTY
from ccsim.engine.tally.hours import Hours
from ccsim.experiment.first_calls import FirstCalls, first_call_factors
from ccsim.experiment.moments import Chunk, Moments
from ccsim.inputs.scenario import Scenario
from ccsim.measures.reading import read_off
from ccsim.measures.yardstick import Yardstick, yardstick_of

Engine = Literal["kernel", "simpy"]
Draw = Callable[[int], Day]
Play = Callable[[Day], Log]
Unpaid = Callable[[], float]

# Replications in a chunk, and the most numbers that a chunk's sums may take: long paths go into smaller chunks. Both are part of what
# makes results the same to the last bit.
_CHUNK = 16
_MOST_NUMBERS = 4_000_000


class Bench:
    """One worker's own tools: it draws, plays and tallies one replication after another, always in the same memory.

    `unpaid()` gives the roster hours without pay of the replication drawn last; `spread` keeps the agents on duty of each replication;
    `roster` accounts for the paid hours of those on shifts.
    """

    def __init__(
        self,
        floor: Floor,
        yardstick: Yardstick,
        draw: Draw,
        play: Play,
        unpaid: Unpaid | None = None,
        spread: bool = False,
        roster: Roster | None = None,
    ) -> None:
        self.floor = floor
        self.yardstick = yardstick
        self.draw = draw
        self.play = play
        self._unpaid = unpaid
        self._spread = spread
        self._roster = roster
        self._tally = Tally(floor, yardstick.limits, chunk_size(floor, yardstick))

    def chunk(self, first: int, count: int, stopped: Callable[[], bool] = lambda: False) -> Chunk | None:
        """Plays replications `first` to `first + count - 1`; only those finished if `stopped` came true meanwhile, None if none was."""
        tally = self._tally
        tally.clear()
        if self._roster is not None:
            self._roster.hours.clear()
        unpaid_hours = np.zeros(count)
        for slot in range(count):
            if stopped():
                count = slot
                break
            day = self.draw(first + slot)
            log = self.play(day)
            tally.add(slot, day, log)
            if self._roster is not None:
                self._roster.hours.add(slot, day, log, self._roster.attendance)
            if self._unpaid is not None:
                unpaid_hours[slot] = self._unpaid()
        if count == 0:
            return None
        seconds = None if self._roster is None else self._roster.hours.seconds
        read = read_off(self.yardstick, tally, count, unpaid_hours[:count], seconds)
        moments = {scope: Moments.of(columns) for scope, columns in read.items()}
        return Chunk(first, moments, tally.waits[:count, :, : tally.bins_used].copy(), self._on_duty(count))

    def _on_duty(self, count: int) -> Floats:
        """Mean agents on duty in each measured interval of each replication, if their spread is asked for."""
        if not self._spread:
            return np.zeros((count, 0))
        seconds = self._tally.teams[:count, :, self.yardstick.first_interval :, ON_DUTY].sum(axis=1)
        return seconds / self.yardstick.seconds


class Roster(NamedTuple):
    """The account of the roster's hours, and the attendance that is drawn with each day."""

    hours: Hours
    attendance: Attendance


def chunk_size(floor: Floor, yardstick: Yardstick) -> int:
    """Replications that are played before their sums are merged: the same for a scenario whatever the workers."""
    numbers = len(floor.interval_start) * (11 * len(yardstick.types) + 2 * len(floor.team_positions))
    return max(1, min(_CHUNK, _MOST_NUMBERS // numbers))


class Workshop:
    """A scenario made ready to be played by one engine under one seed; benches for workers come from here.

    It can be sent to another process, where the floor is built again.
    """

    def __init__(self, scenario: Scenario, seed: int, engine: Engine, spread: bool = False, first_calls: FirstCalls | None = None) -> None:
        self.scenario = scenario
        self.seed = seed
        self.engine = engine
        self.spread = spread
        # worked out once: benches, threads and processes all draw from the same volumes
        self.first_calls = first_call_factors(scenario, seed) if first_calls is None else first_calls
        self._prepare()

    def _prepare(self) -> None:
        self.floor = duty.build(self.scenario)
        self.yardstick = yardstick_of(self.scenario, self.floor)
        self.chunk_size = chunk_size(self.floor, self.yardstick)

    def __getstate__(self) -> tuple[Scenario, int, Engine, bool, FirstCalls | None]:
        return self.scenario, self.seed, self.engine, self.spread, self.first_calls

    def __setstate__(self, state: tuple[Scenario, int, Engine, bool, FirstCalls | None]) -> None:
        self.scenario, self.seed, self.engine, self.spread, self.first_calls = state
        self._prepare()

    def bench(self) -> Bench:
        """A new bench: drawer, player and tally of one worker."""
        drawer = Drawer(self.scenario, self.floor, self.seed, None if self.first_calls is None else self.first_calls.factors)
        roster = self._roster(drawer)
        return Bench(self.floor, self.yardstick, drawer.day, self._player(), self._unpaid(drawer), self.spread, roster)

    def _player(self) -> Play:
        if self.engine == "simpy":
            from ccsim.engine.reference import play

            return partial(play, self.floor)
        from ccsim.engine.kernel import Kernel

        return Kernel(self.floor).play

    def _roster(self, drawer: Drawer) -> Roster | None:
        """The account of the paid hours of those on shifts; None where everybody is a position."""
        if self.yardstick.waterfall is None or not hasattr(drawer.attendance, "no_event"):
            return None
        shifts = shifts_of(self.scenario)
        # The shifts of the eve, and of a day that is wholly warm-up, are none of the measured days'.
        counted = shifts.day >= self.yardstick.first_day
        groups, categories = len(self.yardstick.groups), len(self.scenario.shrinkage)
        hours = Hours(self.floor, shifts, counted, groups, categories, self.chunk_size)
        return Roster(hours, drawer.attendance)

    def _unpaid(self, drawer: Drawer) -> Unpaid | None:
        """Roster hours, in the day drawn last, of people away on a category that is not paid, and of those whose employment has ended.

        None where every category is paid and no employment ends.
        """
        without_pay = np.array([False, *(not category.paid for category in self.scenario.shrinkage.values())])
        if not without_pay.any() and all(category.ends_after is None for category in self.scenario.shrinkage.values()):
            return None
        roster = shifts_of(self.scenario)
        # Only shifts of measured days are paid; those of the eve belong to the day before the path.
        paid_hours = np.where(roster.day >= self.yardstick.first_day, roster.paid_hours, 0.0)
        ended = drawer.attendance.ended
        return lambda: float(paid_hours[without_pay[drawer.away] | ended].sum())
