"""A forecast for people and programs: the days in a table, how it did on the record's past, files, JSON, and a picture."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.text import Text

from ccsim import __version__
from ccsim.errors import InputError
from ccsim.fitting.as_json import plain
from ccsim.fitting.forecasting.forecast import stretch_words
from ccsim.fitting.forecasting.series import BUILT_IN
from ccsim.fitting.forecasting.written import day_rows, scenario_lines
from ccsim.reporting import style
from ccsim.reporting.files import check_writable, replacing
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import WEEKDAYS
from ccsim.units import format_duration, format_share

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import Console

    from ccsim.fitting.forecasting import Forecast
    from ccsim.fitting.forecasting.forecast import Course

_DAYS: Final = 70  # that the table shows
_BACK: Final = 56  # days of the record in the picture
_SHOWN: Final = 5  # days by interval in the picture
_FORMAT: Final = "%Y-%m-%d %H:%M"


def check_output(path: str | Path) -> None:
    """Raise `InputError` unless the forecast can be written to `path`, a .csv or .xlsx file."""
    if Path(path).suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(f"{path} ends in neither .csv nor .xlsx; name it such as forecast.csv")
    check_writable(path)


def write_forecast(found: Forecast, path: str | Path) -> None:
    """Write the forecast by interval, as CSV or, with a sheet by day and one of notes, as a workbook; raises `ResultError`."""
    frame = found.frame()
    with replacing(path) as partial:
        if Path(path).suffix.lower() == ".xlsx":
            _workbook(found, partial)
        else:
            frame.to_csv(partial, index=False, date_format=_FORMAT, encoding="utf-8")


def _workbook(found: Forecast, path: Path) -> None:
    import xlsxwriter

    told = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(str(path), told) as book:
        head, number = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "#,##0.0"})
        looks = {"moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), "day": book.add_format({"num_format": "yyyy-mm-dd"})}
        frame = found.frame()
        sheet = book.add_worksheet("Intervals")
        sheet.write_row(0, 0, list(frame.columns), head)
        for row, start in enumerate(frame["start"], start=1):
            sheet.write_datetime(row, 0, start.to_pydatetime(), looks["moment"])
        for column, name in enumerate(frame.columns[1:], start=1):
            sheet.write_column(1, column, frame[name].tolist(), number)
        sheet.set_column(0, 0, 17)
        sheet.freeze_panes(1, 1)
        days = book.add_worksheet("Days")
        days.write_row(0, 0, ["date", "weekday", "mean", "low", "high", ""], head)
        for row, (date, *numbers, words) in enumerate(day_rows(found, found.whole), start=1):
            days.write_datetime(row, 0, dt.datetime.combine(date, dt.time()), looks["day"])
            days.write_string(row, 1, WEEKDAYS[date.weekday()])
            for column, told_number in enumerate(numbers, start=2):
                if told_number is not None:
                    days.write_number(row, column, told_number, number)
            days.write_string(row, 5, words)
        days.set_column(0, 1, 12)
        notes = book.add_worksheet("Notes")
        for row, sentence in enumerate([*found.notes, *_tried_words(found)]):
            notes.write_string(row, 0, sentence)


def show_forecast(out: Console, found: Forecast, file: str | Path | None = None, beside: bool = True) -> None:
    """Print the record, the days to come, how the method did on the record's past, and where `beside` how a scenario takes it up."""
    record = found.record
    out.print(
        plain_text(
            f"{record.name}: {record.dates[0]} to {record.dates[-1]}, {int(record.used.sum())} days used; intervals of "
            f"{format_duration(record.interval)}",
            style="bold",
        )
    )
    if found.notes:
        section(out, "To be known", Text("\n").join(plain_text(f"- {sentence}") for sentence in found.notes))
    rows = day_rows(found, found.whole)
    shown = table("day", "calls", "low", "high", "")
    for date, mean, low, high, words in rows[:_DAYS]:
        cells = ["" if number is None else f"{number:,.0f}" for number in (mean, low, high)]
        shown.add_row(*(plain_text(cell) for cell in (f"{WEEKDAYS[date.weekday()][:3]} {date}", *cells, words)))
    if len(found.dates) > 1:
        shown.add_section()
        shown.add_row(*(plain_text(cell) for cell in ("all together", *(f"{number:,.0f}" for number in found.whole.together()), "")))
    section(out, "Calls a day; 95 of 100 days lie between low and high", shown)
    if len(rows) > _DAYS:
        out.print(plain_text(f"and {len(rows) - _DAYS} days more"))
    if len(found.courses) > 1:
        types = table("", "calls", "share")
        for course in found.courses[1:]:
            share = course.day_mean.sum() / max(found.whole.day_mean.sum(), 1e-9)
            types.add_row(plain_text(course.name), f"{course.day_mean.sum():,.0f}", f"{100 * share:.1f} %")
        section(out, "By type", types)
    _show_tried(out, found)
    if beside:
        name, title = _beside(file)
        section(out, title, Text("\n").join(plain_text(line) for line in scenario_lines(found, name)))


def _beside(file: str | Path | None) -> tuple[str, str]:
    """The CSV file that a scenario would read, and a title that says if it is still to be written: scenarios take no workbooks."""
    if file is None:
        return "forecast.csv", "In a scenario beside forecast.csv, once written with -o forecast.csv"
    if Path(file).suffix.lower() == ".csv":
        return Path(file).name, f"In a scenario beside {Path(file).name}"
    name = Path(file).with_suffix(".csv").name
    return name, f"In a scenario, which reads CSV and no workbook: write the forecast once more with -o {name}"


def _show_tried(out: Console, found: Forecast) -> None:
    tried = found.whole.tried
    if tried is not None:
        shown = table("", "this forecast", "mean of eight weeks")
        shown.add_row(plain_text("missed, share of calls by interval"), f"{100 * tried.error:.1f} %", f"{100 * tried.error_of_mean:.1f} %")
        shown.add_row(plain_text("by day"), f"{100 * tried.error_of_days:.1f} %", f"{100 * tried.error_of_mean_of_days:.1f} %")
        for name, rival in found.whole.rivals.items():
            shown.add_row(plain_text(f"by the {name} method"), f"{100 * rival.error:.1f} %", "")
        section(out, f"Tried on the record's own past{_by_method(found)}", shown)
    for sentence in _tried_words(found):
        out.print(plain_text(sentence))


def _by_method(found: Forecast) -> str:
    """The method in the title, where it is not the only one."""
    whole = found.whole
    return f", by the {whole.method} method" if whole.rivals or whole.method != BUILT_IN else ""


def _tried_words(found: Forecast) -> list[str]:
    """How the method did on the record's past, in a sentence or two."""
    tried = found.whole.tried
    if tried is None:
        return ["The record is too short to try the method on its own past, so the width of the bands is believed and not checked."]
    return [
        f"From {tried.origins} days within the record, up to {tried.furthest} days ahead: {stretch_words(tried)}. "
        f"Plain Poisson bands held {format_share(round(tried.inside_poisson, 3))}."
    ]


def forecast_json(found: Forecast) -> str:
    """One JSON object with all that was forecast; null where something is not known."""
    document = {
        "ccsim": __version__,
        "counts": found.record.name,
        "record": {
            "first": str(found.record.dates[0]),
            "last": str(found.record.dates[-1]),
            "days_used": int(found.record.used.sum()),
            "closed": [str(date) for date in sorted(found.record.closed)],
        },
        "from": str(found.first),
        "to": str(found.last),
        "interval": found.record.interval,
        "closed": {str(date): name for date, name in sorted(found.closed.items())},
        "notes": list(found.notes),
        "start": [str(start).replace("T", " ")[:16] for start in found.start],
        "calls": {course.name: _course_dict(found, course) for course in found.courses},
    }
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)


def _course_dict(found: Forecast, course: Course) -> dict[str, Any]:
    return {
        "mean": [round(number, 3) for number in course.mean.tolist()],
        "low": course.low.tolist(),
        "high": course.high.tolist(),
        "days": [
            {"date": str(date), "mean": mean, "low": low, "high": high}
            for date, mean, low, high, words in day_rows(found, course)
            if not words
        ],
        "together": dict(zip(("mean", "low", "high"), course.together(), strict=True)),
        "busyness": {"day": course.busyness_day, "interval": course.busyness_interval},
        "parts": course.series.law.parts,
        "effects": {name: plain(effect) for name, effect in course.effects.items()},
        "tried": plain(course.tried),
        "method": course.method,
        "tried_beside": {name: plain(rival) for name, rival in course.rivals.items()},
    }


def days_panel(axes: Axes, found: Forecast) -> Axes:
    """Draw the days of the record's last weeks and those to come with their band; return the axes."""
    record, whole = found.record, found.whole
    totals = np.where(record.open_slots[record.weekday], record.offered.sum(axis=0), 0.0).sum(axis=1)
    past = [d for d in range(max(len(record.dates) - _BACK, 0), len(record.dates)) if totals[d] > 0]
    axes.plot([_x(record.dates[d]) for d in past], totals[past], "o", markersize=3.2, color=style.BLACK, label="counted")
    x = np.array([_x(date) for date in found.dates])
    axes.vlines(x, whole.day_low, whole.day_high, color=style.BLUE, alpha=0.35, linewidth=3.5, label="95 of 100 days")
    axes.plot(x, whole.day_mean, "D", markersize=3.2, color=style.BLUE, label="forecast")
    for number, date in enumerate(sorted(found.closed)):
        axes.axvline(_x(date), label="closed" if number == 0 else None, **style.SCHEDULED)
    _dated(axes)
    return _finish(axes, "Calls a day", "calls a day")


def intervals_panel(axes: Axes, found: Forecast) -> Axes:
    """Draw the first days to come by interval with their band; return the axes."""
    used = found.day < _SHOWN
    width = found.record.interval / 86400.0
    start = found.start[used].astype("datetime64[s]").astype("int64") / 86400.0
    edges = np.column_stack([start, start + width]).ravel()
    cuts = 2 * np.flatnonzero(start[1:] > start[:-1] + 1.5 * width) + 2
    mean, low, high = (np.insert(np.repeat(part[used], 2), cuts, np.nan) for part in (found.whole.mean, found.whole.low, found.whole.high))
    x = np.insert(edges, cuts, np.nan)
    axes.fill_between(x, low, high, label="95 of 100 counts", **style.BAND)
    axes.plot(x, mean, label="forecast", **style.WAIT)
    _dated(axes)
    return _finish(axes, "The first days by interval", f"calls per {format_duration(found.record.interval)}")


def _x(date: dt.date) -> float:
    """Days since 1970, as the axes count them."""
    return float(date.toordinal() - dt.date(1970, 1, 1).toordinal())


def _dated(axes: Axes) -> None:
    dates: Any = importlib.import_module("matplotlib.dates")  # which has no types
    locator = dates.AutoDateLocator(minticks=4, maxticks=10)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))


def _finish(axes: Axes, title: str, unit: str) -> Axes:
    axes.set_title(title, pad=6)
    axes.set_ylabel(unit)
    axes.set_ylim(bottom=0.0)
    place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.0}
    axes.legend(ncols=4, handlelength=2.2, columnspacing=1.4, **place)
    return axes


def forecast_figure(found: Forecast) -> Figure:
    """The days and the first intervals, one above the other."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(style.SETTINGS):
        figure = Figure(figsize=(10.0, 6.4), layout="constrained")
        upper, lower = figure.subplots(2, 1)
        days_panel(upper, found)
        intervals_panel(lower, found)
        figure.suptitle(textwrap.shorten(Path(found.record.name).name, 84), x=0.01, ha="left", fontsize=12, fontweight="bold")
    return figure


def forecast_chart(found: Forecast, path: str | Path) -> None:
    """Write the figure as a PNG; raises `ResultError` where it cannot be written."""
    import matplotlib as mpl

    with mpl.rc_context(style.SETTINGS), warnings.catch_warnings(), replacing(path) as partial:
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        forecast_figure(found).savefig(partial, format="png")
