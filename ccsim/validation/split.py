"""What is left unexplained, split by cause: the prediction played again, one truth after another put in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccsim.validation.backtest import Backtest

# What is put in one after another; those that were not played are passed over
_STEPS: Final = (("volume", "calls"), ("handle_times", "handle_times"), ("patience", "handle_times_and_patience"))
REST: Final = "rest"


@dataclass(frozen=True)
class Part:
    """What one cause makes of the distance between what was foretold and what came; parts add up to all of it.

    moves   by how much the truth of this cause moves the mean wait of all calls [s]; of the rest: what remains to what came
    error   mean absolute error of an interval's wait that goes when the truth is put in [s]; of the rest: what stays
    luck    how much of that would go were the prediction true, as nobody foretells single calls [s]
    """

    cause: str  # volume, handle_times, patience, rest
    moves: float
    error: float
    luck: float


def split(found: Backtest) -> list[Part]:
    """The parts of a back-test whose causes were played; empty where they were not."""
    if not found.causes:
        return []
    parts = []
    answer, off = found.models["predicted"], found.errors["predicted"]
    for cause, played in _STEPS:
        if played not in found.causes:
            continue
        following, then = found.causes[played]
        parts.append(
            Part(
                cause,
                following.overall["mean_wait"] - answer.overall["mean_wait"],
                off.mean_wait - then.mean_wait,
                answer.luck["mean_wait"] - following.luck["mean_wait"],
            )
        )
        answer, off = following, then
    came = found.actual.overall["mean_wait"]
    return [*parts, Part(REST, came - answer.overall["mean_wait"], off.mean_wait, answer.luck["mean_wait"])]
