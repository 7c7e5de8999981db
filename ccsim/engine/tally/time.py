"""Adding up the time that agents spend: on contacts, on duty, past the end of their shifts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.compiled import entry, helper
from ccsim.engine.floor import ANSWERED, NUMBER_FELL, SHIFT_ENDED, UNREACHED, Floats, Ints
from ccsim.engine.tally.columns import HANDLING, ON_DUTY, OVERTIME, TEAM_ANSWERED, first_after


@entry
def tally_handling(
    first: Ints,
    interval: Ints,
    outcome: NDArray[np.int8],
    moved_on: Floats,
    ended: Floats,
    agent: NDArray[np.int32],
    agent_team: Ints,
    interval_start: Floats,
    interval_end: Floats,
    first_interval: int,
    teams: Floats,
    team_totals: Floats,
) -> None:
    """Adds the handling of D paths' answered first attempts to `teams` [D, G, I, 2] and their number to `team_totals` [D, G, 2].

    Those of each path begin at `first` [D + 1]. Ringing a call-back in vain is handling, and answers nobody. Every agent has one contact
    at a time, and calls arrive inside the interval they belong to.
    """
    intervals = interval_start.shape[0]
    for d in range(first.shape[0] - 1):
        low, high = first[d], first[d + 1]
        came_in, what, its_start, its_finish, who = (
            interval[low:high],
            outcome[low:high],
            moved_on[low:high],
            ended[low:high],
            agent[low:high],
        )
        time, totals = teams[d], team_totals[d]
        # What the calls of an interval take of a team is added up in registers, written down when either changes.
        at_interval, at_team, its_end = np.int64(-1), np.int64(-1), 0.0
        handled, answered = 0.0, 0
        for c in range(came_in.shape[0] + 1):
            last = c == came_in.shape[0]
            if not last and what[c] != ANSWERED and what[c] != UNREACHED:
                continue
            i = np.int64(-1) if last else came_in[c]
            # An unsigned index spares a test for counting from the end.
            g = np.int64(-1) if last else agent_team[np.uint64(who[c])]
            if last or i != at_interval or g != at_team:
                if at_team >= 0:
                    time[at_team, at_interval, HANDLING] = handled
                    totals[at_team, TEAM_ANSWERED] += answered
                if last:
                    break
                at_interval, at_team, its_end = i, g, interval_end[i]
                handled, answered = time[g, i, HANDLING], 0
            then, end = its_start[c], its_finish[c]
            if i >= first_interval:
                answered += what[c] == ANSWERED
                if end <= its_end:
                    handled += end - then
                    continue
            while i < intervals and interval_end[i] <= then:
                i += 1
            while i < intervals and interval_start[i] < end:
                if i >= first_interval:
                    piece = min(end, interval_end[i]) - max(then, interval_start[i])
                    if i == at_interval:
                        handled += piece
                    else:
                        time[g, i, HANDLING] += piece
                i += 1


@entry
def tally_contacts(
    interval: Ints,
    outcome: NDArray[np.int8],
    moved_on: Floats,
    ended: Floats,
    agent: NDArray[np.int32],
    agent_team: Ints,
    interval_start: Floats,
    interval_end: Floats,
    first_interval: int,
    teams: Floats,
    team_totals: Floats,
) -> None:
    """What `tally_handling` adds, for any calls [C] in any order, of agents who may have several contacts in hand at once.

    The handling time of an agent is the time with a contact in hand or more: the union of its contacts, not their sum.
    """
    intervals = interval_start.shape[0]
    handled_until = np.full(agent_team.shape[0], -np.inf)
    for c in np.argsort(moved_on, kind="mergesort"):
        if outcome[c] != ANSWERED and outcome[c] != UNREACHED:
            continue
        a = agent[c]
        g = agent_team[a]
        if interval[c] >= first_interval:
            team_totals[g, TEAM_ANSWERED] += outcome[c] == ANSWERED
        start, end = max(moved_on[c], handled_until[a]), ended[c]
        if end <= start:
            continue  # all of it beside a contact that takes longer
        handled_until[a] = end
        i = max(first_after(interval_end, start), first_interval)
        while i < intervals and interval_start[i] < end:
            teams[g, i, HANDLING] += min(end, interval_end[i]) - max(start, interval_start[i])
            i += 1


@helper
def _outside(start: float, end: float, windows: Floats) -> float:
    """Seconds of start..end that lie in none of `windows` [D, 2]; windows do not overlap, those of no length are closed days."""
    left = end - start
    for d in range(windows.shape[0]):
        if windows[d, 1] > windows[d, 0]:
            overlap = min(end, windows[d, 1]) - max(start, windows[d, 0])
            if overlap > 0.0:
                left -= overlap
    return max(left, 0.0)


@entry
def tally_spells(
    first: Ints,
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
    """Adds the stretches on duty of D paths to `teams` [D, G, I, 2] and their overtime to `team_totals` [D, G, 2].

    Those of each path begin at `first` [D + 1]. Overtime is the time past the end of a shift, and for positions the time that they stay
    while the centre is closed (rule 5: before closing they have none).
    """
    intervals = interval_start.shape[0]
    measured_from = interval_start[first_interval]
    for d in range(first.shape[0] - 1):
        time, totals = teams[d], team_totals[d]
        for s in range(first[d], first[d + 1]):
            g = spell_team[s]
            start = spell_start[s]
            end = spell_end[s]
            j = max(first_after(interval_end, start), first_interval)
            while j < intervals and interval_start[j] < end:
                time[g, j, ON_DUTY] += min(end, interval_end[j]) - max(start, interval_start[j])
                j += 1
            due = max(spell_due[s], start)
            end = min(end, overtime_until)
            if end > due and due >= measured_from:
                if spell_kind[s] == SHIFT_ENDED:
                    totals[g, OVERTIME] += end - due
                elif spell_kind[s] == NUMBER_FELL:
                    totals[g, OVERTIME] += _outside(due, end, open_window)
