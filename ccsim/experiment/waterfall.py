"""The waterfall of shrinkage as a run estimates it: from the paid hours on the roster to the hours on the queue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ccsim.experiment.cells import Cell, plain_cell
from ccsim.measures.shrinkage import BEFORE, TOTALS, Step, Waterfall, multiplied

# Less than this is what rounding leaves [h]
_NOTHING = 1e-6
PEOPLE = "people a path"
_OF_ENDS = ("ended", "gone")


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the waterfall: hours a day, and their share of the scheduled hours."""

    hours: Cell
    share: Cell


@dataclass(frozen=True)
class Block:
    """The waterfall of the whole roster, or of one group."""

    before: dict[str, Told]  # scheduled, on_queue, unpaid_breaks_worked, overtime; `ended` and `gone` where an employment may end
    steps: tuple[tuple[Step, Told], ...]
    totals: dict[str, Told]  # total, planned, unplanned, in_office, out_of_office

    @staticmethod
    def of(waterfall: Waterfall, hours: Sequence[Cell], share: Sequence[Cell]) -> Block:
        """The block whose entries have these hours and shares, in the order of `Waterfall.read`."""
        told = [Told(one, other) for one, other in zip(hours, share, strict=True)]
        first, last = len(BEFORE), len(BEFORE) + len(waterfall.steps)
        pairs = zip(waterfall.steps, told[first:last], strict=True)
        steps = tuple((step, entry) for step, entry in pairs if not step.silent or abs(entry.hours.mean) > _NOTHING)
        before = dict(zip(BEFORE, told[:first], strict=True))
        before["gone"] = Told(before["gone"].hours._replace(unit=PEOPLE), before["gone"].share)
        if not waterfall.ends:
            before = {name: entry for name, entry in before.items() if name not in _OF_ENDS}
        return Block(before, steps, dict(zip(TOTALS, told[last:], strict=True)))

    @property
    def shares_multiplied(self) -> float:
        """What the shares of the steps would come to if each were of what the ones before left; nan where nobody is scheduled."""
        return multiplied([told.share.mean for _, told in self.steps])

    def listed(self) -> list[tuple[str, Told]]:
        """The entries by name, as a table has them."""
        before = [(name, told) for name, told in self.before.items() if name != "gone"]
        return [*before, *((step.name, told) for step, told in self.steps), *self.totals.items()]

    def _ends(self) -> dict[str, Any]:
        """The employments that ended, for JSON: people a path, and the hours a day that they would have had; nothing where none may end."""
        if "gone" not in self.before:
            return {}
        return {"employments_ended": {"people": plain_cell(self.before["gone"].hours), "hours": plain_cell(self.before["ended"].hours)}}

    def plain(self) -> dict[str, Any]:
        """The block for JSON."""
        compounded = self.shares_multiplied
        return {
            **{name: plain_cell(told.hours) for name, told in self.before.items() if name not in _OF_ENDS},
            **self._ends(),
            "steps": [
                {
                    "name": step.name,
                    "kind": step.kind,
                    "planned": step.planned,
                    "office": step.office,
                    "hours": plain_cell(told.hours),
                    "share": plain_cell(told.share),
                }
                for step, told in self.steps
            ],
            **{f"{name}_share": plain_cell(told.share) for name, told in self.totals.items() if name != "total"},
            "shares_added": plain_cell(self.totals["total"].share),
            "shares_multiplied": compounded if math.isfinite(compounded) else None,
        }


@dataclass(frozen=True)
class Account:
    """The waterfall of a run: of the whole roster, and of each group of people on shifts by name."""

    whole: Block
    groups: dict[str, Block]

    def plain(self) -> dict[str, Any]:
        """The account for JSON: the block of the whole, and those of the groups under `groups`."""
        return {**self.whole.plain(), "groups": {name: block.plain() for name, block in self.groups.items()}}
