"""What it takes to play a scenario's paths: the parts that all workers share, and the bench of one worker."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import duty
from ccsim.engine.attendance import Attendance
from ccsim.engine.days import Days, Logs, one_day
from ccsim.engine.demand import Demand
from ccsim.engine.draws import Drawer, Shared
from ccsim.engine.floor import Day, Floats, Floor, Log
from ccsim.engine.shifts import shifts as shifts_of
from ccsim.engine.tally import Tally
from ccsim.engine.tally.columns import ON_DUTY
from ccsim.engine.tally.hours import Hours
from ccsim.errors import ScenarioError
from ccsim.experiment.controls import Controls
from ccsim.experiment.first_calls import FirstCalls, first_call_factors
from ccsim.experiment.moments import Chunk, Paths
from ccsim.inputs.scenario import Scenario
from ccsim.measures.definitions import Scope
from ccsim.measures.reading import Read, read_off
from ccsim.measures.risk import read_days
from ccsim.measures.yardstick import Yardstick, yardstick_of

Engine = Literal["kernel", "simpy"]
Draw = Callable[[int], Day]
Play = Callable[[Day], Log]
# Roster hours without pay, given who is away (`Days.away`)
Unpaid = Callable[[NDArray[np.int8]], float]
# The control variates of a replication, given its number, what was drawn for it, and who is away
Control = Callable[[int, Day, NDArray[np.int8]], Floats]
# Scopes whose estimates are adjusted by controls
_ADJUSTED: tuple[Scope, ...] = ("run", "call_types")

# The most replications in a chunk, about how many calls make one, and the most numbers that its sums may take. Small days go many to one,
# since each chunk costs something; large ones few, so that several workers have enough to share out. All of it is part of what makes
# results the same to the last bit.
_CHUNK = 32
_CALLS = 400_000
_MOST_NUMBERS = 4_000_000
# Chunks are played several in one go: so many calls in all, or up to a chunk's most replications where these are no more than that many
# calls; and at most so many numbers of sums and cells of waits
_CALLS_IN_ONE_GO = 256_000
_CALLS_OF_FEW = 1_600_000
_NUMBERS_IN_ONE_GO = 400_000
_MOST_CELLS = 1_000_000
# About how many calls are drawn, played and added up together: their arrays stay in the cache of one core
_AT_ONCE = 32_000


class AtOnce(NamedTuple):
    """Draws `most` days at once, and plays them at once unless `play` is None: then `most` is 1."""

    draw: Callable[[int, int], Days]
    play: Callable[[Days], Logs] | None
    most: int


class Bench:
    """One worker's own tools: it draws, plays and tallies one replication after another, always in the same memory.

    `unpaid` gives the roster hours without pay of a replication; `spread` keeps the agents on duty of each replication; `roster` accounts
    for the paid hours of those on shifts; `control` gives control variates, which are put behind the columns of the run and of the call
    types. `at_once` draws and plays several days together where the floor allows it. There is room for `slots` replications at a time;
    `size` of them make a chunk, all unless told.
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
        control: Control | None = None,
        at_once: AtOnce | None = None,
        *,
        slots: int,
        size: int | None = None,
    ) -> None:
        self.floor = floor
        self.slots = slots
        self.size = slots if size is None else size
        self.yardstick = yardstick
        self.draw = draw
        self.play = play
        self._unpaid = unpaid
        self._spread = spread
        self._roster = roster
        self._control = control
        self._at_once = AtOnce(lambda first, count: one_day(draw(first)), None, 1) if at_once is None else at_once
        self._tally = Tally(floor, yardstick.limits, slots)
        self.begin(0, 0)

    def chunk(self, first: int, count: int, stopped: Callable[[], bool] = lambda: False) -> Chunk | None:
        """Plays replications `first` to `first + count - 1`; only those finished if `stopped` came true meanwhile, None if none was."""
        self.begin(first, count)
        while self.left and not stopped():
            self.go_on()
        return self.read().chunk() if self.played else None

    def chunks(self, first: int, count: int, stopped: Callable[[], bool] = lambda: False) -> list[Chunk]:
        """The same in chunks of `size`; several are played before anything is read off where that is worth it, and come to the same."""
        found: list[Chunk] = []
        end = first + count
        while first < end and not stopped():
            self.begin(first, min(self._in_one_go, end - first))
            while self.left and not stopped():
                self.go_on()
            first += self.played
            if self.played:
                found += self.read().chunks(self.size)
            if self.left:
                break
        return found

    @property
    def _in_one_go(self) -> int:
        """Replications that are read off together: one chunk while nobody knows how many bins of waits it takes, later more."""
        together = self.slots // self.size
        cells = self.size * self._tally.types * self._tally.bins_used
        return self.size * (min(together, max(1, _MOST_CELLS // cells)) if cells else 1)

    def begin(self, first: int, count: int) -> None:
        """Makes ready for replications `first` to `first + count - 1`, which `go_on` plays."""
        assert count <= self.slots
        self._first, self.played, self.left = first, 0, count
        self._tally.clear()
        if self._roster is not None:
            self._roster.hours.clear()
        self._unpaid_hours = np.zeros(count)
        self._controls: list[Floats] = []

    @property
    def most(self) -> int:
        """The most replications that are played at once."""
        return self._at_once.most

    def go_on(self, most: int | None = None) -> None:
        """Plays some of what is left: as many replications as are played at once, no more than `most`."""
        slot, first = self.played, self._first + self.played
        days = self._add(first, min(self.most if most is None else most, self.left), slot)
        for number in range(days.paths if self._unpaid is not None or self._control is not None else 0):
            if self._unpaid is not None:
                self._unpaid_hours[slot + number] = self._unpaid(days.away_on(number))
            if self._control is not None:
                self._controls.append(self._control(first + number, days.day(number), days.away_on(number)))
        self.played += days.paths
        self.left -= days.paths

    def read(self) -> Paths:
        """What was played since `begin`, path by path; one path at least."""
        tally, count = self._tally, self.played
        seconds = None if self._roster is None else self._roster.hours.seconds
        read = read_off(self.yardstick, tally, count, self._unpaid_hours[:count], seconds)
        if self._controls:
            _put_behind(read, np.array(self._controls))
        figures = read_days(self.yardstick, tally, count, read["run"])
        return Paths(self._first, read, tally.waits[:count, :, : tally.bins_used].copy(), self._on_duty(count), figures)

    def _add(self, first: int, count: int, slot: int) -> Days:
        """Draws so many replications from `first` on, plays them and adds them to the slots from `slot` on; what was drawn."""
        days = self._at_once.draw(first, count)
        if self._at_once.play is not None:
            logs = self._at_once.play(days)
            self._tally.add_days(slot, days, logs)
            if self._roster is not None:
                self._roster.hours.add_days(slot, days, logs, self._roster.attendance)
            return days
        day = days.day(0)
        log = self.play(day)
        self._tally.add(slot, day, log)
        if self._roster is not None:
            self._roster.hours.add(slot, day, log, self._roster.attendance)
        return days

    def rehearsals(self, blank: Callable[[], tuple[Day, Log]]) -> dict[str, Callable[[], Any]]:
        """What compiles each part of a replication's work besides its play, by name, the longest first; they need nothing of each other.

        In place of what is played there is a `blank` day and its log.
        """
        found: dict[str, Callable[[], Any]] = {"draws": lambda: self.draw(0), "tally": lambda: self._tally.rehearse(*blank())}
        if self._roster is not None:
            hours, attendance = self._roster
            found["hours"] = lambda: hours.add(0, *blank(), attendance)
        if not len(self.floor.pool_team):  # the tally of contingents takes longest
            found["tally"] = found.pop("tally")
        return found

    def _on_duty(self, count: int) -> Floats:
        """Mean agents on duty in each measured interval of each replication, if their spread is asked for."""
        if not self._spread:
            return np.zeros((count, 0))
        seconds = self._tally.teams[:count, :, self.yardstick.first_interval :, ON_DUTY].sum(axis=1)
        return seconds / self.yardstick.seconds


def _put_behind(read: Read, controls: Floats) -> None:
    """Puts the controls of each path, [paths, K], behind the columns of every unit of the scopes that they adjust."""
    for scope in _ADJUSTED:
        paths, units, _ = read[scope].shape
        behind = np.broadcast_to(controls[:, None], (paths, units, controls.shape[1]))
        read[scope] = np.concatenate([read[scope], behind], axis=2)


class Roster(NamedTuple):
    """The account of the roster's hours, and the attendance that is drawn with each day."""

    hours: Hours
    attendance: Attendance


def chunk_size(floor: Floor, yardstick: Yardstick, calls: float) -> int:
    """Replications of so many expected calls that are played before their sums are merged: the same for a scenario whatever the workers."""
    return max(1, min(_CHUNK, _MOST_NUMBERS // _numbers(floor, yardstick), int(_CALLS / max(calls, 1.0))))


def chunks_in_one_go(floor: Floor, yardstick: Yardstick, calls: float) -> int:
    """Chunks of replications of so many expected calls that may be played before anything is read off: nothing but time depends on it."""
    size = chunk_size(floor, yardstick, calls)
    of_chunk = size * max(calls, 1.0)
    few = min(_CHUNK // size, int(_CALLS_OF_FEW / of_chunk))
    return max(1, min(_NUMBERS_IN_ONE_GO // (size * _numbers(floor, yardstick)), max(few, int(_CALLS_IN_ONE_GO / of_chunk))))


def _numbers(floor: Floor, yardstick: Yardstick) -> int:
    """About how many numbers the sums of a path take."""
    return len(floor.interval_start) * (11 * len(yardstick.types) + 2 * len(floor.team_positions))


class Workshop:
    """A scenario made ready to be played by one engine under one seed; benches for workers come from here.

    `controls` asks for control variates beside the run's columns; the attribute holds them, None where there are none. It can be sent to
    another process, where the floor is built again.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        engine: Engine,
        spread: bool = False,
        first_calls: FirstCalls | None = None,
        controls: bool = False,
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.engine = engine
        self.spread = spread
        # worked out once: benches, threads and processes all draw from the same volumes
        self.first_calls = first_call_factors(scenario, seed) if first_calls is None else first_calls
        self._prepare(controls)

    def _prepare(self, controls: bool) -> None:
        self.floor = duty.build(self.scenario)
        self.yardstick = yardstick_of(self.scenario, self.floor)
        self._calls = Demand(self.scenario).mean()
        self.chunk_size = chunk_size(self.floor, self.yardstick, self._calls)
        # the reference engine takes seconds a chunk
        self.together = 1 if self.engine == "simpy" else chunks_in_one_go(self.floor, self.yardstick, self._calls)
        counted = self.first_calls is not None and self.first_calls.replications > 0
        self.controls = Controls(self.scenario, counted) if controls else None

    def __getstate__(self) -> tuple[Scenario, int, Engine, bool, FirstCalls | None, bool]:
        return self.scenario, self.seed, self.engine, self.spread, self.first_calls, self.controls is not None

    def __setstate__(self, state: tuple[Scenario, int, Engine, bool, FirstCalls | None, bool]) -> None:
        self.scenario, self.seed, self.engine, self.spread, self.first_calls, controls = state
        self._prepare(controls)

    def at_home(self, fault: ScenarioError) -> ScenarioError:
        """What a worker away from the scenario's file refused, as it is said where the file is."""
        return self.scenario.endless(str(fault))

    def bench(self, shared: Shared | None = None) -> Bench:
        """A new bench: drawer, player and tally of one worker, whose other benches draw from `shared` as well."""
        factors = None if self.first_calls is None else self.first_calls.factors
        drawer = Drawer(self.scenario, self.floor, self.seed, factors, shared)
        roster = self._roster(drawer)
        control = self._control(drawer)
        play, at_once = self._player(drawer)
        size, slots = self.chunk_size, self.chunk_size * self.together
        return Bench(
            self.floor,
            self.yardstick,
            drawer.day,
            play,
            self._unpaid(drawer),
            self.spread,
            roster,
            control,
            at_once,
            slots=slots,
            size=size,
        )

    def _control(self, drawer: Drawer) -> Control | None:
        """The control variates of the day drawn last; None where there are none."""
        controls = self.controls
        if controls is None or not controls.names:
            return None
        return lambda replication, day, away: controls.values(day, drawer.busyness(replication), away)

    def _player(self, drawer: Drawer) -> tuple[Play, AtOnce]:
        """Plays a day; a refusal names the file, which no engine knows. And what draws and plays several at once, where that is allowed."""
        play: Play
        at_once = AtOnce(drawer.days, None, 1)
        if self.engine == "simpy":
            from ccsim.engine.reference import play as play_by_simpy

            play = partial(play_by_simpy, self.floor)
        else:
            from ccsim.engine.kernel import Kernel

            kernel = Kernel(self.floor)
            play = kernel.play
            if kernel.in_bulk and drawer.in_bulk:
                at_once = AtOnce(drawer.days, kernel.play_days, max(1, int(_AT_ONCE / max(self._calls, 1.0))))

        def play_or_refuse(day: Day) -> Log:
            try:
                return play(day)
            except ScenarioError as error:
                raise self.scenario.endless(str(error)) from None

        return play_or_refuse, at_once

    def _roster(self, drawer: Drawer) -> Roster | None:
        """The account of the paid hours of those on shifts; None where everybody is a position."""
        if self.yardstick.waterfall is None or not hasattr(drawer.attendance, "no_event"):
            return None
        shifts = shifts_of(self.scenario)
        # The shifts of the eve, and of a day that is wholly warm-up, are none of the measured days'.
        counted = shifts.day >= self.yardstick.first_day
        groups, categories = len(self.yardstick.groups), len(self.scenario.shrinkage)
        hours = Hours(self.floor, shifts, counted, groups, categories, self.chunk_size * self.together)
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
        return lambda away: float(paid_hours[without_pay[away] | ended].sum())
