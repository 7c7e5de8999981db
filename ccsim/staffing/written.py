"""A roster written down: as groups of `staff` in a scenario file that runs, and as one row a person and stretch."""

from __future__ import annotations

import pathlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ccsim.errors import InputError, ScenarioError
from ccsim.inputs.flow import key_text, value_text
from ccsim.inputs.scenario import changed, loads
from ccsim.staffing.shift_catalogue import Catalogue, Plan, Span
from ccsim.units import DAY, WEEKDAYS, format_clock, format_duration, format_span

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.staffing.rostering import Roster
    from ccsim.staffing.schedule import Schedule, Skilled

_MANY = 24


def staff_of(scenario: Scenario, skills: tuple[Skilled, ...], shifts: Catalogue, roster: Roster) -> dict[str, dict[str, Any]]:
    """Return a roster as the groups of `staff`, by name, values as they stand in a file.

    People who work the same shift with the same breaks on the same days are one group; who has other breaks on some days stands in two.
    """
    parts: dict[tuple[int, Span, Plan, tuple[int, ...]], int] = defaultdict(int)
    for tour in roster.tours:
        kind = shifts.kinds[tour.kind]
        same: dict[tuple[Span, Plan], list[int]] = defaultdict(list)
        for day, plan in tour.plans:
            same[kind.spans[day], kind.plans[day][plan]].append(day)
        for (span, rests), worked in same.items():
            parts[tour.skill, span, rests, tuple(worked)] += tour.count
    staff: dict[str, dict[str, Any]] = {}
    for (skill, span, rests, days), count in sorted(parts.items(), key=lambda part: (part[0][0], part[0][1], repr(part[0][2:]))):
        start, end = span
        shift = format_span(start, end)
        name = _new_name(f"{skills[skill].worker.name} {shift}", staff)
        entry: dict[str, Any] = {"agents": count, "shift": shift}
        if scenario.days > 1:
            entry["days"] = [WEEKDAYS[scenario.horizon.weekday(day)] for day in days]
        if rests:
            entry["breaks"] = [_break_text(start, rest.begin, rest.length, rest.paid) for rest in rests]
        staff[name] = entry | skills[skill].keys
    if not staff:
        staff["nobody"] = {"agents": 0, "shift": format_span(*shifts.kinds[0].spans[shifts.days[0]])} | skills[0].keys
    return staff


def with_staff(scenario: Scenario, staff: dict[str, dict[str, Any]], skills: tuple[Skilled, ...], contingents: bool = True) -> Scenario:
    """Return the scenario with other `staff`; categories of shrinkage that named groups name those who stand for them now.

    Raises `InputError` where something else in the scenario names a group that is there no more.
    """
    changes: dict[str, Any] = {"staff": staff}
    for name, category in scenario.shrinkage.items():
        if category.groups is not None:
            meant = [skill.worker.name for skill in skills if set(skill.groups) & set(category.groups)]
            heirs = [group for group in staff if any(group.startswith(f"{skill} ") for skill in meant)]
            changes[f"shrinkage.{name}.groups"] = heirs or list(staff)[:1]
    if not contingents and scenario.contingent:
        changes["contingent"] = None
    try:
        return changed(scenario, changes)
    except ScenarioError as fault:
        raise InputError(f"the schedule cannot take the place of `staff` in this scenario: {fault}") from None


def scenario_text(found: Schedule) -> str:
    """Return the text of a scenario file with the schedule for its `staff`: the source's own text with that section replaced.

    What else the file says stays as it stands, comments too; where that cannot be done, everything is written anew.
    """
    staff = staff_of(found.source, found.skills, found.shifts, found.roster)
    section = _section(found, staff)
    data = found.scenario.data
    if not any(category.groups is not None for category in found.source.shrinkage.values()):
        text = _replaced(found.source.text, section)
        try:
            if loads(text, found.source.folder).data == data:
                return text
        except ScenarioError:
            pass
    rest = "".join(f"{key_text(key)}: {value_text(value)}\n" for key, value in data.items() if key != "staff")
    return rest + section


def roster_rows(found: Schedule) -> list[dict[str, Any]]:
    """Return a row for each stretch of each person: agent, skill, start, end (local time), activity (work or break), paid (yes or no)."""
    horizon, rows, number = found.source.horizon, [], 0
    for tour in found.roster.tours:
        kind = found.shifts.kinds[tour.kind]
        for _ in range(tour.count):
            number += 1
            for day, plan in tour.plans:
                start, end = kind.spans[day]
                at = horizon.at(day, start)
                for rest in kind.plans[day][plan]:
                    gone = horizon.at(day, start + rest.begin)
                    rows.append((number, tour.skill, at, gone, "work", True))
                    at = gone + rest.length
                    rows.append((number, tour.skill, gone, at, "break", rest.paid))
                rows.append((number, tour.skill, at, horizon.at(day, end), "work", True))
    width = len(str(number))
    return [
        {
            "agent": f"agent {person:0{width}d}",
            "skill": found.skills[skill].worker.name,
            "start": horizon.stamp(begin),
            "end": horizon.stamp(end),
            "activity": what,
            "paid": "yes" if paid else "no",
        }
        for person, skill, begin, end, what, paid in rows
    ]


def _section(found: Schedule, staff: dict[str, dict[str, Any]]) -> str:
    people = found.roster.people
    in_file = sum(entry["agents"] for entry in staff.values())
    lines = [
        f"# Made by `ccsim schedule`: {people} people, {found.roster.hours:,.2f} paid hours.",
        *([f"# Some have other breaks or hours on some of their days and stand in several lines: {in_file} in all."] * (in_file > people)),
        "staff:",
    ]
    for name, entry in staff.items():
        inner = ", ".join(f"{key_text(key)}: {value_text(value)}" for key, value in entry.items())
        lines.append(f"  {key_text(name)}: {{{inner}}}")
    return "\n".join(lines) + "\n"


def _replaced(text: str, section: str) -> str:
    """The text with another `staff` section; put at the end where there was none."""
    lines = text.splitlines(keepends=True)
    begin = next((n for n, line in enumerate(lines) if re.match(r"staff\s*:", line)), None)
    if begin is None:
        return text.rstrip() + "\n\n" + section
    end = begin + 1
    while end < len(lines) and (not lines[end].strip() or lines[end][0] in " \t#-"):
        end += 1
    while end > begin + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1  # what stands before the next section belongs to it
    return "".join(lines[:begin]) + section + "".join(lines[end:])


def _break_text(start: float, begin: float, length: float, paid: bool) -> str:
    clock = format_clock((start + begin) % DAY)
    return f"{clock} for {format_duration(length)}{'' if paid else ' unpaid'}"


def _new_name(name: str, taken: dict[str, Any]) -> str:
    if name not in taken:
        return name
    number = next(number for number in range(2, 10**6) if f"{name} ({number})" not in taken)
    return f"{name} ({number})"


def check_place(scenario: Scenario, output: str | pathlib.Path) -> None:
    """Refuse a place for the scenario with its schedule from which the files that it names could not be found: raises `InputError`."""
    if scenario.folder is None or not _names_files(scenario.data):
        return
    if pathlib.Path(output).resolve().parent != scenario.folder.resolve():
        raise InputError(
            f"{output} lies in another folder than the scenario, whose CSV files are named from there; write it beside the scenario, "
            f"such as {scenario.folder / pathlib.Path(output).name}"
        )


def _names_files(data: Any) -> bool:
    if isinstance(data, dict):
        return any((key in ("file", "values") and isinstance(value, str)) or _names_files(value) for key, value in data.items())
    return isinstance(data, list) and any(_names_files(value) for value in data)
