"""A sweep as a table for a terminal, as JSON, as a tidy CSV file, and as a chart."""

from __future__ import annotations

import csv
import io
import json
import math
import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from ccsim.reporting import style
from ccsim.reporting.comparison import shortened
from ccsim.reporting.differences import signed
from ccsim.reporting.files import replacing
from ccsim.reporting.tables import SHORT_LABELS
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.terms import label_in
from ccsim.reporting.wording import NOTHING, half_width, number_of, percent, plain_percent, played_words, target_words, value, within_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ccsim.experiment.differences import Difference
    from ccsim.experiment.sweep import Sweep

# Shown behind the measure that leads; --json and --csv hold them all
SHOWN = ("mean_wait", "abandoned_fraction", "blocked_fraction", "target_met", "cost")
LINES = (
    {"color": style.BLUE, "marker": "o", "linestyle": "-"},
    {"color": style.VERMILION, "marker": "s", "linestyle": (0, (5, 1.5))},
    {"color": style.GREEN, "marker": "^", "linestyle": (0, (1, 1))},
    {"color": style.BLACK, "marker": "D", "linestyle": (0, (5, 1.5, 1, 1.5))},
    {"color": style.SKY, "marker": "v", "linestyle": (0, (3, 1))},
    {"color": style.GREY, "marker": "P", "linestyle": "-"},
)
MOST_LINES = len(LINES)
LONGEST_TITLE = 84
MOST_TICKS = 24


def sweep_json(found: Sweep) -> str:
    """Return a sweep as one JSON object: `Sweep.to_dict()`."""
    return json.dumps(found.to_dict(), ensure_ascii=False, indent=2, allow_nan=False)


def sweep_csv(found: Sweep, path: str | Path) -> None:
    """Write a sweep as a tidy table: a row for each combination and measure; raises `ResultError` where it cannot be written."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    heads = [*found.keys, "measure", "mean", "low", "high", "unit", "difference", "difference_low", "difference_high"]
    writer.writerow(heads)
    for row in found.to_dict()["rows"]:
        for name in found.measures:
            entry, apart = row["measures"][name], row["difference"][name]
            numbers = (entry["mean"], entry["low"], entry["high"], entry["unit"], apart["mean"], apart["low"], apart["high"])
            writer.writerow([*row["set"].values(), name, *("" if number is None else number for number in numbers)])
    with replacing(path) as partial:
        partial.write_text(text.getvalue(), encoding="utf-8")


def show_sweep(out: Console, found: Sweep) -> None:
    """Print a sweep: a row for each combination, with the difference of the leading measure and the cost from the first."""
    out.print(plain_text(found.scenario.title, style="bold"))
    out.print(plain_text(f"{played_words(found.played[0].result)} · the same luck for each", style="dim"))
    if found.interrupted:
        out.print(plain_text(f"Interrupted: this rests on the {found.replications:,} days of each that were finished.", style="bold"))
    for note in found.notes[:6]:
        out.print(plain_text(f"Note: {note}.", style="yellow"))
    rows = shown_measures(found)
    lead = heads(found, [found.measure])[0]
    keys, against = [key_head(key) for key in found.keys], ("more than\nthe first", "better on\ndays")
    grid = table(keys[0], *keys[1:], *heads(found, rows[:1]), *against, *heads(found, rows[1:]))
    for values, one, apart in zip(found.values, found.played, found.differences, strict=True):
        measures = one.measures
        first = one is found.played[0]
        beats = apart[found.measure].beats
        cells_against = (NOTHING, NOTHING) if first else (signed(apart[found.measure]), NOTHING if beats is None else percent(beats.share))
        cells = [f"{value(measures[name])}{half_width(measures[name], name)}" for name in rows]
        grid.add_row(*(plain_text(shortened(text)) for text in values), cells[0], *cells_against, *cells[1:])
    section(out, f"{lead}: {label_in(found.scenario, found.measure)}", grid)
    out.print()
    targets = {target_words(one.scenario.target) for one in found.played}
    target = f"Target: {targets.pop()}. " if len(targets) == 1 else "Each row is held against the target set in it. "
    out.print(
        plain_text(f"{target}± and intervals: 95 % confidence; differences come from the same days. pt: points of a share.", style="dim")
    )


def key_head(key: str) -> str:
    """A dotted key broken at its dots, so that no line is long.

    >>> key_head("contingent.home.activate.reaches").split("\\n")
    ['contingent.home.', 'activate.reaches']
    """
    rows = [""]
    for part in key.replace(".", ".\0").split("\0"):
        if rows[-1] and len(rows[-1]) + len(part) > 18:
            rows.append("")
        rows[-1] += part
    return "\n".join(rows)


def shown_measures(found: Sweep) -> list[str]:
    """The measures to show: the one that leads, the target's service level, then those that planners look at first."""
    level = f"service_level_{found.scenario.target.variant}"
    documents = [one.measures for one in found.played]
    rows = [name for name in dict.fromkeys((found.measure, level, *SHOWN)) if name in found.measures]
    silent = {name for name in ("blocked_fraction", "abandoned_fraction") if not any(number_of(one.get(name)) for one in documents)}
    return [name for name in rows if name not in silent or name == found.measure]


def heads(found: Sweep, rows: Sequence[str]) -> list[str]:
    """Short names of measures for the heads of columns."""
    counted = {within_words(one.scenario) for one in found.played}
    within = counted.pop() if len(counted) == 1 else "within the wait set"
    return [SHORT_LABELS.get(name, within if name.startswith("service_level") else label_in(found.scenario, name)) for name in rows]


def sweep_chart(found: Sweep, path: str | Path) -> None:
    """Write the chart of a sweep as a PNG; raises `ResultError` where it cannot be written."""
    import matplotlib as mpl

    with mpl.rc_context(style.SETTINGS), warnings.catch_warnings(), replacing(path) as partial:
        # A name in a script that the font has no letters for is drawn as boxes; the numbers are all there.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        sweep_figure(found).savefig(partial, format="png")


def sweep_figure(found: Sweep) -> Figure:
    """Return a figure of a sweep: one panel a measure over the values of the first key, a line for each value of the second."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    panels = shown_measures(found)
    columns = 2 if len(panels) > 1 else 1
    rows = -(-len(panels) // columns)
    with mpl.rc_context(style.SETTINGS):
        height = 1.25 + 2.7 * rows
        figure = Figure(figsize=(10.0, height), layout="constrained")
        figure.get_layout_engine().set(rect=(0.0, 0.28 / height, 1.0, 1.0 - 1.0 / height), hspace=0.06, wspace=0.05)  # type: ignore[union-attr, call-arg]
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes, name in zip(grid.flat, panels, strict=False):
            panel(axes, found, name)
        for axes in grid.flat[len(panels) :]:
            if "cost" in panels and len(found.played) > 1 and found.measure != "cost":
                price_panel(axes, found)
            else:
                axes.set_visible(False)
        title = textwrap.shorten(found.scenario.title, LONGEST_TITLE, placeholder=" ...")
        figure.text(0.01, 1 - 0.12 / height, title, va="top", fontsize=14, fontweight="bold", parse_math=False)
        said = " and ".join(found.keys)
        figure.text(0.01, 1 - 0.44 / height, f"What changes with {said}", va="top", fontsize=10.5, parse_math=False)
        if len(found.keys) > 1:
            marks, words = grid[0, 0].get_legend_handles_labels()
            at: dict[str, Any] = {"loc": "upper right", "bbox_to_anchor": (0.995, 1 - 0.08 / height), "ncols": min(len(words), 6)}
            figure.legend(marks, words, title=found.keys[1], title_fontsize=8.5, handlelength=2.8, **at)
        bars = "bars: 95 % confidence of the differences from the first, grey of its level"
        footer = f"{played_words(found.played[0].result)} · the same luck for each · {bars}"
        figure.text(0.01, 0.08 / height, textwrap.fill(footer, 175), fontsize=7.5, color=style.GREY)
    return figure


def measure_svgs(found: Sweep) -> list[tuple[str, str]]:
    """The panels of the figure by themselves: of each its title and the SVG, with the values of a second key explained in it."""
    from ccsim.reporting.pictures import panel_svg

    def told(axes: Axes) -> Axes:
        if len(found.keys) > 1:
            axes.legend(title=found.keys[1], title_fontsize=8.5, handlelength=2.8, loc="best", ncols=2)
        return axes

    names = shown_measures(found)
    made = [(_title(found, name), panel_svg(f"w{name}", 3.0, lambda axes, name=name: told(panel(axes, found, name)))) for name in names]  # type: ignore[misc]
    if "cost" in names and found.measure != "cost" and len(found.played) > 1:
        made.append(("What the money buys", panel_svg("wprice", 3.0, lambda axes: price_panel(axes, found))))
    return made


def panel(axes: Axes, found: Sweep, name: str) -> Axes:
    """Draw one measure over the values of the first key; return the axes."""
    places, ticks = positions(found)
    scale, unit = _scale(found, name)
    for number, (second, mine) in enumerate(lines(found)):
        mean = scale * np.array([_cell(found, place, name)["mean"] for place in mine], dtype=np.float64)
        around = scale * np.array([_reach(found.differences[place][name]) for place in mine]).T
        x = np.array([places[found.values[place][0]] for place in mine])
        look: dict[str, Any] = {**LINES[number % MOST_LINES], "linewidth": 1.8, "markersize": 5.0}
        order = np.argsort(x)
        axes.plot(x[order], mean[order], label=second, **look)
        axes.errorbar(x, mean, yerr=around, fmt="none", ecolor=look["color"], elinewidth=1.2, capsize=3)
    first = _cell(found, 0, name)
    if first["low"] is not None and first["high"] is not None:
        axes.vlines(places[found.values[0][0]], scale * first["low"], scale * first["high"], color="#C4C4C4", linewidth=5.0, zorder=0.9)
    target = found.scenario.target
    if name == f"service_level_{target.variant}" and target.share is not None:
        axes.axhline(100 * target.share, **style.TARGET | {"color": style.BLACK, "linestyle": (0, (1, 1.5))})  # unlike any of the lines
        axes.annotate(
            f"target {plain_percent(target.share)}", (1.0, 100 * target.share), xycoords=("axes fraction", "data"), xytext=(-2, 3),
            textcoords="offset points", ha="right", fontsize=8, color=style.BLACK,
        )  # fmt: skip
    return _finished(axes, found, name, unit, ticks)


def lines(found: Sweep) -> list[tuple[str | None, list[int]]]:
    """The combinations that make up a line: the value of the second key, None without one, and the numbers of the combinations."""
    if len(found.keys) == 1:
        return [(None, list(range(len(found.values))))]
    seconds = dict.fromkeys(values[1] for values in found.values)
    return [(shortened(second), [place for place, values in enumerate(found.values) if values[1] == second]) for second in seconds]


def price_panel(axes: Axes, found: Sweep) -> Axes:
    """Draw the measure that leads over the cost, each point with its value of the first key; return the axes."""
    from matplotlib.ticker import MaxNLocator

    scale, unit = _scale(found, found.measure)
    for number, (_, mine) in enumerate(lines(found)):
        cost, level = (
            np.array([_cell(found, place, name)["mean"] for place in mine], dtype=np.float64) for name in ("cost", found.measure)
        )
        look: dict[str, Any] = {**LINES[number % MOST_LINES], "linewidth": 1.2, "markersize": 5.0}
        axes.plot(cost, scale * level, **look)
        for place, x, y in zip(mine, cost, scale * level, strict=True):
            if math.isfinite(x) and math.isfinite(y):
                words = shortened(found.values[place][0])[:18]
                axes.annotate(words, (x, y), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8, parse_math=False)
    axes.set_title("What the money buys", pad=6)
    axes.set_ylabel(f"{_title(found, found.measure).lower()}, {unit}")
    axes.set_xlabel(f"cost, {_scale(found, 'cost')[1]}")
    axes.margins(x=0.08, y=0.15)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    _thousands(axes, x=True)
    return axes


def _cell(found: Sweep, place: int, name: str) -> dict[str, Any]:
    entry: dict[str, Any] = found.played[place].measures[name]
    return entry


def _reach(apart: Difference) -> tuple[float, float]:
    """How far the interval of a difference goes below and above it; nothing where it is not known."""
    reach = (apart.mean - apart.low, apart.high - apart.mean)
    return reach if all(math.isfinite(one) and one >= 0.0 for one in reach) else (0.0, 0.0)


def _title(found: Sweep, name: str) -> str:
    title = f"Answered {within_words(found.scenario)}" if name.startswith("service_level") else label_in(found.scenario, name)
    return title[:1].upper() + title[1:]


def _thousands(axes: Axes, x: bool = False) -> None:
    from matplotlib.ticker import FuncFormatter

    for axis in (axes.yaxis, *((axes.xaxis,) if x else ())):
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.6g}"))


def _finished(axes: Axes, found: Sweep, name: str, unit: str, ticks: dict[float, str]) -> Axes:
    axes.set_title(_title(found, name), pad=6)
    axes.set_ylabel(unit)
    low, high = axes.get_ylim()
    if unit == "per cent":
        # A share that hardly moves is not to look as if it did: the axis spans three points at least
        middle, reach = (low + high) / 2.0, max((high - low) / 2.0, 1.5)
        axes.set_ylim(max(middle - reach, -0.05 * reach), min(middle + reach, 101.0))
    elif low < 0.35 * high:
        axes.set_ylim(0.0, high)
    if len(ticks) <= MOST_TICKS:
        axes.set_xticks(list(ticks), [shortened(text)[:18] for text in ticks.values()])
        if sum(map(len, ticks.values())) > 60:
            axes.tick_params(axis="x", rotation=30)
    axes.margins(x=0.06)
    _thousands(axes)
    axes.set_xlabel(found.keys[0], parse_math=False)
    return axes


def positions(found: Sweep) -> tuple[dict[str, float], dict[float, str]]:
    """Where each value of the first key stands on the axis: at its number or length of time if all have one, else side by side."""
    texts = list(dict.fromkeys(values[0] for values in found.values))
    numbers = [_quantity(text) for text in texts]
    sized = [number for number in numbers if number is not None]
    if len(sized) == len(texts) and len(set(sized)) == len(texts):
        places = dict(zip(texts, sized, strict=True))
    else:
        places = {text: float(place) for place, text in enumerate(texts)}
    return places, {place: text for text, place in places.items()}


def _quantity(text: str) -> float | None:
    from ccsim.errors import InputError
    from ccsim.units import parse_duration, parse_number, parse_share

    for parse in (parse_number, parse_duration, parse_share):
        try:
            return parse(text)
        except InputError:
            continue
    return None


def _scale(found: Sweep, name: str) -> tuple[float, str]:
    unit = str(found.played[0].measures[name]["unit"])
    return (100.0, "per cent") if unit == "share" else (1.0, {"s": "seconds"}.get(unit, unit))
