"""The compiled engine: the rules of docs/rules-of-the-floor.md on flat arrays.

`Kernel(floor).play(day) -> Log` gives what `reference.play(floor, day)` gives, to the last bit, much faster; `play_days` plays several
days in one call, which most floors allow. `loop` is a loop over events: what happens often is written out in it; what happens a few
thousand times a day (rosters, breaks, call-ups) is in `rare`, `people` and `pools`. `records` says what the tables hold.

Floors whose pools have several levels, look ahead, or are limited in what they may ask go by `pool_rules`, compiled in where needed.

Floors with later calls, overflow, call-backs, chats, work or outages are played by another variant of the same loop (`variants`), which
is given the tables of `more`: `service` (who waits, is offered, is answered), `choose` (who answers whom), `later` (calls that come of
calls).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numba import typeof, types
from numpy.typing import NDArray

from ccsim.engine import sources
from ccsim.engine.days import Days, Logs, one_day
from ccsim.engine.floor import (
    ACCEPT,
    AVERAGE_WAIT,
    BOOKED_FROM,
    BOOKED_UNTIL,
    BREAK,
    CLOSING,
    EVENT_RANK,
    HOURS_END,
    IN_SERVICE,
    LOG_IN,
    LOG_OUT,
    NUMBER,
    OPENING,
    OUT_OF_SERVICE,
    PACE,
    RANDOM,
    SERVE,
    UNAVAILABLE,
    UNSETTLED,
    WITHOUT_OWNER,
    Day,
    Floats,
    Floor,
    Ints,
    Log,
)
from ccsim.engine.kernel.loop import run_days, run_path, run_ruled
from ccsim.engine.kernel.more import Extras
from ccsim.engine.kernel.pool_rules import RuleTables
from ccsim.engine.kernel.pools import act
from ccsim.engine.kernel.rare import rarely, rarely_of_pools
from ccsim.engine.kernel.records import (
    ACCEPT_CHANGES,
    ACTIVATION,
    AGENT,
    ASK,
    BREAK_DUE,
    CLOSES_NOW,
    IN_NOW,
    KIND_SHIFT,
    LOG_IN_DUE,
    LOG_OUT_DUE,
    NO_BREAK,
    NO_ROOM,
    NO_ROOM_FOR_CALLS,
    NUMBER_CHANGES,
    NUMBER_SHIFT,
    OPENS_NOW,
    OUT_NOW,
    PACE_CHANGES,
    PERSON_S_END,
    POOL,
    POOL_ENDS,
    QUEUE,
    RANK_SHIFT,
    REAL,
    SPELL,
    TEAM,
    TIME_BEGINS,
    TIME_ENDS,
    WHOLE,
    WORD_SHIFT,
    Book,
    Busy,
    Calls,
    Choices,
    PoolTables,
    Roster,
)
from ccsim.engine.kernel.stretch import play_stretch
from ccsim.engine.more import check_later_calls

_type_of: Any = typeof
# Of the wheel (`Busy`): buckets an agent, mean handle times, and s
_BUCKETS, _REACH, _SHORTEST, _ANY_HANDLE_TIME = 32, 8, 1e-3, 300.0
_KINDS = {
    LOG_IN: LOG_IN_DUE,
    NUMBER: NUMBER_CHANGES,
    OPENING: OPENS_NOW,
    BREAK: BREAK_DUE,
    LOG_OUT: LOG_OUT_DUE,
    UNAVAILABLE: POOL_ENDS,
    CLOSING: CLOSES_NOW,
    OUT_OF_SERVICE: OUT_NOW,
    IN_SERVICE: IN_NOW,
    PACE: PACE_CHANGES,
    ACCEPT: ACCEPT_CHANGES,
    BOOKED_FROM: TIME_BEGINS,
    BOOKED_UNTIL: TIME_ENDS,
    HOURS_END: PERSON_S_END,
}
_KIND_CODE = np.array([_KINDS[kind] for kind in range(len(_KINDS))])


def _roster_codes(f: Floor, event_kind: NDArray[np.int64], event_number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each roster event stands among the rare events of its instant (`code`)."""
    number = event_number.copy()
    number[WITHOUT_OWNER[event_kind]] = -1
    for kind, first in ((NUMBER, f.team_first_agent), (UNAVAILABLE, f.team_first_agent[f.pool_team])):
        at = event_kind == kind
        number[at] = first[number[at]]
    rank = np.array(EVENT_RANK)[event_kind]
    kind_code = _KIND_CODE[event_kind]
    return np.asarray((rank << RANK_SHIFT) | ((number + 1) << NUMBER_SHIFT) | (kind_code << KIND_SHIFT), np.int64)


class Kernel:
    """The compiled engine for one floor: keeps its buffers from day to day. Not for two threads at once: one `Kernel` a worker."""

    def __init__(self, floor: Floor) -> None:
        f = self.floor = floor
        agents = np.zeros(f.agent_team.size, AGENT)
        agents["team"] = f.agent_team
        for name in ("next_team", "before", "after", "shift"):
            agents[name] = -1
        agents["owed"] = NO_BREAK
        agents["log_in_due"] = np.nan
        teams = np.zeros(f.team_positions.size, TEAM)
        teams["first"] = teams["last"] = -1
        teams["contingent"], teams["positions"] = f.team_is_contingent, f.team_positions
        teams["first_agent"], teams["agents"] = f.team_first_agent, f.team_agents
        queues = np.zeros(f.queue_type.size, QUEUE)
        queues["first"] = queues["last"] = -1
        queues["line_share"] = f.queue_line_share
        pools = np.zeros(f.pool_team.size, POOL)
        for name in (
            "team",
            "when",
            "reaches",
            "call_up",
            "every",
            "check",
            "over",
            "release_when",
            "release_over",
            "falls_to",
            "block",
            "accept",
            "name",
        ):
            pools[name] = getattr(f, f"pool_{name}")
        pools["says_yes"] = f.pool_accept
        pools["favour"] = 1.0
        self._rules = None if f.rules is None else RuleTables(f, f.rules)
        if self._rules is not None:
            pools["every"] = np.inf  # each level has its own
        pools["next_tick"] = np.inf
        pools["next_check"] = np.inf
        for pool, windows in zip(pools, f.pool_window, strict=True):
            open_rows = windows[windows[:, 1] > windows[:, 0]]
            if np.isfinite(pool["check"]) and open_rows.size:
                pool["over_at"] = open_rows[:, 1].max()
                pool["checks"] = np.ceil(open_rows[:, 0].min() / pool["check"])
                pool["next_check"] = pool["checks"] * pool["check"]
        # as bytes, in one piece: numpy copies records field by field
        self._state, self._bytes = _in_one_piece(agents, teams, queues, pools)
        self._bytes_at_first = self._bytes.copy()
        self._factor = self._state[0]["factor"]
        self._has_pools = f.pool_team.size > 0 or f.route == RANDOM
        self._choices = Choices(f.offer_team, f.offer_tier, f.serve_queue, f.serve_tier)
        self._busy = self._busy_for(_ANY_HANDLE_TIME)
        self._handle_time = 0.0
        looks_at = (*f.pool_when, *f.pool_release_when) if f.rules is None else f.rules.when
        self._averages = bool(pools.size) and AVERAGE_WAIT in looks_at
        self._clock = np.zeros(2)
        self._roster = Roster(
            f.event_time, _roster_codes(f, f.event_kind, f.event_number), f.event_number, f.event_value, f.event_shift,
            np.zeros(0, np.uint8), f.shift_factor, np.zeros(0),
        )  # fmt: skip
        self._extras = Extras(f) if f.service is not None or PACE in f.event_kind else None
        self._make_room(4 * f.event_time.size + 8 * agents.size + 256)
        self._size = -1

    def play(self, day: Day) -> Log:
        """What happens on `day`. The arrays of the log are views of buffers that the next call overwrites."""
        if day.roster is not None and self._extras is None and PACE in day.roster.kind:
            self._extras = Extras(self.floor)
            self._size = -1
        return self.play_days(one_day(day)).log(0) if self.in_bulk else self._play_by_itself(day)

    @property
    def in_bulk(self) -> bool:
        """Whether several days may be played at once."""
        return self._extras is None and self._rules is None

    def play_days(self, days: Days) -> Logs:
        """What happens on several days, on a floor that allows it (`in_bulk`), in views of buffers that the next call overwrites."""
        f, n = self.floor, days.arrival.size
        if n > self._size:
            self._make_buffers(int(1.1 * n) + 16)
        self._fit_wheel(days.handle_time)
        roster = self._roster_of(days)
        rows = np.zeros((3, days.paths + 1), WHOLE)
        calls = self._calls_of(days)
        agents, teams, queues, pools = self._state
        run = run_days(f.route == RANDOM, self._pools)
        while True:
            self._book.counts.fill(0)
            played = run(
                agents, teams, queues, pools if self._pools else None, self._bytes, self._bytes_at_first, calls, days.first, self._busy,
                roster, days.present, days.factor, self._choices, self._pools_of(days.able[0]) if self._pools else None, days.able,
                self._book, rows, self._clock, f.interval_start, f.open_window, days.key, f.close == SERVE, f.route == RANDOM, f.lines,
            )  # fmt: skip
            if played == days.paths:
                return self._logs(days.first, rows, n)
            self._make_room(4 * self._book.spells.size)

    def _play_by_itself(self, day: Day) -> Log:
        """What happens on a day of a floor that does not allow several at once."""
        f, n = self.floor, day.arrival.size
        roster = self._roster_of(day)
        if n > self._size:
            self._make_buffers(int((1.1 if self._extras is None else 1.5) * n) + 16)
        self._fit_wheel(day.handle_time)
        while True:
            more, luck, calls = None, None, None
            if self._extras is not None:
                more, luck = self._extras.begin(day, self._book.counts)
                calls = Calls(*self._extras.given, *self._outcomes, *self._links)
                calls.outcome.fill(UNSETTLED)
                calls.moved_on.fill(np.nan)
                calls.ended.fill(np.nan)
                calls.agent.fill(-1)
            else:
                calls = self._calls_of(day)
            self._bytes[:] = self._bytes_at_first
            self._factor[:] = day.factor
            self._book.counts.fill(0)
            self._busy.wheel.fill(-1)
            self._busy.filled.fill(0)
            agents, teams, queues, pools = self._state
            busy = self._busy if self._extras is None else self._extras.busy
            self._run()(
                agents, teams, queues, pools, calls, busy, roster, self._choices, self._pools_of(day.able), self._book,
                self._clock, f.interval_start, f.open_window, day.key, f.close == SERVE, f.route == RANDOM, f.lines, more, luck,
                None if self._rules is None else self._rules.begin(),
            )  # fmt: skip
            no_room = self._book.counts[NO_ROOM]
            if not no_room:
                return self._log(calls, n)
            if no_room == NO_ROOM_FOR_CALLS:
                self._make_room_for_calls(n)
            else:
                self._make_room(4 * self._book.spells.size)

    def _fit_wheel(self, handle_time: Floats) -> None:
        """Buckets as wide as the first calls want them; any width gives the same log."""
        if self._handle_time == 0.0 and handle_time.size > 0:
            self._handle_time = max(float(handle_time.mean()), _SHORTEST)
            self._busy = self._busy_for(self._handle_time)

    def _pools_of(self, able: NDArray[np.uint8]) -> PoolTables:
        f = self.floor
        of_floor = f.pool_takes_queue, f.pool_counts_team, f.pool_mean_handle, f.pool_window, f.pool_notice, f.values
        return PoolTables(*of_floor, able, *self._answers)

    def _busy_for(self, handle_time: float) -> Busy:
        """Heaps, and a wheel that reaches over eight times a handle time [s], with four buckets or more to a call in hand."""
        agents, lines = self.floor.agent_team.size, max(self.floor.lines, 0) + 1
        buckets = 1 << int(np.ceil(np.log2(np.clip(_BUCKETS * agents, 64, 65536))))
        wheel, filled = np.full(buckets, -1, np.int32), np.zeros(buckets >> WORD_SHIFT, np.int64)
        heap = np.zeros(agents + 1), np.zeros(agents + 1, np.int32)
        held = np.zeros(lines), np.zeros(lines, np.int32)
        return Busy(*heap, *held, wheel, filled, np.zeros(agents), np.zeros(agents, np.int32), buckets / (_REACH * handle_time))

    def _run(self) -> Any:
        """The variant of the loop that the floor needs."""
        if self.in_bulk:
            return run_days(self.floor.route == RANDOM, self._pools)
        return run_ruled() if self._extras is None else run_path(self._rules is not None)

    @property
    def _pools(self) -> bool:
        """Whether the loop knows of pools: it must where it knows of anything else, be there any or not."""
        return self._extras is not None or self._has_pools

    def is_compiled(self) -> bool:
        """Whether this machine holds compiled code of the loop, as far as one can see from the files in which numba keeps it."""
        run = self._run()
        written = sources.written()
        kept = Path(run.stats.cache_path).glob(f"*.{run.py_func.__name__}-*.nbi")
        return bool(run.signatures) or any(file.stat().st_mtime >= written for file in kept)

    def is_kept(self) -> bool:
        """Whether there is a place where numba keeps what it compiles, for other processes to take."""
        return bool(self._run().stats.cache_path != os.devnull)

    def rehearse(self) -> None:
        """Compile the loop: play a day on which nobody calls and nobody comes."""
        self.play(self._blank_day())

    def rehearsals(self) -> dict[str, Callable[[], Any]]:
        """What compiles each function that the loop calls for something rare: a loop that is compiled later finds it made.

        By name, the longest first; they need nothing of each other. They are compiled by the types with which the loop calls them.
        """
        agents, teams, queues, pools = map(_type_of, self._state)
        book, flag, real, whole = _type_of(self._book), types.boolean, types.float64, types.int64
        row, able = _type_of(np.zeros(1)), _type_of(np.zeros(1, np.uint8))
        calls, busy = _type_of(self._calls_of(self._blank_day())), _type_of(self._busy)
        tables = _type_of(self._choices.offer_team), _type_of(self._choices.offer_tier)
        clock, windows = _type_of(self._clock), _type_of(self.floor.open_window)
        numbers = real, whole, whole, whole, real, whole, whole, whole, real, whole
        found: dict[str, tuple[Any, tuple[Any, ...]]] = {}
        if self._pools:
            found["act"] = act, (agents, teams, pools, book, whole, real, whole, types.uint64, row, _type_of(self.floor.values), able)
        if self._extras is None and self._rules is None and self.floor.route != RANDOM:
            found["stretch"] = play_stretch, (agents, teams, queues, calls, busy, *tables, *numbers)
        found["rarely"] = rarely, (agents, teams, book, clock, windows, flag, real, whole, whole, real, whole)
        if self._pools:
            found["pools"] = rarely_of_pools, (agents, teams, pools, book, real, whole, whole, real, whole)
        return {name: partial(function.compile, given) for name, (function, given) in found.items()}

    def blank(self) -> tuple[Day, Log]:
        """A day on which nobody calls, and the log of it if nobody comes; nothing is compiled or played for it."""
        nothing = self._blank_day()
        self._book.counts.fill(0)
        return nothing, self._log(self._calls_of(nothing), 0)

    def _blank_day(self) -> Day:
        f = self.floor
        if self._size < 0:
            self._make_buffers(16)
        present = np.zeros(int(f.event_shift.max(initial=-1)) + 1, np.uint8)
        none, whole = np.zeros(0), np.zeros(0, np.int64)
        return Day(none, whole, whole, none, none, present, np.ones(f.agent_team.size), np.uint64(0), none, whole)

    def _roster_of(self, day: Day | Days) -> Roster:
        """The roster events of the day, the floor's or its own; of several days those of the first."""
        present, factor = people_of(day)
        if day.roster is None:
            of_floor = self._roster
            return Roster(*of_floor[:5], present, of_floor.shift_factor, factor)
        time, kind, number, value, shift = day.roster
        codes = _roster_codes(self.floor, kind, number)
        return Roster(time, codes, number, value, shift, present, self.floor.shift_factor, factor)

    def _calls_of(self, day: Day | Days) -> Calls:
        """The calls of a day, or of several, and what becomes of them."""
        if self._extras is not None:
            return Calls(*self._extras.given, *self._outcomes, *self._links)
        outcomes: tuple[Any, ...] = tuple(x[: day.arrival.size] for x in self._outcomes)
        return Calls(day.arrival, day.queue, day.handle_time, day.patience, day.route, *outcomes, *self._links)

    def _logs(self, first: Ints, rows: Ints, n: int) -> Logs:
        spells, asks, activations = (int(n) for n in rows[:, -1])
        of_spells, of_activations, of_asks = self._columns
        outcomes: tuple[Any, ...] = tuple(x[:n] for x in self._outcomes)
        # numbers that stand next to each other, however few they are: what they are given to is compiled for one kind of array
        told: list[Any] = [
            tuple(np.ascontiguousarray(column[:count]) for column in columns)
            for columns, count in ((of_spells, spells), (of_activations, activations), (of_asks, asks))
        ]
        return Logs(first, rows, outcomes, *told)

    def _log(self, calls: Calls, n: int) -> Log:
        """The log of one day."""
        played = n if self._extras is None else self._extras.calls
        ends = np.array([np.zeros(3, WHOLE), self._book.counts[:3]]).T
        log = self._logs(np.array([0, played]), ends, played).log(0)
        return log if self._extras is None else log._replace(**self._extras.log(n))

    def _make_room(self, room: int) -> None:
        """Buffers for what the rare events write down."""
        spells, asks, activations = np.zeros(room, SPELL), np.zeros(room, ASK), np.zeros(room, ACTIVATION)
        self._book = Book(spells, asks, activations, np.zeros(room, REAL), np.zeros(room, WHOLE), np.zeros(5, WHOLE))
        # the columns of the log, in its order: to take one out of records takes numpy longer than to cut it off
        self._columns = (
            tuple(spells[name] for name in ("agent", "team", "start", "end", "due", "kind")),
            tuple(activations[name] for name in ("pool", "time", "until")),
            tuple(asks[name] for name in ("pool", "agent", "time", "due", "outcome", "settled")),
        )

    def _make_room_for_calls(self, n: int) -> None:
        """Larger buffers for later calls, as long as it is not absurd."""
        check_later_calls(n, self._size - n)
        self._make_buffers(2 * self._size)

    def _make_buffers(self, size: int) -> None:
        """Buffers for so many calls."""
        self._size = size
        self._outcomes: tuple[Any, ...] = (np.zeros(size, np.int8), np.zeros(size), np.zeros(size), np.zeros(size, np.int32))
        self._links: tuple[Any, ...] = (
            np.zeros(size, np.int32),
            np.zeros(size, np.int32),
            np.zeros(size + 1),
            np.zeros(size + 1, np.int32),
        )
        pools, seen = self.floor.pool_team.size, size if self._averages else 0
        self._answers = (np.zeros((pools, seen)), np.zeros((pools, seen + 1)))
        if self._extras is not None:
            self._extras.make_buffers(size)


def people_of(day: Day | Days) -> tuple[NDArray[np.uint8], Floats]:
    """Who turns up and how fast they are, on a day or on the first of several."""
    return (day.present[0], day.factor[0]) if isinstance(day, Days) else (day.present, day.factor)


def _in_one_piece(*tables: NDArray[Any]) -> tuple[tuple[NDArray[Any], ...], NDArray[np.uint8]]:
    """Tables as they are in one piece of memory, and that memory."""
    step = 64
    sizes = [-(-table.nbytes // step) * step for table in tables]
    memory = np.zeros(sum(sizes) + step, np.uint8)
    begin = -memory.ctypes.data % step
    memory = memory[begin : begin + sum(sizes)]
    placed = []
    for table, at in zip(tables, np.cumsum([0, *sizes]).tolist(), strict=False):
        here: NDArray[Any] = memory[at : at + table.nbytes].view(table.dtype)
        here[:] = table
        placed.append(here)
    return tuple(placed), memory


def play(floor: Floor, day: Day) -> Log:
    """What happens on `day`, with buffers of its own."""
    return Kernel(floor).play(day)
