"""SimPy's clock, fed with absolute times and with an order for what falls on one instant."""

from __future__ import annotations

import math
from collections.abc import Callable
from heapq import heappush
from typing import cast

import simpy
from simpy.events import EventPriority

# Ranks: what goes first at one instant (section 1 of the rules).
LOG_INS, COMPLETIONS, HANG_UPS, ARRIVALS, CALL_UPS, LEAVINGS, CLOSINGS = range(7)

# For one agent or pool, within one rank; of completed calls the turn is the number of the call.
BREAK_END, LOGIN = 0, 1
# ticks first, by the place of their level; no pool has so many levels
CHECK, TIME_BEGINS, TIME_ENDS = (2**20 + turn for turn in range(3))
BREAK_DUE, LOG_OUT_DUE, BLOCK_END, AVAILABLE_END, PERSON_S_END = range(5)

_NUMBERS = 2**40
_TURNS = 2**40


class Clock(simpy.Environment):
    """An environment whose events are due at absolute times.

    SimPy adds a delay to the time it is; that would round twice. Here a time that was reckoned once (an arrival, the end of a call) is the
    time the event has. Equal times go by rank, then number (of the agent, call or pool), then turn, all three in SimPy's priority;
    SimPy's own housekeeping has priorities 0 and 1 and so comes before any of them.
    """

    def __init__(self, after_event: Callable[[], None]) -> None:
        self._after_event = after_event
        # The eve of the first day has negative times, and processes start at the time it is.
        super().__init__(initial_time=-math.inf)

    def due(self, time: float, rank: int, number: int, turn: int = 0) -> simpy.Event:
        """An event for a process to wait for: `yield clock.due(...)`."""
        event = simpy.Event(self)
        event._ok, event._value = True, None
        # Number -1 (an opening, before all agents) is the least, hence the 1 added; so is every priority above SimPy's own.
        priority = (rank * _NUMBERS + number + 1) * _TURNS + turn + 2
        heappush(self._queue, (time, cast(EventPriority, priority), next(self._eid), event))
        return event

    def call(self, action: Callable[[], None], time: float, rank: int, number: int, turn: int = 0) -> simpy.Event:
        """An event at which `action` is called, followed by what follows every event; `cancel` takes it back."""
        event = self.due(time, rank, number, turn)
        assert event.callbacks is not None
        event.callbacks += [lambda _: action(), lambda _: self._after_event()]
        return event


def cancel(event: simpy.Event | None) -> None:
    """Makes an event that has not come yet one at which nothing happens."""
    if event is not None and event.callbacks is not None:
        event.callbacks.clear()
