"""Who shares the work: call types whose calls go to the same agents, and the load they bring in each interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccsim.errors import InputError
from ccsim.inputs.shrinkage import taken

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]

# A formula divides by handle times and patience; nothing on a telephone takes less than this [s].
SHORTEST = 1e-3


@dataclass(frozen=True)
class Crew:
    """Call types that share agents, directly or through a chain of groups, and those groups of `staff`, both in file order."""

    types: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def name(self) -> str:
        """The call types, joined by a plus."""
        return " + ".join(self.types)


@dataclass(frozen=True)
class Load:
    """What a crew is asked to do in each interval (I)."""

    calls: Floats  # [I] expected first calls
    rate: Floats  # [I] calls a second
    # What follows is weighted by calls; the plain mean where there are none
    handle_time: Floats  # [I] s
    hang_up_rate: Floats  # [I] 1/s; 1 over the mean patience, 0 for those who never hang up
    balk: Floats  # [I] share that hang up at once

    @property
    def offered_load(self) -> Floats:
        """Calls a second x mean handle time [I, erlangs]."""
        return self.rate * self.handle_time


def crews(scenario: Scenario) -> tuple[Crew, ...]:
    """Return the scenario's crews: its call types sorted into the smallest sets that share no group of `staff`.

    A type that no group takes is a crew of its own without groups. Without `staff` nobody has said who takes what: one crew takes all.
    Contingents belong to no crew; a requirement is met by those on the roster.
    """
    if not scenario.staff:
        return (Crew(tuple(scenario.calls), ()),)
    together = {name: {name} for name in scenario.calls}
    for group in scenario.staff.values():
        names = [name for tier in group.takes for name in tier]
        merged = set().union(*(together[name] for name in names))
        for name in merged:
            together[name] = merged
    found: list[Crew] = []
    for name in scenario.calls:
        if not any(name in crew.types for crew in found):
            types = tuple(other for other in scenario.calls if other in together[name])
            groups = tuple(key for key, group in scenario.staff.items() if any(other in types for tier in group.takes for other in tier))
            found.append(Crew(types, groups))
    return tuple(found)


def load(scenario: Scenario, types: tuple[str, ...]) -> Load:
    """Return the load of some call types together, by interval of the path: first calls only, before any busyness of the day."""
    horizon = scenario.horizon
    seconds = np.asarray(horizon.interval_end, dtype=float) - np.asarray(horizon.interval_start, dtype=float)
    volumes = np.array([np.broadcast_to(scenario.calls[name].volume, seconds.shape) for name in types], dtype=float)
    calls = volumes.sum(axis=0)
    weights = np.where(calls > 0.0, volumes, 1.0)

    def mean(values: list[ArrayLike]) -> Floats:
        each = np.array([np.broadcast_to(value, seconds.shape) for value in values], dtype=float)
        return (weights * each).sum(axis=0) / weights.sum(axis=0)

    kinds = [scenario.calls[name] for name in types]
    handle_time = np.maximum(mean([kind.handle_time.mean for kind in kinds]), SHORTEST)
    hang_up_rate = mean([0.0 if kind.patience is None else 1.0 / np.maximum(kind.patience.mean, SHORTEST) for kind in kinds])
    return Load(calls, calls / seconds, handle_time, hang_up_rate, mean([kind.balk for kind in kinds]))


def shrinkage_of(scenario: Scenario, group: str | None = None) -> tuple[float, float, float]:
    """Return the shrinkage of a group of `staff`, or for None of everybody, as shares of paid time: used, added and compounded.

    Used is what the file says: categories add, those marked `of: remaining` multiply with the rest. Added and compounded say what it would
    be if all added, or all multiplied: 11 + 5 + 3 + 8 + 2 % add to 29 % and compound to 26.1 %. Raises `InputError` from 100 % on.
    """
    met = [part for part in scenario.shrinkage.values() if group is None or part.groups is None or group in part.groups]
    added = float(sum(part.share for part in met))
    compounded = 1.0 - float(np.prod([1.0 - part.share for part in met]))
    used = float(sum(taken(met).values()))
    if used >= 1.0 - 1e-9:
        where = f" of {group}" if group is not None else ""
        raise InputError(f"the shrinkage{where} adds up to {100 * used:g} %: nobody would ever be on duty; lower the shares")
    return used, added, compounded


def crew_shrinkage(scenario: Scenario, crew: Crew) -> tuple[float, float, float]:
    """Return used, added and compounded shrinkage of a crew: those of its groups, weighted by people where they differ."""
    if not crew.groups:
        return shrinkage_of(scenario)
    shares = np.array([shrinkage_of(scenario, group) for group in crew.groups])
    weights = np.array([headcount(scenario, group) for group in crew.groups])
    if weights.sum() == 0.0 or (shares == shares[0]).all():
        weights = np.ones(len(crew.groups))
    used, added, compounded = (weights @ shares / weights.sum()).tolist()
    return used, added, compounded


def headcount(scenario: Scenario, group: str) -> float:
    """Return the people of a group of `staff`: those on its roster, or the mean of its positions over the open hours."""
    staff = scenario.staff[group]
    if staff.people is not None:
        return float(staff.people)
    return float(np.mean(staff.positions)) if staff.positions is not None else 0.0
