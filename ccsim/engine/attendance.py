"""Who is there: planned leave and absence, drawn for each person of each shift; who of the contingents is ready; everybody's own pace."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import absence, duty, streams
from ccsim.engine.day_roster import DayRoster
from ccsim.engine.floor import Floats, Floor, Roster
from ccsim.engine.happenings import certain, happen, uncertain
from ccsim.engine.takings import ends_of, odds_of_events, rates_of, takings_of
from ccsim.engine.traffic import takers_of
from ccsim.inputs.scenario import Scenario


class Attendance:
    """Draws who works which shift, and the day's roster. Keeps its buffers from day to day: one `Attendance` a worker.

    What it holds is that of the replication drawn last: `away` [S], whether each shift instance is worked (0) or which category took it
    (from 1, in file order); `ended` [S], whether the employment was over by then; `factor` [A] on handle times; `able` [A] or [0] as in
    `Day`; and the day's roster with what it takes off the floor, as `DayRoster` has it.
    """

    def __init__(self, scenario: Scenario, floor: Floor) -> None:
        self._scenario = scenario
        table = duty.shifts(scenario)
        self._table = table
        self._takings = takings_of(scenario, table)
        self._numbers = np.array([taking[:8] for taking in self._takings], np.int64).reshape(-1, 8)
        self._reals = np.array([(taking.stays, taking.begun, taking.reported, taking.chance) for taking in self._takings]).reshape(-1, 4)
        self._names = np.array([taking.name for taking in self._takings], np.uint64)
        kinds = {taking.kind for taking in self._takings}
        # None where nothing of it is needed, for `absence.take` to be compiled without
        begins = table.part_start[table.first_part[:-1]] if table.group.size else np.zeros(0)
        self._begins = begins if any(taking.known >= 0 for taking in self._takings) else None
        self._plans, self._falls_ill = absence.PLANNED in kinds, absence.SPELLS in kinds
        in_spells = sum(int(taking.members) for taking in self._takings if taking.kind == absence.SPELLS and taking.day == -1)
        self._ill = np.zeros(in_spells, np.bool_)
        self._likely = np.zeros((2, in_spells))
        self._ends = ends_of(scenario, table)
        self._odds = odds_of_events(scenario, table)
        self._uncertain = uncertain(scenario)
        self._happened = certain(scenario)
        self._absence_odds, self._leave_odds = self._events_odds(self._happened)
        self.away: NDArray[np.int8] = table.fixed_away.copy()
        self.ended = np.zeros(table.group.size, np.bool_)
        self._day_roster = DayRoster(scenario, table)
        self._paced = [(g, group) for g, group in enumerate(scenario.staff.values()) if group.handle_time_spread > 0.0]
        self._first_agent = duty.first_agents(scenario)
        factors = [taker.handle_time_factor for taker in takers_of(scenario)]
        self._base_factor = np.repeat(np.array(factors, np.float64), np.diff(self._first_agent))
        self.factor = self._base_factor.copy()
        self._training = [(p, pool) for p, pool in enumerate(scenario.contingent.values()) if pool.ready is not None]
        self.able = np.ones(floor.agent_team.size if self._training else 0, np.uint8)

    def rates(self, keys: list[np.uint64]) -> Floats:
        """The day's absence rates of several replications. [keys, takings]"""
        return np.array([rates_of(taking, keys) for taking in self._takings]).reshape(len(self._takings), len(keys)).T

    def draw(self, key: np.uint64, rates: Floats) -> None:
        """Draw one replication, whose rates are [takings]."""
        table = self._table
        if self._uncertain:
            self._happened = happen(self._scenario, key)
            if self._odds:
                self._absence_odds, self._leave_odds = self._events_odds(self._happened)
        self.away[:] = table.fixed_away
        if self._takings:
            odds = self._absence_odds, self._leave_odds if self._plans else None
            states = (self._ill, self._likely) if self._falls_ill else (None, None)
            absence.take(key, self._numbers, self._reals, self._names, rates, table.person, self._begins, *odds, *states, self.away)
        self.ended[:] = False
        for first, last, category, after, people in self._ends:
            absence.end(first, last, category, after, table.person, np.zeros(people, np.int64), self.away, self.ended)
        self._draw_people(key)
        self._day_roster.draw(key, self.away, self._happened)

    @property
    def keeps_roster(self) -> bool:
        """Whether nobody's luck touches the roster but by leave and absence of whole days, and no employment ends."""
        return not self._ends and not self._day_roster.varies

    def draw_days(self, keys: NDArray[np.uint64], rates: Floats) -> tuple[NDArray[np.int8], Floats, NDArray[np.uint8]]:
        """Draw several replications, one after another: `away`, `factor` and `able` of each, or one row where all have the same."""
        if not self._takings and not self._paced and not self._training and not self._uncertain and self.keeps_roster:
            return self.away[None], self.factor[None], self.able[None]
        if len(keys) == 1:
            self.draw(keys[0], rates[0])
            return self.away[None], self.factor[None], self.able[None]
        away = np.empty((len(keys), self.away.size), np.int8)
        factor = np.empty((len(keys), self.factor.size)) if self._paced else self.factor[None]
        able = np.empty((len(keys), self.able.size), np.uint8) if self._training else self.able[None]
        for d, key in enumerate(keys):
            self.draw(key, rates[d])
            away[d] = self.away
            if self._paced:
                factor[d] = self.factor
            if self._training:
                able[d] = self.able
        return away, factor, able

    def _draw_people(self, key: np.uint64) -> None:
        """Everybody's own pace, and who of the contingents has completed the training."""
        for g, group in self._paced:
            mine = slice(int(self._first_agent[g]), int(self._first_agent[g + 1]))
            self.factor[mine] = self._base_factor[mine]
            start = streams.start_of(key, streams.PERSON_PACE, streams.name_key(group.name), 0)
            absence.paces(start, group.handle_time_spread, self.factor[mine])
        for p, pool in self._training:
            assert pool.ready is not None
            first = int(self._first_agent[len(self._scenario.staff) + p])
            start = streams.start_of(key, streams.RECRUIT, streams.name_key(pool.name), 0)
            trained = self._scenario.date >= pool.ready.from_
            ready = sum(streams.uniform(start, k) < pool.ready.completes for k in range(pool.ready.recruits)) if trained else 0
            self.able[first : first + pool.agents] = np.arange(pool.agents) < ready

    def _events_odds(self, happened: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Factors on the odds of absence and of leave for each shift, [S]; [0] where no event touches them."""
        if not self._odds:
            return np.zeros(0), np.zeros(0)
        ill, on_leave = np.ones(self._table.group.size), np.ones(self._table.group.size)
        for odds in self._odds:
            if happened[odds.pair]:
                ill[odds.shifts] *= odds.absence
                on_leave[odds.shifts] *= odds.leave
        return ill, on_leave

    @property
    def roster(self) -> Roster | None:
        """The day's own roster events; None where nobody's luck touches them."""
        return self._day_roster.roster

    @property
    def roster_causes(self) -> NDArray[np.int16]:
        """Cause (engine.causes) of each BREAK event of the day's events, in `roster` or else in the floor; 0 for other kinds. [E]"""
        return self._day_roster.causes

    @property
    def late(self) -> Floats:
        """Seconds of the floor that each shift lost by coming late, breaks in them not counted. [S]"""
        return self._day_roster.late

    @property
    def late_cause(self) -> NDArray[np.int8]:
        """Category of the lateness, 0 for none. [S]"""
        return self._day_roster.late_cause

    @property
    def early(self) -> Floats:
        """Seconds of the floor that each shift lost by leaving early, breaks in them not counted. [S]"""
        return self._day_roster.early

    @property
    def early_cause(self) -> NDArray[np.int8]:
        """Category of the early leaving, 0 for none. [S]"""
        return self._day_roster.early_cause

    @property
    def no_event(self) -> NDArray[np.uint8]:
        """1 for rests of the roster that are no break of the floor today: at the start of a part, or before coming, or after going. [R]"""
        return self._day_roster.no_event
