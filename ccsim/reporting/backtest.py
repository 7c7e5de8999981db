"""A back-test for people and programs: tables for a terminal, JSON, and pictures of what was predicted beside what came."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.text import Text

from ccsim.reporting import style
from ccsim.reporting.files import replacing
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.units import format_duration
from ccsim.validation.as_json import backtest_dict
from ccsim.validation.paths import FEW
from ccsim.validation.split import split
from ccsim.validation.trust import INTERVALS, warnings
from ccsim.validation.volume import counted, counted_by_type

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from rich.console import Console

    from ccsim.validation.backtest import Backtest
    from ccsim.validation.paths import Answer, Errors
    from ccsim.validation.volume import Volume

NAMES: Final = {
    "predicted": "predicted",
    "naive": "naive pooled queue",
    "naive_same_staff": "naive, staff as predicted",
    "erlang_a": "Erlang A",
    "erlang_c": "Erlang C",
}
CAUSES: Final = {
    "calls": "recorded calls put in",
    "handle_times": "recorded handle times put in",
    "patience": "recorded hang-ups put in",
    "handle_times_and_patience": "both put in",
    "skills_left_out": "everybody takes all types",
    "other_order": "the other order of answering",
}
PARTS: Final = {
    "volume": "the calls that came",
    "handle_times": "handle times",
    "patience": "patience",
    "rest": "staff, order of answering, pauses",
}


def backtest_json(found: Backtest) -> str:
    """One JSON object with all that was compared."""
    return json.dumps(backtest_dict(found), indent=2, ensure_ascii=True, allow_nan=False)


def show_backtest(out: Console, found: Backtest) -> None:
    """Print what was predicted beside what came and what simpler models say, and what is left unexplained."""
    by = "" if found.volume is None else " from a forecast of its calls"
    title = f"Learned from {found.train.name} ({_count(found.train.days, 'day')}), predicted {found.test.name}{by}"
    out.print(plain_text(f"{title} ({_count(found.test.days, 'day')}, {len(found.test.arrival):,} calls)", style="bold"))
    doubts = warnings(found)
    if doubts:
        section(out, "Not to be trusted" if len(doubts) > 1 else "Mind", Text("\n").join(plain_text(f"- {one}") for one in doubts))
    section(out, "In short", Text("\n").join(map(plain_text, summary(found))))
    if found.volume is not None:
        _show_volume(out, found, found.volume)
    shown = table("all calls", "hung up", "mean wait", "95 %", "speed of\nanswer", f"answered in\n{format_duration(found.threshold)}")
    shown.add_row(*map(plain_text, _overall("what came", found.actual)))
    for name, words in NAMES.items():
        shown.add_row(*map(plain_text, _overall(words, found.models[name])))
    section(out, "All calls", shown)
    minutes = format_duration(found.on.length)
    shown = table(f"by {minutes}", "mean wait", "hung up", "answered in\ntime", "in its band")
    for name, words in NAMES.items():
        off = found.errors[name]
        cells = (words, _seconds(off.mean_wait), _points(off.abandoned_fraction), _points(off.service_level), _held(off))
        shown.add_row(*map(plain_text, cells))
    luck = found.models["predicted"].luck
    cells = ("by luck, were it true", _seconds(luck["mean_wait"]), _points(luck["abandoned_fraction"]), _points(luck["service_level"]), "")
    shown.add_row(*map(plain_text, cells))
    which = f"{found.errors['predicted'].compared} of {len(found.on.calls)} intervals"
    section(out, f"Mean error of an interval with {FEW} calls or more ({which})", shown)
    if found.causes:
        shown = table("played again with", "mean wait\nof all", "error of an\ninterval", "by luck,\nwere it true", "hung up,\nerror")
        for name, (answer, off) in found.causes.items():
            cells = (
                CAUSES[name], _seconds(answer.overall["mean_wait"]), _seconds(off.mean_wait), _seconds(answer.luck["mean_wait"]),
                _points(off.abandoned_fraction),
            )  # fmt: skip
            shown.add_row(*map(plain_text, cells))
        section(out, "What is left unexplained", shown)
        _show_split(out, found)
    out.print()
    for sentence in sentences(found):
        out.print(plain_text(sentence))


def _show_volume(out: Console, found: Backtest, volume: Volume) -> None:
    """Print the calls foretold beside those that came."""
    told = counted(volume, found.on.start, found.on.calls)
    shown = table(
        "calls", "foretold", "came", f"missed, share\nby {format_duration(found.on.length)}", "mean of\neight weeks", "in its band"
    )
    cells = ("all days", f"{told.foretold:,.0f}", f"{told.came:,.0f}", _percent(told.error), _percent(told.error_of_mean))
    shown.add_row(*map(plain_text, (*cells, _percent(told.inside))))
    by_type = counted_by_type(volume, found.on.start, found.test.coming)
    for name, one in by_type.items() if len(by_type) > 1 else ():
        shares = (_percent(share) if one.came else "-" for share in (one.error, one.error_of_mean))
        row = (name, f"{one.foretold:,.0f}", f"{one.came:,.0f}", *shares, _percent(one.inside))
        shown.add_row(*map(plain_text, row))
    section(out, "The calls, as foretold", shown)


def _show_split(out: Console, found: Backtest) -> None:
    """Print the distance between what was foretold and what came, by cause."""
    shown = table("the truth put in of", "moves the\nmean wait", "error of an\ninterval", "of which\nluck")
    parts = split(found)
    for one in parts:
        shown.add_row(*map(plain_text, (PARTS[one.cause], f"{one.moves:+.1f} s", _seconds(one.error), _seconds(one.luck))))
    total = [sum(getattr(one, name) for one in parts) for name in ("moves", "error", "luck")]
    shown.add_row(*map(plain_text, ("all", f"{total[0]:+.1f} s", _seconds(total[1]), _seconds(total[2]))))
    section(out, "Split by cause, one after another; luck is what single calls leave open however well all is known", shown)


def summary(found: Backtest) -> list[str]:
    """Three sentences: how close the prediction is, how much closer than a plain queue, and what not to build on."""
    model, came = found.models["predicted"], found.actual.overall
    predicted, naive = found.errors["predicted"], found.errors["naive"]
    said = [
        f"Foretold are a mean wait of {_seconds(model.overall['mean_wait'])} (95 %: {_range(model)}) and "
        f"{_percent(model.overall['abandoned_fraction'])} hung up; what came is {_seconds(came['mean_wait'])} and "
        f"{_percent(came['abandoned_fraction'])}."
    ]
    if not predicted.compared or not np.isfinite(predicted.mean_wait):
        return [*said, f"No interval has {FEW} calls or more, so nothing can be said by interval: ask for longer ones with --interval."]
    luck, minutes = model.luck["mean_wait"], format_duration(found.on.length)
    said.append(
        f"By {minutes} its mean wait is off by {_seconds(predicted.mean_wait)}, {_beside(predicted.mean_wait, naive.mean_wait)} naive "
        "pooled queue (first come first served, exponential patience, recorded handle times, the same calls)."
    )
    held = _held(predicted) + (" of the intervals" if predicted.compared >= INTERVALS else " intervals")
    said.append(
        f"Do not build on the wait of single intervals: luck alone moves them by {_seconds(luck)} on average; {held} lie "
        "within their 95 % band."
    )
    return said


def _beside(own: float, other: float) -> str:
    """How far a model is from what came beside another, up to "that of a": in percent, or as so many times where percents say nothing."""
    if not np.isfinite(other):
        return "where no figure can be had of a"
    if max(own, other) < 0.05:
        return "as is that of a"
    if own <= other:
        return f"{100 * (1 - own / other):.0f} % closer than that of a"
    if own > 2.0 * other:
        return f"{own / other:,.0f} times as far as that of a" if other >= 0.05 else "much further than that of a"
    return f"{100 * (own / other - 1):.0f} % further off than that of a"


def _held(off: Errors) -> str:
    """The share of intervals within their band, as a count where they are too few for a share to say anything."""
    if not np.isfinite(off.bands) or off.compared >= INTERVALS:
        return _percent(off.bands)
    return f"{round(off.bands * off.compared)} of {off.compared}"


def sentences(found: Backtest) -> list[str]:
    """What is to be known of the comparison."""
    said = []
    if found.volume is not None:
        said += [f"Of the forecast: {note}." for note in found.volume.notes]
    if found.test.inferred:
        said.append("Staff on duty is read off the calls people answered; who was there and idle at the edges of shifts is not seen.")
    pause = found.learned.occupied[0].pause
    if pause >= 1.0:
        said.append(f"After a call {pause:.0f} s pass before the next can be answered, which the records hold in no column.")
    order = found.learned.order
    if order.credit:
        said.append(
            f"Answers keep best to the longest wait with a credit of {order.credit:.0f} s for the highest priority "
            f"({_percent(order.with_credit)} of {order.answers:,}); the floor has no such rule, so it is played "
            f"{'by priority' if order.by_priority else 'first come first served'}."
        )
    share, days = _percent(found.parameter_share), _count(found.train.days, "day")
    left, rest = "leave open", "luck"
    if found.volume is not None:  # foretold calls are drawn anew with each path, and so is what is not known of them
        left, rest = "leave open of times and patience", "luck and what is not known of the volume"
    said.append(f"Of the variance of the predicted mean wait {share} is what {days} of records {left}; the rest is {rest}.")
    if found.test.blocked:
        said.append(f"{found.test.blocked:,} blocked calls of the test days are left out on both sides.")
    overloaded = np.isinf(found.models["erlang_c"].intervals["mean_wait"])
    if overloaded.any():
        said.append(
            f"Erlang C is overloaded in {int(overloaded.sum())} of {len(overloaded)} intervals, where its wait has no end; its error is "
            "that of the others."
        )
    return said


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _overall(words: str, answer: Answer) -> tuple[str, ...]:
    told = answer.overall
    return (
        words, _percent(told["abandoned_fraction"]), _seconds(told["mean_wait"]), _range(answer), _seconds(told["average_speed_of_answer"]),
        _percent(told["service_level_offered"]),
    )  # fmt: skip


def _range(answer: Answer) -> str:
    """The 95 % band of the mean wait [s], with a decimal below 100 s; nothing where the model has none."""
    if not answer.low:
        return ""
    return " to ".join(f"{end:.1f}" if end < 99.95 else f"{end:,.0f}" for end in (answer.low["mean_wait"], answer.high["mean_wait"]))


def _seconds(value: float) -> str:
    return "without end" if np.isposinf(value) else f"{value:.1f} s" if np.isfinite(value) else "-"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %" if np.isfinite(value) else "-"


def _points(value: float) -> str:
    return f"{100 * value:.1f} points" if np.isfinite(value) else "-"


def backtest_chart(found: Backtest, path: str | Path) -> None:
    """Draw what was predicted beside what came into a file (.png, .svg, .pdf); raises `ResultError`."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**style.SETTINGS, "svg.hashsalt": "ccsim"}):
        figure = Figure(figsize=(11.0, 10.5), layout="constrained")
        rows = figure.add_gridspec(4, 2, height_ratios=(1.0, 1.0, 1.0, 1.3))
        wait_panel(figure.add_subplot(rows[0, :]), found)
        share_panel(figure.add_subplot(rows[1, :]), found, "abandoned_fraction", "Share of the callers who hung up")
        title = f"Share answered within {format_duration(found.threshold)}"
        share_panel(figure.add_subplot(rows[2, :]), found, "service_level_offered", title)
        against_panel(figure.add_subplot(rows[3, 0]), found)
        error_panel(figure.add_subplot(rows[3, 1]), found)
        with replacing(path) as partial:
            kind = str(path).rpartition(".")[2].lower()
            figure.savefig(partial, format=kind if kind in ("png", "svg", "pdf") else "png")


def wait_panel(axes: Axes, found: Backtest) -> None:
    """Draw the mean wait by interval: predicted with its band, and what came."""
    predicted = found.models["predicted"]
    used = found.on.calls >= FEW
    at, ticks, names = _places(found, used)
    _banded(axes, at, predicted.low_wait[used], predicted.high_wait[used])
    _line(axes, at, predicted.intervals["mean_wait"][used], label="predicted", **style.WAIT)
    came = found.actual.intervals["mean_wait"][used]
    axes.plot(at, came, "o", color=style.BLACK, markersize=2.6, label="what came")
    axes.set_ylim(0.0, 1.2 * float(np.nanmax(np.concatenate([came, predicted.high_wait[used], [1.0]]))))
    axes.set_ylabel("seconds")
    axes.set_title(f"Mean wait by {format_duration(found.on.length)}, with its 95 % band")
    _days(axes, ticks, names)
    axes.legend(loc="upper right", ncols=3)


def share_panel(axes: Axes, found: Backtest, name: str, title: str) -> None:
    """Draw a share by interval: predicted, the naive queue, and what came."""
    used = found.on.calls >= FEW
    at, ticks, names = _places(found, used)
    _line(axes, at, 100 * found.models["predicted"].intervals[name][used], label="predicted", **style.WAIT)
    naive = 100 * found.models["naive"].intervals[name][used]
    _line(axes, at, naive, label="naive pooled queue", color=style.VERMILION, linewidth=1.0, linestyle=(0, (3, 1.5)))
    axes.plot(at, 100 * found.actual.intervals[name][used], "o", color=style.BLACK, markersize=2.6, label="what came")
    axes.set_ylim(0.0, 125.0)
    axes.set_yticks(range(0, 101, 25))
    axes.set_ylabel("%")
    axes.set_title(title)
    _days(axes, ticks, names)
    axes.legend(loc="upper right", ncols=3)


def against_panel(axes: Axes, found: Backtest) -> None:
    """Draw predicted against actual mean wait, an interval a point, for the prediction and the naive queue."""
    used = found.on.calls >= FEW
    true = found.actual.intervals["mean_wait"][used]
    for name, mark, colour in (("naive", "x", style.VERMILION), ("predicted", "o", style.BLUE)):
        values = found.models[name].intervals["mean_wait"][used]
        axes.plot(values, true, mark, color=colour, markersize=3.5, alpha=0.7, label=NAMES[name], linestyle="none")
    top = 1.03 * float(np.nanmax(np.concatenate([true, found.models["predicted"].intervals["mean_wait"][used], [1.0]])))
    axes.plot([0.0, top], [0.0, top], **style.SCHEDULED)
    axes.set_xlim(0.0, top)
    axes.set_ylim(0.0, top)
    axes.set_xlabel("mean wait predicted [s]")
    axes.set_ylabel("mean wait that came [s]")
    axes.set_title("An interval a point")
    axes.legend(loc="upper left")


def error_panel(axes: Axes, found: Backtest) -> None:
    """Draw the mean error of the wait by model, with what luck alone would leave."""
    names = [name for name in NAMES if np.isfinite(found.errors[name].mean_wait)]
    values = np.array([found.errors[name].mean_wait for name in names])
    limit = 2.5 * min(values.min(), values[0]) if len(values) else 1.0
    at = np.arange(len(names))[::-1]
    axes.barh(at, np.minimum(values, limit), height=0.6, **style.PLANNED)
    for place, value in zip(at, values, strict=True):
        axes.text(min(value, limit), place, f" {value:,.0f} s" + (" (cut off)" if value > limit else ""), va="center", fontsize=8)
    axes.axvline(found.models["predicted"].luck["mean_wait"], label="by luck, were the prediction true", **style.TARGET)
    axes.set_yticks(at, [NAMES[name] for name in names])
    axes.set_xlim(0.0, 1.35 * limit)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("seconds")
    axes.set_title("Mean error of an interval's wait")
    axes.set_ylim(-0.6, len(names) + 0.1)
    axes.legend(loc="upper right")


def _places(found: Backtest, used: Any) -> tuple[Any, list[float], list[str]]:
    """Where these intervals stand, days set side by side with what is closed between them left out; and the days' names."""
    start = found.on.start[used]
    day = np.floor(start / 86400.0)
    at = np.zeros(len(day))
    ticks: list[float] = []
    names: list[str] = []
    next_place = 0.0
    for one in np.unique(day):
        own = day == one
        clock = (start[own] - one * 86400.0) / found.on.length
        at[own] = next_place + clock - clock.min()
        ticks.append(next_place)
        names.append(str(np.datetime64(int(one), "D"))[5:])
        next_place += float(clock.max() - clock.min()) + 4.0
    return at, ticks, names


def _days(axes: Axes, ticks: list[float], names: list[str]) -> None:
    """Name the days, those apart that would stand on one another."""
    apart = (ticks[-1] + 1.0) / 16.0 if ticks else 0.0
    shown: list[int] = []
    for place, tick in enumerate(ticks):
        if not shown or tick - ticks[shown[-1]] >= apart:
            shown.append(place)
    axes.set_xticks([ticks[place] for place in shown], [names[place] for place in shown], ha="left")
    axes.margins(x=0.01)


def _line(axes: Axes, at: Any, values: Any, **how: Any) -> None:
    """Draw a line that is broken where a day ends."""
    label = how.pop("label")
    for number, own in enumerate(_runs(at)):
        axes.plot(at[own], values[own], label=label if number == 0 else None, **how)


def _banded(axes: Axes, at: Any, low: Any, high: Any) -> None:
    for own in _runs(at):
        axes.fill_between(at[own], low[own], high[own], **style.BAND)


def _runs(at: Any) -> list[Any]:
    """Places that follow one another, as slices."""
    breaks = np.flatnonzero(np.diff(at) > 2.5) + 1
    edges = [0, *breaks.tolist(), len(at)]
    return [slice(first, last) for first, last in pairwise(edges)]
