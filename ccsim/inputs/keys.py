"""Every key of the scenario file: its meaning, kind, default, starting value, and whether this version plays it.

These models hold what a planner writes, read but not yet put together; the classes that the rest of the package uses (`Scenario` and its
parts) are built from them. `key_table` draws the reference page and the JSON Schema from here, so that a key is described once. A key with
`built=False` belongs to the scenario file but is refused; taking the mark away switches it on.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag

from ccsim.inputs import kinds
from ccsim.inputs.faults import KeyFault, plain
from ccsim.inputs.kinds import Correlation, Duration, Name, PositiveDuration, PositiveShare, Reads, Share, Truth
from ccsim.inputs.shapes import (
    REQUIRED,
    Agents,
    Factor,
    Keys,
    Mean,
    Money,
    Profile,
    Volume,
    key,
    keys_or_single,
    number_between,
    one_of,
    whole_number,
)

DISTRIBUTIONS = ("exponential", "lognormal", "gamma", "weibull", "erlang", "uniform", "constant", "hyperexponential")


class DistributionKeys(Keys):
    """A distribution: a mean and a spread, or a column of values to draw from."""

    mean: Mean | None = key("Mean; or one for each interval of arrival, as a list or a CSV column in seconds")
    cv: Annotated[float, number_between(0, 20)] | None = key(
        "Coefficient of variation: standard deviation over mean", left_out="1, or what `shape`, `phases` says"
    )
    dist: Annotated[str, one_of(*DISTRIBUTIONS)] | None = key("Family", left_out="lognormal for handle_time and notice, else exponential")
    shape: Annotated[float, Reads("number", kinds.number(0.05, 1000), "0.05 to 1,000", {"type": "number"})] | None = key(
        "Shape, in place of `cv`, for weibull and gamma"
    )
    phases: Annotated[int, whole_number(1, 10_000)] | None = key("Number of phases, for erlang")
    from_: Duration | None = key("Least value, for uniform", name="from")
    to: PositiveDuration | None = key("Greatest value, for uniform")
    values: Name | None = key("CSV file of values in seconds to draw from, in place of everything above")
    column: Name | None = key("Column of `values`", left_out="the file's only column")


class HandleTimeKeys(DistributionKeys):
    """How long an agent is taken up by a call."""

    talk: PositiveDuration | None = key("Mean talk time, in place of `mean`")
    hold: Duration | None = key("Mean time on hold within the call, beside `talk`", left_out="0 s")
    wrap: Duration | None = key("Mean wrap-up after the call, beside `talk`; the line is free by then", left_out="0 s")


class PatienceKeys(DistributionKeys):
    """How long a caller waits before hanging up."""

    abandoned: PositiveShare | None = key("Share of callers who hung up, in place of `mean`")
    mean_wait: PositiveDuration | None = key("Mean wait of all callers; the mean patience is this over `abandoned`")


HandleTime = Annotated[Annotated[Duration, Tag("<single>")] | Annotated[HandleTimeKeys, Tag("<keys>")], Discriminator(keys_or_single)]
Patience = Annotated[Annotated[Duration, Tag("<single>")] | Annotated[PatienceKeys, Tag("<keys>")], Discriminator(keys_or_single)]
AnyDistribution = Annotated[
    Annotated[Duration, Tag("<single>")] | Annotated[DistributionKeys, Tag("<keys>")], Discriminator(keys_or_single)
]


class TargetKeys(Keys):
    """What the centre aims at."""

    wait: Duration | None = key("The wait to keep under", left_out="20 s, with a warning")
    share: Share | None = key("Share of callers to keep under it", left_out="80 %, with a warning, unless another aim is given")
    variant: Annotated[str, one_of("offered", "answered", "excluding_short_abandons", "counting_short_abandons")] | None = key(
        "Which service level `share` is judged by", left_out="offered"
    )
    short_abandon: Duration | None = key("Callers who hang up this soon count as short", left_out="0 s", start="5 s")
    per: Annotated[str, one_of("interval", "day")] | None = key(
        "Whether the aim holds for every interval or for the day", left_out="interval"
    )
    average_speed_of_answer: PositiveDuration | None = key("Greatest mean wait of answered calls")
    abandoned_fraction: Share | None = key("Greatest share of offered calls that hang up")
    occupancy: PositiveShare | None = key("Greatest share of on-duty time spent on calls", start="85 %")


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


_WHEN = one_of("estimated_wait", "longest_wait", "queue", "average_wait")
_LEVEL = {"anyOf": [{"type": "string"}, {"type": "number", "minimum": 0}]}
Level = Annotated[str, Reads("duration, or number of callers for queue", lambda value: kinds.single(value, "a level"), "0 or more", _LEVEL)]
CallUp = Annotated[
    int | str,
    Reads(
        "whole number, or all",
        lambda value: "all" if kinds.is_text(value) and plain(value) == "all" else kinds.whole(1, 1_000_000)(value),
        "1 to 1,000,000",
        {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "all"}]},
    ),
]


class ActivateKeys(Keys):
    """When a pool is called up, and how many at a time."""

    when: Annotated[str, _WHEN] = key("What the rule looks at", REQUIRED)
    reaches: Level = key("Level at which the pool goes active: a duration, or callers for `queue`", REQUIRED)
    call_up: CallUp = key("People asked at a time", "all")
    every: PositiveDuration | None = key("Ask again this often while at the level or above", left_out="ask once an activation")
    over: PositiveDuration = key("How far back `average_wait` looks", 900.0, left_out="15 min")
    check: PositiveDuration | None = key("Look at the rule this often", left_out="after every event")


class ReleaseKeys(Keys):
    """When a pool is sent home."""

    when: Annotated[str, _WHEN] | None = key("What the rule looks at", left_out="what `activate` looks at")
    falls_to: Level = key("Level at which the pool goes inactive: a duration, or callers for `queue`", REQUIRED)
    over: PositiveDuration | None = key("How far back `average_wait` looks", left_out="what `activate` says")


class PayKeys(Keys):
    """What contingents are paid."""

    hour: Money = key("Pay for an hour on duty", REQUIRED)
    activation: Money = key("Pay for each person who says yes", 0.0)
    standby_hour: Money = key("Pay for each person-hour of `available` not paid otherwise", 0.0)
    from_: Annotated[str, one_of("logged in", "accepts")] = key("When paid time begins", "logged in", name="from")
    called_off: Duration = key("Time paid to a person called off on the way", 0.0, left_out="0 s")


def _not_a_list(value: Any) -> Any:
    if isinstance(value, list):
        raise kinds.custom_error(KeyFault("a list of levels is part of the scenario file but not built yet in this version; give one rule"))
    return value


class PoolKeys(Keys):
    """One pool of contingents on call at home."""

    agents: Annotated[int, whole_number(0, 1_000_000)] = key("People in the pool", REQUIRED)
    takes: kinds.Takes | None = key(
        "Call types the pool answers, its own preference first; an inner list is equal", left_out="all, in file order"
    )
    pick: Annotated[str, one_of("preference", "longest-waiting")] = key(
        "Which call a free agent takes among equal priorities", "preference"
    )
    available: kinds.Span | None = key("When people may be asked and on duty", left_out="the opening hours, where all days have the same")
    accept: Share = key("Chance that a person asked says yes", 1.0, start="60 %")
    notice: AnyDistribution = key("Time from being asked to logged in", REQUIRED, start="mean 20 min, cv 0.5")
    activate: Annotated[ActivateKeys, BeforeValidator(_not_a_list)] = key("Rule by which people are called up", REQUIRED)
    release: Annotated[ReleaseKeys | None, BeforeValidator(_not_a_list)] = key(
        "Rule by which they are sent home", left_out="they stay to the end of `available`"
    )
    block: Duration = key("Least time paid once logged in, and no release before it", 0.0, left_out="0 s", start="2 h")
    handle_time_factor: Factor = key("Factor on the handle time of every call", 1.0)
    pay: PayKeys | None = key("What the pool costs", left_out="costs are not reckoned")
    ready: Any = key("When the pool is recruited and trained", built=False)


class CostKeys(Keys):
    """What regular staff and lost calls cost."""

    agent_hour: Money = key("Cost of a paid hour", REQUIRED)
    overtime_factor: Factor = key("Factor on the hour for overtime", 1.0, start="1.5")
    abandoned_call: Money = key("Cost of a call that hangs up", 0.0)
    currency: Name = key("Currency that amounts are shown in", "", left_out="none shown")


class FteKeys(Keys):
    """What a full-time job is."""

    hours: Annotated[float, Reads("number", kinds.number(0.1, 9000), "0.1 to 9,000", {"type": "number"})] = key("Paid hours", REQUIRED)
    per: Annotated[str, one_of("day", "week", "month", "year")] = key("The time that `hours` fall in", "week")


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
    timezone: Any = key("Time zone, for days of 23 and 25 hours", built=False)
    fte: FteKeys | None = key("What a full-time job is", left_out="40 h a week")
    target: TargetKeys | None = key("What the centre aims at", left_out="80 % within 20 s, with a warning")
    calls: dict[str, CallKeys] = key("Call types by name", REQUIRED)
    staff: dict[str, GroupKeys] = key("Groups of agents by name", {}, left_out="nobody, as `ccsim staff` and `ccsim size` allow")
    shrinkage: dict[str, ShrinkageKeys] = key("Categories of shrinkage by name", {}, left_out="none")
    contingent: dict[str, PoolKeys] = key("Pools of contingents by name", {}, left_out="none")
    events: Any = key("What the day may bring", built=False)
    cost: CostKeys | None = key("What staff and lost calls cost", left_out="costs are not reckoned")
