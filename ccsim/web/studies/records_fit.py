"""From records to a scenario: what is wrong with them, what they say with its intervals, and the scenario that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ccsim.errors import InputError, ScenarioError
from ccsim.inputs import loads
from ccsim.web.boxes import NO, YES, Box, number_from, some_time, yes
from ccsim.web.jobs import Tell
from ccsim.web.records import file_box, local, outcome_boxes, path_of, reading_boxes
from ccsim.web.studies.study import Finding, Study, Subject, Values, csv_text, picture, printed

if TYPE_CHECKING:
    from ccsim.fitting.fit import Fit

FEWEST, MOST = 5, 400  # sets of parameters, as `ccsim.fitting.drawn` has them
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
        Box(
            "draws", "Sets of parameters", "such as 40, kept with the scenario: a run tells what records leave open; left out: none",
            number_from(FEWEST, MOST), more=True,
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
        sheet=values["sheet"],
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
    repeats = bool(values["repeats"])
    text = scenario_text(found, repeats)
    try:
        loads(text)
    except ScenarioError as fault:
        raise InputError(f"what {found.source.name} says makes no scenario: {fault}") from None
    draws = "" if values["draws"] is None else _draws(found, values["draws"], repeats)
    stem = str(values["calls"]).rpartition("/")[2].rpartition(".")[0]
    said = [*in_short(found), *([f"{values['draws']} sets of parameters are kept with the scenario once it is opened."] if draws else [])]
    return local(subject, Finding(said, printed(show_fit, found), pictures, tables, text, stem, "Open the scenario", draws=draws))


def _draws(found: Fit, count: int, repeats: bool) -> str:
    """So many sets of parameters, all of which the records allow, as a file."""
    from ccsim.experiment.drawn import luck_of
    from ccsim.fitting.drawn import draw_parameters
    from ccsim.fitting.draws_file import draws_text

    return draws_text(draw_parameters(found, count, luck_of(1), repeats))


def _faults(found: Fit) -> dict[str, str]:
    """The rows with faults in any of the files as a table, where there are any."""
    from ccsim.reporting.fitting import faulty_rows

    rows = [{"file": name, **row} for name, own in faulty_rows(found).items() for row in own]
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
