"""The crew: agents come and go. Shifts, breaks, positions, opening and closing (sections 3 to 6 of the rules)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from ccsim.engine.floor import CONTINGENT_LEFT, LOG_OUT, MOVED, NUMBER_FELL, SERVE, SHIFT_ENDED, STILL_ON, TO_BREAK, Day, Floor
from ccsim.engine.reference.clock import BREAK_END, LOG_INS, Clock, cancel
from ccsim.engine.reference.logbook import Logbook
from ccsim.engine.reference.people import Agent, Caller, Team, Where
from ccsim.engine.reference.queues import Queues


class Crew:
    """The agents on and off duty. Which call is next is for `queues` to say; `answer` is how the switch connects the two."""

    def __init__(
        self, floor: Floor, day: Day, clock: Clock, book: Logbook, queues: Queues, answer: Callable[[Agent, Caller], None]
    ) -> None:
        self.clock = clock
        self.book = book
        self.queues = queues
        self.answer = answer
        self.close = floor.close
        self.teams = queues.teams
        self.own_factor: list[float] = day.factor.tolist()
        self.shift_factor: list[float] = floor.shift_factor.tolist()

        self.agents = [
            Agent(number, factor, self.teams[team])
            for number, (factor, team) in enumerate(zip(self.own_factor, floor.agent_team.tolist(), strict=True))
        ]
        for team in self.teams:
            first, size = int(floor.team_first_agent[team.number]), int(floor.team_agents[team.number])
            team.members = self.agents[first : first + size] if first >= 0 else []
        self.idle_numbers = count()
        self.log_outs = _log_outs(floor, day)

        self.is_open = False
        self.closing = False  # since a closing; the time before the first opening is none

    # On duty and free

    def come_on(self, agent: Agent) -> None:
        """A stretch on duty begins."""
        agent.on_since = self.clock.now
        self.come_free(agent)

    def come_free(self, agent: Agent) -> None:
        """An agent who is on duty and has nothing in hand leaves, takes a call or is idle."""
        leaving = agent.has_to_go
        looks = not leaving or self.stays_for_callers(agent)
        caller = self.queues.choose_caller(agent, leaving) if looks else None
        if caller is not None:
            self.answer(agent, caller)
        elif leaving:
            self.go(agent)
        else:
            agent.where = Where.IDLE
            agent.idle_number = next(self.idle_numbers)
            agent.team.idle[agent] = None
            if self.queues.work_waits_for_a_reserve():
                self.look_again()

    def look_again(self) -> None:
        """The idle, longest idle first, look for a call; who finds none stays where it is in their order."""
        idle = [agent for team in self.teams for agent in team.idle]
        for agent in sorted(idle, key=lambda agent: agent.idle_number):
            caller = self.queues.choose_caller(agent)
            if caller is not None:
                self.answer(agent, caller)

    def stays_for_callers(self, agent: Agent) -> bool:
        """Whether one who has to go stays as long as somebody it takes is waiting: `close: serve`, on duty just before closing."""
        if not self.closing or self.close != SERVE or not agent.team.is_regular:
            return False
        if agent.team.has_positions:
            return agent.team.due == 0
        return agent.log_out_due is None or agent.stays

    def go(self, agent: Agent) -> None:
        """One who has to go goes."""
        team = agent.team
        if not team.is_regular:
            self.leave(agent, CONTINGENT_LEFT)
        elif team.has_positions:
            if team.due:
                team.due -= 1
            else:
                team.staying -= 1
            self.leave(agent, NUMBER_FELL, team.last_fall)
        elif agent.log_out_due is not None:
            self.leave(agent, SHIFT_ENDED, agent.log_out_due)
        else:
            self.take_break(agent)

    def leave(self, agent: Agent, kind: int, due: float | None = None) -> None:
        """The end of a stretch on duty; the agent is gone."""
        self.book.spell(agent, self.clock.now, kind, due)
        agent.team.idle.pop(agent, None)
        agent.where = Where.OFF
        agent.log_out_due = agent.break_due = agent.dismissal = None
        agent.stays = False
        cancel(agent.block_end)

    # Shifts and breaks

    def log_in(self, agent: Agent, team: Team, shift: int) -> None:
        """A log-in of the roster; of one who is still there, a change of team."""
        agent.shift = shift
        if self.shift_factor:
            own = self.own_factor[agent.number]
            agent.factor = own if shift < 0 else own * self.shift_factor[shift]
        if agent.where is Where.OFF:
            agent.team = team
            self.come_on(agent)
        elif agent.where is Where.BREAK:
            agent.team = team
        elif agent.where is Where.IDLE:
            del agent.team.idle[agent]
            self.move(agent, team)
            self.come_free(agent)
        elif agent.log_out_due is not None:
            del agent.team.busy[agent]
            self.book.spell(agent, self.clock.now, SHIFT_ENDED, agent.log_out_due)
            agent.log_out_due = None
            agent.stays = False
            agent.on_since = self.clock.now
            agent.team = team
            team.busy[agent] = None
        else:
            agent.next_team = team

    def move(self, agent: Agent, team: Team) -> None:
        """One stretch on duty ends and the next begins, for another team."""
        self.book.spell(agent, self.clock.now, MOVED)
        agent.team = team
        agent.next_team = None
        agent.on_since = self.clock.now

    def break_falls_due(self, agent: Agent, length: float) -> None:
        """A break is taken now, or after the call in hand, or after another break; not by one who is leaving or gone."""
        if agent.where is Where.BREAK:
            cancel(agent.break_end)
            self.back_at(agent, agent.break_until + length)
        elif agent.where is Where.IDLE:
            agent.break_due = length
            self.take_break(agent)
        elif agent.where is Where.BUSY and agent.log_out_due is None:
            agent.break_due = length if agent.break_due is None else agent.break_due + length

    def take_break(self, agent: Agent) -> None:
        """The break that is due begins."""
        assert agent.break_due is not None
        self.book.spell(agent, self.clock.now, TO_BREAK)
        agent.team.idle.pop(agent, None)
        agent.where = Where.BREAK
        length, agent.break_due = agent.break_due, None
        self.back_at(agent, self.clock.now + length)

    def back_at(self, agent: Agent, time: float) -> None:
        """Sets the end of a break."""
        agent.break_until = time
        agent.break_end = self.clock.call(lambda: self.break_ends(agent), time, LOG_INS, agent.number, BREAK_END)

    def break_ends(self, agent: Agent) -> None:
        """Back from a break; or gone, where the shift ends at this very instant."""
        if (self.clock.now, agent.number, agent.shift) in self.log_outs:
            agent.where = Where.OFF
        else:
            self.come_on(agent)

    def log_out_falls_due(self, agent: Agent) -> None:
        """The end of a shift: on a call it is finished first; a break due is forgone, a break being taken is the end."""
        if agent.where is Where.IDLE:
            self.leave(agent, SHIFT_ENDED)
        elif agent.where is Where.BREAK:
            cancel(agent.break_end)
            agent.where = Where.OFF
        elif agent.where is Where.BUSY and agent.log_out_due is None:
            agent.log_out_due = self.clock.now
            agent.stays = self.closing and self.close == SERVE and agent.team.is_regular
            agent.break_due = agent.next_team = None

    # Positions

    def change_number(self, team: Team, number: int) -> None:
        """The number of positions changes (section 5 of the rules)."""
        change = number - team.positions
        team.positions = number
        if change < 0:
            team.due += self.send_idle(team, -change)
            return
        for kept in range(change):
            if team.due:
                team.due -= 1
            elif team.staying:
                team.staying -= 1
            else:
                self.fill(team, change - kept)
                return

    def send_idle(self, team: Team, fall: int) -> int:
        """Idle agents leave, longest idle first; how many of the fall are then still to go."""
        team.last_fall = self.clock.now
        while fall and team.idle:
            self.leave(next(iter(team.idle)), NUMBER_FELL)
            fall -= 1
        return fall

    def fill(self, team: Team, rise: int) -> None:
        """Positions log in, lowest number first."""
        off = [agent for agent in team.members if agent.where is Where.OFF]
        for agent in off[:rise]:
            self.come_on(agent)

    # Opening and closing

    def open(self) -> None:
        """Yesterday's closing is over, and with it the staying on for callers."""
        self.is_open, self.closing = True, False
        for team in self.teams:
            team.due += team.staying
            team.staying = 0
        for agent in self.agents:
            agent.stays = False

    def begin_closing(self) -> None:
        """Closing begins, and positions fall to 0."""
        self.is_open, self.closing = False, True
        for agent in self.agents:
            # a shift that ends at the very closing
            agent.stays = agent.log_out_due == self.clock.now and self.close == SERVE and agent.team.is_regular
        for team in self.teams:
            if team.positions > 0:
                rest = self.send_idle(team, team.positions)
                team.positions = 0
                if self.close == SERVE:
                    team.staying += rest
                else:
                    team.due += rest

    def has_someone_for(self, queue: int) -> bool:
        """Whether somebody is left who answers this queue."""
        return any(self.has_someone_left(team) for team in self.queues.answered_by[queue])

    def has_someone_left(self, team: Team) -> bool:
        """Whether, at closing and while closed, somebody of the team stays while callers whom it takes are waiting."""
        return team.is_regular and team.on_duty > 0

    def end_path(self, last_event: float) -> None:
        """The path is over; whoever is still on duty has been so until its last event."""
        for agent in self.agents:
            if agent.where in (Where.IDLE, Where.BUSY):
                self.book.spell(agent, last_event, STILL_ON)


def _log_outs(floor: Floor, day: Day) -> set[tuple[float, int, int]]:
    """When which agent logs out of which shift: (time, agent, shift)."""
    time, kind, number, shift = (
        (floor.event_time, floor.event_kind, floor.event_number, floor.event_shift)
        if day.roster is None
        else (day.roster.time, day.roster.kind, day.roster.number, day.roster.shift)
    )
    ends = kind == LOG_OUT
    return set(zip(time[ends].tolist(), number[ends].tolist(), shift[ends].tolist(), strict=True))
