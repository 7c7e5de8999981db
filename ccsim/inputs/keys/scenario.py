"""Keys at the left margin of a scenario file."""

from __future__ import annotations

from typing import Annotated

from ccsim.inputs import kinds
from ccsim.inputs.keys.calls import CallKeys
from ccsim.inputs.keys.common import CostKeys, FteKeys, TargetKeys
from ccsim.inputs.keys.contingent import PoolKeys
from ccsim.inputs.keys.events import EventKeys
from ccsim.inputs.keys.known import KnownKeys
from ccsim.inputs.keys.schedule import ScheduleKeys
from ccsim.inputs.keys.staff import GroupKeys, ShrinkageKeys
from ccsim.inputs.kinds import Duration, Name, PositiveDuration
from ccsim.inputs.shapes import (
    REQUIRED,
    Keys,
    key,
    one_of,
    whole_number,
)


class ScenarioKeys(Keys):
    """A scenario file."""

    title: Name | None = key("Heading of tables and charts", left_out="the file's name")
    date: kinds.Date | None = key("First day of the path", left_out="2027-01-04, a Monday")
    days: Annotated[int, whole_number(1, 366)] = key("Consecutive days played as one path", 1)
    open: kinds.Opening = key("Opening hours, the same every day or by weekday; 00:00-24:00 never closes", REQUIRED)
    interval: PositiveDuration = key("Length of an interval", 1800.0, left_out="30 min")
    warm_up: Duration = key(
        "Calls that arrive this soon after the first opening are played and not measured; whole intervals", 0.0, left_out="0 s"
    )
    close: Annotated[str, one_of("serve", "hang-up")] = key("What becomes of callers who wait at closing", "serve")
    lines: Annotated[int, whole_number(1, 10_000_000)] | None = key(
        "Trunks; a caller who finds all taken gets a busy signal", left_out="unlimited"
    )
    route: Annotated[str, one_of("preference", "longest-idle", "random")] = key("Which of several free agents answers", "preference")
    holidays: kinds.Dates = key("Days on which the centre is closed", (), left_out="none")
    timezone: Name | None = key(
        "Time zone, such as Europe/London, for days of 23 and 25 hours; what falls into an hour left out happens when clocks go forward, "
        "and a clock time that comes twice means the first",
        left_out="every day has 24 hours",
    )
    fte: FteKeys | None = key("What a full-time job is", left_out="40 h a week")
    target: TargetKeys | None = key("What the centre aims at", left_out="80 % within 20 s, with a warning")
    calls: dict[str, CallKeys] = key("Call types by name", REQUIRED)
    staff: dict[str, GroupKeys] = key("Groups of agents by name", {}, left_out="nobody, as `ccsim staff` and `ccsim size` allow")
    shrinkage: dict[str, ShrinkageKeys] = key("Categories of shrinkage by name", {}, left_out="none")
    contingent: dict[str, PoolKeys] = key("Pools of contingents by name", {}, left_out="none")
    events: dict[str, EventKeys] = key("What the day may bring, by name", {}, left_out="none")
    known: KnownKeys | None = key("What is known of the first day, as it nears", left_out="nothing: everything is left to luck")
    cost: CostKeys | None = key("What staff and lost calls cost", left_out="costs are not reckoned")
    schedule: ScheduleKeys | None = key("Which shifts `ccsim schedule` may give", left_out="shifts of 8 h 30 min, part-timers of 4 or 5 h")
