"""Slots: how many can be let off in each interval without breaking the target, and when an hour's team meeting costs least.

The roster is played as it stands. In each interval the formula's slope says how many agents lie between what was reached and the goal; as
many can be spared. Where hardly anybody waits that slope says nothing: there the roster is played with ever fewer people, until somebody
does. A target by day leaves an interval as much as the others do not use up.

A meeting takes its people off for as long as it lasts; what that does to callers is first foretold by the same slope, and the best times
are then played with the people really taken off, under the same luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.inputs.scenario import changed
from ccsim.notebook import shown_in_html, with_unit
from ccsim.staffing.aims import MOMENTS, Measured, Played, judged_of, play, replications_for
from ccsim.staffing.crews import callers_of, load
from ccsim.staffing.curve import RANGE, Curve
from ccsim.staffing.requirement import planned_on_duty, starts
from ccsim.units import format_clock, format_duration

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.inputs.workforce import Group

Floats = NDArray[np.float64]
HOUR = 3600.0
_STEP = 900.0  # s between the starts that are weighed
_PLAYED = 3  # of the best times
_FEWEST = 64  # paths
_NEXT = 20 * HOUR  # s after a meeting in which it counts, where the next day has one too
# With what part of the people the roster is played again where nobody waits, and on what part of the paths
_THINNED, _FEWER_PATHS = (0.8, 0.64, 0.5, 0.35, 0.2, 0.1), 4
_NEAR = 0.15  # of the agents on duty: from a goal further off than that the slope is taken anew


@dataclass(frozen=True)
class Meeting:
    """A team meeting at one time: who goes, and what callers notice."""

    start: float  # s of the path
    length: float  # s
    group: str
    people: int
    late_calls: float  # more callers a path who are not served as the target asks, foretold by the formula's slope
    met: bool | None = None  # whether the target holds in every interval that it held in before, played; None: not played
    played_late_calls: float | None = None  # the same more callers, played under the same luck


@dataclass(frozen=True)
class Slots:
    """What a roster has to spare in each interval (I)."""

    scenario: Scenario
    played: Played
    required: Floats  # [I] agents on duty that just meet the target, as the simulation says
    on_duty: Floats  # [I] on average
    chance_short: Floats  # [I] share of the played paths with fewer than required
    spare: NDArray[np.int64]  # [I] people who can be let off; 0 where the target is missed already
    meetings: tuple[Meeting, ...]  # the cheapest first
    interrupted: bool = False  # after the roster was played; not all that was to be played besides was

    @property
    def net(self) -> Floats:
        """On duty less required, on average [I]."""
        return self.on_duty - self.required

    def _repr_html_(self) -> str:
        """As a notebook shows it: a row an interval."""
        short = [with_unit(chance, "share") for chance in self.chance_short.tolist()]
        numbers = (*(x.tolist() for x in (self.required, self.on_duty, self.net)), short, self.spare.tolist())
        heads = ["interval", "required", "on duty, mean", "net", "chance of being short", "can be let off"]
        return shown_in_html(self.scenario.title, [], heads, zip(starts(self.scenario), *numbers, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain numbers for JSON."""
        names = ("required", "on_duty", "net", "chance_short", "spare")
        columns = [starts(self.scenario), *(np.asarray(getattr(self, name)).tolist() for name in names)]
        rows = [dict(zip(("start", *names), row, strict=True)) for row in zip(*columns, strict=True)]
        return {
            "replications": self.played.replications,
            "interrupted": self.interrupted,
            "intervals": rows,
            "meetings": [_meeting_dict(self, one) for one in self.meetings],
        }


def slots(
    scenario: Scenario,
    group: str | None = None,
    people: int | None = None,
    length: float = HOUR,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Slots:
    """Return what a scenario's roster has to spare by interval, and the cheapest times for a meeting of `people` of a group.

    group: whose meeting it is, the largest group of people unless told; people: how many of them go, all unless told; length [s].
    The target is counted over all call types together for what can be spared: who is let off is taken to be an average agent.

    Ctrl-C ends it, `interrupted`, with what was played by then; before the roster itself was, KeyboardInterrupt is raised. Raises
    `InputError` for a group that is not there or has no shifts, for more people than it has, and for a length no shift can hold.
    """
    if not scenario.staff:
        raise InputError("the scenario has no `staff`, so nobody can be let off; add groups, or make a schedule with `ccsim schedule`")
    plain = changed(scenario, {"contingent": None}) if scenario.contingent else scenario
    goers = _goers(plain, group, people, length)
    count = 2 * replications_for(scenario)
    before = play(plain, count, seed, progress)
    curve = Curve(load(plain, callers_of(plain)))
    on_duty = np.asarray(before.on_duty.mean(axis=0))
    required, whole = _required(plain, curve, before, seed, progress)
    spare = np.maximum(np.floor(on_duty - required + 1e-9), 0.0).astype(np.int64)
    spare[before.missed] = 0
    spare = np.minimum(spare, np.floor(planned_on_duty(plain).sum(axis=0) + 1e-9).astype(np.int64))
    short = np.asarray((before.on_duty < required - MOMENTS).mean(axis=0))
    found = Slots(scenario, before, required, on_duty, short, spare, (), not whole)
    if goers is None:
        return found
    ranked = _meetings(plain, curve, before, *goers, length)
    if not whole:
        return replace(found, meetings=tuple(ranked[: 2 * _PLAYED]))
    meetings, whole = _played(plain, before, ranked, count, seed, progress)
    return replace(found, meetings=meetings, interrupted=not whole)


def _required(
    scenario: Scenario, curve: Curve, before: Played, seed: int, progress: Callable[[int, int], None] | None
) -> tuple[Floats, bool]:
    """Agents on duty who just meet the target in each interval, the others left as they are [I], 0 without calls; False if interrupted.

    By the formula's slope from what was played. Where that is far, or waits are too rare for it, from rosters with ever fewer people too.
    Where too few callers wait even with the fewest, that many are required.
    """
    on_duty = np.asarray(before.on_duty.mean(axis=0))
    off, tells = _short(scenario, curve, before, before)
    found = np.where(tells, np.maximum(on_duty + off, 0.0), on_duty)
    far = (curve.work.calls > 0.0) & (~tells | (off < -_NEAR * on_duty))
    whole = True
    for part in _THINNED:
        thin = _thinned(scenario, part) if far.any() else None
        if thin is None:
            break
        try:
            after = play(thin, max(_FEWEST, before.replications // _FEWER_PATHS), seed, progress)
        except KeyboardInterrupt:
            whole = False
            break
        less = np.asarray(after.on_duty.mean(axis=0))
        off, tells = _short(scenario, curve, before, after)
        found[far] = np.minimum(found, np.where(tells, np.maximum(less + off, 0.0), less))[far]
        far &= ~tells | (off < -_NEAR * less)
    if any(scenario.target_of(one.call_type).per == "day" for one in before.measured):
        # an interval that may cost a day's target much still needs so many that calls do not pile up into the next
        found = np.maximum(found, np.minimum(on_duty, curve.work.offered_load))
    return np.where(curve.work.calls > 0.0, found, 0.0), whole


def _goal(one: Measured) -> Floats:
    """What an interval's own value may come to so that what is judged with it is just met, the others being as they are [I]."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(one.own + (one.goal - one.mean) / one.part)


def _short(scenario: Scenario, curve: Curve, before: Played, after: Played) -> tuple[Floats, NDArray[np.bool_]]:
    """Agents by which each interval is short of what `before` leaves it to do, as `after` was played [I]; below 0 they are too many.

    And whether that says much: whether some aim is missed, or comes to a value at which the curve still has a slope [I].
    """
    known, tells = [], np.zeros(after.judged.shape, dtype=np.bool_)
    for one, now in zip(before.measured, after.measured, strict=True):
        # where a day misses its aim, each of its intervals is as short as the day
        missed = ~(one.better >= 0.0)
        goal, reached = np.where(missed, one.goal, _goal(one)), np.where(missed, now.mean, now.own)
        known.append(curve.between(scenario.target_of(one.call_type), one.aim, goal, reached))
        low, high = RANGE[one.aim]
        tells |= (reached < np.maximum(high, goal)) if one.aim == "share" else (reached > np.minimum(low, goal))
    return np.max(np.where(np.isfinite(known), known, -np.inf), axis=0).clip(-1e6, 1e6), tells


def _thinned(scenario: Scenario, part: float) -> Scenario | None:
    """The scenario with this part of each group's people, rounded up; None where nobody can be taken off, as of a published roster."""
    changes: dict[str, Any] = {}
    for name, group in scenario.staff.items():
        if group.roster is not None:
            continue
        now: int | list[int]
        if group.people is not None:
            now = math.ceil(part * group.people)
            same = now == group.people
        else:
            now = [math.ceil(part * number) for number in np.asarray(group.positions).tolist()]
            same = now == np.asarray(group.positions).tolist()
        if not same:
            changes[f"staff.{name}.agents"] = now
    return changed(scenario, changes) if changes else None


def _goers(scenario: Scenario, group: str | None, people: int | None, length: float) -> tuple[Group, int] | None:
    """Whose meeting it is; None where the scenario has positions only and nobody was named."""
    able = {name: one for name, one in scenario.staff.items() if one.people and one.shift}
    if group is None:
        if not able:
            return None
        group = max(able, key=lambda name: able[name].people or 0)
    if group not in able:
        known = ", ".join(list(able)[:12]) or "none"
        raise InputError(f"there is no group {group!r} of people on shifts; the groups are: {known}")
    one = able[group]
    size = one.people or 0
    if people is not None and not 1 <= people <= size:
        raise InputError(f"{people} people cannot meet: the group {group} has {size}; give 1 to {size}")
    longest = max(end - start for start, end in one.shift)
    if not 0.0 < length <= longest:
        raise InputError(f"a meeting of {format_duration(length)} does not fit into a shift of {format_duration(longest)}; make it shorter")
    return one, people or size


def _meetings(scenario: Scenario, curve: Curve, played: Played, group: Group, people: int, length: float) -> list[Meeting]:
    """Every time at which the group could meet, inside a shift and clear of breaks: cheapest first, then the fewest calls."""
    horizon = scenario.horizon
    begin, end = np.asarray(horizon.interval_start), np.asarray(horizon.interval_end)
    shifts = planned_on_duty(scenario)
    share = shifts[list(scenario.staff).index(group.name)] / max(group.people or 1, 1)  # of one person, present on average
    present = float(np.max(share, initial=0.0))
    calls = curve.work.calls
    found = []
    for day, spans in group.shifts_on_path(horizon):
        if day < 0:
            continue
        away = [(horizon.at(day, first), horizon.at(day, last) + off) for first, last, off in _breaks(group)]
        for start, finish in spans:
            for at in np.arange(start, finish - length + 1e-6, _STEP):
                if any(at < last - 1e-6 and at + length > first + 1e-6 for first, last in away):
                    continue
                part = np.clip(np.minimum(end, at + length) - np.maximum(begin, at), 0.0, None) / (end - begin)
                late = _late(scenario, curve, played, part, people * present)
                found.append((round(late, 2), float(part @ calls), Meeting(float(at), length, group.name, people, late)))
    if not found:
        raise InputError(f"the group {group.name} has no {format_duration(length)} free of breaks in its shift; make the meeting shorter")
    return [one for _, _, one in sorted(found, key=lambda told: (*told[:2], told[2].start))]


def _breaks(group: Group) -> list[tuple[float, float, float]]:
    """When the first and the last of a group go on each break [s after midnight by the clock], and its length [s]."""
    size = group.people or 1
    return [(rest.start(group.shift, 0, size), rest.start(group.shift, size - 1, size), rest.length) for rest in group.breaks]


def _late(scenario: Scenario, curve: Curve, played: Played, part: Floats, fewer: float) -> float:
    """Callers, in a path, who lose their place within the target when so many fewer are on duty for this part of each interval [I]."""
    total, on_duty = 0.0, np.asarray(played.on_duty.mean(axis=0))
    for name in judged_of(scenario):
        target, own = scenario.target_of(name), played.served[name]
        called = np.isfinite(own) & (part > 0.0)
        reached = np.nan_to_num(own, nan=1.0)
        # where nobody waits the curve says only how many would do at least
        at = np.where(reached < RANGE["share"][1], curve.agents(target, "share", reached), on_duty)
        left = np.maximum(at - fewer, 0.0)
        level = curve.level(target, "share", left) * np.minimum(left / curve.grid[:, 0].clip(1e-9), 1.0)
        lost = np.where(called, part * np.maximum(reached - level, 0.0), 0.0)
        total += float(lost @ np.asarray(scenario.calls[name].volume))
    return total


def _played(
    scenario: Scenario, before: Played, ranked: list[Meeting], count: int, seed: int, progress: Callable[[int, int], None] | None
) -> tuple[tuple[Meeting, ...], bool]:
    """The best times played with the people taken off, then by what was played, and others; False if interrupted."""
    done: list[Meeting] = []
    begin, end = np.asarray(scenario.horizon.interval_start, dtype=float), np.asarray(scenario.horizon.interval_end, dtype=float)
    for one in ranked[:_PLAYED]:
        try:
            after = play(_with_meeting(scenario, one), count, seed, progress)
        except KeyboardInterrupt:
            break
        # people whose days off go round meet on every day in what is played: it is this one that counts
        rotating = scenario.staff[one.group].days_off is not None
        within = (end > one.start) & (begin < one.start + (_NEXT if rotating else np.inf))
        lost = sum(_lost(scenario, name, before, after, within) for name in judged_of(scenario))
        met = not (after.missed & ~before.missed & within).any()
        done.append(replace(one, met=met, played_late_calls=lost))
    first = sorted(done, key=lambda one: (not one.met, one.played_late_calls or 0.0))
    return (*first, *ranked[len(done) : 2 * _PLAYED]), len(done) == min(_PLAYED, len(ranked))


def _lost(scenario: Scenario, name: str, before: Played, after: Played, within: NDArray[np.bool_]) -> float:
    change = np.nan_to_num(before.served[name]) - np.nan_to_num(after.served[name])
    return float(np.where(within, change, 0.0) @ np.asarray(scenario.calls[name].volume))


def _with_meeting(scenario: Scenario, one: Meeting) -> Scenario:
    """The scenario with a meeting: on its day, or where days off go round on every day, those who go have one more break, paid."""
    from ccsim.units import WEEKDAYS

    horizon = scenario.horizon
    group = scenario.staff[one.group]
    day = next(day for day, spans in group.shifts_on_path(horizon) if day >= 0 and spans[0][0] <= one.start < spans[-1][1])
    told = dict(scenario.data["staff"][one.group])
    rest = f"{format_clock(horizon.clock(one.start))} for {format_duration(one.length)} paid"
    meets = told | {"agents": one.people, "breaks": [*told.get("breaks", []), rest]}
    size = group.people or 0
    staff = {}
    for name, entry in scenario.data["staff"].items():
        if name != one.group:
            staff[name] = entry
            continue
        if scenario.days > 1 and group.days_off is None:
            days = group.days if group.days is not None else tuple(sorted({horizon.weekday(d) for d, _, _ in horizon.spans}))
            others = [WEEKDAYS[weekday] for weekday in days if weekday != horizon.weekday(day)]
            if others:
                staff[name] = told | {"days": others}
            meets["days"] = [WEEKDAYS[horizon.weekday(day)]]
        left = told | {"agents": size - one.people} | ({"days": meets["days"]} if scenario.days > 1 and group.days_off is None else {})
        if one.people < size:
            staff[name if name not in staff else f"{name}, not meeting"] = left
        staff[f"{name}, meeting" if name in staff else name] = meets
    changes: dict[str, Any] = {"staff": staff}
    for name, category in scenario.shrinkage.items():
        if category.groups is not None and one.group in category.groups:
            split = [other for other in staff if other not in scenario.staff]
            changes[f"shrinkage.{name}.groups"] = [*(other for other in category.groups if other in staff), *split]
    return changed(scenario, changes)


def _meeting_dict(found: Slots, one: Meeting) -> dict[str, Any]:
    horizon = found.scenario.horizon
    return vars(one) | {"start": horizon.moment(one.start), "end": horizon.moment(one.start + one.length)}
