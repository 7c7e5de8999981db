"""The frontier of rules for calling contingents as a chart: waits, and missed days, over what the contingents cost."""

from __future__ import annotations

import math
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.contingent.frontier_sums import staircase
from ccsim.reporting import style
from ccsim.reporting.files import replacing
from ccsim.reporting.frontier import days_words, rule_sentence
from ccsim.units import format_share

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from ccsim.contingent.frontier_answer import Frontier, Line

_LONGEST_TITLE = 84
_WIDTH_OF_WORDS = 0.2  # part of the axis that the name of a rule may take


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
            # At the dear end names are written to the left, where a marked rule may have its own
            dear = line.policy.name == "always"
            beside = dear and any(line.spent.mean - mark.spent.mean < _WIDTH_OF_WORDS * _edge(found) for mark, _, _ in marks)
            _says(axes, names[line.policy.name], line.spent.mean, 100 * getattr(line, of).mean, style.BLACK, below=beside)


def _says(axes: Axes, words: str, x: float, y: float, color: str, below: bool = False) -> None:
    right = x > 0.8 * axes.get_xlim()[1]
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
    axes.annotate(
        words, (x, y), xytext=(-4 if right else 8, -14 if below else 12), textcoords="offset points", fontsize=8.5, color=color,
        fontweight="bold", ha="right" if right else "left", zorder=6, bbox=box,
    )  # fmt: skip


def frontier_figure(found: Frontier, alone: bool = True) -> Picture:
    """Return the chart: waits, and missed days, over what contingents cost; with title and rule where it stands `alone`."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Picture

    known = not math.isnan(found.best.missed.mean)
    with mpl.rc_context(style.SETTINGS):
        height = 8.6 if known else 5.6
        picture = Picture(figsize=(10.0, height), layout="constrained")
        sentence = textwrap.fill(rule_sentence(found), 118)
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
        days = f"{days_words(found, found.days)} under each rule"
        footer = f"{days}, seed {found.seed}, the same luck for each · no choice of rules lies in the grey"
        picture.text(0.01, 0.08 / height, footer, fontsize=7.5, color=style.GREY, parse_math=False)
    return picture


def frontier_chart(found: Frontier, path: str | Path) -> None:
    """Write the chart as a PNG; raises `ResultError` where it cannot be written."""
    import matplotlib as mpl

    with mpl.rc_context(style.SETTINGS), warnings.catch_warnings(), replacing(path) as partial:
        # A title in a script that the font has no letters for is drawn as boxes; the numbers are all there.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        frontier_figure(found).savefig(partial, format="png")
