"""Adding up what became of calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.compiled import entry
from ccsim.engine.floor import ANSWERED, BLOCKED, HUNG_UP, REDIAL, REPEAT, TOLD, TRANSFER, UNREACHED, Floats, Ints
from ccsim.engine.floor import UNSETTLED as STILL_WAITING
from ccsim.engine.tally.columns import (
    ABANDONED,
    CALL_BACKS,
    CALL_BACKS_UNREACHED,
    CALLS_ANSWERED,
    CALLS_BLOCKED,
    FIRST_CALLS,
    LONGEST,
    LOST,
    OFFERED,
    OVER,
    REDIALS,
    REPEATS,
    SHORT,
    TOLD_AGAIN,
    TRANSFERS,
    UNSETTLED,
    WAIT_ABANDONED,
    WAIT_ANSWERED,
    WITHIN,
    bin_of,
)

# Columns of `Tally.later` by kind of later call
_KIND_COLUMN = np.empty(4, np.int64)
_KIND_COLUMN[REDIAL], _KIND_COLUMN[REPEAT], _KIND_COLUMN[TRANSFER], _KIND_COLUMN[TOLD] = REDIALS, REPEATS, TRANSFERS, TOLD_AGAIN


@entry
def tally_calls(
    first: Ints,
    arrival: Floats,
    queue: Ints,
    interval: Ints,
    outcome: NDArray[np.int8],
    moved_on: Floats,
    queue_type: Ints,
    threshold: Floats,
    short_abandon: Floats,
    first_interval: int,
    calls: Floats,
    waits: NDArray[np.int32],
) -> int:
    """Adds calls to `calls` [D, I, T, CALL_COLUMNS] and `waits` [D, T, B]: the first attempts of D paths, or their later calls.

    Those of each path begin at `first` [D + 1]; A call-back in vain counts as one that hung up when the ringing began.

    Returns the highest bin needed; waits of bin B and above are not counted in `waits`.
    """
    bins = waits.shape[2]
    top = 0
    for d in range(first.shape[0] - 1):
        low, high = first[d], first[d + 1]
        came, its_queue, its_interval = arrival[low:high], queue[low:high], interval[low:high]
        its_outcome, its_end = outcome[low:high], moved_on[low:high]
        sums, bin_counts = calls[d], waits[d]
        # The common case, an answered call, adds to the sums of its interval and type in registers, which are written down when either
        # changes: half the time of adding in memory.
        at_interval, at_type = np.int64(-1), np.int64(-1)
        answered, within, over, at_once = 0, 0, 0, 0
        waited, longest, limit = 0.0, 0.0, 0.0
        for c in range(came.shape[0] + 1):
            last = c == came.shape[0]
            i = np.int64(-1) if last else its_interval[c]
            t = np.int64(-1) if last else queue_type[its_queue[c]]
            if i != at_interval or t != at_type:
                if at_interval >= first_interval:
                    sums[at_interval, at_type, OFFERED] += answered
                    sums[at_interval, at_type, CALLS_ANSWERED] += answered
                    sums[at_interval, at_type, WAIT_ANSWERED] += waited
                    sums[at_interval, at_type, WITHIN] += within
                    sums[at_interval, at_type, OVER] += over
                    sums[at_interval, at_type, LONGEST] = max(longest, sums[at_interval, at_type, LONGEST])
                    bin_counts[at_type, 0] += at_once
                if last:
                    break
                at_interval, at_type = i, t
                answered, within, over, at_once = 0, 0, 0, 0
                waited, longest, limit = 0.0, 0.0, threshold[t]
            if i < first_interval:
                continue
            what = its_outcome[c]
            if what == ANSWERED:
                wait = its_end[c] - came[c]
                answered += 1
                waited += wait
                within += wait <= limit
            else:
                sums[i, t, OFFERED] += 1.0
                if what == BLOCKED:
                    sums[i, t, CALLS_BLOCKED] += 1.0
                    continue
                if what != HUNG_UP and what != UNREACHED:
                    sums[i, t, UNSETTLED] += 1.0
                    continue
                wait = its_end[c] - came[c]
                sums[i, t, ABANDONED] += 1.0
                sums[i, t, WAIT_ABANDONED] += wait
                if wait <= short_abandon[t]:
                    sums[i, t, SHORT] += 1.0
            over += wait > limit
            longest = max(longest, wait)
            if wait == 0.0:
                at_once += 1
            else:
                b = bin_of(wait)
                if b < bins:
                    bin_counts[t, b] += 1
                top = max(top, b)
    return top


@entry
def tally_long_waits(
    arrival: Floats,
    queue: Ints,
    interval: Ints,
    outcome: NDArray[np.int8],
    moved_on: Floats,
    queue_type: Ints,
    first_interval: int,
    first_bin: int,
    waits: NDArray[np.int32],
) -> None:
    """Adds to `waits` [T, B] the waits of one path that fall in `first_bin` or above: those that `tally_calls` had no room for."""
    for c in range(arrival.shape[0]):
        if interval[c] >= first_interval and (outcome[c] == ANSWERED or outcome[c] == HUNG_UP or outcome[c] == UNREACHED):
            b = bin_of(moved_on[c] - arrival[c])
            if b >= first_bin:
                waits[queue_type[queue[c]], b] += 1


@entry
def tally_later(
    interval: Ints,
    queue: Ints,
    later_interval: Ints,
    later_queue: Ints,
    later_kind: Ints,
    later_before: Ints,
    outcome: NDArray[np.int8],
    called_back: NDArray[np.uint8],
    queue_type: Ints,
    first_interval: int,
    later: Floats,
) -> None:
    """Adds the N first attempts and M later calls of one path to `later` [I, T, LATER_COLUMNS]; `outcome` [N + M].

    `called_back` is [N + M], or [0] where nobody is offered a call-back. Who was still waiting when the path was over is not lost.
    """
    first_attempts = interval.shape[0]
    calls = outcome.shape[0]
    # The call that each one's chain of attempts began with; and whether another attempt follows it
    root = np.arange(calls)
    goes_on = np.zeros(calls, np.uint8)
    for m in range(later_kind.shape[0]):
        if later_kind[m] == REDIAL or later_kind[m] == TOLD:
            before = later_before[m]
            root[first_attempts + m] = root[before]
            goes_on[before] = 1
    for c in range(calls):
        i = interval[c] if c < first_attempts else later_interval[c - first_attempts]
        t = queue_type[queue[c] if c < first_attempts else later_queue[c - first_attempts]]
        if i >= first_interval:
            later[i, t, FIRST_CALLS if c < first_attempts else _KIND_COLUMN[later_kind[c - first_attempts]]] += 1.0
            if called_back.shape[0] > 0 and called_back[c]:
                later[i, t, CALL_BACKS] += 1.0
                later[i, t, CALL_BACKS_UNREACHED] += outcome[c] == UNREACHED
        if not goes_on[c] and outcome[c] != ANSWERED and outcome[c] != STILL_WAITING:
            r = root[c]
            i = interval[r] if r < first_attempts else later_interval[r - first_attempts]
            if i >= first_interval:
                later[i, queue_type[queue[r] if r < first_attempts else later_queue[r - first_attempts]], LOST] += 1.0
