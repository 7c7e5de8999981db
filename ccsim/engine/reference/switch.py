"""The switch: what happens to a call from its arrival to its end (sections 2, 3, 10 and 11 of the rules).

Every event is a method here, in `crew`, `pool` or `path`; whatever follows from it at the same instant is done before the method returns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from ccsim.engine.floor import HANG_UP, SERVE, Day, Floor
from ccsim.engine.more import Service
from ccsim.engine.reference.clock import ARRIVALS, COMPLETIONS, HANG_UPS, Clock, cancel
from ccsim.engine.reference.crew import Crew
from ccsim.engine.reference.later import LaterCalls
from ccsim.engine.reference.lines import Lines
from ccsim.engine.reference.logbook import Logbook
from ccsim.engine.reference.luck import Luck
from ccsim.engine.reference.people import Agent, Caller, Where
from ccsim.engine.reference.queues import Queues
from ccsim.engine.streams import CALLBACK, REACHED


class Switch:
    """Where calls meet agents."""

    def __init__(self, floor: Floor, day: Day, clock: Clock, book: Logbook) -> None:
        self.close = floor.close
        self.clock = clock
        self.book = book
        self.queues = Queues(floor, clock)
        self.crew = Crew(floor, day, clock, book, self.queues, self.answer)
        self.lines = Lines(floor, clock, self.queues)
        self.luck = Luck(floor, day)
        self.later = LaterCalls(floor, floor.later, self.luck, clock, book, self.arrive) if floor.later is not None else None
        self.told_of_answers: list[Callable[[Caller], None]] = []
        self.told_of_arrivals: list[Callable[[Caller], None]] = []

        n_queues = len(floor.queue_type)
        self.line_share: list[float] = floor.queue_line_share.tolist()
        self.pace = [1.0] * n_queues  # by the events in force now
        self.outage_row = [-1] * n_queues  # of the outage that began last: where callers are told to call again
        self.service = floor.service
        self.announcement: list[float] = [0.0] * n_queues
        self.overflow_after: list[list[float]] = [[]] * n_queues
        if self.service is not None:
            self.announcement = self.service.announcement.tolist()
            self.overflow_after = [self._overflow_after(self.service, queue) for queue in range(n_queues)]

    def _overflow_after(self, service: Service, queue: int) -> list[float]:
        """When, after its arrival and the announcement, further teams may answer a call of this queue [s]."""
        delays = {float(service.serve_after[team.number, queue]) for team in self.queues.answered_by[queue]}
        return sorted(delay for delay in delays if self.announcement[queue] < delay < math.inf)

    # Arrival

    def arrive(self, caller: Caller) -> None:
        """A call comes in: it is blocked, hangs up in vain while closed, is answered, or waits."""
        queue = caller.queue
        for tell in self.told_of_arrivals:
            tell(caller)
        if self.lines.all_taken_for(caller):
            self.book.blocked(caller)
            self.may_redial(caller)
        elif self.queues.outages[queue] and self.outage_row[queue] >= 0:
            self.turn_away(caller, self.outage_row[queue])
        elif self.comes_to_nobody(caller):
            self.book.hung_up(caller, self.clock.now)
            self.may_redial(caller)
        else:
            self.queues.join(caller)
            if self.announcement[queue] > 0:
                self.due_while_waiting(caller, self.announcement[queue], self.end_announcement)
                self.wait(caller)
            elif not self.offer(caller):
                self.wait(caller)
                self.tell_to_wait(caller)

    def turn_away(self, caller: Caller, row: int) -> None:
        """An outage that tells callers to call again."""
        assert self.service is not None
        assert self.later is not None
        self.book.blocked(caller)
        self.later.after_turning_away(caller, self.clock.now, self.service.told_chance[row], self.service.told_after[row])

    def comes_to_nobody(self, caller: Caller) -> bool:
        """Whether a call comes on the queue while the centre is closed, when nobody is left who stays for callers like this one."""
        if self.crew.is_open or self.later is None or self.close != SERVE:
            return False
        return not self.queues.is_kept(caller.queue) and not self.crew.has_someone_for(caller.queue)

    # Waiting

    def wait(self, caller: Caller) -> None:
        """From now on the caller may lose patience, and further teams may come to answer."""
        if 0 < caller.patience < math.inf:
            due = caller.arrival + caller.patience
            caller.hang_up = self.clock.call(lambda: self.hang_up(caller), due, HANG_UPS, caller.number)
        for delay in self.overflow_after[caller.queue]:
            self.due_while_waiting(caller, delay, self.overflow)

    def due_while_waiting(self, caller: Caller, delay: float, action: Callable[[Caller], None]) -> None:
        """Something is due some time after its arrival with a caller, if it still waits then."""
        caller.offers += (self.clock.call(lambda: action(caller), caller.arrival + delay, ARRIVALS, caller.number),)

    def end_announcement(self, caller: Caller) -> None:
        """The caller has heard it all, and is offered as at an arrival."""
        if not self.offer(caller):
            self.tell_to_wait(caller)

    def overflow(self, caller: Caller) -> None:
        """Further teams may answer from now on."""
        self.offer(caller)

    def offer(self, caller: Caller) -> bool:
        """Whether an agent is found who answers at once."""
        agent = self.queues.choose_agent(caller)
        if agent is not None:
            self.answer(agent, caller)
        return agent is not None

    def tell_to_wait(self, caller: Caller) -> None:
        """Nobody is free: the caller hangs up at once, or may be offered a call-back, or simply waits."""
        if caller.patience <= 0:
            self.hang_up(caller)
        elif self.service is not None and self.accepts_callback(caller, self.service):
            caller.takes_callback = True
            self.book.accepted_callback(caller)
            cancel(caller.hang_up)

    def accepts_callback(self, caller: Caller, service: Service) -> bool:
        """Whether a call-back is offered, for a long wait, and accepted."""
        offered_from = float(service.callback_from[caller.queue])
        if offered_from == math.inf or self.queues.estimated_wait(caller) < offered_from:
            return False
        return self.luck.coin(CALLBACK, caller, service.callback_accept[caller.queue])

    def hang_up(self, caller: Caller) -> None:
        """A caller goes, for lack of patience or because the centre closes."""
        self.leave_queue(caller)
        self.book.hung_up(caller, self.clock.now)
        self.may_redial(caller)

    def leave_queue(self, caller: Caller) -> None:
        """A caller waits no longer, and what was due is taken back."""
        self.queues.leave(caller)
        cancel(caller.hang_up)
        for offer in caller.offers:
            cancel(offer)

    def may_redial(self, caller: Caller) -> None:
        """What may follow when a call was lost."""
        if self.later is not None:
            self.later.after_loss(caller, self.clock.now)

    # Handling

    def answer(self, agent: Agent, caller: Caller) -> None:
        """An agent takes a call from its queue, or rings back one who has accepted a call-back."""
        self.leave_queue(caller)
        agent.team.idle.pop(agent, None)
        agent.team.busy[agent] = None
        agent.where = Where.BUSY
        ends = self.ring_in_vain(agent, caller) if self.is_out(caller) else self.handle(agent, caller)
        agent.in_hand.append(caller)
        self.clock.call(lambda: self.complete(agent, caller), ends, COMPLETIONS, agent.number, caller.number)
        self.take_one_more(agent)

    def is_out(self, caller: Caller) -> bool:
        """Whether a caller who is rung back does not pick up."""
        if not caller.takes_callback:
            return False
        assert self.service is not None
        return not self.luck.coin(REACHED, caller, self.service.callback_reached[caller.queue])

    def ring_in_vain(self, agent: Agent, caller: Caller) -> float:
        """When the agent gives up."""
        assert self.service is not None
        now = self.clock.now
        ends = now + float(self.service.callback_ring[caller.queue])
        self.book.rang_in_vain(caller, agent, now, ends)
        return ends

    def handle(self, agent: Agent, caller: Caller) -> float:
        """When handling will be over, wrap included."""
        now = self.clock.now
        handling = self.handling_length(agent, caller)
        ends = now + handling
        line_free = now + self.line_share[caller.queue] * handling
        self.lines.hold(caller, line_free)
        self.book.answered(caller, agent, now, ends)
        for tell in self.told_of_answers:
            tell(caller)
        if self.later is not None:
            self.later.after_answer(caller, line_free, ends)
        return ends

    def handling_length(self, agent: Agent, caller: Caller) -> float:
        """Handle time x the agent's factor x the pace of the team for this type x the slowing by other chats in hand [s]."""
        queue = caller.queue
        if self.service is None:
            return caller.handle_time * agent.factor * self.pace[queue]
        pace = float(self.service.team_factor[agent.team.number, queue]) * self.pace[queue]
        slowing = 1.0 + float(self.service.slower[queue]) * len(agent.in_hand)
        return caller.handle_time * agent.factor * pace * slowing

    def take_one_more(self, agent: Agent) -> None:
        """An agent with contacts in hand looks for a call, and takes it if it is a chat that it may take up besides."""
        if not self.queues.has_room(agent):
            return
        caller = self.queues.choose_caller(agent)
        if caller is not None and self.queues.may_take_one_more(agent, caller):
            self.answer(agent, caller)

    def complete(self, agent: Agent, caller: Caller) -> None:
        """The end of a call or of ringing in vain."""
        agent.in_hand.remove(caller)
        if agent.in_hand:
            self.take_one_more(agent)
            return
        del agent.team.busy[agent]
        if agent.next_team is not None:
            self.crew.move(agent, agent.next_team)
        self.crew.come_free(agent)

    # Closing and outages

    def end_waits(self) -> None:
        """At closing, after everyone has been told: callers whom nobody will answer hang up. Work waits on."""
        self._end_waits(queue for queue in range(len(self.queues.waiting)) if self.close == HANG_UP or not self.crew.has_someone_for(queue))

    def end_waits_for_nobody(self) -> None:
        """While closed, callers hang up as soon as the last agent who stays for callers like them has gone."""
        if self.crew.closing and self.close == SERVE and self.service is not None:
            waiting = (queue for queue, line in enumerate(self.queues.waiting) if line)
            self._end_waits(queue for queue in waiting if not self.crew.has_someone_for(queue))

    def _end_waits(self, queues: Iterable[int]) -> None:
        callers = [caller for queue in queues if not self.queues.is_kept(queue) for caller in self.queues.waiting[queue]]
        for caller in sorted(callers, key=lambda caller: caller.number):
            self.hang_up(caller)

    def go_out_of_service(self, queue: int, row: int) -> None:
        """From now on nobody is offered calls of this queue; `row` says where callers are told to call again (-1: they wait)."""
        self.queues.outages[queue] += 1
        self.outage_row[queue] = row

    def come_into_service(self, queue: int) -> None:
        """One outage is over; with the last one the idle look for a call."""
        self.queues.outages[queue] = max(self.queues.outages[queue] - 1, 0)
        if not self.queues.outages[queue]:
            self.crew.look_again()
            for agent in self.crew.agents:
                if agent.in_hand:
                    self.take_one_more(agent)
