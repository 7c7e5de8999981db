"""Every key of the scenario file: its meaning, kind, default, starting value, and whether this version plays it.

These models hold what a planner writes, read but not yet put together; the classes that the rest of the package uses (`Scenario` and its
parts) are built from them. `key_table` draws the reference page and the JSON Schema from here, so that a key is described once. A key with
`built=False` belongs to the scenario file but is refused; taking the mark away switches it on.
"""

from ccsim.inputs.keys.calls import CallKeys
from ccsim.inputs.keys.common import (
    CostKeys,
    DistributionKeys,
    FteKeys,
    HandleTimeKeys,
    PatienceKeys,
    TargetKeys,
)
from ccsim.inputs.keys.contingent import ActivateKeys, PayKeys, PoolKeys, ReleaseKeys
from ccsim.inputs.keys.scenario import ScenarioKeys
from ccsim.inputs.keys.staff import GroupKeys, ShrinkageKeys

__all__ = [
    "ActivateKeys",
    "CallKeys",
    "CostKeys",
    "DistributionKeys",
    "FteKeys",
    "GroupKeys",
    "HandleTimeKeys",
    "PatienceKeys",
    "PayKeys",
    "PoolKeys",
    "ReleaseKeys",
    "ScenarioKeys",
    "ShrinkageKeys",
    "TargetKeys",
]
