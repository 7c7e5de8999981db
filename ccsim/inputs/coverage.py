"""Times at which calls arrive and nobody is there who takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ccsim.inputs.call_types import CallType
from ccsim.inputs.contingent import Pool
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.workforce import Group
from ccsim.units import DAY, format_clock

Span = tuple[float, float]
_SHOWN = 4  # gaps named in one sentence


def warn_of_gaps(
    horizon: Horizon, calls: Mapping[str, CallType], staff: Mapping[str, Group], contingent: Mapping[str, Pool], warnings: list[str]
) -> None:
    """Add a sentence for each call type with volume at times when nobody who takes it is on duty, and for each that nobody takes.

    Shrinkage and whether contingents are called are left out of account: the gaps are those that no luck can close.
    """
    for call_type in calls.values():
        if not call_type.volume.any():
            continue
        covered: list[Span] = []
        for group in staff.values():
            if call_type.name in group.types:
                covered += _group_spans(group, horizon)
        for pool in contingent.values():
            if call_type.name in pool.types and pool.agents > 0 and pool.accept > 0:
                covered += [
                    (pool.available[0] + day * DAY, pool.available[1] + day * DAY)
                    for day in range(-1, horizon.days)
                    if horizon.is_open(day)
                ]
        busy = [
            (float(start), float(end))
            for start, end, volume in zip(horizon.interval_start, horizon.interval_end, call_type.volume, strict=True)
            if volume > 0
        ]
        gaps = _without(_merged(busy), _merged(covered))
        if not covered:
            takers: list[Group | Pool] = [*staff.values(), *contingent.values()]
            told = any(call_type.name in taker.types for taker in takers)
            advice = "those who would are never on duty" if told else "add the type to the `takes` of a group"
            warnings.append(f"`calls.{call_type.name}`: nobody ever takes these calls; {advice}")
        elif gaps:
            named = ", ".join(f"{horizon.moment(start)} to {format_clock(end % DAY or DAY)}" for start, end in gaps[:_SHOWN])
            more = f" and {len(gaps) - _SHOWN} more times" if len(gaps) > _SHOWN else ""
            warnings.append(f"`calls.{call_type.name}`: calls arrive while nobody who takes them is on duty, {named}{more}")


def _group_spans(group: Group, horizon: Horizon) -> list[Span]:
    if group.positions is not None:
        rows = zip(horizon.interval_start, horizon.interval_end, group.positions, strict=True)
        return [(float(start), float(end)) for start, end, positions in rows if positions > 0]
    if not group.people:
        return []
    shifts = group.shifts_on_path(horizon)
    spans = [span for _, spans in shifts for span in spans]
    return _without(_merged(spans), _merged(_all_away(group, [day for day, _ in shifts])))


def _all_away(group: Group, days: Iterable[int]) -> list[Span]:
    """When a whole group is on one break: from the last one's going to the first one's coming back."""
    assert group.people is not None
    away = []
    for rest in group.breaks:
        first, last = (rest.start(group.shift, person, group.people) for person in (0, group.people - 1))
        if last < first + rest.length:
            away += [(last + day * DAY, first + rest.length + day * DAY) for day in days]
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
