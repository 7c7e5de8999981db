"""Keys of the call types."""

from __future__ import annotations

from typing import Annotated, Any

from ccsim.inputs import kinds
from ccsim.inputs.keys.common import HandleTime, Patience, TargetKeys
from ccsim.inputs.kinds import Share
from ccsim.inputs.shapes import (
    REQUIRED,
    Keys,
    Profile,
    Volume,
    key,
    number_between,
    whole_number,
)


class CallKeys(Keys):
    """One call type."""

    volume: Volume = key("Calls a day; or calls in each interval of a day or of the path, as a list or a CSV column", REQUIRED)
    profile: Profile | None = key("Relative weight of each interval of the day, for a number a day", left_out="flat")
    weekdays: kinds.WeekdayFactors | None = key("Factors by weekday, for a number a day", left_out="1 each")
    volume_counts: Any = key("Whether the volume holds redials, repeats and transfers", built=False)
    busyness_cv: Annotated[float, number_between(0, 3)] = key(
        "Coefficient of variation of the day's Gamma factor on the volume", 0.0, start="0.12"
    )
    busyness: Any = key("Factors by day, week and interval", built=False)
    handle_time: HandleTime = key("Talk, hold and wrap-up together; a distribution, or its parts", REQUIRED, start="cv 1.1")
    patience: Patience | None = key(
        "How long callers wait before hanging up", left_out="they never hang up, with a warning", start="mean 5 min"
    )
    balk: Share = key("Share of callers who hang up at once when told to wait", 0.0)
    redial: Any = key("Calling again after a hang-up or busy signal", built=False)
    repeat: Any = key("Calling again after an answer", built=False)
    transfer: Any = key("Share of answered calls passed on, by call type", built=False)
    callback: Any = key("Offer to be called back", built=False)
    overflow: Any = key("Groups that may answer only after a wait", built=False)
    announcement: Any = key("Announcement before an agent can be offered", built=False)
    priority: Annotated[int, whole_number(-1000, 1000)] = key("Calls of a higher priority are answered first", 0)
    target: TargetKeys | None = key("Aim of this type in place of the common one", left_out="the common target")
