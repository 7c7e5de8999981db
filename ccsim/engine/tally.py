"""A played day added up: from a log to arrays whose size does not depend on the number of calls.

Both engines' logs go through these same functions. What the sums mean for a planner (ratios, targets, money) is defined in
`ccsim.measures`; here are only counts and seconds, by interval of the path.

Calls count in the interval in which they arrived, time in the interval of the clock (rule 7). Intervals before `first_interval` are the
warm-up: their calls and the time that passes in them are left out.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ccsim.engine.floor import ANSWERED, BLOCKED, HUNG_UP, LOGGED_IN, NUMBER_FELL, REFUSED, SHIFT_ENDED, Day, Floats, Floor, Ints, Log

# Columns of `Tally.calls`. WITHIN: answered, wait <= threshold of the type; OVER: answered or hung up, wait > threshold; SHORT: hung up,
# wait <= short_abandon; LONGEST: the longest wait of those answered or hung up [s].
(OFFERED, CALLS_ANSWERED, ABANDONED, CALLS_BLOCKED, UNSETTLED, WAIT_ANSWERED, WAIT_ABANDONED, WITHIN, OVER, SHORT, LONGEST) = range(11)
CALL_COLUMNS: Final = 11
# Columns of `Tally.teams` [s]
HANDLING, ON_DUTY = range(2)
# Columns of `Tally.team_totals`: calls; s past the end of shifts
TEAM_ANSWERED, OVERTIME = range(2)
# Columns of `Tally.pools`. YESES: people who accepted; PAID: s from log-in (or acceptance), blocks filled up, and `called_off` for who was
# not used after a yes (CALLED_OFF and LAPSED alike); STANDBY: person-seconds of `available` not paid in that way; DAYS_USED: days with an
# activation; FIRST: the first one of each of these days, s after the midnight of the day of its opening, added up.
ACTIVATIONS, YESES, PAID, STANDBY, DAYS_USED, FIRST = range(6)
POOL_COLUMNS: Final = 6

# Waits are counted in bins: to the nearest 0.1 s up to three hours, the nearest 1 s up to thirty, the nearest 100 s beyond.
_FINE, _MIDDLE = 10_800.0, 108_000.0
_FINE_BINS, _MIDDLE_BINS = 108_000, 97_200
_DAY = 86400.0


@njit(cache=True, nogil=True, error_model="numpy")
def bin_of(wait: float) -> int:
    """The bin in which a wait [s] is counted."""
    if wait < _FINE:
        return int(wait * 10.0 + 0.5)
    if wait < _MIDDLE:
        return _FINE_BINS + int(wait - _FINE + 0.5)
    return _FINE_BINS + _MIDDLE_BINS + int((wait - _MIDDLE) * 0.01 + 0.5)


def wait_of(bin_number: Ints) -> Floats:
    """The waits [s] that bins stand for: the middle of each, to the last digit of its resolution."""
    middle = _FINE + (bin_number - _FINE_BINS)
    coarse = _MIDDLE + 100.0 * (bin_number - (_FINE_BINS + _MIDDLE_BINS))
    return np.where(bin_number < _FINE_BINS, bin_number / 10.0, np.where(bin_number < _FINE_BINS + _MIDDLE_BINS, middle, coarse))


@njit(cache=True, nogil=True, error_model="numpy")
def _tally_calls(
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
    waits: Ints,
) -> int:
    """Adds the calls of one path to `calls` [I, T, CALL_COLUMNS] and `waits` [T, B].

    Returns the highest bin needed; waits of bin B and above are not counted in `waits`.
    """
    bins = waits.shape[1]
    top = 0
    # The common case, an answered call, adds to the sums of its interval and type in registers, which are written down when either changes:
    # half the time of adding in memory.
    at_interval, at_type = np.int64(-1), np.int64(-1)
    answered, within, over, at_once = 0, 0, 0, 0
    waited, longest, limit = 0.0, 0.0, 0.0
    for c in range(arrival.shape[0] + 1):
        last = c == arrival.shape[0]
        i = np.int64(-1) if last else interval[c]
        t = np.int64(-1) if last else queue_type[queue[c]]
        if i != at_interval or t != at_type:
            if at_interval >= first_interval:
                calls[at_interval, at_type, OFFERED] += answered
                calls[at_interval, at_type, CALLS_ANSWERED] += answered
                calls[at_interval, at_type, WAIT_ANSWERED] += waited
                calls[at_interval, at_type, WITHIN] += within
                calls[at_interval, at_type, OVER] += over
                calls[at_interval, at_type, LONGEST] = max(longest, calls[at_interval, at_type, LONGEST])
                waits[at_type, 0] += at_once
            if last:
                break
            at_interval, at_type = i, t
            answered, within, over, at_once = 0, 0, 0, 0
            waited, longest, limit = 0.0, 0.0, threshold[t]
        if i < first_interval:
            continue
        what = outcome[c]
        if what == ANSWERED:
            wait = moved_on[c] - arrival[c]
            answered += 1
            waited += wait
            within += wait <= limit
        else:
            calls[i, t, OFFERED] += 1.0
            if what == BLOCKED:
                calls[i, t, CALLS_BLOCKED] += 1.0
                continue
            if what != HUNG_UP:
                calls[i, t, UNSETTLED] += 1.0
                continue
            wait = moved_on[c] - arrival[c]
            calls[i, t, ABANDONED] += 1.0
            calls[i, t, WAIT_ABANDONED] += wait
            if wait <= short_abandon[t]:
                calls[i, t, SHORT] += 1.0
        over += wait > limit
        longest = max(longest, wait)
        if wait == 0.0:
            at_once += 1
        else:
            b = bin_of(wait)
            if b < bins:
                waits[t, b] += 1
            top = max(top, b)
    return top


@njit(cache=True, nogil=True, error_model="numpy")
def _tally_handling(
    interval: Ints,
    outcome: NDArray[np.int8],
    moved_on: Floats,
    ended: Floats,
    agent: NDArray[np.int32],
    agent_team: Ints,
    interval_start: Floats,
    interval_end: Floats,
    first_interval: int,
    overtime_until: float,
    teams: Floats,
    team_totals: Floats,
) -> None:
    """Adds the handling of one path's answered calls to `teams` [G, I, 2] and their number to `team_totals` [G, 2]."""
    intervals = interval_start.shape[0]
    at_interval, its_end = np.int64(-1), 0.0
    for c in range(interval.shape[0]):
        if outcome[c] != ANSWERED:
            continue
        i = interval[c]
        if i != at_interval:
            at_interval, its_end = i, interval_end[i]
        then, end = moved_on[c], ended[c]
        # An unsigned index spares a test for counting from the end.
        g = np.uint64(agent_team[np.uint64(agent[c])])
        if i >= first_interval:
            team_totals[g, TEAM_ANSWERED] += 1.0
            if end <= its_end:
                teams[g, np.uint64(i), HANDLING] += end - then
                continue
        while i < intervals and interval_end[i] <= then:
            i += 1
        while i < intervals and interval_start[i] < end:
            if i >= first_interval:
                teams[g, np.uint64(i), HANDLING] += min(end, interval_end[i]) - max(then, interval_start[i])
            i += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _tally_long_waits(
    arrival: Floats,
    queue: Ints,
    interval: Ints,
    outcome: NDArray[np.int8],
    moved_on: Floats,
    queue_type: Ints,
    first_interval: int,
    first_bin: int,
    waits: Ints,
) -> None:
    """Adds to `waits` [T, B] the waits of one path that fall in `first_bin` or above: those that `_tally_calls` had no room for."""
    for c in range(arrival.shape[0]):
        if interval[c] >= first_interval and (outcome[c] == ANSWERED or outcome[c] == HUNG_UP):
            b = bin_of(moved_on[c] - arrival[c])
            if b >= first_bin:
                waits[queue_type[queue[c]], b] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _outside(start: float, end: float, windows: Floats) -> float:
    """Seconds of start..end that lie in none of `windows` [D, 2]; windows do not overlap, those of no length are closed days."""
    left = end - start
    for d in range(windows.shape[0]):
        if windows[d, 1] > windows[d, 0]:
            overlap = min(end, windows[d, 1]) - max(start, windows[d, 0])
            if overlap > 0.0:
                left -= overlap
    return max(left, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _tally_spells(
    spell_team: Ints,
    spell_start: Floats,
    spell_end: Floats,
    spell_due: Floats,
    spell_kind: Ints,
    interval_start: Floats,
    interval_end: Floats,
    open_window: Floats,
    first_interval: int,
    overtime_until: float,
    teams: Floats,
    team_totals: Floats,
) -> None:
    """Adds the stretches on duty of one path to `teams` [G, I, 2] and their overtime to `team_totals` [G, 2].

    Overtime is the time past the end of a shift, and for positions the time that they stay while the centre is closed (rule 5: before
    closing they have none).
    """
    intervals = interval_start.shape[0]
    measured_from = interval_start[first_interval]
    for s in range(spell_team.shape[0]):
        g = spell_team[s]
        start = spell_start[s]
        end = spell_end[s]
        j = max(np.searchsorted(interval_end, start, side="right"), first_interval)
        while j < intervals and interval_start[j] < end:
            teams[g, j, ON_DUTY] += min(end, interval_end[j]) - max(start, interval_start[j])
            j += 1
        due = max(spell_due[s], start)
        end = min(end, overtime_until)
        if end > due and due >= measured_from:
            if spell_kind[s] == SHIFT_ENDED:
                team_totals[g, OVERTIME] += end - due
            elif spell_kind[s] == NUMBER_FELL:
                team_totals[g, OVERTIME] += _outside(due, end, open_window)


@njit(cache=True, nogil=True, error_model="numpy")
def _tally_activations(
    activation_pool: Ints,
    activation_time: Floats,
    interval_start: Floats,
    interval_day: Ints,
    measured_from: float,
    first_of_day: Floats,
    pools: Floats,
) -> None:
    """Adds the activations of one path to `pools` [P, POOL_COLUMNS]; `first_of_day` [P, D] is scratch.

    An activation belongs to the day whose opening it lies in: after midnight, where a centre opens in the evening, to the day before.
    """
    first_of_day[:] = np.inf
    for v in range(activation_pool.shape[0]):
        time = activation_time[v]
        if time >= measured_from:
            p = activation_pool[v]
            pools[p, ACTIVATIONS] += 1.0
            d = interval_day[max(np.searchsorted(interval_start, time, side="right") - 1, 0)]
            first_of_day[p, d] = min(time, first_of_day[p, d])
    for p in range(first_of_day.shape[0]):
        for d in range(first_of_day.shape[1]):
            if first_of_day[p, d] < np.inf:
                pools[p, DAYS_USED] += 1.0
                pools[p, FIRST] += first_of_day[p, d] - d * _DAY


@njit(cache=True, nogil=True, error_model="numpy")
def _inside(start: float, end: float, windows: Floats) -> float:
    """Seconds of start..end that lie in one of `windows` [D, 2]; those of no length are padding."""
    inside = 0.0
    for d in range(windows.shape[0]):
        inside += max(min(end, windows[d, 1]) - max(start, windows[d, 0]), 0.0)
    return inside


@njit(cache=True, nogil=True, error_model="numpy")
def _tally_pay(
    ask_agent: Ints,
    ask_time: Floats,
    ask_outcome: Ints,
    ask_settled: Floats,
    spell_agent: Ints,
    spell_start: Floats,
    spell_end: Floats,
    agent_pool: Ints,
    pool_window: Floats,
    pool_block: Floats,
    from_acceptance: NDArray[np.uint8],
    called_off: Floats,
    measured_from: float,
    path_end: float,
    pools: Floats,
) -> None:
    """Adds the yeses, the paid seconds and the standby of one path to `pools` [P, POOL_COLUMNS].

    Paid stretches count from `measured_from` on. Standby is what lies between a person's paid stretches, inside `available` and between
    `measured_from` and `path_end`; where two paid stretches overlap, the time they share is taken off once.
    """
    asks = ask_agent.shape[0]
    stretches = asks + spell_agent.shape[0]
    agent, start, end = np.full(stretches, -1), np.empty(stretches), np.empty(stretches)
    for k in range(asks):
        start[k] = end[k] = ask_settled[k]
        if ask_outcome[k] != REFUSED:
            agent[k] = ask_agent[k]
            p = agent_pool[agent[k]]
            pools[p, YESES] += ask_time[k] >= measured_from
            if from_acceptance[p]:
                start[k] = ask_time[k]
            if ask_outcome[k] != LOGGED_IN:
                end[k] = max(end[k], start[k] + called_off[p])
    for s in range(spell_agent.shape[0]):
        k = asks + s
        start[k], end[k] = spell_start[s], spell_end[s]
        p = agent_pool[spell_agent[s]]
        if p >= 0:
            agent[k] = spell_agent[s]
            end[k] = max(end[k], start[k] + pool_block[p])
    settled_until = np.full(agent_pool.shape[0], measured_from)
    for k in np.argsort(start, kind="mergesort"):
        a = agent[k]
        if a >= 0 and end[k] > max(start[k], measured_from):
            p = agent_pool[a]
            pools[p, PAID] += end[k] - max(start[k], measured_from)
            pools[p, STANDBY] += _inside(settled_until[a], min(start[k], path_end), pool_window[p])
            settled_until[a] = max(end[k], settled_until[a])
    for a in range(agent_pool.shape[0]):
        p = agent_pool[a]
        if p >= 0:
            pools[p, STANDBY] += _inside(settled_until[a], path_end, pool_window[p])


class Limits(NamedTuple):
    """What the tally has to know beyond the floor: when a wait is long, what is measured, how contingents are paid."""

    threshold: Floats  # [T] the wait to keep under [s]
    short_abandon: Floats  # [T] hang-ups after no longer than this are short [s]
    first_interval: int  # intervals before it are warm-up; less than I
    from_acceptance: NDArray[np.uint8]  # [P] 1 where contingents are paid from saying yes, 0 from log-in
    called_off: Floats  # [P] paid at least to who accepted and was called off, or whose log-in lapsed [s]
    interval_day: Ints  # [I] day of the path on which the interval's opening lies
    days: int  # calendar days of the path
    overtime_until: float = np.inf  # where the path ends and the centre goes on, work after that is nobody's overtime [s]


class Tally:
    """The sums of up to `slots` played paths of one floor, each path in a slot of its own; a worker keeps one and uses it again.

    calls [slots, I, T, CALL_COLUMNS], teams [slots, G, I, 2], team_totals [slots, G, 2], pools [slots, P, POOL_COLUMNS] and
    waits [slots, T, bins], the number of calls answered or hung up in each bin of waits (`wait_of`), of which `bins_used` hold any.
    """

    def __init__(self, floor: Floor, limits: Limits, slots: int) -> None:
        self.floor = floor
        self.limits = limits
        self.types = len(limits.threshold)
        self.bins_used = 0
        intervals, teams, pools = len(floor.interval_start), len(floor.team_positions), len(floor.pool_team)
        self.calls = np.zeros((slots, intervals, self.types, CALL_COLUMNS))
        self.teams = np.zeros((slots, teams, intervals, 2))
        self.team_totals = np.zeros((slots, teams, 2))
        self.pools = np.zeros((slots, pools, POOL_COLUMNS))
        self.waits = np.zeros((slots, self.types, 1024), dtype=np.int64)
        self._agent_pool = floor.team_is_contingent[floor.agent_team]
        self._first_of_day = np.empty((pools, limits.days))
        # Without a warm-up the path counts from its first midnight: people are on call before the opening too.
        self._measured_from = float(floor.interval_start[limits.first_interval]) if limits.first_interval else 0.0

    def clear(self) -> None:
        """Empties every slot."""
        for sums in (self.calls, self.teams, self.team_totals, self.pools):
            sums[:] = 0.0
        self.waits[:, :, : self.bins_used] = 0
        self.bins_used = 0

    def add(self, slot: int, day: Day, log: Log) -> None:
        """Adds one played path to a slot: its calls, the time spent on them, its stretches on duty and its call-ups."""
        floor, limits = self.floor, self.limits
        teams, team_totals = self.teams[slot], self.team_totals[slot]
        top = _tally_calls(
            day.arrival, day.queue, day.interval, log.outcome, log.moved_on, floor.queue_type, limits.threshold, limits.short_abandon,
            limits.first_interval, self.calls[slot], self.waits[slot],
        )  # fmt: skip
        _tally_handling(
            day.interval, log.outcome, log.moved_on, log.ended, log.agent, floor.agent_team, floor.interval_start, floor.interval_end,
            limits.first_interval, limits.overtime_until, teams, team_totals,
        )  # fmt: skip
        had_room_for = self.waits.shape[2]
        if top >= had_room_for:
            more = np.zeros((*self.waits.shape[:2], max(top + 1, 2 * had_room_for) - had_room_for), dtype=np.int64)
            self.waits = np.concatenate([self.waits, more], axis=2)
            _tally_long_waits(
                day.arrival, day.queue, day.interval, log.outcome, log.moved_on, floor.queue_type, limits.first_interval,
                had_room_for, self.waits[slot],
            )  # fmt: skip
        self.bins_used = max(self.bins_used, top + 1)
        _tally_spells(
            log.spell_team, log.spell_start, log.spell_end, log.spell_due, log.spell_kind, floor.interval_start, floor.interval_end,
            floor.open_window, limits.first_interval, limits.overtime_until, teams, team_totals,
        )  # fmt: skip
        if len(floor.pool_team):
            _tally_activations(
                log.activation_pool, log.activation_time, floor.interval_start, limits.interval_day, self._measured_from,
                self._first_of_day, self.pools[slot],
            )  # fmt: skip
            _tally_pay(
                log.ask_agent, log.ask_time, log.ask_outcome, log.ask_settled, log.spell_agent, log.spell_start, log.spell_end,
                self._agent_pool, floor.pool_window, floor.pool_block, limits.from_acceptance, limits.called_off,
                self._measured_from, limits.days * _DAY, self.pools[slot],
            )  # fmt: skip
