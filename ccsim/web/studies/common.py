"""Fields that several studies have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ccsim.measures.definitions import label, names
from ccsim.web.boxes import Box, number_from

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

LARGEST_SEED: Final = 10**18 - 1
SEED: Final = Box("seed", "Seed", "decides all luck; left out: 1", number_from(0, LARGEST_SEED))


MEASURES: Final = {name: label(name) for name in names("run")}


def days_box(most: int, left_out: str) -> Box:
    """The field of how many days are played."""
    return Box("days", "Days to play", f"left out: {left_out}", number_from(1, most))


def measure_box(scenario: Scenario, words: str = "What is looked at") -> Box:
    """The choice of a measure."""
    return Box("measure", words, "left out: the service level that the target names", choices=measures(scenario))


def measures(scenario: Scenario) -> dict[str, str]:
    """Measures of a run in words, by name."""
    return {name: words for name, words in MEASURES.items() if name != "cost" or scenario.cost is not None}
