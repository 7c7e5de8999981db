"""What luck decides only when it is known that it matters: the draws of one caller's attempt."""

from __future__ import annotations

import numpy as np

from ccsim.engine import streams
from ccsim.engine.floor import Day, Floats, Floor
from ccsim.engine.reference.people import Caller


class Luck:
    """Pure functions of the caller, the attempt and what the draw is for (section 9 of the rules).

    A caller's luck stands in the list of the type of the first attempt, whatever queue a transfer has led to.
    """

    def __init__(self, floor: Floor, day: Day) -> None:
        self._day = day
        self._queue_type = floor.queue_type
        self._type_name = floor.later.type_name if floor.later is not None else np.zeros(0, np.uint64)
        self._values = floor.values

    def _bits(self, purpose: int, caller: Caller, ahead: int) -> np.uint64:
        name = self._type_name[self._queue_type[self._day.queue[caller.first]]]
        owner = int(self._day.caller[caller.first])
        return np.uint64(streams.callers_bits(self._day.key, purpose, name, caller.attempt + ahead, owner))

    def uniform(self, purpose: int, caller: Caller, ahead: int = 0) -> float:
        """A uniform on (0, 1) of this attempt, or of so many attempts `ahead`."""
        return float(streams.unit(self._bits(purpose, caller, ahead)))

    def coin(self, purpose: int, caller: Caller, chance: float, ahead: int = 0) -> bool:
        """Whether it happens."""
        return bool(self.uniform(purpose, caller, ahead) < chance)

    def draw(self, purpose: int, caller: Caller, law: Floats, ahead: int = 0) -> float:
        """A time [s] by a law (`law` [6], see `streams.draw`)."""
        return float(streams.draw(law, self._values, self._bits(purpose, caller, ahead)))
