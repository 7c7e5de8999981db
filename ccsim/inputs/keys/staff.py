"""Keys of the groups of agents, and of shrinkage."""

from __future__ import annotations

from typing import Annotated, Any

from ccsim.inputs import kinds
from ccsim.inputs.kinds import Correlation, Reads, Share, Truth
from ccsim.inputs.shapes import (
    REQUIRED,
    Agents,
    Factor,
    Keys,
    key,
    one_of,
)


class GroupKeys(Keys):
    """One group of agents."""

    agents: Agents = key(
        "People on the roster; or positions on duty in each interval of a day or of the path, as a list or a CSV column", REQUIRED
    )
    shift: kinds.Spans | None = key(
        "Working hours of people; a list for a split shift", left_out="the opening hours, where all days have the same"
    )
    days: kinds.Weekdays | None = key(
        "Weekdays on which the shift begins; on a day closed it is worked only if it runs into the next day's opening",
        left_out="every open day",
    )
    days_off: Any = key("Days off a week, rotating or spread", built=False)
    breaks: Annotated[
        tuple[str, ...],
        Reads(
            "list of breaks", kinds.read_list(kinds.read_text, "breaks"), "inside the shift", {"type": "array", "items": {"type": "string"}}
        ),
    ] = key(
        "Breaks such as `10:00 for 15 min`, `30 min unpaid between 11:30 and 13:30`, `15 min between 5 h and 7 h after start`",
        (),
        left_out="none",
    )
    takes: kinds.Takes | None = key(
        "Call types this group answers, its own preference first; an inner list is equal", left_out="all, in file order"
    )
    pick: Annotated[str, one_of("preference", "longest-waiting")] = key(
        "Which call a free agent takes among equal priorities", "preference"
    )
    handle_time_factor: Factor = key("Factor on the handle time of every call", 1.0)
    handle_time_spread: Any = key("Coefficient of variation between people", built=False)
    adherence: Any = key("Share of scheduled time kept to", built=False)
    roster: Any = key("A published roster", built=False)


class ShrinkageKeys(Keys):
    """One category of paid time not on duty."""

    share: Share = key("Share of scheduled time lost", REQUIRED, start="6 % absence")
    kind: Annotated[str, one_of("planned", "absence", "in-shift", "late")] = key(
        "planned: off the roster before the day; absence: missing all day (in-shift and late are not built yet)", REQUIRED
    )
    correlation: Correlation = key("Correlation of two people's absences on one day", 0.0, start="0.01")
    of: Annotated[str, one_of("paid", "remaining")] = key(
        "Whether the share is of all paid time, or of what the categories before it leave", "paid"
    )
    groups: (
        Annotated[
            tuple[str, ...],
            Reads(
                "list of groups",
                kinds.one_or_list(kinds.read_text, "groups"),
                "names under `staff`",
                {"type": "array", "items": {"type": "string"}},
            ),
        ]
        | None
    ) = key("Groups it applies to", left_out="all groups of people")
    paid: Truth = key("Whether people away are paid", True)
    weekdays: Any = key("Odds by weekday", built=False)
    lasts: Any = key("How many days an absence lasts", built=False)
    pieces: Any = key("Length of the pieces of in-shift time", built=False)
    chance: Any = key("Chance of being late", built=False)
    by: Any = key("How late", built=False)
    planned: Any = key("Heading of the waterfall: planned or not", built=False)
    office: Any = key("Heading of the waterfall: in the office or out", built=False)
