"""Futures of a state: days drawn onwards from it, to be played by either engine.

A future begins as `beginning` says, and the calls of the day drawn go on from there. The contingents are no pool here but people of a
roster: whoever is called has a log-in after a notice of its own, if it says yes, and stays for its block, and to the end of the span where
that is later. One draw of the day serves all numbers called and all other levers: the same luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.contingent.beginning import Beginnings, Begun, Crew, Waiting, cells_of, few
from ccsim.contingent.laws import uniforms
from ccsim.contingent.state import State
from ccsim.engine import duty, streams
from ccsim.engine import floor as fl
from ccsim.engine.draws import Drawer
from ccsim.engine.floor import RANDOM, Day, Floats, Floor, Ints, Roster
from ccsim.engine.traffic import law
from ccsim.inputs.scenario import Scenario
from ccsim.units import format_clock

_AFTER = 3600.0  # s after the span beyond which nothing of the roster matters to who came before its end
_CALLER = 1_000_000_000  # number in their type's list of callers who came before the moment: their later luck is their own
_TO_LOOK_AFTER = 600.0  # s of arrivals after the last caller looked at: some of them may be answered first


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
        cells, self.scenario = cells_of(scenario, state)
        self._built = duty.build(self.scenario)
        self._beginnings = Beginnings(self.scenario, state, cells, self._built)
        self._table = duty.shifts(self.scenario)
        self._unpaid = {
            (int(s), float(t))
            for s, t, paid in zip(self._table.rest_shift, self._table.rest_start, self._table.rest_paid, strict=True)
            if not paid
        }
        self.floor = _bare(self._built, self._beginnings.spare, state.pool.agents, state.at, self._beginnings.first)
        pool = state.pool
        values: list[float] = []
        self._notice = law(pool.notice, values)
        self._notice_values = np.array(values or [0.0])
        self._name = streams.name_key(pool.name)
        self._team = len(self.scenario.staff) + list(self.scenario.contingent).index(pool.name)
        self._on = state.on.get(pool.name, 0)
        self._first_person = int(self._beginnings.first_agent[self._team]) + self._on
        self._first_shift = self._beginnings.shifts + self._beginnings.spare.size + self._on
        self.available_until = available_until(self.scenario, state)
        self.accept = min(1.0, pool.accept * self._in_force())
        # the latest that contingents stay: the end of `available`, or just before closing, for they do not stay for callers [s]
        self.stay_until = min(self.available_until, float(np.nextafter(state.until, -np.inf)))
        self.callable = pool.agents - self._on if self.available_until > state.at else 0

    @property
    def rostered(self) -> int:
        """People and positions that the roster has at the moment, whoever is away or on a break."""
        at, f, staff = self.state.at, self._built, self.scenario.staff
        came = f.event_number[(f.event_kind == fl.LOG_IN) & (f.event_time <= at)]
        went = f.event_number[(f.event_kind == fl.LOG_OUT) & (f.event_time <= at)]
        positions = [group.positions for group in staff.values() if group.positions is not None]
        return int(came.size - went.size) + sum(int(number[self._beginnings.interval]) for number in positions)

    @property
    def end_clock(self) -> str:
        """The end of the span, as clocks show it."""
        return format_clock(self.scenario.horizon.clock(self.end))

    def notices(self, count: int) -> Floats:
        """Notices of so many people, to know their law by [s]."""
        key = np.uint64(streams.replication_key(streams.seed_key(0), 0))
        return np.array([streams.notice(key, self._name, k, 0, self._notice, self._notice_values) for k in range(count)])

    def drawer(self) -> Drawer:
        """Draws the days that futures are cut from; one for each thread."""
        return Drawer(self.scenario, self._built, self._seed)

    def _in_force(self) -> float:
        """The factor that events in force put on the acceptance."""
        f, p = self._built, list(self.scenario.contingent).index(self.state.pool.name)
        factors = f.event_value[(f.event_kind == fl.ACCEPT) & (f.event_number == p) & (f.event_time <= self.state.at)]
        return float(factors[-1]) if factors.size else 1.0

    def opening(self, drawn: Day) -> Opening:
        """How the futures of a day drawn begin."""
        key = drawn.key
        events = drawn.roster if drawn.roster is not None else _roster(self._built)
        make = self._beginnings
        present = np.concatenate([drawn.present, np.zeros(make.spare.size + self.state.pool.agents, np.uint8)])
        crew = make.crew(events, present, uniforms(key, "people", make.team.size))
        factor = make.factors(drawn.factor)
        begun = make.begun(crew, key, factor)
        roster = self._sorted(self._with_begun(self._kept(events), crew, begun))
        return Opening(self._day(drawn, begun, make.waiting(key), present, factor, roster), begun.busy, drawn.able.copy(), crew)

    def future(self, opening: Opening, levers: Levers = AS_IT_IS) -> Future:
        """The future that begins so, under some levers; `called` says who of the pool is called."""
        day = opening.day
        assert day.roster is not None
        roster, overtime, spared = day.roster, 0.0, 0.0
        if levers.postpone:
            roster = self._without_breaks(roster)
        if levers.overtime:
            roster, overtime = self._longer(roster, day.present, levers.overtime)
        if levers.let_off:
            roster, spared = self._let_off(roster, opening, levers.let_off)
        yes, log_in, log_out = self._contingents(day.key, opening.able, levers.delay)
        persons = slice(self._first_shift, self._first_shift + self.callable)
        whole = self._with_called(roster, log_in, log_out)
        return Future(day._replace(roster=whole), opening.begun, yes, log_in, log_out, persons, overtime, spared)

    # the roster

    def _kept(self, events: Roster) -> Roster:
        """The roster events that are still to come, those that belong to no person brought to where a future begins."""
        at = self.state.at
        time, kind = events.time.copy(), events.kind
        before = time <= at
        gone = before & np.isin(kind, (fl.LOG_IN, fl.LOG_OUT, fl.BREAK, fl.NUMBER))
        keep = ~gone & ~np.isin(kind, (fl.UNAVAILABLE, fl.ACCEPT)) & (time <= self.end + _AFTER)
        hours = before & np.isin(kind, (fl.OPENING, fl.CLOSING))
        time[hours] = np.minimum(time[hours], self._beginnings.first - 1.0)
        time[before & ~hours] = self._beginnings.ready + 0.5
        return Roster(time[keep], kind[keep], events.number[keep], events.value[keep], events.shift[keep])

    def _with_begun(self, events: Roster, crew: Crew, begun: Begun) -> list[tuple[Any, ...]]:
        """The columns of the roster events to come, and of those by which everybody on duty is on duty."""
        make, people = self._beginnings, begun.agent >= 0
        seats = np.zeros(begun.team.size)
        for g in np.unique(begun.team[~people]).tolist():
            mine = ~people & (begun.team == g)
            seats[mine] = np.arange(1, mine.sum() + 1)
        extra = np.flatnonzero(begun.shift >= make.shifts)
        of_pools = np.flatnonzero(people & (begun.shift < 0))
        over = self.stay_until if np.isfinite(self.stay_until) else self.end
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
        who, shift = self._first_person + came, self._first_shift + came
        comes, goes = came[np.argsort(log_in[came], kind="stable")], came[np.argsort(log_out[came], kind="stable")]
        time = np.concatenate([log_in[comes], log_out[goes]])
        # log-ins come before what else happens at an instant, and log-outs after it
        place = np.concatenate(
            [np.searchsorted(roster.time, log_in[comes], side="left"), np.searchsorted(roster.time, log_out[goes], side="right")]
        )
        n = came.size
        order = np.argsort(place, kind="stable")
        order = order[np.lexsort((time[order], place[order]))]
        kinds = np.repeat([fl.LOG_IN, fl.LOG_OUT], n)
        who, shift = self._first_person + np.concatenate([comes, goes]), self._first_shift + np.concatenate([comes, goes])
        teams = np.repeat([float(self._team), 0.0], n)
        new = time, kinds, who, teams, shift
        return Roster._make(np.insert(old, place[order], column[order]) for old, column in zip(roster, new, strict=True))

    def _without_breaks(self, events: Roster) -> Roster:
        """Paid breaks and time off the phones that would begin in the span are put off until after it; meal breaks are not."""
        time = events.time.copy()
        soon = (events.kind == fl.BREAK) & (time > self.state.at) & (time < self.end) & (events.shift >= 0)
        for e in np.flatnonzero(soon):
            if (int(events.shift[e]), float(time[e])) not in self._unpaid:
                time[e] = self.end
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
        return self._sorted([(time, *events[1:])]), total

    def _let_off(self, events: Roster, opening: Opening, number: int) -> tuple[Roster, float]:
        """People on duty go home now, after the call in hand, for the rest of their shift; the seconds on the floor that saves."""
        crew, at = opening.crew, self.state.at
        rostered = np.isfinite(crew.due[crew.agent])
        gone = crew.agent[few(rostered, uniforms(opening.day.key, "let off", crew.agent.size), number)]
        saved = float((np.minimum(crew.due[gone], self.state.until) - at).sum())
        keep = ~(np.isin(events.number, gone) & (events.time > at) & (events.shift >= 0))
        kept = tuple(column[keep] for column in events)
        return self._sorted([kept, (np.full(gone.size, at), fl.LOG_OUT, gone, 0.0, crew.shift[gone])]), saved

    def _contingents(self, key: np.uint64, able: NDArray[np.uint8], delay: float) -> tuple[NDArray[np.bool_], Floats, Floats]:
        """Who of those at home would come, when, and until when. [n] each"""
        pool, asked = self.state.pool, self.state.at + delay
        n = self.callable
        yes, log_in, log_out = np.zeros(n, np.bool_), np.full(n, np.nan), np.full(n, np.nan)
        for k in range(n):
            if asked >= self.available_until or (able.size and not able[self._first_person + k]):
                continue
            yes[k] = streams.accepts(key, self._name, self._on + k, 0, self.accept)
            if yes[k]:
                due = asked + streams.notice(key, self._name, self._on + k, 0, self._notice, self._notice_values)
                if due < self.stay_until:
                    log_in[k], log_out[k] = due, min(max(due + pool.block, self.end), self.stay_until)
        return yes, log_in, log_out

    # the calls

    def _day(
        self,
        drawn: Day,
        begun: Begun,
        waiting: Waiting,
        present: NDArray[np.uint8],
        factor: Floats,
        roster: Roster,
    ) -> Day:
        """The calls of a future in order of arrival, and all the rest of its luck."""
        margin = _TO_LOOK_AFTER if len(self.scenario.calls) > 1 else 0.0
        calls = slice(*np.searchsorted(drawn.arrival, [self.state.at, min(self.end + margin, self.state.until)]).tolist())
        order = np.argsort(begun.arrival, kind="stable")
        before = np.concatenate([begun.arrival[order], waiting.arrival])
        interval = np.maximum(np.searchsorted(self.floor.interval_start, before, side="right") - 1, 0)
        handle = np.concatenate([begun.handle[order], waiting.handle])
        queue = np.concatenate([begun.queue[order], waiting.queue])
        caller = np.zeros(0, np.int64) if self.floor.later is None else _CALLER + np.arange(before.size)
        patience = np.concatenate([np.full(begun.busy, np.inf), waiting.patience])
        return Day(
            arrival=np.concatenate([before, drawn.arrival[calls]]),
            queue=np.concatenate([queue, drawn.queue[calls]]).astype(np.int64),
            interval=np.concatenate([interval, drawn.interval[calls]]).astype(np.int64),
            handle_time=np.concatenate([handle, drawn.handle_time[calls]]),
            patience=np.concatenate([patience, drawn.patience[calls]]),
            present=present,
            factor=factor,
            key=drawn.key,
            route=np.concatenate([uniforms(drawn.key, "route", before.size), drawn.route[calls]])
            if self.floor.route == RANDOM
            else np.zeros(0),
            caller=np.concatenate([caller, drawn.caller[calls]]) if caller.size else caller,
            roster=roster,
        )


def available_until(scenario: Scenario, state: State) -> float:
    """When the hours end in which the pool may be asked at this moment [s]; -inf where it may not."""
    start, end = state.pool.available
    spans = [(scenario.horizon.at(day, start), scenario.horizon.at(day, end)) for day in (-1, 0, 1)]
    return next((over for begin, over in spans if begin <= state.at < over), -np.inf)


def called(future: Future, number: int) -> Day:
    """The day of a future in which the first `number` of those at home are called."""
    present = future.day.present.copy()
    mine = present[future.persons]
    mine[:number] = np.isfinite(future.log_in[:number])
    mine[number:] = 0
    return future.day._replace(present=present)


def _roster(floor: Floor) -> Roster:
    return Roster(floor.event_time, floor.event_kind, floor.event_number, floor.event_value, floor.event_shift)


def _bare(floor: Floor, spare: Ints, people: int, at: float, first: float) -> Floor:
    """The floor without its pools, whose people are on the roster of each future; with agents who stand in, at the end."""
    queues, teams, intervals = floor.queue_type.size, floor.team_positions.size, floor.interval_start.size
    window = floor.open_window.copy()
    now = (window[:, 0] <= at) & (at < window[:, 1])
    window[now, 0] = np.minimum(window[now, 0], first - 1.0)
    none, nobody = np.zeros(0), np.zeros(0, np.int64)
    of_pools = floor.team_is_contingent >= 0
    keep = ~np.isin(floor.event_kind, (fl.UNAVAILABLE, fl.ACCEPT))
    return floor._replace(
        team_is_contingent=np.full(teams, -1, np.int64),
        team_first_agent=np.where(of_pools, -1, floor.team_first_agent),
        team_agents=np.where(of_pools, 0, floor.team_agents),
        agent_team=np.concatenate([floor.agent_team, spare]),
        open_window=window,
        event_time=floor.event_time[keep],
        event_kind=floor.event_kind[keep],
        event_number=floor.event_number[keep],
        event_value=floor.event_value[keep],
        event_shift=floor.event_shift[keep],
        pool_team=nobody,
        pool_takes_queue=np.zeros((0, queues), np.int64),
        pool_counts_team=np.zeros((0, teams), np.int64),
        pool_mean_handle=np.zeros((0, intervals)),
        pool_when=nobody, pool_reaches=none, pool_call_up=nobody, pool_every=none, pool_check=none, pool_over=none,
        pool_release_when=nobody, pool_release_over=none, pool_falls_to=none, pool_block=none,
        pool_window=np.zeros((0, 1, 2)),
        pool_accept=none,
        pool_notice=np.zeros((0, streams.LAW_SIZE)),
        pool_name=np.zeros(0, np.uint64),
        shift_factor=np.concatenate([floor.shift_factor, np.ones(spare.size + people)]) if floor.shift_factor.size else floor.shift_factor,
    )  # fmt: skip
