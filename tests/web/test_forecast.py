"""Forecasts with the headings that planners use get into a scenario; whatever else is in them is text, or refused with its row."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import xlsxwriter

from ccsim.errors import CcsimError, InputError
from ccsim.web.desk import Desk
from ccsim.web.refusals import Refused
from ccsim.web.workspace import FORECASTS, LARGEST_UPLOAD

HEADINGS = [
    "Interval,Calls Offered,AHT\n08:00,80,300\n08:30,120,310\n09:00,110,305\n09:30,90,300\n",
    "Time;NCO;Avg Handle Time\n08:00;80;5:00\n08:30;120;5:10\n09:00;110;5:05\n09:30;90;5:00\n",
    "start\tvolume\ttalk\tacw\n08:00\t80\t240\t60\n08:30\t120\t250\t60\n09:00\t110\t245\t60\n09:30\t90\t240\t60\n",
    "Period;ACD Calls;Forecast;AHT\n08:00 - 08:30;1;80,0;0,003472222\n08:30 - 09:00;1;120,0;0,003587963\n"
    "09:00 - 09:30;1;110,0;0,003530093\n09:30 - 10:00;1;90,0;0,003472222\n",
    "Date,Start,Contacts,AHT\n" + "".join(f"2027-04-12,{at},{n},{t}\n" for at, n, t in (
        ("08:00", 80, 300), ("08:30", 120, 310), ("09:00", 110, 305), ("09:30", 90, 300))),
]  # fmt: skip


@pytest.mark.parametrize("text", HEADINGS)
def test_a_forecast_is_known_by_its_headings(desk: Desk, text: str) -> None:
    assert desk.dropped("april.csv", text.encode()) == f"/forecast?name={FORECASTS}%2Fapril.csv"
    opened, notes = desk.with_forecast("twenty.yaml", f"{FORECASTS}/april.csv", "support")
    call = opened.draft.scenario().data["calls"]["support"]
    assert [float(one) for one in call["volume"]] == [80, 120, 110, 90]
    assert [float(one.removesuffix(" s")) for one in call["handle_time"]["mean"]] == pytest.approx([300, 310, 305, 300], abs=0.1)
    assert not notes
    assert desk.open("twenty.yaml").draft.data()["calls"]["support"]["volume"] == "400"  # nothing is saved yet


def test_intervals_are_added_up_and_calls_outside_opening_hours_told(desk: Desk) -> None:
    rows = "".join(f"{hour:02d}:{minute:02d},{10}\n" for hour in range(7, 11) for minute in (0, 15, 30, 45))
    desk.dropped("quarters.csv", f"time,calls\n{rows}".encode())
    opened, notes = desk.with_forecast("twenty.yaml", f"{FORECASTS}/quarters.csv", "support")
    assert opened.draft.scenario().data["calls"]["support"]["volume"] == ["20", "20", "20", "20"]
    assert notes == ["80 calls of the forecast come while the scenario is closed and were left out."]


def test_a_forecast_that_leaves_an_open_interval_out_is_refused(desk: Desk) -> None:
    desk.dropped("short.csv", b"time,calls\n08:00,10\n08:30,10\n09:00,10\n")
    with pytest.raises(InputError, match="no row for the interval from 09:30"):
        desk.with_forecast("twenty.yaml", f"{FORECASTS}/short.csv", "support")


@pytest.mark.parametrize(
    "cell", ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "<script>alert(1)</script>", "nan", "inf", "-5", "1e999", "{{7*7}}", "", "many"]
)
def test_formulas_and_html_in_cells_are_text_that_is_refused_with_its_row(desk: Desk, folder: Path, cell: str) -> None:
    text = f'time,calls\n08:00,10\n08:30,"{cell}"\n09:00,10\n09:30,10\n'
    with pytest.raises(InputError, match=r"row 3") as found:
        desk.dropped("bad.csv", text.encode())
    assert cell[:20] in str(found.value) or not cell
    assert not list((folder / FORECASTS).glob("*"))


def test_formulas_in_a_workbook_are_not_worked_out(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Forecast")
        for row, (at, calls) in enumerate((("time", "calls"), ("08:00", 10), ("08:30", 20), ("09:00", 30), ("09:30", 40))):
            sheet.write(row, 0, at)
            sheet.write(row, 1, calls)
        sheet.write_formula(3, 1, '=HYPERLINK("http://example.invalid","x")', value=30)
        sheet.write(0, 2, "<img src=x onerror=alert(1)>")
        sheet.write(1, 2, "<b>hi</b>")
    desk.dropped("sheet.xlsx", path.read_bytes())
    opened, _ = desk.with_forecast("twenty.yaml", f"{FORECASTS}/sheet.xlsx", "support")
    assert opened.draft.scenario().data["calls"]["support"]["volume"] == ["10", "20", "30", "40"]
    assert "http" not in opened.draft.current
    assert "<" not in opened.draft.current


@pytest.mark.parametrize("name, content", [
    ("a.yaml", b"\xff\xfe\x00"), ("a.yaml", b"x: !!python/object/apply:os.system [ls]\n"), ("a.xlsx", b"not a workbook"),
    ("a.xlsx", b"PK\x03\x04broken"), ("a.csv", b""), ("a.csv", b"\x00\x01"), ("a.csv", b"<html><script>alert(1)</script></html>"),
    ("a.yaml", b"calls: {a: {volume: {file: ../../etc/passwd, column: x}, handle_time: 3 min}}\nopen: 08:00-10:00\n"),
])  # fmt: skip
def test_what_is_neither_scenario_nor_forecast_is_refused_and_not_kept(desk: Desk, folder: Path, name: str, content: bytes) -> None:
    before = sorted(path for path in folder.rglob("*") if path.is_file() and ".ccsim" not in path.parts)
    with pytest.raises(CcsimError):
        desk.dropped(name, content)
    assert sorted(path for path in folder.rglob("*") if path.is_file() and ".ccsim" not in path.parts) == before


def test_a_file_that_is_too_large_is_refused_and_logged(desk: Desk, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "ccsim.web"), pytest.raises(Refused, match="at most"):
        desk.dropped("huge.csv", bytes(LARGEST_UPLOAD + 1))
    assert "refused" in caplog.text
    assert "refused" in (folder / ".ccsim" / "page.log").read_text()


def test_a_scenario_dropped_is_kept_as_it_was(desk: Desk, folder: Path) -> None:
    text = (folder / "twenty.yaml").read_bytes()
    assert desk.dropped("twenty.yaml", text) == "/scenario?name=twenty-2.yaml"
    assert (folder / "twenty-2.yaml").read_bytes() == text


def test_a_workbook_of_the_template_opens_as_a_scenario_and_is_saved_beside(desk: Desk, folder: Path, tmp_path: Path) -> None:
    from ccsim.inputs import load
    from ccsim.reporting.template_book import write_template

    write_template(tmp_path / "book.xlsx", load(folder / "twenty.yaml"))
    assert desk.dropped("book.xlsx", (tmp_path / "book.xlsx").read_bytes()) == "/scenario?name=book.xlsx"
    opened = desk.open("book.xlsx")
    opened.draft.type(("calls", "support", "volume"), "500")
    assert desk.save(opened).name == "book.yaml"
    assert (folder / "book.xlsx").read_bytes() == (tmp_path / "book.xlsx").read_bytes()
