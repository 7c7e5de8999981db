"""Fields that several studies have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ccsim.errors import InputError
from ccsim.measures.definitions import label, names
from ccsim.web.boxes import Box, number_from, some_time

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

LARGEST_SEED: Final = 10**18 - 1
LONGEST_LOOK: Final = 6 * 3600.0  # s
SEED: Final = Box("seed", "Seed", "decides all luck; left out: 1", number_from(0, LARGEST_SEED))


MEASURES: Final = {name: label(name) for name in names("run")}


def look_time(text: str) -> float:
    """How long to look [s]; raises `InputError`."""
    found = some_time(text)
    if found > LONGEST_LOOK:
        raise InputError("longer than 6 h nobody waits for; give less, or use `ccsim schedule --seconds`")
    return found


def days_box(most: int, left_out: str) -> Box:
    """The field of how many days are played."""
    return Box("days", "Days to play", f"left out: {left_out}", number_from(1, most))


def measure_box(scenario: Scenario, words: str = "What is looked at") -> Box:
    """The choice of a measure."""
    return Box("measure", words, "left out: the service level that the target names", choices=measures(scenario))


def measures(scenario: Scenario) -> dict[str, str]:
    """Measures of a run in words, by name."""
    return {name: words for name, words in MEASURES.items() if name != "cost" or scenario.cost is not None}
