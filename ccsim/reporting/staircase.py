"""The staircase chart: agents required against scheduled and on duty, what is over and what is under shaded."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.reporting import style
from ccsim.reporting.course import Course
from ccsim.reporting.files import replacing
from ccsim.reporting.schedules import sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ccsim.staffing.schedule import Schedule

_WIDTH, _HEIGHT = 10.0, 5.0
_LONGEST = 150  # letters on a line of the footer


def staircase_figure(found: Schedule) -> Figure:
    """Return the figure of a schedule: required and on duty as staircases, over and under shaded, scheduled as a dotted line."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from ccsim.reporting.charts import finish, stairs

    horizon = found.source.horizon
    day = Course(found.source, np.asarray(horizon.interval_start), np.asarray(horizon.interval_end), [])
    with mpl.rc_context(style.SETTINGS):
        figure = Figure(figsize=(_WIDTH, _HEIGHT))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.07, right=0.985, top=0.80, bottom=0.29)
        x, need, have, all_there = stairs(day, found.required, found.on_duty, found.scheduled)
        axes.fill_between(x, need, have, where=list(have >= need), label="over", **style.OVER)
        if (found.on_duty < found.required - 0.05).any():
            axes.fill_between(x, need, have, where=list(have < need), label="under", **style.UNDER)
        axes.plot(x, all_there, label="scheduled, everybody there", **style.SCHEDULED)
        axes.plot(x, have, label="on duty on average", **style.ON_DUTY)
        axes.plot(x, need, label="required", **style.REQUIRED)
        finish(axes, day, "Agents", "agents")
        title = textwrap.shorten(found.source.title, 84, placeholder=" ...")
        figure.text(0.01, 0.965, title, va="top", fontsize=14, fontweight="bold", parse_math=False)
        said = sentences(found)
        figure.text(0.01, 0.04, textwrap.fill(f"{said[0]} {said[1]}", _LONGEST), fontsize=7.5, color=style.GREY, parse_math=False)
    return figure


def staircase_chart(found: Schedule, path: str | Path) -> None:
    """Write the staircase chart as a PNG; raises `ResultError` where it cannot be written."""
    import matplotlib as mpl

    settings: Any = style.SETTINGS
    with mpl.rc_context(settings), warnings.catch_warnings(), replacing(path) as partial:
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        staircase_figure(found).savefig(partial, format="png")
