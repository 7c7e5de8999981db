"""The pause after a call that no column holds: notes, a breath, the switch that connects; work after the call that the records leave out.

A person who ends a call is not at once there for the next caller. Where the caller answered next had been waiting, the gap between the two
calls is the pause itself; where that caller had only just come, the person may have been ready before, and the gap is the longest that the
pause can have been (a left-censored value). Turned round in time this is Kaplan and Meier's estimate. Gaps that were time off duty, as
`staff_inferred` judges them, are no pauses.

While one person is still busy with its notes another may take the caller who waits, so that long pauses are seen less often than short
ones. Therefore only those count at whose beginning so many waited that this seldom happened, as many as the records allow (`SAMPLES`).

Source: Kaplan & Meier (1958), JASA 53(282), on the reversed scale as in Ware & DeMets (1976), Biometrics 32(2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import Estimate, Floats
from ccsim.fitting.service import JUST_COME, Service, service

if TYPE_CHECKING:
    import pandas as pd

FEWEST: Final = 30  # pauses seen whole, below which nothing is said
OVERLAPS: Final = 0.05  # share of calls that run on into the same person's next, from which gaps between them are no pauses
GROUPS: Final = 20  # of days, left out in turn for the interval
SAMPLES: Final = ((6, 300), (4, 300), (3, 200), (2, 100), (1, 50))  # callers waiting at the end of the call, and pauses that there must be


@dataclass(frozen=True)
class Pauses:
    """What the gaps between a person's calls say."""

    mean: Estimate  # s
    values: Floats  # s, ascending
    chances: Floats  # of each, 1 in all
    at_most: float  # share of the pauses of which only a longest possible length is known


def fit_pauses(frame: pd.DataFrame) -> Pauses | None:
    """The pauses after calls in `frame` (as of `CallRecords`); None where too few callers were waiting for the next answer.

    None, too, where many calls overlap with the same person's next: the gaps between the others are then those of a false clock.
    """
    calls = service(frame)
    if calls.overlapping > OVERLAPS:
        return None
    known = sample(calls)
    if not known.any():
        return None
    gap, whole = calls.gap[known], calls.waited[known] > JUST_COME
    if whole.sum() < FEWEST:
        return None
    day = (calls.answered[known] // 86400.0).astype(np.int64)
    values, chances = reversed_curve(gap, whole)
    mean = float((values * chances).sum())
    low, high = _limits(gap, whole, day if len(np.unique(day)) > 4 else np.arange(len(gap)), mean)
    return Pauses(Estimate(mean, low, high, "s", int(whole.sum()), "pauses"), values, chances, float(1.0 - whole.mean()))


def sample(calls: Service) -> Any:
    """[C] whether the pause after each call is looked at."""
    stays = calls.stays
    for queue, enough in SAMPLES:
        chosen = stays & (calls.queue >= queue)
        if chosen.sum() >= enough:
            return chosen
    return stays


def _limits(gap: Floats, whole: Any, day: Any, mean: float) -> tuple[float, float]:
    """The interval of the delete-one-group jackknife, on the logarithm; groups are days, at the most twenty."""
    from scipy import special

    _, codes = np.unique(day, return_inverse=True)
    codes = codes % GROUPS
    groups = int(codes.max()) + 1
    if mean <= 0:
        return 0.0, 0.0
    others = []
    for group in range(groups):
        values, chances = reversed_curve(gap[codes != group], whole[codes != group])
        others.append(float(np.log(max((values * chances).sum(), 1e-9))))
    spread = float(np.sqrt((groups - 1) * np.var(others)))
    reach = float(special.stdtrit(groups - 1, 0.975)) * spread
    return mean * float(np.exp(-reach)), mean * float(np.exp(reach))


def reversed_curve(gap: Floats, whole: np.ndarray[Any, np.dtype[np.bool_]], weights: Floats | None = None) -> tuple[Floats, Floats]:
    """Values and their chances of a law of which some values are known and of others only that they are no larger.

    gap, whole, weights: [N]. Chances that lie below the smallest known value are given to it.

    >>> values, chances = reversed_curve(np.array([2.0, 3.0, 5.0]), np.array([True, False, True]))
    >>> values.tolist(), chances.round(4).tolist()
    ([2.0, 5.0], [0.6667, 0.3333])
    """
    weight = np.ones(len(gap)) if weights is None else weights
    moments, codes = np.unique(gap, return_inverse=True)
    seen = np.bincount(codes, weights=weight * whole)
    at_risk = np.cumsum(np.bincount(codes, weights=weight))  # no larger than each
    with np.errstate(divide="ignore", invalid="ignore"):
        stays = np.where(at_risk > 0, 1.0 - seen / at_risk, 1.0)
    # The chance of a pause below each moment: the product over larger ones, taken from the top.
    under = np.cumprod(np.clip(stays[::-1], 0.0, 1.0))[::-1]
    chances = np.append(under[1:], 1.0) - under
    used = seen > 0
    values, chances = moments[used], chances[used]
    if len(values):
        chances[0] += max(1.0 - chances.sum(), 0.0)
    return values, chances


def below(values: Floats, chances: Floats, most: Floats) -> Floats:
    """[N] mean of the law given that it is at most `most` [N]; `most` itself where the law has nothing there."""
    place = np.searchsorted(values, most, side="right")
    mass = np.concatenate([[0.0], np.cumsum(chances)])[place]
    total = np.concatenate([[0.0], np.cumsum(values * chances)])[place]
    return np.where(mass > 0, np.divide(total, mass, out=np.zeros_like(total), where=mass > 0), most)


def pauses_of(calls: Service, values: Floats, chances: Floats) -> Floats:
    """[C] the pause after each call: as seen, as to be expected below the gap, or as the law has it where the person left."""
    mean = float((values * chances).sum()) if len(values) else 0.0
    if not len(values):
        return np.zeros(len(calls.gap))
    whole = calls.stays & (calls.waited > JUST_COME)
    return np.where(whole, calls.gap, np.where(calls.stays, below(values, chances, np.where(calls.stays, calls.gap, 0.0)), mean))
