"""The staircase chart: agents required against scheduled and on duty, what is over and what is under shaded."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccsim.reporting import style
from ccsim.reporting.course import Course
from ccsim.reporting.files import replacing
from ccsim.reporting.needs import course_of, needs_panel
from ccsim.reporting.schedules import sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ccsim.staffing.schedule import Schedule

_WIDTH, _HEIGHT = 10.0, 5.0
_LONGEST = 150  # letters on a line of the footer


def staircase_figure(found: Schedule) -> Figure:
    """Return the figure of a schedule: required and on duty as staircases, over and under shaded, scheduled as a dotted line."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    day = course_of(found.source)
    with mpl.rc_context(style.SETTINGS):
        figure = Figure(figsize=(_WIDTH, _HEIGHT))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.07, right=0.97, top=0.80, bottom=0.29)
        staircase_panel(axes, found, day)
        title = textwrap.shorten(found.source.title, 84, placeholder=" ...")
        figure.text(0.01, 0.965, title, va="top", fontsize=14, fontweight="bold", parse_math=False)
        said = sentences(found)
        figure.text(0.01, 0.04, textwrap.fill(f"{said[0]} {said[1]}", _LONGEST), fontsize=7.5, color=style.GREY, parse_math=False)
    return figure


def staircase_panel(axes: Axes, found: Schedule, day: Course) -> Axes:
    """Draw required and on duty as staircases, over and under shaded, scheduled as a dotted line; return the axes."""
    series = (
        ("scheduled, everybody there", found.scheduled, style.SCHEDULED),
        ("on duty on average", found.on_duty, style.ON_DUTY),
        ("required", found.required, style.REQUIRED),
    )
    return needs_panel(axes, day, series, (found.required, found.on_duty))


def staircase_chart(found: Schedule, path: str | Path) -> None:
    """Write the staircase chart as a PNG; raises `ResultError` where it cannot be written."""
    import matplotlib as mpl

    settings: Any = style.SETTINGS
    with mpl.rc_context(settings), warnings.catch_warnings(), replacing(path) as partial:
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        staircase_figure(found).savefig(partial, format="png")
