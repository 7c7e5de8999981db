"""What nobody can meet, told before any work is done: the reason, and the nearest that can be met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.staffing.requirement import Requirement, _callers, _targets
from ccsim.theory import most_calls, queue_of
from ccsim.units import format_clock, format_duration, format_share

if TYPE_CHECKING:
    from ccsim.inputs import Scenario, Target
    from ccsim.inputs.schedule_rules import ShiftRules
    from ccsim.staffing.requirement import CrewRequirement

Floats = NDArray[np.float64]


class LimitError(InputError):
    """A target that cannot be met; the sentence says why, and the nearest that can be."""


@dataclass(frozen=True)
class Productivity:
    """Calls that an agent handles in an hour on duty: at most, and as the target leaves it. [I] each, nan without calls."""

    at_most: Floats  # an agent who is never idle: 3600 / mean handle time
    at_target: Floats  # at the fewest agents who meet the target


def productivity(need: Requirement) -> Productivity:
    """Return the calls an hour on duty that a requirement leaves room for, over all its crews.

    An agent busy all the time handles 3600 / handle time calls an hour; who must keep waits short is idle in between, and reaches that
    times the occupancy.
    """
    calls, load = need.calls, need.offered_load
    handle_time = np.divide(load, calls, out=np.full(calls.size, np.nan), where=calls > 0.0) * _seconds(need.scenario)
    most = 3600.0 / handle_time
    return Productivity(most, most * need.predicted["occupancy"])


def check_productivity(need: Requirement, goal: float) -> None:
    """Refuse a goal of calls an hour and agent that handle time forbids, or that the target does.

    goal: calls an hour on duty, over the whole path. Raises `LimitError`.
    """
    if not (np.isfinite(goal) and goal > 0.0):
        raise InputError(f"calls_an_hour is {goal:g}; give a finite number above 0, such as 6")
    found = productivity(need)
    called = need.calls > 0.0
    if not called.any():
        return
    work = float((need.offered_load * _seconds(need.scenario)).sum())
    handle_time = work / float(need.calls.sum())
    most = 3600.0 / handle_time
    if goal > most * (1.0 + 1e-9):
        raise LimitError(
            f"{goal:g} calls an hour cannot be handled by anybody: at a mean handle time of {_seconds_words(handle_time)} an agent who "
            f"is never idle handles {most:.1f}. {goal:g} would need a handle time of {_seconds_words(3600.0 / goal)}; with waits as the "
            f"target asks, the nearest is {_reached(need):.1f}"
        )
    reached = _reached(need)
    if goal > reached * (1.0 + 1e-9):
        least = float(np.nanmin(np.where(called, found.at_target, np.nan)))
        raise LimitError(
            f"{goal:g} calls an hour and the target do not go together: they ask for an occupancy of {format_share(goal / most, 1)}, and "
            f"the fewest agents who meet the target are busy {format_share(reached / most, 1)} of the time. The nearest that meets the "
            f"target is {reached:.1f} calls an hour over the path ({least:.1f} in the quietest interval)"
        )


def check_rules(need: Requirement, rules: ShiftRules | None) -> None:
    """Refuse the goals of a `schedule` section that a requirement leaves no room for: calls an hour, and seats. Raises `LimitError`."""
    if rules is None:
        return
    if rules.calls_an_hour is not None:
        check_productivity(need, rules.calls_an_hour)
    if rules.seats is not None:
        check_people(need, rules.seats, "seats")


def check_people(need: Requirement, most: float, what: str = "people on duty") -> None:
    """Refuse a target that no interval can meet with at most `most` agents on duty; raises `LimitError` with the worst interval.

    The sentence says by how many agents the worst interval is short, how busy they would be, and what they could keep instead.
    """
    if not (np.isfinite(most) and most >= 0.0):
        raise InputError(f"the most {what} is {most:g}; give a finite number of 0 or more")
    short = need.required_agents - most
    worst = int(short.argmax())
    if short[worst] <= 1e-9:
        return
    scenario = need.scenario
    load, required = float(need.offered_load[worst]), float(need.required_agents[worst])
    when = moment(scenario, worst)
    others = int((short > 1e-9).sum()) - 1
    more = f" ({others} more interval{'s are' if others > 1 else ' is'} short too)" if others else ""
    sentence = f"{when} needs {required:g} on duty to meet the target, and {_allowed(most, what)} allowed{more}. "
    if load >= most:
        much = "" if most < 1.0 else f", {format_share(load / most, 0)} of what {most:g} can handle"
        sentence += f"Its calls are {load:.1f} erlangs of work{much}. "
    raise LimitError(sentence + _nearest(need, worst, most))


def _allowed(most: float, what: str) -> str:
    """So many people or seats are, or one is.

    >>> _allowed(1.0, "seats"), _allowed(2.0, "people on duty")
    ('1 seat is', '2 people on duty are')
    """
    if most != 1.0:
        return f"{most:g} {what} are"
    return f"1 {what.replace('people', 'person', 1).removesuffix('s')} is"


def check_target(scenario: Scenario) -> None:
    """Refuse aims that contradict each other, whatever the staff; raises `LimitError`.

    Callers who balk hang up at once whenever they have to wait, so only a queue that nobody has to join keeps hang-ups below `balk`; that
    can be staffed. What cannot: a share of 100 %, no hang-ups at all where callers have a patience, and nobody on a call at all.
    """
    for name in scenario.calls:
        target = scenario.target_of(name)
        where = "target" if scenario.calls[name].target is None else f"calls.{name}.target"
        if target.share is not None and target.share >= 1.0:
            raise LimitError(f"`{where}.share`: 100 % cannot be met by any number of agents: some caller always waits; 99.9 % can")
        if target.abandoned_fraction == 0.0 and scenario.calls[name].patience is not None:
            raise LimitError(f"`{where}.abandoned_fraction`: 0 % cannot be met by any number of agents; 0.1 % can")


def moment(scenario: Scenario, interval: int) -> str:
    """When an interval begins, for a sentence: 10:00, with the date where there are several days."""
    horizon = scenario.horizon
    start = float(horizon.interval_start[interval])
    return horizon.moment(start) if scenario.days > 1 else format_clock(horizon.clock(start))


def _reached(need: Requirement) -> float:
    """Calls an hour on duty over the path with the required agents: those handled, hang-ups left out."""
    seconds = _seconds(need.scenario)
    busy = np.nan_to_num(need.predicted["occupancy"]) * need.required_agents * seconds
    handle_time = float((need.offered_load * seconds).sum()) / float(need.calls.sum())
    return float(busy.sum() / handle_time / ((need.required_agents * seconds).sum() / 3600.0))


def _nearest(need: Requirement, interval: int, most: float) -> str:
    """What so many agents could keep in an interval, in a sentence."""
    if len(need.crews) > 1 or most < 1.0:
        return f"The nearest that can be met: allow {need.required_agents.max():g} of them"
    part = need.crews[0]
    target = need.scenario.target_of(part.crew.types[0])
    said = []
    level = _level(part, interval, most, target)
    if target.share is not None and 0.0 < level < target.share:
        said.append(f"{format_share(level, 1)} within {_seconds_words(target.wait)}")
    carried = _carried(part, interval, most, target)
    if carried is not None:
        said.append(f"the target for {carried:,.0f} calls in that interval instead of {part.load.calls[interval]:,.0f}")
    said.append(f"the target with {need.required_agents[interval]:g} on duty")
    return f"The nearest that can be met: {', or '.join(said)}"


def _level(part: CrewRequirement, interval: int, agents: float, target: Target) -> float:
    load = part.load
    callers = _callers(float(load.hang_up_rate[interval]), float(load.balk[interval]))
    queue = queue_of(float(load.rate[interval]), float(load.handle_time[interval]), agents, **callers)
    return float(queue.service_level(target.wait, target.variant, target.short_abandon))


def _carried(part: CrewRequirement, interval: int, agents: float, target: Target) -> float | None:
    """Calls in an interval that so many agents carry while they meet the target, whole calls; None where any number will do."""
    load = part.load
    callers = _callers(float(load.hang_up_rate[interval]), float(load.balk[interval]))
    rate = float(most_calls(agents, float(load.handle_time[interval]), _targets(target), **callers))
    return None if not np.isfinite(rate) else float(np.floor(rate * load.calls[interval] / load.rate[interval] + 1e-9))


def _seconds(scenario: Scenario) -> Floats:
    horizon = scenario.horizon
    return np.asarray(horizon.interval_end - horizon.interval_start, dtype=float)


def _seconds_words(seconds: float) -> str:
    return format_duration(round(seconds)) if seconds > 120 else f"{seconds:.0f} s"
