"""The waterfall of shrinkage: from the paid hours on the roster to the hours on the queue, step by step.

Scheduled are the paid hours of the shifts of measured days with everyone present: unpaid breaks are taken out, shifts of the eve belong to
the day before, those of employments that have ended (`ends_after`) to nobody: their hours stand before the scheduled ones, with the number
of people who are gone, and the two together are the roster as it was written. Each step is what one cause took of them: a category of
shrinkage, paid breaks, breaks that ran over, small gaps. What is left are the hours on duty inside the shifts, to the last second
(`ccsim.engine.tally.hours`):

    scheduled + worked in unpaid breaks - all steps = on the queue

Unpaid breaks are worked where one is cut short or falls away, because somebody is late or still on a call at the end of the shift. Overtime
stands beside it. The share of a step is of the scheduled hours, so the shares add; what they would be if each took its share of what the
ones before left, 1 - (1 - s1)(1 - s2)..., is the total multiplied.

Positions by interval have no shifts, and no part in this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ccsim.engine.floor import Floats
from ccsim.engine.tally.hours import CATEGORY, ENDED, GAPS, GONE, ON_QUEUE, OVERRUNS, PAID_BREAKS, SCHEDULED, UNPAID_WORKED, UNTOLD
from ccsim.inputs.scenario import Scenario
from ccsim.units import HOUR

# Entries of each block beside the steps, in this order before them; `gone` is people a path, all others are hours a day
BEFORE: Final = ("scheduled", "on_queue", "unpaid_breaks_worked", "overtime", "ended", "gone")
# and behind them: the steps together, and those that are planned or not, in the office or not
TOTALS: Final = ("total", "planned", "unplanned", "in_office", "out_of_office")


@dataclass(frozen=True, slots=True)
class Step:
    """What one cause takes of the paid hours."""

    name: str
    kind: str  # planned, absence, in-shift, late, early; breaks, overrun, gaps, untold
    planned: bool  # known when the schedule was published
    office: Literal["in", "out"]
    column: int  # of `ccsim.engine.tally.hours`
    silent: bool = True  # told only where anything was lost to it


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The steps of a scenario, and the groups that they are about: those of people on shifts, by number."""

    steps: tuple[Step, ...]
    groups: tuple[int, ...]
    ends: bool = False  # whether an employment may end

    @property
    def entries(self) -> int:
        """Number of entries in the block of the whole, or of one group."""
        return len(BEFORE) + len(self.steps) + len(TOTALS)

    def read(self, seconds: Floats, overtime: Floats, days: int) -> Floats:
        """The columns of scope "shrinkage", [paths, blocks x entries, 3]: the block of the whole, then one for each group.

        `seconds` [paths, G, columns] is the account of the roster hours, `overtime` [paths, G] s; `days` are the calendar days. The people
        who are `gone` stand as an hour each, on one day: so the hours a day that are read off them are people a path.
        """
        theirs, beside = seconds[:, self.groups], overtime[:, self.groups]
        blocks = np.concatenate([theirs.sum(axis=1, keepdims=True), theirs], axis=1)
        late = np.concatenate([beside.sum(axis=1, keepdims=True), beside], axis=1)
        lost = [blocks[..., SCHEDULED], blocks[..., ON_QUEUE], blocks[..., UNPAID_WORKED], late]
        lost += [blocks[..., ENDED], blocks[..., GONE] * HOUR]
        lost += [blocks[..., step.column] for step in self.steps]
        lost += [_sum(blocks, steps) for steps in self._totals()]
        columns = np.empty((*blocks.shape[:2], self.entries, 3))
        columns[..., 0] = np.stack(lost, axis=2)
        columns[..., 1] = blocks[..., SCHEDULED, None]
        columns[..., 2] = float(days)
        columns[:, :, BEFORE.index("gone"), 2] = 1.0
        return columns.reshape(len(seconds), -1, 3)

    def _totals(self) -> tuple[list[Step], ...]:
        """The steps that each of `TOTALS` adds up."""
        return (
            list(self.steps),
            [step for step in self.steps if step.planned],
            [step for step in self.steps if not step.planned],
            [step for step in self.steps if step.office == "in"],
            [step for step in self.steps if step.office == "out"],
        )


def _sum(blocks: Floats, steps: Sequence[Step]) -> Floats:
    total = np.zeros(blocks.shape[:-1])
    for step in steps:
        total += blocks[..., step.column]
    return total


def waterfall_of(scenario: Scenario) -> Waterfall | None:
    """The waterfall of a scenario; None where nobody is on shifts. Out of the office comes first, then breaks, then what is lost in it."""
    groups = tuple(number for number, group in enumerate(scenario.staff.values()) if group.people is not None)
    if not any(group.people for group in scenario.staff.values()):
        return None
    steps = []
    for number, category in enumerate(scenario.shrinkage.values()):
        meant = any(category.applies_to(group) for group in scenario.staff.values())
        steps.append(Step(category.name, category.kind, category.planned, category.office, CATEGORY + number, not meant))
    steps.sort(key=lambda step: step.office == "in")
    steps.append(Step("paid breaks", "breaks", True, "in", PAID_BREAKS))
    steps.append(Step("breaks that run over", "overrun", False, "in", OVERRUNS))
    steps.append(Step("gaps", "gaps", False, "in", GAPS))
    steps.append(Step("without a cause", "untold", False, "in", UNTOLD))
    return Waterfall(tuple(steps), groups, any(category.ends_after is not None for category in scenario.shrinkage.values()))


def multiplied(shares: Sequence[float]) -> float:
    """What shares come to that multiply: each is taken of what the ones before left.

    >>> round(multiplied([0.11, 0.05, 0.03, 0.08, 0.02]), 4)
    0.2606
    """
    left = 1.0
    for share in shares:
        left *= 1.0 - share
    return 1.0 - left
