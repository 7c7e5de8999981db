"""The frontier of rules for calling contingents: the answer in sentences, a table, JSON, and a chart."""

from __future__ import annotations

import json
import math
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim import __version__
from ccsim.contingent.frontier_answer import EASIER
from ccsim.contingent.frontier_sums import staircase
from ccsim.contingent.policies_said import number_word
from ccsim.inputs.faults import listed
from ccsim.reporting import style
from ccsim.reporting.files import replacing
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import NOTHING, agents, count, percent, target_words, within_words
from ccsim.units import DAY, format_clock, format_share

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture
    from rich.console import Console
    from rich.table import Table

    from ccsim.contingent.frontier_answer import Frontier, Line
    from ccsim.contingent.frontier_sums import Figure

_LONGEST_TITLE = 84
_NAMED = 4  # rules of like standing that are named
_SOME_CALLED_OFF = 0.01  # of those who say yes, from which on it is said


def frontier_json(found: Frontier) -> str:
    """The answer as one JSON object."""
    return json.dumps({"ccsim": __version__, **found.to_dict()}, ensure_ascii=False, indent=2, allow_nan=False)


def answer(found: Frontier) -> list[str]:
    """The rule to follow, what it does, why it, and what it is worth: a sentence or two for each."""
    said = [_rule(found), _effect(found), _why(found)]
    said += [_own(found)] if not found.best.policy.own else []
    said += [text for text in (_by_card(found), _not_helped(found), _worth(found), _clairvoyant(found), _ready(found)) if text]
    return said


def _rule(found: Frontier) -> str:
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
        said = f"On {found.days:,} days that had no part in the choice {said}"
        missed = "" if math.isnan(best.missed.mean) else f", {percent(best.missed.mean)} of days"
        said += f" On those that had (the table's): {percent(best.over.mean)} of callers{missed}, {_money(found, best.spent.mean)}."
    if line.called_off >= _SOME_CALLED_OFF:
        said += f" Of those who say yes {percent(line.called_off, 0)} are called off before they are on."
    if best.policy.agents:
        on = "" if checked is None else ", on the days of the choice"
        said += f" Without a pool{on}: {percent(none.over.mean)} of callers"
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
        others = [line for line in found.like_standing if line is not found.best and line is not cheapest]
        if others:
            named = listed([f"{line.policy.name} ({_money(found, line.spent.mean)})" for line in others[:_NAMED]])
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


def _by_card(found: Frontier) -> str | None:
    """The cheapest card that for certain costs less than the recommended rule and leaves no more callers waiting; None where there is none.

    Where it may leave more of them, by the paired interval, "about as few" are said to wait. None with which more days miss the target.
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
    if not good:
        return None
    line = next((line for line in good if line.over_less_best.high <= 0.0), good[0])
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
    cost = "" if worth.cost is None else f", who would cost {_money(found, worth.cost)} a day"
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
    unit = "h of pay" if not found.priced else found.unit if found.unit != "money" else ""
    return f"{amount:,.0f} {unit}".strip() if found.priced else f"{amount:,.1f} {unit}"


def show_frontier(out: Console, found: Frontier) -> None:
    """Print the answer, the frontier and what was dropped."""
    out.print(plain_text(found.scenario.title, style="bold"))
    days = f"{found.days:,} days under {len(found.lines)} rules, {found.rules} looked at on {found.screened} others"
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
        "callers together do.",
        f"{beaten} rules are beaten for certain: another one costs no more and leaves no more callers waiting too long, by paired tests on "
        "the same days in which a rule is beaten in error with a chance of at most 1 %, and misses no more days. "
        f"{near} more are near the frontier: others look better, but not for certain; {found.left_out} of them were not played to the end, "
        "others being nearer.",
        *(note[0].upper() + note[1:] + "." for note in found.notes),
    ]


def shown_lines(found: Frontier) -> list[Line]:
    """The rules to show: the frontier, the recommended, the scenario's own, and after them the ends."""
    shown = [line for line in found.lines if line.standing == "frontier" or line.policy.own or line.policy.end or line is found.best]
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
        cells += [] if math.isnan(found.best.missed.mean) else [percent(line.missed.mean)]
        half = (line.spent.high - line.spent.low) / 2.0
        cells.append(f"{line.spent.mean:,.0f} ± {half:,.0f}" if found.priced else f"{line.spent.mean:,.1f} ± {half:,.1f}")
        cells += [] if math.isnan(found.best.total.mean) else [f"{line.total.mean:,.0f}"]
        made.append([*cells, agents(line.hours), count(line.activations)])
    return made


def frontier_panel(axes: Axes, found: Frontier) -> Axes:
    """Draw the share of callers who wait too long over what contingents cost: rules, frontier, bound; return the axes."""
    lines = [*found.lines]
    edge = _edge(found)
    others = [line for line in lines if line.standing != "frontier" and not line.policy.own and line.spent.mean <= edge]
    x, y = _points(others)
    axes.plot(x, y, linestyle="none", marker="o", markersize=3.2, color="#B5B5B5", label="other rules", zorder=1)
    if found.bound.known:
        grid = np.linspace(0.0, edge, 200)
        curve = 100 * found.bound.curve(grid)
        axes.plot(grid, curve, color=style.BLACK, linewidth=1.3, linestyle=(0, (5, 2)), label="each day known beforehand", zorder=2)
        axes.fill_between(grid, 0.0, curve, color="#EDEDED", linewidth=0.0, zorder=0.5)
    on = [line for line in lines if line.standing == "frontier" and line.spent.mean <= edge]
    _with_bars(axes, on, "over", color=style.BLUE, marker="o", markersize=5, label="frontier, 95 % interval")
    _marked(axes, found, "over")
    axes.set_title("Callers who wait longer than their target wait", pad=6)
    axes.set_ylabel("per cent of callers")
    top = max(100 * line.over.high for line in (*on, found.own, *(line for line in lines if line.policy.end)))
    low = float(100 * found.bound.curve(np.array([edge]))[0]) if found.bound.known else 0.0
    axes.set_ylim(max(0.0, low - 0.25 * (top - low)), top + 0.12 * (top - low))
    axes.set_xlim(-0.02 * edge, 1.03 * edge)
    axes.legend(loc="upper right")
    return axes


def missed_panel(axes: Axes, found: Frontier) -> Axes:
    """Draw the chance that a day misses its target over what contingents cost, against the chance allowed; return the axes."""
    edge = _edge(found)
    others = [line for line in found.lines if not line.policy.own and line.spent.mean <= edge]
    axes.plot(*_points(others, "missed"), linestyle="none", marker="o", markersize=3.2, color="#B5B5B5", zorder=1)
    known = [line for line in found.lines if line.spent.mean <= edge]
    stairs = staircase(np.array([line.spent.mean for line in known]), np.array([line.missed.mean for line in known]))
    _with_bars(axes, [known[place] for place in stairs], "missed", color=style.BLUE, marker="o", markersize=5)
    _marked(axes, found, "missed", labels=False)
    axes.axhline(100 * found.miss, label=f"allowed: {format_share(found.miss)}", **style.TARGET)
    axes.set_title("Chance that a day misses its target", pad=6)
    axes.set_ylabel("per cent of days")
    axes.set_ylim(0.0, max(1.1 * axes.get_ylim()[1], 120 * found.miss))
    axes.legend(loc="upper right")
    return axes


def _edge(found: Frontier) -> float:
    """How far the axis of costs goes: rules that cost more than having everybody on all day are not drawn."""
    shown = [line.spent.mean for line in found.lines if line.policy.end or line.policy.own or line is found.best]
    return max(*shown, 1e-9) * 1.04


def _points(lines: list[Line], of: str = "over") -> tuple[list[float], list[float]]:
    return [line.spent.mean for line in lines], [100 * getattr(line, of).mean for line in lines]


def _with_bars(axes: Axes, lines: list[Line], of: str, **look: Any) -> None:
    x, y = _points(lines, of)
    figures = [getattr(line, of) for line in lines]
    down = [100 * (figure.mean - figure.low) for figure in figures]
    up = [100 * (figure.high - figure.mean) for figure in figures]
    axes.errorbar(x, y, yerr=[down, up], linewidth=1.1, elinewidth=0.8, capsize=2, zorder=3, **look)


def _marked(axes: Axes, found: Frontier, of: str, labels: bool = True) -> None:
    """The recommended rule, the scenario's own and the ends, each with its name."""
    marks: list[tuple[Line, str, dict[str, Any]]] = []
    if not found.best.policy.own:
        marks.append((found.own, "the rule in the file", {"marker": "s", "color": style.VERMILION, "markersize": 8}))
    best = "recommended" if not found.best.policy.own else "recommended: the rule in the file"
    marks.append((found.best, best, {"marker": "D", "color": style.GREEN, "markersize": 9}))
    for line, name, look in marks:
        figure = getattr(line, of)
        axes.plot([line.spent.mean], [100 * figure.mean], linestyle="none", zorder=5, markeredgecolor="white", **look)
        _says(axes, name, line.spent.mean, 100 * figure.mean, look["color"])
    names = {"no pool": "no pool", "always": "all on, all day"} if labels else {}
    for line in found.lines:
        if line.policy.name in names and line is not found.best:
            _says(axes, names[line.policy.name], line.spent.mean, 100 * getattr(line, of).mean, style.BLACK)


def _says(axes: Axes, words: str, x: float, y: float, color: str) -> None:
    right = x > 0.8 * axes.get_xlim()[1]
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
    axes.annotate(
        words, (x, y), xytext=(-4 if right else 8, 12), textcoords="offset points", fontsize=8.5, color=color, fontweight="bold",
        ha="right" if right else "left", zorder=6, bbox=box,
    )  # fmt: skip


def frontier_figure(found: Frontier, alone: bool = True) -> Picture:
    """Return the chart: waits, and missed days, over what contingents cost; with title and rule where it stands `alone`."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Picture

    known = not math.isnan(found.best.missed.mean)
    with mpl.rc_context(style.SETTINGS):
        height = 8.6 if known else 5.6
        picture = Picture(figsize=(10.0, height), layout="constrained")
        sentence = textwrap.fill(_rule(found), 118)
        head = 0.62 + 0.19 * (1 + sentence.count("\n")) if alone else 0.0
        picture.get_layout_engine().set(rect=(0.0, 0.3 / height, 1.0, 1.0 - (0.3 + head) / height))  # type: ignore[union-attr, call-arg]
        grid = picture.subplots(2 if known else 1, 1, squeeze=False, sharex=True, height_ratios=[1.5, 1.0] if known else [1.0])
        frontier_panel(grid[0, 0], found)
        if known:
            missed_panel(grid[1, 0], found)
        unit = "paid hours" if not found.priced else found.unit
        grid[-1, 0].set_xlabel(f"what contingents cost a day, {unit}")
        title = textwrap.shorten(found.scenario.title, _LONGEST_TITLE, placeholder=" ...")
        if alone:
            picture.text(0.01, 1 - 0.12 / height, title, va="top", fontsize=14, fontweight="bold", parse_math=False)
            picture.text(0.01, 1 - 0.47 / height, sentence, va="top", fontsize=10.0, color=style.GREEN, parse_math=False)
        footer = f"{found.days:,} days under each rule, seed {found.seed}, the same luck for each · no choice of rules lies in the grey"
        picture.text(0.01, 0.08 / height, footer, fontsize=7.5, color=style.GREY, parse_math=False)
    return picture


def frontier_chart(found: Frontier, path: str | Path) -> None:
    """Write the chart as a PNG; raises `ResultError` where it cannot be written."""
    import matplotlib as mpl

    with mpl.rc_context(style.SETTINGS), warnings.catch_warnings(), replacing(path) as partial:
        # A title in a script that the font has no letters for is drawn as boxes; the numbers are all there.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        frontier_figure(found).savefig(partial, format="png")
