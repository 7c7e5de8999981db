"""Files of records in the folder: what may be kept, which are there, and the fields that all studies of records have."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ccsim.errors import CcsimError, InputError
from ccsim.fitting.told import pairs
from ccsim.units import parse_date, shown
from ccsim.web.blocks import in_fields
from ccsim.web.boxes import Box, Typed
from ccsim.web.refusals import LOG, Refused
from ccsim.web.workspace import LARGEST_RECORDS, RECORDS, Entry, Workspace

if TYPE_CHECKING:
    from ccsim.web.blocks import Block
    from ccsim.web.studies.study import Finding, Subject, Values

FOLDER: Final = "records"  # subfolder of the workspace that dropped records are kept in
# What faults and notes say of options of the commands, as somebody reads it who has the fields below
_FIELDS: Final = (
    ("say --dates dmy or mdy", "say it under “Dates such as 03/04”"),
    ("or say with --date from which", "or say under “First day” from which"),
    ("say what it means with --outcomes WORD=", "say what it means under “What outcomes mean”: WORD="),
    ("Say which with --columns ", "Say which under “What columns mean”: "),
    ("name it with --activities", "choose it under “What activity codes mean”"),
    ("--activities says what codes in --staff or --attendance mean", "Codes are those of a roster or a log of attendance"),
    ("--activities says what codes in --staff mean", "Codes are those of a roster"),
    ("or leave --given forecast out", "or take the calls that came"),
    ("with --staff", "under “Roster of the days to predict”"),
    ("for --holidays", "under “Holidays”"),
    ("--columns", "“What columns mean”"),
    ("--outcomes", "“What outcomes mean”"),
    ("--leave-out", "“Rows that are no callers”"),
    ("--announcement", "“Announcement”"),
    ("--counted-at", "“Counts by interval book a call”"),
    ("--activities", "“What activity codes mean”"),
    ("--attendance", "“Attendance”"),
    ("--staff", "“Roster”"),
    ("--dates", "“Dates such as 03/04”"),
    ("--date", "“First day”"),
    ("--holidays", "“Holidays”"),
    ("--train", "“Calls to learn from”"),
    ("--test", "“Calls to predict”"),
    ("--threshold", "“Answered in time”"),
    ("--interval", "“Compared by”"),
    ("--seed", "“Seed”"),
    ("--events", "“Events”"),
    ("--sheet", "“Sheet”"),
    ("--short-abandon", "“Short hang-ups”"),
    ("--method", "“Law of the days”"),
)
_ELSEWHERE: Final = (".csv", ".parquet")  # records that were put into the folder by hand


def keep(workspace: Workspace, name: str, content: bytes) -> str:
    """Keep a file of records that was dropped; its name in the folder. Raises `CcsimError` for what is no table, which is not kept."""
    if len(content) > LARGEST_RECORDS:
        raise Refused(f"the file has {len(content):,} bytes; the page takes at most {LARGEST_RECORDS:,}")
    ending = Workspace.safe_name(name)[1]
    if ending not in RECORDS:
        raise Refused(f"records come as {', '.join(RECORDS)}; {ending} is none of them")
    kept = workspace.add(name, content, FOLDER)
    try:
        headings(workspace, kept)
    except CcsimError:
        workspace.path(kept).unlink()
        raise
    LOG.info("kept %s, %d bytes", kept, len(content))
    return kept


def listed(workspace: Workspace) -> list[Entry]:
    """Files that may be records: those dropped, and tables that were put into the folder by hand."""
    there = workspace.entries(RECORDS)
    own = [entry for entry in there if entry.name.startswith(f"{FOLDER}/")]
    others = [entry for entry in there if entry.name.endswith(_ELSEWHERE) and not entry.name.startswith((f"{FOLDER}/", "forecasts/"))]
    return own + others


def headings(workspace: Workspace, name: str) -> list[str]:
    """The headings of a file's columns; raises `InputError` with a sentence that names the file as the folder does."""
    from ccsim.fitting.tables import open_table
    from ccsim.inputs.book_file import sheets_of

    path = workspace.path(name)
    if path.suffix.lower() == ".xlsx":
        sheets_of(path, name)  # refuses what would fill the memory
    try:
        with open_table(path, size=1000) as table:
            if len(table.header) < 2:
                raise InputError(f"{name} has one column only, and is no table of records")
            return table.header
    except InputError as fault:
        raise InputError(str(fault).replace(str(path), name)) from None


def file_box(subject: Subject, name: str, label: str, hint: str, required: bool = False) -> Box:
    """The choice of a file of records."""
    return Box(name, label, hint, required=required, choices={entry.name: entry.name for entry in listed(subject.workspace)})


def reading_boxes() -> tuple[Box, ...]:
    """Fields on how a file is read, needed only where its headings and dates do not tell."""
    return (
        Box("columns", "What columns mean", "only where it is not found: arrival=q_start_s, wait=q_time", _pairs, wide=True),
        Box("dates", "Dates such as 03/04", "asked for only where nothing else tells", choices={"dmy": "day first", "mdy": "month first"}),
        Box("date", "First day", "where plain seconds are counted from its midnight, such as 2027-04-12", day),
        Box("sheet", "Sheet", "of a spreadsheet; left out: the first", more=True),
    )


def holiday_boxes(subject: Subject, belongs: Callable[[Typed], bool] | None = None) -> tuple[Box, ...]:
    """Fields on holidays: a file of the folder, or a code; what is typed never names a file."""
    hint = "a country or a part of it such as DE-BY, us-federal, or none; left out, closed days tell"
    dated = file_box(subject, "holiday_file", "Holidays of your own", "columns date, name, factor; in place of a country")
    return (Box("holidays", "Holidays", hint, belongs=belongs), dataclasses.replace(dated, belongs=belongs, more=True))


def holiday_faults(values: Values) -> dict[str, str]:
    """What is wrong with holidays, by field."""
    from ccsim.fitting.forecasting.calendar import NONE, US_FEDERAL, is_country

    told = values["holidays"]
    if told and values["holiday_file"]:
        return {"holiday_file": f"Holidays of {shown(told, 60)} are asked for, too; leave one of them out."}
    if told and told not in (NONE, US_FEDERAL) and not is_country(told):
        return {"holidays": f"Found {shown(told, 60)}; here stands a code such as DE-BY, {US_FEDERAL} or {NONE}, and no file."}
    return {}


def outcome_boxes() -> tuple[Box, ...]:
    """Fields on what became of calls."""
    return (
        Box("outcomes", "What outcomes mean", "AGENT=answered, HANG=abandoned; also blocked, left out", _pairs, wide=True),
        Box(
            "leave_out", "Rows that are no callers", "a line for each rule; cells on a line must all be so, such as outcome=HANG, q_time=0",
            _rules, wide=True,
        ),
    )  # fmt: skip


def day(text: str) -> str:
    """A date as it was typed; raises `InputError` for what is none."""
    parse_date(text.strip())
    return text.strip()


def _pairs(text: str) -> dict[str, str]:
    return pairs("here", [text.replace("\n", ",").strip(" ,")])


def _rules(text: str) -> list[dict[str, str]]:
    return [pairs("here", [line.strip(" ,")]) for line in text.splitlines() if line.strip(" ,")]


def path_of(subject: Subject, values: Values, name: str) -> str | None:
    """Where the file lies that was chosen in a field; None where none was."""
    return None if values.get(name) is None else str(subject.workspace.path(values[name]))


def in_fields_of_records(words: str) -> str:
    """A sentence of a command that reads records, for somebody who has the fields of the page.

    >>> in_fields_of_records("It has dates such as 03/04; say --dates dmy or mdy")
    'It has dates such as 03/04; say it under “Dates such as 03/04”'
    """
    words = in_fields(words)
    for option, said in _FIELDS:
        words = words.replace(option, said)
    return words


def local(subject: Subject, found: Finding) -> Finding:
    """A finding with the names of files as the folder has them: where it lies on this machine is nobody's business."""
    root = f"{subject.workspace.root}{os.sep}"

    def told(thing: Any, say: Callable[[str], str]) -> Any:
        if isinstance(thing, str):
            return say(thing.replace(root, ""))
        if isinstance(thing, list):
            return [told(one, say) for one in thing]
        if isinstance(thing, dict):
            return {key: told(one, say) for key, one in thing.items()}
        return thing

    said, tables = told(list(found.said), in_fields_of_records), told(found.tables, str)
    blocks = [line for block in told(found.blocks, in_fields_of_records) for line in _lines(block)]
    return dataclasses.replace(found, said=said, blocks=blocks, tables=tables, text=told(found.text, str))


def _lines(block: Block) -> list[Block]:
    """A text of several lines as one block a line: a page would run them together."""
    if block["kind"] != "text" or "\n" not in block["text"]:
        return [block]
    return [{**block, "text": line.removeprefix("- ")} for line in block["text"].splitlines() if line.strip()]
