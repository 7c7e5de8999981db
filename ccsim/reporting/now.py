"""What calling the contingents now would do: the answer in sentences, a table, JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ccsim import __version__
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import NOTHING, agents, count, duration, percent, wait
from ccsim.units import format_share

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ccsim.contingent.now import Line, Now


def now_json(found: Now) -> str:
    """The answer as one JSON object."""
    return json.dumps({"ccsim": __version__, **found.to_dict()}, ensure_ascii=False, indent=2, allow_nan=False)


def answer(found: Now) -> list[str]:
    """How many to call, what that changes, and until when it can wait: two or three sentences."""
    state, lines = found.state, found.lines
    nobody = lines[0]
    best = next(line for line in lines if line.number == found.number)
    later = found.clock(found.later_from)
    chances = f"{percent(nobody.chance_later, 0)} (± {100 * nobody.half_width:.0f})"
    if len(lines) == 1:
        return [
            f"Nobody of the pool {state.pool.name} can be called now. The chance that holds exceed the target from {later} on is {chances}."
        ]
    if found.number == 0:
        said = [f"Call nobody: the chance that holds exceed the target from {later} on is {chances}."]
        if not found.reached:
            said[0] = f"Calling would hardly help: the chance that holds exceed the target from {later} on is {chances} whoever is called."
    else:
        whom = f"all {found.number}" if found.number == lines[-1].number else str(found.number)
        to = f"{percent(best.chance_later, 0)} (± {100 * best.half_width:.0f})"
        share = f"the share of calls over it falls from {percent(nobody.over)} to {percent(best.over)}"
        come = f"{agents(best.heads)} are expected to come"
        if found.reached:
            chance = f"the chance that holds exceed the target from {later} on falls from {chances} to {to}"
            said = [f"Call {whom} of the pool {state.pool.name} now: {chance}, and in all {share}; {come}."]
        else:
            share = share.replace("over it", "over the target wait")
            said = [
                f"Call {whom} of the pool {state.pool.name} now: {share}; {come}.",
                f"No number brings the chance that holds exceed the target from {later} on to {format_share(found.level)}: "
                f"with nobody called it is {chances}, with so many {to}.",
            ]
    if found.decide_by is not None:
        when, level = found.clock(found.decide_by), format_share(found.level)
        if found.decide_open:
            said.append(f"It can wait until {when} at least.")
        elif found.decide_by > state.at:
            said.append(f"Decide by {when}: called later, so many no longer keep the chance to {level}.")
        else:
            said.append(f"It cannot wait: five minutes later so many no longer keep the chance to {level}.")
    if found.cheapest is not None and found.cheapest != found.number:
        said.append(f"By pay and hang-ups alone, calling {found.cheapest or 'nobody'} would cost least.")
    return said


def show_now(out: Console, found: Now) -> None:
    """Print the answer, what each number called leads to, the waits by quarter hour and the other levers."""
    state = found.state
    out.print(plain_text(found.scenario.title, style="bold"))
    on = sum(state.on.values())
    queue = f"{state.queue} waiting" + (f", the oldest for {duration(state.oldest)}" if state.queue else "")
    seen = [f"At {found.clock(state.at)}: {queue}", f"{sum(state.agents.values())} agents on duty", f"{on} contingents on"]
    if state.calls is not None:
        seen.append(f"{sum(state.calls.values()):,} calls so far")
    out.print(plain_text(", ".join(seen) + f". {found.futures} futures to {found.clock(found.until)}, seed {found.seed}.", style="dim"))
    out.print()
    for sentence in answer(found):
        out.print(plain_text(sentence))
    section(out, "If so many are called now", _numbers(found))
    section(out, "Mean wait of the calls that come in each quarter hour", _quarters(found))
    if found.levers:
        section(out, "Other levers, nobody called, under the same luck", _levers(found))
    out.print()
    for sentence in (found.definition, found.rule, *(note + "." for note in found.notes)):
        out.print(plain_text(sentence, style="dim"))


def _money(found: Now, amount: float | None) -> str:
    if amount is None:
        return NOTHING
    currency = found.scenario.cost.currency if found.scenario.cost is not None else ""
    return f"{'−' if amount < 0 else ''}{abs(amount):,.0f}{' ' + currency if currency else ''}"


_HEADS = ("chance from\n{later} on", "chance in\nthe span", "anybody\nover", "calls\nover", "mean\nwait", "hang-ups", "cost")


def _cells(found: Now, line: Line) -> list[str]:
    in_span = line.chance if found.judge == "anyone" else line.chance_missed
    return [
        f"{percent(line.chance_later, 0)} ± {100 * line.half_width:.0f}", percent(in_span, 0), percent(line.chance, 0),
        percent(line.over), wait(line.mean_wait), count(line.abandoned), _money(found, line.cost),
    ]  # fmt: skip


def _numbers(found: Now) -> Table:
    heads = [head.format(later=found.clock(found.later_from)) for head in _HEADS]
    made = table("called", "come", *heads)
    for line in found.lines:
        mark = " ◀" if line.number == found.number else ""
        made.add_row(*(plain_text(cell) for cell in (f"{line.number}{mark}", agents(line.heads), *_cells(found, line))))
    return made


def _quarters(found: Now) -> Table:
    shown = found.to_dict()["quarter_hours"]
    chosen = sorted({0, found.number, found.lines[-1].number})
    made = table("called", *shown)
    for line in found.lines:
        if line.number in chosen:
            made.add_row(*(plain_text(cell) for cell in (str(line.number), *(wait(found_) for found_ in line.waits))))
    return made


def _levers(found: Now) -> Table:
    heads = [head.format(later=found.clock(found.later_from)) for head in _HEADS]
    made = table("lever", *heads, "hours")
    for line in (*found.levers, found.lines[0]):
        hours = f"+{line.overtime_hours:.1f}" if line.overtime_hours else f"−{line.hours_saved:.1f}" if line.hours_saved else NOTHING
        name = "nothing" if line is found.lines[0] else line.name
        made.add_row(*(plain_text(cell) for cell in (name, *_cells(found, line), hours)))
    return made
