"""How many agents each interval needs: by formula in a moment, or by simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccsim.web.boxes import Box, Typed, number_from, part_of_all
from ccsim.web.jobs import Tell
from ccsim.web.studies.common import SEED
from ccsim.web.studies.study import Finding, Study, Subject, Values, csv_text, picture, printed
from ccsim.web.telling import shares

if TYPE_CHECKING:
    from ccsim.staffing import Requirement
    from ccsim.staffing.by_simulation import Simulated

FORMULA, SIMULATION = "formula", "simulation"
_WAYS = {
    FORMULA: "by formula: a moment, each interval by itself",
    SIMULATION: "by simulation: a minute or so, with all that the scenario holds",
}


def _simulated(typed: Typed) -> bool:
    return typed.get("by") == SIMULATION


def _boxes(subject: Subject) -> tuple[Box, ...]:
    return (
        Box("by", "How it is found", "", required=True, first=FORMULA, choices=_WAYS, wide=True),
        Box(
            "confidence", "Days on which it must hold", "such as 95 %, 19 days in 20; left out, it holds on average",
            part_of_all, belongs=_simulated,
        ),
        Box("days", "Fresh days to check it on", "50 or more; left out, as many as it takes", number_from(50, 200_000), belongs=_simulated),
        Box(SEED.name, SEED.label, SEED.hint, SEED.read, belongs=_simulated),
    )  # fmt: skip


def _do(subject: Subject, values: Values, tell: Tell) -> Finding:
    if values["by"] == SIMULATION:
        from ccsim.staffing.by_simulation import requirement_by_simulation

        seed = 1 if values["seed"] is None else values["seed"]
        found = requirement_by_simulation(subject.scenario, values["confidence"], values["days"], seed, shares(tell, "playing days"))
        tell("drawing", 0, 0)
        return _simulated_finding(found)
    from ccsim.staffing import requirement

    tell("calculating", 0, 0)
    return _formula_finding(requirement(subject.scenario))


def _formula_finding(need: Requirement) -> Finding:
    from ccsim.reporting.needs import most_needed, needs_svg, predicted_svg
    from ccsim.reporting.style import REQUIRED, SCHEDULED
    from ccsim.reporting.tables import show_requirement

    scenario = need.scenario
    series = [
        ("scheduled", need.scheduled_agents, SCHEDULED),
        ("required", need.required_agents, REQUIRED),
    ]
    words = "Agents required on duty, and scheduled to have them there, by interval."
    pictures = [
        picture("Agents by interval", words, needs_svg("n", scenario, series)),
        picture("What that brings", _BRINGS, predicted_svg("p", scenario, need.predicted)),
    ]
    jobs = f"{need.full_time_equivalents:,.1f} full-time equivalents were every day like this one"
    total = f"{need.scheduled_hours:,.0f} hours are scheduled a day: {jobs}."
    said = [most_needed(scenario, need.required_agents, need.scheduled_agents), total]
    return Finding(said, printed(show_requirement, need), pictures, {"intervals.csv": csv_text(need.to_dict()["intervals"])})


_BRINGS = "Share answered within the target wait by interval with the required agents on duty, against the target."


def _simulated_finding(need: Simulated) -> Finding:
    from ccsim.reporting.needs import most_needed, needs_svg, predicted_svg
    from ccsim.reporting.requirements import sentences, show_simulated
    from ccsim.reporting.style import ON_DUTY, REQUIRED, SCHEDULED

    scenario = need.scenario
    series = [
        ("scheduled", need.scheduled_agents, SCHEDULED),
        ("required, by formula", need.formula_agents, REQUIRED),
        ("required, by simulation", need.required_agents, ON_DUTY),
    ]
    pictures = [
        picture(
            "Agents by interval", "Agents required on duty as the simulation says and as the formula says, and scheduled, by interval.",
            needs_svg("n", scenario, series),
        ),
        picture("What that brings", f"{_BRINGS[:-1]}, on fresh days.", predicted_svg("p", scenario, need.predicted)),
    ]  # fmt: skip
    said = [most_needed(scenario, need.required_agents, need.scheduled_agents), *sentences(need)]
    return Finding(said, printed(show_simulated, need), pictures, {"intervals.csv": csv_text(need.to_dict()["intervals"])})


STUDY = Study(
    name="staff",
    title="Agents by interval",
    asks="How many agents each interval needs so that the target holds, and how many to schedule so that they are there.",
    boxes=_boxes,
    do=_do,
    quick=lambda values: values["by"] == FORMULA,
    act="Find them",
)
