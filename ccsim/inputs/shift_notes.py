"""Shifts and breaks that are fine to write but cannot do what they seem to: a sentence for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ccsim.inputs.call_types import CallType
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.shifts import begin_with_shift
from ccsim.inputs.workforce import Group
from ccsim.units import DAY, format_clock, format_duration, format_span


def warn_of_shifts(horizon: Horizon, calls: Mapping[str, CallType], staff: Mapping[str, Group], warnings: list[str]) -> None:
    """Add a sentence for each shift that takes no calls, for hours that clocks leave out, and for breaks that nobody notices."""
    for group in staff.values():
        if group.people and group.roster is None:
            warnings += [*_outside(group, horizon, calls), *_left_out_by_clocks(group, horizon), *_breaks(group)]


def _outside(group: Group, horizon: Horizon, calls: Mapping[str, CallType]) -> Iterator[str]:
    shifts = [span for _, spans in group.shifts_on_path(horizon) for span in spans]
    if not shifts or any(start < close and open_ < end for start, end in shifts for _, open_, close in horizon.spans):
        return
    work = [name for name in group.types if calls[name].channel == "work"]
    rest = f", only work ({', '.join(work)}); hours scheduled, on duty and occupancy are those of the open hours, without them"
    yield f"`staff.{group.name}.shift` lies outside the opening hours: these people take no calls{rest if work else ''}"


def _left_out_by_clocks(group: Group, horizon: Horizon) -> Iterator[str]:
    if horizon.timezone is None:
        return
    for day, spans in group.shifts_on_path(horizon):
        for (begin, finish), (start, end) in zip(group.shift, spans, strict=True):
            if end <= start and day >= 0:
                hours = format_span(begin % DAY, begin % DAY + finish - begin)
                yield (
                    f"`staff.{group.name}.shift`: in {horizon.timezone} clocks go forward over {hours} on {horizon.day_date(day)}, "
                    f"and nothing is left of {'the shift' if len(spans) == 1 else 'that part of the shift'} on that day"
                )


def _breaks(group: Group) -> Iterator[str]:
    people = group.people or 0
    on_shift = sum(end - start for start, end in group.shift)
    if sum(rest.length for rest in group.breaks) >= on_shift:
        yield f"`staff.{group.name}.breaks` fill the whole shift of {format_duration(on_shift)}: these people are never on duty"
        return
    if group.break_overrun is None:
        return
    # where all of them go at once; of a window only the first person's may begin with the shift
    for number in sorted(begin_with_shift(group.breaks, group.shift, people - 1, people)):
        at = format_clock(group.breaks[number].start(group.shift, 0, people) % DAY)
        yield (
            f"`staff.{group.name}.breaks`: the break at {at} comes before anyone has logged in, so `break_overrun` does not lengthen it; "
            "give `kind: late` under `shrinkage` if people come later"
        )
