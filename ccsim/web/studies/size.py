"""What a centre takes that does not exist yet: heads by shift, seats, lines, hours and cost, and what they hang on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccsim.units import parse_duration
from ccsim.web.boxes import YES, YES_OR_NO, Box, part_of_all, yes
from ccsim.web.jobs import Tell
from ccsim.web.studies.common import SEED, look_time
from ccsim.web.studies.study import Finding, Study, Subject, Values, fault_of, picture, printed, written_tables
from ccsim.web.telling import shares

if TYPE_CHECKING:
    from ccsim.inputs import Scenario


def _boxes(subject: Subject) -> tuple[Box, ...]:
    return (
        Box("others", "Other centres to pool with it", "left out: this one by itself", choices=subject.others(), several=True, wide=True),
        Box("busy", "Busy signals allowed", "share of callers; left out: 0.1 %", part_of_all),
        Box("handover", "Overlap of two shifts", "at their seats; left out: 15 min", parse_duration),
        Box("certainty", "How often enough turn up", "left out: 95 % of days", part_of_all),
        Box("checked", "Play the busiest week", "and correct the shifts; no: the formula alone", yes, first=YES, choices=YES_OR_NO),
        Box("seconds", "Time to choose shifts", "each time; left out: 4 s", look_time, more=True),
        SEED,
    )


def _check(subject: Subject, values: Values) -> dict[str, str]:
    from ccsim.staffing.sizing.year import months_of

    fault = fault_of(lambda: months_of(subject.scenario))
    if fault:
        return {"": f"{fault} (the key volume of each call type, in the scenario’s form)" if "calls a year" not in fault else fault}
    for name in values["others"] or ():
        fault = fault_of(lambda name=name: months_of(subject.workspace.load(name)))  # type: ignore[misc]
        if fault:
            return {"others": fault}
    return {}


def _do(subject: Subject, values: Values, tell: Tell) -> Finding:
    from ccsim.reporting.sizing import sentences, show_sizing, write_sizing_csv
    from ccsim.reporting.tornado import sizing_svgs
    from ccsim.staffing.sizing import BUSY, CERTAINTY, HANDOVER, SECONDS, size
    from ccsim.staffing.sizing.written import sized_text

    scenarios: list[Scenario] = [subject.scenario, *(subject.workspace.load(name) for name in values["others"] or ())]
    busy, certainty = values["busy"] or BUSY, values["certainty"] or CERTAINTY
    handover = HANDOVER if values["handover"] is None else values["handover"]
    seed = 1 if values["seed"] is None else values["seed"]
    checked, seconds = values["checked"] is not False, values["seconds"] or SECONDS
    found = size(scenarios, busy, handover, certainty, checked, seconds, seed, shares(tell, "choosing shifts"))
    tell("drawing", 0, 0)
    tornado, day = sizing_svgs(found)
    date = found.peak.week.horizon.day_date(found.busiest)
    pictures = [
        picture("What the people hang on", "People on the roster if one input is lower or higher, each by itself.", tornado),
        picture(
            "The busiest day", f"Agents on the busiest day, {date:%A} {date.day} {date:%B}: required in each case, and scheduled.", day
        ),
    ]
    said = sentences(found)
    blocks = [block for block in printed(show_sizing, found) if not block.get("text", "").startswith("`-o`")]
    tables = written_tables(lambda folder: write_sizing_csv(found, folder))
    return Finding(said, blocks, pictures, tables, sized_text(found), "sized", "Open the sized centre as a scenario")


def _by_the_year(scenario: Scenario) -> bool:
    return any(call.yearly is not None for call in scenario.calls.values())


STUDY = Study(
    name="size",
    title="Size the centre",
    asks=(
        "What a centre takes in the year of its date: people by shift, seats, lines, paid hours and cost, low, middle and high, and what "
        "they hang on. It needs the calls by the year."
    ),
    boxes=_boxes,
    do=_do,
    check=_check,
    act="Size it",
    fits=_by_the_year,
)
