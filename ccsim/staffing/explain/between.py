"""From one scenario to another, one group of keys at a time.

Half-way scenarios are put together from the parts of both, so that files may lie in different folders. Parts that make no sense apart from
each other are changed together: lists by interval where the intervals differ, everything about calls and staff where call types differ.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from ccsim.errors import InputError
from ccsim.experiment.changes import check_comparable, notes_on
from ccsim.experiment.compare import Plan, check_carried, check_staffed, leading_measure
from ccsim.experiment.paired import Progress, play
from ccsim.inputs.faults import Fault
from ccsim.inputs.shrinkage import Shrinkage, check_shrinkage
from ccsim.staffing.explain.gap import Bar, Explanation, Step, averaged, shapley_weights, simulated, step_between

if TYPE_CHECKING:
    from ccsim.experiment.workshop import Engine
    from ccsim.inputs import Scenario
    from ccsim.inputs.call_types import CallType
    from ccsim.inputs.workforce import Group

# In the order in which they are changed: who calls, who is there, who takes what, what else there is.
PARTS: Final = (
    "hours", "volume", "handle_time", "patience", "redials", "staffing", "absence", "adherence", "pace", "skills", "service",
    "contingents", "events", "rules", "known", "target", "cost",
)  # fmt: skip
MOST_AVERAGED: Final = 6  # 64 scenarios
_OF_CALLS: Final = {
    "volume": ("volume", "counts_offered", "yearly", "busyness"),
    "handle_time": ("handle_time", "line_share"),
    "patience": ("patience", "balk"),
    "redials": ("redial", "repeat", "transfer"),
    "service": ("channel", "at_once", "slower", "reserve", "callback", "announcement"),
    "skills": ("priority", "overflow"),
    "target": ("target",),
}
_OF_GROUPS: Final = {
    "adherence": ("adherence", "gap", "break_overrun", "breaks"),
    "pace": ("handle_time_factor", "type_factors", "handle_time_spread", "learning"),
    "skills": ("takes", "pick"),
}
_OF_ALL: Final = {
    "hours": ("horizon", "interval", "warm_up"),
    "skills": ("route",),
    "contingents": ("contingent",),
    "events": ("events",),
    "rules": ("close", "lines"),
    "known": ("known",),
    "target": ("target",),
    "cost": ("cost", "fte"),
}
_UNPLANNED: Final = ("in-shift", "late", "early")
_SAY_NOTHING: Final = ("title", "path", "folder", "text", "data", "warnings", "date", "days")


class Halfway:
    """Two scenarios and everything between them."""

    def __init__(self, before: Scenario, after: Scenario) -> None:
        self.before, self.after = before, after
        self._alike = set(before.staff) == set(after.staff) and all(
            (group.people is None) == (after.staff[name].people is None) for name, group in before.staff.items()
        )

    def taken(self, parts: Collection[str]) -> Scenario:
        """The first scenario with some parts as the second has them."""

        def source(part: str) -> Scenario:
            return self.after if part in parts else self.before

        changes = {field: getattr(source(part), field) for part, fields in _OF_ALL.items() for field in fields}
        changes |= {"calls": self._calls(parts), "staff": self._staff(parts), "shrinkage": self._shrinkage(parts)}
        return self.before.model_copy(update=changes)

    def steps(self) -> list[tuple[str, ...]]:
        """The parts that differ, in the order in which they are changed; those that can only be changed together in one."""
        plain = self.taken(())
        together = _merged(self._together())
        found: list[tuple[str, ...]] = []
        done: set[str] = set()
        for part in PARTS:
            if part in done:
                continue
            cluster = next((one for one in together if part in one), {part})
            done |= cluster
            if not _alike(self.taken(cluster), plain):
                # of a cluster only those parts are named that differ
                differ = tuple(one for one in PARTS if one in cluster and self._differs(one))
                found.append(differ or tuple(one for one in PARTS if one in cluster))
        return found

    def whole(self, step: Iterable[str]) -> set[str]:
        """All parts that are changed with those of a step, named or not."""
        clusters = _merged(self._together())
        return set().union(*(next((one for one in clusters if part in one), {part}) for part in step))

    def _differs(self, part: str) -> bool:
        """Whether the two scenarios differ in a part, by itself looked at."""
        before, after = self.before, self.after
        if any(getattr(before, field) != getattr(after, field) for field in _OF_ALL.get(part, ())):
            return True
        if part == "staffing":
            return {name: _bare(group) for name, group in before.staff.items()} != {
                name: _bare(group) for name, group in after.staff.items()
            }
        if part in ("absence", "adherence") and _categories(before, part) != _categories(after, part):
            return True
        if set(before.calls) != set(after.calls):
            return part in _OF_CALLS
        if any(_of(before.calls[name], after.calls[name], _OF_CALLS.get(part, ())) for name in before.calls):
            return True
        return self._alike and any(_of(before.staff[name], after.staff[name], _OF_GROUPS.get(part, ())) for name in before.staff)

    def _together(self) -> list[set[str]]:
        """Sets of parts that make no sense apart."""
        before, after = self.before, self.after
        found: list[set[str]] = []
        same_types = set(before.calls) == set(after.calls)
        ones = (before.horizon, after.horizon)
        if any(
            len(getattr(ones[0], name)) != len(getattr(ones[1], name)) or (getattr(ones[0], name) != getattr(ones[1], name)).any()
            for name in ("interval_start", "interval_end")
        ):
            found.append(
                {"hours", "volume", "handle_time", "patience", "staffing", "adherence", "pace", "skills", "contingents", "events", "known"}
            )
        if not same_types:
            found.append({*_OF_CALLS, *_OF_GROUPS, "staffing", "absence", "contingents", "events", "known"})
        if not self._alike:
            found.append({"staffing", "skills", "pace", "adherence"})
        elif any(_of(before.staff[name], after.staff[name], ("shift", "roster")) for name in before.staff):
            if any(_of(before.staff[name], after.staff[name], ("breaks",)) for name in before.staff):
                found.append({"staffing", "adherence"})  # breaks belong to their shift
        kinds = [{name: part.kind in _UNPLANNED for name, part in one.shrinkage.items()} for one in (before, after)]
        if any(kinds[1].get(name, kind) != kind for name, kind in kinds[0].items()):
            found.append({"absence", "adherence"})
        if set(kinds[0]) != set(kinds[1]) and any(group.roster for one in (before, after) for group in one.staff.values()):
            found.append({"staffing", "absence", "adherence"})  # a published roster names its categories
        if before.known != after.known:
            found.append({"known", "staffing", "absence", "events"})
        if same_types and any(_of(before.calls[name], after.calls[name], ("channel",)) for name in before.calls):
            found.append({"service", "patience", "redials"})
        return found

    def _calls(self, parts: Collection[str]) -> dict[str, CallType]:
        if set(self.before.calls) != set(self.after.calls):
            return dict((self.after if "volume" in parts else self.before).calls)
        order = (self.after if "skills" in parts else self.before).calls
        found = {}
        for name in order:
            changes = {field: getattr(self.after.calls[name], field) for part in parts for field in _OF_CALLS.get(part, ())}
            found[name] = self.before.calls[name].model_copy(update=changes)
        return found

    def _staff(self, parts: Collection[str]) -> dict[str, Group]:
        base = self.after if "staffing" in parts else self.before
        if not self._alike:
            return dict(base.staff)
        found = {}
        for name, group in base.staff.items():
            changes: dict[str, Any] = {}
            for part, fields in _OF_GROUPS.items():
                source = self.after if part in parts else self.before
                changes |= {field: getattr(source.staff[name], field) for field in fields}
            found[name] = group.model_copy(update=changes)
        return found

    def _shrinkage(self, parts: Collection[str]) -> dict[str, Shrinkage]:
        found = {}
        for part in ("absence", "adherence"):
            found.update(_categories(self.after if part in parts else self.before, part))
        return found


def between(
    before: Scenario,
    after: Scenario,
    plan_for: Callable[[int], Plan],
    engine: Engine,
    measure: str | None,
    progress: Progress | None,
    average_orders: bool = False,
) -> Explanation:
    """Why one scenario comes to something else than another: the steps from the first to the second.

    Raises `InputError` for scenarios whose paths are not the same days, and for parts that cannot be put together.
    """
    named = {"A": before, "B": after}
    check_comparable(named)
    check_staffed(named)
    lead = leading_measure([before, after], measure)
    halfway = Halfway(before, after)
    steps = halfway.steps()
    if average_orders and len(steps) > MOST_AVERAGED:
        raise InputError(
            f"{len(steps)} groups of keys differ, which is {2 ** len(steps):,} scenarios to play for an average over all orders; "
            f"it is done for up to {MOST_AVERAGED}, so leave --average-orders out"
        )
    wholes = [halfway.whole(step) for step in steps]
    if average_orders:
        sets = [set().union(*(whole for k, whole in enumerate(wholes) if bar >> k & 1)) for bar in range(1 << len(steps))]
    else:
        nothing: set[str] = set()
        sets = list(accumulate(wholes, set.union, initial=nothing))
    stages = [_checked(halfway, parts) for parts in sets]
    stages[0], stages[-1] = before, (after if steps else before)
    plan = plan_for(len(stages))
    played, complete = play({str(k): stage for k, stage in enumerate(stages)}, plan.replications, plan.seed, engine, plan.workers, progress)
    check_carried(played, lead)
    keys = ["_and_".join(step) if len(step) < 4 else "calls_and_staff" for step in steps]
    bars: list[Bar] = [simulated("A", played[0], lead)]
    told: list[Step] = []
    if average_orders:
        for k, step in enumerate(steps):
            told.append(averaged(keys[k], shapley_weights(len(steps), k), played, lead, causes=step))
        bars.append(simulated("B", played[-1], lead))
    else:
        for k, step in enumerate(steps):
            bars.append(simulated("B" if k == len(steps) - 1 else keys[k], played[k + 1], lead))
            told.append(step_between(keys[k], bars[-2], bars[-1], (played[k], played[k + 1]), lead, causes=step))
    total = step_between("total", bars[0], bars[-1], (played[0], played[-1]), lead)
    notes = [note for note in notes_on(named) if "cost" not in note or lead == "cost"]
    if any(one.counted_elsewhere for one in played):
        notes.append("Where volumes count all calls offered, they were counted under the staff of A: B has the same first calls")
    if len(steps) > 1 and not average_orders:
        notes.append("Each step is what it adds to those before it; --average-orders averages over all orders")
    return Explanation(
        "between", before, lead, tuple(bars), tuple(told), total, tuple(notes), played[0].paths, plan.seed, engine, not complete,
        tuple(played), after, average_orders,
    )  # fmt: skip


def _checked(halfway: Halfway, parts: Collection[str]) -> Scenario:
    """A scenario half-way, unless its parts leave nobody on duty."""
    found = halfway.taken(parts)
    try:
        check_shrinkage(found.shrinkage, found.staff, [])
    except Fault as fault:
        raise InputError(f"on the way from A to B, the shrinkage of one with that of the other: {fault.sentence}") from None
    return found


def _categories(scenario: Scenario, part: str) -> dict[str, Shrinkage]:
    """Leave and absence, or what is lost within shifts."""
    return {name: one for name, one in scenario.shrinkage.items() if (one.kind in _UNPLANNED) == (part == "adherence")}


def _bare(group: Group) -> dict[str, Any]:
    """What a group is besides the fields that belong to another part."""
    others = {field for fields in _OF_GROUPS.values() for field in fields}
    return {name: value.tolist() if hasattr(value, "tolist") else value for name, value in group if name not in others}


def _of(one: Any, other: Any, fields: Iterable[str]) -> bool:
    """Whether any of some fields differs."""
    bare = {field: getattr(one, field) for field in fields}
    return bool(bare) and other.model_copy(update=bare) != other


def _alike(one: Scenario, other: Scenario) -> bool:
    nothing: Mapping[str, Any] = dict.fromkeys(_SAY_NOTHING)
    return one.model_copy(update=nothing) == other.model_copy(update=nothing)


def _merged(sets: list[set[str]]) -> list[set[str]]:
    """Sets, of which those that share anything are made one."""
    found: list[set[str]] = []
    for one in sets:
        apart = [other for other in found if not other & one]
        found = [*apart, one.union(*(other for other in found if other & one))]
    return found
