"""The columns of a tally's arrays, and the bins in which waits are counted."""

from __future__ import annotations

from typing import Final

import numpy as np

from ccsim.engine.compiled import entry, helper
from ccsim.engine.floor import Floats, Ints

# Columns of `Tally.calls`. ABANDONED: hung up, or called back in vain; WITHIN: answered, wait <= threshold of the type; OVER: answered or
# abandoned, wait > threshold; SHORT: abandoned, wait <= short_abandon; LONGEST: the longest wait of those answered or abandoned [s].
(OFFERED, CALLS_ANSWERED, ABANDONED, CALLS_BLOCKED, UNSETTLED, WAIT_ANSWERED, WAIT_ABANDONED, WITHIN, OVER, SHORT, LONGEST) = range(11)
CALL_COLUMNS: Final = 11
# Columns of `Tally.later`, calls by interval of arrival; FIRST_CALLS to TOLD_AGAIN add up to OFFERED. LOST: chains of attempts (a first
# call, repeat or transfer, the redials that follow it and the calls of who was told to call again) that ended without an answer, counted
# where and when the chain began; CALL_BACKS: offers of a call-back that were accepted; CALL_BACKS_UNREACHED: of those, called in vain.
(FIRST_CALLS, REDIALS, REPEATS, TRANSFERS, TOLD_AGAIN, LOST, CALL_BACKS, CALL_BACKS_UNREACHED) = range(8)
LATER_COLUMNS: Final = 8
# Columns of `Tally.teams` [s]
HANDLING, ON_DUTY = range(2)
# Columns of `Tally.team_totals`: calls; s past the end of shifts
TEAM_ANSWERED, OVERTIME = range(2)
# Columns of `Tally.pools`. YESES: people who accepted; PAID: s from log-in (or acceptance), blocks filled up, and `called_off` for who was
# not used after a yes (CALLED_OFF and LAPSED alike); STANDBY: person-seconds of `available` not paid in that way; DAYS_USED: days with an
# activation; FIRST: the first one of each of these days, s after clocks showed 0:00 on the day of its opening, added up.
# PREMIUM: s of premium times among PAID, each times what is paid for an hour of it besides.
ACTIVATIONS, YESES, PAID, STANDBY, DAYS_USED, FIRST, PREMIUM = range(7)
POOL_COLUMNS: Final = 7

# Waits are counted in bins: to the nearest 0.1 s up to three hours, the nearest 1 s up to thirty, the nearest 100 s beyond.
_FINE, _MIDDLE = 10_800.0, 108_000.0
_FINE_BINS, _MIDDLE_BINS = 108_000, 97_200


@entry
def bin_of(wait: float) -> int:
    """The bin in which a wait [s] is counted."""
    if wait < _FINE:
        return int(wait * 10.0 + 0.5)
    if wait < _MIDDLE:
        return _FINE_BINS + int(wait - _FINE + 0.5)
    return _FINE_BINS + _MIDDLE_BINS + int((wait - _MIDDLE) * 0.01 + 0.5)


@helper
def first_after(times: Floats, time: float) -> int:
    """The number of the first of `times` [N, ascending] that lies after `time`; N if none does. (searchsorted would compile for 0.6 s.)"""
    low, high = 0, times.shape[0]
    while low < high:
        middle = (low + high) >> 1
        if times[middle] <= time:
            low = middle + 1
        else:
            high = middle
    return low


def wait_of(bin_number: Ints) -> Floats:
    """The waits [s] that bins stand for: the middle of each, to the last digit of its resolution."""
    middle = _FINE + (bin_number - _FINE_BINS)
    coarse = _MIDDLE + 100.0 * (bin_number - (_FINE_BINS + _MIDDLE_BINS))
    return np.where(bin_number < _FINE_BINS, bin_number / 10.0, np.where(bin_number < _FINE_BINS + _MIDDLE_BINS, middle, coarse))
