"""What to say of a run that went on until a measure was known well enough: which measure, how well, after how many days."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ccsim.experiment.precision import width_words
from ccsim.measures.definitions import SHARE
from ccsim.reporting.terms import label_in
from ccsim.reporting.wording import percent
from ccsim.units import parse_number

if TYPE_CHECKING:
    from ccsim.experiment.result import Result

_COARSE = 0.1  # a part of a share from which points may have been meant


def precision_words(result: Result) -> list[str]:
    """Sentences on the precision that was asked for and how well the measure is known; none where no precision was asked for."""
    if result.aimed_at is None:
        return []
    measure, asked = result.aimed_at
    mean, half_width = result.half_width(measure)
    name, days = label_in(result.scenario, measure), f"{result.replications:,} day{'' if result.replications == 1 else 's'}"
    if result.scenario.days > 1:
        days = f"{result.replications:,} replications"
    if half_width == 0.0:
        return [f"All {days} gave the same {name!r}: nothing that luck decided moved it, so that there is no precision to wait for."]
    known = f"± {width_words(measure, half_width)}" if math.isfinite(half_width) else "nothing that its days tell"
    if not result.precision_reached:
        how_far = result.precision_missed or f"{name!r} is known to {known} after {days}, not to {asked}"
        return [f"The precision asked for was not reached. {how_far[0].upper()}{how_far[1:]}."]
    said = [f"Played until {name!r} was known to {asked}: {known} after {days}."]
    share = result.to_dict()["measures"].get(measure, {}).get("unit") == SHARE
    if share and asked.endswith("%") and parse_number(asked[:-1].strip(), "a precision") >= 100.0 * _COARSE:
        points = f"{asked[:-1].strip()} pt"
        said.append(f"{asked} is a part of the measure itself, here of {percent(mean)}; for points of the share write {points}.")
    return said
