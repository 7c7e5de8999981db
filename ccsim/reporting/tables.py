"""A run and a requirement as tables for a terminal. Nothing is marked by colour alone, and no text of a scenario is read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ccsim.measures.definitions import label, names
from ccsim.reporting import waterfall
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import (
    NOTHING,
    agents,
    answer,
    clock,
    count,
    half_width,
    history_words,
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
    "first_calls": "first calls",
    "redials": "redials",
    "repeats": "repeats",
    "transfers": "passed on to it",
    "told_to_call_again": "told to call again",
    "attempts_per_caller": "attempts a caller",
    "lost_fraction": "lost",
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
    out.print(plain_text(scenario.title, style="bold"))
    out.print(plain_text(played_words(result), style="dim"))
    if result.interrupted:
        out.print(plain_text(f"Interrupted: these are the {result.replications:,} days that were finished.", style="bold"))
    if result.precision_reached is False:
        out.print(plain_text("The precision asked for was not reached.", style="bold"))
    out.print()
    for sentence in answer(result):
        out.print(plain_text(sentence))
    for warning in scenario.warnings:
        out.print(plain_text(f"Note: {warning}", style="yellow"))
    for words in history_words(document):
        out.print(plain_text(words))
    account = document.get("shrinkage")
    if account is not None:
        out.print(plain_text(waterfall.sentence(account)))
    elif scenario.shrinkage and scenario.staff:
        used, added, compounded = shrinkage_of(scenario)
        both = f"the shares add to {percent(added)}, compounded they would be {percent(compounded)}"
        out.print(plain_text(f"Shrinkage: {percent(used)} of paid time ({both})."))
    section(out, "Over the open hours", _measures(_telling(document["measures"])))
    _call_types(out, document["call_types"], scenario.target.variant)
    section(out, "Groups", _by_name(document["groups"], names("groups")))
    if account is not None:
        _waterfall(out, account)
    if document["contingent"]:
        section(out, "Contingents", _by_name(document["contingent"], names("contingent")))
    section(out, *_intervals(out, result, document["intervals"], formula))
    out.print()
    aim = f"Target: {target_words(scenario.target)}, by {scenario.target.per}."
    out.print(plain_text(f"{aim} * marks intervals that miss it, all days taken together.", style="dim"))
    out.print(plain_text("Required agents are the formula's, as `ccsim staff` gives them, with nobody called in from home.", style="dim"))
    work = [name for name, call in scenario.calls.items() if call.channel == "work"]
    if work and len(work) < len(scenario.calls):
        said = f"Waits and service levels are those of callers; work ({', '.join(work)}) stands among the call types."
        out.print(plain_text(said, style="dim"))
    if formula is not None:
        said = f"{formula.model} beside it: the planned agents, nobody hangs up, no day busier than another, no absence but its mean"
        out.print(plain_text(f"{said}{', no contingents' if document['contingent'] else ''}.", style="dim"))


def show_requirement(out: Console, need: Requirement) -> None:
    """Print a requirement: what it rests on, the shrinkage both ways, and a row an interval."""
    out.print(plain_text(need.scenario.title, style="bold"))
    out.print(plain_text(f"Target {target_words(need.scenario.target)} · by formula: {need.model}", style="dim"))
    for note in need.notes:
        out.print(plain_text(f"Note: {note}"))
    for warning in need.scenario.warnings:
        out.print(plain_text(f"Note: {warning}", style="yellow"))
    for part in need.crews:
        used, added, compounded = part.shrinkage
        whose = f" of those who take {part.crew.name}" if len(need.crews) > 1 else ""
        both = f"the shares add to {percent(added)}, compounded they would be {percent(compounded)}"
        out.print(plain_text(f"Shrinkage{whose}: {percent(used)} ({both}); scheduled = required ÷ {1 - used:.4g}, rounded up."))
    for part in need.crews if len(need.crews) > 1 else ():
        section(out, part.crew.name, _requirement_table(part.load.calls, part.load.offered_load, part, need))
    section(out, "All agents", _requirement_table(need.calls, need.offered_load, need, need))
    hours, job = need.scheduled_hours, need.scenario.fte
    jobs = f"{need.full_time_equivalents:,.1f} full-time equivalents of {job.hours:g} h a {job.per}"
    out.print(plain_text(f"Scheduled: {hours:,.0f} hours a day; were every day like this, {jobs}.", style="dim"))


def _requirement_table(calls: Floats, load: Floats, staff: CrewRequirement | Requirement, need: Requirement) -> Table:
    target, predicted = need.scenario.target, staff.predicted
    within = within_words(need.scenario)
    grid = table("interval", "calls", "erlangs", "required", "scheduled", within, "mean wait", "occupancy", first_whole=True)
    level = predicted[f"service_level_{target.variant}"]
    rows = zip(
        clocks(need.starts), calls, load, staff.required_agents, staff.scheduled_agents,
        level, predicted["mean_wait"], predicted["occupancy"], strict=True,
    )  # fmt: skip
    for start, offered, erlangs, required, scheduled, within, waited, busy in rows:
        numbers = (count(offered), count(erlangs), agents(required), agents(scheduled), percent(within), wait(waited), percent(busy))
        grid.add_row(start, *numbers)
    return grid


def _telling(measures: dict[str, Any]) -> dict[str, Any]:
    """The measures without those that only say that nothing of the kind happened: busy signals, second attempts."""
    silent = {name for name in ("blocked", "blocked_fraction") if number_of(measures.get(name)) == 0.0}
    silent |= {"attempts_per_caller"} if number_of(measures.get("attempts_per_caller")) == 1.0 else set()
    silent |= {name for name in CAME_OF if not number_of(measures.get(name))}
    return {name: entry for name, entry in measures.items() if name not in silent}


CAME_OF = ("first_calls", "redials", "repeats", "transfers", "told_to_call_again")


def _call_types(out: Console, entries: dict[str, dict[str, Any]], variant: str) -> None:
    """The call types side by side; and where calls lead to others, what the calls of each came of."""
    level = f"service_level_{variant}"
    shown = ("offered", level, "mean_wait", "average_speed_of_answer", "wait_p90", "abandoned_fraction", "target_met")
    if len(entries) > 1:
        section(out, "Call types", _by_name(entries, shown))
        if any("first_calls" in entry for entry in entries.values()):
            told = [name for name in CAME_OF if any(number_of(entry.get(name)) for entry in entries.values())]
            section(out, "What their calls came of, a day", _by_name(entries, ("offered", *told, "attempts_per_caller", "lost_fraction")))


def _waterfall(out: Console, document: dict[str, Any]) -> None:
    """From the hours on the roster to those on the queue; and by group, where there are several."""
    grid = table("", *waterfall.heads()[:2], first_whole=True)
    grid.add_column("")
    for name, *cells in waterfall.rows(document):
        grid.add_row(plain_text(name), *cells, style="bold" if name.startswith("=") else None)
    section(out, "From the paid hours on the roster to the hours on the queue", grid)
    groups, lines = waterfall.group_rows(document)
    if groups:
        grid = table("of paid time", *("".join(letter for letter in name if letter.isprintable()) for name in groups), first_whole=True)
        for name, *cells in lines:
            grid.add_row(plain_text(name), *cells)
        section(out, "The same by group", grid)


def _measures(measures: dict[str, Any]) -> Table:
    grid = table("", "mean", "95 % interval", first_whole=True)
    grid.add_column("")
    for name, entry in measures.items():
        low, high = value(entry, "low"), value(entry, "high")
        span = NOTHING if NOTHING in (low, high) else f"{low} to {high}"
        grid.add_row(label(name), value(entry), span, unit_words(entry))
    return grid


def _by_name(entries: dict[str, dict[str, Any]], measures: Iterable[str]) -> Table:
    carried = [name for name in measures if any(number_of(entry.get(name)) is not None for entry in entries.values())]
    heads = [SHORT_LABELS.get(name, "within target wait" if name.startswith("service_level") else label(name)) for name in carried]
    grid = table("", *heads, first_whole=True)
    for key, entry in entries.items():
        grid.add_row(plain_text(key), *(value(entry.get(name)) + half_width(entry.get(name)) for name in carried))
    return grid


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
    grid = table("interval", *(head for head, _ in shown), *beside, first_whole=True)
    measured = np.flatnonzero(result.scenario.horizon.measured)
    times = clocks([row["start"] for row in rows])
    for number in picked:
        row = rows[number]
        missed = meets(row, target) is False
        time = times[number] + (" *" if missed else "")
        cells = [_cell(name, row) for _, name in shown]
        grid.add_row(time, *cells, *_beside_cells(formula, int(measured[number])), style="bold" if missed else None)
    return title, grid


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


def clocks(starts: Sequence[str]) -> list[str]:
    """Clock times; with the date where a day begins, if there are several."""
    dates = [start.partition("T")[0] for start in starts]
    if len(set(dates)) == 1:
        return [clock(start) for start in starts]
    news = [number == 0 or dates[number] != dates[number - 1] for number in range(len(dates))]
    return [f"{date} {clock(start)}" if new else clock(start).rjust(16) for date, start, new in zip(dates, starts, news, strict=True)]
