"""What the search came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.staffing.by_simulation.estimate import SLOPE_DOUBT, Margins

if TYPE_CHECKING:
    from ccsim.staffing.by_simulation.luck import Luck
    from ccsim.staffing.by_simulation.positions import Plan
    from ccsim.staffing.by_simulation.sums import Paths

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cheaper:
    """The most promising cheaper plan, played on the days of the check: its worst row, by how much it misses, and how surely."""

    plan: Plan
    row: int
    margin: float  # in the unit of the row; below 0 it misses
    error: float


@dataclass(frozen=True)
class Found:
    """What the search came to."""

    plan: Plan
    checked: Margins | None  # on fresh days; None where it was interrupted before
    paths: Paths | None  # of the check
    weights: Floats | None  # [R, I] of the days of the check
    luck: Luck | None  # of those days
    known: Margins | None  # what is known of the rows: on the days of the check, or before it what was played by then
    losses: Floats | None  # [K, S, I] what one agent fewer takes off each row
    cheaper: Cheaper | None
    interrupted: bool
    first: int = 0  # number of the first day of the check
    short: tuple[int, ...] = ()  # rows that were missed in each check before this one, which moved the plan
    added: int = 0  # agents by interval that those asked for; below 0 they took some off
    slope_doubt: float = SLOPE_DOUBT  # part of the losses that is in doubt

    @property
    def days(self) -> int:
        """Fresh days that it was checked on."""
        return 0 if self.paths is None else self.paths.count

    @property
    def margins(self) -> Margins:
        """What is known of the rows; there must be something."""
        assert self.known is not None
        return self.known

    @property
    def missed(self) -> int:
        """Rows that were missed on them."""
        assert self.checked is not None
        return int((self.checked.margin < -1e-9).sum())


def unverified(plan: Plan) -> Found:
    """A plan that nothing was found out about."""
    return Found(plan, None, None, None, None, None, None, None, True)
