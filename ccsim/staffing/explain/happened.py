"""From a plan to what happened: volume, handle time, absence, adherence, and what is left, which is luck.

Each step puts what happened in place of what the plan leaves to chance. The last simulated bar is what was to be expected of such a day;
days like it differ from each other by nothing but luck, and where 95 % of them lie is the band that luck alone explains.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.engine.duty import build, scheduled
from ccsim.errors import InputError
from ccsim.experiment.compare import Plan, check_carried, leading_measure
from ccsim.experiment.differences import by_row, measure_of
from ccsim.experiment.paired import Played, Progress, play
from ccsim.inputs.demand import Busyness
from ccsim.inputs.distributions import Distribution
from ccsim.inputs.frozen import floats, ints
from ccsim.staffing.crews import Floats
from ccsim.staffing.explain.actuals import Actuals, read_actuals
from ccsim.staffing.explain.features import Plainer, whole_agents
from ccsim.staffing.explain.gap import Bar, Explanation, simulated, step_between

if TYPE_CHECKING:
    from ccsim.experiment.workshop import Engine
    from ccsim.inputs import Scenario

_BAND = (0.025, 0.975)
_FEWEST_FOR_A_BAND = 40  # days, so that one in forty is out on either side


def to_what_happened(
    plan: Scenario, file: str | Path, plan_for: Callable[[int], Plan], engine: Engine, measure: str | None, progress: Progress | None
) -> Explanation:
    """Why a day, or a path of days, came out other than planned. Raises `InputError` for a file that does not fit the plan."""
    if not plan.staff:
        raise InputError("the scenario has no `staff`, so it is no plan to set against what happened; add groups under `staff`")
    actuals = read_actuals(file, plan)
    lead = leading_measure([plan], measure if measure is not None else next(iter(_leading(plan, actuals)), None))
    world = _World(plan, actuals)
    stages = world.stages()
    how = plan_for(len(stages))
    # the calls of the file were counted under the staff that it tells of
    latest = list(stages.values())[-1]
    played, complete = play(stages, how.replications, how.seed, engine, how.workers, progress, counted=latest)
    check_carried(played, lead)
    bars: list[Bar] = []
    steps = []
    for number, one in enumerate(played):
        bars.append(simulated(one.name, one, lead))
        if number:
            both = played[number - 1], one
            steps.append(step_between(one.name, bars[-2], bars[-1], both, lead, facts=world.facts[one.name]))
    facts: dict[str, Any] = {}
    notes = world.notes()
    if lead in actuals.outcomes:
        was = actuals.outcomes[lead]
        bars.append(Bar("actual", "actual", was, was, was))
        facts = _luck(played[-1], lead, was)
        steps.append(step_between("luck", bars[-2], bars[-1], None, lead, facts=facts))
    else:
        notes.append(f"{actuals.name} does not say what callers met with by this measure, so there is no step of luck")
    total = step_between("total", bars[0], bars[-1], None if lead in actuals.outcomes else (played[0], played[-1]), lead)
    return Explanation(
        "happened", plan, lead, tuple(bars), tuple(steps), total, tuple(notes), played[0].paths, how.seed, engine, not complete,
        tuple(played), facts=facts,
    )  # fmt: skip


def _leading(plan: Scenario, actuals: Actuals) -> list[str]:
    """The measures that the file tells of, the target's service level first."""
    own = f"service_level_{plan.target.variant}"
    return sorted(actuals.outcomes, key=lambda name: (name != own, list(actuals.outcomes).index(name)))


def _luck(played: Played, measure: str, was: float) -> dict[str, Any]:
    """Where days like this one lie, and how many of them are as far out as what was."""
    found = measure_of(measure)
    assert found is not None
    days = by_row(found, played.columns)
    days = np.sort(days[~np.isnan(days)])
    if len(days) < _FEWEST_FOR_A_BAND:
        return {"days": len(days)}
    low, high = (float(limit) for limit in np.quantile(days, _BAND))
    further = 2.0 * min(float((days <= was).mean()), float((days >= was).mean()))
    return {"days": len(days), "band_low": low, "band_high": high, "as_far_out": min(further, 1.0), "inside": low <= was <= high}


class _World:
    """A plan and what happened, and every stage between."""

    def __init__(self, plan: Scenario, actuals: Actuals) -> None:
        self.plan, self.actuals = plan, actuals
        self.plainer = Plainer(plan)
        self.facts: dict[str, dict[str, Any]] = {}
        self._there: Floats | None = None  # agents to be expected of those who were not away, [I]

    def stages(self) -> dict[str, Scenario]:
        """The plan, then with what happened in place of one thing more each time."""
        found = {"plan": self.plan, "volume": self._with_volume(self.plan)}
        if self.actuals.handle_time is not None:
            found["handle_time"] = self._with_handle_time(found["volume"])
        if self.actuals.agents is not None:
            latest = list(found.values())[-1]
            if self.actuals.absent is not None and any(group.people is not None for group in self.plan.staff.values()):
                found["absence"] = self._with_absence(latest)
                found["adherence"] = self._with_agents(found["absence"], "adherence")
            else:
                found["staff"] = self._with_agents(latest, "staff")
        return found

    def notes(self) -> list[str]:
        """What the file leaves out."""
        missing = [name for name, there in (("aht", self.actuals.handle_time), ("agents", self.actuals.agents)) if there is None]
        notes = [f"{self.actuals.name} has no column `{name}`, so that is as planned" for name in missing]
        if self.actuals.agents is not None and "absence" not in self.facts:
            notes.append("Absence and adherence are one step, `staff`; a column `absent` with the people away would tell them apart")
        if self.actuals.agents is not None and self.plan.contingent:
            notes.append("Contingents count among the agents of the file, and are as they were")
        return notes

    def _with_volume(self, before: Scenario) -> Scenario:
        """The calls that came in, instead of those expected on busy and quiet days; later calls are among them."""
        types, told = self.actuals.types, self.actuals.offered
        planned = np.array([self.plan.calls[name].volume for name in types], dtype=float)
        volumes = told if self.actuals.by_type else told * _mix(planned)
        measured = self.plan.horizon.measured
        volumes = np.where(measured, volumes, planned)
        again = any(call.leads_to_calls for call in before.calls.values())
        calls = dict(before.calls)
        still = Busyness(day=0.0, week=0.0, interval=0.0, shared=False)
        for name, volume in zip(types, volumes, strict=True):
            calls[name] = calls[name].model_copy(
                update={"volume": floats(volume), "busyness": still, "yearly": None, "counts_offered": again}
            )
        days = self.plan.days
        self.facts["volume"] = {"planned": float(planned[:, measured].sum()) / days, "actual": float(volumes[:, measured].sum()) / days}
        events = {name: event.model_copy(update={"volume": 1.0}) for name, event in before.events.items()}
        return before.model_copy(update={"calls": calls, "events": events, "known": None})

    def _with_handle_time(self, before: Scenario) -> Scenario:
        """The mean handle times that were; they hold what slow and fast agents, learners and events made of them."""
        told = self.actuals.handle_time
        assert told is not None
        types = self.actuals.types
        planned = np.array([np.broadcast_to(before.calls[name].handle_time.mean, told.shape[1]) for name in types], dtype=float)
        volumes = np.array([before.calls[name].volume for name in types], dtype=float)
        if self.actuals.by_type:
            means = np.where(np.isnan(told), planned, told)
        else:
            mixed = (_mix(volumes) * planned).sum(axis=0)
            means = planned * np.where(np.isnan(told), 1.0, told / mixed)
        means = np.where(self.plan.horizon.measured, means, planned)
        calls = dict(before.calls)
        for name, mean in zip(types, means, strict=True):
            calls[name] = calls[name].model_copy(update={"handle_time": with_means(calls[name].handle_time, mean)})
        counted = self.plan.horizon.measured
        total = max(float(volumes[:, counted].sum()), 1e-300)
        self.facts["handle_time"] = {
            "planned": float((volumes * planned)[:, counted].sum()) / total, "actual": float((volumes * means)[:, counted].sum()) / total
        }  # fmt: skip
        alike = {"handle_time_factor": 1.0, "type_factors": {}, "handle_time_spread": 0.0, "learning": None}
        return before.model_copy(
            update={
                "calls": calls,
                "staff": {name: group.model_copy(update=alike) for name, group in before.staff.items()},
                "contingent": {name: pool.model_copy(update={"handle_time_factor": 1.0}) for name, pool in before.contingent.items()},
                "events": {name: event.model_copy(update={"handle_time": 1.0}) for name, event in before.events.items()},
            }
        )

    def _with_absence(self, before: Scenario) -> Scenario:
        """Those who were there, off the queue as much of their time as planned, in place of those whom luck leaves."""
        absent = self.actuals.absent
        assert absent is not None
        rows = list(self.plan.staff)
        roster = np.array(scheduled(build(self.plan)), dtype=float)[: len(rows)]
        away, kept = np.zeros(len(rows)), np.ones(len(rows))
        for row, (name, group) in enumerate(self.plan.staff.items()):
            if group.people is not None:
                met = [part for part in self.plan.shrinkage.values() if part.applies_to(group)]
                away[row] = min(sum(part.share for part in met if part.kind in ("planned", "absence")), 1.0)
                kept[row] = self._on_queue(name) * group.adherence
        people = np.array([group.people is not None for group in self.plan.staff.values()])
        due = roster[people].sum(axis=0)
        absent = np.where(np.isnan(absent), (roster * away[:, None])[people].sum(axis=0), absent)
        there = np.clip(1.0 - np.divide(absent, due, out=np.zeros_like(due), where=due > 0.0), 0.0, 1.0)
        numbers = roster * kept[:, None] * np.where(people[:, None], there, 1.0)
        counted = self.plan.horizon.measured
        self.facts["absence"] = {
            "planned": float((roster * away[:, None])[people].sum(axis=0)[counted].mean()), "actual": float(absent[counted].mean())
        }  # fmt: skip
        self._there = numbers.sum(axis=0)
        return self._with_positions(before, numbers.sum(axis=0), numbers)

    def _on_queue(self, name: str) -> float:
        """The share of their time that the people of a group who are there spend on the queue as planned, breaks apart."""
        group = self.plan.staff[name]
        met = [part for part in self.plan.shrinkage.values() if part.applies_to(group)]
        away = sum(part.share for part in met if part.kind in ("planned", "absence"))
        pieces = sum(part.share for part in met if part.kind == "in-shift")
        return max(0.0, 1.0 - pieces / (1.0 - away)) if away < 1.0 else 0.0

    def _with_agents(self, before: Scenario, key: str) -> Scenario:
        """As many agents as there were, contingents among them, shared out over the groups as planned."""
        told = self.actuals.agents
        assert told is not None
        rows = list(self.plan.staff)
        numbers = np.zeros((len(rows), self.plan.horizon.intervals))
        numbers[[rows.index(name) for name in self.plainer.takers]] = self.plainer.by_group
        planned = numbers.sum(axis=0) if self._there is None else self._there
        counted = self.plan.horizon.measured
        total = np.where(np.isnan(told), planned, told)
        self.facts[key] = {"planned": float(planned[counted].mean()), "actual": float(total[counted].mean())}
        found = self._with_positions(before, total, numbers)
        return found.model_copy(update={"contingent": {}})

    def _with_positions(self, before: Scenario, total: Floats, by_group: Floats) -> Scenario:
        """Positions by interval in place of people: `total` [I] agents, shared out in proportion to `by_group` [G, I]."""
        whole = whole_agents(total, np.asarray(self.plan.horizon.interval_day))
        shares = _mix(by_group)
        staff = {}
        exact = whole * shares
        numbers = np.floor(exact + 1e-9).astype(np.int64)
        order = np.argsort(-(exact - numbers), axis=0, kind="stable")
        for i, missing in enumerate((whole - numbers.sum(axis=0)).tolist()):
            numbers[order[:missing, i], i] += 1
        for row, (name, group) in enumerate(before.staff.items()):
            nobody = {"people": None, "shift": (), "days": None, "breaks": (), "weekdays": (), "days_off": None, "roster": None}
            usual = {"adherence": 1.0, "break_overrun": None, "handle_time_spread": 0.0, "learning": None}
            staff[name] = group.model_copy(update={**nobody, **usual, "positions": ints(numbers[row])})
        return before.model_copy(update={"staff": staff, "shrinkage": {}})


def _mix(numbers: Floats) -> Floats:
    """The shares of each row in each column's sum, [T, I]; where a column is empty those of the whole."""
    total, whole = numbers.sum(axis=0), numbers.sum(axis=1)
    overall = whole / whole.sum() if whole.sum() > 0.0 else np.full(len(whole), 1.0 / len(whole))
    return np.where(total > 0.0, numbers / np.where(total > 0.0, total, 1.0), overall[:, None])


def with_means(law: Distribution, means: Floats) -> Distribution:
    """The law with another mean in each interval [I, s], its shape kept."""
    changes: dict[str, Any] = {"mean": floats(means)}
    if isinstance(law.mean, float) and not math.isclose(law.mean, 0.0):
        # laws that are given by their values are multiplied by the means, and so are to have a mean of 1 themselves
        changes |= {name: value / law.mean for name in ("low", "high") if (value := getattr(law, name)) is not None}
        if law.values is not None:
            changes["values"] = floats(law.values / law.mean)
    return law.model_copy(update=changes)
