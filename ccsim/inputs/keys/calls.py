"""Keys of the call types."""

from __future__ import annotations

from typing import Annotated

from ccsim.inputs import kinds
from ccsim.inputs.keys.common import AnyDistribution, HandleTime, Names, Patience, TargetKeys
from ccsim.inputs.kinds import Duration, PositiveDuration, Reads, Share, Truth
from ccsim.inputs.shapes import (
    REQUIRED,
    Keys,
    Profile,
    Volume,
    key,
    number_between,
    one_of,
    whole_number,
)

_Cv = Annotated[float, number_between(0, 3)]
_SHARE_OR_LIST: kinds.Schema = {"anyOf": [kinds.SHARE_SCHEMA, {"type": "array", "items": kinds.SHARE_SCHEMA, "minItems": 1}]}
Chances = Annotated[
    tuple[float, ...],
    Reads("share, or list of shares", kinds.one_or_list(kinds.read_share, "shares"), "each 0 to 1, or 0 % to 100 %", _SHARE_OR_LIST),
]
Passed = Annotated[
    dict[str, float],
    Reads(
        "shares by call type",
        kinds.by_name(kinds.share(), "shares"),
        "together at most 1 or 100 %",
        {"type": "object", "additionalProperties": kinds.SHARE_SCHEMA, "minProperties": 1},
    ),
]


class BusynessKeys(Keys):
    """Random factors on the volume, Gamma of mean 1, that multiply."""

    day: _Cv = key("Coefficient of variation of the day's factor; in place of `busyness_cv`", 0.0, start="0.12")
    week: _Cv = key("Coefficient of variation of the factor of the week, Monday to Sunday", 0.0)
    interval: _Cv = key("Coefficient of variation of each interval's own factor", 0.0)
    shared: Truth = key("Whether the factors move together with those of every other type that says so", False)


class RedialKeys(Keys):
    """Calling again after a hang-up or a busy signal."""

    chance: Chances = key(
        "Chance of calling again; of a list the first for the first redial, the last for all later ones", REQUIRED, start="35 %"
    )
    after: AnyDistribution = key("Time until then; exponential unless told", REQUIRED, start="mean 15 min")
    attempts: Annotated[int, whole_number(0, 1000)] | None = key("Most redials in a row", left_out="unlimited", start="3")
    redraw: Truth = key("false: the redial keeps patience and handle time", True)
    after_closing: Truth = key("true: redials due while the centre is closed come on the queue all the same", False)


class RepeatKeys(Keys):
    """Calling again after an answer that settled nothing."""

    chance: Share = key("Chance that an answered caller who was not passed on calls again: 1 - first-call resolution", REQUIRED)
    after: AnyDistribution = key("Time from the end of handling; exponential unless told", REQUIRED)


class CallbackKeys(Keys):
    """Virtual hold: callers keep their place and are rung when it is their turn."""

    offer_at: Duration = key("A call-back is offered when the estimated wait reaches this", REQUIRED)
    accept: Share = key("Chance that the offer is accepted", REQUIRED, start="50 %")
    reached: Share = key("Chance that the caller picks up when rung", 1.0)
    ring: Duration = key("An agent's time where the caller does not pick up", 30.0, left_out="30 s")


class OverflowKeys(Keys):
    """Groups that help only those who have waited a while."""

    groups: Names = key("Groups under `staff` or pools under `contingent` that take the type", REQUIRED)
    after: PositiveDuration = key("The wait from which they may answer", REQUIRED)


class CallKeys(Keys):
    """One call type."""

    channel: Annotated[str, one_of("call", "chat", "work")] = key(
        "call; chat: an agent may have several in hand; work: e-mail and the like, kept over closing, never hung up", "call"
    )
    at_once: Annotated[int, whole_number(1, 20)] | None = key("Chats that an agent has in hand at most", left_out="2")
    slower: Share | None = key("Share by which each other chat in hand lengthens one that begins", left_out="0 %")
    reserve: Annotated[int, whole_number(0, 1_000_000)] | None = key(
        "Agents who must be idle besides the one who takes up work, among those who take callers of the same types", left_out="0"
    )
    volume: Volume = key(
        "Calls a day; or calls in each interval of a day or of the path, as a list or a CSV column; or calls a year, with keys below",
        REQUIRED,
    )
    profile: Profile | None = key("Relative weight of each interval of the day, for a number a day or a year", left_out="flat")
    weekdays: kinds.WeekdayFactors | None = key("Factors by weekday, for a number a day", left_out="1 each")
    volume_counts: Annotated[str, one_of("first calls", "offered")] = key(
        "offered: history holds redials, repeats and transfers, which a run then takes out again; first calls: they come on top",
        "first calls",
    )
    busyness_cv: _Cv = key("Coefficient of variation of the day's Gamma factor on the volume", 0.0, start="0.12")
    busyness: BusynessKeys | None = key("Gamma factors by day, week and interval", left_out="what `busyness_cv` says")
    handle_time: HandleTime = key("Talk, hold and wrap-up together; a distribution, or its parts", REQUIRED, start="cv 1.1")
    patience: Patience | None = key(
        "How long callers wait before hanging up", left_out="they never hang up, with a warning", start="mean 5 min"
    )
    balk: Share = key("Share of callers who hang up at once when told to wait", 0.0)
    redial: RedialKeys | None = key("Calling again after a hang-up or busy signal", left_out="nobody does")
    repeat: RepeatKeys | None = key("Calling again after an answer", left_out="nobody does")
    transfer: Passed | None = key("Share of answered calls passed on, as a new call, by its call type", left_out="none")
    callback: CallbackKeys | None = key("Offer to be called back in place of waiting on the line", left_out="none")
    overflow: OverflowKeys | None = key("Groups that may answer only after a wait", left_out="all who take it answer at once")
    announcement: Duration = key("From arrival, before an agent can be offered; counts as waiting", 0.0, left_out="0 s")
    priority: Annotated[int, whole_number(-1000, 1000)] = key("Calls of a higher priority are answered first", 0)
    target: TargetKeys | None = key("Aim of this type in place of the common one", left_out="the common target")
