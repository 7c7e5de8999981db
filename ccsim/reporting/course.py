"""The course of the day: what a run says of each interval, as arrays to draw and to tabulate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """One measure by interval (I) with its 95 % interval; nan where there is none."""

    mean: Floats
    low: Floats
    high: Floats

    @property
    def known(self) -> bool:
        """Whether there is a number in any interval."""
        return bool(np.isfinite(self.mean).any())


@dataclass(frozen=True)
class Course:
    """A run's intervals, without those of the warm-up: `start` and `end` are seconds after the midnight that begins the path, [I]."""

    scenario: Scenario
    start: Floats
    end: Floats
    rows: list[dict[str, Any]]

    def series(self, name: str) -> Series:
        """The measure of that name by interval."""
        return Series(*(np.array([_number(row, name, part) for row in self.rows]) for part in ("mean", "low", "high")))


def course(result: Result) -> Course:
    """Return the intervals of a run."""
    horizon, told = result.scenario.horizon, result.measured
    return Course(result.scenario, horizon.interval_start[told], horizon.interval_end[told], result.to_dict()["intervals"])


def _number(row: dict[str, Any], name: str, part: str) -> float:
    number = (row.get(name) or {}).get(part)
    return float("nan") if number is None else float(number)
