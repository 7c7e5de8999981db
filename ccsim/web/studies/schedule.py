"""Shifts that meet the target when they are played; people to roster so that enough turn up; who can be off, and when to meet."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ccsim.errors import CcsimError, InputError
from ccsim.inputs.document import LARGEST_TEXT, read_document
from ccsim.inputs.files import read_text
from ccsim.inputs.schedule_rules import ShiftRules, read_rules
from ccsim.units import format_clock, parse_duration
from ccsim.web.blocks import in_fields
from ccsim.web.boxes import Box, number_from, part_of_all, small_share
from ccsim.web.jobs import Tell
from ccsim.web.studies.common import SEED, look_time
from ccsim.web.studies.study import Finding, Study, Subject, Values, csv_text, fault_of, picture, printed, written_tables
from ccsim.web.telling import days, shares

_CERTAINTY = 0.95


def _shift_boxes(subject: Subject) -> tuple[Box, ...]:
    return (
        Box("seconds", "Time to look", "left out: 150 s; 10 min for a week of many people", look_time),
        Box("rules", "Rules for shifts of", "left out: its own", choices=_rules(subject)),
        Box("gap", "Near enough to the cheapest", "left out: 0.5 %", small_share),
        SEED,
    )


def _rules(subject: Subject) -> dict[str, str]:
    """Files with rules for shifts: other scenarios that have some, and files of nothing else."""
    found = {}
    for entry in subject.workspace.entries((".yaml", ".yml")):
        with suppress(CcsimError):
            data = _data(subject, entry.name)
            if entry.name != subject.name and ("schedule" in data or "calls" not in data):
                found[entry.name] = f"{entry.title} ({entry.name})" if entry.title else entry.name
    return found


def _rules_of(subject: Subject, name: str | None) -> ShiftRules | None:
    """The rules for shifts in another scenario, or in a file of nothing else; None where none was chosen. Raises `CcsimError`."""
    if name is None:
        return None
    path = subject.workspace.path(name)
    if "schedule" in _data(subject, name):
        return subject.workspace.load(name).schedule
    try:
        return read_rules(str(path), tuple(subject.scenario.calls))
    except CcsimError as fault:
        raise CcsimError(str(fault).replace(str(path), name)) from None


def _data(subject: Subject, name: str) -> dict[str, Any]:
    return read_document(read_text(subject.workspace.path(name), InputError, LARGEST_TEXT), name).data


def _check_rules(subject: Subject, values: Values) -> dict[str, str]:
    fault = fault_of(lambda: _rules_of(subject, values["rules"]))
    return {"rules": fault} if fault else {}


def _shifts(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.reporting.needs import course_of
    from ccsim.reporting.pictures import panel_svg
    from ccsim.reporting.schedules import sentences, show_schedule, write_schedule_csv
    from ccsim.reporting.staircase import staircase_panel
    from ccsim.staffing.schedule import GAP, SECONDS, schedule
    from ccsim.staffing.written import scenario_text

    seconds, gap, seed = values["seconds"] or SECONDS, values["gap"], values["seed"]
    rules = _rules_of(subject, values["rules"])
    found = schedule(
        subject.scenario, rules, seconds, GAP if gap is None else gap, 1 if seed is None else seed, shares(tell, "choosing shifts")
    )
    tell("drawing", 0, 0)
    day = course_of(found.source)
    chart = picture(
        "Shifts against what is required",
        "Agents required, on duty on average and scheduled, by interval; blue where there are more than required, hatched where fewer.",
        panel_svg("s", 3.6, lambda axes: staircase_panel(axes, found, day), day),
    )
    tables = written_tables(lambda folder: write_schedule_csv(found, folder))
    said = [in_fields(words) for words in sentences(found)]
    return Finding(
        said, printed(show_schedule, found), [chart], tables, scenario_text(found), "scheduled", "Open the scenario with these shifts"
    )


SHIFTS = Study(
    name="schedule",
    title="Shifts",
    asks=(
        "The cheapest shifts that meet the target when they are played, by the rules under “Shifts that may be given”; without any, full "
        "shifts of 8 h 30 min with lunch and part-timers of 4 or 5 h. Contingents stay out of it."
    ),
    boxes=_shift_boxes,
    do=_shifts,
    check=_check_rules,
    act="Choose shifts",
)


def _people_boxes(subject: Subject) -> tuple[Box, ...]:
    return (Box("certainty", "How often enough are to turn up", "left out: 95 % of days, 19 in 20", part_of_all),)


def _people(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.reporting.needs import most_needed, needs_svg
    from ccsim.reporting.schedules import show_people
    from ccsim.reporting.style import ON_DUTY, REQUIRED, SCHEDULED
    from ccsim.reporting.wording import percent
    from ccsim.staffing import requirement
    from ccsim.staffing.headcount import headcount

    tell("counting who turns up", 0, 0)
    found = headcount(requirement(subject.scenario), values["certainty"] or _CERTAINTY)
    scenario, sure = found.need.scenario, percent(found.certainty, 0)
    series = [
        ("required ÷ (1 − shrinkage)", found.divided, SCHEDULED),
        (f"rostered for {sure} of days", found.rostered, ON_DUTY),
        ("required", found.required, REQUIRED),
    ]
    words = "Agents required, and people to roster so that enough turn up, by interval."
    chart = picture("People to roster", words, needs_svg("h", scenario, series))
    lowest = min([chance for chance in found.chance_divided.tolist() if chance == chance], default=1.0)
    said = [
        most_needed(scenario, found.required, found.rostered).replace("scheduled.", f"on the roster for enough of them on {sure} of days."),
        f"Dividing by 1 − shrinkage, as is usual, leaves too few on up to {percent(1.0 - lowest, 0)} of days.",
    ]
    document = found.to_dict()
    tables = {"people.csv": csv_text(document["intervals"]), "certainty.csv": csv_text(document["ladder"])}
    return Finding(said, printed(show_people, found), [chart], tables)


PEOPLE = Study(
    name="people",
    title="People to roster",
    asks="How many people to put on the roster of each interval so that enough of them turn up, and what being surer costs. By formula.",
    boxes=_people_boxes,
    do=_people,
    quick=lambda values: True,
    act="Count them",
)


def _slot_boxes(subject: Subject) -> tuple[Box, ...]:
    able = {name: f"{name} ({one.people} people)" for name, one in subject.scenario.staff.items() if one.people and one.shift}
    return (
        Box("group", "Who meets", "left out: the largest group", choices=able),
        Box("people", "How many of them", "left out: all", number_from(1, 100_000)),
        Box("length", "For how long", "left out: 1 h", parse_duration),
        SEED,
    )


def _slots(subject: Subject, values: Values, tell: Tell) -> Finding:
    import numpy as np

    from ccsim.reporting.needs import needs_svg
    from ccsim.reporting.schedules import show_slots
    from ccsim.reporting.style import ON_DUTY, REQUIRED
    from ccsim.staffing.requirement import starts
    from ccsim.staffing.slots import HOUR, slots

    seed = 1 if values["seed"] is None else values["seed"]
    found = slots(subject.scenario, values["group"], values["people"], values["length"] or HOUR, seed, days(tell))
    tell("drawing", 0, 0)
    scenario = found.scenario
    series = [("on duty on average", found.on_duty, ON_DUTY), ("required", found.required, REQUIRED)]
    chart = picture(
        "What the roster has to spare", "Agents on duty on average against those required, by interval; hatched where there are fewer.",
        needs_svg("o", scenario, series, (found.required, found.on_duty)),
    )  # fmt: skip
    place = int(np.argmax(found.spare))
    when = starts(scenario)[place][11:16] if scenario.days == 1 else starts(scenario)[place].replace("T", " ")
    most = int(found.spare[place])
    said = ["Nobody can be off: every interval needs all who are on duty."]
    if most:
        said = [f"Most can be off at {when}: {most:,} in that interval, with the target still met."]
    if found.meetings:
        one = found.meetings[0]
        at = scenario.horizon.moment(one.start) if scenario.days > 1 else format_clock(scenario.horizon.clock(one.start))
        late = one.late_calls if one.played_late_calls is None else one.played_late_calls
        verdict = "" if one.met is None else "; the target holds wherever it held before" if one.met else "; it is newly missed somewhere"
        said.append(f"{one.people:,} of {one.group} meet at the least cost from {at}: {late:,.0f} more callers wait too long{verdict}.")
    return Finding(said, printed(show_slots, found), [chart], {"slots.csv": csv_text(found.to_dict()["intervals"])})


SLOTS = Study(
    name="slots",
    title="Time off and meetings",
    asks=(
        "How many of the staff can be off in each interval with the target still met, and when a group can meet at the least cost to "
        "callers."
    ),
    boxes=_slot_boxes,
    do=_slots,
    act="Look for slots",
    fits=lambda scenario: bool(scenario.staff),
)
