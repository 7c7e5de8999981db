"""One measure of one thing, as numbers and as JSON."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ccsim.experiment.estimates import Estimate
from ccsim.measures.definitions import CLOCK
from ccsim.units import DAY, MINUTE, format_clock


class Cell(NamedTuple):
    """One measure of one thing: mean and 95 % interval, nan where not known, and its unit."""

    mean: float
    low: float
    high: float
    unit: str


Row = dict[str, Cell]


def cells(estimate: Estimate, unit: str) -> list[Cell]:
    """The cells of one measure, one for each unit of its scope."""
    columns = (estimate.mean.tolist(), estimate.low.tolist(), estimate.high.tolist())
    return [Cell(mean, low, high, unit) for mean, low, high in zip(*columns, strict=True)]


def plain(row: Row) -> dict[str, dict[str, Any]]:
    """A row for JSON: no nan, no infinity; times of day as text."""
    return {name: plain_cell(cell) for name, cell in row.items()}


def plain_cell(cell: Cell) -> dict[str, Any]:
    """A cell for JSON."""
    return {
        "mean": _number(cell.mean, cell.unit),
        "low": _number(cell.low, cell.unit),
        "high": _number(cell.high, cell.unit),
        "unit": cell.unit,
    }


def _number(value: float, unit: str) -> float | str | None:
    if not math.isfinite(value):
        return None
    return format_clock(round(value / MINUTE) * MINUTE % DAY) if unit == CLOCK else value
