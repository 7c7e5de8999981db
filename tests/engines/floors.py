"""Floors and days written by hand: calls, teams, shifts, positions and pools in a few words, made into the arrays of the engines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ccsim.engine import streams
from ccsim.engine.floor import (
    ACCEPT,
    AVERAGE_WAIT,
    BREAK,
    CLOSING,
    ESTIMATED_WAIT,
    EVENT_RANK,
    HANG_UP,
    IN_SERVICE,
    LOG_IN,
    LOG_OUT,
    LONGEST_IDLE,
    LONGEST_WAIT,
    NUMBER,
    OPENING,
    OUT_OF_SERVICE,
    PACE,
    PREFERENCE,
    QUEUE,
    RANDOM,
    SERVE,
    UNAVAILABLE,
    Day,
    Floor,
    Log,
    Roster,
)
from tests.engines.extras import CallBack, Extras, Law, Redial, law_row
from tests.engines.pool_rules import Level, PoolMore, Row, events_of, pool_rules
from tests.engines.words import activations, answers, asked, fates, later, stretches

__all__ = [
    "ENGINES", "INF", "WHEN", "CallBack", "Level", "Plan", "Pool", "PoolMore", "Redial", "Row", "Takes", "Team", "activations", "answers",
    "asked", "fates", "later", "play", "stretches",
]  # fmt: skip

INF = math.inf
CLOSE = {"serve": SERVE, "hang-up": HANG_UP}
ROUTE = {"preference": PREFERENCE, "longest-idle": LONGEST_IDLE, "random": RANDOM}
WHEN = {"estimated_wait": ESTIMATED_WAIT, "longest_wait": LONGEST_WAIT, "queue": QUEUE, "average_wait": AVERAGE_WAIT}
ENGINES = ("kernel", "simpy")
Takes = Sequence["str | Sequence[str]"]


def play(floor: Floor, day: Day, engine: str) -> Log:
    """The log of one path by the engine named."""
    if engine == "simpy":
        from ccsim.engine.reference import play as play_reference

        return play_reference(floor, day)
    from ccsim.engine.kernel import play as play_kernel

    return play_kernel(floor, day)


@dataclass
class Team:
    """A team, with the numbers of its agents."""

    number: int
    group: int
    takes: list[list[str]]
    pick: str
    agents: range
    pool: int = -1
    has_positions: bool = False

    def place(self, name: str) -> int | None:
        """Position of a type in `takes`, if it is there."""
        return next((place for place, equal in enumerate(self.takes) if name in equal), None)


@dataclass
class Pool:
    """The rule of a pool; its team has the people."""

    team: Team
    name: str
    when: str
    reaches: float
    call_up: int
    every: float
    check: float
    over: float
    release_when: str
    release_over: float
    falls_to: float
    block: float
    windows: list[tuple[float, float]]
    accept: float
    notice: Sequence[float]
    mean_handle: float | Sequence[float]
    more: PoolMore | None = None


@dataclass
class Plan(Extras):
    """A floor and a day in the making. Groups come before pools; times in seconds."""

    types: Sequence[str] = ("a",)
    priorities: dict[str, Sequence[int]] = field(default_factory=dict)  # of each type, falling; 0 where left out
    line_share: dict[str, float] = field(default_factory=dict)
    close: str = "serve"
    route: str = "preference"
    lines: int = -1
    days: Sequence[tuple[float, float]] = ()  # opening and closing; left out: opens at 0 and never closes
    intervals: Sequence[tuple[float, float]] = ((0.0, 3600.0),)
    key: int = 1

    teams: list[Team] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)
    calls: list[tuple[float, str, int, float, float]] = field(default_factory=list)
    events: list[tuple[float, int, int, int, int, int, float, int]] = field(default_factory=list)
    present: list[bool] = field(default_factory=list)
    paces: list[float] = field(default_factory=list)  # factor on handle times of each shift
    not_ready: set[int] = field(default_factory=set)  # contingents who are never asked
    ruled: bool = False  # with `PoolRules` even where no pool has more than a plain one
    day_start: Sequence[float] = (-INF,)
    week_start: Sequence[float] = (-INF,)
    roster_of_the_day: bool = False  # the roster stands in the day, and the floor's own has nobody in it

    # Who is there

    def team(
        self,
        agents: int = 1,
        takes: Takes | None = None,
        pick: str = "preference",
        factor: float = 1.0,
        group: int | None = None,
        of: Team | None = None,
    ) -> Team:
        """People on shifts; `group` is the file order (a new group where left out). `of` lends its agents: who may move to this team."""
        numbers = range(len(self.factors), len(self.factors) + agents) if of is None else of.agents
        team = Team(len(self.teams), len(self.teams) if group is None else group, _lists(takes or self.types), pick, numbers)
        if of is None:
            self.factors += [factor] * agents
        self.teams.append(team)
        return team

    def shift(
        self,
        agent: int,
        start: float,
        end: float,
        breaks: Sequence[tuple[float, float]] = (),
        present: bool = True,
        team: Team | None = None,
        pace: float = 1.0,
    ) -> None:
        """A shift, with breaks of (time, length); `pace` is its factor on handle times."""
        team = team or next(team for team in self.teams if agent in team.agents)
        self.log_in(agent, start, team, present, pace)
        for at, length in breaks:
            self.add_break(agent, at, length)
        self.log_out(agent, end)

    def log_in(self, agent: int, at: float, team: Team, present: bool = True, pace: float = 1.0) -> None:
        """The beginning of a shift, whose number is the next one."""
        self.present.append(present)
        self.paces.append(pace)
        self._event(at, LOG_IN, agent, 1, agent, team.number, len(self.present) - 1)

    def add_break(self, agent: int, at: float, length: float) -> None:
        """A break in the shift begun last."""
        self._event(at, BREAK, agent, 0, agent, length, len(self.present) - 1)

    def log_out(self, agent: int, at: float) -> None:
        """The end of the shift begun last."""
        self._event(at, LOG_OUT, agent, 1, agent, 0.0, len(self.present) - 1)

    def positions(
        self,
        numbers: Sequence[tuple[float, int]],
        takes: Takes | None = None,
        pick: str = "preference",
        agents: int | None = None,
        factor: float = 1.0,
    ) -> Team:
        """Positions: (time, number from then on)."""
        team = self.team(agents if agents is not None else max(number for _, number in numbers), takes, pick, factor)
        team.has_positions = True
        for at, number in numbers:
            self._event(at, NUMBER, team.number, 1, team.agents.start, number, -1)
        return team

    def pool(
        self,
        agents: int = 1,
        takes: Takes | None = None,
        when: str = "queue",
        reaches: float = 1.0,
        call_up: int = 1,
        every: float = INF,
        check: float = INF,
        over: float = 900.0,
        release_when: str | None = None,
        release_over: float | None = None,
        falls_to: float = -1.0,
        block: float = 0.0,
        available: Sequence[tuple[float, float]] = ((0.0, 1e6),),
        accept: float = 1.0,
        notice: Law = 10.0,
        mean_handle: float | Sequence[float] = 60.0,
        factor: float = 1.0,
        pick: str = "preference",
        name: str | None = None,
        more: PoolMore | None = None,
    ) -> Pool:
        """A contingent pool; a bare `notice` is constant."""
        team = self.team(agents, takes, pick, factor)
        team.pool = len(self.pools)
        windows = [(float(start), float(end)) for start, end in available]
        pool = Pool(
            team, name or f"pool {team.pool}", when, reaches, call_up, every, check, over, release_when or when,
            over if release_over is None else release_over, falls_to, block, windows, accept, law_row(notice), mean_handle, more,
        )  # fmt: skip
        self.pools.append(pool)
        for start, end in windows:
            if end > start:
                self._event(end, UNAVAILABLE, team.pool, 3, team.agents.start, 0.0, -1)
        return pool

    def call(self, at: float, handle: float, patience: float = INF, type: str | None = None, priority: int | None = None) -> None:
        """A call; of the first type, and of the highest priority of its type, where left out."""
        name = type or self.types[0]
        self.calls.append((at, name, self._priorities(name)[0] if priority is None else priority, handle, patience))

    # What the day brings

    def out_of_service(self, at: float, type: str | None = None, told: tuple[float, Law] | None = None) -> None:
        """The type goes out of service; `told` (chance, after) where callers are told to call again, else they wait."""
        if told is not None:
            self.told.append(told)
        row = -1 if told is None else len(self.told) - 1
        for queue in self.queues_of(type):
            self._event(at, OUT_OF_SERVICE, queue, 0, -1, row, -1)

    def in_service(self, at: float, type: str | None = None) -> None:
        """The end of one outage of the type."""
        for queue in self.queues_of(type):
            self._event(at, IN_SERVICE, queue, 0, -1, 0.0, -1)

    def pace(self, at: float, factor: float, type: str | None = None) -> None:
        """The factor of events on the handling of the type that begins from now on."""
        for queue in self.queues_of(type):
            self._event(at, PACE, queue, 0, -1, factor, -1)

    def acceptance(self, at: float, pool: Pool, factor: float) -> None:
        """The factor on a pool's chance to say yes from now on."""
        self._event(at, ACCEPT, pool.team.pool, 0, -1, factor, -1)

    # Made into arrays

    def _event(self, time: float, kind: int, number: int, turn: int, order: int, value: float, shift: int) -> None:
        self.events.append((float(time), EVENT_RANK[kind], order, turn, kind, number, float(value), shift))

    def _priorities(self, name: str) -> Sequence[int]:
        return self.priorities.get(name, (0,))

    def queues(self) -> list[tuple[str, int]]:
        """(type, priority) of each queue."""
        return [(name, priority) for name in self.types for priority in self._priorities(name)]

    def queues_of(self, type: str | None) -> list[int]:
        """The queues of a type, of the first one where left out."""
        return [queue for queue, (name, _) in enumerate(self.queues()) if name == (type or self.types[0])]

    def _offers(self) -> tuple[np.ndarray, np.ndarray]:
        queues = self.queues()
        teams, tiers = np.full((len(queues), len(self.teams)), -1), np.zeros((len(queues), len(self.teams)), np.int64)
        for queue, (name, _) in enumerate(queues):
            rows = sorted(
                ((place, team.pool >= 0, team.group), team.number) for team in self.teams if (place := team.place(name)) is not None
            )
            keys = sorted({key for key, _ in rows})
            for column, (key, number) in enumerate(rows):
                teams[queue, column] = number
                tiers[queue, column] = 0 if self.route == "longest-idle" else keys.index(key)
        return teams, tiers

    def _choices(self) -> tuple[np.ndarray, np.ndarray]:
        queues = self.queues()
        chosen, tiers = np.full((len(self.teams), len(queues)), -1), np.zeros((len(self.teams), len(queues)), np.int64)
        for team in self.teams:
            rows = sorted(
                ((-priority, place if team.pick == "preference" else 0), queue)
                for queue, (name, priority) in enumerate(queues)
                if (place := team.place(name)) is not None
            )
            keys = sorted({key for key, _ in rows})
            for column, (key, queue) in enumerate(rows):
                chosen[team.number, column] = queue
                tiers[team.number, column] = keys.index(key)
        return chosen, tiers

    def _pool_arrays(self) -> dict[str, np.ndarray]:
        queues, pools = self.queues(), self.pools
        takes = [[pool.team.place(name) is not None for name, _ in queues] for pool in pools]
        counts = [[not set().union(*pool.team.takes).isdisjoint(set().union(*team.takes)) for team in self.teams] for pool in pools]
        windows = np.zeros((len(pools), max((len(pool.windows) for pool in pools), default=1), 2))
        for number, pool in enumerate(pools):
            windows[number, : len(pool.windows)] = pool.windows
        n_intervals = len(self.intervals)
        handle = [np.broadcast_to(pool.mean_handle, n_intervals) for pool in pools]
        return {
            "pool_team": np.array([pool.team.number for pool in pools], np.int64),
            "pool_takes_queue": np.array(takes, np.int64).reshape(len(pools), len(queues)),
            "pool_counts_team": np.array(counts, np.int64).reshape(len(pools), len(self.teams)),
            "pool_mean_handle": np.array(handle, float).reshape(len(pools), n_intervals),
            "pool_when": np.array([WHEN[pool.when] for pool in pools], np.int64),
            "pool_reaches": np.array([pool.reaches for pool in pools], float),
            "pool_call_up": np.array([pool.call_up for pool in pools], np.int64),
            "pool_every": np.array([pool.every for pool in pools], float),
            "pool_check": np.array([pool.check for pool in pools], float),
            "pool_over": np.array([pool.over for pool in pools], float),
            "pool_release_over": np.array([pool.release_over for pool in pools], float),
            "pool_release_when": np.array([WHEN[pool.release_when] for pool in pools], np.int64),
            "pool_falls_to": np.array([pool.falls_to for pool in pools], float),
            "pool_block": np.array([pool.block for pool in pools], float),
            "pool_window": windows,
            "open_window": np.array(self.days or [(0.0, INF)], float),
            "pool_accept": np.array([pool.accept for pool in pools], float),
            "pool_notice": np.array([pool.notice for pool in pools], float).reshape(len(pools), streams.LAW_SIZE),
            "pool_name": np.array([streams.name_key(pool.name) for pool in pools], np.uint64),
            "values": np.zeros(0),
        }

    def has_extras(self) -> bool:
        """Whether the floor has a `Service` and a `Later`; an outage or a change of pace needs them."""
        return super().has_extras() or any(event[4] in (OUT_OF_SERVICE, IN_SERVICE, PACE) for event in self.events)

    def has_rules(self) -> bool:
        """Whether the floor has `PoolRules`."""
        return bool(self.pools) and (self.ruled or any(pool.more for pool in self.pools))

    def roster(self, everybody: bool = True) -> Roster:
        """The list of roster events; without anybody's shifts, openings, closings and ends of `available` alone."""
        events = [event for event in self.events if everybody or event[4] == UNAVAILABLE]
        if self.has_rules():
            events += events_of(self.pools)
        for number, (opening, closing) in enumerate(self.days):
            if closing > opening:
                events.append((opening, EVENT_RANK[OPENING], -1, -1, OPENING, number, 0.0, -1))
                events.append((closing, EVENT_RANK[CLOSING], number, 0, CLOSING, number, 0.0, -1))
        if not self.days:
            events.append((0.0, EVENT_RANK[OPENING], -1, -1, OPENING, 0, 0.0, -1))
        events.sort(key=lambda event: event[:4])
        columns = list(zip(*events, strict=True)) or [()] * 8
        return Roster(
            time=np.array(columns[0], float),
            kind=np.array(columns[4], np.int64),
            number=np.array(columns[5], np.int64),
            value=np.array(columns[6], float),
            shift=np.array(columns[7], np.int64),
        )

    def floor(self) -> Floor:
        """The arrays that every day on this floor shares."""
        roster = self.roster(everybody=not self.roster_of_the_day)
        queues, rich = self.queues(), self.has_extras()
        offer_team, offer_tier = self._offers()
        serve_queue, serve_tier = self._choices()
        agent_team = np.zeros(len(self.factors), np.int64)
        for team in reversed(self.teams):
            agent_team[team.agents.start : team.agents.stop] = team.number
        tied = [team.has_positions or team.pool >= 0 for team in self.teams]
        return Floor(
            close=CLOSE[self.close],
            route=ROUTE[self.route],
            lines=self.lines,
            horizon_end=max([closing for _, closing in self.days], default=INF),
            interval_start=np.array([start for start, _ in self.intervals], float),
            interval_end=np.array([end for _, end in self.intervals], float),
            queue_type=np.array([list(self.types).index(name) for name, _ in queues], np.int64),
            queue_line_share=np.array([self.line_share.get(name, 1.0) for name, _ in queues], float),
            offer_team=offer_team,
            offer_tier=offer_tier,
            serve_queue=serve_queue,
            serve_tier=serve_tier,
            team_is_contingent=np.array([team.pool for team in self.teams], np.int64),
            team_positions=np.array([team.has_positions for team in self.teams], np.int64),
            team_first_agent=np.array([team.agents.start if own else -1 for team, own in zip(self.teams, tied, strict=True)], np.int64),
            team_agents=np.array([len(team.agents) if own else 0 for team, own in zip(self.teams, tied, strict=True)], np.int64),
            agent_team=agent_team,
            **{f"event_{name}": column for name, column in roster._asdict().items()},
            **self._pool_arrays(),
            service=self.service(queues, [set().union(*team.takes) for team in self.teams], len(self.intervals)) if rich else None,
            later=self.later(self.types, queues, len(self.intervals)) if rich else None,
            shift_factor=np.array(self.paces if any(pace != 1.0 for pace in self.paces) else [], float),
            rules=pool_rules(self.pools, [start for start, _ in self.intervals], len(self.factors), self.day_start, self.week_start)
            if self.has_rules()
            else None,
        )

    def day(self) -> Day:
        """The arrays of this day."""
        calls = sorted(self.calls, key=lambda call: call[0])
        queues = self.queues()
        starts = [start for start, _ in self.intervals]
        names = [call[1] for call in calls]
        callers = [names[:number].count(name) for number, name in enumerate(names)] if self.has_extras() else []
        return Day(
            arrival=np.array([call[0] for call in calls], float),
            queue=np.array([queues.index((call[1], call[2])) for call in calls], np.int64),
            interval=np.clip(np.searchsorted(starts, [call[0] for call in calls], side="right") - 1, 0, None).astype(np.int64),
            handle_time=np.array([call[3] for call in calls], float),
            patience=np.array([call[4] for call in calls], float),
            present=np.array(self.present, np.uint8),
            factor=np.array(self.factors, float),
            key=np.uint64(self.key),
            route=np.array([streams.route_uniform(np.uint64(self.key), np.uint64(0), number) for number in range(len(calls))], float),
            caller=np.array(callers, np.int64),
            roster=self.roster() if self.roster_of_the_day else None,
            able=np.array([agent not in self.not_ready for agent in range(len(self.factors))] if self.not_ready else [], np.uint8),
        )

    def play(self, engine: str) -> Log:
        """The log, by the engine named."""
        return play(self.floor(), self.day(), engine)


def _lists(takes: Takes) -> list[list[str]]:
    return [[entry] if isinstance(entry, str) else list(entry) for entry in takes]
