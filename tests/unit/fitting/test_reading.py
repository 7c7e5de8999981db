"""Files as switches write them: separators, decimal commas, dates and lengths of time in their spellings, and rows that cannot be right."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ccsim.errors import InputError
from ccsim.fitting.cells import number, read_durations
from ccsim.fitting.people import read_activities, read_people
from ccsim.fitting.records import looks_like_counts, read_calls, read_counts

PLAIN = """arrival,queue,outcome,wait,handle time,agent,caller
2027-04-12 08:00:00,sales,answered,10,180,ann,501
2027-04-12 08:00:30,sales,abandoned,45,,,502
2027-04-12 08:31:00,billing,answered,0,240.5,ben,501
"""


def write(folder: Path, text: str, name: str = "calls.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_a_call_is_read_with_its_types_outcomes_and_times(tmp_path: Path) -> None:
    found = read_calls(write(tmp_path, PLAIN))
    assert found.frame["wait"].tolist() == [10.0, 45.0, 0.0]
    assert found.frame["outcome"].tolist() == ["answered", "abandoned", "answered"]
    assert found.frame["arrival"].tolist()[1] == pd.Timestamp("2027-04-12 08:00:30")
    assert found.types == ("sales", "billing")
    assert found.counts.frame["offered"].tolist() == [2.0, 1.0]
    assert found.problems.left_out == 0


SEMICOLONS = (
    "Call Start;Queue;Outcome;Wait Time;Talk Time;ACW;Agent\n"
    "12.04.2027 08:00:00;sales;handled;0:10;2:30,0;0:00:30;ann\n"
    "12.04.2027 08:00:30;sales;hung up;45,0;;;\n"
    "12.04.2027 08:31;billing;handled;0;240,5;0;ben\n"
)
TABS = SEMICOLONS.replace(";", "\t")


@pytest.mark.parametrize("text", [SEMICOLONS, TABS, "sep=;\n" + SEMICOLONS])
def test_semicolons_tabs_decimal_commas_and_clocked_times_mean_the_same(tmp_path: Path, text: str) -> None:
    frame = read_calls(write(tmp_path, text)).frame
    assert frame["wait"].tolist() == [10.0, 45.0, 0.0]
    np.testing.assert_allclose(frame["handle_time"].to_numpy(), [180.0, np.nan, 240.5])
    assert frame["wrap"].tolist()[0] == 30.0
    assert frame["arrival"].tolist()[2] == pd.Timestamp("2027-04-12 08:31")


def test_a_packed_file_and_an_older_encoding_are_read(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv.gz"
    path.write_bytes(gzip.compress(PLAIN.replace("sales", "Réclamation").encode("cp1252")))
    assert read_calls(path).types[0] == "Réclamation"


def test_a_spreadsheet_gives_what_its_csv_gives(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    pytest.importorskip("python_calamine")
    frame = read_calls(write(tmp_path, PLAIN)).frame
    path = tmp_path / "calls.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("calls")
        for column, title in enumerate(("arrival", "queue", "outcome", "wait", "handle time", "agent", "caller")):
            sheet.write(0, column, title)
        for row, line in enumerate(PLAIN.splitlines()[1:], start=1):
            cells = line.split(",")
            sheet.write_datetime(row, 0, pd.Timestamp(cells[0]).to_pydatetime())
            for column, cell in enumerate(cells[1:], start=1):
                sheet.write(row, column, float(cell) if column in (3, 4) and cell else cell)
    pd.testing.assert_frame_equal(read_calls(path).frame, frame)


@pytest.mark.parametrize(
    "day, told, meant",
    [
        ("13/04/2027", None, "2027-04-13"),
        ("04/13/2027", None, "2027-04-13"),
        ("03/04/2027", "dmy", "2027-04-03"),
        ("03/04/2027", "mdy", "2027-03-04"),
        ("03.04.2027", None, "2027-04-03"),
        ("3-Apr-27", None, "2027-04-03"),
        ("20270403", None, "2027-04-03"),
    ],
)
def test_dates_are_told_apart_by_the_data_or_asked_for(tmp_path: Path, day: str, told: str | None, meant: str) -> None:
    path = write(tmp_path, PLAIN.replace("2027-04-12", day))
    found = read_calls(path, dates=told)  # type: ignore[arg-type]
    assert found.frame["arrival"].iloc[0] == pd.Timestamp(f"{meant} 08:00:00")


def test_dates_that_could_be_read_either_way_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--dates dmy or mdy"):
        read_calls(write(tmp_path, PLAIN.replace("2027-04-12", "03/04/2027")))


@pytest.mark.parametrize("text", ["1807516800", "46489.333333333", "2027-04-12T08:00:00Z", "1807516800000"])
def test_counted_moments_and_iso_moments_agree(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, f"arrival,wait,outcome\n{text},5,answered\n")
    moment = read_calls(path).frame["arrival"].iloc[0]
    assert abs((moment - pd.Timestamp("2027-04-12 08:00:00")).total_seconds()) < 0.01


def test_plain_seconds_need_a_date(tmp_path: Path) -> None:
    path = write(tmp_path, "arrival,wait,outcome\n28800,5,answered\n90000.5,5,answered\n")
    with pytest.raises(InputError, match="--date"):
        read_calls(path)
    assert read_calls(path, date="2027-04-12").frame["arrival"].iloc[1] == pd.Timestamp("2027-04-13 01:00:00.5")


def test_lengths_of_time_are_fractions_of_a_day_only_where_all_are_below_a_second(tmp_path: Path) -> None:
    whole = read_calls(write(tmp_path, "arrival,wait,handle time,agent\n2027-04-12 08:00,0.4,180,ann\n"))
    assert whole.frame["wait"].iloc[0] == 0.4
    parts = read_calls(write(tmp_path, "arrival,wait,handle time,agent\n2027-04-12 08:00,0.0001,0.0035,ann\n"))
    assert parts.frame["handle_time"].iloc[0] == pytest.approx(302.4)
    assert "fractions of a day" in parts.notes[0]


def test_durations_are_seconds_clocked_or_with_units() -> None:
    found = read_durations(np.array(["302", "5:02", "0:05:02", "5 min 2 s", "302,0", "soon", "5:75"], dtype=object))
    np.testing.assert_array_equal(found, [302.0] * 5 + [np.nan] * 2)
    assert np.isnan(number("12 34"))


def test_rows_that_cannot_be_right_are_told_by_number_and_reason(tmp_path: Path) -> None:
    text = PLAIN + (
        "yesterday,sales,answered,10,180,ann,503\n"
        "2027-04-12 09:00:00,sales,answered,-5,180,ann,504\n"
        "2027-04-12 09:01:00,sales,vanished,5,180,ann,505\n"
        "2027-04-12 09:02:00,sales,answered,5,9000,ann,506\n"
        "2027-04-12 09:03:00,sales\n"
        "2027-04-12 08:00:30,sales,abandoned,45,,,502\n"
    )
    found = read_calls(write(tmp_path, text))
    faults = {row: reason for row, _, _, reason, _ in found.problems.rows}
    assert "arrival" in faults[5]
    assert "below 0" in faults[6]
    assert "--outcomes" in faults[7]
    assert "longer than 2 h" in faults[8]
    assert "not 7 fields" in faults[9]
    assert "the same as another row" in faults[10]
    assert found.problems.left_out == 4
    assert found.rows == 9
    assert len(found.frame) == 5


def test_columns_and_outcomes_are_mapped_and_rows_left_out_as_told(tmp_path: Path) -> None:
    text = "d,t0,q,what,w,s\n1999-08-01,28800,PS,AGENT,10,60\n1999-08-01,28900,PS,HANG,0,0\n1999-08-01,29000,PS,HANG,30,0\n"
    found = read_calls(
        write(tmp_path, text),
        {"date": "d", "arrival": "t0", "call_type": "q", "outcome": "what", "wait": "w", "handle_time": "s"},
        leave_out=[{"what": "HANG", "w": "0"}],
    )
    assert found.frame["wait"].tolist() == [10.0, 30.0]
    assert found.frame["arrival"].iloc[0] == pd.Timestamp("1999-08-01 08:00:00")
    assert "1 rows were left out as told" in found.notes[0]


def test_a_column_that_is_not_there_names_its_neighbour(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'arrival'"):
        read_calls(write(tmp_path, PLAIN), {"arrival": "arival"})
    with pytest.raises(InputError, match="is no meaning of a column"):
        read_calls(write(tmp_path, PLAIN), {"arrivall": "arrival"})


def test_of_a_long_log_whole_callers_are_kept_and_all_calls_counted(tmp_path: Path) -> None:
    rows = [f"2027-04-12 {8 + n % 8:02d}:{n % 60:02d}:00,sales,answered,5,100,ann,{n % 300}\n" for n in range(3000)]
    path = write(tmp_path, "arrival,queue,outcome,wait,handle time,agent,caller\n" + "".join(rows))
    whole, some = read_calls(path), read_calls(path, keep=1000)
    assert some.counts.frame["offered"].sum() == 3000
    assert len(some.frame) <= 1000
    kept = some.frame["caller"].value_counts()
    assert (kept == whole.frame["caller"].value_counts()[kept.index]).all()


def test_counts_are_read_with_spans_fractions_and_handled_calls(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "Date;Interval;NCO;Handled;Aban Calls;AHT\n12/04/2027;07:00-07:30;10;9;1;0,0035\n13/04/2027;07:00-07:30;12;12;0;0,0030\n",
    )
    assert looks_like_counts(path)
    found = read_counts(path)
    assert found.frame["offered"].tolist() == [10.0, 12.0]
    assert found.frame["aht"].iloc[0] == pytest.approx(302.4)
    assert found.frame["start"].iloc[1] == pd.Timestamp("2027-04-13 07:00")
    assert not looks_like_counts(write(tmp_path, PLAIN))


def test_an_interval_that_stands_there_twice_is_told(tmp_path: Path) -> None:
    found = read_counts(write(tmp_path, "start,offered\n2027-04-12 07:00,5\n2027-04-12 07:30,6\n2027-04-12 07:30,7\n"))
    assert found.frame["offered"].tolist() == [5.0, 6.0]
    assert "twice" in found.problems.sentences()[0]


def test_activity_codes_are_mapped_once_and_unknown_ones_named(tmp_path: Path) -> None:
    codes = write(tmp_path, "code,meaning\nQ1,on duty\nSCK,sickness: absence\n", "codes.csv")
    roster = write(
        tmp_path, "agent,start,end,activity\nann,2027-04-12 08:00,2027-04-12 16:00,Q1\nben,2027-04-12 08:00,2027-04-12 16:00,SCK\n", "r.csv"
    )
    with pytest.raises(InputError, match="the activity 'q1' is not known"):
        read_people(roster)
    found = read_people(roster, activities=read_activities(codes))
    assert found.frame["kind"].tolist() == ["", "absence"]
    with pytest.raises(InputError, match="no meaning of an activity"):
        read_activities(write(tmp_path, "code,meaning\nQ1,whatever\n", "codes.csv"))


@pytest.mark.parametrize("text", ["", "arrival\n", "arrival,wait,outcome\n", 'arrival,wait\n"2027', "a,b\n1,2\n"])
def test_files_without_calls_are_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        read_calls(write(tmp_path, text))
    with pytest.raises(InputError, match="is not there"):
        read_calls(tmp_path / "missing.csv")
