"""Playing the futures of a state, and what is read off them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ccsim.contingent.lookahead import AS_IT_IS, Future, Levers, Lookahead, Opening, called
from ccsim.engine.floor import ANSWERED, HUNG_UP, UNREACHED, UNSETTLED, Day, Floats, Log
from ccsim.engine.kernel import Kernel
from ccsim.engine.reference import play as play_reference
from ccsim.inputs.scenario import Scenario

QUARTER = 900.0  # s
_HOUR = 3600.0
# What is read off a future, one number each
EXCEEDS, EXCEEDS_LATER, MISSED, MISSED_LATER, CALLS, OVER, ABANDONED, COST, HEADS, OVERTIME, SPARED = range(11)


class Plan(NamedTuple):
    """What is done now: how many of the pool are called, and the other levers."""

    number: int = 0
    levers: Levers = AS_IT_IS


@dataclass(frozen=True)
class Seen:
    """What was read off `futures` futures under each of some plans."""

    figures: Floats  # [plans, futures, 11]
    quarters: Floats  # [plans, 1 + quarters, 3] calls, seconds waited, calls over the target wait; row 0 is of those waiting now
    worst: Floats  # [plans, 1 + quarters] share of futures in which somebody of the row waits longer than the target wait


class Yardstick:
    """How a future is judged: target waits, quarter hours, prices.

    A call of a type that the pool takes counts if it waits at the moment or comes from then on and before the end of the span. It is over
    the target if it waits longer than the target wait of its type, whether it is answered, hangs up, or is never served. Row 0 is of those
    who wait, row k of those who come in quarter hour k; a call-up can change something from row `later` on.
    """

    def __init__(self, look: Lookahead, later: int) -> None:
        scenario: Scenario = look.scenario
        self.look, self.later = look, later
        self.start, self.end = look.state.at, look.end
        names = list(scenario.calls)
        self._threshold = np.array([scenario.target_of(name).wait for name in names])
        # as the rules of a pool do, it looks at those callers alone whom the pool can help
        self._counts = np.array([scenario.calls[name].channel != "work" and name in look.state.pool.types for name in names])
        self._share = 1.0 if scenario.target.share is None else scenario.target.share
        self.rows = 1 + int(np.ceil((self.end - self.start) / QUARTER - 1e-9))
        self._pay = look.state.pool.pay
        self._cost = scenario.cost
        self.priced = self._pay is not None or self._cost is not None

    def read(self, future: Future, number: int, day: Day, log: Log, figures: Floats, quarters: Floats, worst: Floats) -> None:
        """Fill `figures` [11], and add to `quarters` [rows, 3] and `worst` [rows]."""
        first, plain = future.begun, day.arrival.size
        arrival = np.concatenate([day.arrival[first:], log.later_arrival])
        queue = np.concatenate([day.queue[first:], log.later_queue])
        outcome, moved = log.outcome[first:], log.moved_on[first:]
        assert outcome.size == arrival.size == plain - first + log.later_arrival.size
        counted = (arrival < self.end) & self._counts[queue] & ((outcome == ANSWERED) | (outcome == HUNG_UP) | (outcome == UNREACHED))
        lost = (outcome == UNSETTLED) & (arrival < self.end) & self._counts[queue]
        wait = np.where(lost, np.inf, moved - arrival)
        over = (wait > self._threshold[queue]) & (counted | lost)
        counted |= lost
        row = np.where(arrival < self.start, 0, 1 + ((arrival - self.start) / QUARTER).astype(np.int64))
        row = np.minimum(row, self.rows - 1)
        # callers who have waited longer already are nobody's choice any more
        hopeless = (row == 0) & (self.start - arrival > self._threshold[queue])
        calls = np.bincount(row[counted], minlength=self.rows)
        overs = np.bincount(row[over], minlength=self.rows)
        quarters[:, 0] += calls
        quarters[:, 1] += np.bincount(row[counted & ~lost], wait[counted & ~lost], self.rows)
        quarters[:, 2] += overs
        figures[EXCEEDS] = (over & ~hopeless).any()
        figures[EXCEEDS_LATER] = overs[self.later :].any()
        missed = overs > (1.0 - self._share) * calls + 1e-9
        figures[MISSED], figures[MISSED_LATER] = missed[1:].any(), missed[self.later :].any()
        figures[CALLS], figures[OVER] = calls.sum(), overs.sum()
        figures[ABANDONED] = ((outcome == HUNG_UP) & counted).sum()
        figures[COST], figures[HEADS] = self.cost(future, number, float(figures[ABANDONED]))
        figures[OVERTIME], figures[SPARED] = future.overtime / _HOUR, future.spared / _HOUR
        worst += overs > 0

    def cost(self, future: Future, number: int, abandoned: float) -> tuple[float, float]:
        """What the plan and the hang-ups of the span cost, and how many contingents come. Wages that are paid anyway are left out."""
        pool, state = self.look.state.pool, self.look.state
        came = np.isfinite(future.log_in[:number])
        total = 0.0
        if self._pay is not None and number:
            yes = future.yes[:number]
            asked = state.at
            from_ = future.log_in[:number][came] if self._pay.from_ == "logged in" else np.full(int(came.sum()), asked)
            login = future.log_in[:number][came]
            until = np.maximum(future.log_out[:number][came], login + pool.block)
            paid = (until - from_).sum()
            inside = np.maximum(0.0, np.minimum(until, self.look.available_until) - from_).sum()
            lapsed = int((yes & ~came).sum())
            total += float(yes.sum()) * self._pay.activation + (paid + lapsed * self._pay.called_off) / _HOUR * self._pay.hour
            total -= inside / _HOUR * self._pay.standby_hour
        if self._cost is not None:
            total += abandoned * self._cost.abandoned_call
            total += future.overtime / _HOUR * self._cost.agent_hour * self._cost.overtime_factor
            total -= future.spared / _HOUR * self._cost.agent_hour
        return float(total), float(came.sum())


def play_plans(
    look: Lookahead,
    yardstick: Yardstick,
    plans: list[Plan],
    openings: list[Opening | None],
    engine: str = "kernel",
    workers: int | None = None,
) -> Seen:
    """What is read off futures under each plan: the same luck for all of them, whatever the workers.

    `openings` holds one place for each future; those that are None are drawn and kept there.
    """
    futures = len(openings)
    workers = max(1, min(workers or os.cpu_count() or 1, 8, futures))
    edges = np.linspace(0, futures, workers + 1).astype(int)
    figures = np.zeros((len(plans), futures, 11))
    quarters = np.zeros((workers, len(plans), yardstick.rows, 3))
    worst = np.zeros((workers, len(plans), yardstick.rows))

    def work(w: int) -> None:
        drawer, kernel = look.drawer(), Kernel(look.floor)
        for r in range(edges[w], edges[w + 1]):
            opening = openings[r]
            if opening is None:
                opening = openings[r] = look.opening(drawer.day(r))
            made: dict[Levers, Future] = {}
            for p, (number, levers) in enumerate(plans):
                if levers not in made:
                    made[levers] = look.future(opening, levers)
                future = made[levers]
                day = called(future, number)
                log = kernel.play(day) if engine == "kernel" else play_reference(look.floor, day)
                yardstick.read(future, number, day, log, figures[p, r], quarters[w, p], worst[w, p])

    if workers == 1:
        work(0)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, range(workers)))
    return Seen(figures, quarters.sum(axis=0), worst.sum(axis=0) / futures)
