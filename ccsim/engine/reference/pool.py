"""A contingent pool: people on call from home, the rules that call them up, and how they stand down (section 7 of the rules)."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

import simpy

from ccsim.engine import streams
from ccsim.engine.floor import CONTINGENT_LEFT, Day, Floor
from ccsim.engine.pool_rules import UNLIMITED, rules_of
from ccsim.engine.reference.clock import BLOCK_END, CALL_UPS, LEAVINGS, LOG_INS, LOGIN, cancel
from ccsim.engine.reference.people import Agent, Dismissal, Where
from ccsim.engine.reference.sight import Level, Sight, looks_of

if TYPE_CHECKING:
    from ccsim.engine.reference.switch import Switch


class Pool:
    """One named pool of `contingent`."""

    def __init__(self, switch: Switch, floor: Floor, day: Day, number: int) -> None:
        self.switch = switch
        self.clock = switch.clock
        self.book = switch.book
        self.number = number
        self.team = switch.crew.teams[floor.pool_team[number]]

        # What it looks at, and when
        rules = rules_of(floor)
        self.levels, self.releases = looks_of(rules, number)
        self.sight = Sight(switch, floor, rules, number, [*self.levels, *self.releases])
        self.check = float(floor.pool_check[number])
        self.windows: list[list[float]] = floor.pool_window[number].tolist()
        self.open_hours: list[list[float]] = floor.open_window.tolist()

        # How it calls up
        self.block = float(floor.pool_block[number])
        self.accept: list[float] = rules.accept[number].tolist()  # by how often the person was asked before
        self.acceptance = 1.0  # factor on `accept` by the events in force now
        self.fails = float(rules.fails[number])
        self.notice_law = floor.pool_notice[number]
        self.values = floor.values
        self.name = floor.pool_name[number]
        self.key = day.key
        self.able: list[int] = day.able.tolist()  # empty: all are
        self.hours: list[list[list[float]]] = rules.hours.tolist()
        self.hours_of: list[int] = rules.hours_of.tolist()

        # Limits
        self.week_start: list[float] = rules.week_start.tolist()
        self.period_start: list[float] = rules.period_start[number].tolist()
        self.most_activations = int(rules.most_activations[number])
        self.most_seconds = float(rules.most_seconds[number])

        self.active = False
        self.activated_at: list[float] = []
        self.asked: set[Agent] = set()  # in this activation
        self.asked_at: dict[Agent, list[float]] = {agent: [] for agent in self.team.members}
        self.on_the_way: dict[Agent, tuple[int, simpy.Event]] = {}  # number in the logbook, log-in
        self.never_come: set[Agent] = set()  # of those on the way

    # The rule

    def is_open_at(self, time: float) -> bool:
        """Whether the rule is looked at and people are asked: inside `available` and the open hours."""
        return all(any(start <= time < end for start, end in spans) for spans in (self.windows, self.open_hours))

    def look(self) -> None:
        """One look at the rule: more levels are reached, or the pool goes inactive."""
        if not self.is_open_at(self.clock.now):
            return
        on = [level for level in self.levels if self.is_on(level)]
        if not self.active:
            if on and self.may_activate():
                self.activate(on)
            return
        new = [level for level in on if not level.reached]
        if new:
            self.reach(new)
        elif not on and self.is_released():
            self.release()

    def is_on(self, level: Level) -> bool:
        """Whether a level's value is at its limit or above, or one of its booked times is on."""
        return level.booked_now if level.is_booked else self.sight.value(level) >= level.limit

    def is_released(self) -> bool:
        """Whether all that the release looks at has fallen; without a release, whether only booked times made the pool active."""
        if self.releases:
            if self.on_the_way and any(look.is_card for look in self.releases):
                return False  # a card calls nobody off
            return all(self.sight.value(look) <= look.limit for look in self.releases)
        return all(level.is_booked for level in self.levels if level.reached)

    def booked(self, row: int, on: bool) -> None:
        """A booked time begins or ends."""
        next(level for level in self.levels if level.row == row).booked_now = on
        if self.check < math.inf:
            self.look()

    # Calling up

    def may_activate(self) -> bool:
        """Whether the pool has not been active as often as it may be in this period."""
        return self.most_activations == UNLIMITED or self.since(self.period_start, self.activated_at) < self.most_activations

    def since(self, starts: list[float], times: list[float]) -> int:
        """How many of these times lie in the week or period that is on."""
        begin = starts[bisect_right(starts, self.clock.now) - 1]
        return sum(time >= begin for time in times)

    def activate(self, on: list[Level]) -> None:
        """The pool goes active: those finishing a last call because of the release stay on, and more people are asked."""
        now = self.clock.now
        self.active = True
        self.asked.clear()
        self.activated_at.append(now)
        self.book.activation(self.number, now)
        for agent in self.team.members:
            if agent.dismissal is Dismissal.RELEASED:
                agent.dismissal = None
        for level in self.levels:
            level.reached = False
        self.reach(on)

    def reach(self, levels: list[Level]) -> None:
        """Each of these levels has people asked, those of booked times without notice, and sets its next tick."""
        for level in levels:
            level.reached = True
            self.ask(level, at_once=level.is_booked)
            self.set_tick(level)

    def set_tick(self, level: Level) -> None:
        """The next tick of `every`."""
        if level.every < math.inf:
            place = self.levels.index(level)
            level.tick = self.clock.call(lambda: self.ticks(level), self.clock.now + level.every, CALL_UPS, self.number, place)

    def ticks(self, level: Level) -> None:
        """Asks again where the level is still on."""
        if self.is_open_at(self.clock.now) and self.is_on(level):
            self.ask(level)
        self.set_tick(level)

    def ask(self, level: Level, at_once: bool = False) -> None:
        """Rings `call_up` people at home, in number order; of a card as many as are still to be called."""
        if self.most_seconds < math.inf and self.seconds_logged_in() >= self.most_seconds:
            return
        at_home = [agent for agent in self.team.members if self.may_ask(agent)]
        people = max(level.call_up - self.called, 0) if level.is_card else level.call_up
        for agent in at_home[:people]:
            self.ring(agent, at_once)

    @property
    def called(self) -> int:
        """People who are on or on the way, or have been asked in this activation."""
        return sum(agent.where is not Where.OFF or agent in self.on_the_way or agent in self.asked for agent in self.team.members)

    def ring(self, agent: Agent, at_once: bool) -> None:
        """One person is asked, and says yes or no."""
        now = self.clock.now
        person, turn = agent.number - self.team.members[0].number, len(self.activated_at) - 1
        before = self.since(self.week_start, self.asked_at[agent])
        chance = min(self.accept[min(before, len(self.accept) - 1)] * self.acceptance, 1.0)
        self.asked.add(agent)
        self.asked_at[agent].append(now)
        if not streams.accepts(self.key, self.name, person, turn, chance):
            self.book.refused(self.number, agent, now)
            return
        if streams.fails_to_come(self.key, self.name, person, turn, self.fails):
            self.never_come.add(agent)
        notice = 0.0 if at_once else float(streams.notice(self.key, self.name, person, turn, self.notice_law, self.values))
        due = agent.log_in_due = now + notice
        ask = self.book.on_the_way(self.number, agent, now, due)
        self.on_the_way[agent] = ask, self.clock.call(lambda: self.log_in(agent), due, LOG_INS, agent.number, LOGIN)

    def may_ask(self, agent: Agent) -> bool:
        """Whether this person is ready, at home in hours of its own, and has not been asked yet in this activation."""
        able = not self.able or bool(self.able[agent.number])
        row = self.hours_of[agent.number]
        has_time = row < 0 or any(start <= self.clock.now < end for start, end in self.hours[row])
        return able and has_time and agent.where is Where.OFF and agent not in self.on_the_way and agent not in self.asked

    def seconds_logged_in(self) -> float:
        """How long people of the pool have been on in this period, those on now included: first in order of leaving, then of number."""
        now = self.clock.now
        begin = self.period_start[bisect_right(self.period_start, now) - 1]
        total = 0.0
        for start, end in self.book.stretches_of(self.team):
            total += max(end - max(start, begin), 0.0)
        for agent in self.team.members:
            if agent.where is not Where.OFF:
                total += now - max(agent.on_since, begin)
        return total

    def log_in(self, agent: Agent) -> None:
        """The notice is over: the person is on, or does not come."""
        now = self.clock.now
        ask, _ = self.on_the_way.pop(agent)
        agent.log_in_due = None
        if agent in self.never_come:
            self.never_come.remove(agent)
            self.book.did_not_come(ask, now)
            return
        self.book.logged_in(ask, now)
        agent.block_until = now + self.block
        if agent.block_until < math.inf:
            agent.block_end = self.clock.call(lambda: self.block_ends(agent), agent.block_until, LEAVINGS, agent.number, BLOCK_END)
        self.switch.crew.come_on(agent)

    # Standing down

    def release(self) -> None:
        """The pool goes inactive: people on the way are called off, people whose block is over leave."""
        self.stand_down()
        for agent in list(self.on_the_way):
            self.book.called_off(self.turn_back(agent), self.clock.now)
        for agent in self.team.members:
            if agent.block_until <= self.clock.now:
                self.dismiss(agent, Dismissal.RELEASED)

    def turn_back(self, agent: Agent) -> int:
        """Somebody on the way need not come; the number in the logbook."""
        ask, log_in = self.on_the_way.pop(agent)
        cancel(log_in)
        agent.log_in_due = None
        self.never_come.discard(agent)
        return ask

    def block_ends(self, agent: Agent) -> None:
        """The end of a block: whoever an inactive pool only kept for it leaves."""
        if not self.active and agent.dismissal is None:
            self.dismiss(agent, Dismissal.RELEASED)

    def send_home(self) -> None:
        """The end of `available`, or closing: log-ins due lapse and everyone leaves."""
        if self.active:
            self.stand_down()
        for agent in self.team.members:
            self.send_one_home(agent)

    def send_one_home(self, agent: Agent) -> None:
        """The end of one person's hours: a log-in due lapses, and who is on leaves."""
        if agent in self.on_the_way:
            self.book.lapsed(self.turn_back(agent), self.clock.now)
        self.dismiss(agent, Dismissal.SENT_HOME)

    def stand_down(self) -> None:
        """From now on the pool is inactive."""
        self.active = False
        for level in self.levels:
            cancel(level.tick)
        self.book.deactivation(self.number, self.clock.now)

    def dismiss(self, agent: Agent, why: Dismissal) -> None:
        """An idle person leaves at once, a busy one after the call in hand; one who is off stays off."""
        if agent.where is Where.IDLE:
            self.switch.crew.leave(agent, CONTINGENT_LEFT)
        elif agent.where is Where.BUSY and agent.dismissal is not Dismissal.SENT_HOME:
            agent.dismissal = why
