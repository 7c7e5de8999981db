"""A schedule: shifts for a requirement, played, and changed until the schedule itself meets the target.

A formula's requirement is a beginning. The roster that covers it is played with everything the scenario holds (absence, busy days, queues
carried from one interval to the next); where an aim is missed the requirement is raised, where the roster just covers it and the aim is
more than met it is lowered, both by as many agents as the formula says lie between what was reached and the goal. Then the program is
solved again. This is the loop of Atlason, Epelman and Henderson (2008), Management Science 54(2), and of Ingolfsson, Campello, Wu and
Cabral (2010), European Journal of Operational Research 202(1), with the simulation in the place of the constraint.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.inputs.schedule_rules import ShiftRules, read_rules
from ccsim.notebook import shown_in_html, with_unit
from ccsim.staffing.aims import Measured, Played, play, replications_for
from ccsim.staffing.crews import load, shrinkage_of
from ccsim.staffing.curve import RANGE, Curve
from ccsim.staffing.limits import check_people, check_productivity, check_target
from ccsim.staffing.requirement import requirement, starts
from ccsim.staffing.rostering import Family, Program, Roster, Worker
from ccsim.staffing.shift_catalogue import Catalogue, catalogue
from ccsim.staffing.written import staff_of, with_staff

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]
SECONDS = 150.0
GAP = 0.005
_ROUNDS = 8
_DAMPED = 0.7  # part of a surplus taken off at a time
_SURE = 1.5  # standard errors by which an aim is to be met before a requirement is left alone
_WORTH = 0.003  # of the cost, for mending an interval that misses by no more than chance
_CHECK = 3.0  # times as many paths in the final check


@dataclass(frozen=True)
class Skilled:
    """A skill: as the program sees it, and the keys of `staff` that its people have besides shifts."""

    worker: Worker
    keys: dict[str, Any]
    groups: tuple[str, ...]  # the groups of the file that it stands for


@dataclass(frozen=True)
class Round:
    """One turn of the loop."""

    hours: float
    people: int
    gap: float
    missed: int
    seconds: float


@dataclass(frozen=True)
class Schedule:
    """A schedule and what playing it came to."""

    scenario: Scenario  # the file's, with the schedule for its `staff`
    source: Scenario
    rules: ShiftRules
    skills: tuple[Skilled, ...]
    shifts: Catalogue
    roster: Roster
    needs: dict[Family, Floats]  # [I] agents on duty that the simulation asked for, by set of call types
    played: Played
    rounds: tuple[Round, ...]
    seconds: float
    interrupted: bool
    notes: tuple[str, ...] = field(default=())

    @property
    def everybody(self) -> Family:
        """The set of all call types."""
        return frozenset(self.source.calls)

    @property
    def required(self) -> Floats:
        """Agents on duty that the simulation asked for, all call types together [I]."""
        return self.needs[self.everybody]

    @property
    def on_duty(self) -> Floats:
        """Agents on duty on average, absence taken off [I]."""
        return self.roster.on_duty[self.everybody]

    @property
    def scheduled(self) -> Floats:
        """Agents on duty if everybody came [I]."""
        shifts, horizon = self.shifts, self.source.horizon
        total = np.zeros(horizon.intervals)
        for tour in self.roster.tours:
            for day, plan in tour.plans:
                total += tour.count * shifts.covered(horizon, tour.kind, day, plan)
        return total

    @property
    def chance_short(self) -> Floats:
        """Share of the played paths in which fewer than required were on duty on average over the interval [I]."""
        return np.asarray((self.played.on_duty < self.required - 1e-6).mean(axis=0))

    @property
    def full_time_equivalents(self) -> float:
        """The jobs that the paid hours fill, were every day of the calendar like those of the path."""
        return self.roster.hours / self.source.days / self.source.fte.hours_a_day

    @property
    def cost(self) -> float | None:
        """What the paid hours cost over the path; None where the scenario has no costs."""
        return None if self.source.cost is None else self.roster.cost

    def _repr_html_(self) -> str:
        """As a notebook shows it: a row an interval."""
        meets = "meets" if self.verified else "does not meet"
        said = f"{meets} the target in every interval played; {self.full_time_equivalents:,.1f} full-time equivalents"
        short = [with_unit(chance, "share") for chance in self.chance_short.tolist()]
        rows = zip(starts(self.source), *(x.tolist() for x in (self.required, self.scheduled, self.on_duty)), short, strict=True)
        heads = ["interval", "required", "scheduled", "on duty, mean", "chance of being short"]
        return shown_in_html(self.source.title, [said], heads, rows)

    @property
    def verified(self) -> bool:
        """Whether every aim of every call type is met in every interval with calls, all played paths together."""
        return not self.played.missed.any()


def schedule(
    scenario: Scenario,
    shifts: ShiftRules | Mapping[str, Any] | str | None = None,
    seconds: float = SECONDS,
    gap: float = GAP,
    seed: int = 1,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Schedule:
    """Return the cheapest schedule found in about `seconds` that meets the scenario's target when it is played.

    shifts: the rules for shifts (`ccsim.inputs.schedule_rules`), or a mapping or file of the same; left out, those of the scenario's own
    `schedule`, or where it has none the defaults. gap: the program is solved to within this share of the best possible, if time allows.
    `progress(what is being done, share of the time gone)` is called now and then. Contingents stay out: the target is to be met by those
    on the roster.

    Ctrl-C ends it with the best schedule played so far, `interrupted`; with none yet, KeyboardInterrupt is raised. Raises `LimitError`
    for what nobody can meet, with the nearest that can be, and `InputError` for rules that leave no shift.
    """
    if not (np.isfinite(seconds) and seconds > 0.0):
        raise InputError(f"seconds is {seconds:g}; give a finite time above 0")
    if not 0.0 <= gap < 1.0:
        raise InputError(f"gap is {gap:g}; give a share from 0 to below 1, such as 0.01")
    told = scenario.schedule if shifts is None else shifts
    rules = told if isinstance(told, ShiftRules) else read_rules(told, tuple(scenario.calls))
    check_target(scenario)
    need = requirement(scenario)
    if rules.calls_an_hour is not None:
        check_productivity(need, rules.calls_an_hour)
    if rules.seats is not None:
        check_people(need, rules.seats, "seats")
    skills = skills_of(scenario, rules)
    program = Program(scenario, rules, tuple(skill.worker for skill in skills), catalogue(scenario, rules))
    return _Maker(scenario, rules, skills, program, seconds, gap, seed, progress, workers).make()


def skills_of(scenario: Scenario, rules: ShiftRules) -> tuple[Skilled, ...]:
    """Return who may be scheduled: the rules' skills, or one for each different `takes` under `staff`, or one that takes everything."""
    if rules.skills:
        made = []
        for told in rules.skills:
            alike = tuple(name for name, group in scenario.staff.items() if group.takes == told.takes)
            keys = _kept(scenario, alike[0]) if alike else {}
            keys["takes"] = [list(tier) if len(tier) > 1 else tier[0] for tier in told.takes]
            types = frozenset(name for tier in told.takes for name in tier)
            made.append(Skilled(Worker(told.name, types, _weight(scenario, alike), told.pay, told.at_most), keys, alike))
        return tuple(made)
    if not scenario.staff:
        return (Skilled(Worker("agents", frozenset(scenario.calls), _weight(scenario, ()), 1.0, None), {}, ()),)
    sorts: dict[Any, list[str]] = {}
    for name, group in scenario.staff.items():
        sorts.setdefault((group.takes, group.pick, group.handle_time_factor), []).append(name)
    found: list[Skilled] = []
    for (takes, _, _), names in sorts.items():
        title = " + ".join(kind for tier in takes for kind in tier) if len(sorts) > 1 else "agents"
        title = title if all(other.worker.name != title for other in found) else f"{title} ({names[0]})"
        types = frozenset(kind for tier in takes for kind in tier)
        weight = _weight(scenario, tuple(names))
        found.append(Skilled(Worker(title, types, weight, 1.0, None), _kept(scenario, names[0]), tuple(names)))
    return tuple(found)


def _kept(scenario: Scenario, group: str) -> dict[str, Any]:
    """What the file says of a group's people besides how many they are and when they work."""
    told = scenario.data["staff"].get(group, {})
    gone = ("agents", "shift", "days", "days_off", "breaks", "roster")
    return {key: value for key, value in told.items() if key.replace("-", "_") not in gone}


def _weight(scenario: Scenario, groups: tuple[str, ...]) -> float:
    """What part of a rostered person is on duty on average, by the worth of an hour: present / handle-time factor."""
    if not groups:
        return 1.0 - shrinkage_of(scenario)[0]
    lost = [shrinkage_of(scenario, name)[0] for name in groups]
    factors = [scenario.staff[name].handle_time_factor for name in groups]
    return float(np.mean(1.0 - np.array(lost)) / np.mean(factors))


class _Maker:
    """The loop: solve, play, correct."""

    def __init__(
        self,
        scenario: Scenario,
        rules: ShiftRules,
        skills: tuple[Skilled, ...],
        program: Program,
        seconds: float,
        gap: float,
        seed: int,
        progress: Progress | None,
        workers: int | None,
    ) -> None:
        self.scenario, self.rules, self.skills, self.program = scenario, rules, skills, program
        self.seconds, self.gap, self.seed, self.progress, self.workers = seconds, gap, seed, progress, workers
        self.loads = {family: load(scenario, tuple(name for name in scenario.calls if name in family)) for family in program.families}
        self.curves = {family: Curve(work) for family, work in self.loads.items()}
        self.began = time.monotonic()
        self.rounds: list[Round] = []

    def make(self) -> Schedule:
        best: Schedule | None = None
        needs = self.first_needs()
        try:
            for turn in range(_ROUNDS):
                found = self.turn(turn, needs)
                if best is None or self.rank(found) < self.rank(best):
                    best = found
                left = self.left()
                if found.verified and turn >= 2 and self.settled():
                    break
                if left < 1.3 * self.rounds[-1].seconds + 0.4 * self.seconds:
                    break
                needs = self.corrected(needs, found)
            assert best is not None
            return self.checked(best)
        except KeyboardInterrupt:
            if best is None:
                raise
            return replace(best, interrupted=True, rounds=tuple(self.rounds), seconds=time.monotonic() - self.began)

    def rank(self, found: Schedule) -> tuple[int, float]:
        """Fewer intervals that surely miss, then cheaper; an interval that may miss is held worth mending for a little."""
        return int(found.played.surely_missed.sum()), found.roster.cost * (1.0 + _WORTH * int(found.played.missed.sum()))

    def left(self) -> float:
        return self.seconds - (time.monotonic() - self.began)

    def settled(self) -> bool:
        """Whether the last turn made it hardly cheaper than the one before."""
        one, other = self.rounds[-2:]
        return other.hours > 0.995 * one.hours

    def turn(self, turn: int, needs: dict[Family, Floats]) -> Schedule:
        """Solve for some needs and play what comes of it."""
        began = time.monotonic()
        share = 0.06 if turn == 0 else 0.1
        limit = max(2.0, min(share * self.seconds, 0.6 * self.left()))
        name = f"round {turn + 1}: choosing shifts"
        roster = self.program.solve(needs, max(self.gap, 0.01 if turn == 0 else 0.0), limit, lambda _: self.tell(name))
        played, scenario = self.play(
            roster, f"round {turn + 1}: playing the schedule", self.seed + 7919 * (turn + 1), 0.5 if turn == 0 else 1.0
        )
        gone = time.monotonic() - began
        self.rounds.append(Round(roster.hours, roster.people, roster.gap, int(played.missed.sum()), gone))
        return self.schedule(scenario, roster, needs, played)

    def checked(self, best: Schedule) -> Schedule:
        """The best once more, under fresh luck and for longer; if that shows a miss and there is time, corrected and checked again."""
        limit = max(2.0, min(0.25 * self.seconds, 0.6 * self.left()))
        roster = self.program.proven(best.needs, best.roster, self.gap, limit, lambda _: self.tell("proving how near the cheapest it is"))
        if roster.cost < best.roster.cost:
            best = self.schedule(self.written(roster), roster, best.needs, best.played)
        best = replace(best, roster=roster)
        for turn in range(3):
            played, _ = self.play(best.roster, "checking the schedule under fresh luck", self.seed + 104729 * (turn + 1), _CHECK)
            best = replace(best, played=played, rounds=tuple(self.rounds), seconds=time.monotonic() - self.began)
            if best.verified or turn == 2 or (turn == 1 and self.left() < 0.1 * self.seconds):
                break
            needs = self.corrected(best.needs, best, lower=False)
            limit = max(1.0, min(0.2 * self.seconds, 0.4 * self.left()))
            roster = self.program.solve(needs, self.gap, limit, lambda _: self.tell("mending what the check found"))
            bound = min(max(roster.bound, best.roster.bound), roster.cost)  # needs only grew: what was proven holds
            roster = replace(roster, bound=bound)
            best = self.schedule(self.written(roster), roster, needs, played)
        return best

    def schedule(self, scenario: Scenario, roster: Roster, needs: dict[Family, Floats], played: Played) -> Schedule:
        seconds = time.monotonic() - self.began
        rounds = tuple(self.rounds)
        return Schedule(
            scenario,
            self.scenario,
            self.rules,
            self.skills,
            self.program.shifts,
            roster,
            needs,
            played,
            rounds,
            seconds,
            False,
            self.notes(),
        )

    def notes(self) -> tuple[str, ...]:
        said = []
        if self.scenario.contingent:
            said.append("Contingents are left out: the target is to be met by those on the roster.")
        if len(self.skills) > 1 or len(self.scenario.calls) > 1:
            said.append("Each call type is judged by itself, at its own target or the common one.")
        return tuple(said)

    def tell(self, what: str) -> None:
        if self.progress is not None:
            self.progress(what, min(1.0, (time.monotonic() - self.began) / self.seconds))

    def written(self, roster: Roster) -> Scenario:
        """The scenario with the roster for its staff."""
        return with_staff(self.scenario, staff_of(self.scenario, self.skills, self.program.shifts, roster), self.skills)

    def play(self, roster: Roster, what: str, seed: int, longer: float) -> tuple[Played, Scenario]:
        scenario = self.written(roster)
        alone = with_staff(self.scenario, staff_of(self.scenario, self.skills, self.program.shifts, roster), self.skills, contingents=False)
        count = int(longer * replications_for(self.scenario))
        return play(alone, count, seed, lambda done, total: self.tell(what), self.workers), scenario

    def first_needs(self) -> dict[Family, Floats]:
        """The formula's fractional requirement of each set of call types, pooled: the least that could do."""
        needs = {}
        for family, work in self.loads.items():
            goals = [
                self.curves[family].agents(target, aim, np.full(work.calls.size, getattr(target, aim)))
                for target in {self.scenario.target_of(name).model_dump_json(): self.scenario.target_of(name) for name in family}.values()
                for aim in RANGE
                if getattr(target, aim) is not None
            ]
            needs[family] = np.max(goals, axis=0)
        return needs

    def corrected(self, needs: dict[Family, Floats], found: Schedule, lower: bool = True) -> dict[Family, Floats]:
        """The needs moved by as many agents as the aims were missed or more than met by."""
        after = {}
        for family, need in needs.items():
            off = self.off(family, found.played)
            at = found.roster.on_duty[family]
            raised = np.where(off > 0.0, np.maximum(need, at + np.maximum(off, 0.02)), need)
            eased = np.minimum(raised, at + _DAMPED * off) if lower else raised
            after[family] = np.where(off > 0.0, raised, np.maximum(eased, 0.0))
            after[family][self.loads[family].calls <= 0.0] = 0.0
        return after

    def off(self, family: Family, played: Played) -> Floats:
        """Agents by which a set of call types is short [I], by the formula's slope; below 0 they are too many.

        The set answers for those of its types that no smaller set holds, each by itself, and for all of its types pooled.
        """
        smaller = [other for other in self.program.families if other < family]
        own = [name for name in family if not any(name in other for other in smaller)]
        parts = [one for one in played.measured if one.call_type in own]
        short = [self.short_of(family, one, one.mean, one.error) for one in parts]
        if not own or len(own) < len(family):
            short += self.pooled(family, played)
        known = np.array(short)
        return np.max(np.where(np.isfinite(known), known, -np.inf), axis=0, initial=-np.inf, where=True).clip(-1e6, 1e6)

    def pooled(self, family: Family, played: Played) -> list[Floats]:
        """The same for all types of the set together, weighted by their calls."""
        found = []
        for aim in {one.aim for one in played.measured if one.call_type in family}:
            parts = [one for one in played.measured if one.aim == aim and one.call_type in family]
            weights = np.array([self.scenario.calls[one.call_type].volume for one in parts], dtype=float)
            weights = np.where(np.isfinite([one.mean for one in parts]), weights, 0.0)
            total = weights.sum(axis=0)
            safe = np.where(total > 0.0, total, 1.0)
            mean = np.where(total > 0.0, (weights * np.nan_to_num([one.mean for one in parts])).sum(axis=0) / safe, np.nan)
            error = np.sqrt(((weights * np.nan_to_num([one.error for one in parts])) ** 2).sum(axis=0)) / safe
            strict = max(parts, key=lambda one: one.goal) if aim == "share" else min(parts, key=lambda one: one.goal)
            found.append(self.short_of(family, strict, mean, error))
        return found

    def short_of(self, family: Family, one: Measured, mean: Floats, error: Floats) -> Floats:
        """Agents between what was measured and the goal, by the formula for the set's calls [I]; nan where there was nothing to measure."""
        stricter = _SURE * np.nan_to_num(error) * (1.0 if one.aim == "share" else -1.0)
        low, high = RANGE[one.aim]
        goal = np.clip(one.goal + stricter, min(low, one.goal), max(high, one.goal))
        return self.curves[family].between(self.scenario.target_of(one.call_type), one.aim, goal, mean)
