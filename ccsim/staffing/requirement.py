"""How many agents each interval needs by formula, and what the formula says of a given staffing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccsim.errors import InputError
from ccsim.notebook import shown_in_html
from ccsim.staffing.crews import Crew, Floats, Load, crew_shrinkage, crews, load, paid_shift, shrinkage_of
from ccsim.staffing.left_out import left_out
from ccsim.theory import ErlangC, Station, Targets, queue_of, required_agents, scheduled_agents
from ccsim.units import HOUR

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.inputs import Scenario, Target

# A mean patience beyond this is none [s]
ENDLESS = 1e7
CEILINGS = ("average_speed_of_answer", "abandoned_fraction", "occupancy")
MEASURES = (
    "delay_probability",
    "mean_wait",
    "average_speed_of_answer",
    "abandoned_fraction",
    "over_threshold",
    "service_level_offered",
    "service_level_answered",
    "service_level_excluding_short_abandons",
    "service_level_counting_short_abandons",
    "occupancy",
)


@dataclass(frozen=True)
class CrewRequirement:
    """What one crew needs in each interval (I), by formula, and the measures predicted with that many on duty."""

    crew: Crew
    model: str
    load: Load
    shrinkage: tuple[float, float, float]  # used, added, compounded
    required_agents: Floats  # [I] on duty
    scheduled_agents: Floats  # [I] on the roster
    predicted: dict[str, Floats]  # [I] each; nan in intervals without calls


@dataclass(frozen=True)
class Requirement:
    """What a scenario needs in each interval (I), by formula: the sum over its crews, and each crew by itself."""

    scenario: Scenario
    model: str
    crews: tuple[CrewRequirement, ...]
    notes: tuple[str, ...]  # what the formula leaves out here, in sentences

    @property
    def calls(self) -> Floats:
        """Expected calls: the volumes as they stand, times the events that are certain [I]."""
        return np.sum([part.load.calls for part in self.crews], axis=0)

    @property
    def offered_load(self) -> Floats:
        """Erlangs [I]."""
        return np.sum([part.load.offered_load for part in self.crews], axis=0)

    @property
    def required_agents(self) -> Floats:
        """Fewest agents on duty that meet the target in each interval [I]."""
        return np.sum([part.required_agents for part in self.crews], axis=0)

    @property
    def scheduled_agents(self) -> Floats:
        """Agents to schedule so that on average the required are on duty [I]."""
        return np.sum([part.scheduled_agents for part in self.crews], axis=0)

    @property
    def scheduled_hours(self) -> float:
        """Hours scheduled a day, as a mean over the days of the path."""
        horizon = self.scenario.horizon
        lengths = np.asarray(horizon.interval_end - horizon.interval_start, dtype=float) / 3600.0
        return float(np.sum(self.scheduled_agents * lengths)) / self.scenario.days

    @property
    def full_time_equivalents(self) -> float:
        """The jobs that the scheduled hours would fill if every day of the calendar were like those of the path (`fte`)."""
        return self.scheduled_hours / self.scenario.fte.hours_a_day

    @property
    def predicted(self) -> dict[str, Floats]:
        """Measures with the required agents on duty [I], over the calls of all crews; nan in intervals without calls."""
        weights = np.array([part.load.calls for part in self.crews])
        out = {name: _mean([part.predicted[name] for part in self.crews], weights) for name in MEASURES}
        agents = np.array([part.required_agents for part in self.crews])
        out["occupancy"] = _mean([part.predicted["occupancy"] for part in self.crews], agents)
        return out

    @property
    def starts(self) -> list[str]:
        """Local time at which each interval begins, as in a run's intervals: 2027-04-12T07:00."""
        return starts(self.scenario)

    def to_frame(self) -> pd.DataFrame:
        """Return a table, a row an interval: start, calls, offered_load [erlangs], required_agents, scheduled_agents, the measures."""
        import pandas as pd

        return pd.DataFrame(self._columns())

    def _repr_html_(self) -> str:
        """As a notebook shows it: a row an interval."""
        names = ("start", "calls", "offered_load", "required_agents", "scheduled_agents")
        rows = zip(*(np.asarray(self._columns()[name]).tolist() for name in names), strict=True)
        heads = ["interval", "calls", "erlangs", "required", "scheduled"]
        return shown_in_html(self.scenario.title, [f"by {self.model}", *self.notes], heads, rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain numbers for JSON, with the model, both totals of the shrinkage, the notes and each crew by itself."""
        rows = rows_of(self._columns())
        parts = [
            {
                "call_types": list(part.crew.types),
                "groups": list(part.crew.groups),
                "shrinkage": dict(zip(("used", "added", "compounded"), part.shrinkage, strict=True)),
                "intervals": rows_of(replace(self, crews=(part,))._columns()),
            }
            for part in self.crews
        ]
        said = {"scenario": self.scenario.title, "by": "formula", "model": self.model, "notes": list(self.notes)}
        total = {"scheduled_hours": self.scheduled_hours, "full_time_equivalents": self.full_time_equivalents}
        return {**said, **total, "warnings": list(self.scenario.warnings), "intervals": rows, "crews": parts}

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {"start": self.starts, "calls": self.calls, "offered_load": self.offered_load}
        columns.update(required_agents=self.required_agents, scheduled_agents=self.scheduled_agents)
        return columns | self.predicted


@dataclass(frozen=True)
class Beside:
    """What the formula says of the planned staffing in each interval (I); to stand beside the simulated answer."""

    model: str
    agents: Floats  # [I] on duty, fractional
    offered_load: Floats  # [I] erlangs
    service_level: Floats  # [I] share answered within the target wait; nan without calls
    mean_wait: Floats  # [I] s; inf where overloaded, nan without calls
    overloaded: NDArray[np.bool_]  # [I] as many erlangs as agents, or more, in some crew with calls


def requirement(scenario: Scenario) -> Requirement:
    """Return the fewest agents that meet the scenario's target in each interval by formula, before and after shrinkage.

    Erlang C where callers never hang up. Erlang A where they do: of a patience only its mean counts then, whatever its shape, and where
    types share agents their hang-up rates (1 / mean patience) are averaged over the calls. The answer names the model.

    Each interval is taken as if it went on for ever at its own mean volume (SIPP: Green, Kolesar and Soares 2001). Call types that
    share agents are pooled and must all meet the strictest of their targets; types with agents of their own stand alone.
    scheduled_agents = ceil(required / (1 - s) - 1e-9), with s the shrinkage of those agents.

    Raises `InputError` where no target is given that a number of agents can meet, and where the shrinkage reaches 100 %.
    """
    parts = tuple(_crew_requirement(scenario, crew) for crew in crews(scenario))
    model = " and ".join(dict.fromkeys(part.model for part in parts))
    return Requirement(scenario, model, parts, _notes(scenario, parts, model))


def beside(scenario: Scenario, on_duty: ArrayLike | None = None) -> Beside:
    """Return Erlang C's answer for each interval, given the agents whom the plan has on duty.

    on_duty [G, I]: agents by group of `staff`, in file order; fractions are allowed; left out: those of the roster (`planned_on_duty`).
    Contingents are none of the formula's business. An overloaded interval has service level 0 and an infinite wait.
    """
    numbers = planned_on_duty(scenario) if on_duty is None else np.atleast_2d(np.asarray(on_duty, dtype=float))
    order = list(scenario.staff)
    agents, weights, levels, waits, erlangs = [], [], [], [], []
    for crew in crews(scenario):
        work = load(scenario, crew.types)
        staff = np.sum([numbers[order.index(name)] for name in crew.groups], axis=0) + np.zeros_like(work.calls)
        queue = ErlangC(work.rate, work.handle_time, staff)
        agents.append(staff)
        erlangs.append(work.offered_load)
        weights.append(work.calls)
        levels.append(_by_type(scenario, crew, lambda target, queue=queue: _level(queue, target, target.variant)))
        waits.append(np.asarray(queue.mean_wait))
    called = np.array(weights)
    some = np.asarray(((np.array(erlangs) >= np.array(agents)) & (called > 0.0)).any(axis=0))
    return Beside(ErlangC.model, np.sum(agents, axis=0), np.sum(erlangs, axis=0), _mean(levels, called), _mean(waits, called), some)


def planned_on_duty(scenario: Scenario) -> Floats:
    """Return the agents whom the plan has on duty [G, I], by group of `staff`: scheduled x (1 - shrinkage), positions as they are.

    Scheduled is the roster with everybody present and breaks taken out; 20 people at 30 % are 14. Lateness, early leaving, adherence and
    breaks that run over are part of the shrinkage, spread evenly over the shift.
    """
    from ccsim.engine.duty import build, scheduled

    numbers = np.array(scheduled(build(scenario)), dtype=float)[: len(scenario.staff)]
    for row, (name, group) in enumerate(scenario.staff.items()):
        if group.people is not None:
            numbers[row] *= 1.0 - shrinkage_of(scenario, name)[0]
    return numbers


def starts(scenario: Scenario) -> list[str]:
    """Return the local time at which each interval of the path begins, as in 2027-04-12T07:00."""
    return [scenario.horizon.stamp(round(start)) for start in scenario.horizon.interval_start.tolist()]


def _crew_requirement(scenario: Scenario, crew: Crew) -> CrewRequirement:
    work = load(scenario, crew.types)
    asked = {_targets(scenario.target_of(name)) for name in crew.types}
    need = np.max([_fewest(work, targets) for targets in asked], axis=0)
    shrinkage = crew_shrinkage(scenario, crew)
    queue = queue_of(work.rate, work.handle_time, need, **_callers(work.hang_up_rate, work.balk))
    predicted = {name: _by_type(scenario, crew, lambda target, name=name: _measure(queue, target, name)) for name in MEASURES}
    return CrewRequirement(crew, queue.model, work, shrinkage, need, np.asarray(scheduled_agents(need, shrinkage[0])), predicted)


def _fewest(work: Load, targets: Targets) -> Floats:
    """Fewest agents on duty by interval [I]; intervals whose callers are equally patient are looked up together."""
    need = np.zeros_like(work.rate)
    for hang_up_rate, balk in np.unique(np.column_stack((work.hang_up_rate, work.balk)), axis=0).tolist():
        alike = (work.hang_up_rate == hang_up_rate) & (work.balk == balk)
        callers = _callers(hang_up_rate, balk)
        need[alike] = required_agents(work.rate[alike], work.handle_time[alike], targets, **callers)
    return need


def _callers(hang_up_rate: Floats | float, balk: Floats | float) -> dict[str, Any]:
    """What the theory is told of the callers' patience: nothing where none of them ever hangs up."""
    said: dict[str, Any] = {"balk": balk} if np.any(np.asarray(balk) > 0.0) else {}
    if np.any(np.asarray(hang_up_rate) > 0.0):
        said["patience"] = 1.0 / np.maximum(hang_up_rate, 1.0 / ENDLESS)
    return said


def _targets(target: Target) -> Targets:
    """The formula's form of a scenario's target."""
    share = target.share or None
    if share is not None and share >= 1.0:
        raise InputError("a target of 100 % of callers cannot be met by any number of agents; ask for 99.9 %, say")
    asked: dict[str, Any] = {name: getattr(target, name) or None for name in CEILINGS}
    if share is not None:
        asked |= {"threshold": target.wait, "share": share, "variant": target.variant, "short_abandon": target.short_abandon}
    if not any(asked.values()):
        raise InputError("the target asks for nothing that a number of agents could meet; give target.wait with target.share, for one")
    return Targets(**asked)


def _level(queue: Station, target: Target, variant: str) -> Floats:
    return np.asarray(queue.service_level(target.wait, variant, target.short_abandon))


def _measure(queue: Station, target: Target, name: str) -> Floats:
    if name.startswith("service_level_"):
        return _level(queue, target, name.removeprefix("service_level_"))
    if name == "over_threshold":
        return np.asarray(queue.over_threshold(target.wait))
    return np.asarray(getattr(queue, name))


def _by_type(scenario: Scenario, crew: Crew, measure: Any) -> Floats:
    """A measure of a crew: of its types, each at its own target, weighted by their calls."""
    weights = np.array([load(scenario, (name,)).calls for name in crew.types])
    return _mean([measure(scenario.target_of(name)) for name in crew.types], weights)


def _mean(values: list[Floats], weights: Floats) -> Floats:
    """Weighted mean over the first axis, leaving out what weighs nothing; nan where nothing weighs anything."""
    total = weights.sum(axis=0)
    with np.errstate(invalid="ignore"):
        mass = np.where(weights > 0.0, np.asarray(values) * weights, 0.0).sum(axis=0)
    return np.where(total > 0.0, mass / np.where(total > 0.0, total, 1.0), np.nan)


def rows_of(columns: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of plain values; what is not finite becomes None."""

    def plain(value: Any) -> Any:
        if isinstance(value, str):
            return value
        return float(value) if np.isfinite(value) else None

    return [dict(zip(columns, map(plain, row), strict=True)) for row in zip(*columns.values(), strict=True)]


def _notes(scenario: Scenario, parts: tuple[CrewRequirement, ...], model: str) -> tuple[str, ...]:
    kinds = [scenario.calls[name] for part in parts for name in part.crew.types]
    patient = all(kind.patience is None for kind in kinds)
    callers = "callers never hang up" if patient else "callers hang up after an exponential patience of the given mean"
    notes = [f"{model} in each interval by itself: {callers}, the day is as busy as its mean, everyone handles alike."]
    for part in parts:
        if len(part.crew.types) > 1:
            notes.append(
                f"{_listed(part.crew.types)} share agents and are counted as one queue that must meet the strictest of their targets."
            )
        if not part.crew.groups and scenario.staff:
            notes.append(f"No group takes {part.crew.name}: its agents are on no roster yet.")
    if scenario.target.per == "day":
        notes.append("The target is for the day; the formula meets it in every interval, which asks for more.")
    whole = [kind.name for kind in kinds if kind.counts_offered]
    if whole:
        notes.append(f"The volume of {_listed(whole)} counts all calls offered and is taken as it stands: later calls are in it already.")
    certain = _certain(scenario, [kind.name for kind in kinds])
    if certain:
        notes.append(f"The volume is multiplied by what is certain to happen: {_listed(certain)}.")
    return (*notes, *(one.sentence for one in left_out(scenario)), *_shift_notes(scenario, parts))


def _certain(scenario: Scenario, types: list[str]) -> list[str]:
    """The events that are certain to multiply the volume."""
    from ccsim.engine.happenings import chances, pairs

    rows = zip(pairs(scenario), chances(scenario).tolist(), strict=True)
    sure = [event for (event, _), chance in rows if chance >= 1.0]
    return list(dict.fromkeys(event.name for event in sure if event.volume != 1.0 and any(map(event.touches, types))))


def _shift_notes(scenario: Scenario, parts: tuple[CrewRequirement, ...]) -> Iterator[str]:
    """What is taken for minutes lost within a shift."""
    late = any(part.kind in ("late", "early") and part.chance > 0.0 for part in scenario.shrinkage.values())
    groups = [scenario.staff[name] for part in parts for name in part.crew.groups]
    if late or any(group.adherence < 1.0 or group.break_overrun is not None for group in groups):
        yield "Lateness, early leaving, adherence and breaks that run over are in the shrinkage at their mean, spread evenly over a shift."
    if late and (len(groups) == 0 or any(group.people is None for group in groups)):
        hours = paid_shift(scenario) / HOUR
        yield f"Where no shift is known, one of {hours:.3g} paid hours is taken, a day of a full-time job (`fte`)."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
