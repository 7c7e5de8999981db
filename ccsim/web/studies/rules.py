"""The frontier of rules for calling contingents, and the recommended rule as a change of the scenario."""

from __future__ import annotations

from ccsim.inputs import Scenario
from ccsim.inputs.yaml_text import flow
from ccsim.web.blocks import in_fields
from ccsim.web.boxes import Box, part_of_all
from ccsim.web.edit import Path, edited
from ccsim.web.jobs import Tell
from ccsim.web.studies.common import SEED, days_box
from ccsim.web.studies.study import Finding, Study, Subject, Values, csv_text, picture, printed
from ccsim.web.telling import shares


def _boxes(subject: Subject) -> tuple[Box, ...]:
    pools = {name: f"{name} ({pool.agents} people)" for name, pool in subject.scenario.contingent.items()}
    return (
        Box("pool", "Pool", "where there are several", choices=pools),
        Box("miss", "Days that may miss the target", "left out: 5 %", part_of_all),
        days_box(100_000, "300, fewer in large centres"),
        SEED,
    )


def _do(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.contingent.frontier import MISS, frontier
    from ccsim.reporting.frontier import answer, show_frontier
    from ccsim.reporting.frontier_chart import frontier_figure
    from ccsim.reporting.pictures import figure_svg

    miss, seed = values["miss"] or MISS, 1 if values["seed"] is None else values["seed"]
    found = frontier(subject.scenario, values["pool"], miss, values["days"], seed, progress=shares(tell, "playing rules"))
    tell("drawing", 0, 0)
    chart = picture(
        "Rules for calling contingents",
        "Callers over the target wait, and days that miss their target, against what the contingents cost a day, for each rule.",
        figure_svg("f", frontier_figure(found, alone=False)),
    )
    table = csv_text(found.to_dict()["frontier"])
    text = _with_rule(subject.scenario, found.made)
    offer = "Open the scenario with this rule"
    return Finding(
        [in_fields(words) for words in answer(found)],
        printed(show_frontier, found),
        [chart],
        {"rules.csv": table},
        text,
        "recommended",
        offer,
    )


def _with_rule(scenario: Scenario, made: Scenario) -> str:
    """The text of a scenario with what is different in the pools of another."""
    edits: dict[Path, str | None] = {}
    for pool, told in made.data["contingent"].items():
        before = scenario.data["contingent"].get(pool, {})
        for key in [*before, *(key for key in told if key not in before)]:
            if before.get(key) != told.get(key):
                edits["contingent", pool, key] = flow(told[key]) if key in told else None
    return edited(scenario.text, edits)


STUDY = Study(
    name="rules",
    title="Rules for contingents",
    asks=(
        "Rules for calling contingents in, from never to always: callers who wait too long against what the contingents cost. It takes a "
        "minute or two."
    ),
    boxes=_boxes,
    do=_do,
    act="Search the rules",
    fits=lambda scenario: bool(scenario.contingent),
)
