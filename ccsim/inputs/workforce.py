"""Groups of agents: people on shifts or on a published roster, or positions by interval, and the call types they take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from pydantic import Field

from ccsim.inputs.demand import read_series
from ccsim.inputs.distributions import Distribution, build_distribution
from ccsim.inputs.faults import Fault, Path, listed, nearest
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Frozen, Ints, ints
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import GroupKeys
from ccsim.inputs.roster import Roster, build_roster
from ccsim.inputs.shifts import Break, DaysOff, Spans, build_breaks, build_days_off, build_shift
from ccsim.units import DAY, WEEK, format_duration, shown

Takes = tuple[tuple[str, ...], ...]
MOST_PIECES = 400  # gaps, or pieces of in-shift time, that a shift is cut into at most
# keys that concern people, whom positions are not
_OF_PEOPLE = ("shift", "days", "days_off", "breaks", "handle_time_spread", "learning", "adherence", "gap", "break_overrun")


class Learning(Frozen):
    """How long people take who are still learning: a factor that falls in a straight line with their service, to 1."""

    first: float  # factor of a beginner
    over: float  # s of service after which it is 1
    service: float  # s, on the first day of the path

    def factor(self, day: int) -> float:
        """The factor on a day of the path; service goes on on days off."""
        served = min(1.0, max(0.0, self.service + day * DAY) / self.over)
        return self.first + (1.0 - self.first) * served


class Group(Frozen):
    """One group of agents: `people` on shifts or on a published `roster`, or `positions` on duty by interval.

    Exactly one of `people` and `positions` is set; where there is a `roster` it says who works when, and `shift` and `breaks` are empty.
    """

    name: str
    people: int | None
    positions: Ints | None  # [I]
    shift: Spans  # seconds after the midnight of its day, past 86400 on the day after; empty for positions
    days: tuple[int, ...] | None  # weekdays on which the shift begins, Monday 0; None: every open day
    breaks: tuple[Break, ...]
    takes: Takes  # call types, the group's own preference first; those of an inner tuple are equal
    pick: Literal["preference", "longest-waiting"]
    handle_time_factor: float  # 1 where there are `type_factors`
    type_factors: dict[str, float] = Field(default_factory=dict)  # factors on the handle times of some call types
    handle_time_spread: float = 0.0  # cv of people's own factors
    learning: Learning | None = None
    adherence: float = 1.0
    gap: float = 300.0  # s
    break_overrun: Distribution | None = None
    weekdays: tuple[int, ...] = ()  # weekdays on which anyone of the group may work, on whatever path
    days_off: DaysOff | None = None
    roster: Roster | None = None

    @property
    def types(self) -> tuple[str, ...]:
        """Names of the call types taken, in order of preference."""
        return tuple(name for equal in self.takes for name in equal)

    def factor_for(self, call_type: str) -> float:
        """Factor on the handle times of one call type, besides `handle_time_factor`."""
        return self.type_factors.get(call_type, 1.0)

    def working(self, day: int, horizon: Horizon) -> tuple[int, ...]:
        """Numbers of the people whose shift begins on a day of the path, or on day -1, the eve; not for a published roster."""
        if not self.works_on(day, horizon):
            return ()
        everyone = range(self.people or 0)
        if self.days_off is None:
            return tuple(everyone)
        date = horizon.day_date(day)
        return tuple(person for person in everyone if self.days_off.works(person, date))

    def works_on(self, day: int, horizon: Horizon) -> bool:
        """Whether the shift of these people begins on a day of the path, or on day -1, the eve, when only what passes midnight counts.

        On a day when the centre is closed it does only if `days` names the weekday and the shift runs into the next opening.
        """
        if self.people is None or (self.days is not None and horizon.weekday(day) not in self.days):
            return False
        if horizon.is_open(day):
            return True
        end = horizon.at(day, self.shift[-1][1])
        return self.days is not None and any(opened == day + 1 and end > start for opened, start, _ in horizon.spans)

    def shifts_on_path(self, horizon: Horizon) -> list[tuple[int, Spans]]:
        """Day and spans, in seconds of the path, of every shift of these people that meets the path, from the eve's on.

        Of a published roster every different one.
        """
        if self.roster is not None:
            return sorted({(shift.day, shift.parts) for shift in self.roster.shifts if shift.away is None})
        found = []
        for day in range(-1, horizon.days):
            if self.working(day, horizon) and (day >= 0 or self.shift[-1][1] > DAY):
                found.append((day, self.spans_on(day, horizon)))
        return found

    def spans_on(self, day: int, horizon: Horizon) -> Spans:
        """The parts of the shift that begins on a day, in seconds of the path; not for a published roster."""
        return tuple((horizon.at(day, start), horizon.at(day, end)) for start, end in self.shift)

    def weight(self, weekday: int) -> float:
        """How many of the group's shifts begin on a weekday, against other weekdays."""
        if self.roster is not None:
            return float(self.roster.by_weekday[weekday])
        return float(weekday in self.weekdays)


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


def build_group(
    name: str,
    keys: GroupKeys,
    horizon: Horizon,
    folder: Folder,
    types: Sequence[str],
    warnings: list[str],
    categories: Collection[str] = (),
) -> Group:
    """The group that a file gives under `staff`; `categories` are the names of its shrinkage."""
    path: Path = ("staff", name)
    takes = build_takes(keys.takes, (*path, "takes"), types)
    common = {"name": name, "takes": takes, "pick": keys.pick, **_factors(keys, takes, types, path)}
    if keys.roster is not None:
        return _published(keys, path, horizon, folder, categories, common, warnings)
    if keys.agents is None:
        raise Fault((*path, "agents"), "this key is missing and has no default; add it, or give a published `roster`")
    if not isinstance(keys.agents, int):
        return _positions(keys, path, horizon, folder, common, warnings)
    spans = keys.shift if keys.shift is not None else (default_hours(horizon, path, "shift"),)
    shift = build_shift(spans, (*path, "shift"))
    breaks = build_breaks(keys.breaks, shift, (*path, "breaks"))
    weekdays = keys.days if keys.days is not None else tuple(day for day in range(7) if horizon.week[day])
    group = Group(
        people=keys.agents,
        positions=None,
        shift=shift,
        days=keys.days,
        breaks=breaks,
        weekdays=weekdays,
        days_off=None if keys.days_off is None else build_days_off(keys.days_off, weekdays, (*path, "days_off")),
        **_of_people(keys, path, horizon, folder, sum(end - start for start, end in shift)),
        **common,
    )
    _warn(group, horizon, warnings)
    return group


def _factors(keys: GroupKeys, takes: Takes, types: Sequence[str], path: Path) -> dict[str, object]:
    """The factor on handle times, or those by call type."""
    told = keys.handle_time_factor
    if not isinstance(told, dict):
        return {"handle_time_factor": told}
    taken = [name for equal in takes for name in equal]
    for name in told:
        if name not in types:
            near = nearest(name, types)
            hint = f"did you mean {shown(near)}?" if near else f"the call types are {listed(types)}"
            raise Fault((*path, "handle_time_factor", name), f"there is no call type {shown(name)}; {hint}")
        if name not in taken:
            raise Fault((*path, "handle_time_factor", name), f"this group does not take {shown(name)}; it takes {listed(taken)}")
    return {"handle_time_factor": 1.0, "type_factors": told}


def _positions(keys: GroupKeys, path: Path, horizon: Horizon, folder: Folder, common: dict[str, object], warnings: list[str]) -> Group:
    """A group given as positions on duty by interval."""
    for key in _OF_PEOPLE:
        if key in keys.model_fields_set:
            raise Fault(
                (*path, key),
                f"`agents` gives positions on duty by interval, "
                f"which have no {key}; leave `{key}` out, or give `agents` one number of people",
            )
    assert keys.agents is not None
    assert not isinstance(keys.agents, int)
    series = read_series(keys.agents, (*path, "agents"), horizon, folder)
    if (series != series.round()).any() or series.max() > 1_000_000:
        odd = next(number for number in series if number != round(number) or number > 1_000_000)
        raise Fault((*path, "agents"), f"found {odd:g}, where a whole number up to 1,000,000 belongs")
    if not series.any():
        warnings.append(f"`staff.{path[-1]}.agents`: there are no positions in any interval")
    return Group(people=None, positions=ints(series.astype(int)), shift=(), days=None, breaks=(), **common)


def _published(
    keys: GroupKeys,
    path: Path,
    horizon: Horizon,
    folder: Folder,
    categories: Collection[str],
    common: dict[str, object],
    warnings: list[str],
) -> Group:
    """A group whose roster is in a file."""
    for key in ("agents", "shift", "days", "days_off", "breaks"):
        if key in keys.model_fields_set:
            raise Fault((*path, key), f"`roster` says who works when; leave `{key}` out")
    assert keys.roster is not None
    roster = build_roster(keys.roster, str(path[-1]), (*path, "roster"), horizon, folder, categories)
    if not roster.shifts:
        last = horizon.day_date(horizon.days - 1)
        warnings.append(
            f"`staff.{path[-1]}.roster`: no shift of {keys.roster.file} lies on the path, {horizon.date} to {last}; "
            f"it runs from {roster.first} to {roster.last}"
        )
    longest = max((sum(end - start for start, end in shift.parts) for shift in roster.shifts), default=0.0)
    return Group(
        people=len(roster.agents),
        positions=None,
        shift=(),
        days=None,
        breaks=(),
        weekdays=tuple(day for day in range(7) if roster.by_weekday[day]),
        roster=roster,
        **_of_people(keys, path, horizon, folder, longest),
        **common,
    )


def _of_people(keys: GroupKeys, path: Path, horizon: Horizon, folder: Folder, longest: float) -> dict[str, object]:
    """What a group of people has besides shifts; `longest` is its longest shift [s]."""
    if "gap" in keys.model_fields_set and keys.adherence == 1.0:
        raise Fault((*path, "gap"), "`gap` is the length of the gaps that `adherence` leaves; add `adherence`, or leave it out")
    if (1.0 - keys.adherence) * longest / keys.gap > MOST_PIECES:
        raise Fault(
            (*path, "gap"), f"gaps of {format_duration(keys.gap)} would cut a shift into more than {MOST_PIECES} pieces; make them longer"
        )
    overrun = keys.break_overrun
    if overrun is not None and not keys.breaks and keys.roster is None:
        raise Fault((*path, "break_overrun"), "there are no `breaks` that could run over; add them, or leave it out")
    learning = keys.learning
    return {
        "handle_time_spread": keys.handle_time_spread,
        "learning": None if learning is None else Learning(first=learning.first_week, over=learning.weeks * WEEK, service=learning.service),
        "adherence": keys.adherence,
        "gap": keys.gap,
        "break_overrun": None if overrun is None else one_law(overrun, (*path, "break_overrun"), horizon, folder),
    }


def one_law(told: object, path: Path, horizon: Horizon, folder: Folder) -> Distribution:
    """A law of durations, exponential unless told, with one mean whatever the interval."""
    law = build_distribution(told, path, "exponential", horizon, folder, zero=True)  # type: ignore[arg-type]
    if not isinstance(law.mean, float):
        raise Fault((*path, "mean"), "this has one mean for all intervals; give one duration")
    return law


def _warn(group: Group, horizon: Horizon, warnings: list[str]) -> None:
    """Say what is fine to write but cannot work."""
    if group.people == 0:
        warnings.append(f"`staff.{group.name}.agents` is 0: this group is nobody")
        return
    if not any(day >= 0 for day, _ in group.shifts_on_path(horizon)):
        warnings.append(f"`staff.{group.name}`: no shift of this group begins on an open day of the path")
