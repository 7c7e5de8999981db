"""Studies say what the commands say, are refused beside the field that is wrong, and their answers outlive the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ccsim.errors import CcsimError
from ccsim.inputs import load
from ccsim.staffing import requirement
from ccsim.web.boxes import Misfilled
from ccsim.web.desk import Desk
from ccsim.web.refusals import Refused
from ccsim.web.studies import OF_A_SCENARIO, STUDIES
from ccsim.web.studies.study import Subject
from tests.web.conftest import ONE_EACH, SCENARIO

LONG = 900.0  # s; the first run may have to compile the engine

YEARLY = """
title: A small centre
date: 2028-01-17
open: {mon-fri: 09:00-12:00}
interval: 1 h
target: {wait: 30 s, share: 80 %}
calls:
  orders:
    volume: {calls a year: 15000, low: -20 %, high: 20 %}
    handle_time: 4 min
    patience: 5 min
shrinkage:
  sickness: {share: 10 %, kind: absence}
schedule: {lengths: [3 h], lunch: {length: 0 min}, part_time: {share: 0 %}}
"""


AT_NINE = {"at": "09:00", "waiting": "6", "oldest": "40 s", "agents": "15"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk over a folder with a day to play and a year to size."""
    folder = tmp_path_factory.mktemp("studies")
    (folder / "twenty.yaml").write_text(SCENARIO, encoding="utf-8")
    (folder / "year.yaml").write_text(YEARLY, encoding="utf-8")
    (folder / "path.yaml").write_text(SCENARIO.replace("08:00-10:00", "00:00-24:00") + "days: 7\nwarm_up: 1 h\n", encoding="utf-8")
    (folder / "rules.yaml").write_text("lengths: [25 days]\n", encoding="utf-8")
    made = Desk(folder, lanes=ONE_EACH, nice=0)
    yield made
    made.close()


def asked(desk: Desk, of: str, typed: Mapping[str, Any], name: str = "twenty.yaml") -> dict[str, Any]:
    """What a study answers."""
    job = desk.study(of, name, typed, "me")
    assert job.over.wait(LONG)
    assert job.state == "done", job.error
    assert job.answer is not None
    return desk.shelf.shown(job.answer["key"])


def rows_of(desk: Desk, found: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    """The rows of a table that was kept with an answer."""
    called, content = desk.shelf.table(found["key"], found["tables"].index(name))
    assert called == name
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_agents_by_formula_are_those_of_the_command_and_outlive_the_page(desk: Desk) -> None:
    found = asked(desk, "staff", {"by": "formula"})
    need = requirement(load(desk.workspace.root / "twenty.yaml"))
    assert [float(row["required_agents"]) for row in rows_of(desk, found, "intervals.csv")] == need.required_agents.tolist()
    assert f"{int(need.required_agents.max())} on duty" in found["said"][0]
    after = Desk(desk.workspace.folder)
    try:
        assert after.shelf.shown(found["key"]) == found
        assert after.shelf.picture(found["key"], 0).startswith(b"<svg")
        listed = next(one for one in after.shelf.listed() if one.key == found["key"])
        assert listed.title == "Agents by interval: Twenty people"
        assert listed.said == found["said"][0]
    finally:
        after.close()


def test_people_to_roster_are_surer_than_by_division(desk: Desk) -> None:
    rows = rows_of(desk, asked(desk, "people", {"certainty": "95 %"}), "people.csv")
    assert all(float(row["chance"]) >= 0.95 for row in rows)
    assert all(float(row["rostered"]) >= float(row["divided"]) for row in rows)


def test_a_key_is_varied_under_the_same_luck_and_is_played_nowhere_else(desk: Desk) -> None:
    typed = {"key": "staff.day.agents", "values": "18, 26", "days": "20"}
    found = asked(desk, "sweep", typed)
    rows = [row for row in rows_of(desk, found, "sweep.csv") if row["measure"] == "service_level_offered"]
    few, many = (float(row["mean"]) for row in rows)
    assert few < many
    assert found["said"][0].partition(";")[0].endswith("with staff.day.agents at 26")
    assert desk.typed(found["key"]) == typed
    assert desk.shelf.runs() == []


def test_why_the_answer_is_not_erlangs_is_told_step_by_step(desk: Desk) -> None:
    found = asked(desk, "explain", {"days": "20"})
    rows = rows_of(desk, found, "steps.csv")
    bars = [float(row["mean"]) for row in rows if row["row"] == "bar"]
    steps = [float(row["mean"]) for row in rows if row["row"] == "step"]
    assert sum(steps) == pytest.approx(bars[-1] - bars[0])
    assert len(found["pictures"]) == 1


def test_a_sized_centre_and_its_shifts_become_scenarios_of_their_own(desk: Desk) -> None:
    found = asked(desk, "size", {"checked": "no"}, "year.yaml")
    sized = desk.keep_scenario(found["key"])
    assert sized == "year-sized.yaml"
    assert desk.workspace.load(sized).staff
    assert {"cases.csv", "shifts.csv", "sensitivity.csv"} <= set(found["tables"])
    assert [one["title"] for one in found["pictures"]] == ["What the people hang on", "The busiest day"]
    found = asked(desk, "schedule", {"seconds": "1 s", "gap": "10 %", "rules": "year.yaml"}, sized)
    scheduled = desk.workspace.load(desk.keep_scenario(found["key"]))
    assert scheduled.title == "A small centre (sized) (scheduled)"
    people = {(row["agent"]) for row in rows_of(desk, found, "roster.csv")}
    assert sum(group.people or 0 for group in scheduled.staff.values()) >= len(people) > 0


@pytest.mark.parametrize(
    "of, typed, field, said",
    [
        ("sweep", {"key": "staff.day.agents", "values": "18, many"}, "values", "many"),
        ("sweep", {"key": "staff.day.agents", "values": "18, 18"}, "values", "twice"),
        ("sweep", {"key": "staff.day.agents", "values": "18, [19"}, "values", "not closed"),
        ("sweep", {"key": "staff.night.agents", "values": "18"}, "key", "none of the choices"),
        ("sweep", {"key": "", "values": "18"}, "key", "needed"),
        ("sweep", {"key": "lines", "values": "18", "other": "lines", "other_values": "1"}, "other", "again"),
        ("staff", {"by": "simulation", "confidence": "120 %"}, "confidence", "120 %"),
        ("staff", {"by": "simulation", "days": "3"}, "days", "from 50 to 200,000"),
        ("staff", {"by": "guessing"}, "by", "none of the choices"),
        ("schedule", {"seconds": "10"}, "seconds", "unit"),
        ("schedule", {"rules": "rules.yaml"}, "rules", "25 days"),
        ("schedule", {"rules": "path.yaml"}, "rules", "none of the choices"),
        ("size", {"seconds": "9 h"}, "seconds", "onger than 6 h"),
        ("now", {"at": "08:40", "waiting": "english", "agents": "15"}, "waiting", "one of each, such as english=12"),
        ("now", {**AT_NINE, "at": "03:00"}, "at", "the centre is closed"),
        ("now", {**AT_NINE, "waiting": "letters=3"}, "waiting", "no call type"),
        ("now", {**AT_NINE, "oldest": ""}, "oldest", "how long the oldest"),
        ("now", {**AT_NINE, "oldest": "3 h"}, "oldest", "longer than that"),
        ("now", {**AT_NINE, "agents": "9000"}, "agents", "are on duty"),
        ("now", {**AT_NINE, "on": "99"}, "on", "people; make it less"),
        ("now", {**AT_NINE, "calls_so_far": "2"}, "calls_so_far", "more cannot wait than have called"),
        ("now", {**AT_NINE, "free": "3"}, "free", "either nobody waits or nobody is free"),
        ("now", {**AT_NINE, "span": "9 h"}, "span", "15 min to 4 h"),
        ("now", {**AT_NINE, "by": "cost"}, "by", "What is cheapest needs"),
        ("slots", {"group": "night"}, "group", "none of the choices"),
        ("people", {"certainty": "100 %"}, "certainty", "less than 100 %"),
        ("explain", {"other": "../secret.yaml"}, "other", "none of the choices"),
        ("size", {"others": ["../secret.yaml"]}, "others", "none of the choices"),
        ("size", {}, "", "calls a year"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_beside_its_field(desk: Desk, of: str, typed: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(Misfilled) as refused:
        desk.study(of, "twenty.yaml", typed, "me")
    assert said in refused.value.faults[field]
    assert desk.jobs.unfinished() == []


def test_fields_that_do_not_belong_are_not_read(desk: Desk) -> None:
    found = asked(desk, "staff", {"by": "formula", "days": "3", "confidence": "nonsense"})
    assert found["kind"] == "study"


def test_a_study_is_ended_by_who_began_it_and_keeps_nothing(desk: Desk) -> None:
    before = [one.key for one in desk.shelf.listed()]
    typed = {"key": "staff.day.agents", "values": "18, 19, 20", "days": "100000"}
    job = desk.study("sweep", "twenty.yaml", typed, "me")
    with pytest.raises(Refused):
        desk.end(job.id, "somebody")
    desk.end(job.id, "me")
    assert job.over.wait(LONG)
    assert job.state == "ended"
    assert desk.typed(job.id) == typed  # what was asked can be changed and asked again
    assert [one.key for one in desk.shelf.listed()] == before


def test_every_study_has_fields_that_say_what_belongs_in_them(desk: Desk) -> None:
    for study in OF_A_SCENARIO:
        subject = Subject(desk.workspace, "twenty.yaml")
        for box in study.boxes(subject):
            assert box.label, study.name
            assert box.hint or box.choices, (study.name, box.name)
    assert set(STUDIES) >= {"staff", "schedule", "people", "slots", "size", "sweep", "explain", "rules"}


@pytest.mark.parametrize(
    "key", ["study-20270412T080000-0123abcd", "study-../secret", "study-20270412T080000-0123abcd/../../x", "study-1"]
)  # fmt: skip
def test_a_study_that_is_not_kept_is_not_there(desk: Desk, key: str) -> None:
    with pytest.raises(CcsimError):
        desk.shelf.shown(key)
    with pytest.raises(CcsimError):
        desk.keep_scenario(key)


def test_a_run_goes_on_until_a_measure_is_known(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Misfilled, match="Days to play are given too"):
        desk.play("twenty.yaml", {"days": "20", "precision": "2 pt"}, "me")
    with pytest.raises(Misfilled, match="precision"):
        desk.play("twenty.yaml", {"precision": "2 pt", "measure": "mean_wait"}, "me")
    job = desk.play("twenty.yaml", {"precision": "40 %", "measure": "mean_wait"}, "me")
    assert job.over.wait(LONG)
    assert job.state == "done", job.error
    assert job.answer is not None
    said = " ".join(block.get("text", "") for block in desk.shelf.shown(job.answer["key"])["blocks"])
    assert "was known to 40 %" in said
    assert "Set against what luck brought" in said  # as always with a precision


def test_one_long_path_is_cut_into_batches_and_its_report_is_of_the_same_path(desk: Desk) -> None:
    with pytest.raises(Misfilled, match="Days to play are given too"):
        desk.play("path.yaml", {"days": "20", "batches": "6"}, "me")
    with pytest.raises(Misfilled, match="give at most 6, or make days longer"):
        desk.play("path.yaml", {"batches": "20"}, "me")
    job = desk.play("path.yaml", {"batches": "6", "seed": "3"}, "me")
    assert job.over.wait(LONG)
    assert job.state == "done", job.error
    assert job.answer is not None
    found = desk.shelf.shown(job.answer["key"])
    said = " ".join(block.get("text", "") for block in found["blocks"])
    assert "cut into 6 batches of a day" in said
    job = desk.make(found["numbers"][0], "report", "me")
    assert job.over.wait(LONG)
    assert job.state == "done", job.error
    path = desk.shelf.made(found["numbers"][0], "report")
    assert path is not None
    assert "6 batches" in path.read_text(encoding="utf-8")


def test_what_a_supervisor_was_told_and_the_card_to_print_outlive_the_page(desk: Desk) -> None:
    typed = {"at": "08:40", "waiting": "support=6", "oldest": "40 s", "agents": "15", "futures": "40"}
    now, card = asked(desk, "now", typed), asked(desk, "card", {"pool": "home", "share": "10 %"})
    after = Desk(desk.workspace.folder)
    try:
        assert after.shelf.shown(now["key"]) == now
        assert after.typed(now["key"]) == typed
        assert {now["key"], card["key"]} <= {one.key for one in after.shelf.listed()}
        assert b"<table" in after.shelf.page(card["key"])
        with pytest.raises(CcsimError):
            after.shelf.page(now["key"])
    finally:
        after.close()
