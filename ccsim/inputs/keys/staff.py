"""Keys of the groups of agents, and of shrinkage."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from ccsim.errors import InputError
from ccsim.inputs import kinds
from ccsim.inputs.faults import KeyFault
from ccsim.inputs.keys.common import AnyDistribution
from ccsim.inputs.kinds import Correlation, Duration, Name, PositiveDuration, PositiveShare, Reads, Share, Truth
from ccsim.inputs.shapes import (
    REQUIRED,
    Agents,
    Keys,
    key,
    keys_or_single,
    number_between,
    one_of,
    whole_number,
)
from ccsim.units import parse_number, shown

_OF = re.compile(r"\s*(\S+)\s+of\s+(\S+)(?:\s+(?:days?|hours?|h|weeks?))?\s*")
_FACTOR = kinds.number(0.01, 100)
_FACTOR_SCHEMA: kinds.Schema = {"type": "number", "minimum": 0.01, "maximum": 100}


def _read_share(value: Any) -> float:
    """A share, or so many days of so many: `25 of 260 days`."""
    match = _OF.fullmatch(value) if kinds.is_text(value) else None
    if match is None:
        return kinds.read_share(value)
    try:
        part, whole = (parse_number(text) for text in match.groups())
    except InputError:
        part, whole = -1.0, 1.0
    if not 0 <= part <= whole or whole == 0:
        raise KeyFault(f"found {shown(str(value))}, where a share belongs, such as 5 %, 0.05 or 13 of 260 days")
    return part / whole


def _read_factors(value: Any) -> float | dict[str, float]:
    """One factor, or one for each call type named."""
    if not isinstance(value, dict):
        return _FACTOR(value)
    found = {}
    for name, factor in value.items():
        try:
            found[str(name)] = _FACTOR(factor)
        except InputError as fault:
            raise KeyFault(str(fault), (name,)) from None
    return found


def _read_activities(value: Any) -> dict[str, str]:
    """What the activity codes of a published roster mean."""
    if not isinstance(value, dict):
        found = shown(value) if kinds.is_text(value) else "a list"
        raise KeyFault(f"found {found}, where codes and what they mean belong, such as {{lunch: unpaid break}}")
    return {str(code): kinds.read_text(meaning) for code, meaning in value.items()}


ShareOfTime = Annotated[
    float,
    Reads(
        "share, or days of days",
        _read_share,
        "0 to 1, 0 % to 100 %, or such as 25 of 260 days",
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^\s*[0-9.]+\s*(%|of\s+[0-9.]+(\s+\w+)?)\s*$"},
            ]
        },
    ),
]
Factors = Annotated[
    float | dict[str, float],
    Reads(
        "number, or numbers by call type",
        _read_factors,
        "0.01 to 100",
        {"anyOf": [_FACTOR_SCHEMA, {"type": "object", "additionalProperties": _FACTOR_SCHEMA}]},
    ),
]
Activities = Annotated[
    dict[str, str],
    Reads(
        "codes and what they mean",
        _read_activities,
        "on duty, paid break, unpaid break, off, or a name under `shrinkage`",
        {"type": "object", "additionalProperties": {"type": "string"}},
    ),
]


class DaysOffKeys(Keys):
    """Days off in the week."""

    per_week: Annotated[int, whole_number(1, 6)] = key(
        "Days off a week of each person, weekdays counted on which the group works for nobody", REQUIRED, start="2"
    )
    pattern: Annotated[str, one_of("rotating", "spread")] = key(
        "spread: the same days every week, spread over the week person by person; rotating: a day later each week", "spread"
    )


class LearningKeys(Keys):
    """How long people still learning take."""

    first_week: Annotated[float, number_between(1, 100)] = key("Factor on the handle time of a beginner", REQUIRED, start="1.5")
    weeks: Annotated[float, number_between(0.1, 520)] = key(
        "Weeks of service after which the factor is 1; it falls to it in a straight line, day by day", REQUIRED, start="8"
    )
    service: Duration = key("Service of the group's people on the first day of the path", 0.0, left_out="0 s: they begin on it")


class RosterKeys(Keys):
    """A published roster in a file."""

    file: Name = key(
        "CSV file with the columns `agent`, `start`, `end`, `activity`, and maybe `paid`, `date`, `group`: a row for each stretch of a "
        "person's day. Times are such as 2027-04-12 07:00, or clock times beside a date. Where there is a column `group`, rows of this "
        "group count",
        REQUIRED,
    )
    activities: Activities | None = key(
        "What activity codes mean, besides or in place of those known",
        left_out="on queue, phone, calls, available, work: on duty; break, pause, rest: paid break; lunch, meal: unpaid break; "
        "off, day off: off",
    )


class GroupKeys(Keys):
    """One group of agents."""

    agents: Agents | None = key(
        "People on the roster; or positions on duty in each interval of a day or of the path, as a list or a CSV column",
        left_out="required, unless there is a `roster`",
    )
    shift: kinds.Spans | None = key(
        "Working hours of people; a list for a split shift", left_out="the opening hours, where all days have the same"
    )
    days: kinds.Weekdays | None = key(
        "Weekdays on which the shift begins; on a day closed it is worked only if it runs into the next day's opening",
        left_out="every open day",
    )
    days_off: DaysOffKeys | None = key("Days off a week", left_out="none besides the days on which the group does not work")
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
    handle_time_factor: Factors = key("Factor on the handle time of every call, or of each call type named", 1.0)
    handle_time_spread: Annotated[float, number_between(0, 3)] = key(
        "Coefficient of variation between people: each has a factor of its own, lognormal with mean 1, the same throughout a path",
        0.0,
        start="0.2",
    )
    learning: LearningKeys | None = key("How long these people, still learning, take", left_out="they have learnt")
    adherence: PositiveShare = key(
        "Share of time scheduled on the queue that is kept to; the rest is lost in small gaps, lateness apart", 1.0, start="92 %"
    )
    gap: PositiveDuration = key("Length of the gaps that `adherence` leaves", 300.0, left_out="5 min")
    break_overrun: AnyDistribution | None = key(
        "By how much each break runs over; exponential unless told", left_out="not at all", start="1 min"
    )
    roster: RosterKeys | None = key("A published roster, in place of `agents`, `shift`, `days`, `days_off` and `breaks`", left_out="none")


class LastsKeys(Keys):
    """How long an absence lasts."""

    mean: PositiveDuration = key("Mean length in calendar days, days off counted; geometric", REQUIRED, start="2 days")


Lasts = Annotated[Annotated[PositiveDuration, Tag("<single>")] | Annotated[LastsKeys, Tag("<keys>")], Discriminator(keys_or_single)]


class ShrinkageKeys(Keys):
    """One category of paid time not on duty."""

    share: ShareOfTime | None = key(
        "Share of paid scheduled time lost; for planned, absence and in-shift",
        left_out="required, but not for late and early",
        start="6 % absence",
    )
    kind: Annotated[str, one_of("planned", "absence", "in-shift", "late", "early")] = key(
        "planned: off the roster before the day, as whole people; absence: missing all day; in-shift: pieces of the shift off the queue; "
        "late: coming late; early: leaving early",
        REQUIRED,
    )
    correlation: Correlation = key("absence: correlation of two people's absences on one day", 0.0, start="0.01")
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
    weekdays: kinds.WeekdayFactors | None = key(
        "absence: factors on the odds by weekday; the average over the weekdays worked stays the share",
        left_out="all alike",
        start="mon 1.25",
    )
    lasts: Lasts | None = key("absence: how long one lasts, in calendar days", left_out="each day by itself", start="2 days")
    no_show: Truth = key("absence: people who stay away without a word; with `ends_after`", False)
    ends_after: Annotated[int, whole_number(1, 366)] | None = key(
        "no_show: so many scheduled shifts in a row missed end the employment; the person is away, unpaid, for the rest of the path",
        start="2",
    )
    pieces: PositiveDuration | None = key("in-shift: length of one piece", left_out="30 min", start="30 min")
    chance: Share | None = key("late, early: chance of it on a shift", left_out="required for late and early", start="4 %")
    by: AnyDistribution | None = key(
        "late, early: by how much; exponential unless told", left_out="required for late and early", start="10 min"
    )
    planned: Truth | None = key(
        "Heading of the waterfall: known when the roster was published", left_out="true for planned and in-shift, else false"
    )
    office: Annotated[str, one_of("in", "out")] | None = key(
        "Heading of the waterfall: in the office or out", left_out="in for in-shift, else out"
    )
