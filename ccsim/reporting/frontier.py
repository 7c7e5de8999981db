"""The frontier of rules for calling contingents: the answer in sentences, a table, and JSON."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Final

from ccsim import __version__
from ccsim.contingent.frontier_answer import EASIER, target_aims
from ccsim.contingent.policies_said import number_word
from ccsim.inputs.faults import listed
from ccsim.measures.targets import AIMS
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import NOTHING, agents, count, percent, target_words, within_words
from ccsim.units import DAY, format_clock, format_share

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ccsim.contingent.frontier_answer import Frontier, Line
    from ccsim.contingent.frontier_sums import Figure

_NAMED = 4  # rules of like standing that are named
_SOME_CALLED_OFF = 0.01  # of those who say yes, from which on it is said
_MISSED: Final = {  # by aim of the target
    "share": "too few are served in time", "average_speed_of_answer": "answers are too slow", "abandoned_fraction": "too many hang up",
    "occupancy": "agents are too busy",
}  # fmt: skip


def frontier_json(found: Frontier) -> str:
    """The answer as one JSON object."""
    return json.dumps({"ccsim": __version__, **found.to_dict()}, ensure_ascii=False, indent=2, allow_nan=False)


def answer(found: Frontier) -> list[str]:
    """The rule to follow, what it does, why it, and what it is worth: a sentence or two for each."""
    said = [rule_sentence(found), _effect(found), _why(found)]
    said += [_own(found)] if not found.best.policy.own else []
    more = (_parts_missed(found), _by_card(found), _not_helped(found), _worth(found), _clairvoyant(found), _ready(found))
    return [*said, *(text for text in more if text)]


def rule_sentence(found: Frontier) -> str:
    """The recommended rule, and the people that it needs where that is another number."""
    best = found.best.policy
    size = ""
    if best.agents != found.pool.agents and best.agents:
        size = f" The pool then needs {number_word(best.agents)} people in place of {number_word(found.pool.agents)}."
    return best.sentence + size


def _effect(found: Frontier) -> str:
    """What the rule comes to, on days that had no part in the choice where there are any, and beside it on those that had."""
    best, none, checked = found.best, _without(found), found.checked
    line = best if checked is None else checked
    said = f"{_limits(line.over)} of callers then wait longer than their target wait"
    if not math.isnan(line.missed.mean):
        said += f", a day misses its target with a chance of {_limits(line.missed)}"
    said += f", and contingents cost {_money(found, line.spent.mean)} a day."
    if checked is not None:
        said = f"On {days_words(found, checked.days)} that had no part in the choice {said}"
        said += (
            f" On those that had, from which the table is: {percent(best.over.mean)} of callers and {_money(found, best.spent.mean)} "
            f"over {days_words(found, found.days)}"
        )
        said += "." if math.isnan(best.missed.mean) else f", and {percent(best.missed.mean)} of {days_words(found, best.days)} missed."
    if line.called_off >= _SOME_CALLED_OFF:
        said += f" Of those who say yes {percent(line.called_off, 0)} are called off before they are on."
    if best.policy.agents:
        on = "" if checked is None else ", on the days of the choice"
        said += f" Without {'a' if len(found.scenario.contingent) == 1 else 'this'} pool{on}: {percent(none.over.mean)} of callers"
        said += "." if math.isnan(none.missed.mean) else f", and {percent(none.missed.mean)} of days."
    return said


def _not_helped(found: Frontier) -> str | None:
    """Which callers the pool does nothing for; the target is judged over all of them."""
    left = [name for name, call in found.scenario.calls.items() if name not in found.pool.types and call.channel != "work"]
    if not left:
        return None
    return f"The pool does not take {listed(left)}: those callers count in all these figures, and no rule here helps them."


def _without(found: Frontier) -> Line:
    return next(line for line in found.lines if line.policy.agents == 0)


def _why(found: Frontier) -> str:
    level = format_share(found.miss)
    looked = f"of the {found.rules} rules looked at"
    if found.why in ("target", "nobody"):
        said = f"It is the cheapest {looked} with which, as 95 % certain, no more than {level} of days miss the target."
        cheapest = found.like_standing[0]
        if cheapest is not found.best:
            limit = format_share(EASIER)
            said = (
                f"{looked[0].upper()}{looked[1:]} it is the easiest to follow among those with which, as 95 % certain, no more than "
                f"{level} of days miss the target, at up to {limit} above the least cost: {_money(found, cheapest.spent.mean)}, for "
                f"{cheapest.policy.name}. Of the equally easy ones it has the smallest pool, and of these it misses the fewest days."
            )
        checked = found.checked
        if checked is not None and checked.missed.high > found.miss:
            said += f" The fresh days by themselves leave up to {percent(checked.missed.high)} open."
        others = _others_alike(found)
        if others:
            named = listed([f"{line.policy.name} ({_money(found, line.spent.mean)})" for line in others])
            said += f" Of like standing, within {format_share(EASIER)} of the least cost: {named}."
        return said
    if found.why == "nothing helps":
        return f"None {looked} lowers the share of callers who wait too long."
    known = not math.isnan(found.best.missed.mean)
    first = f"With none {looked} can one be 95 % certain that no more than {level} of days miss the target; this" if known else "This"
    if found.why == "nearest":
        return (
            f"With none {looked} can one be 95 % certain that no more than {level} of days miss the target. This comes as near to it "
            f"as any, with {percent(found.best.missed.mean)} of days missed: it is the easiest to follow of those that miss about as few, "
            f"at up to {format_share(EASIER)} above the least cost of these, and of the equally easy ones it has the smallest pool."
        )
    if found.why == "straight":
        return (
            f"{first} is the easiest to follow of those that no other beats, with as many people as the pool has, or nearly. The frontier "
            "is straight: each further person buys about as much as the one before, so how many is a question of what a long wait costs."
        )
    return f"{first} is the easiest to follow of those at the knee of the frontier or near it: from there on money buys less."


def _own(found: Frontier) -> str:
    own = found.own
    said = f"The rule in the file costs {_money(found, own.spent.mean)} a day and leaves {percent(own.over.mean)} waiting too long"
    if not math.isnan(own.missed.mean):
        said += f", with {percent(own.missed.mean)} of days missing the target"
    if own.beaten_by:
        said += "; for certain another rule is no dearer and no worse"
    return said + "."


def _others_alike(found: Frontier) -> list[Line]:
    """Some of the rules of like standing beside the recommended one and the cheapest."""
    return [line for line in found.like_standing[1:] if line is not found.best][:_NAMED]


def _parts_missed(found: Frontier) -> str | None:
    """Which part of a target of several is missed, under the file's rule and under the recommended one."""
    aims = [aim for aim in AIMS if aim in {*found.own.missed_by, *found.best.missed_by}]
    if not aims or len(target_aims(found.scenario)) < 2:
        return None
    lines = {"the rule in the file": found.own} if found.best.policy.own else {"the rule in the file": found.own, "this one": found.best}
    parts = [
        f"{_MISSED[aim]} on " + " and ".join(f"{percent(line.missed_by.get(aim, 0.0))} of days under {who}" for who, line in lines.items())
        for aim in aims
    ]
    rest = [_MISSED[aim] for aim in target_aims(found.scenario) if aim not in aims]
    none = f"; on none {' or '.join(rest)}" if rest else ""
    return f"How days miss the target: {'; '.join(parts)}{none}."


def _card_that_costs_less(found: Frontier) -> Line | None:
    """The cheapest card that for certain costs less than the recommended rule and leaves no more callers waiting; None where there is none.

    Where there is none of which the latter is certain, the cheapest by the estimates. None with which more days miss the target.
    """
    best = found.best
    good = [
        line
        for line in found.lines
        if line.policy.card
        and line.over.mean <= best.over.mean
        and line.spent_more_best.high < 0.0
        and not line.missed.mean > best.missed.mean
    ]
    return next((line for line in good if line.over_less_best.high <= 0.0), next(iter(good), None))


def _by_card(found: Frontier) -> str | None:
    """Where a card does what the recommended rule does for less. "About as few" wait where it may leave more, by the paired interval."""
    line = _card_that_costs_less(found)
    if line is None:
        return None
    as_few = "no more" if line.over_less_best.high <= 0.0 else "about as few"
    assert line.policy.share is not None
    home = "until it calls nobody any more" if line.policy.release is not None else f"to {_end_of_hours(found)}"
    return (
        f"A card, looked at each minute, costs less: by that of {format_share(line.policy.share)} (`ccsim card --share`), people "
        f"staying {home}, {as_few} callers wait too long ({percent(line.over.mean)}) for {_money(found, line.spent.mean)} a day."
    )


def _end_of_hours(found: Frontier) -> str:
    return format_clock(found.pool.available[1] % DAY or DAY)


def _worth(found: Frontier) -> str | None:
    worth = found.worth
    if worth is None:
        return None
    size = found.best.policy.agents or found.pool.agents
    whose = f"{number_word(size).capitalize()} contingents" + (" under the rule in the file" if not found.best.policy.agents else "")
    full = f"of {worth.full_day:g} paid hours"
    if not worth.reached:
        return f"{whose} are worth more than {worth.agents.mean:.1f} full-time agents ({full}) here: more were not tried."
    high = f"{worth.agents.low:.1f} to {worth.agents.high:.1f}" if math.isfinite(worth.agents.high) else f"{worth.agents.low:.1f} or more"
    cost = "" if worth.cost is None else f", who would cost {worth.cost:,.0f} {_currency(found)}".rstrip() + " a day"
    return (
        f"{whose} are worth {worth.agents.mean:.1f} full-time agents ({high}; {full}) here: so many more on the roster and no pool "
        f"leave as few callers waiting too long{cost}."
    )


def _clairvoyant(found: Frontier) -> str | None:
    if not found.bound.known or not found.best.spent.mean > 0.0:
        return None
    share, cost = found.bound.share(found.best.spent.mean).mean, found.bound.cost(found.best.over.mean)
    return (
        f"Who knew each day beforehand could come to {percent(share)} at the same cost, or to the same share for "
        f"{_money(found, cost)} a day: no choice among these rules gains more than that."
    )


def _ready(found: Frontier) -> str | None:
    ready = found.ready
    if ready is None or not ready.needed:
        return None
    people = f"{number_word(ready.needed)} people are ready"
    if ready.ready_from > ready.by:
        said = f"The training ends on {ready.ready_from}, after {ready.by}, by when the pool is needed."
    else:
        said = f"Of {ready.recruits} recruits at least {people} on {ready.by} with a chance of {percent(ready.chance)}."
    if ready.recommended is None:
        return f"{said} Nobody completes the training, so no number of recruits is enough."
    return (
        f"{said} Recruit {ready.recommended} by {ready.latest_start}: then at least {people} with a chance of {percent(ready.chance_then)}."
    )


def _limits(figure: Figure) -> str:
    """A share with its interval."""
    return f"{percent(figure.mean)} ({100 * figure.low:.1f} to {100 * figure.high:.1f} %)"


def _half(figure: Figure) -> str:
    return f"{percent(figure.mean, 2)} ± {50 * (figure.high - figure.low):.2f}"


def _money(found: Frontier, amount: float) -> str:
    if not math.isfinite(amount):
        return NOTHING
    return f"{amount:,.0f} {_currency(found)}".strip() if found.priced else f"{amount:,.1f} h of pay"


def _currency(found: Frontier) -> str:
    return "" if found.scenario.cost is None else found.scenario.cost.currency or ""


def days_words(found: Frontier, paths: int) -> str:
    """So many paths of the scenario in words: days, or stretches of several."""
    return f"{paths:,} days" if found.scenario.horizon.days == 1 else f"{paths:,} stretches of {found.scenario.horizon.days} days"


def show_frontier(out: Console, found: Frontier) -> None:
    """Print the answer, the frontier and what was dropped."""
    out.print(plain_text(found.scenario.title, style="bold"))
    days = f"{days_words(found, found.days)} under {len(found.lines)} rules, {found.rules} looked at on {found.screened} others"
    out.print(plain_text(f"Pool {found.pool.name}: {days} · seed {found.seed} · the same luck for each", style="dim"))
    if found.interrupted:
        out.print(plain_text("Interrupted: what follows the search is not all there.", style="bold"))
    out.print()
    for sentence in answer(found):
        out.print(plain_text(sentence))
    section(out, f"Rules from the cheapest on; waits are too long where not {within_words(found.scenario)}", _table(found))
    out.print()
    for sentence in notes(found):
        out.print(plain_text(sentence, style="dim"))


def notes(found: Frontier) -> list[str]:
    """What to know of the table: its marks, what was dropped, and what the figures leave out."""
    target = found.scenario.target
    beaten = sum(line.standing == "beaten" for line in (*found.lines, *found.dropped))
    near = sum(line.standing == "near" for line in (*found.lines, *found.dropped))
    return [
        f"◀ recommended, ● the rule in the file. ±: 95 % confidence. A day misses its target ({target_words(target)}) where all its "
        f"callers together do.{_where_days_are_told(found)}",
        f"{beaten} rules are beaten for certain: another one costs no more and leaves no more callers waiting too long, by paired tests on "
        "the same days in which a rule is beaten in error with a chance of at most 1 %, and misses no more days. "
        f"{near} more are near the frontier: others look better, but not for certain; {found.left_out} of them were not played to the end, "
        "others being nearer.",
        *(note[0].upper() + note[1:] + "." for note in found.notes),
    ]


def _where_days_are_told(found: Frontier) -> str:
    """What a number behind a share of days missed means, where there is one."""
    if math.isnan(found.best.missed.mean) or all(line.days == found.days for line in shown_lines(found)):
        return ""
    return f" Where more than {found.days:,} were played for that, their number stands behind."


def shown_lines(found: Frontier) -> list[Line]:
    """The rules to show: the frontier, the recommended, the scenario's own and all that the answer names, and after them the ends."""
    named = [found.best, *found.like_standing[:1], *_others_alike(found), *([card] if (card := _card_that_costs_less(found)) else [])]
    shown = [line for line in found.lines if line.standing == "frontier" or line.policy.own or line.policy.end or line in named]
    return sorted(shown, key=lambda line: is_apart(found, line))


def is_apart(found: Frontier, line: Line) -> bool:
    """Whether a rule is one of the ends, there for comparison: nobody, never, always."""
    return line.policy.end and line is not found.best


def _table(found: Frontier) -> Table:
    first, second, *others = columns(found)
    made = table(first, second, *others, first_whole=False)
    lines = shown_lines(found)
    for place, row in enumerate(rows(found)):
        if place and is_apart(found, lines[place]) and not is_apart(found, lines[place - 1]):
            made.add_section()
        made.add_row(*(plain_text(cell) for cell in row))
    return made


def columns(found: Frontier) -> list[str]:
    """The heads of the table of rules; what stands in it, `rows`."""
    missed = [] if math.isnan(found.best.missed.mean) else ["days\nmissed"]
    money = "cost of the\npool a day" if found.priced else "paid hours"
    total = [] if math.isnan(found.best.total.mean) else ["cost in all"]
    return ["rule", "people", "wait\ntoo long", *missed, money, *total, "hours\npaid", "call-ups\na day"]


def rows(found: Frontier) -> list[list[str]]:
    """A row of words for each of the rules shown."""
    made = []
    for line in shown_lines(found):
        mark = " ◀" if line is found.best else " ●" if line.policy.own else ""
        cells = [line.policy.name + mark, str(line.policy.agents), _half(line.over)]
        of = f" of {line.days:,}" if line.days != found.days else ""
        cells += [] if math.isnan(found.best.missed.mean) else [percent(line.missed.mean) + of]
        half = (line.spent.high - line.spent.low) / 2.0
        cells.append(f"{line.spent.mean:,.0f} ± {half:,.0f}" if found.priced else f"{line.spent.mean:,.1f} ± {half:,.1f}")
        cells += [] if math.isnan(found.best.total.mean) else [f"{line.total.mean:,.0f}"]
        made.append([*cells, agents(line.hours), count(line.activations)])
    return made
