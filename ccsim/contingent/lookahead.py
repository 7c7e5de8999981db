"""Futures of a state: days drawn onwards from it, to be played by either engine.

A future begins as `beginning` says, and the calls of the day drawn go on from there. The contingents are no pool here but people of a
roster: whoever is called has a log-in after a notice of its own, if it says yes, and stays for its block, and to the end of the span where
where that is later. One draw of the day serves all numbers called and all other levers: the same luck.

`past` says what the calls in hand are: the day drawn is played up to the moment first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.contingent import past
from ccsim.contingent.at_home import AtHome, Luck
from ccsim.contingent.bare import OF_POOLS, bare
from ccsim.contingent.beginning import Beginnings, Begun, Crew, Held, Seats, Waiting, cells_of, few
from ccsim.contingent.drawn import Days, OfLast, days_upto
from ccsim.contingent.laws import uniforms
from ccsim.contingent.state import State
from ccsim.engine import duty, streams
from ccsim.engine import floor as fl
from ccsim.engine.floor import RANDOM, Day, Floats, Ints, Log, Roster
from ccsim.inputs.scenario import Scenario
from ccsim.units import format_clock

_AFTER = 3600.0  # s after the span beyond which nothing of the roster matters to who came before its end
_CALLER = 1_000_000_000  # number in their type's list of callers who came before the moment: their later luck is their own
_TO_LOOK_AFTER = 600.0  # s of arrivals after the last caller looked at: some of them may be answered first
# By kind of roster event: what belongs to nobody and is of the past; what of it is the opening hours; what people do; what is a pool's
_NOBODY_S, _HOURS, _PEOPLE_S, _POOLS = (
    np.isin(np.arange(len(fl.EVENT_RANK)), kinds)
    for kinds in (
        (fl.OPENING, fl.OUT_OF_SERVICE, fl.IN_SERVICE, fl.PACE),
        (fl.OPENING, fl.CLOSING),
        (fl.LOG_IN, fl.LOG_OUT, fl.BREAK, fl.NUMBER),
        OF_POOLS,
    )
)


class Levers(NamedTuple):
    """What is done now besides calling contingents, and how much later they are called."""

    delay: float = 0.0  # s from now to the call-up
    postpone: bool = False  # paid breaks and time off the phones that begin in the span are put off until after it
    overtime: float = 0.0  # s that those due to leave in the span stay longer
    let_off: int = 0  # people let off now for the rest of their shift


AS_IT_IS = Levers()


@dataclass(frozen=True)
class Future:
    """One future of a state. The first `begun` calls of the day are in hand at the moment, and next come those who wait."""

    day: Day
    begun: int
    yes: NDArray[np.bool_]  # [n] whether each of those who may be called says yes
    log_in: Floats  # [n] s; when each would log in, nan where nobody comes
    log_out: Floats  # [n] s
    persons: slice  # of `day.present`: those who may be called
    overtime: float  # s of overtime that the lever brings
    spared: float  # s of paid time that letting off saves
    changed: bool  # whether the levers move anybody


class Calls(NamedTuple):
    """Calls of a day drawn, from one moment to another."""

    arrival: Floats
    queue: Ints
    interval: Ints
    handle_time: Floats
    patience: Floats
    route: Floats
    caller: Ints


class Start(NamedTuple):
    """A day drawn, as far as it is needed: who is on duty at the moment, the calls of its past and of its future."""

    key: np.uint64
    crew: Crew
    seats: Seats
    present: NDArray[np.uint8]
    factor: Floats
    able: NDArray[np.uint8]
    past: Roster | None  # what belongs to nobody and came before the moment; None, as `before`: not asked for
    roster: Roster | None  # what is still to come; None, as `after`: not asked for
    before: Calls | None
    after: Calls | None


class Opening(NamedTuple):
    """What the futures of one day drawn share, whatever is done: `day` is without the people called."""

    day: Day
    begun: int
    able: NDArray[np.uint8]
    crew: Crew


class Lookahead:
    """What all futures of a state share, read only: several threads may use it, each with a `drawer` of its own."""

    def __init__(self, scenario: Scenario, state: State, span: float, seed: int) -> None:
        self.state, self._seed = state, seed
        self.end = min(state.at + span, state.until)
        self._planned = scenario
        cells, self.scenario = cells_of(scenario, state)
        self._built = duty.build(self.scenario)
        self._beginnings = make = Beginnings(self.scenario, state, cells, self._built)
        self._early_state = past.early(state)
        before = None if self._early_state is None else Beginnings(self.scenario, self._early_state, cells, self._built, like=make)
        self._early = before
        self._table = duty.shifts(self.scenario)
        self._unpaid = {
            (int(s), float(t))
            for s, t, paid in zip(self._table.rest_shift, self._table.rest_start, self._table.rest_paid, strict=True)
            if not paid
        }
        self.floor = bare(self._built, make.spare, state.pool.agents, state.at, (make if before is None else before).first)
        pool = state.pool
        self.home = AtHome(self.scenario, state, self._built, self.end)
        built = self._built
        self._events = Roster(built.event_time, built.event_kind, built.event_number, built.event_value, built.event_shift)
        self._events_gone, self._events_kept = OfLast(self._gone), OfLast(self._kept)
        self._team = len(self.scenario.staff) + list(self.scenario.contingent).index(pool.name)
        self._first_agent = int(make.first_agent[self._team])
        self._first_shift = make.shifts + make.spare.size
        margin = _TO_LOOK_AFTER if len(self.scenario.calls) > 1 else 0.0
        self._calls_until = min(self.end + margin, state.until)

    @property
    def has_past(self) -> bool:
        """Whether the centre has been open for long enough that the time before the moment can be played."""
        return self._early is not None

    @property
    def rostered(self) -> int:
        """People and positions that the roster has at the moment, whoever is away or on a break."""
        at, f = self.state.at, self._built
        came = f.event_number[(f.event_kind == fl.LOG_IN) & (f.event_time <= at)]
        went = f.event_number[(f.event_kind == fl.LOG_OUT) & (f.event_time <= at)]
        positions = [group.positions for group in self._planned.staff.values() if group.positions is not None]
        return int(came.size - went.size) + sum(int(number[self._beginnings.interval]) for number in positions)

    @property
    def end_clock(self) -> str:
        """The end of the span, as clocks show it."""
        return format_clock(self.scenario.horizon.clock(self.end))

    def drawer(self, upto: float | None = None) -> Days:
        """Draws the days that futures are cut from, as far as their calls are looked at, or to `upto` [s]; one for each thread."""
        return days_upto(self.scenario, self._built, self._seed, self._calls_until if upto is None else upto)

    def choice(self, replication: int) -> float:
        """The number on (0, 1) that decides with the end of which past a future begins."""
        return float(uniforms(np.uint64(streams.replication_key(streams.seed_key(self._seed), replication)), "past", 1)[0])

    def start(self, drawn: Day, before: bool = True, after: bool = True) -> Start:
        """What is needed of a day drawn, for its past and for its future. Nothing of it is a view of the drawer's buffers."""
        events = drawn.roster if drawn.roster is not None else self._events
        make, at = self._beginnings, self.state.at
        present = np.concatenate([drawn.present, np.zeros(make.spare.size + self.state.pool.agents, np.uint8)])
        crew = make.crew(events, present, uniforms(drawn.key, "people", make.team.size))
        begin = at if self._early_state is None else self._early_state.at
        first, now, last = np.searchsorted(drawn.arrival, [begin, at, self._calls_until]).tolist()

        def calls(wanted: bool, begin: int, end: int) -> Calls | None:
            return Calls(*(np.array(getattr(drawn, name)[begin:end]) for name in Calls._fields)) if wanted else None

        return Start(
            key=drawn.key,
            crew=crew,
            seats=make.seats(crew),
            present=present,
            factor=make.factors(drawn.factor),
            able=drawn.able.copy(),
            past=self._events_gone(events) if before else None,
            roster=self._events_kept(events) if after else None,
            before=calls(before, first, now),
            after=calls(after, now, last),
        )

    def as_busy(self, seen: list[past.Moments], drawn: list[Floats], futures: int) -> tuple[list[Floats], past.Busyness]:
        """How busy the days are that so many futures go on with, [T, D] each; `drawn`: those of the pasts seen."""
        day = self.scenario.horizon.spans[0][0]
        known = past.busyness(self.state, seen, np.array(drawn)[:, :, day], self._beginnings.load, futures)
        found = [drawn[r].copy() for r in known.past.tolist()]
        for one, by_type in zip(found, known.first_day, strict=True):
            one[:, day] = by_type
        return found, known

    def lead_up(self, start: Start) -> Day | None:
        """The day up to the moment, with those on duty who are on duty at the moment; None where it has no past."""
        make = self._early
        if make is None:
            return None
        assert start.past is not None
        assert start.before is not None
        begun = make.begun(start.seats, start.key, start.factor)
        return self._day(start, start.before, begun, make.waiting(start.key), self._sorted(self._with_begun(start.past, start.crew, begun)))

    def seen(self, day: Day, log: Log) -> past.Moments:
        """What a past that was played looked like at its end."""
        assert self._early is not None
        assert self._early_state is not None
        return past.moments(self.state, self._early_state.at, self._early, day, log)

    def opening(self, start: Start, held: Held | None = None) -> Opening:
        """How the futures of a day drawn begin; `held`: the calls in hand at the end of a past like what was seen."""
        assert start.roster is not None
        assert start.after is not None
        make = self._beginnings
        begun = make.begun(start.seats, start.key, start.factor, held)
        roster = self._sorted(self._with_begun(start.roster, start.crew, begun))
        day = self._day(start, start.after, begun, make.waiting(start.key), roster)
        return Opening(day, begun.busy, start.able, start.crew)

    def future(self, opening: Opening, levers: Levers = AS_IT_IS, luck: Luck | None = None) -> Future:
        """The future that begins so, under some levers; `called` says who of the pool is called. `luck`: theirs, if it is drawn already."""
        day = opening.day
        assert day.roster is not None
        roster, overtime, spared = day.roster, 0.0, 0.0
        if levers.postpone:
            roster = self._without_breaks(roster)
        if levers.overtime:
            roster, overtime = self._longer(roster, day.present, levers.overtime)
        if levers.let_off:
            roster, spared = self._let_off(roster, opening, levers.let_off)
        changed = roster is not day.roster
        yes, log_in, log_out = self.home.coming(self.luck(opening) if luck is None else luck, levers.delay)
        persons = slice(self._first_shift, self._first_shift + self.home.callable)
        whole = self._with_called(roster, log_in, log_out)
        return Future(day._replace(roster=whole), opening.begun, yes, log_in, log_out, persons, overtime, spared, changed)

    def luck(self, opening: Opening) -> Luck:
        """Who of those at home says yes and comes, and after how long, in the futures that begin so."""
        return self.home.luck(opening.day.key, opening.able[self._first_agent :])

    # the roster

    def _gone(self, events: Roster) -> Roster:
        """The roster events of the past that belong to nobody, those from before it brought to its beginning."""
        make = self._beginnings if self._early is None else self._early
        keep = _NOBODY_S[events.kind] & (events.time < self.state.at)
        time, kind = events.time[keep], events.kind[keep]
        time = np.where(kind == fl.OPENING, np.minimum(time, make.first - 1.0), np.where(time < make.ready, make.ready + 0.5, time))
        return Roster(time, kind, events.number[keep], events.value[keep], events.shift[keep])

    def _kept(self, events: Roster) -> Roster:
        """The roster events that are still to come, those that belong to no person brought to where a future begins."""
        at = self.state.at
        time, kind = events.time.copy(), events.kind
        before = time <= at
        keep = ~((before & _PEOPLE_S[kind]) | _POOLS[kind]) & (time <= self.end + _AFTER)
        hours = before & _HOURS[kind]
        time[hours] = np.minimum(time[hours], self._beginnings.first - 1.0)
        time[before & ~hours] = self._beginnings.ready + 0.5
        return Roster(time[keep], kind[keep], events.number[keep], events.value[keep], events.shift[keep])

    def _with_begun(self, events: Roster, crew: Crew, begun: Begun) -> list[tuple[Any, ...]]:
        """The columns of the roster events to come, and of those by which everybody on duty is on duty."""
        make, people = self._beginnings, begun.agent >= 0
        seats = np.zeros(begun.team.size)
        for g in np.flatnonzero(np.bincount(begun.team[~people])).tolist():
            mine = ~people & (begun.team == g)
            seats[mine] = np.arange(1, mine.sum() + 1)
        extra = np.flatnonzero(begun.shift >= make.shifts)
        of_pools = np.flatnonzero(people & (begun.shift < 0))
        over = self.home.stay_until if np.isfinite(self.home.stay_until) else self.end
        who, teams = np.where(people, begun.agent, begun.team), np.where(people, begun.team, seats)
        return [
            tuple(events),
            (begun.slot, np.where(people, fl.LOG_IN, fl.NUMBER), who, teams, begun.shift),
            (crew.back, fl.LOG_IN, crew.resting, crew.team[crew.resting], crew.shift[crew.resting]),
            (np.full(extra.size, self.end), fl.LOG_OUT, begun.agent[extra], 0.0, begun.shift[extra]),
            (np.full(of_pools.size, over), fl.LOG_OUT, begun.agent[of_pools], 0.0, -1),
        ]

    def _sorted(self, parts: list[tuple[Any, ...]]) -> Roster:
        """Roster events in the order in which they are played."""
        time, kind, number, value, shift = (
            np.concatenate([part[c] if isinstance(part[c], np.ndarray) else np.full(part[0].size, part[c]) for part in parts])
            for c in range(5)
        )
        kind, number, shift = kind.astype(np.int64), number.astype(np.int64), shift.astype(np.int64)
        order = np.lexsort((*duty.sort_keys(self.scenario, kind, number)[::-1], time))
        return Roster(time[order], kind[order], number[order], value[order].astype(np.float64), shift[order])

    def _with_called(self, roster: Roster, log_in: Floats, log_out: Floats) -> Roster:
        """The roster with the log-ins and log-outs of those who would come."""
        came = np.flatnonzero(np.isfinite(log_in))
        if not came.size:
            return roster
        who, shift, n = self._first_agent + self.home.people[came], self._first_shift + came, came.size
        # log-ins come before what else happens at an instant, and log-outs after it
        order = np.argsort(np.concatenate([log_in[came], roster.time, log_out[came]]), kind="stable")
        kinds = np.full(n, fl.LOG_IN), np.full(n, fl.LOG_OUT)
        teams = np.full(n, float(self._team)), np.zeros(n)
        ins, outs = (log_in[came], kinds[0], who, teams[0], shift), (log_out[came], kinds[1], who, teams[1], shift)
        return Roster._make(np.concatenate(columns)[order] for columns in zip(ins, roster, outs, strict=True))

    def _without_breaks(self, events: Roster) -> Roster:
        """Paid breaks and time off the phones that would begin in the span are put off until after it; meal breaks are not."""
        time = events.time.copy()
        soon = np.flatnonzero((events.kind == fl.BREAK) & (time > self.state.at) & (time < self.end) & (events.shift >= 0))
        paid = [e for e, break_ in zip(soon, zip(events.shift[soon].tolist(), time[soon].tolist(), strict=True), strict=True)
                if break_ not in self._unpaid]  # fmt: skip
        if not paid:
            return events
        time[paid] = self.end
        return self._sorted([(time, *events[1:])])

    def _longer(self, events: Roster, present: NDArray[np.uint8], longer: float) -> tuple[Roster, float]:
        """Those due to leave in the span stay longer; the overtime in seconds. Who comes back for another part of the shift does not."""
        time = events.time.copy()
        people = events.number < self._beginnings.first_agent[len(self.scenario.staff)]
        leaves = np.flatnonzero((events.kind == fl.LOG_OUT) & (time < self.end) & (time > self.state.at) & (events.shift >= 0) & people)
        later = (events.kind == fl.LOG_IN) & (time > self.state.at)
        comes = {*events.number[later & (events.shift >= 0)].tolist()}
        total = 0.0
        for e in leaves:
            if int(events.number[e]) not in comes and present[events.shift[e]]:
                until = max(time[e], min(time[e] + longer, self.state.until))
                total += until - time[e]
                time[e] = until
        return self._sorted([(time, *events[1:])]) if total else events, total

    def _let_off(self, events: Roster, opening: Opening, number: int) -> tuple[Roster, float]:
        """People on duty go home now, after the call in hand, for the rest of their shift; the seconds on the floor that saves."""
        crew, at = opening.crew, self.state.at
        rostered = np.isfinite(crew.due[crew.agent])
        gone = crew.agent[few(rostered, uniforms(opening.day.key, "let off", crew.agent.size), number)]
        saved = float((np.minimum(crew.due[gone], self.state.until) - at).sum())
        goes = np.zeros(int(events.number.max(initial=0)) + 1 + crew.team.size, np.bool_)
        goes[gone] = True
        keep = ~(goes[events.number] & (events.time > at) & (events.shift >= 0))
        kept = tuple(column[keep] for column in events)
        return self._sorted([kept, (np.full(gone.size, at), fl.LOG_OUT, gone, 0.0, crew.shift[gone])]), saved

    # the calls

    def _day(self, start: Start, calls: Calls, begun: Begun, waiting: Waiting, roster: Roster) -> Day:
        """The calls in hand, those of who waits and those that come, in order of arrival, and all the rest of its luck."""
        order = np.argsort(begun.arrival, kind="stable")
        before = np.concatenate([begun.arrival[order], waiting.arrival])
        interval = np.maximum(np.searchsorted(self.floor.interval_start, before, side="right") - 1, 0)
        caller = np.zeros(0, np.int64) if self.floor.later is None else _CALLER + np.arange(before.size)
        route = uniforms(start.key, "route", before.size) if self.floor.route == RANDOM else np.zeros(0)
        return Day(
            arrival=np.concatenate([before, calls.arrival]),
            queue=np.concatenate([begun.queue[order], waiting.queue, calls.queue]).astype(np.int64),
            interval=np.concatenate([interval, calls.interval]).astype(np.int64),
            handle_time=np.concatenate([begun.handle[order], waiting.handle, calls.handle_time]),
            patience=np.concatenate([np.full(begun.busy, np.inf), waiting.patience, calls.patience]),
            present=start.present,
            factor=start.factor,
            key=start.key,
            route=np.concatenate([route, calls.route]),
            caller=np.concatenate([caller, calls.caller]),
            roster=roster,
        )


def called(future: Future, number: int) -> Day:
    """The day of a future in which the first `number` of those at home are called."""
    present = future.day.present.copy()
    mine = present[future.persons]
    mine[:number] = np.isfinite(future.log_in[:number])
    mine[number:] = 0
    return future.day._replace(present=present)
