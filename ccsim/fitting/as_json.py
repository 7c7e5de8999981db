"""A fit as plain dictionaries, lists and numbers: what `ccsim fit --json` prints."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim import __version__
from ccsim.fitting.demand import ASSUMED_CV
from ccsim.fitting.estimate import Estimate
from ccsim.units import WEEKDAYS

if TYPE_CHECKING:
    from ccsim.fitting.fit import Fit, TypeFit


def fit_dict(found: Fit) -> dict[str, Any]:
    """Everything estimated, null where it is not known; times in seconds, shares 0 to 1."""
    people = found.people
    return {
        "ccsim": __version__,
        "records": found.source.name,
        "columns": found.source.columns,
        "quality": plain(found.quality),
        "descriptive": plain(found.descriptive),
        "interval": found.days.interval,
        "open": {WEEKDAYS[w]: _hours(found, w) for w in range(7) if found.days.open_slots[w].any()},
        "announcement": found.announcement,
        "pause_after_calls": None if found.pauses is None else plain(found.pauses.mean),
        "call_types": {name: _type(found, one) for name, one in found.types.items()},
        "people": None
        if people is None
        else {
            "from": found.people_from,
            "shifts": people.shifts,
            "agents": people.agents,
            "categories": {name: plain(category) for name, category in people.categories.items()},
            "late": None if people.late is None else {"chance": plain(people.late[0]), "by": plain(people.late[1])},
            "early": None if people.early is None else {"chance": plain(people.early[0]), "by": plain(people.early[1])},
        },
        "skills": {agent: list(takes) for agent, takes in found.skills.known.items()},
        "agents_on_duty": None
        if found.agents is None
        else {
            "inferred_from_service_records": found.duty_inferred,
            "bias": "low where agents are idle, most of all at the edges of shifts" if found.duty_inferred else None,
            "by_weekday": _week(found, found.agents),
        },
    }


def _hours(found: Fit, weekday: int) -> list[float]:
    places = np.flatnonzero(found.days.open_slots[weekday])
    return [float(places[0] * found.days.interval), float((places[-1] + 1) * found.days.interval)]


def _week(found: Fit, numbers: Any) -> dict[str, list[float | None]]:
    """Numbers of [7, S] by weekday, of the open slots."""
    return {WEEKDAYS[w]: plain(numbers[w][found.days.open_slots[w]]) for w in range(7) if found.days.open_slots[w].any()}


def _type(found: Fit, one: TypeFit) -> dict[str, Any]:
    demand = one.demand
    return {
        "calls": one.calls,
        "volume": plain(demand.volume),
        "weekdays": {WEEKDAYS[w]: plain(estimate) for w, estimate in demand.weekdays.items()},
        "profile": {
            "mean": _week(found, demand.profile),
            "low": _week(found, demand.profile_low),
            "high": _week(found, demand.profile_high),
        },
        "busyness": {
            "day": plain(demand.busyness_day),
            "day_assumed": ASSUMED_CV if demand.day_cv_assumed else None,
            "interval": plain(demand.busyness_interval),
            "correlation_of_neighbours": plain(demand.correlation),
            "dispersion": plain(demand.dispersion),
            "poisson_p": plain(demand.poisson_p),
        },
        "trend_a_week": plain(demand.trend),
        "trend_taken_out": demand.trended,
        "after_closed_day": plain(demand.after_closed),
        "handle_time": plain(one.handle_time),
        "handle_time_by_interval_of_counts": plain(one.counted_slots),
        "handle_time_of_all_types": one.handle_time_pooled,
        "patience": plain(one.patience),
        "patience_of_all_types": one.patience_pooled,
        "redials": plain(one.redials),
        "repeats": plain(one.repeats),
        "counted": plain(one.counted),
    }


def plain(value: Any) -> Any:
    """Dataclasses, arrays and tuples as dictionaries and lists; numbers that are not finite as None."""
    if isinstance(value, Estimate):
        return value.as_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value) if field.name != "delays"}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        items = list(value)
        return [plain(item) for item in (items if len(items) <= 2000 else items[:: len(items) // 1000 + 1])]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value
