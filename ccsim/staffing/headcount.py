"""From a requirement to people: how many to roster so that enough turn up on most days, set beside required / (1 - shrinkage).

Dividing gives the right mean and no more: on about every second day fewer than required turn up. What a chance of 19 days in 20 takes
depends on how people are away (`ccsim.staffing.turn_up`), and each further point of certainty costs more than the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.notebook import shown_in_html, with_unit
from ccsim.staffing.limits import check_rules, check_target
from ccsim.staffing.requirement import CrewRequirement, Requirement
from ccsim.staffing.turn_up import Away, at_least, away_of, people_for

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
CERTAINTY = 0.95  # 19 days in 20
LADDER = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)


@dataclass(frozen=True)
class Rung:
    """What one level of certainty takes over a day: that in each interval, taken by itself, enough turn up with this chance."""

    certainty: float
    hours: float  # paid hours a day, as a mean over the days of the path
    full_time_equivalents: float
    most_people: int  # rostered in the fullest interval
    cost: float | None  # a day; None where the scenario has no costs
    cost_of_a_point: float | None  # of each point of certainty since the rung before; None on the first
    hours_of_a_point: float | None  # the same in paid hours


@dataclass(frozen=True)
class Headcount:
    """How many people to roster in each interval (I)."""

    need: Requirement
    certainty: float
    required: Floats  # [I] on duty
    divided: Floats  # [I] required / (1 - shrinkage), rounded up
    chance_divided: Floats  # [I] that enough turn up when that many are rostered; nan where nobody is required
    rostered: Floats  # [I] for the certainty asked for
    chance: Floats  # [I] that enough turn up then; nan where nobody is required
    ladder: tuple[Rung, ...]

    def _repr_html_(self) -> str:
        """As a notebook shows it: a row an interval."""
        divided, rostered = ([with_unit(one, "share") for one in x.tolist()] for x in (self.chance_divided, self.chance))
        numbers = (self.required.tolist(), self.divided.tolist(), divided, self.rostered.tolist(), rostered)
        heads = ["interval", "required", "required / (1 − shrinkage)", "enough come", "rostered", "enough come "]
        return shown_in_html(self.need.scenario.title, [], heads, zip(self.need.starts, *numbers, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain numbers for JSON."""
        names = ("required", "divided", "chance_divided", "rostered", "chance")
        rows = zip(self.need.starts, *(getattr(self, name).tolist() for name in names), strict=True)
        intervals = [dict(zip(("start", *names), (row[0], *(x if np.isfinite(x) else None for x in row[1:])), strict=True)) for row in rows]
        return {"certainty": self.certainty, "intervals": intervals, "ladder": [vars(rung).copy() for rung in self.ladder]}


def headcount(need: Requirement, certainty: float = CERTAINTY) -> Headcount:
    """Return how many people a requirement takes on the roster: by division, and with a chance of `certainty` in each interval.

    Crews share nobody, so each is rostered by itself; the chance that an interval has enough is that all its crews have. Raises
    `InputError` where the certainty is not between 0 and 1, and where no roster reaches it, and `LimitError` for a target, calls an hour or
    seats that nobody can keep to.
    """
    check_target(need.scenario)
    check_rules(need, need.scenario.schedule)
    away = [_away(need.scenario, part) for part in need.crews]
    divided = [np.asarray(part.scheduled_agents, dtype=float) for part in need.crews]
    rostered = [_people(part.required_agents, gone, certainty) for part, gone in zip(need.crews, away, strict=True)]
    return Headcount(
        need=need,
        certainty=certainty,
        required=need.required_agents,
        divided=np.sum(divided, axis=0),
        chance_divided=_chance(need, away, divided),
        rostered=np.sum(rostered, axis=0),
        chance=_chance(need, away, rostered),
        ladder=_ladder(need, away),
    )


def _away(scenario: Scenario, part: CrewRequirement) -> Away:
    """What keeps a crew's people away. Groups of one crew must be struck alike, or nobody knows whom to count."""
    found = {away_of(scenario, name) for name in part.crew.groups} or {away_of(scenario)}
    if len(found) > 1:
        raise InputError(
            f"the groups that take {part.crew.name} have different shrinkage, so how many of them turn up depends on who is rostered; let "
            "every category of `shrinkage` apply to all of them to count people"
        )
    return found.pop()


def _people(required: Floats, away: Away, certainty: float) -> Floats:
    known = {number: float(people_for(number, away, certainty)) for number in set(required.tolist())}
    return np.array([known[number] for number in required.tolist()])


def _chance(need: Requirement, away: list[Away], rostered: list[Floats]) -> Floats:
    chances = np.ones(need.required_agents.size)
    for part, gone, people in zip(need.crews, away, rostered, strict=True):
        pairs = list(zip(people.astype(int).tolist(), part.required_agents.tolist(), strict=True))
        known = {pair: at_least(*pair, gone) for pair in set(pairs)}
        chances *= [known[pair] for pair in pairs]
    return np.where(need.required_agents > 0.0, chances, np.nan)


def _ladder(need: Requirement, away: list[Away]) -> tuple[Rung, ...]:
    scenario = need.scenario
    horizon = scenario.horizon
    lengths = np.asarray(horizon.interval_end - horizon.interval_start, dtype=float) / 3600.0
    rungs: list[Rung] = []
    for certainty in LADDER:
        try:
            people = np.sum([_people(part.required_agents, gone, certainty) for part, gone in zip(need.crews, away, strict=True)], axis=0)
        except InputError:
            break  # as high as anybody gets
        hours = float(people @ lengths) / scenario.days
        cost = None if scenario.cost is None else hours * scenario.cost.agent_hour
        points = 100.0 * (certainty - rungs[-1].certainty) if rungs else 0.0
        dearer = (hours - rungs[-1].hours) / points if rungs else None
        price = None if dearer is None or scenario.cost is None else dearer * scenario.cost.agent_hour
        rungs.append(Rung(certainty, hours, hours / scenario.fte.hours_a_day, int(people.max()), cost, price, dearer))
    return tuple(rungs)
