"""The answer of the search as a planner reads it: agents and measures by interval, and what shows that fewer would not do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.notebook import shown_in_html
from ccsim.staffing.by_simulation.estimate import SURE, moved
from ccsim.staffing.by_simulation.measures import predicted
from ccsim.staffing.by_simulation.sums import Aims
from ccsim.staffing.crews import Crew, callers_of, crew_shrinkage, load
from ccsim.staffing.requirement import requirement, rows_of, starts
from ccsim.staffing.turn_up import away_of, people_for
from ccsim.theory import scheduled_agents

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.inputs import Scenario
    from ccsim.staffing.by_simulation.found import Found
    from ccsim.staffing.by_simulation.positions import Sort

Floats = NDArray[np.float64]
CERTAINTY = 0.95


@dataclass(frozen=True)
class Miss:
    """The row of the target in which a plan does worst: where, what it comes to, and whether that is below the goal by more than chance."""

    call_type: str
    interval: int
    aim: str  # a field of the target; "target_met": the share of days on which all of it holds
    goal: float
    value: float
    misses: bool
    surely: bool


@dataclass(frozen=True)
class SortRequirement:
    """What one sort of agents needs in each interval (I)."""

    sort: Sort
    shrinkage: tuple[float, float, float]  # used, added, compounded
    required_agents: Floats
    scheduled_agents: Floats  # required / (1 - shrinkage), rounded up
    rostered_agents: Floats  # so that enough turn up with the certainty; nan where nobody can say
    one_fewer: tuple[Miss | None, ...]  # [I] what one of these fewer comes to; None where there is none


@dataclass(frozen=True)
class Simulated:
    """What a scenario needs in each interval (I) when it is played."""

    scenario: Scenario
    sorts: tuple[SortRequirement, ...]
    seed: int
    confidence: float | None
    certainty: float  # of the rostered agents
    replications: int  # days of the check, which moved nothing; 0 where it was interrupted before
    short_before: tuple[int, ...]  # rows of the target missed in each check before this one, on days of its own; they mended the plan
    added: int  # agents by interval that those added; below 0 they took some off
    paths_played: int  # days times plans, in all
    interrupted: bool
    formula_agents: Floats  # [I] nan where no formula can say
    held: NDArray[np.bool_]  # [I] on the fresh days, every row about the interval
    surely_held: NDArray[np.bool_]  # [I] by more than chance
    judged: NDArray[np.bool_]  # [I]
    predicted: dict[str, Floats]  # [I] each, on the fresh days; nan in intervals without calls
    worst: tuple[Miss | None, ...]  # [I] the row of the interval that has least to spare on the fresh days
    cheaper: Miss | None  # what the most promising cheaper plan comes to
    cheaper_change: tuple[tuple[str, int, int], ...]  # sort, interval, agents more or fewer than here

    @property
    def verified(self) -> bool:
        """Whether the plan was checked on fresh days to the end, and the target held in every interval."""
        return not self.interrupted and bool((self.held | ~self.judged).all())

    @property
    def checks(self) -> int:
        """How often a plan was checked, each time on other days."""
        return len(self.short_before) + bool(self.replications)

    @property
    def plan(self) -> dict[str, NDArray[np.int64]]:
        """Positions by interval [I] of each sort, by name."""
        return {part.sort.name: part.required_agents.astype(np.int64) for part in self.sorts}

    @property
    def required_agents(self) -> Floats:
        """Agents on duty [I]."""
        return np.sum([part.required_agents for part in self.sorts], axis=0)

    @property
    def scheduled_agents(self) -> Floats:
        """Agents to schedule so that on average the required are on duty [I]."""
        return np.sum([part.scheduled_agents for part in self.sorts], axis=0)

    @property
    def rostered_agents(self) -> Floats:
        """Agents to roster so that of each sort enough turn up with the certainty [I]."""
        return np.sum([part.rostered_agents for part in self.sorts], axis=0)

    @property
    def calls(self) -> Floats:
        """Expected calls of all types that agents are counted for [I]."""
        return load(self.scenario, callers_of(self.scenario)).calls

    @property
    def offered_load(self) -> Floats:
        """Erlangs [I]."""
        return load(self.scenario, callers_of(self.scenario)).offered_load

    @property
    def starts(self) -> list[str]:
        """Local time at which each interval begins."""
        return starts(self.scenario)

    @property
    def required_hours(self) -> float:
        """Hours on duty a day, as a mean over the days of the path."""
        return self._hours(self.required_agents)

    @property
    def scheduled_hours(self) -> float:
        """Hours scheduled a day, as a mean over the days of the path."""
        return self._hours(self.scheduled_agents)

    @property
    def full_time_equivalents(self) -> float:
        """The jobs that the scheduled hours would fill, were every day of the calendar like those of the path."""
        return self.scheduled_hours / self.scenario.fte.hours_a_day

    def _repr_html_(self) -> str:
        """As a notebook shows it: a row an interval."""
        held = ["yes" if ok else "no" for ok in self.held.tolist()]
        said = f"by simulation, {'verified' if self.verified else 'not verified'} on {self.replications:,} fresh days, seed {self.seed}"
        numbers = (self.calls, self.offered_load, self.required_agents, self.scheduled_agents, self.rostered_agents)
        rows = zip(self.starts, *(column.tolist() for column in numbers), held, strict=True)
        heads = ["interval", "calls", "erlangs", "required", "scheduled", "rostered", "target held"]
        return shown_in_html(self.scenario.title, [said], heads, rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the numbers rest on, in sentences."""
        said = ["Agents are positions on duty; who is absent, late or in training is in the scheduled and rostered agents beside them."]
        if len(self.scenario.calls) > 1:
            said.append("Each call type is judged by itself, at its own target or the common one.")
        if self.confidence is not None:
            said.append(f"The target is to hold on {100 * self.confidence:g} % of days in each interval, not on average.")
        if self.scenario.contingent:
            said.append("Contingents are called in as the file says, and help to meet the target.")
        if self.scenario.warm_up > 0.0:
            said.append("The intervals of the warm-up are staffed for the target too.")
        if any(np.isnan(part.rostered_agents).any() for part in self.sorts):
            said.append("Rostered agents are left out where groups that stand for each other have different shrinkage.")
        return tuple(said)

    def to_frame(self) -> pd.DataFrame:
        """Return a table, a row an interval."""
        import pandas as pd

        return pd.DataFrame(self._columns())

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain numbers for JSON, with each sort of agents by itself."""
        rows = rows_of(self._columns())
        for row, held, sure, judged, worst in zip(rows, self.held, self.surely_held, self.judged, self.worst, strict=True):
            row["target_held"] = bool(held) if judged and self.replications else None
            row["surely"] = bool(sure) if judged and self.replications else None
            row["least_to_spare"] = self._miss(worst)
        return {
            "scenario": self.scenario.title,
            "by": "simulation",
            "seed": self.seed,
            "confidence": self.confidence,
            "verified": self.verified,
            "interrupted": self.interrupted,
            "replications": self.replications,
            "checks": self.checks,
            "short_in_checks_before": list(self.short_before),
            "added_by_checks_before": self.added,
            "paths_played": self.paths_played,
            "certainty": self.certainty,
            "notes": list(self.notes),
            "warnings": list(self.scenario.warnings),
            "required_hours": self.required_hours,
            "scheduled_hours": self.scheduled_hours,
            "full_time_equivalents": self.full_time_equivalents,
            "intervals": rows,
            "groups": [self._sort(part) for part in self.sorts],
            "cheaper_plan": None if self.cheaper is None else {"change": self._changes(), "comes_to": self._miss(self.cheaper)},
        }

    def moment(self, interval: int) -> str:
        """Local time at which an interval begins."""
        return self.starts[interval]

    def _hours(self, agents: Floats) -> float:
        horizon = self.scenario.horizon
        return float(agents @ (np.asarray(horizon.interval_end - horizon.interval_start) / 3600.0)) / self.scenario.days

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {"start": self.starts, "calls": self.calls, "offered_load": self.offered_load}
        columns.update(required_agents=self.required_agents, scheduled_agents=self.scheduled_agents)
        columns.update(rostered_agents=self.rostered_agents, formula_agents=self.formula_agents)
        return columns | self.predicted

    def _sort(self, part: SortRequirement) -> dict[str, Any]:
        names = ("required_agents", "scheduled_agents", "rostered_agents")
        rows = rows_of({"start": self.starts, **{name: getattr(part, name) for name in names}})
        for row, miss in zip(rows, part.one_fewer, strict=True):
            row["one_fewer"] = self._miss(miss)
        return {
            "group": part.sort.name,
            "call_types": list(part.sort.types),
            "groups": list(part.sort.groups),
            "shrinkage": dict(zip(("used", "added", "compounded"), part.shrinkage, strict=True)),
            "intervals": rows,
        }

    def _changes(self) -> list[dict[str, Any]]:
        return [{"group": name, "start": self.moment(i), "agents": number} for name, i, number in self.cheaper_change]

    def _miss(self, miss: Miss | None) -> dict[str, Any] | None:
        if miss is None:
            return None
        told = {"call_type": miss.call_type, "start": self.moment(miss.interval), "aim": miss.aim, "goal": miss.goal}
        return told | {"value": miss.value if np.isfinite(miss.value) else None, "misses": miss.misses, "surely": miss.surely}


def answer_of(
    scenario: Scenario, sorts: tuple[Sort, ...], aims: Aims, found: Found, played: int, seed: int, confidence: float | None
) -> Simulated:
    """Return what a search found, as a planner reads it."""
    intervals = scenario.horizon.intervals
    certainty = CERTAINTY if confidence is None else confidence
    held, sure, judged = np.ones(intervals, np.bool_), np.ones(intervals, np.bool_), np.zeros(intervals, np.bool_)
    for row in aims.rows:
        judged[row.intervals] = True
    worst: list[Miss | None] = [None] * intervals
    if found.checked is not None:
        margin, error = found.checked.margin, found.checked.error
        for number, row in enumerate(aims.rows):
            held[row.intervals] &= margin[number] >= -1e-9
            sure[row.intervals] &= margin[number] - SURE * error[number] >= 0.0
        for i in np.flatnonzero(judged):
            rows = aims.touching(int(i), int(i) + 1)
            worst[i] = _to_the_digit(_worst(aims, margin, error, rows), aims, found)
    else:
        held[judged] = sure[judged] = False
    sheer = [_sort_requirement(scenario, sort, found, aims, s, certainty) for s, sort in enumerate(sorts)]
    cheaper = found.cheaper
    change = np.zeros_like(found.plan) if cheaper is None else cheaper.plan - found.plan
    return Simulated(
        scenario=scenario,
        sorts=tuple(sheer),
        seed=seed,
        confidence=confidence,
        certainty=certainty,
        replications=0 if found.paths is None else found.paths.count,
        short_before=found.short,
        added=found.added,
        paths_played=played,
        interrupted=found.interrupted,
        formula_agents=_by_formula(scenario),
        held=held,
        surely_held=sure,
        judged=judged,
        predicted=predicted(scenario, found.paths, found.weights),
        worst=tuple(worst),
        cheaper=None if cheaper is None else _miss_of(aims, cheaper.row, cheaper.margin, cheaper.error),
        cheaper_change=tuple((sorts[s].name, int(i), int(change[s, i])) for s, i in zip(*np.nonzero(change), strict=True)),
    )


def _sort_requirement(scenario: Scenario, sort: Sort, found: Found, aims: Aims, s: int, certainty: float) -> SortRequirement:
    required = found.plan[s].astype(float)
    shrinkage = crew_shrinkage(scenario, Crew(sort.types, sort.groups))
    scheduled = np.asarray(scheduled_agents(required, shrinkage[0]))
    fewer = tuple(_one_fewer(found, aims, s, i) for i in range(required.size))
    return SortRequirement(sort, shrinkage, required, scheduled, _rostered(scenario, sort, required, certainty), fewer)


def _rostered(scenario: Scenario, sort: Sort, required: Floats, certainty: float) -> Floats:
    """People to roster so that enough turn up; nan where the sort's groups are not struck alike, or no roster brings as many."""
    away = {away_of(scenario, name) for name in sort.groups} or {away_of(scenario)}
    if len(away) > 1:
        return np.full(required.shape, np.nan)
    gone = away.pop()
    try:
        known = {number: float(people_for(number, gone, certainty)) for number in set(required.tolist())}
    except InputError:
        return np.full(required.shape, np.nan)
    return np.array([known[number] for number in required.tolist()])


def _one_fewer(found: Found, aims: Aims, s: int, i: int) -> Miss | None:
    """The worst of the rows that one agent of a sort fewer in an interval touches, by all that was played."""
    if found.known is None or found.losses is None or found.plan[s, i] == 0:
        return None
    change = np.zeros_like(found.plan)
    change[s, i] = -1
    if found.cheaper is not None and np.array_equal(found.cheaper.plan, found.plan + change):  # the one such plan that was played
        return _miss_of(aims, found.cheaper.row, found.cheaper.margin, found.cheaper.error)
    shift = moved(found.losses, found.plan, found.plan + change).sum(axis=(1, 2))
    error = np.hypot(found.known.error, found.slope_doubt * shift)
    # a row that the agent does nothing to, and that holds by no more than chance, says nothing of that agent
    touched = np.flatnonzero(shift < 0.0)
    return _worst(aims, found.known.margin + shift, error, touched if touched.size else np.arange(len(aims.rows)))


def _worst(aims: Aims, margin: Floats, error: Floats, rows: NDArray[np.int64]) -> Miss | None:
    if not rows.size:
        return None
    least = int(rows[np.argmin((margin / np.maximum(error, 1e-12))[rows])])
    return _miss_of(aims, least, float(margin[least]), float(error[least]))


def _to_the_digit(miss: Miss | None, aims: Aims, found: Found) -> Miss | None:
    """The same with the ratio of the fresh days themselves for its value."""
    if miss is None or found.paths is None or found.weights is None:
        return miss
    for row in aims.rows:
        same = aims.names[row.call_type] == miss.call_type and int(row.intervals[0]) == miss.interval
        if same and row.aim == ("held" if miss.aim == "target_met" else miss.aim):
            return replace(miss, value=aims.ratio(row, found.paths, found.weights[:, row.intervals].mean(axis=1)))
    return miss


def _miss_of(aims: Aims, number: int, margin: float, error: float) -> Miss:
    row = aims.rows[number]
    if row.aim == "held":
        assert aims.confidence is not None
        aim, goal, sign = "target_met", aims.confidence, 1.0
    else:
        aim, goal, sign = row.aim, float(getattr(aims.targets[row.call_type], row.aim)), 1.0 if row.aim == "share" else -1.0
    misses = margin < -1e-9
    value = goal + sign * margin
    return Miss(aims.names[row.call_type], int(row.intervals[0]), aim, goal, value, misses, bool(abs(margin) > SURE * error))


def _by_formula(scenario: Scenario) -> Floats:
    try:
        return requirement(scenario).required_agents
    except InputError:
        return np.full(scenario.horizon.intervals, np.nan)
