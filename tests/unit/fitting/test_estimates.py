"""Estimates on records made by hand or by formula, whose answers are known without fitting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ccsim.fitting.attendance import fit_people
from ccsim.fitting.demand import fit_demand
from ccsim.fitting.fit import describe, fit
from ccsim.fitting.grid import grid
from ccsim.fitting.handle_time import fit_handle_time, likelihoods
from ccsim.fitting.later_calls import fit_redials
from ccsim.fitting.patience import fit_patience, kaplan_meier
from ccsim.fitting.people import read_people
from ccsim.fitting.quality import quality
from ccsim.fitting.records import read_calls, read_counts
from ccsim.fitting.staff_inferred import inferred_duty, on_duty


def counts_of(numbers: dict[str, list[float]], tmp_path: Path, header: str = "start,offered") -> Path:
    """A file of counts: half-hours from 08:00 of each date."""
    lines = [header]
    for date, own in numbers.items():
        lines += [f"{date} {8 + slot // 2:02d}:{30 * (slot % 2):02d},{number}" for slot, number in enumerate(own)]
    path = tmp_path / "counts.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_days_that_all_rise_and_fall_together_have_busyness_of_the_day_and_none_of_the_interval(tmp_path: Path) -> None:
    factors = [0.8, 1.2, 0.9, 1.1, 1.0, 0.85, 1.15, 1.05, 0.95, 1.0]
    monday = np.datetime64("2027-01-04")
    counts = {str(monday + 7 * week): [round(10_000 * factor), round(20_000 * factor)] for week, factor in enumerate(factors)}
    demand = fit_demand(grid(read_counts(counts_of(counts, tmp_path))), 0)
    assert demand.busyness_day.value == pytest.approx(np.std(factors, ddof=1), rel=0.01)
    assert demand.busyness_interval.value == pytest.approx(0.0, abs=0.01)
    assert demand.busyness_day.low < 0.12 < demand.busyness_day.high
    assert demand.poisson_p < 1e-9
    assert demand.volume.value == pytest.approx(30_000)


def test_counts_as_equal_as_poisson_has_them_do_not_refute_it(tmp_path: Path) -> None:
    monday = np.datetime64("2027-01-04")
    counts = {str(monday + 7 * week): [100.0 + (-1) ** week * 10, 100.0 - (-1) ** (week // 2) * 10] for week in range(12)}
    demand = fit_demand(grid(read_counts(counts_of(counts, tmp_path))), 0)
    assert demand.poisson_p > 0.05
    assert demand.busyness_day.low == 0.0


def test_a_trend_is_found_and_volumes_are_those_of_the_last_day(tmp_path: Path) -> None:
    monday = np.datetime64("2027-01-04")
    counts = {str(monday + 7 * week): [500 * 1.02**week + (-1) ** week] * 2 for week in range(20)}
    demand = fit_demand(grid(read_counts(counts_of(counts, tmp_path))), 0)
    assert demand.trended
    assert demand.trend.value == pytest.approx(0.02, abs=2e-4)
    assert demand.volume.value == pytest.approx(1000 * 1.02**19, rel=0.002)


def test_closed_and_unusual_days_and_holes_are_told(tmp_path: Path) -> None:
    monday = np.datetime64("2027-01-04")
    counts = {str(monday + 7 * week): [50.0] * 4 for week in range(8)}
    counts["2027-01-11"], counts["2027-01-18"], counts["2027-01-25"] = [0.0] * 4, [9.0] * 4, [50.0, 0.0, 50.0, 50.0]
    read = read_counts(counts_of(counts, tmp_path))
    days = grid(read)
    told = quality(read, days)
    assert told["closed_days"] == ["2027-01-11"]
    assert [day["date"] for day in told["unusual_days"]] == ["2027-01-18"]
    assert [(gap["date"], gap["from"]) for gap in told["gaps"]] == [("2027-01-25", 8.5 * 3600)]
    assert fit_demand(days, 0).profile[0].max() == 50.0


def test_counts_booked_where_calls_end_are_moved_back_and_none_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    rows = ["2027-01-04 08:00,0,360", "2027-01-04 08:30,80,360", "2027-01-04 09:00,100,360", "2027-01-04 09:30,20,360"]
    path.write_text("start,offered,aht\n" + "\n".join(rows) + "\n", encoding="utf-8")
    moved = grid(read_counts(path, counted_at="end")).offered[0, 0, 16:20]
    # A fifth of a half-hour earlier, but not before opening at 08:30 nor after closing at 09:30: a hundred arrived in each half-hour.
    np.testing.assert_allclose(moved, [0.0, 100.0, 100.0, 0.0])


def test_counts_booked_where_calls_end_go_back_over_midnight_around_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    rows = [f"2027-01-{day:02d} {slot // 2:02d}:{30 * (slot % 2):02d},50,360" for day in (4, 5, 6) for slot in range(48)]
    path.write_text("start,offered,aht\n" + "\n".join(rows) + "\n", encoding="utf-8")
    moved = grid(read_counts(path, counted_at="end")).offered[0]
    assert moved.sum() == pytest.approx(3 * 48 * 50)
    assert moved[0, 47] == pytest.approx(50.0)


def calls(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Records as `CallRecords.frame` has them."""
    return read_calls(pd.DataFrame(rows)).frame


def test_exponential_patience_is_all_waiting_over_hang_ups() -> None:
    rows = [
        {"arrival": f"2027-04-{1 + n % 20:02d} 09:{n % 60:02d}:00", "wait": 10 + n, "outcome": "abandoned" if n % 4 == 0 else "answered"}
        for n in range(200)
    ]
    found = fit_patience(calls(rows))
    assert found is not None
    assert found.exponential.value == pytest.approx(sum(10 + n for n in range(200)) / 50)
    assert found.exponential.low < found.exponential.value < found.exponential.high
    assert found.censored == 0.75
    assert found.balk.value == 0.0


def test_those_who_hang_up_at_once_or_in_the_announcement_are_counted_apart() -> None:
    waits = [0.0] * 10 + [5.0] * 20 + [30.0] * 40
    rows = [
        {
            "arrival": f"2027-04-{1 + n % 20:02d} 09:{n % 60:02d}:00",
            "wait": wait,
            "outcome": "abandoned" if n % 2 == 0 or wait < 15 else "answered",
        }
        for n, wait in enumerate(waits)
    ]
    at_once = fit_patience(calls(rows))
    assert at_once is not None
    assert at_once.balk.value == pytest.approx(10 / 70)
    during = fit_patience(calls(rows), announcement=15.0)
    assert during is not None
    assert during.in_announcement.value == pytest.approx(30 / 70)
    assert during.exponential.value == pytest.approx(40 * 15.0 / 20)


def test_kaplan_meier_without_censoring_is_the_share_still_there() -> None:
    times = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    moments, alive, low, high = kaplan_meier(times, np.ones(5, dtype=bool))
    np.testing.assert_allclose(alive, [(times > moment).mean() for moment in moments])
    assert (low <= alive).all()
    assert (alive <= high).all()


@pytest.mark.parametrize("family", ["lognormal", "gamma", "weibull", "exponential"])
def test_the_family_that_values_came_from_is_the_likeliest(family: str) -> None:
    from scipy import stats

    at = (np.arange(2000) + 0.5) / 2000
    law = {"lognormal": stats.lognorm(1.0), "gamma": stats.gamma(3.0), "weibull": stats.weibull_min(2.5), "exponential": stats.expon()}[
        family
    ]
    found = likelihoods(100.0 * law.ppf(at))
    best = max(found, key=lambda name: found[name] - (0.0 if name == "exponential" else 3.8))
    assert best == family
    assert found[family] == pytest.approx(law.logpdf(law.ppf(at)).sum() - 2000 * np.log(100.0), abs=3.0)


def test_people_who_differ_by_a_factor_show_it_and_their_own_calls_do_not() -> None:
    steps = np.exp(0.5 * np.linspace(-1.5, 1.5, 40))
    factors = dict(zip("abcdefgh", np.exp(np.linspace(-0.4, 0.4, 8)), strict=True))
    rows = [
        {"arrival": f"2027-04-{1 + n % 10:02d} 09:{n % 60:02d}:00", "wait": 0, "handle time": 100 * factor * step, "agent": who}
        for who, factor in factors.items()
        for n, step in enumerate(steps)
    ]
    found = fit_handle_time(calls(rows), 1800.0)
    assert found is not None
    inside = np.var(0.5 * np.linspace(-1.5, 1.5, 40), ddof=1)
    between = np.var(np.linspace(-0.4, 0.4, 8), ddof=1) - inside / 40
    assert found.spread.value == pytest.approx(np.sqrt(np.expm1(between)), rel=1e-6)
    assert found.cv_within.value == pytest.approx(np.sqrt(np.expm1(inside)), rel=1e-6)
    assert found.spread.low < found.spread.value < found.spread.high


def test_redials_are_those_of_known_callers_and_calls_without_id_are_told() -> None:
    rows: list[dict[str, object]] = []
    for n in range(300):
        start = pd.Timestamp("2027-04-01 09:00") + pd.Timedelta(minutes=n // 10, days=n % 10)
        rows.append({"arrival": start, "wait": 30, "outcome": "abandoned", "caller": "unknown" if n % 3 == 0 else f"c{n}"})
        if n % 3 == 1:
            delay = -600.0 * np.log1p(-(n // 3 + 0.5) / 100)
            rows.append({"arrival": start + pd.Timedelta(seconds=30 + delay), "wait": 0, "outcome": "answered", "caller": f"c{n}"})
    rows += [{"arrival": pd.Timestamp("2027-04-01 18:00") + pd.Timedelta(days=day), "wait": 0, "outcome": "answered"} for day in range(10)]
    found = fit_redials(calls(rows), "calls")
    assert found is not None
    assert found.unknown == pytest.approx(1 / 3)
    assert found.chance.value == pytest.approx(0.5, abs=0.01)
    assert found.delay.value == pytest.approx(600.0, rel=0.02)
    assert found.chance.low < 0.5 < found.chance.high


def test_staff_inferred_from_service_is_cut_where_callers_waited_for_nobody() -> None:
    busy = [
        {"arrival": "2027-04-01 09:00:00", "wait": 0, "handle time": 300, "agent": "ann", "outcome": "answered"},
        {"arrival": "2027-04-01 09:10:00", "wait": 0, "handle time": 300, "agent": "ann", "outcome": "answered"},
        {"arrival": "2027-04-01 09:25:00", "wait": 0, "handle time": 300, "agent": "ann", "outcome": "answered"},
        {"arrival": "2027-04-01 09:16:00", "wait": 240, "outcome": "abandoned"},
    ]
    stretches = inferred_duty(calls(busy))
    lengths = (stretches["end"] - stretches["start"]).dt.total_seconds().tolist()
    assert lengths == [900.0, 300.0]
    assert len(inferred_duty(calls(busy[:3]))) == 1
    read = read_calls(pd.DataFrame(busy))
    present = on_duty(stretches, grid(read.counts))
    assert present[0, 18] == pytest.approx(1200 / 1800)


def test_absence_weekdays_correlation_and_lateness_come_out_of_an_attendance_log(tmp_path: Path) -> None:
    lines = ["agent,date,scheduled start,scheduled end,clocked in,clocked out"]
    monday = np.datetime64("2027-01-04")
    for day in range(140):
        date = monday + day
        weekday = day % 7
        if weekday > 4:
            continue
        away = (6 if weekday == 0 else 2) + (2 if (day // 7) % 2 else -2)
        for person in range(40):
            came = "" if person < away else "08:12" if person % 10 == 9 else "08:00"
            lines.append(f"p{person},{date},08:00,16:30,{came},{'' if person < away else '16:30'}")
    path = tmp_path / "attendance.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = fit_people(read_people(path))
    absence = found.categories["absence"]
    assert absence.share.value == pytest.approx((6 + 4 * 2) / 5 / 40)
    assert absence.share.low < absence.share.value < absence.share.high
    assert absence.weekdays[0] > 2.0 > 1.0 > absence.weekdays[3]
    assert found.late is not None
    assert found.late[1].value == pytest.approx(720.0)
    assert found.early is None
    assert found.patterns == ((8 * 3600.0, 16.5 * 3600.0, (40, 40, 40, 40, 40, 0, 0)),)


def test_the_descriptive_figures_are_those_of_the_rows() -> None:
    """A log of the shape of the Anonymous Bank's: answered at once, answered after a wait, hung up after a wait."""
    rows = [
        {"arrival": "1999-08-01 08:00:00", "wait": 0, "outcome": "AGENT", "handle time": 100},
        {"arrival": "1999-08-01 08:01:00", "wait": 20, "outcome": "AGENT", "handle time": 300},
        {"arrival": "1999-08-01 08:02:00", "wait": 100, "outcome": "AGENT", "handle time": 0},
        {"arrival": "1999-08-01 08:03:00", "wait": 80, "outcome": "HANG", "handle time": 0},
    ]
    found = describe(read_calls(pd.DataFrame(rows)))
    assert found["offered"] == 4
    assert found["abandoned_fraction"] == 0.25
    assert found["waited_fraction"] == 0.75
    assert found["mean_wait"] == 50.0
    assert found["average_speed_of_answer"] == 40.0
    assert found["service_level_20"] == 0.5
    assert found["service_level_90"] == 0.5
    assert found["mean_handle_time"] == 200.0
    assert found["waited_per_hang_up"] == 200.0


def test_a_type_with_few_calls_borrows_from_all(tmp_path: Path) -> None:
    rows = [
        {"arrival": f"2027-04-{1 + n % 20:02d} 09:{n % 60:02d}:00", "call_type": "rare" if n < 5 else "often", "wait": 10 + n % 7,
         "outcome": "abandoned" if n % 4 == 0 else "answered", "handle time": 100 + n % 50}
        for n in range(400)
    ]  # fmt: skip
    found = fit(read_calls(pd.DataFrame(rows)))
    assert found.types["rare"].handle_time_pooled
    assert not found.types["often"].handle_time_pooled
    assert found.types["rare"].patience_pooled
