"""The calls of the days to come from counts of those past, and a scenario of the folder with them as its volume."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.errors import InputError
from ccsim.units import DAY, format_clock, parse_date, shown
from ccsim.web.boxes import Box, some_time
from ccsim.web.edit import Path, edited
from ccsim.web.jobs import Tell
from ccsim.web.records import day, file_box, holiday_boxes, holiday_faults, local, path_of, reading_boxes
from ccsim.web.studies.study import Finding, Study, Subject, Values, csv_text, picture, printed

if TYPE_CHECKING:
    from ccsim.fitting.forecasting.forecast import Course, Forecast
    from ccsim.inputs import Scenario

_LAWS: Final = {
    "built-in": "the built-in one",
    "structural": "a structural time series (needs the extra [forecast])",
    "auto": "whichever missed less on the record’s past",
}
MOST_DAYS: Final = 31  # of a scenario that stands in the text of its file interval by interval


def _boxes(subject: Subject) -> tuple[Box, ...]:
    return (
        file_box(subject, "counts", "Counts of the weeks before", "a row an interval, or a row a call", required=True),
        Box("first", "From", "first day of the forecast, such as 2027-04-12", day, required=True),
        Box("last", "To", "last day of the forecast", day, required=True),
        *holiday_boxes(subject),
        Box("into", "Put it into", "a scenario, which opens as a new one with these days and calls", choices=subject.others()),
        Box("type", "Call type there", "left out: of the same name; or the only one", belongs=lambda typed: bool(typed.get("into"))),
        *reading_boxes(),
        Box(
            "counted_at", "Counts by interval book a call", "where it arrives unless told",
            choices={"arrival": "where it arrives", "end": "where it ends"},
        ),
        replace(file_box(subject, "events", "Events", "past and to come: columns date, name, from, to, factor"), more=True),
        Box("interval", "Intervals of", "left out: as those of the counts", _as_typed, more=True),
        Box("method", "Law of the days", "left out: the built-in one", choices=_LAWS, more=True),
    )  # fmt: skip


def _as_typed(text: str) -> str:
    """A duration as it was typed; raises `InputError` for what is none."""
    some_time(text)
    return text.strip()


def _check(subject: Subject, values: Values) -> dict[str, str]:
    first, last = parse_date(values["first"]), parse_date(values["last"])
    if last < first:
        return {"last": f"This is before the first day, {first}; give that or a later one."}
    if values["into"] and (last - first).days >= MOST_DAYS:
        return {"last": f"A scenario takes up to {MOST_DAYS} days of a forecast; give an earlier last day, or leave the scenario out."}
    return holiday_faults(values)


def _do(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.fitting.forecasting.asked import forecast_file
    from ccsim.fitting.forecasting.series import BUILT_IN
    from ccsim.reporting.forecast import days_panel, intervals_panel, show_forecast
    from ccsim.reporting.pictures import panel_svg

    tell("reading and forecasting", 0, 0)
    found = forecast_file(
        str(path_of(subject, values, "counts")),
        values["first"],
        values["last"],
        holidays=path_of(subject, values, "holiday_file") or values["holidays"],
        events=path_of(subject, values, "events"),
        interval=values["interval"],
        method=values["method"] or BUILT_IN,
        columns=values["columns"],
        dates=values["dates"],
        date=values["date"],
        sheet=values["sheet"],
        counted_at=values["counted_at"],
        files=values["holiday_file"] is not None,
    )
    text, said = "", [_total(found)]
    if values["into"]:
        scenario = subject.workspace.load(values["into"])
        text, notes = with_forecast(scenario, found, values["type"])
        said += notes
    tell("drawing", 0, 0)
    pictures = [
        picture("Days", "Calls a day as counted, and of the days to come with the band in which 95 of 100 lie.",
                panel_svg("d", 3.2, lambda axes: days_panel(axes, found))),
        picture("Intervals", "Calls by interval of the first days to come, with the band in which 95 of 100 counts lie.",
                panel_svg("i", 3.2, lambda axes: intervals_panel(axes, found))),
    ]  # fmt: skip
    frame = found.frame()
    rows: Any = frame.assign(start=frame["start"].dt.strftime("%Y-%m-%d %H:%M")).to_dict("records")
    tables = {"forecast.csv": csv_text(rows)}
    into = values["into"] or ""
    return local(
        subject,
        Finding(said, printed(show_forecast, found, None, False), pictures, tables, text, "forecast", "Open the scenario with it", into),
    )


def _total(found: Forecast) -> str:
    whole = found.whole
    days = len(found.dates)
    return f"{whole.day_mean.sum():,.0f} calls on {days} open day{'' if days == 1 else 's'} from {found.first} to {found.last}."


def with_forecast(scenario: Scenario, found: Forecast, into: str | None = None) -> tuple[str, list[str]]:
    """The text of a scenario on the days of a forecast, with its calls as volume; and sentences on what to mind.

    `into` names the call type; left out, each type of the forecast goes into that of its name. Raises `InputError` where there is none.
    """
    from ccsim.inputs import loads

    days = (found.last - found.first).days + 1
    dated: dict[Path, str | None] = {("date",): str(found.first), ("days",): str(days)}
    if found.closed:
        dated["holidays",] = "[" + ", ".join(str(date) for date in sorted(found.closed)) + "]"
    paired = _paired(scenario, found, into)
    # Until the volume of these days stands there, one for each interval of other days may not fit.
    plain: dict[Path, str | None] = {("calls", name, "volume"): "1" for name in paired}
    plain |= {("calls", name, "profile"): None for name in paired}
    moved = loads(edited(scenario.text, dated | plain), scenario.folder)
    edits, notes = dict(dated), []
    for name, course in paired.items():
        volume, left, silent = _volume(moved, found, course)
        edits["calls", name, "volume"] = "[" + ", ".join(f"{number:.6g}" for number in volume) + "]"
        for key in ("profile", "weekdays", "busyness_cv", "busyness-cv"):
            edits["calls", name, key] = None
        edits["calls", name, "volume_counts"] = "offered"
        day, interval = min(course.busyness_day, 2.0), min(course.busyness_interval, 2.0)
        edits["calls", name, "busyness"] = f"{{day: {day:.4f}, interval: {interval:.4f}}}"
        if left > 0.5:
            notes.append(f"{left:,.0f} calls of the forecast come while the scenario is closed and were left out.")
        if silent:
            notes.append(f"At {format_clock(silent[0])} the scenario is open and the record has no calls: there it has none.")
    return edited(scenario.text, edits), notes


def _paired(scenario: Scenario, found: Forecast, into: str | None) -> dict[str, Course]:
    """Courses of the forecast by the call type that takes them."""
    names = {name.casefold(): name for name in scenario.calls}
    if into is not None:
        if into.casefold() not in names:
            raise InputError(f"there is no call type {shown(into, 60)} in {scenario.title}; it has {', '.join(names.values())}")
        return {names[into.casefold()]: found.whole}
    types = found.courses[1:] or found.courses
    same = {names[course.name.casefold()]: course for course in types if course.name.casefold() in names}
    if same:
        return same
    if len(names) == 1:
        return {next(iter(names.values())): found.whole}
    raise InputError(
        f"the scenario has the call types {', '.join(names.values())} and the counts {', '.join(course.name for course in types)}, none of "
        "them alike; say which takes the forecast"
    )


def _volume(scenario: Scenario, found: Forecast, course: Course) -> tuple[list[float], float, list[float]]:
    """Calls by open interval of the scenario's path; calls that come while it is closed; clock times of intervals without a forecast."""
    horizon = scenario.horizon
    midnight = np.datetime64(found.first, "s").astype("int64")
    start = found.start.astype("datetime64[s]").astype("int64") - midnight
    length = found.record.interval
    volume, silent = [], []
    for begin, end in zip(horizon.interval_start, horizon.interval_end, strict=True):
        at = float(horizon.day_of(float(begin))) * DAY + float(horizon.clock(float(begin)))
        # Intervals of the record that lie partly in this one give it that part of their calls.
        overlap = np.clip(np.minimum(start + length, at + float(end - begin)) - np.maximum(start, at), 0.0, None) / length
        volume.append(float((overlap * course.mean).sum()))
        if not overlap.any():
            silent.append(at % DAY)
    return volume, float(course.mean.sum()) - sum(volume), silent


STUDY: Final = Study(
    name="forecast",
    title="A forecast",
    asks="The calls of the days to come by interval, with the bands in which they lie 95 times in 100, and how the method did on the "
    "record’s own past. A scenario of the folder can be opened with them as its volume.",
    boxes=_boxes,
    do=_do,
    check=_check,
    act="Forecast them",
)
