"""The frontier of rules for calling contingents, as blocks and a picture, and the recommended rule as a change of the scenario."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any, Final

from ccsim.errors import InputError
from ccsim.inputs import Scenario
from ccsim.inputs.yaml_text import flow
from ccsim.web.blocks import Catcher
from ccsim.web.edit import Path, edited
from ccsim.web.jobs import Tell

MISSING: Final = "this installation of ccsim has no search for the best rule; the card and the look ahead are there"
_NEEDED: Final = ("ccsim.contingent.frontier", "ccsim.reporting.frontier")


def available() -> bool:
    """Whether rules can be searched."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)


def found(scenario: Scenario, asked: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The rules found, as blocks and a picture, and the scenario's text with the recommended one.

    Raises `InputError` where they cannot be searched.
    """
    if not available():
        raise InputError(MISSING)
    from ccsim.contingent.frontier import frontier
    from ccsim.reporting.frontier import frontier_figure, show_frontier
    from ccsim.reporting.pictures import figure_svg
    from ccsim.web.pictures import standing_alone

    answer = frontier(scenario, asked.get("pool"), progress=lambda what, share: tell(what, round(100 * share), 100))
    tell("drawing", 0, 0)
    out = Catcher()
    show_frontier(out, answer)
    picture = {
        "name": "frontier",
        "title": "Rules for calling contingents",
        "words": "Share of callers over the target wait against what the contingents cost a day, for each rule.",
        "svg": standing_alone(figure_svg("f", frontier_figure(answer))),
    }
    return {"title": scenario.title, "blocks": out.blocks, "pictures": [picture], "text": _with_rule(scenario, answer.made)}


def _with_rule(scenario: Scenario, made: Scenario) -> str:
    """The text of a scenario with what is different in the pools of another."""
    edits: dict[Path, str | None] = {}
    for pool, told in made.data["contingent"].items():
        before = scenario.data["contingent"].get(pool, {})
        for key in [*before, *(key for key in told if key not in before)]:
            if before.get(key) != told.get(key):
                edits["contingent", pool, key] = flow(told[key]) if key in told else None
    return edited(scenario.text, edits)
