"""Where the paid hours of the roster went: every second of every shift on the queue, or away under a cause.

A shift is paid for its parts less its unpaid breaks. Somebody away all day loses all of that to one category; shifts of an employment that
has ended are no longer paid, and count nowhere else than by themselves. Of a shift that is worked, the seconds of its parts are spent

- on duty, and so on the queue;
- on breaks: the gaps between stretches on duty, shared out to the breaks that fell due in order of falling due (rules of the floor, 4:
  a break keeps its length, one that falls due while another is taken follows it, a log-out ends it);
- in rests that have no event, such as one at the very end of a part, after which nobody comes back;
- not there yet, or gone already: what is left, which belongs to the category that made the person late or leave early.

So the sums add up to the last second, whatever happens on the floor: `HOUR_COLUMNS` says how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.causes import GAP, OVERRUN, PAID_BREAK, UNPAID_BREAK
from ccsim.engine.compiled import entry, helper
from ccsim.engine.days import Days, Logs, one_day, one_log
from ccsim.engine.floor import BREAK, LOG_IN, LOG_OUT, TO_BREAK, Day, Floats, Floor, Ints, Log
from ccsim.units import HOUR

if TYPE_CHECKING:
    from ccsim.engine.attendance import Attendance
    from ccsim.engine.shifts import Shifts

# Columns of `Hours.seconds` [s]. SCHEDULED: paid time of the shifts; ON_QUEUE: on duty inside them; UNPAID_WORKED: unpaid breaks rostered
# less those taken; UNTOLD: off duty without a cause, which no rule of the floor leads to; ENDED: paid time of the shifts, in none of the
# others, that people would have had whose employment has ended, and GONE: how many people these are; from CATEGORY on the categories of
# shrinkage in file order.     SCHEDULED + UNPAID_WORKED = ON_QUEUE + PAID_BREAKS + GAPS + OVERRUNS + UNTOLD + all categories
SCHEDULED, ON_QUEUE, PAID_BREAKS, UNPAID_WORKED, GAPS, OVERRUNS, UNTOLD, ENDED, GONE, CATEGORY = range(10)
HOUR_COLUMNS: Final = CATEGORY  # and one for each category


@helper
def _column(cause: int) -> int:
    """The column that a cause other than an unpaid break counts in."""
    if cause > 0:
        return CATEGORY + cause - 1
    if cause == PAID_BREAK:
        return PAID_BREAKS
    if cause == GAP:
        return GAPS
    return OVERRUNS if cause == OVERRUN else UNTOLD


@helper
def _by_agent(agent: Ints, wanted: NDArray[np.uint8], agents: int) -> tuple[Ints, Ints]:
    """Those `wanted`, sorted by agent, in the order in which they stood: where each agent's begin [A + 1], and their numbers."""
    first = np.zeros(agents + 2, np.int64)  # shifted by one: while they are listed, an agent's place moves on to where the next one begins
    for k in range(agent.shape[0]):
        if wanted[k]:
            first[agent[k] + 2] += 1
    for a in range(agents):
        first[a + 2] += first[a + 1]
    listed = np.zeros(first[agents + 1], np.int64)
    for k in range(agent.shape[0]):
        if wanted[k]:
            listed[first[agent[k] + 1]] = k
            first[agent[k] + 1] += 1
    return first, listed


@helper
def _overlaps(start: float, end: float, low: int, parts: Ints, part_start: Floats, part_end: Floats, into: Floats) -> int:
    """Writes to `into` [parts] the seconds of start..end that lie in each of an agent's parts from number `low` on, up to the one returned.

    Those before `low` have ended by `start`, those from the number returned on begin at `end` or later.
    """
    k = low
    while k < parts.shape[0] and part_start[parts[k]] < end:
        into[k] = max(min(end, part_end[parts[k]]) - max(start, part_start[parts[k]]), 0.0)
        k += 1
    return k


@entry
def tally_hours(
    event_time: Floats,
    event_kind: Ints,
    event_number: Ints,
    event_value: Floats,
    event_shift: Ints,
    event_cause: NDArray[np.int16],
    first_spell: Ints,
    spell_agent: Ints,
    spell_start: Floats,
    spell_end: Floats,
    spell_kind: Ints,
    shift_group: Ints,
    counted: NDArray[np.uint8],
    paid: Floats,
    away: NDArray[np.int8],
    late: Floats,
    late_cause: NDArray[np.int8],
    early: Floats,
    early_cause: NDArray[np.int8],
    first_part: Ints,
    agent_part: Ints,
    part_shift: Ints,
    part_start: Floats,
    part_end: Floats,
    rest_shift: Ints,
    rest_length: Floats,
    rest_paid: NDArray[np.uint8],
    rest_cause: Ints,
    no_event: NDArray[np.uint8],
    seconds: Floats,
) -> None:
    """Adds the shifts of D paths that are `counted` [S] to `seconds` [D, G, HOUR_COLUMNS + categories].

    Events [E] are those of each path, with the cause of each break; spells [L] in the order in which they ended, those of each path from
    `first_spell` [D + 1] on; `away` has a row [S] a path, or one for all. `agent_part` [P] are the parts
    sorted by agent, then start, those of agent a from `first_part[a]` on.
    """
    shifts, agents, causes = shift_group.shape[0], first_part.shape[0] - 1, seconds.shape[2] - CATEGORY
    for d in range(first_spell.shape[0] - 1):
        sums, gone = seconds[d], away[d if away.shape[0] > 1 else 0]
        low, high = first_spell[d], first_spell[d + 1]
        its_agent, its_start, its_end, its_kind = spell_agent[low:high], spell_start[low:high], spell_end[low:high], spell_kind[low:high]
        length, on_duty, told = np.zeros(shifts), np.zeros(shifts), np.zeros(shifts)
        unpaid = np.zeros(shifts)  # unpaid breaks as rostered, less as taken
        for p in range(part_shift.shape[0]):
            length[part_shift[p]] += part_end[p] - part_start[p]
        for r in range(rest_shift.shape[0]):
            s = rest_shift[r]
            if not rest_paid[r]:
                unpaid[s] += rest_length[r]
            if no_event[r] and counted[s] and gone[s] == 0:
                told[s] += rest_length[r]
                if rest_paid[r] and rest_cause[r] != UNPAID_BREAK:
                    sums[shift_group[s], _column(np.int64(rest_cause[r]))] += rest_length[r]
                else:
                    unpaid[s] -= rest_length[r]

        # Each agent's own events and stretches
        mine = np.zeros(event_time.shape[0], np.uint8)
        for e in range(event_time.shape[0]):
            kind = event_kind[e]
            mine[e] = (kind == LOG_IN or kind == LOG_OUT or kind == BREAK) and event_shift[e] >= 0 and gone[event_shift[e]] == 0
        first_event, events = _by_agent(event_number, mine, agents)
        regular = np.zeros(its_agent.shape[0], np.uint8)
        for k in range(its_agent.shape[0]):
            regular[k] = first_part[its_agent[k] + 1] > first_part[its_agent[k]]
        first_mine, spells = _by_agent(its_agent, regular, agents)

        inside = np.zeros(part_shift.shape[0])
        for a in range(agents):
            parts = agent_part[first_part[a] : first_part[a + 1]]
            low = 0
            for k in spells[first_mine[a] : first_mine[a + 1]]:
                while low < parts.shape[0] and part_end[parts[low]] <= its_start[k]:
                    low += 1
                for n in range(low, _overlaps(its_start[k], its_end[k], low, parts, part_start, part_end, inside)):
                    on_duty[part_shift[parts[n]]] += inside[n]

            j, last_spell = first_mine[a], first_mine[a + 1]
            e, last_event = first_event[a], first_event[a + 1]
            low = 0
            while e < last_event:
                if event_kind[events[e]] != LOG_IN:
                    e += 1  # due while off, or while finishing a last call: void
                    continue
                # From one log-in to the log-out that it leads to; a log-out is void once the agent has logged in for another shift
                login, shift = event_time[events[e]], event_shift[events[e]]
                logout, until = np.inf, last_event
                for k in range(e + 1, last_event):
                    x = events[k]
                    if event_kind[x] == LOG_IN:
                        shift = event_shift[x]
                    elif event_kind[x] == LOG_OUT and event_shift[x] == shift:
                        logout, until = event_time[x], k + 1
                        break
                b, left = e, 0.0  # the break at hand, and what is left of it; -1: all of it
                while j < last_spell and its_end[spells[j]] <= logout:
                    k = spells[j]
                    j += 1
                    if its_kind[k] != TO_BREAK or its_end[k] < login:
                        continue
                    cursor = its_end[k]
                    back = min(its_start[spells[j]], logout) if j < last_spell else logout
                    while cursor < back:
                        while b < until and (event_kind[events[b]] != BREAK or left == 0.0):
                            b, left = b + 1, -1.0
                        if b == until or event_time[events[b]] > cursor:
                            break
                        if left < 0.0:
                            left = event_value[events[b]]
                        piece = min(left, back - cursor)
                        left -= piece
                        cause = np.int64(event_cause[events[b]])
                        while low < parts.shape[0] and part_end[parts[low]] <= cursor:
                            low += 1
                        for n in range(low, _overlaps(cursor, cursor + piece, low, parts, part_start, part_end, inside)):
                            s = part_shift[parts[n]]
                            told[s] += inside[n]
                            if cause == UNPAID_BREAK:
                                unpaid[s] -= inside[n]
                            elif counted[s] and gone[s] == 0:
                                sums[shift_group[s], _column(cause)] += inside[n]
                        cursor += piece
                    # Who is back on duty has had the break, whatever the last bit says of what is left.
                    left = 0.0 if left > 0.0 else left
                e = until

        for s in range(shifts):
            if not counted[s]:
                continue
            g = shift_group[s]
            sums[g, SCHEDULED] += paid[s]
            if gone[s] > 0:
                sums[g, CATEGORY + min(np.int64(gone[s]), causes) - 1] += paid[s]
                continue
            sums[g, ON_QUEUE] += on_duty[s]
            if abs(unpaid[s]) > 1e-6:  # a sum of pieces taken from the whole: what is left in the last bits is nothing
                sums[g, UNPAID_WORKED] += unpaid[s]
            missing = length[s] - on_duty[s] - told[s]
            at_start = 1.0 if early_cause[s] == 0 else 0.0 if late_cause[s] == 0 else late[s] / max(late[s] + early[s], 1e-9)
            sums[g, _column(np.int64(late_cause[s]))] += missing * at_start
            sums[g, _column(np.int64(early_cause[s]))] += missing - missing * at_start


class Hours:
    """The roster hours of up to `slots` played paths, accounted for: seconds [slots, G, HOUR_COLUMNS + categories], groups of `staff` only.

    `counted` [S] are the shifts that the measures are about; `categories` is the number of categories of shrinkage.
    """

    def __init__(self, floor: Floor, shifts: Shifts, counted: NDArray[np.bool_], groups: int, categories: int, slots: int) -> None:
        self.seconds = np.zeros((slots, groups, HOUR_COLUMNS + categories))
        self._floor = floor
        self._shifts = shifts
        self._counted = counted
        self._paid = shifts.paid_hours * HOUR
        part_agent = shifts.agent[shifts.part_shift]
        self._agent_part = np.lexsort((shifts.part_start, part_agent)).astype(np.int64)
        self._first_part = np.searchsorted(part_agent[self._agent_part], np.arange(len(floor.agent_team) + 1)).astype(np.int64)

    def clear(self) -> None:
        """Empties every slot."""
        self.seconds[:] = 0.0

    def add(self, slot: int, day: Day, log: Log, attendance: Attendance) -> None:
        """Adds one played path to a slot; `attendance` is as it was drawn for that path."""
        days = one_day(day)._replace(away=attendance.away[None])
        self.add_days(slot, days, one_log(log), attendance)

    def add_days(self, slot: int, days: Days, logs: Logs, attendance: Attendance) -> None:
        """Adds several played paths to as many slots from `slot` on, each with its own `away`; the rest of `attendance` they share."""
        shifts, floor = self._shifts, self._floor
        # what an employment that has ended leaves of the roster is nobody's shift
        counted = self._counted
        if attendance.ended.any():
            counted = self._counted & ~attendance.ended
            ended = np.flatnonzero(self._counted & attendance.ended)
            one_each = ended[np.unique(shifts.agent[ended], return_index=True)[1]]
            np.add.at(self.seconds[slot, :, ENDED], shifts.group[ended], self._paid[ended])
            np.add.at(self.seconds[slot, :, GONE], shifts.group[one_each], 1.0)
        events = (
            (floor.event_time, floor.event_kind, floor.event_number, floor.event_value, floor.event_shift)
            if days.roster is None
            else days.roster
        )
        agent, _, start, end, _, kind = logs.spells
        tally_hours(
            *events, attendance.roster_causes, logs.rows[0], agent, start, end, kind,
            shifts.group, counted.view(np.uint8), self._paid, days.away, attendance.late,
            attendance.late_cause, attendance.early, attendance.early_cause, self._first_part,
            self._agent_part, shifts.part_shift, shifts.part_start, shifts.part_end, shifts.rest_shift, shifts.rest_length,
            shifts.rest_paid, shifts.rest_cause, attendance.no_event, self.seconds[slot : slot + days.paths],
        )  # fmt: skip
