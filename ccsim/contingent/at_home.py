"""The people at home at one moment: who of a pool can be called, who of them comes, when, and until when."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccsim.contingent.notice import notices
from ccsim.contingent.state import State, accept_of, available_until, until_of
from ccsim.engine import floor as fl
from ccsim.engine import streams
from ccsim.engine.floor import Floats, Floor
from ccsim.engine.traffic import law
from ccsim.inputs.scenario import Scenario


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

    def coming(self, key: np.uint64, able: NDArray[np.uint8], delay: float) -> tuple[NDArray[np.bool_], Floats, Floats]:
        """Who of those at home would say yes if they were called after `delay` [s], when they would be on, and until when. [n] each

        `key`: of the day; `able` [agents of the pool, or 0]: who has completed the training.
        """
        pool, asked = self._state.pool, self._state.at + delay
        n = self.callable
        yes, log_in, log_out = np.zeros(n, np.bool_), np.full(n, np.nan), np.full(n, np.nan)
        most = np.inf if pool.at_most is None or pool.at_most.seconds is None else pool.at_most.seconds
        if self._state.logged_in + delay * self._state.on.get(pool.name, 0) >= most:
            return yes, log_in, log_out  # those who are on will have used up the pool's hours by then
        for k, person in enumerate(self.people.tolist()):
            if asked >= self._until[k] or (able.size and not able[person]):
                continue
            if not streams.accepts(key, self._name, person, 0, self.accept):
                continue
            # who says yes and is never there is paid nothing
            if pool.log_in_fails and streams.fails_to_come(key, self._name, person, 0, pool.log_in_fails):
                continue
            yes[k] = True
            due = asked + streams.notice(key, self._name, person, 0, self._notice, self._notice_values)
            until = min(self._until[k], self.stay_until)
            if due < until:
                log_in[k], log_out[k] = due, min(max(due + pool.block, self._end), until)
        return yes, log_in, log_out


def _in_force(scenario: Scenario, state: State, built: Floor) -> float:
    """The factor that events in force put on the acceptance."""
    p = list(scenario.contingent).index(state.pool.name)
    factors = built.event_value[(built.event_kind == fl.ACCEPT) & (built.event_number == p) & (built.event_time <= state.at)]
    return float(factors[-1]) if factors.size else 1.0
