"""Keys of the events that a day may bring."""

from __future__ import annotations

from typing import Annotated

from ccsim.inputs import kinds
from ccsim.inputs.keys.common import AnyDistribution, Names
from ccsim.inputs.kinds import Share
from ccsim.inputs.shapes import REQUIRED, Factor, Keys, key, number_between, one_of

Odds = Annotated[float, number_between(0, 1000)]


class CallAgainKeys(Keys):
    """What callers do who are told that nobody can be served."""

    chance: Share = key("Chance that a caller turned away calls again", REQUIRED)
    after: AnyDistribution = key("Time until then; exponential unless told", REQUIRED)


class EventKeys(Keys):
    """One event: from when to when, how likely, and what it changes; factors of events that overlap multiply."""

    date: kinds.Dates | None = key("The day, or a list of days, on which it begins", left_out="every day of the path")
    from_: kinds.Clock = key("Clock time at which it begins", 0.0, left_out="00:00", name="from")
    to: kinds.Clock = key("Clock time at which it ends; not after `from`: on the next day", 86400.0, left_out="24:00")
    chance: Share = key("Chance that it happens, drawn for each of its days", 1.0)
    groups: Names | None = key(
        "Groups of staff to which `absence` and `leave` apply, and pools to which `accept` does",
        left_out="all groups and pools; where no pool is named, all pools; where only pools are, no group",
    )
    types: Names | None = key("Call types to which `volume`, `handle_time` and `serve` apply", left_out="all call types")
    volume: Odds = key("Factor on the calls that arrive meanwhile", 1.0, start="0.8")
    absence: Odds = key("Factor on the odds of absence of people whose shift meets it", 1.0, start="2")
    leave: Odds = key("Factor on the odds of planned leave of people whose shift meets it", 1.0, start="1.5")
    accept: Annotated[float, number_between(0, 100)] = key(
        "Factor on the chance that a contingent says yes, up to 1 in all", 1.0, start="0.7"
    )
    handle_time: Factor = key("Factor on the handle times of calls answered meanwhile", 1.0)
    serve: Annotated[str, one_of("all", "none")] = key("none: nobody is offered a call meanwhile; calls in hand go on", "all")
    call_again: CallAgainKeys | None = key(
        "With `serve: none`: callers are told so and turned away, and some call again; work waits all the same", left_out="callers wait"
    )
