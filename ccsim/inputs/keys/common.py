"""Keys of distributions, targets, cost and full-time jobs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Tag

from ccsim.inputs import kinds
from ccsim.inputs.kinds import Duration, Name, PositiveDuration, PositiveShare, Reads, Share
from ccsim.inputs.shapes import (
    REQUIRED,
    Factor,
    Keys,
    Mean,
    Money,
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
Patience = Annotated[Annotated[PositiveDuration, Tag("<single>")] | Annotated[PatienceKeys, Tag("<keys>")], Discriminator(keys_or_single)]
AnyDistribution = Annotated[
    Annotated[Duration, Tag("<single>")] | Annotated[DistributionKeys, Tag("<keys>")], Discriminator(keys_or_single)
]


Names = Annotated[
    tuple[str, ...],
    Reads(
        "name, or list of names",
        kinds.one_or_list(kinds.read_text, "names"),
        "",
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]},
    ),
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
