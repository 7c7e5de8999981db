"""Playing the futures of a state, and what is read off them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.contingent import past
from ccsim.contingent.beginning import Held
from ccsim.contingent.lookahead import AS_IT_IS, Future, Levers, Lookahead, Opening, Start, called
from ccsim.contingent.side_by_side import side_by_side
from ccsim.engine.floor import BLOCKED, HUNG_UP, UNSETTLED, Day, Floats, Ints, Log, Roster
from ccsim.engine.kernel import Kernel
from ccsim.engine.kernel.records import Roster as RosterTable
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario

QUARTER = 900.0  # s
_HOUR = 3600.0
# What is read off a future, one number each
EXCEEDS, EXCEEDS_LATER, MISSED, MISSED_LATER, CALLS, OVER, ABANDONED, COST, HEADS, OVERTIME, SPARED = range(11)
EXCEEDS_SOON, MISSED_SOON = 11, 12  # before the part of the span that a call-up can change
CALLS_LATER, OVER_LATER = 13, 14  # in that part
_FIGURES = 15


class Plan(NamedTuple):
    """What is done now: how many of the pool are called, and the other levers."""

    number: int = 0
    levers: Levers = AS_IT_IS


@dataclass(frozen=True)
class Seen:
    """What was read off `futures` futures under each of some plans."""

    figures: Floats  # [plans, futures, 15]
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
        """Read off the logs of one day under several plans: fill `figures` [P, 15], `quarters` [P, rows, 3] and `worst` [P, rows].

        Costs and hours are left to `price`. The same log twice is read once.
        """
        once = list({id(log): log for log in logs}.values())
        place = {id(log): k for k, log in enumerate(once)}
        alike = not any(log.later_arrival.size for log in once)
        read = []
        for some in [once] if alike else [[log] for log in once]:
            arrival = np.concatenate([day.arrival[begun:], some[0].later_arrival])
            queue = np.concatenate([day.queue[begun:], some[0].later_queue])
            mine = np.flatnonzero((arrival < self.end) & self._counts[queue])
            first, last = (begun + int(mine[0]), begun + int(mine[-1]) + 1) if mine.size else (begun, begun)
            outcome, moved = (np.array([getattr(log, name)[first:last] for log in some]) for name in ("outcome", "moved_on"))
            if mine.size < last - first:
                outcome, moved = outcome[:, mine - mine[0]], moved[:, mine - mine[0]]
            read.append(self._read(arrival[mine], queue[mine], outcome, moved))
        of_each = [place[id(log)] for log in logs]
        for target, columns in zip((figures, quarters, worst), zip(*read, strict=True), strict=True):
            target[:] = np.concatenate(columns)[of_each]

    def _read(self, arrival: Floats, queue: Ints, outcome: NDArray[np.int8], moved: Floats) -> tuple[Floats, Floats, Floats]:
        """As `read`, of calls [N] that are the same under each plan and all count; `outcome`, `moved` [P, N]."""
        threshold, plans, rows = self._threshold[queue], outcome.shape[0], self.rows
        row = np.where(arrival < self.start, 0, 1 + ((arrival - self.start) / QUARTER).astype(np.int64))
        # callers who have waited longer already are nobody's choice any more
        hopeless = (row == 0) & (self.start - arrival > threshold)
        row = np.minimum(row, rows - 1)
        blocked, lost = outcome == BLOCKED, outcome == UNSETTLED
        wait = np.where(blocked | lost, 0.0, moved - arrival)
        over = lost | (wait > threshold)

        def by_row(which: NDArray[np.bool_]) -> Ints:
            plan, call = np.nonzero(which)
            return np.bincount(rows * plan + row[call], minlength=plans * rows).reshape(plans, rows)

        calls, overs = np.bincount(row, minlength=rows) - by_row(blocked), by_row(over)
        waited = np.array([np.bincount(row, one, rows) for one in wait])
        missed = overs > (1.0 - self._share) * calls + 1e-9
        figures = np.zeros((plans, _FIGURES))
        figures[:, EXCEEDS] = (over & ~hopeless).any(axis=1)
        figures[:, EXCEEDS_LATER] = overs[:, self.later :].any(axis=1)
        figures[:, MISSED], figures[:, MISSED_LATER] = missed[:, 1:].any(axis=1), missed[:, self.later :].any(axis=1)
        figures[:, EXCEEDS_SOON] = overs[:, 1 : self.later].any(axis=1)
        figures[:, MISSED_SOON] = missed[:, 1 : self.later].any(axis=1)
        figures[:, CALLS], figures[:, OVER] = calls.sum(axis=1), overs.sum(axis=1)
        figures[:, CALLS_LATER], figures[:, OVER_LATER] = (n[:, self.later :].sum(axis=1) for n in (calls, overs))
        figures[:, ABANDONED] = (outcome == HUNG_UP).sum(axis=1)
        return figures, np.stack([calls, waited, overs], axis=2), (overs > 0).astype(np.float64)

    def price(self, future: Future, number: int, figures: Floats) -> None:
        """Fill in `figures` [15] what the plan costs, who comes, and hours of overtime and of people let off."""
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
            inside = np.maximum(0.0, np.minimum(until, self.look.home.available_until) - from_).sum()
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


class Beginning(NamedTuple):
    """How futures begin, and how busy their days are where that is known from the queue."""

    openings: list[Opening]
    busyness: past.Busyness | None

    def worth(self, figure: Floats) -> float:
        """So many independent futures would say as much of the mean of a figure [F]: fewer, the more it goes with the busyness.

        The variance of the mean is (1 / F + r^2 / pasts) times that of the figure, r its correlation with the busyness, which is known from
        so many pasts alone.
        """
        futures, r = figure.size, 0.0
        if self.busyness is not None and figure.std() > 0.0 and self.busyness.level.std() > 0.0:
            r = float(np.corrcoef(figure, self.busyness.level)[0, 1])
        return 1.0 / (1.0 / futures + r * r / (np.inf if self.busyness is None else self.busyness.worth))


class _Past(NamedTuple):
    """A day drawn, if a future is to go on from it, and what the moments of its past were like, if it has one."""

    start: Start | None
    on_duty: int
    busyness: Floats  # [T, D]
    seen: past.Moments | None


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


def openings_of(look: Lookahead, futures: int, engine: str = "kernel", workers: int | None = None) -> Beginning:
    """How so many futures begin: the days are drawn, their pasts are played, and each begins like the end of a past like what was seen.

    Where the calls so far are not told, it goes on with a day of its own that is as busy as the queue says; told, they say it better.
    """
    told = look.state.calls is not None

    def pasts(first: int, last: int) -> list[_Past]:
        drawer, play, found = look.drawer(), _Player(look, engine), list[_Past]()
        for r in range(first, last):
            start = look.start(drawer.day(r))
            day = look.lead_up(start)
            seen = None if day is None else look.seen(day, play(day))
            found.append(_Past(start if told or seen is None else None, start.seats.team.size, drawer.busyness(r), seen))
        return found

    drawn = side_by_side(pasts, futures, workers)
    seen = [one.seen for one in drawn if one.seen is not None]
    held: list[Held | None] = [None] * futures
    busy: list[Floats] | None = None
    known: past.Busyness | None = None
    if seen:
        u = np.array([look.choice(r) for r in range(futures)])
        likely = past.likely(look.state, seen, drawn[0].on_duty, u)
        held = [past.held(seen[j], k) for j, k in zip(likely.past.tolist(), likely.moment.tolist(), strict=True)]
        if not told:
            busy, known = look.as_busy(seen, [one.busyness for one in drawn], futures)

    def begin(first: int, last: int) -> list[Opening]:
        drawer, found = look.drawer(), list[Opening]()
        for r in range(first, last):
            start = drawn[r].start if busy is None else look.start(drawer.day_as_busy(futures + r, busy[r]))
            assert start is not None
            found.append(look.opening(start, held[r]))
        return found

    return Beginning(side_by_side(begin, futures, workers), known)


def play_plans(
    look: Lookahead,
    yardstick: Yardstick,
    plans: Sequence[Plan],
    openings: Sequence[Opening],
    engine: str = "kernel",
    workers: int | None = None,
) -> Seen:
    """What is read off the futures that begin so under each plan: the same luck for all of them, whatever the workers."""
    kept, rows = len(plans), yardstick.rows

    def work(first: int, last: int) -> list[tuple[Floats, Floats, Floats]]:
        play, found = _Player(look, engine), list[tuple[Floats, Floats, Floats]]()
        for opening in openings[first:last]:
            found.append((np.zeros((kept, _FIGURES)), np.zeros((kept, rows, 3)), np.zeros((kept, rows))))
            _play_one(look, yardstick, plans, opening, play, *found[-1])
        return found

    figures, quarters, worst = zip(*side_by_side(work, len(openings), workers), strict=True)
    return Seen(np.array(figures).swapaxes(0, 1), np.sum(quarters, axis=0), np.mean(worst, axis=0))


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
