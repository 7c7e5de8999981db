"""Published rosters: what rows mean, and what is refused with the row."""

from __future__ import annotations

import pytest

from ccsim.engine import duty
from ccsim.errors import ScenarioError
from ccsim.inputs import Scenario, loads

HEAD = "agent,start,end,activity,paid\n"
SCENARIO = """
date: 2027-04-12
days: 2
open: 00:00-24:00
calls: {a: {volume: 100, handle_time: 5 min, patience: 5 min}}
staff: {g: {roster: {file: roster.csv}}}
shrinkage: {coaching: {share: 0, kind: planned}}
"""


def read(folder, rows: str, scenario: str = SCENARIO, head: str = HEAD) -> Scenario:
    (folder / "roster.csv").write_text(head + rows, encoding="utf-8")
    return loads(scenario, folder)


def hours(scenario: Scenario) -> list[tuple[int, list[tuple[float, float]]]]:
    """Day and parts [h] of every shift."""
    return [(shift.day, [(start / 3600, end / 3600) for start, end in shift.parts]) for shift in scenario.staff["g"].roster.shifts]


def test_breaks_may_lie_on_a_row_on_duty_or_between_rows(tmp_path):
    on = read(tmp_path, "Ann,2027-04-12 08:00,2027-04-12 16:00,work,\nAnn,2027-04-12 12:00,2027-04-12 12:30,lunch,\n")
    between = read(
        tmp_path,
        "Ann,2027-04-12 12:30,2027-04-12 16:00,work,\nAnn,2027-04-12 08:00,2027-04-12 12:00,calls,yes\n"
        "Ann,2027-04-12T12:00,2027-04-12T12:30,Lunch,no\n",
    )
    assert on.staff["g"].roster == between.staff["g"].roster
    assert duty.shifts(on).paid_hours.tolist() == [7.5]


def test_clock_times_go_with_a_column_of_dates_and_may_pass_midnight(tmp_path):
    text = read(tmp_path, "7,2027-04-12,22:00,06:00,phone\n7,2027-04-13,22:00,24:00,phone\n", head="Person,Day,From,To,Code\n")
    assert hours(text) == [(0, [(22, 30)]), (1, [(46, 48)])]


def test_a_night_that_is_told_in_pieces_is_one_shift_and_that_of_the_eve_is_played(tmp_path):
    rows = "".join(
        f"Ann,2027-04-{day} 22:00,2027-04-{day + 1} 02:00,phone,\nAnn,2027-04-{day + 1} 02:00,2027-04-{day + 1} 02:30,lunch,\n"
        f"Ann,2027-04-{day + 1} 02:30,2027-04-{day + 1} 06:00,phone,\n"
        for day in (10, 11, 12)
    )
    assert hours(read(tmp_path, rows)) == [(-1, [(-2, 6)]), (0, [(22, 30)])]


def test_a_split_shift_and_what_stands_at_its_start(tmp_path):
    rows = "Ann,2027-04-12 08:00,2027-04-12 12:00,work,\nAnn,2027-04-12 16:00,2027-04-12 20:00,work,\n"
    scenario = read(tmp_path, rows + "Ann,2027-04-12 08:00,2027-04-12 08:30,coaching,\nAnn,2027-04-12 08:30,2027-04-12 08:45,break,\n")
    table = duty.shifts(scenario)
    assert hours(scenario) == [(0, [(8, 12), (16, 20)])]
    assert (table.part_login / 3600).tolist() == [8.75, 16]
    assert (table.rest_event.tolist(), table.rest_cause.tolist()) == ([0, 0], [1, -1])


def test_booked_leave_of_a_whole_day_is_a_shift_away_under_its_category(tmp_path):
    scenario = read(tmp_path, "Ann,2027-04-12 08:00,2027-04-12 16:00,Coaching,\nBob,2027-04-12 08:00,2027-04-12 16:00,work,\n")
    assert duty.shifts(scenario).fixed_away.tolist() == [1, 0]
    floor = duty.build(scenario)
    assert duty.scheduled(floor).max() == 1
    from ccsim.engine.draws import Drawer

    assert Drawer(scenario, floor, 1).day(0).present.tolist() == [0, 1]


def test_activities_are_mapped_once_and_rows_off_are_passed_over(tmp_path):
    scenario = SCENARIO.replace("file: roster.csv", "file: roster.csv, activities: {PHN: on duty, TEA: paid break, HOL: off}")
    rows = "Ann,2027-04-12 08:00,2027-04-12 16:00,PHN,\nAnn,2027-04-12 10:00,2027-04-12 10:15,tea,\n"
    rows += "Ann,2027-04-13 08:00,2027-04-13 16:00,HOL,\n"
    assert hours(read(tmp_path, rows, scenario)) == [(0, [(8, 16)])]


def test_a_roster_beside_the_path_is_warned_of(tmp_path):
    (told, *_) = read(tmp_path, "Ann,2027-05-12 08:00,2027-05-12 16:00,work,\n").warnings[-2:]
    assert "no shift of roster.csv lies on the path, 2027-04-12 to 2027-04-13; it runs from 2027-05-12 to 2027-05-12" in told


GOOD = "Ann,2027-04-12 08:00,2027-04-12 16:00,work,yes\n"
WRONG = [
    (GOOD + "Ann,2027-04-12 15:00,2027-04-12 18:00,phone,\n", "line 3: 'Ann' has two rosters at once: this row overlaps that of line 2"),
    (GOOD + GOOD, "line 3: 'Ann' has two rosters at once"),
    (GOOD.replace("work", "wrok"), "line 2: the activity 'wrok' is not known; the known ones are on queue, phone"),
    (GOOD.replace("Ann", ""), "line 2: the agent is missing"),
    (GOOD.replace("yes", "perhaps"), "line 2: found 'perhaps' under `paid`, where yes or no belongs"),
    (GOOD.replace("yes", "no"), "line 2: time on duty is paid"),
    (GOOD.replace("2027-04-12 16:00", "2027-04-12 08:00"), "it needs an end after its start and within 24 hours"),
    (GOOD.replace("2027-04-12 16:00", "2027-04-14 16:00"), "it needs an end after its start and within 24 hours"),
    (GOOD.replace("2027-04-12 08:00", "12/4/2027 8:00"), "line 2: '12/4/2027' is not a date"),
    (GOOD.replace("2027-04-12 08:00", "08:00"), "write such as 2027-04-12 07:00, or a clock time and a column `date`"),
    (GOOD.replace("2027-04-12 08:00", "2027-04-12 25:00"), "not a time of day"),
    (GOOD.replace(",yes", ""), "line 2: found 4 fields where the heading has 5"),
    (GOOD.replace("work", "off"), "roster.csv has no row on which anybody works"),
    ("", "a heading and no rows"),
]


@pytest.mark.parametrize("rows, says", WRONG)
def test_a_wrong_row_is_named(tmp_path, rows, says):
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, rows)
    assert says in str(caught.value)


def test_a_missing_column_and_an_unknown_meaning_are_named(tmp_path):
    with pytest.raises(ScenarioError, match=r"roster\.csv has no column `activity`; it has 'agent', 'start', 'end', 'kind'"):
        read(tmp_path, "Ann,8,9,work\n", head="agent,start,end,kind\n")
    with pytest.raises(ScenarioError, match="'on dutty' is no meaning of an activity; did you mean 'on duty'"):
        read(tmp_path, GOOD, SCENARIO.replace("file: roster.csv", "file: roster.csv, activities: {PHN: on dutty}"))
    with pytest.raises(ScenarioError, match="has 2 columns that could be `start`"):
        read(tmp_path, "Ann,8,9,9,work\n", head="agent,start,from,end,activity\n")


def test_what_is_in_the_roster_and_drawn_besides_is_warned_of(tmp_path):
    rows = "Ann,2027-04-12 08:00,2027-04-12 16:00,work,\nAnn,2027-04-12 10:00,2027-04-12 11:00,coaching,\n"
    assert not any("drawn besides" in told for told in read(tmp_path, rows).warnings)
    twice = read(tmp_path, rows, SCENARIO.replace("share: 0", "share: 5 %")).warnings
    assert any("`shrinkage.coaching` is in the published roster of the group 'g' and is drawn besides" in told for told in twice)
