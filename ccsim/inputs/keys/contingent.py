"""Keys of the contingent pools."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from ccsim.inputs import kinds
from ccsim.inputs.faults import KeyFault, plain
from ccsim.inputs.keys.common import AnyDistribution
from ccsim.inputs.kinds import Duration, PositiveDuration, Reads, Share
from ccsim.inputs.shapes import (
    REQUIRED,
    Factor,
    Keys,
    Money,
    key,
    one_of,
    whole_number,
)

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


class ReadyKeys(Keys):
    """When people still to be recruited and trained can be asked."""

    start: kinds.Date = key("First day of the training", REQUIRED)
    training: PositiveDuration = key(
        "How long it takes; whoever completes it can be asked from the day it is over", REQUIRED, start="3 weeks"
    )
    recruits: Annotated[int, whole_number(0, 1_000_000)] | None = key("People who begin it", left_out="`agents` of the pool")
    completes: Share = key("Chance that a recruit completes it, each by a draw of its own", 1.0, start="80 %")
    by: kinds.Date | None = key("Day on which the pool is needed; the run says so if the training ends later", left_out="none")


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
    ready: ReadyKeys | None = key("When the pool is recruited and trained", left_out="it is ready")
