"""All that records say, put together: `fit(read_calls("calls.csv"))`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.attendance import NO_WORD, People, fit_people
from ccsim.fitting.by_interval import BySlot, slots_of_counts
from ccsim.fitting.demand import Demand, fit_demand
from ccsim.fitting.estimate import Estimate
from ccsim.fitting.grid import Days, grid
from ccsim.fitting.handle_time import HandleTime, fit_handle_time
from ccsim.fitting.later_calls import LaterCalls, fit_redials, fit_repeats
from ccsim.fitting.patience import Patience, fit_patience
from ccsim.fitting.pauses import Pauses, fit_pauses
from ccsim.fitting.problems import Problems
from ccsim.fitting.quality import quality
from ccsim.fitting.records import CallRecords, IntervalCounts
from ccsim.fitting.skills import Skills, fit_skills
from ccsim.fitting.staff_inferred import inferred_duty, on_duty
from ccsim.notebook import range_of, shown_in_html, with_unit

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.people import PeopleLog

MOSTLY: Final = 0.5  # share of shifts from which an absence is doubtful
INTERVAL: Final = 1800.0  # s; shorter intervals of counts are taken together
Grid = np.ndarray[Any, np.dtype[np.float64]]
FEW: Final = 30  # calls or hang-ups of a type, below which those of all types together speak for it


@dataclass(frozen=True)
class TypeFit:
    """Estimates of one call type; None where the records do not say."""

    name: str
    calls: int
    demand: Demand
    handle_time: HandleTime | None
    handle_time_pooled: bool  # those of all types together
    patience: Patience | None
    patience_pooled: bool
    redials: LaterCalls | None
    repeats: LaterCalls | None
    counted: dict[str, float]  # aht, mean_wait, abandoned_fraction of counts by interval, nan where not known
    counted_slots: BySlot | None  # handle time by interval, of counts

    @property
    def by_interval(self) -> BySlot | None:
        """Handle time by interval of the day, where it is seen to differ."""
        found = self.handle_time.slots if self.handle_time is not None else self.counted_slots
        return found if found is not None and found.differs else None


@dataclass(frozen=True)
class Fit:
    """What the records say, type by type and of the people."""

    source: CallRecords | IntervalCounts
    days: Days
    types: dict[str, TypeFit]
    people: People | None  # of an attendance log, else of a roster
    people_from: str  # name of its file, or empty
    duty: pd.DataFrame | None  # stretches on duty: as published, or inferred from service records
    duty_inferred: bool
    agents: Grid | None  # [7, S] mean on duty on the usual days of a weekday
    quality: dict[str, Any]
    descriptive: dict[str, float]
    announcement: float  # s
    pauses: Pauses | None = None  # after calls, of which the records have no column; None where they do not say
    skills: Skills = field(default_factory=lambda: Skills((), {}))  # who takes what, read off calls answered
    by_skill: dict[tuple[str, ...], Grid] = field(default_factory=dict)  # [7, S] mean on duty, of those who take these types alone
    people_problems: dict[str, Problems] = field(default_factory=dict)  # faults in rows of a roster and of a log of attendance, by file

    def _repr_html_(self) -> str:
        """As a notebook shows it: the main estimates of each call type."""
        rows = []
        for one in self.types.values():
            told: dict[str, Estimate | None] = {"calls a day": one.demand.volume, "busyness of the day, cv": one.demand.busyness_day}
            if one.handle_time is not None:
                told |= {"handle time, mean": one.handle_time.mean, "its cv": one.handle_time.cv}
            if one.patience is not None:
                told |= {"patience, mean": one.patience.mean}
            if one.redials is not None:
                told |= {"redials, chance": one.redials.chance}
            rows += [
                [one.name, what, with_unit(found.value, found.unit), range_of(found.low, found.high, found.unit)]
                for what, found in told.items()
                if found is not None
            ]
        return shown_in_html(self.source.name, [], ["call type", "estimate", "value", "95 % interval"], rows)


def fit(
    source: CallRecords | IntervalCounts,
    staff: PeopleLog | None = None,
    attendance: PeopleLog | None = None,
    announcement: float = 0.0,
) -> Fit:
    """What the records say.

    `staff` is a published roster, `attendance` a log of who came; `announcement` [s] plays from the arrival before an agent can be offered.
    """
    counts = source.counts if isinstance(source, CallRecords) else source
    days = grid(counts, max(counts.interval, INTERVAL))
    frame = source.frame if isinstance(source, CallRecords) else None
    pooled_handle = pooled_patience = None
    if frame is not None:
        pooled_handle = fit_handle_time(frame, days.interval)
        pooled_patience = fit_patience(frame, announcement)
    types = {
        name: _type(name, place, counts, days, frame, pooled_handle, pooled_patience, announcement) for place, name in enumerate(days.types)
    }
    people, people_from = None, ""
    skills = fit_skills(frame, days.types) if frame is not None else Skills((), {})
    log = attendance or staff
    if log is not None:
        people, people_from = fit_people(log, skills), log.name
    beside: list[str] = []
    if people is not None and staff is not None and attendance is not None:
        people, beside = _beside(people, attendance.name, staff)
        people_from = f"{attendance.name} and {staff.name}"
    duty, inferred = (people.duty if people is not None and len(people.duty) else None), False
    if duty is None and log is not None:
        beside.append(f"nobody is on duty in {(staff or log).name}: who was there is taken from elsewhere, or not known")
    if duty is None and frame is not None and source_share(source) == 1.0:
        found = inferred_duty(frame)
        duty, inferred = (found, True) if len(found) else (None, False)
    if people is not None:
        beside += _mostly_away(people, people_from)
    outliers = len(pooled_handle.outliers) if pooled_handle is not None else 0
    checked = quality(source, days, outliers)
    checked["sentences"] += beside
    if log is not None:
        checked["sentences"] += _strangers(frame, log)
    for told in (staff, attendance):
        if told is not None:
            checked["sentences"] += [f"{told.name}: {sentence}" for sentence in told.problems.sentences()]
    return Fit(
        source=source,
        days=days,
        types=types,
        people=people,
        people_from=people_from,
        duty=duty,
        duty_inferred=inferred,
        agents=_agents(duty, days, inferred) if duty is not None else _counted_agents(counts, days),
        skills=skills,
        by_skill=_by_skill(duty, days, inferred, skills) if duty is not None else {},
        quality=checked,
        descriptive=describe(source) if isinstance(source, CallRecords) else {},
        announcement=announcement,
        people_problems={told.name: told.problems for told in (staff, attendance) if told is not None},
        pauses=fit_pauses(frame) if frame is not None and source_share(source) == 1.0 else None,
    )


def _mostly_away(people: People, log: str) -> list[str]:
    """A sentence on each absence that takes most shifts, as a column does that nobody filled in."""
    return [
        f"{log}: {name} takes {100 * one.share.value:.0f} % of {one.share.count:,} shifts"
        + ("; is the column of who came filled in?" if name == NO_WORD else "; are its codes what they are taken for?")
        for name, one in people.categories.items()
        if one.kind == "absence" and one.share.value >= MOSTLY
    ]


def _beside(people: People, log: str, staff: PeopleLog) -> tuple[People, list[str]]:
    """What an attendance log says, with what only the roster beside it knows; and a sentence on what was taken from which."""
    published = fit_people(staff)
    added = {
        name: one for name, one in published.categories.items() if one.kind in ("planned", "in-shift") and name not in people.categories
    }
    said = f"shifts, absence and lateness are those of {log}; time on the queue"
    said += f" and {', '.join(added)} are those of {staff.name}" if added else f" is that of {staff.name}"
    aside = [name for name in published.categories if name not in added]
    if aside:
        said += f", whose {', '.join(aside)} were set aside"
    return dataclasses.replace(people, categories=people.categories | added, duty=published.duty), [said]


def _strangers(frame: pd.DataFrame | None, log: PeopleLog) -> list[str]:
    """A sentence where nobody in a log of people answered a call under the same name, so that nothing tells what they take."""
    if frame is None or frame["call_type"].nunique() < 2 or not frame["agent"].notna().any():
        return []
    if set(log.frame["agent"].astype(str)) & set(frame["agent"].dropna().astype(str)):
        return []
    return [f"nobody in {log.name} answered a call under the same name: what they take is not known, and they are written as taking all"]


def source_share(source: CallRecords | IntervalCounts) -> float:
    """Share of the callers whose calls are held one by one."""
    return source.share if isinstance(source, CallRecords) else 1.0


def _type(
    name: str, place: int, counts: IntervalCounts, days: Days, frame: pd.DataFrame | None,
    pooled_handle: HandleTime | None, pooled_patience: Patience | None, announcement: float,
) -> TypeFit:  # fmt: skip
    handle = patience = redials = repeats = None
    counted = _on_usual_days(counts.frame[(counts.frame["call_type"] == name).to_numpy()], days)
    thin_handle = thin_patience = False
    if frame is not None:
        if len(days.types) == 1:  # all calls are its own
            handle, patience = pooled_handle, pooled_patience
        else:
            own = frame[(frame["call_type"] == name).to_numpy()]
            handle, patience = fit_handle_time(own, days.interval), fit_patience(own, announcement)
        several = len(days.types) > 1
        thin_handle = several and (handle is None or handle.mean.count < FEW)
        thin_patience = several and (patience is None or patience.hung_up < FEW)
        handle, patience = (pooled_handle if thin_handle else handle), (pooled_patience if thin_patience else patience)
        redials, repeats = fit_redials(frame, name), fit_repeats(frame, name)
    return TypeFit(
        name=name,
        calls=round(float(days.offered[place].sum())),
        demand=fit_demand(days, place),
        handle_time=handle,
        handle_time_pooled=thin_handle and handle is not None,
        patience=patience,
        patience_pooled=thin_patience and patience is not None,
        redials=redials,
        repeats=repeats,
        counted=_counted(counted),
        counted_slots=slots_of_counts(counted, days.interval) if frame is None else None,
    )


def _on_usual_days(own: pd.DataFrame, days: Days) -> pd.DataFrame:
    """Counts of the days that are used; all of them where a type has none on these."""
    place = (own["start"].to_numpy(dtype="datetime64[D]") - days.dates[0]).astype(np.int64)
    used = days.usual[place]
    return own[used] if used.any() else own


def _counted(own: pd.DataFrame) -> dict[str, float]:
    """Means over the intervals of a type, each weighted by its calls."""
    offered = own["offered"].to_numpy(dtype=float)
    lost = own["abandoned"].to_numpy(dtype=float)
    handled = np.where(np.isnan(own["handled"].to_numpy(dtype=float)), offered - np.nan_to_num(lost), own["handled"].to_numpy(dtype=float))
    found = {
        "aht": _weighted(own["aht"].to_numpy(dtype=float), handled),
        "mean_wait": _weighted(own["mean_wait"].to_numpy(dtype=float), offered),
    }
    for part in ("talk", "hold", "wrap"):
        found[part] = _weighted(own[part].to_numpy(dtype=float), handled)
    known = ~np.isnan(lost)
    found["abandoned_fraction"] = float(lost[known].sum() / offered[known].sum()) if known.any() and offered[known].sum() > 0 else np.nan
    return found


def _weighted(values: Any, weights: Any) -> float:
    used = ~np.isnan(values) & (weights > 0)
    return float((values[used] * weights[used]).sum() / weights[used].sum()) if used.any() else np.nan


def _agents(duty: pd.DataFrame, days: Days, inferred: bool, whose: Any = None) -> Grid:
    """[7, S] mean agents on duty; of a roster on the days that it covers, of inferred stretches on the usual days.

    whose: [N] which stretches count; all unless told.
    """
    grid_days = days
    if not inferred:
        first = duty["start"].to_numpy(dtype="datetime64[D]").min()
        last = duty["start"].to_numpy(dtype="datetime64[D]").max()
        dates = np.arange(first, last + 1).astype("datetime64[D]")
        weekday = (dates.astype("int64") + 3) % 7
        shape = (1, len(dates), days.offered.shape[2])
        grid_days = dataclasses.replace(days, dates=dates, weekday=weekday, offered=np.zeros(shape))
    used = days.usual if inferred else on_duty(duty, grid_days).sum(axis=1) > 0
    present = on_duty(duty if whose is None else duty[whose], grid_days)
    found = np.zeros((7, present.shape[1]))
    for number in range(7):
        own = present[(grid_days.weekday == number) & used]
        if len(own):
            found[number] = own.mean(axis=0)
    return found


def _by_skill(duty: pd.DataFrame, days: Days, inferred: bool, skills: Skills) -> dict[tuple[str, ...], Grid]:
    """Mean agents on duty of each set of call types that people take, those who take all first; empty where all do."""
    takes = [skills.known.get(str(agent), skills.types) for agent in duty["agent"]]
    kinds = sorted(set(takes), key=lambda own: (-len(own), own))
    if not skills.known or kinds == [skills.types]:
        return {}
    return {own: _agents(duty, days, inferred, np.array([one == own for one in takes], dtype=bool)) for own in kinds}


def _counted_agents(counts: IntervalCounts, days: Days) -> Any:
    """[7, S] mean agents on duty where counts say so, or else scheduled; None where they do not."""
    frame = counts.frame
    column = next((name for name in ("agents", "scheduled", "required") if frame[name].notna().any()), None)
    if column is None:
        return None
    some = frame[frame[column].notna().to_numpy()]
    start = some["start"].to_numpy(dtype="datetime64[s]").astype("int64")
    weekday, slot = (start // 86400 + 3) % 7, (start % 86400) // round(days.interval)
    sums, often = np.zeros((7, days.offered.shape[2])), np.zeros((7, days.offered.shape[2]))
    np.add.at(sums, (weekday, slot), some[column].to_numpy(dtype=float))
    np.add.at(often, (weekday, slot), 1.0)
    return sums / np.maximum(often, 1.0)


def describe(records: CallRecords, threshold: float = 20.0) -> dict[str, float]:
    """What the calls come to, as they are: counts, shares, mean waits [s], handle times [s], shares answered within 20 and 90 s."""
    frame = records.frame
    answered, gone = (frame["outcome"] == "answered").to_numpy(), (frame["outcome"] == "abandoned").to_numpy()
    wait, handle = frame["wait"].to_numpy(dtype=float), frame["handle_time"].to_numpy(dtype=float)
    n = len(frame)
    hung_up = int(gone.sum())
    return {
        "offered": float(n),
        "abandoned_fraction": hung_up / n,
        "blocked_fraction": 1.0 - (int(answered.sum()) + hung_up) / n,
        "waited_fraction": float((wait > 0).mean()),
        "mean_wait": _mean(wait),
        "average_speed_of_answer": _mean(wait[answered]),
        "service_level_20": float((answered & (wait <= threshold)).sum() / n),
        "service_level_90": float((answered & (wait <= 90.0)).sum() / n),
        "mean_handle_time": _mean(handle),
        "sd_handle_time": float(np.std(handle[~np.isnan(handle)], ddof=1)) if (~np.isnan(handle)).sum() > 1 else np.nan,
        "waited_per_hang_up": float(np.nansum(wait) / hung_up) if hung_up else np.nan,
    }


def _mean(values: Any) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan
