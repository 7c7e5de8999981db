"""Pictures of a run. Each panel is a function that takes axes and returns them; `day_chart` stacks them into one PNG."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.reporting import style
from ccsim.reporting.course import Course, Floats, course
from ccsim.reporting.files import replacing
from ccsim.reporting.waterfall import waterfall_height, waterfall_panel
from ccsim.reporting.wording import WEEKDAYS, answer, duration, plain_percent, played_words, target_words, within_words
from ccsim.units import HOUR, MINUTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ccsim.experiment.result import Result

# Height kept free above and below the panels [inches]
HEAD, FOOT = 0.72, 0.28
# Letters of the title that fit into the width
LONGEST_TITLE = 84
LONGEST_FOOTER = 150  # letters on a line


def calls_panel(axes: Axes, day: Course) -> Axes:
    """Draw calls offered in each interval, the share of them that hung up or found all lines taken in front; return the axes."""
    offered, hung_up, blocked = (day.series(name).mean for name in ("offered", "abandoned", "blocked"))
    lost = np.nan_to_num(hung_up) + np.nan_to_num(blocked)
    x, all_calls, lost_calls = stairs(day, offered, lost)
    axes.fill_between(x, 0.0, all_calls, label="offered", **style.CALLS)
    if lost.sum() > 0.0:
        words = "hung up" if not np.nan_to_num(blocked).any() else "hung up or blocked"
        axes.fill_between(x, 0.0, lost_calls, label=words, **style.HUNG_UP)
    lengths = np.unique(np.round(day.end - day.start))
    per = f"calls per {duration(lengths[0])}" if len(lengths) == 1 else "calls per interval"
    return finish(axes, day, "Calls", per)


def agents_panel(axes: Axes, day: Course) -> Axes:
    """Draw agents required, scheduled and on duty as staircases, over- and understaffing shaded; return the axes."""
    required, scheduled, on_duty = (day.series(name) for name in ("required_agents", "agents_scheduled", "agents_on_duty"))
    if required.known:
        x, need, have = stairs(day, required.mean, on_duty.mean)
        axes.fill_between(x, need, have, where=list(have >= need), label="surplus", **style.OVER)
        if (on_duty.mean < required.mean - 0.05).any():
            axes.fill_between(x, need, have, where=list(have < need), label="shortfall", **style.UNDER)
    spread = day.series("net_staffing")
    if np.isfinite(spread.low).any():
        x, lower, upper = stairs(day, spread.low + required.mean, spread.high + required.mean)
        axes.fill_between(x, lower, upper, **style.DAYS)
    contingents = day.series("agents_on").mean
    if np.nan_to_num(contingents).any():
        x, below, above = stairs(day, on_duty.mean - contingents, on_duty.mean)
        axes.fill_between(x, below, above, label="of them contingents", **style.CONTINGENTS)
    words = "on duty, mean and 95 % of days" if np.isfinite(spread.low).any() else "on duty, mean"
    for series, look, name in (
        (scheduled, style.SCHEDULED, "scheduled"),
        (on_duty, style.ON_DUTY, words),
        (required, style.REQUIRED, "required"),
    ):
        if series.known:
            axes.plot(*stairs(day, series.mean), label=name, **look)
    return finish(axes, day, "Agents", "agents")


def contingents_panel(axes: Axes, day: Course) -> Axes:
    """Draw the contingents logged in, over all pools, on the mean of the days played; return the axes."""
    x, on = stairs(day, day.series("agents_on").mean)
    axes.fill_between(x, 0.0, on, label="logged in, mean over the days", **style.CONTINGENTS)
    axes.plot(x, on, color=style.GREEN, linewidth=1.5)
    return finish(axes, day, "Contingents on call", "agents")


def wait_panel(axes: Axes, day: Course) -> Axes:
    """Draw the mean wait of the callers who arrived in each interval with its 95 % band, against the target wait; return the axes."""
    target = day.scenario.target
    waits = day.series("mean_wait")
    _banded(axes, day, waits.low, waits.mean, waits.high, "mean wait of callers by arrival")
    if target.share is not None:
        axes.axhline(target.wait, label=f"target wait {duration(target.wait)}", **style.TARGET)
    return finish(axes, day, "Wait until an agent answers or the caller hangs up", "seconds")


def service_panel(axes: Axes, day: Course) -> Axes:
    """Draw the target's service level in each interval with its 95 % band, against the target share; return the axes."""
    target = day.scenario.target
    level = day.series(f"service_level_{target.variant}")
    _banded(axes, day, 100 * level.low, 100 * level.mean, 100 * level.high, "all days together")
    if target.share is not None:
        axes.axhline(100 * target.share, label=f"target {plain_percent(target.share)}", **style.TARGET)
    variant = target.variant.replace("_", " ")
    axes = finish(axes, day, f"Answered {within_words(day.scenario)} (service level: {variant})", "per cent")
    known = [number for series in (level.low, level.mean) for number in series.tolist() if np.isfinite(number)]
    lowest = min([*known, target.share or 1.0])
    axes.set_ylim(max(0.0, min(10 * np.floor(10 * lowest - 0.5), 80.0)), 104.0)
    return axes


def day_figure(result: Result) -> Figure:
    """Return a figure of the whole path: calls, agents, contingents where there are any, waits and service level over one clock.

    Below them, where there are people on shifts, stands how many of their paid hours are left for the queue.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    day = course(result)
    panels: list[tuple[Any, float]] = [(calls_panel, 1.0), (agents_panel, 1.7)]
    if result.scenario.contingent:
        panels.append((contingents_panel, 0.7))
    panels += [(wait_panel, 1.1), (service_panel, 1.0)]
    account = result.to_dict().get("shrinkage")
    shares = [share for _, share in panels] + ([] if account is None else [waterfall_height(account) / 2.0])
    with mpl.rc_context(style.SETTINGS):
        height = HEAD + FOOT + 2.0 * sum(shares)
        room = ConstrainedLayoutEngine(rect=(0.0, FOOT / height, 1.0, 1.0 - (HEAD + FOOT) / height))
        figure = Figure(figsize=(10.0, height), layout=room)
        places = figure.add_gridspec(len(shares), 1, height_ratios=shares)
        grid: list[Axes] = []
        for place, (draw, _) in enumerate(panels):
            grid.append(figure.add_subplot(places[place], sharex=grid[0] if grid else None))
            draw(grid[-1], day)
        for axes in grid[:-1]:
            axes.tick_params(labelbottom=False)
        clock_axis(grid[-1], day)
        if account is not None:
            waterfall_panel(figure.add_subplot(places[-1]), account)
        headline = answer(result)[0].partition(". ")[0].rstrip(".")
        target = target_words(result.scenario.target)
        title = textwrap.shorten(result.scenario.title, LONGEST_TITLE, placeholder=" ...")
        figure.text(0.01, 1 - 0.12 / height, title, va="top", fontsize=14, fontweight="bold", parse_math=False)
        figure.text(0.01, 1 - 0.44 / height, headline, va="top", fontsize=10.5)
        footer = f"{played_words(result)} · target {target} · bands of waits and service: 95 % confidence"
        figure.text(0.01, 0.08 / height, textwrap.fill(footer, LONGEST_FOOTER), fontsize=7.5, color=style.GREY)
    return figure


def day_chart(result: Result, path: str | Path) -> None:
    """Write the figure of the whole path as a PNG; raises `ResultError` where it cannot be written."""
    import matplotlib as mpl

    with mpl.rc_context(style.SETTINGS), warnings.catch_warnings(), replacing(path) as partial:
        # A title in a script that the font has no letters for is drawn as boxes; the numbers are all there.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        day_figure(result).savefig(partial, format="png")


def stairs(day: Course, *heights: Floats) -> list[Floats]:
    """Points of staircases over the intervals: x [hours], then each height; a gap where the centre is closed in between."""
    edges = np.column_stack((day.start, day.end)).ravel() / HOUR
    cuts = 2 * np.flatnonzero(day.start[1:] > day.end[:-1] + 1e-6) + 2
    x = np.insert(edges, cuts, np.nan)
    return [x, *(np.insert(np.repeat(height, 2), cuts, np.nan) for height in heights)]


def _banded(axes: Axes, day: Course, low: Floats, mean: Floats, high: Floats, words: str) -> None:
    x, lower, middle, upper = stairs(day, low, mean, high)
    axes.fill_between(x, lower, upper, **style.BAND)
    axes.plot(x, middle, label=words, **style.WAIT)


def finish(axes: Axes, day: Course, title: str, unit: str) -> Axes:
    """Give a panel its title, unit, axes and legend, when all is drawn; return the axes."""
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title, pad=6)
    axes.set_ylabel(unit)
    axes.set_ylim(0.0, max(1.02 * axes.get_ylim()[1], 1.0))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=axes.get_ylim()[1] > 4))
    axes.set_xlim(day.start[0] / HOUR, day.end[-1] / HOUR)
    if axes.get_legend_handles_labels()[0]:
        place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.0}
        # six entries and more would run into the title
        entries = len(axes.get_legend_handles_labels()[0])
        axes.legend(ncols=entries if entries < 6 else 3, handlelength=2.6, columnspacing=1.4, **place)
    return axes


def clock_axis(axes: Axes, day: Course) -> None:
    """Label the shared axis with clock times, and with dates at midnight where there are several days."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    hours = (day.end[-1] - day.start[0]) / HOUR
    step = next((step for step in (1, 2, 3, 6, 12, 24, 48, 168, 336) if hours / step <= 16), 720)

    def label(x: float, _: int) -> str:
        moment = round(x * HOUR / MINUTE) * MINUTE
        horizon = day.scenario.horizon
        shown = horizon.local(moment)
        clock = f"{shown.hour:02d}:{shown.minute:02d}"
        if day.scenario.days == 1:
            return "24:00" if moment == horizon.midnight(1) else clock
        return f"{clock}\n{WEEKDAYS[shown.weekday()][:3]} {shown.day}" if step >= 24 or clock == "00:00" else clock

    axes.xaxis.set_major_locator(MultipleLocator(step))
    axes.xaxis.set_major_formatter(FuncFormatter(label))
    axes.set_xlabel("clock time")
