"""From a plan to what happened: the file, the steps that its columns allow, and the band of luck."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.inputs.scenario import Scenario, changed, loads
from ccsim.staffing.explain import Explanation, explain
from ccsim.staffing.explain.actuals import read_actuals
from ccsim.staffing.explain.happened import with_means

TEXT = """
date: 2027-03-01
open: 08:00-12:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls:
  sales: {volume: 600, handle_time: {mean: 3 min, cv: 1.2}, patience: {mean: 3 min}}
  help: {volume: 200, handle_time: {mean: 3 min, cv: 0.8}, patience: {mean: 3 min}}
staff:
  early: {agents: 16, shift: 08:00-12:00}
shrinkage:
  sick: {share: 12.5 %, kind: absence}
"""
STARTS = ("08:00", "09:00", "10:00", "11:00")
AS_PLANNED: dict[str, Any] = {"start": STARTS, "offered": (200,) * 4, "aht": (180,) * 4, "absent": (2,) * 4, "agents": (14,) * 4}


@pytest.fixture(scope="module")
def plan() -> Scenario:
    return loads(TEXT)


def written(folder: Path, **columns: Any) -> Path:
    """A file with these columns, by heading; underscores stand for blanks."""
    path = folder / "actual.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def steps(found: Explanation) -> dict[str, float]:
    return {step.key: step.mean for step in found.steps}


def test_a_day_that_came_as_planned_has_no_steps_but_luck(plan: Scenario, tmp_path: Path) -> None:
    found = explain(plan, written(tmp_path, **AS_PLANNED, service_level=("85 %",) * 4), replications=200)
    assert list(steps(found)) == ["volume", "handle_time", "absence", "adherence", "luck"]
    for key in ("volume", "handle_time", "adherence"):
        assert abs(steps(found)[key]) < 0.002, key
    assert steps(found)["absence"] > 0.0  # two of sixteen away for certain are better than two on average
    assert sum(steps(found).values()) == pytest.approx(found.bars[-1].value - found.bars[0].value, abs=1e-13)
    assert found.bars[-1].value == pytest.approx(0.85)


WORSE = {"offered": (230, "volume"), "aht": (200, "handle_time"), "absent": (4, "absence"), "agents": (12, "adherence")}


@pytest.mark.parametrize("column", WORSE)
def test_what_came_out_worse_is_in_its_own_step(plan: Scenario, tmp_path: Path, column: str) -> None:
    worse, key = WORSE[column]
    columns = AS_PLANNED | {column: (worse,) * 4}
    if column == "absent":
        columns["agents"] = (12,) * 4
    found = explain(plan, written(tmp_path, **columns), replications=60)
    hit = steps(found)
    assert hit[key] < -0.03
    assert all(size > -0.02 for other, size in hit.items() if other != key)


def test_without_absent_absence_and_adherence_are_one_step(plan: Scenario, tmp_path: Path) -> None:
    columns = {name: values for name, values in AS_PLANNED.items() if name != "absent"}
    found = explain(plan, written(tmp_path, **columns), replications=8)
    assert list(steps(found)) == ["volume", "handle_time", "staff"]
    assert "a column `absent`" in " ".join(found.notes)


def test_columns_that_are_missing_leave_the_plan_as_it_is(plan: Scenario, tmp_path: Path) -> None:
    found = explain(plan, written(tmp_path, start=STARTS, offered=(200,) * 4), replications=8)
    assert list(steps(found)) == ["volume"]
    assert "`aht`" in found.notes[0]
    assert "`agents`" in found.notes[1]


def test_a_day_of_the_simulation_itself_lies_in_the_band_of_luck(plan: Scenario, tmp_path: Path) -> None:
    """Of twenty days drawn with the very means of the file, about one is outside a band of 95 %; four or more come once in 60 times."""
    known = changed(plan, {"shrinkage": None, "staff.early.agents": 14})
    from ccsim.experiment.compare import compare

    days = compare([known, known], 20, seed=7).base.columns
    from ccsim.experiment.differences import by_row, measure_of

    measure = measure_of("service_level_offered")
    assert measure is not None
    outside = 0
    file = written(tmp_path, **AS_PLANNED, service_level=(50,) * 4)
    facts = explain(known, file, replications=400).facts
    for level in by_row(measure, days):
        outside += not facts["band_low"] <= level <= facts["band_high"]
    assert outside < 4
    assert not facts["inside"]  # fifty per cent is no such day
    assert facts["as_far_out"] == 0.0


def test_means_by_call_type_are_those_of_their_rows(plan: Scenario, tmp_path: Path) -> None:
    rows = [(start, kind) for start in STARTS for kind in ("sales", "help")]
    file = written(
        tmp_path, Interval=[start for start, _ in rows], Queue=[kind for _, kind in rows], Contacts=[150, 50] * 4, AHT=["3:20", "2:00"] * 4
    )
    told = read_actuals(file, plan)
    assert told.types == ("sales", "help")
    assert told.offered.tolist() == [[150.0] * 4, [50.0] * 4]
    assert told.handle_time is not None
    assert told.handle_time.tolist() == [[200.0] * 4, [120.0] * 4]


@pytest.mark.parametrize("aht", [("180",) * 4, ("3:00",) * 4, ("0:03:00",) * 4, ("3 min",) * 4, ("0.0020833333333333333",) * 4])
def test_handle_times_are_read_as_switches_write_them(plan: Scenario, tmp_path: Path, aht: Any) -> None:
    told = read_actuals(written(tmp_path, start=STARTS, offered=(1,) * 4, aht=aht), plan)
    assert told.handle_time is not None
    assert told.handle_time[0] == pytest.approx([180.0] * 4)


@pytest.mark.parametrize("level", [("80 %", "90 %", "70 %", "60 %"), (80, 90, 70, 60), (0.8, 0.9, 0.7, 0.6), ("80%", "90%", "70%", "60%")])
def test_service_levels_are_shares_or_per_cent_weighted_by_calls(plan: Scenario, tmp_path: Path, level: Any) -> None:
    told = read_actuals(written(tmp_path, start=STARTS, offered=(100, 200, 300, 400), sl=level), plan)
    assert told.outcomes["service_level_offered"] == pytest.approx(0.1 * 0.8 + 0.2 * 0.9 + 0.3 * 0.7 + 0.4 * 0.6)


def test_other_outcomes_have_the_weights_of_their_measures(plan: Scenario, tmp_path: Path) -> None:
    file = written(
        tmp_path, start=STARTS, offered=(100, 200, 100, 0), abandoned=(10, 0, 0, 0), asa=(30, 10, 20, ""), mean_wait=(28, 10, 20, "")
    )
    told = read_actuals(file, plan)
    assert told.outcomes["abandoned_fraction"] == pytest.approx(10 / 400)
    assert told.outcomes["average_speed_of_answer"] == pytest.approx((90 * 30 + 200 * 10 + 100 * 20) / 390)
    assert told.outcomes["mean_wait"] == pytest.approx((100 * 28 + 200 * 10 + 100 * 20) / 400)


def test_dates_are_read_and_needed_on_a_path_of_several_days(plan: Scenario, tmp_path: Path) -> None:
    two = changed(plan, {"days": 2})
    starts = [f"2027-03-0{day} {start}" for day in (1, 2) for start in STARTS]
    assert read_actuals(written(tmp_path, start=starts, offered=range(8)), two).offered[0].tolist() == list(range(8))
    with pytest.raises(InputError, match="give the date too"):
        read_actuals(written(tmp_path, start=STARTS, offered=(1,) * 4), two)


@pytest.mark.parametrize(
    "columns, sentence",
    [
        ({"start": STARTS}, "no column `offered`"),
        ({"when": STARTS, "offered": (1,) * 4}, "no column `start`"),
        ({"start": STARTS[:3], "offered": (1,) * 3}, "no row for 2027-03-01 11:00"),
        ({"start": (*STARTS[:3], "10:00"), "offered": (1,) * 4}, "lines 4 and 5 are about the same interval"),
        ({"start": (*STARTS[:3], "11:30"), "offered": (1,) * 4}, "no interval of the scenario begins at 2027-03-01 11:30"),
        ({"start": (*STARTS[:3], "noon"), "offered": (1,) * 4}, "line 5, `start`"),
        ({"start": STARTS, "offered": (1, 2, "many", 4)}, "line 4, `offered`"),
        ({"start": STARTS, "offered": (1, 2, "", 4)}, "line 4, `offered`"),
        ({"start": STARTS, "offered": (1, 2, -3, 4)}, "negative"),
        ({"start": STARTS, "offered": (1, 2, "1,234", 4)}, "separator between thousands"),
        ({"start": STARTS, "offered": (1,) * 4, "agents": (1, "", 1, 1)}, "`agents` is empty at 2027-03-01 09:00"),
        ({"start": STARTS, "offered": (1,) * 4, "type": ("sales", "sales", "sale", "sales")}, "did you mean 'sales'"),
        ({"start": STARTS, "offered": (1,) * 4, "aht": (1, 2, "soon", 4)}, "line 4, `aht`"),
    ],
)
def test_a_file_that_does_not_fit_gets_a_sentence(plan: Scenario, tmp_path: Path, columns: Any, sentence: str) -> None:
    with pytest.raises(InputError) as fault:
        read_actuals(written(tmp_path, **columns), plan)
    assert sentence in str(fault.value)
    assert "actual.csv" in str(fault.value)


def test_a_file_that_is_not_there_gets_a_sentence(plan: Scenario, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere.csv"):
        explain(plan, tmp_path / "nowhere.csv")


def test_a_law_keeps_its_shape_under_other_means() -> None:
    """A uniform law is given by its ends, which the means multiply."""
    text = TEXT.replace("{mean: 3 min, cv: 1.2}", "{dist: uniform, from: 1 min, to: 5 min}")
    law = with_means(loads(text).calls["sales"].handle_time, np.array([180.0, 360.0, 180.0, 180.0]))
    assert (law.low, law.high) == pytest.approx((1 / 3, 5 / 3))


def test_a_uniform_handle_time_is_played_at_the_means_of_the_file(tmp_path: Path) -> None:
    text = TEXT.replace("{mean: 3 min, cv: 1.2}", "{dist: uniform, from: 1 min, to: 5 min}")
    found = explain(loads(text), written(tmp_path, **AS_PLANNED), replications=40, measure="occupancy")
    assert abs(steps(found)["handle_time"]) < 0.004
