"""How well the days of one file are predicted from those of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ccsim.units import parse_duration
from ccsim.web.boxes import YES, YES_OR_NO, Box, number_from, some_time, yes
from ccsim.web.jobs import Tell
from ccsim.web.records import day, file_box, holiday_boxes, holiday_faults, local, outcome_boxes, path_of, reading_boxes
from ccsim.web.studies.common import SEED
from ccsim.web.studies.study import Finding, Study, Subject, Values, csv_text, picture, printed
from ccsim.web.telling import days

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CALLS, _FORECAST = "calls", "forecast"
_GIVEN: Final = {_CALLS: "the calls that came", _FORECAST: "a forecast of them, made from the first days"}


def _boxes(subject: Subject) -> tuple[Box, ...]:
    return (
        file_box(subject, "train", "Calls to learn from", "a row a call", required=True),
        file_box(subject, "test", "Calls to predict", "of other days, with the same headings", required=True),
        file_box(subject, "staff", "Roster of the days to predict", "left out, staff is read off the calls answered"),
        file_box(subject, "activities", "What activity codes mean", "columns code and meaning"),
        Box("given", "The calls of these days are", "", required=True, first=_CALLS, choices=_GIVEN),
        *reading_boxes(),
        Box(
            "test_date", "First day of those to predict", "where plain seconds are counted from its midnight; else that of the others", day
        ),
        *outcome_boxes(),
        Box("threshold", "Answered in time", "left out: within 20 s", parse_duration),
        Box("interval", "Compared by", "left out: 30 min", some_time),
        Box("days", "Paths to play", "40 or more; left out: 100", number_from(40, 2_000)),
        SEED,
        *holiday_boxes(subject, lambda typed: typed.get("given") == _FORECAST),
        Box("short", "Short hang-ups", "hang-ups sooner than this; left out: 5 s", parse_duration, more=True),
        Box(
            "causes", "Ask for the causes", "play again with true ingredients put in; no: sooner done", yes, first=YES, choices=YES_OR_NO,
            more=True,
        ),
    )  # fmt: skip


def _check(subject: Subject, values: Values) -> dict[str, str]:
    if values["train"] == values["test"]:
        return {"test": "These are the calls to learn from: what was learned from a day tells nothing of how well it is predicted."}
    return holiday_faults(values)


def _do(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.reporting.backtest import (
        against_panel,
        error_panel,
        share_panel,
        show_backtest,
        summary,
        wait_panel,
    )  # fmt: skip
    from ccsim.reporting.pictures import panel_svg
    from ccsim.units import format_duration
    from ccsim.validation.as_json import backtest_dict
    from ccsim.validation.asked import backtest_files

    told = {
        name: values[name]
        for name in ("columns", "outcomes", "dates", "date", "test_date", "threshold", "interval", "short", "sheet", "seed")
        if values[name] is not None
    }
    found = backtest_files(
        str(path_of(subject, values, "train")),
        str(path_of(subject, values, "test")),
        staff=path_of(subject, values, "staff"),
        activities=path_of(subject, values, "activities"),
        leave_out=values["leave_out"] or (),
        replications=values["days"],
        given=values["given"],
        holidays=path_of(subject, values, "holiday_file") or values["holidays"],
        files=values["holiday_file"] is not None,
        causes=values["causes"] is not False,
        progress=days(tell, "reading"),
        **told,
    )
    tell("drawing", 0, 0)
    within = f"Share answered within {format_duration(found.threshold)}"

    def drawn(name: str, draw: Any, *more: str) -> str:
        def panel(axes: Axes) -> Axes:
            draw(axes, found, *more)
            return axes

        return panel_svg(name, 3.0, panel)

    pictures = [
        picture("Waits", "Mean wait by interval: predicted with its 95 % band, and what came.", drawn("w", wait_panel)),
        picture("Hung up", "Share of the callers who hung up by interval: predicted, the naive queue, and what came.",
                drawn("h", share_panel, "abandoned_fraction", "Share of the callers who hung up")),
        picture("In time", f"{within} by interval: predicted, the naive queue, and what came.",
                drawn("s", share_panel, "service_level_offered", within)),
        picture("Predicted against actual", "Mean wait of each interval as predicted and as it came, for both.",
                drawn("a", against_panel)),
        picture("Errors", "Mean error of an interval's wait by model, with what luck alone would leave.", drawn("e", error_panel)),
    ]  # fmt: skip
    table = csv_text(backtest_dict(found)["intervals"])
    return local(subject, Finding(summary(found), printed(show_backtest, found), pictures, {"intervals.csv": table}))


STUDY: Final = Study(
    name="backtest",
    title="How well it predicts",
    asks="Learn from the calls of some days, predict those of others, and see beside them what came and what simpler models say: how far a "
    "scenario made of these records can be trusted.",
    boxes=_boxes,
    do=_do,
    check=_check,
    act="Try it",
)
