"""From records to a scenario: what is wrong with them, what they say with its intervals, and the scenario that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ccsim.web.boxes import NO, YES, Box, some_time, yes
from ccsim.web.jobs import Tell
from ccsim.web.records import file_box, local, outcome_boxes, path_of, reading_boxes
from ccsim.web.studies.study import Finding, Study, Subject, Values, csv_text, picture, printed

if TYPE_CHECKING:
    from ccsim.fitting.fit import Fit

_MOST_TYPES: Final = 6  # of which pictures are drawn


def _boxes(subject: Subject) -> tuple[Box, ...]:
    return (
        file_box(subject, "calls", "Calls", "a row a call, or counts by interval", required=True),
        file_box(subject, "attendance", "Attendance", "who was to come, and when they came: absence and lateness"),
        file_box(subject, "staff", "Roster", "who was on duty when, as published"),
        file_box(subject, "activities", "What activity codes mean", "columns code and meaning"),
        *reading_boxes(),
        *outcome_boxes(),
        Box(
            "counted_at", "Counts by interval book a call", "where it arrives unless told",
            choices={"arrival": "where it arrives", "end": "where it ends"},
        ),
        Box("announcement", "Announcement", "its length from arrival, before an agent can answer, such as 15 s", some_time),
        Box(
            "repeats", "Calls again after an answer", "ids alone cannot tell a question left open from a new one", yes, first=NO,
            choices={NO: "told only", YES: "in the scenario, too"},
        ),
    )  # fmt: skip


def _do(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.fitting.asked import fit_files
    from ccsim.fitting.written import scenario_text
    from ccsim.reporting.fitting import estimate_rows, in_short, show_fit
    from ccsim.reporting.fitting_pictures import fit_svgs

    found = fit_files(
        str(path_of(subject, values, "calls")),
        attendance=path_of(subject, values, "attendance"),
        staff=path_of(subject, values, "staff"),
        activities=path_of(subject, values, "activities"),
        columns=values["columns"],
        outcomes=values["outcomes"],
        leave_out=values["leave_out"] or (),
        dates=values["dates"],
        date=values["date"],
        counted_at=values["counted_at"],
        announcement=values["announcement"] or 0.0,
        progress=lambda doing: tell(doing, 0, 0),
    )
    tell("drawing", 0, 0)
    pictures = []
    for name, one in list(found.types.items())[:_MOST_TYPES]:
        of = f"{name}: " if len(found.types) > 1 else ""
        pictures += [picture(f"{of}{title}", f"{of}{words}", svg) for title, words, svg in fit_svgs(found, one)]
    tables = {"estimates.csv": csv_text(estimate_rows(found)), **_faults(found)}
    text = scenario_text(found, bool(values["repeats"]))
    stem = str(values["calls"]).rpartition("/")[2].rpartition(".")[0]
    return local(subject, Finding(in_short(found), printed(show_fit, found), pictures, tables, text, stem, "Open the scenario"))


def _faults(found: Fit) -> dict[str, str]:
    """The rows with faults in any of the files as a table, where there are any."""
    told = [(found.source.name, found.source.problems), *found.people_problems.items()]
    rows: list[dict[str, Any]] = [
        {"file": name, **{str(head): cell for head, cell in row.items()}} for name, own in told for row in own.frame().to_dict("records")
    ]
    return {"rows-with-faults.csv": csv_text(rows)} if rows else {}


STUDY: Final = Study(
    name="fit",
    title="A scenario from records",
    asks="What the records say of calls, handle times, patience, redials and people, each number with its interval, what is wrong with the "
    "rows, and the scenario that they make.",
    boxes=_boxes,
    do=_do,
    act="Fit them",
)
