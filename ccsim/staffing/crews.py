"""Who shares the work: call types whose calls go to the same agents, and the load they bring in each interval."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccsim.errors import InputError
from ccsim.inputs import roster as published
from ccsim.inputs.shifts import begin_with_shift
from ccsim.inputs.shrinkage import taken
from ccsim.units import HOUR

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.inputs.shrinkage import Shrinkage
    from ccsim.inputs.workforce import Group

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

    calls: Floats  # [I] expected calls: the volume as it stands, times the events that are certain
    rate: Floats  # [I] calls a second
    # What follows is weighted by calls; the plain mean where there are none
    handle_time: Floats  # [I] s; of a chat what it takes of an agent who has as many in hand as may be
    hang_up_rate: Floats  # [I] 1/s; 1 over the mean patience, 0 for those who never hang up
    balk: Floats  # [I] share that hang up at once

    @property
    def offered_load(self) -> Floats:
        """Calls a second x mean handle time [I, erlangs]."""
        return self.rate * self.handle_time


def callers_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the types that agents are counted for: all but work, which is done when nobody waits; or all where there is nothing else."""
    return tuple(name for name, call in scenario.calls.items() if call.channel != "work") or tuple(scenario.calls)


def crews(scenario: Scenario) -> tuple[Crew, ...]:
    """Return the scenario's crews: its types of callers (`callers_of`) sorted into the smallest sets that share no group of `staff`.

    A type that no group takes is a crew of its own without groups. Without `staff` nobody has said who takes what: one crew takes all.
    Contingents belong to no crew; a requirement is met by those on the roster. Nor do groups that take nothing but work.
    """
    callers = callers_of(scenario)
    if not scenario.staff:
        return (Crew(callers, ()),)
    together = {name: {name} for name in callers}
    for group in scenario.staff.values():
        merged = set().union(*(together[name] for name in group.types if name in together))
        for name in merged:
            together[name] = merged
    found: list[Crew] = []
    for name in callers:
        if not any(name in crew.types for crew in found):
            types = tuple(other for other in callers if other in together[name])
            groups = tuple(key for key, group in scenario.staff.items() if set(group.types) & set(types))
            found.append(Crew(types, groups))
    return tuple(found)


def load(scenario: Scenario, types: tuple[str, ...]) -> Load:
    """Return the load of some call types together, by interval of the path, before any busyness of the day.

    The volume is taken as it stands, whether it counts first calls or all calls offered. Events that are certain to happen multiply it
    for as much of an interval as they last; those that only may happen are left out.
    """
    horizon = scenario.horizon
    seconds = np.asarray(horizon.interval_end, dtype=float) - np.asarray(horizon.interval_start, dtype=float)
    volumes = np.array([np.broadcast_to(scenario.calls[name].volume, seconds.shape) for name in types], dtype=float)
    if scenario.events:
        volumes *= np.array([_event_factor(scenario, name) for name in types])
    calls = volumes.sum(axis=0)
    weights = np.where(calls > 0.0, volumes, 1.0)

    def mean(values: list[ArrayLike]) -> Floats:
        each = np.array([np.broadcast_to(value, seconds.shape) for value in values], dtype=float)
        return (weights * each).sum(axis=0) / weights.sum(axis=0)

    kinds = [scenario.calls[name] for name in types]
    handle_time = np.maximum(mean([kind.handle_time.mean / kind.at_once for kind in kinds]), SHORTEST)
    hang_up_rate = mean([0.0 if kind.patience is None else 1.0 / np.maximum(kind.patience.mean, SHORTEST) for kind in kinds])
    return Load(calls, calls / seconds, handle_time, hang_up_rate, mean([kind.balk for kind in kinds]))


def _event_factor(scenario: Scenario, call_type: str) -> Floats:
    """The mean over each interval of what certain events multiply a type's volume by [I]."""
    from ccsim.engine.happenings import certain, factor_in_force, pairs

    begin, end = (np.asarray(edge, dtype=float) for edge in (scenario.horizon.interval_start, scenario.horizon.interval_end))
    in_force = [
        (start, finish, event.volume)
        for (event, (_, start, finish)), true in zip(pairs(scenario), certain(scenario).tolist(), strict=True)
        if true and event.touches(call_type)
    ]
    steps = factor_in_force(in_force)
    mean = np.ones_like(begin)
    for (start, factor), (finish, _) in pairwise(steps):
        mean += (factor - 1.0) * np.clip(np.minimum(end, finish) - np.maximum(begin, start), 0.0, None) / (end - begin)
    return mean


def shrinkage_of(scenario: Scenario, group: str | None = None) -> tuple[float, float, float]:
    """Return the shrinkage of a group of `staff`, or for None of everybody, as shares of paid time: used, added and compounded.

    Used is what the file says: categories add, those marked `of: remaining` multiply with the rest. Those who come lose what they come
    late, leave early and overrun their breaks by, on average, of the paid time of a shift (`paid_shift`); adherence is a factor on what is
    left. Added and compounded say what it would be if all added, or all multiplied: 11 + 5 + 3 + 8 + 2 % add to 29 % and compound to
    26.1 %. Raises `InputError` from 100 % on.
    """
    met = [part for part in scenario.shrinkage.values() if group is None or part.groups is None or group in part.groups]
    shares = taken(met)
    minutes = _minutes_lost(scenario, met, group)
    adherence = 1.0 if group is None else scenario.staff[group].adherence
    added = float(sum(part.share for part in met)) + sum(minutes) + (1.0 - adherence)
    compounded = 1.0 - float(np.prod([1.0 - share for share in (*(part.share for part in met), *minutes)])) * adherence
    away = float(sum(shares[part.name] for part in met if part.kind in ("planned", "absence")))
    lost = float(sum(shares.values())) + (1.0 - away) * sum(minutes)
    used = lost + (1.0 - lost) * (1.0 - adherence)
    if lost >= 1.0 - 1e-9:
        where = f" of {group}" if group is not None else ""
        sentence = f"the shrinkage{where} adds up to {100 * lost:g} %: nobody would ever be on duty; lower the shares"
        if any(minutes):
            sentence += ", or what is lost by lateness, early leaving and breaks that run over"
        path = ("shrinkage",) if scenario.shrinkage else ("staff", str(group), "break_overrun")
        raise InputError(str(scenario.refusal(path, sentence)))
    return used, added, compounded


def _minutes_lost(scenario: Scenario, met: list[Shrinkage], group: str | None) -> list[float]:
    """What those who come lose of a shift by lateness, early leaving and breaks that run over, each as a share of its paid time."""
    shift = paid_shift(scenario, group)
    found = []
    for kind in ("late", "early"):
        left = 1.0  # of several categories the first that strikes counts
        for part in met:
            if part.kind == kind and part.by is not None:
                found.append(left * part.chance * min(1.0, float(part.by.mean) / shift))
                left *= 1.0 - part.chance
    staff = None if group is None else scenario.staff[group]
    if staff is not None and staff.break_overrun is not None:
        found.append(_breaks(staff) * float(staff.break_overrun.mean) / shift)
    return found


def paid_shift(scenario: Scenario, group: str | None = None) -> float:
    """Return the paid time of a shift of a group of `staff`, on average [s]; where none is known, a day of a full-time job (`fte`).

    A full-time week has five days.
    """
    staff = None if group is None else scenario.staff[group]
    paid = 0.0
    if staff is not None and staff.roster is not None:
        worked = [
            sum(end - start for start, end in shift.parts) - sum(rest[1] for rest in shift.rests if not rest[2])
            for shift in staff.roster.shifts
            if shift.away is None
        ]
        paid = float(np.mean(worked)) if worked else 0.0
    elif staff is not None:
        paid = sum(end - start for start, end in staff.shift) - sum(rest.length for rest in staff.breaks if not rest.paid)
    if paid > 0.0:
        return paid
    job = scenario.fte
    return HOUR * (job.hours if job.per == "day" else job.hours_a_day * 7.0 / 5.0)


def _breaks(group: Group) -> float:
    """Breaks of the floor in a shift of a group, on average: those with which a shift begins are over when people log in."""
    if group.roster is None:
        people = group.people or 1
        first, others = (len(group.breaks) - len(begin_with_shift(group.breaks, group.shift, who, people)) for who in (0, people - 1))
        return (first + others * (people - 1)) / people
    breaks = (published.PAID_BREAK, published.UNPAID_BREAK)
    counts = [sum(rest[3] in breaks or not rest[2] for rest in shift.rests) for shift in group.roster.shifts if shift.away is None]
    return float(np.mean(counts)) if counts else 0.0


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
