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
