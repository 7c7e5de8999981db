"""The report of a run: one HTML file that holds all it needs, reads on a screen and prints on A4 and Letter; and the same as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccsim import __version__
from ccsim.errors import InputError
from ccsim.reporting.answer import (
    answer,
    called_words,
    demand_words,
    every_day_words,
    history_words,
    in_force,
    left_words,
    required_words,
    weak_words,
    work_words,
)
from ccsim.reporting.batches import batch_words
from ccsim.reporting.charts import agents_panel, calls_panel, contingents_panel, missed_spans, service_panel, wait_panel
from ccsim.reporting.course import course
from ccsim.reporting.files import replacing
from ccsim.reporting.method import sources, stress_items
from ccsim.reporting.pictures import figure_svg, panel_svg, risk_known, risk_panel, waits_panel
from ccsim.reporting.risk import bad_day_rows
from ccsim.reporting.risk import sentences as risk_sentences
from ccsim.reporting.terms import head_in, label_in, only_work, says_nothing_in, unit_in, work_of
from ccsim.reporting.waterfall import heads as waterfall_heads
from ccsim.reporting.waterfall import rows as waterfall_rows
from ccsim.reporting.waterfall import sentence, tells, waterfall_height, waterfall_panel
from ccsim.reporting.wording import NOTHING, every_day, half_width, number_of, played_words, target_words, value
from ccsim.reporting.workbook import assumptions, computed

if TYPE_CHECKING:
    from ccsim.contingent.frontier_answer import Frontier
    from ccsim.experiment.replicate import Progress
    from ccsim.experiment.result import Result
    from ccsim.inputs import Scenario
    from ccsim.staffing.explain.gap import Explanation

# Measures that the first table shows, where they say something
_FIRST = (
    "offered", "answered", "abandoned_fraction", "blocked_fraction", "mean_wait", "average_speed_of_answer", "over_threshold",
    "service_level_offered", "service_level_answered", "service_level_excluding_short_abandons", "service_level_counting_short_abandons",
    "target_met", "occupancy", "overtime_hours", "attempts_per_caller", "cost",
)  # fmt: skip
_PERCENTILES = {"wait_p50": "50 %", "wait_p90": "90 %", "wait_p95": "95 %", "wait_p99": "99 %", "wait_max": "all, on an average day"}


@dataclass(frozen=True)
class Grid:
    """A table of the report; `numbers` are the columns that stand to the right."""

    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    caption: str = ""
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A chart of the report, and what it shows in words."""

    label: str
    svg: Any  # markup of our own making, not to be escaped
    caption: str


@dataclass(frozen=True)
class Section:
    """One part of the report."""

    id: str
    title: str
    sentences: list[str]
    pictures: list[Picture]
    tables: list[Grid]
    after: Sequence[str] = ()  # sentences below the pictures


def report_html(result: Result, explanation: Explanation | None = None, unexplained: str = "", frontier: Frontier | None = None) -> str:
    """Return the report of a run as HTML. All text of the scenario is escaped; the page loads nothing and runs nothing.

    `explanation` says why the answer is not Erlang's; where there is none, `unexplained` says why not. `frontier` says when to call
    contingents; without it there is no section on that.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pages = Environment(loader=PackageLoader("ccsim.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    scenario, document = result.scenario, result.to_dict()
    beside = [
        *weak_words(result),
        *called_words(result),
        f"Target: {demand_words(scenario)}.",
        *left_words(scenario, document["measures"]),
        *history_words(document),
        *batch_words(document),
    ]
    beside += work_words(scenario)
    if any(every_day(entry, name) for name, entry in document["measures"].items()):
        beside.append(every_day_words(result))
    return pages.get_template("report.html.j2").render(
        version=__version__,
        title=scenario.title,
        played=played_words(result),
        interrupted=result.interrupted,
        answer=_three(result),
        beside=beside,
        notes=list(scenario.warnings),
        measures=_measures(result),
        sections=[
            *_day(result),
            *_waits(result),
            *_call_types(result),
            *_contingents(result),
            *_frontier(frontier),
            *_shrinkage(result),
            *_risk(result),
            *_erlang(explanation, unexplained),
        ],
        assumptions=Grid(("key", "value"), assumptions(scenario.data)),
        computed=Grid(("what", "value"), computed(result)),
        stress=Grid(("item", "here"), stress_items(result), "Monks et al. (2019), Journal of Simulation 13(1)"),
        sources=sources(result, explanation is not None),
    )


def write_report(
    result: Result, path: str | Path, explanation: Explanation | None = None, unexplained: str = "", frontier: Frontier | None = None
) -> None:
    """Write the report as an HTML file; raises `ResultError` where it cannot be written."""
    with replacing(path) as partial:
        partial.write_text(report_html(result, explanation, unexplained, frontier), encoding="utf-8")


def check_pdf() -> None:
    """Raise `InputError` where nothing is installed that makes a PDF of a page."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):  # the second where the libraries are missing that it draws with
        raise InputError(
            "a PDF needs WeasyPrint, which is not installed: `pip install 'ccsim[pdf]'` brings it. Or write the HTML and print it from a "
            "browser, which gives the same pages"
        ) from None


def write_pdf(
    result: Result, path: str | Path, explanation: Explanation | None = None, unexplained: str = "", frontier: Frontier | None = None
) -> None:
    """Write the report as a PDF; raises `InputError` where WeasyPrint is missing, `ResultError` where the file cannot be written."""
    check_pdf()
    import weasyprint

    with replacing(path) as partial:
        weasyprint.HTML(string=report_html(result, explanation, unexplained, frontier)).write_pdf(str(partial))


def _three(result: Result) -> list[str]:
    """The answer in three paragraphs: what callers met with, whether the target held, and how bad a bad day is."""
    weak = weak_words(result)
    said = [sentence for sentence in answer(result) if sentence not in weak]
    return [*said[:2], *risk_sentences(result)[-1:]]


def _measures(result: Result) -> Grid:
    entries, scenario = result.to_dict()["measures"], result.scenario
    shown = [name for name in _FIRST if name in entries and number_of(entries[name]) is not None and not says_nothing_in(scenario, name)]
    shown = [name for name in shown if not (name in ("blocked_fraction", "overtime_hours") and number_of(entries[name]) == 0.0)]
    shown = [name for name in shown if not (name == "attempts_per_caller" and number_of(entries[name]) == 1.0)]
    rows = [
        (
            label_in(scenario, name),
            value(entries[name]),
            half_width(entries[name], name).strip(" ()"),
            unit_in(scenario, name, entries[name]),
        )
        for name in shown
    ]
    return Grid(("over the open hours", "mean", "95 % interval", "unit"), rows, numbers=(1, 2))


def _picture(name: str, label: str, caption: str, svg: str) -> Picture:
    from markupsafe import Markup

    return Picture(label, Markup(svg), caption)


def _day(result: Result) -> list[Section]:
    """The course of the day: waits, staff, service level, calls."""
    day, scenario = course(result), result.scenario
    what = "work that came in" if only_work(scenario) else "callers who arrived"
    waits = f"Mean wait of the {what} in each interval, with the 95 % interval of that mean"
    waits += ": single ones wait far longer, so that it may lie below the target wait while too many wait beyond it."
    if missed_spans(day):
        waits += " Hatched are the intervals in which too few are within the target wait, as the service level below shows."
    staff = "Agents required, scheduled and on duty; blue where there are more than required, hatched where fewer."
    level = f"Share within the target wait, service level {scenario.target.variant.replace('_', ' ')}, with its 95 % interval."
    calls = f"What came in by interval{'' if only_work(scenario) else '; hatched, who hung up or found all lines taken'}."
    known = any(number_of(row.get("required_agents")) is not None for row in day.rows)
    return [
        Section("wait", "Wait by interval", [], [_picture("w", waits, waits, panel_svg("w", 2.9, lambda a: wait_panel(a, day), day))], []),
        Section(
            "staff",
            "Required, scheduled and present staff",
            [required_words(scenario)] if known else [],
            [_picture("a", staff, staff, panel_svg("a", 3.4, lambda a: agents_panel(a, day), day))],
            [],
        ),
        Section(
            "level",
            "Service level and calls by interval",
            [],
            [
                _picture("s", level, level, panel_svg("s", 2.7, lambda a: service_panel(a, day), day)),
                _picture("c", calls, calls, panel_svg("c", 2.4, lambda a: calls_panel(a, day), day)),
            ],
            [],
        ),
    ]


def _waits(result: Result) -> list[Section]:
    measures = result.to_dict()["measures"]
    rows = [(words, value(measures[name]), half_width(measures[name], name).strip(" ()")) for name, words in _PERCENTILES.items()]
    caption = "Share of calls that waited no longer than each time, calls answered at once included; all days together."
    picture = _picture("d", caption, caption, panel_svg("d", 2.9, lambda axes: waits_panel(axes, result)))
    table = Grid(("share of calls", "waited at most", "95 % interval"), rows, numbers=(1, 2))
    return [Section("waits", "How long callers wait", [], [picture], [table])]


def _call_types(result: Result) -> list[Section]:
    """The call types side by side, each with its own target where it has one; nothing where there is one type."""
    scenario, entries = result.scenario, result.to_dict()["call_types"]
    if len(entries) < 2:
        return []
    work, own = work_of(scenario), any(own for _, _, own in in_force(scenario))
    shown = ("offered", f"service_level_{scenario.target.variant}", "mean_wait", "wait_p90", "wait_p95", "abandoned_fraction", "target_met")
    names = [name for name in shown if any(number_of(entry.get(name)) is not None for entry in entries.values())]
    rows = []
    for key, entry in entries.items():
        told = {name: entry.get(name) for name in names if key not in work or name != "abandoned_fraction"}
        cells = [f"{value(told[name])}{half_width(told[name], name)}" if told.get(name) else NOTHING for name in names]
        rows.append((key, *((target_words(scenario.target_of(key)),) if own else ()), *cells))
    heads = ("call type", *(("target",) if own else ()), *(_head(scenario, name) for name in names))
    numbers = tuple(range(2 if own else 1, len(heads)))
    return [Section("types", "Call types", weak_words(result), [], [Grid(heads, rows, numbers=numbers)])]


def _head(scenario: Scenario, name: str) -> str:
    return "95 % wait at most" if name == "wait_p95" else head_in(scenario, name)


def _contingents(result: Result) -> list[Section]:
    """When contingents are on, and what they come to; nothing where there are none."""
    scenario, document = result.scenario, result.to_dict()
    if not scenario.contingent:
        return []
    day = course(result)
    caption = "Contingents logged in by interval, the mean over all days: on a day without an activation there are none."
    names = list(next(iter(document["contingent"].values())))
    rows = [
        (
            pool,
            label_in(scenario, name),
            value(entry[name]),
            half_width(entry[name], name).strip(" ()"),
            unit_in(scenario, name, entry[name]),
        )
        for pool, entry in document["contingent"].items()
        for name in names
        if name in entry and value(entry[name]) != NOTHING
    ]
    picture = _picture("k", caption, caption, panel_svg("k", 2.3, lambda axes: contingents_panel(axes, day), day))
    table = Grid(("pool", "what", "mean", "95 % interval", "unit"), rows, numbers=(2, 3))
    return [Section("contingents", "Contingents", [], [picture], [table])]


def _frontier(found: Frontier | None) -> list[Section]:
    """Which rule for calling contingents to take; nothing where it was not asked for."""
    if found is None:
        return []
    from ccsim.reporting.frontier import answer as rule_to_take
    from ccsim.reporting.frontier import columns, notes, rows
    from ccsim.reporting.frontier_chart import frontier_figure

    caption = "Callers who wait too long, and days that miss the target, over what contingents cost a day; a point is a rule."
    picture = _picture("f", caption, caption, figure_svg("f", frontier_figure(found, alone=False)))
    heads = tuple(head.replace("\n", " ") for head in columns(found))
    table = Grid(heads, [tuple(row) for row in rows(found)], numbers=tuple(range(1, len(heads))))
    return [Section("frontier", "When to call contingents", rule_to_take(found), [picture], [table], notes(found))]


def _shrinkage(result: Result) -> list[Section]:
    block = result.to_dict().get("shrinkage")
    if block is None or not tells(block):
        return []
    caption = "Paid hours a day on the roster, what each category takes of them, and what is left for the queue."
    svg = panel_svg("h", 0.6 + waterfall_height(block), lambda axes: waterfall_panel(axes, block))
    table = Grid(("", *waterfall_heads()), list(waterfall_rows(block)), numbers=(1, 2))
    said = [sentence(block)] if block["steps"] else []
    return [Section("shrinkage", "Shrinkage", said, [_picture("h", caption, caption, svg)], [table])]


def _risk(result: Result) -> list[Section]:
    said, day = risk_sentences(result), course(result)
    if not said:
        return []
    pictures = []
    if risk_known(day):
        caption = "Chance that a day misses the target in the interval, with its 95 % interval."
        pictures.append(_picture("r", caption, caption, panel_svg("r", 2.4, lambda axes: risk_panel(axes, day), day)))
    rows = bad_day_rows(result)
    table = Grid(("this or worse on", "1 day in 2", "1 day in 5", "1 day in 20", "95 % interval", ""), rows, numbers=(1, 2, 3, 4))
    return [Section("risk", "Risk: how bad a bad day is", said, pictures, [table])]


def _erlang(explanation: Explanation | None, unexplained: str) -> list[Section]:
    from ccsim.reporting.explanation import explanation_figure, headline
    from ccsim.reporting.explanation import sentence as step_sentence

    title = "Why it differs from Erlang"
    if explanation is None:
        return [Section("erlang", title, [unexplained], [], [])] if unexplained else []
    steps = [*(step_sentence(explanation, step) for step in explanation.steps), *(f"{note}." for note in explanation.notes)]
    caption = "From Erlang C's answer for the plan to the simulated one, a feature of the scenario at a time, under the same luck."
    picture = _picture("e", caption, caption, figure_svg("e", explanation_figure(explanation)))
    return [Section("erlang", title, headline(explanation), [picture], [], steps)]


def explained(result: Result, workers: int | None = None, progress: Progress | None = None) -> tuple[Explanation | None, str]:
    """Why the answer of a run is not Erlang's, of as many days and the same seed; or None and a sentence on why that cannot be said."""
    from ccsim.staffing.explain import explain

    try:
        return explain(result.scenario, None, result.replications, result.seed, result.engine, None, workers, progress), ""
    except InputError as fault:
        return None, f"It cannot be set against Erlang's formula: {fault}."
