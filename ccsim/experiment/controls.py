"""Control variates: what luck brought to a path, set against what it brings on average.

A busy day has long waits, and how busy a day was is known, as is how busy days are on average. A control is a figure of a path whose
expectation is known exactly; what it exceeds that by explains part of what the path's measures exceed theirs by, and that part is taken
out of an estimate (`ccsim.experiment.estimates`). The controls of a scenario, as far as it has the luck they are about:

    the busyness of the day     b, Gamma of mean 1 (shape k = cv^-2), and its excess max(b - t, 0) over quantiles t of its law, with
                                E max(b - t, 0) = Q(k + 1, k t) - t Q(k, k t), Q the regularised upper incomplete gamma function. Where the
                                week has a busyness of its own, their product has no such law, and b^2 and b^3 stand in for the excesses
    people absent               paid hours of those whom absence takes, less its chance times the hours of those whom nothing took before
    calls, work                 first calls and their handle times, less what the day's busyness and events lead one to expect
    an event that may happen    1 if it does, less its chance
    products                    of the busyness with people absent, with the work, and with the busyness of another type: all of them have
                                factors that are independent, or one whose mean is 0 whatever the other is

The means of all but the busyness are 0 by the way they are drawn, whatever the day's own rates are: a Poisson number less its rate, a
Bernoulli number less its chance. Several days of a path add up, weighted by the work that is expected on them.

The order is that of what they are worth (docs/decisions/variance-reduction.md has the figures): of few paths only the first are used. What
is rarely other than usual, such as the excess over a high quantile, is left out of few paths altogether: which controls are used depends
on the number of paths alone, not on what they came to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.demand import Demand, Grid
from ccsim.engine.floor import Day, Floats
from ccsim.engine.happenings import certain, chances, happen, pairs
from ccsim.engine.shifts import Shifts
from ccsim.engine.shifts import shifts as shifts_of
from ccsim.engine.takings import odds_of_events
from ccsim.inputs.odds import absences_by_weekday
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.shrinkage import chances as strikes_of

# Quantiles beyond which the excess of the busiest type's factor is a control: those of most worth, the next, and the last
_HIGH: Final = (0.6, 0.8, 0.95)
_LOW: Final = (0.4, 0.2)
_BETWEEN: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
_OF_ANOTHER: Final = (0.5, 0.8)
# Sources of busyness, types with a control of their own work, and events that are followed
_SOURCES: Final = 3
_TYPES: Final = 4
_EVENTS: Final = 4
_SEEN: Final = 10  # paths in which a control ought to be other than usual
_SMALLEST_CV: Final = 1e-4  # below it a Gamma law is drawn as a normal one (ccsim.engine.demand)


class Luck(NamedTuple):
    """What luck brought to one path of D days and T types, each with a mean that is known."""

    busyness: Floats  # [T, D] factors of the day and its week
    calls: Floats  # [T, D] first calls, less those expected of this busyness and these events
    work: Floats  # [T, D] their handle times [s], less those expected
    absent: Floats  # [D] paid hours absent, less those expected
    happened: NDArray[np.bool_]  # [E] which of the pairs of event and day come true


class Control(NamedTuple):
    """One control: what it says of a path, its expectation taken off."""

    name: str
    read: Callable[[Luck], float]
    # It is 0 (or another number) on all paths but this share of them: where these are few, their mean says next to nothing
    share: float = 1.0

    @property
    def least(self) -> int:
        """The fewest replications of which it is used."""
        return math.ceil(_SEEN / self.share)


class Source(NamedTuple):
    """One busyness: that of a type, or of all that share it and have the same coefficients of variation."""

    luck: str | None  # whose draws it goes by: a type's name, None where it is shared
    label: str
    row: int  # a type that has it
    day: float  # coefficient of variation
    week: float
    weights: Floats  # [D] expected work of its types by day, adding up to 1
    work: float  # s


class Controls:
    """The controls of a scenario. One object serves all workers.

    names      of the controls, in the order in which they are used
    left_out   sentences on what is not used, and why
    """

    def __init__(self, scenario: Scenario, counted: bool = False) -> None:
        """`counted`: the volumes hold later calls, which a pilot over the first days has taken out."""
        self.left_out: tuple[str, ...] = tuple(_reasons(scenario, counted))
        self._controls: list[Control] = []
        if counted or scenario.known is not None:
            return
        self._scenario = scenario
        self._types = len(scenario.calls)
        self._days = scenario.days
        self._grids = Demand(scenario).grids
        self._means = [_handle_means(scenario, name, grid) for name, grid in zip(scenario.calls, self._grids, strict=True)]
        chance = chances(scenario)
        self._open = np.flatnonzero((chance > 0.0) & (chance < 1.0))
        self._chance = chance
        self._usual = certain(scenario)
        self._expected = self._expect(self._usual)
        # Whether an event that luck decides on changes some volume
        self._varies = any((np.diff(grid.span[self._open]) > 0).any() for grid in self._grids if grid.factor.size)
        self._day_of = np.asarray(scenario.horizon.interval_day, np.int64)
        self._absence = _Absence(scenario)
        self._controls = list(self._listed())

    @property
    def names(self) -> tuple[str, ...]:
        """What the controls are, in the order in which they are used."""
        return tuple(control.name for control in self._controls)

    @property
    def least(self) -> tuple[int, ...]:
        """The fewest replications of which each control is used."""
        return tuple(control.least for control in self._controls)

    def values(self, day: Day, busyness: Floats, away: NDArray[np.int8]) -> Floats:
        """The controls of one path, their expectations taken off. [K]

        `busyness` [T, D] are its factors, `away` [S] says which category took each shift instance, as `Drawer` leaves them.
        """
        happened = happen(self._scenario, day.key) if self._open.size else self._usual
        calls, work = self._expect(happened) if self._varies else self._expected
        came, brought = self._came(day)
        luck = Luck(busyness, came - busyness * calls, brought - busyness * work, self._absence.surplus(away), happened)
        return np.array([control.read(luck) for control in self._controls])

    def _expect(self, happened: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Calls and work [s] expected of each type on each day of busyness 1, with these events. [T, D] each"""
        calls, work = np.zeros((self._types, self._days)), np.zeros((self._types, self._days))
        for c, (grid, means) in enumerate(zip(self._grids, self._means, strict=True)):
            rate = grid.volume.copy()
            for e in np.flatnonzero(happened) if grid.factor.size else ():
                rate[grid.span[e, 0] : grid.span[e, 1]] *= grid.factor[e]
            calls[c] = np.bincount(grid.day, rate, self._days).astype(np.float64)
            work[c] = np.bincount(grid.day, rate * means, self._days)
        return calls, work

    def _came(self, day: Day) -> tuple[Floats, Floats]:
        """First calls and their handle times [s] of each type on each day. [T, D] each"""
        size = self._types * self._days
        if size == 1:
            return np.full((1, 1), float(day.queue.size)), np.full((1, 1), day.handle_time.sum())
        place = day.queue if self._days == 1 else day.queue * self._days + self._day_of[day.interval]
        shape = self._types, self._days
        calls = np.bincount(place, minlength=size).astype(np.float64)
        return calls.reshape(shape), np.bincount(place, day.handle_time, size).astype(np.float64).reshape(shape)

    def _listed(self) -> Iterator[Control]:
        """The controls, those of most worth first."""
        sources = self._sources()
        first, second = (*sources, None, None)[:2]
        some_work = float(self._expected[1].sum()) > 0.0
        if first is not None:
            yield _busyness(first)
        if self._absence.any:
            yield Control("people absent", lambda luck: float(luck.absent.sum()))
        if second is not None:
            yield _busyness(second)
        if some_work:
            yield Control("work that callers bring", lambda luck: float(luck.work.sum()))
        yield from self._events()
        for source in sources[2:]:
            yield _busyness(source)
        if first is not None:
            yield from _excess(first, _HIGH)
            if self._absence.any:
                yield _product(first, "people absent", lambda luck: luck.absent)
            if some_work:
                yield _product(first, "work that callers bring", lambda luck: luck.work.sum(axis=0))
            yield from _excess(first, _LOW)
        if first is not None and second is not None:
            if first.luck != second.luck:
                yield _both(first, second)
            yield from _excess(second, _OF_ANOTHER)
        if some_work:
            yield Control("calls", lambda luck: float(luck.calls.sum()))
        if 1 < self._types <= _TYPES:
            for c, name in enumerate(self._scenario.calls):
                yield Control(f"work that {name} brings", lambda luck, c=c: float(luck.work[c].sum()))  # type: ignore[misc]
                yield Control(f"calls of {name}", lambda luck, c=c: float(luck.calls[c].sum()))  # type: ignore[misc]
        if first is not None:
            yield from _excess(first, _BETWEEN)

    def _sources(self) -> list[Source]:
        """The busynesses, those that move the most work first."""
        found: dict[tuple[str | None, float, float], Source] = {}
        for c, (name, call) in enumerate(self._scenario.calls.items()):
            told, work = call.busyness, self._expected[1][c]
            if max(told.day, told.week) == 0.0 or work.sum() == 0.0:
                continue
            luck = None if told.shared else name
            key = (luck, told.day, told.week)
            label = "busyness" if self._types == 1 else f"busyness of {name}"
            before = found.get(key)
            if before is None:
                found[key] = Source(luck, label, c, told.day, told.week, work, float(work.sum()))
            else:
                label, work = f"{before.label} and {name}", before.weights + work
                found[key] = before._replace(label=label, weights=work, work=float(work.sum()))
        ranked = sorted(found.values(), key=lambda source: -source.work * np.hypot(source.day, source.week))
        return [source._replace(weights=source.weights / source.work) for source in ranked[:_SOURCES]]

    def _events(self) -> Iterator[Control]:
        """Whether each event happens that luck decides on, all its days together."""
        found = pairs(self._scenario)
        events = list(dict.fromkeys(found[e][0].name for e in self._open.tolist()))
        for name in events[:_EVENTS]:
            mine = np.array([e for e in self._open.tolist() if found[e][0].name == name])
            expected = float(self._chance[mine].sum())
            rarer = min(1.0, expected, float((1.0 - self._chance[mine]).sum()))
            yield Control(
                f"whether {name} happens",
                lambda luck, m=mine, x=expected: float(luck.happened[m].sum() - x),  # type: ignore[misc]
                rarer,
            )


class _Absence:
    """The paid hours that absence takes from the roster, day by day, set against those expected."""

    def __init__(self, scenario: Scenario) -> None:
        table = shifts_of(scenario)
        numbered = list(enumerate(scenario.shrinkage.values(), start=1))
        # Planned categories take first, then absence, each in file order
        self._order = [number for number, category in numbered if category.kind == "absence"]
        self._chance = _chances(scenario, table)  # [categories, S]
        self._day = np.maximum(table.day, 0)
        self._days = scenario.days
        followed = (table.day >= 0) & (table.fixed_away == 0)
        touched = odds_of_events(scenario, table)
        lasting = any(category.lasts is not None for category in scenario.shrinkage.values())
        for odds in touched:
            if odds.absence != 1.0:
                followed[odds.shifts] = False
        ends = any(category.ends_after is not None for category in scenario.shrinkage.values())
        if ends or (lasting and any(odds.absence != 1.0 for odds in touched)):
            followed[:] = False
        self._hours = np.where(followed, table.paid_hours, 0.0)
        self.any = bool((self._hours * self._chance).sum() > 0.0)

    def surplus(self, away: NDArray[np.int8]) -> Floats:
        """Paid hours absent less those expected, on each day of the path. [D]"""
        if not self.any:
            return np.zeros(self._days)
        surplus = np.zeros(away.size)
        left = away == 0
        for place in range(len(self._order) - 1, -1, -1):
            taken = away == self._order[place]
            # Whom it could take: those it took, those whom later ones took, and those who are there
            left |= taken
            surplus += taken - self._chance[place] * left
        return np.bincount(self._day, surplus * self._hours, self._days).astype(np.float64)


def _chances(scenario: Scenario, table: Shifts) -> Floats:
    """The chance with which each category of absence takes a person whom nothing took before, for each shift. [categories, S]"""
    found = []
    weekday = np.array([scenario.horizon.weekday(day) for day in range(-1, scenario.days)])
    for category in scenario.shrinkage.values():
        if category.kind != "absence":
            continue
        mine = np.zeros(table.day.size)
        for g, group in enumerate(scenario.staff.values()):
            strikes = 0.0 if group.people is None else strikes_of(group, scenario.shrinkage.values()).get(category.name, 0.0)
            if strikes == 0.0:
                continue
            weights = tuple(group.weight(day) for day in range(7))
            by_weekday = absences_by_weekday(strikes, category.weekdays, weights, category.lasts)
            missing = np.full(7, strikes) if by_weekday is None else np.array(by_weekday.missing)
            here = table.group == g
            mine[here] = missing[weekday[table.day[here] + 1]]
        found.append(mine)
    return np.array(found).reshape(len(found), table.day.size)


def _reasons(scenario: Scenario, counted: bool) -> Iterator[str]:
    """What is left out of a scenario's controls, and why."""
    if scenario.known is not None:
        yield "none: what is known of the first day changes what luck brings on average"
    elif counted:
        yield "none: the first calls were worked out from the very days that are played (`volume_counts: offered`)"
    else:
        if any(call.busyness.day > 0.0 and call.busyness.week > 0.0 for call in scenario.calls.values()):
            yield "how far the busyness exceeds a level: that of the day and that of the week multiply; powers stand in for it"
        if any(category.ends_after is not None for category in scenario.shrinkage.values()):
            yield "people absent: some employments end on the way"
        elif any(event.absence != 1.0 for event in scenario.events.values()):
            yield "people absent under an event that changes the odds"


def _handle_means(scenario: Scenario, name: str, grid: Grid) -> Floats:
    """The mean handle time in each piece of a type's grid. [K] s"""
    means = np.broadcast_to(np.asarray(scenario.calls[name].handle_time.mean, np.float64), scenario.horizon.intervals)
    return means[grid.interval] if grid.interval.size else means


def _busyness(source: Source) -> Control:
    return Control(source.label, lambda luck: float(source.weights @ (luck.busyness[source.row] - 1.0)))


def _excess(source: Source, shares: tuple[float, ...]) -> Iterator[Control]:
    """What a busyness exceeds quantiles of its law by; for products of two of them powers instead, once."""
    if source.day > 0.0 and source.week > 0.0:
        for power, name in ((2, "squared"), (3, "cubed")) if shares in (_HIGH, _OF_ANOTHER) else ():
            mean = _moment(source.day, power) * _moment(source.week, power)
            yield Control(
                f"{source.label} {name}",
                lambda luck, p=power, m=mean: float(source.weights @ (luck.busyness[source.row] ** p - m)),  # type: ignore[misc]
            )
        return
    cv = max(source.day, source.week)
    if cv < _SMALLEST_CV:
        return
    from ccsim.special_functions import gammaincc, gammaincinv

    shape = cv**-2.0
    for share in shares:
        level = float(gammaincinv(shape, share)) / shape
        mean = float(gammaincc(shape + 1.0, shape * level) - level * gammaincc(shape, shape * level))
        yield Control(
            f"{source.label} above its {share:.0%} quantile".replace("%", " %"),
            lambda luck, t=level, m=mean: float(source.weights @ (np.maximum(luck.busyness[source.row] - t, 0.0) - m)),  # type: ignore[misc]
            min(share, 1.0 - share),
        )


def _moment(cv: float, power: int) -> float:
    """E b^2 or E b^3 of a Gamma law of mean 1."""
    return (1.0 + cv**2) * (1.0 if power == 2 else 1.0 + 2.0 * cv**2)


def _product(source: Source, name: str, other: Callable[[Luck], Floats]) -> Control:
    """The busyness of each day, less 1, times what has the mean 0 whatever the busyness."""
    return Control(f"{source.label} × {name}", lambda luck: float((luck.busyness[source.row] - 1.0) @ other(luck)))


def _both(first: Source, second: Source) -> Control:
    """The busyness of one times that of another, which is independent of it."""
    weights = 0.5 * (first.weights + second.weights)
    return Control(
        f"{first.label} × {second.label}",
        lambda luck: float(weights @ ((luck.busyness[first.row] - 1.0) * (luck.busyness[second.row] - 1.0))),
    )


def allowed(replications: int, least: Sequence[int]) -> list[int]:
    """The numbers of the controls that so many replications can bear: the first of them, five replications for each and for two more.

    `least` are the fewest replications of which each is used.

    >>> allowed(16, [10, 10]), allowed(64, [10, 200, 10]), allowed(400, [10, 200, 10])
    ([0], [0, 2], [0, 1, 2])
    """
    met = [number for number, fewest in enumerate(least) if fewest <= replications]
    return met[: max(0, replications // 5 - 2)]
