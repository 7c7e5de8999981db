"""How futures of a state begin: who is on duty, which calls they have in hand, who waits, all drawn so that they fit what was seen.

An engine begins with an empty floor. So a future begins a little before the moment: those on duty log in one after another, and whoever is
busy is handed a call at once, of which just what is left of it is left at the moment; then those arrive who wait, each as long before the
moment as it has waited.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.contingent.laws import MidLaw, chosen, truncated_poisson, uniforms
from ccsim.contingent.state import State
from ccsim.engine import duty
from ccsim.engine import floor as fl
from ccsim.engine.demand import Demand
from ccsim.engine.floor import Floats, Floor, Ints, Roster
from ccsim.engine.traffic import means_by_interval, takers_of, waited_for
from ccsim.inputs.call_types import CallType
from ccsim.inputs.frozen import ints
from ccsim.inputs.scenario import Scenario

SLOT = 1.0 / 64.0  # s between two log-ins of the beginning
BEFORE = 1.0  # s between the last of them and the first caller who waits


@dataclass
class Crew:
    """People on duty at the moment, and those on a break who come back."""

    agent: Ints  # numbers of those on duty
    shift: Ints  # [A] shift instance that each agent is on, -1 for none
    team: Ints  # [A]
    due: Floats  # [A] next log-out [s]
    resting: Ints  # numbers of those on a break
    back: Floats  # s; when each of them comes back


class _Due(NamedTuple):
    """Who the roster has at the moment. [A] each but `resting`"""

    events: Roster
    rostered: NDArray[np.bool_]  # who is on a shift, breaks included
    shift: Ints  # shift instance, -1 for none
    due: Floats  # next log-out [s]
    resting: Ints  # numbers of those whose break is under way
    back: Floats  # s; when it ends


class Seats(NamedTuple):
    """Everybody on duty at the moment: people, positions, contingents."""

    team: Ints
    agent: Ints  # -1 for a position
    shift: Ints  # -1 for none


class Held(NamedTuple):
    """Calls in hand at a moment that was played, one an agent."""

    team: Ints
    queue: Ints
    left: Floats  # s


class Begun(NamedTuple):
    """Everybody on duty in the order of logging in; the first `busy` have a call in hand."""

    busy: int
    team: Ints
    agent: Ints  # -1 for a position
    shift: Ints  # -1 for none
    slot: Floats  # log-ins [s]
    arrival: Floats  # [busy] s
    queue: Ints  # [busy]
    handle: Floats  # [busy] s, before factors


class Waiting(NamedTuple):
    """Those who wait, in order of arrival."""

    arrival: Floats  # s
    queue: Ints
    patience: Floats  # s
    handle: Floats  # s, before factors


Laws = tuple[list[MidLaw], list[MidLaw | None]]  # of the handle time and the patience of each type


class Beginnings:
    """Draws how futures begin. Read only: several threads may use it. `built` is the floor of `scenario`, pools and all.

    `like`: beginnings of another moment, to have the laws from.
    """

    def __init__(
        self, scenario: Scenario, state: State, cells: list[tuple[list[int], int]], built: Floor, like: Beginnings | None = None
    ) -> None:
        self.scenario, self.state, self._cells, self._service = scenario, state, cells, built.service
        self.shifts = duty.shifts(scenario).group.size
        self.interval = interval_of(scenario, state)
        self.first_agent = duty.first_agents(scenario)
        self.spare = self._spares()
        self.team = np.concatenate([built.agent_team, self.spare])
        regular = np.arange(self.team.size) < built.agent_team.size
        # people of each cell, without those who stand in, and how many of them are on duty [A], number
        self._wanted = [(np.isin(self.team, cell) & regular, wanted - sum(self._positions(g) for g in cell)) for cell, wanted in cells]
        self._due: _Due | None = None  # of the roster that was looked at last
        self._takers = takers_of(scenario)
        self._calls = list(scenario.calls.values())
        self.laws: Laws = _laws(self._calls) if like is None else like.laws
        self._handle, self._patience = self.laws
        self._mean_handle = means_by_interval(scenario)[:, self.interval]
        self.waited = np.array([name in waited_for(scenario) for name in scenario.calls])
        self._volume = np.array([call.volume[self.interval] for call in self._calls]) * self.waited
        self._takes = np.zeros((len(self._takers), len(self._calls)), np.bool_)
        for g, row in enumerate(built.serve_queue):
            self._takes[g, row[row >= 0]] = True
        self._takes &= self.waited
        self._waits = self._who_waits()
        self._shift_factor = np.concatenate([built.shift_factor, np.ones(self.spare.size)]) if built.shift_factor.size else np.zeros(0)
        self._ages: dict[int, Callable[[Floats], Floats]] = {}  # how long those have waited who wait behind the oldest, by type
        self._demand = Demand(scenario)
        after = 0.0 if built.service is None else float(built.service.serve_after.max(initial=0.0))
        people = self.team.size + sum(self._positions(g) for g in range(len(scenario.staff)))
        self.ready = state.at - state.oldest - BEFORE  # s; by then everybody has logged in
        self.first = self.ready - (people + 2) * SLOT - after - 1.0  # a moment before anything of a future [s]

    @property
    def load(self) -> Floats:
        """Erlangs of each type that are expected in the interval of the moment. [Q]"""
        horizon = self.scenario.horizon
        return self._volume * self._mean_handle / (horizon.interval_end - horizon.interval_start)[self.interval]

    def factors(self, drawn: Floats) -> Floats:
        """Factors on handle times of all agents, those who stand in included. [A]"""
        return np.concatenate([drawn, np.array([self._takers[g].handle_time_factor for g in self.spare], np.float64)])

    def _spares(self) -> Ints:
        """Teams of people who stand in where more are on duty than a day's roster has. [X]"""
        groups = [g for g, group in enumerate(self.scenario.staff.values()) if group.people is not None]
        teams: list[int] = []
        for cell, wanted in self._cells:
            mine = [g for g in groups if g in cell]
            teams += [mine[k % len(mine)] for k in range(wanted)] if mine else []
        return np.array(teams, np.int64)

    def _who_waits(self) -> NDArray[np.bool_]:
        """Which types have callers who wait, or may have. [Q]"""
        told = self.state.waiting
        if None in told:
            return np.asarray(self.waited & (self._volume > 0.0) if self._volume.any() else self.waited)
        return np.array([told.get(name, 0) > 0 for name in self.scenario.calls])

    def rates(self, key: np.uint64) -> Floats:
        """Calls a second of each type at the moment, in this future. [Q]"""
        keys = [key]
        by_interval = [None if found is None else found[0] for found in self._demand.interval_factors(keys)]
        upto = self._demand.expected(key, self._demand.day_factors(keys)[0], by_interval)
        found = []
        for grid, calls in zip(self._demand.grids, upto, strict=True):
            k = max(int(np.searchsorted(grid.begin, self.state.at, side="right")) - 1, 0)
            found.append((calls[k + 1] - calls[k]) / (grid.end[k] - grid.begin[k]))
        return np.array(found)

    def crew(self, events: Roster, present: NDArray[np.uint8], u: Floats) -> Crew:
        """Who is on duty at the moment: the day's roster made up, or down, to the numbers seen. Writes to `present`."""
        last = self._due
        if last is None or last.events is not events:
            last = self._due = self._due_by(events)
        _, rostered, shift, due, resting, back = last
        now, spare_first, shifts = shift.copy(), self.team.size - self.spare.size, self.shifts
        there = rostered & (present[np.maximum(now, 0)] == 1)
        on, rests = there & (back <= self.state.at), there & (back > self.state.at)
        missing = rostered & ~there
        used = 0
        for mine, wanted in self._wanted:
            over = int((on & mine).sum()) - wanted
            if over > 0:
                gone = few(on & mine, u, over)
                on[gone] = False
                present[now[gone]] = 0
            for more in (missing, rests) if over < 0 else ():
                came = few(more & mine, u, -over)
                on[came] = True
                rests[came] = False
                present[now[came]] = 1
                over += came.size
            for _ in range(-over):
                on[spare_first + used] = True
                now[spare_first + used] = shifts + used
                present[shifts + used] = 1
                used += 1
        late = resting[rests[resting] & (back[resting] < due[resting])]
        return Crew(np.flatnonzero(on), now, self.team, due, late, back[late])

    def _due_by(self, events: Roster) -> _Due:
        """Who a roster has at the moment."""
        at, agents = self.state.at, self.team.size
        time, kind, number, value, shift = events
        came = np.flatnonzero((kind == fl.LOG_IN) & (time <= at))
        went = np.flatnonzero((kind == fl.LOG_OUT) & (time <= at))
        last_in, last_out = np.full(agents, -np.inf), np.full(agents, -np.inf)
        now = np.full(agents, -1, np.int64)
        last_in[number[came]], now[number[came]] = time[came], shift[came]
        last_out[number[went]] = time[went]
        rostered = np.isfinite(last_in) & (last_in >= last_out)
        resting = np.flatnonzero((kind == fl.BREAK) & (time <= at) & (time + value > at))
        resting = resting[rostered[number[resting]] & (now[number[resting]] == shift[resting])]
        back = np.full(agents, -np.inf)
        np.maximum.at(back, number[resting], (time + value)[resting])
        due = np.full(agents, np.inf)
        going = np.flatnonzero((kind == fl.LOG_OUT) & (time > at))[::-1]
        due[number[going]] = time[going]
        return _Due(events, rostered, now, due, np.flatnonzero(back > at), back)

    def _positions(self, group: int) -> int:
        """Positions of a group on duty at the moment."""
        taker = list(self.scenario.staff.values())[group]
        return 0 if taker.positions is None else int(taker.positions[self.interval])

    def begun(self, seats: Seats, key: np.uint64, factor: Floats, held: Held | None = None) -> Begun:
        """Everybody on duty in the order of logging in, the busy ones first, and the calls in their hands.

        `held`: calls in hand at a moment like this one, from which they are taken; left out, they are drawn as in the long run.
        """
        state = self.state
        must = self._busy(seats, key, held)
        order = np.concatenate([np.flatnonzero(must), np.flatnonzero(~must)])
        count, busy = order.size, int(must.sum())
        team, agent, shift = (column[order] for column in seats)
        slot = self.ready - (count - np.arange(count)) * SLOT
        slot = np.floor(slot * 64.0) / 64.0
        weights = self._takes[team[:busy]] * (self._volume * self._mean_handle)
        weights[weights.sum(axis=1) == 0.0] = self._takes[team[:busy]][weights.sum(axis=1) == 0.0]
        queue = chosen(weights, uniforms(key, "calls in hand", busy)) if busy else np.zeros(0, np.int64)
        left = self._left(queue, uniforms(key, "lengths", busy), uniforms(key, "places", busy))
        if held is not None:
            u = uniforms(key, "held", held.team.size)
            for g in range(len(self._takers)):
                mine = np.flatnonzero(team[:busy] == g)
                theirs = few(held.team == g, u, mine.size)
                queue[mine[: theirs.size]], left[mine[: theirs.size]] = held.queue[theirs], held.left[theirs]
        service = self._service
        after = np.zeros(busy) if service is None else service.serve_after[team[:busy], queue]
        pace = np.where(agent[:busy] >= 0, factor[np.maximum(agent[:busy], 0)], 1.0)
        if service is not None:
            pace = pace * service.team_factor[team[:busy], queue]
        if self._shift_factor.size:
            pace = pace * np.where(shift[:busy] >= 0, self._shift_factor[np.maximum(shift[:busy], 0)], 1.0)
        answered = slot[:busy] + 0.5 * SLOT
        handle = (state.at - answered + left) / pace
        return Begun(busy, team, agent, shift, slot, answered - after, queue, handle)

    def _busy(self, seats: Seats, key: np.uint64, held: Held | None) -> NDArray[np.bool_]:
        """Who has a call in hand: all who take a type that waits; of the others as many as were seen, or `held` says, or by chance."""
        state, team = self.state, seats.team
        must = np.zeros(team.size, np.bool_)
        if state.queue:
            must |= (self._takes[team] & self._waits[None, :]).any(axis=1)
        can = self._takes[team].any(axis=1) & ~must
        u = uniforms(key, "busy", team.size + 1)
        if held is not None and state.free is None:
            for g, number in enumerate(np.bincount(held.team).tolist()):
                must[few(can & (team == g), u[:-1], number)] = True
            return must
        if state.free is not None:
            number = max(0, int(can.sum()) - state.free) if state.queue else max(0, team.size - state.free)
        elif can.any():
            offered = float((self.rates(key) * self._mean_handle * self.waited).sum())
            number = truncated_poisson(offered * can.sum() / max(1, team.size), int(can.sum()), float(u[-1]))
        else:
            number = 0
        must[few(can, u[:-1], number)] = True
        return must

    def _left(self, queue: Ints, u: Floats, v: Floats) -> Floats:
        """What is left of the calls in hand [s]."""
        left = np.zeros(queue.size)
        for q, mine in _each(queue):
            left[mine] = self._handle[q].residual(u[mine], v[mine], self._scale(q))
        return left

    def _scale(self, queue: int) -> float:
        """The factor on draws of a type's handle time at the moment: 1, or the mean of the interval."""
        told = self._calls[queue].handle_time
        return 1.0 if isinstance(told.mean, float) else float(told.mean[self.interval])

    def _patience_scale(self, queue: int) -> float:
        """As `_scale`, of the patience."""
        told = self._calls[queue].patience
        return 1.0 if told is None or isinstance(told.mean, float) else float(told.mean[self.interval])

    def seats(self, crew: Crew) -> Seats:
        """Everybody on duty: people, positions, contingents."""
        team, agent, shift = [crew.team[crew.agent]], [crew.agent], [crew.shift[crew.agent]]
        for g in range(len(self.scenario.staff)):
            number = self._positions(g)
            team.append(np.full(number, g))
            agent.append(np.full(number, -1))
            shift.append(np.full(number, -1))
        pools = list(self.scenario.contingent)
        for name, number in self.state.on.items():
            g = len(self.scenario.staff) + pools.index(name)
            team.append(np.full(number, g))
            agent.append(self.first_agent[g] + np.arange(number))
            shift.append(np.full(number, -1))
        return Seats(*(np.concatenate(column).astype(np.int64) for column in (team, agent, shift)))

    def waiting(self, key: np.uint64) -> Waiting:
        """Those who wait. Given how long the oldest has waited, the others came since, and have not hung up."""
        n = self.state.queue
        if n == 0:
            return Waiting(np.zeros(0), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
        queue = self._types_of_waiting(key)
        u, v = uniforms(key, "ages", n), uniforms(key, "patience", n)
        age, patience = np.zeros(n), np.full(n, np.inf)
        for q, mine in _each(queue):
            mid = self._patience[q]
            if mid is None:
                age[mine] = u[mine] * self.state.oldest
                continue
            if q not in self._ages:
                self._ages[q] = mid.ages(self.state.oldest, self._patience_scale(q))
            age[mine] = self._ages[q](u[mine])
        age[0] = self.state.oldest
        for q, mine in _each(queue):
            mid = self._patience[q]
            if mid is not None:
                patience[mine] = mid.beyond(age[mine], v[mine], self._patience_scale(q))
        order = np.argsort(-age, kind="stable")
        handle = self._new_handles(queue, key)
        return Waiting(self.state.at - age[order], queue[order], patience[order], handle[order])

    def _types_of_waiting(self, key: np.uint64) -> Ints:
        """The type of each caller who waits. [W]"""
        told, names = self.state.waiting, list(self.scenario.calls)
        if None not in told:
            queue = np.repeat(np.arange(len(names)), [told.get(name, 0) for name in names])
            return queue[np.argsort(uniforms(key, "order", queue.size))]
        weights = self._volume if self._volume.any() else self.waited.astype(np.float64)
        return chosen(np.tile(weights, (self.state.queue, 1)), uniforms(key, "types", self.state.queue))

    def _new_handles(self, queue: Ints, key: np.uint64) -> Floats:
        """Handle times of those who wait [s]."""
        u = uniforms(key, "handle times", queue.size)
        found = np.zeros(queue.size)
        for q, mine in _each(queue):
            found[mine] = self._handle[q].draw(u[mine], self._scale(q))
        return found


def _each(queue: Ints) -> list[tuple[int, NDArray[np.bool_]]]:
    """The types that there are, and which calls are of each."""
    return [(q, queue == q) for q in np.flatnonzero(np.bincount(queue)).tolist()]


def _laws(calls: Sequence[CallType]) -> Laws:
    """Laws of the handle time and the patience of each type."""
    return [MidLaw(call.handle_time) for call in calls], [None if call.patience is None else MidLaw(call.patience) for call in calls]


def interval_of(scenario: Scenario, state: State) -> int:
    """The interval of the moment."""
    return max(int(np.searchsorted(scenario.horizon.interval_start, state.at, side="right")) - 1, 0)


def few(of: NDArray[np.bool_], u: Floats, number: int) -> Ints:
    """As many as asked for of those marked, or all of them: those with the lowest `u`."""
    found: Ints = np.flatnonzero(of).astype(np.int64)
    return found[np.argsort(u[found], kind="stable")[: max(0, number)]]


def cells_of(scenario: Scenario, state: State) -> tuple[list[tuple[list[int], int]], Scenario]:
    """Groups whose agents on duty are told together, with the number; and the scenario in which positions on duty are those told."""
    names = list(scenario.staff)
    if None in state.agents:
        cells = [(list(range(len(names))), state.agents[None])]
    else:
        cells = [([names.index(str(name))], number) for name, number in state.agents.items()]
    horizon = scenario.horizon
    interval = interval_of(scenario, state)
    rest = (np.arange(horizon.intervals) >= interval) & (horizon.interval_end <= state.until)
    staff = dict(scenario.staff)
    for cell, wanted in cells:
        counted = [names[g] for g in cell if staff[names[g]].positions is not None]
        now = {name: int(np.asarray(staff[name].positions)[interval]) for name in counted}
        over = sum(now.values()) - wanted
        if len(counted) < len(cell) and over <= 0:
            continue  # people make up the difference
        for name in counted:
            share = over if name == counted[-1] else round(over * now[name] / max(1, sum(now.values())))
            share = min(share, now[name])
            over -= share
            positions = np.asarray(staff[name].positions, np.int64)
            moved = np.where(rest, np.maximum(0, positions - share), positions)
            staff[name] = staff[name].model_copy(update={"positions": ints(moved.tolist())})
    return cells, scenario.model_copy(update={"staff": staff})
