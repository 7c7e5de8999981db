"""The tables that the compiled engine works on: one record an agent, team, queue and pool, and the buffers of a day."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import floor

INF = np.inf

# Constants that are given to helpers, as numpy numbers: for a plain one numba would compile the helper anew for each value
TO_BREAK, SHIFT_ENDED, NUMBER_FELL, CONTINGENT_LEFT, STILL_ON, MOVED = (
    np.int64(kind) for kind in (floor.TO_BREAK, floor.SHIFT_ENDED, floor.NUMBER_FELL, floor.CONTINGENT_LEFT, floor.STILL_ON, floor.MOVED)
)
CALLED_OFF, LAPSED, FAILED = np.int64(floor.CALLED_OFF), np.int64(floor.LAPSED), np.int64(floor.FAILED)
ZERO: Any = np.int64(0)
ONE: Any = np.int64(1)
BEHIND: Any = np.int64(-2)  # all bits but the lowest
NO_SHIFT = np.int64(-1)

# What an agent is doing
OFF, IDLE, BUSY, ON_BREAK = range(4)
# Why a busy agent will not come back for more: not at all; its time is over; it is closing time and it looks for one more call first;
# its pool was released (and may be activated again); its pool is over for the day
STAYS, LEAVES, LEAVES_LAST, RELEASED, DISMISSED = range(5)
# Rare events: order of those of one rank and number; the roster's kinds are mapped to these
(
    BREAK_ENDS,
    LOG_IN_DUE,
    CONTINGENT_LOG_IN,
    NUMBER_CHANGES,
    BREAK_DUE,
    LOG_OUT_DUE,
    BLOCK_END,
    POOL_ENDS,
    TICK,
    CHECK,
    CLOSES_NOW,
    OPENS_NOW,
    OUT_NOW,
    IN_NOW,
    PACE_CHANGES,
    ACCEPT_CHANGES,
    TIME_BEGINS,
    TIME_ENDS,
    PERSON_S_END,
) = range(19)
# A rare event's code: rank, number, kind, and (for blocks) which stint of the person it belongs to
RANK_SHIFT, NUMBER_SHIFT, KIND_SHIFT = 48, 24, 16
NUMBERS, KINDS, STINTS = 0xFFFFFF, 0xFF, 0xFFFF
# Where the next rare event stands, and what kind of event is next
FROM_ROSTER, FROM_HEAP, FROM_POOL = 1, 2, 3
RARE, COMPLETED, HANGS_UP, ARRIVAL, DUE_CALL = range(5)
NO_EVENT = 1 << 62
NOTHING, ASKS_AGAIN, ACTIVATES, RELEASES = range(4)  # what a pool does
CLOSES, IS_OPEN = 0, 1  # slots of `clock`: when the day that is on closes (or the last one closed) [s]; 1 while open
NO_BREAK = -1.0
VOID = -2  # in place of an agent: an event that had been called off
NOWHERE = np.int64(-1)  # else a kind of spell: where an agent goes who came free
# Slots of `Book.counts`
SPELLS, ASKS, ACTIVATIONS, RARE_EVENTS, NO_ROOM = range(5)
NO_ROOM_FOR_CALLS = np.int64(2)  # in slot NO_ROOM; 1 where any other buffer was too small


WHOLE, REAL = np.int64, np.float64

SMALL = np.int32
_LINE = 64  # bytes that the processor takes from memory at a time


def _of_whole_lines(fields: list[tuple[str, Any]]) -> np.dtype[Any]:
    """A record that takes up whole lines, so that the fields that stand first in it are always in one."""
    tight = np.dtype(fields, align=True)
    names = list(tight.names or ())
    offsets = [int(tight.fields[name][1]) for name in names] if tight.fields is not None else []
    size = -(-tight.itemsize // _LINE) * _LINE
    return np.dtype({"names": names, "formats": [tight[name] for name in names], "offsets": offsets, "itemsize": size}, align=True)


# One record an agent; what a call touches stands first, in one line of the cache.
AGENT = _of_whole_lines(
    [
        ("team", WHOLE),
        ("turn", WHOLE),  # the lower, the longer idle
        ("owed", REAL),  # s of break due, NO_BREAK if none is
        ("factor", REAL),  # of the handle time
        ("next_team", SMALL),  # team after the call in hand, -1 none
        ("leaving", SMALL),  # STAYS ... DISMISSED
        ("before", SMALL),  # neighbours in the team's order of idleness, -1 none
        ("after", SMALL),
        ("state", WHOLE),  # OFF, IDLE, BUSY, ON_BREAK
        ("spell_from", REAL),  # s
        ("due", REAL),  # s, when the shift ended
        ("back_at", REAL),  # s, end of the break that is being taken
        ("shift", WHOLE),  # shift instance that the agent is on
        ("log_in_due", REAL),  # s, of a contingent on the way, else nan
        ("block_until", REAL),  # s
        ("ask_row", WHOLE),  # row of the ask that holds
        ("stint", WHOLE),  # times on, modulo 65,536
        ("asked_in", WHOLE),  # activation in which the person was last asked, counted from 1
        ("fails", WHOLE),  # 1 where a contingent on the way will not come
    ]
)

TEAM = np.dtype(
    [
        ("first", WHOLE),  # who has been idle longest, -1 none
        ("last", WHOLE),
        ("idle", WHOLE),  # how many are
        ("on_duty", WHOLE),  # as rules and estimates count it
        ("contingent", WHOLE),  # pool, -1 for regulars
        ("positions", WHOLE),  # 1 for positions by interval
        ("due_out", WHOLE),  # positions that leave as they come free
        ("due_last", WHOLE),  # positions that leave when nobody they take waits
        ("number", WHOLE),  # positions wanted now
        ("fell", REAL),  # s, last fall of the number
        ("first_agent", WHOLE),
        ("agents", WHOLE),
    ]
)

QUEUE = np.dtype([("first", WHOLE), ("last", WHOLE), ("waiting", WHOLE), ("line_share", REAL)])

POOL = np.dtype(
    [
        ("team", WHOLE),
        ("active", WHOLE),
        ("activation", WHOLE),  # activations so far
        ("row", WHOLE),  # of the running one
        ("window", WHOLE),  # row of `pool_window` that is on, or comes next
        ("next_tick", REAL),  # s
        ("next_check", REAL),  # s
        ("checks", WHOLE),  # multiple of `check` that it is
        ("over_at", REAL),  # s, end of the last window
        ("answers", WHOLE),  # answered calls that AVERAGE_WAIT has seen
        ("old", WHOLE),  # of these, fallen out of the window
        ("release_old", WHOLE),  # ... of the release's window
        ("when", WHOLE),
        ("reaches", REAL),
        ("call_up", WHOLE),
        ("every", REAL),
        ("check", REAL),
        ("over", REAL),
        ("release_when", WHOLE),
        ("release_over", REAL),
        ("falls_to", REAL),
        ("block", REAL),
        ("accept", REAL),  # chance to say yes, by the events in force
        ("says_yes", REAL),  # ... without events
        ("favour", REAL),  # factor on it by the events in force
        ("name", np.uint64),
    ]
)


SPELL = np.dtype([("agent", WHOLE), ("team", WHOLE), ("kind", WHOLE), ("start", REAL), ("end", REAL), ("due", REAL)])
ASK = np.dtype([("pool", WHOLE), ("agent", WHOLE), ("outcome", WHOLE), ("time", REAL), ("due", REAL), ("settled", REAL)])
ACTIVATION = np.dtype([("pool", WHOLE), ("time", REAL), ("until", REAL)])


class Book(NamedTuple):
    """What the rare events write down, and the heap of those to come (returns, log-ins of contingents, ends of blocks)."""

    spells: NDArray[Any]  # [L] SPELL
    asks: NDArray[Any]  # [K] ASK
    activations: NDArray[Any]  # [V] ACTIVATION
    rare_time: NDArray[np.float64]  # [R]
    rare_code: NDArray[np.int64]  # [R]
    counts: NDArray[np.int64]  # [5] spells, asks, activations, size of the rare heap, not 0 if a buffer was too small


class Roster(NamedTuple):
    """The events that stand in the roster (`Floor.event_*` or `Day.roster`), who turned up for them, and how fast they are."""

    time: NDArray[np.float64]
    code: NDArray[np.int64]  # `code`
    number: NDArray[np.int64]
    value: NDArray[np.float64]
    shift: NDArray[np.int64]
    present: NDArray[np.uint8]
    shift_factor: NDArray[np.float64]  # [S or 0]
    factor: NDArray[np.float64]  # [A]


class Choices(NamedTuple):
    """Who may take what, best first (`Floor.offer_*` and `Floor.serve_*`)."""

    offer_team: NDArray[np.int64]
    offer_tier: NDArray[np.int64]
    serve_queue: NDArray[np.int64]
    serve_tier: NDArray[np.int64]


class PoolTables(NamedTuple):
    """What the pools look at (`Floor.pool_*`), and the running totals behind AVERAGE_WAIT."""

    takes_queue: NDArray[np.int64]
    counts_team: NDArray[np.int64]
    mean_handle: NDArray[np.float64]
    window: NDArray[np.float64]
    notice: NDArray[np.float64]
    values: NDArray[np.float64]
    able: NDArray[np.uint8]  # [A or 0]
    answer_time: NDArray[np.float64]  # [P, N or 0] s
    answer_total: NDArray[np.float64]  # [P, N + 1 or 1] running total of the waits of answered calls [s]


class Calls(NamedTuple):
    """The calls of a day, what becomes of them, and the lists and heaps that they stand in. N calls, or room for later ones besides."""

    arrival: NDArray[np.float64]
    queue: NDArray[np.int64]
    handle_time: NDArray[np.float64]
    patience: NDArray[np.float64]
    route: NDArray[np.float64]  # [N or 0]
    outcome: NDArray[np.int8]
    moved_on: NDArray[np.float64]
    ended: NDArray[np.float64]
    agent: NDArray[np.int32]
    before: NDArray[np.int32]  # neighbours in the queue, -1 none
    after: NDArray[np.int32]
    hang_time: NDArray[np.float64]  # [N + 1] heap of hang-ups
    hang_call: NDArray[np.int32]


class Busy(NamedTuple):
    """Completed calls to come, and the heap of lines that answered calls hold.

    Where an agent has one call at a time, its end stands in a wheel: a ring of W buckets, each some seconds wide, that begins at the clock
    and reaches over several mean handle times. A bucket is a chain of agents in order of their ends. To put an end in, or to find the next
    one, takes as long with a thousand agents as with ten; a heap takes its logarithm, and guesses wrong half the time. Ends beyond the
    wheel's reach, and all of them where agents have several contacts at a time, stand in a heap.
    """

    done_time: NDArray[np.float64]  # [contacts in hand at most + 1]
    done_agent: NDArray[Any]  # int32: agent; int64: agent and call number (`more.AGENT_SHIFT`)
    line_time: NDArray[np.float64]  # [lines held at most + 1]
    line_call: NDArray[np.int32]
    wheel: NDArray[np.int32]  # [W] whose call ends first in each bucket, -1 none; W is a power of 2
    filled: NDArray[np.int64]  # [W >> WORD_SHIFT] a bit a bucket, 1 where it holds any; 64 to a number
    end_at: NDArray[np.float64]  # [A] s
    next_in: NDArray[np.int32]  # [A] next in the same bucket, -1 none
    pace: float  # buckets a second


WORD_SHIFT, WORD = 6, 63  # buckets go by 64


def no_wheel() -> tuple[Any, ...]:
    """The wheel's part of `Busy` where there is none."""
    return np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int32), 1.0
