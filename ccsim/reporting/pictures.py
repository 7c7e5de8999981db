"""More panels, as functions that take axes and return them, and pictures as SVG to stand in a page."""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.reporting import style
from ccsim.reporting.answer import common_in_force
from ccsim.reporting.charts import clock_axis, finish, stairs
from ccsim.reporting.course import Course
from ccsim.reporting.terms import only_work
from ccsim.reporting.wording import duration, percent, wait
from ccsim.units import HOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ccsim.experiment.result import Result

WIDTH = 8.6  # inches
_ON_A_LINE = 4  # entries of a legend
_MARKED = {"wait_p50": "half", "wait_p90": "90 %", "wait_p95": "95 %", "wait_p99": "99 %"}
_ID = re.compile(r'\bid="([^"]+)"')
_LINK = re.compile(r'((?:xlink:)?href="#|url\(#)')
_PATTERN = re.compile(r'(<pattern.*?<path d=")([^"]*)("[^>]*>\s*</pattern>)', re.DOTALL)
_POINTS = re.compile(r'\bd="[^"]*"')
_DIGITS = re.compile(r"(\.[0-9]{2})[0-9]+")
_HEAVY = 20_000  # letters
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def waits_panel(axes: Axes, result: Result) -> Axes:
    """Draw which share of calls waited no longer than each wait, percentiles marked, against the target wait; return the axes."""
    waits, shares = result.wait_shares()
    measures, target = result.measures, result.scenario.target
    axes.set_title("Work by how long it waited" if only_work(result.scenario) else "Callers by how long they waited", pad=6)
    axes.set_ylabel("per cent waiting no longer")
    axes.set_ylim(0.0, 104.0)
    if not len(waits):
        axes.set_xlabel("wait, seconds")
        return axes
    longest = float(measures["mean"].get("wait_p99", waits[-1]))
    reach = max(1.25 * longest, 1.5 * target.wait, 10.0)
    scale, unit = (HOUR, "hours") if reach > 2 * HOUR else (60.0, "minutes") if reach > 900.0 else (1.0, "seconds")
    steps = np.concatenate([[0.0], waits, [max(reach, waits[-1])]]) / scale
    axes.plot(steps, 100 * np.concatenate([[0.0], shares, [1.0]]), drawstyle="steps-post", label="answered or hung up", **style.WAIT)
    seen: list[float] = []
    for name, words in _MARKED.items():
        found = float(measures["mean"].get(name, np.nan))
        if np.isfinite(found) and all(abs(found - other) > 0.03 * reach for other in seen):
            place = int(np.searchsorted(waits, found, side="right")) - 1
            share = 100 * float(shares[place if place > 0 else 0])
            axes.plot([found / scale], [share], marker="o", markersize=5, color=style.BLUE, linestyle="none")
            said = f"{words} within {wait(found)}" if found > 0.0 else f"{_at_once(share / 100)} at once"
            axes.annotate(said, (found / scale, share), xytext=(6, -11), textcoords="offset points", fontsize=8)
            seen.append(found)
    if common_in_force(result.scenario):
        axes.axvline(target.wait / scale, label=f"target wait {duration(target.wait)}", **style.TARGET)
    axes.set_xlim(0.0, reach / scale)
    axes.set_xlabel(f"wait, {unit}")
    axes.legend(loc="lower right")
    return axes


def _at_once(share: float) -> str:
    """How many were: where the curve begins, which is more than the percentile asks for that lies there."""
    return "all" if share == 1.0 else percent(share, 0)


def risk_panel(axes: Axes, day: Course) -> Axes:
    """Draw the chance that a day misses the target in each interval, with its 95 % interval; return the axes."""
    missed = day.series("target_missed")
    x, low, mean, high = stairs(day, *(100 * part for part in (missed.low, missed.mean, missed.high)))
    axes.fill_between(x, low, high, **style.BAND)
    axes.plot(x, mean, label="days that miss the target there", **style.WAIT)
    axes = finish(axes, day, "Risk by interval", "per cent of days")
    axes.set_ylim(0.0, max(axes.get_ylim()[1], 5.0))
    return axes


def risk_known(day: Course) -> bool:
    """Whether there is a chance to draw."""
    return any((row.get("target_missed") or {}).get("mean") is not None for row in day.rows)


@contextmanager
def drawn(height: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure of one panel in the house's style, as wide as a page."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(style.SETTINGS):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        yield figure, figure.subplots()


def panel_svg(name: str, height: float, draw: Callable[[Axes], Axes], day: Course | None = None) -> str:
    """A panel as SVG; `day` labels its axis with clock times."""
    with drawn(height) as (figure, axes):
        draw(axes)
        _fit_legend(axes)
        if day is not None:
            clock_axis(axes, day)
        return figure_svg(name, figure)


def alike(panel: Callable[[Axes, Course], Axes], axes: Axes, day: Course, others: Sequence[Course]) -> Axes:
    """Draw a panel whose heights have the scale that those of all the days have together; return the axes."""
    from matplotlib.figure import Figure

    made = panel(axes, day)
    limits = [made.get_ylim(), *(panel(Figure().subplots(), other).get_ylim() for other in others)]
    made.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    return made


def _fit_legend(axes: Axes) -> None:
    """Put a legend of many entries on two lines, which at this width would run into the title."""
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > _ON_A_LINE:
        place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.0}
        axes.legend(handles, labels, ncols=3, handlelength=2.6, columnspacing=1.4, **place)


def figure_svg(name: str, figure: Figure) -> str:
    """A figure as SVG to stand in a page: letters as outlines, so that it looks the same everywhere, and ids that begin with `name`.

    The same figure gives the same text. Nothing that a scenario says stands in it as text.
    """
    import matplotlib as mpl

    settings = {**style.SETTINGS, "svg.fonttype": "path", "svg.hashsalt": name}
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    found = text.getvalue()
    found = _COMMENT.sub("", found[found.index("<svg") :])
    found = re.sub(r"<metadata>.*?</metadata>", "", found, flags=re.DOTALL)
    found = _LINK.sub(rf"\1{name}-", _ID.sub(rf'id="{name}-\1"', found))
    found = _PATTERN.sub(_light, found)
    found = _POINTS.sub(lambda points: _DIGITS.sub(r"\1", points[0]), found)
    sized = re.sub(r'(<svg[^>]*?) (?:width|height)="[^"]*pt"', r"\1", found, count=1)
    sized = re.sub(r'(<svg[^>]*?) (?:width|height)="[^"]*pt"', r"\1", sized, count=1)
    return textwrap.dedent(sized).replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)


def _light(pattern: re.Match[str]) -> str:
    """A hatch of dots drawn with two arcs a dot, where matplotlib takes a quarter of a million letters for it."""
    begin, points, end = pattern.groups()
    if len(points) < _HEAVY:
        return pattern[0]
    dots = (f"M{x - 0.8:.1f} {y}a.8 .8 0 1 0 1.6 0a.8 .8 0 1 0-1.6 0z" for x in range(3, 72, 6) for y in range(3, 72, 6))
    return f"{begin}{' '.join(dots)}{end}"
