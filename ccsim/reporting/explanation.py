"""An explanation in words, as a table, as JSON and as a waterfall: from one answer to another, a step at a time."""

from __future__ import annotations

import json
import math
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ccsim.reporting import style
from ccsim.reporting.files import replacing
from ccsim.reporting.pictures import panel_svg
from ccsim.reporting.steps import Numbers, bar_name, because, scenario_names, step_name
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.terms import label_in
from ccsim.reporting.wording import VARIANT_WORDS, day_words, percent, within_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ccsim.staffing.explain import Bar, Explanation, Step

LONGEST_NAME = 60
LONGEST_TITLE = 84
# Of the picture, in inches
_ROW, _HEAD, _FOOT = 0.40, 1.0, 0.62


def explanation_json(found: Explanation) -> str:
    """Return an explanation as one JSON object: `Explanation.to_dict()` with each step in words."""
    document = found.to_dict()
    document["says"] = headline(found)
    for told, step in zip(document["steps"], found.steps, strict=True):
        told["says"] = sentence(found, step)
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)


def show_explanation(out: Console, found: Explanation) -> None:
    """Print an explanation: the answer, the steps as a table, and each of them in words."""
    out.print(plain_text(_title(found), style="bold"))
    out.print(plain_text(_played(found), style="dim"))
    if found.interrupted:
        out.print(plain_text(f"Interrupted: this rests on the {found.replications:,} days that were finished.", style="bold"))
    out.print()
    for one in headline(found):
        out.print(plain_text(one))
    for note in found.notes:
        out.print(plain_text(f"Note: {note}.", style="yellow"))
    section(out, _measure_words(found), _steps(found))
    if found.steps:
        out.print()
        for step in found.steps:
            out.print(plain_text(sentence(found, step)))
    out.print()
    averaged = " Steps are averaged over all orders of the changes." if found.averaged else " Each step comes on top of those above it."
    footer = "Intervals are 95 % confidence, of the same days on both sides of a step; between formulas steps are exact."
    out.print(plain_text(footer + averaged, style="dim"))


def headline(found: Explanation) -> list[str]:
    """The answer in a sentence or two: from what to what, and which step is the largest."""
    first, last, numbers = found.bars[0], found.bars[-1], Numbers(found)
    if math.isnan(first.value) or math.isnan(last.value):
        return ["No calls came in, so there is nothing to explain."]
    names = ("A", "B") if found.kind == "between" else (bar_name(found, first), bar_name(found, last))
    ends = f"{names[0]}: {numbers.bar(first.value)}. {names[1]}: {numbers.bar(last.value)}{numbers.around(last)}"
    if not found.steps:
        return [f"{ends}. The file has nothing that Erlang C leaves out." if found.kind == "erlang" else f"{ends}. Nothing differs."]
    if not math.isfinite(found.total.mean):
        return [f"{ends}."]
    said = [f"{ends}, which is {numbers.step(found.total.mean)}{numbers.limits(found.total)}."]
    known = [step for step in found.steps if math.isfinite(step.mean) and (step.exact or step.told)]
    if len(known) > 1:
        largest = max(known, key=lambda step: abs(step.mean))
        said.append(f"The largest step: {step_name(found, largest).lower()}, {numbers.step(largest.mean)}.")
    return said + _luck(found)


def _luck(found: Explanation) -> list[str]:
    """Whether what happened is a day among others like it."""
    facts, numbers = found.facts, Numbers(found)
    if found.kind != "happened" or "band_low" not in facts:
        return []
    low, high = (numbers.bar(facts[limit]) for limit in ("band_low", "band_high"))
    span = f"95 % of {facts['days']:,} simulated days like this one lie between {low} and {high}"
    if facts["inside"]:
        return [f"{span}: what happened is among them, so that luck alone explains what is left."]
    share = "none" if facts["as_far_out"] == 0.0 else percent(facts["as_far_out"])
    return [f"{span}, and {share} are as far out as what happened: there is more to it than luck and what the file tells."]


def sentence(found: Explanation, step: Step) -> str:
    """A step in plain words: what it is and what it comes to."""
    numbers = Numbers(found)
    why = because(found, step)
    if not math.isfinite(step.mean):
        return f"{why}. Its size is not known, since a wait without end has no distance to another."
    if step.exact:
        return f"{why}: {numbers.step(step.mean)}."
    if step.mean == step.low == step.high == 0.0:
        return f"{why}: no difference on any day."
    if step.key == "luck":
        return f"{why}: {numbers.step(step.mean)}."
    said = f"{why}: {numbers.step(step.mean)}{numbers.limits(step)}"
    if math.isnan(step.low):
        return f"{said}; one day tells nothing of chance."
    return f"{said}." if step.told else f"{said}; these days do not tell it from none."


def _title(found: Explanation) -> str:
    if found.kind == "between":
        return f"From A to B: {' → '.join(scenario_names(found))}"
    return found.scenario.title


def _played(found: Explanation) -> str:
    date = day_words(found.scenario.date)
    many = f"{found.replications:,} simulated day{'s' * (found.replications != 1)} for each bar"
    if found.scenario.days > 1:
        many = f"a path of {found.scenario.days} days played {found.replications:,} times for each bar"
    return f"{date} · {many}, the same luck for all · seed {found.seed} · engine {found.engine}"


def _measure_words(found: Explanation) -> str:
    variant = found.measure.removeprefix("service_level_")
    if variant in VARIANT_WORDS:
        return f"Answered {within_words(found.scenario)} (service level: {variant.replace('_', ' ')})"
    if found.measure == "over_threshold":
        return f"Waited beyond the target wait, not answered {within_words(found.scenario)}"
    words = label_in(found.scenario, found.measure)
    return words[:1].upper() + words[1:]


def _steps(found: Explanation) -> Any:
    numbers = Numbers(found)
    grid = table("", "step", "95 % interval", "comes to")
    first = found.bars[0]
    grid.add_row(plain_text(bar_name(found, first), style="bold"), "", "", numbers.bar(first.value) + numbers.around(first))
    for number, step in enumerate(found.steps):
        after = "" if found.averaged else numbers.bar(found.bars[number + 1].value)
        limits = "exact" if step.exact else "" if step.key == "luck" else numbers.limits(step).strip(" ()")
        grid.add_row(plain_text(f"  {step_name(found, step)}"), numbers.step(step.mean), limits, after)
    last = found.bars[-1]
    if found.steps:
        total = numbers.step(found.total.mean), numbers.limits(found.total).strip(" ()")
        grid.add_row(plain_text(bar_name(found, last), style="bold"), *total, numbers.bar(last.value) + numbers.around(last))
    return grid


def explanation_chart(found: Explanation, path: str | Path) -> None:
    """Write the waterfall as a PNG; raises `ResultError` where it cannot be written."""
    import matplotlib as mpl

    with mpl.rc_context(style.SETTINGS), warnings.catch_warnings(), replacing(path) as partial:
        # A name in a script that the font has no letters for is drawn as boxes; the numbers are all there.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        explanation_figure(found).savefig(partial, format="png")


def explanation_figure(found: Explanation) -> Figure:
    """Return a figure of an explanation: the first answer at the top, then each step from where the one before it led, then the last."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(style.SETTINGS):
        height = _HEAD + _FOOT + _ROW * (len(found.steps) + 2)
        figure = Figure(figsize=(10.0, height), layout="constrained")
        figure.get_layout_engine().set(rect=(0.0, _FOOT / height - 0.3 / height, 1.0, 1.0 - (_HEAD + _FOOT - 0.3) / height))  # type: ignore[union-attr, call-arg]
        waterfall(figure.subplots(), found)
        title = textwrap.shorten(_title(found), LONGEST_TITLE, placeholder=" ...")
        figure.text(0.01, 1 - 0.12 / height, title, va="top", fontsize=14, fontweight="bold", parse_math=False)
        said = textwrap.shorten(headline(found)[0], 140, placeholder=" ...")
        figure.text(0.01, 1 - 0.44 / height, said, va="top", fontsize=10.5, parse_math=False)
        figure.text(0.01, 1 - 0.70 / height, legend_words(found), va="top", fontsize=8.5, color=style.GREY)
        footer = f"{_played(found)} · thin lines: 95 % confidence of a step"
        figure.text(0.01, 0.08 / height, textwrap.shorten(footer, 190, placeholder=" ..."), fontsize=7.5, color=style.GREY)
    return figure


def legend_words(found: Explanation) -> str:
    """What the colours of the steps mean, and which way they lead."""
    if found.better is None:
        return "Steps up and down"
    ways = ("to the right", "to the left") if found.better == "higher" else ("to the left", "to the right")
    band = "; grey band: where 95 % of such days lie" if "band_low" in found.facts else ""
    return f"Green steps ({ways[0]}) are for the better, hatched orange ones ({ways[1]}) for the worse, grey ones too small to tell{band}"


def waterfall_svg(name: str, found: Explanation) -> str:
    """The bars and steps as SVG, as high as they are many."""
    return panel_svg(name, 0.75 + _ROW * (len(found.steps) + 2), lambda axes: waterfall(axes, found))


def waterfall(axes: Axes, found: Explanation) -> Axes:
    """Draw the bars and steps from top to bottom; return the axes."""
    numbers = Numbers(found)
    rows = [(bar_name(found, found.bars[0]), numbers.bar(found.bars[0].value) + numbers.around(found.bars[0]))]
    at = _starts(found)
    for number, step in enumerate(found.steps, start=1):
        rows.append((step_name(found, step), numbers.step(step.mean)))
        if math.isfinite(step.mean):
            _step(axes, numbers, number, at[number - 1], step, found)
    if found.steps:
        rows.append((bar_name(found, found.bars[-1]), numbers.bar(found.bars[-1].value) + numbers.around(found.bars[-1])))
    low, high = _reach(found, numbers, at)
    if "band_low" in found.facts:
        limits = [numbers.scale * found.facts[name] for name in ("band_low", "band_high")]
        axes.barh(len(found.steps), limits[1] - limits[0], left=limits[0], height=0.92, **{**style.DAYS, "zorder": 1.2})
    for place, bar in ((0, found.bars[0]), (len(rows) - 1, found.bars[-1])):
        _answer(axes, numbers, place, bar, low)
    levels = [numbers.scale * found.bars[0].value, *(numbers.scale * (one + step.mean) for one, step in zip(at, found.steps, strict=True))]
    for place, level in enumerate(levels):
        if math.isfinite(level) and place + 1 < len(rows):
            axes.plot([level, level], [place - 0.36, place + 1.36], color="#9A9A9A", linewidth=0.8, zorder=1.5)
    room = 0.14 * (high - low)
    axes.set_xlim(low, high + room)
    if numbers.share:
        axes.set_xticks([tick for tick in axes.get_xticks() if low <= tick <= 100.0])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [_named(name) for name, _ in rows])
    for tick in (axes.get_yticklabels()[0], axes.get_yticklabels()[-1]):
        tick.set_fontweight("bold")
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(range(len(rows)), [text for _, text in rows])
    beside.tick_params(axis="y", length=0)
    beside.spines["right"].set_visible(False)
    unit = "per cent" if numbers.share else numbers.unit
    axes.set_xlabel(f"{_measure_words(found)}, {unit}" + ("" if low == 0.0 else f"; the axis begins at {low:g}"))
    if numbers.share and found.measure == f"service_level_{found.scenario.target.variant}" and found.scenario.target.share:
        goal = 100.0 * found.scenario.target.share
        if low < goal < high + room:
            axes.axvline(goal, **{**style.TARGET, "zorder": 0.8})
            axes.annotate(f"target {goal:g} %", (goal, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2), ha="center",
                          textcoords="offset points", fontsize=8, color=style.VERMILION)  # fmt: skip
    return axes


def _named(name: str) -> str:
    return textwrap.fill(textwrap.shorten(name, LONGEST_NAME, placeholder=" ...").replace("$", r"\$"), 34)


def _starts(found: Explanation) -> list[float]:
    """Where each step begins: at the bar before it, or where the step before it led."""
    if not found.averaged:
        return [bar.value for bar in found.bars[: len(found.steps)]]
    at = [found.bars[0].value]
    for step in found.steps:
        at.append(at[-1] + step.mean)
    return at[:-1]


def _reach(found: Explanation, numbers: Numbers, at: list[float]) -> tuple[float, float]:
    """From where to where the axis goes: from nothing, unless all that moves would be a sliver then."""
    ends = [edge for bar in found.bars for edge in (bar.value, bar.low, bar.high)]
    ends += [start + edge for step, start in zip(found.steps, at, strict=True) for edge in (step.mean, step.low, step.high)]
    ends += [found.facts[name] for name in ("band_low", "band_high") if name in found.facts]
    known = [numbers.scale * one for one in ends if math.isfinite(one)] or [0.0, 1.0]
    low, high = min(known), max(known)
    spread = max(high - low, 0.02 * abs(high), 1e-9)
    if low > 0.0 and low - 0.35 * spread > (0.25 if numbers.share else 0.75) * high:
        step = 10.0 ** math.floor(math.log10(spread))
        return math.floor((low - 0.35 * spread) / step) * step, high
    return min(low, 0.0), high


def _answer(axes: Axes, numbers: Numbers, place: int, bar: Bar, low: float) -> None:
    if not math.isfinite(bar.value):
        return
    axes.barh(place, numbers.scale * bar.value - low, left=low, height=0.62, **style.CALLS)
    if bar.by == "simulation" and math.isfinite(bar.low) and bar.high > bar.low:
        axes.plot([numbers.scale * bar.low, numbers.scale * bar.high], [place, place], color=style.BLACK, linewidth=1.2)


def _step(axes: Axes, numbers: Numbers, place: int, start: float, step: Step, found: Explanation) -> None:
    worse = found.better is not None and (step.mean > 0.0) == (found.better == "lower")
    look: dict[str, Any] = {**(style.UNDER if worse else {"facecolor": "#7CC7AE", "edgecolor": style.GREEN, "linewidth": 0.8})}
    by_luck = step.key == "luck" and step.facts.get("inside", False)
    if found.better is None or by_luck or not (step.told or step.exact):
        look = {"facecolor": "#D6D6D6", "edgecolor": style.GREY, "linewidth": 0.8}
    begin, end = numbers.scale * start, numbers.scale * (start + step.mean)
    axes.barh(place, end - begin, left=begin, height=0.62, zorder=2.0, **look)
    if math.isfinite(step.low) and step.high > step.low:
        limits = [numbers.scale * (start + edge) for edge in (step.low, step.high)]
        axes.plot(limits, [place, place], color=style.BLACK, linewidth=1.2, zorder=2.5, solid_capstyle="butt")
