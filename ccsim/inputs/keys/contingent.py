"""Keys of the contingent pools."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from ccsim.inputs import kinds
from ccsim.inputs.faults import plain
from ccsim.inputs.keys.common import AnyDistribution
from ccsim.inputs.kinds import Duration, Name, PositiveDuration, Reads, Share
from ccsim.inputs.shapes import (
    REQUIRED,
    Factor,
    Keys,
    Money,
    Profile,
    key,
    number_between,
    one_of,
    whole_number,
)

_LOOKS_AT = ("estimated_wait", "longest_wait", "queue", "average_wait", "forecast_wait", "plan_gap", "card")
_LEVEL = {"anyOf": [{"type": "string"}, {"type": "number", "minimum": 0}]}
Level = Annotated[
    str,
    Reads("duration; a number for queue, plan_gap and card", lambda value: kinds.single(value, "a level"), "0 or more", _LEVEL),
]
CallUp = Annotated[
    int | str,
    Reads(
        "whole number, or all",
        lambda value: "all" if kinds.is_text(value) and plain(value) == "all" else kinds.whole(1, 1_000_000)(value),
        "1 to 1,000,000",
        {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "all"}]},
    ),
]


def _keys_or_list(value: Any) -> str:
    """Tag of the form in which a rule, or a list of them, stands."""
    return "<list>" if isinstance(value, (list, tuple)) else "<keys>"


class ActivateKeys(Keys):
    """When a pool is called up, and how many at a time."""

    when: Annotated[str, one_of(*_LOOKS_AT, "windows", "always", "never")] | None = key(
        "What the rule looks at; or booked times, the whole of `available`, or nothing",
        left_out="`windows` or `card`, where they are given",
    )
    reaches: Level | None = key(
        "Level at which the pool goes active: a duration, callers for `queue`, people missing for `plan_gap`",
        left_out="needed, but for `card`, `windows`, `always` and `never`",
    )
    card: Name | None = key(
        "Activation card to go by, as `ccsim card FILE --json` prints it: a file in the scenario's folder or below. Each of its "
        "numbers to call is a level of its own, that asks people until so many have been called in all"
    )
    call_up: CallUp = key("People asked at a time", "all")
    every: PositiveDuration | None = key("Ask again this often while at the level or above", left_out="ask once an activation")
    over: PositiveDuration = key("How far back `average_wait` looks", 900.0, left_out="15 min")
    ahead: PositiveDuration | None = key("How far `forecast_wait` looks ahead, 24 h at most", left_out="needed there", start="20 min")
    required: Profile | None = key(
        "People who ought to be present, by interval, for `plan_gap`", left_out="those on the roster, planned leave taken off"
    )
    windows: kinds.SpanList | None = key("Booked times within `available`: people log in at the start of each, without notice")
    check: PositiveDuration | None = key(
        "Look at the rules of the pool this often", left_out="after every event; every minute with `forecast_wait`, `plan_gap` or `card`"
    )


class ReleaseKeys(Keys):
    """When a pool is sent home."""

    when: Annotated[str, one_of(*_LOOKS_AT)] | None = key("What the rule looks at", left_out="what the first level looks at")
    falls_to: Level = key("Level at which the pool goes inactive: as `reaches`; people that the card says to call, for `card`", REQUIRED)
    over: PositiveDuration | None = key("How far back `average_wait` looks", left_out="what the first level says")
    ahead: PositiveDuration | None = key("How far `forecast_wait` looks ahead", left_out="what the first level says")
    required: Profile | None = key("People who ought to be present, for `plan_gap`", left_out="as for the first level")


class PremiumKeys(Keys):
    """More pay at certain times."""

    span: kinds.Span = key("From when to when, by the clock", REQUIRED)
    days: kinds.Weekdays | None = key("Weekdays on which the span begins", left_out="all")
    factor: Annotated[float, number_between(1, 100)] | None = key("Factor on the pay for an hour", start="1.25")
    hour: Money | None = key("In place of `factor`: paid for an hour besides")


OneOrMorePremiums = Annotated[
    Annotated[PremiumKeys, Tag("<keys>")] | Annotated[tuple[PremiumKeys, ...], Tag("<list>")], Discriminator(_keys_or_list)
]


class PayKeys(Keys):
    """What contingents are paid."""

    hour: Money = key("Pay for an hour on duty", REQUIRED)
    activation: Money = key("Pay for each person who says yes", 0.0)
    standby_hour: Money = key("Pay for each person-hour of `available` not paid otherwise", 0.0)
    from_: Annotated[str, one_of("logged in", "accepts")] = key("When paid time begins", "logged in", name="from")
    called_off: Duration = key("Time paid to a person called off on the way", 0.0, left_out="0 s")
    premium: OneOrMorePremiums | None = key("More pay at certain times; or a list of such, which add up", left_out="none")


class ReadyKeys(Keys):
    """When people still to be recruited and trained can be asked."""

    start: kinds.Date = key("First day of the training", REQUIRED)
    training: PositiveDuration = key(
        "How long it takes; whoever completes it can be asked from the day it is over", REQUIRED, start="3 weeks"
    )
    recruits: Annotated[int, whole_number(0, 1_000_000)] | None = key("People who begin it", left_out="`agents` of the pool")
    completes: Share = key("Chance that a recruit completes it, each by a draw of its own", 1.0, start="80 %")
    by: kinds.Date | None = key("Day on which the pool is needed; the run says so if the training ends later", left_out="none")


class AtMostKeys(Keys):
    """How much a pool may be called upon."""

    activations: Annotated[int, whole_number(0, 1_000_000)] | None = key("Activations in a period", left_out="any number")
    hours: PositiveDuration | None = key(
        "Time logged in in a period, all people of the pool together, from which on nobody is asked", left_out="any"
    )
    per: Annotated[str, one_of("day", "week", "path")] = key("The period; days begin at midnight, weeks on Monday", "week")


OneOrMoreRules = Annotated[
    Annotated[ActivateKeys, Tag("<keys>")] | Annotated[tuple[ActivateKeys, ...], Tag("<list>")], Discriminator(_keys_or_list)
]
OneOrMoreReleases = Annotated[
    Annotated[ReleaseKeys, Tag("<keys>")] | Annotated[tuple[ReleaseKeys, ...], Tag("<list>")], Discriminator(_keys_or_list)
]
Shares = Annotated[
    tuple[float, ...],
    Reads(
        "share, or a list of shares",
        kinds.one_or_list(kinds.read_share, "shares"),
        "0 to 1, or 0 % to 100 %",
        {"anyOf": [kinds.SHARE_SCHEMA, {"type": "array", "items": kinds.SHARE_SCHEMA, "minItems": 1}]},
    ),
]


class PoolKeys(Keys):
    """One pool of contingents on call at home."""

    agents: Annotated[int, whole_number(0, 1_000_000)] = key("People in the pool", REQUIRED)
    takes: kinds.Takes | None = key(
        "Call types the pool answers, its own preference first; an inner list is equal", left_out="all, in file order"
    )
    pick: Annotated[str, one_of("preference", "longest-waiting")] = key(
        "Which call a free agent takes among equal priorities", "preference"
    )
    available: kinds.SpanList | None = key(
        "When people may be asked and on duty; a list is given to the people of the pool in turn",
        left_out="the opening hours, where all days have the same",
    )
    accept: Shares = key(
        "Chance that a person asked says yes; a list goes by how often the person was asked before in the week, its last value repeats",
        (1.0,),
        left_out="100 %",
        start="60 %",
    )
    log_in_fails: Share = key("Chance that who said yes is never there", 0.0, start="3 %")
    notice: AnyDistribution = key("Time from being asked to logged in", REQUIRED, start="mean 20 min, cv 0.5")
    activate: OneOrMoreRules = key("Rule by which people are called up; or a list of such, each a level of its own", REQUIRED)
    release: OneOrMoreReleases | None = key(
        "Rule by which they are sent home; or a list of such, which all have to hold",
        left_out="they stay to the end of `available`, or of the booked times alone that they came for",
    )
    at_most: AtMostKeys | None = key("How much the pool may be called upon", left_out="without limit")
    block: Duration = key("Least time paid once logged in, and no release before it", 0.0, left_out="0 s", start="2 h")
    handle_time_factor: Factor = key("Factor on the handle time of every call", 1.0)
    pay: PayKeys | None = key("What the pool costs", left_out="costs are not reckoned")
    ready: ReadyKeys | None = key("When the pool is recruited and trained", left_out="it is ready")
