"""A requirement found by playing days, as tables for a terminal and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ccsim import __version__
from ccsim.reporting.answer import heading_words, per_words
from ccsim.reporting.tables import clocks
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import agents, count, duration, percent, plain_percent, signed, wait, within_words

if TYPE_CHECKING:
    from ccsim.staffing.by_simulation import Simulated
    from ccsim.staffing.by_simulation.answer import Miss, SortRequirement

_CHANGES = 6  # of a cheaper plan that are named
_AIMS = {
    "average_speed_of_answer": "speed of answer",
    "abandoned_fraction": "hung up",
    "occupancy": "occupancy",
    "target_met": "of days on target",
}


def show_simulated(out: Console, need: Simulated) -> None:
    """Print a requirement: what was found, how sure it is, what shows that fewer would not do, and a row an interval."""
    out.print(plain_text(need.scenario.title, style="bold"))
    often = "" if need.confidence is None else f", on {plain_percent(need.confidence)} of days"
    out.print(plain_text(f"Target {heading_words(need.scenario)}{often} · by simulation", style="dim"))
    if need.interrupted:
        out.print(plain_text("Interrupted: this is the best plan found by then, and it is not verified.", style="bold"))
    out.print()
    for sentence in sentences(need):
        out.print(plain_text(sentence))
    for note in need.notes:
        out.print(plain_text(f"Note: {note}"))
    for warning in need.scenario.warnings:
        out.print(plain_text(f"Note: {warning}", style="yellow"))
    for part in need.sorts if len(need.sorts) > 1 else ():
        section(out, f"{part.sort.name} (takes {', '.join(part.sort.types)})", _sort_table(need, part))
    section(out, "All agents", _intervals(need))
    if _by_day(need):
        section(out, "By day", _days(need))
    out.print()
    for line in (
        "scheduled: required ÷ (1 − shrinkage); rostered: so that enough turn up on "
        f"{plain_percent(need.certainty)} of days; formula: agents that `--by formula` asks for.",
        "least to spare: the aim nearest its goal; * where it is missed, ~ where it is met by no more than chance.",
    ):
        out.print(plain_text(line, style="dim"))


def sentences(need: Simulated) -> list[str]:
    """Return what a requirement comes to, whether it holds on fresh days, and what shows that fewer would not do."""
    said = [f"{count(need.required_hours)} hours on duty a day; {count(need.scheduled_hours)} scheduled, {_jobs(need)}."]
    judged = int(need.judged.sum())
    if judged == 0:
        return [*said, "No calls come in, so nobody is required."]
    if need.replications:
        said.append(f"{'Verified' if need.verified else 'Not verified'}: on {_fresh(need)} the target {_held(need)}. {_checks(need)}")
    said += _nearby(need)
    return said


def _fresh(need: Simulated) -> str:
    """The days of the check: those played, each a path of several days maybe."""
    many, days = f"{need.replications:,}", need.scenario.days
    return f"{many} fresh days" if days == 1 else f"{many} fresh plays of the {days} days"


def _held(need: Simulated) -> str:
    """Where the target holds: in intervals, or where it is by day on the days of the path."""
    chance = "by more than chance (95 %)"
    if not _by_day(need):
        held, sure, judged = (int(flags.sum()) for flags in (need.held & need.judged, need.surely_held & need.judged, need.judged))
        all_of = "in all" if held == judged else f"in {held} of"
        return f"holds {all_of} {judged} intervals with calls, in {sure} of them {chance}"
    days = [np.flatnonzero(need.judged & (_day_of(need) == day)) for day in np.unique(_day_of(need)[need.judged])]
    held, sure = (sum(bool(flags[day].all()) for day in days) for flags in (need.held, need.surely_held))
    if len(days) == 1:
        return f"holds over the day, {chance if sure else 'by no more than chance'}" if held else "is missed over the day"
    return f"holds on {'all' if held == len(days) else f'{held} of'} {len(days)} days with calls, on {sure} of them {chance}"


def _by_day(need: Simulated) -> bool:
    """Whether all that is demanded is over days."""
    return per_words(need.scenario) == "day"


def _day_of(need: Simulated) -> NDArray[np.int64]:
    return np.asarray(need.scenario.horizon.interval_day)


def _checks(need: Simulated) -> str:
    """Whether those days moved the plan, and what came of the checks before."""
    if need.interrupted:
        return "More days were to come."
    before = len(need.short_before)
    if not before:
        return "Those days moved nothing: the plan was fixed before them."
    aims = ", ".join(f"{number:,}" for number in need.short_before)
    one, many = ("a day", "days") if _by_day(need) else ("an interval", "intervals")
    missed = f"aim of {one} was" if need.short_before == (1,) else f"aims of {many} were"
    aims, missed = (aims, missed) if any(need.short_before) else ("no", f"aim of {one} was")
    often = "once" if before == 1 else f"{before} times"
    number, what = abs(need.added), "added" if need.added > 0 else "taken off"
    added = f"{number:,} agents by interval were {what}" if number else "by all days together no agent had to be added"
    added = f"1 agent in an interval was {what}" if number == 1 else added
    return f"Those days moved nothing. The plan was checked {often} before, on other days, where {aims} {missed} missed; {added}."


def _nearby(need: Simulated) -> list[str]:
    """What one agent fewer, and the most promising cheaper plan, come to."""
    fewer = [miss for part in need.sorts for miss in part.one_fewer if miss is not None]
    said = []
    if fewer:
        misses, sure = sum(miss.misses for miss in fewer), sum(miss.misses and miss.surely for miss in fewer)
        held, clearly = len(fewer) - misses, sum(not miss.misses and miss.surely for miss in fewer)
        rest = f"; in {held} the target would still hold" if held else ""
        if held:
            rest += (
                f", in {clearly} of them by more than chance: fewer may do, ask for more --days" if clearly else ", by no more than chance"
            )
        missed = "target is missed somewhere"
        if _by_day(need):
            missed = "day's target is missed" if need.scenario.days == 1 else "target of a day is missed"
        said.append(
            f"With one agent fewer in any one interval the {missed} in {misses} of {len(fewer)} cases, in {sure} by more than chance{rest}."
        )
    if need.cheaper is not None:
        several = len(need.sorts) > 1
        listed = [f"{signed(number)}{f' {sort}' * several} at {_when(need, i)}" for sort, i, number in need.cheaper_change]
        changes = ", ".join(listed[:_CHANGES]) + (f" and {len(listed) - _CHANGES} more" if len(listed) > _CHANGES else "")
        sure_word = "surely" if need.cheaper.surely else "by no more than chance"
        verdict = f"misses {sure_word}: {miss_words(need, need.cheaper)}" if need.cheaper.misses else "may hold as well"
        said.append(f"The most promising cheaper plan ({changes}) {verdict}.")
    return said


def miss_words(need: Simulated, miss: Miss) -> str:
    """What a row of the target comes to, in words: 88.70 % within 90 s at 10:30; of a target by day: 88.70 % within 90 s over the day."""
    when = f"at {_when(need, miss.interval)}"
    if _of_day(need, miss):
        when = "over the day" if need.scenario.days == 1 else f"over {need.moment(miss.interval)[:10]}"
    return f"{_comes_to(need, miss)} {when}{_whose(need, miss, ', ')}"


def _when(need: Simulated, interval: int) -> str:
    """When an interval begins: its clock time, with the date where there are several days."""
    moment = need.moment(interval)
    return moment[11:16] if need.scenario.days == 1 else moment[:16].replace("T", " ")


def _of_day(need: Simulated, miss: Miss) -> bool:
    return need.scenario.target_of(miss.call_type).per == "day"


def _comes_to(need: Simulated, miss: Miss) -> str:
    if miss.aim == "share":
        return f"{percent(miss.value, 2)} within {duration(need.scenario.target_of(miss.call_type).wait)}"
    value = wait(miss.value) if miss.aim == "average_speed_of_answer" else percent(miss.value, 2)
    return f"{value} {_AIMS[miss.aim]}"


def _whose(need: Simulated, miss: Miss, before: str) -> str:
    return f"{before}{miss.call_type}" if len(need.scenario.calls) > 1 else ""


def simulated_json(need: Simulated) -> str:
    """Return a requirement as one JSON object (`Simulated.to_dict()` with the version of ccsim)."""
    return json.dumps({"ccsim": __version__, **need.to_dict()}, ensure_ascii=False, indent=2, allow_nan=False)


def _jobs(need: Simulated) -> str:
    job = need.scenario.fte
    return f"{need.full_time_equivalents:,.1f} full-time equivalents of {job.hours:g} h a {job.per} were every day like this"


def _intervals(need: Simulated) -> Table:
    within, by_day = within_words(need.scenario), _by_day(need)
    least = [] if by_day else ["least to spare"]
    grid = table(
        "interval", "calls", "required", "scheduled", "rostered", "formula", within, "mean wait", "occupancy", *least, first_whole=True
    )  # fmt: skip
    level = need.predicted[f"service_level_{need.scenario.target.variant}"]
    rows = zip(
        clocks(need.starts), need.calls, need.required_agents, need.scheduled_agents, need.rostered_agents, need.formula_agents, level,
        need.predicted["mean_wait"], need.predicted["occupancy"], need.worst, strict=True,
    )  # fmt: skip
    for start, offered, required, scheduled, rostered, formula, share, waited, busy, worst in rows:
        numbers = (count(offered), *(agents(_known(x)) for x in (required, scheduled, rostered, formula)))
        told = [] if by_day else [_least(need, worst)]
        grid.add_row(start, *numbers, percent(_known(share)), wait(_known(waited)), percent(_known(busy)), *told)
    return grid


def _days(need: Simulated) -> Table:
    """A row for each day with calls: hours on duty, and the aim that has least to spare."""
    horizon, day_of = need.scenario.horizon, _day_of(need)
    hours = np.asarray(horizon.interval_end - horizon.interval_start) / 3600.0
    grid = table("day", "calls", "hours on duty", "least to spare", first_whole=True)
    for day in np.unique(day_of[need.judged]).tolist():
        here = np.flatnonzero(day_of == day)
        worst = next((need.worst[i] for i in here if need.worst[i] is not None), None)
        on_duty = float(need.required_agents[here] @ hours[here])
        grid.add_row(need.moment(int(here[0]))[:10], count(float(need.calls[here].sum())), count(on_duty), _least(need, worst))
    return grid


def _least(need: Simulated, worst: Miss | None) -> str:
    if worst is None:
        return ""
    mark = " *" if worst.misses else "" if worst.surely else " ~"
    day = " over the day" if _of_day(need, worst) and not _by_day(need) else ""
    return f"{_comes_to(need, worst)}{_whose(need, worst, ' ')}{day}{mark}"


def _sort_table(need: Simulated, part: SortRequirement) -> Table:
    grid = table("interval", "required", "scheduled", "rostered", first_whole=True)
    rows = zip(clocks(need.starts), part.required_agents, part.scheduled_agents, part.rostered_agents, strict=True)
    for start, *numbers in rows:
        grid.add_row(start, *(agents(_known(number)) for number in numbers))
    return grid


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
