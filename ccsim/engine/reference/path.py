"""One path: the series of events that are known beforehand, and the look at the rules that ends each event."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from itertools import count

import simpy

from ccsim.engine.floor import BREAK, CLOSING, EVENT_RANK, LOG_IN, LOG_OUT, NUMBER, OPENING, UNAVAILABLE, Day, Floor, Log
from ccsim.engine.reference.clock import ARRIVALS, AVAILABLE_END, BREAK_DUE, CALL_UPS, CHECK, LOG_OUT_DUE, LOGIN, Clock
from ccsim.engine.reference.logbook import Logbook
from ccsim.engine.reference.people import Caller
from ccsim.engine.reference.pool import Pool
from ccsim.engine.reference.switch import Switch

Process = Generator[simpy.Event, None, None]

_TURN = {LOG_IN: LOGIN, BREAK: BREAK_DUE, LOG_OUT: LOG_OUT_DUE, UNAVAILABLE: AVAILABLE_END}


class Path:
    """One path being played.

    Arrivals, the roster and regular looks at a rule are processes that wait for one time after another; ends of calls and breaks, hang-ups,
    log-ins and ticks are put on the clock by `switch` and `pool` as they arise.
    """

    def __init__(self, floor: Floor, day: Day) -> None:
        self.floor = floor
        self.day = day
        self.clock = Clock(self.look_at_rules)
        self.book = Logbook(len(day.arrival))
        self.switch = Switch(floor, day, self.clock, self.book)
        self.pools = [Pool(self.switch, floor, number) for number in range(len(floor.pool_team))]
        self.last_event = -math.inf

    def play(self) -> Log:
        """Plays until no event is left."""
        self.clock.process(self.roster())
        self.clock.process(self.arrivals())
        for pool in self.pools:
            if pool.check < math.inf:
                self.clock.process(self.checks(pool))
        self.clock.run()
        self.switch.end_path(self.last_event)
        return self.book.log()

    def arrivals(self) -> Process:
        """The calls, one after another."""
        day = self.day
        calls = zip(day.queue.tolist(), day.arrival.tolist(), day.handle_time.tolist(), day.patience.tolist(), strict=True)
        for number, (queue, arrival, handle_time, patience) in enumerate(calls):
            yield self.clock.due(arrival, ARRIVALS, number)
            self.switch.arrive(Caller(number, queue, arrival, handle_time, patience))
            self.look_at_rules()

    def roster(self) -> Process:
        """The events of the roster, but those of shifts whose person is absent."""
        floor = self.floor
        events = zip(
            floor.event_time.tolist(),
            floor.event_kind.tolist(),
            floor.event_number.tolist(),
            floor.event_value.tolist(),
            floor.event_shift.tolist(),
            strict=True,
        )
        for time, kind, number, value, shift in events:
            if shift >= 0 and not self.day.present[shift]:
                continue
            yield self.clock.due(time, EVENT_RANK[kind], self._order(kind, number), _TURN.get(kind, 0))
            self.roster_event(kind, number, value, shift)
            self.look_at_rules()

    def _order(self, kind: int, number: int) -> int:
        """The number that orders a roster event within its rank."""
        if kind == NUMBER:
            return self.switch.teams[number].members[0].number if self.switch.teams[number].members else 0
        if kind == UNAVAILABLE:
            return self.pools[number].team.members[0].number if self.pools[number].team.members else 0
        return -1 if kind == OPENING else number

    def roster_event(self, kind: int, number: int, value: float, shift: int) -> None:
        """One event of the roster. A break or log-out of a shift is void once a later shift of the agent has begun."""
        if kind in (BREAK, LOG_OUT) and self.switch.agents[number].shift != shift:
            return
        if kind == LOG_IN:
            self.switch.agents[number].shift = shift
            self.switch.log_in(self.switch.agents[number], self.switch.teams[int(value)])
        elif kind == NUMBER:
            self.switch.change_number(self.switch.teams[number], int(value))
        elif kind == OPENING:
            self.switch.open()
        elif kind == BREAK:
            self.switch.break_falls_due(self.switch.agents[number], value)
        elif kind == LOG_OUT:
            self.switch.log_out_falls_due(self.switch.agents[number])
        elif kind == UNAVAILABLE:
            self.pools[number].send_home()
        elif kind == CLOSING:
            self.close()

    def checks(self, pool: Pool) -> Process:
        """Looks at the rule of a pool at the multiples of `check` that fall inside `available` and the open hours, and only then."""
        for time in _multiples(pool.check, max(end for _, end in pool.windows)):
            if not pool.is_open_at(time):
                continue
            yield self.clock.due(time, CALL_UPS, pool.number, CHECK)
            last_event = self.last_event
            pool.look()
            self.look_at_rules()
            self.last_event = last_event  # time alone is no event

    def look_at_rules(self) -> None:
        """What ends every event: the pools that look at their rule after every event do so."""
        self.last_event = self.clock.now
        for pool in self.pools:
            if pool.check == math.inf:
                pool.look()

    def close(self) -> None:
        """Everyone is told first: positions, then pools; then callers whom nobody will answer hang up."""
        self.switch.close_positions()
        for pool in self.pools:
            pool.send_home()
        self.switch.end_waits()


def _multiples(step: float, end: float) -> Iterator[float]:
    """0, step, 2 step ... below `end`."""
    for turn in count():
        time = turn * step
        if time >= end:
            return
        yield time
