"""Days drawn as far as they are looked at, and what is made of their rosters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ccsim.engine.draws import Drawer, Luck
from ccsim.engine.floor import Day, Floats, Floor, Roster
from ccsim.inputs.frozen import floats
from ccsim.inputs.scenario import Scenario


class Days(Drawer):
    """Draws days, on request with the busyness of others."""

    _busy: Floats | None = None

    def day_as_busy(self, replication: int, busyness: Floats) -> Day:
        """As `day`, on a path whose days are as busy as told, [T, D]."""
        self._busy = busyness
        try:
            return self.day(replication)
        finally:
            self._busy = None

    def _luck(self, first: int, count: int) -> Luck:
        found = super()._luck(first, count)
        return found if self._busy is None else found._replace(by_day=np.broadcast_to(self._busy, found.by_day.shape))


def days_upto(scenario: Scenario, floor: Floor, seed: int, last: float) -> Days:
    """Draws the days of a scenario without the calls of intervals that begin after `last` [s]: nothing before changes by that."""
    begin = scenario.horizon.interval_start
    calls = {
        name: call.model_copy(update={"volume": floats(np.where(begin < last, call.volume, 0.0))}) for name, call in scenario.calls.items()
    }
    return Days(scenario.model_copy(update={"calls": calls}), floor, seed)


class OfLast:
    """What is made of a roster; the last one is kept, for days have one roster where luck does not touch it."""

    def __init__(self, make: Callable[[Roster], Roster]) -> None:
        self._make = make
        self._last: tuple[Roster, Roster] | None = None

    def __call__(self, events: Roster) -> Roster:
        last = self._last
        if last is None or last[0] is not events:
            last = self._last = events, self._make(events)
        return last[1]
