"""Why a simulated answer is not Erlang's, nor another scenario's, nor what happened: the steps in between, as a waterfall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ccsim.web.boxes import NO, YES_OR_NO, Box, Typed, yes
from ccsim.web.jobs import Tell
from ccsim.web.studies.common import SEED, days_box, measure_box
from ccsim.web.studies.study import Finding, Study, Subject, Values, csv_text, picture, printed
from ccsim.web.telling import days
from ccsim.web.workspace import BELOW, SCENARIOS

if TYPE_CHECKING:
    from ccsim.staffing.explain import Explanation

_MOST_DAYS: Final = 100_000


def _against(subject: Subject) -> dict[str, str]:
    """What an answer can be held against: other scenarios, and files of what happened."""
    there = [entry.name for entry in subject.workspace.entries((".csv",)) if not entry.name.startswith(f"{BELOW}/")]
    tables = {name: f"what happened: {name}" for name in there}
    return {name: f"scenario: {title}" for name, title in subject.others().items() if not name.endswith(".xlsx")} | tables


def _between(typed: Typed) -> bool:
    return str(typed.get("other") or "").lower().endswith(SCENARIOS)


def _boxes(subject: Subject) -> tuple[Box, ...]:
    return (
        Box(
            "other", "Against", "left out: Erlang C’s answer. A CSV file of what happened by interval can be dropped on the first view",
            choices=_against(subject), wide=True,
        ),
        Box(
            "average", "Average the steps over all orders", "no: each change comes on top of those before it", yes, first=NO,
            choices=YES_OR_NO, belongs=_between,
        ),
        measure_box(subject.scenario, "What is explained"),
        days_box(_MOST_DAYS, "400 for each bar, up to 2,000 for few bars"),
        SEED,
    )  # fmt: skip


def _do(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.reporting.explanation import headline, legend_words, show_explanation, waterfall_svg
    from ccsim.staffing.explain import explain

    other, name = None, values["other"]
    if name:
        other = subject.workspace.load(name) if name.lower().endswith(SCENARIOS) else str(subject.workspace.path(name))
    found = explain(
        subject.scenario, other, values["days"], values["seed"], measure=values["measure"], progress=days(tell),
        average_orders=bool(values["average"]),
    )  # fmt: skip
    tell("drawing", 0, 0)
    chart = picture("Step by step", f"{legend_words(found)}. Thin lines: 95 % confidence of a step.", waterfall_svg("e", found))
    return Finding(headline(found), printed(show_explanation, found), [chart], {"steps.csv": csv_text(_rows(found))})


def _rows(found: Explanation) -> list[dict[str, object]]:
    """Bars and steps as rows of a table."""
    document = found.to_dict()
    bars = [{"row": "bar", "name": bar.pop("bar"), **bar} for bar in document["bars"]]
    return bars + [{"row": "step", "name": step.pop("step"), **step} for step in document["steps"]]


STUDY = Study(
    name="explain",
    title="Why this answer",
    asks=(
        "Why the simulated answer is what it is, step by step: from Erlang C’s answer to it, from this scenario to another, or from the "
        "plan to what happened."
    ),
    boxes=_boxes,
    do=_do,
    act="Explain it",
    fits=lambda scenario: bool(scenario.staff or scenario.contingent),
)
