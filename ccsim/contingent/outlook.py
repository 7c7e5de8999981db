"""How a future is judged and what is read off it, once it was played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.contingent.lookahead import AS_IT_IS, Future, Levers, Lookahead
from ccsim.engine.floor import BLOCKED, HUNG_UP, UNSETTLED, Day, Floats, Ints, Log
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario

QUARTER = 900.0  # s
_HOUR = 3600.0
# What is read off a future, one number each
EXCEEDS, EXCEEDS_LATER, MISSED, MISSED_LATER, CALLS, OVER, ABANDONED, COST, HEADS, OVERTIME, SPARED = range(11)
EXCEEDS_SOON, MISSED_SOON = 11, 12  # before the part of the span that a call-up can change
CALLS_LATER, OVER_LATER = 13, 14  # in that part
FIGURES = 15


class Plan(NamedTuple):
    """What is done now: how many of the pool are called, and the other levers."""

    number: int = 0
    levers: Levers = AS_IT_IS


@dataclass(frozen=True)
class Seen:
    """What was read off `futures` futures under each of some plans."""

    figures: Floats  # [plans, futures, 15]
    quarters: Floats  # [plans, 1 + quarters, 3] calls, seconds waited, calls over the target wait; row 0 is of those waiting now


class Watched(NamedTuple):
    """The calls of a day that are looked at, row by row of the yardstick. [N] each"""

    place: slice | Ints  # among all calls after those in hand
    arrival: Floats  # s
    threshold: Floats  # s
    hopeless: NDArray[np.bool_]  # who waits longer already is nobody's choice any more
    edges: Ints  # [rows + 1] the first of each row


class Fate(NamedTuple):
    """What became of the calls looked at."""

    watched: Watched
    outcome: NDArray[np.int8]  # [N]
    moved: Floats  # [N] s; when they waited no longer


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
        self._premiums_of = _premiums(scenario, look.state.pool) if self._pay is not None and self._pay.premiums else []
        self._cost = scenario.cost
        self.priced = self._pay is not None or self._cost is not None

    def watched(self, arrival: Floats, queue: Ints) -> Watched:
        """Which of the calls of a day are looked at, those in hand at the moment left out."""
        place = np.flatnonzero((arrival < self.end) & self._counts[queue])
        row = self._rows(arrival[place])
        if (row[1:] < row[:-1]).any():  # later calls stand behind all others
            order = np.argsort(row, kind="stable")
            place, row = place[order], row[order]
        arrival, threshold = arrival[place], self._threshold[queue[place]]
        whole = place.size and int(place[-1] - place[0]) + 1 == place.size and (place[1:] > place[:-1]).all()
        return Watched(
            slice(int(place[0]), int(place[-1]) + 1) if whole else place,
            arrival,
            threshold,
            (row == 0) & (self.start - arrival > threshold),
            np.searchsorted(row, np.arange(self.rows + 1)),
        )

    def _rows(self, arrival: Floats) -> Ints:
        row = np.where(arrival < self.start, 0, 1 + ((arrival - self.start) / QUARTER).astype(np.int64))
        return np.minimum(row, self.rows - 1)

    def fate(self, watched: Watched, begun: int, day: Day, log: Log) -> Fate:
        """What a log says of the calls looked at, as copies; `watched`: those of the day, for a log without later calls."""
        if log.later_arrival.size:
            arrival, queue = day.arrival[begun:], day.queue[begun:]
            watched = self.watched(np.concatenate([arrival, log.later_arrival]), np.concatenate([queue, log.later_queue]))
        return Fate(watched, log.outcome[begun:][watched.place].copy(), log.moved_on[begun:][watched.place].copy())

    def read(self, fates: Sequence[Fate], figures: Floats, quarters: Floats) -> None:
        """Read off one future under several plans: fill `figures` [P, 15] and `quarters` [P, rows, 3]; the same fate twice is read once.

        Costs and hours are left to `price`.
        """
        once = list({id(fate): fate for fate in fates}.values())
        place = {id(fate): k for k, fate in enumerate(once)}
        alike = all(fate.watched is once[0].watched for fate in once)
        read = [
            self._read(some[0].watched, np.array([fate.outcome for fate in some]), np.array([fate.moved for fate in some]))
            for some in ([once] if alike else [[fate] for fate in once])
        ]
        of_each = [place[id(fate)] for fate in fates]
        for target, columns in zip((figures, quarters), zip(*read, strict=True), strict=True):
            target[:] = np.concatenate(columns)[of_each]

    def _read(self, watched: Watched, outcome: NDArray[np.int8], moved: Floats) -> tuple[Floats, Floats]:
        """As `read`, of calls [N] that are the same under each plan; `outcome`, `moved` [P, N]."""
        begin, end = watched.edges[:-1], watched.edges[1:]

        def by_row(what: NDArray[Any]) -> NDArray[Any]:
            upto = np.zeros((what.shape[0], what.shape[1] + 1), np.float64 if what.dtype == np.float64 else np.int64)
            np.cumsum(what, axis=1, out=upto[:, 1:])
            return upto[:, end] - upto[:, begin]

        lost = outcome == UNSETTLED
        blocked = outcome == BLOCKED
        wait = np.where(blocked | lost, 0.0, moved - watched.arrival)
        over = lost | (wait > watched.threshold)
        calls, overs, waited = (end - begin) - by_row(blocked), by_row(over), by_row(wait)
        missed = overs > (1.0 - self._share) * calls + 1e-9
        figures = np.zeros((outcome.shape[0], FIGURES))
        figures[:, EXCEEDS] = (over & ~watched.hopeless).any(axis=1)
        figures[:, EXCEEDS_LATER] = overs[:, self.later :].any(axis=1)
        figures[:, MISSED], figures[:, MISSED_LATER] = missed[:, 1:].any(axis=1), missed[:, self.later :].any(axis=1)
        figures[:, EXCEEDS_SOON] = overs[:, 1 : self.later].any(axis=1)
        figures[:, MISSED_SOON] = missed[:, 1 : self.later].any(axis=1)
        figures[:, CALLS], figures[:, OVER] = calls.sum(axis=1), overs.sum(axis=1)
        figures[:, CALLS_LATER], figures[:, OVER_LATER] = (n[:, self.later :].sum(axis=1) for n in (calls, overs))
        figures[:, ABANDONED] = (outcome == HUNG_UP).sum(axis=1)
        return figures, np.stack([calls, waited, overs], axis=2)

    def price(self, future: Future, pay: Pay | None, number: int, figures: Floats) -> None:
        """Fill in `figures` [15] what the plan costs, who comes, and hours of overtime and of people let off; `pay`: of who is called."""
        figures[OVERTIME], figures[SPARED] = future.overtime / _HOUR, future.spared / _HOUR
        if pay is not None:
            figures[COST], figures[HEADS] = pay.upto[number], pay.heads[number]
        if self._cost is not None:
            figures[COST] += figures[ABANDONED] * self._cost.abandoned_call
            figures[COST] += figures[OVERTIME] * self._cost.agent_hour * self._cost.overtime_factor
            figures[COST] -= figures[SPARED] * self._cost.agent_hour

    def pay(self, future: Future, delay: float) -> Pay:
        """What the first 0, 1, ... of those at home cost who are called after `delay` [s], beside what is paid anyway, and who comes."""
        came = np.isfinite(future.log_in)
        heads = np.concatenate([[0.0], np.cumsum(came)])
        if self._pay is None:
            return Pay(np.zeros(heads.size), heads)
        login = future.log_in[came]
        from_ = login if self._pay.from_ == "logged in" else np.full(login.size, self.look.state.at + delay)
        until = np.maximum(future.log_out[came], login + self.look.state.pool.block)
        inside = np.maximum(0.0, np.minimum(until, self.look.home.available_until) - from_)
        each = future.yes * self._pay.activation + (future.yes & ~came) * self._pay.called_off / _HOUR * self._pay.hour
        each[came] += (until - from_) / _HOUR * self._pay.hour - inside / _HOUR * self._pay.standby_hour + self._premiums(from_, until)
        return Pay(np.concatenate([[0.0], np.cumsum(each)]), heads)

    def _premiums(self, start: Floats, end: Floats) -> Floats:
        """What paid stretches [s] of people called bring besides, at the times of the premiums."""
        total = np.zeros(start.size)
        for first, last, hour in self._premiums_of:
            total += np.maximum(0.0, np.minimum(end, last) - np.maximum(start, first)) / _HOUR * hour
        return total


class Pay(NamedTuple):
    """What comes of calling the first 0, 1, ... of those at home. [n + 1] each"""

    upto: Floats
    heads: Floats  # who come


def _premiums(scenario: Scenario, pool: Pool) -> list[tuple[float, float, float]]:
    """Times of the path with more pay: from, to [s], paid for an hour of them besides."""
    from ccsim.measures.yardstick import limits_of

    limits = limits_of([], [pool], scenario.horizon, 0)
    return [
        (float(first), float(last), float(hour))
        for (first, last), hour in zip(limits.premium_window[0], limits.premium_hour[0], strict=True)
    ]
