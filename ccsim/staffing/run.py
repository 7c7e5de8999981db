"""A run with what only a plan knows: how many agents each interval requires, and what the formula would have said."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from ccsim.errors import InputError
from ccsim.experiment import replicate
from ccsim.staffing.crews import Floats
from ccsim.staffing.requirement import Beside, beside, requirement

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.inputs import Scenario


def run(
    scenario: Scenario,
    replications: int | None = None,
    precision: str | None = None,
    seed: int | None = None,
    engine: Literal["kernel", "simpy"] = "kernel",
    measure: str | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    controls: bool | None = None,
    at_most: int | None = None,
    batches: int | None = None,
) -> Result:
    """Return what many simulated days of a scenario come to, required agents by formula beside those on duty.

    Everything is as in `ccsim.experiment.replicate.run`; `required_agents` and `net_staffing` are left out where the target is one that no
    formula can staff for. They are worked out when somebody first looks at the intervals.
    """
    required = partial(_required, scenario)
    return replicate.run(
        scenario, replications, precision, seed, engine, measure, workers, progress, required, controls, at_most, batches=batches
    )


def _required(scenario: Scenario) -> Floats | None:
    """Agents required by formula in each interval of the path [I]; None where no formula can tell."""
    try:
        return requirement(scenario).required_agents
    except InputError:
        return None


def formula_beside(scenario: Scenario) -> Beside | None:
    """Return Erlang C's answer for the planned agents of each interval, or None where the formula cannot take the scenario."""
    try:
        return beside(scenario)
    except InputError:
        return None
