"""Shifts and the breaks in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccsim.errors import ScenarioError
from ccsim.inputs import Group, loads
from ccsim.units import DAY

HOUR = 3600


def group(staff: str, head: str = "open: 00:00-24:00") -> Group:
    return loads(f"{head}\ncalls: {{a: {{volume: 100, handle_time: 5 min}}}}\nstaff: {{g: {{agents: 10, {staff}}}}}").staff["g"]


def test_a_night_shift_passes_midnight_and_its_breaks_with_it():
    night = group(
        "shift: 22:00-06:00, breaks: [02:00 for 30 min, 15 min between 23:30 and 00:30, 15 min between 4 h 30 min and 5 h after start]"
    )
    assert night.shift == ((22 * HOUR, 30 * HOUR),)
    fixed, around, after = night.breaks
    assert fixed.at == 26 * HOUR
    assert (around.earliest, around.latest) == (23.5 * HOUR, 24.5 * HOUR)
    assert after.window(night.shift) == (26.5 * HOUR, 27 * HOUR)


def test_a_window_after_midnight_is_meant_on_the_day_after():
    night = group("shift: 22:00-06:00, breaks: [15 min between 01:00 and 02:00]")
    assert (night.breaks[0].earliest, night.breaks[0].latest) == (25 * HOUR, 26 * HOUR)


def test_a_split_shift_may_go_on_after_midnight():
    assert group("shift: [20:00-23:00, 01:00-05:00]").shift == ((20 * HOUR, 23 * HOUR), (25 * HOUR, 29 * HOUR))


def test_a_window_is_shared_out_evenly_from_first_to_last():
    lunch = group("shift: 07:00-15:00, breaks: [30 min between 11:00 and 13:00]")
    starts = [lunch.breaks[0].start(lunch.shift, person, 4) / HOUR for person in range(4)]
    assert starts == [11, 11.5, 12, 12.5]
    assert lunch.breaks[0].start(lunch.shift, 0, 1) == 11 * HOUR


@given(people=st.integers(1, 50), length=st.integers(1, 60), slack=st.integers(0, 120))
def test_every_break_lies_inside_its_window(people, length, slack):
    end = 10 * 60 + length + slack
    rest = group(f"shift: 08:00-16:00, breaks: [{length} min between 10:00 and {end // 60:02d}:{end % 60:02d}]")
    first, last = rest.breaks[0].window(rest.shift)
    for person in range(people):
        start = rest.breaks[0].start(rest.shift, person, people)
        assert first <= start
        assert start + 60 * length <= last + 1e-6


def test_breaks_that_only_touch_are_fine_and_breaks_that_overlap_for_the_last_person_are_not():
    assert len(group("shift: 08:00-16:00, breaks: [10:00 for 15 min, 10:15 for 15 min]").breaks) == 2
    with pytest.raises(ScenarioError, match="for some people"):
        group("shift: 08:00-16:00, breaks: [15 min between 10:00 and 11:00, 10:50 for 15 min]")


def test_a_break_is_paid_unless_told_and_may_be_told_in_other_orders():
    breaks = group("shift: 08:00-16:00, breaks: [30 min unpaid at 12:00, 10:00 for 15 min paid, 10 min at 2 h 30 min after start]").breaks
    assert [(rest.length, rest.paid) for rest in breaks] == [(1800, False), (900, True), (600, True)]
    assert breaks[2].window(((8 * HOUR, 16 * HOUR),)) == (10.5 * HOUR, 10.5 * HOUR + 600)


def test_a_night_shift_that_begins_on_a_closed_day_is_worked_if_its_weekday_is_named():
    # 2027-04-11 is a Sunday, on which the centre is closed.
    text = (
        "date: 2027-04-11\ndays: 2\nopen: {mon-sat: 00:00-24:00}\ncalls: {a: {volume: 100, handle_time: 5 min}}\n"
        "staff: {night: {agents: 2, shift: 22:00-06:00, days: [sun, mon]}, late: {agents: 2, shift: 14:00-22:00, days: [sun, mon]},"
        " every: {agents: 2, shift: 22:00-06:00}}"
    )
    scenario = loads(text)
    assert [[day for day, _ in group.shifts_on_path(scenario.horizon)] for group in scenario.staff.values()] == [[0, 1], [1], [-1, 1]]


def test_without_a_shift_people_work_the_opening_hours():
    assert group("pick: preference", "open: 08:00-18:00").shift == ((8 * HOUR, 18 * HOUR),)
    with pytest.raises(ScenarioError, match=r"`staff\.g`: `shift` is left out, and the opening hours differ"):
        group("pick: preference", "open: {mon: 08:00-18:00, tue: 09:00-18:00}\ndays: 2")


def test_the_eve_s_shift_is_played_if_it_passes_midnight_and_the_centre_was_open():
    scenario = loads(
        "date: 2027-04-12\ndays: 2\nopen: 00:00-24:00\ncalls: {a: {volume: 100, handle_time: 5 min}}\n"
        "staff: {night: {agents: 2, shift: 22:00-06:00}, day: {agents: 2, shift: 08:00-16:00}, "
        "tuesday: {agents: 1, shift: 22:00-06:00, days: tue}}"
    )
    night, day, tuesday = scenario.staff.values()
    assert [number for number, _ in night.shifts_on_path(scenario.horizon)] == [-1, 0, 1]
    assert night.shifts_on_path(scenario.horizon)[0][1] == ((22 * HOUR - DAY, 6 * HOUR),)
    assert [number for number, _ in day.shifts_on_path(scenario.horizon)] == [0, 1]
    assert [number for number, _ in tuesday.shifts_on_path(scenario.horizon)] == [1]
