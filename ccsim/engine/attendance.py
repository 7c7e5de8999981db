"""Who is there: planned leave and absence, drawn for each person of each shift."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ccsim.engine import duty, streams
from ccsim.engine.floor import Floats, Floor
from ccsim.engine.streams import start_of
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.shrinkage import Shrinkage, taken
from ccsim.inputs.workforce import Group

_jit = njit(cache=True, nogil=True, error_model="numpy")


@_jit
def _absent(start, chance, away, category):  # type: ignore[no-untyped-def]
    """Each person not yet away is taken with a chance, by a draw of its own. `away` [people of one group on one day]."""
    for person in range(away.size):
        if away[person] == 0 and streams.uniform(start, person) < chance:
            away[person] = category


@_jit
def _on_leave(start, people, away, category):  # type: ignore[no-untyped-def]
    """So many of those not yet away are taken: the ones with the least draws."""
    draws = np.full(away.size, np.inf)
    for person in range(away.size):
        if away[person] == 0:
            draws[person] = streams.uniform(start, person)
    order = np.argsort(draws)
    for k in range(min(people, away.size)):
        if draws[order[k]] < np.inf:
            away[order[k]] = category


class _Taking(NamedTuple):
    """What one category of shrinkage takes from one group on one day."""

    planned: bool
    category: int  # number of the category, from 1
    first: int  # shift instances first ... first + people
    people: int
    chance: float  # of a person not yet away; for planned: people taken, with a fraction
    correlation: float
    day: int
    name: np.uint64  # category and group
    rate_name: np.uint64  # category


def _takings(scenario: Scenario) -> list[_Taking]:
    """What shrinkage takes, planned categories first, in file order.

    Shares are of paid scheduled time (inputs.shrinkage.taken): of those whom earlier categories left, a category takes its share ÷ (1 - the
    shares before it).
    """
    roster = duty.shifts(scenario)
    categories = sorted(enumerate(scenario.shrinkage.values(), start=1), key=lambda entry: entry[1].kind != "planned")
    takings = []
    for g, group in enumerate(scenario.staff.values()):
        chances = _chances(group, categories)
        for day in np.unique(roster.day[roster.group == g]):
            here = np.flatnonzero((roster.group == g) & (roster.day == day))
            for (number, category), chance in zip(categories, chances, strict=True):
                if chance > 0.0:
                    takings.append(
                        _Taking(
                            category.kind == "planned",
                            number,
                            int(here[0]),
                            here.size,
                            chance,
                            category.correlation,
                            int(day),
                            streams.name_key(f"{category.name}\0{group.name}"),
                            streams.name_key(category.name),
                        )
                    )
    return takings


def _chances(group: Group, categories: list[tuple[int, Shrinkage]]) -> list[float]:
    """For each category the chance that it takes one whom the earlier ones left; for planned ones the people it takes."""
    shares = taken(category for _, category in categories if category.applies_to(group))
    chances = []
    left = 1.0
    for _, category in categories:
        share = shares.get(category.name, 0.0)
        chances.append(share * (group.people or 0) if category.kind == "planned" else min(1.0, share / left))
        left -= share
    return chances


def _rates(taking: _Taking, keys: list[np.uint64]) -> Floats:
    """The day's absence rate for each replication: the chance itself, or Beta about it with the category's correlation."""
    if taking.planned or taking.correlation == 0.0 or taking.chance >= 1.0:
        return np.full(len(keys), taking.chance)
    from scipy.special import betaincinv

    spread = 1.0 / taking.correlation - 1.0
    u = np.array([streams.uniform(streams.base(key, streams.ABSENCE_RATE, taking.rate_name, taking.day + 1), 0) for key in keys])
    if spread == 0.0:
        return (u < taking.chance).astype(np.float64)
    return np.asarray(betaincinv(taking.chance * spread, (1.0 - taking.chance) * spread, u), np.float64)


class Attendance:
    """Draws who works which shift. Keeps its buffer from day to day: one `Attendance` a worker."""

    def __init__(self, scenario: Scenario, floor: Floor) -> None:
        self._takings = _takings(scenario)
        # [S] of each shift instance, whether it is worked (0) or which category took it (from 1, in file order)
        self.away: NDArray[np.int8] = np.zeros(int(floor.event_shift.max(initial=-1)) + 1, np.int8)

    def rates(self, keys: list[np.uint64]) -> Floats:
        """The day's absence rates of several replications. [keys, takings]"""
        return np.array([_rates(taking, keys) for taking in self._takings]).reshape(len(self._takings), len(keys)).T

    def draw(self, key: np.uint64, rates: Floats) -> None:
        """Fill `away` for one replication, whose rates are [takings]."""
        self.away[:] = 0
        for j, taking in enumerate(self._takings):
            away = self.away[taking.first : taking.first + taking.people]
            # the eve is day -1; `nth` counts from 0
            if taking.planned:
                whole = int(np.floor(taking.chance))
                whole += streams.uniform(streams.base(key, streams.LEAVE_ROUNDING, taking.name, taking.day + 1), 0) < taking.chance - whole
                _on_leave(start_of(key, streams.LEAVE, taking.name, taking.day + 1), whole, away, taking.category)
            else:
                _absent(start_of(key, streams.ABSENCE, taking.name, taking.day + 1), rates[j], away, taking.category)
