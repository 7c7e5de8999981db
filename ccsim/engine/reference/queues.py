"""Who waits, and for whom: the agent who answers a call, the call that an agent takes next (sections 2, 3 and 10 of the rules)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from ccsim.engine.floor import LONGEST_IDLE, RANDOM, Floor
from ccsim.engine.reference.clock import Clock
from ccsim.engine.reference.people import Agent, Caller, Team, longest_idle

# Of several callers the least: the earliest arrival, then the lowest number (later calls have high ones).
_LONGEST_WAITING = attrgetter("arrival", "number")


class Queues:
    """The queues, the teams that answer them, and what stands between: delays, outages, the reserve, chats in hand.

    It chooses and changes nothing but who stands in a queue.
    """

    def __init__(self, floor: Floor, clock: Clock) -> None:
        n_queues = len(floor.queue_type)
        self.clock = clock
        self.route = floor.route
        self.teams = [_team(floor, number) for number in range(len(floor.team_is_contingent))]
        self.offers = [self._offers(floor, queue) for queue in range(n_queues)]
        self.answered_by = [[team for _, team in offers] for offers in self.offers]
        self.tiers = [self._tiers(offers) for offers in self.offers]
        self.waiting: list[OrderedDict[Caller, None]] = [OrderedDict() for _ in range(n_queues)]

        self.service = floor.service
        self.outages = [0] * n_queues  # how many are on
        self.queue_type: list[int] = floor.queue_type.tolist()
        self.interval_start: list[float] = floor.interval_start.tolist()
        if self.service is not None:
            self.serve_after: list[list[float]] = self.service.serve_after.tolist()
            self.at_once: list[int] = self.service.at_once.tolist()
            self.kept: list[int] = self.service.kept.tolist()
            self.reserve: list[int] = self.service.reserve.tolist()
            counts = self.service.reserve_counts
            self.reserve_teams = [[other for other in self.teams if counts[team.number, other.number]] for team in self.teams]

    def _offers(self, floor: Floor, queue: int) -> list[tuple[int, Team]]:
        """(tier, team) of those who answer this queue, best first."""
        return [(tier, self.teams[team]) for tier, team in _known(floor.offer_tier[queue].tolist(), floor.offer_team[queue].tolist())]

    def _tiers(self, offers: list[tuple[int, Team]]) -> list[list[Team]]:
        """The teams that answer a queue, best first; those in one list are equally good."""
        if self.route == LONGEST_IDLE:
            return [[team for _, team in offers]]
        return [[team for _, team in tier] for _, tier in groupby(offers, key=lambda pair: pair[0])]

    # Who waits

    def join(self, caller: Caller) -> None:
        """A caller stands last in its queue."""
        self.waiting[caller.queue][caller] = None

    def leave(self, caller: Caller) -> None:
        """A caller is answered or gone."""
        del self.waiting[caller.queue][caller]

    def work_waits_for_a_reserve(self) -> bool:
        """Whether there is work that agents may have passed over because too few others were idle."""
        return self.service is not None and any(
            self.kept[queue] and self.reserve[queue] and line for queue, line in enumerate(self.waiting)
        )

    def waiting_on_a_line(self, queues: Iterable[int]) -> int:
        """How many of those who wait in these queues hold a line: all but those who are to be called back."""
        if self.service is None:
            return sum(len(self.waiting[queue]) for queue in queues)
        return sum(not caller.takes_callback for queue in queues for caller in self.waiting[queue])

    # Who may answer

    def may_answer(self, agent: Agent, caller: Caller) -> bool:
        """Whether an agent who takes this call, and is free for it, may answer it now."""
        if self.service is None:
            return True
        team, queue = agent.team, caller.queue
        return (
            not self.outages[queue]
            and caller.arrival + self.serve_after[team.number][queue] <= self.clock.now
            and self.leaves_a_reserve(agent, queue)
        )

    def leaves_a_reserve(self, agent: Agent, queue: int) -> bool:
        """Whether, without this agent, enough are idle for callers that a contact of this queue may be taken."""
        if not self.reserve[queue] or not self.reserve_teams[agent.team.number]:
            return True
        others = sum(len(team.idle) for team in self.reserve_teams[agent.team.number])
        if agent in agent.team.idle and agent.team in self.reserve_teams[agent.team.number]:
            others -= 1
        return others >= self.reserve[queue]

    def has_room(self, agent: Agent) -> bool:
        """Whether an agent with contacts in hand may take up one more of their type: a chat, and nothing makes the agent go."""
        if self.service is None:
            return False
        return len(agent.in_hand) < self.at_once[agent.in_hand[0].queue] and not agent.has_to_go and agent.next_team is None

    def may_take_one_more(self, agent: Agent, caller: Caller) -> bool:
        """Whether an agent with contacts in hand may take this one up besides."""
        return self.has_room(agent) and self.queue_type[agent.in_hand[0].queue] == self.queue_type[caller.queue]

    # Choosing

    def choose_agent(self, caller: Caller) -> Agent | None:
        """The agent who answers a call, waiting already: of the idle by the route, else one with room for another chat."""
        tiers = self.tiers[caller.queue]
        if self.service is not None:
            tiers = [[team for team in tier if team.idle and self.may_answer(next(iter(team.idle)), caller)] for tier in tiers]
        if self.route == RANDOM:
            free = [agent for tier in tiers for agent in sorted((a for team in tier for a in team.idle), key=lambda a: a.idle_number)]
            agent = free[int(caller.route * len(free))] if free else None
        else:
            agent = next((agent for tier in tiers if (agent := longest_idle(tier)) is not None), None)
        return self.choose_busy_agent(caller) if agent is None else agent

    def choose_busy_agent(self, caller: Caller) -> Agent | None:
        """Of the busy who may take up this chat and have nothing better to take: best team, then fewest in hand, then lowest number."""
        if self.service is None or self.at_once[caller.queue] == 1:
            return None
        willing = [
            (tier, len(agent.in_hand), agent.number, agent)
            for tier, team in self.offers[caller.queue]
            for agent in team.busy
            if self.may_take_one_more(agent, caller) and self.choose_caller(agent) is caller
        ]
        return min(willing)[-1] if willing else None

    def choose_caller(self, agent: Agent, leaving: bool = False) -> Caller | None:
        """Of the callers waiting whom this agent may take, the one to be answered next; who is leaving stays for no work."""
        for _, queues in agent.team.choices:
            heads = [head for queue in queues if (head := self._head(agent, queue, leaving)) is not None]
            if heads:
                return min(heads, key=_LONGEST_WAITING)
        return None

    def _head(self, agent: Agent, queue: int, leaving: bool) -> Caller | None:
        """Who has waited longest in a queue, if the agent may take that one."""
        line = self.waiting[queue]
        if not line or (leaving and self.is_kept(queue)):
            return None
        head = next(iter(line))
        return head if self.may_answer(agent, head) else None

    def is_kept(self, queue: int) -> bool:
        """Whether contacts of this queue wait on over closing."""
        return self.service is not None and bool(self.kept[queue])

    # What a caller told to wait may expect

    def estimated_wait(self, caller: Caller) -> float:
        """The wait of a caller in the queue: (callers ahead + 1) x mean handle time / agents on duty; inf with nobody on duty."""
        assert self.service is not None
        teams = self.answered_by[caller.queue]
        if any(team.idle for team in teams):
            return 0.0
        on_duty = sum(team.on_duty for team in teams)
        if on_duty == 0:
            return math.inf
        ahead = list(self.waiting[caller.queue]).index(caller)
        interval = max(bisect_right(self.interval_start, self.clock.now) - 1, 0)
        return (ahead + 1) * float(self.service.mean_handle[caller.queue, interval]) / on_duty


def _team(floor: Floor, number: int) -> Team:
    row = _known(floor.serve_tier[number].tolist(), floor.serve_queue[number].tolist())
    return Team(
        number,
        pool=int(floor.team_is_contingent[number]),
        has_positions=bool(floor.team_positions[number]),
        choices=[(tier, [queue for _, queue in rows]) for tier, rows in groupby(row, key=lambda pair: pair[0])],
    )


def _known(tiers: list[int], numbers: list[int]) -> Iterator[tuple[int, int]]:
    """The (tier, number) pairs of a row that ends with -1."""
    return ((tier, number) for tier, number in zip(tiers, numbers, strict=True) if number >= 0)
