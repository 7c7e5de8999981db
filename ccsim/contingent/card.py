"""The activation card: for each half-hour and number of agents on duty, the queue at which to call contingents, and how many.

Every cell is found by looking ahead over the notice with `chain`: if so many wait now, which share of the calls that come in each quarter
hour will have to wait longer than the target wait, from the moment when half of those called can be on, to two hours from now? The fewest
are called that keep the share of the worst quarter hour to what the target allows, or to another share, which makes a stricter or a laxer
card. The card is then made consistent: more waiting never means calling fewer, nor do more agents mean calling more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ccsim.contingent.card_cells import FULL, Look, Row, look_ahead, over_of, rows_of
from ccsim.contingent.state import check_pool, closed_hours
from ccsim.contingent.tiers import tiers_of
from ccsim.engine.traffic import waited_for
from ccsim.errors import InputError
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario
from ccsim.notebook import shown_in_html
from ccsim.units import DAY, MINUTE, format_about, format_clock, format_duration, format_share

__all__ = ["Card", "Row", "card", "cards", "row_at"]

ROW = 1800.0  # s
_MOST_ROWS = 30  # on one page
_ALIKE = 0.005  # coefficient of variation of the day's calls, up to which the calls so far tell next to nothing
_BUSY_DAYS = (
    "First look at the calls{of} that have come since opening. The row says how many are expected by its start + with each minute since, "
    "and after the ± how many beyond them count as one agent fewer on duty (so many too few: as one more)."
)
_MORE_CALLS = " Redials, repeats and calls passed on count: they are among those expected."


@dataclass(frozen=True)
class Card:
    """The card of a pool. `tiers` are the numbers that may be called, ascending; rows are half-hours, or hours on a long day."""

    scenario: Scenario
    pool: Pool
    tiers: tuple[int, ...]
    length: float  # of a row [s]
    rows: tuple[Row, ...]
    notice: float  # by when half of those who say yes are on [s]
    share: float  # of calls that may wait longer than the target wait
    wait: float  # s
    over: float  # end of the pool's hours, or of the day [s]
    by_calls: bool = False  # whether agents count for fewer the busier the day is, as the calls so far say

    def rule(self, at: float, agents: float, queue: int, oldest: float = 0.0) -> int:
        """How many people the card says should have been called in all, at a moment of the path [s]; 0 outside its rows.

        Between two numbers of agents the lower one holds; below the first and above the last, those do. `oldest` [s] counts too: a caller
        who has waited as long as the oldest of a queue that long is taken as one. On a card that goes by the calls so far `agents` are
        those who count: those on duty divided by how busy the day is.
        """
        row = next((row for row in self.rows if row.start <= at < row.start + self.length), None)
        if row is None:
            return 0
        c = max(int(np.searchsorted(row.agents, agents + FULL, side="right")) - 1, 0)
        reached = (row.queue[c] >= 0) & ((queue >= row.queue[c]) | ((oldest > 0.0) & (oldest >= np.nan_to_num(row.oldest[c], nan=np.inf))))
        return max((tier for tier, is_reached in zip(self.tiers, reached, strict=True) if is_reached), default=0)

    @property
    def explanation(self) -> list[str]:
        """How to read it and how it was found, in sentences."""
        types = [name for name in self.scenario.calls if name in self.pool.types]
        of = "" if len(types) == len(self.scenario.calls) else f" of {', '.join(types)}"
        calls = self.scenario.calls
        first = any(call.leads_to_calls and (call.name in types or any(name in types for name in call.transfer)) for call in calls.values())
        begin, over = next((row.start for row in self.rows if row.too_late), None), self._clock(self.over)
        no_use = [] if begin is None else [
            f"Nobody is to be called on this day: half of those who say yes would be on only after {over}, whenever they are called."
            if begin == self.rows[0].start
            else f"From {self._clock(begin)} on calling is of no use: half of those who say yes would be on only after {over}, too late."
        ]  # fmt: skip
        return [
            *([_BUSY_DAYS.format(of=of) + (_MORE_CALLS if first else "")] if self.by_calls else []),
            "Take the row of the clock, and in it the cell with as many agents on duty as there are, or the next lower number; with fewer "
            "than the lowest, the lowest. When as many wait as the cell says, call until "
            f"{' / '.join(str(tier) for tier in self.tiers)} have been called in all; 0 means: whether or not anybody waits.",
            f"Counted are callers{of}, and agents logged in who take them and are not on a break; people who were called are not.",
            f"Half of those who say yes are on {self._notice} after being asked. Each cell calls the "
            f"fewest with whom, from then to {format_about(look_ahead(self.notice))} from the start of the row, no more than "
            f"{format_share(self.share)} of the calls of any quarter hour are expected to wait longer than {format_duration(self.wait)}, "
            "and everybody where even all would not be enough.",
            *no_use,
        ]

    @property
    def _notice(self) -> str:
        """The median notice: whole minutes, seconds where it is short."""
        return format_about(self.notice if self.notice < 2.0 * MINUTE else MINUTE * round(self.notice / MINUTE))

    def _clock(self, moment: float) -> str:
        return format_clock(self.scenario.horizon.clock(moment) or DAY)

    def _calendar(self, moment: float) -> float:
        """What the calendar and clocks show, in seconds after the midnight before the path."""
        return self.scenario.horizon.day_of(moment) * DAY + self.scenario.horizon.clock(moment)

    def _repr_html_(self) -> str:
        """As a notebook shows it: a row a half-hour, a cell for each number of agents on duty."""
        rows = []
        for row in self.rows:
            cells = (
                f"{agents}: " + ("×" if row.too_late else " / ".join("–" if n < 0 else str(n) for n in queue))
                for agents, queue in zip(row.agents, row.queue, strict=True)
            )
            rows.append([format_clock(self.scenario.horizon.clock(row.start)), "   ".join(cells)])
        call = " / ".join(str(tier) for tier in self.tiers)
        return shown_in_html(self.scenario.title, self.explanation, ["from", f"agents on duty: waiting from which on to call {call}"], rows)

    def to_dict(self) -> dict[str, Any]:
        """The card as plain numbers: what `ccsim card --json` prints, and what a pool can go by.

        Of cells for equally many agents, and of rows for a time that clocks show twice, one is told: the last of the cells, which `rule`
        goes by, and the first of the rows.
        """
        horizon = self.scenario.horizon
        rows: list[Row] = []
        for row in self.rows:
            if not rows or self._calendar(row.start) >= self._calendar(rows[-1].start) + self.length - FULL:
                rows.append(row)
        return {
            "scenario": self.scenario.title,
            "pool": self.pool.name,
            "call": list(self.tiers),
            "row_length": self.length,
            "wait": self.wait,
            "share": self.share,
            "notice": self.notice,
            **({"by_calls": True} if self.by_calls else {}),
            "explanation": self.explanation,
            "rows": [
                {
                    "start": horizon.stamp(row.start),
                    "agents_expected": row.expected,
                    "too_late": row.too_late,
                    **(
                        {
                            "calls_expected": row.calls,
                            "calls_a_minute": row.a_minute,
                            "calls_an_agent": row.an_agent,
                            **({} if row.again == (1.0, 1.0) else {"calls_per_first_call": [round(one, 4) for one in row.again]}),
                        }
                        if self.by_calls
                        else {}
                    ),
                    "cells": [
                        {
                            "agents": int(agents),
                            "queue": [None if n < 0 else int(n) for n in queue],
                            "oldest": [None if math.isnan(age) else round(float(age), 1) for age in oldest],
                        }
                        for c, (agents, queue, oldest) in enumerate(zip(row.agents, row.queue, row.oldest, strict=True))
                        if c + 1 == row.agents.size or row.agents[c + 1] > agents
                    ],
                }
                for row in rows
            ],
        }


def card(scenario: Scenario, pool: str | None = None, share: float | None = None, by_calls: bool | None = None) -> Card:
    """The activation card of a pool for the first open day of the path. Raises `InputError` where there is nobody to call.

    `share` of the calls may wait longer than the target wait before anybody is called, what the target leaves where it is not told: the
    smaller it is, the sooner the card calls, and the more. With `by_calls` the card goes by the calls so far, too: it does where days
    differ, unless told.
    """
    if share is not None and not 0.0 < share < 1.0:
        raise InputError(f"share is {share:g}: give a share of calls that may wait too long, between 0 and 1, such as 0.05 or 5 %")
    return cards(scenario, pool, [share], by_calls)[0]


def cards(scenario: Scenario, pool: str | None, shares: Sequence[float | None], by_calls: bool | None = None) -> list[Card]:
    """The cards of a pool that differ in the share of calls that may wait too long. As `card`; all take hardly longer than one."""
    look = _look(scenario, pool)
    length, starts = _starts(scenario, look.pool)
    return _made(look, length, starts, shares, by_calls)


def row_at(scenario: Scenario, pool: str, moment: float) -> tuple[Card, Look] | None:
    """The card of a pool as `card` makes it, of the one row in which a moment of the path lies, and the rates it goes by; None outside."""
    look = _look(scenario, pool)
    length, starts = _starts(scenario, look.pool)
    here = [start for start in starts if start <= moment < start + length]
    return (_made(look, length, here, [None], None)[0], look) if here else None


def _look(scenario: Scenario, pool: str | None) -> Look:
    """What a card of the pool goes by, where there is somebody to call, somebody on duty, and somebody who waits."""
    called = check_pool(scenario, pool)
    if not scenario.staff:
        raise InputError("the scenario has no `staff`, so a card has no agents on duty to go by; describe it first")
    names = [name for name in waited_for(scenario) if name in called.types]
    if not names:
        raise InputError(f"`contingent.{called.name}.takes` has no callers, only work that is not waited for: there is no queue to go by")
    return Look(scenario, called, names, scenario.target_of(names[0]).wait)


def _made(look: Look, length: float, starts: Sequence[float], shares: Sequence[float | None], by_calls: bool | None) -> list[Card]:
    """Cards with rows at these starts, one for each share."""
    scenario, pool = look.scenario, look.pool
    target, tiers = scenario.target_of(look.names[0]), tiers_of(pool.agents)
    by_calls = look.cv > _ALIKE and by_calls is not False
    own = round(1.0 - (0.8 if target.share is None else target.share), 12)
    told = [own if share is None else share for share in shares]
    over = over_of(scenario, pool)
    return [
        Card(scenario, pool, tiers, length, tuple(rows), look.median, share, target.wait, over, by_calls)
        for share, rows in zip(told, rows_of(look, starts, tiers, told, length, by_calls), strict=True)
    ]


def _starts(scenario: Scenario, pool: Pool) -> tuple[float, list[float]]:
    """Length and starts of the rows: from the opening on, where the pool may be asked and somebody would be on before the end."""
    horizon = scenario.horizon
    day, opens, closes = horizon.spans[0]
    begin, end = (horizon.at(day, clock) for clock in pool.available)
    begin, end = max(begin, opens), min(end, closes)
    length = ROW
    while (end - begin) / length > _MOST_ROWS:
        length += ROW
    first = opens + math.floor((begin - opens) / length) * length
    starts = [float(t) for t in np.arange(first, end - FULL, length)]
    if not starts:
        raise closed_hours(pool)
    return length, starts
