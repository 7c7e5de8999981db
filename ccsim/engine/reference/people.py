"""Callers, agents and teams: what each of them knows. What they do stands in `switch`, `crew` and `pool`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

import simpy


@dataclass(eq=False, slots=True)
class Caller:
    """One call. Who calls again is a new one."""

    number: int
    queue: int
    arrival: float
    handle_time: float
    patience: float
    first: int  # number of the first attempt at the root of it
    route: float = 0.0  # the uniform that decides who answers, where the route is random
    attempt: int = 0  # how many calls of the same caller came before
    redials: int = 0  # how many redials the caller has made since last answered

    takes_callback: bool = False  # has accepted the offer of a call-back
    hang_up: simpy.Event | None = None
    offers: tuple[simpy.Event, ...] = ()  # the end of the announcement, overflow


class Where(Enum):
    """Where an agent is."""

    OFF = auto()  # not logged in
    IDLE = auto()
    BUSY = auto()  # on a call, wrap included; or ringing somebody back
    BREAK = auto()


class Dismissal(Enum):
    """Why a contingent agent leaves after the call in hand."""

    RELEASED = auto()  # the pool went inactive; taken back if it goes active again
    SENT_HOME = auto()  # the end of `available`, or closing; final


@dataclass(eq=False, slots=True)
class Agent:
    """One person, or one position."""

    number: int
    factor: float  # on handle times, as it is now
    team: Team
    where: Where = Where.OFF
    on_since: float = 0.0  # start of the stretch on duty
    shift: int = -1  # the shift begun last
    idle_number: int = 0  # the lower, the longer idle
    in_hand: list[Caller] = field(default_factory=list)  # one call, or several chats

    break_due: float | None = None  # length of the break to take after this call
    break_until: float = 0.0
    break_end: simpy.Event | None = None
    log_out_due: float | None = None  # when it should have left
    stays: bool = False  # though a log-out is due, as long as callers wait: it fell due at or after closing
    next_team: Team | None = None  # takes effect after this call

    log_in_due: float | None = None  # contingents: when one on the way will be on
    block_until: float = 0.0  # paid and kept at least until then
    block_end: simpy.Event | None = None
    dismissal: Dismissal | None = None

    @property
    def finishing(self) -> bool:
        """Whether the call in hand is known to be the last (section 4 of the rules: no longer on duty for rules and estimates)."""
        return (self.log_out_due is not None and not self.stays) or self.dismissal is not None

    @property
    def has_to_go(self) -> bool:
        """Whether there is a reason to leave when next free."""
        return self.finishing or self.stays or self.break_due is not None or self.team.due > 0 or self.team.staying > 0


@dataclass(eq=False, slots=True)
class Team:
    """People of one group who take the same calls in the same order."""

    number: int
    pool: int  # number of the contingent pool, or -1
    has_positions: bool
    choices: list[tuple[int, list[int]]]  # (tier, queues) it answers, best first
    members: list[Agent] = field(default_factory=list)  # positions and pools only

    idle: OrderedDict[Agent, None] = field(default_factory=OrderedDict)  # longest idle first
    busy: dict[Agent, None] = field(default_factory=dict)

    # Positions only: on duty = number + due + staying.
    positions: int = 0
    due: int = 0  # have to leave when they come free
    staying: int = 0  # the same, but since closing: only when nobody they take is waiting
    last_fall: float = 0.0

    @property
    def is_regular(self) -> bool:
        """Whether these are people of `staff`, not of a contingent pool."""
        return self.pool < 0

    @property
    def on_duty(self) -> int:
        """Agents on duty as the rules count them: not on a break, not finishing a last call, not due to leave; who stays for callers is."""
        return len(self.idle) + sum(not agent.finishing for agent in self.busy) - self.due


def longest_idle(teams: Iterable[Team]) -> Agent | None:
    """Of all idle agents of these teams the one idle longest, if any."""
    candidates = (next(iter(team.idle)) for team in teams if team.idle)
    return min(candidates, key=lambda agent: agent.idle_number, default=None)
