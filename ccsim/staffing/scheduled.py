"""What a schedule is: the roster, what it was made for, and what playing it came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ccsim.inputs.schedule_rules import ShiftRules
from ccsim.notebook import shown_in_html, with_unit
from ccsim.staffing.aims import MOMENTS, Played
from ccsim.staffing.requirement import starts
from ccsim.staffing.rostering import Family, Roster, Worker
from ccsim.staffing.shift_catalogue import Catalogue

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]


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
        """Share of the played paths in which fewer than required were on duty on average over the interval [I], by more than moments."""
        return np.asarray((self.played.on_duty < self.required - MOMENTS).mean(axis=0))

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
