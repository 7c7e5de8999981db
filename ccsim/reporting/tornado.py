"""The sizing chart: the busiest day's agents in the low, middle and high case, and what the number of people hangs on as a tornado."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.reporting import style
from ccsim.reporting.files import replacing
from ccsim.reporting.pictures import panel_svg
from ccsim.reporting.sizing import sentences
from ccsim.units import format_clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ccsim.staffing.sizing import Sizing

_WIDTH, _HEIGHT = 10.0, 8.2
_LONGEST = 150  # letters on a line of the footer
_LOOKS: dict[str, dict[str, Any]] = {
    "low": {"color": style.GREEN, "linewidth": 1.4, "linestyle": (0, (1, 1.2))},
    "middle": {"color": style.BLACK, "linewidth": 2.0, "linestyle": "-"},
    "high": {"color": style.VERMILION, "linewidth": 1.4, "linestyle": (0, (4, 1.5))},
}


def sizing_figure(found: Sizing) -> Figure:
    """Return the figure of a sized centre."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(style.SETTINGS):
        figure = Figure(figsize=(_WIDTH, _HEIGHT))
        upper, lower = figure.subplots(2, 1, gridspec_kw={"height_ratios": [1.0, 1.1]})
        figure.subplots_adjust(left=0.16, right=0.97, top=0.845, bottom=0.165, hspace=0.40)
        day_panel(upper, found)
        tornado_panel(lower, found)
        title = textwrap.shorten(found.scenario.title, 84, placeholder=" ...")
        figure.text(0.01, 0.975, title, va="top", fontsize=14, fontweight="bold", parse_math=False)
        said = sentences(found)
        figure.text(0.01, 0.940, _headline(found), va="top", fontsize=10.5)
        footer = textwrap.fill(" ".join(said), _LONGEST)
        figure.text(0.01, 0.01, footer, va="bottom", fontsize=7.5, color=style.GREY, parse_math=False)
    return figure


def sizing_chart(found: Sizing, path: str | Path) -> None:
    """Write the chart as a PNG; raises `ResultError` where it cannot be written."""
    import matplotlib as mpl

    with mpl.rc_context(style.SETTINGS), warnings.catch_warnings(), replacing(path) as partial:
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        sizing_figure(found).savefig(partial, format="png")


def sizing_svgs(found: Sizing) -> tuple[str, str]:
    """The tornado and the busiest day as SVG, each by itself; which day it is has to be told beside it, for the legend needs the room."""

    def day(axes: Axes) -> Axes:
        day_panel(axes, found).set_title("Agents", pad=8)
        return axes

    def tornado(axes: Axes) -> Axes:
        low, high = tornado_panel(axes, found).get_xlim()
        axes.set_xlim(low - 0.04 * (high - low), high + 0.02 * (high - low))  # a page is narrower than the figure
        return axes

    return panel_svg("tornado", 0.9 + 0.36 * len(found.bars), tornado), panel_svg("busiest", 3.4, day)


def day_panel(axes: Axes, found: Sizing) -> Axes:
    """Draw the agents required on the busiest day in each case, the scheduled of the middle one above; return the axes."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    horizon = found.peak.week.horizon
    here = np.asarray(horizon.interval_day) == found.busiest
    edges = np.append(np.asarray(horizon.interval_start)[here], np.asarray(horizon.interval_end)[here][-1])
    x = (edges - horizon.at(found.busiest, 0.0)) / 3600.0
    for name, case in found.cases.items():
        words = f"required, {name}" if len(found.cases) > 1 else "required"
        axes.stairs(case.required[here], x, baseline=None, label=words, **_LOOKS[name])
    axes.stairs(found.middle.scheduled[here], x, baseline=None, label="scheduled, middle", **style.SCHEDULED)
    if found.check is not None and len(found.check.on_duty) == int(here.sum()):
        axes.stairs(found.check.on_duty, x, baseline=None, label="on duty as played", **(style.ON_DUTY | {"linewidth": 1.2}))
    date = horizon.day_date(found.busiest)
    axes.set_title(f"Agents on the busiest day, a {_weekday(found)} in {found.peak.name}", pad=20)
    axes.set_ylabel("agents")
    axes.set_ylim(0.0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.set_xlim(x[0], x[-1])
    step = 1 if x[-1] - x[0] <= 14 else 2
    axes.xaxis.set_major_locator(FixedLocator(list(np.arange(np.ceil(x[0]), x[-1] + 1e-9, step))))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: format_clock(hour * 3600.0 % 86400.0 if hour > 24 else hour * 3600.0)))
    axes.set_xlabel(f"clock time, {date}")
    axes.legend(ncols=5, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0, handlelength=2.2, columnspacing=1.2)
    return axes


def tornado_panel(axes: Axes, found: Sizing) -> Axes:
    """Draw the people that each changed input takes as bars about those of the plan, the widest on top; return the axes."""
    from matplotlib.ticker import MaxNLocator

    heads = float(found.middle.people.heads)
    bars = found.bars
    ends = [end for bar in bars for end in (bar.low, bar.high)]
    longest = max(len(label) for bar in bars for label in (bar.low_label, bar.high_label))
    room = (0.06 + 0.014 * longest) * max(max(ends) - min(ends), 1.0)  # for what stands beside the bars
    for place, bar in enumerate(bars):
        for end, label, look in ((bar.low, bar.low_label, style.PLANNED), (bar.high, bar.high_label, style.UNPLANNED)):
            axes.barh(place, end - heads, left=heads, height=0.6, **look)
            right = end > heads or (end == heads and end == bar.high)
            words = f"{label}: {end:,.0f}" if abs(end - heads) >= 0.05 else label
            place_of: dict[str, Any] = {"ha": "left" if right else "right", "xytext": (4 if right else -4, 0)}
            axes.annotate(words, (end, place), textcoords="offset points", va="center", fontsize=8, parse_math=False, **place_of)
    axes.axvline(heads, color=style.BLACK, linewidth=1.2)
    axes.set_yticks(range(len(bars)), [bar.name for bar in bars])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlim(min(ends) - room, max(ends) + room)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.set_xlabel("people on the roster")
    axes.set_title(f"What the {heads:,.0f} people hang on, each input changed by itself", pad=6)
    return axes


def _weekday(found: Sizing) -> str:
    return found.peak.week.horizon.day_date(found.busiest).strftime("%A")


def _headline(found: Sizing) -> str:
    people = found.middle.people
    return f"Sized for {found.scenario.date.year}: {people.heads:,} people, {people.seats:,} seats, {found.lines:,} lines"
