"""Records as nobody would wish them: one false cell, impossible moments, columns nobody filled in, names that cannot be printed."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from ccsim.fitting.attendance import People, fit_people
from ccsim.fitting.drawn import draw_parameters
from ccsim.fitting.estimate import Floats, share_by_groups
from ccsim.fitting.fit import Fit, fit
from ccsim.fitting.people import PeopleLog, read_activities, read_people
from ccsim.fitting.records import read_calls, read_counts
from ccsim.fitting.written import scenario_text
from ccsim.inputs import changed, loads
from ccsim.reporting.fitting import show_fit

MONDAYS = pd.date_range("2027-03-01", periods=8, freq="7D")


def counts(**cells: float) -> pd.DataFrame:
    """Eight Mondays of eight half-hours from nine, 30 calls each, 3 of them hung up; cells of row 5 changed as told."""
    start = [day + pd.Timedelta(hours=9, minutes=30 * slot) for day in MONDAYS for slot in range(8)]
    frame = pd.DataFrame({"start": start, "offered": 30.0, "abandoned": 3.0, "aht": 200.0})
    for name, value in cells.items():
        frame.loc[5, name] = value
    return frame


def shown(found: Fit) -> str:
    """What stands on the screen."""
    out = io.StringIO()
    show_fit(Console(width=160, file=out), found)
    return out.getvalue()


@pytest.mark.parametrize("cell", [3_000.0, 30_000.0, 1e9])
def test_one_false_cell_moves_neither_opening_hours_nor_volume_nor_hang_ups(cell: float) -> None:
    found, sound = fit(read_counts(counts(offered=cell, abandoned=0.9 * cell))), fit(read_counts(counts()))
    assert found.quality["days_used"] == 7
    np.testing.assert_array_equal(found.days.open_slots, sound.days.open_slots)
    one = found.types["calls"]
    assert one.demand.volume.value == pytest.approx(240)
    assert one.counted["abandoned_fraction"] == pytest.approx(0.1)


def test_a_day_beyond_all_others_is_set_aside_though_its_weekday_was_seen_but_once() -> None:
    frame = pd.DataFrame({"start": pd.date_range("2027-03-01 09:00", periods=6, freq="D"), "offered": [40.0, 40, 40, 40, 40_000, 40]})
    assert fit(read_counts(frame)).days.usual.tolist() == [True] * 4 + [False, True]


def test_more_hung_up_than_were_offered_is_a_fault_of_the_row() -> None:
    found = read_counts(counts(abandoned=31.0))
    assert ("more calls hung up than were offered", "cell taken as empty") in found.problems.counts
    assert found.frame["abandoned"].isna().sum() == 1
    assert not read_counts(counts(abandoned=31.0), counted_at="end").problems.counts


def test_counts_without_staff_say_so_on_the_screen() -> None:
    said = shown(fit(read_counts(counts())))
    assert "the scenario has no staff" in said


@pytest.mark.parametrize("days", [8, 9])
def test_one_weekday_seen_twice_leaves_the_volume_no_less_sure_than_none(days: int) -> None:
    """By Student's law with one degree of freedom, and nothing else, eight days would say a fifth of what seven do."""
    busy = np.array([1.0, 1.1, 0.9, 1.05, 0.95, 1.2, 0.8, 1.25, 0.9])
    start = [pd.Timestamp("2027-03-01 09:00") + pd.Timedelta(days=day, minutes=30 * slot) for day in range(9) for slot in range(8)]
    frame = pd.DataFrame({"start": start, "offered": np.repeat(100.0 * busy, 8).round()})
    seven, more = (fit(read_counts(frame[: 8 * count])).types["calls"].demand.volume for count in (7, days))
    assert more.high - more.value < 1.5 * (seven.high - seven.value)
    assert more.low > 0.6 * more.value


def test_a_type_that_nobody_calls_about_on_saturdays_has_its_busyness_told_from_the_other_days() -> None:
    start = [pd.Timestamp("2027-03-01 09:00") + pd.Timedelta(days=day, minutes=30 * slot) for day in range(21) for slot in range(8)]
    luck = np.repeat(np.random.default_rng(5).gamma(25.0, 1 / 25.0, 21), 8)
    offered = np.where(pd.DatetimeIndex(start).day_of_week == 5, 0.0, (100.0 * luck).round())
    frame = pd.DataFrame({"start": [*start, *start], "type": ["often"] * 168 + ["rare"] * 168, "offered": [*np.full(168, 50.0), *offered]})
    assert fit(read_counts(frame)).types["rare"].demand.busyness_day.value == pytest.approx(0.2, abs=0.1)


HEADING = "agent,start,end,came,left\n"


@pytest.mark.parametrize("end", ["07:00", "08:00"])
def test_an_end_before_the_start_is_a_fault_and_no_shift_of_a_day(tmp_path: Path, end: str) -> None:
    path = tmp_path / "att.csv"
    rows = [f"p{k},2027-03-0{day},08:00,16:00" for day in range(1, 6) for k in range(6)]
    path.write_text("\n".join(["agent,date,start,end", *rows, f"odd,2027-03-01,08:00,{end}", "night,2027-03-01,22:00,06:00"]) + "\n")
    log = read_people(path)
    assert dict(log.problems.counts) == {("the end is before the start, and no night's work is that long", "row left out"): 1}
    assert fit_people(log).shifts == 31


def attendance(tmp_path: Path, rows: list[str]) -> PeopleLog:
    """A log of attendance of these rows."""
    path = tmp_path / "att.csv"
    path.write_text(HEADING + "\n".join(rows) + "\n", encoding="utf-8")
    return read_people(path)


def shifts(days: int, people: int = 6, came: str = "09:00", left: str = "17:00") -> list[str]:
    """Shifts from nine to five."""
    dates = [str(date)[:10] for date in pd.date_range("2027-03-01", periods=days)]
    return [f"p{k},{d} 09:00,{d} 17:00,{came and f'{d} {came}'},{left and f'{d} {left}'}" for d in dates for k in range(people)]


@pytest.mark.parametrize(
    ("came", "left", "reason"),
    [
        ("2027-03-01 23:59", "2027-03-02 01:00", "came when the shift had ended"),
        ("2027-03-01 09:00", "2027-02-28 17:00", "left before the shift began"),
        ("2027-02-28 09:00", "2027-03-01 17:00", "came more than 12 hours before the shift"),
        ("2027-03-01 12:00", "2027-03-01 11:00", "left before coming"),
        ("2027-03-01 09:00", "2027-03-03 17:00", "left more than 12 hours after the shift"),
    ],
)
def test_moments_that_can_be_of_no_shift_are_told_and_left_out(tmp_path: Path, came: str, left: str, reason: str) -> None:
    log = attendance(tmp_path, [f"odd,2027-03-01 09:00,2027-03-01 17:00,{came},{left}", *shifts(6)])
    assert dict(log.problems.counts) == {(reason, "row left out"): 1}
    assert log.problems.rows[0][0] == 2
    found = fit_people(log)
    assert found.shifts == 36
    assert found.late is None
    assert found.early is None


def test_moments_are_of_the_whole_shift_where_it_stands_in_several_rows(tmp_path: Path) -> None:
    """Who came at 13:00 to a shift of two stretches was late, and who left at 11:00 left early: neither is impossible."""
    halves = ["09:00,12:00", "12:30,17:00"]
    rows = [
        f"{who},2027-03-01 {half.replace(',', ',2027-03-01 ')},2027-03-01 {came},2027-03-01 {left}"
        for who, came, left in (("a", "13:00", "17:00"), ("b", "09:00", "11:00"))
        for half in halves
    ]
    assert not attendance(tmp_path, rows).problems.counts


def absences(found: People) -> dict[str, tuple[str, float]]:
    return {name: (one.kind, one.share.value) for name, one in found.categories.items()}


def test_sickness_for_part_of_a_shift_is_a_share_of_the_paid_time_and_stands_in_the_scenario(tmp_path: Path) -> None:
    codes, roster = tmp_path / "codes.csv", tmp_path / "roster.csv"
    codes.write_text("code,meaning\nQ,on duty\nSCK,sickness: absence\n", encoding="utf-8")
    rows = ["agent,start,end,activity"]
    for day in range(1, 11):
        for k in range(5):
            second = "SCK" if k == day % 5 else "Q"
            date = f"2027-03-{day:02d}"
            rows += [f"p{k},{date} 09:00,{date} 13:00,Q", f"p{k},{date} 13:00,{date} 17:00,{second}"]
    roster.write_text("\n".join(rows) + "\n", encoding="utf-8")
    log = read_people(roster, activities=read_activities(codes))
    found = fit_people(log)
    assert absences(found) == {"sickness": ("in-shift", pytest.approx(0.1))}
    start = pd.date_range("2027-03-01 09:00", periods=10, freq="D")
    scenario = loads(scenario_text(fit(read_counts(pd.DataFrame({"start": start, "offered": 9.0})), staff=log)))
    sickness = scenario.shrinkage["sickness"]
    assert (sickness.kind, sickness.planned, sickness.office, sickness.pieces) == ("in-shift", False, "out", 14_400.0)
    whole = [f"ill,2027-03-{day:02d} 09:00,2027-03-{day:02d} 17:00,{'SCK' if day < 4 else 'Q'}" for day in range(1, 11)]
    roster.write_text("\n".join([*rows, *whole]) + "\n", encoding="utf-8")
    both = absences(fit_people(read_people(roster, activities=read_activities(codes))))
    assert both["sickness"][0] == "absence"
    assert both["sickness for part of a shift"][0] == "in-shift"


def test_a_log_in_which_nobody_came_is_doubted_and_leaves_no_scenario_without_people(tmp_path: Path) -> None:
    start = pd.date_range("2027-03-01 09:00", periods=10, freq="D")
    found = fit(read_counts(pd.DataFrame({"start": start, "offered": 9.0})), attendance=attendance(tmp_path, shifts(10, came="", left="")))
    assert any("absence takes 100 % of 60 shifts; is the column of who came filled in?" in told for told in found.quality["sentences"])
    assert found.people is not None
    away = found.people.categories["absence"].share
    assert away.low < away.value == away.high == 1.0
    assert not loads(scenario_text(found)).shrinkage


def test_a_chance_seen_on_one_day_alone_has_limits_between_0_and_1(tmp_path: Path) -> None:
    rows = shifts(20)
    rows[7] = rows[7].rsplit(",", 1)[0] + ",2027-03-02 15:00"
    found = fit_people(attendance(tmp_path, rows))
    assert found.early is not None
    chance, by = found.early
    assert chance.value == pytest.approx(1 / 120)
    assert 0.0 < chance.low < 0.004 < 0.02 < chance.high < 0.06  # Wilson for one in 120: 0.0015 to 0.0456
    assert by.value == 7200.0
    assert not np.isfinite(by.low)


def test_a_share_that_hangs_together_by_days_has_wider_limits_than_wilsons() -> None:
    together, apart = np.tile([10.0, 0.0], (20, 1)), np.tile([10.0, 0.0], (20, 1))
    together[3, 1], apart[:10, 1] = 10.0, 1.0
    wide, narrow = share_by_groups(together, "shifts"), share_by_groups(apart, "shifts")
    assert wide.value == narrow.value == 0.05
    assert wide.high > 1.5 * narrow.high
    assert 0.0 <= wide.low < narrow.low


def calls(count: int = 240, **columns: object) -> pd.DataFrame:
    """Calls of ten days, one every five minutes, answered at once by three people in turn."""
    place = np.arange(count)
    arrival = pd.Timestamp("2027-03-01 09:00:07") + pd.to_timedelta(place // 24, unit="D") + pd.to_timedelta(5 * (place % 24), unit="min")
    frame = pd.DataFrame({"arrival": arrival, "wait": 0.0, "talk": 120.0, "outcome": "answered", "agent": [f"p{k % 3}" for k in place]})
    return frame.assign(**columns)


def test_handle_times_all_alike_are_called_constant() -> None:
    found = fit(read_calls(calls()))
    assert "cv (constant)" in shown(found)
    assert "all alike" in scenario_text(found)


def test_no_pause_is_read_off_people_who_are_in_two_calls_at_once() -> None:
    """Every second call runs on into the same person's next; the gaps between the others are those of a false clock."""
    arrival = pd.Timestamp("2027-03-01 09:00:07") + pd.to_timedelta(np.arange(400) * 65, unit="s")
    waits = np.full(400, 300.0)
    frame = pd.DataFrame({"arrival": arrival, "wait": waits, "outcome": "answered", "agent": "p"})
    sound = fit(read_calls(frame.assign(talk=60.0)))
    assert sound.pauses is not None
    assert sound.pauses.mean.value == pytest.approx(5.0)
    assert "After a call 5.0 s (95 %: 5.0 to 5.0 s) pass" in shown(sound)
    assert fit(read_calls(frame.assign(talk=np.where(np.arange(400) % 2, 60.0, 100.0)))).pauses is None


@pytest.mark.parametrize(("unknown", "told"), [(1, False), (60, True)])
def test_missing_caller_ids_are_told_where_they_are_some(unknown: int, told: bool) -> None:
    callers = [None if k < unknown else f"c{k}" for k in range(240)]
    assert ("have no caller id" in shown(fit(read_calls(calls(caller=callers))))) is told


def test_call_types_with_letters_that_cannot_be_printed_are_cleaned_with_a_word() -> None:
    kinds = ["New\x07 sales" if k % 2 else "\u200bold\u202e: {#" for k in range(240)]
    source = read_calls(calls(queue=kinds), columns={"call_type": "queue"})
    assert set(source.types) == {"New sales", "old : {#"}
    assert sum("letters that cannot be printed" in note for note in source.notes) == 2
    assert list(loads(scenario_text(fit(source))).calls) == list(source.types)


def luck(name: str, count: int) -> Floats:
    """Uniforms that depend on the name."""
    return np.random.default_rng(sum(map(ord, name))).uniform(size=count)


def test_handle_times_by_interval_are_drawn_each_within_its_limits() -> None:
    """Long calls in the afternoon: each half-hour is drawn about its own mean, and not all of them move as one."""
    rng = np.random.default_rng(3)
    place = np.arange(6000)
    day, slot = place % 30, place // 30 % 8
    clock = pd.to_timedelta(30 * slot + rng.uniform(0, 29, 6000), unit="min")
    arrival = pd.Timestamp("2027-03-01 09:00") + pd.to_timedelta(day, unit="D") + clock
    talk = rng.lognormal(5.0, 0.4, 6000) * np.where(slot > 3, 1.5, 1.0)
    found = fit(read_calls(pd.DataFrame({"arrival": arrival, "wait": 1.0, "talk": talk.round(1), "outcome": "answered"})))
    draws = draw_parameters(found, 40, luck)
    key = "calls.calls.handle_time.mean"
    sets = np.array([[float(cell.removesuffix(" s")) for cell in one[key]] for one in draws.sets])
    slots = found.types["calls"].by_interval
    assert slots is not None
    used = np.flatnonzero(found.days.open_slots[0])
    fitted = np.array([float(cell.removesuffix(" s")) for cell in draws.fitted[key]])
    assert np.median(sets, axis=0) == pytest.approx(fitted, rel=0.03)
    inside = (sets > slots.low[used]) & (sets < slots.high[used])
    assert 0.88 < inside.mean() < 0.99
    together = np.corrcoef(np.log(sets).T)
    assert together[np.triu_indices(len(used), 1)].mean() < 0.8


def test_the_length_of_absences_is_drawn_with_what_hangs_on_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = []
    for who in range(30):
        ill = 0
        for date in pd.date_range("2027-03-01", periods=80):
            ill = ill - 1 if ill > 0 else int(rng.geometric(0.4)) if rng.random() < 0.04 else 0
            day = str(date)[:10]
            rows.append(f"p{who},{day} 09:00,{day} 17:00,{'' if ill else day + ' 09:00'},{'' if ill else day + ' 17:00'}")
    start = pd.date_range("2027-03-01 09:00", periods=80, freq="D")
    found = fit(read_counts(pd.DataFrame({"start": start, "offered": 9.0})), attendance=attendance(tmp_path, rows))
    assert found.people is not None
    one = found.people.categories["absence"]
    assert one.lasting
    draws = draw_parameters(found, 20, luck)
    lengths = np.array([float(own["shrinkage.absence.lasts"].removesuffix(" days")) for own in draws.sets])
    assert lengths.min() >= 1.0
    assert ((lengths > one.lasts.low) & (lengths < one.lasts.high)).mean() > 0.8
    assert np.unique(lengths).size > 10
    scenario = loads(scenario_text(found))
    assert changed(scenario, draws.sets[0]).shrinkage["absence"].lasts != scenario.shrinkage["absence"].lasts
