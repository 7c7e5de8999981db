"""The one question: why is this answer not that one?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccsim.experiment.compare import Plan
from ccsim.experiment.paired import Progress
from ccsim.staffing.explain.gap import Explanation

if TYPE_CHECKING:
    from ccsim.experiment.workshop import Engine
    from ccsim.inputs import Scenario

# Days that each bar is played unless told: as many as come to so many of all bars together, but not fewer or more than these
_PATHS: Final = 4000
_FEWEST, _MOST = 400, 2000


def explain(
    scenario: Scenario,
    other: Scenario | str | Path | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: Engine = "kernel",
    measure: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    average_orders: bool = False,
) -> Explanation:
    """Why a simulated answer is what it is: the gap taken apart, one change at a time.

    Alone: from Erlang C's answer for the plan to the simulated one. With another scenario: from the first to the second. With the name of
    a CSV file of what happened by interval (`ccsim.staffing.explain.actuals`): from the plan to that.

    `replications` paths are played of every bar, all under the same luck; unless told 400, or up to 2,000 where there are few bars.
    `measure` is the target's own service level unless told. `average_orders` averages each step between two scenarios over all orders of
    the changes.

    Ctrl-C ends it early with the paths finished. Raises `InputError` for what makes no sense.
    """

    def plan_for(bars: int) -> Plan:
        return Plan.of(replications, seed, engine, workers, min(max(_FEWEST, _PATHS // bars), _MOST))

    if other is None:
        from ccsim.staffing.explain.erlang import from_erlang

        return from_erlang(scenario, plan_for, engine, measure, progress)
    if isinstance(other, (str, Path)):
        from ccsim.staffing.explain.happened import to_what_happened

        return to_what_happened(scenario, other, plan_for, engine, measure, progress)
    from ccsim.staffing.explain.between import between

    return between(scenario, other, plan_for, engine, measure, progress, average_orders)
