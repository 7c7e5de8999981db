"""The waterfall of shrinkage: from the paid hours on the roster to the hours on the queue, as a table and as a picture."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccsim.reporting import style
from ccsim.reporting.files import replacing
from ccsim.reporting.wording import NOTHING, count, half_width, number_of, percent, played_words, value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ccsim.experiment.result import Result

# More groups than this make no columns that anybody compares
MOST_GROUPS = 8
OFFICES = {"in": "in the office", "out": "out of the office"}
LONGEST_NAME = 34
_GONE = "gone"
_LOOKS: dict[str, dict[str, Any]] = {
    "": style.KEPT,
    "planned": style.PLANNED,
    "unplanned": style.UNPLANNED,
    _GONE: {"facecolor": "white", "edgecolor": style.GREY, "linewidth": 0.8},
}


def heads() -> tuple[str, ...]:
    """Column heads of the rows of a waterfall."""
    return ("hours a day", "of paid time", "")


def rows(block: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """The waterfall of the whole roster, or of a group, as it stands under `shrinkage` in the JSON: name, hours, share, and what it is."""
    lines = _before(block)
    lines.append(("= scheduled, paid" if lines else "scheduled, paid", value(block["scheduled"]), "", ""))
    for step in block["steps"]:
        what = f"{'planned' if step['planned'] else 'unplanned'}, {OFFICES[step['office']]}"
        lines.append((f"− {step['name']}", _lost(step["hours"]), value(step["share"]) + half_width(step["share"]), what))
    worked = number_of(block["unpaid_breaks_worked"])
    if worked is not None and worked > 1e-6:
        lines.append(("+ unpaid breaks worked", value(block["unpaid_breaks_worked"]), _of(block, "unpaid_breaks_worked"), ""))
    lines.append(("= on the queue", value(block["on_queue"]), _of(block, "on_queue"), "overtime not counted"))
    if number_of(block["overtime"]):
        lines.append(("overtime", value(block["overtime"]), _of(block, "overtime"), "beside it"))
    return lines


def _before(block: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """The roster as it was written, and what employments that have ended took of it; nothing where none has."""
    lost = ended(block)
    if not lost:
        return []
    whole = count((number_of(block["scheduled"]) or 0.0) + lost)
    return [("scheduled, whole roster", whole, "", ""), ("− employments ended", f"−{count(lost)}", "", "no longer paid")]


def ended(block: dict[str, Any]) -> float:
    """Hours a day that people would have had whose employment has ended."""
    return number_of((block.get("employments_ended") or {}).get("hours")) or 0.0


def ended_words(block: dict[str, Any], days: int) -> list[str]:
    """A sentence on the employments that ended; none where none can have ended."""
    if "employments_ended" not in block:
        return []
    told = block["employments_ended"]["people"]
    path = "On the day" if days == 1 else f"In the {days} days"
    if not number_of(told):
        return []
    return [
        f"{path} the employment of {value(told)}{half_width(told)} people ends with shifts still to come, which nobody works: "
        "agents scheduled are counted with them, paid time without."
    ]


def tells(block: dict[str, Any]) -> bool:
    """Whether a waterfall has anything to say: a step, hours beside those scheduled, or employments that ended."""
    return bool(block["steps"] or number_of(block["overtime"]) or (number_of(block["unpaid_breaks_worked"]) or 0.0) > 1e-6 or ended(block))


def group_rows(document: dict[str, Any]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Shares of paid time by step and group: the groups' names, and a row a step; nothing for one group, or more than people compare."""
    groups: dict[str, dict[str, Any]] = document["groups"]
    if not 1 < len(groups) <= MOST_GROUPS:
        return [], []
    lines: list[tuple[str, ...]] = []
    if any(map(ended, groups.values())):
        lines.append(("employments ended, h a day", *(count(ended(block)) for block in groups.values())))
    lines.append(("scheduled, paid, h a day", *(value(block["scheduled"]) for block in groups.values())))
    for step in document["steps"]:
        shares = [next((value(one["share"]) for one in block["steps"] if _same(one, step)), NOTHING) for block in groups.values()]
        lines.append((f"− {step['name']}", *shares))
    lines.append(("= on the queue", *(_of(block, "on_queue") for block in groups.values())))
    return list(groups), lines


def sentence(block: dict[str, Any]) -> str:
    """What the shares come to, added and multiplied, and by heading."""
    added, multiplied = value(block["shares_added"]), percent(block["shares_multiplied"])
    heads = {name: value(block[f"{name}_share"]) for name in ("planned", "unplanned", "out_of_office", "in_office")}
    return (
        f"Shrinkage: {added} of paid time, the shares added; multiplied they would be {multiplied}. Planned {heads['planned']}, "
        f"unplanned {heads['unplanned']}; out of the office {heads['out_of_office']}, in the office {heads['in_office']}."
    )


def waterfall_panel(axes: Axes, block: dict[str, Any]) -> Axes:
    """Draw the waterfall as bars from the scheduled hours down to those on the queue; return the axes."""
    scheduled, gone = number_of(block["scheduled"]) or 0.0, ended(block)
    bars: list[tuple[str, float, float, str]] = []  # name, from, to, and what kind
    if gone:
        bars += [("scheduled, whole roster", 0.0, scheduled + gone, ""), ("employments ended", scheduled, scheduled + gone, _GONE)]
    before = len(bars)
    bars.append(("scheduled, paid", 0.0, scheduled, ""))
    left = scheduled
    for step in block["steps"]:
        hours = number_of(step["hours"]) or 0.0
        bars.append((_short(step["name"]), left - hours, left, "planned" if step["planned"] else "unplanned"))
        left -= hours
    bars.append(("on the queue", 0.0, number_of(block["on_queue"]) or 0.0, ""))
    seen = {_GONE}
    for place, (_, bottom, top, kind) in enumerate(bars):
        axes.barh(place, top - bottom, left=bottom, height=0.72, label=kind if kind not in seen else "", **_LOOKS[kind])
        seen.add(kind)
        share = f" ({percent((top - bottom) / scheduled)})" if scheduled > 0 and place >= before else ""
        axes.text(top + 0.006 * max(scheduled, 1.0), place, f"{count(top - bottom)} h{share}", va="center", fontsize=8)
    names = [name for name, *_ in bars]
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.invert_yaxis()
    axes.set_xlim(0.0, 1.16 * max(scheduled + gone, 1e-9))
    axes.set_xlabel("paid hours a day")
    axes.grid(visible=False, axis="y")
    axes.set_title("From the hours on the roster to the hours on the queue", pad=6)
    if seen - {"", _GONE}:
        axes.legend(ncols=2, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0)
    return axes


def waterfall_height(block: dict[str, Any]) -> float:
    """How high a waterfall should be, to be read [inches]."""
    return 0.7 + 0.3 * (len(block["steps"]) + (4 if ended(block) else 2))


def waterfall_figure(result: Result) -> Figure | None:
    """Return a figure of a run's waterfall; None where nobody is on shifts."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    block = result.to_dict().get("shrinkage")
    if block is None:
        return None
    with mpl.rc_context(style.SETTINGS):
        figure = Figure(figsize=(10.0, 0.5 + waterfall_height(block)), layout="constrained")
        waterfall_panel(figure.subplots(), block)
        figure.text(0.01, 0.005, played_words(result), fontsize=7.5, color=style.GREY)
    return figure


def waterfall_chart(result: Result, path: str | Path) -> bool:
    """Write `waterfall_figure` as a PNG; whether there was one. Raises `ResultError` where it cannot be written."""
    import matplotlib as mpl

    figure = waterfall_figure(result)
    if figure is None:
        return False
    with mpl.rc_context(style.SETTINGS), warnings.catch_warnings(), replacing(path) as partial:
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(partial, format="png")
    return True


def _of(block: dict[str, Any], name: str) -> str:
    """An entry's share of the scheduled hours."""
    scheduled, hours = number_of(block["scheduled"]), number_of(block[name])
    return percent(hours / scheduled) if scheduled and hours is not None else NOTHING


def _lost(entry: dict[str, Any]) -> str:
    return f"−{value(entry)}" if number_of(entry) else value(entry)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (one["name"], one["kind"]) == (other["name"], other["kind"])


def _short(name: str) -> str:
    plain = "".join(letter for letter in name if letter.isprintable())
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1] + "…"
