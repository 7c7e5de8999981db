"""Opening hours, cut into intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccsim.errors import ScenarioError
from ccsim.inputs import Horizon, loads
from ccsim.units import DAY, format_clock

CALLS = "calls: {a: {volume: 100, handle_time: 5 min, patience: 5 min}}\n"


def horizon(text: str) -> Horizon:
    return loads(text + "\n" + CALLS).horizon


@given(
    open_=st.integers(0, 1439),
    length=st.integers(1, 1440),
    interval=st.integers(1, 1500),
    days=st.integers(1, 4),
)
def test_intervals_fill_the_open_hours_without_gap_or_overlap(open_, length, interval, days):
    close = (open_ + length) % 1440
    closing = "24:00" if close == 0 else format_clock(60 * close)
    if length == 1440 and open_:
        return  # written start = end, which is a span of no length
    found = horizon(f"open: {format_clock(60 * open_)}-{closing}\ninterval: {interval} min\ndays: {days}")
    lengths = found.interval_end - found.interval_start
    assert (lengths > 0).all()
    assert (lengths <= 60 * interval).all()
    assert lengths.sum() == days * length * 60
    for day, start, end in found.spans:
        today = found.interval_day == day
        starts, ends = found.interval_start[today], found.interval_end[today]
        assert (starts[0], ends[-1], end - start) == (start, end, 60 * length)
        np.testing.assert_array_equal(ends[:-1], starts[1:])
        assert (lengths[today][:-1] == 60 * interval).all()


def test_closed_weekdays_and_holidays_have_no_span():
    # 2027-05-01 is a Saturday; Monday the 3rd is a holiday in the file.
    found = horizon("date: 2027-05-01\ndays: 4\nopen: {mon-fri: 08:00-18:00, sat: 09:00-13:00}\nholidays: 2027-05-03\ninterval: 1 h")
    assert found.spans == ((0, 9 * 3600, 13 * 3600), (3, 3 * DAY + 8 * 3600, 3 * DAY + 18 * 3600))
    assert found.day_intervals() == (4, 10)
    assert found.same_hours() is None
    assert [found.is_open(day) for day in range(-1, 4)] == [True, True, False, False, True]
    assert [found.weekday(day) for day in (-1, 0, 2)] == [4, 5, 0]
    assert found.eve == (8 * 3600 - DAY, 18 * 3600 - DAY)


def test_a_day_may_end_after_midnight_and_may_never_end():
    night = horizon("open: 22:00-06:00\ndays: 2\ninterval: 3 h")
    assert night.spans == ((0, 22 * 3600, 30 * 3600), (1, 46 * 3600, 54 * 3600))
    np.testing.assert_array_equal(night.interval_end[:3] / 3600, [25, 28, 30])
    np.testing.assert_array_equal(night.interval_day, [0, 0, 0, 1, 1, 1])
    always = horizon("open: 00:00-24:00\ndays: 2")
    assert always.spans == ((0, 0, DAY), (1, DAY, 2 * DAY))
    assert always.eve == (-DAY, 0)


def test_a_day_of_volume_shorter_at_its_end_has_fewer_calls_there():
    scenario = loads("open: 08:00-09:15\n" + CALLS)
    np.testing.assert_allclose(scenario.calls["a"].volume, [40, 40, 20])


def test_warm_up_is_counted_from_the_first_opening_once_a_path():
    found = horizon("open: 08:00-10:00\ndays: 2\nwarm_up: 30 min")
    assert found.measured_from == 8.5 * 3600
    np.testing.assert_array_equal(found.measured, [False] + [True] * 7)
    # Ten hours after the opening the centre is closed: the whole first day is left out.
    np.testing.assert_array_equal(horizon("open: 08:00-10:00\ndays: 2\nwarm_up: 10 h").measured, [False] * 4 + [True] * 4)


def test_moments_are_told_by_date_and_clock():
    found = horizon("date: 2027-04-12\nopen: 08:00-10:00\ndays: 2")
    assert found.moment(DAY + 9 * 3600) == "2027-04-13 09:00"
    assert found.intervals == 8


def test_a_path_without_a_date_says_which_day_it_takes_where_weekdays_matter():
    assert not any("`date`" in warning for warning in loads("open: 08:00-18:00\n" + CALLS).warnings)
    assert any(
        "`date` is left out: the path begins on 2027-01-04, a Monday" in w for w in loads("open: {mon-fri: 08:00-18:00}\n" + CALLS).warnings
    )


def test_a_path_past_the_calendar_is_refused():
    with pytest.raises(ScenarioError, match="date"):
        horizon("date: 9999-12-31\nopen: 08:00-10:00\ndays: 3")


LONDON = "timezone: Europe/London\ninterval: 1 h"
SPRING, AUTUMN = "date: 2027-03-28", "date: 2027-10-31"


def test_a_day_on_which_clocks_go_forward_has_23_hours_and_one_on_which_they_go_back_has_25():
    for date, hours in ((SPRING, 23), (AUTUMN, 25), ("date: 2027-06-01", 24)):
        found = horizon(f"{date}\n{LONDON}\nopen: 00:00-24:00")
        assert found.spans == ((0, 0, hours * 3600),)
        assert found.intervals == hours
        assert found.midnight(1) == hours * 3600
        assert (found.interval_end - found.interval_start == 3600).all()
        assert found.goes_on
        assert found.eve == (-DAY, 0)


def test_a_clock_time_is_the_moment_at_which_clocks_show_it():
    spring, autumn = (horizon(f"{date}\n{LONDON}\nopen: 00:00-24:00\ndays: 2") for date in (SPRING, AUTUMN))
    assert spring.at(0, 9 * 3600) == 8 * 3600
    assert spring.at(0, 24 * 3600) == spring.midnight(1) == 23 * 3600
    assert spring.at(1, 9 * 3600) == 32 * 3600
    assert autumn.at(0, 9 * 3600) == 10 * 3600
    # past the midnight of the day, and before it
    assert autumn.at(0, 33 * 3600) == autumn.at(1, 9 * 3600) == 34 * 3600
    assert autumn.at(-1, 23 * 3600) == -3600


def test_what_falls_into_the_hour_left_out_happens_when_clocks_go_forward():
    found = horizon(f"{SPRING}\n{LONDON}\nopen: 00:00-24:00")
    assert found.at(0, 5400) == found.at(0, 3600) == found.at(0, 7200) == 3600
    # a shift, an opening or an event that begins in it begins at its end, and what lies wholly in it is nothing
    late = horizon(f"{SPRING}\ntimezone: Europe/London\ninterval: 30 min\nopen: 01:30-04:00")
    assert late.spans == ((0, 3600, 3 * 3600),)
    with pytest.raises(ScenarioError, match="closed on every day"):
        horizon(f"{SPRING}\n{LONDON}\nopen: 01:00-02:00")


def test_of_a_clock_time_that_comes_twice_the_first_is_meant():
    found = horizon(f"{AUTUMN}\n{LONDON}\nopen: 00:00-24:00")
    assert found.at(0, 5400) == 5400
    assert found.at(0, 7200) == 3 * 3600
    assert horizon(f"{AUTUMN}\n{LONDON}\nopen: 00:00-01:30").spans == ((0, 0, 5400),)


def test_labels_carry_the_offset_where_clocks_show_a_time_twice_and_nowhere_else():
    autumn = horizon(f"{AUTUMN}\n{LONDON}\nopen: 00:00-24:00")
    labels = [autumn.stamp(start) for start in autumn.interval_start[:4].tolist()]
    assert labels == ["2027-10-31T00:00", "2027-10-31T01:00+01:00", "2027-10-31T01:00+00:00", "2027-10-31T02:00"]
    spring = horizon(f"{SPRING}\n{LONDON}\nopen: 00:00-24:00")
    assert [spring.stamp(start) for start in (0.0, 3600.0)] == ["2027-03-28T00:00", "2027-03-28T02:00"]
    assert spring.moment(3690) == "2027-03-28 02:01:30"


@given(st.integers(-86400, 4 * 86400), st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut"]))
def test_clock_and_moment_are_the_inverse_of_each_other_but_for_times_that_come_twice(second, zone):
    # Lord Howe's clocks change by half an hour, Beirut's at midnight
    for date in ("2027-03-26", "2027-10-02", "2027-10-30", "2027-11-06", "2027-03-13"):
        found = horizon(f"date: {date}\ntimezone: {zone}\nopen: 00:00-24:00\ndays: 3")
        back = found.at(found.day_of(second), found.clock(second))
        assert back == second or (found.stamp(second)[16:] != "" and back in (second - 3600, second - 1800))


def test_numbers_by_interval_of_a_day_are_matched_by_the_clock():
    day = ", ".join(map(str, range(24)))
    volume = "calls: {{a: {{volume: [{0}], handle_time: 5 min, patience: 5 min}}}}\n"
    head = f"{LONDON}\nopen: 00:00-24:00\n"
    hours = list(range(24))
    spring = loads(f"{SPRING}\n{head}" + volume.format(day)).calls["a"].volume
    np.testing.assert_array_equal(spring, [0, *hours[2:]])
    autumn = loads(f"{AUTUMN}\n{head}" + volume.format(day)).calls["a"].volume
    np.testing.assert_array_equal(autumn, [0, 1, 1, *hours[2:]])
    # rows of the whole path: as many as days of 24 hours have, or as the path has
    path = f"date: 2027-03-27\ndays: 2\n{head}"
    np.testing.assert_array_equal(
        loads(path + volume.format(", ".join(map(str, range(48))))).calls["a"].volume, [*range(24), 24, *range(26, 48)]
    )
    np.testing.assert_array_equal(loads(path + volume.format(", ".join(map(str, range(47))))).calls["a"].volume, range(47))
    with pytest.raises(ScenarioError, match="give 24, one for each interval of a day"):
        loads(path + volume.format("1, 2, 3"))


def test_a_number_a_day_is_that_of_24_hours_and_goes_the_way_of_a_list():
    profile = [1.0] * 24
    profile[1] = 10.0
    for date, hours in ((SPRING, 23), (AUTUMN, 25)):
        day = f"{date}\n{LONDON}\nopen: 00:00-24:00\n"
        flat = loads(day + CALLS).calls["a"].volume
        assert flat.sum() == pytest.approx(100 * hours / 24)
        assert np.allclose(flat, 100 / 24)
        spread = loads(day + CALLS.replace("volume: 100", f"volume: 33, profile: {profile}")).calls["a"].volume
        listed = loads(day + CALLS.replace("volume: 100", f"volume: {profile}")).calls["a"].volume
        assert np.allclose(spread, listed)
    as_they_are = CALLS.replace("volume: 100", f"volume: 100, profile: {[1.0] * 23}")
    own = loads(f"{SPRING}\n{LONDON}\nopen: 00:00-24:00\n{as_they_are}").calls["a"].volume
    assert own.sum() == pytest.approx(100)  # weights of the hours as they are leave none out


def test_hours_that_no_change_of_clocks_meets_are_as_ever():
    with_zone = horizon(f"{SPRING}\n{LONDON}\nopen: 08:00-18:00\ndays: 3")
    assert with_zone.day_intervals() == (10, 10, 10)
    assert with_zone.same_hours() == (8 * 3600, 18 * 3600)
    assert with_zone.spans[0] == (0, 7 * 3600, 17 * 3600)
    assert with_zone.moment(with_zone.spans[2][1]) == "2027-03-30 08:00"
