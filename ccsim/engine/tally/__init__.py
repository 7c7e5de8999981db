"""A played day added up: from a log to arrays whose size does not depend on the number of calls.

Both engines' logs go through these same functions. What the sums mean for a planner (ratios, targets, money) is defined in
`ccsim.measures`; here are only counts and seconds, by interval of the path.

Calls count in the interval in which they arrived, time in the interval of the clock (rule 7). Intervals before `first_interval` are the
warm-up: their calls and the time that passes in them are left out. First attempts and later calls (redials, repeats, transfers) are
calls alike; a later call that comes while the centre is closed counts in the interval begun last.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.days import Days, Logs, one_day, one_log
from ccsim.engine.floor import Day, Floats, Floor, Ints, Log
from ccsim.engine.tally.calls import tally_calls, tally_later, tally_long_waits
from ccsim.engine.tally.columns import CALL_COLUMNS, LATER_COLUMNS, POOL_COLUMNS, bin_of, wait_of
from ccsim.engine.tally.pools import tally_activations, tally_pay
from ccsim.engine.tally.time import tally_contacts, tally_handling, tally_spells

__all__ = ["Limits", "Tally", "bin_of", "wait_of"]


class Limits(NamedTuple):
    """What the tally has to know beyond the floor: when a wait is long, what is measured, how contingents are paid."""

    threshold: Floats  # [T] the wait to keep under [s]
    short_abandon: Floats  # [T] hang-ups after no longer than this are short [s]
    first_interval: int  # intervals before it are warm-up; less than I
    from_acceptance: NDArray[np.uint8]  # [P] 1 where contingents are paid from saying yes, 0 from log-in
    called_off: Floats  # [P] paid at least to who accepted and was called off, or whose log-in lapsed [s]
    interval_day: Ints  # [I] day of the path on which the interval's opening lies
    days: int  # calendar days of the path
    path_end: float  # the midnight that ends the path's last day [s]
    clock_zero: Floats  # [I] when clocks that show what they show then would have shown 0:00 of the opening's day [s]
    overtime_until: float = np.inf  # where the path ends and the centre goes on, work after that is nobody's overtime [s]
    premium_window: Floats = np.zeros((0, 0, 2))  # [P, X, 2] times with more pay [s]; to <= from is padding
    premium_hour: Floats = np.zeros((0, 0))  # [P, X] paid for an hour of them besides


class Tally:
    """The sums of up to `slots` played paths of one floor, each path in a slot of its own; a worker keeps one and uses it again.

    calls [slots, I, T, CALL_COLUMNS], teams [slots, G, I, 2], team_totals [slots, G, 2], pools [slots, P, POOL_COLUMNS] and
    waits [slots, T, bins], the number of calls answered or abandoned in each bin of waits (`wait_of`), of which `bins_used` hold any.
    Where calls may lead to others: later [slots, I, T, LATER_COLUMNS] and never_came [slots, 4], later calls that were due while closed or
    too late, of the whole path, by kind; both of no slots elsewhere.
    """

    def __init__(self, floor: Floor, limits: Limits, slots: int) -> None:
        self.floor = floor
        self.limits = limits
        self.types = len(limits.threshold)
        self.bins_used = 0
        self._slots_used = 0  # those before it may hold something
        intervals, teams, pools = len(floor.interval_start), len(floor.team_positions), len(floor.pool_team)
        with_later = slots if floor.later is not None else 0
        self.calls = np.zeros((slots, intervals, self.types, CALL_COLUMNS))
        self.later = np.zeros((with_later, intervals, self.types, LATER_COLUMNS))
        self.never_came = np.zeros((with_later, 4))
        self.teams = np.zeros((slots, teams, intervals, 2))
        self.team_totals = np.zeros((slots, teams, 2))
        self.pools = np.zeros((slots, pools, POOL_COLUMNS))
        self.waits: NDArray[np.int32] = np.zeros((slots, self.types, 1024), np.int32)
        self._agent_pool = floor.team_is_contingent[floor.agent_team]
        self._hours = (np.zeros(0, np.int64), np.zeros((0, 1, 2))) if floor.rules is None else (floor.rules.hours_of, floor.rules.hours)
        self._several_at_once = floor.service is not None and bool((floor.service.at_once > 1).any())
        self._first_of_day = np.empty((pools, limits.days))
        # Without a warm-up the path counts from its first midnight: people are on call before the opening too.
        self._measured_from = float(floor.interval_start[limits.first_interval]) if limits.first_interval else 0.0

    def clear(self) -> None:
        """Empties every slot."""
        for sums in (self.calls, self.later, self.never_came, self.teams, self.team_totals, self.pools):
            sums[: self._slots_used] = 0.0
        self.waits[: self._slots_used, :, : self.bins_used] = 0
        self.bins_used = self._slots_used = 0

    def rehearse(self, day: Day, log: Log) -> None:
        """Go through all of it with a path on which nothing happens; for the compiler's sake."""
        self.add(0, day, log)
        self._add_long_waits(0, day.arrival, day.queue, day.interval, log.outcome, log.moved_on, self.waits.shape[2])

    def add(self, slot: int, day: Day, log: Log) -> None:
        """Adds one played path to a slot: its calls, the time spent on them, its stretches on duty and its call-ups."""
        self.add_days(slot, one_day(day), one_log(log))
        floor, limits, first_attempts = self.floor, self.limits, len(day.arrival)
        if floor.later is not None:
            outcome, moved_on = log.outcome[first_attempts:], log.moved_on[first_attempts:]
            of_later = log.later_arrival, log.later_queue, log.later_interval, outcome, moved_on
            self._add_calls(slot, np.array([0, outcome.size]), *of_later)
            tally_later(
                day.interval, day.queue, log.later_interval, log.later_queue, log.later_kind, log.later_before, log.outcome,
                log.called_back, floor.queue_type, limits.first_interval, self.later[slot],
            )  # fmt: skip
            self.never_came[slot] += log.never_came
            self._add_contacts(slot, day, log)

    def add_days(self, slot: int, days: Days, logs: Logs) -> None:
        """Adds several played paths to as many slots from `slot` on; of those whose calls lead to others, without these."""
        floor, limits, slots = self.floor, self.limits, slice(slot, slot + days.paths)
        self._slots_used = max(self._slots_used, slots.stop)
        self._add_calls(slot, days.first, days.arrival, days.queue, days.interval, logs.calls[0], logs.calls[1])
        if not self._several_at_once:
            tally_handling(
                days.first, days.interval, *logs.calls, floor.agent_team, floor.interval_start, floor.interval_end,
                limits.first_interval, self.teams[slots], self.team_totals[slots],
            )  # fmt: skip
        _, team, start, end, due, kind = logs.spells
        tally_spells(
            logs.rows[0], team, start, end, due, kind, floor.interval_start, floor.interval_end,
            floor.open_window, limits.first_interval, limits.overtime_until, self.teams[slots], self.team_totals[slots],
        )  # fmt: skip
        if len(floor.pool_team):
            for number in range(days.paths):
                self._add_call_ups(slot + number, days.able[number if len(days.able) > 1 else 0], logs.log(number))

    def _add_call_ups(self, slot: int, able: NDArray[np.uint8], log: Log) -> None:
        """Adds what the contingents of one path did and are paid for."""
        floor, limits = self.floor, self.limits
        tally_activations(
            log.activation_pool, log.activation_time, floor.interval_start, limits.interval_day, limits.clock_zero, self._measured_from,
            self._first_of_day, self.pools[slot],
        )  # fmt: skip
        tally_pay(
            log.ask_agent, log.ask_time, log.ask_outcome, log.ask_settled, log.spell_agent, log.spell_start, log.spell_end,
            self._agent_pool, able, floor.pool_window, floor.pool_block, limits.from_acceptance, limits.called_off,
            *self._hours, limits.premium_window, limits.premium_hour, self._measured_from, limits.path_end, self.pools[slot],
        )  # fmt: skip

    def _add_calls(
        self, slot: int, first: Ints, arrival: Floats, queue: Ints, interval: Ints, outcome: NDArray[np.int8], moved_on: Floats
    ) -> None:
        """Adds what became of calls, given call by call, path by path; the bins of waits grow where they have no room."""
        floor, limits, paths = self.floor, self.limits, first.size - 1
        top = tally_calls(
            first, arrival, queue, interval, outcome, moved_on, floor.queue_type, limits.threshold, limits.short_abandon,
            limits.first_interval, self.calls[slot : slot + paths], self.waits[slot : slot + paths],
        )  # fmt: skip
        had_room_for = self.waits.shape[2]
        if top >= had_room_for:
            wider = np.zeros((*self.waits.shape[:2], max(top + 1, 2 * had_room_for)), np.int32)
            wider[: self._slots_used, :, :had_room_for] = self.waits[: self._slots_used]
            self.waits = wider
            for d in range(paths):
                mine = slice(first[d], first[d + 1])
                of_path = arrival[mine], queue[mine], interval[mine], outcome[mine], moved_on[mine]
                self._add_long_waits(slot + d, *of_path, had_room_for)
        self.bins_used = max(self.bins_used, top + 1)

    def _add_long_waits(
        self, slot: int, arrival: Floats, queue: Ints, interval: Ints, outcome: NDArray[np.int8], moved_on: Floats, had_room_for: int
    ) -> None:
        first = self.limits.first_interval
        tally_long_waits(arrival, queue, interval, outcome, moved_on, self.floor.queue_type, first, had_room_for, self.waits[slot])

    def _add_contacts(self, slot: int, day: Day, log: Log) -> None:
        """Adds the time that agents had a contact in hand: later calls, or all calls where agents may have several."""
        floor, limits = self.floor, self.limits
        interval, later = log.later_interval, slice(len(day.arrival), None)
        if self._several_at_once:
            interval, later = np.concatenate([day.interval, log.later_interval]), slice(0, None)
        if len(interval):
            tally_contacts(
                interval, log.outcome[later], log.moved_on[later], log.ended[later], log.agent[later], floor.agent_team,
                floor.interval_start, floor.interval_end, limits.first_interval, self.teams[slot], self.team_totals[slot],
            )  # fmt: skip
