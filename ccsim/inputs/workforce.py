"""Groups of agents: people on shifts, or positions by interval, and the call types they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ccsim.inputs.demand import read_series
from ccsim.inputs.faults import Fault, Path, listed, nearest
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Frozen, Ints, ints
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import GroupKeys
from ccsim.inputs.shifts import Break, Spans, build_breaks, build_shift
from ccsim.units import DAY, shown

Takes = tuple[tuple[str, ...], ...]


class Group(Frozen):
    """One group of agents: `people` on a roster with a `shift`, or `positions` on duty by interval; exactly one of the two is set."""

    name: str
    people: int | None
    positions: Ints | None  # [I]
    shift: Spans  # seconds after the midnight of its day, past 86400 on the day after; empty for positions
    days: tuple[int, ...] | None  # weekdays on which the shift begins, Monday 0; None: every open day
    breaks: tuple[Break, ...]
    takes: Takes  # call types, the group's own preference first; those of an inner tuple are equal
    pick: Literal["preference", "longest-waiting"]
    handle_time_factor: float

    @property
    def types(self) -> tuple[str, ...]:
        """Names of the call types taken, in order of preference."""
        return tuple(name for equal in self.takes for name in equal)

    def works_on(self, day: int, horizon: Horizon) -> bool:
        """Whether the shift of these people begins on a day of the path, or on day -1, the eve, when only what passes midnight counts.

        On a day when the centre is closed it does only if `days` names the weekday and the shift runs into the next opening.
        """
        if self.people is None or (self.days is not None and horizon.weekday(day) not in self.days):
            return False
        if horizon.is_open(day):
            return True
        end = self.shift[-1][1] + day * DAY
        return self.days is not None and any(opened == day + 1 and end > start for opened, start, _ in horizon.spans)

    def shifts_on_path(self, horizon: Horizon) -> list[tuple[int, Spans]]:
        """Day and spans, in seconds of the path, of every shift of these people that meets the path, from the eve's on."""
        found = []
        for day in range(-1, horizon.days):
            if self.works_on(day, horizon) and (day >= 0 or self.shift[-1][1] > DAY):
                found.append((day, tuple((start + day * DAY, end + day * DAY) for start, end in self.shift)))
        return found


def build_takes(told: Takes | None, path: Path, types: Sequence[str]) -> Takes:
    """Call types in order of preference; left out, all in file order. Raises `Fault` for a type that the file does not have."""
    if told is None:
        return tuple((name,) for name in types)
    for place, equal in enumerate(told):
        for name in equal:
            if name not in types:
                near = nearest(name, types)
                hint = f"did you mean {shown(near)}?" if near else f"the call types are {listed(types)}"
                raise Fault((*path, place), f"there is no call type {shown(name)}; {hint}")
    return told


def default_hours(horizon: Horizon, path: Path, key: str) -> tuple[float, float]:
    """The opening hours, standing in for a span left out. Raises `Fault` where days differ, since it is then unclear."""
    hours = horizon.same_hours()
    if hours is None:
        raise Fault(path, f"`{key}` is left out, and the opening hours differ from day to day; give `{key}`, such as `{key}: 08:00-16:00`")
    return hours


def build_group(name: str, keys: GroupKeys, horizon: Horizon, folder: Folder, types: Sequence[str], warnings: list[str]) -> Group:
    """The group that a file gives under `staff`."""
    path: Path = ("staff", name)
    takes = build_takes(keys.takes, (*path, "takes"), types)
    if not isinstance(keys.agents, int):
        for key in ("shift", "days", "breaks"):
            if getattr(keys, key):
                raise Fault(
                    (*path, key),
                    f"`agents` gives positions on duty by interval, "
                    f"which have no {key}; leave `{key}` out, or give `agents` one number of people",
                )
        series = read_series(keys.agents, (*path, "agents"), horizon, folder)
        if (series != series.round()).any() or series.max() > 1_000_000:
            odd = next(number for number in series if number != round(number) or number > 1_000_000)
            raise Fault((*path, "agents"), f"found {odd:g}, where a whole number up to 1,000,000 belongs")
        if not series.any():
            warnings.append(f"`staff.{name}.agents`: there are no positions in any interval")
        return _group(name, keys, takes, None, ints(series.astype(int)), (), ())
    spans = keys.shift if keys.shift is not None else (default_hours(horizon, path, "shift"),)
    shift = build_shift(spans, (*path, "shift"))
    breaks = build_breaks(keys.breaks, shift, (*path, "breaks"))
    group = _group(name, keys, takes, keys.agents, None, shift, breaks)
    _warn(group, horizon, warnings)
    return group


def _group(
    name: str, keys: GroupKeys, takes: Takes, people: int | None, positions: Ints | None, shift: Spans, breaks: tuple[Break, ...]
) -> Group:
    return Group(
        name=name,
        people=people,
        positions=positions,
        shift=shift,
        days=keys.days,
        breaks=breaks,
        takes=takes,
        pick=keys.pick,
        handle_time_factor=keys.handle_time_factor,
    )


def _warn(group: Group, horizon: Horizon, warnings: list[str]) -> None:
    """Say what is fine to write but cannot work."""
    if group.people == 0:
        warnings.append(f"`staff.{group.name}.agents` is 0: this group is nobody")
        return
    shifts = group.shifts_on_path(horizon)
    if not any(day >= 0 for day, _ in shifts):
        warnings.append(f"`staff.{group.name}`: no shift of this group begins on an open day of the path")
    meets = any(start < close and open_ < end for _, spans in shifts for start, end in spans for _, open_, close in horizon.spans)
    if shifts and not meets:
        warnings.append(f"`staff.{group.name}.shift` lies outside the opening hours: these people take no calls")
