"""What a scenario has that Erlang's formulas do not know, feature by feature, and the same scenario without some of it.

The plainest form of a scenario, all features taken out, is what the formulas describe: the calls of all types in one queue, first come
first served; handle times exponential, of the mean of all types; exponential patience, if there is any, of the mean hang-up rate; as many
agents in each interval as the plan has on duty on average, shrinkage taken off as a percentage; days that are as busy as their mean.

Callers keep their types and people their groups throughout, so that each keeps its own luck from the first bar to the last.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.inputs.demand import Busyness
from ccsim.inputs.distributions import Distribution
from ccsim.inputs.frozen import Ints, floats, ints
from ccsim.inputs.workforce import Group
from ccsim.staffing.crews import SHORTEST, Floats
from ccsim.staffing.crews import callers_of as callers_of
from ccsim.staffing.requirement import planned_on_duty

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.inputs.call_types import CallType
    from ccsim.inputs.shrinkage import Shrinkage

# In the order in which they come in: what a caller meets with first, then who is there, then who takes what, then what comes of it.
FEATURES: Final = (
    "handle_time", "patience", "volume", "shifts", "absence", "adherence", "pace", "skills", "chats", "work", "lines", "announcement",
    "callback", "redials", "transfers", "events", "contingents", "known",
)  # fmt: skip
_NO_BUSYNESS = Busyness(day=0.0, week=0.0, interval=0.0, shared=False)
_WHOLE = 1e-9  # a number of agents this near to a whole one is one
_DIGITS = 12  # of a mean of means: enough to tell it from another, too few for the order of adding up to show


@dataclass(frozen=True)
class Pooled:
    """All callers of a scenario in one queue, by interval (I); what an agent can have in hand at once is taken out of handle times."""

    types: tuple[str, ...]  # callers: all types but work, or all where there is nothing else
    calls: Floats  # [I] expected first calls
    seconds: Floats  # [I] length of each interval
    # What follows is weighted by calls; the plain mean where there are none
    handle_time: Floats  # [I] s
    hang_up_rate: Floats  # [I] 1/s, 0 where nobody hangs up
    balk: float  # over the path

    @property
    def patience(self) -> Distribution | None:
        """The exponential patience that callers have on average; None where nobody ever hangs up."""
        if not self.hang_up_rate.any():
            return None
        return _exponential(1.0 / np.maximum(self.hang_up_rate, 1e-7))


def pooled_of(scenario: Scenario) -> Pooled:
    """The callers of a scenario as one queue."""
    horizon, types = scenario.horizon, callers_of(scenario)
    seconds = np.asarray(horizon.interval_end - horizon.interval_start, dtype=float)
    kinds = [scenario.calls[name] for name in types]
    volumes = np.array([np.broadcast_to(kind.volume, seconds.shape) for kind in kinds], dtype=float)
    calls = volumes.sum(axis=0)
    weights = np.where(calls > 0.0, volumes, 1.0)

    def mean(values: list[Any]) -> Floats:
        each = np.array([np.broadcast_to(value, seconds.shape) for value in values], dtype=float)
        return _rounded((weights * each).sum(axis=0) / weights.sum(axis=0))

    handle_time = np.maximum(mean([kind.handle_time.mean / kind.at_once for kind in kinds]), SHORTEST)
    rate = mean([0.0 if kind.patience is None else 1.0 / np.maximum(kind.patience.mean, SHORTEST) for kind in kinds])
    by_type = volumes.sum(axis=1) if calls.any() else np.ones(len(kinds))
    balk = float(_rounded(np.atleast_1d(by_type @ np.array([kind.balk for kind in kinds]) / by_type.sum()))[0])
    return Pooled(types, calls, seconds, handle_time, rate, balk)


class Plainer:
    """A scenario and what it is without some of its features."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.pooled = pooled_of(scenario)
        self.takers = [name for name, group in scenario.staff.items() if set(group.types) & set(self.pooled.types)]
        self._people = [name for name in self.takers if scenario.staff[name].people is not None]

    @cached_property
    def by_group(self) -> Floats:
        """Agents whom the plan has on duty, by group that takes callers, [takers, I]; fractions."""
        order = list(self.scenario.staff)
        return planned_on_duty(self.scenario)[[order.index(name) for name in self.takers]]

    @cached_property
    def on_duty(self) -> Floats:
        """Agents whom the plan has on duty for callers, [I]; fractions."""
        total: Floats = self.by_group.sum(axis=0)
        return np.where(np.abs(total - np.round(total)) < _WHOLE, np.round(total), total)

    @cached_property
    def positions(self) -> Ints:
        """The same in whole agents, [I], the running total of each day kept."""
        return whole_agents(self.on_duty, np.asarray(self.scenario.horizon.interval_day))

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The features that the scenario has, in the order in which they come in."""
        return tuple(name for name in FEATURES if getattr(self, f"_has_{name}")())

    def without(self, off: Collection[str]) -> Scenario:
        """The scenario without some features. `off` holds those that come in after any that is on."""
        scenario = self.scenario
        if self._counted_together and {"redials", "transfers"} & set(off):
            off = {*off, "redials", "transfers"}
        changes: dict[str, Any] = {
            "calls": {name: self._call(call, off) for name, call in scenario.calls.items()},
            "staff": self._staff(off),
            "shrinkage": {} if "shifts" in off else {name: _category(part, off) for name, part in scenario.shrinkage.items()},
        }
        for feature, field, nothing in (("lines", "lines", None), ("events", "events", {}), ("contingents", "contingent", {}),
                                        ("known", "known", None), ("skills", "route", "preference")):  # fmt: skip
            if feature in off:
                changes[field] = nothing
        return scenario.model_copy(update=changes)

    def stages(self) -> list[Scenario]:
        """The scenario in its plainest form, then with one feature more each time: the last is as the file says."""
        names = self.features
        found = [self.without(frozenset(names[number:])) for number in range(len(names))]
        return [*found, self.scenario]

    # How it is without ---------------------------------------------------------------------------------------------------------------
    def _call(self, call: CallType, off: Collection[str]) -> CallType:
        changes: dict[str, Any] = {}
        if call.name in self.pooled.types:
            if "handle_time" in off:
                changes["handle_time"] = _exponential(self.pooled.handle_time)
            elif "chats" in off:
                changes["handle_time"] = _one_at_a_time(call)
            if "patience" in off:
                changes |= {"patience": self.pooled.patience, "balk": self.pooled.balk}
            if "volume" in off:
                changes["busyness"] = _NO_BUSYNESS
            if "chats" in off and call.channel == "chat":
                changes |= {"channel": "call", "at_once": 1, "slower": 0.0}
        elif "work" in off:
            changes["volume"] = floats(np.zeros(len(call.volume)))
        nothing: dict[str, Mapping[str, Any]] = {
            "skills": {"priority": 0, "overflow": None},
            "announcement": {"announcement": 0.0},
            "callback": {"callback": None},
            "redials": {"redial": None, "repeat": None},
            "transfers": {"transfer": {}},
        }
        for feature, fields in nothing.items():
            if feature in off:
                changes |= fields
        if "redials" in off and "transfers" in off:
            changes["counts_offered"] = False  # all calls counted are first calls, then
        return call.model_copy(update=changes)

    def _staff(self, off: Collection[str]) -> dict[str, Group]:
        groups = dict(self.scenario.staff)
        if "shifts" in off:
            on_shifts = self.by_group[[name in self._people for name in self.takers]].sum(axis=0)
            for name in [name for name, group in groups.items() if group.people is not None]:
                del groups[name]
            name = "people on shifts"
            while name in groups:
                name += "."
            day = np.asarray(self.scenario.horizon.interval_day)
            groups[name] = positions_group(name, whole_agents(on_shifts, day), (self.pooled.types,))
        return {name: self._group(group, off) for name, group in groups.items()}

    def _group(self, group: Group, off: Collection[str]) -> Group:
        changes: dict[str, Any] = {}
        if "skills" in off and set(group.types) & set(self.pooled.types):
            rest = tuple((name,) for name in group.types if name not in self.pooled.types)
            changes |= {"takes": (self.pooled.types, *rest), "pick": "preference"}
        if "pace" in off:
            changes |= {"handle_time_factor": 1.0, "type_factors": {}, "handle_time_spread": 0.0, "learning": None}
        if "adherence" in off:
            changes |= {"adherence": 1.0, "break_overrun": None}
        return group.model_copy(update=changes)

    # Whether it is there -------------------------------------------------------------------------------------------------------------
    def _of_callers(self, true: Callable[[CallType], bool]) -> bool:
        """Whether something is true of any type of callers that has calls."""
        return any(true(self.scenario.calls[name]) for name in self.pooled.types if self.scenario.calls[name].volume.any())

    def _has_handle_time(self) -> bool:
        plain = _exponential(self.pooled.handle_time)
        return self._of_callers(lambda call: not _same_law(_one_at_a_time(call), plain))

    def _has_patience(self) -> bool:
        plain = self.pooled.patience
        return self._of_callers(lambda call: not _same_law(call.patience, plain) or abs(call.balk - self.pooled.balk) > _WHOLE)

    def _has_volume(self) -> bool:
        return self._of_callers(lambda call: any((call.busyness.day, call.busyness.week, call.busyness.interval)))

    def _has_shifts(self) -> bool:
        """Whether people on shifts are anything but whole agents, as many throughout each interval, once a percentage is taken off."""
        for name, numbers in zip(self.takers, self.by_group, strict=True):
            group = self.scenario.staff[name]
            if group.people is not None and (group.roster or group.breaks or (np.abs(numbers - np.round(numbers)) > _WHOLE).any()):
                return True
        return False

    def _categories(self, *kinds: str) -> list[Shrinkage]:
        groups = [self.scenario.staff[name] for name in self._people]
        return [part for part in self.scenario.shrinkage.values() if part.kind in kinds and any(map(part.applies_to, groups))]

    def _has_absence(self) -> bool:
        return any(part.share > 0.0 for part in self._categories("absence"))

    def _has_adherence(self) -> bool:
        parts = self._categories("in-shift", "late", "early")
        groups = [self.scenario.staff[name] for name in self._people]
        lost = any(group.adherence < 1.0 or group.break_overrun is not None for group in groups)
        return lost or any(part.share > 0.0 or part.chance > 0.0 for part in parts)

    def _has_pace(self) -> bool:
        groups = [self.scenario.staff[name] for name in self.takers]
        return any(
            group.handle_time_factor != 1.0 or group.type_factors or group.handle_time_spread or group.learning is not None
            for group in groups
        )

    def _has_skills(self) -> bool:
        types = set(self.pooled.types)
        if self._of_callers(lambda call: call.overflow is not None):
            return True
        if len(types) > 1:
            if len({self.scenario.calls[name].priority for name in types}) > 1:
                return True
            return any(set(self.scenario.staff[name].takes[0]) & types != types for name in self.takers)
        return self.scenario.route != "preference" and self._has_pace()

    def _has_chats(self) -> bool:
        return self._of_callers(lambda call: call.channel == "chat" and call.at_once > 1)

    def _has_work(self) -> bool:
        return any(call.volume.any() for name, call in self.scenario.calls.items() if name not in self.pooled.types)

    def _has_lines(self) -> bool:
        return self.scenario.lines is not None

    def _has_announcement(self) -> bool:
        return self._of_callers(lambda call: call.announcement > 0.0)

    def _has_callback(self) -> bool:
        return self._of_callers(lambda call: call.callback is not None)

    def _has_redials(self) -> bool:
        return self._of_callers(lambda call: call.redial is not None or call.repeat is not None)

    def _has_transfers(self) -> bool:
        passed_on = any(any(call.transfer.values()) and call.volume.any() for call in self.scenario.calls.values())
        return passed_on and not (self._counted_together and self._has_redials())

    @property
    def _counted_together(self) -> bool:
        """Whether a volume counts all calls offered: redials and transfers are then taken out of it at once, and come in as one step."""
        return any(call.counts_offered for call in self.scenario.calls.values())

    def _has_events(self) -> bool:
        return bool(self.scenario.events)

    def _has_contingents(self) -> bool:
        return any(pool.agents > 0 for pool in self.scenario.contingent.values())

    def _has_known(self) -> bool:
        return self.scenario.known is not None


def whole_agents(numbers: Floats, day: Ints) -> Ints:
    """Numbers of agents [I] as whole ones: each is rounded up or down so that the running total of its day stays within half an agent.

    >>> whole_agents(np.array([1.5, 1.5, 1.5, 1.5, 3.0]), np.zeros(5, int)).tolist()
    [2, 1, 2, 1, 3]
    """
    found = np.zeros(len(numbers), dtype=np.int64)
    for one in np.unique(day):
        mine = np.flatnonzero(day == one)
        upto = np.floor(np.cumsum(numbers[mine]) + 0.5 + _WHOLE).astype(np.int64)
        found[mine] = np.diff(upto, prepend=0)
    return found


def positions_group(name: str, positions: Ints, takes: tuple[tuple[str, ...], ...]) -> Group:
    """A group given as positions on duty by interval [I]."""
    return Group(
        name=name, people=None, positions=ints(positions), shift=(), days=None, breaks=(), takes=takes, pick="preference",
        handle_time_factor=1.0,
    )  # fmt: skip


def _category(part: Shrinkage, off: Collection[str]) -> Shrinkage:
    """A category without luck: what is missed is taken off as whole people, as planned leave is; lateness happens to nobody."""
    if part.kind in ("late", "early"):
        return part.model_copy(update={"chance": 0.0}) if "adherence" in off else part
    if (part.kind == "absence" and "absence" in off) or (part.kind == "in-shift" and "adherence" in off):
        steady = {"kind": "planned", "correlation": 0.0, "weekdays": (1.0,) * 7, "lasts": None, "ends_after": None}
        return part.model_copy(update=steady)
    return part


def _rounded(numbers: Floats) -> Floats:
    """Numbers to so many digits that a mean of equal numbers is that number again."""
    with np.errstate(divide="ignore"):
        size = np.where(numbers > 0.0, np.floor(np.log10(np.maximum(numbers, 1e-300))), 0.0)
    scale = 10.0 ** (_DIGITS - 1 - size)
    return np.asarray(np.round(numbers * scale) / scale, dtype=np.float64)


def _exponential(means: Floats) -> Distribution:
    """The exponential law with these means by interval; with one mean where they are all the same."""
    means = _rounded(means)
    return Distribution(kind="exponential", mean=float(means[0]) if (means == means[0]).all() else floats(means), cv=1.0)


def _one_at_a_time(call: CallType) -> Distribution:
    """The handle time of a type as it weighs on an agent: of a chat its share of those in hand together."""
    return scaled(call.handle_time, 1.0 / call.at_once) if call.at_once > 1 else call.handle_time


def scaled(law: Distribution, factor: float) -> Distribution:
    """The law of a factor times what another law gives."""
    changes: dict[str, Any] = {"mean": law.mean * factor if isinstance(law.mean, float) else floats(law.mean * factor)}
    changes |= {name: value * factor for name in ("low", "high") if (value := getattr(law, name)) is not None}
    if law.values is not None:
        changes["values"] = floats(law.values * factor)
    return law.model_copy(update=changes)


def _same_law(one: Distribution | None, other: Distribution | None) -> bool:
    if one is None or other is None:
        return one is other
    kinds = {"exponential" if law.kind in ("gamma", "weibull", "hyperexponential") and law.cv == 1.0 else law.kind for law in (one, other)}
    return len(kinds) == 1 and one.cv == other.cv and bool(np.allclose(one.mean, other.mean, rtol=1e-9, atol=0.0))
