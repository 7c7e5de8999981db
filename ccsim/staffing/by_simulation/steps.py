"""How long the steps of the search are: days that a part of it plays, and agents that it may add or take off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.staffing.by_simulation.positions import Plan

# Calls that each part of the search plays for one plan, and the fewest and most days: more calls on days of few, fewer on days of many
ROUGH, FINE = (1.2e6, 32, 80), (1.2e6, 64, 320)
# Of the check also the calls beyond which a large centre has fewer days than those, and how many it has at least
CHECK, MOST_CALLS, CHECK_LEAST = (2.4e6, 450, 4800), 1.6e7, 300
# Where the intervals of a day share a target, one agent in all is less than a standard error: it takes more days
DAY_CHECK = (8e6, 360, 6000)
# The same where the target is to hold on a share of days: of a day a row knows only whether it held, and that one agent fewer changes on
# one day in a hundred. So it takes more days, and a step of that share of the agents
SHARE_FINE, SHARE_CHECK, SHARE_STEP = (2.4e6, 128, 640), (2.4e7, 720, 6000), 0.015
# Share of the agents, and how many at least, that may be added and taken off where one agent fewer has been looked at
UP, DOWN = (0.03, 3), (0.02, 2)
# The same where the intervals of a day share a target. Any of them may have the agent that is to be added, the slopes of all are the worse
# known the farther one goes, and a program that may go far takes all from one and heaps it on another
DAY_UP, DAY_DOWN = (0.03, 1), (0.03, 1)


def reach_of(plan: Plan, told: tuple[float, int]) -> Plan:
    """How many agents may be added or taken off in each interval: a share of them, and so many at least."""
    share, least = told
    return np.maximum(least, np.ceil(share * plan - 1e-9)).astype(np.int64)


def check_days(scenario: Scenario, by_share: bool, by_day: bool) -> int:
    """How many days an answer is proven on where nobody says."""
    if by_share:
        return days_for(scenario, SHARE_CHECK)
    if by_day:
        return days_for(scenario, DAY_CHECK)
    return min(days_for(scenario, CHECK), days_for(scenario, (MOST_CALLS, CHECK_LEAST, CHECK[2])))


def days_for(scenario: Scenario, part: tuple[float, int, int], plans: int = 1) -> int:
    """How many days a part of the search plays of each of its plans."""
    calls = sum(float(np.sum(call.volume)) for call in scenario.calls.values())
    told, least, most = part
    return int(np.clip(told / max(calls, 1.0) * min(1.0, 5.0 / plans), least, most))
