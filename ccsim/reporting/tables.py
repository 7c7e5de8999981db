"""A run and a requirement as tables for a terminal. Nothing is marked by colour alone, and no text of a scenario is read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from ccsim.measures.definitions import names
from ccsim.reporting import risk, waterfall
from ccsim.reporting.answer import (
    answer,
    common_in_force,
    common_words,
    demand_words,
    every_day_words,
    heading_words,
    history_words,
    in_force,
    left_out_of_required,
    left_words,
    meets,
    no_formula_words,
    per_words,
    required_words,
    work_words,
)
from ccsim.reporting.batches import batch_words
from ccsim.reporting.precision import precision_words
from ccsim.reporting.terminal import console as console
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.terms import SHORT_LABELS as SHORT_LABELS
from ccsim.reporting.terms import head_in, label_in, only_work, says_nothing_in, unit_in, work_of
from ccsim.reporting.wording import (
    EVERY_DAY,
    NOTHING,
    agents,
    clock,
    count,
    every_day,
    half_width,
    number_of,
    percent,
    played_words,
    signed,
    target_words,
    value,
    wait,
    within_words,
)
from ccsim.staffing.crews import shrinkage_of

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.inputs import Scenario
    from ccsim.staffing import Beside, Requirement
    from ccsim.staffing.crews import Floats
    from ccsim.staffing.requirement import CrewRequirement

# Narrower terminals do without the columns marked as spare
WIDE = 118
# More rows than this nobody reads: then those intervals are shown in which most callers waited too long
MOST_ROWS = 110


def show_run(out: Console, result: Result, formula: Beside | None) -> None:
    """Print what a run has to say: the answer first, then the measures, call types, groups, contingents and intervals."""
    document, scenario = result.to_dict(), result.scenario
    out.print(plain_text(scenario.title, style="bold"))
    out.print(plain_text(played_words(result), style="dim"))
    if result.interrupted:
        out.print(plain_text(f"Interrupted: these are the {result.replications:,} days that were finished.", style="bold"))
    for words in precision_words(result):
        out.print(plain_text(words, style="bold"))
    out.print()
    for sentence in answer(result):
        out.print(plain_text(sentence))
    for words in batch_words(document):
        out.print(plain_text(words, style="yellow" if words.startswith("Note: ") else ""))
    for warning in scenario.warnings:
        out.print(plain_text(f"Note: {warning}", style="yellow"))
    for words in history_words(document):
        out.print(plain_text(words))
    for words in left_words(scenario, document["measures"]):
        out.print(plain_text(words))
    account = document.get("shrinkage")
    for words in _shrinkage_words(scenario, account):
        out.print(plain_text(words))
    for words in risk.sentences(result):
        out.print(plain_text(words))
    section(out, "Over the open hours", _measures(_telling(scenario, document["measures"]), result))
    _call_types(out, scenario, _types_that_call(scenario, document["call_types"]))
    section(out, "Groups", _by_name(scenario, document["groups"], names("groups")))
    if account is not None and waterfall.tells(account):
        _waterfall(out, account)
    if document["contingent"]:
        section(out, "Contingents", _by_name(scenario, document["contingent"], names("contingent")))
    bad_days = risk.bad_days(result)
    if bad_days is not None:
        section(out, "Bad days", bad_days)
    section(out, *_intervals(out, result, document["intervals"], formula))
    out.print()
    for words in _footers(result, document, formula):
        out.print(plain_text(words, style="dim"))


def _shrinkage_words(scenario: Scenario, account: dict[str, Any] | None) -> list[str]:
    """What the shrinkage comes to, added and multiplied; nothing where there is none."""
    if account is not None:
        return [*([waterfall.sentence(account)] if account["steps"] else []), *waterfall.ended_words(account, scenario.days)]
    if not (scenario.shrinkage and scenario.staff):
        return []
    used, added, compounded = shrinkage_of(scenario)
    both = f"the shares add to {percent(added)}, compounded they would be {percent(compounded)}"
    return [f"Shrinkage: {percent(used)} of paid time ({both})."]


def _footers(result: Result, document: dict[str, Any], formula: Beside | None) -> list[str]:
    """What to know of the tables above."""
    scenario, rows = result.scenario, document["intervals"]
    said = [_target_footer(scenario)]
    if any(number_of(row.get("required_agents")) is not None for row in rows):
        said.append(required_words(scenario))
    elif rows:
        said += no_formula_words(scenario)
    said += work_words(scenario)
    if formula is not None:
        beside = f"{formula.model} beside it: the planned agents, nobody hangs up, no day busier than another, no absence but its mean"
        same = "; it leaves out the same" if left_out_of_required(scenario) else ""
        said.append(f"{beside}{', no contingents' if document['contingent'] else ''}{same}.")
    told = [
        document["measures"],
        *_types_that_call(scenario, document["call_types"]).values(),
        *document["groups"].values(),
        *document["contingent"].values(),
    ]
    if any(every_day(entry, name) for entries in told for name, entry in entries.items()):
        said.append(every_day_words(result))
    return said


def _target_footer(scenario: Scenario) -> str:
    if not any(own for _, _, own in in_force(scenario)):
        aim = f"Target: {target_words(scenario.target)}, by {scenario.target.per}."
        return f"{aim} * marks intervals that miss it, all days taken together."
    said = f"Targets: {demand_words(scenario)}; judged together by {per_words(scenario)}."
    if not common_in_force(scenario):
        return said
    everything = "all work" if only_work(scenario) else "all callers"
    miss = "misses" if only_work(scenario) else "miss"
    return f"{said} * marks intervals in which {everything} together {miss} {common_words(scenario)}, all days taken together."


def show_requirement(out: Console, need: Requirement) -> None:
    """Print a requirement: what it rests on, the shrinkage both ways, and a row an interval."""
    out.print(plain_text(need.scenario.title, style="bold"))
    demanded = heading_words(need.scenario, [name for part in need.crews for name in part.crew.types])
    out.print(plain_text(f"Target {demanded} · by formula: {need.model}", style="dim"))
    for note in need.notes:
        out.print(plain_text(f"Note: {note}"))
    for warning in need.scenario.warnings:
        out.print(plain_text(f"Note: {warning}", style="yellow"))
    for part in need.crews:
        used, added, compounded = part.shrinkage
        whose = f" of those who take {part.crew.name}" if len(need.crews) > 1 else ""
        both = f"the shares add to {percent(added)}, compounded they would be {percent(compounded)}"
        if used == added == compounded == 0.0:
            out.print(plain_text(f"Shrinkage{whose}: none; scheduled = required."))
            continue
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


def _telling(scenario: Scenario, measures: dict[str, Any]) -> dict[str, Any]:
    """The measures without those that only say that nothing of the kind happened: busy signals, second attempts, work left undone."""
    silent = {name for name in ("blocked", "blocked_fraction", "never_came", *LEFT) if number_of(measures.get(name)) == 0.0}
    silent |= {"attempts_per_caller"} if number_of(measures.get("attempts_per_caller")) == 1.0 else set()
    silent |= {name for name in CAME_OF if not number_of(measures.get(name))}
    return {name: entry for name, entry in measures.items() if name not in silent and not says_nothing_in(scenario, name)}


CAME_OF = ("first_calls", "redials", "repeats", "transfers", "told_to_call_again")
LEFT = ("unsettled", "work_undone")


def _types_that_call(scenario: Scenario, entries: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The call types, work without what only callers do: hang up, and be lost."""
    work = work_of(scenario)
    return {
        key: {name: told for name, told in entry.items() if key not in work or not name.startswith(("abandoned", "lost"))}
        for key, entry in entries.items()
    }


def _call_types(out: Console, scenario: Scenario, entries: dict[str, dict[str, Any]]) -> None:
    """The call types side by side; and where calls lead to others, what the calls of each came of."""
    level = f"service_level_{scenario.target.variant}"
    # where only one type has any left, a sentence has said so
    left = ("unsettled",) if sum(bool(number_of(entry.get("unsettled"))) for entry in entries.values()) > 1 else ()
    shown = ("offered", *left, level, "mean_wait", "average_speed_of_answer", "wait_p90", "abandoned_fraction", "target_met")
    if len(entries) > 1:
        section(out, "Call types", _by_name(scenario, entries, shown))
        if any("first_calls" in entry for entry in entries.values()):
            told = [name for name in CAME_OF if any(number_of(entry.get(name)) for entry in entries.values())]
            came_of = ("offered", *told, "attempts_per_caller", "lost_fraction")
            section(out, "What their calls came of, a day", _by_name(scenario, entries, came_of))


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


def _measures(measures: dict[str, Any], result: Result) -> Table:
    grid = table("", "mean", "95 % interval", first_whole=True)
    grid.add_column("")
    for name, entry in measures.items():
        low, high = value(entry, "low"), value(entry, "high")
        span = NOTHING if NOTHING in (low, high) else EVERY_DAY if every_day(entry, name) else f"{low} to {high}"
        grid.add_row(label_in(result.scenario, name), value(entry), span, unit_in(result.scenario, name, entry))
    return grid


def _by_name(scenario: Scenario, entries: dict[str, dict[str, Any]], measures: Iterable[str]) -> Table:
    carried = [
        name
        for name in measures
        if any(number_of(entry.get(name)) is not None for entry in entries.values()) and not says_nothing_in(scenario, name)
    ]
    grid = table("", *(head_in(scenario, name) for name in carried), first_whole=True)
    for key, entry in entries.items():
        grid.add_row(plain_text(key), *(value(entry.get(name)) + half_width(entry.get(name), name) for name in carried))
    return grid


def _intervals(out: Console, result: Result, rows: list[dict[str, Any]], formula: Beside | None) -> tuple[str, Table]:
    target, wide = result.scenario.target, out.width >= WIDE
    level = f"service_level_{target.variant}"
    within = within_words(result.scenario)
    within = within.replace(" ", "\n", 1).removesuffix(" wait").replace("their ", "")
    pools, callers, marked = bool(result.scenario.contingent), not only_work(result.scenario), common_in_force(result.scenario)
    columns: list[tuple[str, str, bool]] = [
        ("calls" if callers else "came\nin", "offered", True),
        ("sched-\nuled", "agents_scheduled", wide),
        ("requ-\nired", "required_agents", True),
        ("on\nduty", "agents_on_duty", True),
        ("net", "net_staffing", True),
        ("contin-\ngents", "agents_on", pools),
        ("mean\nwait", "mean_wait", True),
        (within, level, True),
        ("hung\nup", "abandoned_fraction", wide and callers),
        ("occu-\npancy", "occupancy", wide),
        ("held, of\nall days", "target_met", True),
    ]
    shown = [(head, name) for head, name, kept in columns if kept and any(number_of(row.get(name)) is not None for row in rows)]
    beside = [] if formula is None else [f"{formula.model}\nwithin", f"{formula.model}\nwait"]
    picked, title = _picked(rows, level)
    grid = table("interval", *(head for head, _ in shown), *beside, first_whole=True)
    times = clocks([rows[number]["start"] for number in picked], dated=len(picked) < len(rows))
    for place, number in enumerate(picked):
        row = rows[number]
        missed = marked and meets(row, target) is False
        time = times[place] + (" *" if missed else "")
        cells = [_cell(name, row) for _, name in shown]
        grid.add_row(time, *cells, *_beside_cells(formula, int(result.measured[number])), style="bold" if missed else None)
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


def clocks(starts: Sequence[str], dated: bool = False) -> list[str]:
    """Clock times; with the date where a day begins, if there are several, or `dated` says that there may be others not shown."""
    dates = [start.partition("T")[0] for start in starts]
    if len(set(dates)) == 1 and not dated:
        return [clock(start) for start in starts]
    news = [number == 0 or dates[number] != dates[number - 1] for number in range(len(dates))]
    return [f"{date} {clock(start)}" if new else clock(start).rjust(16) for date, start, new in zip(dates, starts, news, strict=True)]
