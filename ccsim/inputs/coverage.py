"""Times at which calls arrive and nobody is there who takes them, and contacts that nobody can ever take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ccsim.inputs.call_types import CallType
from ccsim.inputs.contingent import Pool
from ccsim.inputs.events import Event
from ccsim.inputs.frozen import Floats
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.workforce import Group
from ccsim.units import DAY, format_clock

Span = tuple[float, float]
_SHOWN = 4  # gaps named in one sentence
_TYPES = 6  # types named before one


def warn_of_gaps(
    horizon: Horizon, calls: Mapping[str, CallType], staff: Mapping[str, Group], contingent: Mapping[str, Pool], warnings: list[str]
) -> None:
    """Add a sentence for call types with volume at times when nobody who takes them is on duty, and for those that nobody takes.

    Types of which the same is to be said share a sentence.

    Shrinkage and whether contingents are called are left out of account: the gaps are those that no luck can close. Calls passed on come
    when the type that they come of has calls. Work may wait: of it only what nobody can ever take is named.
    """
    told: dict[str, list[str]] = {}  # names of types by what is to be said of them
    for call_type in calls.values():
        coming = _coming(call_type, calls)
        if not coming.any():
            continue
        covered: list[Span] = []
        for group in staff.values():
            if call_type.name in group.types:
                covered += _group_spans(group, horizon)
        for pool in contingent.values():
            if call_type.name in pool.types and pool.agents > 0 and pool.ever_accepts and not pool.never_asks:
                covered += [
                    (horizon.at(day, start), horizon.at(day, end))
                    for start, end in pool.spans
                    for day in range(-1, horizon.days)
                    if horizon.is_open(day)
                ]
        busy = _busy(horizon, coming)
        gaps = _without(_merged(busy), _merged(covered))
        if not covered:
            takers: list[Group | Pool] = [*staff.values(), *contingent.values()]
            would = any(call_type.name in taker.types for taker in takers)
            advice = "those who would are never on duty" if would else "add the type to the `takes` of a group"
            passed = "" if call_type.volume.any() else ", which other types pass on"
            what = "takes up this work" if call_type.channel == "work" else "takes these calls"
            told.setdefault(f"nobody ever {what}{passed}; {advice}", []).append(call_type.name)
        elif call_type.channel == "work":
            _warn_of_reserve(call_type, calls, staff, contingent, warnings)
        elif gaps:
            told.setdefault(f"calls arrive while nobody who takes them is on duty, {_named(horizon, gaps)}", []).append(call_type.name)
    for sentence, names in told.items():
        types = [f"`calls.{name}`" for name in names[:_TYPES]]
        more = f" and {len(names) - _TYPES} more types" if len(names) > _TYPES else ""
        warnings.append(f"{', '.join(types)}{more}: {sentence}")


def _named(horizon: Horizon, gaps: list[Span]) -> str:
    """Gaps in words, those at the same hours of several days as one."""
    by_clock: dict[tuple[str, str], list[float]] = {}
    for start, end in gaps:
        hours = (format_clock(horizon.clock(start)), format_clock(horizon.clock(end) or DAY))
        by_clock.setdefault(hours, []).append(start)
    named = [
        f"{horizon.moment(starts[0])} to {until}"
        + (f" and at these hours of {len(starts) - 1} more day{'s' * (len(starts) > 2)}" if len(starts) > 1 else "")
        for (_, until), starts in by_clock.items()
    ]
    left = sum(len(starts) for starts in list(by_clock.values())[_SHOWN:])
    return ", ".join(named[:_SHOWN]) + (f" and {left} more time{'s' * (left > 1)}" if left else "")


def warn_of_outages(horizon: Horizon, calls: Mapping[str, CallType], events: Mapping[str, Event], warnings: list[str]) -> None:
    """Add a sentence for each call type that is out of service whenever it has calls."""
    for call_type in calls.values():
        outages = [event for event in events.values() if event.serve == "none" and event.chance == 1.0 and event.touches(call_type.name)]
        busy = _busy(horizon, _coming(call_type, calls))
        if outages and busy and not _without(_merged(busy), _merged((start, end) for event in outages for _, start, end in event.spans)):
            warnings.append(f"`events.{outages[0].name}`: nobody is served in all the time in which calls of {call_type.name!r} arrive")


def _coming(call_type: CallType, calls: Mapping[str, CallType]) -> Floats:
    """Calls expected in each interval, those counted that other types pass on directly. [I]"""
    found = call_type.volume
    for other in calls.values():
        if other.name != call_type.name:
            found = found + other.transfer.get(call_type.name, 0.0) * other.volume
    return found


def _busy(horizon: Horizon, coming: Floats) -> list[Span]:
    rows = zip(horizon.interval_start, horizon.interval_end, coming, strict=True)
    return [(float(start), float(end)) for start, end, volume in rows if volume > 0]


def _warn_of_reserve(
    work: CallType, calls: Mapping[str, CallType], staff: Mapping[str, Group], contingent: Mapping[str, Pool], warnings: list[str]
) -> None:
    """Say where so many agents are to be left over that nobody ever takes up the work."""
    if work.reserve == 0:
        return
    callers = {name for name, call in calls.items() if call.channel != "work"}
    takers: list[Group | Pool] = [*staff.values(), *contingent.values()]
    for one in takers:
        if work.name in one.types:
            if not callers & set(one.types):
                return  # who answers no callers needs no reserve
            together = sum(_heads(other) for other in takers if callers & set(one.types) & set(other.types))
            if together - 1 >= work.reserve:
                return
    warnings.append(
        f"`calls.{work.name}.reserve` is {work.reserve}: so many are never idle besides an agent who takes it, "
        "among those who take callers of the same types, so nobody ever takes up this work"
    )


def _heads(taker: Group | Pool) -> int:
    """Most agents that a group or pool can have on duty."""
    if isinstance(taker, Pool):
        return taker.agents
    return int(np.max(taker.positions, initial=0)) if taker.positions is not None else taker.people or 0


def _group_spans(group: Group, horizon: Horizon) -> list[Span]:
    if group.positions is not None:
        rows = zip(horizon.interval_start, horizon.interval_end, group.positions, strict=True)
        return [(float(start), float(end)) for start, end, positions in rows if positions > 0]
    if not group.people:
        return []
    shifts = group.shifts_on_path(horizon)
    spans = [span for _, spans in shifts for span in spans]
    return _without(_merged(spans), _merged(_all_away(group, horizon, [day for day, _ in shifts])))


def _all_away(group: Group, horizon: Horizon, days: Iterable[int]) -> list[Span]:
    """When a whole group is on one break: from the last one's going to the first one's coming back."""
    assert group.people is not None
    away = []
    for rest in group.breaks:
        first, last = (rest.start(group.shift, person, group.people) for person in (0, group.people - 1))
        if last < first + rest.length:
            away += [(horizon.at(day, last), horizon.at(day, first) + rest.length) for day in days]
    return away


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that touch or overlap made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _without(spans: list[Span], covered: list[Span]) -> list[Span]:
    """What is left of `spans` when `covered` is taken away; both merged."""
    left: list[Span] = []
    place = 0
    for start, end in spans:
        while place < len(covered) and covered[place][1] <= start:
            place += 1
        scan = place
        while scan < len(covered) and covered[scan][0] < end:
            if covered[scan][0] > start:
                left.append((start, covered[scan][0]))
            start = max(start, covered[scan][1])
            scan += 1
        if start < end:
            left.append((start, end))
    return left
