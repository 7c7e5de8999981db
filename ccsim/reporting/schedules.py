"""A schedule, the people behind a requirement and the slots of a roster: as tables for a terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ccsim import __version__
from ccsim.reporting.answer import heading_words, per_words
from ccsim.reporting.files import replacing
from ccsim.reporting.tables import clocks
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import NOTHING, agents, count, percent, plain_percent, signed, wait
from ccsim.staffing.crews import callers_of
from ccsim.staffing.requirement import requirement, starts
from ccsim.staffing.shift_catalogue import kind_words
from ccsim.staffing.written import roster_rows
from ccsim.units import WEEKDAYS, format_clock, format_duration

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.staffing.aims import Played
    from ccsim.staffing.headcount import Headcount
    from ccsim.staffing.schedule import Schedule
    from ccsim.staffing.slots import Slots

MOST_SHIFTS = 60


def show_schedule(out: Console, found: Schedule) -> None:
    """Print a schedule: what it takes, whether it holds, the shifts, and a row an interval."""
    source, roster = found.source, found.roster
    out.print(plain_text(source.title, style="bold"))
    heading = f"Target {heading_words(source)} · {_path_words(found)} · played {found.played.replications:,} times"
    out.print(plain_text(heading, style="dim"))
    if found.interrupted:
        out.print(plain_text("Interrupted: this is the best schedule that was played by then.", style="bold"))
    out.print()
    for sentence in sentences(found):
        out.print(plain_text(sentence))
    for note in found.notes:
        out.print(plain_text(f"Note: {note}"))
    for warning in source.warnings:
        out.print(plain_text(f"Note: {warning}", style="yellow"))
    section(out, "People by shift", _shift_table(found))
    rows = interval_rows(found)
    section(out, "By interval", _interval_table(rows, found))
    days = day_rows(found)
    if days:
        section(out, "By day", _day_table(days, found))
    out.print()
    for line in (
        "required: agents on duty that the simulation found to be needed; scheduled: if everybody comes; on duty: on average.",
        f"short: share of played paths with fewer than required on duty. * marks {'days on' if days else 'intervals in'} which an aim is "
        "missed, all paths together.",
    ):
        out.print(plain_text(line, style="dim"))
    if roster.people == 0:
        out.print(plain_text("No calls come, so nobody is scheduled."))


def sentences(found: Schedule) -> list[str]:
    """Return what a schedule comes to: people, hours, cost and how near the cheapest; whether the target holds; the old rule beside it."""
    source, roster, played = found.source, found.roster, found.played
    part = sum(tour.count for tour in roster.tours if found.shifts.kinds[tour.kind].part)
    said = f"{roster.people:,} people" + (f", {part:,} of them part-timers," if part else "") + f" work {count(roster.hours)} paid hours"
    said += f", {count(found.full_time_equivalents)} full-time equivalents of {source.fte.hours:g} h a {source.fte.per}"
    said += "" if source.days % 7 == 0 else " were every day like this" if source.days == 1 else " were all days like these"
    if found.cost is not None and source.cost is not None:
        said += f"; {count(found.cost)} {source.cost.currency}".rstrip()
    gap = (
        f"Nothing that covers the same needs can be more than {percent(roster.gap)} cheaper."
        if roster.gap > 1e-6
        else ("Nothing cheaper covers the same needs.")
    )
    judged, missed, sure, where = met_where(source, played)
    if judged == 0:
        verdict = "No calls come in, so there is nothing to verify."
    elif missed == 0:
        verdict = f"Verified: played under fresh luck, the target is met {where}."
    else:
        verdict = f"Played under fresh luck, the target is met {where}; it is missed by no "
        verdict += f"more than chance in {missed - sure}, by more in {sure}. Give it more time (--seconds), or other shifts."
    if judged and not found.interrupted:
        verdict += " That luck moved nothing: the schedule was fixed before."
    need = requirement(source)
    formula = f"By formula alone: {count(_formula_hours(found, need.required_agents))} hours on duty; this schedule has "
    formula += f"{count(_formula_hours(found, found.on_duty))}, absences taken off."
    return [f"{said}. {gap}", verdict, formula]


def met_where(source: Scenario, played: Played) -> tuple[int, int, int, str]:
    """Judged, missed and surely missed intervals, or where the target is by day days; and in how many of them it is met, in words."""
    flags = [played.judged, played.missed, played.surely_missed]
    what, on = "intervals with calls", "in"
    if per_words(source) == "day":
        day = np.asarray(source.horizon.interval_day)
        flags = [np.array([one[day == number].any() for number in np.unique(day)]) for one in flags]
        what, on = "days with calls", "on"
    judged, missed, sure = (int(one.sum()) for one in flags)
    if on == "on" and judged == 1 and missed == 0:
        return judged, missed, sure, "over the day"
    return judged, missed, sure, f"{on} {'all' if missed == 0 else f'{judged - missed} of'} {judged} {what}"


def schedule_json(found: Schedule) -> str:
    """Return a schedule as one JSON object."""
    roster, played = found.roster, found.played
    document: dict[str, Any] = {
        "ccsim": __version__,
        "scenario": found.source.title,
        "interrupted": found.interrupted,
        "verified": found.verified,
        "people": roster.people,
        "paid_hours": roster.hours,
        "full_time_equivalents": found.full_time_equivalents,
        "cost": found.cost,
        "gap": roster.gap,
        "replications": played.replications,
        "seconds": round(found.seconds, 1),
        "intervals_judged": int(played.judged.sum()),
        "intervals_missed": int(played.missed.sum()),
        "intervals_surely_missed": int(played.surely_missed.sum()),
        "notes": list(found.notes),
        "rounds": [vars(one) for one in found.rounds],
        "shifts": shift_rows(found),
        "staff": found.scenario.data["staff"],
        "intervals": interval_rows(found),
        "days": day_rows(found),
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)


def shift_rows(found: Schedule) -> list[dict[str, Any]]:
    """Return a row for each skill and shift: people, by weekday of the path."""
    counts: dict[tuple[int, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    heads: dict[tuple[int, int], int] = defaultdict(int)
    for tour in found.roster.tours:
        heads[tour.skill, tour.kind] += tour.count
        for day, _ in tour.plans:
            counts[tour.skill, tour.kind][day] += tour.count
    rows = []
    for (skill, number), people in sorted(heads.items()):
        kind = found.shifts.kinds[number]
        first = min(counts[skill, number])
        rows.append(
            {
                "skill": found.skills[skill].worker.name,
                "shift": kind_words(kind, first),
                "part_time": kind.part,
                "people": people,
                "by_day": {_day_name(found, day): counts[skill, number].get(day, 0) for day in found.shifts.days},
            }
        )
    return rows


def interval_rows(found: Schedule) -> list[dict[str, Any]]:
    """Return a row an interval: calls, agents required, scheduled, on duty, net, chance of being short, each aim by call type."""
    source = found.source
    calls = np.sum([np.asarray(source.calls[name].volume) for name in callers_of(source)], axis=0)
    columns = (calls, found.required, found.scheduled, found.on_duty, found.on_duty - found.required, found.chance_short)
    names = ("calls", "required_agents", "agents_scheduled", "agents_on_duty", "net_staffing", "chance_short")
    rows: list[dict[str, Any]] = []
    for number, start in enumerate(starts(source)):
        row: dict[str, Any] = {"start": start}
        row |= {name: round(float(column[number]), 6) for name, column in zip(names, columns, strict=True)}
        row["met"] = None if not found.played.judged[number] else not bool(found.played.missed[number])
        rows.append(row | _aims(found, "own", number))
    return rows


def day_rows(found: Schedule) -> list[dict[str, Any]]:
    """Return a row for each day with calls, where the target is by day: whether it is met, and what each aim comes to."""
    if per_words(found.source) != "day":
        return []
    horizon, judged = found.source.horizon, found.played.judged
    rows = []
    for day in np.unique(np.asarray(horizon.interval_day)[judged]).tolist():
        here = np.flatnonzero(judged & (np.asarray(horizon.interval_day) == day))
        aims: dict[str, Any] = {}
        for number in here.tolist():  # a type may call in some intervals of a day only
            aims |= {name: value for name, value in _aims(found, "mean", number).items() if value is not None or name not in aims}
        rows.append({"day": horizon.day_date(day).isoformat(), "met": not bool(found.played.missed[here].any()), **aims})
    return rows


def _aims(found: Schedule, which: str, number: int) -> dict[str, float | None]:
    """What each aim of each call type comes to in an interval: its `own` value, or the `mean` that is held against the target."""
    values = {f"{one.call_type}: {one.aim}": float(getattr(one, which)[number]) for one in found.played.measured}
    return {name: value if np.isfinite(value) else None for name, value in values.items()}


def write_schedule_csv(found: Schedule, folder: str | Path) -> list[Path]:
    """Write a schedule's tables into `folder`: shifts.csv, intervals.csv and roster.csv, a row for each stretch of each person.

    Raises `ResultError` where the folder takes no files.
    """
    shifts = [{**row, **row["by_day"]} for row in shift_rows(found)]
    for row in shifts:
        del row["by_day"]
    tables = {"shifts": shifts, "intervals": interval_rows(found), "roster": roster_rows(found)}
    return [_write(Path(folder) / f"{name}.csv", rows) for name, rows in tables.items() if rows]


def show_people(out: Console, found: Headcount) -> None:
    """Print how many people a requirement takes: by division and with certainty, and what each further point of certainty costs."""
    scenario = found.need.scenario
    out.print(plain_text(scenario.title, style="bold"))
    named = [name for part in found.need.crews for name in part.crew.types]
    out.print(plain_text(f"Target {heading_words(scenario, named)} · required by formula: {found.need.model}", style="dim"))
    sure = plain_percent(found.certainty)
    out.print()
    said = f"Dividing by 1 − shrinkage brings enough people on average only; {sure} is how often the last columns bring enough."
    if (found.divided == found.required).all() and (found.rostered == found.required).all():
        said = "The scenario has no `shrinkage`: everybody turns up, so nobody is rostered beyond those required."
    out.print(plain_text(said))
    grid = table("interval", "required", "÷ (1 − s)", "enough on", f"for {sure}", "enough on", first_whole=True)
    columns = (found.required, found.divided, found.chance_divided, found.rostered, found.chance)
    for start, *row in zip(clocks(found.need.starts), *(column.tolist() for column in columns), strict=True):
        required, divided, half, rostered, chance = row
        grid.add_row(start, agents(required), agents(divided), percent(half), agents(rostered), percent(chance))
    section(out, "People to roster", grid)
    ladder = table("enough on", "paid h a day", "FTE", "most people", "cost a day", "h a point", "a point costs", first_whole=True)
    for rung in found.ladder:
        cells = (count(rung.hours), count(rung.full_time_equivalents), f"{rung.most_people:,}", count(rung.cost))
        ladder.add_row(percent(rung.certainty), *cells, count(rung.hours_of_a_point), count(rung.cost_of_a_point))
    section(out, "What certainty costs, each interval by itself", ladder)
    job = scenario.fte
    out.print(plain_text(f"FTE: full-time equivalents of {job.hours:g} h a {job.per}; a point: one more day in a hundred.", style="dim"))


def people_json(found: Headcount) -> str:
    """Return a headcount as one JSON object."""
    document = {"ccsim": __version__, "scenario": found.need.scenario.title, **found.to_dict()}
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)


def show_slots(out: Console, found: Slots) -> None:
    """Print what a roster has to spare by interval, and when a meeting costs least."""
    scenario = found.scenario
    out.print(plain_text(scenario.title, style="bold"))
    out.print(plain_text(f"Target {heading_words(scenario)} · played {found.played.replications:,} times", style="dim"))
    if found.interrupted:
        words = "Interrupted: the roster was played; not all thinner rosters and meetings were, so required and can be off are rougher."
        out.print(plain_text(words, style="bold"))
    for words in _short_words(found):
        out.print(plain_text(words))
    grid = table("interval", "required", "on duty", "net", "short", "can be off", first_whole=True)
    columns = (found.required, found.on_duty, found.net, found.chance_short, found.spare)
    for start, *row in zip(clocks(starts(scenario)), *(np.asarray(column).tolist() for column in columns), strict=True):
        required, on_duty, net, short, spare = row
        grid.add_row(start, agents(required), agents(on_duty), signed(net), percent(short), f"{spare:,}")
    section(out, "Slots", grid)
    for line in (
        "can be off: on leave, in training or in a meeting, in that interval alone, with the target still met.",
        "short: share of the played paths with fewer than required on duty.",
    ):
        out.print(plain_text(line, style="dim"))
    if len({frozenset(group.types) for group in scenario.staff.values()}) > 1:
        out.print(plain_text("All groups are counted as alike: let people off evenly, those with rare skills last.", style="dim"))
    if not found.meetings:
        return
    one = found.meetings[0]
    title = f"When {one.people} of {one.group} can meet for {format_duration(one.length)} at the least cost to callers"
    meetings = table("from", "late calls more", "played", "target", first_whole=True)
    for one in found.meetings:
        verdict = NOTHING if one.met is None else "as before" if one.met else "newly missed"
        when = scenario.horizon.moment(one.start) if scenario.days > 1 else format_clock(scenario.horizon.clock(one.start))
        meetings.add_row(when, count(one.late_calls), NOTHING if one.played_late_calls is None else signed(one.played_late_calls), verdict)
    section(out, title, meetings)
    late = "late calls: callers not answered within their target wait who otherwise would be, a path; played: under the same luck"
    out.print(plain_text(f"{late}.", style="dim"))


def _short_words(found: Slots) -> list[str]:
    """Where the roster misses the target as it is, and what `off alone` means for a target by day."""
    judged, missed, _, where = met_where(found.scenario, found.played)
    said = []
    if missed:
        instead = f"met {where} only" if missed < judged else "missed over the day" if judged == 1 else "missed throughout"
        said.append(
            f"With this roster the target is {instead}{_who_misses(found)}, so nobody can be off where it is missed: add people, or change "
            "shifts, first."
        )
    if judged and missed < judged and per_words(found.scenario) == "day":
        said.append("The target is by day: who is off in several intervals uses up the same reserve.")
    return said


def _who_misses(found: Slots) -> str:
    """Which call types miss the target, and how often, the most first, in brackets; nothing where there is one type only."""
    parts = found.played.measured
    by_type = {one.call_type: tuple(other for other in parts if other.call_type == one.call_type) for one in parts}
    if len(by_type) < 2:
        return ""
    missed = {name: met_where(found.scenario, replace(found.played, measured=own))[1] for name, own in by_type.items()}
    unit = "days" if per_words(found.scenario) == "day" else "intervals"
    listed = [f"{name} in {number}" for name, number in sorted(missed.items(), key=lambda one: -one[1]) if number]
    return f" ({unit} missed: {', '.join(listed)})"


def slots_json(found: Slots) -> str:
    """Return slots as one JSON object."""
    document = {"ccsim": __version__, "scenario": found.scenario.title, **found.to_dict()}
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)


def _formula_hours(found: Schedule, people: Any) -> float:
    horizon = found.source.horizon
    return float(np.asarray(people) @ np.asarray(horizon.interval_end - horizon.interval_start) / 3600.0)


def _path_words(found: Schedule) -> str:
    days = found.source.days
    return "one day" if days == 1 else f"{days} days"


def _day_name(found: Schedule, day: int) -> str:
    return WEEKDAYS[found.source.horizon.weekday(day)]


def _shift_table(found: Schedule) -> Table:
    rows = shift_rows(found)
    days = [_day_name(found, day) for day in found.shifts.days] if found.source.days > 1 else []
    several = len(found.skills) > 1
    grid = table("shift", *(["skill"] if several else []), "", "people", *days, first_whole=True)
    for row in rows[:MOST_SHIFTS]:
        words = [plain_text(row["skill"])] if several else []
        numbers = [str(row["by_day"][day]) for day in days]
        grid.add_row(row["shift"], *words, "part-time" if row["part_time"] else "full-time", str(row["people"]), *numbers)
    if len(rows) > MOST_SHIFTS:
        grid.add_row(f"and {len(rows) - MOST_SHIFTS} more (--json, --csv)")
    return grid


def _interval_table(rows: list[dict[str, Any]], found: Schedule) -> Table:
    by_day = per_words(found.source) == "day"
    grid = table("interval", "calls", "required", "scheduled", "on duty", "net", "short", *_aim_heads(found), first_whole=True)
    for time, row in zip(clocks([row["start"] for row in rows]), rows, strict=True):
        cells = [count(row["calls"]), agents(row["required_agents"]), agents(row["agents_scheduled"]), agents(row["agents_on_duty"])]
        cells += [signed(row["net_staffing"]), percent(row["chance_short"]), *_aim_cells(found, row)]
        missed = row["met"] is False and not by_day
        grid.add_row(time + (" *" if missed else ""), *cells, style="bold" if missed else None)
    return grid


def _day_table(rows: list[dict[str, Any]], found: Schedule) -> Table:
    grid = table("day", *_aim_heads(found), first_whole=True)
    for row in rows:
        grid.add_row(row["day"] + ("" if row["met"] else " *"), *_aim_cells(found, row), style=None if row["met"] else "bold")
    return grid


def _aim_heads(found: Schedule) -> list[str]:
    names = {"share": "within", "average_speed_of_answer": "speed of\nanswer", "abandoned_fraction": "hung up", "occupancy": "occupancy"}
    several = len(found.source.calls) > 1
    return [(f"{one.call_type}\n" if several else "") + names[one.aim] for one in found.played.measured]


def _aim_cells(found: Schedule, row: dict[str, Any]) -> list[str]:
    values = [(one.aim, row[f"{one.call_type}: {one.aim}"]) for one in found.played.measured]
    return [wait(value) if aim == "average_speed_of_answer" else percent(value) for aim, value in values]


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with replacing(path) as partial:
        partial.write_text(text.getvalue(), encoding="utf-8")
    return path
