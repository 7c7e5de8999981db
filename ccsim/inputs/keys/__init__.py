"""Every key of the scenario file: its meaning, kind, default, starting value, and whether this version plays it.

These models hold what a planner writes, read but not yet put together; the classes that the rest of the package uses (`Scenario` and its
parts) are built from them. `key_table` draws the reference page and the JSON Schema from here, so that a key is described once. A key with
`built=False` belongs to the scenario file but is refused; taking the mark away switches it on.
"""

from ccsim.inputs.keys.calls import BusynessKeys, CallbackKeys, CallKeys, OverflowKeys, RedialKeys, RepeatKeys
from ccsim.inputs.keys.common import (
    CostKeys,
    DistributionKeys,
    FteKeys,
    HandleTimeKeys,
    PatienceKeys,
    TargetKeys,
)
from ccsim.inputs.keys.contingent import ActivateKeys, AtMostKeys, PayKeys, PoolKeys, PremiumKeys, ReadyKeys, ReleaseKeys
from ccsim.inputs.keys.events import CallAgainKeys, EventKeys
from ccsim.inputs.keys.known import KnownKeys
from ccsim.inputs.keys.scenario import ScenarioKeys
from ccsim.inputs.keys.schedule import LunchKeys, PartTimeKeys, ScheduleKeys, ShortBreakKeys, SkillKeys
from ccsim.inputs.keys.staff import DaysOffKeys, GroupKeys, LastsKeys, LearningKeys, RosterKeys, ShrinkageKeys

__all__ = [
    "ActivateKeys",
    "AtMostKeys",
    "BusynessKeys",
    "CallAgainKeys",
    "CallKeys",
    "CallbackKeys",
    "CostKeys",
    "DaysOffKeys",
    "DistributionKeys",
    "EventKeys",
    "FteKeys",
    "GroupKeys",
    "HandleTimeKeys",
    "KnownKeys",
    "LastsKeys",
    "LearningKeys",
    "OverflowKeys",
    "PatienceKeys",
    "PayKeys",
    "PoolKeys",
    "PremiumKeys",
    "RedialKeys",
    "ReadyKeys",
    "ReleaseKeys",
    "RosterKeys",
    "RepeatKeys",
    "LunchKeys",
    "PartTimeKeys",
    "ScenarioKeys",
    "ScheduleKeys",
    "ShortBreakKeys",
    "SkillKeys",
    "ShrinkageKeys",
    "TargetKeys",
]
