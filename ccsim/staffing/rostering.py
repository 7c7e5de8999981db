"""From requirements to a roster: a mixed-integer program (`tours` makes people out of its numbers).

Variables, all whole: n[k, s] people of skill k on kind of shift s; y[k, s, d] of them who work on day d; z[k, s, d, j] of these who have
their breaks by plan j. People's own tours and break times are implied, not listed, as in Bechtold and Jacobs (1990), Management Science
36(11), and Aykin (1996), Management Science 42(4). Minimise the pay of y, with

    least days x n[k, s] <= sum_d y[k, s, d] <= most days x n[k, s]   and   y[k, s, d] <= n[k, s]
    sum_j z[k, s, d, j] <= y[k, s, d]                                  (who is left over takes any plan)
    sum over skills k that take any type of S, w_k coverage z >= need[S]     for each interval, and each set S of call types kept

Any y that fits the first line can be cut into people, each on so many days (Gale 1957, Pacific Journal of Mathematics 7(2)). Where weekends
or rest leave only some patterns of days, people are counted by pattern, n[k, s, p], and y[k, s, d] is the sum over those that hold d.

w_k is the part of a rostered person of skill k that is on duty on average. The sets S are those of the max-flow min-cut theorem: whatever
calls of S need must come from skills that take some of S. An agent with several skills stands in the rows of each set that it helps, and
one row, that of all types together, holds everybody once: nobody is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.inputs.schedule_rules import ShiftRules
from ccsim.staffing.limits import LimitError, moment
from ccsim.staffing.shift_catalogue import Catalogue, too_few_words
from ccsim.staffing.solver import Rows, Tick, fractions, row_of, solve, sparse
from ccsim.staffing.tours import Tour, any_days, tours_of

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
Family = frozenset[str]
_MOST_SKILLS = 8
_NEAR = 2.0  # whole numbers are looked for this near to the answer in fractions
_MORE_NODES = 20  # times as many are looked into where nothing was found so near
_PARTS = (1, 2, 3, 4, 6, 12)


@dataclass(frozen=True)
class Worker:
    """A skill as the program sees it: the call types it takes, what part of a person is on duty, what an hour costs, how many there are."""

    name: str
    types: frozenset[str]
    weight: float
    pay: float
    at_most: int | None


@dataclass(frozen=True)
class Roster:
    """What the program came to."""

    tours: tuple[Tour, ...]
    hours: float  # paid hours of the path
    cost: float  # of the path; pay is 1 an hour where the scenario has no costs
    bound: float  # no roster that covers the same needs costs less
    on_duty: dict[Family, Floats]  # [I] agents on duty on average who take any of these types
    out_of_time: bool = False  # the clock ended the search for it, so that another run may find another

    @property
    def gap(self) -> float:
        """How much dearer it is than the bound, as a share of its cost."""
        return 0.0 if self.cost <= self.bound else (self.cost - self.bound) / self.cost

    @property
    def people(self) -> int:
        """People on the roster."""
        return sum(tour.count for tour in self.tours)


@dataclass(frozen=True)
class Ideal:
    """The answer in fractions for some needs."""

    values: Floats
    cost: float
    needs: dict[Family, Floats]  # [I] as whole people can come to them
    prices: dict[Family, Floats]  # [I] what one agent more costs


def families(workers: tuple[Worker, ...], types: tuple[str, ...]) -> tuple[Family, ...]:
    """Return the sets of call types whose needs are kept, smallest first: for each set of skills left out, what nobody of them takes.

    Raises `InputError` for a type that no skill takes, and for more skills than sets can be listed for.
    """
    if len(workers) > _MOST_SKILLS:
        raise InputError(f"{len(workers)} skills are more than can be weighed against each other; give at most {_MOST_SKILLS}")
    for name in types:
        if not any(name in worker.types for worker in workers):
            raise InputError(f"no skill takes {name}: nobody could be scheduled for these calls; add it to `takes`")
    found: dict[Family, None] = {}
    for size in range(len(workers)):
        for left_out in combinations(workers, size):
            taken = set().union(*(worker.types for worker in left_out)) if left_out else set()
            found[frozenset(types) - taken] = None
    found.pop(frozenset(), None)
    return tuple(sorted(found, key=lambda family: (len(family), sorted(family))))


class Program:
    """The program of one scenario, to be solved for one set of needs after the other."""

    def __init__(self, scenario: Scenario, rules: ShiftRules, workers: tuple[Worker, ...], shifts: Catalogue) -> None:
        self.scenario, self.rules, self.workers, self.shifts = scenario, rules, workers, shifts
        self.families = families(workers, tuple(scenario.calls))
        free = [any_days(found, kind) for found, kind in zip(shifts.patterns, shifts.kinds, strict=True)]
        self._free = free
        each = [(k, s) for k in range(len(workers)) for s in range(len(shifts.kinds))]
        # People by pattern of days; number -1 stands for any of them
        self._people = [(k, s, p) for k, s in each for p in ([-1] if free[s] else range(len(shifts.patterns[s])))]
        self._days = [(k, s, d) for k, s in each for d in sorted({day for pattern in shifts.patterns[s] for day in pattern})]
        self._breaks = [(k, s, d, j) for k, s, d in self._days for j in range(len(shifts.kinds[s].plans[d]))]
        self._first_day = len(self._people)
        self._first_break = self._first_day + len(self._days)
        self._size = self._first_break + len(self._breaks)
        self._covers = self._cover_rows()
        self._links = self._people_rows()
        self._plans = self._plan_rows()
        self._prices()
        self._limits = self._limit_rows(self._size)

    def _cover_rows(self) -> list[Any]:
        """Agents on duty in each interval of one skill, everybody there: [I, N] for each."""
        shifts, horizon = self.shifts, self.scenario.horizon
        cover = [shifts.covered(horizon, s, d, j) for _, s, d, j in self._breaks]
        columns = np.concatenate([np.full(np.count_nonzero(row), self._first_break + n) for n, row in enumerate(cover)])
        where = np.concatenate([np.flatnonzero(row) for row in cover])
        values = np.concatenate([row[row > 0.0] for row in cover])
        skill = np.array([k for k, *_ in self._breaks])[columns - self._first_break]
        shape = horizon.intervals, self._size
        return [sparse(values[skill == k], where[skill == k], columns[skill == k], shape) for k in range(len(self.workers))]

    def _people_rows(self) -> list[Rows]:
        """What ties people to the days that they work."""
        number = {day: self._first_day + n for n, day in enumerate(self._days)}
        exact: list[tuple[int, int, float]] = []
        most: list[tuple[int, int, float]] = []
        rows = {day: n for n, day in enumerate(self._days)}
        loose = 0
        for n, (k, s, p) in enumerate(self._people):
            mine = [day for day in self._days if day[:2] == (k, s)]
            if p >= 0:
                exact += [(rows[k, s, day], n, 1.0) for day in self.shifts.patterns[s][p]]
                continue
            sizes = [len(pattern) for pattern in self.shifts.patterns[s]]
            for day in mine:  # y <= n
                most += [(loose, number[day], 1.0), (loose, n, -1.0)]
                loose += 1
            most += [(loose, number[day], 1.0) for day in mine] + [(loose, n, -float(max(sizes)))]
            most += [(loose + 1, number[day], -1.0) for day in mine] + [(loose + 1, n, float(min(sizes)))]
            loose += 2
        bound = [day for day in self._days if not self._free[day[1]]]
        exact += [(rows[day], number[day], -1.0) for day in bound]
        found = []
        if exact:
            used = {row: n for n, row in enumerate(sorted({row for row, _, _ in exact}))}
            at, column, value = zip(*exact, strict=True)
            matrix = sparse(value, [used[row] for row in at], column, (len(used), self._size))
            found.append(Rows(matrix, np.zeros(len(used)), np.zeros(len(used))))
        if most:
            at, column, value = zip(*most, strict=True)
            found.append(Rows(sparse(value, at, column, (loose, self._size)), np.full(loose, -np.inf), np.zeros(loose)))
        return found

    def _plan_rows(self) -> Any:
        """Whoever works on a day less whoever has a plan of breaks then [days, N]."""
        row = {day: n for n, day in enumerate(self._days)}
        entries = [(n, self._first_day + n, 1.0) for n in range(len(self._days))]
        entries += [(row[k, s, d], self._first_break + n, -1.0) for n, (k, s, d, _) in enumerate(self._breaks)]
        at, column, value = zip(*entries, strict=True)
        return sparse(value, at, column, (len(self._days), self._size))

    def _prices(self) -> None:
        self._hours, self._cost = np.zeros(self._size), np.zeros(self._size)
        rate = self.scenario.cost.agent_hour if self.scenario.cost is not None and self.scenario.cost.agent_hour > 0 else 1.0
        for n, (k, s, d) in enumerate(self._days, start=self._first_day):
            self._hours[n] = self.shifts.kinds[s].paid(d) / 3600.0
            self._cost[n] = self._hours[n] * rate * self.workers[k].pay

    def _limit_rows(self, size: int) -> list[Rows]:
        """Part-timers' share, most people in all and of each skill, seats."""
        part = np.zeros(size)
        everybody = np.zeros(size)
        everybody[: len(self._people)] = 1.0
        for n, (_, s, _) in enumerate(self._people):
            part[n] = float(self.shifts.kinds[s].part)
        rows = []
        if 0.0 < part.sum() and self.rules.part_share < 1.0 and part.sum() < everybody.sum():
            rows.append(row_of(part - self.rules.part_share * everybody, 0.0))
        if self.rules.people is not None:
            rows.append(row_of(everybody, float(self.rules.people)))
        for k, worker in enumerate(self.workers):
            if worker.at_most is not None:
                mine = np.zeros(size)
                mine[: len(self._people)] = [float(skill == k) for skill, _, _ in self._people]
                rows.append(row_of(mine, float(worker.at_most)))
        if self.rules.seats is not None:
            intervals = self.scenario.horizon.intervals
            rows.append(Rows(sum(self._covers), np.full(intervals, -np.inf), np.full(intervals, float(self.rules.seats))))
        return rows

    def check_reach(self, needs: Mapping[Family, Floats]) -> None:
        """Refuse needs at times when nobody can be on duty, with the times; raises `LimitError`."""
        for family, need in needs.items():
            able = [np.asarray(self._covers[k].max(axis=1).todense()).ravel() for k in self._takers(family)]
            reach = np.max(able, axis=0)
            nobody = np.flatnonzero((need > 0.0) & (reach <= 1e-9))
            if nobody.size:
                named = ", ".join(moment(self.scenario, int(interval)) for interval in nobody[:3])
                more = f" and {nobody.size - 3} more intervals" if nobody.size > 3 else ""
                raise LimitError(too_few_words(named + more, self.rules))

    def ideal(self, needs: Mapping[Family, Floats], tick: Tick | None = None) -> Ideal:
        """Return the answer in fractions: nothing that covers `needs` costs less. Raises `LimitError` as `solve` does."""
        self.check_reach(needs)
        rows = self._rows(needs)
        found = fractions(self._cost, rows, tick)
        if found.values is None:
            raise self._too_little(needs)
        asked = {family: self.reachable(family, needs[family]) for family in self.families}
        prices = {family: np.zeros(need.size) for family, need in asked.items()}
        for family, paid in zip(self.families, found.prices[-len(self.families) :], strict=True):
            prices[family][asked[family] > 0.0] = paid
        return Ideal(found.values, found.cost, asked, prices)

    def bound(self, ideal: Ideal, needs: Mapping[Family, Floats]) -> float:
        """What no roster for other `needs` than those of `ideal` can cost less than, by its prices: they are as many as before."""
        more = (ideal.prices[family] @ (self.reachable(family, needs[family]) - ideal.needs[family]) for family in self.families)
        return ideal.cost + float(sum(more))

    def solve(
        self, needs: Mapping[Family, Floats], gap: float, nodes: int, tick: Tick | None = None, seconds: float | None = None
    ) -> Roster:
        """Return a cheap roster for `needs` (agents on duty on average, [I], by family), within a gap of the best or after so many nodes.

        The same needs give the same roster, unless `seconds` have gone before. The program in fractions says what nothing can cost less
        than; whole numbers are then looked for near its answer.
        Raises `LimitError` where the limits of the rules (people, seats, skills, part-timers) leave no roster that covers the needs: when,
        how many are short, and how many people it would take; `InputError` where none was found.
        """
        ideal = self.ideal(needs, tick)
        rows = self._rows(needs)
        low = np.maximum(np.floor(ideal.values + 1e-9) - _NEAR, 0.0)
        high = np.ceil(ideal.values - 1e-9) + _NEAR
        found = solve(self._cost, rows, upper=high, lower=low, gap=gap, nodes=nodes, seconds=seconds, tick=tick)
        if found.values is None:
            found = solve(self._cost, rows, gap=gap, nodes=_MORE_NODES * nodes, seconds=seconds, tick=tick)
        if found.infeasible:
            raise self._too_little(needs)
        if found.values is None:
            raise InputError("no roster was found in the time; give more of it, or fewer shifts to choose from")
        return replace(self._roster(found.values, ideal.cost), out_of_time=found.out_of_time)

    def pay(self) -> Floats:
        """What a shift on a day costs [skills, S, days]; 0 on days on which it is not worked."""
        found = np.zeros((len(self.workers), len(self.shifts.kinds), self.scenario.days))
        found[tuple(np.array(self._days).T)] = self._cost[self._first_day : self._first_break]
        return found

    def people_of(self, ideal: Ideal) -> Floats:
        """The people of an answer in fractions, by kind of shift [skills, S]."""
        found = np.zeros((len(self.workers), len(self.shifts.kinds)))
        np.add.at(found, tuple(np.array(self._people).T[:2]), ideal.values[: self._first_day])
        return found

    def counted(self, everybody: Iterable[tuple[int, int, list[tuple[int, int]]]], bound: float) -> Roster:
        """The roster of people listed one by one: skill, kind of shift, and days with their plans."""
        people_at, day_at, plan_at = ({one: n for n, one in enumerate(list(ones))} for ones in (self._people, self._days, self._breaks))
        values = np.zeros(self._size)
        for k, s, days in everybody:
            pattern = -1 if self._free[s] else self.shifts.patterns[s].index(tuple(d for d, _ in days))
            values[people_at[k, s, pattern]] += 1.0
            for d, j in days:
                values[self._first_day + day_at[k, s, d]] += 1.0
                values[self._first_break + plan_at[k, s, d, j]] += 1.0
        return self._roster(values, bound)

    def proven(
        self, needs: Mapping[Family, Floats], roster: Roster, gap: float, nodes: int, tick: Tick | None = None, seconds: float | None = None
    ) -> Roster:
        """Return a roster with the best bound that so many nodes of the whole program give; a cheaper one, if that turns up on the way."""
        if roster.gap <= gap:
            return roster
        rows = [*self._rows(needs), row_of(self._cost, roster.cost * (1.0 + 1e-9))]
        found = solve(self._cost, rows, gap=gap, nodes=nodes, seconds=seconds, tick=tick)
        late = roster.out_of_time or found.out_of_time
        bound = min(max(roster.bound, found.bound), roster.cost)
        if found.values is not None and found.cost < roster.cost - 1e-6:
            return replace(self._roster(found.values, min(bound, found.cost)), out_of_time=late)
        return replace(roster, bound=bound, out_of_time=late)

    def _rows(self, needs: Mapping[Family, Floats]) -> list[Rows]:
        rows = [self._linked(), *self._links, *self._limits]
        for family in self.families:
            need = self.reachable(family, needs[family])
            matrix = sum(self.workers[k].weight * self._covers[k] for k in self._takers(family))
            used = np.flatnonzero(need > 0.0)
            rows.append(Rows(matrix.tocsr()[used], need[used], np.full(used.size, np.inf)))
        return rows

    def reachable(self, family: Family, need: Floats) -> Floats:
        """The need rounded up to what whole people can come to: half of one where breaks are half an interval; or as it is."""
        weights = {self.workers[k].weight for k in self._takers(family)}
        if len(weights) > 1:
            return need
        weight = weights.pop()
        step = next((1.0 / n for n in _PARTS if all(np.allclose(n * c.data, np.round(n * c.data), atol=1e-6) for c in self._covers)), 0.0)
        return need if step == 0.0 else np.ceil(need / (weight * step) - 1e-6) * (weight * step)

    def _linked(self) -> Rows:
        """People on a shift and their plans: as many, or where nobody can be one too many on duty, no more plans than people."""
        none = np.zeros(len(self._days))
        return Rows(self._plans, none, np.full(none.size, np.inf) if self.rules.seats is None else none)

    def _takers(self, family: Family) -> list[int]:
        return [k for k, worker in enumerate(self.workers) if worker.types & family]

    def _roster(self, values: Floats, bound: float) -> Roster:
        values = self._filled(values)
        on_duty = {
            family: np.sum([self.workers[k].weight * (self._covers[k] @ values) for k in self._takers(family)], axis=0)
            for family in self.families
        }
        cost = float(self._cost @ values)
        whole = [round(value) for value in values.tolist()]
        people, days = dict(zip(self._people, whole, strict=False)), dict(zip(self._days, whole[self._first_day :], strict=False))
        tours = tours_of(self.shifts, people, days, dict(zip(self._breaks, whole[self._first_break :], strict=True)))
        return Roster(tours, float(self._hours @ values), cost, min(bound, cost), on_duty)

    def _filled(self, values: Floats) -> Floats:
        """The values with a plan for everybody: who has none yet takes the one that covers the most where the fewest are on duty."""
        values = values.copy()
        left = np.round(self._plans @ values)
        place = {column: self._first_break + n for n, column in enumerate(self._breaks)}
        if not left.any():
            return values
        horizon = self.scenario.horizon
        load = sum(cover @ values for cover in self._covers)
        for row, (k, s, d) in enumerate(self._days):
            for _ in range(int(left[row])):
                covers = [self.shifts.covered(horizon, s, d, j) for j in range(len(self.shifts.kinds[s].plans[d]))]
                best = int(np.argmax([float((cover / (1.0 + load)).sum()) for cover in covers]))
                values[place[k, s, d, best]] += 1.0
                load = load + covers[best]
        return values

    def _too_little(self, needs: Mapping[Family, Floats]) -> LimitError:
        """Why no roster covers the needs within the limits: the interval that is shortest of people at best, and what would do."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array, eye_array, hstack

        size, count = self._cost.size, sum(need.size for need in needs.values())
        rows, start = [], 0
        for family in self.families:
            matrix = sum(self.workers[k].weight * self._covers[k] for k in self._takers(family))
            lack = csr_array(eye_array(count).tocsr()[start : start + needs[family].size])
            rows.append(LinearConstraint(hstack([matrix, lack]), needs[family], np.inf))
            start += needs[family].size
        for part in [self._linked(), *self._links, *self._limits]:
            rows.append(LinearConstraint(hstack([part.matrix, csr_array((part.low.size, count))]), part.low, part.high))
        price = np.concatenate([np.zeros(size), np.ones(count)])
        found = milp(price, bounds=Bounds(0.0, np.inf), constraints=rows)
        lacks = found.x[size:].reshape(len(self.families), -1)
        short, interval = np.unravel_index(int(lacks.argmax()), lacks.shape)
        free = rows[: len(self.families) + 1 + len(self._links)]
        heads = np.zeros(size + count)
        heads[: len(self._people)] = 1.0
        upper = np.concatenate([np.full(size, np.inf), np.zeros(count)])
        wide = milp(heads, bounds=Bounds(0.0, upper), constraints=free)
        types = " + ".join(sorted(self.families[int(short)]))
        enough = "" if wide.x is None else f" Without the limits on people and seats, about {np.ceil(wide.fun - 1e-6):.0f} people would do."
        return LimitError(
            f"no roster within the limits ({self._limits_words()}) covers what the target needs: at best {lacks.max():.1f} agents on duty "
            f"are short for {types} at {moment(self.scenario, int(interval))}.{enough} Allow more, or ask for less"
        )

    def _limits_words(self) -> str:
        said = [f"people {self.rules.people}"] if self.rules.people is not None else []
        said += [f"seats {self.rules.seats}"] if self.rules.seats is not None else []
        said += [f"{worker.name} {worker.at_most}" for worker in self.workers if worker.at_most is not None]
        said += [f"part-timers {100 * self.rules.part_share:g} %"] if self.rules.part_lengths else []
        return ", ".join(said) or "shifts and days allowed"
