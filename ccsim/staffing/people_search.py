"""From an answer in fractions, or from another roster, to whole people who cover the needs: two searches side by side (`annealing`).

What the program counts (people, their days, their breaks) is listed here person by person, changed, and counted again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.streams import seed_key
from ccsim.staffing.annealing import DAYS, KIND, PLAN, SKILL, Choice, anneal

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.inputs.schedule_rules import ShiftRules
    from ccsim.staffing.rostering import Family, Worker
    from ccsim.staffing.shift_catalogue import Catalogue
    from ccsim.staffing.solver import Tick
    from ccsim.staffing.tours import Tour

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOVES_A_NODE = 500_000  # changes tried in the time in which the solver looks into a node of its own search
_SEARCHES = 2
# From a temperature to another [paid hours of a person], and prices of an agent-hour that is not covered [paid hours]: from the answer in
# fractions, and from a roster that covered other needs
_WARM, _LUKEWARM, _MENDING, _COOL = 0.8, 0.4, 0.15, 0.1
_CHEAP, _DEAR = 3.0, 8.0
_ROOM = 2.0  # times as many people there is room for, and 50
_TICK = 0.2  # s
_SLACK = 1e-7  # agents, for sums of parts of them


@dataclass(frozen=True)
class People:
    """Whole people, a row each (`annealing`): skill, kind of shift, days as bits, plan of breaks by day."""

    crew: Integers
    out_of_time: bool

    def each(self) -> Iterable[tuple[int, int, list[tuple[int, int]]]]:
        """Skill, kind of shift, and days with their plans, person by person."""
        for one in self.crew.tolist():
            yield one[SKILL], one[KIND], [(day, one[PLAN + day]) for day in range(len(one) - PLAN) if (one[DAYS] >> day) & 1]


class Search:
    """The search of one program: what people may be on its roster, whatever is needed."""

    def __init__(self, scenario: Scenario, rules: ShiftRules, workers: tuple[Worker, ...], shifts: Catalogue, pay: Floats) -> None:
        """pay [skills, S, days]: of a shift on a day, 0 on days on which it is not worked."""
        self.scenario, self.rules, self.workers, self.shifts = scenario, rules, workers, shifts
        horizon = scenario.horizon
        self.hours = np.asarray(horizon.interval_end - horizon.interval_start, dtype=float) / 3600.0
        self.shift: Integers = np.zeros(pay.shape[1:], dtype=np.int64)
        self.first: Integers = np.zeros(pay.shape[1:], dtype=np.int64)
        self.plans: Integers = np.zeros(pay.shape[1:], dtype=np.int64)
        self.near = _neighbours(shifts)
        self.step: Integers = np.zeros((pay.shape[1], 2, pay.shape[2]), dtype=np.int64)
        self.begin, self.at, self.cover = self._slots()
        self.allowed = np.zeros((pay.shape[1], 1 << pay.shape[2]), dtype=np.bool_)
        for kind, patterns in enumerate(shifts.patterns):
            self.allowed[kind, [sum(1 << day for day in pattern) for pattern in patterns]] = True
        self.part = np.array([int(kind.part) for kind in shifts.kinds], dtype=np.int64)
        days = range(pay.shape[2])
        paid = np.array([[kind.paid(day) / 3600.0 if day in kind.spans else np.inf for day in days] for kind in shifts.kinds])
        rates = pay / paid
        self.pay = pay / float(rates[rates > 0.0].min(initial=np.inf))  # in hours of the cheapest

    def find(
        self,
        needs: list[tuple[Family, Floats]],
        start: Sequence[Tour] | Floats,
        nodes: int,
        seconds: float | None = None,
        tick: Tick | None = None,
        mend: bool = False,
    ) -> People | None:
        """Return cheap people who cover the needs, [I] of each set of call types; None where none were found.

        start: a roster for other needs, or people in fractions by kind of shift [skills, S]; `mend` leaves such a roster much as it is.
        The work is that of so many nodes of the solver's search: the same needs give the same people, unless `seconds` have gone before.
        """
        choice = self._choice(needs)
        if isinstance(start, np.ndarray):
            (crew, count), warm = self._rounded(start), _WARM
        else:
            (crew, count), warm = self._listed(start), _MENDING if mend else _LUKEWARM
        if count == 0:
            return None
        moves = MOVES_A_NODE * nodes
        stop = np.zeros(1, dtype=np.int64)
        found: dict[int, tuple[float, int, Integers]] = {}

        def work(number: int) -> None:
            mine = crew.copy()
            pay, people = anneal(mine, count, choice, moves, warm, _COOL, _CHEAP, _DEAR, seed_key(number), stop)
            found[number] = pay, people, mine

        threads = [threading.Thread(target=work, args=(number,), daemon=True, name="annealing") for number in range(_SEARCHES)]
        began, late = time.monotonic(), False
        try:
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                threads[0].join(_TICK)
                threads[-1].join(_TICK)
                late = late or (seconds is not None and time.monotonic() - began > seconds)
                stop[0] = int(late)
                if tick is not None:
                    tick(time.monotonic() - began)
        except BaseException:
            stop[0] = 1
            raise
        pay, people, best = min((found[number] for number in sorted(found)), key=lambda one: one[0])
        return People(best[:people], late) if np.isfinite(pay) else None

    def _slots(self) -> tuple[Integers, Integers, Floats]:
        """Each shift on each day, and its plans of breaks: where its intervals begin, which they are, what part of them it covers."""
        begin, at, cover = [0], [], []

        def add(part: Floats) -> None:
            at.append(np.flatnonzero(part))
            cover.append(part[at[-1]])
            begin.append(begin[-1] + at[-1].size)

        for s, kind in enumerate(self.shifts.kinds):
            for day in kind.spans:
                whole = self.shifts.present(self.scenario.horizon, s, day)
                self.shift[s, day], self.first[s, day], self.plans[s, day] = len(begin) - 1, len(begin), len(kind.plans[day])
                add(whole)
                for plan in range(len(kind.plans[day])):
                    add((self.shifts.covered(self.scenario.horizon, s, day, plan) - whole).round(9))
                for side, other in enumerate(self.near[s].tolist()):
                    if day in self.shifts.kinds[other].spans:
                        self.step[s, side, day] = len(begin) - 1
                        add((self.shifts.present(self.scenario.horizon, other, day) - whole).round(9))
        return np.array([*begin, begin[-1]], dtype=np.int64), np.concatenate(at).astype(np.int64), np.concatenate(cover)

    def _choice(self, needs: list[tuple[Family, Floats]]) -> Choice:
        rows = [need - _SLACK for _, need in needs]
        helps = [[worker.weight if worker.types & family else 0.0 for worker in self.workers] for family, _ in needs]
        if self.rules.seats is not None:  # as many less on duty are needed
            rows.append(np.full(self.hours.size, -float(self.rules.seats) - _SLACK))
            helps.append([-1.0] * len(self.workers))
        whole = np.iinfo(np.int64).max
        return Choice(
            need=np.array(rows),
            helps=np.array(helps),
            hours=self.hours,
            begin=self.begin,
            at=self.at,
            cover=self.cover,
            shift=self.shift,
            first=self.first,
            plans=self.plans,
            allowed=self.allowed,
            near=self.near,
            step=self.step,
            part=self.part,
            pay=self.pay,
            part_share=self._part_share(),
            at_most=np.array([whole if worker.at_most is None else worker.at_most for worker in self.workers], dtype=np.int64),
            people=whole if self.rules.people is None else self.rules.people,
        )

    def _part_share(self) -> float:
        return 1.0 if self.part.all() else float(self.rules.part_share)

    def _rounded(self, people: Floats) -> tuple[Integers, int]:
        """Whole people for people in fractions [skills, S]: full-timers first, each sort so many that none is off by one."""
        crew, count, parts = self._room(float(people.sum())), 0, 0
        most = len(crew) if self.rules.people is None else min(len(crew), self.rules.people)
        for part in (0, 1):
            for skill, worker in enumerate(self.workers):
                mine = np.flatnonzero((self.part == part) & (people[skill] > 0.0))
                due = np.diff(np.floor(np.cumsum(people[skill, mine]) + 0.5), prepend=0.0).astype(int)
                for kind in np.repeat(mine, due).tolist():
                    taken = int(np.count_nonzero(crew[:count, SKILL] == skill))
                    if count >= most or (worker.at_most is not None and taken >= worker.at_most):
                        break
                    if part and parts + 1 > self._part_share() * (count + 1):
                        break
                    days = np.flatnonzero(self.allowed[kind])
                    crew[count, [SKILL, KIND, DAYS]] = skill, kind, days[count % days.size]
                    count, parts = count + 1, parts + part
        return crew, count

    def _listed(self, tours: Sequence[Tour]) -> tuple[Integers, int]:
        crew, count = self._room(float(sum(tour.count for tour in tours))), 0
        for tour in tours:
            one = np.zeros(crew.shape[1], dtype=np.int64)
            one[[SKILL, KIND]] = tour.skill, tour.kind
            for day, plan in tour.plans:
                one[DAYS] |= 1 << day
                one[PLAN + day] = plan
            crew[count : count + tour.count] = one
            count += tour.count
        return crew, count

    def _room(self, people: float) -> Integers:
        return np.zeros((int(_ROOM * people) + 50, PLAN + self.first.shape[1]), dtype=np.int64)


def _neighbours(shifts: Catalogue) -> Integers:
    """For each kind of shift the one as long that begins just before it, and just after; round the clock [S, 2]."""
    near = np.zeros((len(shifts.kinds), 2), dtype=np.int64)
    for sort in {(kind.part, kind.length) for kind in shifts.kinds}:
        alike = [s for s, kind in enumerate(shifts.kinds) if (kind.part, kind.length) == sort]
        alike.sort(key=lambda s: shifts.kinds[s].begin)
        for place, s in enumerate(alike):
            near[s] = alike[place - 1], alike[(place + 1) % len(alike)]
    return near
