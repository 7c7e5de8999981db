"""One path: the series of events that are known beforehand, and the look at the rules that ends each event."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from itertools import count, repeat

import simpy

from ccsim.engine.floor import (
    ACCEPT,
    BOOKED_FROM,
    BOOKED_UNTIL,
    BREAK,
    CLOSING,
    EVENT_RANK,
    HOURS_END,
    IN_SERVICE,
    LOG_IN,
    LOG_OUT,
    NUMBER,
    OPENING,
    OUT_OF_SERVICE,
    PACE,
    RANDOM,
    UNAVAILABLE,
    Day,
    Floor,
    Log,
    Roster,
)
from ccsim.engine.reference.clock import (
    ARRIVALS,
    AVAILABLE_END,
    BREAK_DUE,
    CALL_UPS,
    CHECK,
    LOG_OUT_DUE,
    LOGIN,
    PERSON_S_END,
    TIME_BEGINS,
    TIME_ENDS,
    Clock,
)
from ccsim.engine.reference.logbook import Logbook
from ccsim.engine.reference.people import Agent, Caller, Team
from ccsim.engine.reference.pool import Pool
from ccsim.engine.reference.switch import Switch

Process = Generator[simpy.Event, None, None]

_TURN = {
    LOG_IN: LOGIN, BREAK: BREAK_DUE, LOG_OUT: LOG_OUT_DUE, UNAVAILABLE: AVAILABLE_END, HOURS_END: PERSON_S_END,
    BOOKED_FROM: TIME_BEGINS, BOOKED_UNTIL: TIME_ENDS,
}  # fmt: skip
_NUMBERED = (LOG_IN, BREAK, LOG_OUT, CLOSING, HOURS_END, BOOKED_FROM, BOOKED_UNTIL)


class Path:
    """One path being played.

    First attempts, the roster and regular looks at a rule are processes that wait for one time after another; ends of calls and breaks,
    hang-ups, offers, later calls, log-ins and ticks are put on the clock by `switch`, `later`, `crew` and `pool` as they arise.
    """

    def __init__(self, floor: Floor, day: Day) -> None:
        self.floor = floor
        self.day = day
        self.clock = Clock(self.look_at_rules)
        self.book = Logbook(len(day.arrival), notes_callbacks=floor.service is not None)
        self.switch = Switch(floor, day, self.clock, self.book)
        self.crew = self.switch.crew
        self.pools = [Pool(self.switch, floor, day, number) for number in range(len(floor.pool_team))]
        self.last_event = -math.inf

    def play(self) -> Log:
        """Plays until no event is left."""
        self.clock.process(self.roster())
        self.clock.process(self.arrivals())
        for pool in self.pools:
            if pool.check < math.inf:
                self.clock.process(self.checks(pool))
        self.clock.run()
        self.crew.end_path(self.last_event)
        return self.book.log()

    def arrivals(self) -> Process:
        """The first attempts, one after another."""
        day = self.day
        route = day.route.tolist() if self.floor.route == RANDOM else repeat(0.0)
        calls = zip(count(), day.queue.tolist(), day.arrival.tolist(), day.handle_time.tolist(), day.patience.tolist(), route, strict=False)
        for number, queue, arrival, handle_time, patience, place in calls:
            yield self.clock.due(arrival, ARRIVALS, number)
            self.switch.arrive(Caller(number, queue, arrival, handle_time, patience, first=number, route=place))
            self.look_at_rules()

    def roster(self) -> Process:
        """The events of the roster, but those of shifts whose person is absent."""
        for time, kind, number, value, shift in self._roster_events():
            if shift >= 0 and not self.day.present[shift]:
                continue
            yield self.clock.due(time, EVENT_RANK[kind], self._order(kind, number), _TURN.get(kind, 0))
            self.roster_event(kind, number, value, shift)
            self.look_at_rules()

    def _roster_events(self) -> Iterator[tuple[float, int, int, float, int]]:
        """(time, kind, number, value, shift): the day's own, or those of the floor."""
        floor = self.floor
        columns = self.day.roster
        if columns is None:
            columns = Roster(floor.event_time, floor.event_kind, floor.event_number, floor.event_value, floor.event_shift)
        return zip(*(column.tolist() for column in columns), strict=True)

    def _order(self, kind: int, number: int) -> int:
        """The number that orders a roster event within its rank; -1 for what belongs to no agent, before all who log in."""
        if kind == NUMBER:
            return _first_number(self.crew.teams[number])
        if kind == UNAVAILABLE:
            return _first_number(self.pools[number].team)
        return number if kind in _NUMBERED else -1

    def roster_event(self, kind: int, number: int, value: float, shift: int) -> None:
        """One event of the roster."""
        if kind in (LOG_IN, BREAK, LOG_OUT):
            self.shift_event(kind, self.crew.agents[number], value, shift)
        elif kind == NUMBER:
            self.crew.change_number(self.crew.teams[number], int(value))
        elif kind == UNAVAILABLE:
            self.pools[number].send_home()
        elif kind == HOURS_END:
            agent = self.crew.agents[number]
            self.pools[agent.team.pool].send_one_home(agent)
        elif kind in (BOOKED_FROM, BOOKED_UNTIL):
            self.pools[number].booked(int(value), kind == BOOKED_FROM)
        elif kind == OPENING:
            self.crew.open()
        elif kind == CLOSING:
            self.close()
        elif kind == OUT_OF_SERVICE:
            self.switch.go_out_of_service(number, int(value))
        elif kind == IN_SERVICE:
            self.switch.come_into_service(number)
        elif kind == PACE:
            self.switch.pace[number] = value
        elif kind == ACCEPT:
            self.pools[number].acceptance = value

    def shift_event(self, kind: int, agent: Agent, value: float, shift: int) -> None:
        """One event of a shift. A break or log-out is void once a later shift of the agent has begun."""
        if kind == LOG_IN:
            self.crew.log_in(agent, self.crew.teams[int(value)], shift)
        elif agent.shift != shift:
            return
        elif kind == BREAK:
            self.crew.break_falls_due(agent, value)
        else:
            self.crew.log_out_falls_due(agent)

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
        """What ends every event: callers left to nobody go, and the pools that look at their rule after every event do so."""
        self.last_event = self.clock.now
        self.switch.end_waits_for_nobody()
        for pool in self.pools:
            if pool.check == math.inf:
                pool.look()

    def close(self) -> None:
        """Everyone is told first: positions, then pools; then callers whom nobody will answer hang up."""
        self.crew.begin_closing()
        for pool in self.pools:
            pool.send_home()
        self.switch.end_waits()


def _first_number(team: Team) -> int:
    """The number of the first agent of positions or of a pool."""
    return team.members[0].number if team.members else 0


def _multiples(step: float, end: float) -> Iterator[float]:
    """0, step, 2 step ... below `end`."""
    for turn in count():
        time = turn * step
        if time >= end:
            return
        yield time
