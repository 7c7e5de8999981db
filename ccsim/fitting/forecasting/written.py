"""A forecast as lines of a scenario, which read the volume from the file that the forecast was written to."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ccsim.units import WEEKDAYS, format_duration, format_span

if TYPE_CHECKING:
    from ccsim.fitting.forecasting.forecast import Course, Forecast


def scenario_lines(found: Forecast, file: str | Path) -> list[str]:
    """The keys of a scenario that the forecast settles; `file` is where it stands, which the scenario has to lie beside.

    Handle time, patience and staff are not among them.
    """
    record = found.record
    spans: dict[str, list[int]] = {}
    for w in range(7):
        places = np.flatnonzero(record.open_slots[w])
        if len(places):
            span = format_span(float(places[0]) * record.interval, float(places[-1] + 1) * record.interval)
            spans.setdefault(span, []).append(w)
    hours = ", ".join(f"{days}: {span}" for span, own in spans.items() for days in _runs(own))
    lines = [
        f"date: {found.first}",
        f"days: {(found.last - found.first).days + 1}",
        f"open: {{{hours}}}",
        f"interval: {format_duration(record.interval)}",
    ]
    if found.closed:
        lines.append(f"holidays: [{', '.join(str(date) for date in sorted(found.closed))}]")
    lines.append("calls:")
    types = found.courses[1:] or found.courses
    for course in types:
        column = "mean" if len(found.courses) == 1 else f"{course.name} mean"
        lines += [
            f"  {json.dumps(course.name)}:",
            f"    volume: {{file: {json.dumps(Path(file).name)}, column: {json.dumps(column)}}}",
            "    volume_counts: offered   # counts hold those who call again, where the scenario has redials or repeats",
            f"    busyness: {{{_busyness(course)}}}   # how far days and intervals may lie from the forecast",
        ]
    return lines


def _runs(weekdays: list[int]) -> list[str]:
    """Weekdays in ascending order as days and runs of days: mon-fri."""
    found: list[list[int]] = []
    for w in weekdays:
        if found and found[-1][-1] == w - 1:
            found[-1].append(w)
        else:
            found.append([w])
    return [WEEKDAYS[run[0]] + (f"-{WEEKDAYS[run[-1]]}" if len(run) > 1 else "") for run in found]


def _busyness(course: Course) -> str:
    told = {"day": course.busyness_day, "interval": course.busyness_interval}
    return ", ".join(f"{name}: {min(cv, 2.0):.4f}" for name, cv in told.items())


def day_rows(found: Forecast, course: Course) -> list[tuple[dt.date, float | None, float | None, float | None, str]]:
    """Every day from first to last that is usually open: date, mean, low and high of its calls, and why it is closed."""
    place = {date: m for m, date in enumerate(found.dates)}
    rows: list[tuple[dt.date, float | None, float | None, float | None, str]] = []
    for k in range((found.last - found.first).days + 1):
        date = found.first + dt.timedelta(days=k)
        if date in place:
            m = place[date]
            rows.append((date, float(course.day_mean[m]), float(course.day_low[m]), float(course.day_high[m]), ""))
        elif date in found.closed:
            rows.append((date, None, None, None, f"closed: {found.closed[date]}"))
    return rows
