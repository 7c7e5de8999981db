"""The planner's nouns: scenario files, read and checked."""

from __future__ import annotations

from ccsim.inputs.activation import Release, Rule
from ccsim.inputs.call_types import CallType
from ccsim.inputs.contingent import Pay, Pool
from ccsim.inputs.distributions import Distribution
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.scenario import Scenario, changed, load, loads
from ccsim.inputs.shifts import Break
from ccsim.inputs.shrinkage import Shrinkage
from ccsim.inputs.targets import Cost, Fte, Target
from ccsim.inputs.workforce import Group

__all__ = [
    "Break",
    "CallType",
    "Cost",
    "Distribution",
    "Fte",
    "Group",
    "Horizon",
    "Pay",
    "Pool",
    "Release",
    "Rule",
    "Scenario",
    "Shrinkage",
    "Target",
    "changed",
    "load",
    "loads",
]
