"""What sizing a centre comes to, as a planner reads it and as plain numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.notebook import shown_in_html
from ccsim.staffing.requirement import starts
from ccsim.staffing.sizing.check import Check
from ccsim.staffing.sizing.held import Held
from ccsim.staffing.sizing.levers import Bar, One
from ccsim.staffing.sizing.need import Question
from ccsim.staffing.sizing.people import People
from ccsim.staffing.sizing.pooling import Pooling
from ccsim.staffing.sizing.year import Floats, Month
from ccsim.units import WEEKDAYS

if TYPE_CHECKING:
    from ccsim.inputs import Scenario


@dataclass(frozen=True)
class YearTotals:
    """Calls, paid hours and cost of a year."""

    calls: float
    paid_hours: float  # the roster going with the months
    paid_hours_kept: float  # everybody of the busiest month kept on all year
    agent_hour: float | None  # what a paid hour costs; None where the scenario has no costs

    @property
    def cost(self) -> float | None:
        """Pay of the year, the roster going with the months."""
        return None if self.agent_hour is None else self.agent_hour * self.paid_hours

    @property
    def cost_kept(self) -> float | None:
        """Pay of the year with everybody kept on."""
        return None if self.agent_hour is None else self.agent_hour * self.paid_hours_kept

    @property
    def cost_per_call(self) -> float | None:
        """Pay for each call that comes in, the roster going with the months."""
        return None if self.cost is None else self.cost / self.calls


@dataclass(frozen=True)
class Case:
    """Low, middle or high: what the busiest week takes, and the year."""

    name: str
    factors: tuple[float, ...]  # on the volume of each type of callers
    question: Question
    required: Floats  # [I] agents on duty in the busiest month's week
    scheduled: Floats  # [I] required / (1 - shrinkage), rounded up
    people: People
    heads_surely: float  # people so that enough turn up with the certainty asked for; nan where nobody can say
    lines: int  # by formula
    fit: float  # paid hours of the roster over scheduled hours: what whole shifts and paid breaks add
    year: YearTotals


@dataclass(frozen=True)
class Ahead:
    """A later year, if growth goes on."""

    year: int
    calls: float
    required: float  # agents on duty in the busiest interval
    heads: float


@dataclass(frozen=True)
class Sizing:
    """A centre sized for a year."""

    scenario: Scenario
    peak: Month
    usual: Month
    months: tuple[Month, ...]
    monthly_hours: tuple[float, ...]  # scheduled hours of each month, middle case, before whole shifts
    usual_required: Floats  # [I] of the usual month's week
    usual_scheduled: Floats
    busiest: int  # day of the peak week with the most work
    cases: dict[str, Case]
    bars: tuple[Bar, ...]
    peak_interval: int
    ones: tuple[One, ...]
    pooling: Pooling | None
    held: Held | None  # the busiest week, played and corrected; None where nothing was to be played
    check: Check | None
    ahead: tuple[Ahead, ...]
    busy: float
    handover: float
    certainty: float
    notes: tuple[str, ...]
    interrupted: bool = False  # some of this was left out

    @property
    def middle(self) -> Case:
        """The case of the plan."""
        return self.cases["middle"]

    @property
    def lines(self) -> int:
        """Lines: as played where the busiest day was, else by formula."""
        return self.middle.lines if self.check is None else self.check.lines

    @property
    def busiest_name(self) -> str:
        """Weekday with the most work."""
        return WEEKDAYS[self.peak.week.horizon.weekday(self.busiest)]

    def _repr_html_(self) -> str:
        """As a notebook shows it: what each case takes."""
        names = ("calls_a_year", "heads", "heads_with_certainty", "full_time_equivalents", "seats", "lines_by_formula", "paid_hours_a_year")
        rows = [[row["case"], *(row[name] for name in names)] for row in self.case_rows()]
        heads = ["case", "calls a year", "people", "people so that enough come", "full-time", "seats", "lines", "paid hours a year"]
        return shown_in_html(self.scenario.title, self.notes, heads, rows)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each interval of the busiest month's week: calls, erlangs, and agents of each case."""
        work = self.middle.question.work
        rows = []
        for i, start in enumerate(starts(self.peak.week)):
            row: dict[str, Any] = {"start": start, "calls": float(work.calls[i]), "offered_load": float(work.offered_load[i])}
            if self.held is not None:
                row["agents_asked_for_when_played"] = float(self.middle.people.needs[i])
            for name, case in self.cases.items():
                row[f"required_agents_{name}"] = float(case.required[i])
                row[f"scheduled_agents_{name}"] = float(case.scheduled[i])
            rows.append(row)
        return rows

    def usual_rows(self) -> list[dict[str, Any]]:
        """Return a row for each interval of the usual month's week."""
        names = ("required_agents", "scheduled_agents")
        found = zip(starts(self.usual.week), self.usual_required.tolist(), self.usual_scheduled.tolist(), strict=True)
        return [{"start": start, **dict(zip(names, agents, strict=True))} for start, *agents in found]

    def case_rows(self) -> list[dict[str, Any]]:
        """Return a row for each case: what it takes."""
        return [self._case(case) for case in self.cases.values()]

    def month_rows(self) -> list[dict[str, Any]]:
        """Return a row for each month: calls, open days, paid hours and full-time equivalents, middle case."""
        fit, days_a_year = self.middle.fit, 365.25
        rows = []
        for month, hours in zip(self.months, self.monthly_hours, strict=True):
            paid = hours * fit
            jobs = paid / (days_a_year / 12.0) / self.scenario.fte.hours_a_day
            rows.append({"month": month.name, "calls": month.calls, "open_days": sum(month.open_days), "paid_hours": paid, "fte": jobs})
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain numbers for JSON."""
        return {
            "scenario": self.scenario.title,
            "year": self.scenario.date.year,
            "busiest": {"month": self.peak.name, "week": str(self.peak.week.date), "weekday": self.busiest_name},
            "usual_month": self.usual.name,
            "heads": self.middle.people.heads,
            "seats": self.middle.people.seats,
            "lines": self.lines,
            "paid_hours_a_year": self.middle.year.paid_hours,
            "cost_a_year": self.middle.year.cost,
            "busy_signals_at_most": self.busy,
            "handover": self.handover,
            "certainty": self.certainty,
            "currency": None if self.scenario.cost is None else self.scenario.cost.currency,
            "interrupted": self.interrupted,
            "notes": list(self.notes),
            "cases": self.case_rows(),
            "shifts": self.middle.people.by_shift(),
            "months": self.month_rows(),
            "intervals": self.rows(),
            "intervals_usual_month": self.usual_rows(),
            "power_of_one": {"start": starts(self.peak.week)[self.peak_interval], "agents": [_plain(asdict(one)) for one in self.ones]},
            "sensitivity": [asdict(bar) for bar in self.bars],
            "years_ahead": [asdict(one) for one in self.ahead],
            "pooling": self._pooling(),
            "verified": None if self.held is None else self.held.verified,
            "busiest_week": self._held(),
            "check": self._check(),
        }

    def _case(self, case: Case) -> dict[str, Any]:
        people, year = case.people, case.year
        told = {
            "case": case.name,
            "calls_a_year": year.calls,
            "required_agents_at_peak": float(case.required.max()),
            "scheduled_agents_at_peak": float(case.scheduled.max()),
            "heads": people.heads,
            "part_timers": people.part_timers,
            "heads_with_certainty": case.heads_surely,
            "paid_hours_a_week": people.paid_hours,
            "full_time_equivalents": people.full_time_equivalents,
            "gap": people.roster.gap,
            "seats": people.seats,
            "seats_if_everybody_came": people.seats_all,
            "lines_by_formula": case.lines,
            "paid_hours_a_year": year.paid_hours,
            "cost_a_year": year.cost,
            "cost_per_call": year.cost_per_call,
            "paid_hours_a_year_all_kept_on": year.paid_hours_kept,
            "cost_a_year_all_kept_on": year.cost_kept,
        }
        return _plain(told)

    def _pooling(self) -> dict[str, Any] | None:
        if self.pooling is None:
            return None
        names = ("required", "heads", "paid_hours", "full_time_equivalents", "seats", "lines")
        totals = {name: self.pooling.total(name) for name in names}
        saved = {name: self.pooling.saved(name) for name in names}
        parts = [asdict(part) for part in self.pooling.parts]
        return {"parts": parts, "sum": totals, "one_centre": asdict(self.pooling.pool), "saved": saved}

    def _held(self) -> dict[str, Any] | None:
        found = self.held
        if found is None:
            return None
        played = found.played
        return {
            "replications": played.replications,
            "judged": int(played.judged.sum()),
            "missed": int(played.missed.sum()),
            "surely_missed": int(played.surely_missed.sum()),
            "heads_by_formula": found.by_formula.heads,
            "missed_by_formula": found.missed_by_formula,
        }

    def _check(self) -> dict[str, Any] | None:
        found = self.check
        if found is None:
            return None
        names = ("replications", "judged", "missed", "surely_missed", "service_level", "abandoned_fraction", "average_speed_of_answer")
        told = {name: getattr(found, name) for name in (*names, "occupancy", "days_met", "blocked_fraction", "lines")}
        worst = None if found.worst is None else asdict(found.worst)
        return _plain({"date": str(found.scenario.date), "held": found.held, **told, "worst": worst})


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """The same with None for what is not finite."""
    return {key: None if isinstance(value, float) and not np.isfinite(value) else value for key, value in told.items()}
