"""From records on the page: files kept or refused, the scenario that they make, a forecast, and how well days are predicted."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ccsim.errors import CcsimError, InputError
from ccsim.fitting import tables
from ccsim.fitting.forecasting.asked import told_holidays
from ccsim.fitting.tables import open_table
from ccsim.inputs import load, loads
from ccsim.web import records, work
from ccsim.web.boxes import Misfilled, read_boxes
from ccsim.web.desk import Desk
from ccsim.web.refusals import Refused
from ccsim.web.studies import STUDIES
from ccsim.web.studies.study import Finding, Subject, csv_text
from ccsim.web.workspace import LARGEST_RECORDS
from tests.simulation.recorded_worlds import ONE_TEAM, recorded
from tests.web.conftest import ONE_EACH, SCENARIO

LONG = 900.0  # s; the first run may have to compile the engine
DAYS = 21
OPTION = re.compile(r"--\w| -o ")  # of a command, which nobody has who looks at a page


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk over a folder with a scenario, and three weeks of calls and attendance that were dropped."""
    folder = tmp_path_factory.mktemp("records")
    (folder / "twenty.yaml").write_text(SCENARIO, encoding="utf-8")
    made = Desk(folder, lanes=ONE_EACH)
    shrinkage = "shrinkage: {sickness: {share: 20 %, kind: absence}}\n"
    calls, attendance = recorded(tmp_path_factory.mktemp("played"), ONE_TEAM.format(days=DAYS, wrap=20) + shrinkage, 1)
    moments = calls.assign(arrival=pd.Timestamp("2027-03-01") + pd.to_timedelta(calls["arrival"].round(1), unit="s"))
    for later in ("answered_at", "hung_up_at", "ended_at"):
        moments[later] = pd.Timestamp("2027-03-01") + pd.to_timedelta(calls[later].round(1), unit="s")
    early = moments["arrival"] < pd.Timestamp("2027-03-15")
    for name, rows in (("calls.csv", moments), ("first.csv", moments[early]), ("last.csv", moments[~early]), ("people.csv", attendance)):
        assert records.keep(made.workspace, name, rows.to_csv(index=False).encode()) == f"records/{name}"
    yield made
    made.close()


def asked(desk: Desk, of: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What a study of the folder answers; nowhere does it tell where the folder lies."""
    job = desk.study(of, "", typed, "me")
    assert job.over.wait(LONG)
    assert job.state == "done", job.error
    assert job.answer is not None
    found = desk.shelf.shown(job.answer["key"])
    assert str(desk.workspace.root) not in json.dumps(found)
    assert not OPTION.search(json.dumps([found["said"], found["blocks"]]))
    return found


def found_by(desk: Desk, of: str, typed: Mapping[str, Any]) -> Finding:
    """What a study of the folder finds, without a worker."""
    study, subject = STUDIES[of], Subject(desk.workspace)
    values, faults = read_boxes(study.boxes(subject), typed)
    assert not faults
    found = study.do(subject, values, lambda what, done, total: None)
    assert str(desk.workspace.root) not in json.dumps([list(found.said), found.blocks, found.tables, found.text])
    assert not OPTION.search(json.dumps([list(found.said), found.blocks]))
    return found


def rows_of(desk: Desk, found: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    """The rows of a table that was kept with an answer."""
    _, content = desk.shelf.table(found["key"], found["tables"].index(name))
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_records_make_a_scenario_that_opens_with_each_number_in_its_interval(desk: Desk) -> None:
    found = asked(desk, "fit", {"calls": "records/calls.csv", "attendance": "records/people.csv", "draws": "5"})
    assert f"{DAYS} days were used" in found["said"][0]
    estimates = {(row["of"], row["what"]): row for row in rows_of(desk, found, "estimates.csv")}
    low, high = (float(part.split()[0]) for part in estimates["help", "handle time, mean"]["95 %"].split(" to "))
    assert low <= 220.0 <= high
    assert ("people", "sickness (absence)") in estimates
    assert [picture["title"] for picture in found["pictures"]] == ["Calls by interval", "Days", "Handle time", "Patience"]
    name = desk.keep_scenario(found["key"])
    scenario = load(desk.workspace.root / name)
    assert list(scenario.calls) == ["help"]
    assert scenario.shrinkage["sickness"].share == pytest.approx(0.2, abs=0.06)

    # The sets of parameters are kept with it, belong to it alone, and a run tells what the records leave open
    (draws,) = desk.workspace.draws()
    assert draws == f"{name.removesuffix('.yaml')}.draws.json"
    with pytest.raises(Misfilled) as refused:
        desk.play("twenty.yaml", {"days": "4", "draws": draws}, "me")
    assert refused.value.faults["draws"].startswith(draws)
    job = desk.play(name, {"days": "4", "draws": draws}, "me")
    assert job.over.wait(LONG)
    assert job.state == "done", job.error
    told = desk.shelf.shown((job.answer or {})["key"])["blocks"]
    assert "With what the records leave open" in [block.get("title") for block in told]


def test_a_forecast_becomes_the_volume_of_a_scenario_of_its_days(desk: Desk) -> None:
    typed = {"counts": "records/calls.csv", "first": "2027-03-22", "last": "2027-03-23", "into": "twenty.yaml", "holidays": "none"}
    found = found_by(desk, "forecast", typed)
    rows = list(csv.DictReader(io.StringIO(found.tables["forecast.csv"])))
    assert all(float(row["low"]) <= float(row["mean"]) <= float(row["high"]) for row in rows)
    scenario = loads(found.text)
    assert (str(scenario.date), scenario.days) == ("2027-03-22", 2)
    horizon = scenario.horizon
    opens = {float(horizon.clock(float(start))) for start in horizon.interval_start}
    inside = sum(
        float(row["mean"]) for row in rows if pd.Timestamp(row["start"]).hour * 3600 + pd.Timestamp(row["start"]).minute * 60 in opens
    )
    (call,) = scenario.data["calls"].values()
    assert len(call["volume"]) == len(horizon.interval_start)
    assert sum(map(float, call["volume"])) == pytest.approx(inside, rel=1e-3)
    assert [picture["title"] for picture in found.pictures] == ["Days", "Intervals"]


def test_the_days_of_one_file_are_predicted_from_those_of_another(desk: Desk) -> None:
    typed = {"train": "records/first.csv", "test": "records/last.csv", "given": "calls", "days": "40"}
    found = found_by(desk, "backtest", typed)
    assert found.said[0].startswith("Foretold are a mean wait of")
    rows = list(csv.DictReader(io.StringIO(found.tables["intervals.csv"])))
    assert len(rows) == 7 * 16
    assert {"actual_mean_wait", "predicted_mean_wait", "predicted_low", "naive_mean_wait"} <= rows[0].keys()
    assert len(found.pictures) == 5


@pytest.mark.parametrize(
    "of, typed, field",
    [
        ("fit", {"calls": "records/nothing.csv"}, "calls"),
        ("fit", {"calls": "../secret.yaml"}, "calls"),
        ("fit", {"calls": "records/calls.csv", "columns": "arrival"}, "columns"),
        ("forecast", {"counts": "records/calls.csv", "first": "2027-03-23", "last": "2027-03-22"}, "last"),
        ("forecast", {"counts": "records/calls.csv", "first": "soon", "last": "2027-03-22"}, "first"),
        ("forecast", {"counts": "records/calls.csv", "first": "2027-03-22", "last": "2027-03-22", "holidays": "/etc/passwd"}, "holidays"),
        ("forecast", {"counts": "records/calls.csv", "first": "2027-03-22", "last": "2027-03-22", "holidays": "secret"}, "holidays"),
        ("forecast", {"counts": "records/calls.csv", "first": "2027-03-22", "last": "2027-03-22", "events": "/etc/passwd"}, "events"),
        ("forecast", {"counts": "records/calls.csv", "first": "2027-03-22", "last": "2027-03-22", "interval": "30"}, "interval"),
        ("fit", {"calls": "records/calls.csv", "leave_out": "outcome=abandoned, outcome=blocked"}, "leave_out"),
        ("backtest", {"train": "records/first.csv", "test": "records/first.csv", "given": "calls"}, "test"),
    ],
)
def test_what_cannot_be_asked_is_told_beside_its_field(desk: Desk, of: str, typed: dict[str, str], field: str) -> None:
    with pytest.raises(Misfilled) as refused:
        desk.study(of, "", typed, "me")
    assert field in refused.value.faults


def test_holidays_typed_into_the_page_read_no_file(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("XX", "secret"):
        (tmp_path / name).write_text("date,name\n2027-03-22,secret\n", encoding="utf-8")
    typed = {"counts": "records/calls.csv", "first": "2027-03-22", "last": "2027-03-22", "holidays": "XX"}
    with pytest.raises(InputError, match="XX"):
        found_by(desk, "forecast", typed)
    with pytest.raises(InputError, match="XX"):
        found_by(desk, "backtest", {"train": "records/first.csv", "test": "records/last.csv", "given": "forecast", "holidays": "XX"})
    march = dt.date(2027, 3, 1), dt.date(2027, 3, 31)
    assert [day.name for day in told_holidays("secret", *march) or []] == ["secret"]  # as commands do
    with pytest.raises(InputError, match="secret"):
        told_holidays("secret", *march, files=False)


def test_a_forecast_is_kept_beside_the_scenario_that_it_was_put_into(desk: Desk) -> None:
    plans = desk.workspace.root / "plans"
    plans.mkdir()
    (plans / "a.yaml").write_text(SCENARIO, encoding="utf-8")
    typed = {"counts": "records/calls.csv", "first": "2027-03-22", "last": "2027-03-23", "into": "plans/a.yaml", "holidays": "none"}
    name = desk.keep_scenario(asked(desk, "forecast", typed)["key"])
    assert name == "plans/a-forecast.yaml"
    assert load(desk.workspace.root / name).title == "Twenty people (forecast)"


def test_each_line_is_a_rule_of_its_own_on_rows_that_are_no_callers(desk: Desk) -> None:
    boxes = STUDIES["fit"].boxes(Subject(desk.workspace))
    values, faults = read_boxes(boxes, {"calls": "records/calls.csv", "leave_out": "outcome=PHANTOM\noutcome=HANG, q_time=0\n"})
    assert not faults
    assert values["leave_out"] == [{"outcome": "PHANTOM"}, {"outcome": "HANG", "q_time": "0"}]
    calls = pd.read_csv(desk.workspace.path("records/calls.csv"))
    often = calls["agent"].value_counts()
    rules = "\n".join(f"agent={agent}" for agent in often.index[:2])
    found = found_by(desk, "fit", {"calls": "records/calls.csv", "leave_out": rules})
    assert f"{often.iloc[0] + often.iloc[1]:,} rows" in json.dumps([list(found.said), found.blocks])


def test_rows_with_faults_of_every_file_are_listed_with_its_name_and_no_cell_is_a_formula(desk: Desk) -> None:
    people = desk.workspace.read("records/people.csv").decode().splitlines()
    heads = people[0].split(",")
    bad = people[1].split(",")
    bad[heads.index("start")] = '=HYPERLINK("http://evil.example")'
    kept = records.keep(desk.workspace, "faulty.csv", "\n".join([*people, ",".join(bad)]).encode())
    found = found_by(desk, "fit", {"calls": "records/calls.csv", "attendance": kept})
    rows = list(csv.DictReader(io.StringIO(found.tables["rows-with-faults.csv"])))
    assert {row["file"] for row in rows} >= {kept}
    assert any("HYPERLINK" in row["found"] for row in rows)
    assert not any((cell or "").startswith(("=", "@")) for row in rows for cell in row.values())


@pytest.mark.parametrize(
    "content, typed",
    [
        ("start,offered\n03/04/2027 09:00,3\n04/04/2027 09:00,5\n", {}),
        ("one,two\n1,2\n", {}),
        ("arrival,wait,outcome\n2027-03-01 09:00:00,5,QQ\n", {}),
        ("arrival,wait,outcome\n2027-03-01 09:00:00,5,answered\n", {"counted_at": "end"}),
        ("arrival,wait,outcome\n300,5,answered\n900,7,answered\n", {}),
        ("start,offered\n2027-03-01 09:00,3\n", {"outcomes": "QQ=answered"}),
    ],
)
def test_faults_are_told_in_terms_of_the_fields(desk: Desk, content: str, typed: dict[str, str]) -> None:
    (desk.workspace.root / "bad.csv").write_text(content, encoding="utf-8")
    told = {"calls": "bad.csv", **typed}
    values, faults = read_boxes(STUDIES["fit"].boxes(Subject(desk.workspace)), told)
    assert not faults
    asking = {"folder": str(desk.workspace.root), "study": "fit", "name": "", "values": values, "typed": told}
    with pytest.raises(CcsimError) as fault:
        work.do("study", asking, lambda what, done, total: None)
    assert "bad.csv" in str(fault.value)
    assert not OPTION.search(str(fault.value))


def test_a_packed_file_of_one_long_line_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="more than 1,000,000 letters"):
        records.keep(desk.workspace, "bomb.csv", gzip.compress(b"x" * 5_000_000))
    with pytest.raises(InputError, match="more than 1,000,000 letters"):
        records.keep(desk.workspace, "fields.csv", b'"a\n",' * 300_000)
    table = b"start,offered\n" + b"2027-03-01 09:00,3\n" * 200_000
    kept = records.keep(desk.workspace, "packed.csv", gzip.compress(table))
    path = desk.workspace.path(kept)
    with open_table(path) as found:
        assert sum(len(part.rows) for part in found.parts) == 200_000
    monkeypatch.setattr(tables, "_UNPACKED", 1_000_000)
    with pytest.raises(InputError, match="comes to more than"), open_table(path) as found:
        list(found.parts)
    path.unlink()


def test_texts_that_a_spreadsheet_takes_for_formulas_get_an_apostrophe() -> None:
    cells = ["=1+1", "+cmd|'/C calc'!A0", "-2+3", "@SUM(A1)", " =1", "-0.5", "-2 to 3 s", "plain", -1.5]
    made = list(csv.reader(io.StringIO(csv_text([{"cell": cell} for cell in cells]))))
    assert [row[0] for row in made[1:]] == [f"'{cell}" for cell in cells[:5]] + [str(cell) for cell in cells[5:]]


def test_what_is_no_table_of_records_is_refused_and_not_kept(desk: Desk) -> None:
    before = [entry.name for entry in records.listed(desk.workspace)]
    for name, content in (
        ("records.csv", b"one column\n1\n"),
        ("records.csv", b""),
        ("records.xlsx", b"no workbook"),
        ("records.parquet", b"PAR1 and no more"),
        ("../../records.exe", b"a,b\n1,2\n"),
        ("plan.yaml", b"a: b\n"),
    ):
        with pytest.raises(CcsimError):
            records.keep(desk.workspace, name, content)
    with pytest.raises(Refused, match="at most"):
        records.keep(desk.workspace, "records.csv", bytes(LARGEST_RECORDS + 1))
    assert [entry.name for entry in records.listed(desk.workspace)] == before


def test_where_a_dropped_file_is_kept_is_inside_the_folder_whatever_its_name(desk: Desk) -> None:
    kept = records.keep(desk.workspace, "../../../etc/<b>calls</b>.csv", b"start,offered\n2027-03-01 09:00,3\n")
    path: Path = desk.workspace.path(kept)
    assert path.is_relative_to(desk.workspace.root / "records")
    assert "<" not in kept
    path.unlink()
