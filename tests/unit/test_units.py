"""Durations, shares, clock times and weekdays, as planners write them."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccsim.errors import InputError
from ccsim.units import (
    DAY,
    format_clock,
    format_duration,
    format_share,
    format_span,
    format_weekdays,
    parse_clock,
    parse_date,
    parse_duration,
    parse_number,
    parse_share,
    parse_span,
    parse_weekdays,
)


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("90 s", 90),
        ("5 min", 300),
        ("1 h 30 min", 5400),
        ("1h30min", 5400),
        ("3 weeks", 3 * 7 * 86400),
        ("1 day 2 hours", 26 * 3600),
        ("1.5 h", 5400),
        (" 0 min ", 0),
        ("2 Minutes", 120),
    ],
)
def test_a_duration_is_the_sum_of_its_parts(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "value, says",
    [
        (90, "has no unit"),
        (1.5, "has no unit"),
        ("90", "number without a unit"),
        ("1 h 30", "number without a unit"),
        ("5 m", "minutes are min"),
        ("2 months", "unknown unit 'months'"),
        ("-5 s", "negative"),
        ("1:30", "is a clock time"),
        ("1,5 h", "decimal point"),
        ("30 min 1 h", "out of order"),
        ("5 s 5 s", "out of order"),
        ("", "no duration"),
        ("soon", "not a duration"),
        ("nan s", "not a duration"),
        ("9" * 400 + " s", "longer than a century"),
        (None, "has no unit"),
        (True, "has no unit"),
    ],
)
def test_a_duration_that_cannot_be_read_says_why(value, says):
    with pytest.raises(InputError, match=says):
        parse_duration(value)


@given(st.integers(0, 10**10))
def test_a_duration_is_read_as_it_is_written_to_the_millisecond(thousandths):
    assert parse_duration(format_duration(thousandths / 1000)) == pytest.approx(thousandths / 1000, rel=1e-12, abs=1e-9)


def test_durations_are_written_in_the_largest_units_that_fit():
    assert [format_duration(seconds) for seconds in (0, 90, 5400, 0.25, 86400, 3 * 86400, -60, math.inf)] == [
        "0 s",
        "1 min 30 s",
        "1 h 30 min",
        "0.25 s",
        "24 h",
        "3 days",
        "-1 min",
        "infinite",
    ]


@given(st.integers(0, 10_000))
def test_a_share_is_read_as_it_is_written(hundredths_of_a_percent):
    share = hundredths_of_a_percent / 10_000
    assert parse_share(format_share(share)) == pytest.approx(share, abs=1e-12)
    assert parse_share(share) == share


def test_a_percentage_is_the_very_number_that_the_fraction_is():
    assert [parse_share(f"{percent} %") for percent in range(101)] == [percent / 100 for percent in range(101)]


@pytest.mark.parametrize(
    "value, says",
    [
        ("140 %", "more than 100 %"),
        (1.4, "more than 100 %"),
        (90, "such as 90 %"),
        ("-5 %", "negative"),
        (-0.1, "negative"),
        (True, "not a share"),
        ("half", "not a share"),
        (math.nan, "not finite"),
        ("% 90", "not a share"),
        ("0,9", "not a share"),
    ],
)
def test_a_share_that_cannot_be_one_says_why(value, says):
    with pytest.raises(InputError, match=says):
        parse_share(value)


@pytest.mark.parametrize("value", ["1_000", "0x10", "1e999", "١٢", math.inf, True, None, "1 000", [1]])
def test_what_is_not_a_plain_finite_number_is_refused(value):
    with pytest.raises(InputError):
        parse_number(value)


@given(st.integers(0, 86400), st.integers(0, 86400))
def test_a_span_is_read_as_it_is_written_and_ends_after_it_starts(start, end):
    text = f"{format_clock(start)}-{format_clock(end)}"
    if start == end or start == DAY:
        with pytest.raises(InputError):
            parse_span(text)
        return
    first, last = parse_span(text)
    assert first == start
    assert last % DAY == end % DAY
    assert first < last <= first + DAY
    assert parse_span(format_span(first, last)) == (first, last)


def test_a_span_may_cross_midnight_and_may_be_the_whole_day():
    assert parse_span("22:00-06:00") == (22 * 3600, 30 * 3600)
    assert parse_span("00:00-24:00") == (0, DAY)
    assert parse_span("18:00 – 00:00") == (18 * 3600, DAY)


@pytest.mark.parametrize("text", ["24:01", "12:60", "7", "07.30", "", "07:00:60", "-1:00", "123:00"])
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(InputError, match=r"clock time|time of day"):
        parse_clock(text)


def test_clock_times_on_other_days_say_so():
    assert [format_clock(seconds) for seconds in (27000, 86400, 90000, -7200, 30.0)] == [
        "07:30",
        "24:00",
        "01:00 +1 day",
        "22:00 -1 day",
        "00:00:30",
    ]


def test_weekdays_are_one_day_or_a_run_of_days():
    assert parse_weekdays("sat") == (5,)
    assert parse_weekdays("Mon - Fri") == (0, 1, 2, 3, 4)
    assert parse_weekdays("sat-mon") == (0, 5, 6)
    assert parse_weekdays("sunday") == (6,)
    assert format_weekdays((0, 5, 6)) == "mon, sat, sun"


@pytest.mark.parametrize("value", ["mo", "mon-tue-wed", "", 1, "mon,tue"])
def test_what_is_no_weekday_is_refused(value):
    with pytest.raises(InputError, match="not a weekday"):
        parse_weekdays(value)


def test_dates_are_year_month_and_day():
    assert parse_date("2028-02-29") == dt.date(2028, 2, 29)
    for text in ("2027-02-29", "29.2.2028", "2028-2-29", "20280229", "0001-01-01"):
        with pytest.raises(InputError):
            parse_date(text)


@given(st.text(max_size=30))
def test_no_text_whatever_makes_a_parser_fail_otherwise_than_by_saying_so(text):
    for parse in (parse_duration, parse_share, parse_clock, parse_span, parse_weekdays, parse_date, parse_number):
        sentence = ""
        try:
            parse(text)
        except InputError as error:
            sentence = str(error)
        assert "\n" not in sentence
