"""Playing the futures of a state, and what is read off them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.contingent import past
from ccsim.contingent.beginning import Held
from ccsim.contingent.laws import uniforms
from ccsim.contingent.lookahead import AS_IT_IS, Future, Levers, Lookahead, Opening, Start, called
from ccsim.engine.floor import BLOCKED, HUNG_UP, UNSETTLED, Day, Floats, Ints, Log, Roster
from ccsim.engine.kernel import Kernel
from ccsim.engine.kernel.records import Roster as RosterTable
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario

QUARTER = 900.0  # s
_HOUR = 3600.0
_CHOICE = 16  # days to choose from for each future, where the queue alone says how busy the day is
# What is read off a future, one number each
EXCEEDS, EXCEEDS_LATER, MISSED, MISSED_LATER, CALLS, OVER, ABANDONED, COST, HEADS, OVERTIME, SPARED = range(11)
EXCEEDS_SOON, MISSED_SOON = 11, 12  # before the part of the span that a call-up can change
_FIGURES = 13


class Plan(NamedTuple):
    """What is done now: how many of the pool are called, and the other levers."""

    number: int = 0
    levers: Levers = AS_IT_IS


@dataclass(frozen=True)
class Seen:
    """What was read off `futures` futures under each of some plans."""

    figures: Floats  # [plans, futures, 13]
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
        self._premiums_of = _premiums(scenario, look.state.pool) if self._pay is not None and self._pay.premiums else []
        self._cost = scenario.cost
        self.priced = self._pay is not None or self._cost is not None

    def read(self, begun: int, day: Day, logs: Sequence[Log], figures: Floats, quarters: Floats, worst: Floats) -> None:
        """Read off the logs of one day under several plans: fill `figures` [P, 13], add to `quarters` [P, rows, 3] and `worst` [P, rows].

        Costs and hours are left to `price`.
        """
        alike = not any(log.later_arrival.size for log in logs)
        for some in [list(range(len(logs)))] if alike else [[p] for p in range(len(logs))]:
            first = logs[some[0]]
            arrival = np.concatenate([day.arrival[begun:], first.later_arrival])
            queue = np.concatenate([day.queue[begun:], first.later_queue])
            outcome, moved = (np.array([getattr(logs[p], name)[begun:] for p in some]) for name in ("outcome", "moved_on"))
            self._read(arrival, queue, outcome, moved, figures[some[0] : some[-1] + 1], quarters[some[0] :], worst[some[0] :])

    def _read(
        self, arrival: Floats, queue: Ints, outcome: NDArray[np.int8], moved: Floats, figures: Floats, quarters: Floats, worst: Floats
    ) -> None:
        """As `read`, of calls [N] that are the same under each plan; `outcome`, `moved` [P, N]."""
        mine = np.flatnonzero((arrival < self.end) & self._counts[queue])
        arrival, threshold, outcome, moved = arrival[mine], self._threshold[queue[mine]], outcome[:, mine], moved[:, mine]
        plans, rows = outcome.shape[0], self.rows
        row = np.where(arrival < self.start, 0, 1 + ((arrival - self.start) / QUARTER).astype(np.int64))
        # callers who have waited longer already are nobody's choice any more
        hopeless = (row == 0) & (self.start - arrival > threshold)
        place = np.minimum(row, rows - 1) + rows * np.arange(plans)[:, None]
        counted, lost = outcome != BLOCKED, outcome == UNSETTLED
        wait = moved - arrival
        over = counted & (lost | (wait > threshold))
        calls, overs = (np.bincount(place[which], minlength=plans * rows).reshape(plans, rows) for which in (counted, over))
        settled = counted & ~lost
        waited = np.bincount(place[settled], wait[settled], plans * rows).reshape(plans, rows)
        for column, found in enumerate((calls, waited, overs)):
            quarters[:plans, :, column] += found
        missed = overs > (1.0 - self._share) * calls + 1e-9
        figures[:, EXCEEDS] = (over & ~hopeless).any(axis=1)
        figures[:, EXCEEDS_LATER] = overs[:, self.later :].any(axis=1)
        figures[:, MISSED], figures[:, MISSED_LATER] = missed[:, 1:].any(axis=1), missed[:, self.later :].any(axis=1)
        figures[:, EXCEEDS_SOON] = overs[:, 1 : self.later].any(axis=1)
        figures[:, MISSED_SOON] = missed[:, 1 : self.later].any(axis=1)
        figures[:, CALLS], figures[:, OVER] = calls.sum(axis=1), overs.sum(axis=1)
        figures[:, ABANDONED] = (outcome == HUNG_UP).sum(axis=1)
        worst[:plans] += overs > 0

    def price(self, future: Future, number: int, figures: Floats) -> None:
        """Fill in `figures` [13] what the plan costs, who comes, and hours of overtime and of people let off."""
        figures[COST], figures[HEADS] = self.cost(future, number, float(figures[ABANDONED]))
        figures[OVERTIME], figures[SPARED] = future.overtime / _HOUR, future.spared / _HOUR

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
            total += self._premiums(from_, until)
            total += float(yes.sum()) * self._pay.activation + (paid + lapsed * self._pay.called_off) / _HOUR * self._pay.hour
            total -= inside / _HOUR * self._pay.standby_hour
        if self._cost is not None:
            total += abandoned * self._cost.abandoned_call
            total += future.overtime / _HOUR * self._cost.agent_hour * self._cost.overtime_factor
            total -= future.spared / _HOUR * self._cost.agent_hour
        return float(total), float(came.sum())

    def _premiums(self, start: Floats, end: Floats) -> float:
        """What paid stretches [s] of people called bring besides, at the times of the premiums."""
        total = 0.0
        for first, last, hour in self._premiums_of:
            total += float(np.maximum(0.0, np.minimum(end, last) - np.maximum(start, first)).sum()) / _HOUR * hour
        return total


def _premiums(scenario: Scenario, pool: Pool) -> list[tuple[float, float, float]]:
    """Times of the path with more pay: from, to [s], paid for an hour of them besides."""
    from ccsim.measures.yardstick import limits_of

    limits = limits_of([], [pool], scenario.horizon, 0)
    return [
        (float(first), float(last), float(hour))
        for (first, last), hour in zip(limits.premium_window[0], limits.premium_hour[0], strict=True)
    ]


class _Player:
    """Plays days by one of the engines. Days that have the same roster one after another have it coded once."""

    def __init__(self, look: Lookahead, engine: str) -> None:
        self._floor = look.floor
        self._kernel = _Coded(look.floor) if engine == "kernel" else None

    def __call__(self, day: Day) -> Log:
        if self._kernel is not None:
            return self._kernel.play(day)
        from ccsim.engine.reference import play

        return play(self._floor, day)


class _Coded(Kernel):
    """The compiled engine, which keeps the codes of the last roster."""

    _coded: tuple[Roster, RosterTable] | None = None

    def _roster_of(self, day: Day) -> RosterTable:
        if day.roster is None:
            return super()._roster_of(day)
        if self._coded is None or self._coded[0] is not day.roster:
            self._coded = day.roster, super()._roster_of(day)
        return self._coded[1]._replace(present=day.present, factor=day.factor)


def openings_of(look: Lookahead, futures: int, engine: str = "kernel", workers: int | None = None) -> list[Opening]:
    """How so many futures begin: the days are drawn, their pasts are played, and each begins like the end of a past like what was seen.

    Where the calls so far are not told, the day goes on as busy as that past was; told, they say it better.
    """
    starts, seen = _pasts(look, futures, engine, workers)
    held: list[Held | None] = [None] * futures
    if seen:
        state = look.state
        u = np.array([float(uniforms(start.key, "past", 1)[0]) for start in starts])
        like = past.likely(state, seen, starts[0].seats.team.size, u)
        held = [past.held(seen[j], k) for j, k in zip(like.past.tolist(), like.moment.tolist(), strict=True)]
        if state.calls is None:
            drawer = look.drawer()
            starts = [starts[day] if day < futures else look.start(drawer.day(day)) for day in _days_like(look, like.past, futures)]
    return [look.opening(start, one) for start, one in zip(starts, held, strict=True)]


def _days_like(look: Lookahead, pasts: Ints, futures: int) -> list[int]:
    """For each future a day of its own, of many, that is about as busy as its past."""
    drawer, day = look.drawer(), look.scenario.horizon.spans[0][0]
    busy = np.log(np.maximum([drawer.busyness(r)[:, day] for r in range(_CHOICE * futures)], 1e-9))
    weights = look.load / max(look.load.sum(), 1e-300)
    free, found = np.zeros(busy.shape[0]), list[int]()
    for one in pasts.tolist():
        best = int(np.argmin(np.abs(busy - busy[one]) @ weights + free))
        free[best] = np.inf
        found.append(best)
    return found


def _pasts(look: Lookahead, days: int, engine: str, workers: int | None) -> tuple[list[Start], list[past.Moments]]:
    """So many days as far as they are needed, and what the ends of their pasts look like; no pasts soon after opening."""
    starts: list[Start | None] = [None] * days
    seen: list[past.Moments | None] = [None] * days

    def work(first: int, last: int) -> None:
        drawer, play = look.drawer(), _Player(look, engine)
        for r in range(first, last):
            start = starts[r] = look.start(drawer.day(r))
            day = look.lead_up(start)
            if day is not None:
                seen[r] = look.seen(day, play(day))

    _side_by_side(work, days, workers)
    return [start for start in starts if start is not None], [one for one in seen if one is not None]


def play_plans(
    look: Lookahead,
    yardstick: Yardstick,
    plans: Sequence[Plan],
    openings: Sequence[Opening],
    engine: str = "kernel",
    workers: int | None = None,
) -> Seen:
    """What is read off the futures that begin so under each plan: the same luck for all of them, whatever the workers."""
    futures, kept = len(openings), len(plans)
    figures, quarters = np.zeros((futures, kept, _FIGURES)), np.zeros((futures, kept, yardstick.rows, 3))
    worst = np.zeros((futures, kept, yardstick.rows))

    def work(first: int, last: int) -> None:
        play = _Player(look, engine)
        for r in range(first, last):
            _play_one(look, yardstick, plans, openings[r], play, figures[r], quarters[r], worst[r])

    if plans:
        _side_by_side(work, futures, workers)
    return Seen(figures.swapaxes(0, 1), quarters.sum(axis=0), worst.mean(axis=0))


def _play_one(
    look: Lookahead,
    yardstick: Yardstick,
    plans: Sequence[Plan],
    opening: Opening,
    play: Callable[[Day], Log],
    figures: Floats,
    quarters: Floats,
    worst: Floats,
) -> None:
    """Play one future under each plan; what is the same under two of them is played once."""
    made: dict[Levers, Future] = {}
    logs: dict[tuple[Levers, bytes], Log] = {}
    played: list[Log] = []
    for number, levers in plans:
        if levers not in made:
            made[levers] = look.future(opening, levers)
        future = made[levers]
        came = np.isfinite(future.log_in[:number])
        # whoever does not come changes nothing, nor does a lever that finds nobody to move
        moved = levers if future.changed else AS_IT_IS
        which = moved._replace(delay=levers.delay if came.any() else 0.0), np.flatnonzero(came).tobytes()
        if which not in logs:
            log = play(called(future, number))
            # the next day played overwrites what the log shows
            logs[which] = log._replace(
                outcome=log.outcome.copy(), moved_on=log.moved_on.copy(), later_arrival=log.later_arrival.copy(),
                later_queue=log.later_queue.copy(),
            )  # fmt: skip
        played.append(logs[which])
    yardstick.read(opening.begun, opening.day, played, figures, quarters, worst)
    for row, (number, levers) in zip(figures, plans, strict=True):
        yardstick.price(made[levers], number, row)


def _side_by_side(work: Callable[[int, int], None], number: int, workers: int | None) -> None:
    """Do the work of `number` things in threads, each a stretch of them."""
    workers = max(1, min(workers or os.cpu_count() or 1, 8, number))
    edges = np.linspace(0, number, workers + 1).astype(int).tolist()
    if workers == 1:
        work(0, number)
        return
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))
