"""The sized centre played on its busiest day: does the target hold, and do the lines do?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ccsim.experiment import replicate
from ccsim.inputs.scenario import changed
from ccsim.staffing.aims import Played, play, replications_for
from ccsim.staffing.requirement import starts
from ccsim.staffing.sizing.people import People
from ccsim.staffing.sizing.year import Floats
from ccsim.staffing.written import staff_of, with_staff

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

_CALLS = 1.5e6  # played for each look
_TURNS = 14


@dataclass(frozen=True)
class Worst:
    """The interval in which an aim is missed by the most."""

    start: str  # local time
    call_type: str
    aim: str  # a field of the target
    goal: float
    value: float


@dataclass(frozen=True)
class Check:
    """What came of playing the busiest day with the people and lines that were found."""

    scenario: Scenario  # that day, with its staff and lines
    replications: int
    judged: int  # intervals of call types taken together
    missed: int  # intervals in which some aim is missed, all days together
    surely_missed: int  # by more than chance
    worst: Worst | None  # what is missed by the most; None where nothing is
    service_level: float  # over the day, in the target's variant
    abandoned_fraction: float
    average_speed_of_answer: float  # s
    occupancy: float
    days_met: float  # share of days (or of single intervals) on which the target held
    blocked_fraction: float
    lines: int  # with which that is
    on_duty: Floats  # [I] agents on duty on average

    @property
    def held(self) -> bool:
        """Whether no interval misses an aim by more than chance."""
        return self.surely_missed == 0


def sized_week(people: People, lines: int | None) -> Scenario:
    """Return the week with its people as groups of `staff`, and the lines."""
    staff = staff_of(people.week, (people.skill,), people.shifts, people.roster)
    week = with_staff(people.week, staff, (people.skill,))
    return week if lines is None else changed(week, {"lines": lines})


def busiest_day(week: Scenario, work: Floats) -> int:
    """Return the day of the week's path that brings the most work [I of it]."""
    day = np.asarray(week.horizon.interval_day)
    return int(np.bincount(day, work).argmax())


def check(people: People, lines: int, work: Floats, busy: float, seed: int, progress: Callable[[str, float], None] | None = None) -> Check:
    """Return what the busiest day of the week comes to when it is played with absence, busy days and everything else of the file.

    Where more than `busy` of the callers get a busy signal, lines are added until they do not; `lines` of the answer says how many.
    """
    week = sized_week(people, lines)
    date = week.horizon.day_date(busiest_day(week, work))
    one = changed(week, {"date": date.isoformat(), "days": 1})
    count = replications_for(one, _CALLS)
    result = replicate.run(one, count, seed=seed)
    step = max(1, round(0.25 * np.sqrt(lines)))
    for turn in range(_TURNS):
        if float(result.measures["mean"]["blocked_fraction"]) <= busy:
            break
        if progress is not None:
            progress("adding lines until hardly a caller finds them taken", turn / _TURNS)
        lines, step = lines + step, 2 * step if turn % 2 else step
        one = changed(one, {"lines": lines})
        result = replicate.run(one, count, seed=seed)
    played = play(one, count, seed + 1)
    measures = result.measures["mean"]
    return Check(
        scenario=one,
        replications=count,
        judged=int(played.judged.sum()),
        missed=int(played.missed.sum()),
        surely_missed=int(played.surely_missed.sum()),
        worst=_worst(one, played),
        service_level=float(measures[f"service_level_{one.target.variant}"]),
        abandoned_fraction=float(measures["abandoned_fraction"]),
        average_speed_of_answer=float(measures["average_speed_of_answer"]),
        occupancy=float(measures["occupancy"]),
        days_met=float(measures["target_met"]),
        blocked_fraction=float(measures["blocked_fraction"]),
        lines=lines,
        on_duty=np.asarray(played.on_duty.mean(axis=0)),
    )


def _worst(scenario: Scenario, played: Played) -> Worst | None:
    """The aim and interval that are furthest on the wrong side, as a share of the goal."""
    found: tuple[float, Worst] | None = None
    times = starts(scenario)
    for one in played.measured:
        off = np.nan_to_num(one.better / one.goal) if one.goal else np.zeros(len(times))
        i = int(off.argmin())
        if off[i] < -1e-9 and (found is None or off[i] < found[0]):
            found = float(off[i]), Worst(times[i], one.call_type, one.aim, one.goal, float(one.mean[i]))
    return None if found is None else found[1]
