"""Pictures of a run. Each panel is a function that takes axes and returns them; `day_chart` stacks them into one PNG."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.reporting import style
from ccsim.reporting.answer import answer, common_in_force, demand_words, left_out_of_required
from ccsim.reporting.course import Course, Floats, course
from ccsim.reporting.files import replacing
from ccsim.reporting.terms import only_work
from ccsim.reporting.waterfall import ended, waterfall_height, waterfall_panel
from ccsim.reporting.wording import WEEKDAYS, duration, number_of, plain_percent, played_words, within_words
from ccsim.units import HOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ccsim.experiment.result import Result

# Height kept free above the panels, below them, and for each line of the footer [inches]
HEAD, FOOT, FOOT_LINE = 0.72, 0.14, 0.14
# Letters of the title that fit into the width
LONGEST_TITLE = 84
LONGEST_FOOTER = 178  # letters on a line


def calls_panel(axes: Axes, day: Course) -> Axes:
    """Draw calls offered in each interval, the share of them that hung up or found all lines taken in front; return the axes."""
    offered, hung_up, blocked = (day.series(name).mean for name in ("offered", "abandoned", "blocked"))
    lost = np.nan_to_num(hung_up) + np.nan_to_num(blocked)
    x, all_calls, lost_calls = stairs(day, offered, lost)
    axes.fill_between(x, 0.0, all_calls, label="came in" if only_work(day.scenario) else "offered", **style.CALLS)
    if lost.sum() > 0.0:
        words = "hung up" if not np.nan_to_num(blocked).any() else "hung up or blocked"
        axes.fill_between(x, 0.0, lost_calls, label=words, **style.HUNG_UP)
    lengths = np.unique(np.round(day.end - day.start))
    what, title = ("contacts", "Work that came in") if only_work(day.scenario) else ("calls", "Calls")
    return finish(axes, day, title, f"{what} per {duration(lengths[0]) if len(lengths) == 1 else 'interval'}")


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
    ends = any(category.ends_after is not None for category in day.scenario.shrinkage.values())
    for series, look, name in (
        (scheduled, style.SCHEDULED, "scheduled, whole roster" if ends else "scheduled"),
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
    """Draw the mean wait of the callers who arrived in each interval with its 95 % band, against the target wait; return the axes.

    A mean below the target wait is no sign that enough callers waited less: intervals whose service level misses the target are hatched.
    """
    target, waits, work = day.scenario.target, day.series("mean_wait"), only_work(day.scenario)
    longest = max([number for series in (waits.mean, waits.high) for number in series.tolist() if np.isfinite(number)], default=0.0)
    scale, unit = (HOUR, "hours") if longest > 2 * HOUR else (1.0, "seconds")
    words = "work done, by arrival" if work else "callers, by arrival"
    _banded(axes, day, waits.low / scale, waits.mean / scale, waits.high / scale, words)
    if target.share is not None and common_in_force(day.scenario):
        common = "common " if within_words(day.scenario).endswith("target wait") else ""
        axes.axhline(target.wait / scale, label=f"{common}target wait {duration(target.wait)}", **style.TARGET)
        few = f"under {plain_percent(target.share)} within it"
        for number, (start, end) in enumerate(missed_spans(day)):
            axes.axvspan(start / HOUR, end / HOUR, label="_" if number else few, **style.MISSED)
    return finish(axes, day, "Mean wait until the work is taken up" if work else "Mean wait until an answer or hang-up", unit)


def missed_spans(day: Course) -> list[tuple[float, float]]:
    """Stretches [s] of intervals whose service level, all days together, is below the target; none where no such target is in force."""
    target = day.scenario.target
    if target.share is None or not common_in_force(day.scenario):
        return []
    low = day.series(f"service_level_{target.variant}").mean < target.share
    spans: list[tuple[float, float]] = []
    for start, end in zip(day.start[low].tolist(), day.end[low].tolist(), strict=True):
        if spans and abs(spans[-1][1] - start) < 1e-6:
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def service_panel(axes: Axes, day: Course) -> Axes:
    """Draw the target's service level in each interval with its 95 % band, against the target share; return the axes."""
    target = day.scenario.target
    level = day.series(f"service_level_{target.variant}")
    # what was so on every day has an interval that tells of other days, not of these calls
    always = (level.mean == 0.0) | (level.mean == 1.0)
    low, high = (np.where(always, level.mean, limit) for limit in (level.low, level.high))
    _banded(axes, day, 100 * low, 100 * level.mean, 100 * high, "all days together")
    if target.share is not None and common_in_force(day.scenario):
        axes.axhline(100 * target.share, label=f"target {plain_percent(target.share)}", **style.TARGET)
    variant = target.variant.replace("_", " ")
    what = "Taken up" if only_work(day.scenario) else "Answered"
    axes = finish(axes, day, f"{what} {within_words(day.scenario)} (service level: {variant})", "per cent")
    known = [number for series in (low, level.mean) for number in series.tolist() if np.isfinite(number)]
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
    account = account if account is not None and (account["steps"] or ended(account)) else None
    shares = [share for _, share in panels] + ([] if account is None else [waterfall_height(account) / 2.0])
    footer = textwrap.fill(_footer(result, day), LONGEST_FOOTER)
    with mpl.rc_context(style.SETTINGS):
        foot = FOOT + FOOT_LINE * (1 + footer.count("\n"))
        height = HEAD + foot + 2.0 * sum(shares)
        room = ConstrainedLayoutEngine(rect=(0.0, foot / height, 1.0, 1.0 - (HEAD + foot) / height))
        figure = Figure(figsize=(10.0, height), layout=room)
        places = figure.add_gridspec(len(shares), 1, height_ratios=shares)
        grid: list[Axes] = []
        for place, (draw, _) in enumerate(panels):
            grid.append(figure.add_subplot(places[place], sharex=grid[0] if grid else None))
            draw(grid[-1], day)
        for axes in grid[:-1]:
            axes.tick_params(labelbottom=False)
            axes.set_xlabel("")
        if account is not None:
            waterfall_panel(figure.add_subplot(places[-1]), account)
        headline = answer(result)[0].partition(". ")[0].rstrip(".")
        title = textwrap.shorten(result.scenario.title, LONGEST_TITLE, placeholder=" ...")
        figure.text(0.01, 1 - 0.12 / height, title, va="top", fontsize=14, fontweight="bold", parse_math=False)
        figure.text(0.01, 1 - 0.44 / height, headline, va="top", fontsize=10.5)
        figure.text(0.01, 0.08 / height, footer, fontsize=7.5, color=style.GREY, parse_math=False)
    return figure


def _footer(result: Result, day: Course) -> str:
    """What was played and demanded, and what to know of bands and required agents."""
    bands = "bands of waits and service: 95 % confidence, none where it was 0 or 100 % on every day"
    said = [played_words(result), f"target {demand_words(result.scenario)}", bands]
    if any(number_of(row.get("required_agents")) is not None for row in day.rows):
        left_out = left_out_of_required(result.scenario)
        said.append(f"required: by formula{f', {left_out} left out' if left_out else ''}")
    return " · ".join(said)


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
    """Give a panel its title, unit, clock, axes and legend, when all is drawn; return the axes."""
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title, loc="left", pad=6)
    axes.set_ylabel(unit)
    clock_axis(axes, day)
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
    """Label the shared axis with clock times, and with dates at midnight where there are several days.

    Ticks stand where clocks show whole hours, on days of 23 and 25 hours as well; the hour that clocks leave out has none.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter

    horizon, start, end = day.scenario.horizon, float(day.start[0]), float(day.end[-1])
    step = next((step for step in (1, 2, 3, 6, 12, 24, 48, 168, 336) if (end - start) / HOUR / step <= 16), 720)
    labels: dict[float, str] = {}
    for number in range(horizon.day_of(start), horizon.day_of(end) + 1, max(step // 24, 1)):
        moments = [(hour, horizon.at(number, hour * HOUR)) for hour in range(0, 24, min(step, 24))]
        there = [(hour, at) for hour, at in moments if start <= at <= end and abs(horizon.clock(at) - hour * HOUR) < 1.0]
        for place, (hour, at) in enumerate(there):
            labels[at / HOUR] = _clock_label(day, number, hour, dated=place == 0)

    axes.xaxis.set_major_locator(FixedLocator(list(labels)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: labels.get(x, "")))
    axes.set_xlabel("clock time")


def _clock_label(day: Course, number: int, hour: int, dated: bool) -> str:
    """What stands at a whole hour of a day of the path; the first of a day is dated, where there are several days."""
    if day.scenario.days == 1:
        return "24:00" if number == 1 and hour == 0 else f"{hour:02d}:00"
    date = day.scenario.horizon.day_date(number)
    return f"{hour:02d}:00\n{WEEKDAYS[date.weekday()][:3]} {date.day}" if dated else f"{hour:02d}:00"
