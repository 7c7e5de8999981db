"""The tables behind what a floor may have besides: call-backs, overflow, chats, work, redials, transfers (`Floor.service`, `Floor.later`).

A floor that has nothing of it is played without them, by a variant of the loop that knows nothing of `more` and `luck`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import floor
from ccsim.engine.floor import Floor
from ccsim.engine.kernel.records import REAL, WHOLE, Busy, no_wheel
from ccsim.engine.more import Later, Service, nothing_later, plain_service
from ccsim.engine.streams import LAW_SIZE

# Constants that are given to helpers, as numpy numbers (see `records`)
REDIAL, REPEAT, TRANSFER, TOLD = (np.int64(kind) for kind in (floor.REDIAL, floor.REPEAT, floor.TRANSFER, floor.TOLD))
# Slots of `More.counts`: calls so far, entries of the heap of what is due, waiting callers who hold a line
CALLS, DUE, HOLDING = range(3)
# An entry of `More.due_key`: call number and which offer it is, 0 for the arrival of a later call
CALL_SHIFT, OFFERS = 8, 0xFF
# An entry of `Busy.done_agent`: agent and call number
AGENT_SHIFT, CALLS_MASK = 32, 0xFFFFFFFF

# One record a queue: how its calls are served, and what may come of them
SERVICE = np.dtype(
    [
        ("type", WHOLE),
        ("out", WHOLE),  # outages in force
        ("at_once", WHOLE),
        ("kept", WHOLE),
        ("reserve", WHOLE),
        ("holds_line", WHOLE),
        ("pace", REAL),  # factor of the events in force
        ("slower", REAL),
        ("announcement", REAL),  # s
        ("offers", WHOLE),  # moments in `More.offer_after`
        ("told_row", WHOLE),  # row of the outage begun last, -1 where callers wait
        ("callback_from", REAL),  # s
        ("accepts", REAL),
        ("reached", REAL),
        ("ring", REAL),  # s
        ("repeats", REAL),
        ("passed_on", REAL),  # chance of a transfer
        ("redials", WHOLE),  # 1 where some callers call again
        ("name", np.uint64),  # key of the type's name
        ("balk", REAL),
        ("most_redials", WHOLE),
        ("keeps", WHOLE),  # 1 where a redial keeps patience and handle time
        ("after_closing", WHOLE),
    ]
)

# One record for a team and a queue: on what terms the team answers it
TERMS = np.dtype([("after", REAL), ("factor", REAL), ("offer_tier", WHOLE), ("serve_tier", WHOLE)])  # tiers: -1 if it does not

# One record an agent: how many contacts are in hand, and of what type
HAND = np.dtype([("contacts", WHOLE), ("type", WHOLE)])

# One record a queue: the laws of its later calls
LAWS = np.dtype([(name, REAL, (LAW_SIZE,)) for name in ("handle", "patience", "redial_after", "repeat_after")])
# One record a queue and interval: means that go with the laws
MEANS = np.dtype([("handle", REAL), ("patience", REAL)])
# One record an outage that tells callers to call again
TOLD_BY = np.dtype([("chance", REAL), ("after", REAL, (LAW_SIZE,))])

# One record a later call
LATE = np.dtype(
    [
        ("interval", WHOLE),
        ("kind", WHOLE),  # REDIAL ... TOLD
        ("before", WHOLE),  # the call that it came of
        ("first", WHOLE),  # the first attempt at the root of it
        ("attempt", WHOLE),
        ("redials", WHOLE),  # made since the last answer
    ]
)


class More(NamedTuple):
    """Who may be served when, on what terms; what a path with later calls keeps in mind. C calls at most, K moments of offer."""

    first_calls: int  # N, first attempts
    service: NDArray[Any]  # [Q] SERVICE
    terms: NDArray[Any]  # [G, Q] TERMS
    hands: NDArray[Any]  # [A] HAND
    offer_after: NDArray[np.float64]  # [Q, K] s from arrival, ascending: the end of the announcement, overflow
    reserve_counts: NDArray[np.uint8]  # [G, G]
    mean_handle: NDArray[np.float64]  # [Q, I] s
    may: NDArray[np.uint8]  # [G] scratch: which teams may answer the call at hand
    late: NDArray[Any]  # [C] LATE, of call N and after
    called_back: NDArray[np.uint8]  # [C] 1 where a call-back was accepted
    gone: NDArray[np.uint8]  # [C] scratch: 1 where nobody left takes the call
    due_time: NDArray[np.float64]  # [C + 1] heap of later calls and offers to come, at most one a call
    due_key: NDArray[np.int64]
    counts: NDArray[np.int64]  # [3] CALLS ... HOLDING


class Luck(NamedTuple):
    """What decides over later calls (`Later`, `Service.told_*`) and whose luck it is."""

    key: np.uint64
    random: bool  # whether calls have a draw for `route: random`
    end: float  # s
    caller: NDArray[np.int64]  # [N], first attempts
    laws: NDArray[Any]  # [Q] LAWS
    means: NDArray[Any]  # [Q, I] MEANS
    redial_chance: NDArray[np.float64]  # [Q, C]
    transfer_upto: NDArray[np.float64]  # [Q, Q]
    told: NDArray[Any]  # [R] TOLD_BY
    values: NDArray[np.float64]
    open_window: NDArray[np.float64]
    interval_start: NDArray[np.float64]
    service: NDArray[Any]  # these four, and `late`, as in `More`
    due_time: NDArray[np.float64]
    due_key: NDArray[np.int64]
    counts: NDArray[np.int64]
    arrival: NDArray[np.float64]  # [C] these five as in `Calls`
    queue: NDArray[np.int64]
    handle_time: NDArray[np.float64]
    patience: NDArray[np.float64]
    route: NDArray[np.float64]
    late: NDArray[Any]
    never_came: NDArray[np.int64]  # [4] by kind
    no_room: NDArray[np.int64]  # `Book.counts`


def parts(f: Floor) -> tuple[Service, Later]:
    """What the floor has besides; the neutral ones where it has nothing."""
    teams, queues, intervals = f.team_positions.size, f.queue_type.size, f.interval_start.size
    types = int(f.queue_type.max(initial=-1)) + 1
    return f.service or plain_service(teams, queues, intervals), f.later or nothing_later(types, queues, intervals)


class Extras:
    """The tables of one floor, and the buffers of its days."""

    def __init__(self, f: Floor) -> None:
        self._floor = f
        service, later = self._service, self._later = parts(f)
        queues, teams = f.queue_type.size, f.team_positions.size
        table = self._at_first = np.zeros(queues, SERVICE)
        table["type"], table["pace"], table["told_row"] = f.queue_type, 1.0, -1
        for name in ("at_once", "kept", "reserve", "holds_line", "slower", "announcement", "callback_from"):
            table[name] = getattr(service, name)
        table["accepts"], table["reached"], table["ring"] = service.callback_accept, service.callback_reached, service.callback_ring
        table["repeats"], table["balk"], table["most_redials"] = later.repeat_chance, later.balk, later.redial_most
        table["keeps"], table["after_closing"] = later.redial_keeps, later.redial_after_closing
        table["passed_on"] = later.transfer_upto[:, -1]
        table["redials"] = (later.redial_chance > 0.0).any(axis=1)
        table["name"] = later.type_name[f.queue_type]
        self._terms = np.zeros((teams, queues), TERMS)
        self._terms["after"], self._terms["factor"] = service.serve_after, service.team_factor
        for name, rows, tiers, turned in (
            ("offer_tier", f.offer_team, f.offer_tier, True),
            ("serve_tier", f.serve_queue, f.serve_tier, False),
        ):
            self._terms[name] = -1
            for row, place in np.argwhere(rows >= 0):
                other = rows[row, place]
                self._terms[name][(other, row) if turned else (row, other)] = tiers[row, place]
        moments = [self._moments(queue) for queue in range(queues)]
        table["offers"] = [len(row) for row in moments]
        self._offer_after = np.full((queues, max((len(row) for row in moments), default=0) + 1), np.inf)
        for row, values in zip(self._offer_after, moments, strict=True):
            row[: len(values)] = values
        self._state = table.copy()
        self._hands = np.zeros(f.agent_team.size, HAND)
        self._may = np.zeros(teams, np.uint8)
        self._laws = np.zeros(queues, LAWS)
        for name in ("handle", "patience", "redial_after", "repeat_after"):
            self._laws[name] = getattr(later, name)
        self._means = np.zeros(later.handle_mean.shape, MEANS)
        self._means["handle"], self._means["patience"] = later.handle_mean, later.patience_mean
        self._told = np.zeros(service.told_chance.size, TOLD_BY)
        self._told["chance"], self._told["after"] = service.told_chance, service.told_after
        self._counts = np.zeros(3, WHOLE)
        self._never_came = np.zeros(4, WHOLE)
        contacts = f.agent_team.size * int(service.at_once.max(initial=1))
        lines = max(f.lines, 0) + contacts + 1  # a call-back takes one even if none is free
        self.busy = Busy(np.zeros(contacts + 1), np.zeros(contacts + 1, WHOLE), np.zeros(lines), np.zeros(lines, np.int32), *no_wheel())

    def _moments(self, queue: int) -> list[float]:
        """When calls of a queue are offered while they wait [s from arrival]."""
        announcement = float(self._service.announcement[queue])
        teams = self._floor.offer_team[queue]
        after = {float(s) for s in self._service.serve_after[teams[teams >= 0], queue] if announcement < s < np.inf}
        return [announcement] * (announcement > 0.0) + sorted(after)

    def make_buffers(self, size: int) -> None:
        """Buffers for so many calls."""
        self.given: tuple[Any, ...] = (np.zeros(size), np.zeros(size, WHOLE), np.zeros(size), np.zeros(size), np.zeros(size))
        self.called_back, self._gone = np.zeros(size, np.uint8), np.zeros(size, np.uint8)
        self.late = np.zeros(size, LATE)
        self._due = (np.zeros(size + 1), np.zeros(size + 1, WHOLE))

    def begin(self, day: floor.Day, no_room: NDArray[np.int64]) -> tuple[More, Luck]:
        """The tables at the start of a day, whose calls are copied into `given`; `no_room` is `Book.counts`."""
        f, later, n = self._floor, self._later, day.arrival.size
        for buffer, drawn in zip(self.given, (day.arrival, day.queue, day.handle_time, day.patience, day.route), strict=True):
            buffer[: drawn.size] = drawn
        np.copyto(self._state, self._at_first)
        self._hands.fill(0)
        self.called_back.fill(0)
        self._never_came.fill(0)
        self._counts.fill(0)
        self._counts[CALLS] = n
        more = More(
            n, self._state, self._terms, self._hands, self._offer_after, self._service.reserve_counts, self._service.mean_handle,
            self._may, self.late, self.called_back, self._gone, *self._due, self._counts,
        )  # fmt: skip
        buffers: tuple[Any, ...] = (self._state, *self._due, self._counts, *self.given, self.late, self._never_came, no_room)
        luck = Luck(
            day.key, f.route == floor.RANDOM, float(later.end), day.caller, self._laws, self._means, later.redial_chance,
            later.transfer_upto, self._told, f.values, f.open_window, f.interval_start, *buffers,
        )  # fmt: skip
        return more, luck

    @property
    def calls(self) -> int:
        """Calls of the path played last, later ones included."""
        return int(self._counts[CALLS])

    def log(self, first_calls: int) -> dict[str, Any]:
        """The fields of the log that tell of later calls and call-backs."""
        of_floor = self._floor
        written: dict[str, Any] = {}
        if of_floor.service is not None:
            written["called_back"] = self.called_back[: self.calls]
        if of_floor.later is not None:
            late = self.late[: self.calls - first_calls]
            for name, buffer in zip(("arrival", "queue", "handle", "patience"), self.given, strict=False):
                written[f"later_{name}"] = buffer[first_calls : self.calls]
            written |= {f"later_{name}": np.ascontiguousarray(late[name]) for name in ("interval", "kind", "before", "first", "attempt")}
            written["never_came"] = self._never_came
        return written
