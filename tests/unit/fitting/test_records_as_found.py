"""Records as strangers bring them: three days only, false dates, titles, types spelt in two ways, rows twice, and files named twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ccsim.cli import main
from ccsim.errors import InputError
from ccsim.fitting.demand import ASSUMED_CV, fit_demand
from ccsim.fitting.fit import fit
from ccsim.fitting.grid import grid
from ccsim.fitting.people import read_people
from ccsim.fitting.quality import quality
from ccsim.fitting.records import read_calls, read_counts
from ccsim.fitting.written import scenario_text
from ccsim.reporting.files import check_apart, check_folder
from ccsim.reporting.fitting import quality_words, type_rows


def counts_file(folder: Path, first: str, days: list[float], slots: int = 8, extra: str = "") -> Path:
    """Half-hours from 08:00 of days in a row, each day's calls shared out evenly."""
    lines = ["start,offered"]
    for number, calls in enumerate(days):
        date = np.datetime64(first) + number
        lines += [f"{date} {8 + slot // 2:02d}:{30 * (slot % 2):02d},{calls / slots}" for slot in range(slots)]
    path = folder / "counts.csv"
    path.write_text("\n".join(lines) + "\n" + extra, encoding="utf-8")
    return path


def write(folder: Path, text: str, name: str = "calls.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_three_days_hold_the_true_calls_a_day_of_busy_centres_nine_times_in_ten() -> None:
    random = np.random.default_rng(4)
    held = 0
    for _ in range(100):
        calls = random.poisson(600 * random.gamma(1 / 0.15**2, 0.15**2, 3))
        rows = [{"start": f"2027-01-0{4 + day} 08:00", "offered": int(number)} for day, number in enumerate(calls)]
        volume = fit_demand(grid(read_counts(pd.DataFrame(rows))), 0).volume
        held += volume.low <= 600 <= volume.high
    assert held >= 85  # Poisson alone holds it in about 40


def test_three_days_say_that_busyness_is_assumed_and_that_no_day_had_others_like_it(tmp_path: Path) -> None:
    found = fit(read_counts(counts_file(tmp_path, "2027-01-04", [600.0, 640.0, 560.0])))
    demand = found.types["calls"].demand
    assert demand.day_cv_assumed
    assert demand.weekdays[0].high == pytest.approx(600 + 1.96 * np.sqrt(600 + (ASSUMED_CV * 600) ** 2), rel=1e-3)
    row = next(row for row in type_rows(found.types["calls"]) if row[0] == "busyness of the day, cv")
    assert row[1] == "not known"
    assert "assumed" in row[3]
    assert any("no weekday was seen twice" in sentence for sentence in quality_words(found))
    assert "is assumed for it" in scenario_text(found)


def test_weekdays_seen_twice_rest_on_what_was_seen(tmp_path: Path) -> None:
    demand = fit_demand(grid(read_counts(counts_file(tmp_path, "2027-01-04", [600.0, 640.0, 560.0, 600.0, 610.0] * 3))), 0)
    assert not demand.day_cv_assumed


def test_no_calls_on_two_saturdays_leave_room_for_some() -> None:
    rows = [
        {"start": f"{np.datetime64('2027-01-04') + day} 08:00", "type": kind, "offered": 100 if kind == "a" or day % 7 != 5 else 0}
        for day in range(14)
        for kind in ("a", "b")
    ]
    days = grid(read_counts(pd.DataFrame(rows)))
    saturday = fit_demand(days, days.types.index("b")).weekdays[5]
    assert saturday.value == 0.0
    assert saturday.high == pytest.approx(-np.log(0.025) / 2)


def test_counts_that_vary_less_than_poisson_have_no_interval_without_width(tmp_path: Path) -> None:
    demand = fit_demand(grid(read_counts(counts_file(tmp_path, "2027-01-04", [600.0] * 21))), 0)
    assert demand.busyness_interval.value == 0.0
    assert np.isnan(demand.busyness_interval.low)
    assert np.isnan(demand.busyness_day.low)


def test_weekends_are_told_apart_from_days_that_were_not_used(tmp_path: Path) -> None:
    path = counts_file(tmp_path, "2027-01-04", [600.0, 610.0, 590.0, 600.0, 605.0, 0.0, 0.0] * 4)
    read = read_counts(path)
    told = quality(read, grid(read))
    assert told["days"] - told["days_never_open"] == told["days_used"] == 20
    assert told["weekdays_never_open"] == [5, 6]
    words = quality_words(fit(read))
    assert any("8 are without calls as their weekday mostly is (sat, sun)" in sentence for sentence in words)
    assert any("20 of 20 other days" in sentence for sentence in words)


def test_a_few_rows_with_false_dates_are_set_aside_by_number(tmp_path: Path) -> None:
    rows = [f"2027-04-{12 + n % 5} 09:{n % 60:02d}:{n % 59:02d},{n % 40},answered\n" for n in range(400)]
    path = write(tmp_path, "arrival,wait,outcome\n1970-01-01 00:00:00,5,answered\n" + "".join(rows) + "2099-01-31 08:00:00,5,answered\n")
    found = read_calls(path)
    assert {row for row, _, _, reason, _ in found.problems.rows if "a year from all others" in reason} == {2, 403}
    assert found.counts.frame["offered"].sum() == 400
    assert len(grid(found.counts).dates) == 5


def test_false_dates_among_counts_are_set_aside_too_and_two_years_are_both_kept(tmp_path: Path) -> None:
    found = read_counts(counts_file(tmp_path, "2027-01-04", [600.0] * 10, extra="1970-01-01 08:00,3\n"))
    assert found.frame["offered"].sum() == 6000
    assert "a year from all others" in found.problems.sentences()[0]
    apart = counts_file(tmp_path, "2027-01-04", [600.0] * 3, extra="2025-01-06 08:00,500\n")
    assert read_counts(apart).frame["offered"].sum() == 2300


def test_types_that_differ_in_letter_case_only_are_one_and_it_is_told(tmp_path: Path) -> None:
    found = read_calls(
        write(tmp_path, "arrival,queue,wait\n2027-04-12 08:00:00,Sales,5\n2027-04-12 08:01:03,sales ,5\n2027-04-12 08:02,Sales,0\n")
    )
    assert found.types == ("Sales",)
    assert set(found.frame["call_type"]) == {"Sales"}
    assert "also spelt 'sales'" in found.notes[0]


def test_counts_of_one_type_spelt_in_two_ways_are_added_and_times_weighted(tmp_path: Path) -> None:
    text = "start,queue,offered,aht\n2027-04-12 08:00,Sales,30,200\n2027-04-12 08:00,SALES,10,300\n2027-04-12 08:30,Sales,20,200\n"
    found = read_counts(write(tmp_path, text))
    assert found.types == ("Sales",)
    assert found.frame["offered"].tolist() == [40.0, 20.0]
    assert found.frame["aht"].iloc[0] == pytest.approx(225.0)
    assert found.problems.left_out == 0


def test_a_row_twice_is_one_call_where_its_caller_is_known_and_kept_where_nothing_tells(tmp_path: Path) -> None:
    row = "2027-04-12 08:00:07,answered,5,180"
    named = read_calls(write(tmp_path, f"arrival,outcome,wait,handle time,caller\n{row},501\n{row},501\n{row},502\n"))
    assert len(named.frame) == 2
    assert named.problems.left_out == 1
    assert len(read_calls(write(tmp_path, f"arrival,outcome,wait,handle time\n{row}\n{row}\n")).frame) == 2


def test_an_agent_in_two_calls_at_once_is_told(tmp_path: Path) -> None:
    text = "arrival,wait,handle time,agent\n2027-04-12 08:00:07,0,180,ann\n2027-04-12 08:01:07,0,60,ann\n2027-04-12 08:01:07,0,60,ben\n"
    text += "2027-04-12 08:30:00,0,60,ben\n"
    found = read_calls(write(tmp_path, text))
    assert [(row, who) for row, _, who, reason, _ in found.problems.rows if "still in another call" in reason] == [(3, "ann")]
    assert len(found.frame) == 4


@pytest.mark.parametrize("title", ["Calls of June\n", "Calls of June, all queues\nprinted 1 July\n\n", "sep=,\nReport\n"])
def test_a_title_above_the_heading_is_passed_over_and_told(tmp_path: Path, title: str) -> None:
    body = "arrival,queue,wait,outcome\n2027-06-01 08:00:07,sales,5,answered\n2027-06-01 08:00:09,sales,7,answered\n"
    found = read_calls(write(tmp_path, title + body))
    assert found.frame["wait"].tolist() == [5.0, 7.0]
    assert "above the heading" in found.notes[0]
    assert found.frame["row"].tolist()[0] == title.count("\n") + 2


def test_a_title_with_a_comma_above_a_table_of_semicolons(tmp_path: Path) -> None:
    found = read_counts(write(tmp_path, "Calls, June\nstart;queue;offered;aht\n2027-06-01 08:00;a;12;180,5\n2027-06-01 08:30;a;14;180,5\n"))
    assert found.frame["offered"].tolist() == [12.0, 14.0]
    assert found.frame["aht"].iloc[0] == 180.5


def test_a_title_above_a_heading_that_is_not_known_asks_to_remove_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="remove them"):
        read_calls(write(tmp_path, "Calls of June\nwhen,what\n1,2\n"))


def test_counts_show_their_handle_time_wait_and_hang_ups(tmp_path: Path) -> None:
    text = "start,offered,abandoned,aht,mean wait\n2027-04-12 08:00,40,2,200,30\n2027-04-12 08:30,40,4,200,30\n"
    rows = {row[0]: row[1] for row in type_rows(fit(read_counts(write(tmp_path, text))).types["calls"])}
    assert rows["handle time, mean"] == "200.0 s"
    assert rows["wait, mean"] == "30.0 s"
    assert rows["hung up"] == "7.50 %"


def test_a_roster_beside_an_attendance_log_adds_what_only_it_knows(tmp_path: Path) -> None:
    shifts = "".join(f"p{n},2027-04-{12 + day},09:00,13:00,09:00,13:00\n" for n in range(4) for day in range(5))
    log = read_people(write(tmp_path, "agent,date,start,end,came,left\n" + shifts, "attendance.csv"))
    stretches = "".join(
        f"p{n},2027-04-{12 + day} 09:00,2027-04-{12 + day} 12:00,on duty\np{n},2027-04-{12 + day} 12:00,2027-04-{12 + day} 13:00,training\n"
        for n in range(4)
        for day in range(5)
    )
    roster = read_people(write(tmp_path, "agent,start,end,activity\n" + stretches, "roster.csv"))
    found = fit(read_counts(counts_file(tmp_path, "2027-04-12", [600.0] * 5)), roster, log)
    assert found.people is not None
    assert found.people.categories["training"].share.value == pytest.approx(0.25)
    assert found.agents is not None
    assert found.agents[0, 25] == 0.0  # at 12:30 all are in training
    assert found.agents[0, 20] == 4.0
    assert any("time on the queue and training are those of" in sentence for sentence in quality_words(found))


def test_a_result_is_not_written_over_what_is_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = counts_file(tmp_path, "2027-01-04", [600.0] * 21)
    before = path.read_text(encoding="utf-8")
    for arguments in (("fit", path, "-o", path), ("forecast", path, "--from", "2027-01-25", "--to", "2027-01-26", "-o", path)):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        assert left.value.code == 2
        assert "would be written over" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == before
    with pytest.raises(InputError, match="two results"):
        check_apart((tmp_path / "a", tmp_path / "a"), ())


def test_no_folder_is_made_right_below_the_root() -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        check_folder("/no-such-folder-here/deeper")
    assert not Path("/no-such-folder-here").exists()
