"""The people at home at one moment: who of a pool can be called, who of them comes, when, and until when."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.contingent.notice import notices
from ccsim.contingent.state import State, accept_of, available_until, until_of
from ccsim.engine import floor as fl
from ccsim.engine import streams
from ccsim.engine.floor import Floats, Floor
from ccsim.engine.traffic import law
from ccsim.inputs.scenario import Scenario


class Luck(NamedTuple):
    """Who of those at home says yes, and comes, after how long [s, nan for nobody]. [n] each"""

    yes: NDArray[np.bool_]
    notice: Floats


NOBODY = Luck(np.zeros(0, np.bool_), np.zeros(0))  # where nobody is to be called


class AtHome:
    """The people of the state's pool who can be called. Read only. `built` is the floor of `scenario`; `end`, of the span looked at [s]."""

    def __init__(self, scenario: Scenario, state: State, built: Floor, end: float) -> None:
        pool = state.pool
        self._state, self._end = state, end
        values: list[float] = []
        self._notice = law(pool.notice, values)
        self._notice_values = np.array(values or [0.0])
        self._name = streams.name_key(pool.name)
        self.notices = notices(pool)
        self.available_until = available_until(scenario, state)
        # the latest that contingents stay: the end of `available`, or just before closing, for they do not stay for callers [s]
        self.stay_until = min(self.available_until, float(np.nextafter(state.until, -np.inf)))
        spans = [pool.hours[k % len(pool.hours)] if pool.hours else pool.available for k in range(pool.agents)]
        until = np.array([until_of(scenario, state.at, span) for span in spans])
        # those who are on are the first of those in hours
        self.people = np.flatnonzero((until > state.at) & (not state.spent))[state.on.get(pool.name, 0) :].astype(np.int64)
        self._until = until[self.people]  # until when each of them may be asked [s]
        self.callable = self.people.size
        self.accept = min(1.0, accept_of(pool, state.asked) * _in_force(scenario, state, built))

    def in_time(self, moment: float) -> float:
        """The share of those called now, and who say yes, who are on before a moment [s]."""
        return float(np.mean(self._state.at + self.notices < moment)) if self.callable else 0.0

    @property
    def helps_until(self) -> float:
        """The last moment at which anybody called now can help: the end of the hours of those at home, or closing [s]."""
        return min(self.stay_until, float(self._until.max()) if self._until.size else -np.inf)

    def luck(self, key: np.uint64, able: NDArray[np.uint8]) -> Luck:
        """Who of those at home would say yes and come, and after how long. `key`: of the day; `able` [agents of the pool, or 0]."""
        pool, yes, notice = self._state.pool, np.zeros(self.callable, np.bool_), np.full(self.callable, np.nan)
        for k, person in enumerate(self.people.tolist()):
            if able.size and not able[person]:
                continue  # of the pool who has not completed the training
            if not streams.accepts(key, self._name, person, 0, self.accept):
                continue
            # who says yes and is never there is paid nothing
            if pool.log_in_fails and streams.fails_to_come(key, self._name, person, 0, pool.log_in_fails):
                continue
            yes[k] = True
            notice[k] = streams.notice(key, self._name, person, 0, self._notice, self._notice_values)
        return Luck(yes, notice)

    def coming(self, luck: Luck, delay: float) -> tuple[NDArray[np.bool_], Floats, Floats]:
        """Who of those at home would say yes if they were called after `delay` [s], when they would be on, and until when. [n] each"""
        pool, asked, n = self._state.pool, self._state.at + delay, luck.yes.size
        none = np.full(n, np.nan)
        most = np.inf if pool.at_most is None or pool.at_most.seconds is None else pool.at_most.seconds
        if self._state.logged_in + delay * self._state.on.get(pool.name, 0) >= most:
            return np.zeros(n, np.bool_), none, none  # those who are on will have used up the pool's hours by then
        yes = luck.yes & (asked < self._until[:n])
        until = np.minimum(self._until[:n], self.stay_until)
        log_in = np.where(yes, asked + luck.notice, np.nan)
        comes = log_in < until
        log_out = np.minimum(np.maximum(log_in + pool.block, self._end), until)
        return yes, np.where(comes, log_in, none), np.where(comes, log_out, none)


def _in_force(scenario: Scenario, state: State, built: Floor) -> float:
    """The factor that events in force put on the acceptance."""
    p = list(scenario.contingent).index(state.pool.name)
    factors = built.event_value[(built.event_kind == fl.ACCEPT) & (built.event_number == p) & (built.event_time <= state.at)]
    return float(factors[-1]) if factors.size else 1.0
