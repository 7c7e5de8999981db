"""From Erlang C's answer to the simulated one, a feature at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.errors import InputError
from ccsim.experiment.compare import Plan, check_carried, leading_measure
from ccsim.experiment.paired import Progress, play
from ccsim.staffing.explain import formula
from ccsim.staffing.explain.features import Plainer
from ccsim.staffing.explain.gap import Bar, Explanation, Step, formulas, simulated, step_between

if TYPE_CHECKING:
    from ccsim.experiment.workshop import Engine
    from ccsim.inputs import Scenario


def from_erlang(
    scenario: Scenario, plan_for: Callable[[int], Plan], engine: Engine, measure: str | None, progress: Progress | None
) -> Explanation:
    """Why the simulated answer is not Erlang C's: the steps from one to the other. `plan_for` so many bars says how many paths to play.

    Raises `InputError` for a scenario without staff, or whose measure no plainer form of it has.
    """
    if not scenario.staff:
        raise InputError(
            "the scenario has no `staff`, so Erlang C has no agents to reckon with; add groups under `staff`, or ask `ccsim staff` how "
            "many it takes"
        )
    lead = leading_measure([scenario], measure)
    plainer = Plainer(scenario)
    if not plainer.takers:
        raise InputError(f"no group of `staff` takes {' or '.join(plainer.pooled.types)}, so no formula has agents to reckon with")
    names = plainer.features
    stages = plainer.stages()
    keys = ("plainest", *names)
    plan = plan_for(len(keys))
    played, complete = play(
        dict(zip(keys, stages, strict=True)), plan.replications, plan.seed, engine, plan.workers, progress, counted=scenario
    )
    check_carried(played, lead)
    bars, steps, facts = _by_formula(plainer, lead)
    first = simulated(keys[0], played[0], lead)
    if bars:
        steps.append(step_between("carry_over", bars[-1], first, None, lead))
    bars.append(first)
    for number, name in enumerate(names):
        after = simulated(name, played[number + 1], lead)
        both = played[number], played[number + 1]
        steps.append(step_between(name, bars[-1], after, both, lead, facts=_facts(name, plainer)))
        bars.append(after)
    total = step_between("total", bars[0], bars[-1], None if bars[0].by == "formula" else (played[0], played[-1]), lead)
    notes = _notes(plainer, bars, lead, facts)
    return Explanation(
        "erlang", scenario, lead, tuple(bars), tuple(steps), total, tuple(notes), played[-1].paths, plan.seed, engine, not complete,
        tuple(played), facts=facts,
    )  # fmt: skip


def _by_formula(plainer: Plainer, measure: str) -> tuple[list[Bar], list[Step], dict[str, Any]]:
    """The bars of the formulas with the steps between them; no bars for a measure that formulas do not know."""
    scenario, pooled, agents = plainer.scenario, plainer.pooled, plainer.on_duty
    counted = scenario.horizon.measured
    seconds = pooled.seconds[counted]
    facts: dict[str, Any] = {
        "erlangs": float((pooled.calls * pooled.handle_time)[counted].sum() / seconds.sum()),
        "agents": float((agents[counted] * seconds).sum() / seconds.sum()),
        "intervals": int((pooled.calls[counted] > 0.0).sum()),
    }
    if measure not in formula.KNOWN:
        return [], [], facts
    value, facts["overloaded_all_day"] = formula.all_day(scenario, pooled, agents, measure)
    bars, steps = [formulas("erlang_c", value)], []

    def add(key: str, value: float, **told: Any) -> None:
        bars.append(formulas(key, value))
        steps.append(step_between(key, bars[-2], bars[-1], None, measure, facts=told))

    value, facts["overloaded"] = formula.by_interval(scenario, pooled, agents, measure, patient=True)
    if not _level(pooled.calls[counted] / seconds, pooled.handle_time[counted], agents[counted]):
        add("ups_and_downs", value)
    impatient = bool(pooled.hang_up_rate.any() or pooled.balk)
    if impatient:
        value, _ = formula.by_interval(scenario, pooled, agents, measure, patient=False)
        add("hang_ups", value)
    if "shifts" in plainer.features and (plainer.positions != agents)[counted].any():
        value, _ = formula.by_interval(scenario, pooled, plainer.positions.astype(float), measure, patient=not impatient)
        add("whole_agents", value, most=float(np.abs(plainer.positions - agents)[counted].max()))
    return bars, steps, facts


def _level(*series: Any) -> bool:
    """Whether nothing differs from interval to interval."""
    return all(np.ptp(one) <= 1e-9 * max(abs(float(one[0])), 1.0) for one in series)


def _facts(name: str, plainer: Plainer) -> dict[str, Any]:
    """What a sentence on a feature may need."""
    scenario = plainer.scenario
    kinds = [scenario.calls[one] for one in plainer.pooled.types if scenario.calls[one].volume.any()]
    if name == "handle_time":
        weights = [float(np.sum(kind.volume)) for kind in kinds]
        return {
            "cv": sum(weight * kind.handle_time.cv for weight, kind in zip(weights, kinds, strict=True)) / sum(weights),
            "types": len(kinds),
        }
    if name == "volume":
        return {"cv": max(math.sqrt(kind.busyness.day**2 + kind.busyness.week**2 + kind.busyness.interval**2) for kind in kinds)}
    if name == "redials":
        return {"counted": any(kind.counts_offered for kind in kinds)}
    if name == "lines":
        return {"lines": scenario.lines}
    if name == "contingents":
        return {"agents": sum(pool.agents for pool in scenario.contingent.values())}
    return {}


def _notes(plainer: Plainer, bars: list[Bar], measure: str, facts: dict[str, Any]) -> list[str]:
    scenario = plainer.scenario
    notes = []
    if bars[0].by == "formula":
        if facts["overloaded_all_day"]:
            notes.append(
                f"Erlang C has no answer to the day at its mean: {facts['erlangs']:.3g} erlangs are too many for {facts['agents']:.3g} "
                "agents; it counts every caller as waiting beyond any target"
            )
        elif facts["overloaded"]:
            many = "interval has" if facts["overloaded"] == 1 else "intervals have"
            notes.append(
                f"{facts['overloaded']} {many} more calls than the agents can handle; Erlang C's queue grows without end there, "
                "and it counts those callers as waiting beyond any target"
            )
        if any(math.isinf(bar.value) for bar in bars):
            notes.append("An endless wait has no distance to anything: steps are counted from the first bar that is finite")
    else:
        notes.append("No formula knows this measure: the bars begin with the simulated day in its plainest form")
    if measure == "cost" and "shifts" in plainer.features:
        notes.append("Up to the step `shifts` only agents on duty are paid; leave, absence and breaks are paid from there on")
    if len(plainer.pooled.types) > 1:
        notes.append(f"Up to the step `skills`, {', '.join(plainer.pooled.types)} are one queue that every agent answers"
                     if "skills" in plainer.features else f"To the formulas {', '.join(plainer.pooled.types)} are one queue")  # fmt: skip
    if any(bar.key == "whole_agents" for bar in bars):
        notes.append(
            "Fractions of agents on duty are rounded so that the running total of the day is kept; the step `shifts` takes this back"
        )
    if scenario.lines is not None or any(call.leads_to_calls for call in scenario.calls.values()):
        notes.append("Each step is what its feature adds to those before it; in another order some would be larger and others smaller")
    return notes
