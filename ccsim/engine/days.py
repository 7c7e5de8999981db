"""Several days at once: drawn, played and added up together, which spares small days most of what a day costs besides its calls.

What stands in the arrays is what each day has by itself: the calls of all days one behind the other, whatever else there is a row a day.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.floor import Day, Floats, Ints, Log, Roster


class Days(NamedTuple):
    """D days with N calls in all, as `Day` has them one by one. Rows by day are one row where all days have the same.

    Only one day may have a roster of its own, or calls that lead to others.
    """

    first: Ints  # [D + 1] where each day's calls begin
    arrival: Floats  # [N] s, ascending within a day
    queue: Ints  # [N]
    interval: Ints  # [N]
    handle_time: Floats  # [N] s
    patience: Floats  # [N] s
    route: Floats  # [N or 0]
    away: NDArray[np.int8]  # [D or 1, S] which category took each shift instance, 0 if none; where nobody tells: 1 for who is not there
    present: NDArray[np.uint8]  # [D or 1, S]
    factor: Floats  # [D or 1, A]
    able: NDArray[np.uint8]  # [D or 1, A or 0]
    key: NDArray[np.uint64]  # [D]
    caller: Ints = np.zeros(0, np.int64)  # [N or 0]
    roster: Roster | None = None

    @property
    def paths(self) -> int:
        """Number of days."""
        return self.key.size

    def day(self, number: int) -> Day:
        """One of them."""
        calls = slice(self.first[number], self.first[number + 1])
        row = [rows[number if len(rows) > 1 else 0] for rows in (self.present, self.factor, self.able)]
        present, factor, able = row
        return Day(
            self.arrival[calls], self.queue[calls], self.interval[calls], self.handle_time[calls], self.patience[calls], present, factor,
            self.key[number], self.route[calls], self.caller[calls], self.roster, able,
        )  # fmt: skip

    def away_on(self, number: int) -> NDArray[np.int8]:
        """Which category took each shift instance on one of them. [S]"""
        row: NDArray[np.int8] = self.away[number if len(self.away) > 1 else 0]
        return row


def one_day(day: Day) -> Days:
    """A day by itself."""
    first, key = np.array([0, day.arrival.size], np.int64), np.array([day.key], np.uint64)
    away = (1 - day.present[None]).view(np.int8)
    return Days(
        first, day.arrival, day.queue, day.interval, day.handle_time, day.patience, day.route, away, day.present[None], day.factor[None],
        day.able[None], key, day.caller, day.roster,
    )  # fmt: skip


class Logs(NamedTuple):
    """What happened on D days, as `Log` has it for one: calls, stretches on duty, activations and asks, one day's behind the other's."""

    first: Ints  # [D + 1] where each day's calls begin
    rows: Ints  # [3, D + 1] where each day's stretches, asks and activations begin
    calls: tuple[NDArray[np.int8], Floats, Floats, NDArray[np.int32]]  # outcome, moved_on, ended, agent
    spells: tuple[Ints, Ints, Floats, Floats, Floats, Ints]  # agent, team, start, end, due, kind
    activations: tuple[Ints, Floats, Floats]  # pool, time, until
    asks: tuple[Ints, Ints, Floats, Floats, Ints, Floats]  # pool, agent, time, due, outcome, settled

    def log(self, number: int) -> Log:
        """What happened on one of them."""
        calls = slice(self.first[number], self.first[number + 1])
        spells, asks, activations = (slice(row[number], row[number + 1]) for row in self.rows)
        columns: list[Any] = [
            *(column[calls] for column in self.calls),
            *(column[spells] for column in self.spells),
            *(column[activations] for column in self.activations),
            *(column[asks] for column in self.asks),
        ]
        return Log(*columns)


def one_log(log: Log) -> Logs:
    """The log of a day by itself, without its later calls."""
    calls, spells, activations, asks = log[:4], log[4:10], log[10:13], log[13:19]
    rows = np.array([[0, columns[0].size] for columns in (spells, asks, activations)], np.int64)
    return Logs(np.array([0, log.outcome.size - log.later_arrival.size], np.int64), rows, calls, spells, activations, asks)
