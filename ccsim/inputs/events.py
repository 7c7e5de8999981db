"""What the day may bring: a match on television, a system that is down, a line that is dead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Literal

from ccsim.inputs.distributions import Distribution
from ccsim.inputs.faults import Fault, Path, listed, nearest
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import CallAgainKeys, EventKeys
from ccsim.inputs.later_calls import SHORTEST_ENDLESS, delay
from ccsim.units import DAY, format_about, format_clock, format_span, shown


class Event(Frozen):
    """One event. Factors are on the base and multiply where events overlap; those on absence and leave are on the odds.

    `spans` are the days it may happen on and when: its own dates, or every day of the path and its eve. Which of them come true is drawn
    with `chance`, for each by itself.
    """

    name: str
    spans: tuple[tuple[int, float, float], ...]  # (day on which it begins, -1 the eve; start, end [s of the path])
    chance: float
    groups: tuple[str, ...] | None  # of staff, to which absence and leave apply; None: all; none where only pools are named
    pools: tuple[str, ...] | None  # to which accept applies; None: all
    types: tuple[str, ...] | None  # to which volume, handle_time and serve apply; None: all
    volume: float
    absence: float  # odds
    leave: float  # odds
    accept: float
    handle_time: float
    serve: Literal["all", "none"]
    call_again_chance: float | None  # None: callers of an outage wait
    call_again_after: Distribution | None

    def touches(self, call_type: str) -> bool:
        """Whether the event is about the calls of this type."""
        return self.types is None or call_type in self.types

    def concerns(self, group: str) -> bool:
        """Whether the event is about the people of this group of `staff`."""
        return self.groups is None or group in self.groups


def build_event(
    name: str,
    keys: EventKeys,
    horizon: Horizon,
    folder: Folder,
    types: Collection[str],
    staff: Collection[str],
    pools: Collection[str],
    warnings: list[str],
) -> Event:
    """The event that a file gives under `events`; what can never come true or changes nothing goes to `warnings`."""
    path: Path = ("events", name)
    _check_known(keys.types, types, "call type", (*path, "types"))
    _check_known(keys.groups, [*staff, *pools], "group or pool", (*path, "groups"))
    if keys.from_ == keys.to:
        raise Fault((*path, "to"), f"the event begins and ends at {format_clock(keys.to)}; give it a length")
    if keys.from_ == DAY:
        raise Fault((*path, "from"), "the event begins at 24:00; write 00:00 for the beginning of a day")
    if keys.call_again is not None and keys.serve != "none":
        raise Fault(
            (*path, "call_again"), "`call_again` says what callers do whom nobody can serve; add `serve: none`, or leave `call_again` out"
        )
    groups, pools_named = _about(keys, staff, pools, path)
    after = None
    if keys.call_again is not None:
        after = _call_again(keys.call_again, (*path, "call_again"), horizon, folder)
    spans = _spans(keys, horizon)
    event = Event(
        name=name,
        # an hour that the clocks leave out leaves nothing of what lies in it
        spans=tuple(span for span in spans if span[2] > span[1]),
        chance=keys.chance,
        groups=groups,
        pools=pools_named,
        types=keys.types,
        volume=keys.volume,
        absence=keys.absence,
        leave=keys.leave,
        accept=keys.accept,
        handle_time=keys.handle_time,
        serve=keys.serve,
        call_again_chance=None if keys.call_again is None else keys.call_again.chance,
        call_again_after=after,
    )
    _warn(event, keys, horizon, [day for day, start, end in spans if end <= start], warnings)
    return event


def _about(
    keys: EventKeys, staff: Collection[str], pools: Collection[str], path: Path
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """The groups of staff and the pools that an event is about, None for all; one of pools alone is about no staff."""
    if keys.groups is None:
        return None, None
    groups = tuple(group for group in keys.groups if group in staff)
    if not groups:
        for key, factor in (("absence", keys.absence), ("leave", keys.leave)):
            if factor != 1.0:
                raise Fault(
                    (*path, key),
                    f"`groups` names only contingents, {listed(keys.groups)}, to whom no shrinkage applies; "
                    f"name the groups of staff too, or leave `{key}` out",
                )
    return groups, tuple(pool for pool in keys.groups if pool in pools) or None


def _call_again(keys: CallAgainKeys, path: Path, horizon: Horizon, folder: Folder) -> Distribution:
    """When callers of an outage call again. Raises `Fault` where they would do so without end."""
    after = delay(keys.after, (*path, "after"), horizon, folder)
    if keys.chance == 1.0 and float(after.mean) < SHORTEST_ENDLESS:
        raise Fault(
            (*path, "after"),
            f"everybody calls again every {format_about(float(after.mean))} for as long as nobody is served; "
            "give a chance below 1 or a longer time",
        )
    return after


def _check_known(named: Sequence[str] | None, known: Collection[str], what: str, path: Path) -> None:
    for place, one in enumerate(named or ()):
        if one not in known:
            near = nearest(one, known)
            hint = f"did you mean {shown(near)}?" if near else f"there are {listed(known)}" if known else "there is none at all"
            raise Fault((*path, place), f"there is no {what} {shown(one)}; {hint}")


def _spans(keys: EventKeys, horizon: Horizon) -> tuple[tuple[int, float, float], ...]:
    """The days of the path, and its eve, on which the event may begin, with its start and end [s]; nothing of it where clocks jump."""
    first = horizon.date
    days = range(-1, horizon.days)
    if keys.date is not None:
        told = {(date - first) // dt.timedelta(days=1) for date in keys.date}
        days = [day for day in days if day in told]  # type: ignore[assignment]
    end = keys.to if keys.to > keys.from_ else keys.to + DAY
    return tuple((day, horizon.at(day, keys.from_), horizon.at(day, end)) for day in days)


def _warn(event: Event, keys: EventKeys, horizon: Horizon, jumped: list[int], warnings: list[str]) -> None:
    """Say what is fine to write but changes nothing; `jumped` are the days on which clocks leave the event out."""
    name = f"`events.{event.name}`"
    hours = format_span(keys.from_, keys.to if keys.to > keys.from_ else keys.to + DAY)
    if jumped and (jumped[-1] >= 0 or not event.spans):
        never = "" if event.spans else ", so it never happens"
        warnings.append(
            f"{name}: in {horizon.timezone} clocks go forward over {hours} on {horizon.day_date(jumped[-1])}, "
            f"and nothing is left of the event on that day{never}"
        )
    elif not event.spans:
        dates = listed([str(date) for date in keys.date or ()], 3)
        warnings.append(f"{name}: the path does not come to {dates}, so the event never happens")
    elif not any(start < close and opens < end for _, start, end in event.spans for _, opens, close in horizon.spans):
        warnings.append(f"{name}: {hours} lies outside the opening hours of every day")
    factors = (event.volume, event.absence, event.leave, event.accept, event.handle_time)
    if all(factor == 1.0 for factor in factors) and event.serve == "all":
        warnings.append(f"{name}: the event changes nothing; give it a factor, such as `volume: 0.8`, or `serve: none`")
    if event.chance == 0.0:
        warnings.append(f"`events.{event.name}.chance` is 0: the event never happens")
