"""What a pool's rules look at: waits, queues, the hours to come, people missing, a card (section 7 of the rules)."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import simpy

from ccsim.engine.floor import AVERAGE_WAIT, BOOKED, CARD, ESTIMATED_WAIT, FORECAST_WAIT, LONGEST_WAIT, PLAN_GAP, Floor
from ccsim.engine.pool_rules import LOOK_AHEAD_STEP, PoolRules
from ccsim.engine.reference.people import Caller

if TYPE_CHECKING:
    from ccsim.engine.reference.switch import Switch


@dataclass(frozen=True, slots=True)
class CardRow:
    """One row of a card, as far as one look goes by it: the cell reached from `queue` callers or from the age `oldest` on, by agents."""

    start: float
    end: float
    agents: list[float]
    queue: list[float]
    oldest: list[float]


@dataclass(eq=False, slots=True)
class Look:
    """One thing that a rule looks at, and the value it compares it with. A release is one of these."""

    row: int
    when: int
    limit: float
    over: float
    ahead: float
    plan: list[float] = field(repr=False)
    card: list[CardRow] = field(repr=False)

    @property
    def is_card(self) -> bool:
        """Whether it looks at a card. The `call_up` of such a level counts everybody called so far."""
        return self.when == CARD


@dataclass(eq=False, slots=True)
class Level(Look):
    """One entry of `activate`: at its limit or above it is on."""

    call_up: int
    every: float
    reached: bool = False  # in this activation
    booked_now: bool = False  # whether one of its booked times is on
    tick: simpy.Event | None = None

    @property
    def is_booked(self) -> bool:
        """Whether it is on at booked times, and only then."""
        return self.when == BOOKED


def looks_of(rules: PoolRules, number: int) -> tuple[list[Level], list[Look]]:
    """The levels and the releases of a pool."""
    levels = [
        Level(*_look(rules, row), call_up=int(rules.call_up[row]), every=float(rules.every[row]))
        for row in range(rules.first_level[number], rules.first_level[number + 1])
    ]
    return levels, [Look(*_look(rules, row)) for row in range(rules.first_release[number], rules.first_release[number + 1])]


def _look(rules: PoolRules, row: int) -> tuple[int, int, float, float, float, list[float], list[CardRow]]:
    limit, over, ahead = float(rules.limit[row]), float(rules.over[row]), float(rules.ahead[row])
    rows = slice(rules.first_row[row], rules.first_row[row + 1])
    columns = (rules.row_start, rules.row_end, rules.row_agents, rules.row_queue, rules.row_oldest)
    card = [CardRow(*told) for told in zip(*(column[rows].tolist() for column in columns), strict=True)]
    return row, int(rules.when[row]), limit, over, ahead, rules.plan[row].tolist(), card


class Sight:
    """What one pool sees: the calls of the types it takes, and the agents who take any of them."""

    def __init__(self, switch: Switch, floor: Floor, rules: PoolRules, number: int, looks: list[Look]) -> None:
        self.clock = switch.clock
        self.queues = [queue for queue in range(len(floor.queue_type)) if floor.pool_takes_queue[number, queue]]
        self.waiting = [switch.queues.waiting[queue] for queue in self.queues]
        self.counted = [team for team in switch.crew.teams if floor.pool_counts_team[number, team.number]]
        self.interval_start: list[float] = floor.interval_start.tolist()
        self.interval_end: list[float] = floor.interval_end.tolist()
        self.mean_handle: list[float] = floor.pool_mean_handle[number].tolist()

        # For the look-ahead
        self.expected: list[float] = rules.expected[number].tolist()
        self.expected_before: list[float] = rules.expected_before[number].tolist()
        self.scheduled: list[float] = rules.scheduled[number].tolist()
        self.hang_up: list[float] = rules.hang_up[number].tolist()
        self.shape = float(rules.shape[number])
        self.day_start: list[float] = rules.day_start.tolist()
        self.came: list[float] = []  # when each call came

        self.answered_at: list[float] = []  # for the average wait
        self.waited: list[float] = [0.0]  # running total of their waits
        if any(look.when == AVERAGE_WAIT for look in looks):
            switch.told_of_answers.append(self.note_answer)
        if any(look.when == FORECAST_WAIT or (look.is_card and look.ahead) for look in looks):
            switch.told_of_arrivals.append(self.note_arrival)

    def value(self, look: Look) -> float:
        """What a rule looks at, as it is now."""
        now = self.clock.now
        if look.when == ESTIMATED_WAIT:
            return self.estimated_wait()
        if look.when == LONGEST_WAIT:
            return self.longest_wait()
        if look.when == AVERAGE_WAIT:
            old, seen = bisect_right(self.answered_at, now - look.over), len(self.answered_at)
            return (self.waited[seen] - self.waited[old]) / (seen - old) if seen > old else 0.0
        if look.when == FORECAST_WAIT:
            return self.forecast_wait(look.ahead)
        if look.when == PLAN_GAP:
            return look.plan[self.interval(now)] - self.regulars
        if look.when == CARD:
            return float(self.is_cell_reached(look.card, self.regulars / self.busier_than_expected() if look.ahead else self.regulars))
        return float(self.callers_waiting)

    @property
    def callers_waiting(self) -> int:
        """Callers in the queues that the pool takes."""
        return sum(map(len, self.waiting))

    @property
    def regulars(self) -> int:
        """Regulars on duty of the teams that count."""
        return sum(team.on_duty for team in self.counted if team.is_regular)

    def longest_wait(self) -> float:
        """Age of the oldest call waiting."""
        return max((self.clock.now - next(iter(line)).arrival for line in self.waiting if line), default=0.0)

    def is_cell_reached(self, card: list[CardRow], regulars: float) -> bool:
        """Whether the callers waiting, or the age of the oldest, reach the cell of the clock and of so many regulars."""
        begun = [row for row in card if row.start <= self.clock.now]
        if not begun or self.clock.now >= begun[-1].end:
            return False
        row = begun[-1]
        cell = max(bisect_right(row.agents, regulars) - 1, 0)
        age = self.longest_wait()
        return self.callers_waiting >= row.queue[cell] or (age > 0.0 and age >= row.oldest[cell])

    def interval(self, time: float) -> int:
        """The interval begun last, or the first."""
        return max(bisect_right(self.interval_start, time) - 1, 0)

    def estimated_wait(self) -> float:
        """The wait that one more caller would expect: (waiting + 1) x mean handle time / agents on duty."""
        if any(team.idle for team in self.counted):
            return 0.0
        on_duty = sum(team.on_duty for team in self.counted)
        if on_duty == 0:
            return math.inf if self.callers_waiting else 0.0
        return (self.callers_waiting + 1) * self.mean_handle[self.interval(self.clock.now)] / on_duty

    def note_answer(self, caller: Caller) -> None:
        """Remembers a wait for the average."""
        if caller.queue in self.queues:
            self.answered_at.append(self.clock.now)
            self.waited.append(self.waited[-1] + (self.clock.now - caller.arrival))

    # Looking ahead

    def note_arrival(self, caller: Caller) -> None:
        """Remembers that a call came, whatever becomes of it."""
        if caller.queue in self.queues:
            self.came.append(self.clock.now)

    def busier_than_expected(self) -> float:
        """The mean of the day's factor on the calls expected, given those that have come."""
        if self.shape == math.inf:
            return 1.0
        now = self.clock.now
        today = self.day_start[max(bisect_right(self.day_start, now) - 1, 0)]
        calls = sum(time >= today for time in self.came)
        here = self.interval(now)
        start, end = self.interval_start[here], self.interval_end[here]
        passed = min(max((now - start) / (end - start), 0.0), 1.0)
        by_now = self.expected_before[here] + self.expected[here] * passed
        return (self.shape + calls) / (self.shape + by_now)

    def coming_by(self, time: float) -> int:
        """Contingents on the way who will be on by then."""
        people = (agent for team in self.counted if not team.is_regular for agent in team.members)
        return sum(agent.log_in_due is not None and agent.log_in_due <= time for agent in people)

    def forecast_wait(self, ahead: float) -> float:
        """The wait of one more caller some time ahead, if calls come and end evenly from now on."""
        now = self.clock.now
        here = self.interval(now)
        if self.mean_handle[here] <= 0.0:
            return 0.0  # of the types that the pool takes nobody waits for an answer
        steps = max(math.ceil(ahead / LOOK_AHEAD_STEP), 1)
        step = ahead / steps
        on_duty = sum(team.on_duty for team in self.counted)
        beside_plan = on_duty - self.scheduled[here]
        busier = self.busier_than_expected()
        inside = float(self.callers_waiting + on_duty - sum(len(team.idle) for team in self.counted))
        for turn in range(steps):
            time = now + turn * step
            there = self.interval(time)
            agents = max(beside_plan + self.scheduled[there] + self.coming_by(time), 0.0)
            start, end = self.interval_start[there], self.interval_end[there]
            calls = busier * self.expected[there] / (end - start) if time < end else 0.0
            handle, leaving = self.mean_handle[there], self.hang_up[there]
            if inside > agents:
                inside = (inside + step * (calls - agents / handle + leaving * agents)) / (1.0 + leaving * step)
            else:
                inside = (inside + step * calls) / (1.0 + step / handle)
            inside = max(inside, 0.0)
        time = now + ahead
        there = self.interval(time)
        agents = max(beside_plan + self.scheduled[there] + self.coming_by(time), 0.0)
        if agents <= 0.0:
            return math.inf if inside > 0.0 else 0.0
        return max(inside + 1.0 - agents, 0.0) * self.mean_handle[there] / agents
