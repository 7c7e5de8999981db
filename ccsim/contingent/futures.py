"""The futures of a state, played side by side: each worker draws a stretch of them and keeps it for all that is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple

import numpy as np

from ccsim.contingent import past
from ccsim.contingent.at_home import NOBODY, Luck
from ccsim.contingent.beginning import Held
from ccsim.contingent.lookahead import AS_IT_IS, Future, Levers, Lookahead, Opening, Start, called
from ccsim.contingent.outlook import FIGURES, Fate, Pay, Plan, Seen, Watched, Yardstick
from ccsim.contingent.side_by_side import SideBySide
from ccsim.engine.days import Days
from ccsim.engine.floor import Day, Floats, Ints, Log, Roster
from ccsim.engine.kernel import Kernel, people_of
from ccsim.engine.kernel.records import Roster as RosterTable


class Futures:
    """So many futures of a state, as they begin, to be played under one plan after another. Used as a context.

    The days are drawn, their pasts are played, and each future begins like the end of a past like what was seen. Where the calls so far
    are not told, it goes on with a day of its own that is as busy as the queue says; told, they say it better.
    """

    def __init__(self, yardstick: Yardstick, number: int, engine: str = "kernel", workers: int | None = None) -> None:
        self._look, self.number = yardstick.look, number
        self._busyness: past.Busyness | None = None
        self._side_by_side = SideBySide(lambda first, last: _Stretch(yardstick, number, engine, first, last), number, workers)

    def __enter__(self) -> Futures:
        self._side_by_side.__enter__()
        try:
            self._begin()
        except BaseException as fault:
            self._side_by_side.__exit__(type(fault), fault, fault.__traceback__)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._side_by_side.__exit__(kind, fault, trace)

    def _begin(self) -> None:
        """How the futures begin, and how busy their days are."""
        drawn: list[_Past] = [one for some in self._side_by_side.ask("pasts") for one in some]
        seen = [one.seen for one in drawn if one.seen is not None]
        held: list[Held | None] = [None] * self.number
        busy: list[Floats | None] = [None] * self.number
        if seen:
            look = self._look
            likely = past.likely(look.state, seen, drawn[0].on_duty, np.array([look.choice(r) for r in range(self.number)]))
            held = [past.held(seen[j], k) for j, k in zip(likely.past.tolist(), likely.moment.tolist(), strict=True)]
            if look.state.calls is None:
                days, self._busyness = look.as_busy(seen, [one.busyness for one in drawn], self.number)
                busy = list(days)
        self._side_by_side.ask("begin", of_each=list(zip(held, busy, strict=True)))

    @property
    def openings(self) -> list[Opening]:
        """How each of them begins."""
        return [opening for some in self._side_by_side.ask("begun") for opening in some]

    @property
    def levels(self) -> Floats | None:
        """The logarithm of how busy each future is, beside a day as expected, where the queue alone says it. [F]"""
        return None if self._busyness is None else self._busyness.level

    def play(self, plans: Sequence[Plan], which: Ints | None = None) -> Seen:
        """What is read off them under each plan: the same luck for all plans, whatever the workers. `which`: of some futures alone."""
        found = self._side_by_side.ask("play", list(plans), np.arange(self.number) if which is None else which)
        figures, quarters = (np.concatenate(columns) for columns in zip(*found, strict=True))
        return Seen(figures.swapaxes(0, 1), quarters.sum(axis=0))

    def worth(self, figure: Floats) -> float:
        """So many independent futures would say as much of the mean of a figure [F]: fewer, the more it goes with the busyness.

        The variance of the mean is (1 / F + r^2 / pasts) times that of the figure, r its correlation with the busyness, which is known from
        so many pasts alone.
        """
        futures, r, known = figure.size, 0.0, self._busyness
        if known is None:
            return float(futures)
        if figure.std() > 0.0 and known.level.std() > 0.0:
            r = float(np.corrcoef(figure, known.level)[0, 1])
        return 1.0 / (1.0 / futures + r * r / known.worth)


class _Past(NamedTuple):
    """What the past of a day drawn was like, if it has one, and how busy the day."""

    on_duty: int
    busyness: Floats  # [T, D]
    seen: past.Moments | None


class _Begun(NamedTuple):
    """A future as it begins, and what does not change with what is done."""

    opening: Opening
    watched: Watched
    luck: Luck  # of those at home


class _Stretch:
    """The futures from `first` on and before `last`, of `number` in all."""

    def __init__(self, yardstick: Yardstick, number: int, engine: str, first: int, last: int) -> None:
        self._yardstick, self._look, self._engine = yardstick, yardstick.look, engine
        self._number, self._first, self._last = number, first, last
        self._play = _Player(self._look, engine)
        self._told = self._look.state.calls is not None
        self._starts: dict[int, Start] = {}  # of futures that go on with the day of their past
        self._begun: list[_Begun] = []

    def pasts(self) -> list[_Past]:
        """The pasts of as many days."""
        look, play, found = self._look, self._play, list[_Past]()
        # where the day goes on as it was drawn, its future is kept
        drawer = look.drawer(None if self._told or not look.has_past else look.state.at)
        for r in range(self._first, self._last):
            start = look.start(drawer.day(r), after=self._told or not look.has_past)
            day = look.lead_up(start)
            seen = None if day is None else look.seen(day, play(day))
            if start.after is not None:
                self._starts[r] = start
            found.append(_Past(start.seats.team.size, drawer.busyness(r), seen))
        return found

    def begin(self, told: Sequence[tuple[Held | None, Floats | None]]) -> None:
        """Begin each future with calls in hand and a busyness, if they are told."""
        look, drawer = self._look, self._look.drawer()
        for r, (held, busy) in zip(range(self._first, self._last), told, strict=True):
            day_of = self._starts.pop(r) if busy is None else look.start(drawer.day_as_busy(self._number + r, busy), before=False)
            opening = look.opening(day_of, held)
            arrival, queue = opening.day.arrival[opening.begun :], opening.day.queue[opening.begun :]
            self._begun.append(_Begun(opening, self._yardstick.watched(arrival, queue), look.luck(opening)))

    def begun(self) -> list[Opening]:
        """How each future begins."""
        return [one.opening for one in self._begun]

    def play(self, plans: Sequence[Plan], which: Ints) -> tuple[Floats, Floats]:
        """Play those futures of `which` that are of this stretch: figures [futures, plans, 15] and quarters [futures, plans, rows, 3]."""
        mine = which[(which >= self._first) & (which < self._last)] - self._first
        figures = np.zeros((mine.size, len(plans), FIGURES))
        quarters = np.zeros((mine.size, len(plans), self._yardstick.rows, 3))
        for k, place in enumerate(mine.tolist()):
            self._play_one(self._begun[place], plans, figures[k], quarters[k])
        return figures, quarters

    def _play_one(self, begun: _Begun, plans: Sequence[Plan], figures: Floats, quarters: Floats) -> None:
        """Play one future under each plan; what is the same under two of them is played once."""
        yardstick, opening = self._yardstick, begun.opening
        calling = {levers for number, levers in plans if number}
        made: dict[Levers, tuple[Future, Pay | None]] = {}
        fates: dict[tuple[Levers, bytes], Fate] = {}
        fate_of: list[Fate] = []
        for number, levers in plans:
            future, _ = made.get(levers) or made.setdefault(levers, self._made(begun, levers, levers in calling))
            came = np.isfinite(future.log_in[:number])
            # whoever does not come changes nothing, nor does a lever that finds nobody to move
            moved = levers if future.changed else AS_IT_IS
            same = moved._replace(delay=levers.delay if came.any() else 0.0), np.flatnonzero(came).tobytes()
            if same not in fates:
                fates[same] = yardstick.fate(begun.watched, opening.begun, opening.day, self._play(called(future, number)))
            fate_of.append(fates[same])
        yardstick.read(fate_of, figures, quarters)
        for row, (number, levers) in zip(figures, plans, strict=True):
            future, pay = made[levers]
            yardstick.price(future, pay, number, row)

    def _made(self, begun: _Begun, levers: Levers, calling: bool) -> tuple[Future, Pay | None]:
        """A future under some levers, and what those called cost, if any are."""
        future = self._look.future(begun.opening, levers, begun.luck if calling else NOBODY)
        return future, self._yardstick.pay(future, levers.delay) if calling else None


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

    def _roster_of(self, day: Day | Days) -> RosterTable:
        if day.roster is None:
            return super()._roster_of(day)
        if self._coded is None or self._coded[0] is not day.roster:
            self._coded = day.roster, super()._roster_of(day)
        present, factor = people_of(day)
        return self._coded[1]._replace(present=present, factor=factor)
