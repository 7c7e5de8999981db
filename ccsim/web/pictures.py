"""The charts of a run for the page: pictures of their own, each with a title and what it shows in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ccsim.experiment.result import Result

_SPACES = ' xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


class Picture(NamedTuple):
    """One chart: a short name, a title, what it shows in words, and the SVG, whose letters are outlines."""

    name: str
    title: str
    words: str
    svg: str


def pictures(result: Result, wanted: Collection[str] = (), beside: Sequence[Result] = ()) -> list[Picture]:
    """The charts of a run in the order in which planners look at them; `wanted` names some of them.

    Those by interval of staff, service level and waits have the scale that they have `beside` others, so that heights can be compared.
    """
    from ccsim.reporting.charts import agents_panel, calls_panel, contingents_panel, service_panel, wait_panel
    from ccsim.reporting.course import course
    from ccsim.reporting.pictures import alike, panel_svg, risk_known, risk_panel, waits_panel
    from ccsim.reporting.waterfall import tells, waterfall_height, waterfall_panel

    day, others = course(result), [course(one) for one in beside]
    account = result.to_dict().get("shrinkage")
    staff = "Agents scheduled and on duty by interval."
    if day.series("required_agents").known:
        staff = "Agents required, scheduled and on duty by interval; hatched where there are fewer than required."
    drawn = {
        "agents": (
            "Staff by interval", staff,
            lambda: panel_svg("a", 3.4, lambda axes: alike(agents_panel, axes, day, others), day),
        ),
        "service": (
            "Service level by interval", "Share answered within the target wait by interval, with its 95 % interval, against the target.",
            lambda: panel_svg("s", 2.7, lambda axes: alike(service_panel, axes, day, others), day),
        ),
        "wait": (
            "Waits by interval", "Mean wait of those who came in each interval, with its 95 % interval, against the target wait.",
            lambda: panel_svg("w", 2.9, lambda axes: alike(wait_panel, axes, day, others), day),
        ),
        "calls": (
            "Calls by interval", "What came in by interval, and who hung up or found all lines taken.",
            lambda: panel_svg("c", 2.4, lambda axes: calls_panel(axes, day), day),
        ),
        "contingents": (
            "Contingents by interval", "Contingents logged in by interval, the mean over all days.",
            (lambda: panel_svg("k", 2.3, lambda axes: contingents_panel(axes, day), day)) if result.scenario.contingent else None,
        ),
        "waits": (
            "How long callers wait", "Share of calls that waited no longer than each time.",
            lambda: panel_svg("d", 2.9, lambda axes: waits_panel(axes, result)),
        ),
        "risk": (
            "Risk by interval", "Chance that a day misses the target in the interval.",
            (lambda: panel_svg("r", 2.4, lambda axes: risk_panel(axes, day), day)) if risk_known(day) else None,
        ),
        "shrinkage": (
            "Shrinkage", "Paid hours a day, what each category takes of them, and what is left for the queue.",
            (lambda: panel_svg("h", 0.6 + waterfall_height(account), lambda axes: waterfall_panel(axes, account)))
            if account is not None and tells(account) else None,
        ),
    }  # fmt: skip
    return [
        Picture(name, title, words, standing_alone(draw()))
        for name, (title, words, draw) in drawn.items()
        if draw is not None and (not wanted or name in wanted)
    ]


def standing_alone(svg: str) -> str:
    """A picture as a file of its own."""
    return svg if "xmlns=" in svg.partition(">")[0] else svg.replace("<svg", f"<svg{_SPACES}", 1)
