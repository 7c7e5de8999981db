"""The switch: where calls meet agents, and agents come and go.

Every event is a method here, in `pool` or in `path`; whatever follows from it at the same instant is done before the method returns.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from itertools import count, groupby

from ccsim.engine.floor import (
    CONTINGENT_LEFT,
    HANG_UP,
    LONGEST_IDLE,
    MOVED,
    NUMBER_FELL,
    RANDOM,
    SERVE,
    SHIFT_ENDED,
    STILL_ON,
    TO_BREAK,
    Day,
    Floor,
)
from ccsim.engine.reference.clock import BREAK_END, COMPLETIONS, HANG_UPS, LOG_INS, Clock, cancel
from ccsim.engine.reference.logbook import Logbook
from ccsim.engine.reference.people import Agent, Caller, Team, Where, longest_idle


class Switch:
    """Callers, agents, and what brings them together."""

    def __init__(self, floor: Floor, day: Day, clock: Clock, book: Logbook) -> None:
        self.floor = floor
        self.key = day.key
        self.route: list[float] = day.route.tolist()
        self.clock = clock
        self.book = book

        self.teams = [self._team(number) for number in range(len(floor.team_is_contingent))]
        self.agents = [
            Agent(number, float(factor), self.teams[team])
            for number, (factor, team) in enumerate(zip(day.factor, floor.agent_team, strict=True))
        ]
        for team in self.teams:
            first, size = int(floor.team_first_agent[team.number]), int(floor.team_agents[team.number])
            team.members = self.agents[first : first + size] if first >= 0 else []
        self.offers = [self._offers(queue) for queue in range(len(floor.queue_type))]
        self.waiting: list[OrderedDict[Caller, None]] = [OrderedDict() for _ in floor.queue_type]
        self.idle_numbers = count()

        self.held_until: list[float] = []  # of each line held by a call being handled
        self.told_of_answers: list[Callable[[Caller], None]] = []
        self.closing = False
        self.closed_at = -math.inf

    def _team(self, number: int) -> Team:
        row = list(zip(self.floor.serve_tier[number].tolist(), self.floor.serve_queue[number].tolist(), strict=True))
        return Team(
            number,
            pool=int(self.floor.team_is_contingent[number]),
            has_positions=bool(self.floor.team_positions[number]),
            choices=[(tier, [queue for _, queue in rows]) for tier, rows in groupby(_known(row), key=lambda pair: pair[0])],
        )

    def _offers(self, queue: int) -> list[list[Team]]:
        """Teams that answer this queue, best first; those in one list are equally good."""
        row = list(zip(self.floor.offer_tier[queue].tolist(), self.floor.offer_team[queue].tolist(), strict=True))
        tiers = [[self.teams[team] for _, team in rows] for _, rows in groupby(_known(row), key=lambda pair: pair[0])]
        return [[team for tier in tiers for team in tier]] if self.floor.route == LONGEST_IDLE else tiers

    # Calls

    def arrive(self, caller: Caller) -> None:
        """A call comes in: a busy signal, an answer, a hang-up at once, or a wait."""
        if self.floor.lines >= 0 and self.lines_held() >= self.floor.lines:
            self.book.blocked(caller)
            return
        agent = self.choose_agent(caller)
        if agent is not None:
            self.answer(agent, caller)
        elif caller.patience == 0:
            self.book.hung_up(caller, self.clock.now)
        else:
            self.waiting[caller.queue][caller] = None
            if caller.patience < math.inf:
                due = caller.arrival + caller.patience
                caller.hang_up = self.clock.call(lambda: self.hang_up(caller), due, HANG_UPS, caller.number)

    def lines_held(self) -> int:
        """Lines taken now: callers waiting, and calls whose talk and hold are not over."""
        self.held_until = [until for until in self.held_until if until > self.clock.now]
        return sum(map(len, self.waiting)) + len(self.held_until)

    def choose_agent(self, caller: Caller) -> Agent | None:
        """Of the free agents who take this call, the one who answers it."""
        tiers = self.offers[caller.queue]
        if self.floor.route == RANDOM:
            free = [agent for tier in tiers for agent in sorted((a for team in tier for a in team.idle), key=lambda a: a.idle_number)]
            return free[int(self.route[caller.number] * len(free))] if free else None
        return next((agent for tier in tiers if (agent := longest_idle(tier)) is not None), None)

    def choose_caller(self, agent: Agent) -> Caller | None:
        """Of the callers waiting whom this agent takes, the one to be answered next."""
        for _, queues in agent.team.choices:
            heads = [next(iter(self.waiting[queue])) for queue in queues if self.waiting[queue]]
            if heads:
                return min(heads, key=lambda caller: caller.number)
        return None

    def answer(self, agent: Agent, caller: Caller) -> None:
        """An agent takes a call, new or from the queue."""
        now = self.clock.now
        cancel(caller.hang_up)
        self.waiting[caller.queue].pop(caller, None)
        agent.team.idle.pop(agent, None)
        agent.team.busy[agent] = None
        agent.where = Where.BUSY
        handling = caller.handle_time * agent.factor
        ends = now + handling
        share = float(self.floor.queue_line_share[caller.queue])
        self.held_until.append(now + share * handling)
        self.book.answered(caller, agent, now, ends)
        for tell in self.told_of_answers:
            tell(caller)
        self.clock.call(lambda: self.complete(agent), ends, COMPLETIONS, agent.number)

    def complete(self, agent: Agent) -> None:
        """The end of a call, wrap included."""
        del agent.team.busy[agent]
        if agent.next_team is not None:
            self.move(agent, agent.next_team)
        self.come_free(agent)

    def hang_up(self, caller: Caller) -> None:
        """A caller goes, for lack of patience or because the centre closes."""
        cancel(caller.hang_up)
        del self.waiting[caller.queue][caller]
        self.book.hung_up(caller, self.clock.now)

    # Agents

    def come_on(self, agent: Agent) -> None:
        """A stretch on duty begins."""
        agent.on_since = self.clock.now
        self.come_free(agent)

    def come_free(self, agent: Agent) -> None:
        """An agent who is on duty and not on a call leaves, takes a call or is idle."""
        caller = self.choose_caller(agent)
        if self.has_to_go(agent) and (caller is None or not self.stays_for_callers(agent)):
            self.go(agent)
        elif caller is not None:
            self.answer(agent, caller)
        else:
            agent.where = Where.IDLE
            agent.idle_number = next(self.idle_numbers)
            agent.team.idle[agent] = None

    def has_to_go(self, agent: Agent) -> bool:
        """Whether an agent who comes free has a reason to leave."""
        return agent.finishing or agent.break_due is not None or agent.team.due > 0 or agent.team.staying > 0

    def stays_for_callers(self, agent: Agent) -> bool:
        """Whether one who has to go stays as long as somebody it takes is waiting: `close: serve`, on duty just before closing."""
        if not self.closing or self.floor.close != SERVE or not agent.team.is_regular:
            return False
        if agent.team.has_positions:
            return agent.team.due == 0
        return agent.log_out_due is None or agent.log_out_due >= self.closed_at

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
        cancel(agent.block_end)

    # Shifts and breaks

    def log_in(self, agent: Agent, team: Team) -> None:
        """A log-in of the roster; of one who is still there, a change of team."""
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
        """Back from a break."""
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
        self.closing = False
        for team in self.teams:
            team.due += team.staying
            team.staying = 0

    def close_positions(self) -> None:
        """Closing begins, and positions fall to 0."""
        self.closing = True
        self.closed_at = self.clock.now
        for team in self.teams:
            if team.positions > 0:
                rest = self.send_idle(team, team.positions)
                team.positions = 0
                if self.floor.close == SERVE:
                    team.staying += rest
                else:
                    team.due += rest

    def end_waits(self) -> None:
        """At closing, after everyone has been told: callers whom nobody will answer hang up."""
        served: set[int] = set()
        if self.floor.close != HANG_UP:
            served = {queue for team in self.teams if self.has_someone_left(team) for _, queues in team.choices for queue in queues}
        callers = (caller for queue, line in enumerate(self.waiting) if queue not in served for caller in line)
        for caller in sorted(callers, key=lambda caller: caller.number):
            self.hang_up(caller)

    def has_someone_left(self, team: Team) -> bool:
        """Whether, at closing, somebody of the team stays while callers whom it takes are waiting."""
        if not team.is_regular:
            return False
        if team.idle:
            return True
        if team.has_positions:
            return team.staying > 0
        return any(agent.log_out_due is None or agent.log_out_due >= self.closed_at for agent in team.busy)

    def end_path(self, last_event: float) -> None:
        """The path is over; whoever is still on duty has been so until its last event."""
        for agent in self.agents:
            if agent.where in (Where.IDLE, Where.BUSY):
                self.book.spell(agent, last_event, STILL_ON)


def _known(row: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The (tier, number) pairs of a row that ends with -1."""
    return [(tier, number) for tier, number in row if number >= 0]
