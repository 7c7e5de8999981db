"""`ccsim forecast`: what is printed and written, that a scenario takes it up, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ccsim as library
from tests.unit.fitting.made_counts import counts_of, together

WEEK = ("--from", "2027-03-01", "--to", "2027-03-07")


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """Eight weeks of half-hours, Monday to Saturday, with two types."""
    both = together(counts_of(8, calls=800, day_cv=0.05, call_type="sales, new", seed=1), counts_of(8, calls=300, call_type="help", seed=2))
    path = tmp_path / "counts.csv"
    both.frame.to_csv(path, index=False)
    return path


def test_a_scenario_beside_the_file_takes_the_forecast_up(ccsim: Callable[..., Any], counts: Path, tmp_path: Path) -> None:
    made = tmp_path / "march.csv"
    said = ccsim("forecast", counts, *WEEK, "-o", made)
    assert said.status == 0, said.err
    assert "Tried on the record's own past" in said.out
    assert "Mon 2027-03-01" in said.out
    assert "all together" in said.out
    frame = pd.read_csv(made)
    assert list(frame.columns[:4]) == ["start", "mean", "low", "high"]
    assert frame["start"][0] == "2027-03-01 08:00"
    lines = said.out[said.out.index("In a scenario beside march.csv") :].splitlines()[1:]
    text = "\n".join(line for line in lines if line.strip())
    for name in ("sales, new", "help"):
        text = text.replace(f'  "{name}":', f'  "{name}":\n    handle_time: 3 min')
    (tmp_path / "march.yaml").write_text(text, encoding="utf-8")
    scenario = library.load(tmp_path / "march.yaml")
    assert np.asarray(scenario.calls["sales, new"].volume) == pytest.approx(frame["sales, new mean"].to_numpy())
    assert np.asarray(scenario.calls["help"].volume) == pytest.approx(frame["help mean"].to_numpy())
    assert 0.02 < scenario.calls["sales, new"].busyness.day < 0.09


def test_lines_of_a_scenario_name_a_csv_file_and_say_if_it_is_still_to_be_written(
    ccsim: Callable[..., Any], counts: Path, tmp_path: Path
) -> None:
    said = ccsim("forecast", counts, *WEEK, "-o", tmp_path / "march.xlsx")
    assert "reads CSV and no workbook: write the forecast once more with -o march.csv" in said.out
    assert '{file: "march.csv"' in said.out
    said = ccsim("forecast", counts, *WEEK)
    assert "beside forecast.csv, once written with -o forecast.csv" in said.out


def test_json_a_workbook_and_a_chart(ccsim: Callable[..., Any], counts: Path, tmp_path: Path) -> None:
    book, chart = tmp_path / "march.xlsx", tmp_path / "march.png"
    said = ccsim("forecast", counts, *WEEK, "-o", book, "--chart", chart, "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    whole = found["calls"]["all types"]
    assert len(found["start"]) == len(whole["mean"]) == 6 * 8
    assert len(whole["days"]) == 6
    assert 0 < whole["tried"]["error"] < 0.3
    assert whole["method"] == "built-in"
    assert whole["together"]["mean"] == pytest.approx(sum(day["mean"] for day in whole["days"]))
    sheet = pd.read_excel(book, sheet_name="Intervals", engine="calamine")
    assert sheet["mean"].to_numpy() == pytest.approx(whole["mean"])
    assert pd.read_excel(book, sheet_name="Days", engine="calamine")["mean"].to_numpy() == pytest.approx(
        [day["mean"] for day in whole["days"]]
    )
    assert chart.read_bytes().startswith(b"\x89PNG")


def test_holidays_and_events_from_files(ccsim: Callable[..., Any], counts: Path, tmp_path: Path) -> None:
    (tmp_path / "holidays.csv").write_text("date,name\n2027-03-03,founder's day\n", encoding="utf-8")
    (tmp_path / "events.csv").write_text("date;name;from;to;factor\n2027-03-04;mailing;09:00;10:00;150 %\n", encoding="utf-8")
    plain, told = (
        json.loads(ccsim("forecast", counts, *WEEK, "--json", *more).out)
        for more in (("--holidays", "none"), ("--holidays", tmp_path / "holidays.csv", "--events", tmp_path / "events.csv"))
    )
    assert told["closed"] == {"2027-03-03": "founder's day"}
    assert not [start for start in told["start"] if start.startswith("2027-03-03")]
    one, other = (dict(zip(found["start"], found["calls"]["help"]["mean"], strict=True)) for found in (plain, told))
    # the day after the closed one may have more; within it the hour of the mailing has half as many again
    day = other["2027-03-04 08:00"] / one["2027-03-04 08:00"]
    assert other["2027-03-04 09:30"] / one["2027-03-04 09:30"] == pytest.approx(1.5 * day, rel=0.001)
    assert other["2027-03-04 10:00"] / one["2027-03-04 10:00"] == pytest.approx(day, rel=0.001)


def test_another_law_of_the_days_and_the_holidays_of_a_country(ccsim: Callable[..., Any], counts: Path) -> None:
    said = ccsim("forecast", counts, "--from", "2027-03-22", "--to", "2027-03-28", "--method", "structural", "--holidays", "DE")
    assert said.status == 0, said.err
    assert "by the structural method" in said.out
    assert "2027-03-26 Good Friday: closed, as no holiday of the record says otherwise" in " ".join(said.out.split())


def test_calls_one_a_row_will_do(ccsim: Callable[..., Any], tmp_path: Path) -> None:
    start = pd.Timestamp("2027-01-04 09:00")
    rows = [
        f"{start + pd.Timedelta(days=day, seconds=97 * number)},0"
        for day in range(28)
        if day % 7 < 5
        for number in range(100 + 7 * (day % 3))
    ]
    path = tmp_path / "calls.csv"
    path.write_text("arrival,wait\n" + "\n".join(rows) + "\n", encoding="utf-8")
    said = ccsim("forecast", path, "--from", "2027-02-01", "--to", "2027-02-02", "--json")
    assert said.status == 0, said.err
    days = json.loads(said.out)["calls"]["calls"]["days"]
    assert [day["date"] for day in days] == ["2027-02-01", "2027-02-02"]
    assert days[0]["mean"] == pytest.approx(107, rel=0.1)


def test_a_fault_is_one_sentence_and_status_2(ccsim: Callable[..., Any], counts: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("date,name,factor\n2027-03-03,day,-1\n", encoding="utf-8")
    unnamed = tmp_path / "unnamed.csv"
    unnamed.write_text("day\n3 March\n", encoding="utf-8")
    for arguments in (
        (tmp_path / "none.csv", *WEEK),
        (counts, "--from", "1 March", "--to", "2027-03-07"),
        (counts, "--from", "2027-03-07", "--to", "2027-03-01"),
        (counts, "--from", "2026-03-01", "--to", "2026-03-07"),
        (counts, "--from", "2027-01-11", "--to", "2027-01-18"),
        (counts, "--from", "2039-03-01", "--to", "2039-03-07"),
        (counts, *WEEK, "--interval", "15 min"),
        (counts, *WEEK, "--interval", "50 min"),
        (counts, *WEEK, "--interval", "45 min"),
        (counts, *WEEK, "--interval", "30"),
        (counts, *WEEK, "--holidays", tmp_path / "none.csv"),
        (counts, *WEEK, "--holidays", bad),
        (counts, *WEEK, "--holidays", "QQ"),
        (counts, *WEEK, "--holidays", unnamed),
        (counts, *WEEK, "--events", unnamed),
        (counts, *WEEK, "-o", tmp_path / "march.txt"),
        (counts, *WEEK, "-o", tmp_path),
        (counts, *WEEK, "--columns", "offered=nothing"),
    ):
        said = ccsim("forecast", *arguments)
        assert said.status == 2, arguments
        assert said.err.startswith("ccsim: "), arguments
        assert said.err.count("\n") == 1, arguments
