"""Several files as one centre: their call types answered by everybody, or each file's by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccsim.errors import InputError, ScenarioError
from ccsim.inputs.scenario import changed
from ccsim.staffing.crews import callers_of
from ccsim.staffing.sizing.year import unstaffed
from ccsim.staffing.written import _names_files

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

# What has to be the same in every file, or a pool would be something else than its parts
_SAME = ("open", "interval", "holidays", "timezone", "shrinkage", "schedule", "fte", "cost")
MOST_FILES = 12


@dataclass(frozen=True)
class Share:
    """What one centre takes in its own busiest week: a part that stands alone, or the pool."""

    name: str
    calls: float  # a year
    required: float  # agents on duty in the busiest interval
    heads: int
    paid_hours: float  # a week
    full_time_equivalents: float
    seats: int
    lines: int


@dataclass(frozen=True)
class Pooling:
    """Each part by itself, and all of them in one centre where everybody takes every call."""

    parts: tuple[Share, ...]
    pool: Share

    def total(self, name: str) -> float:
        """Sum over the parts of a field."""
        return float(sum(getattr(part, name) for part in self.parts))

    def saved(self, name: str) -> float:
        """What the pool needs less than its parts, as a share of them; below 0 where it needs more."""
        whole = self.total(name)
        return 0.0 if whole == 0.0 else 1.0 - float(getattr(self.pool, name)) / whole


def parts_of(scenario: Scenario) -> dict[str, Scenario]:
    """Return each type of callers of a scenario as a centre of its own, by name; without what leads to other types."""
    names = callers_of(scenario)
    found = {}
    for name in names:
        calls = dict(scenario.data["calls"][name])
        calls = {key: value for key, value in calls.items() if key not in ("transfer", "overflow")}
        found[name] = changed(scenario, {**unstaffed(_one(scenario)), "calls": {name: calls}, **_without_skills(scenario)})
    return found


def joined(scenarios: Sequence[Scenario]) -> tuple[Scenario, dict[str, Scenario]]:
    """Return several scenarios as one whose people take the calls of all, and the parts by the names that tables give them.

    Types keep their names where they differ, else the title stands before them. Raises `InputError` where the files are not centres of
    the same hours, intervals, shrinkage, shifts and costs in the same year: then a pool would differ from its parts by more than pooling.
    """
    if len(scenarios) > MOST_FILES:
        raise InputError(f"{len(scenarios)} files are more than one table holds; give at most {MOST_FILES}")
    first = scenarios[0]
    for other in scenarios[1:]:
        _check_alike(first, other)
    parts: dict[str, Scenario] = {}
    for scenario in scenarios:
        name = scenario.title if scenario.title not in parts else f"{scenario.title} ({len(parts) + 1})"
        parts[name] = scenario
    known = [name for scenario in scenarios for name in scenario.calls]
    calls: dict[str, Any] = {}
    for title, scenario in parts.items():
        new = {name: name if known.count(name) == 1 else f"{title}: {name}" for name in scenario.calls}
        for name, told in scenario.data["calls"].items():
            entry = {key: value for key, value in told.items() if key != "overflow"}
            if "transfer" in entry:
                entry["transfer"] = {new[to]: share for to, share in entry["transfer"].items()}
            if "target" not in entry and scenario.data.get("target") is not None:
                entry["target"] = scenario.data["target"]
            calls[new[name]] = entry
    title = "One centre for " + " and ".join(filter(None, (", ".join(list(parts)[:-1]), list(parts)[-1])))
    changes = {**unstaffed(_one(first)), "title": json.dumps(title, ensure_ascii=False), "calls": calls, **_without_skills(first)}
    return changed(first, changes), parts


def _one(scenario: Scenario) -> Scenario:
    """A scenario as far as `unstaffed` looks at it, without its calls, which are replaced as a whole."""
    return scenario.model_copy(update={"calls": {}})


def _without_skills(scenario: Scenario) -> dict[str, Any]:
    told = scenario.data.get("schedule")
    return {"schedule.skills": None} if isinstance(told, dict) and "skills" in told else {}


def _check_alike(first: Scenario, other: Scenario) -> None:
    for key in _SAME:
        if first.data.get(key) != other.data.get(key):
            raise InputError(
                f"{_file(first)} and {_file(other)} differ in `{key}`; to be pooled they have to be alike in {', '.join(_SAME)}. Give both "
                "the hours of the common centre, with weights of 0 in `profile` while one has no calls"
            )
    if first.date.year != other.date.year:
        raise InputError(
            f"{_file(first)} is about {first.date.year} and {_file(other)} about {other.date.year}; give `date` the year that is sized"
        )
    folders = {str(Path(scenario.folder).resolve()) for scenario in (first, other) if scenario.folder is not None}
    if len(folders) > 1 and _names_files(other.data.get("calls")):
        raise ScenarioError(f"{_file(other)} names CSV files in a folder of its own; put the files that are pooled into one folder")


def _file(scenario: Scenario) -> str:
    return str(scenario.path) if scenario.path is not None else scenario.title
