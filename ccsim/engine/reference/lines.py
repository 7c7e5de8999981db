"""Trunks: who holds a line, and until when."""

from __future__ import annotations

from ccsim.engine.floor import Floor
from ccsim.engine.reference.clock import Clock
from ccsim.engine.reference.people import Caller
from ccsim.engine.reference.queues import Queues


class Lines:
    """A line is held by a caller who waits and by a call until its talk and hold are over.

    Work and chats hold none, nor does a caller who waits to be called back.
    """

    def __init__(self, floor: Floor, clock: Clock, queues: Queues) -> None:
        self._clock = clock
        self._queues = queues
        self._limit = floor.lines
        holds_line = [True] * len(floor.queue_type) if floor.service is None else floor.service.holds_line.tolist()
        self._holding = [queue for queue, holds in enumerate(holds_line) if holds]
        self._held_until: list[float] = []  # by calls being handled

    def all_taken_for(self, caller: Caller) -> bool:
        """Whether a call that needs a line finds none free."""
        return 0 <= self._limit <= self._held() and caller.queue in self._holding

    def hold(self, caller: Caller, until: float) -> None:
        """A call that needs a line is answered, and has it until then: a call-back even where none is free."""
        if self._limit >= 0 and caller.queue in self._holding:
            self._held_until.append(until)

    def _held(self) -> int:
        """Lines taken now. One that falls free at this instant is free."""
        self._held_until = [until for until in self._held_until if until > self._clock.now]
        return self._queues.waiting_on_a_line(self._holding) + len(self._held_until)
