"""Factors of events that bear on nothing: nobody's odds, no calls, no pool."""

from __future__ import annotations

from collections.abc import Mapping

from ccsim.inputs.call_types import CallType
from ccsim.inputs.contingent import Pool
from ccsim.inputs.events import Event
from ccsim.inputs.faults import listed
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.shrinkage import Shrinkage
from ccsim.inputs.workforce import Group
from ccsim.units import shown

_KINDS = {"absence": "absence", "leave": "planned"}


def warn_of_bearing(
    horizon: Horizon,
    calls: Mapping[str, CallType],
    staff: Mapping[str, Group],
    shrinkage: Mapping[str, Shrinkage],
    contingent: Mapping[str, Pool],
    events: Mapping[str, Event],
    warnings: list[str],
) -> None:
    """Add a sentence for each factor of an event that changes nothing, for want of people, of a category, of a pool or of calls.

    Events that never happen, and those outside the opening hours, have been told of before.
    """
    for event in events.values():
        if not event.spans or event.chance == 0.0:
            continue
        name = f"`events.{event.name}"
        for key, kind in _KINDS.items():
            if getattr(event, key) != 1.0 and (why := _no_odds(event, kind, horizon, staff, shrinkage)):
                warnings.append(f"{name}.{key}` changes nothing: {why}")
        if event.accept != 1.0 and (why := _no_pool(event, horizon, contingent)):
            warnings.append(f"{name}.accept` changes nothing: {why}")
        open_then = any(_meet(event, open_, close) for _, open_, close in horizon.spans)
        if event.volume != 1.0 and open_then and not any(_comes(event, call, horizon) for call in calls.values()):
            of = f" of {listed(map(shown, event.types))}" if event.types else ""
            warnings.append(f"{name}.volume` changes nothing: no calls{of} are expected in that time")


def _no_odds(event: Event, kind: str, horizon: Horizon, staff: Mapping[str, Group], shrinkage: Mapping[str, Shrinkage]) -> str:
    """Why an event's odds of absence or leave are nobody's; empty where they are somebody's."""
    groups = [group for group in staff.values() if group.people and event.concerns(group.name)]
    about = f" of {listed(shown(name) for name in event.groups)}" if event.groups else ""
    if not groups:
        return f"there are no people{about} on shifts, to whom shrinkage applies"
    struck = [group for group in groups if any(one.kind == kind and one.share and one.applies_to(group) for one in shrinkage.values())]
    if not struck:
        return f"no category of the kind {kind} applies to the people{about}; add one under `shrinkage`, or leave it out"
    if not any(_meet(event, start, end) for group in struck for _, spans in group.shifts_on_path(horizon) for start, end in spans):
        return f"no shift{f' of {listed(shown(group.name) for group in struck)}'} meets the event; move it, or leave it out"
    return ""


def _no_pool(event: Event, horizon: Horizon, contingent: Mapping[str, Pool]) -> str:
    """Why nobody's answer to a call-up is touched; empty where somebody's is."""
    pools = [pool for pool in contingent.values() if event.pools is None or pool.name in event.pools]
    if not pools:
        return "there is no pool under `contingent`; add one, or leave it out"
    days = [day for day in range(-1, horizon.days) if horizon.is_open(day)]
    if any(_meet(event, horizon.at(day, start), horizon.at(day, end)) for pool in pools for start, end in pool.spans for day in days):
        return ""
    return f"`available` of {listed(shown(pool.name) for pool in pools)} does not meet the event; move it, or leave it out"


def _meet(event: Event, start: float, end: float) -> bool:
    """Whether the event may be on at some time from `start` to `end`."""
    return any(begin < end and start < over for _, begin, over in event.spans)


def _comes(event: Event, call: CallType, horizon: Horizon) -> bool:
    """Whether first calls of a type that the event is about are expected while it may be on."""
    if not event.touches(call.name):
        return False
    rows = zip(horizon.interval_start.tolist(), horizon.interval_end.tolist(), call.volume.tolist(), strict=True)
    return any(volume > 0.0 and _meet(event, start, end) for start, end, volume in rows)
