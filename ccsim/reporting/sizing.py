"""A sized centre: as tables for a terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from ccsim import __version__
from ccsim.reporting.answer import heading_words, per_words
from ccsim.reporting.files import replacing
from ccsim.reporting.schedules import met_where
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import MONTHS, NOTHING, agents, agents_words, clock, count, duration, percent, plain_percent, signed, wait
from ccsim.units import WEEKDAYS, format_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccsim.staffing.sizing import Case, Sizing

_SAVED = ("required", "heads", "paid_hours", "full_time_equivalents", "seats", "lines")
_LONG = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday"}


def show_sizing(out: Console, found: Sizing) -> None:
    """Print what a centre takes: the answer first, then low, middle and high, shifts, intervals, months, and what it hangs on."""
    scenario = found.scenario
    out.print(plain_text(scenario.title, style="bold"))
    variant = scenario.target.variant
    of = "" if scenario.target.share is None or variant == "offered" else f" (service level: {variant.replace('_', ' ')})"
    out.print(plain_text(f"Sized for {scenario.date.year} · target {heading_words(scenario)}{of}", style="dim"))
    if found.interrupted:
        words = "Interrupted: what was finished by then; cases, pooling and what was to be played may be missing."
        out.print(plain_text(words, style="bold"))
    out.print()
    for sentence in sentences(found):
        out.print(plain_text(sentence))
    if found.held is not None and not found.held.verified:
        out.print(plain_text("`-o` writes this centre as a file, and `ccsim schedule` on that file looks for shifts that hold."))
    for note in (*found.notes, *warnings(found)):
        out.print(plain_text(f"Note: {note}", style="yellow"))
    section(out, "Low, middle, high" if len(found.cases) > 1 else "The centre", _cases(found))
    section(out, f"People by shift in the busiest week ({_week(found)})", _shifts(found))
    if found.pooling is not None:
        section(out, "Each by itself, or one centre", _pooling(found))
        out.print(plain_text(pooling_words(found), style="dim"))
    section(out, f"What the {found.middle.people.heads:,} people hang on", _tornado(found))
    section(out, f"The power of one: {_peak_moment(found)}, by formula", _ones(found))
    if found.ahead:
        section(out, "If growth goes on", _ahead(found))
    section(out, "By month", _months(found))
    section(out, f"Agents required on duty by interval, week of {found.peak.week.date}", _intervals(found))
    out.print()
    for line in _footers(found):
        out.print(plain_text(line, style="dim"))


def sentences(found: Sizing) -> list[str]:
    """Return the answer: people, seats, lines, hours and cost; when it is busiest; whether it holds when played; what sureness takes."""
    middle, scenario = found.middle, found.scenario
    people, year = middle.people, middle.year
    job = scenario.fte
    said = f"{count(year.calls)} calls in {scenario.date.year} take {people.heads:,} people on the roster"
    said += f" ({people.part_timers:,} of them part-timers;" if people.part_timers else " ("
    said += f" {count(people.full_time_equivalents)} full-time jobs of {job.hours:g} h a {job.per}), {people.seats:,} seats and "
    said += f"{found.lines:,} lines. They work {count(year.paid_hours)} paid hours a year"
    if year.cost is not None and year.cost_per_call is not None:
        said += f", which cost {money(found, year.cost)}: {year.cost_per_call:,.2f} a call"
    need, roster = agents_words(float(middle.required.max())), agents(float(middle.scheduled.max()))
    have = "has" if need == "1 agent" else "have"
    when = f"It is busiest on a {_LONG[found.busiest_name]} in {found.peak.name}: {need} {have} to be on duty, {roster} scheduled at a "
    when += f"shrinkage of {percent(middle.question.shrinkage)}."
    surely = f"That brings enough people on average. For enough to turn up on {plain_percent(found.certainty)} of days it takes "
    surely += f"about {math.ceil(middle.heads_surely - 1e-9):,} people." if math.isfinite(middle.heads_surely) else "more than can be had."
    sure = [surely] if middle.question.shrinkage > 0.0 else []
    return [f"{said.replace('( ', '(')}.", when, *sure, *held_words(found), *([] if found.check is None else [check_words(found)])]


def held_words(found: Sizing) -> list[str]:
    """What the busiest week came to on fresh weeks, and what that took beside the formula; nothing where it was not played."""
    held = found.held
    if held is None:
        return []
    by_day = per_words(found.scenario) == "day"
    played, what, on = held.played, *(("days", "on") if by_day else ("intervals", "in"))
    judged, missed, sure, _ = met_where(held.people.week, played)
    if held.interrupted:
        words = f"Not verified: interrupted, on {played.replications:,} weeks played by then the target is missed {on} {missed:,} of "
        words += f"{judged:,} {what} of the busiest one"
    elif not missed:
        words = f"Verified: on {played.replications:,} fresh weeks the target holds {on} all {judged:,} {what} of the busiest one"
    else:
        words = f"Not verified: on {played.replications:,} fresh weeks the target is missed {on} {missed:,} of {judged:,} {what} of the "
        words += f"busiest one, in {sure:,} by more than chance"
    by_formula, heads = held.by_formula.heads, held.people.heads
    found_so = f"missed it in {held.missed_by_formula:,}"
    if by_day:
        found_so = "missed it" if held.missed_by_formula else "held it too"
    words += f". The formula's {by_formula:,} people {found_so}"
    if heads != by_formula:
        words += f"; shifts were corrected, which took {abs(heads - by_formula):,} {'more' if heads > by_formula else 'fewer'}"
    return [f"{words}."]


def check_words(found: Sizing) -> str:
    """What the busiest day came to when it was played; empty where it was not."""
    played = found.check
    if played is None:
        return ""
    day = f"{_LONG[found.busiest_name]} {played.scenario.date.day} {MONTHS[played.scenario.date.month - 1]}"
    words = f"Played {played.replications:,} times, {day} "
    if per_words(found.scenario) == "day":
        words += "misses the target over the day" if played.missed else "holds the target over the day"
    elif played.held:
        words += f"holds the target in {played.judged - played.missed if played.missed else 'all'} of its {played.judged} intervals"
        words += ", and misses it in the others by no more than chance" if played.missed else ""
    else:
        words += f"misses the target in {played.missed} of {played.judged} intervals, in {played.surely_missed} by more than chance"
        words += _worst_words(found)
    over = "" if per_words(found.scenario) == "day" else " over the day"
    words += f": {percent(played.service_level)} answered within {duration(found.scenario.target.wait)}{over}, "
    words += f"{percent(played.abandoned_fraction)} hung up, occupancy {percent(played.occupancy)}, "
    words += f"busy signals {percent(played.blocked_fraction, 2)} with {played.lines:,} lines"
    words += "." if played.lines == found.middle.lines else f" (the formula said {found.middle.lines:,})."
    return words


def _worst_words(found: Sizing) -> str:
    """Where the played day does worst."""
    worst = None if found.check is None else found.check.worst
    if worst is None:
        return ""
    of = f" for {worst.call_type}" if len(found.scenario.calls) > 1 else ""
    reached = wait(worst.value) if worst.aim == "average_speed_of_answer" else percent(worst.value)
    name = {"share": "", "average_speed_of_answer": "average speed of answer ", "abandoned_fraction": "hung up ", "occupancy": "occupancy "}
    return f" (worst{of} at {clock(worst.start)}: {name[worst.aim]}{reached})"


def pooling_words(found: Sizing) -> str:
    """What one centre saves, and what has to be so."""
    pooling = found.pooling
    if pooling is None:
        return ""
    less = round(pooling.total("heads")) - pooling.pool.heads
    if less > 0:
        words = f"One centre takes {less:,} people fewer than its parts ({percent(pooling.saved('heads'))})"
    else:
        words = "One centre takes no fewer people than its parts"
    by = "" if found.held is None else ", by the formula on both sides"
    return (
        f"{words}{by}. It assumes that everybody can take every call, as well and as fast as now, and that the strictest target holds for "
        "all; training for it is not in the numbers."
    )


def warnings(found: Sizing) -> list[str]:
    """What reading the file had to say that bears on sizing."""
    about_runs = ("are for sizing", "`staff", "`contingent", "`events", "`known", "`lines")
    return [words for words in found.peak.week.warnings if not any(part in words for part in about_runs)]


def money(found: Sizing, amount: float | None) -> str:
    """An amount in the scenario's currency; a dash for none."""
    cost = found.scenario.cost
    return NOTHING if amount is None or cost is None else f"{count(amount)} {cost.currency}".rstrip()


def sizing_json(found: Sizing) -> str:
    """Return a sized centre as one JSON object."""
    return json.dumps({"ccsim": __version__, **found.to_dict()}, ensure_ascii=False, indent=2, allow_nan=False)


def write_sizing_csv(found: Sizing, folder: str | Path) -> list[Path]:
    """Write the tables into `folder`, one CSV file each; raises `ResultError` where the folder takes no files."""
    shifts = [{**row, **row["by_day"]} for row in found.middle.people.by_shift()]
    for row in shifts:
        del row["by_day"]
    tables: dict[str, list[dict[str, Any]]] = {
        "cases": found.case_rows(),
        "shifts": shifts,
        "intervals": found.rows(),
        "intervals-usual-month": found.usual_rows(),
        "months": found.month_rows(),
        "sensitivity": [asdict(bar) for bar in found.bars],
        "power-of-one": [asdict(one) for one in found.ones],
    }
    if found.pooling is not None:
        tables["pooling"] = [asdict(part) for part in (*found.pooling.parts, found.pooling.pool)]
    return [_write(Path(folder) / f"{name}.csv", rows) for name, rows in tables.items() if rows]


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with replacing(path) as partial:
        partial.write_text(text.getvalue(), encoding="utf-8")
    return path


def _week(found: Sizing) -> str:
    return f"{found.peak.name}, Monday {found.peak.week.date.day} to Sunday"


def _peak_moment(found: Sizing) -> str:
    horizon = found.peak.week.horizon
    start = float(horizon.interval_start[found.peak_interval])
    weekday = _LONG[WEEKDAYS[horizon.weekday(int(horizon.interval_day[found.peak_interval]))]]
    return f"{weekday} {clock(horizon.stamp(round(start)))} in {found.peak.name}"


def _cases(found: Sizing) -> Table:
    grid = table("", *found.cases, first_whole=True)

    def row(name: str, cell: Callable[[Case], str]) -> None:
        grid.add_row(name, *(cell(case) for case in found.cases.values()))

    row("calls a year", lambda case: count(case.year.calls))
    row("agents on duty in the busiest interval", lambda case: agents(float(case.required.max())))
    row("scheduled then", lambda case: agents(float(case.scheduled.max())))
    row("people on the roster", lambda case: f"{case.people.heads:,}")
    row("of them part-timers", lambda case: f"{case.people.part_timers:,}")
    row(f"people, enough on {plain_percent(found.certainty)} of days", lambda case: _whole(case.heads_surely))
    row("full-time equivalents, busiest week", lambda case: count(case.people.full_time_equivalents))
    row("paid hours, busiest week", lambda case: count(case.people.paid_hours))
    row("seats", lambda case: f"{case.people.seats:,}")
    row("seats if everybody came", lambda case: f"{case.people.seats_all:,}")
    row("lines, by formula", lambda case: f"{case.lines:,}")
    if found.check is not None and found.check.lines != found.middle.lines:
        row("lines, as played", lambda case: f"{found.lines:,}" if case.name == "middle" else NOTHING)
    row("paid hours a year", lambda case: count(case.year.paid_hours))
    if found.scenario.cost is not None:
        row(f"pay a year, {found.scenario.cost.currency}".removesuffix(", "), lambda case: count(case.year.cost))
        row("pay a call", lambda case: f"{case.year.cost_per_call:,.2f}")
    row("paid hours a year, all kept on", lambda case: count(case.year.paid_hours_kept))
    if found.scenario.cost is not None:
        row("pay a year, all kept on", lambda case: count(case.year.cost_kept))
    return grid


def _whole(number: float) -> str:
    return f"{math.ceil(number - 1e-9):,}" if math.isfinite(number) else NOTHING


def _shifts(found: Sizing) -> Table:
    rows = found.middle.people.by_shift()
    days = list(rows[0]["by_day"]) if rows else []
    grid = table("shift", "", "people", *days, first_whole=True)
    for row in rows:
        kind = "part-time" if row["part_time"] else "full-time"
        grid.add_row(row["shift"], kind, f"{row['people']:,}", *(str(row["by_day"][day]) for day in days))
    totals = [str(sum(row["by_day"][day] for row in rows)) for day in days]
    grid.add_row("together", "", f"{found.middle.people.heads:,}", *totals, style="bold")
    return grid


def _pooling(found: Sizing) -> Table:
    pooling = found.pooling
    assert pooling is not None
    grid = table("", "calls a year", "on duty at peak", "people", "paid h a week", "FTE", "seats", "lines", first_whole=True)
    for part in (*pooling.parts, None, pooling.pool):
        if part is None:
            whole = {name: pooling.total(name) for name in ("calls", *_SAVED)}
            cells = [count(whole["calls"]), agents(whole["required"]), f"{whole['heads']:,.0f}", count(whole["paid_hours"])]
            grid.add_row("sum", *cells, count(whole["full_time_equivalents"]), f"{whole['seats']:,.0f}", f"{whole['lines']:,.0f}")
            continue
        cells = [count(part.calls), agents(part.required), f"{part.heads:,}", count(part.paid_hours), count(part.full_time_equivalents)]
        bold = "bold" if part is pooling.pool else None
        grid.add_row(plain_text(part.name), *cells, f"{part.seats:,}", f"{part.lines:,}", style=bold)
    grid.add_row("saved", "", *(percent(pooling.saved(name)) if pooling.saved(name) >= 0 else NOTHING for name in _SAVED))
    return grid


def _tornado(found: Sizing) -> Table:
    heads = found.middle.people.heads
    grid = table("input", "changed to", "people", "", "or to", "people", "", first_whole=True)
    for bar in found.bars:
        ends = [(bar.low_label, round(bar.low)), (bar.high_label, round(bar.high))]
        grid.add_row(bar.name, *(cell for label, people in ends for cell in (label, f"{people:,}", signed(people - heads))))
    return grid


def _ones(found: Sizing) -> Table:
    within = f"within {duration(found.scenario.target.wait)}"
    grid = table("agents on duty", within, "mean wait", "speed of answer", "hung up", "occupancy")
    required = float(found.middle.required[found.peak_interval])
    for one in found.ones:
        cells = [percent(one.service_level), wait(one.mean_wait), wait(one.average_speed_of_answer), percent(one.abandoned_fraction)]
        here = one.agents == required
        grid.add_row(f"{one.agents}{' required' if here else ''}", *cells, percent(one.occupancy), style="bold" if here else None)
    return grid


def _ahead(found: Sizing) -> Table:
    grid = table("year", "calls", "on duty at peak", "people", first_whole=True)
    middle = found.middle
    grid.add_row(str(found.scenario.date.year), count(middle.year.calls), agents(float(middle.required.max())), f"{middle.people.heads:,}")
    for one in found.ahead:
        grid.add_row(str(one.year), count(one.calls), agents(one.required), _whole(one.heads))
    return grid


def _months(found: Sizing) -> Table:
    grid = table("month", "calls", "open days", "paid hours", "FTE", first_whole=True)
    for row in found.month_rows():
        busiest = row["month"] == found.peak.name
        cells = [count(row["calls"]), str(row["open_days"]), count(row["paid_hours"]), count(row["fte"])]
        grid.add_row(f"{row['month']}{' *' if busiest else ''}", *cells, style="bold" if busiest else None)
    return grid


def _intervals(found: Sizing) -> Table:
    """Rows by the clock, columns by weekday; for the busiest one the other cases, and the usual month beside."""
    horizon = found.peak.week.horizon
    days = [day for day, _, _ in horizon.spans]
    names = {day: WEEKDAYS[horizon.weekday(day)] for day in days}
    by_clock: dict[str, dict[int, int]] = {}
    for i in range(horizon.intervals):
        at = clock(horizon.stamp(round(float(horizon.interval_start[i]))))[:5]
        by_clock.setdefault(at, {})[int(horizon.interval_day[i])] = i
    usual = _usual(found)
    busiest = names[found.busiest]
    heads = [f"{busiest}\n{name}" for name in ("scheduled", *(case for case in found.cases if case != "middle"))]
    grid = table("interval", *(names[day] for day in days), *heads, f"{busiest} in\n{found.usual.name}", first_whole=True)
    for at, places in sorted(by_clock.items()) if not _crosses(by_clock) else by_clock.items():
        cells = [agents(float(found.middle.required[places[day]])) if day in places else "" for day in days]
        here = places.get(found.busiest)
        others = [found.middle.scheduled, *(case.required for name, case in found.cases.items() if name != "middle")]
        cells += ["" if here is None else agents(float(numbers[here])) for numbers in others]
        grid.add_row(at, *cells, usual.get(at, ""))
    return grid


def _crosses(by_clock: dict[str, dict[int, int]]) -> bool:
    """Whether the hours run over midnight, so that clock times are not in their order."""
    listed = list(by_clock)
    return listed != sorted(listed)


def _usual(found: Sizing) -> dict[str, str]:
    """Agents required on the busiest weekday in the usual month, by clock time."""
    horizon = found.usual.week.horizon
    weekday = found.peak.week.horizon.weekday(found.busiest)
    return {
        clock(horizon.stamp(round(float(horizon.interval_start[i]))))[:5]: agents(float(found.usual_required[i]))
        for i in range(horizon.intervals)
        if horizon.weekday(int(horizon.interval_day[i])) == weekday
    }


def _footers(found: Sizing) -> list[str]:
    cv = found.middle.question.cv
    differ = f", averaged over days that differ (coefficient of variation {percent(cv)})" if cv >= 1e-4 else ""
    loss = found.middle.people.roster.gap
    near = f"within {percent(loss)} of the cheapest" if loss > 1e-6 else "none is cheaper"
    return [
        f"required: by the Erlang formula in each interval by itself{differ}. scheduled: required ÷ (1 − shrinkage), rounded up.",
        f"people: on the roster in the busiest week, those on leave included; shifts chosen quickly, {near} for the same requirement.",
        f"seats: enough on 99 days of 100; shifts overlap by {format_duration(found.handover)} at a handover, and breaks keep their seat.",
        f"lines: at most {percent(found.busy, 2)} of callers get a busy signal in the busiest interval; wrap-up holds no line.",
        "paid hours a year: the roster goes with the months; all kept on: everybody of the busiest week is paid all year.",
        "pay: hours of staff alone; seats, lines, hiring and training are not in it.",
    ]
