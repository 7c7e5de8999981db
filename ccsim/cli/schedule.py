"""`ccsim schedule`: shifts that meet the target, proven by playing them; the people behind a requirement; slots of a roster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.progress import telling, watching
from ccsim.errors import InputError

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.inputs.schedule_rules import ShiftRules


# What options are about: shifts (""), --people or --slots
_BELONG = {
    **dict.fromkeys(("output", "shifts", "seconds", "gap", "chart", "folder"), ("",)),
    "certainty": ("--people",),
    **dict.fromkeys(("group", "meeting", "length"), ("--slots",)),
    "seed": ("", "--slots"),
}


@click.command()
@click.argument("file", type=click.Path())
@click.option("-o", "--output", type=click.Path(), metavar="YAML", help="Write the scenario with the schedule as its staff to this file.")
@click.option("--shifts", type=click.Path(), metavar="YAML", help="File with the rules for shifts: the keys of `schedule`.")
@click.option("--seconds", type=float, default=150.0, show_default=True, metavar="S", help="About how long to look, counted in work done.")
@click.option("--gap", metavar="SHARE", default="0.5 %", show_default=True, help="Be content with a schedule this near the cheapest.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="S", help="Number that decides all luck.")
@click.option("--chart", type=click.Path(), metavar="PNG", help="Draw required against scheduled into this file.")
@click.option("--csv", "folder", type=click.Path(), metavar="DIR", help="Write shifts, intervals and roster as CSV files into this folder.")
@click.option("--people", is_flag=True, help="Instead of shifts: how many people to roster so that enough turn up.")
@click.option("--certainty", metavar="SHARE", default="95 %", show_default=True, help="With --people: how often enough are to turn up.")
@click.option("--slots", "as_slots", is_flag=True, help="Instead of shifts: how many of the staff in FILE can be off, and when to meet.")
@click.option("--group", metavar="NAME", help="With --slots: the group that meets; the largest unless told.")
@click.option("--meeting", type=int, metavar="N", help="With --slots: how many of the group meet; all unless told.")
@click.option("--length", metavar="DURATION", default="1 h", show_default=True, help="With --slots: how long they meet.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.pass_context
def schedule(
    ctx: click.Context,
    file: str,
    output: str | None,
    shifts: str | None,
    seconds: float,
    gap: str,
    seed: int,
    chart: str | None,
    folder: str | None,
    people: bool,
    certainty: str,
    as_slots: bool,
    group: str | None,
    meeting: int | None,
    length: str,
    as_json: bool,
) -> None:
    """Choose shifts for the scenario in FILE, over its day or week, and play them until they meet its target.

    Shifts are made by the rules of its `schedule` section, or by defaults: full shifts of 8 h 30 min with lunch, part-timers of 4 or 5 h.
    """
    from ccsim.inputs import load
    from ccsim.units import parse_duration, parse_share

    if people and as_slots:
        raise InputError("--people and --slots ask for different things; leave one of them out")
    _check_belong(ctx, "--people" if people else "--slots" if as_slots else "")
    scenario = load(file)
    if people:
        _show_people(scenario, parse_share(certainty), as_json)
    elif as_slots:
        if _show_slots(scenario, group, meeting, parse_duration(length), seed, as_json):
            ctx.exit(INTERRUPTED)
    else:
        rules = _rules(scenario, shifts)
        _check_outputs(scenario, shifts, output, chart, folder)
        if _make(scenario, rules, seconds, parse_share(gap), seed, output, chart, folder, as_json):
            ctx.exit(INTERRUPTED)


def _check_belong(ctx: click.Context, asked: str) -> None:
    """Refuse options that say nothing of what was asked: `--people`, `--slots`, or shifts."""
    from click.core import ParameterSource

    for option in ctx.command.params:
        whose = _BELONG.get(option.name or "")
        if whose is None or asked in whose or ctx.get_parameter_source(option.name or "") is not ParameterSource.COMMANDLINE:
            continue
        name = option.opts[-1]
        wants = next((one for one in whose if one), None)
        if wants and not asked:
            raise InputError(f"{name} is for {wants}; add that, or leave {name} out")
        raise InputError(f"{name} says nothing of {asked}; leave one of them out")


def _rules(scenario: Scenario, shifts: str | None) -> ShiftRules:
    from ccsim.inputs.schedule_rules import read_rules

    told: ShiftRules | None = getattr(scenario, "schedule", None)
    return read_rules(shifts, tuple(scenario.calls)) if shifts is not None or told is None else told


def _check_outputs(scenario: Scenario, shifts: str | None, output: str | None, chart: str | None, folder: str | None) -> None:
    from ccsim.reporting.files import check_apart, check_folder, check_spared, check_writable
    from ccsim.staffing.written import check_place

    for path in (output, chart):
        if path is not None:
            check_writable(path)
    check_spared(scenario, output, chart)
    check_apart([output, chart], [shifts])
    if output is not None:
        check_place(scenario, output)
    if folder is not None:
        check_folder(folder)


def _make(
    scenario: Scenario,
    rules: ShiftRules,
    seconds: float,
    gap: float,
    seed: int,
    output: str | None,
    chart: str | None,
    folder: str | None,
    as_json: bool,
) -> bool:
    """Make a schedule, print it and write its files; whether it was interrupted."""
    from ccsim.reporting.schedules import schedule_json, show_schedule, write_schedule_csv
    from ccsim.reporting.tables import console
    from ccsim.staffing.schedule import schedule as make
    from ccsim.staffing.written import scenario_text

    with telling("choosing shifts") as progress:
        found = make(scenario, rules, seconds, gap, seed, progress)
    if as_json:
        click.echo(schedule_json(found))
    else:
        show_schedule(console(), found)
    if output is not None:
        from ccsim.reporting.files import replacing

        with replacing(output) as partial:
            partial.write_text(scenario_text(found), encoding="utf-8")
        click.echo(f"The scenario with this schedule: {output}", err=True)
    if chart is not None:
        from ccsim.reporting.staircase import staircase_chart

        staircase_chart(found, chart)
        click.echo(f"Required against scheduled: {chart}", err=True)
    if folder is not None:
        write_schedule_csv(found, folder)
        click.echo(f"Shifts, intervals and roster as CSV files: {folder}", err=True)
    return found.interrupted


def _show_people(scenario: Scenario, certainty: float, as_json: bool) -> None:
    from ccsim.reporting.schedules import people_json, show_people
    from ccsim.reporting.tables import console
    from ccsim.staffing import requirement
    from ccsim.staffing.headcount import headcount

    found = headcount(requirement(scenario), certainty)
    if as_json:
        click.echo(people_json(found))
    else:
        show_people(console(), found)


def _show_slots(scenario: Scenario, group: str | None, people: int | None, length: float, seed: int, as_json: bool) -> bool:
    """Play the roster and print what it has to spare; whether it was interrupted."""
    from ccsim.reporting.schedules import show_slots, slots_json
    from ccsim.reporting.tables import console
    from ccsim.staffing.slots import slots

    with watching("kernel") as progress:
        found = slots(scenario, group, people, length, seed, progress)
    if as_json:
        click.echo(slots_json(found))
    else:
        show_slots(console(), found)
    return found.interrupted
