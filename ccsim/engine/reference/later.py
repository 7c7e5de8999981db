"""Calls that come of calls: redials, repeats, transfers, and callers who were told to call again (section 9 of the rules)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable

from ccsim.engine import streams
from ccsim.engine.floor import RANDOM, REDIAL, REPEAT, TOLD, TRANSFER, Floats, Floor
from ccsim.engine.more import NEVER, Later
from ccsim.engine.reference.clock import ARRIVALS, Clock
from ccsim.engine.reference.logbook import Logbook
from ccsim.engine.reference.luck import Luck
from ccsim.engine.reference.people import Caller


class LaterCalls:
    """Decides, when it is known how a call went, whether one more is to come, and puts that one on the clock.

    Coins and delays are draws of the attempt that went so; what the next call is like is drawn for the next attempt (`ahead=1`).
    """

    def __init__(self, floor: Floor, later: Later, luck: Luck, clock: Clock, book: Logbook, arrive: Callable[[Caller], None]) -> None:
        self._later = later
        self._luck = luck
        self._clock = clock
        self._book = book
        self._arrive = arrive
        self._routes_are_random = floor.route == RANDOM
        self._open_hours: list[list[float]] = floor.open_window.tolist()
        self._interval_start: list[float] = floor.interval_start.tolist()
        self._transfer_upto: list[list[float]] = later.transfer_upto.tolist()

    # Whether one more is to come

    def after_loss(self, caller: Caller, now: float) -> None:
        """A caller who hung up or found every line taken may redial."""
        later, queue, made = self._later, caller.queue, caller.redials
        if 0 <= later.redial_most[queue] <= made:
            return
        chances = later.redial_chance[queue]
        if self._luck.coin(streams.REDIAL, caller, chances[min(made, len(chances) - 1)]):
            due = now + self._luck.draw(streams.REDIAL_DELAY, caller, later.redial_after[queue])
            self._comes(REDIAL, caller, queue, due, made + 1)

    def after_answer(self, caller: Caller, line_free: float, ended: float) -> None:
        """An answered caller may be passed on when talk and hold are over; one who is not may call again some time after the end."""
        later, queue = self._later, caller.queue
        other = self._passed_on_to(caller)
        if other is not None:
            self._comes(TRANSFER, caller, other, line_free, 0)
        elif self._luck.coin(streams.REPEAT, caller, later.repeat_chance[queue]):
            due = ended + self._luck.draw(streams.REPEAT_DELAY, caller, later.repeat_after[queue])
            self._comes(REPEAT, caller, queue, due, 0)

    def after_turning_away(self, caller: Caller, now: float, chance: float, after: Floats) -> None:
        """A caller told to call again may do so; that is no redial."""
        if self._luck.coin(streams.TOLD, caller, chance):
            due = now + self._luck.draw(streams.TOLD_DELAY, caller, after)
            self._comes(TOLD, caller, caller.queue, due, caller.redials)

    def _passed_on_to(self, caller: Caller) -> int | None:
        """The queue that an answered call is passed on to, if any."""
        upto = self._transfer_upto[caller.queue]
        place = self._luck.uniform(streams.TRANSFER, caller)
        return next((queue for queue, total in enumerate(upto) if place < total), None)

    # The call that comes

    def _comes(self, kind: int, before: Caller, queue: int, due: float, redials: int) -> None:
        """One more call of this caller, unless it is due while closed or too late."""
        if not self._may_come(kind, queue, due):
            self._book.never_comes(kind)
            return
        interval = max(bisect_right(self._interval_start, due) - 1, 0)
        if kind == REDIAL and self._later.redial_keeps[queue]:
            handle_time, patience = before.handle_time, before.patience
        else:
            handle_time, patience = self._handle_time(before, queue, interval), self._patience(before, queue, interval)
        caller = Caller(
            number=self._book.calls,
            queue=queue,
            arrival=due,
            handle_time=handle_time,
            patience=patience,
            first=before.first,
            route=self._luck.uniform(streams.ROUTE, before, ahead=1) if self._routes_are_random else 0.0,
            attempt=before.attempt + 1,
            redials=redials,
        )
        self._book.comes_later(caller, before, kind, interval)
        self._clock.call(lambda: self._arrive(caller), due, ARRIVALS, caller.number)

    def _may_come(self, kind: int, queue: int, due: float) -> bool:
        """Transfers always come; others not after the end of the path, nor while closed (but for redials where the file says so)."""
        if kind == TRANSFER:
            return True
        if due >= self._later.end:
            return False
        comes_while_closed = kind == REDIAL and bool(self._later.redial_after_closing[queue])
        return comes_while_closed or any(opening <= due < closing for opening, closing in self._open_hours)

    def _handle_time(self, before: Caller, queue: int, interval: int) -> float:
        drawn = self._luck.draw(streams.HANDLE_TIME, before, self._later.handle[queue], ahead=1)
        return drawn * float(self._later.handle_mean[queue, interval])

    def _patience(self, before: Caller, queue: int, interval: int) -> float:
        """0 for those who hang up when told to wait, inf for those who never do."""
        later = self._later
        if later.balk[queue] > 0 and self._luck.coin(streams.BALK, before, later.balk[queue], ahead=1):
            return 0.0
        if later.patience[queue, 0] == NEVER:
            return math.inf
        drawn = self._luck.draw(streams.PATIENCE, before, later.patience[queue], ahead=1)
        return drawn * float(later.patience_mean[queue, interval])
