"""People for a week: shifts that cover what it requires, how many turn up, and the seats they take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.inputs.schedule_rules import ShiftRules, read_rules
from ccsim.staffing.rostering import Program, Roster, Worker
from ccsim.staffing.round_the_clock import RoundTheClock
from ccsim.staffing.schedule import Skilled
from ccsim.staffing.shift_catalogue import Catalogue, always_open, catalogue, kind_words
from ccsim.staffing.turn_up import MOST_PEOPLE, Away, away_of, people_for, turn_up
from ccsim.units import HOUR, WEEKDAYS

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
GAP = 0.015
_NODES_A_SECOND = 3.0
_ANNEALED = 0.5  # of that work where people are changed one at a time, round the clock
_LONGEST = 300.0  # s after which the clock ends a search, whatever was found
SEATED = 0.99  # share of days on which the seats are to be enough


@dataclass(frozen=True)
class People:
    """Who works a week: the roster, what it was made to cover, and the seats it takes."""

    week: Scenario
    shifts: Catalogue
    roster: Roster
    skill: Skilled
    seats: int  # enough on `SEATED` of days
    seats_all: int  # if everybody came, those on leave too
    needs: Floats  # [I] agents on duty on average that it was made for: what the formula requires, or what playing asked for

    @property
    def heads(self) -> int:
        """People on the roster, those on leave included."""
        return self.roster.people

    @property
    def part_timers(self) -> int:
        """Those of them on short shifts."""
        return sum(tour.count for tour in self.roster.tours if self.shifts.kinds[tour.kind].part)

    @property
    def paid_hours(self) -> float:
        """Paid hours of the week."""
        return self.roster.hours

    @property
    def full_time_equivalents(self) -> float:
        """The jobs that the paid hours fill."""
        return self.paid_hours / self.week.days / self.week.fte.hours_a_day

    def by_shift(self) -> list[dict[str, Any]]:
        """Return a row for each shift: when it is, part-time or not, people, and how many of them on each open day."""
        rows: list[dict[str, Any]] = []
        for number, kind in enumerate(self.shifts.kinds):
            tours = [tour for tour in self.roster.tours if tour.kind == number]
            if tours:
                on = {day: sum(tour.count for tour in tours if day in dict(tour.plans)) for day in self.shifts.days}
                first = min(day for tour in tours for day, _ in tour.plans)
                by_day = {WEEKDAYS[self.week.horizon.weekday(day)]: count for day, count in on.items()}
                people = sum(tour.count for tour in tours)
                rows.append({"shift": kind_words(kind, first), "part_time": kind.part, "people": people, "by_day": by_day})
        return rows


class Chooser:
    """Chooses shifts of a week in which everybody takes every call, for one requirement after the other.

    Shifts are those of the file's `schedule`, without its limits on people and seats; left out, full shifts of 8 h 30 min and part-timers
    of 4 h that begin on the hour. handover [s]; seconds: about how long to look, counted in nodes of the solver, so that the same
    requirement gets the same shifts.
    """

    def __init__(self, week: Scenario, shrinkage: float, handover: float, seconds: float) -> None:
        self.week, self.handover, self.nodes = week, handover, max(1, round(_NODES_A_SECOND * seconds))
        rules = rules_of(week)
        self.shifts = catalogue(week, rules)
        self.skill = Skilled(Worker("agents", frozenset(week.calls), 1.0 - shrinkage, 1.0, None), {}, ())
        self.program = Program(week, rules, (self.skill.worker,), self.shifts)
        self.annealed = RoundTheClock(self.program) if always_open(week.horizon) else None
        if self.annealed:
            self.nodes = max(1, round(_ANNEALED * self.nodes))

    def people(self, needs: Floats) -> People:
        """Return a cheap roster with whom `needs` agents [I] are on duty on average; raises `InputError` where no shift covers them."""
        asked = {self.program.families[0]: needs}
        roster = self.annealed.solve(asked, self.nodes, seconds=_LONGEST) if self.annealed else None
        roster = roster or self.program.solve(asked, GAP, self.nodes, seconds=_LONGEST)
        most = _at_once(self.week, self.shifts, roster, self.handover)
        return People(self.week, self.shifts, roster, self.skill, _seated(most, away_of(self.week)), most, needs)


def people_of(week: Scenario, required: Floats, shrinkage: float, handover: float, seconds: float) -> People:
    """Return a cheap roster of the week with whom `required` agents [I] are on duty on average (`Chooser`)."""
    return Chooser(week, shrinkage, handover, seconds).people(required)


def rules_of(week: Scenario) -> ShiftRules:
    """Return the rules that shifts are made by here: a coarser choice than `ccsim schedule` has, where the file has no rules of its own."""
    if week.schedule is not None:
        return week.schedule.model_copy(update={"people": None, "seats": None, "skills": ()})
    rules = read_rules(None, tuple(week.calls))
    starts: set[float] = set()
    for opens, closes in week.horizon.hours:
        starts.update(np.arange(opens, closes - 4 * HOUR + 1.0, HOUR).tolist() or [opens])
        starts.update(max(opens, closes - length) for length in (rules.lengths[0], 4 * HOUR))
    every_hour = rules.lunch.model_copy(update={"every": HOUR})
    if always_open(week.horizon):
        starts = set((HOUR * np.arange(24)).tolist())
    round_the_clock = week.horizon.goes_on and not always_open(week.horizon)
    begins = None if round_the_clock else tuple(sorted({start % (24 * HOUR) for start in starts}))
    return rules.model_copy(update={"starts": begins, "lunch": every_hour, "part_lengths": (4 * HOUR,)})


def luck(required: Floats, hours: Floats, divided: Floats, away: Away, certainty: float) -> float:
    """Return by what factor more people it takes for enough to turn up with some certainty, instead of on average.

    required, divided [I]: agents on duty, and scheduled by division; hours [I]. Each interval is taken by itself.
    """
    if not divided.any():
        return 1.0
    known = {number: float(people_for(number, away, certainty)) for number in set(required.tolist())}
    surely = np.array([known[number] for number in required.tolist()])
    return float(surely @ hours / (divided @ hours))


def _at_once(week: Scenario, shifts: Catalogue, roster: Roster, handover: float) -> int:
    """The most people in the house at once: from the start of a shift to its end and the handover after it; breaks keep their seat."""
    moments: dict[float, int] = {}
    for tour in roster.tours:
        kind = shifts.kinds[tour.kind]
        for day, _ in tour.plans:
            start, end = kind.spans[day]
            for moment, step in ((week.horizon.at(day, start), tour.count), (week.horizon.at(day, end) + handover, -tour.count)):
                moments[moment] = moments.get(moment, 0) + step
    return int(max(np.cumsum([moments[moment] for moment in sorted(moments)]), default=0))


def _seated(people: int, away: Away) -> int:
    """The number of those rostered that is not exceeded on most days."""
    if people > MOST_PEOPLE:
        return people
    return int(np.searchsorted(np.cumsum(turn_up(people, away)), SEATED - 1e-12))


def check_options(busy: float, handover: float, certainty: float, seconds: float) -> None:
    """Refuse options of sizing that make no sense; raises `InputError`."""
    if not 0.0 < busy < 1.0:
        raise InputError(f"a share of busy signals of {busy:g} cannot be sized for; give one above 0 and below 1, such as 0.1 %")
    if not (np.isfinite(handover) and 0.0 <= handover <= 4 * HOUR):
        raise InputError(f"a handover of {handover:g} s makes no sense; give 0 s to 4 h")
    if not 0.0 < certainty < 1.0:
        raise InputError(f"a certainty of {certainty:g} cannot be had; give a chance above 0 and below 1, such as 95 %")
    if not (np.isfinite(seconds) and seconds > 0.0):
        raise InputError(f"seconds is {seconds:g}; give a finite time above 0")
