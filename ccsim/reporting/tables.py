"""A run and a requirement as tables for a terminal. Nothing is marked by colour alone, and no text of a scenario is read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ccsim.measures.definitions import label, names
from ccsim.reporting.wording import (
    NOTHING,
    agents,
    answer,
    clock,
    count,
    half_width,
    meets,
    number_of,
    percent,
    played_words,
    signed,
    target_words,
    unit_words,
    value,
    wait,
    within_words,
)
from ccsim.staffing.crews import shrinkage_of

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.staffing import Beside, Requirement
    from ccsim.staffing.crews import Floats
    from ccsim.staffing.requirement import CrewRequirement

# Narrower terminals do without the columns marked as spare
WIDE = 118
PLAIN_WIDTH = 140
# More rows than this nobody reads: then those intervals are shown in which most callers waited too long
MOST_ROWS = 110
SHORT_LABELS = {
    "offered": "offered a day",
    "answered": "answered a day",
    "mean_wait": "mean wait",
    "average_speed_of_answer": "speed of answer",
    "wait_p90": "90 % wait at most",
    "over_threshold": "over target wait",
    "abandoned_fraction": "hung up",
    "occupancy": "occupancy",
    "overtime_hours": "overtime, h a day",
    "target_met": "target held",
    "agents_scheduled": "scheduled",
    "agents_on_duty": "on duty",
    "activations": "activations a day",
    "agents_on": "on, mean",
    "hours_paid": "paid h a day",
    "share_of_days_used": "days used",
    "first_activation": "first activation",
    "cost": "cost a day",
}


def console(*, stderr: bool = False) -> Console:
    """Return a console that prints text as it is; where no terminal tells its width, tables are as wide as they need."""
    made = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not made.is_terminal:
        made.width = max(made.width, PLAIN_WIDTH)
    return made


def show_run(out: Console, result: Result, formula: Beside | None) -> None:
    """Print what a run has to say: the answer first, then the measures, call types, groups, contingents and intervals."""
    document, scenario = result.to_dict(), result.scenario
    out.print(_plain(scenario.title, style="bold"))
    out.print(_plain(played_words(result), style="dim"))
    if result.interrupted:
        out.print(_plain(f"Interrupted: these are the {result.replications:,} days that were finished.", style="bold"))
    if result.precision_reached is False:
        out.print(_plain("The precision asked for was not reached.", style="bold"))
    out.print()
    for sentence in answer(result):
        out.print(_plain(sentence))
    for warning in scenario.warnings:
        out.print(_plain(f"Note: {warning}", style="yellow"))
    if scenario.shrinkage and scenario.staff:
        used, added, compounded = shrinkage_of(scenario)
        both = f"the shares add to {percent(added)}, compounded they would be {percent(compounded)}"
        out.print(_plain(f"Shrinkage: {percent(used)} of paid time ({both})."))
    _section(out, "Over the open hours", _measures(_telling(document["measures"])))
    level = f"service_level_{scenario.target.variant}"
    calls = ("offered", level, "mean_wait", "average_speed_of_answer", "wait_p90", "abandoned_fraction", "target_met")
    if len(document["call_types"]) > 1:
        _section(out, "Call types", _by_name(document["call_types"], calls))
    _section(out, "Groups", _by_name(document["groups"], names("groups")))
    if document["contingent"]:
        _section(out, "Contingents", _by_name(document["contingent"], names("contingent")))
    _section(out, *_intervals(out, result, document["intervals"], formula))
    out.print()
    aim = f"Target: {target_words(scenario.target)}, by {scenario.target.per}."
    out.print(_plain(f"{aim} * marks intervals that miss it, all days taken together.", style="dim"))
    out.print(_plain("Required agents are the formula's, as `ccsim staff` gives them, with nobody called in from home.", style="dim"))
    if formula is not None:
        said = f"{formula.model} beside it: the planned agents, nobody hangs up, no day busier than another, no absence but its mean"
        out.print(_plain(f"{said}{', no contingents' if document['contingent'] else ''}.", style="dim"))


def show_requirement(out: Console, need: Requirement) -> None:
    """Print a requirement: what it rests on, the shrinkage both ways, and a row an interval."""
    out.print(_plain(need.scenario.title, style="bold"))
    out.print(_plain(f"Target {target_words(need.scenario.target)} · by formula: {need.model}", style="dim"))
    for note in need.notes:
        out.print(_plain(f"Note: {note}"))
    for warning in need.scenario.warnings:
        out.print(_plain(f"Note: {warning}", style="yellow"))
    for part in need.crews:
        used, added, compounded = part.shrinkage
        whose = f" of those who take {part.crew.name}" if len(need.crews) > 1 else ""
        both = f"the shares add to {percent(added)}, compounded they would be {percent(compounded)}"
        out.print(_plain(f"Shrinkage{whose}: {percent(used)} ({both}); scheduled = required ÷ {1 - used:.4g}, rounded up."))
    for part in need.crews if len(need.crews) > 1 else ():
        _section(out, part.crew.name, _requirement_table(part.load.calls, part.load.offered_load, part, need))
    _section(out, "All agents", _requirement_table(need.calls, need.offered_load, need, need))
    hours, job = need.scheduled_hours, need.scenario.fte
    jobs = f"{need.full_time_equivalents:,.1f} full-time equivalents of {job.hours:g} h a {job.per}"
    out.print(_plain(f"Scheduled: {hours:,.0f} hours a day; were every day like this, {jobs}.", style="dim"))


def _plain(text: str, style: str = "") -> Text:
    """Text that is neither markup nor a command to the terminal, whatever a scenario holds."""
    return Text("".join(letter for letter in text if letter.isprintable()), style=style)


def _section(out: Console, title: str, table: Table) -> None:
    out.print()
    out.print(_plain(title, style="bold"))
    out.print(table)


def _requirement_table(calls: Floats, load: Floats, staff: CrewRequirement | Requirement, need: Requirement) -> Table:
    target, predicted = need.scenario.target, staff.predicted
    within = within_words(need.scenario)
    table = _table("interval", "calls", "erlangs", "required", "scheduled", within, "mean wait", "occupancy")
    level = predicted[f"service_level_{target.variant}"]
    rows = zip(
        _clocks(need.starts), calls, load, staff.required_agents, staff.scheduled_agents,
        level, predicted["mean_wait"], predicted["occupancy"], strict=True,
    )  # fmt: skip
    for start, offered, erlangs, required, scheduled, within, waited, busy in rows:
        numbers = (count(offered), count(erlangs), agents(required), agents(scheduled), percent(within), wait(waited), percent(busy))
        table.add_row(start, *numbers)
    return table


def _telling(measures: dict[str, Any]) -> dict[str, Any]:
    """The measures without those that only say that nothing of the kind happened: busy signals, second attempts."""
    silent = {name for name in ("blocked", "blocked_fraction") if number_of(measures.get(name)) == 0.0}
    silent |= {"attempts_per_caller"} if number_of(measures.get("attempts_per_caller")) == 1.0 else set()
    return {name: entry for name, entry in measures.items() if name not in silent}


def _measures(measures: dict[str, Any]) -> Table:
    table = _table("", "mean", "95 % interval")
    table.add_column("")
    for name, entry in measures.items():
        low, high = value(entry, "low"), value(entry, "high")
        span = NOTHING if NOTHING in (low, high) else f"{low} to {high}"
        table.add_row(label(name), value(entry), span, unit_words(entry))
    return table


def _by_name(entries: dict[str, dict[str, Any]], measures: Iterable[str]) -> Table:
    carried = [name for name in measures if any(number_of(entry.get(name)) is not None for entry in entries.values())]
    heads = [SHORT_LABELS.get(name, "within target wait" if name.startswith("service_level") else label(name)) for name in carried]
    table = _table("", *heads)
    for key, entry in entries.items():
        table.add_row(_plain(key), *(value(entry.get(name)) + half_width(entry.get(name)) for name in carried))
    return table


def _intervals(out: Console, result: Result, rows: list[dict[str, Any]], formula: Beside | None) -> tuple[str, Table]:
    target, wide = result.scenario.target, out.width >= WIDE
    level = f"service_level_{target.variant}"
    within = within_words(result.scenario)
    within = within.replace(" ", "\n", 1).removesuffix(" wait").replace("their ", "")
    pools = bool(result.scenario.contingent)
    columns: list[tuple[str, str, bool]] = [
        ("calls", "offered", True),
        ("sched-\nuled", "agents_scheduled", wide),
        ("requ-\nired", "required_agents", True),
        ("on\nduty", "agents_on_duty", True),
        ("net", "net_staffing", True),
        ("contin-\ngents", "agents_on", pools),
        ("mean\nwait", "mean_wait", True),
        (within, level, True),
        ("hung\nup", "abandoned_fraction", wide),
        ("occu-\npancy", "occupancy", wide),
        ("held, of\nall days", "target_met", True),
    ]
    shown = [(head, name) for head, name, kept in columns if kept and any(number_of(row.get(name)) is not None for row in rows)]
    beside = [] if formula is None else [f"{formula.model}\nwithin", f"{formula.model}\nwait"]
    picked, title = _picked(rows, level)
    table = _table("interval", *(head for head, _ in shown), *beside)
    measured = np.flatnonzero(result.scenario.horizon.measured)
    times = _clocks([row["start"] for row in rows])
    for number in picked:
        row = rows[number]
        missed = meets(row, target) is False
        time = times[number] + (" *" if missed else "")
        cells = [_cell(name, row) for _, name in shown]
        table.add_row(time, *cells, *_beside_cells(formula, int(measured[number])), style="bold" if missed else None)
    return title, table


def _cell(name: str, row: dict[str, Any]) -> str:
    number = number_of(row.get(name))
    if name == "net_staffing":
        return signed(number)
    return agents(number) if name in AGENTS else value(row.get(name))


AGENTS = ("agents_scheduled", "required_agents", "agents_on_duty", "agents_on")


def _beside_cells(formula: Beside | None, number: int) -> list[str]:
    if formula is None:
        return []
    return [percent(formula.service_level[number]), "overload" if formula.overloaded[number] else wait(formula.mean_wait[number])]


def _picked(rows: list[dict[str, Any]], level: str) -> tuple[list[int], str]:
    """Numbers of the rows to show, and the table's title."""
    if len(rows) <= MOST_ROWS:
        return list(range(len(rows))), "By interval"
    called = [number for number, row in enumerate(rows) if number_of(row.get(level)) is not None]
    worst = sorted(called, key=lambda number: rows[number][level]["mean"])[: MOST_ROWS // 4]
    return sorted(worst), f"The {len(worst)} worst of {len(rows)} intervals (--json and --csv give them all)"


def _table(first: str, *heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    table.add_column(first, no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right")
    return table


def _clocks(starts: Sequence[str]) -> list[str]:
    """Clock times; with the date where a day begins, if there are several."""
    dates = [start.partition("T")[0] for start in starts]
    if len(set(dates)) == 1:
        return [clock(start) for start in starts]
    news = [number == 0 or dates[number] != dates[number - 1] for number in range(len(dates))]
    return [f"{date} {clock(start)}" if new else clock(start).rjust(16) for date, start, new in zip(dates, starts, news, strict=True)]
