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
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.errors import InputError
from ccsim.inputs.schedule_rules import ShiftRules, read_rules
from ccsim.staffing.aims import Played, judged_of, play, replications_for
from ccsim.staffing.correction import CHECKS, SURE, SURER, Correction, Floats
from ccsim.staffing.crews import shrinkage_of
from ccsim.staffing.limits import check_rules, check_target
from ccsim.staffing.requirement import requirement
from ccsim.staffing.rostering import Family, Program, Roster, Worker
from ccsim.staffing.round_the_clock import RoundTheClock
from ccsim.staffing.scheduled import Round, Schedule, Skilled
from ccsim.staffing.shift_catalogue import always_open, catalogue
from ccsim.staffing.written import staff_of, with_staff

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

__all__ = ["Round", "Schedule", "Skilled", "schedule", "skills_of"]

Progress = Callable[[str, float], None]
SECONDS = 150.0
GAP = 0.005
# What the seconds that are given buy: rounds of the loop, and nodes that the solver looks into. Both are numbers, so that the same seed
# gives the same schedule; the clock ends what takes so many times the seconds, and at least so long.
_ROUNDS, _ROUNDS_ANNEALED, _SECONDS_A_ROUND, _SECONDS_A_NODE = 8, 4, 20.0, 5.0
_OVERDUE, _LEAST_TIME = 1.1, 165.0
# Parts of the nodes round the clock: for a round, for the needs that are kept, for a mend; elsewhere for a mend within the gap: less
# changed, less else missed
_ROUND, _LONG, _MEND, _LITTLE = 0.4, 3.0, 1.0, 0.25
_LAST_CHANCE = 1.5  # standard errors more when the clock leaves time for one mend only
_WORTH = 0.003  # of the cost, for mending an interval that misses by no more than chance
_SURE_ANNEALED = 2.0  # times as sure of each aim when a roster is mended that covers nearly all of its needs just so
# Times as many paths in the final check; round the clock what chance does to the check would cost agents in nearly every interval
_CHECK, _CHECK_ANNEALED = 3.0, 6.0
_FEWEST = 32  # paths, however little time the clock leaves


def schedule(
    scenario: Scenario,
    shifts: ShiftRules | Mapping[str, Any] | str | None = None,
    seconds: float = SECONDS,
    gap: float = GAP,
    seed: int = 1,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Schedule:
    """Return the cheapest schedule found with the work of about `seconds` that meets the scenario's target when it is played.

    shifts: the rules for shifts (`ccsim.inputs.schedule_rules`), or a mapping or file of the same; left out, those of the scenario's own
    `schedule`, or where it has none the defaults. gap: the program is solved to within this share of the best possible, if the work allows.
    The work is counted in rounds and in nodes of the solver, so the same seed gives the same schedule on any machine; where the clock had
    to end it, after a tenth more than the seconds and 165 s at least, a note says so. `progress(what is being done, share done)` is called
    now and then.
    Contingents stay out: the target is to be met by those on the roster.

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
    check_rules(requirement(scenario), rules)
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
        self.nodes = max(1, round(seconds / _SECONDS_A_NODE))
        self.done, self.late = 0.0, False
        # Round the clock a shift may begin at any hour, and the solver finds no good whole numbers near the answer in fractions
        self.annealed = RoundTheClock(program) if always_open(scenario.horizon) else None
        self.check = _CHECK_ANNEALED if self.annealed else _CHECK
        self.correction = Correction(scenario, program.families, learns=self.annealed is not None)
        self.last: Roster | None = None
        self.best: Schedule | None = None  # of those that were played as they stand
        self.turns = int(np.clip(1 + np.ceil(seconds / _SECONDS_A_ROUND), 2, _ROUNDS_ANNEALED if self.annealed else _ROUNDS))
        self.began = time.monotonic()
        self.a_node = self.a_path = 0.0  # s that the last search took for each node of its work, and the last play for each path
        self.rounds: list[Round] = []

    def make(self) -> Schedule:
        needs = self.correction.first()
        try:
            for turn in range(self.turns):
                found = self.turn(turn, needs)
                if self.best is None or self.rank(found) < self.rank(self.best):
                    self.best = found
                if (found.verified and turn >= 2 and self.settled()) or turn == self.turns - 1:
                    break
                if self.overdue(self.work(_ROUND), 1.0 + self.check):
                    break
                needs = self.correction.corrected(needs, found.roster.on_duty, found.played)
            assert self.best is not None
            return self.checked(self.best)
        except KeyboardInterrupt:
            if self.best is None:
                raise
            return replace(self.best, interrupted=True, rounds=tuple(self.rounds), seconds=time.monotonic() - self.began)

    def rank(self, found: Schedule) -> tuple[int, float]:
        """Fewer intervals that surely miss, then cheaper; an interval that may miss is held worth mending for a little."""
        played = found.played
        return round(played.count(played.surely_missed)), found.roster.cost * (1.0 + _WORTH * played.count(played.missed))

    def left(self) -> float:
        """Seconds until the clock ends it."""
        return max(_OVERDUE * self.seconds, _LEAST_TIME) - (time.monotonic() - self.began)

    def for_search(self) -> float:
        """Seconds that a search may take so that the clock leaves time to check what it finds."""
        return max(1.0, self.left() - self.due(self.check))

    def due(self, plays: float) -> float:
        """Seconds for playing so many times as long as usual, as fast as the last play went."""
        return plays * replications_for(self.scenario) * self.a_path

    def overdue(self, nodes: float, plays: float) -> bool:
        """Whether the clock leaves no time for a search of so many nodes and plays so many times as long as usual."""
        over = self.left() <= nodes * self.a_node + self.due(plays)
        self.late = self.late or over
        return over

    def work(self, part: float) -> float:
        """Nodes for a part of the usual work; elsewhere than round the clock all of them."""
        return self.nodes * (part if self.annealed else 1.0)

    def settled(self) -> bool:
        """Whether the last turn made it hardly cheaper than the one before."""
        one, other = self.rounds[-2:]
        return other.hours > 0.995 * one.hours

    def turn(self, turn: int, needs: dict[Family, Floats]) -> Schedule:
        """Solve for some needs and play what comes of it."""
        began = time.monotonic()
        gap = max(self.gap, 0.01 if turn == 0 else 0.0)
        roster = self.solved(needs, gap, f"round {turn + 1}: choosing shifts", self.work(_ROUND), self.last)
        played, scenario = self.play(
            roster, f"round {turn + 1}: playing the schedule", self.seed + 7919 * (turn + 1), 0.5 if turn == 0 else 1.0
        )
        gone = time.monotonic() - began
        self.done = 0.75 * (turn + 1) / self.turns
        self.rounds.append(Round(roster.hours, roster.people, roster.gap, int(played.missed.sum()), gone))
        return self.schedule(scenario, roster, needs, played)

    def solved(
        self, needs: dict[Family, Floats], gap: float, what: str, nodes: float, start: Roster | None = None, mend: bool = False
    ) -> Roster:
        """A roster for some needs by the work of so many nodes, found from `start` where nobody ever closes."""
        began, count = time.monotonic(), max(1, round(nodes))
        left, tick = self.for_search(), lambda _: self.tell(what)
        found = None if self.annealed is None else self.annealed.solve(needs, count, tick, left, start, mend)
        self.last = self.program.solve(needs, gap, count, tick, left) if found is None else found
        self.a_node = (time.monotonic() - began) / count
        return self.last

    def checked(self, best: Schedule) -> Schedule:
        """The best once more, under fresh luck and for longer; if that shows a miss, mended and checked under yet other luck."""
        self.done = 0.75
        best = self.improved(best)
        for turn in range(CHECKS):
            played, _ = self.play(best.roster, "checking the schedule under fresh luck", self.seed + 104729 * (turn + 1), self.check)
            self.best = best = replace(best, played=played)
            self.done = 0.8 + 0.2 * turn / CHECKS
            little = _MEND if self.annealed else _LITTLE if best.roster.gap <= self.gap else 1.0
            if best.verified or turn == CHECKS - 1 or self.overdue(little * self.nodes, self.check):
                break
            best = self.mended(best, little * self.nodes, turn)
        best = self.bounded(best)
        return replace(best, rounds=tuple(self.rounds), seconds=time.monotonic() - self.began, notes=self.notes(best.roster))

    def mended(self, best: Schedule, nodes: float, turn: int) -> Schedule:
        """Another for what the check showed to be needed, surer of it from one turn to the next."""
        sure = (SURE + SURER * turn) * (_SURE_ANNEALED if self.annealed else 1.0)
        if self.left() <= 2.0 * (nodes * self.a_node + self.due(self.check)):
            sure += _LAST_CHANCE
        needs = self.correction.corrected(best.needs, best.roster.on_duty, best.played, lower=False, sure=sure)
        roster = self.solved(needs, self.gap, "mending what the check found", nodes, best.roster, mend=True)
        roster = replace(roster, bound=min(max(roster.bound, best.roster.bound), roster.cost))  # needs only grew: what was proven holds
        found = self.schedule(self.written(roster), roster, needs, best.played)
        return found if self.annealed else self.improved(found)

    def improved(self, best: Schedule) -> Schedule:
        """Round the clock a cheaper one for the same needs, by a longer search; elsewhere what the whole program gives, or its bound."""
        what = "looking for a cheaper one for the same needs"
        if self.annealed is None:
            left = self.for_search()
            roster = self.program.proven(best.needs, best.roster, self.gap, self.nodes, lambda _: self.tell(what), left)
        elif best.roster.gap <= self.gap or self.overdue(self.work(_LONG + _MEND), 2.0 * self.check):
            return best
        else:
            roster = self.solved(best.needs, self.gap, what, self.work(_LONG), best.roster)
        if roster.cost < best.roster.cost:
            return self.schedule(self.written(roster), roster, best.needs, best.played)
        return best if self.annealed else replace(best, roster=roster)

    def bounded(self, best: Schedule) -> Schedule:
        """The same with the best bound for its needs that can be had at once."""
        if self.annealed is None:
            return best
        return replace(
            best, roster=self.annealed.bounded(best.needs, best.roster, lambda _: self.tell("proving how near the cheapest it is"))
        )

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
            self.notes(roster),
        )

    def notes(self, roster: Roster) -> tuple[str, ...]:
        said = []
        if roster.out_of_time or self.late:
            said.append("The clock ended the search on this machine: another run may find another schedule. More --seconds let it finish.")
        if self.scenario.contingent:
            said.append("Contingents are left out: the target is to be met by those on the roster.")
        idle = [name for name in self.scenario.calls if name not in judged_of(self.scenario)]
        if idle:
            said.append(f"Work without a target of its own ({', '.join(idle)}) is done when nobody waits; no time is set aside for it.")
        if len(self.skills) > 1 or len(self.scenario.calls) > 1:
            said.append("Each call type is judged by itself, at its own target or the common one.")
        return tuple(said)

    def tell(self, what: str) -> None:
        if self.progress is not None:
            self.progress(what, self.done)

    def written(self, roster: Roster) -> Scenario:
        """The scenario with the roster for its staff."""
        return with_staff(self.scenario, staff_of(self.scenario, self.skills, self.program.shifts, roster), self.skills)

    def play(self, roster: Roster, what: str, seed: int, longer: float) -> tuple[Played, Scenario]:
        scenario = self.written(roster)
        alone = with_staff(self.scenario, staff_of(self.scenario, self.skills, self.program.shifts, roster), self.skills, contingents=False)
        count = int(longer * replications_for(self.scenario))
        fewer = count if self.a_path == 0.0 else max(_FEWEST, int(self.left() / self.a_path))
        self.late = self.late or fewer < count
        count = min(count, fewer)
        first: list[tuple[float, int]] = []

        def tick(done: int, total: int) -> None:
            if not first:
                first.append((time.monotonic(), done))
            self.tell(what)

        played = play(alone, count, seed, tick, self.workers)
        began, done = first[0]  # before that, a first run compiles
        if played.replications > done:
            self.a_path = (time.monotonic() - began) / (played.replications - done)
        return played, scenario
