"""How many agents are needed, drawn by interval: staircases of numbers of agents, and what the staffing brings against the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.reporting import style
from ccsim.reporting.charts import finish, stairs
from ccsim.reporting.course import Course, Floats
from ccsim.reporting.pictures import panel_svg
from ccsim.reporting.tables import clocks
from ccsim.reporting.wording import agents, plain_percent, within_words
from ccsim.staffing.requirement import starts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ccsim.inputs import Scenario

Staircase = tuple[str, Floats, Mapping[str, Any]]  # what it is, by interval [I], and how it looks


def most_needed(scenario: Scenario, required: Floats, scheduled: Floats) -> str:
    """When the most agents are needed, and how many, in a sentence."""
    if not np.nan_to_num(required).any():
        return "No calls come in, so nobody is required."
    place = int(np.nanargmax(required))
    when = clocks([starts(scenario)[place]], dated=scenario.days > 1)[0].strip()
    on_roster = float(scheduled[place])
    rest = f", which takes {agents(on_roster)} scheduled" if np.isfinite(on_roster) and on_roster > required[place] else ""
    return f"Most are needed at {when}: {agents(float(required[place]))} on duty{rest}."


def course_of(scenario: Scenario) -> Course:
    """The intervals of a scenario, with nothing played."""
    horizon = scenario.horizon
    return Course(scenario, np.asarray(horizon.interval_start), np.asarray(horizon.interval_end), [])


def needs_panel(axes: Axes, day: Course, series: Sequence[Staircase], spare: tuple[Floats, Floats] | None = None) -> Axes:
    """Draw numbers of agents as staircases; `spare` are two of which what the second has over the first is shaded. Return the axes."""
    if spare is not None:
        x, need, have = stairs(day, *spare)
        axes.fill_between(x, need, have, where=list(have >= need), label="over", **style.OVER)
        if bool(np.any(have < need - 0.05)):
            axes.fill_between(x, need, have, where=list(have < need), label="under", **style.UNDER)
    for words, heights, look in series:
        if np.isfinite(heights).any():
            axes.plot(*stairs(day, np.asarray(heights, dtype=float)), label=words, **look)
    return finish(axes, day, "Agents", "agents")


def predicted_panel(axes: Axes, day: Course, predicted: Mapping[str, Floats]) -> Axes:
    """Draw the share answered within the target wait by interval, against the target; return the axes."""
    target = day.scenario.target
    level = np.asarray(predicted[f"service_level_{target.variant}"], dtype=float)
    axes.plot(*stairs(day, 100.0 * level), label="with the required agents", **style.WAIT)
    if target.share is not None:
        axes.axhline(100.0 * target.share, label=f"target {plain_percent(target.share)}", **style.TARGET)
    axes = finish(axes, day, f"Answered {within_words(day.scenario)}", "per cent")
    known = level[np.isfinite(level)]
    lowest = min([*known.tolist(), target.share or 1.0])
    axes.set_ylim(max(0.0, min(10.0 * np.floor(10.0 * lowest - 0.5), 80.0)), 104.0)
    return axes


def needs_svg(name: str, scenario: Scenario, series: Sequence[Staircase], spare: tuple[Floats, Floats] | None = None) -> str:
    """`needs_panel` as SVG."""
    day = course_of(scenario)
    return panel_svg(name, 3.4, lambda axes: needs_panel(axes, day, series, spare), day)


def predicted_svg(name: str, scenario: Scenario, predicted: Mapping[str, Floats]) -> str:
    """`predicted_panel` as SVG."""
    day = course_of(scenario)
    return panel_svg(name, 2.7, lambda axes: predicted_panel(axes, day, predicted), day)
