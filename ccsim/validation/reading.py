"""What is compared: the measures of calls, all together and by interval of arrival, of recorded and of played days alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from ccsim.fitting.estimate import Floats

MEASURES: Final = (
    "offered",
    "abandoned_fraction",
    "mean_wait",
    "average_speed_of_answer",
    "service_level_offered",
    "service_level_answered",
    "service_level_excluding_short_abandons",
    "service_level_counting_short_abandons",
)


@dataclass(frozen=True)
class Grid:
    """The intervals with calls. N calls, I intervals."""

    start: Floats  # [I] s since 1970
    length: float  # s
    place: np.ndarray[Any, np.dtype[np.int64]]  # [N] interval of each call
    calls: Floats  # [I]


def grid(arrival: Floats, length: float, more: Floats | None = None) -> Grid:
    """The intervals of `length` [s] in which these calls arrived [s since 1970], and those that begin at `more` [s since 1970]."""
    own = arrival // length
    numbers = np.unique(own if more is None else np.concatenate([own, np.round(more / length)]))
    place = np.searchsorted(numbers, own).astype(np.int64)
    return Grid(numbers * length, length, place, np.bincount(place, minlength=len(numbers)).astype(float))


def measures(wait: Floats, answered: Any, on: Grid, threshold: float, short: float) -> tuple[dict[str, float], dict[str, Floats]]:
    """The measures of all calls, and of each interval [I]; nan where there is nothing to take a share of.

    `wait` [N] in seconds, `answered` [N] whether it ended so; the others hung up. A call with an unknown wait (nan) counts as offered, and
    in no mean.
    """
    known = ~np.isnan(wait)
    soon = known & (wait <= threshold) & answered
    quick = known & (wait <= short) & ~answered
    columns = {
        "offered": np.ones(len(wait)),
        "answered": answered.astype(float),
        "known": known.astype(float),
        "waited": np.where(known, wait, 0.0),
        "answered_known": (known & answered).astype(float),
        "answered_waited": np.where(known & answered, wait, 0.0),
        "soon": soon.astype(float),
        "quick": quick.astype(float),
    }
    by_interval = {name: np.bincount(on.place, weights=column, minlength=len(on.calls)) for name, column in columns.items()}
    total = {name: np.array(column.sum()) for name, column in columns.items()}
    return {name: float(value) for name, value in _ratios(total).items()}, _ratios(by_interval)


def _ratios(s: dict[str, Any]) -> dict[str, Any]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "offered": s["offered"],
            "abandoned_fraction": 1.0 - s["answered"] / s["offered"],
            "mean_wait": s["waited"] / s["known"],
            "average_speed_of_answer": s["answered_waited"] / s["answered_known"],
            "service_level_offered": s["soon"] / s["offered"],
            "service_level_answered": s["soon"] / s["answered"],
            "service_level_excluding_short_abandons": s["soon"] / (s["offered"] - s["quick"]),
            "service_level_counting_short_abandons": (s["soon"] + s["quick"]) / s["offered"],
        }
