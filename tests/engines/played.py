"""A path that has been played: first attempts and later calls in one table, and what was in force when.

Nothing here knows how an engine works; it reads the floor, the day and the log.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ccsim.engine.floor import (
    ANSWERED,
    IN_SERVICE,
    LOG_IN,
    OUT_OF_SERVICE,
    PACE,
    REDIAL,
    TOLD,
    UNREACHED,
    UNSETTLED,
    Day,
    Floor,
    Log,
    Roster,
)
from ccsim.engine.more import plain_service


class Played:
    """Floor, day and log with the calls in one table: C = first attempts, then later calls."""

    def __init__(self, floor: Floor, day: Day, log: Log) -> None:
        self.floor, self.day, self.log = floor, day, log
        self.service = floor.service or plain_service(len(floor.team_is_contingent), len(floor.queue_type), len(floor.interval_start))
        columns = (floor.event_time, floor.event_kind, floor.event_number, floor.event_value, floor.event_shift)
        self.roster = day.roster or Roster(*columns)

        first = np.arange(len(day.arrival))
        self.number = np.arange(len(first) + len(log.later_arrival))
        self.arrival = np.concatenate((day.arrival, log.later_arrival))
        self.queue = np.concatenate((day.queue, log.later_queue))
        self.handle = np.concatenate((day.handle_time, log.later_handle))
        self.patience = np.concatenate((day.patience, log.later_patience))
        self.first = np.concatenate((first, log.later_first))
        self.attempt = np.concatenate((np.zeros(len(first), np.int64), log.later_attempt))
        self.before = np.concatenate((np.full(len(first), -1), log.later_before))
        self.kind = np.concatenate((np.full(len(first), -1), log.later_kind))

        self.taken = np.isin(log.outcome, (ANSWERED, UNREACHED))
        self.called_back = log.called_back.astype(bool) if log.called_back.size else np.zeros(len(self.number), bool)
        self.until = np.where(log.outcome == UNSETTLED, np.inf, log.moved_on)  # the end of the wait [s]
        self.told_at = self.arrival + self.service.announcement[self.queue]  # told to wait, or answered [s]
        self.limit = np.where(self.patience > 0, self.arrival + self.patience, self.told_at)  # where patience ends [s]

    @cached_property
    def redials_made(self) -> np.ndarray:
        """Redials made when each call came: counted anew after an answer; one told to call again counts on."""
        made = np.zeros(len(self.number), np.int64)
        for call in self.number[self.before >= 0]:
            if self.kind[call] == REDIAL:
                made[call] = made[self.before[call]] + 1
            elif self.kind[call] == TOLD:
                made[call] = made[self.before[call]]
        return made

    def is_open(self, time: float) -> bool:
        """Whether the centre is open at this time."""
        return any(opening <= time < closing for opening, closing in self.floor.open_window)

    # Who

    def teams_of(self, agent: int, time: float) -> list[int]:
        """Teams of an agent's stretches on duty around this time: more than one where it changes just then."""
        log = self.log
        return log.spell_team[(log.spell_agent == agent) & (log.spell_start <= time) & (time <= log.spell_end)].tolist()

    def answering(self, call: int) -> list[int]:
        """Teams as which the agent may have answered a call."""
        agent, time = self.log.agent[call], self.log.moved_on[call]
        teams = self.teams_of(agent, time)
        return teams or self.log.spell_team[self.log.spell_agent == agent].tolist()

    def factors_of(self, agent: int, time: float) -> set[float]:
        """The agent's factor by the shift logged in to last; of two at the very instant of a log-in."""
        own, factors = self.day.factor[agent], self.floor.shift_factor
        if not factors.size:
            return {own}
        found, rows = own, self.roster
        values = {own}
        for row in np.flatnonzero((rows.kind == LOG_IN) & (rows.number == agent) & (rows.time <= time)):
            shift = rows.shift[row]
            if shift >= 0 and not self.day.present[shift]:
                continue
            before, found = found, own if shift < 0 else own * factors[shift]
            values = {before, found} | (values if rows.time[row] == time else set())
            if rows.time[row] < time:
                values = {found}
        return values

    # What was in force

    def paces_of(self, queue: int, time: float) -> set[float]:
        """The factor of events on the handling of a queue; of two at the very instant of a change."""
        rows = self.roster
        mine = (rows.kind == PACE) & (rows.number == queue)
        earlier = rows.value[mine & (rows.time < time)]
        return {float(earlier[-1]) if earlier.size else 1.0, *rows.value[mine & (rows.time == time)].tolist()}

    def outages(self, queue: int) -> list[tuple[float, float]]:
        """From when till when a queue was out of service."""
        spans, on, since = [], 0, 0.0
        rows = self.roster
        for row in np.flatnonzero(np.isin(rows.kind, (OUT_OF_SERVICE, IN_SERVICE)) & (rows.number == queue)):
            if rows.kind[row] == OUT_OF_SERVICE:
                since = rows.time[row] if on == 0 else since
                on += 1
            elif on:
                on -= 1
                if on == 0:
                    spans.append((since, rows.time[row]))
        return [*spans, (since, np.inf)] if on else spans

    def told_row(self, queue: int, time: float) -> int:
        """The row of an outage that turns callers of this instant away, -1 if none does."""
        if not any(start <= time < end for start, end in self.outages(queue)):
            return -1
        rows = self.roster
        began = (rows.kind == OUT_OF_SERVICE) & (rows.number == queue) & (rows.time <= time)
        return int(rows.value[began][-1])

    # Handling

    def in_hand(self, call: int) -> tuple[int, int]:
        """How many other contacts the agent had when it took this one: for certain, and at most."""
        log, time = self.log, self.log.moved_on[call]
        others = self.taken & (log.agent == log.agent[call]) & (self.number != call)
        certain = others & (log.moved_on < time) & (time < log.ended)
        return int(certain.sum()), int((others & (log.moved_on <= time) & (time <= log.ended)).sum())

    def lengths(self, call: int) -> set[float]:
        """The lengths that handling may have had [s]; one, unless something changed at the very instant of the answer."""
        queue, time, agent = self.queue[call], self.log.moved_on[call], self.log.agent[call]
        fewest, most = self.in_hand(call)
        return {
            float(self.handle[call] * factor * (self.service.team_factor[team, queue] * pace) * (1.0 + self.service.slower[queue] * others))
            for factor in self.factors_of(agent, time)
            for team in self.answering(call)
            for pace in self.paces_of(queue, time)
            for others in range(fewest, most + 1)
        }

    @cached_property
    def line_free(self) -> np.ndarray:
        """When talk and hold of each answered call are over [s]; nan for the others."""
        free = np.full(len(self.number), np.nan)
        for call in self.number[self.log.outcome == ANSWERED]:
            time, share = self.log.moved_on[call], self.floor.queue_line_share[self.queue[call]]
            free[call] = next((time + share * length for length in self.lengths(call) if time + length == self.log.ended[call]), np.nan)
        return free
