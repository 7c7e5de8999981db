"""What calling the contingents now would do: the answer in sentences, a table, JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ccsim import __version__
from ccsim.contingent.tiers import tiers_of
from ccsim.inputs.faults import listed
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import NOTHING, agents, agents_words, count, duration, percent, wait
from ccsim.units import format_share

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ccsim.contingent.now_answer import Line, Now


def now_json(found: Now) -> str:
    """The answer as one JSON object."""
    return json.dumps({"ccsim": __version__, **found.to_dict()}, ensure_ascii=False, indent=2, allow_nan=False)


def answer(found: Now) -> list[str]:
    """How many to call, what that changes, what would do instead, and until when it can wait: a few sentences."""
    said = []
    later, best, nobody = found.clock(found.later_from), found.best, found.lines[0]
    chance = f"the chance that holds exceed the target from {later} on"
    if found.lost is not None and len(found.lines) > 1:
        said.append(
            f"Until {later} it is too late for calling to help: whoever is called, the chance that holds exceed the target by then is "
            f"{percent(found.lost, 0)}."
        )
    if found.too_late is not None:
        said.append(_too_late(found, found.too_late))
    if len(found.lines) == 1:
        if found.too_late is None:
            said.append(f"Nobody of the pool {found.state.pool.name} can be called now.")
        said.append(f"{chance[0].upper()}{chance[1:]} is {_chance(nobody)}.")
    elif found.number == 0 and found.reached:
        said.append(f"Call nobody{_alike(found)}: {chance} is {_chance(nobody)}.")
    elif found.number == 0 and found.by == "cost":
        said.append(_dearer(found, chance, nobody))
    elif found.number == 0:
        said.append(f"Calling would hardly help: {chance} is {_chance(nobody)} whoever is called.")
    elif found.rather is not None:
        said += _rather(found, chance, found.rather)
    else:
        said += _called(found, chance, nobody, best)
    said += _of_queue(found)
    if found.by == "chance" and found.card is not None and found.card != _on_card(found):
        said.append(_by_card(found, found.card))
    if found.instead is not None:
        said.append(_instead(found, found.instead, best))
    if found.decide_by is not None and found.rather is None:
        when, level = found.clock(found.decide_by), format_share(found.level)
        if found.decide_open:
            said.append(f"It can wait until {when} at least.")
        elif found.decide_by > found.state.at:
            said.append(f"Decide by {when}: called later, so many no longer keep the chance to {level}.")
        else:
            said.append(f"It cannot wait: five minutes later so many no longer keep the chance to {level}.")
    return said


def _dearer(found: Now, chance: str, nobody: Line) -> str:
    """Why nobody is called where the cost decides, and what the safest number would change."""
    safest = min(found.lines, key=lambda line: (line.chance_later, line.number))
    said = f"Call nobody{_alike(found)}: that costs least"
    said += f"; {chance} is {_chance(nobody)}" if nobody.cost is None else f", {_money(found, nobody.cost)}; {chance} is {_chance(nobody)}"
    if safest.number == 0 or safest.cost is None:
        return f"{said}."
    return f"{said}. Calling {safest.number} would bring it to {_chance(safest)}, at {_money(found, safest.cost)} for hang-ups and pay."


def _called(found: Now, chance: str, nobody: Line, best: Line) -> list[str]:
    """What calling the number changes."""
    whom = f"all {found.number}" if found.number == found.lines[-1].number else str(found.number)
    call = f"Call {whom}{_alike(found)} of the pool {found.state.pool.name} now"
    share = f"falls from {percent(nobody.over)} to {percent(best.over)}"
    come = f"{agents(best.heads)} are expected to come"
    if best.cost is not None and nobody.cost is not None:
        come += f"; hang-ups and pay come to {_money(found, best.cost)}, with nobody called to {_money(found, nobody.cost)}"
    if found.reached:
        return [f"{call}: {chance} falls from {_chance(nobody)} to {_chance(best)}, and in all the share of calls over it {share}; {come}."]
    changed = f"the share of calls over the target wait {share}"
    if nobody.over - best.over < _LITTLE:  # about as many wait that long whoever is called
        changed = f"hang-ups fall from {percent(nobody.hung_up)} to {percent(best.hung_up)} of the calls"
    return [
        f"{call}: {changed}; {come}.",
        f"No number brings {chance} to {format_share(found.level)}: with nobody called it is {_chance(nobody)}, with so many "
        f"{_chance(best)}.",
    ]


def _chance(line: Line) -> str:
    return f"{percent(line.chance_later, 0)} (± {100 * line.half_width:.0f})"


def _alike(found: Now) -> str:
    """The numbers that luck does not tell apart from the one to call, in brackets."""
    if found.alike is None:
        return ""
    low, high = found.alike
    if low == 0:
        return f" (or up to {high})" if found.number == 0 else f" (or anything from nobody to {high})"
    return f" (or about {low} to {high})"


def _of_queue(found: Now) -> list[str]:
    """How busy a day the queue alone points to, and what would be called on one as expected; nothing where that is the same."""
    told = found.by_queue
    if told is None or found.by != "chance" or (abs(told.busy - 1.0) < _AS_EXPECTED and told.number in (None, found.number)):
        return []
    busy = f"{percent(abs(told.busy - 1.0), 0)} {'busier' if told.busy > 1.0 else 'quieter'} than expected"
    day = (
        f"By the queue alone the day is taken to be {busy}" if abs(told.busy - 1.0) >= 0.005 else "The queue alone says how busy the day is"
    )
    if told.number is None:
        return [f"{day}; tell --calls-so-far."]
    usual = "as many" if told.number == found.number else f"about {told.number}" if told.number else "nobody"
    return [f"{day}; were as many calls as usual so far, {usual} would be called; tell --calls-so-far."]


def _instead(found: Now, lever: Line, best: Line) -> str:
    """The lever that does as well, nobody called."""
    price = ""
    if lever.cost is not None and best.cost is not None and found.number:
        price = f", at {_money(found, lever.cost)} instead of {_money(found, best.cost)}"
    return f"{'Or ' if found.number else 'But '}{lever.name}, nobody called: the same chance is {_chance(lever)}{price}."


def _rather(found: Now, chance: str, lever: Line) -> list[str]:
    """The lever that is better than any call-up in every column, and what calling adds to it."""
    nobody, best, both = found.lines[0], found.best, found.both
    share = f"in all the share of calls over it falls from {percent(nobody.over)} to {percent(lever.over)}"
    said = [
        f"{lever.name[0].upper()}{lever.name[1:]}: {chance} falls from {_chance(nobody)} to {_chance(lever)}, and {share}. That is better "
        f"in every column than calling {found.number}, with which it is {_chance(best)}."
    ]
    if both is not None:
        price = "" if both.cost is None or lever.cost is None else f", at {_money(found, both.cost)} instead of {_money(found, lever.cost)}"
        need = "Nobody need be called: calling" if lever.chance_later <= found.level else "Call as well: calling"
        said.append(f"{need} {found.number} besides brings it to {_chance(both)}{price}.")
    return said


def _on_card(found: Now) -> int:
    """The number that a card would name for the number to call and those who are on: it knows thirds of the pool."""
    pool = found.state.pool
    number = found.number + found.state.on.get(pool.name, 0)
    return next((tier for tier in (0, *tiers_of(pool.agents)) if tier >= number), pool.agents)


def _by_card(found: Now, number: int) -> str:
    """What the activation card says of such a moment, and why that is another number."""
    call = f"call until {number} have been called in all" if number else "call nobody"
    calls = "" if found.state.calls is not None else ", where as many calls have come as are expected"
    return (
        f"The activation card says here{calls}: {call}. It goes by the share of calls that is to be expected in each quarter hour on "
        "average; where the two differ, go by this."
    )


def _too_late(found: Now, moment: float) -> str:
    """Why nobody called now can help."""
    state = found.state
    if moment == found.until:
        return f"Nobody called now is on before {found.clock(moment)}, where the look ahead ends; --span looks up to 4 h ahead."
    when = f"the centre closes at {found.clock(state.until)}"
    if moment < state.until - 1.0:
        when = f"{found.clock(moment)}, when the pool's hours end"
    return f"Call nobody: nobody called now can be on before {when}."


def _asides(found: Now) -> list[str]:
    """What stands below the tables: other ways to look at it, how it was found, and what to know of it."""
    said = []
    if found.cheapest is not None and found.cheapest != found.number:
        said.append(
            f"The number does not go by money: by pay and hang-ups alone calling {found.cheapest or 'nobody'} costs least; "
            "--by cost goes by that."
        )
    said += [found.definition, found.rule]
    if found.alike is not None:
        said.append(
            f"The numbers after “or” are those that {found.futures} futures cannot tell apart from it, for each may be the fewest that is "
            "enough; more --futures narrow them."
        )
    said.append(f"± is the 95 % interval of a chance, in points, from {found.futures} futures; more --futures narrow it.")
    if found.lines[0].cost is not None:
        said.append(_COST)
    return said + [note + "." for note in found.notes]


_COST = (
    "Cost is that of hang-ups, of the pay of those called and of overtime, beside the wages that are paid anyway; letting people go takes "
    "the wages of their hours off it, so that it may be below 0. Hours are those of overtime (+), or on duty saved (−)."
)


_LITTLE = 0.01  # of the calls over the target wait: so little says nothing by itself
_AS_EXPECTED = 0.01  # a day that is no busier or quieter than this is as expected


def show_now(out: Console, found: Now) -> None:
    """Print the answer, what each number called leads to, the waits by quarter hour and the other levers."""
    state = found.state
    out.print(plain_text(found.scenario.title, style="bold"))
    on = sum(state.on.values())
    queue = f"{state.queue} waiting" + (f", the oldest for {duration(state.oldest)}" if state.queue else "")
    others = [name for name in found.scenario.staff if None not in state.agents and name not in state.agents]
    besides = f", besides those of {listed(others)}, as the roster has them" if others else ""
    duty = f"{agents_words(sum(state.agents.values()))} on duty{besides}"
    seen = [f"At {found.clock(state.at)}: {queue}", duty, f"{on} contingents on"]
    if state.calls is not None:
        seen.append(f"{sum(state.calls.values()):,} calls so far")
    out.print(plain_text(", ".join(seen) + f". {found.futures} futures to {found.clock(found.until)}, seed {found.seed}.", style="dim"))
    for remark in found.remarks:
        out.print(plain_text(remark + "."))
    out.print()
    for sentence in answer(found):
        out.print(plain_text(sentence))
    section(out, "If so many are called now", _numbers(found))
    section(out, "Mean wait of the calls that come in each quarter hour", _quarters(found))
    if found.levers:
        section(out, "Other levers, nobody called, under the same luck", _levers(found))
    out.print()
    for sentence in _asides(found):
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
