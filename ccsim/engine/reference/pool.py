"""A contingent pool: people on call from home, the rule that calls them up, and how they stand down (section 7 of the rules)."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

import simpy

from ccsim.engine import streams
from ccsim.engine.floor import AVERAGE_WAIT, CONTINGENT_LEFT, ESTIMATED_WAIT, LONGEST_WAIT, Day, Floor
from ccsim.engine.reference.clock import BLOCK_END, CALL_UPS, LEAVINGS, LOG_INS, LOGIN, TICK, cancel
from ccsim.engine.reference.people import Agent, Caller, Dismissal, Where

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

        # What it looks at
        self.queues = [queue for queue in range(len(floor.queue_type)) if floor.pool_takes_queue[number, queue]]
        self.waiting = [switch.queues.waiting[queue] for queue in self.queues]
        self.counted = [team for team in switch.crew.teams if floor.pool_counts_team[number, team.number]]
        self.interval_start: list[float] = floor.interval_start.tolist()
        self.mean_handle: list[float] = floor.pool_mean_handle[number].tolist()
        self.when = int(floor.pool_when[number])
        self.reaches = float(floor.pool_reaches[number])
        self.release_when = int(floor.pool_release_when[number])
        self.falls_to = float(floor.pool_falls_to[number])
        self.over = float(floor.pool_over[number])
        self.release_over = float(floor.pool_release_over[number])
        self.check = float(floor.pool_check[number])
        self.windows: list[list[float]] = floor.pool_window[number].tolist()
        self.open_hours: list[list[float]] = floor.open_window.tolist()
        self.answered_at: list[float] = []  # for the average wait
        self.waited: list[float] = [0.0]  # running total of their waits
        if AVERAGE_WAIT in (self.when, self.release_when):
            switch.told_of_answers.append(self.note_answer)

        # How it calls up
        self.call_up = int(floor.pool_call_up[number])
        self.every = float(floor.pool_every[number])
        self.block = float(floor.pool_block[number])
        self.accept = float(floor.pool_accept[number])
        self.notice_law = floor.pool_notice[number]
        self.values = floor.values
        self.name = floor.pool_name[number]
        self.key = day.key
        self.acceptance = 1.0  # factor on `accept` by the events in force now
        self.able: list[int] = day.able.tolist()  # empty: all are

        self.active = False
        self.activations = 0
        self.asked: set[Agent] = set()  # in this activation
        self.on_the_way: dict[Agent, tuple[int, simpy.Event]] = {}  # number in the logbook, log-in
        self.tick: simpy.Event | None = None

    # The rule

    def is_open_at(self, time: float) -> bool:
        """Whether the rule is looked at and people are asked: inside `available` and the open hours."""
        return all(any(start <= time < end for start, end in spans) for spans in (self.windows, self.open_hours))

    def look(self) -> None:
        """One look at the rule, with one change of state at most."""
        if not self.is_open_at(self.clock.now):
            return
        if not self.active:
            if self.is_reached():
                self.activate()
        elif self.value(self.release_when, self.release_over) <= self.falls_to and not self.is_reached():
            self.release()

    def is_reached(self) -> bool:
        """Whether the value is at or above the trigger."""
        return self.value(self.when, self.over) >= self.reaches

    def value(self, when: int, over: float) -> float:
        """What the rule looks at, counting only the calls that the pool takes and the agents who take any of them."""
        now = self.clock.now
        if when == ESTIMATED_WAIT:
            return self.estimated_wait(sum(map(len, self.waiting)))
        if when == LONGEST_WAIT:
            return max((now - next(iter(line)).arrival for line in self.waiting if line), default=0.0)
        if when == AVERAGE_WAIT:
            old, seen = bisect_right(self.answered_at, now - over), len(self.answered_at)
            return (self.waited[seen] - self.waited[old]) / (seen - old) if seen > old else 0.0
        return float(sum(map(len, self.waiting)))

    def estimated_wait(self, waiting: int) -> float:
        """The wait that one more caller would expect: (waiting + 1) x mean handle time / agents on duty."""
        if any(team.idle for team in self.counted):
            return 0.0
        on_duty = sum(team.on_duty for team in self.counted)
        if on_duty == 0:
            return math.inf if waiting else 0.0
        interval = max(bisect_right(self.interval_start, self.clock.now) - 1, 0)
        return (waiting + 1) * self.mean_handle[interval] / on_duty

    def note_answer(self, caller: Caller) -> None:
        """Remembers a wait for the average."""
        if caller.queue in self.queues:
            self.answered_at.append(self.clock.now)
            self.waited.append(self.waited[-1] + (self.clock.now - caller.arrival))

    # Calling up

    def activate(self) -> None:
        """The pool goes active: those finishing a last call because of the release stay on, and more people are asked."""
        now = self.clock.now
        self.active = True
        self.asked.clear()
        self.activations += 1
        self.book.activation(self.number, now)
        for agent in self.team.members:
            if agent.dismissal is Dismissal.RELEASED:
                agent.dismissal = None
        self.ask()
        self.set_tick()

    def set_tick(self) -> None:
        """The next tick of `every`."""
        if self.every < math.inf:
            self.tick = self.clock.call(self.ticks, self.clock.now + self.every, CALL_UPS, self.number, TICK)

    def ticks(self) -> None:
        """Asks again where the trigger is still reached."""
        if self.is_open_at(self.clock.now) and self.is_reached():
            self.ask()
        self.set_tick()

    def ask(self) -> None:
        """Rings `call_up` people at home, in number order."""
        now = self.clock.now
        chance = min(self.accept * self.acceptance, 1.0)
        at_home = [agent for agent in self.team.members if self.may_ask(agent)]
        for agent in at_home[: self.call_up]:
            self.asked.add(agent)
            person = agent.number - self.team.members[0].number
            turn = self.activations - 1
            if not streams.accepts(self.key, self.name, person, turn, chance):
                self.book.refused(self.number, agent, now)
                continue
            due = now + float(streams.notice(self.key, self.name, person, turn, self.notice_law, self.values))
            ask = self.book.on_the_way(self.number, agent, now, due)
            log_in = self.clock.call(lambda agent=agent: self.log_in(agent), due, LOG_INS, agent.number, LOGIN)  # type: ignore[misc]
            self.on_the_way[agent] = ask, log_in

    def may_ask(self, agent: Agent) -> bool:
        """Whether this person is ready, at home, and has not been asked yet in this activation."""
        able = not self.able or bool(self.able[agent.number])
        return able and agent.where is Where.OFF and agent not in self.on_the_way and agent not in self.asked

    def log_in(self, agent: Agent) -> None:
        """The notice is over: the person is on."""
        now = self.clock.now
        ask, _ = self.on_the_way.pop(agent)
        self.book.logged_in(ask, now)
        agent.block_until = now + self.block
        if agent.block_until < math.inf:
            agent.block_end = self.clock.call(lambda: self.block_ends(agent), agent.block_until, LEAVINGS, agent.number, BLOCK_END)
        self.switch.crew.come_on(agent)

    # Standing down

    def release(self) -> None:
        """The pool goes inactive: people on the way are called off, people whose block is over leave."""
        self.stand_down()
        for ask, log_in in self.on_the_way.values():
            cancel(log_in)
            self.book.called_off(ask, self.clock.now)
        self.on_the_way.clear()
        for agent in self.team.members:
            if agent.block_until <= self.clock.now:
                self.dismiss(agent, Dismissal.RELEASED)

    def block_ends(self, agent: Agent) -> None:
        """The end of a block: whoever an inactive pool only kept for it leaves."""
        if not self.active and agent.dismissal is None:
            self.dismiss(agent, Dismissal.RELEASED)

    def send_home(self) -> None:
        """The end of `available`, or closing: log-ins due lapse and everyone leaves."""
        if self.active:
            self.stand_down()
        for ask, log_in in self.on_the_way.values():
            cancel(log_in)
            self.book.lapsed(ask, self.clock.now)
        self.on_the_way.clear()
        for agent in self.team.members:
            self.dismiss(agent, Dismissal.SENT_HOME)

    def stand_down(self) -> None:
        """From now on the pool is inactive."""
        self.active = False
        cancel(self.tick)
        self.book.deactivation(self.number, self.clock.now)

    def dismiss(self, agent: Agent, why: Dismissal) -> None:
        """An idle person leaves at once, a busy one after the call in hand; one who is off stays off."""
        if agent.where is Where.IDLE:
            self.switch.crew.leave(agent, CONTINGENT_LEFT)
        elif agent.where is Where.BUSY and agent.dismissal is not Dismissal.SENT_HOME:
            agent.dismissal = why
