"""What a requirement varies: positions on duty by interval for each sort of agents; and a floor on which any plan can be played.

Groups of `staff` that take the same types in the same order, at the same pace, are one sort; without `staff` there is one sort that takes
all. A sort's people become positions by interval: no shift, no shrinkage. Groups that take nothing but work stay as the file has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import duty
from ccsim.engine.floor import NUMBER, Floor, Roster
from ccsim.errors import InputError, ScenarioError
from ccsim.inputs.scenario import changed
from ccsim.staffing.crews import callers_of

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.inputs.workforce import Group

Plan = NDArray[np.int64]  # [S, I] positions of each sort in each interval
# What an agent who takes one more type is held to cost more: between plans with as many agents the one with fewer flexible ones is cheaper
# (Cezik and L'Ecuyer 2008 let the cost of an agent grow in proportion to the skills beyond the first in the same way).
SKILL = 0.05
_KEPT = ("takes", "pick", "handle_time_factor")


@dataclass(frozen=True)
class Sort:
    """Agents who are alike: the call types they take and the groups of the file that they stand for."""

    name: str  # the first of its groups; "agents" without staff
    types: tuple[str, ...]
    groups: tuple[str, ...]
    keys: dict[str, Any]  # of `staff`, as they stand in the file

    @property
    def weight(self) -> float:
        """What one agent of the sort is held to cost: 1, and `SKILL` for each type beyond the first."""
        return 1.0 + SKILL * (len(self.types) - 1)


def sorts_of(scenario: Scenario) -> tuple[Sort, ...]:
    """Return the sorts of agents that the requirement is for, in file order; those who take only work are none of them.

    Raises `InputError` where a call type that agents are counted for is taken by no group.
    """
    callers = callers_of(scenario)
    if not scenario.staff:
        return (Sort("agents", tuple(scenario.calls), (), {}),)
    alike: dict[Any, list[str]] = {}
    for name, group in scenario.staff.items():
        if set(group.types) & set(callers):
            alike.setdefault(_key(scenario, name, group), []).append(name)
    found = []
    for names in alike.values():
        told = scenario.data["staff"].get(names[0], {})
        keys = {key: value for key, value in told.items() if key.replace("-", "_") in _KEPT}
        types = tuple(kind for kind in scenario.staff[names[0]].types if kind in callers)
        found.append(Sort(names[0], types, tuple(names), keys))
    nobody = [name for name in callers if not any(name in one.types for one in found)]
    if nobody:
        raise InputError(
            f"no group of `staff` takes {nobody[0]}, so no number of agents could answer it; add it to the `takes` of a group, "
            "or leave `staff` out"
        )
    return tuple(found)


def _key(scenario: Scenario, name: str, group: Group) -> Any:
    """What makes two groups different sorts; a group that overflow names is one by itself."""
    told = scenario.data["calls"]
    helps = tuple(kind for kind, call in told.items() if name in _overflow(call))
    return group.takes, group.pick, group.handle_time_factor, tuple(sorted(group.type_factors.items())), helps


def _overflow(call: Any) -> list[str]:
    told = call.get("overflow") if isinstance(call, dict) else None
    groups = told.get("groups", []) if isinstance(told, dict) else []
    return [str(name) for name in (groups if isinstance(groups, list) else [groups])]


def with_positions(scenario: Scenario, sorts: tuple[Sort, ...], plan: Plan) -> Scenario:
    """Return the scenario with a plan's positions in place of the groups that the sorts stand for.

    What names those groups (overflow, events, shrinkage) names the positions, or where that makes no sense is left out: positions have no
    shrinkage. Raises `InputError` where something else of the file cannot do without them.
    """
    gone = {name: one.name for one in sorts for name in one.groups}
    staff = {one.name: one.keys | {"agents": plan[number].tolist()} for number, one in enumerate(sorts)}
    others = {name: told for name, told in scenario.data.get("staff", {}).items() if str(name) not in gone}
    changes: dict[str, Any] = {"staff": staff | others}
    people = [str(name) for name in others]
    for name, category in scenario.shrinkage.items() if people else ():
        if category.groups is not None:
            left = [group for group in category.groups if group in people]
            changes[f"shrinkage.{name}" + (".groups" if left else "")] = left or None
    if scenario.shrinkage and not people:
        changes["shrinkage"] = None
    for name, told in scenario.data["calls"].items():
        if any(group in gone for group in _overflow(told)):
            changes[f"calls.{name}.overflow.groups"] = list(dict.fromkeys(gone.get(group, group) for group in _overflow(told)))
    for name, told in (scenario.data.get("events") or {}).items():
        groups = told.get("groups") if isinstance(told, dict) else None
        if groups is not None:
            named = [str(group) for group in (groups if isinstance(groups, list) else [groups])]
            changes[f"events.{name}.groups"] = list(dict.fromkeys(gone.get(group, group) for group in named))
    known = scenario.data.get("known")
    for key in ("leave", "away", "reported") if isinstance(known, dict) else ():
        if known is not None and key in known:
            changes[f"known.{key}"] = None
    try:
        return changed(scenario, changes)
    except ScenarioError as fault:
        raise InputError(f"positions by interval cannot take the place of `staff` in this scenario: {fault}") from None


class Stage:
    """A floor with room for every plan of up to `most` positions [S]: the plan comes to it as the roster of a day."""

    def __init__(self, scenario: Scenario, sorts: tuple[Sort, ...], most: NDArray[np.int64]) -> None:
        self.most = most
        intervals = scenario.horizon.intervals
        self.scenario = with_positions(scenario, sorts, np.repeat(most[:, None], intervals, axis=1))
        self.floor: Floor = duty.build(self.scenario)
        self.teams = [list(self.scenario.staff).index(one.name) for one in sorts]
        self._start, self._end = np.asarray(scenario.horizon.interval_start), np.asarray(scenario.horizon.interval_end)
        self._closings = self.floor.open_window[:, 1]
        f = self.floor
        self._base = Roster(f.event_time, f.event_kind, f.event_number, f.event_value, f.event_shift)

    def fits(self, plan: Plan) -> bool:
        """Whether there is room for a plan."""
        return bool((plan.max(axis=1) <= self.most).all())

    def roster(self, plan: Plan, of_day: Roster | None = None) -> Roster:
        """The roster events with a plan's numbers of positions: of the floor, or of a day that has its own."""
        base = self._base if of_day is None else of_day
        others = ~((base.kind == NUMBER) & np.isin(base.number, self.teams))
        time, number, value = self._numbers(plan)
        merged = [
            np.concatenate([np.asarray(theirs)[others], ours])
            for theirs, ours in zip(base, (time, np.full(time.size, NUMBER), number, value, np.full(time.size, -1, np.int64)), strict=True)
        ]
        order = np.lexsort((*duty.sort_keys(self.scenario, merged[1], merged[2])[::-1], merged[0]))
        return Roster(*(column[order] for column in merged))

    def _numbers(self, plan: Plan) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Times, teams and numbers of the changes; closing sets a number to 0 by itself."""
        reopened = np.isin(self._start, self._end[:-1]) == 0
        reopened |= np.isin(self._start, self._closings)
        before = np.concatenate([np.zeros((len(plan), 1), np.int64), plan[:, :-1]], axis=1)
        before[:, reopened] = 0
        which, when = np.nonzero(plan != before)
        return self._start[when], np.array(self.teams, np.int64)[which], plan[which, when].astype(np.float64)
