"""Having the pool on the day: the chance that enough recruits complete the training, how many to take on, and by when to begin.

Each recruit completes the training by luck of its own, so the number who do is binomial; what is needed comes from that exactly.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Final

from ccsim.inputs.contingent import Pool
from ccsim.inputs.keys import ReadyKeys
from ccsim.inputs.scenario import Scenario
from ccsim.units import DAY

SURE: Final = 0.95
_MOST: Final = 100_000


@dataclass(frozen=True)
class Readiness:
    """When the pool is ready, and how surely. `recommended` recruits are the fewest with whom enough are ready with `sure`."""

    needed: int  # people
    by: dt.date  # day on which they are needed
    start: dt.date  # of the training, as planned
    ready_from: dt.date  # first day after it
    recruits: int
    completes: float  # chance that a recruit does
    chance: float  # that at least `needed` are ready by then; 0 where the training ends too late
    recommended: int | None  # None: no number is enough
    chance_then: float
    latest_start: dt.date
    sure: float = SURE

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "needed": self.needed,
            "by": self.by.isoformat(),
            "start": self.start.isoformat(),
            "ready_from": self.ready_from.isoformat(),
            "recruits": self.recruits,
            "completes": self.completes,
            "chance": self.chance,
            "sure": self.sure,
            "recommended_recruits": self.recommended,
            "recommended_chance": self.chance_then,
            "latest_start": self.latest_start.isoformat(),
        }


def readiness(scenario: Scenario, pool: Pool, needed: int) -> Readiness | None:
    """How surely `needed` of the pool are ready on the day it is needed (`by`, else the first day of the path); None without `ready`."""
    if pool.ready is None:
        return None
    told = ReadyKeys.model_validate(scenario.data["contingent"][pool.name]["ready"])
    by = scenario.date if told.by is None else told.by
    training = dt.timedelta(days=math.ceil(told.training / DAY))
    recruits, completes = pool.ready.recruits, pool.ready.completes
    recommended = fewest(needed, completes, SURE)
    return Readiness(
        needed=needed,
        by=by,
        start=told.start,
        ready_from=pool.ready.from_,
        recruits=recruits,
        completes=completes,
        chance=at_least(needed, recruits, completes) if pool.ready.from_ <= by else 0.0,
        recommended=recommended,
        chance_then=0.0 if recommended is None else at_least(needed, recommended, completes),
        latest_start=by - training,
    )


def at_least(needed: int, recruits: int, completes: float) -> float:
    """The chance that at least `needed` of `recruits` complete, each with a chance `completes`: the binomial tail.

    >>> round(at_least(12, 16, 0.8), 4), at_least(0, 0, 0.5), at_least(3, 2, 1.0)
    (0.7982, 1.0, 0.0)
    """
    if needed <= 0:
        return 1.0
    if needed > recruits or completes <= 0.0:
        return 0.0
    if completes >= 1.0:
        return 1.0
    p, q = math.log(completes), math.log1p(-completes)
    logs = [
        math.lgamma(recruits + 1) - math.lgamma(k + 1) - math.lgamma(recruits - k + 1) + k * p + (recruits - k) * q
        for k in range(needed, recruits + 1)
    ]
    return min(1.0, math.fsum(math.exp(value) for value in logs))


def fewest(needed: int, completes: float, sure: float) -> int | None:
    """The fewest recruits of whom at least `needed` complete with a chance of `sure`; None where nobody completes.

    >>> fewest(12, 0.8, 0.95), fewest(12, 1.0, 0.95), fewest(12, 0.0, 0.95)
    (19, 12, None)
    """
    if needed <= 0:
        return 0
    if completes <= 0.0:
        return None
    low, high = needed, needed
    while at_least(needed, high, completes) < sure:
        low, high = high + 1, 2 * high
        if high > _MOST:
            return None
    while low < high:
        middle = (low + high) // 2
        if at_least(needed, middle, completes) >= sure:
            high = middle
        else:
            low = middle + 1
    return low
